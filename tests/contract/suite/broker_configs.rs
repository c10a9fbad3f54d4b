//! What brokers say of themselves.

use std::collections::BTreeMap;

use topicctl::admin::{Admin, ConfigChange};
use topicctl::model::BrokerId;
use topicctl::model::throttle::THROTTLED_RATE;

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
    let hours = "log.retention.hours=100 (broker file)";
    assert!(shown(on).await.iter().any(|line| line == hours));
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
            // Its file says 100; a value set at run time under a finer name makes it forget.
            "log.retention.hours=168 (broker file)",
            "log.retention.minutes=null (Kafka default)",
            "log.retention.ms=7200000 (cluster, dynamic)",
            "log.segment.bytes=536870912 (broker file)",
            "num.partitions=3 (broker file)",
        ]
    );
}

/// Shown by each of the brokers asked: `1: key=value (source)`.
async fn rates<C: Cluster>(on: &C, brokers: &[i32]) -> Vec<String> {
    let brokers: Vec<BrokerId> = brokers.iter().copied().map(BrokerId).collect();
    let keys = THROTTLED_RATE.map(key);
    let told = on.client().configs_of_brokers(&brokers, &keys).await.unwrap();
    assert_eq!(told.len(), brokers.len());
    let mut lines = Vec::new();
    for (broker, configs) in told {
        for (key, config) in configs.unwrap() {
            let value = config.value.as_deref().unwrap_or("null").to_owned();
            lines.push(format!("{broker}: {key}={value} ({})", config.source));
        }
    }
    lines
}

pub(crate) async fn a_broker_is_told_its_own_and_forgets_it(on: &impl Cluster) {
    // A rate that nobody set is not shown at all.
    assert_eq!(rates(on, &[1]).await, [""; 0]);
    let set = |value: &str| ConfigChange::Set(value.into());
    let both = [
        (THROTTLED_RATE[0], set("1000000")),
        (THROTTLED_RATE[1], set("2000000")),
    ];
    let reset = THROTTLED_RATE.map(|key| (key, ConfigChange::Reset));
    let shown = [
        "1: follower.replication.throttled.rate=2000000 (broker, dynamic)",
        "1: leader.replication.throttled.rate=1000000 (broker, dynamic)",
    ];
    let steps: [(_, &[&str]); 3] = [(both, &shown), (reset.clone(), &[]), (reset, &[])];
    for (changes, expected) in steps {
        let changes = changes.map(|(name, change)| (key(name), change));
        let asked = BTreeMap::from([(BrokerId(1), BTreeMap::from(changes))]);
        let answers = on.client().alter_broker_configs(&asked).await.unwrap();
        assert!(answers.values().all(Result::is_ok), "{answers:?}");
        eventually("the broker to show it", async || {
            (rates(on, &[1]).await == expected).then_some(())
        })
        .await;
    }
}
