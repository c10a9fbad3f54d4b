//! New partitions of topics that are mixed or being moved, brokers that take none, and moves that are taken back.

use std::collections::BTreeMap;

use super::reassigning::{replicas, sent};
use super::*;
use crate::admin::ReplicasToAssign;
use crate::admin::memory::{Api, Call};
use crate::model::{BrokerId, RunPurpose, TopicName};

fn counts(cluster: &MemoryCluster) -> Vec<usize> {
    replicas(cluster)
        .iter()
        .map(|(replicas, _)| replicas.len())
        .collect()
}

fn mixed() -> MemoryCluster {
    let cluster = MemoryCluster::new(3);
    cluster.create("orders", 3, 1, &[]);
    cluster.reassign("orders", 2, &[3, 1]);
    cluster
}

async fn somebody_moves(cluster: &MemoryCluster, partition: i32, to: &[i32]) {
    let wanted = ReplicasToAssign {
        name: TopicName::new("orders").expect("a name"),
        partitions: BTreeMap::from([(partition, to.iter().copied().map(BrokerId).collect())]),
    };
    let client = cluster.another_client();
    let answers = client.alter_partition_reassignments(&[wanted]).await;
    assert!(answers.expect("an answer").values().all(Result::is_ok));
}

#[tokio::test(start_paused = true)]
async fn a_mixed_topic_is_moved_first_and_then_grows() {
    let cluster = mixed();
    let wanted = desired("  - {name: orders, partitions: 5, replication: 1}\n");
    let written = applied(&cluster, &wanted, everything()).await;
    let mut said = lines(&written);
    said.sort_unstable();
    assert_eq!(
        said,
        [
            "orders: partitions 3 to 5: done",
            "orders: replication 1 to 2, mixed to 1: done"
        ]
    );
    assert_eq!(counts(&cluster), [1; 5]);
    assert!(planned(&cluster, &wanted).await.is_in_sync());
}

#[tokio::test(start_paused = true)]
async fn while_replicas_do_not_arrive_new_partitions_wait() {
    let cluster = mixed();
    cluster.hold_reassignments();
    let wanted = desired("  - {name: orders, partitions: 5, replication: 2}\n");
    let written = applied(&cluster, &wanted, everything()).await;
    let said = lines(&written);
    let waits = "orders: partitions 3 to 5: not attempted: the new partitions come once the replicas have moved; run \
                 apply again";
    assert!(said.iter().any(|line| line == waits), "{said:?}");
    assert_eq!(
        cluster.topic("orders").map(|topic| topic.partitions.len()),
        Some(3)
    );
}

#[tokio::test(start_paused = true)]
async fn beside_a_move_of_what_the_controller_counts_nothing_grows() {
    let cluster = MemoryCluster::new(3);
    cluster.create("orders", 3, 1, &[]);
    cluster.hold_reassignments();
    let wanted = desired("  - {name: orders, partitions: 4}\n");
    let last = replicas(&cluster)[2].0[0];
    somebody_moves(&cluster, 2, &[last % 3 + 1]).await;
    assert!(planned(&cluster, &wanted).await.has_refusals());
    cluster.finish_reassignments();
    let written = applied(&cluster, &wanted, everything()).await;
    assert_eq!(lines(&written), ["orders: partitions 3 to 4: done"]);
    assert_eq!(counts(&cluster), [1; 4]);
}

#[tokio::test(start_paused = true)]
async fn beside_a_move_of_another_partition_new_ones_get_what_all_will_have() {
    let cluster = MemoryCluster::new(3);
    cluster.create("orders", 3, 1, &[]);
    cluster.hold_reassignments();
    let first = replicas(&cluster)[0].0[0];
    somebody_moves(&cluster, 0, &[first % 3 + 1]).await;
    let wanted = desired("  - {name: orders, partitions: 4}\n");
    let written = applied(&cluster, &wanted, everything()).await;
    assert_eq!(lines(&written), ["orders: partitions 3 to 4: done"]);
    cluster.finish_reassignments();
    assert_eq!(counts(&cluster), [1; 4]);
}

#[tokio::test(start_paused = true)]
async fn a_placement_that_the_broker_refuses_is_left_to_the_broker() {
    let cluster = MemoryCluster::new(3);
    cluster.create("orders", 3, 1, &[]);
    // Between the look at brokers and the question.
    cluster.before(Api::CreatePartitions, 1, |cluster| cluster.cordon(BrokerId(3)));
    let wanted = desired("  - {name: orders, partitions: 9}\n");
    let written = applied(&cluster, &wanted, everything()).await;
    assert_eq!(lines(&written), ["orders: partitions 3 to 9: done"]);
    let placed = replicas(&cluster);
    assert!(
        placed[3..].iter().all(|(replicas, _)| !replicas.contains(&3)),
        "{placed:?}"
    );
    assert!(cluster.script_is_over());
}

#[tokio::test(start_paused = true)]
async fn replicas_leave_cordoned_brokers_and_do_not_come_to_them() {
    let cluster = MemoryCluster::new(3);
    cluster.create("orders", 3, 1, &[]);
    for (partition, broker) in [(0, 1), (1, 2), (2, 3)] {
        cluster.reassign("orders", partition, &[broker]);
    }
    cluster.cordon(BrokerId(3));
    let wanted = desired("  - {name: orders, replication: 2}\n");
    let written = applied(&cluster, &wanted, everything()).await;
    assert_eq!(lines(&written), ["orders: replication 1 to 2: done"]);
    let placed = replicas(&cluster);
    assert!(
        placed.iter().all(|(replicas, _)| !replicas.contains(&3)),
        "{placed:?}"
    );
}

#[tokio::test(start_paused = true)]
async fn a_stuck_move_is_taken_back_and_nothing_else_is_done() {
    let cluster = MemoryCluster::new(3);
    cluster.create("orders", 2, 1, &[]);
    cluster.reassign("orders", 0, &[1]);
    cluster.hold_reassignments();
    somebody_moves(&cluster, 0, &[2]).await;
    let mut wanted = desired("  - {name: orders, partitions: 6, replication: 3}\n");
    wanted.purpose = RunPurpose::CancelMoves;
    let written = applied(&cluster, &wanted, everything()).await;
    assert_eq!(lines(&written), ["orders: cancel moves of [0]: done"]);
    assert_eq!(replicas(&cluster)[0].0, [1]);
    assert_eq!(replicas(&cluster).len(), 2);
    assert!(planned(&cluster, &wanted).await.is_in_sync());
    assert_eq!(sent(&cluster, "CreatePartitions"), 0);
}

#[tokio::test(start_paused = true)]
async fn a_move_that_ended_meanwhile_is_not_taken_back() {
    let cluster = MemoryCluster::new(3);
    cluster.create("orders", 2, 1, &[]);
    cluster.reassign("orders", 0, &[1]);
    cluster.hold_reassignments();
    somebody_moves(&cluster, 0, &[2]).await;
    let mut wanted = desired("  - {name: orders}\n");
    wanted.purpose = RunPurpose::CancelMoves;
    cluster.before(
        Call::write(Api::AlterPartitionReassignments),
        1,
        MemoryCluster::finish_reassignments,
    );
    let written = applied(&cluster, &wanted, everything()).await;
    assert_eq!(replicas(&cluster)[0].0, [2], "{:?}", lines(&written));
}
