//! Two people, or two pipelines, who apply the same file at the same moment.

use std::thread;

use crate::binary::{Project, Run};
use crate::support::Kafka;

const REPETITIONS: usize = 6;

/// Two processes of their own, started as close together as it gets, and both with success.
fn run_twice(project: &Project, arguments: &[&str]) {
    let runs: [Run; 2] = thread::scope(|scope| {
        let runs = [(); 2].map(|()| scope.spawn(|| project.run(arguments)));
        runs.map(|run| run.join().unwrap())
    });
    for run in runs {
        run.expect(0);
    }
}

/// Twenty topics, each with these settings.
fn file(repetition: usize, settings: &str) -> String {
    let topic = |number: usize| format!("  - {{name: twice.{repetition}.{number:02}, {settings}}}\n");
    let topics: String = (0..20).map(topic).collect();
    format!("version: 1\ntopics:\n{topics}")
}

#[test]
fn two_applies_of_the_same_file_at_once_both_succeed() {
    let kafka = Kafka::one();
    let allowed = [
        "apply",
        "--yes",
        "--allow-data-loss",
        "twice.*",
        "--max-deletes",
        "20",
    ];
    for repetition in 0..REPETITIONS {
        let project = Project::new(kafka, &file(repetition, "partitions: 1, retention: 7d"));
        run_twice(&project, &["apply"]);
        project.run(&["diff"]).expect(0);

        project.write(&file(
            repetition,
            "partitions: 2, retention: 1d, compression: lz4",
        ));
        run_twice(&project, &allowed);
        project.run(&["diff"]).expect(0);
    }

    let topics = kafka.topics("twice.");
    assert_eq!(topics.len(), REPETITIONS * 20);
    for (name, topic) in topics {
        let overrides = topic
            .overrides
            .iter()
            .map(|(key, value)| format!("{key}={value}"));
        let overrides: Vec<_> = overrides.collect();
        assert_eq!(
            overrides,
            ["compression.type=lz4", "retention.ms=86400000"],
            "{name}"
        );
        assert_eq!(topic.partitions, 2, "{name}");
    }

    for repetition in 0..REPETITIONS {
        let project = Project::new(kafka, &file(repetition, "state: absent"));
        run_twice(&project, &allowed);
    }
    let left = kafka.tool_output("topics", &["--list"]);
    assert!(!left.contains("twice."), "{left}");
}
