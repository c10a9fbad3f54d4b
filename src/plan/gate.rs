//! The gate between a plan and its execution. It is the only place that makes an [`Approved`] plan,
//! and `apply` takes nothing else, so no change reaches a cluster without having been judged here.
//!
//! The rules: one refusal blocks everything, unless the refused topics are left out on purpose.
//! Caution is asked for or needs `--yes`. Data loss needs its own permission by name, which nothing
//! else replaces: it is never asked for, `--yes` does not cover it, and it does not cover `--yes`. And no
//! permission covers more deletions than were counted on.

use std::collections::{BTreeMap, BTreeSet};

use super::risk::RiskClass;
use super::{ChangeKind, Plan, PlannedChange, TopicPlan};
use crate::model::{Pattern, TopicId, TopicName};

/// So many topics may go in one run without anybody saying a number: enough to tidy up, too few for a
/// wrong file to empty a cluster.
pub const DEFAULT_MAX_DELETES: usize = 5;

/// What the user allowed.
#[derive(Debug, Clone)]
pub struct Permissions {
    /// `--yes`: changes that need confirmation are made without asking.
    pub assume_yes: bool,
    /// `--allow-data-loss PATTERN`: topics, by full name, whose data may be deleted. No glob covers Kafka's own
    /// topics.
    pub may_lose_data: Vec<Pattern>,
    /// `--skip-blocked`: topics that cannot be done are left out, the others done.
    pub skip_blocked: bool,
    /// `--max-deletes N`: so many topics may be deleted, whatever else is allowed.
    pub max_deletes: usize,
    /// Whether somebody is there to be asked.
    pub can_ask: bool,
}

impl Default for Permissions {
    /// Nothing beyond what is safe.
    fn default() -> Self {
        Self {
            assume_yes: false,
            may_lose_data: Vec::new(),
            skip_blocked: false,
            max_deletes: DEFAULT_MAX_DELETES,
            can_ask: false,
        }
    }
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
    ids: BTreeMap<TopicName, TopicId>,
}

impl Approved {
    /// The changes by topic; refused topics are not among them.
    pub fn topics(&self) -> &BTreeMap<TopicName, Vec<PlannedChange>> {
        &self.topics
    }

    /// The ids of the topics that exist: what was approved for one is not approved for another of the same name.
    pub fn ids(&self) -> &BTreeMap<TopicName, TopicId> {
        &self.ids
    }
}

/// A plan that waits for a yes.
#[derive(Debug)]
pub struct Pending {
    approved: Approved,
    /// The topics with changes that need confirmation.
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
    /// Topics with changes that need confirmation, when nobody can be asked and `--yes` is not given.
    pub needs_yes: BTreeSet<TopicName>,
    /// More topics to delete than may go in one run, if that is so.
    pub too_many_deletes: Option<TooManyDeletes>,
}

/// More topics to delete than may go in one run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TooManyDeletes {
    /// All topics that would be deleted.
    pub topics: BTreeSet<TopicName>,
    /// How many are allowed.
    pub allowed: usize,
}

impl Blocked {
    /// Every topic that is in the way.
    pub fn topics(&self) -> BTreeSet<TopicName> {
        let all = [&self.refused, &self.needs_data_loss, &self.needs_yes];
        let deletes = self.too_many_deletes.iter().flat_map(|deletes| &deletes.topics);
        all.into_iter().flatten().chain(deletes).cloned().collect()
    }

    fn is_clear(&self) -> bool {
        *self == Self::default()
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
    let deleted = plan
        .topics
        .iter()
        .filter(|(name, topic)| doable(name, topic) && deletes(topic))
        .map(|(name, _)| name.clone())
        .collect();
    let careful = of_class(RiskClass::Caution);
    let is_flagged = |name: &TopicName| plan.topics.get(name).is_some_and(|topic| topic.internal);
    let may_lose = |name: &TopicName| {
        let mut patterns = permissions.may_lose_data.iter();
        patterns.any(|pattern| pattern.covers(name, is_flagged(name)))
    };
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
        too_many_deletes: too_many_deletes(deleted, permissions),
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
    let known = topics
        .keys()
        .filter_map(|name| Some((name.clone(), plan.topics.get(name)?.id?)));
    let ids = known.collect();
    match (topics.is_empty(), must_ask) {
        (true, _) => Decision::NothingToDo,
        (false, false) => Decision::Approved(Approved { topics, ids }),
        (false, true) => Decision::Ask(Pending {
            approved: Approved { topics, ids },
            careful,
        }),
    }
}

/// What apply has to be allowed for everything in the plan that can be done.
pub fn missing_permissions(plan: &Plan) -> Blocked {
    let nothing_but_skipping = Permissions {
        skip_blocked: true,
        ..Permissions::default()
    };
    match judge(plan, &nothing_but_skipping) {
        Decision::Blocked(blocked) => blocked,
        Decision::NothingToDo | Decision::Approved(_) | Decision::Ask(_) => Blocked::default(),
    }
}

fn deletes(topic: &TopicPlan) -> bool {
    topic.of_kind(ChangeKind::Delete).next().is_some()
}

fn too_many_deletes(topics: BTreeSet<TopicName>, permissions: &Permissions) -> Option<TooManyDeletes> {
    let allowed = permissions.max_deletes;
    (topics.len() > allowed).then_some(TooManyDeletes { topics, allowed })
}

fn names_where(plan: &Plan, wanted: impl Fn(&TopicPlan) -> bool) -> BTreeSet<TopicName> {
    let found = plan.topics.iter().filter(|(_, topic)| wanted(topic));
    found.map(|(name, _)| name.clone()).collect()
}
