//! Waits until every live broker shows what the controller acknowledged.
//!
//! Brokers learn of changes from the metadata log, in order. So a broker is asked for a handful of
//! samples, spread over everything that was written, until the last of them shows; only then is all
//! of it verified, once. That keeps the wait cheap for a cluster that is busy digesting ten thousand
//! new topics, and still shows progress.

use std::collections::{BTreeMap, BTreeSet};

use tokio::time::Instant;

use super::control::Control;
use super::expected::{self, Expected};
use super::kept::NotAsWritten;
use super::report::{Outcome, Report};
use super::watch::{FIRST_PAUSE, LONGEST_PAUSE, PropagationProgress, Watch, WatchEnd};
use crate::admin::Admin;
use crate::model::{BrokerId, ClusterView, TopicName};

/// How a wait ended, as far as it was not cut short by a failure, which is in the report.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Propagation {
    /// Every live broker shows everything that is done.
    Everywhere,
    /// Nobody wanted to wait.
    NotLookedAt,
    /// Somebody wanted to stop before every broker was seen to show it.
    CutShort,
}

/// Waits for everything that the report says is done. What some broker does not show in time is
/// unknown afterwards, with the name of the broker.
pub async fn wait<A: Admin>(
    admin: &A,
    cluster: &ClusterView,
    report: &mut Report,
    control: &Control<'_>,
) -> Propagation {
    let expected = expected::all(report);
    if !control.waits && !expected.is_empty() {
        return Propagation::NotLookedAt;
    }
    wait_for(admin, cluster, expected, report, control).await
}

/// As [`wait`], also where nobody wants to wait for the result: whoever plans again has to see what was written
/// before. Replicas that are still being copied are not waited for then.
pub async fn wait_for_own_writes<A: Admin>(
    admin: &A,
    cluster: &ClusterView,
    report: &mut Report,
    control: &Control<'_>,
) -> Propagation {
    let expected = if control.waits {
        expected::all(report)
    } else {
        expected::all_but_replicas(report)
    };
    wait_for(admin, cluster, expected, report, control).await
}

async fn wait_for<A: Admin>(
    admin: &A,
    cluster: &ClusterView,
    expected: BTreeMap<TopicName, Expected>,
    report: &mut Report,
    control: &Control<'_>,
) -> Propagation {
    if expected.is_empty() {
        return Propagation::Everywhere;
    }
    let brokers = match alive(admin, cluster, control).await {
        Alive::These(brokers) => brokers,
        Alive::CutShort => return Propagation::CutShort,
        Alive::Nobody => {
            let waited = control.visible_within.as_secs();
            let why = format!("acknowledged, but no broker was listed as alive for {waited} s");
            report.downgrade(&expected.into_keys().collect(), &Outcome::Unknown(why.into()));
            return Propagation::Everywhere;
        }
    };
    let order = in_write_order(report, expected.keys().cloned().collect());
    let seen = PropagationProgress::new(expected.len(), control);
    let watches = brokers.iter().map(|broker| {
        seen.report(*broker, 0);
        Watch {
            admin,
            broker: *broker,
            expected: &expected,
            seen: &seen,
            control,
        }
        .run(&order)
    });
    let ends = futures_util::future::join_all(watches).await;
    let mut shown = NotAsWritten::new();
    for watched in &ends {
        for (name, configs) in &watched.not_as_written {
            shown.entry(name.clone()).or_insert_with(|| configs.clone());
        }
    }
    let ends = ends.into_iter().map(|watched| watched.end);
    let ended = judge(
        brokers.iter().copied().zip(ends),
        &expected.into_keys().collect(),
        report,
    );
    report.end_as_shown(&shown);
    ended
}

/// Who has to show it.
enum Alive {
    These(BTreeSet<BrokerId>),
    /// Somebody wanted to stop before there was an answer.
    CutShort,
    Nobody,
}

/// The brokers that are alive now. One that has just started answers, and has what it is asked carried out,
/// while it is still fenced: until that ends it lists nobody as alive, which would leave nobody to wait for.
async fn alive<A: Admin>(admin: &A, cluster: &ClusterView, control: &Control<'_>) -> Alive {
    let began = Instant::now();
    let mut pause = FIRST_PAUSE;
    loop {
        let now = admin.cluster().await;
        let brokers = now.as_ref().map_or(&cluster.brokers, |now| &now.brokers);
        if !brokers.is_empty() {
            return Alive::These(brokers.keys().copied().collect());
        }
        if control.interrupt.is_raised() {
            return Alive::CutShort;
        }
        if began.elapsed() >= control.visible_within {
            return Alive::Nobody;
        }
        control.interrupt.or_sleep(pause).await;
        pause = (pause * 3 / 2).min(LONGEST_PAUSE);
    }
}

fn judge(
    ends: impl Iterator<Item = (BrokerId, WatchEnd)>,
    all: &BTreeSet<TopicName>,
    report: &mut Report,
) -> Propagation {
    let mut shown = Propagation::Everywhere;
    let mut anybody = false;
    for (broker, end) in ends {
        match end {
            WatchEnd::Shown => anybody = true,
            WatchEnd::Left => {}
            WatchEnd::Interrupted => (anybody, shown) = (true, Propagation::CutShort),
            WatchEnd::Missing { names, why } => {
                anybody = true;
                report.downgrade(
                    &names,
                    &Outcome::Unknown(format!("acknowledged, but broker {broker} {why}").into()),
                );
            }
        }
    }
    if !anybody {
        let why = "acknowledged, but every broker that could have shown it has left the cluster";
        report.downgrade(all, &Outcome::Unknown(why.into()));
    }
    shown
}

/// The order in which the changes were acknowledged, and so the order in which brokers learn of them.
fn in_write_order(report: &Report, mut names: Vec<TopicName>) -> Vec<TopicName> {
    names.sort_by_key(|name| {
        let changes = report.topics.get(name).into_iter().flatten();
        changes.map(|change| change.planned.change.kind()).max()
    });
    names
}
