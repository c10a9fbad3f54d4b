//! What the file does not mention: overrides that it leaves alone, and topics that are not its own.

use std::collections::BTreeMap;

use crate::binary::Project;
use crate::contract::wire::Records;
use crate::records::{append, now};
use crate::support::{Brokers, Kafka};

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
    project.run(&["apply", "--yes"]).expect(0);

    insta::assert_snapshot!(diff, @"
    exit code 2
    --- stdout
    cluster CLUSTER · ADDRESS

    ~ unlisted.ignored  to change · needs confirmation
        flush.ms  5s (5000) → forever (9223372036854775807) [Kafka default]  not set in the file
          needs confirmation: acknowledged records reach the disk later, and are lost where all machines with replicas stop before
          needs confirmation: it was set on the cluster, and the file does not mention it

    1 to change, 2 up to date; 1 needs confirmation (--yes).
    1 override on 1 topic is not set in the file and will be reset. `unlisted: keep` keeps it; `topicctl export` writes it into a file.
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

/// The overrides of all topics with this prefix, by topic.
fn overrides(kafka: &Kafka, prefix: &str) -> BTreeMap<String, BTreeMap<String, String>> {
    let topics = kafka.topics(prefix).into_iter();
    topics.map(|(name, topic)| (name, topic.overrides)).collect()
}

/// The topics are empty: there is no record to lose, and what somebody set is still more than a file's silence.
#[test]
fn resets_need_care_also_on_empty_topics_and_can_be_kept_as_the_plan_says() {
    let kafka = Kafka::one();
    let project = Project::new(
        kafka,
        "\
version: 1
topics:
  - name: reset.state
    cleanup: compact
  - name: reset.tuned
    config: { segment.ms: 1h, flush.ms: 5s, retention.ms: 7d }
",
    );
    project.run(&["apply"]).expect(0);
    let tuned = overrides(kafka, "reset.");
    project.write("version: 1\ntopics:\n  - name: reset.state\n  - name: reset.tuned\n");

    let diff = project.run(&["diff"]).expect(2);
    let json = project.run(&["diff", "--output", "json"]).expect(2);
    let markdown = project.run(&["diff", "--output", "markdown"]).expect(2);
    project.run(&["apply"]).expect(3);
    project.run(&["apply", "--allow-data-loss", "*"]).expect(3);
    assert_eq!(overrides(kafka, "reset."), tuned);

    insta::assert_snapshot!(diff, @"
    exit code 2
    --- stdout
    cluster CLUSTER · ADDRESS

    ~ reset.state  to change · needs confirmation
        cleanup.policy  compact → delete [Kafka default]  not set in the file
          safe: no record is old enough, and no partition large enough, to be deleted yet
          needs confirmation: it was set on the cluster, and the file does not mention it

    ~ reset.tuned  to change · needs confirmation
        flush.ms      5s (5000) → forever (9223372036854775807) [Kafka default]  not set in the file
          needs confirmation: acknowledged records reach the disk later, and are lost where all machines with replicas stop before
          needs confirmation: it was set on the cluster, and the file does not mention it
        retention.ms  7d (604800000) → 7d (604800000) [Kafka default]            not set in the file
        segment.ms    1h (3600000) → 7d (604800000) [Kafka default]              not set in the file
          needs confirmation: it was set on the cluster, and the file does not mention it

    2 to change; 2 need confirmation (--yes).
    4 overrides on 2 topics are not set in the file and will be reset. `unlisted: keep` keeps them; `topicctl export` writes them into a file.
    ");
    let said = "4 overrides on 2 topics are not set in the file and will be reset.";
    assert!(markdown.stdout.contains(said), "{markdown}");
    let json: serde_json::Value = serde_json::from_str(&json.stdout).unwrap();
    assert_eq!(json["unlisted_resets"]["overrides"], 4);
    assert_eq!(json["unlisted_resets"]["topics"], 2);

    // Both ways out that the plan names.
    let exported = project.run(&["export", "reset.*"]).expect(0);
    project.put("exported.yaml", &exported.stdout);
    project.run(&["diff", "--file", "exported.yaml"]).expect(0);
    project.write(
        "version: 1\ndefaults: { unlisted: keep }\ntopics:\n  - name: reset.state\n  - name: reset.tuned\n",
    );
    project.run(&["diff"]).expect(0);

    project.write("version: 1\ntopics:\n  - name: reset.state\n  - name: reset.tuned\n");
    project.run(&["apply", "--yes"]).expect(0);
    assert!(overrides(kafka, "reset.").values().all(BTreeMap::is_empty));
}

/// What brokers flag as internal, and what is Kafka's own by its name alone.
#[test]
fn kafkas_own_topics_keep_their_overrides_and_no_glob_covers_them() {
    let kafka = Kafka::dedicated(Brokers::One, &[]);
    let create = |topic: &str, config: &str| {
        kafka.tool_output(
            "topics",
            &[
                "--create",
                "--topic",
                topic,
                "--partitions",
                "3",
                "--config",
                config,
            ],
        );
    };
    create("__consumer_offsets", "cleanup.policy=compact");
    create("__transaction_state", "cleanup.policy=compact");
    create("__remote_log_metadata", "retention.ms=-1");
    create("_schemas", "cleanup.policy=compact");
    let before = kafka.topics("_");
    let names = [
        "__consumer_offsets",
        "__transaction_state",
        "__remote_log_metadata",
    ];
    let file = |more: &str| {
        let topics: Vec<String> = names
            .iter()
            .map(|name| format!("  - {{ name: {name}{more} }}\n"))
            .collect();
        format!("version: 1\ntopics:\n{}", topics.concat())
    };
    let project = Project::new(&kafka, &file(""));

    project.run_until(0, &["diff"]);
    // What `defaults` say is meant for topics in general.
    project.write(&file("").replace("topics:", "defaults: { unlisted: reset }\ntopics:"));
    project.run(&["diff"]).expect(0);
    project.write(&file(", unlisted: reset"));
    let reset = project.run(&["diff"]).expect(2);
    assert!(reset.stdout.contains("3 overrides on 3 topics"), "{reset}");

    // Groups and transactions are found by the number of partitions.
    project.write(&file(", partitions: 9"));
    let all = [
        "apply",
        "--yes",
        "--allow-data-loss",
        "*",
        "--allow-data-loss",
        "__*",
    ];
    let grown = project.run(&all).expect(3);
    insta::assert_snapshot!(grown, @"
    exit code 3
    --- stdout
    cluster CLUSTER · ADDRESS

    ~ __consumer_offsets  to change · lossy
        partitions  3 → 9  topics.yaml:3 (topic)
          safe: the topic is empty, and no group uses it
          lossy: brokers find a group's offsets by the number of partitions: as brokers restart, groups lose their offsets

    ~ __remote_log_metadata  to change · needs confirmation
        partitions  3 → 9  topics.yaml:5 (topic)
          safe: the topic is empty, and no group uses it
          needs confirmation: brokers whose remote.log.metadata.topic.num.partitions is another number start no tiered storage, and records in remote storage cannot be read

    ~ __transaction_state  to change · lossy
        partitions  3 → 9  topics.yaml:4 (topic)
          safe: the topic is empty, and no group uses it
          lossy: brokers find transactions by the number of partitions: as leaders change or brokers restart, transactions are not found and their producers stop

    3 to change; 1 needs confirmation (--yes), 2 can lose data (--allow-data-loss).
    Nothing was changed.
      2 topics would lose data. If that is wanted, pass:
        --allow-data-loss __consumer_offsets
        --allow-data-loss __transaction_state
      No pattern covers a name that begins with _.
    ");
    // Kafka takes no records from clients for a topic that it calls internal.
    project.write("version: 1\ntopics:\n  - { name: _schemas, state: absent }\n");
    append(&kafka, "_schemas", 0, &Records::new(3, now()).keyed());
    project.run(&all).expect(3);
    assert_eq!(kafka.topics("_"), before);

    project.run(&["apply", "--allow-data-loss", "_schemas"]).expect(0);
    assert_eq!(kafka.topics("_").len(), 3);
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
