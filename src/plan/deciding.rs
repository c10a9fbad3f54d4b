//! Which inherited values a plan depends on, and which brokers decide by them. Empty for a plan that depends
//! on none: nothing is asked then.

use std::collections::{BTreeMap, BTreeSet};

use super::assess::{After, Transition};
use super::broker_view::broker_views;
use super::change::Change;
use super::config;
use super::risk::RiskClass;
use crate::model::known::effects::{Effect, risky, risky_keys};
use crate::model::policy::ConfigOnTopic;
use crate::model::{
    BrokerId, ClusterView, ConfigKey, ConfigSource, Desired, DesiredSettings, DesiredState,
    InheritedByBroker, Observation, ObservedTopic, Policy, RunPurpose, TopicName, TopicObservation,
    ValuesToAsk, is_controllers,
};

/// The values that the risk of a plan depends on, and whether topics keep the policy, by topic.
pub fn values_to_ask(desired: &Desired, observed: &Observation) -> BTreeMap<TopicName, ValuesToAsk> {
    let topics = desired.topics.iter().filter_map(|(name, topic)| {
        let DesiredState::Present(settings) = &topic.state else {
            return None;
        };
        let Some(TopicObservation::Present(seen)) = observed.topics.get(name) else {
            return None;
        };
        let changes = config::changes(name, settings, seen);
        let mut keys = deciding_keys(&changes, seen);
        let mut others = BTreeSet::new();
        if may_move(settings, seen) {
            let decisive = risky_keys().filter_map(|name| ConfigKey::new(name).ok());
            let decisive = decisive.filter(|key| !is_controllers(key));
            keys.extend(decisive.filter(|key| is_inherited(key, &changes, seen)));
            others.extend(observed.cluster.brokers.keys());
        }
        if keys.iter().any(is_controllers) {
            others.extend(observed.cluster.brokers.keys());
        }
        let mut brokers = holders(seen);
        let alive = |broker: &BrokerId| observed.cluster.brokers.contains_key(broker);
        if keys.is_empty() {
            // No change waits for those that are down: a bound is kept by those that are up.
            brokers.retain(alive);
        }
        if topic.exempt.is_none() && desired.purpose == RunPurpose::Converge && brokers.iter().any(alive) {
            keys.extend(of_policy(&desired.policy, &changes, seen));
        }
        others.retain(|broker| !brokers.contains(broker));
        let is_told = is_the_only_one(&brokers, &observed.cluster);
        let asked = ValuesToAsk {
            keys,
            brokers,
            others,
        };
        (!asked.keys.is_empty() && !is_told).then(|| (name.clone(), asked))
    });
    topics.collect()
}

/// The inherited values that a bound of the policy depends on.
fn of_policy(policy: &Policy, changes: &[Change], seen: &ObservedTopic) -> Vec<ConfigKey> {
    let transition = Transition::new(&seen.configs, changes);
    let held = |name: &str| {
        let is_set = |change: &Change| matches!(change, Change::SetConfig(set) if set.key.as_str() == name);
        let key = ConfigKey::new(name).ok();
        let is_inherited = key.is_some_and(|key| is_inherited(&key, changes, seen));
        if is_inherited && !changes.iter().any(is_set) {
            return ConfigOnTopic::Inherited;
        }
        ConfigOnTopic::Own(match transition.value_after(name) {
            After::Value(value) => Some(value.into()),
            After::Unknown => None,
        })
    };
    let keys = policy.depends_on(held).into_iter();
    keys.filter_map(|name| ConfigKey::new(name).ok()).collect()
}

/// Replicas go to brokers that may inherit other values to the topic.
fn may_move(settings: &DesiredSettings, seen: &ObservedTopic) -> bool {
    let partitions = &seen.metadata.partitions;
    let differs = |factor: usize| {
        partitions
            .iter()
            .any(|partition| partition.replicas.len() != factor)
    };
    let declared = settings.replication.as_ref();
    declared.is_some_and(|to| differs(to.value.as_usize()))
}

/// The broker that has answered already.
fn is_the_only_one(brokers: &BTreeSet<BrokerId>, cluster: &ClusterView) -> bool {
    cluster.brokers.len() == 1 && brokers.iter().all(|id| cluster.brokers.contains_key(id))
}

/// Every broker with a replica deletes by its own values, and may lead.
fn holders(seen: &ObservedTopic) -> BTreeSet<BrokerId> {
    let partitions = seen.metadata.partitions.iter();
    partitions
        .flat_map(|partition| partition.replicas.iter().copied())
        .collect()
}

fn deciding_keys(changes: &[Change], seen: &ObservedTopic) -> BTreeSet<ConfigKey> {
    let mut keys = BTreeSet::new();
    for change in changes {
        let Some(key) = config::config_key(change) else {
            continue;
        };
        // Whether somebody's value is lost at all, whatever the key.
        if matches!(change, Change::ResetConfig(_)) {
            keys.insert(key.clone());
        }
        if risky(key.as_str()).next().is_none() {
            continue;
        }
        let is_open = |key: &ConfigKey| is_inherited(key, changes, seen);
        let beside = risky(key.as_str()).flat_map(Effect::decided_beside);
        let beside = beside.filter_map(|name| ConfigKey::new(name).ok());
        let mut open: BTreeSet<ConfigKey> = beside.filter(is_open).collect();
        if is_open(key) {
            open.insert(key.clone());
        }
        if worst_class(key, changes, seen, &open) > RiskClass::Safe {
            keys.extend(open);
        }
    }
    keys
}

/// Before the changes, or after them.
fn is_inherited(key: &ConfigKey, changes: &[Change], seen: &ObservedTopic) -> bool {
    let is_reset = |change: &Change| matches!(change, Change::ResetConfig(reset) if reset.key == *key);
    let shown = seen.configs.get(key);
    shown.is_some_and(|config| config.source != ConfigSource::Topic) || changes.iter().any(is_reset)
}

/// The class that a change from one value of the topic's own to another has at worst, whatever these are.
fn worst_class(
    key: &ConfigKey,
    changes: &[Change],
    seen: &ObservedTopic,
    open: &BTreeSet<ConfigKey>,
) -> RiskClass {
    let nobody_tells = InheritedByBroker {
        keys: open.clone(),
        brokers: [(BrokerId(0), Ok(BTreeMap::new()))].into(),
        others: BTreeMap::new(),
    };
    let seen = ObservedTopic {
        by_broker: nobody_tells,
        ..seen.clone()
    };
    let views = broker_views(&seen, changes);
    let classes = views.iter().map(|view| view.transition().risk_of(key).class());
    classes.max().unwrap_or(RiskClass::Safe)
}
