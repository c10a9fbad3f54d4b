//! Throttles where brokers are down, may not be read or are late, and where topics go meanwhile.

use super::throttling::{THREE, begun, lists, nothing_is_left, rates, throttled};
use super::*;
use crate::admin::BrokerError;
use crate::admin::memory::{Api, Call, Fault};
use crate::model::{AclOperation, BrokerId};

/// The limits of every broker, in one word each.
fn limited(cluster: &MemoryCluster) -> Vec<bool> {
    (1..=4).map(|broker| !rates(cluster, broker).is_empty()).collect()
}

#[tokio::test(start_paused = true)]
async fn a_broker_that_is_not_alive_keeps_nothing_from_being_moved() {
    let cluster = MemoryCluster::new(4);
    cluster.create("orders", 1, 1, &[]);
    cluster.reassign("orders", 0, &[1, 4]);
    cluster.stop(BrokerId(4));
    let (said, written) = throttled(&cluster, THREE, Interrupt::default()).await;
    assert_eq!(said, ["orders: replication 2 to 3: done"]);
    assert_eq!(
        written.throttles.left,
        ["broker 4 is not alive, and has no limit; if it comes back, it copies as fast as it can"]
    );
    nothing_is_left(&cluster, "orders");
}

#[tokio::test(start_paused = true)]
async fn what_is_under_way_is_followed_also_where_it_cannot_be_limited() {
    let cluster = MemoryCluster::new(3);
    cluster.create("orders", 1, 1, &[]);
    begun(&cluster, THREE).await;
    let second = cluster.another_client();
    second.deny_broker_configs();
    cluster.before(
        Api::ListPartitionReassignments,
        6,
        MemoryCluster::finish_reassignments,
    );
    let (said, written) = throttled(&second, THREE, Interrupt::default()).await;
    assert_eq!(said, ["orders: replication 1 to 3: done"]);
    assert!(
        written.throttles.left[0].starts_with("what is under way already could not be limited: "),
        "{:?}",
        written.throttles
    );
    assert_eq!(
        written.throttles.failed.len(),
        1,
        "the rates stay: {:?}",
        written.throttles
    );
}

#[tokio::test(start_paused = true)]
async fn what_an_earlier_run_limited_goes_with_what_the_next_one_does() {
    let cluster = MemoryCluster::new(4);
    cluster.create("orders", 1, 1, &[]);
    cluster.reassign("orders", 0, &[1]);
    begun(&cluster, "  - {name: orders, replication: 2}\n").await;
    let first = limited(&cluster);
    cluster.finish_reassignments();
    // It grows before anything was taken away, and what is new is between two other brokers.
    cluster.grow("orders", 2);
    cluster.reassign("orders", 1, &[4]);
    let (said, _) = throttled(
        &cluster,
        "  - {name: orders, replication: 2}\n",
        Interrupt::default(),
    )
    .await;
    assert_eq!(said, ["orders: replication 1 to 2, mixed to 2: done"]);
    assert_eq!(first, [true, true, false, false]);
    nothing_is_left(&cluster, "orders");
}

#[tokio::test(start_paused = true)]
async fn a_topic_that_is_deleted_meanwhile_leaves_no_rate() {
    let cluster = MemoryCluster::new(3);
    cluster.create("orders", 1, 1, &[]);
    cluster.hold_reassignments();
    cluster.before(Api::DescribeLogDirs, 40, |cluster| cluster.delete("orders"));
    let (said, _) = throttled(&cluster, THREE, Interrupt::default()).await;
    assert_eq!(
        said,
        ["orders: replication 1 to 3: failed: the topic was deleted meanwhile"]
    );
    assert_eq!(limited(&cluster), [false; 4]);
}

#[tokio::test(start_paused = true)]
async fn what_was_set_for_nothing_goes_also_where_brokers_do_not_show_it_yet() {
    let cluster = MemoryCluster::new(3);
    cluster.create("orders", 1, 1, &[]);
    let refused = Fault::answer(
        Call::write(Api::AlterPartitionReassignments),
        BrokerError {
            code: 42,
            name: "INVALID_REQUEST".into(),
            message: None,
            missing: None,
        },
    );
    cluster.inject(refused);
    cluster.lag(BrokerId(1), 20);
    let (said, _) = throttled(&cluster, THREE, Interrupt::default()).await;
    assert!(said[0].contains("failed: "), "{said:?}");
    nothing_is_left(&cluster, "orders");
}

#[tokio::test(start_paused = true)]
async fn topics_of_others_that_may_not_be_read_do_not_matter() {
    let cluster = MemoryCluster::new(3);
    cluster.create("orders", 1, 1, &[]);
    cluster.create("theirs", 1, 1, &[]);
    begun(&cluster, "  - {name: theirs, replication: 3}\n").await;
    cluster.deny(AclOperation::DescribeConfigs, "theirs");
    cluster.before(Call::write(Api::AlterPartitionReassignments), 1, |cluster| {
        cluster.finish_of("orders");
    });
    cluster.before(Api::DescribeLogDirs, 40, |cluster| cluster.finish_of("orders"));
    let (said, written) = throttled(&cluster, THREE, Interrupt::default()).await;
    assert_eq!(said, ["orders: replication 1 to 3: done"]);
    assert_eq!(written.throttles.failed, [""; 0]);
    assert_eq!(lists(&cluster, "orders"), [""; 0]);
    assert_eq!(limited(&cluster), [true, true, true, false], "they need theirs");
}

#[tokio::test(start_paused = true)]
async fn a_list_that_is_longer_than_kafka_takes_is_refused_before_anything_is_begun() {
    let cluster = MemoryCluster::new(3);
    cluster.create("orders", 3_000, 1, &[]);
    let (said, _) = throttled(&cluster, THREE, Interrupt::default()).await;
    assert_eq!(
        said,
        [
            "orders: replication 1 to 3: failed: not limited, and so not begun: the list of its replicas would be \
             longer than Kafka takes (32767 bytes); apply topic orders without --throttle"
        ]
    );
    assert_eq!(cluster.requests().get("AlterPartitionReassignments"), None);
    nothing_is_left(&cluster, "orders");
}
