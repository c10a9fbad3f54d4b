//! `min.insync.replicas` and replication that change together: at no moment are producers asked for more replicas
//! than there are.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

use super::*;
use crate::admin::memory::{Api, Call};
use crate::model::BrokerId;

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
        "orders: set min.insync.replicas=2: not attempted: it is raised once the new replicas are in the ISR; run apply \
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
