//! An apply that is stopped, before the first write and in the middle of writing: it says what was
//! done, and applying again gets to the same end.

use std::net::TcpListener;
use std::time::Instant;

use rustix::process::Signal;

use crate::binary::{Project, Run, SHOWN_WITHIN};
use crate::contract::{Release, release_under_test};
use crate::process::Running;
use crate::support::Kafka;

const TOPICS: usize = 500;

const ANNOUNCEMENT: &str = "Interrupted: finishing what is in flight; once more quits at once.";

/// Configs, each with the first release that has it; 3.3 stands for all.
const CONFIGS: [(Release, &str); 26] = [
    (Release(3, 3), "cleanup.policy: delete"),
    (Release(3, 8), "compression.gzip.level: 3"),
    (Release(3, 8), "compression.lz4.level: 3"),
    (Release(3, 3), "compression.type: zstd"),
    (Release(3, 8), "compression.zstd.level: 5"),
    (Release(3, 3), "delete.retention.ms: 1h"),
    (Release(3, 3), "file.delete.delay.ms: 2m"),
    (Release(3, 3), "flush.messages: 100000"),
    (Release(3, 3), "flush.ms: 1h"),
    (Release(3, 3), "index.interval.bytes: 8KiB"),
    (Release(3, 3), "max.compaction.lag.ms: 7d"),
    (Release(3, 3), "max.message.bytes: 1MB"),
    (Release(3, 6), "message.timestamp.after.max.ms: 1h"),
    (Release(3, 6), "message.timestamp.before.max.ms: 1h"),
    (Release(3, 3), "message.timestamp.type: LogAppendTime"),
    (Release(3, 3), "min.cleanable.dirty.ratio: 0.4"),
    (Release(3, 3), "min.compaction.lag.ms: 1s"),
    (Release(3, 3), "min.insync.replicas: 1"),
    (Release(3, 3), "preallocate: false"),
    (Release(3, 3), "retention.bytes: 1GiB"),
    (Release(3, 3), "retention.ms: 7d"),
    (Release(3, 3), "segment.bytes: 64MiB"),
    (Release(3, 3), "segment.index.bytes: 1MiB"),
    (Release(3, 3), "segment.jitter.ms: 1m"),
    (Release(3, 3), "segment.ms: 1d"),
    (Release(3, 3), "unclean.leader.election.enable: false"),
];

fn configs() -> Vec<&'static str> {
    let known = CONFIGS.iter().filter(|(since, _)| *since <= release_under_test());
    known.map(|(_, config)| *config).collect()
}

/// So many topics that the controller takes them in several requests only. Its limit is on records,
/// one for each topic, partition and config: many configs cost the broker less than many partitions.
fn file(prefix: &str, state: &str) -> String {
    let topic = |number: usize| format!("  - {{name: {prefix}.{number:03}, state: {state}}}\n");
    let topics: String = (0..TOPICS).map(topic).collect();
    let configs: Vec<String> = configs().iter().map(|config| format!("    {config}\n")).collect();
    let configs = configs.concat();
    format!("version: 1\ndefaults:\n  partitions: 1\n  config:\n{configs}topics:\n{topics}")
}

/// An apply of [`file`] whose first write is on its way. What was validated before, and comes to as
/// many requests, is behind it.
fn writing(project: &Project) -> Running {
    let mut running = Running::start(project.command(&["apply", "-v"]));
    running.hear(&format!("{TOPICS} to create."));
    running.hear("CreateTopics sent");
    running
}

/// The number of topics of a prefix, as Kafka's own tool lists them, once it is as expected: brokers
/// list what the controller acknowledged with a delay.
fn created(kafka: &Kafka, prefix: &str, expected: impl Fn(usize) -> bool) -> usize {
    let deadline = Instant::now() + SHOWN_WITHIN;
    loop {
        let list = kafka.tool_output("topics", &["--list"]);
        let count = list.lines().filter(|topic| topic.starts_with(prefix)).count();
        if expected(count) || Instant::now() >= deadline {
            return count;
        }
    }
}

/// How many lines of a report are like this.
fn count(run: &Run, start: &str, end: &str) -> usize {
    let lines = run.stdout.lines();
    lines
        .filter(|line| line.starts_with(start) && line.ends_with(end))
        .count()
}

/// Applies again, and sees that nothing is left to do. Then clears away, since so many topics slow down
/// the tools that other tests ask.
fn converge(kafka: &Kafka, project: &Project, prefix: &str) {
    project.run(&["apply"]).expect(0);
    project.run(&["diff"]).expect(0);
    assert_eq!(created(kafka, prefix, |_| true), TOPICS);
    let last = format!("{prefix}.{:03}", TOPICS - 1);
    let topic = ["--describe", "--entity-type", "topics", "--entity-name", &last];
    let configs = kafka.tool_output("configs", &topic);
    assert_eq!(
        configs.matches(" sensitive=false ").count(),
        self::configs().len(),
        "{configs}"
    );
    clear_away(project, prefix);
}

fn clear_away(project: &Project, prefix: &str) {
    project.write(&file(prefix, "absent"));
    let all = format!("{prefix}.*");
    let budget = TOPICS.to_string();
    let allowed = [
        "apply",
        "--yes",
        "--allow-data-loss",
        &all,
        "--max-deletes",
        &budget,
    ];
    project.run(&allowed).expect(0);
}

fn interrupted_while_writing(prefix: &str, signal: Signal) {
    let kafka = Kafka::three();
    let project = Project::new(kafka, &file(prefix, "present"));

    let running = writing(&project);
    running.signal(signal);
    let run = running.end().expect(1);

    assert!(run.stdout.contains(ANNOUNCEMENT), "{run}");
    let done = count(&run, "✅ Topic ", " created");
    let not_attempted = count(&run, "⏸ Topic ", ": not attempted: interrupted");
    assert!(done > 0 && not_attempted > 0, "{run}");
    assert_eq!(done + not_attempted, TOPICS, "{run}");
    let counts = format!("\n{done} done, {not_attempted} not attempted.\n");
    assert!(run.stdout.contains(&counts), "{run}");
    assert_eq!(created(kafka, prefix, |count| count == done), done);
    converge(kafka, &project, prefix);
}

#[test]
fn an_interrupt_between_writes_is_reported_and_made_up_for() {
    interrupted_while_writing("interrupted", Signal::INT);
}

#[test]
fn a_request_to_terminate_between_writes_is_reported_and_made_up_for() {
    interrupted_while_writing("terminated", Signal::TERM);
}

#[test]
fn a_second_signal_quits_at_once() {
    let kafka = Kafka::three();
    let project = Project::new(kafka, &file("quit", "present"));

    let mut running = writing(&project);
    running.signal(Signal::TERM);
    running.hear(ANNOUNCEMENT);
    running.signal(Signal::INT);
    let run = running.end().expect(1);

    let said = "error: quit in the middle of writing; run `topicctl diff` to see what was done\n";
    assert_eq!(run.stdout, said);
    // What was in flight arrives all the same.
    assert!(created(kafka, "quit", |count| count > 0) > 0);
    clear_away(&project, "quit");
}

#[test]
fn an_apply_that_was_killed_is_made_up_for() {
    let kafka = Kafka::three();
    let project = Project::new(kafka, &file("killed", "present"));

    let mut running = writing(&project);
    running.hear("CreateTopics answered");
    running.signal(Signal::KILL);
    let run = running.end();

    assert_eq!(run.code, None, "it ended by itself:\n{run}");
    let there = created(kafka, "killed", |count| count > 0);
    assert!(0 < there && there < TOPICS, "{there} topics are there");
    converge(kafka, &project, "killed");
}

#[test]
fn a_signal_while_connecting_changes_nothing() {
    for signal in [Signal::INT, Signal::TERM] {
        let silent = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = silent.local_addr().unwrap().to_string();
        let project = Project::at(&address, "version: 1\ntopics: [{name: never}]\n");

        let running = Running::start(project.command(&["apply", "--connect-timeout", "10m"]));
        let connection = silent.accept().unwrap();
        running.signal(signal);

        insta::allow_duplicates! {
            insta::assert_snapshot!(running.end(), @"
            exit code 1
            --- stdout
            error: interrupted, nothing changed
            ");
        }
        drop(connection);
    }
}
