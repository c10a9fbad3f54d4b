//! The harness keeps its word: the clusters are real, they can be broken on purpose, and
//! nothing of them stays behind.

use std::iter;
use std::net::{SocketAddr, TcpStream};
use std::time::Instant;

use super::{Brokers, Kafka, READ_ONLY_PROPERTIES, TopicOnKafka};
use crate::binary::SHOWN_WITHIN;

fn accepts_connections(address: &str) -> bool {
    let address: SocketAddr = address
        .parse()
        .unwrap_or_else(|error| panic!("{address}: {error}"));
    TcpStream::connect(address).is_ok()
}

fn create(kafka: &Kafka, topic: &str, partitions: &str, more: &[&str]) {
    let arguments = [&["--create", "--topic", topic, "--partitions", partitions], more].concat();
    kafka.tool_output("topics", &arguments);
}

#[test]
fn shows_topics_as_kafka_has_them() {
    let kafka = Kafka::one();
    let configs = [
        "--config",
        "retention.ms=5000",
        "--config",
        "cleanup.policy=compact,delete",
    ];
    create(kafka, "harness.shown", "3", &configs);
    create(kafka, "harness.plain", "1", &[]);

    let topics = kafka.topics("harness.");

    let summary: Vec<_> = topics
        .iter()
        .map(|(name, topic)| (name.as_str(), summary(topic)))
        .collect();
    let expected = [
        ("harness.plain", "1 × 1".to_owned()),
        (
            "harness.shown",
            "3 × 1 cleanup.policy=compact,delete retention.ms=5000".to_owned(),
        ),
    ];
    assert_eq!(summary, expected);
    assert_ne!(topics["harness.plain"].id, topics["harness.shown"].id);
}

fn summary(topic: &TopicOnKafka) -> String {
    let counts = format!("{} × {}", topic.partitions, topic.replication);
    let overrides = topic
        .overrides
        .iter()
        .map(|(key, value)| format!("{key}={value}"));
    iter::once(counts).chain(overrides).collect::<Vec<_>>().join(" ")
}

#[test]
fn three_brokers_hold_three_replicas_in_three_racks() {
    let kafka = Kafka::three();
    create(kafka, "harness.replicated", "1", &["--replication-factor", "3"]);
    // The broker that the tool asks may be behind the one that created the topic.
    let deadline = Instant::now() + SHOWN_WITHIN;
    let topic = loop {
        let topic = kafka.topics("harness.replicated").remove("harness.replicated");
        match topic {
            Some(topic) => break topic,
            None => assert!(Instant::now() < deadline, "no broker shows it"),
        }
    };
    assert_eq!(topic.replication, 3);

    let brokers = kafka.tool_output("broker-api-versions", &[]);
    for (address, rack) in kafka.bootstrap().split(',').zip(["rack-a", "rack-b", "rack-c"]) {
        let line = brokers
            .lines()
            .find(|line| line.starts_with(address))
            .unwrap_or_default();
        assert!(line.contains(rack), "{address} is not in {rack}:\n{brokers}");
    }
}

#[test]
fn a_failing_tool_keeps_its_exit_code_and_words() {
    let output = Kafka::one().tool("topics", &["--describe", "--topic", "harness.missing"]);
    assert!(!output.status.success());
    let said = String::from_utf8_lossy(&output.stdout) + String::from_utf8_lossy(&output.stderr);
    assert!(said.contains("harness.missing"), "{said}");
}

#[test]
fn a_dedicated_cluster_comes_back_with_its_data_and_leaves_nothing_behind() {
    let kafka = Kafka::dedicated(Brokers::One, &[("num.partitions", "7")]);
    let address = kafka.bootstrap().to_owned();
    kafka.tool_output("topics", &["--create", "--topic", "kept"]);

    kafka.stop_broker(1);
    assert!(!accepts_connections(&address));
    kafka.start_broker(1);
    kafka.kill_broker(1);
    assert!(!accepts_connections(&address));
    kafka.start_broker(1);
    assert_eq!(kafka.topics("kept")["kept"].partitions, 7);

    let folder = kafka.folder().to_owned();
    drop(kafka);
    assert!(!accepts_connections(&address));
    assert!(!folder.exists(), "{} is still there", folder.display());
}

#[test]
#[should_panic(expected = "`scripts/kafka prepare` fetches Kafka and says what this machine lacks")]
fn a_cluster_that_cannot_start_fails_the_test() {
    drop(Kafka::dedicated(Brokers::One, &[("log.dirs", "")]));
}

#[test]
fn a_restricted_cluster_can_be_read_and_not_written() {
    let kafka = Kafka::dedicated(Brokers::One, READ_ONLY_PROPERTIES);
    create(&kafka, "readable", "1", &["--config", "retention.ms=5000"]);
    kafka.restrict_to_reading();

    assert_eq!(kafka.topics("")["readable"].overrides["retention.ms"], "5000");
    let set = ["--alter", "--entity-type", "topics", "--entity-name", "readable"];
    let alter = kafka.tool(
        "configs",
        &[&set[..], &["--add-config", "retention.ms=1"]].concat(),
    );
    let create = kafka.tool("topics", &["--create", "--topic", "another"]);
    for refused in [alter, create] {
        let said = String::from_utf8_lossy(&refused.stdout) + String::from_utf8_lossy(&refused.stderr);
        assert!(said.contains("AuthorizationException"), "{said}");
    }
}
