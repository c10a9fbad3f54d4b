//! What an apply came to, in one word, so that its exit code and every output say the same.

use std::collections::BTreeSet;

use schemars::JsonSchema;
use serde::Serialize;

use super::{ChangeOutcome, Outcome, Report};
use crate::model::RequiredAcl;
use crate::plan::gate::Blocked;
use crate::plan::{Drift, Plan, TopicPlan, TopicStatus};

/// How far an apply came.
#[derive(Debug, Clone, Copy)]
pub enum Ending<'a> {
    /// To its end.
    Ran,
    /// Everything was accepted, and nobody waited for more.
    NotWaited,
    /// Somebody wanted to stop before every broker was seen to show what was written.
    CutShort,
    /// The gate let nothing through.
    Blocked(&'a Blocked),
    /// A saved plan was not carried out, since this is not as it was.
    Moved(&'a [Drift]),
}

/// Everything that is known of an apply.
#[derive(Debug, Clone, Copy)]
pub struct Applied<'a> {
    /// The last plan that was judged.
    pub plan: &'a Plan,
    /// What became of what was approved.
    pub report: &'a Report,
    /// How far it came.
    pub ending: Ending<'a>,
}

impl Applied<'_> {
    /// The rights that this principal lacked, in planning and in writing.
    pub fn missing_acls(&self) -> BTreeSet<RequiredAcl> {
        let mut rights = self.plan.missing_acls();
        rights.extend(self.report.missing_acls());
        rights
    }
}

/// What a whole apply came to. Each word stands for an exit code of apply.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ApplyStatus {
    /// There was nothing to do. Exit code 0.
    InSync,
    /// Everything is done, and every live broker shows it. Exit code 0.
    Done,
    /// Everything is accepted; whether brokers show it was not waited for. Exit code 0.
    Accepted,
    /// What could be done is done; topics that are impossible were left out. Exit code 3.
    Skipped,
    /// Nothing was written: something is impossible, or a risk was not allowed. Exit code 3.
    Blocked,
    /// It was stopped before every live broker was seen to show what was written. Exit code 1.
    Interrupted,
    /// A change failed, is not known to be done, or was not begun, or a topic could not be read. Exit code 1.
    Failed,
}

impl ApplyStatus {
    /// Something that failed outweighs something that was left out on purpose, since it is the
    /// surprise of the two.
    pub fn of_applied(applied: Applied<'_>) -> Self {
        let Applied { plan, report, ending } = applied;
        let nothing_tried = report.topics.is_empty();
        let could_change = |topic: &TopicPlan| topic.refusals.is_empty() && !topic.changes.is_empty();
        match ending {
            Ending::Blocked(_) | Ending::Moved(_) => Self::Blocked,
            Ending::Ran | Ending::NotWaited if nothing_tried && plan.topics.values().any(could_change) => {
                Self::Blocked
            }
            Ending::Ran | Ending::NotWaited | Ending::CutShort
                if !report.is_complete() || plan.has_unreadable() =>
            {
                Self::Failed
            }
            Ending::CutShort => Self::Interrupted,
            Ending::Ran | Ending::NotWaited if plan.has_refusals() => Self::Skipped,
            Ending::Ran | Ending::NotWaited if nothing_tried => Self::InSync,
            Ending::NotWaited => Self::Accepted,
            Ending::Ran => Self::Done,
        }
    }
}

/// What became of one topic, the worst last.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum TopicResult {
    /// There was nothing to do.
    InSync,
    /// All its changes are done.
    Done,
    /// Something about it is impossible, so that nothing was done to it.
    Blocked,
    /// It could not be read.
    Unreadable,
    /// A change was not begun.
    NotAttempted,
    /// A change may or may not have taken effect, or not every broker shows it yet.
    Unknown,
    /// A change failed.
    Failed,
}

impl TopicResult {
    /// The worst that is known of it, from what was tried and from what the plan says.
    pub fn of_topic(plan: Option<&TopicPlan>, outcomes: &[ChangeOutcome]) -> Self {
        let planned = match plan.map(TopicStatus::of_topic) {
            Some(TopicStatus::Blocked) => Self::Blocked,
            Some(TopicStatus::Unreadable) => Self::Unreadable,
            Some(TopicStatus::Create | TopicStatus::Change | TopicStatus::Delete) if outcomes.is_empty() => {
                Self::NotAttempted
            }
            Some(TopicStatus::Create | TopicStatus::Change | TopicStatus::Delete | TopicStatus::InSync)
            | None => Self::InSync,
        };
        let tried = outcomes.iter().map(|change| Self::of_outcome(&change.outcome));
        tried.fold(planned, Self::max)
    }

    fn of_outcome(outcome: &Outcome) -> Self {
        match outcome {
            Outcome::Done => Self::Done,
            Outcome::Failed(_) => Self::Failed,
            Outcome::Unknown(_) => Self::Unknown,
            Outcome::NotAttempted(_) => Self::NotAttempted,
        }
    }
}
