//! What a plan comes to, in one word and in numbers, so that exit codes and every output count alike.

use schemars::JsonSchema;
use serde::Serialize;

use super::{ChangeKind, Plan, RiskClass, TopicPlan};

/// What a whole plan comes to. Each word stands for an exit code of diff.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum PlanStatus {
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
    /// What the plan comes to.
    pub fn of_plan(plan: &Plan) -> Self {
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
pub enum TopicStatus {
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
    /// What the plan comes to for the topic.
    pub fn of_topic(topic: &TopicPlan) -> Self {
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
pub struct ByRisk {
    /// Changes that are made on a terminal and in a script alike.
    pub safe: usize,
    /// Changes that need a yes.
    pub caution: usize,
    /// Changes that can lose data and need `--allow-data-loss`.
    pub lossy: usize,
}

/// How many topics of a plan have which status, and how many changes have which risk.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, JsonSchema)]
#[schemars(rename = "PlanSummary", deny_unknown_fields)]
pub struct PlanTally {
    /// All topics; the sum of the six counts that follow.
    pub topics: usize,
    /// Topics with nothing to do.
    pub in_sync: usize,
    /// Topics to be created.
    pub create: usize,
    /// Topics to be changed.
    pub change: usize,
    /// Topics to be deleted.
    pub delete: usize,
    /// Topics with something impossible in them.
    pub blocked: usize,
    /// Topics that could not be read.
    pub unreadable: usize,
    /// All changes by risk, those of blocked topics included.
    pub changes: ByRisk,
}

impl PlanTally {
    /// Counts a whole plan.
    pub fn of_plan(plan: &Plan) -> Self {
        let mut tally = Self::default();
        for topic in plan.topics.values() {
            tally.add(topic);
        }
        tally
    }

    fn add(&mut self, topic: &TopicPlan) {
        self.topics += 1;
        *match TopicStatus::of_topic(topic) {
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
