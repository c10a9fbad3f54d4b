//! From an approved plan to a report. What moved between planning and writing is planned and gated
//! again, a few times at most. Nobody is asked any more then: what needs a new permission is left,
//! and said.

use std::collections::{BTreeMap, BTreeSet};
use std::mem;
use std::time::Duration;

use super::super::clock;
use super::super::progress::Bar;
use crate::admin::Admin;
use crate::apply::{
    self, AppliedThrottles, Control, Interrupt, Journal, Outcome, Propagation, Report, ThrottleReport,
};
use crate::model::{ClusterView, Desired, TopicName};
use crate::plan::gate::{self, Approved, Decision, Permissions};
use crate::plan::{ChangeKind, Plan, PlannedChange};
use crate::prepare::prepare;

const MOVED_SINCE: &str = "the topic changed since the saved plan was checked; make a new plan";
const ROUNDS: u32 = 3;
/// Brokers show a change some time after the controller made it.
const PAUSE: Duration = Duration::from_millis(250);

/// What becomes of a topic that is not as it was planned when its turn to be written comes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum OnDrift {
    /// It is planned and gated again.
    PlanAgain,
    /// It is left: a saved plan is carried out as it was reviewed, or not at all.
    Leave,
}

/// Approved changes, by topic, that were not made because the topic was not as observed.
type DriftedChanges = BTreeMap<TopicName, Vec<PlannedChange>>;

/// Everything that writing needs; nobody to ask is among it.
pub(super) struct Writing<'a, A> {
    pub(super) admin: &'a A,
    pub(super) cluster: &'a ClusterView,
    pub(super) desired: &'a Desired,
    pub(super) permissions: Permissions,
    pub(super) on_drift: OnDrift,
    pub(super) journal: &'a dyn Journal,
    pub(super) visible_within: Duration,
    pub(super) waits: bool,
    pub(super) throttle: Option<i64>,
    pub(super) shows_progress: bool,
}

/// What was planned in the end, and what became of it.
pub(super) struct Written {
    pub(super) plan: Plan,
    pub(super) report: Report,
    /// Whether all of it was seen on every live broker, where the wait was not cut short.
    pub(super) shown: Propagation,
    /// What is to be said of throttles.
    pub(super) throttles: ThrottleReport,
    /// What this run limited.
    limited: AppliedThrottles,
}

impl Written {
    /// There was nothing to write.
    pub(super) fn nothing(plan: Plan) -> Self {
        Self {
            plan,
            report: Report::default(),
            shown: Propagation::Everywhere,
            throttles: ThrottleReport::default(),
            limited: AppliedThrottles::default(),
        }
    }
}

impl<A: Admin> Writing<'_, A> {
    pub(super) async fn run(&self, plan: Plan, approved: Approved, interrupt: Interrupt) -> Written {
        let bar = Bar::new(self.shows_progress);
        let progress = |step| bar.show(step);
        let control = Control {
            interrupt,
            journal: self.journal,
            visible_within: self.visible_within,
            waits: self.waits,
            throttle: self.throttle,
            clock: clock::now,
            progress: &progress,
        };
        let round = apply::write(self.admin, self.cluster, self.desired, &approved, &control).await;
        let mut written = Written {
            plan,
            report: round.report,
            shown: Propagation::Everywhere,
            throttles: ThrottleReport::default(),
            limited: round.limited,
        };
        written.throttles.left.extend(round.throttles);
        match self.on_drift {
            OnDrift::PlanAgain => self.follow(round.moved, &mut written, &control).await,
            OnDrift::Leave => report_not_attempted(round.moved, MOVED_SINCE, &mut written.report),
        }
        written.shown = apply::wait(self.admin, self.cluster, &mut written.report, &control).await;
        if written.shown == Propagation::Everywhere {
            Box::pin(apply::note_created_otherwise(
                self.admin,
                self.cluster,
                &mut written.report,
            ))
            .await;
            // On the heap it burdens nobody who awaits it.
            Box::pin(apply::find_returned(self.admin, &mut written.report, &control)).await;
        }
        self.clear_throttles(&mut written).await;
        written
    }

    /// What this run or an earlier one limited is let go, but for what nobody waited for. All topics that were
    /// moved are looked at again: what a run that was killed a moment ago had written, brokers may not have shown
    /// yet when this one planned.
    async fn clear_throttles(&self, written: &mut Written) {
        let mut throttled = written.plan.throttled();
        let is_known = self.throttle.is_some() || !throttled.is_empty();
        let mut limited = mem::take(&mut written.limited);
        let moved = written.report.topics.iter().filter(|(_, changes)| {
            let mut kinds = changes.iter().map(|change| change.planned.change.kind());
            kinds.any(|kind| kind == ChangeKind::Reassignments)
        });
        let moved: BTreeSet<TopicName> = moved.map(|(name, _)| name.clone()).collect();
        if self.waits {
            throttled.extend(moved);
        } else {
            // What was accepted a moment ago may not show as being moved yet, and keeps its limit.
            throttled.retain(|name| !moved.contains(name));
            limited = AppliedThrottles::default();
        }
        if throttled.is_empty() && limited == AppliedThrottles::default() {
            return;
        }
        let said = apply::clear_throttles(self.admin, &throttled, &limited).await;
        written.throttles.left.extend(said.left);
        // Where nobody limited anything, there is nothing to fail.
        written
            .throttles
            .failed
            .extend(said.failed.into_iter().filter(|_| is_known));
    }

    /// Plans and writes again what moved, until nothing does or it was tried often enough.
    async fn follow(&self, mut moved: DriftedChanges, written: &mut Written, control: &Control<'_>) {
        for attempt in 1..ROUNDS {
            if moved.is_empty() || control.interrupt.is_raised() {
                break;
            }
            // A broker that lags behind this run's own writes would make them look undone.
            apply::wait_for_own_writes(self.admin, self.cluster, &mut written.report, control).await;
            control.interrupt.or_sleep(PAUSE * attempt).await;
            moved = self.again(moved, written, control).await;
        }
        let why = if control.interrupt.is_raised() {
            "interrupted"
        } else {
            "somebody else keeps changing the topic; run apply again"
        };
        report_not_attempted(moved, why, &mut written.report);
    }

    async fn again(
        &self,
        moved: DriftedChanges,
        written: &mut Written,
        control: &Control<'_>,
    ) -> DriftedChanges {
        let desired = self.desired.only(moved.keys());
        let fresh = async {
            // What moved may be the brokers.
            let cluster = self.admin.cluster().await?;
            prepare(self.admin, &cluster, &desired, clock::now).await
        };
        let mut fresh = match fresh.await {
            Ok(fresh) => fresh.plan,
            Err(error) => {
                let why =
                    format!("the topic changed since the plan, and could not be planned again: {error}");
                report_not_attempted(moved, &why, &mut written.report);
                return DriftedChanges::new();
            }
        };
        if let Some(unanswered) = fresh.validation_unanswered() {
            let why = format!(
                "the topic changed since the plan, and the broker did not say whether it accepts its new plan: \
                 {unanswered}; run apply again"
            );
            report_not_attempted(moved, &why, &mut written.report);
            return DriftedChanges::new();
        }
        let moved = leave_replaced(moved, &mut fresh, written);
        settle_drifted(moved, &fresh, &mut written.report);
        let approved = self.pass(&fresh, &mut written.report);
        written.plan.topics.extend(fresh.topics);
        let Some(approved) = approved else {
            return DriftedChanges::new();
        };
        let round = apply::write(self.admin, self.cluster, &desired, &approved, control).await;
        written.report.extend(round.report);
        written.throttles.left.extend(round.throttles);
        written.limited.and(round.limited);
        round.moved
    }

    /// What of the new plan may be written with the permissions given. The rest is left.
    fn pass(&self, fresh: &Plan, report: &mut Report) -> Option<Approved> {
        let mut plan = fresh.clone();
        loop {
            let stopped = match gate::judge(&plan, &self.permissions) {
                Decision::Approved(approved) => return Some(approved),
                Decision::NothingToDo => return None,
                Decision::Ask(pending) => pending.careful,
                Decision::Blocked(blocked) => blocked.topics(),
            };
            leave_unpermitted(&stopped, fresh, report);
            plan.topics.retain(|name, _| !stopped.contains(name));
        }
    }
}

/// Leaves what was approved for a topic that is not there any more; gives the rest. A topic that was to be deleted
/// and is gone is as wanted.
fn leave_replaced(moved: DriftedChanges, fresh: &mut Plan, written: &mut Written) -> DriftedChanges {
    let mut rest = DriftedChanges::new();
    for (name, changes) in moved {
        let id = written.plan.topics.get(&name).and_then(|topic| topic.id);
        let what = fresh.topics.get(&name).and_then(|topic| {
            let is_as_wanted = topic.is_in_sync() && topic.id.is_none();
            apply::replaced(id, topic).filter(|_| !is_as_wanted)
        });
        match what {
            Some(what) => {
                fresh.topics.remove(&name);
                report_not_attempted(DriftedChanges::from([(name, changes)]), what, &mut written.report);
            }
            None => _ = rest.insert(name, changes),
        }
    }
    rest
}

/// Approved changes that the new plan has no use for are done, whoever made them.
fn settle_drifted(moved: DriftedChanges, fresh: &Plan, report: &mut Report) {
    for (name, changes) in moved {
        let topic = fresh.topics.get(&name);
        for planned in changes {
            match topic {
                Some(topic) if topic.unreadable.is_some() || !topic.refusals.is_empty() => {
                    report.add(
                        &name,
                        planned,
                        Outcome::NotAttempted(
                            "the topic changed since the plan, and its new plan is blocked".into(),
                        ),
                    );
                }
                Some(topic) if apply::is_still_due(topic, &planned.change) => {}
                Some(_) | None => report.add(&name, planned, Outcome::Done),
            }
        }
    }
}

fn leave_unpermitted(stopped: &BTreeSet<TopicName>, fresh: &Plan, report: &mut Report) {
    let refused = |name: &&TopicName| {
        fresh
            .topics
            .get(*name)
            .is_some_and(|topic| topic.refusals.is_empty())
    };
    for name in stopped.iter().filter(refused) {
        let changes = fresh
            .topics
            .get(name)
            .map(|topic| topic.changes.clone())
            .unwrap_or_default();
        let why = "somebody else changed the topic meanwhile, and its new plan needs a permission that was not given; \
                   run apply again";
        report_not_attempted(DriftedChanges::from([(name.clone(), changes)]), why, report);
    }
}

/// What was not carried out is said, not dropped.
fn report_not_attempted(moved: DriftedChanges, why: &str, report: &mut Report) {
    for (name, changes) in moved {
        for planned in changes {
            report.add(&name, planned, Outcome::NotAttempted(why.into()));
        }
    }
}
