//! What a new topic may not be, in the broker's words.

use topicctl::admin::{Admin, NewTopic};

use super::Cluster;
use super::releases::assert_answers;
use super::steps::{BOTH_MODES, create_plain, seen, told, topic};

/// A config, a value, and what the broker says of it.
const REFUSED: [(&str, &str, &str); 29] = [
    (
        "cleanup.policy",
        "Delete",
        "Invalid value Delete for configuration cleanup.policy: String must be one of: compact, delete",
    ),
    (
        "cleanup.policy",
        "delete,",
        "Configuration 'cleanup.policy' values must not be empty.",
    ),
    (
        "cleanup.policy",
        "delete,eat",
        "Invalid value eat for configuration cleanup.policy: String must be one of: compact, delete",
    ),
    (
        "compression.gzip.level",
        "0",
        "Invalid value 0 for configuration compression.gzip.level: Value must be between 1 and 9 or equal to -1",
    ),
    (
        "compression.gzip.level",
        "10",
        "Invalid value 10 for configuration compression.gzip.level: Value must be between 1 and 9 or equal to -1",
    ),
    (
        "compression.lz4.level",
        "0",
        "Invalid value 0 for configuration compression.lz4.level: Value must be at least 1",
    ),
    (
        "compression.lz4.level",
        "18",
        "Invalid value 18 for configuration compression.lz4.level: Value must be no more than 17",
    ),
    (
        "compression.type",
        "",
        "Invalid value  for configuration compression.type: String must be one of: uncompressed, zstd, lz4, snappy, gzip, producer",
    ),
    (
        "compression.type",
        "snappyy",
        "Invalid value snappyy for configuration compression.type: String must be one of: uncompressed, zstd, lz4, snappy, gzip, producer",
    ),
    (
        "leader.replication.throttled.replicas",
        "*,*",
        "Invalid value [*, *] for configuration leader.replication.throttled.replicas: leader.replication.throttled.replicas must be the literal '*' or a list of replicas in the following format: [partitionId]:[brokerId],[partitionId]:[brokerId],...",
    ),
    (
        "max.compaction.lag.ms",
        "0",
        "Invalid value 0 for configuration max.compaction.lag.ms: Value must be at least 1",
    ),
    (
        "max.decompressed.message.bytes",
        "2147483640",
        "Invalid value 2147483640 for configuration max.decompressed.message.bytes: Value must be no more than 2147483639",
    ),
    (
        "message.downconversion.enable",
        "true",
        "Unknown topic config name: message.downconversion.enable",
    ),
    (
        "message.timestamp.type",
        "createtime",
        "Invalid value createtime for configuration message.timestamp.type: String must be one of: CreateTime, LogAppendTime",
    ),
    (
        "min.cleanable.dirty.ratio",
        "-0.1",
        "Invalid value -0.1 for configuration min.cleanable.dirty.ratio: Value must be at least 0",
    ),
    (
        "min.cleanable.dirty.ratio",
        "2",
        "Invalid value 2.0 for configuration min.cleanable.dirty.ratio: Value must be no more than 1",
    ),
    (
        "min.cleanable.dirty.ratio",
        "half",
        "Invalid value half for configuration min.cleanable.dirty.ratio: Not a number of type DOUBLE",
    ),
    (
        "min.insync.replicas",
        "0",
        "Invalid value 0 for configuration min.insync.replicas: Value must be at least 1",
    ),
    ("no.such.key", "1", "Unknown topic config name: no.such.key"),
    (
        "preallocate",
        "yes",
        "Invalid value yes for configuration preallocate: Expected value to be either true or false",
    ),
    (
        "remote.storage.enable",
        "true",
        "Tiered Storage functionality is disabled in the broker. Topic cannot be configured with remote log storage.",
    ),
    (
        "retention.ms",
        "",
        "Invalid value  for configuration retention.ms: Not a number of type LONG",
    ),
    (
        "retention.ms",
        " soon ",
        "Invalid value  soon  for configuration retention.ms: Not a number of type LONG",
    ),
    (
        "retention.ms",
        "-2",
        "Invalid value -2 for configuration retention.ms: Value must be at least -1",
    ),
    (
        "retention.ms",
        "1e3",
        "Invalid value 1e3 for configuration retention.ms: Not a number of type LONG",
    ),
    (
        "retention.ms",
        "7d",
        "Invalid value 7d for configuration retention.ms: Not a number of type LONG",
    ),
    (
        "segment.bytes",
        "1048575",
        "Invalid value 1048575 for configuration segment.bytes: Value must be at least 1048576",
    ),
    (
        "segment.bytes",
        "99999999999",
        "Invalid value 99999999999 for configuration segment.bytes: Not a number of type INT",
    ),
    (
        "segment.jitter.ms",
        "-1",
        "Invalid value -1 for configuration segment.jitter.ms: Value must be at least 0",
    ),
];

pub(crate) async fn values_are_refused_in_the_brokers_words(on: &impl Cluster) {
    let bad = |(index, (key, value, _)): (usize, &(&str, &str, &str))| {
        topic(on, &format!("{index:02}"), (1, 1), &[(key, value)])
    };
    let mut topics: Vec<NewTopic> = REFUSED.iter().enumerate().map(bad).collect();
    topics.push(topic(on, "good", (1, 1), &[("retention.ms", "-1")]));
    let words = |(index, (_, _, words)): (usize, &(&str, &str, &str))| {
        format!("{index:02}: {words} (INVALID_CONFIG)")
    };
    let mut expected: Vec<String> = REFUSED.iter().enumerate().map(words).collect();
    expected.push("good: ok".to_owned());
    for mode in BOTH_MODES {
        let answers = on.client().create_topics(&topics, mode).await.unwrap();
        assert_answers(on, "values_refused", &told(on, answers), &expected);
    }
}

pub(crate) async fn odd_values_that_kafka_takes_are_taken(on: &impl Cluster) {
    let odd = [
        ("cleanup.policy", ""),
        ("follower.replication.throttled.replicas", "*"),
        ("local.retention.ms", "2000"),
        ("retention.bytes", "-5"),
        ("remote.log.copy.disable", "true"),
    ];
    let topics: Vec<NewTopic> = (0..)
        .zip(&odd)
        .map(|(index, config)| topic(on, &index.to_string(), (1, 1), &[*config]))
        .collect();
    for mode in BOTH_MODES {
        let answers = on.client().create_topics(&topics, mode).await.unwrap();
        let newest = ["0: ok", "1: ok", "2: ok", "3: ok", "4: ok"];
        assert_answers(on, "odd_values_taken", &told(on, answers), &newest);
    }
}

pub(crate) async fn existence_is_told_before_configs_and_configs_before_replication(on: &impl Cluster) {
    create_plain(on, &["there"]).await;
    let bad = [("retention.ms", "soon"), ("segment.bytes", "1")];
    let unknown = [("a.b", "1"), ("retention.ms", "soon")];
    let topics = [
        topic(on, "bad", (1, 9), &bad),
        topic(on, "there", (1, 9), &bad),
        topic(on, "unknown", (1, 9), &unknown),
    ];
    for mode in BOTH_MODES {
        let answers = on.client().create_topics(&topics, mode).await.unwrap();
        assert_answers(
            on,
            "order_of_refusals",
            &told(on, answers),
            &[
                // Of several, the one that Kafka's sources define first.
                "bad: Invalid value 1 for configuration segment.bytes: Value must be at least 1048576 (INVALID_CONFIG)",
                "there: Topic 'there' already exists. (TOPIC_ALREADY_EXISTS)",
                "unknown: Unknown topic config name: a.b (INVALID_CONFIG)",
            ],
        );
    }
}

pub(crate) async fn more_replicas_than_brokers_are_refused(on: &impl Cluster) {
    let topics = [topic(on, "a", (1, 4), &[]), topic(on, "b", (1, 3), &[])];
    for mode in BOTH_MODES {
        let answers = on.client().create_topics(&topics, mode).await.unwrap();
        assert_answers(
            on,
            "more_replicas_than_brokers",
            &told(on, answers),
            &[
                "a: Unable to replicate the partition 4 time(s): The target replication factor of 4 cannot be \
                 reached because only 3 broker(s) are registered or some brokers have all their log directories \
                 cordoned. (INVALID_REPLICATION_FACTOR)",
                "b: ok",
            ],
        );
    }
}

/// A limit of the request, and so told before anything that is wrong with a topic.
pub(crate) async fn too_many_partitions_at_once_are_refused(on: &impl Cluster) {
    create_plain(on, &["there"]).await;
    let topics = [
        topic(on, "a", (10_001, 1), &[]),
        topic(on, "b", (1, 1), &[]),
        topic(on, "there", (10_001, 9), &[("no.such.key", "1")]),
    ];
    for mode in BOTH_MODES {
        let answers = on.client().create_topics(&topics, mode).await.unwrap();
        let told = told(on, answers);
        assert_answers(
            on,
            "too_many_partitions",
            &told,
            &[
                "a: Excessively large number of partitions per request. (POLICY_VIOLATION)",
                "b: ok",
                "there: Excessively large number of partitions per request. (POLICY_VIOLATION)",
            ],
        );
        // Older releases know no limit, and would really make ten thousand.
        if told[0] == "a: ok" {
            break;
        }
        assert_eq!(seen(on, &["a"]).await, ["a: absent"]);
    }
}
