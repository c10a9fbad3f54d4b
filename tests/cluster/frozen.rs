//! `describe` while a broker is frozen: its connections stay open, and it answers nothing.

use std::time::{Duration, Instant};

use serde_json::Value;

use crate::binary::{Project, Run};
use crate::contract::wire::Records;
use crate::records::{append, now};
use crate::support::{Brokers, Kafka};

const TIMEOUT: Duration = Duration::from_secs(8);
/// For the start of a process, on a machine that is busy with other tests.
const SLACK: Duration = Duration::from_secs(2);

/// Neither listeners nor anything else is blamed, and nothing is waited for but its sign of life.
fn said_once_that_it_is_down(project: &Project) -> Result<(), String> {
    let deadline = Instant::now() + Duration::from_mins(1);
    loop {
        let run = project.run(&["diff"]);
        let said = format!("{}{}", run.stdout, run.stderr);
        // It can have been the controller that led: the others elect one.
        let is_electing = said.contains("the cluster has no controller");
        match said.matches("broker 3 is down: ").count() {
            0 | 1 if is_electing && Instant::now() < deadline => {}
            0 if Instant::now() < deadline => {}
            1 if run.code == Some(0) && !said.contains("advertised.listeners") => return Ok(()),
            _ => return Err(run.to_string()),
        }
    }
}

#[test]
fn a_broker_that_does_not_answer_costs_one_deadline_and_the_rest_stands() {
    // The others are to take it for alive as long as the test lasts.
    let kafka = Kafka::dedicated(Brokers::Three, &[("broker.session.timeout.ms", "120000")]);
    let project = Project::new(
        &kafka,
        "version: 1\ntopics:\n  - { name: frozen.topic, partitions: 3, replication: 3 }\n",
    );
    project.run(&["apply"]).expect(0);
    for partition in 0..3 {
        append(&kafka, "frozen.topic", partition, &Records::new(10, now()));
    }
    kafka.freeze_broker(3);
    let down = said_once_that_it_is_down(&project);
    let once = |more: &[&str]| {
        let started = Instant::now();
        let timeout = format!("{}s", TIMEOUT.as_secs());
        let all = [
            "describe",
            "frozen.topic",
            "--output",
            "json",
            "--request-timeout",
            &timeout,
        ];
        let run = project.run(&[&all, more].concat());
        (run, started.elapsed())
    };
    // The frozen broker can have been the controller that led, and where the machine is busy the two that are left
    // elect more than once.
    let has_controller = |run: &Run| run.stdout.contains("\"no_controller\": null");
    let timed = |more: &[&str]| {
        let mut runs = std::iter::repeat_with(|| once(more)).take(5);
        runs.find(|(run, _)| has_controller(run))
            .expect("a controller that stays")
    };
    let (run, elapsed) = timed(&[]);
    // What a filter and an order need is needed by the rest too, and read once.
    let (filtered, elapsed_with_filter) = timed(&["--lagging", "1", "--sort", "bytes"]);
    kafka.thaw_broker(3);
    let (run, filtered) = (run.expect(0), filtered.expect(0));
    down.unwrap_or_else(|said| panic!("{said}"));
    // Half of one, for whoever had to be asked elsewhere, and one for all that only this broker knows.
    let bound = TIMEOUT * 3 / 2 + SLACK;
    assert!(elapsed < bound, "{elapsed:?}\n{run}");
    assert!(elapsed_with_filter < bound, "{elapsed_with_filter:?}\n{filtered}");
    let document: Value = serde_json::from_str(&run.stdout).unwrap();
    let partitions = document["topics"][0]["metadata"]["value"]["partitions"]
        .as_array()
        .unwrap();
    let told: Vec<String> = partitions
        .iter()
        .map(|partition| {
            let at = |end: &str| partition[end]["status"].as_str().unwrap().to_owned();
            let leader = &partition["leader"];
            format!("{} {} {}", leader.is_null(), at("latest"), at("last_write"))
        })
        .collect();
    assert_eq!(partitions.len(), 3, "{run}");
    for told in told {
        assert!(
            ["true unknown unknown", "false read read"].contains(&&*told),
            "{told} in {run}"
        );
    }
    let sizes = partitions[0]["replica_bytes"].as_array().unwrap();
    for size in sizes {
        let expected = if size["broker"] == 3 { "unknown" } else { "read" };
        assert_eq!(size["bytes"]["status"], expected, "{run}");
        assert!(
            size["broker"] != 3 || size["bytes"]["reason"].as_str().unwrap().contains("not alive"),
            "{run}"
        );
    }
}
