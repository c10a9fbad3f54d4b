//! Brokers that are told of but cannot be reached, and brokers that leave in the middle of things.

use crate::binary::{Project, Run};
use crate::process::Running;
use crate::support::{Brokers, Kafka};

const FILE: &str = "\
version: 1
topics:
  - name: advertised
    partitions: 1
";

/// A port of loopback on which nothing listens: only root may.
const NOWHERE: &str = "127.0.0.1:9";

/// Bootstrap works, and what it leads to does not: the commonest mistake with brokers in containers.
#[test]
fn an_advertised_address_out_of_reach_is_named_with_where_it_comes_from() {
    let advertised = format!("PLAINTEXT://{NOWHERE}");
    let kafka = Kafka::dedicated(Brokers::One, &[("advertised.listeners", &advertised)]);
    let project = Project::new(&kafka, FILE);
    let apply = project.run(&["apply", "--request-timeout", "2s"]);

    insta::assert_snapshot!(apply, @"
    exit code 1
    --- stdout
    cluster CLUSTER · ADDRESS

    + advertised  to create
        partitions   1                topics.yaml:4 (topic)
        replication  cluster default  not set in the file
        note: creation not validated: CreateTopics to broker 1 (127.0.0.1:9): not sent: the broker advertises this address, but it cannot be reached from here: connection refused; nothing listens there. Check the broker's advertised.listeners

    1 to create.
    --- stderr
    error: nothing was changed, since the broker did not say whether it accepts the plan: CreateTopics to broker 1 (127.0.0.1:9): not sent: the broker advertises this address, but it cannot be reached from here: connection refused; nothing listens there. Check the broker's advertised.listeners
    Run it again.
    ");
    // What any broker answers comes over the address that was given.
    project.run(&["describe", "--all"]).expect(0);
}

const TOPICS: usize = 600;

fn file() -> String {
    let topic = |number: usize| format!("  - {{name: leaving.{number:03}}}\n");
    let topics: String = (0..TOPICS).map(topic).collect::<Vec<_>>().concat();
    format!(
        "version: 1\ndefaults: {{partitions: 1, replication: 3, config: {{min.insync.replicas: 1}}}}\ntopics:\n{topics}"
    )
}

/// The broker that a line of `-v` speaks of: `… sent broker=broker 2 (127.0.0.1:9093) …`.
fn broker_of(line: &str) -> u8 {
    let id = line
        .split_once("broker=broker ")
        .and_then(|(_, rest)| rest.split_once(' '));
    id.and_then(|(id, _)| id.parse().ok())
        .unwrap_or_else(|| panic!("no broker in {line:?}"))
}

/// A run that loses the broker it is asking as soon as it has asked it.
fn losing_its_broker(kafka: &Kafka, mut running: Running, asking: &str) -> (Run, u8) {
    let broker = broker_of(&running.hear(asking));
    kafka.kill_broker(broker);
    (running.end(), broker)
}

/// Every topic has its line, whatever became of it.
fn accounted(run: &Run) -> usize {
    let lines = run.stdout.lines();
    let marks = [
        "✅ Topic leaving.",
        "❌ Topic leaving.",
        "❓ Topic leaving.",
        "⏸ Topic leaving.",
    ];
    lines
        .filter(|line| marks.iter().any(|mark| line.starts_with(mark)))
        .count()
}

#[test]
fn a_broker_that_leaves_in_the_middle_is_got_round() {
    let kafka = Kafka::dedicated(Brokers::Three, &[]);
    let project = Project::new(&kafka, &file());

    // The one address that it was given goes; by then it knows the others.
    let first = kafka.bootstrap().split(',').next().unwrap();
    let given_one = Project::at(first, &file());
    let running = Running::start(given_one.command(&["diff", "-v"]));
    let (diff, gone) = losing_its_broker(&kafka, running, "Metadata sent");
    assert_eq!(gone, 1, "{diff}");
    assert_eq!(diff.code, Some(2), "{diff}");
    assert!(diff.stdout.contains(&format!("{TOPICS} to create.")), "{diff}");
    kafka.start_broker(gone);

    let mut running = Running::start(project.command(&["apply", "-v"]));
    // What was validated before comes to the same request.
    running.hear(&format!("{TOPICS} to create."));
    let (apply, gone) = losing_its_broker(&kafka, running, "CreateTopics sent");
    assert!(matches!(apply.code, Some(0 | 1)), "{apply}");
    assert_eq!(accounted(&apply), TOPICS, "{apply}");
    kafka.start_broker(gone);

    project.run(&["apply", "--yes"]).expect(0);
    project.run(&["diff"]).expect(0);
}
