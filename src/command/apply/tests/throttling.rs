//! Throttles: this tool's own go when they have served, also after a run that ended in the middle, and those
//! of others stay.

use std::collections::BTreeSet;

use super::*;
use crate::admin::memory::{Api, Call, Scope};
use crate::apply::{AppliedThrottles, clear_throttles};
use crate::model::BrokerId;
use crate::model::throttle::{
    THROTTLED_RATE, THROTTLED_REPLICAS, own_throttled_replicas, throttled_replicas,
};

pub(super) const THREE: &str = "  - {name: orders, replication: 3}\n";
const RATE: i64 = 10 << 20;

/// Applies with a throttle; gives the report and what is said of throttles.
pub(super) async fn throttled(
    cluster: &MemoryCluster,
    topics: &str,
    interrupt: Interrupt,
) -> (Vec<String>, Written) {
    let wanted = desired(topics);
    let plan = planned(cluster, &wanted).await;
    let Decision::Approved(approved) = gate::judge(&plan, &everything()) else {
        panic!("everything is allowed");
    };
    let view = cluster.cluster().await.expect("the cluster is there");
    let writing = Writing {
        admin: cluster,
        cluster: &view,
        desired: &wanted,
        permissions: everything(),
        on_drift: OnDrift::PlanAgain,
        journal: &NoJournal,
        visible_within: Duration::from_mins(1),
        waits: true,
        throttle: Some(RATE),
        shows_progress: false,
    };
    let written = writing.run(plan, approved, interrupt).await;
    (lines(&written), written)
}

/// A throttled run that is stopped while replicas are being copied.
pub(super) async fn begun(cluster: &MemoryCluster, topics: &str) {
    cluster.hold_reassignments();
    let interrupt = Interrupt::default();
    let raised = interrupt.clone();
    cluster.before(Call::write(Api::AlterPartitionReassignments), 1, move |_| {
        raised.raise();
    });
    let (said, _) = throttled(&cluster.another_client(), topics, interrupt).await;
    assert!(
        said[0].contains("unknown: in progress on the brokers; interrupted"),
        "{said:?}"
    );
}

pub(super) fn lists(cluster: &MemoryCluster, topic: &str) -> Vec<String> {
    let overrides = cluster.overrides(topic);
    let lists = THROTTLED_REPLICAS.iter().filter_map(|key| overrides.get(*key));
    lists.cloned().collect()
}

pub(super) fn rates(cluster: &MemoryCluster, broker: i32) -> Vec<String> {
    let told = cluster.told(BrokerId(broker));
    let rates = THROTTLED_RATE.iter().filter_map(|key| told.get(*key));
    rates.map(ToString::to_string).collect()
}

pub(super) fn nothing_is_left(cluster: &MemoryCluster, topic: &str) {
    assert_eq!(lists(cluster, topic), [""; 0]);
    for broker in 1..=4 {
        assert_eq!(rates(cluster, broker), [""; 0]);
    }
}

#[tokio::test(start_paused = true)]
async fn what_is_moved_is_throttled_and_nothing_else() {
    let cluster = MemoryCluster::new(4);
    cluster.create("orders", 2, 1, &[]);
    cluster.reassign("orders", 0, &[1, 2]);
    cluster.reassign("orders", 1, &[2]);
    begun(&cluster, "  - {name: orders, replication: 2}\n").await;
    let lists: Vec<Vec<(i32, i32)>> = lists(&cluster, "orders")
        .iter()
        .map(|list| own_throttled_replicas(list).expect("an own list"))
        .map(|replicas| {
            replicas
                .iter()
                .map(|(index, broker)| (*index, broker.0))
                .collect()
        })
        .collect();
    assert_eq!(lists, [vec![(1, 2)], vec![(1, 3)]]);
    assert_eq!(rates(&cluster, 1), [""; 0]);
    assert_eq!(rates(&cluster, 2).len(), 2);
    assert_eq!(rates(&cluster, 3), rates(&cluster, 2));
    assert_eq!(rates(&cluster, 4), [""; 0]);
}

#[tokio::test(start_paused = true)]
async fn a_throttle_goes_with_what_it_was_for() {
    let cluster = MemoryCluster::new(3);
    cluster.create("orders", 3, 1, &[]);
    let (said, written) = throttled(&cluster, THREE, Interrupt::default()).await;
    assert_eq!(said, ["orders: replication 1 to 3: done"]);
    assert_eq!(written.throttles, crate::apply::ThrottleReport::default());
    nothing_is_left(&cluster, "orders");
    assert!(cluster.requests()["IncrementalAlterConfigs"] > 3, "it was set");
}

#[tokio::test(start_paused = true)]
async fn the_next_run_takes_away_what_a_killed_one_left() {
    let cluster = MemoryCluster::new(3);
    cluster.create("orders", 3, 1, &[]);
    begun(&cluster, THREE).await;
    assert_eq!(lists(&cluster, "orders").len(), 2);
    cluster.before(
        Api::ListPartitionReassignments,
        6,
        MemoryCluster::finish_reassignments,
    );
    let followed = applied(&cluster, &desired(THREE), Permissions::default()).await;
    assert_eq!(lines(&followed), ["orders: replication 1 to 3: done"]);
    nothing_is_left(&cluster, "orders");
    assert_eq!(followed.throttles, crate::apply::ThrottleReport::default());
}

#[tokio::test(start_paused = true)]
async fn a_topic_in_sync_says_that_a_throttle_is_left_and_is_rid_of_it() {
    let cluster = MemoryCluster::new(3);
    cluster.create("orders", 3, 1, &[]);
    begun(&cluster, THREE).await;
    cluster.finish_reassignments();
    let plan = planned(&cluster, &desired(THREE)).await;
    assert!(plan.is_in_sync());
    let left = plan.throttled();
    assert_eq!(left.len(), 1);
    clear_throttles(&cluster, &left, &AppliedThrottles::default()).await;
    nothing_is_left(&cluster, "orders");
    assert!(planned(&cluster, &desired(THREE)).await.throttled().is_empty());
}

#[tokio::test(start_paused = true)]
async fn whatever_a_killed_run_had_not_come_to_is_made_up_for() {
    // Killed after the lists and before the rates, after some of the rates, and when rates were gone again.
    for brokers_without_rates in [vec![1, 2, 3], vec![2], vec![1, 3]] {
        let cluster = MemoryCluster::new(3);
        cluster.create("orders", 3, 1, &[]);
        begun(&cluster, THREE).await;
        for broker in brokers_without_rates {
            for key in THROTTLED_RATE {
                cluster.set_broker_config(Scope::Broker(BrokerId(broker)), key, None);
            }
        }
        cluster.before(
            Api::ListPartitionReassignments,
            6,
            MemoryCluster::finish_reassignments,
        );
        applied(&cluster, &desired(THREE), Permissions::default()).await;
        nothing_is_left(&cluster, "orders");
    }
}

#[tokio::test(start_paused = true)]
async fn throttles_of_others_stay_and_are_said() {
    let cluster = MemoryCluster::new(3);
    cluster.create("orders", 1, 1, &[(THROTTLED_REPLICAS[0], "0:1")]);
    cluster.create("payments", 1, 1, &[]);
    for key in THROTTLED_RATE {
        cluster.set_broker_config(Scope::Broker(BrokerId(2)), key, Some("1000000"));
    }
    cluster.set_broker_config(Scope::Broker(BrokerId(3)), THROTTLED_RATE[0], Some("5"));
    let both = "  - {name: orders, replication: 3}\n  - {name: payments, replication: 3}\n";
    let (said, written) = throttled(&cluster, both, Interrupt::default()).await;
    assert_eq!(
        said,
        [
            "orders: replication 1 to 3: failed: not limited, and so not begun: topic orders has throttled replicas of \
             somebody else's; remove them, or apply without --throttle",
            "payments: replication 1 to 3: done"
        ]
    );
    assert_eq!(
        written.throttles.left,
        [
            "broker 2 has a replication throttle of somebody else's, left as it is",
            "broker 3 has a replication throttle of somebody else's, left as it is"
        ]
    );
    assert_eq!(lists(&cluster, "orders"), ["0:1"]);
    assert_eq!(lists(&cluster, "payments"), [""; 0]);
    assert_eq!(rates(&cluster, 1), [""; 0]);
    assert_eq!(rates(&cluster, 2), ["1000000", "1000000"]);
    assert_eq!(rates(&cluster, 3), ["5"]);
}

#[tokio::test(start_paused = true)]
async fn what_somebody_changed_afterwards_is_theirs() {
    let cluster = MemoryCluster::new(3);
    cluster.create("orders", 1, 1, &[]);
    begun(&cluster, THREE).await;
    let list = format!("{},5:5", lists(&cluster, "orders")[0]);
    cluster.set("orders", THROTTLED_REPLICAS[0], &list);
    cluster.set_broker_config(Scope::Broker(BrokerId(2)), THROTTLED_RATE[0], Some("7"));
    cluster.before(
        Api::ListPartitionReassignments,
        6,
        MemoryCluster::finish_reassignments,
    );
    let written = applied(&cluster, &desired(THREE), Permissions::default()).await;
    assert_eq!(lists(&cluster, "orders"), [list]);
    assert_eq!(rates(&cluster, 2)[0], "7");
    assert_eq!(rates(&cluster, 3), [""; 0]);
    assert_eq!(
        written.throttles.left,
        ["topic orders has throttled replicas that somebody changed, left as they are"]
    );
}

#[tokio::test(start_paused = true)]
async fn a_rate_stays_as_long_as_another_run_needs_it() {
    let cluster = MemoryCluster::new(3);
    cluster.create("orders", 1, 1, &[]);
    cluster.create("payments", 1, 1, &[]);
    begun(&cluster, THREE).await;
    begun(&cluster, "  - {name: payments, replication: 3}\n").await;
    cluster.finish_of("orders");
    let plan = planned(&cluster, &desired(THREE)).await;
    clear_throttles(&cluster, &plan.throttled(), &AppliedThrottles::default()).await;
    assert_eq!(lists(&cluster, "orders"), [""; 0]);
    assert_eq!(rates(&cluster, 1).len(), 2);
    cluster.finish_reassignments();
    let wanted = desired("  - {name: payments, replication: 3}\n");
    let left = planned(&cluster, &wanted).await.throttled();
    clear_throttles(&cluster, &left, &AppliedThrottles::default()).await;
    nothing_is_left(&cluster, "payments");
}

#[tokio::test(start_paused = true)]
async fn what_cannot_be_limited_is_not_begun() {
    let cluster = MemoryCluster::new(3);
    cluster.create("orders", 1, 1, &[]);
    cluster.deny_broker_configs();
    let (said, _) = throttled(&cluster, THREE, Interrupt::default()).await;
    assert_eq!(
        said,
        [
            "orders: replication 1 to 3: failed: not limited, and so not begun: the configs of broker 1 could not be \
             read: Cluster authorization failed. (CLUSTER_AUTHORIZATION_FAILED): needs DescribeConfigs on the cluster"
        ]
    );
    assert_eq!(cluster.requests().get("AlterPartitionReassignments"), None);
    nothing_is_left(&cluster, "orders");
}

#[tokio::test(start_paused = true)]
async fn what_a_killed_run_wrote_a_moment_ago_is_found_at_the_end() {
    let cluster = MemoryCluster::new(3);
    cluster.create("orders", 1, 1, &[]);
    cluster.before(Call::write(Api::AlterPartitionReassignments), 1, |cluster| {
        let list = throttled_replicas(&BTreeSet::from([(0, BrokerId(1))]));
        cluster.set("orders", THROTTLED_REPLICAS[0], &list);
    });
    let written = applied(&cluster, &desired(THREE), everything()).await;
    assert_eq!(lines(&written), ["orders: replication 1 to 3: done"]);
    assert!(cluster.script_is_over());
    nothing_is_left(&cluster, "orders");
}

#[tokio::test(start_paused = true)]
async fn a_run_that_was_killed_before_its_elections_is_made_up_for() {
    let cluster = MemoryCluster::new(3);
    cluster.create("orders", 3, 1, &[]);
    for partition in 0..3 {
        cluster.reassign("orders", partition, &[1]);
    }
    begun(&cluster, THREE).await;
    cluster.finish_reassignments();
    let plan = planned(&cluster, &desired(THREE)).await;
    assert!(plan.is_in_sync());
    clear_throttles(&cluster, &plan.throttled(), &AppliedThrottles::default()).await;
    let topic = cluster.topic("orders").expect("the topic");
    for partition in &topic.partitions {
        assert_eq!(partition.leader, partition.replicas.first().copied());
    }
    nothing_is_left(&cluster, "orders");
}
