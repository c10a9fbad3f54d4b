//! More topics than the controller takes in one request, and than a reader should ask one by one for.

use crate::binary::Project;
use crate::support::Kafka;

const TOPICS: usize = 1_500;

/// Seven metadata records for each topic, of which the controller takes 10,000 in one request.
fn file(state: &str) -> String {
    let topic = |number: usize| format!("  - {{name: many.{number:04}, state: {state}}}\n");
    let topics: String = (0..TOPICS).map(topic).collect();
    format!(
        "\
version: 1
defaults:
  partitions: 3
  replication: 1
  cleanup: compact
  compression: lz4
  retention: 1d
topics:
{topics}"
    )
}

#[test]
fn fifteen_hundred_topics_come_and_go_in_a_few_requests() {
    let kafka = Kafka::three();
    let project = Project::new(kafka, &file("present"));

    let apply = project.run(&["apply", "-v"]).expect(0);
    assert!(
        apply.stdout.ends_with("created\n1,500 done.\n"),
        "{}",
        apply.stderr
    );
    // Twice each: first validated, then written.
    let creations = apply.requests()["CreateTopics"];
    assert!((4..=8).contains(&creations), "{creations}");

    let topics = ["--describe", "--topic", "many\\..*"];
    let described = kafka.tool_output("topics", &topics);
    let headed: Vec<_> = described
        .lines()
        .filter(|line| line.contains("TopicId: "))
        .collect();
    assert_eq!(headed.len(), TOPICS);
    for line in headed {
        for part in [
            "PartitionCount: 3",
            "ReplicationFactor: 1",
            "cleanup.policy=compact",
            "compression.type=lz4",
            "retention.ms=86400000",
        ] {
            assert!(line.contains(part), "{line}");
        }
    }

    let again = project.run(&["apply", "-v"]).expect(0);
    again.expect_no_writes();
    let requests: u64 = again.requests().values().sum();
    assert!(requests <= 20, "{again}");

    project.write(&file("absent"));
    let allowed = [
        "apply",
        "--yes",
        "--allow-data-loss",
        "many.*",
        "--max-deletes",
        "10000",
    ];
    project.run(&allowed).expect(0);
    let left = kafka.tool_output("topics", &["--list"]);
    assert!(!left.contains("many."), "{left}");
}
