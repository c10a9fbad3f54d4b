//! A saved plan that is carried out through another broker than it was made through: what that broker inherits to topics
//! which it does not hold is no part of the plan. What the brokers inherit that hold a topic is.

use super::*;
use crate::admin::memory::Scope;
use crate::model::BrokerId;
use crate::prepare::prepare;
use crate::saved::{self, Made, SavedPlan};

const FLUSH: &str = "  - {name: orders, config: {flush.ms: 5}}\n";
const RESET: &str = "  - {name: orders}\n";

fn set(cluster: &MemoryCluster, broker: i32, key: &str, value: &str) {
    cluster.set_broker_config(Scope::Broker(BrokerId(broker)), key, Some(value));
}

/// Brokers 2 and 3 hold the topic. Broker 1 answers what any broker may, and inherits other values to it.
fn cluster(configs: &[(&str, &str)]) -> MemoryCluster {
    let cluster = MemoryCluster::new(3);
    cluster.create("orders", 1, 2, configs);
    cluster.reassign("orders", 0, &[2, 3]);
    set(&cluster, 1, "log.retention.ms", "3600000");
    set(&cluster, 1, "log.flush.interval.ms", "7");
    cluster
}

/// The plan as `diff --out` writes it and `apply --plan` reads it.
async fn saved_plan(cluster: &MemoryCluster, wanted: &Desired) -> SavedPlan {
    let view = cluster.cluster().await.unwrap();
    let prepared = prepare(cluster, &view, wanted, clock::now).await.unwrap();
    let made = Made {
        topicctl: "0.1.0".to_owned(),
        profile: None,
        cluster_id: view.id.to_string(),
        address: "localhost:9092".to_owned(),
        files: Vec::new(),
        arguments: Vec::new(),
        prune: Vec::new(),
    };
    saved::read(&saved::save(made, wanted, &prepared.observed, &prepared.plan).unwrap()).unwrap()
}

/// What is said to have moved, and the changes that would be made.
async fn moved(cluster: &MemoryCluster, saved: &SavedPlan) -> (Vec<String>, Vec<String>) {
    let view = cluster.cluster().await.unwrap();
    let prepared = prepare(cluster, &view, &saved.desired, clock::now).await.unwrap();
    let moved = saved.moved(&prepared.observed, &prepared.plan);
    let said = moved.iter().map(|moved| {
        format!(
            "{}: {} was {}, is {}",
            moved.topic, moved.what, moved.planned, moved.found
        )
    });
    let changes = prepared.plan.topics.values().flat_map(|topic| &topic.changes);
    (
        said.collect(),
        changes.map(|planned| what(&planned.change)).collect(),
    )
}

#[tokio::test(start_paused = true)]
async fn values_of_a_broker_that_does_not_hold_the_topic_are_no_drift() {
    let cluster = cluster(&[]);
    let saved = saved_plan(&cluster, &desired(FLUSH)).await;
    cluster.stop(BrokerId(1));
    let as_reviewed = (Vec::new(), vec!["set flush.ms=5".to_owned()]);
    assert_eq!(moved(&cluster, &saved).await, as_reviewed);
    cluster.start(BrokerId(1));
    set(&cluster, 1, "log.retention.ms", "5");
    assert_eq!(moved(&cluster, &saved).await, as_reviewed);
}

#[tokio::test(start_paused = true)]
async fn an_override_that_came_meanwhile_is_drift() {
    let cluster = cluster(&[]);
    let saved = saved_plan(&cluster, &desired(FLUSH)).await;
    cluster.set("orders", "flush.ms", "9");
    let (said, _) = moved(&cluster, &saved).await;
    assert_eq!(
        said,
        ["orders: flush.ms was 9223372036854775807 (inherited), is 9 (the topic's own)"]
    );
}

#[tokio::test(start_paused = true)]
async fn what_any_broker_that_holds_the_topic_inherits_to_it_is_part_of_the_plan() {
    let cluster = cluster(&[("retention.ms", "2592000000")]);
    let saved = saved_plan(&cluster, &desired(RESET)).await;
    assert_eq!(moved(&cluster, &saved).await.0, Vec::<String>::new());
    set(&cluster, 3, "log.retention.ms", "3600000");
    let (said, _) = moved(&cluster, &saved).await;
    assert_eq!(
        said,
        [
            "orders: retention.ms was 2592000000 (the topic's own, over 604800000), is 2592000000 (the topic's own, \
             over 604800000, 604800000 on 2, 3600000 on 3)"
        ]
    );
    // Through another broker, and with one that does not tell.
    let saved = saved_plan(&cluster, &desired(RESET)).await;
    cluster.stop(BrokerId(1));
    assert_eq!(moved(&cluster, &saved).await.0, Vec::<String>::new());
    cluster.stop(BrokerId(2));
    assert_eq!(moved(&cluster, &saved).await.0, Vec::<String>::new());
}
