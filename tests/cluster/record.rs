//! The record of an apply: before the first write it can be written, and afterwards it is true.

use std::fmt::Write as _;
use std::fs;
use std::os::unix::fs::PermissionsExt;

use rustix::process::Signal;
use serde_json::Value;

use crate::binary::Project;
use crate::process::Running;
use crate::support::{Kafka, Listener, PASSWORD, Secure, USER, in_properties};

fn lines(project: &Project, name: &str) -> Vec<Value> {
    let text = fs::read_to_string(project.path(name)).unwrap();
    let line = |line: &str| serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}"));
    text.lines().map(line).collect()
}

/// A line without what is different every time.
fn told(line: &Value) -> String {
    let change = |change: &Value| {
        let text = |field: &str| change[field].as_str().unwrap_or_default().to_owned();
        format!("{}: {}", text("topic"), text("message"))
    };
    match line["event"].as_str().unwrap_or_default() {
        "begun" => format!("begun: {} changes, flags {}", line["changes"], line["flags"]),
        "attempting" => {
            let changes: Vec<String> = line["changes"].as_array().unwrap().iter().map(change).collect();
            format!("attempting {}: {}", line["part"], changes.join("; "))
        }
        "ended" => format!("ended {}: {}", change(&line["change"]), line["outcome"]["status"]),
        "closed" => format!("closed: {}", line["status"]),
        other => panic!("{other} in {line}"),
    }
}

#[test]
fn everything_that_was_done_is_on_record_with_what_was_there_before() {
    let kafka = Kafka::one();
    let file = "version: 1\ntopics:\n  - {name: record.changed, partitions: 1, retention: 7d}\n  - {name: record.gone}\n";
    let project = Project::new(kafka, file);
    project.run(&["apply", "--record", "history.jsonl"]).expect(0);
    project.write(
        &file
            .replace("1, retention: 7d", "2, retention: 30d")
            .replace("gone}", "gone, state: absent}"),
    );
    let blocked = project.run(&["apply", "--record", "history.jsonl"]).expect(3);
    assert!(blocked.stdout.contains("Nothing was changed."), "{blocked}");
    let arguments = [
        "apply",
        "--record",
        "history.jsonl",
        "--yes",
        "--allow-data-loss",
        "record.gone",
    ];
    project.run(&arguments).expect(0);
    project.run(&arguments).expect(0);

    let all = lines(&project, "history.jsonl");
    let told: Vec<String> = all.iter().map(told).collect();
    insta::assert_snapshot!(told.join("\n"), @r#"
    begun: 2 changes, flags {"allow_data_loss":[],"max_deletes":5,"plan":null,"prune":[],"skip_blocked":false,"topics":[],"yes":false}
    attempting "create": record.changed: create; record.gone: create
    ended record.changed: create: "done"
    ended record.gone: create: "done"
    closed: "done"
    begun: 3 changes, flags {"allow_data_loss":["record.gone"],"max_deletes":5,"plan":null,"prune":[],"skip_blocked":false,"topics":[],"yes":true}
    attempting "configs": record.changed: retention.ms 7d (604800000) → 30d (2592000000)
    ended record.changed: retention.ms 7d (604800000) → 30d (2592000000): "done"
    attempting "partitions": record.changed: partitions 1 → 2
    ended record.changed: partitions 1 → 2: "done"
    attempting "delete": record.gone: delete, with 1 partition
    ended record.gone: delete, with 1 partition: "done"
    closed: "done"
    "#);
    let set = all
        .iter()
        .find(|line| line["change"]["action"] == "set_config")
        .unwrap();
    assert_eq!(set["change"]["from"]["raw"], "604800000");
    assert_eq!(set["change"]["to"]["raw"], "2592000000");
    let runs: std::collections::BTreeSet<&str> = all.iter().filter_map(|line| line["run"].as_str()).collect();
    assert_eq!(runs.len(), 2);
    let begun = &all[0];
    assert!(begun["host"].is_string() && begun["uid"].is_number() && begun["cluster"]["id"].is_string());
    let time = begun["time"].as_str().unwrap();
    assert!(time.ends_with('Z') && time.len() == 24, "{time}");
    let mode = fs::metadata(project.path("history.jsonl"))
        .unwrap()
        .permissions()
        .mode();
    assert_eq!(mode & 0o777, 0o600);
}

#[test]
fn without_a_record_that_can_be_written_nothing_is() {
    let kafka = Kafka::one();
    let project = Project::new(kafka, "version: 1\ntopics:\n  - name: unrecorded.topic\n");
    let folder = project.run(&["apply", "--record", "."]).expect(1);
    // Every write to it fails, although it can be opened.
    let full = project.run(&["apply", "--record", "/dev/full"]).expect(1);

    for run in [&folder, &full] {
        assert!(
            run.stderr.contains("cannot be written, so nothing was changed"),
            "{run}"
        );
    }
    assert!(kafka.topics("unrecorded.").is_empty());
}

#[test]
fn a_run_that_is_killed_leaves_a_record_that_is_true() {
    const TOPICS: usize = 20;
    let kafka = Kafka::one();
    let topic = |number: usize| format!("  - {{name: killed.{number:03}, partitions: 1}}\n");
    let all: Vec<String> = (0..TOPICS).map(topic).collect();
    let project = Project::new(kafka, &format!("version: 1\ntopics:\n{}", all.concat()));
    let mut running = Running::start(project.command(&["apply", "-v", "--record", "history.jsonl"]));
    running.hear(&format!("{TOPICS} to create."));
    running.hear("CreateTopics sent");
    running.signal(Signal::KILL);
    running.end();
    let killed = lines(&project, "history.jsonl");
    // Somebody cuts the last line in half, as a full disk may; the next run begins a line of its own.
    let text = fs::read(project.path("history.jsonl")).unwrap();
    fs::write(project.path("cut.jsonl"), &text[..text.len() - 10]).unwrap();

    let attempts = killed.iter().filter(|line| line["event"] == "attempting");
    let attempted: Vec<&str> = attempts
        .flat_map(|line| line["changes"].as_array().unwrap())
        .filter_map(|change| change["topic"].as_str())
        .collect();
    assert_eq!(attempted.len(), TOPICS, "{killed:?}");
    assert!(killed.iter().all(|line| line["event"] != "closed"), "{killed:?}");
    let there = kafka.tool_output("topics", &["--list"]);
    for topic in there.lines().filter(|topic| topic.starts_with("killed.")) {
        assert!(attempted.contains(&topic), "{topic} was made and not recorded");
    }
    // Whatever came of the killed run, there is something left to do.
    let changed = all
        .concat()
        .replace("partitions: 1", "partitions: 1, retention: 7d");
    project.write(&format!("version: 1\ntopics:\n{changed}"));
    project.run(&["apply", "--record", "cut.jsonl"]).expect(0);
    let text = fs::read_to_string(project.path("cut.jsonl")).unwrap();
    let whole = text
        .lines()
        .filter(|line| serde_json::from_str::<Value>(line).is_ok())
        .count();
    assert_eq!(text.lines().count() - whole, 1);
    assert!(text.lines().last().unwrap().contains("\"closed\""));
    let budget = TOPICS.to_string();
    project.write(&format!(
        "version: 1\ntopics:\n{}",
        all.concat().replace("partitions: 1", "state: absent")
    ));
    project
        .run(&[
            "apply",
            "--yes",
            "--allow-data-loss",
            "killed.*",
            "--max-deletes",
            &budget,
        ])
        .expect(0);
}

/// The login that was used, whichever file had the last word on it.
#[test]
fn the_record_names_the_user_that_the_brokers_know() {
    let secure = Secure::shared();
    let file = "\
version: 1
profiles:
  dev:
    client: {security.protocol: SASL_PLAINTEXT, sasl.mechanism: PLAIN, sasl.username: somebody-else}
topics:
  - {name: record.login}
";
    let project = Project::at(&secure.address(Listener::SaslPlaintext), file);
    let login = format!(
        "sasl.username={}\nsasl.password={}\n",
        in_properties(USER),
        in_properties(PASSWORD)
    );
    project.put("client.properties", login);
    let arguments = [
        "apply",
        "--record",
        "login.jsonl",
        "--command-config",
        "client.properties",
    ];
    project.run(&arguments).expect(0);
    assert_eq!(lines(&project, "login.jsonl")[0]["sasl_user"], USER);
}

/// A pipe takes lines as a file does, and has no disk to be synchronised with.
#[test]
fn a_record_goes_to_whatever_takes_lines() {
    let kafka = Kafka::one();
    let project = Project::new(kafka, "version: 1\ntopics:\n  - {name: record.piped}\n");
    let piped = project.run(&["apply", "--record", "/dev/stdout"]).expect(0);
    assert!(piped.stdout.contains(r#""event":"closed""#), "{piped}");
    assert_eq!(piped.stderr, "");

    let mode = rustix::fs::Mode::RUSR | rustix::fs::Mode::WUSR;
    let fifo = project.path("fifo");
    rustix::fs::mknodat(rustix::fs::CWD, &fifo, rustix::fs::FileType::Fifo, mode, 0).unwrap();
    let reader = std::thread::spawn(move || fs::read_to_string(fifo).unwrap());
    project.write("version: 1\ntopics:\n  - {name: record.piped, retention: 8d}\n");
    project.run(&["apply", "--record", "fifo"]).expect(0);
    let read = reader.join().unwrap();
    assert!(
        read.lines().last().unwrap().contains(r#""event":"closed""#),
        "{read}"
    );

    // The manifest is no record, nor does a link decide what grows.
    std::os::unix::fs::symlink(project.path("elsewhere"), project.path("link")).unwrap();
    project.write("version: 1\ntopics:\n  - {name: record.piped, retention: 9d}\n");
    let before = fs::read(project.path("topics.yaml")).unwrap();
    for (record, why) in [
        ("topics.yaml", "it is topics.yaml, from which this run reads"),
        ("link", "it is a link; name the file itself"),
    ] {
        let refused = project.run(&["apply", "--record", record]).expect(1);
        let said = format!("error: the record {record} cannot be written, so nothing was changed: {why}\n");
        assert_eq!(refused.stderr, said);
    }
    assert_eq!(fs::read(project.path("topics.yaml")).unwrap(), before);
    assert_eq!(
        kafka.topics("record.piped")["record.piped"].overrides["retention.ms"],
        "691200000"
    );
}

#[test]
fn a_terminal_that_closes_leaves_a_record_that_is_closed() {
    let kafka = Kafka::one();
    let mut topics = String::new();
    for number in 0..20 {
        let _ = writeln!(topics, "  - {{name: hangup.{number}}}");
    }
    let project = Project::new(kafka, &format!("version: 1\ntopics:\n{topics}"));
    let mut running = Running::start(project.command(&["apply", "-v", "--record", "history.jsonl"]));
    running.hear("20 to create.");
    running.hear("CreateTopics sent");
    running.signal(Signal::HUP);
    running.end();
    let last = lines(&project, "history.jsonl").pop().unwrap();
    assert_eq!(last["event"], "closed", "{last}");
}
