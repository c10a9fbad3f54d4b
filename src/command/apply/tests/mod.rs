//! Applying against the cluster in memory: what others do meanwhile, what gets lost on the way, what
//! brokers are late with. What real Kafka does of itself is tested on real Kafka.

mod batches;
mod growing;
mod interference;
mod moves_of_others;
mod outcomes;
mod own_writes;
mod producers;
mod pruning;
mod reading;
mod reassigning;
mod recording;
mod replaced;
mod saved_elsewhere;
mod throttling;
mod throttling_hardship;
mod visibility;

use std::time::Duration;

use super::super::clock;
use super::writing::{OnDrift, Writing, Written};
use crate::admin::Admin;
use crate::admin::memory::MemoryCluster;
use crate::apply::{Interrupt, NoJournal, Outcome};
use crate::manifest::{self, ManifestFile, Selection};
use crate::model::{Desired, Pattern};
use crate::plan::gate::{self, Decision, Permissions};
use crate::plan::{Change, Plan};
use crate::prepare::prepare;

/// The topics of a manifest, given as its lines under `topics:`.
fn desired(topics: &str) -> Desired {
    let bytes = format!("version: 1\ntopics:\n{topics}").into_bytes();
    let file = ManifestFile {
        name: "topics.yaml".into(),
        bytes,
    };
    let loaded = manifest::load_files(vec![file], &Selection::Unspecified, &|_| None);
    loaded.expect("the test's manifest is valid").desired
}

/// Everything is allowed, so that the gate is not what is tested.
fn everything() -> Permissions {
    Permissions {
        assume_yes: true,
        may_lose_data: vec![Pattern::new("*")],
        ..Permissions::default()
    }
}

async fn planned(cluster: &MemoryCluster, desired: &Desired) -> Plan {
    let view = cluster.cluster().await.expect("the cluster is there");
    prepare(cluster, &view, desired, clock::now)
        .await
        .expect("the cluster is there")
        .plan
}

/// Plans, gates and writes as the command does.
async fn applied(cluster: &MemoryCluster, desired: &Desired, permissions: Permissions) -> Written {
    let plan = planned(cluster, desired).await;
    written(cluster, desired, plan, permissions, Interrupt::default()).await
}

async fn written(
    cluster: &MemoryCluster,
    desired: &Desired,
    plan: Plan,
    permissions: Permissions,
    interrupt: Interrupt,
) -> Written {
    let view = cluster.cluster().await.expect("the cluster is there");
    let Decision::Approved(approved) = gate::judge(&plan, &permissions) else {
        panic!("the gate is shut for {plan:?}");
    };
    let writing = Writing {
        admin: cluster,
        cluster: &view,
        desired,
        permissions,
        on_drift: OnDrift::PlanAgain,
        journal: &NoJournal,
        visible_within: Duration::from_mins(1),
        waits: true,
        throttle: None,
        shows_progress: false,
    };
    writing.run(plan, approved, interrupt).await
}

/// The report as lines: `orders: create: done`.
fn lines(written: &Written) -> Vec<String> {
    let changes = written
        .report
        .topics
        .iter()
        .flat_map(|(name, changes)| changes.iter().map(move |c| (name, c)));
    changes
        .map(|(name, change)| {
            format!(
                "{name}: {}: {}",
                what(&change.planned.change),
                how(&change.outcome)
            )
        })
        .collect()
}

fn what(change: &Change) -> String {
    match change {
        Change::Create(_) => "create".to_owned(),
        Change::Delete(_) => "delete".to_owned(),
        Change::GrowPartitions(growth) => format!("partitions {} to {}", growth.from, growth.to.value),
        Change::Reassign(change) => format!("replication {} to {}", change.from, change.to.value),
        Change::CancelMoves(change) => format!("cancel moves of {:?}", change.moves.keys()),
        Change::SetConfig(set) => format!("set {}={}", set.key, set.to.value.reveal()),
        Change::ResetConfig(reset) => format!("reset {}", reset.key),
    }
}

fn how(outcome: &Outcome) -> String {
    match outcome {
        Outcome::Done => "done".to_owned(),
        Outcome::Failed(why) => format!("failed: {why}"),
        Outcome::Unknown(why) => format!("unknown: {why}"),
        Outcome::NotAttempted(why) => format!("not attempted: {why}"),
    }
}
