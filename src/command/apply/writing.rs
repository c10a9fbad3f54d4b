//! From an approved plan to a report. What moved between planning and writing is planned and gated
//! again, a few times at most; nobody is asked any more then, so that what needs a new permission is
//! left and said.

use std::collections::BTreeSet;
use std::time::Duration;

use super::super::prepare;
use super::super::progress::Bar;
use crate::admin::{Admin, AdminError};
use crate::apply::{self, Control, Interrupt, Outcome, Report, Round};
use crate::model::{ClusterView, Desired, TopicName};
use crate::plan::Plan;
use crate::plan::gate::{self, Approved, Decision, Permissions};

const ROUNDS: u32 = 3;
/// Brokers show a change some time after the controller made it.
const PAUSE: Duration = Duration::from_millis(250);

const LEFT: &str =
    "the topic was changed by somebody else meanwhile and has to be planned again; run apply once more";

/// Everything that writing needs; nobody to ask is among it.
pub(super) struct Writing<'a, A> {
    pub(super) admin: &'a A,
    pub(super) cluster: &'a ClusterView,
    pub(super) desired: &'a Desired,
    pub(super) permissions: Permissions,
    pub(super) visible_within: Duration,
    pub(super) shows_progress: bool,
}

/// What was planned in the end, and what became of it.
pub(super) struct Written {
    pub(super) plan: Plan,
    pub(super) report: Report,
}

impl<A: Admin> Writing<'_, A> {
    pub(super) async fn run(&self, plan: Plan, approved: Approved, interrupt: Interrupt) -> Written {
        let bar = Bar::new(self.shows_progress);
        let progress = |step| bar.show(step);
        let control = Control {
            interrupt,
            visible_within: self.visible_within,
            progress: &progress,
        };
        let round = apply::write(self.admin, self.cluster, self.desired, &approved, &control).await;
        let mut written = Written {
            plan,
            report: round.report,
        };
        let left = self.follow(round.moved, &mut written, &control).await;
        leave(&left, &mut written);
        apply::wait(self.admin, self.cluster, &mut written.report, &control).await;
        written
    }

    /// Plans and writes again what moved. Returns what still moved in the end.
    async fn follow(
        &self,
        mut moved: BTreeSet<TopicName>,
        written: &mut Written,
        control: &Control<'_>,
    ) -> BTreeSet<TopicName> {
        for attempt in 1..ROUNDS {
            if moved.is_empty() || control.interrupt.is_raised() {
                break;
            }
            tokio::time::sleep(PAUSE * attempt).await;
            let Ok(round) = self.again(&moved, written, control).await else {
                break;
            };
            written.report.extend(round.report);
            moved = round.moved;
        }
        moved
    }

    async fn again(
        &self,
        moved: &BTreeSet<TopicName>,
        written: &mut Written,
        control: &Control<'_>,
    ) -> Result<Round, AdminError> {
        let desired = self.desired.only(moved.iter());
        let fresh = prepare::prepare(self.admin, self.cluster, &desired).await?;
        let decision = gate::judge(&fresh, &self.permissions);
        written.plan.topics.extend(fresh.topics);
        Ok(match decision {
            Decision::Approved(approved) => {
                apply::write(self.admin, self.cluster, &desired, &approved, control).await
            }
            Decision::NothingToDo => Round::default(),
            Decision::Ask(pending) => Round {
                moved: pending.careful,
                ..Round::default()
            },
            Decision::Blocked(blocked) => Round {
                moved: blocked.topics(),
                ..Round::default()
            },
        })
    }
}

/// What was not carried out after the last round is said, not dropped.
fn leave(moved: &BTreeSet<TopicName>, written: &mut Written) {
    for name in moved {
        let changes = written
            .plan
            .topics
            .get(name)
            .map(|topic| topic.changes.clone())
            .unwrap_or_default();
        for planned in changes {
            written
                .report
                .add(name, planned, Outcome::NotAttempted(LEFT.into()));
        }
    }
}
