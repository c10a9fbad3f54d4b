//! The question at a terminal: a yes, a no, and a signal instead of an answer.
//!
//! The terminal is a real one (a pseudo-terminal), since topicctl asks only where it sees one at its
//! standard input and standard error.

use std::fs::File;
use std::io::{Read, Write};
use std::os::fd::OwnedFd;
use std::process::{Child, Stdio};

use rustix::fs::{Mode, OFlags};
use rustix::process::Signal;
use rustix::pty::OpenptFlags;

use crate::binary::{Project, Run};
use crate::contract::wire::Records;
use crate::process::send;
use crate::records::{DAY, append, fill, now};
use crate::support::Kafka;

const QUESTION: &str = "1 topic needs confirmation (see above). Apply the plan? Only `yes` continues: ";

/// The two ends of a new terminal: the one that a person has, and the one that a program has. It
/// becomes nobody's controlling terminal.
pub(crate) fn terminal() -> (File, OwnedFd) {
    let person = rustix::pty::openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).unwrap();
    rustix::pty::grantpt(&person).unwrap();
    rustix::pty::unlockpt(&person).unwrap();
    let path = rustix::pty::ptsname(&person, Vec::new()).unwrap();
    let program = rustix::fs::open(path, OFlags::RDWR | OFlags::NOCTTY, Mode::empty()).unwrap();
    (File::from(person), program)
}

/// An apply that has asked and waits for an answer.
struct Asking {
    child: Child,
    person: File,
}

impl Asking {
    fn start(project: &Project) -> Self {
        Self::start_with(project, &[], QUESTION)
    }

    fn start_with(project: &Project, flags: &[&str], question: &str) -> Self {
        let (person, program) = terminal();
        let child = project
            .command(&["apply", "--color", "never"])
            .args(flags)
            .stdin(Stdio::from(program.try_clone().unwrap()))
            .stderr(Stdio::from(program))
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut asking = Self { child, person };
        asking.read_question(question);
        asking
    }

    fn read_question(&mut self, question: &str) {
        let mut shown = Vec::new();
        while !shown.ends_with(question.as_bytes()) {
            let mut byte = [0];
            let read = self.person.read(&mut byte);
            let text = String::from_utf8_lossy(&shown);
            assert!(matches!(read, Ok(1)), "{read:?} after {text:?}");
            shown.extend(byte);
        }
        assert_eq!(String::from_utf8_lossy(&shown), question);
    }

    fn answer(mut self, line: &str) -> Run {
        self.person.write_all(line.as_bytes()).unwrap();
        self.end()
    }

    fn signal(self, signal: Signal) -> Run {
        send(&self.child, signal);
        self.end()
    }

    /// What it wrote to the terminal after the question, the echo of an answer included, is in `stderr`.
    fn end(mut self) -> Run {
        let mut run = Run::from(self.child.wait_with_output().unwrap());
        let mut rest = Vec::new();
        // Once the program is gone, a terminal's other end gives what is left and then an error.
        let _ = self.person.read_to_end(&mut rest);
        run.stderr = String::from_utf8_lossy(&rest).replace("\r\n", "\n");
        run
    }
}

/// A topic that is to get a second partition.
fn growing(kafka: &Kafka, topic: &str) -> Project {
    let file = format!("version: 1\ntopics:\n  - name: {topic}\n    partitions: 1\n");
    let project = Project::new(kafka, &file);
    project.run(&["apply"]).expect(0);
    fill(kafka, topic);
    project.write(&file.replace("partitions: 1", "partitions: 2"));
    project
}

fn has_partitions(kafka: &Kafka, topic: &str, partitions: &str) -> bool {
    let described = kafka.tool_output("topics", &["--describe", "--topic", topic]);
    described.contains(&format!("PartitionCount: {partitions}\t"))
}

#[test]
fn only_a_yes_goes_on() {
    let kafka = Kafka::one();
    let project = growing(kafka, "prompt.answered");

    for no in ["no\n", "y\n", "\n", "\u{4}"] {
        let declined = Asking::start(&project).answer(no).expect(3);
        let end = "1 to change; 1 needs confirmation (--yes).\nDeclined. Nothing was changed.\n";
        assert!(declined.stdout.ends_with(end), "{no:?}\n{declined}");
    }
    assert!(has_partitions(kafka, "prompt.answered", "1"));

    let confirmed = Asking::start(&project).answer("yes\n").expect(0);
    let end = "✅ Topic prompt.answered changed: partitions 1 → 2\n1 done.\n";
    assert!(confirmed.stdout.ends_with(end), "{confirmed}");
    assert!(has_partitions(kafka, "prompt.answered", "2"));
}

#[test]
fn a_signal_at_the_question_changes_nothing() {
    let kafka = Kafka::one();
    let project = growing(kafka, "prompt.interrupted");

    for signal in [Signal::INT, Signal::TERM, Signal::HUP] {
        let run = Asking::start(&project).signal(signal).expect(1);
        assert!(
            run.stdout
                .ends_with("1 to change; 1 needs confirmation (--yes).\n"),
            "{run}"
        );
        assert_eq!(run.stderr, "error: interrupted, nothing changed\n", "{run}");
    }
    assert!(has_partitions(kafka, "prompt.interrupted", "1"));
}

/// One word decides both, so both are in the question.
#[test]
fn what_a_flag_lets_go_is_part_of_the_question() {
    let kafka = Kafka::one();
    let file = |growing: u8, retention: &str| {
        format!(
            "version: 1\ntopics:\n  - {{name: prompt.grown, partitions: {growing}}}\n  \
             - {{name: prompt.shortened, partitions: 1, retention: {retention}}}\n"
        )
    };
    let project = Project::new(kafka, &file(1, "30d"));
    project.run(&["apply"]).expect(0);
    fill(kafka, "prompt.grown");
    append(kafka, "prompt.shortened", 0, &Records::new(10, now() - 10 * DAY));
    project.write(&file(2, "7d"));

    let asked = "1 topic needs confirmation (see above). In total 10 records (191 B) would be deleted, from 1 topic. \
                 Apply the plan? Only `yes` continues: ";
    let flags = ["--allow-data-loss", "prompt.shortened"];
    let declined = Asking::start_with(&project, &flags, asked)
        .answer("no\n")
        .expect(3);
    assert!(
        declined.stdout.ends_with("Declined. Nothing was changed.\n"),
        "{declined}"
    );
}

#[test]
fn what_moved_while_somebody_thought_is_judged_again() {
    let kafka = Kafka::one();
    let topic = "prompt.moved";
    let file = |settings: &str| format!("version: 1\ntopics:\n  - {{name: {topic}, {settings}}}\n");
    let project = Project::new(kafka, &file("partitions: 1, retention: 5d"));
    project.run(&["apply"]).expect(0);
    for days in [10, 4] {
        append(kafka, topic, 0, &Records::new(10, now() - days * DAY));
    }
    project.write(&file("partitions: 2, retention: 7d"));

    let asking = Asking::start(&project);
    let alter = ["--alter", "--entity-type", "topics", "--entity-name", topic];
    let thirty_days = ["--add-config", "retention.ms=2592000000"];
    kafka.tool_output("configs", &[&alter[..], &thirty_days].concat());
    let shown = || kafka.topics(topic).remove(topic).unwrap();
    while shown().overrides["retention.ms"] != "2592000000" {}
    let run = asking.answer("yes\n").expect(1);

    assert!(
        run.stdout
            .contains("its new plan needs a permission that was not given"),
        "{run}"
    );
    assert_eq!(shown().overrides["retention.ms"], "2592000000");
    assert_eq!(shown().partitions, 1);
}

/// What was approved for one topic is not done to another of the same name, nor is a deleted one created again.
#[test]
fn a_topic_that_is_another_one_by_the_answer_is_left() {
    let kafka = Kafka::one();
    for (topic, is_saved, is_created_again) in [
        ("prompt.deleted", false, false),
        ("prompt.again", false, true),
        ("prompt.plan-again", true, true),
        ("prompt.plan-deleted", true, false),
    ] {
        let project = growing(kafka, topic);
        let mut flags = Vec::new();
        if is_saved {
            project.run(&["diff", "--out", "plan.json"]).expect(2);
            flags.extend(["--plan", "plan.json"]);
        }
        let asking = Asking::start_with(&project, &flags, QUESTION);
        kafka.tool_output("topics", &["--delete", "--topic", topic]);
        while kafka.topics(topic).contains_key(topic) {}
        if is_created_again {
            kafka.tool_output("topics", &["--create", "--topic", topic, "--partitions", "1"]);
            while !kafka.topics(topic).contains_key(topic) {}
        }
        let run = asking.answer("yes\n").expect(1);

        let what = if is_created_again {
            "deleted and created again"
        } else {
            "deleted"
        };
        let said = format!("not attempted: the topic was {what} after it was planned; plan it again");
        assert!(run.stdout.contains(&said), "{run}");
        let left = kafka.topics(topic).remove(topic).map(|topic| topic.partitions);
        assert_eq!(left, is_created_again.then_some(1), "{run}");
    }
}
