//! Values and where they come from.

use std::collections::BTreeMap;

use topicctl::admin::Admin;
use topicctl::model::{BrokerId, TopicConfigs};

use super::Cluster;
use super::releases::assert_answers;
use super::steps::{create, create_plain, eventually, key, name, names, own, told, topic};

/// Every config of a topic that says nothing itself, on a cluster that Kafka 4.4 formatted.
const FRESH: &str = "
cleanup.policy=delete (Kafka default)
compression.gzip.level=-1 (Kafka default)
compression.lz4.level=9 (Kafka default)
compression.type=producer (Kafka default)
compression.zstd.level=3 (Kafka default)
delete.retention.ms=86400000 (Kafka default)
errors.deadletterqueue.group.enable=false (Kafka default)
file.delete.delay.ms=60000 (Kafka default)
flush.messages=9223372036854775807 (Kafka default)
flush.ms=9223372036854775807 (Kafka default)
follower.replication.throttled.replicas= (Kafka default)
index.interval.bytes=4096 (Kafka default)
leader.replication.throttled.replicas= (Kafka default)
local.retention.bytes=-2 (Kafka default)
local.retention.ms=-2 (Kafka default)
max.compaction.lag.ms=9223372036854775807 (Kafka default)
max.decompressed.message.bytes=2147483639 (Kafka default)
max.message.bytes=1048588 (Kafka default)
message.timestamp.after.max.ms=3600000 (Kafka default)
message.timestamp.before.max.ms=9223372036854775807 (Kafka default)
message.timestamp.type=CreateTime (Kafka default)
min.cleanable.dirty.ratio=0.5 (Kafka default)
min.compaction.lag.ms=0 (Kafka default)
min.insync.replicas=1 (cluster, dynamic)
preallocate=false (Kafka default)
remote.copy.lag.bytes=-1 (Kafka default)
remote.copy.lag.ms=0 (Kafka default)
remote.log.copy.disable=false (Kafka default)
remote.log.delete.on.disable=false (Kafka default)
remote.storage.enable=false (Kafka default)
retention.bytes=-1 (Kafka default)
retention.ms=604800000 (Kafka default)
segment.bytes=1073741824 (Kafka default)
segment.index.bytes=10485760 (Kafka default)
segment.jitter.ms=0 (Kafka default)
segment.ms=604800000 (Kafka default)
unclean.leader.election.enable=false (Kafka default)";

async fn configs<C: Cluster>(on: &C, short: &str) -> TopicConfigs {
    let asked = names(on, &[short]);
    let answer = on.client().configs(&asked).await.unwrap().remove(&asked[0]);
    answer.unwrap().unwrap().unwrap()
}

fn lines(configs: &TopicConfigs) -> Vec<String> {
    let line = |(key, config): (_, &topicctl::model::ObservedConfig)| {
        assert!(!config.sensitive);
        format!(
            "{key}={} ({})",
            config.value.as_deref().unwrap_or("null"),
            config.source
        )
    };
    configs.iter().map(line).collect()
}

pub(crate) async fn a_fresh_topic_shows_every_default(on: &impl Cluster) {
    create_plain(on, &["a"]).await;
    let fresh: Vec<&str> = FRESH.trim().lines().collect();
    assert_answers(on, "fresh_topic", &lines(&configs(on, "a").await), &fresh);
}

pub(crate) async fn overrides_are_shown_as_the_broker_reads_them(on: &impl Cluster) {
    let odd = [
        ("cleanup.policy", "compact, delete,compact"),
        ("compression.type", " lz4 "),
        ("leader.replication.throttled.replicas", "0:1, 1:2"),
        ("max.message.bytes", "+1000"),
        ("min.cleanable.dirty.ratio", "0.00001"),
        ("preallocate", "TRUE"),
        ("retention.ms", " 604800000 "),
    ];
    let ratios = ["0.50", "1", "1e-3", "0"];
    let ratio = |(index, value): (usize, &&str)| {
        topic(
            on,
            &format!("ratio-{index}"),
            (1, 1),
            &[("min.cleanable.dirty.ratio", value)],
        )
    };
    let mut topics = vec![topic(on, "odd", (1, 1), &odd)];
    topics.extend(ratios.iter().enumerate().map(ratio));
    create(on, &topics).await;
    assert_answers(
        on,
        "odd_overrides",
        &own(&configs(on, "odd").await),
        &[
            "cleanup.policy=compact,delete",
            "compression.type=lz4",
            "leader.replication.throttled.replicas=0:1,1:2",
            "max.message.bytes=1000",
            "min.cleanable.dirty.ratio=1.0E-5",
            "preallocate=true",
            "retention.ms=604800000",
        ],
    );
    for (index, shown) in ["0.5", "1.0", "0.001", "0.0"].iter().enumerate() {
        let configs = configs(on, &format!("ratio-{index}")).await;
        assert_eq!(own(&configs), [format!("min.cleanable.dirty.ratio={shown}")]);
    }
}

pub(crate) async fn missing_topics_have_no_configs(on: &impl Cluster) {
    create_plain(on, &["a"]).await;
    let answers = on.client().configs(&names(on, &["missing", "a"])).await.unwrap();
    assert_eq!(told(on, answers), ["a: ok", "missing: absent"]);
}

pub(crate) async fn a_single_broker_shows_the_named_keys_or_all(on: &impl Cluster) {
    let topics = ["a", "b"].map(|short| topic(on, short, (1, 1), &[("retention.ms", "5")]));
    create(on, &topics).await;
    let keys = ["segment.bytes", "retention.ms", "no.such.key"].map(key);
    let wanted = BTreeMap::from([
        (name(on, "a"), keys.to_vec()),
        (name(on, "missing"), keys.to_vec()),
        (name(on, "b"), Vec::new()),
    ]);
    let fresh = configs(on, "b").await;
    for broker in 1..=3 {
        let mut shown = on.client().configs_on(BrokerId(broker), &wanted).await.unwrap();
        assert_eq!(shown.remove(&name(on, "missing")), Some(Ok(None)));
        let all = shown.remove(&name(on, "b")).unwrap().unwrap().unwrap();
        assert_eq!(all.keys().collect::<Vec<_>>(), fresh.keys().collect::<Vec<_>>());
        let named = shown.remove(&name(on, "a")).unwrap().unwrap().unwrap();
        assert_eq!(
            lines(&named),
            [
                "retention.ms=5 (topic override)",
                "segment.bytes=1073741824 (Kafka default)"
            ]
        );
    }
}

pub(crate) async fn what_brokers_set_shows_with_its_source(on: &impl Cluster) {
    create_plain(on, &["a"]).await;
    on.set_for_all_brokers("log.cleanup.policy", "compact");
    let shown = eventually("the cluster's policy", async || {
        let configs = configs(on, "a").await;
        (configs["cleanup.policy"].value.as_deref() == Some("compact")).then_some(configs)
    })
    .await;
    let expected = [
        "cleanup.policy=compact (cluster, dynamic)",
        "segment.bytes=536870912 (broker file)",
        // Set in hours, and counted as Kafka's own: the chain of synonyms knows milliseconds only.
        "retention.ms=360000000 (Kafka default)",
    ];
    let shown = lines(&shown);
    for line in expected {
        assert!(
            shown.iter().any(|shown| shown == line),
            "{line} is not among {shown:#?}"
        );
    }
}
