//! What reading the cost of changes costs the cluster: nothing where nothing is risky, and little else.

use std::collections::BTreeMap;
use std::time::Instant;

use crate::binary::{Project, Run, SHOWN_WITHIN};
use crate::contract::wire::Records;
use crate::records::{DAY, append, now};
use crate::support::Kafka;

const TOPICS: usize = 200;
const RISKY: usize = 10;

/// The requests that read what topics hold and who uses them.
const READS: [&str; 6] = [
    "ListOffsets",
    "DescribeLogDirs",
    "ListGroups",
    "OffsetFetch",
    "DescribeGroups",
    "Fetch",
];

fn file(retention: impl Fn(usize) -> &'static str) -> String {
    let topic = |index: usize| {
        let retention = retention(index);
        format!("  - {{name: impact.{index:03}, partitions: 1, replication: 1, retention: {retention}}}\n")
    };
    let topics: Vec<String> = (0..TOPICS).map(topic).collect();
    format!("version: 1\ntopics:\n{}", topics.concat())
}

/// Both ends, the first record, the newest, the first that is young enough: each from at most three leaders.
const MOST_LIST_OFFSETS: u64 = 15;

/// Leaders of new topics refuse to be asked for a moment, and are asked again: that is not what is counted.
fn settled(project: &Project) -> Run {
    let deadline = Instant::now() + SHOWN_WITHIN;
    loop {
        let run = project.run(&["diff", "-v"]).expect(2);
        if run.requests()["ListOffsets"] <= MOST_LIST_OFFSETS || Instant::now() > deadline {
            return run;
        }
    }
}

fn reads(requests: &BTreeMap<String, u64>) -> BTreeMap<&str, u64> {
    let read = |name: &&'static str| Some((*name, *requests.get(*name)?));
    READS.iter().filter_map(read).collect()
}

#[test]
fn only_risky_changes_are_looked_into_and_each_broker_is_asked_once() {
    let kafka = Kafka::three();
    let project = Project::new(kafka, &file(|_| "30d"));
    project.run(&["apply"]).expect(0);
    append(kafka, "impact.003", 0, &Records::new(10, now() - 10 * DAY));

    project.write(&file(|_| "60d"));
    let harmless = project.run(&["diff", "-v"]).expect(2).requests();
    project.write(&file(|index| if index < RISKY { "7d" } else { "60d" }));
    let risky = settled(&project);

    assert_eq!(reads(&harmless), BTreeMap::new());
    let told = risky.requests();
    let reads = reads(&told);
    assert_eq!(reads["DescribeLogDirs"], 3, "{risky}");
    assert_eq!(reads["ListGroups"], 3, "{risky}");
    assert!(reads["ListOffsets"] <= MOST_LIST_OFFSETS, "{risky}");
    assert!(reads.get("OffsetFetch").is_none_or(|sent| *sent <= 3), "{risky}");
    assert!(!reads.contains_key("Fetch"), "{risky}");
    assert!(
        risky
            .stdout
            .contains("lossy: 10 records (191 B) older than 7d will be deleted"),
        "{risky}"
    );
    assert!(
        risky
            .stdout
            .contains("1 can lose data (--allow-data-loss).\nIn total 10 records (191 B) would be deleted, from 1 topic.\n"),
        "{risky}"
    );
}

#[test]
fn a_clock_that_is_behind_the_newest_record_says_nothing_of_the_age_of_others() {
    const MINUTE: i64 = 60_000;
    let kafka = Kafka::one();
    let file = |retention: &str| {
        let topic = |name| {
            format!("  - {{name: clock.{name}, partitions: 1, replication: 1, retention: {retention}}}\n")
        };
        format!("version: 1\ntopics:\n{}{}", topic("ahead"), topic("slight"))
    };
    let project = Project::new(kafka, &file("30d"));
    project.run(&["apply"]).expect(0);
    for (topic, ahead) in [("clock.ahead", 40 * MINUTE), ("clock.slight", MINUTE)] {
        append(kafka, topic, 0, &Records::new(10, now() - DAY / 2));
        append(kafka, topic, 0, &Records::new(1, now() + ahead));
    }

    project.write(&file("1d"));
    let diff = project.run_until(2, &["diff"]);

    let (ahead, slight) = diff.stdout.split_once("clock.slight").unwrap();
    assert!(ahead.contains("lossy: up to 11 records"), "{diff}");
    assert!(ahead.contains("ahead of this machine's clock"), "{diff}");
    assert!(slight.contains("safe: no record is older than 1d"), "{diff}");
    project.run(&["apply", "--yes"]).expect(3);
}
