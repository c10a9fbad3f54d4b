//! Holds a topic against the bounds of its profile.
//!
//! What is known of a topic differs: offline only what the file declares, with a cluster also what the
//! topic has. So every fact may be missing, and a bound that needs one which is missing stays open
//! instead of being taken for kept.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::{Bound, Breach, BrokenBound, Policy, Rule, spare};
use crate::model::count::{PartitionCount, ReplicationFactor};
use crate::model::desired::{ConfigText, DesiredSettings, DesiredTopic};
use crate::model::name::ConfigKey;
use crate::model::origin::{Declared, Origin};
use crate::model::pattern::Pattern;

/// The configs that a bound can need.
pub(super) const RETENTION: &str = "retention.ms";
pub(super) const CLEANUP: &str = "cleanup.policy";
pub(super) const MIN_INSYNC: &str = "min.insync.replicas";

/// A value that a topic has or would have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fact<T> {
    /// The value.
    pub value: T,
    /// Where it is declared; `None` where it is the cluster's word.
    pub stated: Option<Origin>,
}

impl<T: Clone> From<&Declared<T>> for Fact<T> {
    fn from(declared: &Declared<T>) -> Self {
        Self {
            value: declared.value.clone(),
            stated: Some(declared.origin.clone()),
        }
    }
}

/// What is known of a topic that should exist.
#[derive(Debug, Clone)]
pub struct TopicFacts {
    /// The name without the profile's prefix.
    pub declared_name: Arc<str>,
    /// `None` where it is not known.
    pub partitions: Option<Fact<PartitionCount>>,
    /// How many the topic has now; `None` where there is no topic, or that is not known.
    pub partitions_there: Option<PartitionCount>,
    /// Of the partition with the fewest; `None` where it is not known.
    pub replication: Option<Fact<ReplicationFactor>>,
    /// The values that are known.
    pub configs: BTreeMap<ConfigKey, Fact<Arc<str>>>,
    /// The configs that the topic has or would have of its own, with where they are declared.
    pub own: BTreeMap<ConfigKey, Option<Origin>>,
}

/// What comes of holding a topic against a policy.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PolicyJudgement {
    /// Bounds that are not kept.
    pub breaches: Vec<Breach>,
    /// Bounds that could not be judged.
    pub open: Vec<UnjudgedBound>,
}

/// A bound that could not be judged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct UnjudgedBound {
    /// The bound.
    pub rule: Rule,
    /// What would have to be known.
    pub unknown: &'static str,
}

/// Judges every bound; the order is that of [`Policy`].
pub fn judge(policy: &Policy, facts: &TopicFacts) -> PolicyJudgement {
    let mut judge = Judge {
        facts,
        judgement: PolicyJudgement::default(),
    };
    judge.replication(policy.min_replication.as_ref());
    judge.partitions(policy.max_partitions.as_ref());
    judge.retention(policy);
    judge.min_insync(policy.min_insync_replicas.as_ref());
    judge.spare_replicas(policy.min_spare_replicas.as_ref());
    judge.name(policy.names.as_ref());
    judge.required(policy.required_config.as_ref());
    judge.forbidden(policy.forbidden_config.as_ref());
    judge.judgement
}

struct Judge<'a> {
    facts: &'a TopicFacts,
    judgement: PolicyJudgement,
}

impl Judge<'_> {
    fn breach<T>(&mut self, bound: &Bound<T>, stated: Option<Origin>, broken: BrokenBound) {
        self.judgement.breaches.push(Breach {
            broken,
            policy: bound.place.clone(),
            stated,
            by_broker: Vec::new(),
        });
    }

    fn open(&mut self, rule: Rule, unknown: &'static str) {
        self.judgement.open.push(UnjudgedBound { rule, unknown });
    }

    fn number(&self, key: &str) -> Option<Fact<i64>> {
        let fact = self.facts.configs.get(key)?;
        Some(Fact {
            value: fact.value.trim().parse().ok()?,
            stated: fact.stated.clone(),
        })
    }

    fn replication(&mut self, bound: Option<&Bound<ReplicationFactor>>) {
        let Some(bound) = bound else { return };
        match self.facts.replication.clone() {
            None => self.open(Rule::MinReplication, "replication"),
            Some(Fact { value: is, stated }) if is < bound.value => {
                let at_least = bound.value;
                self.breach(bound, stated, BrokenBound::Replication { at_least, is });
            }
            Some(_) => {}
        }
    }

    fn partitions(&mut self, bound: Option<&Bound<PartitionCount>>) {
        let Some(bound) = bound else { return };
        match self.facts.partitions.clone() {
            None => self.open(Rule::MaxPartitions, "partitions"),
            Some(Fact { value: is, stated }) if is > bound.value => {
                let at_most = bound.value;
                let are_there = self.facts.partitions_there.is_some_and(|there| there > at_most);
                let broken = BrokenBound::Partitions {
                    at_most,
                    is,
                    are_there,
                };
                self.breach(bound, stated, broken);
            }
            Some(_) => {}
        }
    }

    /// A topic that does not delete by age keeps its records whatever `retention.ms` says.
    fn retention(&mut self, policy: &Policy) {
        let cleanup = self.facts.configs.get(CLEANUP);
        if cleanup.is_some_and(|fact| !deletes(&fact.value)) {
            return;
        }
        let is = self.number(RETENTION);
        if let Some(bound) = &policy.min_retention {
            self.short_retention(bound, is.clone());
        }
        if let Some(bound) = &policy.max_retention {
            self.long_retention(bound, is);
        }
    }

    fn short_retention(&mut self, bound: &Bound<i64>, is: Option<Fact<i64>>) {
        match is {
            None => self.open(Rule::MinRetention, RETENTION),
            Some(Fact { value: is, stated }) if endless(is) < endless(bound.value) => {
                let at_least = bound.value;
                self.breach(bound, stated, BrokenBound::ShortRetention { at_least, is });
            }
            Some(_) => {}
        }
    }

    fn long_retention(&mut self, bound: &Bound<i64>, is: Option<Fact<i64>>) {
        match is {
            None => self.open(Rule::MaxRetention, RETENTION),
            Some(Fact { value: is, stated }) if endless(is) > endless(bound.value) => {
                let at_most = bound.value;
                self.breach(bound, stated, BrokenBound::LongRetention { at_most, is });
            }
            Some(_) => {}
        }
    }

    fn min_insync(&mut self, bound: Option<&Bound<ReplicationFactor>>) {
        let Some(bound) = bound else { return };
        match self.number(MIN_INSYNC) {
            None => self.open(Rule::MinInsyncReplicas, MIN_INSYNC),
            Some(Fact { value: is, stated }) if is < i64::from(bound.value.get()) => {
                let at_least = bound.value;
                self.breach(bound, stated, BrokenBound::MinInsync { at_least, is });
            }
            Some(_) => {}
        }
    }

    fn spare_replicas(&mut self, bound: Option<&Bound<ReplicationFactor>>) {
        let Some(bound) = bound else { return };
        let at_least = bound.value;
        let (min_insync, replication) = match (self.number(MIN_INSYNC), self.facts.replication.clone()) {
            (Some(min_insync), Some(replication)) => (min_insync, replication),
            (None, _) => return self.open(Rule::MinSpareReplicas, MIN_INSYNC),
            (Some(_), None) => return self.open(Rule::MinSpareReplicas, "replication"),
        };
        if spare(min_insync.value, replication.value) < i64::from(at_least.get()) {
            let broken = BrokenBound::SpareReplicas {
                at_least,
                min_insync: min_insync.value,
                replication: replication.value,
            };
            self.breach(bound, min_insync.stated.or(replication.stated), broken);
        }
    }

    fn name(&mut self, bound: Option<&Bound<Vec<Pattern>>>) {
        let Some(bound) = bound else { return };
        let name = &self.facts.declared_name;
        if !bound.value.iter().any(|pattern| pattern.matches(name)) {
            let broken = BrokenBound::Name {
                name: Arc::clone(name),
                allowed: bound.value.clone(),
            };
            self.breach(bound, None, broken);
        }
    }

    fn required(&mut self, bound: Option<&Bound<Vec<Pattern>>>) {
        let Some(bound) = bound else { return };
        let declared = || self.facts.own.iter().filter(|(_, stated)| stated.is_some());
        let missing: Vec<Pattern> = bound
            .value
            .iter()
            .filter(|pattern| !declared().any(|(key, _)| pattern.matches(key.as_str())))
            .cloned()
            .collect();
        for required in missing {
            self.breach(bound, None, BrokenBound::MissingConfig { required });
        }
    }

    fn forbidden(&mut self, bound: Option<&Bound<Vec<Pattern>>>) {
        let Some(bound) = bound else { return };
        for (key, stated) in &self.facts.own {
            let forbidden = bound.value.iter().find(|pattern| pattern.matches(key.as_str()));
            if let Some(forbidden) = forbidden.cloned() {
                let key = key.clone();
                let is_kept = stated.is_none();
                let broken = BrokenBound::ForbiddenConfig {
                    forbidden,
                    key,
                    is_kept,
                };
                self.breach(bound, stated.clone(), broken);
            }
        }
    }
}

/// Whether records are deleted by age.
pub(super) fn deletes(cleanup: &str) -> bool {
    cleanup.split(',').any(|entry| entry.trim() == "delete")
}

/// Kafka takes every negative number for no limit.
pub(super) fn endless(milliseconds: i64) -> i64 {
    if milliseconds < 0 { i64::MAX } else { milliseconds }
}

impl TopicFacts {
    /// What the file alone tells of a topic.
    pub fn declared(topic: &DesiredTopic, settings: &DesiredSettings) -> Self {
        let raw = |(key, to): (&ConfigKey, &Declared<ConfigText>)| {
            let stated = Some(to.origin.clone());
            let value = Arc::clone(to.value.reveal());
            (key.clone(), Fact { value, stated })
        };
        let own = |(key, to): (&ConfigKey, &Declared<ConfigText>)| (key.clone(), Some(to.origin.clone()));
        Self {
            declared_name: Arc::clone(&topic.declared_name),
            partitions: settings.partitions.as_ref().map(Into::into),
            partitions_there: None,
            replication: settings.replication.as_ref().map(Into::into),
            configs: settings.configs.iter().map(raw).collect(),
            own: settings.configs.iter().map(own).collect(),
        }
    }
}
