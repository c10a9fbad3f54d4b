//! The repository's own `topics.yaml`: what the setup script's three topics have to look like, in
//! both profiles, and that a second run has nothing to say.

use std::collections::BTreeMap;

use crate::binary::{Run, repository_manifest, topicctl};
use crate::support::{Kafka, TopicOnKafka};

/// A run on the repository's file, with the address where its profiles look for one.
fn run(kafka: &Kafka, arguments: &[&str]) -> Run {
    let mut command = topicctl();
    command
        .args(arguments)
        .arg("--file")
        .arg(repository_manifest())
        .env("KAFKA_BOOTSTRAP_SERVERS", kafka.bootstrap())
        .env("KAFKA_PROD_BOOTSTRAP_SERVERS", kafka.bootstrap());
    Run::of(&mut command)
}

/// Partitions, replication and overrides, as Kafka's own tools show them.
fn shown(topics: &BTreeMap<String, TopicOnKafka>) -> String {
    let line = |(name, topic): (&String, &TopicOnKafka)| {
        let overrides = topic
            .overrides
            .iter()
            .map(|(key, value)| format!(" {key}={value}"));
        let overrides: String = overrides.collect();
        format!(
            "{name}: {} × {}{overrides}\n",
            topic.partitions, topic.replication
        )
    };
    topics.iter().map(line).collect()
}

#[test]
fn the_first_run_creates_the_scripts_topics_and_the_second_sends_no_write() {
    let kafka = Kafka::one();

    run(kafka, &["diff"]).expect(2);
    let first = run(kafka, &["apply"]).expect(0);
    let second = run(kafka, &["apply", "-v"]).expect(0);

    // The values of the script that topicctl replaces.
    insta::assert_snapshot!(shown(&kafka.topics("dev.")), @"
    dev.omninode-bridge.test-generation.completed.v1: 3 × 1 cleanup.policy=delete compression.type=snappy retention.ms=604800000
    dev.omninode-bridge.test-generation.failed.v1: 3 × 1 cleanup.policy=delete compression.type=snappy retention.ms=2592000000
    dev.omninode-bridge.test-generation.started.v1: 3 × 1 cleanup.policy=delete compression.type=snappy retention.ms=604800000
    ");
    assert!(
        first.stdout.ends_with(
            "3 to create.\n\
             ✅ Topic dev.omninode-bridge.test-generation.completed.v1 created\n\
             ✅ Topic dev.omninode-bridge.test-generation.failed.v1 created\n\
             ✅ Topic dev.omninode-bridge.test-generation.started.v1 created\n\
             3 done.\n"
        ),
        "{first}"
    );
    assert_eq!(first.stderr, "");
    assert!(second.stdout.ends_with("\n\nUp to date: 3 topics.\n"), "{second}");
    let requests = [
        ("ApiVersions", 1),
        ("DescribeCluster", 1),
        ("DescribeConfigs", 1),
        ("DescribeQuorum", 1),
        ("Metadata", 1),
    ];
    let requests = requests.map(|(name, count)| (name.to_owned(), count));
    assert_eq!(second.requests(), BTreeMap::from(requests));
    second.expect_no_writes();
    insta::assert_snapshot!(run(kafka, &["diff"]).expect(0), @"
    exit code 0
    --- stdout
    profile dev · cluster CLUSTER · ADDRESS

    Up to date: 3 topics.
    ");
}

#[test]
fn production_keeps_three_replicas_and_two_of_them_in_sync() {
    let kafka = Kafka::three();
    let prod = ["--profile", "prod"];

    run(kafka, &[&["apply"], &prod[..]].concat()).expect(0);
    let second = run(kafka, &[&["apply", "-v"], &prod[..]].concat()).expect(0);

    second.expect_no_writes();
    run(kafka, &[&["diff"], &prod[..]].concat()).expect(0);
    insta::assert_snapshot!(shown(&kafka.topics("prod.")), @"
    prod.omninode-bridge.test-generation.completed.v1: 3 × 3 cleanup.policy=delete compression.type=lz4 min.insync.replicas=2 retention.ms=604800000
    prod.omninode-bridge.test-generation.failed.v1: 3 × 3 cleanup.policy=delete compression.type=lz4 min.insync.replicas=2 retention.ms=2592000000
    prod.omninode-bridge.test-generation.started.v1: 3 × 3 cleanup.policy=delete compression.type=lz4 min.insync.replicas=2 retention.ms=604800000
    ");
}
