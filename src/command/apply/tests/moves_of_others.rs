//! Moves that were begun by others, or by this run without its knowing; and what moves come to.

use std::collections::BTreeMap;

use super::reassigning::{THREE, TWO, replicas, sent};
use super::*;
use crate::admin::ReplicasToAssign;
use crate::admin::memory::{Api, Call, Fault};
use crate::model::{BrokerId, TopicName};
use crate::plan::ReplicationChange;

#[tokio::test(start_paused = true)]
async fn what_was_begun_and_not_answered_is_followed() {
    let cluster = MemoryCluster::new(3);
    cluster.create("orders", 3, 1, &[]);
    for partition in 0..3 {
        cluster.reassign("orders", partition, &[1]);
    }
    cluster.hold_reassignments();
    cluster.inject(Fault::lost_answer(Call::write(Api::AlterPartitionReassignments)));
    cluster.before(
        Api::ListPartitionReassignments,
        8,
        MemoryCluster::finish_reassignments,
    );
    let written = applied(&cluster, &desired(THREE), everything()).await;
    assert_eq!(lines(&written), ["orders: replication 1 to 3: done"]);
    assert_eq!(sent(&cluster, "AlterPartitionReassignments"), 1);
    assert!(cluster.script_is_over());
    let topic = cluster.topic("orders").expect("the topic");
    for partition in &topic.partitions {
        assert_eq!(partition.leader, partition.replicas.first().copied());
    }
}

/// As [`super::super::run`] would be asked to do by somebody else's tool.
async fn somebody_moves(cluster: &MemoryCluster, partition: i32, to: &[i32]) {
    let wanted = ReplicasToAssign {
        name: TopicName::new("orders").expect("a name"),
        partitions: BTreeMap::from([(partition, to.iter().copied().map(BrokerId).collect())]),
    };
    let answers = cluster
        .another_client()
        .alter_partition_reassignments(&[wanted])
        .await;
    assert!(answers.expect("an answer").values().all(Result::is_ok));
}

#[tokio::test(start_paused = true)]
async fn beside_a_move_of_somebody_elses_that_leads_there_nothing_is_sent() {
    let cluster = MemoryCluster::new(3);
    cluster.create("orders", 3, 2, &[]);
    for partition in 0..3 {
        cluster.reassign("orders", partition, &[1, 2]);
    }
    cluster.hold_reassignments();
    somebody_moves(&cluster, 0, &[1, 3]).await;
    cluster.before(
        Api::ListPartitionReassignments,
        4,
        MemoryCluster::finish_reassignments,
    );
    let written = applied(&cluster, &desired(TWO), Permissions::default()).await;
    assert_eq!(lines(&written), ["orders: replication 2 to 2: done"]);
    assert_eq!(sent(&cluster, "AlterPartitionReassignments"), 0);
    let there = replicas(&cluster);
    assert_eq!([&there[1].0, &there[2].0], [&[1, 2], &[1, 2]]);
}

#[tokio::test(start_paused = true)]
async fn what_somebody_begins_before_the_write_is_not_overwritten() {
    let cluster = MemoryCluster::new(4);
    cluster.create("orders", 3, 3, &[]);
    cluster.reassign("orders", 0, &[1, 2]);
    cluster.reassign("orders", 1, &[1, 2, 3]);
    cluster.reassign("orders", 2, &[1, 2, 3]);
    let plan = planned(&cluster, &desired(THREE)).await;
    let reorders = plan.topics.values().flat_map(|topic| &topic.changes);
    let reorders = reorders.filter_map(|planned| planned.change.reassignment());
    let reordered: Vec<i32> = reorders
        .flat_map(ReplicationChange::sent)
        .map(|(index, _)| index)
        .collect();
    let other = *reordered
        .iter()
        .find(|index| **index > 0)
        .expect("a partition that is only reordered");
    cluster.hold_reassignments();
    somebody_moves(&cluster, other, &[2, 3, 4]).await;
    cluster.before(
        Api::ListPartitionReassignments,
        6,
        MemoryCluster::finish_reassignments,
    );
    written(
        &cluster,
        &desired(THREE),
        plan,
        everything(),
        Interrupt::default(),
    )
    .await;
    let there = replicas(&cluster);
    assert_eq!(there[usize::try_from(other).expect("an index")].0, [2, 3, 4]);
}

#[tokio::test(start_paused = true)]
async fn what_fewer_replicas_free_is_foreseen_beside_what_others_copy() {
    let cluster = MemoryCluster::new(3);
    cluster.create("orders", 1, 3, &[]);
    cluster.append("orders", 0, 10, 1_000);
    let freed = planned(&cluster, &desired(TWO))
        .await
        .forecast()
        .expect("a forecast");
    let held = freed.copied.freed();
    assert!(held > 0 && freed.copied.bytes() == 0, "{freed:?}");
    let broker = *freed.copied.freed.keys().next().expect("a broker");
    let (now, then) = freed.used(broker).expect("its disks");
    assert_eq!(now - then, held);
    cluster.create("payments", 1, 1, &[]);
    cluster.append("payments", 0, 10, 1_000);
    let both = desired(&format!("{TWO}  - {{name: payments, replication: 2}}\n"));
    let both = planned(&cluster, &both).await.forecast().expect("a forecast");
    assert_eq!((both.copied.bytes(), both.copied.freed()), (held, held));
}

#[tokio::test(start_paused = true)]
async fn what_is_moved_and_cannot_be_seen_is_said_and_not_written_over() {
    let cluster = MemoryCluster::new(3);
    cluster.create("orders", 1, 1, &[]);
    cluster.inject(Fault::lost_request(Api::ListPartitionReassignments).times(100));
    let plan = planned(&cluster, &desired(THREE)).await;
    assert!(plan.has_changes() && !plan.has_unreadable(), "the rest stands");
    let said = lines(
        &written(
            &cluster,
            &desired(THREE),
            plan,
            everything(),
            Interrupt::default(),
        )
        .await,
    );
    assert!(
        said[0].starts_with(
            "orders: replication 1 to 3: not attempted: right before the write, what is being moved could not be read: "
        ),
        "{said:?}"
    );
    assert_eq!(sent(&cluster, "AlterPartitionReassignments"), 0);
}
