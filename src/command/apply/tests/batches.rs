//! Moves that come one batch after the other: what happens between two of them.

use super::reassigning::{THREE, sent};
use super::*;
use crate::admin::memory::{Api, Call};
use crate::model::BrokerId;

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
async fn a_copy_that_does_not_go_on_keeps_nothing_else_from_being_done() {
    let cluster = MemoryCluster::new(3);
    cluster.create("orders", 1, 1, &[]);
    cluster.create("retired", 1, 1, &[]);
    cluster.before(Call::write(Api::AlterPartitionReassignments), 1, |cluster| {
        cluster.stop(BrokerId(3));
    });
    let wanted = desired(&format!("{THREE}  - {{name: retired, state: absent}}\n"));
    let said = lines(&applied(&cluster, &wanted, everything()).await);
    assert!(said[0].contains("broker 3 is not alive"), "{said:?}");
    assert_eq!(said[1], "retired: delete: done");
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
