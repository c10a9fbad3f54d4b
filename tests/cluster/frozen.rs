//! `describe` while a broker is frozen: its connections stay open, and it answers nothing.

use std::time::{Duration, Instant};

use serde_json::Value;

use crate::binary::Project;
use crate::contract::wire::Records;
use crate::records::{append, now};
use crate::support::{Brokers, Kafka};

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
    let started = Instant::now();
    let run = project.run(&[
        "describe",
        "frozen.topic",
        "--output",
        "json",
        "--request-timeout",
        "8s",
    ]);
    let elapsed = started.elapsed();
    kafka.thaw_broker(3);
    let run = run.expect(0);
    let document: Value = serde_json::from_str(&run.stdout).unwrap();
    let partitions = document["topics"][0]["metadata"]["value"]["partitions"]
        .as_array()
        .unwrap();
    let told: Vec<String> = partitions
        .iter()
        .map(|partition| {
            let at = |end: &str| partition[end]["status"].as_str().unwrap().to_owned();
            let leader = &partition["leader"];
            format!("{} {} {}", *leader == 3, at("latest"), at("last_write"))
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
            size["broker"] != 3
                || size["bytes"]["reason"]
                    .as_str()
                    .unwrap()
                    .contains("did not answer"),
            "{run}"
        );
    }
    // Half of one, for whoever had to be asked elsewhere, and one for all that only this broker knows.
    assert!(elapsed < Duration::from_secs(8 * 2), "{elapsed:?}\n{run}");
}
