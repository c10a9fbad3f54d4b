//! An account that may read topics and their configs and nothing else, as a pipeline has it: diff
//! works, apply fails topic by topic, and what may not be seen is never taken for absent.

use crate::binary::Project;
use crate::records::fill;
use crate::support::{Brokers, Kafka, READ_ONLY_PROPERTIES};

const FILE: &str = "\
version: 1
topics:
  - name: seen.synced
    partitions: 1
  - name: seen.configured
    retention: 1d
  - name: seen.grown
    partitions: 1
  - name: hidden.existing
    partitions: 1
  - name: sealed
    partitions: 1
";

/// A cluster with the topics of [`FILE`], which everybody may read but for `hidden.*`, whose existence
/// is a secret, and `sealed`, whose configs are.
fn restricted() -> (Kafka, Project) {
    let kafka = Kafka::dedicated(Brokers::One, READ_ONLY_PROPERTIES);
    let project = Project::new(&kafka, FILE);
    project.run(&["apply"]).expect(0);
    fill(&kafka, "seen.grown");
    let deny = ["--add", "--force", "--deny-principal", "User:*", "--operation"];
    let hide = [
        "Describe",
        "--resource-pattern-type",
        "prefixed",
        "--topic",
        "hidden.",
    ];
    kafka.tool_output("acls", &[&deny[..], &hide].concat());
    let seal = ["DescribeConfigs", "--topic", "sealed"];
    kafka.tool_output("acls", &[&deny[..], &seal].concat());
    kafka.restrict_to_reading();
    (kafka, project)
}

#[test]
fn a_read_only_account_can_diff_and_changes_nothing() {
    let (kafka, project) = restricted();
    let seen = || kafka.tool_output("topics", &["--describe", "--topic", "seen.*"]);
    let before = seen();
    assert!(before.contains("retention.ms=86400000"), "{before}");
    let drifted = FILE.replace("1d", "2d").replace(
        "seen.grown\n    partitions: 1",
        "seen.grown\n    partitions: 2\n  - name: seen.missing\n  - name: hidden.missing",
    );
    project.write(&drifted);

    let diff = project.run(&["diff", "seen.*"]).expect(2);
    let apply = project.run(&["apply", "--yes", "seen.*"]).expect(1);
    let all = project.run(&["diff"]).expect(1);

    insta::assert_snapshot!(diff, @"
    exit code 2
    --- stdout
    cluster CLUSTER · ADDRESS

    ~ seen.configured  to change
        retention.ms  1d (86400000) → 2d (172800000)  topics.yaml:6 (topic)
        note: configs not validated: needs AlterConfigs on topic seen.configured

    ~ seen.grown  to change · needs confirmation
        partitions  1 → 2  topics.yaml:8 (topic)
          needs confirmation: whether records have keys is not known (TOPIC_AUTHORIZATION_FAILED: needs Read on topic seen.grown); if so, from then on records with the same key go to other partitions, and consumers that start at `latest` can miss the first ones
        note: partitions not validated: needs Alter on topic seen.grown

    + seen.missing  to create
        partitions   cluster default  not set in the file
        replication  cluster default  not set in the file
        note: creation not validated: needs Create on topic seen.missing

    1 to create, 2 to change, 1 up to date; 1 needs confirmation (--yes).

    Rights were missing. Whoever administers the cluster grants them with:
      kafka-acls --bootstrap-server ADDRESS --add --allow-principal User:PRINCIPAL --operation Create --topic seen.missing
      kafka-acls --bootstrap-server ADDRESS --add --allow-principal User:PRINCIPAL --operation Alter --topic seen.grown
      kafka-acls --bootstrap-server ADDRESS --add --allow-principal User:PRINCIPAL --operation AlterConfigs --topic seen.configured
      kafka-acls --bootstrap-server ADDRESS --add --allow-principal User:PRINCIPAL --operation Read --topic seen.grown
    ");
    insta::assert_snapshot!(apply, @"
    exit code 1
    --- stdout
    cluster CLUSTER · ADDRESS

    ~ seen.configured  to change
        retention.ms  1d (86400000) → 2d (172800000)  topics.yaml:6 (topic)
        note: configs not validated: needs AlterConfigs on topic seen.configured

    ~ seen.grown  to change · needs confirmation
        partitions  1 → 2  topics.yaml:8 (topic)
          needs confirmation: whether records have keys is not known (TOPIC_AUTHORIZATION_FAILED: needs Read on topic seen.grown); if so, from then on records with the same key go to other partitions, and consumers that start at `latest` can miss the first ones
        note: partitions not validated: needs Alter on topic seen.grown

    + seen.missing  to create
        partitions   cluster default  not set in the file
        replication  cluster default  not set in the file
        note: creation not validated: needs Create on topic seen.missing

    1 to create, 2 to change, 1 up to date; 1 needs confirmation (--yes).

    Rights were missing. Whoever administers the cluster grants them with:
      kafka-acls --bootstrap-server ADDRESS --add --allow-principal User:PRINCIPAL --operation Create --topic seen.missing
      kafka-acls --bootstrap-server ADDRESS --add --allow-principal User:PRINCIPAL --operation Alter --topic seen.grown
      kafka-acls --bootstrap-server ADDRESS --add --allow-principal User:PRINCIPAL --operation AlterConfigs --topic seen.configured
      kafka-acls --bootstrap-server ADDRESS --add --allow-principal User:PRINCIPAL --operation Read --topic seen.grown
    ❌ Topic seen.configured: Topic authorization failed. (TOPIC_AUTHORIZATION_FAILED): needs AlterConfigs on topic seen.configured (retention.ms 1d (86400000) → 2d (172800000))
    ❌ Topic seen.grown: TOPIC_AUTHORIZATION_FAILED: needs Alter on topic seen.grown (partitions 1 → 2)
    ❌ Topic seen.missing: Authorization failed. (TOPIC_AUTHORIZATION_FAILED): needs Create on topic seen.missing
    3 failed, 1 up to date.
    ");
    insta::assert_snapshot!(all, @"
    exit code 1
    --- stdout
    cluster CLUSTER · ADDRESS

    ? hidden.existing  not known
        unknown: its metadata could not be read: TOPIC_AUTHORIZATION_FAILED: needs Describe on topic hidden.existing

    ? hidden.missing  not known
        unknown: its metadata could not be read: TOPIC_AUTHORIZATION_FAILED: needs Describe on topic hidden.missing

    ? sealed  not known
        unknown: its configs could not be read: Topic authorization failed. (TOPIC_AUTHORIZATION_FAILED): needs DescribeConfigs on topic sealed

    ~ seen.configured  to change
        retention.ms  1d (86400000) → 2d (172800000)  topics.yaml:6 (topic)
        note: configs not validated: needs AlterConfigs on topic seen.configured

    ~ seen.grown  to change · needs confirmation
        partitions  1 → 2  topics.yaml:8 (topic)
          needs confirmation: whether records have keys is not known (TOPIC_AUTHORIZATION_FAILED: needs Read on topic seen.grown); if so, from then on records with the same key go to other partitions, and consumers that start at `latest` can miss the first ones
        note: partitions not validated: needs Alter on topic seen.grown

    + seen.missing  to create
        partitions   cluster default  not set in the file
        replication  cluster default  not set in the file
        note: creation not validated: needs Create on topic seen.missing

    1 to create, 2 to change, 3 not known, 1 up to date; 1 needs confirmation (--yes).

    Rights were missing. Whoever administers the cluster grants them with:
      kafka-acls --bootstrap-server ADDRESS --add --allow-principal User:PRINCIPAL --operation Describe --topic hidden.existing --topic hidden.missing
      kafka-acls --bootstrap-server ADDRESS --add --allow-principal User:PRINCIPAL --operation DescribeConfigs --topic sealed
      kafka-acls --bootstrap-server ADDRESS --add --allow-principal User:PRINCIPAL --operation Create --topic seen.missing
      kafka-acls --bootstrap-server ADDRESS --add --allow-principal User:PRINCIPAL --operation Alter --topic seen.grown
      kafka-acls --bootstrap-server ADDRESS --add --allow-principal User:PRINCIPAL --operation AlterConfigs --topic seen.configured
      kafka-acls --bootstrap-server ADDRESS --add --allow-principal User:PRINCIPAL --operation Read --topic seen.grown
    ");
    assert_eq!(seen(), before);
}
