//! Replicas that are moved: by this run, by another one, by somebody else, and not to an end.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

use super::*;
use crate::admin::ReplicasToAssign;
use crate::admin::memory::{Api, Call, Fault};
use crate::model::{BrokerId, TopicName};
use crate::plan::ReplicationChange;

const THREE: &str = "  - {name: orders, replication: 3}\n";
const TWO: &str = "  - {name: orders, replication: 2}\n";

/// Replicas of each partition, and who leads it.
fn replicas(cluster: &MemoryCluster) -> Vec<(Vec<i32>, Option<i32>)> {
    let topic = cluster.topic("orders").expect("the topic");
    let ids = |ids: &[BrokerId]| ids.iter().map(|id| id.0).collect();
    let each = topic.partitions.iter();
    each.map(|partition| (ids(&partition.replicas), partition.leader.map(|id| id.0)))
        .collect()
}

fn sent(cluster: &MemoryCluster, kind: &str) -> u64 {
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
            "orders: replication 1 to 3: unknown: accepted; interrupted while replicas are being copied; run apply \
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
        when_moved: WhenMoved::PlanAgain,
        journal: &NoJournal,
        visible_within: Duration::from_mins(1),
        waits: false,
        throttle: None,
        shows_progress: false,
    };
    let written = writing.run(plan, approved, Interrupt::default()).await;
    assert_eq!(lines(&written), ["orders: replication 1 to 3: done"]);
    assert_eq!(written.shown, crate::apply::Shown::NotLookedAt);
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

const SAFER: &str = "  - {name: orders, replication: 3, min_insync_replicas: 2, retention: 1d}\n";

#[tokio::test(start_paused = true)]
async fn producers_are_not_stopped_while_replicas_are_copied() {
    let cluster = MemoryCluster::new(3);
    cluster.create("orders", 1, 1, &[]);
    let seen = Rc::new(RefCell::new(BTreeMap::new()));
    let sight = Rc::clone(&seen);
    cluster.before(Call::write(Api::AlterPartitionReassignments), 1, move |cluster| {
        sight.replace(cluster.overrides("orders"));
    });
    let written = applied(&cluster, &desired(SAFER), everything()).await;
    assert_eq!(
        lines(&written),
        [
            "orders: set retention.ms=86400000: done",
            "orders: replication 1 to 3: done",
            "orders: set min.insync.replicas=2: done"
        ]
    );
    let before: Vec<String> = seen.borrow().keys().cloned().collect();
    assert_eq!(before, ["retention.ms"]);
    assert!(planned(&cluster, &desired(SAFER)).await.is_in_sync());
}

#[tokio::test(start_paused = true)]
async fn producers_are_not_stopped_by_a_copy_that_does_not_end() {
    let cluster = MemoryCluster::new(3);
    cluster.create("orders", 1, 1, &[]);
    cluster.before(Call::write(Api::AlterPartitionReassignments), 1, |cluster| {
        cluster.stop(BrokerId(3));
    });
    let written = applied(&cluster, &desired(SAFER), everything()).await;
    let lines = lines(&written);
    assert!(
        lines[1].starts_with("orders: replication 1 to 3: unknown: "),
        "{lines:?}"
    );
    assert_eq!(
        lines[2],
        "orders: set min.insync.replicas=2: not attempted: it is raised once the new replicas are in sync; run apply \
         again"
    );
    cluster.start(BrokerId(3));
    applied(&cluster, &desired(SAFER), Permissions::default()).await;
    assert!(planned(&cluster, &desired(SAFER)).await.is_in_sync());
}

#[tokio::test(start_paused = true)]
async fn a_lower_number_that_must_be_in_sync_comes_before_fewer_replicas() {
    let cluster = MemoryCluster::new(3);
    cluster.create("orders", 1, 3, &[("min.insync.replicas", "2")]);
    let wanted = desired("  - {name: orders, replication: 1, min_insync_replicas: 1}\n");
    let written = applied(&cluster, &wanted, everything()).await;
    assert_eq!(
        lines(&written),
        [
            "orders: set min.insync.replicas=1: done",
            "orders: replication 3 to 1: done"
        ]
    );
}

/// Two topics that do not go into one batch together.
fn two_batches(cluster: &MemoryCluster) -> &'static str {
    for topic in ["first", "second"] {
        cluster.create(topic, 600, 1, &[]);
        for partition in 0..600 {
            cluster.reassign(topic, partition, &[1]);
        }
    }
    "  - {name: first, replication: 2}\n  - {name: second, replication: 2}\n"
}

#[tokio::test(start_paused = true)]
async fn nothing_more_is_begun_behind_a_copy_that_does_not_go_on() {
    let cluster = MemoryCluster::new(3);
    let wanted = desired(two_batches(&cluster));
    cluster.before(Call::write(Api::AlterPartitionReassignments), 1, |cluster| {
        cluster.stop(BrokerId(3));
    });
    let said = lines(&applied(&cluster, &wanted, everything()).await);
    assert!(said[0].contains("broker 3 is not alive"), "{said:?}");
    assert_eq!(
        said[1],
        "second: replication 1 to 2: not attempted: what was begun before is not copied; run apply again when it is"
    );
    assert_eq!(sent(&cluster, "AlterPartitionReassignments"), 1);
}

#[tokio::test(start_paused = true)]
async fn a_broker_that_dies_between_two_batches_gets_none_of_the_second() {
    let cluster = MemoryCluster::new(3);
    let wanted = desired(two_batches(&cluster));
    cluster.before(Call::write(Api::ElectLeaders), 1, |_| {});
    cluster.before(Api::ListPartitionReassignments, 1, |cluster| {
        cluster.stop(BrokerId(3));
    });
    let said = lines(&applied(&cluster, &wanted, everything()).await);
    assert_eq!(
        said,
        [
            "first: replication 1 to 2: done",
            "second: replication 1 to 2: done"
        ]
    );
    let second = cluster.topic("second").expect("the topic");
    let there = second.partitions.iter();
    let there = there.filter(|partition| partition.replicas.contains(&BrokerId(3)));
    assert_eq!(there.count(), 0);
}

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
