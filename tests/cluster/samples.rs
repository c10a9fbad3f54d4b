//! What the latest records of a topic are like is read to the end of its log, and a sample that did not get
//! there does not pass for one that did.

use serde_json::Value;
use topicctl::model::TopicName;

use crate::binary::Project;
use crate::contract::wire::{self, Records};
use crate::records::{DAY, append, leader, now};
use crate::support::Kafka;

fn file(topics: &[(&str, &str)]) -> String {
    let topic = |(name, settings): &(&str, &str)| {
        format!("  - {{name: {name}, partitions: 1, replication: 1, {settings}}}\n")
    };
    let topics: Vec<String> = topics.iter().map(topic).collect();
    format!("version: 1\ntopics:\n{}", topics.concat())
}

/// The topics of a diff as JSON, in the order of their names.
fn planned(project: &Project) -> Vec<Value> {
    let diff = project.run(&["diff", "--output", "json"]).expect(2);
    let plan: Value = serde_json::from_str(&diff.stdout).unwrap();
    plan["topics"].as_array().unwrap().clone()
}

/// The only reason of the only change.
fn reason(topic: &Value) -> &Value {
    let reasons = &topic["changes"][0]["risk"]["reasons"];
    assert_eq!(reasons.as_array().map(Vec::len), Some(1), "{topic:#}");
    &reasons[0]
}

const LIMIT: i64 = 102_400;

const MESSAGE_TOO_LARGE: i16 = 10;

/// So many batches of one record each.
fn batches(kafka: &Kafka, topic: &str, count: u32, bytes: usize) {
    for _ in 0..count {
        append(kafka, topic, 0, &Records::new(1, now()).of_bytes(bytes));
    }
}

#[test]
fn the_largest_batch_is_found_wherever_it_is_or_said_not_to_be_looked_for() {
    let kafka = Kafka::one();
    let names = [
        "samples.all-small",
        "samples.beyond-reach",
        "samples.large-first",
        "samples.large-last",
        "samples.many",
    ];
    let before = names.map(|name| (name, "config: {max.message.bytes: 1MiB}"));
    let project = Project::new(kafka, &file(&before));
    project.run(&["apply"]).expect(0);
    batches(kafka, names[0], 210, 2_000);
    batches(kafka, names[1], 14, 900_000);
    batches(kafka, names[2], 1, 800_000);
    batches(kafka, names[2], 210, 2_000);
    batches(kafka, names[3], 210, 2_000);
    batches(kafka, names[3], 3, 800_000);
    batches(kafka, names[4], 1, 800_000);
    for _ in 0..11 {
        append(kafka, names[4], 0, &Records::new(1_000, now()));
    }

    project.write(&file(
        &names.map(|name| (name, "config: {max.message.bytes: 100KiB}")),
    ));
    let topics = planned(&project);
    let of = |index: usize| {
        let reason = reason(&topics[index]);
        let sample = &reason["sample"];
        let largest = sample["largest_batch_bytes"].as_i64().unwrap();
        let reach = (
            sample["reached_end"].as_bool().unwrap(),
            sample["complete"].as_bool().unwrap(),
        );
        (
            reason["class"].as_str().unwrap().to_owned(),
            largest > LIMIT,
            reach,
        )
    };
    assert_eq!(of(0), ("safe".to_owned(), false, (true, true)), "{topics:#?}");
    assert_eq!(of(1), ("caution".to_owned(), true, (false, false)), "{topics:#?}");
    assert_eq!(of(2), ("caution".to_owned(), true, (true, true)), "{topics:#?}");
    assert_eq!(of(3), ("caution".to_owned(), true, (true, true)), "{topics:#?}");
    assert_eq!(of(4), ("caution".to_owned(), false, (true, false)), "{topics:#?}");
    project.run(&["apply"]).expect(3);
}

/// Producers of the first two topics send 280 KB, of which the log has less: the broker compressed it in one, as it
/// does no more, and the producer in the other.
#[test]
fn a_batch_counts_as_its_producer_may_have_sent_it() {
    let kafka = Kafka::one();
    let names = [
        "samples.by-broker",
        "samples.by-producer",
        "samples.small-compressed",
    ];
    let all = |limit: &str, of_first: &str| {
        let settings = format!("config: {{max.message.bytes: {limit}}}");
        let first = format!("compression: {of_first}, {settings}");
        let other = format!("compression: producer, {settings}");
        file(&[(names[0], &first), (names[1], &other), (names[2], &other)])
    };
    let project = Project::new(kafka, &all("1MiB", "gzip"));
    project.run(&["apply"]).expect(0);
    let large = Records::new(20_000, now());
    append(kafka, names[0], 0, &large);
    append(kafka, names[1], 0, &large.gzipped());
    append(kafka, names[2], 0, &Records::new(5_000, now()).gzipped());
    project.write(&all("1MiB", "producer"));
    project.run(&["apply"]).expect(0);

    project.write(&all("100KiB", "producer"));
    insta::assert_snapshot!(project.run(&["diff"]).expect(2).text(), @"
    exit code 2
    --- stdout
    cluster CLUSTER · ADDRESS

    ~ samples.by-broker  to change · needs confirmation
        max.message.bytes  1MiB (1048576) → 100KiB (102400)  topics.yaml:3 (topic)
          needs confirmation: the largest of all batches has 30.1 KiB, but brokers may have recompressed what was sent with up to 286 KiB; who sends more than 100KiB is refused

    ~ samples.by-producer  to change · needs confirmation
        max.message.bytes  1MiB (1048576) → 100KiB (102400)  topics.yaml:4 (topic)
          needs confirmation: the largest of all batches has 30.6 KiB, but brokers may have recompressed what was sent with up to 286 KiB; who sends more than 100KiB is refused

    ~ samples.small-compressed  to change
        max.message.bytes  1MiB (1048576) → 100KiB (102400)  topics.yaml:5 (topic)
          safe: the largest of all batches has 7.91 KiB

    3 to change; 2 need confirmation (--yes).
    ");
    project.run(&["apply"]).expect(3);
    project.run(&["apply", "--yes"]).expect(0);
    let sent = |topic: &str, records: &Records| {
        wire::try_append(
            &leader(kafka, topic, 0),
            &TopicName::new(topic).unwrap(),
            0,
            records,
        )
    };
    assert_eq!(sent(names[0], &large), Err(MESSAGE_TOO_LARGE));
    assert_eq!(sent(names[1], &large.gzipped()), Ok(()));
}

/// Compaction may take away the young record that keeps an old one, but where each is young none is old.
#[test]
fn a_compacted_topic_of_fresh_records_may_begin_to_delete() {
    let kafka = Kafka::one();
    let both = |settings: &str| {
        file(&[
            ("samples.fresh", settings),
            ("samples.old-behind-fresh", settings),
        ])
    };
    let project = Project::new(kafka, &both("cleanup: compact, retention: 7d"));
    project.run(&["apply"]).expect(0);
    append(kafka, "samples.fresh", 0, &Records::new(50, now()).keyed());
    append(
        kafka,
        "samples.old-behind-fresh",
        0,
        &Records::new(50, now()).keyed(),
    );
    let old = Records::new(3, now() - 8 * DAY).keyed();
    append(kafka, "samples.old-behind-fresh", 0, &old);

    for policy in ["delete", "\"compact,delete\""] {
        project.write(&both(&format!("cleanup: {policy}, retention: 7d")));
        let topics = planned(&project);
        assert_eq!(reason(&topics[0])["class"], "safe", "{topics:#?}");
        assert_eq!(reason(&topics[1])["class"], "lossy", "{topics:#?}");
    }
}
