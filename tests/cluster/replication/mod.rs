//! Replication that changes while topics are written and read: nothing is lost, nothing is out of order, and
//! everything ends in sync.

mod hardship;
mod placement;
mod traffic;

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use serde_json::Value;
use topicctl::admin::client::{Address, Client, ConnectOptions};
use topicctl::admin::{Admin, ReplicasToAssign};
use topicctl::model::{BrokerId, Partition, TopicMetadata, TopicName};

use crate::binary::{Project, SHOWN_WITHIN};
use crate::support::{Brokers, Kafka};
use hardship::no_throttle_is_left;
use traffic::Traffic;

const PARTITIONS: i32 = 6;

fn manifest(topic: &str, replication: u8) -> String {
    format!(
        "version: 1\ntopics:\n  - {{name: {topic}, partitions: {PARTITIONS}, replication: {replication}, config: {{min.insync.replicas: 1}}}}\n"
    )
}

fn name(topic: &str) -> TopicName {
    TopicName::new(topic).unwrap()
}

fn on_this_thread<T>(work: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    runtime.unwrap().block_on(work)
}

async fn client(kafka: &Kafka) -> Client {
    let addresses = Address::parse_list(kafka.bootstrap()).unwrap();
    Client::connect(ConnectOptions::new(addresses)).await.unwrap()
}

fn metadata(kafka: &Kafka, topic: &str) -> TopicMetadata {
    on_this_thread(async {
        let names = [name(topic)];
        let mut answers = client(kafka).await.topics(&names).await.unwrap();
        answers.remove(&names[0]).unwrap().unwrap().unwrap()
    })
}

/// So many replicas each, all of them in sync, each partition led by the first of them, and every one of the
/// brokers leading as many as it has to and no more.
fn is_settled(topic: &TopicMetadata, replication: usize, brokers: usize) -> bool {
    let whole = |partition: &Partition| {
        partition.replicas.len() == replication
            && partition.isr.len() == replication
            && partition.leader == partition.replicas.first().copied()
    };
    let mut leads: BTreeMap<Option<BrokerId>, usize> = BTreeMap::new();
    for partition in &topic.partitions {
        *leads.entry(partition.leader).or_default() += 1;
    }
    let (fewest, most) = (
        topic.partitions.len() / brokers,
        topic.partitions.len().div_ceil(brokers),
    );
    let is_even = leads.len() == brokers && leads.values().all(|count| (fewest..=most).contains(count));
    topic.partitions.iter().all(whole) && is_even
}

/// An election takes a moment to show.
fn settles(kafka: &Kafka, topic: &str, replication: usize, brokers: usize) {
    let deadline = Instant::now() + SHOWN_WITHIN;
    loop {
        let seen = metadata(kafka, topic);
        if is_settled(&seen, replication, brokers) {
            return;
        }
        assert!(Instant::now() < deadline, "{seen:#?}");
        std::thread::sleep(Duration::from_millis(100));
    }
}

fn assign(kafka: &Kafka, topic: &str, rows: &[(i32, &[i32])]) {
    let ids = |ids: &[i32]| ids.iter().copied().map(BrokerId).collect();
    let wanted = ReplicasToAssign {
        name: name(topic),
        partitions: rows.iter().map(|(index, row)| (*index, ids(row))).collect(),
    };
    on_this_thread(async {
        let answers = client(kafka).await.alter_partition_reassignments(&[wanted]).await;
        assert!(answers.unwrap().values().all(Result::is_ok));
    });
    let deadline = Instant::now() + SHOWN_WITHIN;
    let is_so = |seen: &TopicMetadata| {
        rows.iter().all(|(index, row)| {
            let seen = &seen.partitions[usize::try_from(*index).unwrap()];
            seen.replicas.len() == row.len() && seen.isr.len() == row.len()
        })
    };
    while !is_so(&metadata(kafka, topic)) {
        assert!(Instant::now() < deadline, "{:#?}", metadata(kafka, topic));
        std::thread::sleep(Duration::from_millis(100));
    }
}

#[test]
fn replicas_move_under_traffic_and_no_record_is_lost_or_out_of_order() {
    let kafka = Kafka::dedicated(Brokers::Four, &[]);
    kafka.stop_broker(4);
    let topic = "moved";
    let project = Project::new(&kafka, &manifest(topic, 1));
    project.run(&["apply"]).expect(0);
    let traffic = Traffic::start(&kafka, topic, PARTITIONS);
    traffic.wait_for(3_000);
    let to = |replication: u8, brokers: usize| {
        project.write(&manifest(topic, replication));
        let run = project.run(&["apply", "--yes", "--throttle", "20MiB"]).expect(0);
        assert!(run.stdout.contains("✅ Topic moved changed: "), "{run}");
        settles(&kafka, topic, replication.into(), brokers);
        no_throttle_is_left(&kafka, topic);
        project.run(&["diff", "-v"]).expect(0).expect_no_writes();
    };
    to(3, 3);
    to(2, 3);
    kafka.start_broker(4);
    to(3, 4);
    assign(&kafka, topic, &[(0, &[1]), (1, &[1, 2]), (2, &[4, 2])]);
    let diff = project.run(&["diff"]).expect(2);
    assert!(diff.stdout.contains("replication  1 to 3, mixed → 3, "), "{diff}");
    to(3, 4);
    traffic.ends_whole();
    every_replica_holds_as_much(&kafka, topic);
}

/// By Kafka's own tool: a follower copies its leader's batches byte by byte.
fn every_replica_holds_as_much(kafka: &Kafka, topic: &str) {
    let said = kafka.tool_output("log-dirs", &["--describe", "--topic-list", topic]);
    let json = said.lines().find(|line| line.starts_with('{')).unwrap();
    let document: Value = serde_json::from_str(json).unwrap();
    let mut sizes: BTreeMap<String, Vec<i64>> = BTreeMap::new();
    for broker in document["brokers"].as_array().unwrap() {
        for partition in broker["logDirs"][0]["partitions"].as_array().unwrap() {
            let size = partition["size"].as_i64().unwrap();
            sizes
                .entry(partition["partition"].as_str().unwrap().to_owned())
                .or_default()
                .push(size);
        }
    }
    assert_eq!(sizes.len(), usize::try_from(PARTITIONS).unwrap(), "{said}");
    for (partition, sizes) in sizes {
        let is_equal = sizes.len() == 3 && sizes.iter().all(|size| *size == sizes[0] && *size > 0);
        assert!(is_equal, "{partition}: {sizes:?}");
    }
}

/// The bytes that the plan says each broker gets.
fn forecast(project: &Project) -> BTreeMap<i32, i64> {
    let diff = project.run(&["diff", "--output", "json"]).expect(2);
    let plan: Value = serde_json::from_str(&diff.stdout).unwrap();
    let reason = &plan["topics"][0]["changes"][0]["risk"]["reasons"][0];
    assert_eq!(reason["code"], "copies_replicas", "{plan:#}");
    let each = reason["copied"]["to"].as_array().unwrap().iter();
    each.map(|each| {
        let broker = i32::try_from(each["broker"].as_i64().unwrap()).unwrap();
        (broker, each["bytes"].as_i64().unwrap())
    })
    .collect()
}

/// What each broker holds of the topic.
fn held(kafka: &Kafka, topic: &str) -> BTreeMap<i32, i64> {
    on_this_thread(async {
        let asked = BTreeMap::from([(name(topic), (0..PARTITIONS).collect())]);
        let sizes = client(kafka).await.replica_sizes(&asked).await.unwrap();
        let sum = |(broker, sizes): (BrokerId, Result<BTreeMap<_, i64>, _>)| {
            (broker.0, sizes.unwrap().values().sum())
        };
        sizes.into_iter().map(sum).collect()
    })
}

#[test]
fn as_much_is_copied_as_was_foreseen() {
    let kafka = Kafka::three();
    let topic = "foreseen";
    let project = Project::new(kafka, &manifest(topic, 1));
    project.run(&["apply"]).expect(0);
    let traffic = Traffic::start(kafka, topic, PARTITIONS);
    traffic.wait_for(5_000);
    traffic.ends_whole();
    let before = held(kafka, topic);
    project.write(&manifest(topic, 2));
    let foreseen = forecast(&project);
    assert!(!foreseen.is_empty());
    project.run(&["apply", "--yes"]).expect(0);
    let after = held(kafka, topic);
    for (broker, bytes) in foreseen {
        let copied = after[&broker] - before[&broker];
        assert!(bytes > 0, "nothing is foreseen of broker {broker}");
        assert!(
            (copied - bytes).abs() * 10 <= bytes,
            "broker {broker}: {bytes} foreseen, {copied} copied"
        );
    }
}
