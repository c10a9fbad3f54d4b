//! Acknowledged is not shown: the wait for every live broker.

use super::*;
use crate::admin::memory::{Api, Call};
use crate::apply::Propagation;
use crate::model::BrokerId;

const ORDERS: &str = "  - {name: orders, partitions: 3}\n";

#[tokio::test(start_paused = true)]
async fn a_broker_that_is_late_is_waited_for() {
    let cluster = MemoryCluster::new(3);
    cluster.lag(BrokerId(2), 10);
    let written = applied(&cluster, &desired(ORDERS), everything()).await;
    assert_eq!(lines(&written), ["orders: create: done"]);
    assert_eq!(written.shown, Propagation::Everywhere);
    assert!(
        cluster
            .topics_on(BrokerId(2), &names(&["orders"]))
            .await
            .expect("it answers")
            .values()
            .all(is_there)
    );
}

#[tokio::test(start_paused = true)]
async fn a_broker_that_never_shows_it_is_named() {
    let cluster = MemoryCluster::new(3);
    cluster.lag(BrokerId(2), u32::MAX);
    let written = applied(&cluster, &desired(ORDERS), everything()).await;
    assert_eq!(
        lines(&written),
        [
            "orders: create: unknown: acknowledged, but broker 2 did not show it and made no progress for 60 s; \
          it may still catch up"
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn a_broker_that_leaves_while_it_is_waited_for_is_not_waited_for() {
    let cluster = MemoryCluster::new(3);
    let wanted = desired(ORDERS);
    let plan = planned(&cluster, &wanted).await;
    cluster.before(Call::write(Api::CreateTopics), 1, |cluster| {
        cluster.stop(BrokerId(3));
    });
    let written = written(&cluster, &wanted, plan, everything(), Interrupt::default()).await;
    assert_eq!(lines(&written), ["orders: create: done"]);
}

/// The view from which it was planned lists nobody either.
#[tokio::test(start_paused = true)]
async fn a_broker_that_has_just_started_is_waited_for_until_it_lists_itself() {
    let cluster = MemoryCluster::new(3);
    cluster.lag(BrokerId(2), 10);
    cluster.list_nobody(5);
    let written = applied(&cluster, &desired(ORDERS), everything()).await;
    assert_eq!(lines(&written), ["orders: create: done"]);
    let shown = cluster.topics_on(BrokerId(2), &names(&["orders"])).await;
    assert!(shown.expect("it answers").values().all(is_there));
}

#[tokio::test(start_paused = true)]
async fn brokers_that_never_list_anybody_leave_it_unknown() {
    let cluster = MemoryCluster::new(1);
    cluster.list_nobody(u32::MAX);
    let written = applied(&cluster, &desired(ORDERS), everything()).await;
    assert_eq!(
        lines(&written),
        ["orders: create: unknown: acknowledged, but no broker was listed as alive for 60 s"]
    );
}

#[tokio::test(start_paused = true)]
async fn many_topics_cost_a_late_broker_few_questions() {
    let topics: Vec<String> = (0..2_000)
        .map(|n| format!("  - {{name: t{n:04}, partitions: 1}}\n"))
        .collect();
    let cluster = MemoryCluster::new(3);
    cluster.lag(BrokerId(2), 50);
    let written = applied(&cluster, &desired(&topics.concat()), everything()).await;
    assert!(written.report.is_complete());
    let metadata = cluster.requests()["Metadata"];
    assert!(metadata < 200, "{metadata} metadata requests for 2,000 topics");
}

fn names(names: &[&str]) -> Vec<crate::model::TopicName> {
    names
        .iter()
        .map(|name| crate::model::TopicName::new(name).expect("a name"))
        .collect()
}

fn is_there<T, E>(answer: &Result<Option<T>, E>) -> bool {
    matches!(answer, Ok(Some(_)))
}
