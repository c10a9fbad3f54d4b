//! The commands as users run them.

use std::io::Write as _;
use std::process::{Command, Stdio};

use rustix::process::Signal;
use serde_json::Value;

use super::{Topics, block_on};
use crate::binary::Run;
use crate::process::Running;
use crate::support::Kafka;

const ID: &str = "16c2acae-d574-4530-ae26-ecc50e69a589";
const OTHER: &str = "00000000-0000-0000-0000-000000000001";

fn publish(topics: &Topics, arguments: &[&str], input: &str) -> Run {
    let mut command = topics
        .project
        .command(&[&["events", "publish"], arguments].concat());
    let mut child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
    child.wait_with_output().unwrap().into()
}

/// A workflow that failed, one that has only begun, and something that is no event.
fn story(kafka: &Kafka, prefix: &str) -> Topics {
    let topics = Topics::new(kafka, prefix, 1);
    let started = [
        "started",
        "--correlation-id",
        ID,
        "--timestamp",
        "2025-10-30T12:00:00Z",
        "--test-contract-name",
        "postgres_crud_effect_tests",
        "--test-type",
        "unit",
        "--test-type",
        "integration",
        "--node-name",
        "NodePostgresCrudEffect",
        "--output-directory",
        "./tests",
    ];
    let run = publish(&topics, &started, "").expect(0);
    assert_eq!(
        run.stdout,
        format!("✅ TestGenerationStarted {ID} published to {prefix}.started.v1, partition 0, offset 0\n")
    );
    let failed = format!(
        r#"{{"correlation_id": "{ID}", "timestamp": "2025-10-30T12:00:02.5+00:00", "error_code": "TEMPLATE_NOT_FOUND", "error_message": "no\u001b[2J template"}}"#
    );
    publish(&topics, &["failed"], &failed).expect(0);
    block_on(topics.write(&topics.names.failed, ID, b"{\"error_code\": NaN}"));
    let second = format!(
        r#"{{"correlation_id": "{OTHER}", "test_contract_name": "c", "test_types": [], "node_name": "n", "output_directory": "o", "timestamp": "2025-10-30T13:00:00+01:00"}}"#
    );
    publish(&topics, &["started"], &second).expect(0);
    topics
}

/// Messages of other programs are stamped with the time of writing.
fn without_time(text: &str) -> String {
    let line = |line: &str| match line.split_once("  malformed") {
        Some((_, rest)) => format!("TIME  malformed{rest}\n"),
        None => format!("{line}\n"),
    };
    text.lines().map(line).collect()
}

#[test]
fn events_are_published_shown_and_traced() {
    let topics = story(Kafka::one(), "commands");
    let run = |arguments: &[&str]| topics.project.run(&[&["events"], arguments].concat());

    insta::assert_snapshot!("tail", without_time(&run(&["tail"]).expect(0).stdout));
    insta::assert_snapshot!(
        "tail_failed",
        without_time(&run(&["tail", "--failed"]).expect(0).stdout)
    );
    insta::assert_snapshot!("trace", without_time(&run(&["trace", ID]).text()));
    insta::assert_snapshot!("trace_open", run(&["trace", OTHER]).text());
    insta::assert_snapshot!(
        "trace_unknown",
        run(&["trace", "00000000-0000-0000-0000-00000000dead"]).text()
    );

    assert_eq!(
        run(&["tail", "--correlation-id", OTHER])
            .expect(0)
            .stdout
            .lines()
            .count(),
        1
    );
    assert_eq!(
        run(&["tail", "started", "completed"])
            .expect(0)
            .stdout
            .lines()
            .count(),
        2
    );
    assert_eq!(
        run(&["tail", "--since", "2100-01-01T00:00:00Z"]).expect(0).stdout,
        ""
    );
    let json = run(&["tail", "--output", "json", "--since", "1h"])
        .expect(0)
        .stdout;
    let lines: Vec<Value> = json
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(lines.len(), 4, "{json}");
    assert!(
        lines
            .iter()
            .any(|line| line["content"]["event"]["payload"]["error_code"] == "TEMPLATE_NOT_FOUND")
    );
    let described = topics.project.run(&["describe", "commands.failed.v1"]).expect(0);
    assert!(
        described.stdout.contains("  event        TestGenerationFailed\n"),
        "{described}"
    );
}

#[test]
fn what_breaks_the_contract_is_not_published() {
    let topics = Topics::new(Kafka::one(), "refused", 1);
    let completed = [
        "completed",
        "--quality-score",
        "1.5",
        "--duration-seconds",
        "-1",
        "--file-count",
        "many",
    ];
    insta::assert_snapshot!(
        "publish_invalid",
        publish(&topics, &completed, "").expect(1).text()
    );
    let foreign = [
        "failed",
        "--error-code",
        "E",
        "--error-message",
        "m",
        "--node-name",
        "n",
    ];
    insta::assert_snapshot!("publish_foreign", publish(&topics, &foreign, "").expect(1).text());
    let two = format!(
        "{{\"correlation_id\": \"{ID}\", \"error_code\": \"E\", \"error_message\": \"m\"}}\n{{\"error_code\": 5}}"
    );
    insta::assert_snapshot!(
        "publish_one_of_two_invalid",
        publish(&topics, &["failed"], &two).expect(1).text()
    );
    assert_eq!(block_on(topics.records()).len(), 0);
}

#[test]
fn a_file_that_ties_no_topic_to_an_event_says_so() {
    let topics = Topics::new(Kafka::one(), "untied", 1);
    topics
        .project
        .write("version: 1\ntopics:\n  - name: untied.started.v1\n");
    let run = topics.project.run(&["events", "tail", "failed"]).expect(1);
    assert_eq!(
        run.stderr,
        "error: no topic of the file carries TestGenerationFailed: write `event: TestGenerationFailed` into its entry, or give --topic\n"
    );
    topics
        .project
        .run(&["events", "tail", "failed", "--topic", "untied.failed.v1"])
        .expect(0);
}

#[test]
fn following_ends_with_a_signal_and_with_its_reader() {
    let topics = Topics::new(Kafka::one(), "following", 1);
    let failed = ["failed", "--error-code", "E", "--error-message", "the first"];
    let mut following = Running::start(topics.project.command(&["events", "tail", "--follow", "-v"]));
    following.hear("following following.started.v1, following.completed.v1, following.failed.v1");
    publish(&topics, &failed, "").expect(0);
    following.hear("E: the first");
    following.signal(Signal::INT);
    following.end().expect(0);

    let mut command: Command = topics
        .project
        .command(&["events", "tail", "--follow", "--since", "1h"]);
    let mut child = command
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut shown = std::io::BufReader::new(child.stdout.take().unwrap());
    let mut line = String::new();
    std::io::BufRead::read_line(&mut shown, &mut line).unwrap();
    assert!(line.contains("E: the first"), "{line}");
    drop(shown);
    publish(&topics, &failed, "").expect(0);
    assert_eq!(child.wait().unwrap().code(), Some(0));
}
