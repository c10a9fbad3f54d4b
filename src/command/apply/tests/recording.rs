//! What a record hears of an apply, and that what cannot be recorded is not done.

use std::cell::RefCell;

use super::*;
use crate::apply::Journal;
use crate::model::TopicName;
use crate::plan::{ChangeKind, PlannedChange};

#[derive(Default)]
struct Listener {
    heard: RefCell<Vec<String>>,
    /// From this batch on, nothing can be recorded.
    full_from: Option<usize>,
}

impl Journal for Listener {
    fn attempting(&self, kind: ChangeKind, changes: &[(&TopicName, &PlannedChange)]) -> Result<(), String> {
        let mut heard = self.heard.borrow_mut();
        let before = heard.iter().filter(|line| line.starts_with("attempting")).count();
        if self.full_from.is_some_and(|full| before >= full) {
            return Err("the disk is full".to_owned());
        }
        let change =
            |(topic, planned): &(&TopicName, &PlannedChange)| format!("{topic}: {}", what(&planned.change));
        let changes: Vec<String> = changes.iter().map(change).collect();
        heard.push(format!("attempting {kind:?}: {}", changes.join(", ")));
        Ok(())
    }

    fn ended(&self, topic: &TopicName, planned: &PlannedChange, outcome: &Outcome) {
        let line = format!("{topic}: {}: {}", what(&planned.change), how(outcome));
        self.heard.borrow_mut().push(line);
    }
}

const TOPICS: &str = "  - {name: fresh}\n  - {name: orders, partitions: 3, retention: 7d}\n";

async fn heard(cluster: &MemoryCluster, listener: &Listener) -> Written {
    let wanted = desired(TOPICS);
    let plan = planned(cluster, &wanted).await;
    let Decision::Approved(approved) = gate::judge(&plan, &everything()) else {
        panic!("the gate is shut for {plan:?}");
    };
    let view = cluster.cluster().await.expect("the cluster is there");
    let writing = Writing {
        admin: cluster,
        cluster: &view,
        desired: &wanted,
        permissions: everything(),
        on_drift: OnDrift::PlanAgain,
        journal: listener,
        visible_within: Duration::from_mins(1),
        waits: true,
        throttle: None,
        shows_progress: false,
    };
    writing.run(plan, approved, Interrupt::default()).await
}

#[tokio::test(start_paused = true)]
async fn every_batch_is_told_before_and_every_change_after() {
    let cluster = MemoryCluster::new(1);
    cluster.create("orders", 1, 1, &[("retention.ms", "1000")]);
    let listener = Listener::default();
    heard(&cluster, &listener).await;
    assert_eq!(
        listener.heard.into_inner(),
        [
            "attempting Create: fresh: create",
            "fresh: create: done",
            "attempting Configs: orders: set retention.ms=604800000",
            "orders: set retention.ms=604800000: done",
            "attempting Partitions: orders: partitions 1 to 3",
            "orders: partitions 1 to 3: done",
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn what_cannot_be_recorded_is_not_written() {
    let cluster = MemoryCluster::new(1);
    cluster.create("orders", 1, 1, &[("retention.ms", "1000")]);
    let listener = Listener {
        full_from: Some(1),
        ..Listener::default()
    };
    let written = heard(&cluster, &listener).await;
    assert_eq!(
        lines(&written),
        [
            "fresh: create: done",
            "orders: set retention.ms=604800000: not attempted: the disk is full",
            "orders: partitions 1 to 3: not attempted: the disk is full",
        ]
    );
    assert_eq!(cluster.overrides("orders")["retention.ms"], "1000");
    assert_eq!(cluster.topic("orders").expect("it is there").partitions.len(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_saved_plan_leaves_what_moves_while_it_is_written() {
    let cluster = MemoryCluster::new(1);
    cluster.create("orders", 3, 1, &[("retention.ms", "1000")]);
    let wanted = desired("  - {name: orders, partitions: 3, retention: 7d}\n");
    let plan = planned(&cluster, &wanted).await;
    let Decision::Approved(approved) = gate::judge(&plan, &everything()) else {
        panic!("the gate is shut for {plan:?}");
    };
    cluster.set("orders", "retention.ms", "2000");
    let view = cluster.cluster().await.expect("the cluster is there");
    let writing = Writing {
        admin: &cluster,
        cluster: &view,
        desired: &wanted,
        permissions: everything(),
        on_drift: OnDrift::Leave,
        journal: &NoJournal,
        visible_within: Duration::from_mins(1),
        waits: true,
        throttle: None,
        shows_progress: false,
    };
    let written = writing.run(plan, approved, Interrupt::default()).await;
    assert_eq!(
        lines(&written),
        [
            "orders: set retention.ms=604800000: not attempted: the topic changed since the saved plan was checked; \
             make a new plan"
        ]
    );
    assert_eq!(cluster.overrides("orders")["retention.ms"], "2000");
}
