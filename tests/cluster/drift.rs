//! Changes that others make with Kafka's own tools: diff shows them, apply sets them right with the
//! permission that this takes, and afterwards diff has nothing to say.

use crate::binary::Project;
use crate::contract::wire::Records;
use crate::records::{DAY, append, fill, now};
use crate::support::{Kafka, TopicOnKafka};

/// One topic with seven days of retention.
fn file(topic: &str, partitions: u32) -> String {
    format!(
        "\
version: 1
topics:
  - name: {topic}
    partitions: {partitions}
    replication: 1
    retention: 7d
    compression: snappy
"
    )
}

/// The topic of [`file`] on the cluster, as topicctl creates it.
fn created(kafka: &Kafka, topic: &str) -> Project {
    let project = Project::new(kafka, &file(topic, 3));
    project.run(&["apply"]).expect(0);
    project
}

fn alter(kafka: &Kafka, topic: &str, change: &[&str]) {
    let topic = ["--alter", "--entity-type", "topics", "--entity-name", topic];
    kafka.tool_output("configs", &[&topic[..], change].concat());
}

fn shown(kafka: &Kafka, topic: &str) -> TopicOnKafka {
    let mut topics = kafka.topics(topic);
    topics
        .remove(topic)
        .unwrap_or_else(|| panic!("{topic} is not there"))
}

/// The overrides as Kafka's own tools show them: `compression.type=snappy retention.ms=604800000`.
fn overrides(kafka: &Kafka, topic: &str) -> String {
    let overrides = shown(kafka, topic).overrides;
    let overrides = overrides.iter().map(|(key, value)| format!("{key}={value}"));
    overrides.collect::<Vec<_>>().join(" ")
}

const AS_DECLARED: &str = "compression.type=snappy retention.ms=604800000";

#[test]
fn a_shorter_retention_is_lengthened_again() {
    let kafka = Kafka::one();
    let project = created(kafka, "drift.retention");
    alter(
        kafka,
        "drift.retention",
        &["--add-config", "retention.ms=3600000"],
    );

    let diff = project.run_until(2, &["diff"]);
    let apply = project.run(&["apply"]).expect(0);

    insta::assert_snapshot!(diff, @"
    exit code 2
    --- stdout
    cluster CLUSTER · ADDRESS

    ~ drift.retention  to change
        retention.ms  1h (3600000) → 7d (604800000)  topics.yaml:6 (topic)

    1 to change.
    ");
    insta::assert_snapshot!(apply, @"
    exit code 0
    --- stdout
    cluster CLUSTER · ADDRESS

    ~ drift.retention  to change
        retention.ms  1h (3600000) → 7d (604800000)  topics.yaml:6 (topic)

    1 to change.
    ✅ Topic drift.retention changed: retention.ms 1h (3600000) → 7d (604800000)
    1 done.
    ");
    project.run(&["diff"]).expect(0);
    assert_eq!(overrides(kafka, "drift.retention"), AS_DECLARED);
}

#[test]
fn a_longer_retention_is_shortened_only_with_permission() {
    let kafka = Kafka::one();
    let project = created(kafka, "drift.longer");
    alter(
        kafka,
        "drift.longer",
        &["--add-config", "retention.ms=2592000000"],
    );
    append(kafka, "drift.longer", 0, &Records::new(10, now() - 8 * DAY));

    let diff = project.run_until(2, &["diff"]);
    project.run(&["apply"]).expect(3);
    project
        .run(&["apply", "--allow-data-loss", "drift.longer"])
        .expect(0);

    insta::assert_snapshot!(diff, @"
    exit code 2
    --- stdout
    cluster CLUSTER · ADDRESS

    ~ drift.longer  to change · lossy
        retention.ms  30d (2592000000) → 7d (604800000)  topics.yaml:6 (topic)
          lossy: 10 records (150 B) older than 7d will be deleted, of 9999-99-99

    1 to change; 1 can lose data (--allow-data-loss).
    In total 10 records (150 B) would be deleted, from 1 topic.
    ");
    project.run(&["diff"]).expect(0);
    assert_eq!(overrides(kafka, "drift.longer"), AS_DECLARED);
}

#[test]
fn an_override_that_the_file_does_not_mention_is_reset() {
    let kafka = Kafka::one();
    let project = created(kafka, "drift.extra");
    alter(kafka, "drift.extra", &["--add-config", "segment.ms=3600000"]);

    let diff = project.run_until(2, &["diff"]);
    project.run(&["apply", "--yes"]).expect(0);

    insta::assert_snapshot!(diff, @"
    exit code 2
    --- stdout
    cluster CLUSTER · ADDRESS

    ~ drift.extra  to change · needs confirmation
        segment.ms  1h (3600000) → 7d (604800000) [Kafka default]  not set in the file
          needs confirmation: it was set on the cluster, and the file does not mention it

    1 to change; 1 needs confirmation (--yes).
    1 override on 1 topic is not set in the file and will be reset. `unlisted: keep` keeps it; `topicctl export` writes it into a file.
    ");
    project.run(&["diff"]).expect(0);
    assert_eq!(overrides(kafka, "drift.extra"), AS_DECLARED);
}

#[test]
fn an_override_that_was_taken_away_is_set_again() {
    let kafka = Kafka::one();
    let project = created(kafka, "drift.removed");
    // What the topic inherits now happens to be the declared value: it is pinned all the same.
    alter(kafka, "drift.removed", &["--delete-config", "retention.ms"]);

    let diff = project.run_until(2, &["diff"]);
    project.run(&["apply"]).expect(0);

    insta::assert_snapshot!(diff, @"
    exit code 2
    --- stdout
    cluster CLUSTER · ADDRESS

    ~ drift.removed  to change
        retention.ms  7d (604800000) [Kafka default] → 7d (604800000)  topics.yaml:6 (topic)

    1 to change.
    ");
    project.run(&["diff"]).expect(0);
    assert_eq!(overrides(kafka, "drift.removed"), AS_DECLARED);
}

#[test]
fn a_deleted_topic_is_created_again() {
    let kafka = Kafka::one();
    let project = created(kafka, "drift.deleted");
    let before = shown(kafka, "drift.deleted");
    kafka.tool_output("topics", &["--delete", "--topic", "drift.deleted"]);

    let diff = project.run_until(2, &["diff"]);
    project.run(&["apply"]).expect(0);

    insta::assert_snapshot!(diff, @"
    exit code 2
    --- stdout
    cluster CLUSTER · ADDRESS

    + drift.deleted  to create
        partitions        3               topics.yaml:4 (topic)
        replication       1               topics.yaml:5 (topic)
        compression.type  snappy          topics.yaml:7 (topic)
        retention.ms      7d (604800000)  topics.yaml:6 (topic)

    1 to create.
    ");
    project.run(&["diff"]).expect(0);
    let after = shown(kafka, "drift.deleted");
    assert_ne!(after.id, before.id, "it was never deleted");
    assert_eq!(
        (after.partitions, after.overrides),
        (before.partitions, before.overrides)
    );
}

#[test]
fn partitions_that_were_added_by_hand_cannot_be_taken_away() {
    let kafka = Kafka::one();
    let project = created(kafka, "drift.grown");
    kafka.tool_output(
        "topics",
        &["--alter", "--topic", "drift.grown", "--partitions", "5"],
    );

    let diff = project.run_until(3, &["diff"]);
    let apply = project
        .run(&["apply", "--yes", "--allow-data-loss", "*"])
        .expect(3);

    insta::assert_snapshot!(diff, @"
    exit code 3
    --- stdout
    cluster CLUSTER · ADDRESS

    ✗ drift.grown  blocked
        impossible: partitions 5 → 3: Kafka cannot remove partitions  topics.yaml:4 (topic)
          instead: declare 5, or make a new topic with 3 and move producers and consumers to it

    1 blocked.
    ");
    assert!(apply.stdout.contains("\nNothing was changed.\n"), "{apply}");
    assert_eq!(shown(kafka, "drift.grown").partitions, 5);

    project.write(&file("drift.grown", 5));
    project.run(&["diff"]).expect(0);
}

#[test]
fn more_partitions_are_added_with_care() {
    let kafka = Kafka::one();
    let project = created(kafka, "drift.declared");
    fill(kafka, "drift.declared");
    project.write(&file("drift.declared", 4));

    let diff = project.run(&["diff"]).expect(2);
    project.run(&["apply"]).expect(3);
    project.run(&["apply", "--yes"]).expect(0);

    insta::assert_snapshot!(diff, @"
    exit code 2
    --- stdout
    cluster CLUSTER · ADDRESS

    ~ drift.declared  to change · needs confirmation
        partitions  3 → 4  topics.yaml:4 (topic)
          needs confirmation: none of the 10 records has a key, but consumers that start at `latest` can miss the first ones of a new partition

    1 to change; 1 needs confirmation (--yes).
    ");
    project.run(&["diff"]).expect(0);
    assert_eq!(shown(kafka, "drift.declared").partitions, 4);
}
