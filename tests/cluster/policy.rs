//! A policy against topics that are there: what the file leaves to the cluster is judged by what it shows.

use crate::binary::Project;
use crate::support::Kafka;

#[test]
fn a_topic_that_breaks_the_policy_blocks_also_where_it_is_in_sync() {
    let kafka = Kafka::one();
    let topics = "\
topics:
  - {name: policy.left-to-the-cluster}
  - {name: policy.declared, partitions: 3, retention: 60d}
";
    let project = Project::new(kafka, &format!("version: 1\n{topics}"));
    project.run(&["apply"]).expect(0);
    let before = kafka.topics("policy.");
    let policy =
        "policy: {min_replication: 2, max_partitions: 2, max_retention: 30d, min_insync_replicas: 2}\n";
    project.write(&format!("version: 1\n{policy}{topics}  - {{name: policy.new}}\n"));

    let validate = project.run_alone(&["validate"]).expect(1);
    let diff = project.run(&["diff"]).expect(3);
    let apply = project
        .run(&["apply", "--yes", "--allow-data-loss", "*"])
        .expect(3);
    assert_eq!(kafka.topics("policy."), before);
    let skipped = project.run(&["apply", "--skip-blocked"]).expect(3);

    insta::assert_snapshot!(validate, @"
    exit code 1
    --- stderr
    error: topics.yaml:5:41: 3 partitions are above the policy's 2
       |   - {name: policy.declared, partitions: 3, retention: 60d}
       = the policy is at topics.yaml:2:46
       = declare at most 2 partitions

    error: topics.yaml:5:55: retention 60d is above the policy's 30d
       |   - {name: policy.declared, partitions: 3, retention: 60d}
       = the policy is at topics.yaml:2:64
       = declare a retention of at most 30d
    ");
    insta::assert_snapshot!(diff, @"
    exit code 3
    --- stdout
    cluster CLUSTER · ADDRESS

    ✗ policy.declared  blocked
        violates the policy: replication 1 is below the policy's 2 (min_replication)  topics.yaml:2 (policy)
          instead: declare a replication of at least 2
        violates the policy: 3 partitions are above the policy's 2 (max_partitions)  topics.yaml:5 (topic), topics.yaml:2 (policy)
          instead: Kafka cannot remove partitions: raise the bound, or exempt the topic with `policy: { exempt: REASON }`
        violates the policy: retention 60d is above the policy's 30d (max_retention)  topics.yaml:5 (topic), topics.yaml:2 (policy)
          instead: declare a retention of at most 30d
        violates the policy: min.insync.replicas 1 is below the policy's 2 (min_insync_replicas)  topics.yaml:2 (policy)
          instead: declare min_insync_replicas of at least 2

    ✗ policy.left-to-the-cluster  blocked
        violates the policy: replication 1 is below the policy's 2 (min_replication)  topics.yaml:2 (policy)
          instead: declare a replication of at least 2
        violates the policy: min.insync.replicas 1 is below the policy's 2 (min_insync_replicas)  topics.yaml:2 (policy)
          instead: declare min_insync_replicas of at least 2

    ✗ policy.new  blocked
        partitions   cluster default  not set in the file
        replication  cluster default  not set in the file
        violates the policy: replication 1 is below the policy's 2 (min_replication)  topics.yaml:2 (policy)
          instead: declare a replication of at least 2
        violates the policy: min.insync.replicas 1 is below the policy's 2 (min_insync_replicas)  topics.yaml:2 (policy)
          instead: declare min_insync_replicas of at least 2

    3 blocked.
    ");
    assert!(apply.stdout.contains("\nNothing was changed.\n"), "{apply}");
    // What the cluster would give it breaks the policy, and it is blocked before it is there.
    assert!(
        skipped.stdout.contains("⛔ Topic policy.new: left out:"),
        "{skipped}"
    );
    assert_eq!(kafka.topics("policy."), before);

    let exempt = topics.replace("}\n", ", policy: {exempt: one broker only}}\n");
    project.write(&format!("version: 1\n{policy}{exempt}"));
    let exempt = project.run(&["diff"]).expect(0);
    insta::assert_snapshot!(exempt, @"
    exit code 0
    --- stdout
    cluster CLUSTER · ADDRESS

    = policy.declared  up to date
        note: exempt from the policy, with which it does not comply: one broker only

    = policy.left-to-the-cluster  up to date
        note: exempt from the policy, with which it does not comply: one broker only

    Up to date: 2 topics.
    ");
}
