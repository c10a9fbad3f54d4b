//! The live view in a real terminal, and what is left of it.

use std::process::Command;
use std::time::Duration;

use rustix::process::Signal;
use topicctl::monitor::screen::{Screen, State, draw};

use super::serving::{FAILED, STARTED, publish, topics};
use super::{commit, write};
use crate::binary::Project;
use crate::process::send;
use crate::support::Kafka;
use crate::terminal::InTerminal;

/// A live view that shows its topic.
fn watching(project: &Project, columns: u16, rows: u16) -> InTerminal {
    let mut command = project.command(&["monitor", "--interval", "200ms"]);
    command.env_remove("NO_COLOR");
    let mut watching = InTerminal::start(command, columns, rows);
    watching.see("monitor.terminal");
    watching
}

#[test]
fn however_it_ends_the_terminal_is_as_it_was() {
    let kafka = Kafka::one();
    let file = "version: 1\ntopics:\n  - {name: monitor.terminal, partitions: 2}\n";
    let project = Project::new(kafka, file);
    project.run(&["apply"]).expect(0);

    for keys in ["q", "\u{3}", "/mon\r\u{1b}\u{1b}q", "?sSrjk\rq"] {
        let mut watching = watching(&project, 80, 24);
        watching.press(keys);
        let (status, left) = watching.end();
        assert_eq!((status.code(), left.as_str()), (Some(0), ""), "{keys:?}");
    }
    for signal in [Signal::TERM, Signal::INT, Signal::HUP] {
        let watching = watching(&project, 200, 60);
        send(&watching.child, signal);
        let (status, left) = watching.end();
        assert_eq!((status.code(), left.as_str()), (Some(0), ""), "{signal:?}");
    }
}

/// The picture without its first line, which has the cluster's id and the time.
fn body(lines: &[String]) -> String {
    assert!(lines[0].starts_with("topicctl monitor · cluster "), "{lines:?}");
    assert!(lines[0].ends_with(" UTC"), "{lines:?}");
    lines[1..].join("\n")
}

/// What people see on the two sizes of terminals that it is made for: of the real program, on a real Kafka.
#[test]
fn it_looks_the_same_in_real_terminals() {
    let kafka = Kafka::one();
    let file = topics("screens") + "  - {name: screens.orders, partitions: 2}\n";
    let project = Project::new(kafka, &file);
    project.run(&["apply"]).expect(0);
    write(kafka, "screens.orders", 0, 30);
    write(kafka, "screens.orders", 1, 10);
    commit(kafka, "screens.reader", "screens.orders", &[(0, 12), (1, 10)]);
    publish(&project, STARTED);
    publish(&project, &[FAILED, &["E"]].concat());

    for (columns, rows) in [(80, 24), (200, 60)] {
        let mut command = project.command(&["monitor", "--interval", "200ms"]);
        command.env_remove("NO_COLOR");
        let mut watching = InTerminal::start(command, columns, rows);
        // Until the second look rates are not known, and events are not read.
        let is_known = |lines: &[String]| {
            let is_whole = |line: &String| !line.contains("screens.") || !line.contains('?');
            lines.len() == usize::from(rows)
                && lines.iter().all(is_whole)
                && lines.iter().any(|line| line.contains("1 failed (100 %)"))
        };
        let all = watching.picture(is_known);
        insta::assert_snapshot!(format!("real_{columns}x{rows}"), body(&all));
        watching.press("/orders\r\r");
        let closely =
            watching.picture(|lines| lines.iter().any(|line| line.contains("group screens.reader")));
        insta::assert_snapshot!(format!("real_{columns}x{rows}_closely"), body(&closely));
        watching.press("q");
        assert_eq!(watching.end().0.code(), Some(0));
    }
}

#[test]
fn it_follows_the_size_of_its_window() {
    let kafka = Kafka::one();
    let file = "version: 1\ntopics:\n  - {name: monitor.terminal.resized, partitions: 2}\n";
    let project = Project::new(kafka, file);
    project.run(&["apply"]).expect(0);
    let mut watching = watching(&project, 60, 24);
    assert!(!watching.shown.contains("out/s"), "there is no room for it");
    watching.resize(200, 60);
    send(&watching.child, Signal::WINCH);
    watching.see("out/s");
    watching.press("q");
    assert_eq!(watching.end().0.code(), Some(0));
}

/// Set for the process that panics.
const ROLE: &str = "TOPICCTL_TEST_SCREEN";

/// In the process of its own this takes the terminal over and panics; otherwise it starts that process.
#[test]
fn a_panic_gives_the_terminal_back_and_its_words_are_seen() {
    if std::env::var_os(ROLE).is_some() {
        let mut screen = Screen::open().unwrap();
        let state = State::new("about to panic".to_owned(), Duration::from_secs(5));
        screen.draw(|frame| draw(frame, &state, false)).unwrap();
        panic!("something that was never to happen");
    }
    let mut command = Command::new(std::env::current_exe().unwrap());
    let this = "monitor::terminal::a_panic_gives_the_terminal_back_and_its_words_are_seen";
    command.args(["--exact", this, "--nocapture"]).env(ROLE, "panic");
    let (status, left) = InTerminal::start(command, 80, 24).end();
    assert!(!status.success());
    assert!(left.contains("something that was never to happen\n"), "{left}");
}
