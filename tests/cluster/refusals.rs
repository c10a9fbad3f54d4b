//! What cannot be done is said before anything is written, in the broker's own words where it is the
//! broker that refuses.

use crate::binary::Project;
use crate::support::Kafka;

#[test]
fn one_impossible_topic_blocks_all_unless_it_is_left_out() {
    let kafka = Kafka::one();
    let project = Project::new(
        kafka,
        "\
version: 1
topics:
  - name: blocked.fine
    partitions: 2
  - name: blocked.impossible
    replication: 3
",
    );

    let blocked = project.run(&["apply", "--yes", "--allow-data-loss", "*"]);
    let listed = kafka.tool_output("topics", &["--list"]);
    assert!(!listed.contains("blocked."), "{listed}");
    let skipped = project.run(&["apply", "--skip-blocked"]).expect(3);
    let again = project.run(&["apply", "--skip-blocked", "-v"]).expect(3);

    insta::assert_snapshot!(blocked, @"
    exit code 3
    --- stdout
    cluster CLUSTER · ADDRESS

    + blocked.fine  to create
        partitions   2                topics.yaml:4 (topic)
        replication  cluster default  no layer declares it

    ✗ blocked.impossible  blocked
        partitions   cluster default  no layer declares it
        replication  3                topics.yaml:6 (topic)
        impossible: replication 3: the cluster has only 1 broker registered  topics.yaml:6 (topic)
          instead: declare at most 1, or add brokers first

    1 to create, 1 blocked.
    Nothing was changed.
      1 topic cannot be as the file says (see above). Correct the file, or leave them out with --skip-blocked.
    ");
    insta::assert_snapshot!(skipped, @"
    exit code 3
    --- stdout
    cluster CLUSTER · ADDRESS

    + blocked.fine  to create
        partitions   2                topics.yaml:4 (topic)
        replication  cluster default  no layer declares it

    ✗ blocked.impossible  blocked
        partitions   cluster default  no layer declares it
        replication  3                topics.yaml:6 (topic)
        impossible: replication 3: the cluster has only 1 broker registered  topics.yaml:6 (topic)
          instead: declare at most 1, or add brokers first

    1 to create, 1 blocked.
    ✅ Topic blocked.fine created
    ⛔ Topic blocked.impossible: left out: replication 3: the cluster has only 1 broker registered
    1 done, 1 left out.
    ");
    again.expect_no_writes();
    let listed = kafka.tool_output("topics", &["--list"]);
    let listed: Vec<_> = listed
        .lines()
        .filter(|topic| topic.starts_with("blocked."))
        .collect();
    assert_eq!(listed, ["blocked.fine"]);
}

#[test]
fn what_the_broker_refuses_is_said_at_diff_time_in_its_words() {
    let kafka = Kafka::one();
    let file = "\
version: 1
topics:
  - name: rejected.existing
";
    let project = Project::new(kafka, file);
    project.run(&["apply"]).expect(0);
    project.write(&format!(
        "{file}    config:
      no.such.config: 1
  - name: rejected.small
    config:
      segment.bytes: 512KiB
  - name: rejected.new
    config:
      remote.storage.enable: true
  - name: rejected.partitions
    partitions: 1000000
"
    ));

    let diff = project.run(&["diff"]).expect(3);
    let apply = project.run(&["apply", "--yes"]).expect(3);

    insta::assert_snapshot!(diff, @"
    exit code 3
    --- stdout
    cluster CLUSTER · ADDRESS

    ✗ rejected.existing  blocked
        no.such.config  (not listed) → 1  topics.yaml:5 (topic)
        impossible: the broker refuses its configs: Unknown topic config name: no.such.config (INVALID_CONFIG)
          instead: correct the file

    ✗ rejected.new  blocked
        partitions             cluster default  no layer declares it
        replication            cluster default  no layer declares it
        remote.storage.enable  true             topics.yaml:11 (topic)
        impossible: the broker refuses its creation: Tiered Storage functionality is disabled in the broker. Topic cannot be configured with remote log storage. (INVALID_CONFIG)
          instead: correct the file

    ✗ rejected.partitions  blocked
        partitions   1000000          topics.yaml:13 (topic)
        replication  cluster default  no layer declares it
        impossible: the broker refuses its creation: Excessively large number of partitions per request. (POLICY_VIOLATION)
          instead: correct the file

    ✗ rejected.small  blocked
        partitions     cluster default  no layer declares it
        replication    cluster default  no layer declares it
        segment.bytes  512KiB (524288)  topics.yaml:8 (topic)
        impossible: the broker refuses its creation: Invalid value 524288 for configuration segment.bytes: Value must be at least 1048576 (INVALID_CONFIG)
          instead: correct the file

    4 blocked.
    --- stderr
    warning: topics.yaml:5:7: `no.such.config` is no topic config of any Kafka release that topicctl knows
       |       no.such.config: 1
       = the broker decides; a newer or patched one may know it
    ");
    assert!(apply.stdout.contains("\nNothing was changed.\n"), "{apply}");
    let topics = kafka.topics("rejected.");
    assert_eq!(topics.keys().collect::<Vec<_>>(), ["rejected.existing"]);
    assert_eq!(topics["rejected.existing"].overrides, [].into());
}
