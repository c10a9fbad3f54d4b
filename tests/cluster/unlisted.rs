//! What the file does not mention: overrides that it leaves alone, and topics that are not its own.

use std::collections::BTreeMap;

use crate::binary::Project;
use crate::support::Kafka;

#[test]
fn overrides_are_left_alone_where_the_file_says_so() {
    let kafka = Kafka::one();
    let configured = "\
version: 1
topics:
  - name: unlisted.kept
    config: { segment.ms: 1h, flush.ms: 5s }
  - name: unlisted.ignored
    config: { segment.ms: 1h, flush.ms: 5s }
  - name: unlisted.throttled
    config:
      leader.replication.throttled.replicas: '0:1'
      follower.replication.throttled.replicas: '*'
";
    let project = Project::new(kafka, configured);
    project.run(&["apply"]).expect(0);
    let before = kafka.topics("unlisted.");
    project.write(
        "\
version: 1
topics:
  - name: unlisted.kept
    unlisted: keep
  - name: unlisted.ignored
    ignore: [segment.*]
  - name: unlisted.throttled
",
    );

    let diff = project.run(&["diff"]).expect(2);
    project.run(&["apply"]).expect(0);

    insta::assert_snapshot!(diff, @"
    exit code 2
    --- stdout
    cluster CLUSTER · ADDRESS

    ~ unlisted.ignored  to change
        flush.ms  5s (5000) → forever (9223372036854775807) [Kafka default]  no layer declares it

    1 to change, 2 in sync.
    ");
    project.run(&["diff"]).expect(0);
    let mut expected = before;
    let ignored = expected.get_mut("unlisted.ignored").unwrap();
    assert_eq!(ignored.overrides.remove("flush.ms").as_deref(), Some("5000"));
    let left = [("segment.ms".to_owned(), "3600000".to_owned())];
    assert_eq!(ignored.overrides, BTreeMap::from(left));
    assert_eq!(expected["unlisted.kept"].overrides.len(), 2);
    assert_eq!(expected["unlisted.throttled"].overrides.len(), 2);
    assert_eq!(kafka.topics("unlisted."), expected);
}

#[test]
fn foreign_topics_keep_their_ids_partitions_and_configs() {
    let kafka = Kafka::one();
    let foreign = "\
version: 1
topics:
  - name: own.foreign
    partitions: 2
  - name: own.first.copy
    partitions: 2
    cleanup: compact
    retention: 5s
";
    Project::new(kafka, foreign).run(&["apply"]).expect(0);
    let before = kafka.topics("own.");
    assert_eq!(before.len(), 2);
    let file = "\
version: 1
topics:
  - name: own.first
    replication: 1
    retention: 1d
  - name: own.second
    replication: 1
";
    let project = Project::new(kafka, file);

    // Every kind of write, each of which could hit the wrong topic.
    project.run(&["apply"]).expect(0);
    let second_is_absent = file.replace("second\n    replication: 1", "second\n    state: absent");
    project.write(&second_is_absent.replace("1d", "2d\n    partitions: 3"));
    let everything = ["apply", "--yes", "--allow-data-loss", "*"];
    project.run(&everything).expect(0);

    let mut after = kafka.topics("own.");
    let own = after.remove("own.first").unwrap();
    assert_eq!(after, before);
    assert_eq!(own.partitions, 3);
    assert_eq!(own.overrides["retention.ms"], "172800000");
}
