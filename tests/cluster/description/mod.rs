//! Every number of `describe`, held against Kafka's own tools on three brokers, in good times and with a broker
//! stopped. Times are those that the records were given.

mod ours;
mod setting;
mod sums;
mod theirs;

use std::collections::BTreeMap;
use std::time::Instant;

use serde_json::Value;
use setting::{at_work, commit, delete_first, fill, move_slowly};

use crate::binary::{Project, SHOWN_WITHIN};
use crate::members::protocols;
use crate::records::{HOUR, now};
use crate::support::{Brokers, Kafka};

const MANIFEST: &str = "\
version: 1
defaults: { replication: 3, retention: forever }
topics:
  - { name: described.plain, partitions: 3 }
  - { name: described.compacted, partitions: 2, cleanup: compact }
  - { name: described.transactional, partitions: 2, min_insync_replicas: 3 }
  - { name: described.empty, partitions: 1 }
  - { name: described.moving, partitions: 1, replication: 1 }
";

#[test]
fn every_number_is_that_of_kafkas_own_tools() {
    let kafka = Kafka::dedicated(Brokers::Three, &[]);
    // On a broker that stays, so that the tools need not wait for the one that is stopped.
    create_on(&kafka, "described.moving", "1");
    // Not among those that are compared: the tools wait a minute for each partition without a leader.
    create_on(&kafka, "lost", "1,3");
    let project = Project::new(&kafka, MANIFEST);
    project.run_until(0, &["apply", "--yes"]);
    let oldest = now() - 10 * HOUR;
    fill(&kafka, oldest);
    commit(&kafka);
    let _at_work: Vec<_> = protocols().into_iter().map(|of| at_work(&kafka, of)).collect();
    delete_first(&kafka, 30);
    move_slowly(&kafka);

    let seen = compare(&kafka, &project, "1,2,3");
    check_times(&seen, oldest);
    check_moving(&seen["described.moving"]);

    kafka.stop_broker(3);
    let seen = compare(&kafka, &project, "1,2");
    let plain = &seen["described.plain"];
    assert_eq!(plain["metadata"]["value"]["under_replicated"], 3);
    let transactional = &seen["described.transactional"];
    assert_eq!(transactional["metadata"]["value"]["under_min_isr"], 2);
    let of_stopped = &plain["metadata"]["value"]["partitions"][0]["replica_bytes"];
    let of_stopped = of_stopped
        .as_array()
        .unwrap()
        .iter()
        .find(|replica| replica["broker"] == 3);
    assert_eq!(of_stopped.unwrap()["bytes"]["reason"], "broker 3 is not alive");
    check_lost(&kafka, &project);
    check_filters(&kafka, &project);
}

fn create_on(kafka: &Kafka, topic: &str, brokers: &str) {
    let create = ["--create", "--topic", topic, "--replica-assignment", brokers];
    kafka.tool_output("topics", &create);
}

/// The replica that comes is not in sync, and is not missed.
fn check_moving(topic: &Value) {
    let metadata = &topic["metadata"]["value"];
    let partition = &metadata["partitions"][0];
    assert_eq!(partition["conditions"], serde_json::json!(["moving"]), "{topic}");
    assert_eq!(ids(&partition["replicas"]), "2,1");
    assert_eq!(
        metadata["replication"],
        serde_json::json!({"lowest": 1, "highest": 1})
    );
    let adding = &topic["reassignments"]["value"][0]["adding"];
    assert_eq!(ids(adding), "2");
}

/// One of its two partitions is on the broker that is stopped, and on no other.
fn check_lost(kafka: &Kafka, project: &Project) {
    let told = kafka.tool_output("topics", &["--describe", "--unavailable-partitions"]);
    let lost: Vec<&str> = told.lines().filter(|line| line.contains("Partition: ")).collect();
    assert!(
        lost.len() == 1 && lost[0].contains("Topic: lost\tPartition: 1\t"),
        "{told}"
    );
    let run = project.run(&["describe", "lost", "--output", "json"]).expect(0);
    let document: Value = serde_json::from_str(&run.stdout).unwrap();
    let topic = &document["topics"][0];
    let partition = &topic["metadata"]["value"]["partitions"][1];
    assert_eq!(partition["leader"], Value::Null, "{run}");
    assert_eq!(partition["latest"]["status"], "unknown", "{run}");
    assert_eq!(topic["figures"]["records_at_most"], Value::Null, "{run}");
    let run = project.run(&["describe", "lost"]).expect(0);
    assert!(
        run.stdout
            .contains("  records      7 at most in 1 of 2 partitions\n"),
        "{run}"
    );
}

/// Until both agree: brokers show what has just happened one after the other.
fn compare(kafka: &Kafka, project: &Project, brokers: &str) -> BTreeMap<String, Value> {
    let deadline = Instant::now() + SHOWN_WITHIN * 2;
    loop {
        let run = project
            .run(&["describe", "described.*", "--output", "json"])
            .expect(0);
        let document: Value = serde_json::from_str(&run.stdout).unwrap();
        let topics = document["topics"].as_array().unwrap().iter();
        let seen: BTreeMap<String, Value> = topics
            .map(|topic| (topic["name"].as_str().unwrap().to_owned(), topic.clone()))
            .collect();
        assert_eq!(seen.len(), 5, "{run}");
        let (ours, theirs) = (
            ours::facts(&seen, &document["brokers"]),
            theirs::facts(kafka, brokers),
        );
        if ours == theirs || Instant::now() > deadline {
            let only_ours: Vec<_> = ours.difference(&theirs).collect();
            let only_theirs: Vec<_> = theirs.difference(&ours).collect();
            assert!(
                only_ours.is_empty() && only_theirs.is_empty(),
                "only topicctl says: {only_ours:#?}\nonly Kafka's tools say: {only_theirs:#?}"
            );
            // Partitions, ends, replicas' sizes, committed offsets: none of them may be missing on both sides.
            for kind in [
                "broker",
                "id",
                "moving",
                "state",
                "earliest",
                "latest",
                "last",
                "size",
                "committed",
                "uncommitted",
                "group",
                "member",
                "config",
                "sum",
                "skew",
            ] {
                assert!(
                    ours.iter().any(|fact| fact.starts_with(kind)),
                    "no {kind} in {ours:#?}"
                );
            }
            return seen;
        }
    }
}

fn ids(list: &Value) -> String {
    let ids = list.as_array().unwrap().iter().map(ToString::to_string);
    ids.collect::<Vec<_>>().join(",")
}

/// The tools show who is in sync in no particular order.
fn sorted(ids: &str) -> String {
    let mut ids: Vec<&str> = ids.split(',').map(str::trim).collect();
    ids.sort_unstable();
    ids.join(",")
}

/// What no tool shows: when records were written, and how far groups are behind them.
fn check_times(seen: &BTreeMap<String, Value>, oldest: i64) {
    let plain = &seen["described.plain"];
    let partitions = &plain["metadata"]["value"]["partitions"];
    let last = |index: usize| partitions[index]["last_write"]["value"]["timestamp_ms"].as_i64();
    assert_eq!(
        (last(0), last(1), last(2)),
        (Some(oldest + HOUR), Some(oldest + 2 * HOUR), None)
    );
    let figures = &plain["figures"];
    assert_eq!(figures["last_write_ms"], oldest + 2 * HOUR);
    assert_eq!(figures["records_at_most"], 130);
    assert_eq!(figures["skew_of_records"], 2.77);
    assert_eq!(figures["skew_of_leaders"], 1.0);
    let groups = plain["groups"].as_array().unwrap();
    let told: Vec<String> = groups
        .iter()
        .map(|group| {
            let behind = group["partitions"].as_array().unwrap().iter();
            let behind: Vec<String> = behind.map(|at| at["behind_ms"]["value"].to_string()).collect();
            let (name, kind) = (group["name"].as_str().unwrap(), group["kind"].as_str().unwrap());
            format!("{name} {kind} {} behind {}", group["lag"], behind.join(" "))
        })
        .collect();
    let at_work = protocols().into_iter();
    let at_work = at_work.map(|of| format!("described-{of} {of} 140 behind 3600000 null 0"));
    let at_rest = [
        "described-idle classic 0 behind 0 0",
        "described-lagging classic 137 behind 3600000 0",
    ];
    let expected: Vec<String> = at_work.chain(at_rest.map(str::to_owned)).collect();
    assert_eq!(told, expected);
    check_gone(groups);
    let compacted = &seen["described.compacted"]["figures"]["records_at_most"];
    assert_eq!(compacted, 40);
    // Fifteen records and three markers: at most, not exactly.
    assert_eq!(seen["described.transactional"]["figures"]["records_at_most"], 18);
}

/// Up to the first record that is left, 30: those at work are at 10, the others at 150 and at 20.
fn check_gone(groups: &[Value]) {
    let gone = |group: &Value| group["partitions"][0]["lost"]["value"].to_string();
    let gone: Vec<String> = groups.iter().map(gone).collect();
    let expected = protocols().into_iter().map(|_| "20").chain(["0", "10"]);
    assert!(gone.iter().map(String::as_str).eq(expected), "{gone:?}");
}

/// With one broker of three stopped.
fn check_filters(kafka: &Kafka, project: &Project) {
    let names = |arguments: &[&str]| {
        let run = project
            .run(&[&["describe", "--output", "json"], arguments].concat())
            .expect(0);
        let document: Value = serde_json::from_str(&run.stdout).unwrap();
        let topics = document["topics"].as_array().unwrap().iter();
        let names = topics.map(|topic| topic["name"].as_str().unwrap().replace("described.", ""));
        names.collect::<Vec<_>>().join(" ")
    };
    assert_eq!(names(&["--under-min-isr"]), "transactional");
    // Not the one that is moving, whose new replica is not in sync either.
    let three_replicas = "compacted empty plain transactional";
    assert_eq!(names(&["--under-replicated"]), three_replicas);
    assert_eq!(names(&["--all", "--offline"]), "lost");
    assert_eq!(names(&["--lagging", "138"]), "plain");
    // Those at work have not committed everywhere, and may be further behind.
    assert_eq!(names(&["--lagging", "141"]), "plain");
    assert_eq!(names(&["--empty"]), "empty");
    assert_eq!(names(&["--empty", "--lagging", "1"]), "");
    let drifted = || names(&["--drifted"]);
    assert!(!drifted().contains("compacted"), "{}", drifted());
    let alter = [
        "--alter",
        "--entity-type",
        "topics",
        "--entity-name",
        "described.compacted",
    ];
    kafka.tool_output(
        "configs",
        &[&alter[..], &["--add-config", "segment.ms=7000000"]].concat(),
    );
    let deadline = Instant::now() + SHOWN_WITHIN;
    while !drifted().contains("compacted") {
        assert!(Instant::now() < deadline, "{}", drifted());
    }
    assert_eq!(
        names(&["--sort", "records"]),
        "moving plain compacted transactional empty"
    );
    assert!(names(&["--sort", "partitions"]).starts_with("plain compacted transactional "));
}
