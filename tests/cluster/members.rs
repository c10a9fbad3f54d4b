//! Groups that read a topic at this moment, of both kinds that Kafka has, in the plan to delete it.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use rdkafka::ClientConfig;
use rdkafka::consumer::{BaseConsumer, Consumer};
use serde_json::Value;

use crate::binary::Project;
use crate::support::{Kafka, version_under_test};

const TOPIC: &str = "members";
const PRESENT: &str = "version: 1\ntopics:\n  - {name: members, partitions: 2, replication: 1}\n";
const ABSENT: &str = "version: 1\ntopics:\n  - {name: members, state: absent}\n";

/// The groups that this release can have. Those of KIP-848 are there from 4.0.
pub(crate) fn protocols() -> Vec<&'static str> {
    if version_under_test().is_some_and(|version| version.starts_with("3.")) {
        vec!["classic"]
    } else {
        vec!["classic", "consumer"]
    }
}

/// Reads nothing, commits nothing, and stays until told to go.
fn stay(kafka: &Kafka, protocol: &str, until: &AtomicBool) {
    let mut config = ClientConfig::new();
    config
        .set("bootstrap.servers", kafka.bootstrap())
        .set("group.id", format!("members-{protocol}"))
        .set("enable.auto.commit", "false");
    if protocol != "classic" {
        config.set("group.protocol", protocol);
    }
    let consumer: BaseConsumer = config.create().unwrap();
    consumer.subscribe(&[TOPIC]).unwrap();
    while !until.load(Ordering::Relaxed) {
        let _ = consumer.poll(Duration::from_millis(100));
    }
}

/// The groups with members that the plan to delete the topic names, as `name: number`.
fn at_work(project: &Project) -> Vec<String> {
    let diff = project.run(&["diff", "--output", "json"]).expect(2);
    let plan: Value = serde_json::from_str(&diff.stdout).unwrap();
    let reason = &plan["topics"][0]["changes"][0]["risk"]["reasons"][0];
    assert_eq!(reason["code"], "deletes_topic", "{plan:#}");
    let groups = reason["users"]["groups"].as_array().unwrap().iter();
    let busy = groups.filter(|group| group["members"].as_u64() != Some(0));
    busy.map(|group| format!("{}: {}", group["group"].as_str().unwrap(), group["members"]))
        .collect()
}

fn wait_for(project: &Project, wanted: &[String]) {
    let deadline = std::time::Instant::now() + Duration::from_mins(1);
    while at_work(project) != wanted {
        let late = std::time::Instant::now() > deadline;
        assert!(!late, "{:?} and not {wanted:?}", at_work(project));
    }
}

#[test]
fn groups_that_read_a_topic_now_stand_against_deleting_it() {
    let kafka = Kafka::three();
    let project = Project::new(kafka, PRESENT);
    project.run(&["apply"]).expect(0);
    project.write(ABSENT);
    wait_for(&project, &[]);

    let gone = AtomicBool::new(false);
    std::thread::scope(|scope| {
        for protocol in protocols() {
            scope.spawn(|| stay(kafka, protocol, &gone));
        }
        let seen = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
            let wanted: Vec<_> = protocols()
                .iter()
                .map(|protocol| format!("members-{protocol}: 1"))
                .collect();
            wait_for(&project, &wanted);
            // Not a record in it, and still nothing that a mere yes covers.
            let refused = project.run(&["apply", "--yes"]).expect(3);
            assert!(refused.stdout.contains("Nothing was changed."), "{refused}");
        }));
        gone.store(true, Ordering::Relaxed);
        seen.unwrap_or_else(|panic| std::panic::resume_unwind(panic));
    });
    project
        .run(&["apply", "--yes", "--allow-data-loss", TOPIC])
        .expect(0);
}
