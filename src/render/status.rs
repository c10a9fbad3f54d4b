//! What a plan or an apply comes to, in one word and in numbers, so that every document counts alike.
//! The words mirror the exit codes of `diff` and `apply`.

use schemars::JsonSchema;
use serde::Serialize;

use crate::apply::{ChangeOutcome, Outcome, Report};
use crate::plan::gate::Blocked;
use crate::plan::{ChangeKind, Plan, RiskClass, TopicPlan};

/// What a whole plan comes to. Each word stands for an exit code of diff.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum PlanStatus {
    /// Nothing to do. Exit code 0.
    InSync,
    /// Changes are pending, all of which apply could make with the right flags. Exit code 2.
    Changes,
    /// Something is impossible or refused by the broker. Exit code 3.
    Blocked,
    /// A topic could not be read, so the plan is not the whole truth, whatever the rest says. Exit code 1.
    Unreadable,
}

impl PlanStatus {
    pub(super) fn of(plan: &Plan) -> Self {
        if plan.has_unreadable() {
            Self::Unreadable
        } else if plan.has_refusals() {
            Self::Blocked
        } else if plan.has_changes() {
            Self::Changes
        } else {
            Self::InSync
        }
    }
}

/// What a plan comes to for one topic.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum TopicStatus {
    /// Nothing to do.
    InSync,
    /// It would be created.
    Create,
    /// It would be changed.
    Change,
    /// It would be deleted.
    Delete,
    /// Something about it is impossible, so that nothing would be done to it.
    Blocked,
    /// It could not be read.
    Unreadable,
}

impl TopicStatus {
    pub(super) fn of(topic: &TopicPlan) -> Self {
        let has = |kind| topic.of_kind(kind).next().is_some();
        if topic.unreadable.is_some() {
            Self::Unreadable
        } else if !topic.refusals.is_empty() {
            Self::Blocked
        } else if has(ChangeKind::Create) {
            Self::Create
        } else if has(ChangeKind::Delete) {
            Self::Delete
        } else if topic.changes.is_empty() {
            Self::InSync
        } else {
            Self::Change
        }
    }
}

/// How many changes there are of each risk class.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, JsonSchema)]
#[schemars(rename = "ChangesByRisk", deny_unknown_fields)]
pub(super) struct ByRisk {
    /// Changes that are made on a terminal and in a script alike.
    pub(super) safe: usize,
    /// Changes that need a yes.
    pub(super) caution: usize,
    /// Changes that can lose data and need `--allow-data-loss`.
    pub(super) lossy: usize,
}

/// How many topics of a plan have which status, and how many changes have which risk.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, JsonSchema)]
#[schemars(rename = "PlanSummary", deny_unknown_fields)]
pub(super) struct PlanTally {
    /// All topics; the sum of the six counts that follow.
    pub(super) topics: usize,
    /// Topics with nothing to do.
    pub(super) in_sync: usize,
    /// Topics to be created.
    pub(super) create: usize,
    /// Topics to be changed.
    pub(super) change: usize,
    /// Topics to be deleted.
    pub(super) delete: usize,
    /// Topics with something impossible in them.
    pub(super) blocked: usize,
    /// Topics that could not be read.
    pub(super) unreadable: usize,
    /// All changes by risk, those of blocked topics included.
    pub(super) changes: ByRisk,
}

impl PlanTally {
    pub(super) fn of(plan: &Plan) -> Self {
        let mut tally = Self::default();
        for topic in plan.topics.values() {
            tally.add(topic);
        }
        tally
    }

    fn add(&mut self, topic: &TopicPlan) {
        self.topics += 1;
        *match TopicStatus::of(topic) {
            TopicStatus::InSync => &mut self.in_sync,
            TopicStatus::Create => &mut self.create,
            TopicStatus::Change => &mut self.change,
            TopicStatus::Delete => &mut self.delete,
            TopicStatus::Blocked => &mut self.blocked,
            TopicStatus::Unreadable => &mut self.unreadable,
        } += 1;
        for planned in &topic.changes {
            *match planned.risk.class() {
                RiskClass::Safe => &mut self.changes.safe,
                RiskClass::Caution => &mut self.changes.caution,
                RiskClass::Lossy => &mut self.changes.lossy,
            } += 1;
        }
    }
}

/// What a whole apply came to. Each word stands for an exit code of apply.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum ApplyStatus {
    /// There was nothing to do. Exit code 0.
    InSync,
    /// Everything is done, and every live broker shows it. Exit code 0.
    Done,
    /// What could be done is done; topics that are impossible were left out. Exit code 3.
    Skipped,
    /// Nothing was written: something is impossible, or a risk was not allowed. Exit code 3.
    Blocked,
    /// A change failed, is not known to be done, or was not begun, or a topic could not be read. Exit code 1.
    Failed,
}

impl ApplyStatus {
    /// Something that failed outweighs something that was left out on purpose.
    pub(super) fn of(plan: &Plan, report: &Report, blocked: Option<&Blocked>) -> Self {
        let is_empty = report.topics.is_empty();
        let could_change = |topic: &TopicPlan| topic.refusals.is_empty() && !topic.changes.is_empty();
        if blocked.is_some() || (is_empty && plan.topics.values().any(could_change)) {
            Self::Blocked
        } else if !report.is_complete() || plan.has_unreadable() {
            Self::Failed
        } else if plan.has_refusals() {
            Self::Skipped
        } else if is_empty {
            Self::InSync
        } else {
            Self::Done
        }
    }
}

/// What became of one topic, the worst last.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum TopicResult {
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
    pub(super) fn of(plan: Option<&TopicPlan>, outcomes: &[ChangeOutcome]) -> Self {
        let planned = match plan.map(TopicStatus::of) {
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
