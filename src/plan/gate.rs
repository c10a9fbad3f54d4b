//! The gate between a plan and its execution. It is the only place that makes an [`Approved`] plan,
//! and `apply` takes nothing else, so no change reaches a cluster without having been judged here.
//!
//! The rules: one refusal blocks everything, unless the refused topics are left out on purpose.
//! Caution is asked for or needs `--yes`. Data loss needs its own permission by name, which nothing
//! else replaces: it is never asked for, `--yes` does not cover it, and it does not cover `--yes`.

use std::collections::{BTreeMap, BTreeSet};

use super::risk::RiskClass;
use super::{Plan, PlannedChange, TopicPlan};
use crate::model::{Pattern, TopicName};

/// What the user allowed.
#[derive(Debug, Clone, Default)]
pub struct Permissions {
    /// `--yes`: changes that need care are made without asking.
    pub assume_yes: bool,
    /// `--allow-data-loss PATTERN`: topics, by full name, whose data may go.
    pub may_lose_data: Vec<Pattern>,
    /// `--skip-blocked`: topics that cannot be done are left out, the others done.
    pub skip_blocked: bool,
    /// Whether somebody is there to be asked.
    pub can_ask: bool,
}

/// What the gate says.
#[derive(Debug)]
pub enum Decision {
    /// There is nothing to write.
    NothingToDo,
    /// Go on.
    Approved(Approved),
    /// Go on if somebody says so.
    Ask(Pending),
    /// Write nothing.
    Blocked(Blocked),
}

/// A plan that may be carried out. Only the gate makes one.
#[derive(Debug)]
pub struct Approved {
    topics: BTreeMap<TopicName, Vec<PlannedChange>>,
}

impl Approved {
    /// The changes by topic; refused topics are not among them.
    pub fn topics(&self) -> &BTreeMap<TopicName, Vec<PlannedChange>> {
        &self.topics
    }
}

/// A plan that waits for a yes.
#[derive(Debug)]
pub struct Pending {
    approved: Approved,
    /// The topics with changes that need care.
    pub careful: BTreeSet<TopicName>,
}

impl Pending {
    /// Somebody said yes.
    pub fn confirmed(self) -> Approved {
        self.approved
    }
}

/// Why nothing may be written. Everything that is in the way at once.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Blocked {
    /// Topics with something impossible in them.
    pub refused: BTreeSet<TopicName>,
    /// Topics that would lose data without permission.
    pub needs_data_loss: BTreeSet<TopicName>,
    /// Topics with changes that need care, when nobody can be asked and `--yes` is not given.
    pub needs_yes: BTreeSet<TopicName>,
}

impl Blocked {
    /// Every topic that is in the way.
    pub fn topics(&self) -> BTreeSet<TopicName> {
        let all = [&self.refused, &self.needs_data_loss, &self.needs_yes];
        all.into_iter().flatten().cloned().collect()
    }

    fn is_clear(&self) -> bool {
        self.refused.is_empty() && self.needs_data_loss.is_empty() && self.needs_yes.is_empty()
    }
}

/// Judges a plan.
pub fn judge(plan: &Plan, permissions: &Permissions) -> Decision {
    let refused: BTreeSet<TopicName> = names_where(plan, |topic| !topic.refusals.is_empty());
    let doable = |name: &TopicName, topic: &TopicPlan| !topic.changes.is_empty() && !refused.contains(name);
    let of_class = |class: RiskClass| -> BTreeSet<TopicName> {
        let has = |topic: &TopicPlan| topic.changes.iter().any(|change| change.risk.class() == class);
        let names = plan
            .topics
            .iter()
            .filter(|(name, topic)| doable(name, topic) && has(topic));
        names.map(|(name, _)| name.clone()).collect()
    };
    let careful = of_class(RiskClass::Caution);
    let may_lose = |name: &TopicName| permissions.may_lose_data.iter().any(|p| p.matches(name.as_str()));
    let must_ask = !careful.is_empty() && !permissions.assume_yes;
    let blocked = Blocked {
        refused: if permissions.skip_blocked {
            BTreeSet::new()
        } else {
            refused.clone()
        },
        needs_data_loss: of_class(RiskClass::Lossy)
            .into_iter()
            .filter(|name| !may_lose(name))
            .collect(),
        needs_yes: if must_ask && !permissions.can_ask {
            careful.clone()
        } else {
            BTreeSet::new()
        },
    };
    if !blocked.is_clear() {
        return Decision::Blocked(blocked);
    }
    let topics: BTreeMap<_, _> = plan
        .topics
        .iter()
        .filter(|(name, topic)| doable(name, topic))
        .map(|(name, topic)| (name.clone(), topic.changes.clone()))
        .collect();
    match (topics.is_empty(), must_ask) {
        (true, _) => Decision::NothingToDo,
        (false, false) => Decision::Approved(Approved { topics }),
        (false, true) => Decision::Ask(Pending {
            approved: Approved { topics },
            careful,
        }),
    }
}

fn names_where(plan: &Plan, wanted: impl Fn(&TopicPlan) -> bool) -> BTreeSet<TopicName> {
    let found = plan.topics.iter().filter(|(_, topic)| wanted(topic));
    found.map(|(name, _)| name.clone()).collect()
}
