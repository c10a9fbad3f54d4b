//! What brokers say of themselves.

use topicctl::admin::Admin;

use super::Cluster;
use super::steps::{eventually, key};

const KEYS: [&str; 9] = [
    "default.replication.factor",
    "log.cleanup.policy",
    "log.flush.interval.ms",
    "log.retention.hours",
    "log.retention.minutes",
    "log.retention.ms",
    "log.segment.bytes",
    "no.such.key",
    "num.partitions",
];

async fn shown<C: Cluster>(on: &C) -> Vec<String> {
    let configs = on.client().broker_configs(&KEYS.map(key)).await.unwrap().unwrap();
    let line = |(key, config): (_, topicctl::model::ObservedConfig)| {
        assert!(!config.sensitive);
        format!(
            "{key}={} ({})",
            config.value.as_deref().unwrap_or("null"),
            config.source
        )
    };
    configs.into_iter().map(line).collect()
}

pub(crate) async fn what_nobody_set_is_kafkas_own(on: &impl Cluster) {
    assert_eq!(
        shown(on).await,
        [
            "default.replication.factor=1 (Kafka default)",
            "log.cleanup.policy=delete (Kafka default)",
            "log.flush.interval.ms=null (Kafka default)",
            "log.retention.hours=168 (Kafka default)",
            "log.retention.minutes=null (Kafka default)",
            "log.retention.ms=null (Kafka default)",
            "log.segment.bytes=1073741824 (Kafka default)",
            "num.partitions=1 (Kafka default)",
        ]
    );
}

pub(crate) async fn what_the_file_and_the_cluster_set_is_told_apart(on: &impl Cluster) {
    on.set_for_all_brokers("log.retention.ms", "7200000");
    let shown = eventually("the cluster's retention", async || {
        let shown = shown(on).await;
        shown.iter().any(|line| line.contains("7200000")).then_some(shown)
    })
    .await;
    assert_eq!(
        shown,
        [
            "default.replication.factor=1 (Kafka default)",
            "log.cleanup.policy=delete (Kafka default)",
            "log.flush.interval.ms=null (Kafka default)",
            "log.retention.hours=100 (broker file)",
            "log.retention.minutes=null (Kafka default)",
            "log.retention.ms=7200000 (cluster, dynamic)",
            "log.segment.bytes=536870912 (broker file)",
            "num.partitions=3 (broker file)",
        ]
    );
}
