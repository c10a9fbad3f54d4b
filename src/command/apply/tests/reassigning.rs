//! Replicas that are moved: by this run, by another one, by somebody else, and not to an end.

use super::*;
use crate::admin::memory::{Api, Call};
use crate::model::BrokerId;

pub(super) const THREE: &str = "  - {name: orders, replication: 3}\n";
pub(super) const TWO: &str = "  - {name: orders, replication: 2}\n";

/// Replicas of each partition, and who leads it.
pub(super) fn replicas(cluster: &MemoryCluster) -> Vec<(Vec<i32>, Option<i32>)> {
    let topic = cluster.topic("orders").expect("the topic");
    let ids = |ids: &[BrokerId]| ids.iter().map(|id| id.0).collect();
    let each = topic.partitions.iter();
    each.map(|partition| (ids(&partition.replicas), partition.leader.map(|id| id.0)))
        .collect()
}

pub(super) fn sent(cluster: &MemoryCluster, kind: &str) -> u64 {
    cluster.requests().get(kind).copied().unwrap_or(0)
}

/// A run that begins to move replicas and is stopped before they are copied.
async fn begun(cluster: &MemoryCluster, topics: &str) -> Vec<String> {
    cluster.hold_reassignments();
    let client = cluster.another_client();
    let plan = planned(&client, &desired(topics)).await;
    let interrupt = Interrupt::default();
    let raised = interrupt.clone();
    cluster.before(Call::write(Api::AlterPartitionReassignments), 1, move |_| {
        raised.raise();
    });
    lines(&written(&client, &desired(topics), plan, everything(), interrupt).await)
}

#[tokio::test(start_paused = true)]
async fn replicas_are_added_and_every_partition_has_its_own_leader() {
    let cluster = MemoryCluster::new(3);
    cluster.create("orders", 3, 1, &[]);
    for partition in 0..3 {
        cluster.reassign("orders", partition, &[1]);
        cluster.append("orders", partition, 10, 1_000);
    }
    let written = applied(&cluster, &desired(THREE), everything()).await;
    assert_eq!(lines(&written), ["orders: replication 1 to 3: done"]);
    assert_eq!(
        replicas(&cluster),
        [
            (vec![2, 1, 3], Some(2)),
            (vec![3, 1, 2], Some(3)),
            (vec![1, 2, 3], Some(1))
        ]
    );
    assert!(planned(&cluster, &desired(THREE)).await.is_in_sync());
}

#[tokio::test(start_paused = true)]
async fn replicas_are_taken_away_where_they_are_too_many() {
    let cluster = MemoryCluster::new(3);
    cluster.create("orders", 2, 1, &[]);
    cluster.reassign("orders", 0, &[1, 2, 3]);
    cluster.reassign("orders", 1, &[2]);
    let written = applied(&cluster, &desired(TWO), everything()).await;
    assert_eq!(lines(&written), ["orders: replication 1 to 3, mixed to 2: done"]);
    let replicas = replicas(&cluster);
    assert!(
        replicas.iter().all(|(replicas, _)| replicas.len() == 2),
        "{replicas:?}"
    );
    assert!(planned(&cluster, &desired(TWO)).await.is_in_sync());
}

#[tokio::test(start_paused = true)]
async fn new_partitions_are_moved_in_the_same_run() {
    let cluster = MemoryCluster::new(3);
    cluster.create("orders", 1, 1, &[]);
    let wanted = desired("  - {name: orders, partitions: 3, replication: 2}\n");
    let written = applied(&cluster, &wanted, everything()).await;
    assert_eq!(
        lines(&written),
        [
            "orders: partitions 1 to 3: done",
            "orders: replication 1 to 2: done"
        ]
    );
    assert!(planned(&cluster, &wanted).await.is_in_sync());
}

#[tokio::test(start_paused = true)]
async fn what_is_under_way_is_waited_for_and_nothing_is_sent() {
    let cluster = MemoryCluster::new(3);
    cluster.create("orders", 2, 1, &[]);
    assert_eq!(
        begun(&cluster, THREE).await,
        [
            "orders: replication 1 to 3: unknown: in progress on the brokers; interrupted while replicas are being copied; run apply \
             again to follow it"
        ]
    );
    cluster.before(
        Api::ListPartitionReassignments,
        6,
        MemoryCluster::finish_reassignments,
    );
    let second = cluster.another_client();
    let followed = applied(&second, &desired(THREE), Permissions::default()).await;
    assert_eq!(lines(&followed), ["orders: replication 1 to 3: done"]);
    assert_eq!(sent(&second, "AlterPartitionReassignments"), 0);
    assert!(cluster.script_is_over());
    assert!(planned(&second, &desired(THREE)).await.is_in_sync());
}

#[tokio::test(start_paused = true)]
async fn what_somebody_moves_elsewhere_is_refused_and_left() {
    let cluster = MemoryCluster::new(3);
    cluster.create("orders", 1, 1, &[]);
    begun(&cluster, TWO).await;
    let plan = planned(&cluster, &desired(THREE)).await;
    assert!(plan.has_refusals() && !plan.has_changes());
}

#[tokio::test(start_paused = true)]
async fn nobody_waits_who_does_not_want_to() {
    let cluster = MemoryCluster::new(3);
    cluster.create("orders", 1, 1, &[]);
    cluster.hold_reassignments();
    let wanted = desired(THREE);
    let plan = planned(&cluster, &wanted).await;
    let Decision::Approved(approved) = gate::judge(&plan, &everything()) else {
        panic!("everything is allowed");
    };
    let view = cluster.cluster().await.expect("the cluster is there");
    let writing = Writing {
        admin: &cluster,
        cluster: &view,
        desired: &wanted,
        permissions: everything(),
        on_drift: OnDrift::PlanAgain,
        journal: &NoJournal,
        visible_within: Duration::from_mins(1),
        waits: false,
        throttle: None,
        shows_progress: false,
    };
    let written = writing.run(plan, approved, Interrupt::default()).await;
    assert_eq!(lines(&written), ["orders: replication 1 to 3: done"]);
    assert_eq!(written.shown, crate::apply::Propagation::NotLookedAt);
    assert_eq!(replicas(&cluster)[0].0.len(), 3);
    let status = planned(&cluster, &wanted).await;
    assert!(status.has_changes(), "it is still under way");
}

#[tokio::test(start_paused = true)]
async fn a_copy_that_does_not_go_on_is_not_known_to_end() {
    let cluster = MemoryCluster::new(3);
    cluster.create("orders", 1, 1, &[]);
    cluster.before(Call::write(Api::AlterPartitionReassignments), 1, |cluster| {
        cluster.stop(BrokerId(3));
    });
    let written = applied(&cluster, &desired(THREE), everything()).await;
    assert_eq!(
        lines(&written),
        [
            "orders: replication 1 to 3: unknown: accepted, but no replica was copied for 60 s: broker 3 is not alive, \
             and it goes on when it is; run apply again to follow it"
        ]
    );
    cluster.start(BrokerId(3));
    assert!(planned(&cluster, &desired(THREE)).await.is_in_sync());
}

#[tokio::test(start_paused = true)]
async fn a_diff_in_sync_asks_nothing_of_reassignments() {
    let cluster = MemoryCluster::new(3);
    cluster.create("orders", 3, 3, &[]);
    assert!(planned(&cluster, &desired(THREE)).await.is_in_sync());
    assert_eq!(sent(&cluster, "ListPartitionReassignments"), 0);
}

#[tokio::test(start_paused = true)]
async fn records_that_arrive_meanwhile_are_no_progress() {
    let cluster = MemoryCluster::new(3);
    cluster.create("orders", 2, 1, &[]);
    for partition in 0..2 {
        cluster.reassign("orders", partition, &[1]);
        cluster.append("orders", partition, 10, 1_000);
    }
    cluster.before(Call::write(Api::AlterPartitionReassignments), 1, |cluster| {
        cluster.stop(BrokerId(3));
    });
    for look in 5..400 {
        cluster.before(Api::DescribeLogDirs, look, |cluster| {
            cluster.append("orders", 0, 10, 1_000);
            cluster.append("orders", 1, 10, 1_000);
        });
    }
    let started = tokio::time::Instant::now();
    let written = applied(&cluster, &desired(TWO), everything()).await;
    assert!(lines(&written)[0].contains("no replica was copied for 60 s: broker 3 is not alive"));
    assert!(
        started.elapsed() < Duration::from_mins(2),
        "{:?}",
        started.elapsed()
    );
}
