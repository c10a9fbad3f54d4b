//! What cannot be done is said before anything is written, in the broker's own words where it is the
//! broker that refuses.

use crate::binary::{Project, Run};
use crate::contract::{Release, release_under_test};
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

    let [blocked, skipped] = [blocked, skipped].map(|run| as_the_newest_says(&run));
    insta::assert_snapshot!(blocked, @"
    exit code 3
    --- stdout
    cluster CLUSTER · ADDRESS

    + blocked.fine  to create
        partitions   2                topics.yaml:4 (topic)
        replication  cluster default  not set in the file

    ✗ blocked.impossible  blocked
        partitions   cluster default  not set in the file
        replication  3                topics.yaml:6 (topic)
        impossible: replication 3: the cluster has only 1 broker registered  topics.yaml:6 (topic)
          instead: declare at most 1, or add brokers first

    1 to create, 1 blocked.
    Nothing was changed.
      1 topic is blocked (see above). Correct the file, or pass --skip-blocked to apply the rest.
    ");
    insta::assert_snapshot!(skipped, @"
    exit code 3
    --- stdout
    cluster CLUSTER · ADDRESS

    + blocked.fine  to create
        partitions   2                topics.yaml:4 (topic)
        replication  cluster default  not set in the file

    ✗ blocked.impossible  blocked
        partitions   cluster default  not set in the file
        replication  3                topics.yaml:6 (topic)
        impossible: replication 3: the cluster has only 1 broker registered  topics.yaml:6 (topic)
          instead: declare at most 1, or add brokers first

    1 to create, 1 blocked.
    ✅ Topic blocked.fine created
    ⛔ Topic blocked.impossible: left out: replication 3: the cluster has only 1 broker registered
    1 done, 1 left out.
    ");
    if release_under_test() >= Release(4, 0) {
        again.expect_no_writes();
    } else {
        // Nobody but the controller knows that it is impossible, so it is asked again, and only asked.
        assert_eq!(again.requests().get("CreateTopics"), Some(&1), "{again}");
    }
    let listed = kafka.tool_output("topics", &["--list"]);
    let listed: Vec<_> = listed
        .lines()
        .filter(|topic| topic.starts_with("blocked."))
        .collect();
    assert_eq!(listed, ["blocked.fine"]);
}

/// Before 4.0 only the controller knows how many brokers are registered, and it says so when it is asked
/// to validate. Fails unless it did; what it said is put in the place of it.
fn as_the_newest_says(run: &Run) -> String {
    let text = run.text();
    if release_under_test() >= Release(4, 0) {
        return text;
    }
    let refused = "the broker refuses its creation: Unable to replicate the partition 3 time(s): The target \
                   replication factor of 3 cannot be reached because only 1 broker(s) are registered. \
                   (INVALID_REPLICATION_FACTOR)";
    let known = "replication 3: the cluster has only 1 broker registered";
    assert!(text.contains(refused), "{text}");
    let advice = "instead: declare at most 1, or add brokers first";
    let text = text.replace(
        "instead: state a replication that the cluster takes, or leave it to the cluster",
        advice,
    );
    let placed = format!("impossible: {known}  topics.yaml:6 (topic)");
    let text = text.replace(&format!("impossible: {refused}"), &placed);
    text.replace(refused, known)
}

/// What brokers refuse, and the first release that does: the topic with its file, and their words.
const REFUSED: [(Release, &str, &str); 2] = [
    (
        Release(4, 1),
        "  - name: rejected.small\n    config:\n      segment.bytes: 512KiB\n",
        "Invalid value 524288 for configuration segment.bytes: Value must be at least 1048576 (INVALID_CONFIG)",
    ),
    (
        Release(3, 6),
        "  - name: rejected.new\n    config:\n      remote.storage.enable: true\n",
        "Tiered Storage functionality is disabled in the broker. Topic cannot be configured with remote log \
         storage. (INVALID_CONFIG)",
    ),
];

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
    let refused = || {
        REFUSED
            .iter()
            .filter(|(since, ..)| *since <= release_under_test())
    };
    let topics: String = refused().map(|(_, topic, _)| *topic).collect();
    project.write(&format!("{file}    config:\n      no.such.config: 1\n{topics}"));

    let diff = project.run(&["diff"]).expect(3);
    let apply = project.run(&["apply", "--yes"]).expect(3);

    for (since, _, words) in refused() {
        assert!(diff.stdout.contains(words), "{words}, from {since} on:\n{diff}");
    }
    if release_under_test() == Release::NEWEST {
        everything_is_said(&diff);
    }
    assert!(apply.stdout.contains("\nNothing was changed.\n"), "{apply}");
    let topics = kafka.topics("rejected.");
    assert_eq!(topics.keys().collect::<Vec<_>>(), ["rejected.existing"]);
    assert_eq!(topics["rejected.existing"].overrides, [].into());
}

fn everything_is_said(diff: &Run) {
    insta::assert_snapshot!(diff, @"
    exit code 3
    --- stdout
    cluster CLUSTER · ADDRESS

    ✗ rejected.existing  blocked · needs confirmation
        no.such.config  (not listed) → 1  topics.yaml:5 (topic)
          needs confirmation: topicctl does not know what no.such.config does
        impossible: the broker refuses its configs: Unknown topic config name: no.such.config (INVALID_CONFIG)
          instead: take no.such.config out of the file

    ✗ rejected.new  blocked
        partitions             cluster default  not set in the file
        replication            cluster default  not set in the file
        remote.storage.enable  true             topics.yaml:11 (topic)
        impossible: the broker refuses its creation: Tiered Storage functionality is disabled in the broker. Topic cannot be configured with remote log storage. (INVALID_CONFIG)

    ✗ rejected.small  blocked
        partitions     cluster default  not set in the file
        replication    cluster default  not set in the file
        segment.bytes  512KiB (524288)  topics.yaml:8 (topic)
        impossible: the broker refuses its creation: Invalid value 524288 for configuration segment.bytes: Value must be at least 1048576 (INVALID_CONFIG)
          instead: state another value for segment.bytes

    3 blocked.
    --- stderr
    warning: topics.yaml:5:7: `no.such.config` is no topic config of any Kafka release that topicctl knows
       |       no.such.config: 1
       = the broker decides; a newer or patched one may know it
    ");
}
