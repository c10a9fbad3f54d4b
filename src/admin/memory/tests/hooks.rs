//! What happens before a request, how long it takes, and how requests are counted.

use std::time::Duration;

use tokio::time::Instant;

use super::{create, seen, topic};
use crate::admin::memory::{Api, Call, MemoryCluster};
use crate::admin::{Admin, WriteMode};

#[tokio::test]
async fn somebody_else_changes_the_cluster_just_before_the_nth_request() {
    let cluster = MemoryCluster::new(1);
    cluster.before(Api::CreateTopics, 2, |cluster| {
        cluster.create("b", 5, 1, &[]);
    });
    assert_eq!(create(&cluster, &["a"]).await, ["a: ok"]);
    assert!(!cluster.script_is_over());
    assert_eq!(
        create(&cluster, &["b", "c"]).await,
        ["b: Topic 'b' already exists. (TOPIC_ALREADY_EXISTS)", "c: ok"]
    );
    assert!(cluster.script_is_over());
    assert_eq!(cluster.topic("b").unwrap().partitions.len(), 5);
}

#[tokio::test]
async fn a_hook_of_writes_lets_validation_pass() {
    let cluster = MemoryCluster::new(1);
    cluster.before(Call::write(Api::CreateTopics), 1, |cluster| {
        cluster.stop(crate::model::BrokerId(1));
    });
    let validated = cluster.create_topics(&[topic("a")], WriteMode::Validate).await;
    assert!(validated.is_ok());
    let written = cluster.create_topics(&[topic("a")], WriteMode::Write).await;
    assert_eq!(
        written.unwrap_err().to_string(),
        "no Kafka broker could be reached within 10s:\n  127.0.0.1:19092: Connection refused"
    );
}

#[tokio::test]
async fn a_hook_can_set_the_next_one() {
    let cluster = MemoryCluster::new(1);
    cluster.before(Api::Metadata, 1, |cluster| {
        cluster.create("a", 1, 1, &[]);
        cluster.before(Api::Metadata, 1, |cluster| cluster.delete("a"));
    });
    assert_eq!(seen(&cluster, &["a"]).await, ["a: ok"]);
    assert_eq!(seen(&cluster, &["a"]).await, ["a: absent"]);
}

#[tokio::test(start_paused = true)]
async fn a_slow_request_takes_its_time_and_others_do_not() {
    let cluster = MemoryCluster::new(1);
    cluster.slow(Api::CreateTopics, Duration::from_secs(40));
    let start = Instant::now();
    seen(&cluster, &["a"]).await;
    assert_eq!(start.elapsed(), Duration::ZERO);
    create(&cluster, &["a"]).await;
    assert_eq!(start.elapsed(), Duration::from_secs(40));
}

#[tokio::test]
async fn requests_are_counted_by_client_and_by_their_kafka_names() {
    let cluster = MemoryCluster::new(1);
    let other = cluster.another_client();
    create(&cluster, &["a", "b"]).await;
    cluster
        .create_topics(&[topic("c")], WriteMode::Validate)
        .await
        .unwrap();
    seen(&cluster.clone(), &["a"]).await;
    seen(&other, &["a"]).await;
    cluster.set("a", "retention.ms", "5");
    assert_eq!(cluster.requests(), [("CreateTopics", 2), ("Metadata", 1)].into());
    assert_eq!(other.requests(), [("Metadata", 1)].into());
}
