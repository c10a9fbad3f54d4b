//! `describe --watch`: what follows what, and that Ctrl-C is how it ends and no failure.

use std::io::Read;
use std::process::Stdio;

use rustix::process::Signal;
use serde_json::Value;

use crate::binary::Project;
use crate::process::{Running, send};
use crate::prompt::terminal;
use crate::records::fill;
use crate::support::Kafka;

fn project(topic: &str) -> Project {
    let manifest = format!("version: 1\ntopics:\n  - {{ name: {topic}, partitions: 1, replication: 1 }}\n");
    let project = Project::new(Kafka::one(), &manifest);
    project.run(&["apply"]).expect(0);
    project
}

const TO_THE_TOP: &str = "\u{1b}[H\u{1b}[J";

#[test]
fn looks_follow_each_other_and_show_what_happens() {
    let project = project("watched.lines");
    let arguments = [
        "describe",
        "--watch=200ms",
        "--sort",
        "records",
        "--output",
        "json",
    ];
    let mut watching = Running::start(project.command(&arguments));
    let records = |line: &str| {
        let document: Value = serde_json::from_str(line).unwrap();
        document["topics"][0]["figures"]["records_at_most"].clone()
    };
    assert_eq!(records(&watching.hear("topicctl/description")), 0);
    fill(Kafka::one(), "watched.lines");
    while records(&watching.hear("topicctl/description")) != 10 {}
    watching.signal(Signal::INT);
    assert_eq!(watching.end().code, Some(0));
}

#[test]
fn on_a_terminal_each_look_takes_the_place_of_the_one_before() {
    let project = project("watched.screen");
    let (mut person, program) = terminal();
    let mut child = project
        .command(&["describe", "--watch=200ms", "--color", "never"])
        .stdout(Stdio::from(program))
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut shown = String::new();
    let mut bytes = [0; 4096];
    while shown.matches(TO_THE_TOP).count() < 3 {
        let read = person.read(&mut bytes).unwrap();
        shown.push_str(&String::from_utf8_lossy(&bytes[..read]));
    }
    send(&child, Signal::TERM);
    assert_eq!(child.wait().unwrap().code(), Some(0));
    let looks: Vec<&str> = shown.split(TO_THE_TOP).collect();
    assert_eq!(looks[0], "", "the first begins at the top as well");
    assert_eq!(looks[1], looks[2]);
    assert!(looks[1].contains("watched.screen"), "{shown:?}");
}

#[test]
fn on_a_small_terminal_the_beginning_stays_in_sight() {
    let project = project("watched.small");
    let (mut person, program) = terminal();
    let size = rustix::termios::Winsize {
        ws_row: 6,
        ws_col: 200,
        ws_xpixel: 0,
        ws_ypixel: 0,
    };
    rustix::termios::tcsetwinsize(&program, size).unwrap();
    let mut child = project
        .command(&["describe", "watched.small", "--watch=200ms", "--color", "never"])
        .stdout(Stdio::from(program))
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut shown = String::new();
    let mut bytes = [0; 4096];
    while !shown.contains("more lines") && shown.matches(TO_THE_TOP).count() < 3 {
        let read = person.read(&mut bytes).unwrap();
        shown.push_str(&String::from_utf8_lossy(&bytes[..read]));
    }
    send(&child, Signal::TERM);
    assert_eq!(child.wait().unwrap().code(), Some(0));
    let lines: Vec<&str> = shown.lines().collect();
    assert!(lines[0].contains("cluster"), "{shown:?}");
    assert!(lines[2].contains("watched.small"), "{shown:?}");
    assert!(lines[4].starts_with('…'), "{shown:?}");
}

#[test]
fn what_names_nothing_is_not_watched() {
    let project = project("watched.somewhere");
    let run = project.run(&["describe", "--watch", "watched.nowhere"]).expect(1);
    assert_eq!(
        run.stderr,
        "error: neither the file nor the cluster has a topic named watched.nowhere\n"
    );
}
