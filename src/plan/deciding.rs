//! Which inherited values a plan depends on, and which brokers decide by them. Empty for a plan that depends
//! on none: nothing is asked then.

use std::collections::{BTreeMap, BTreeSet};

use super::broker_view::broker_views;
use super::change::Change;
use super::config;
use super::risk::RiskClass;
use crate::model::{
    BrokerId, ClusterView, ConfigKey, ConfigSource, Desired, DesiredState, InheritedByBroker, Observation,
    ObservedTopic, Sighting, TopicName, ValuesToAsk,
};

const UNCLEAN_ELECTION: &str = "unclean.leader.election.enable";

/// Configs whose change can cost something, each with those that decide about it as well.
const DECISIVE: [(&str, &[&str]); 7] = [
    ("cleanup.policy", &["retention.bytes", "retention.ms"]),
    ("max.message.bytes", &[]),
    ("min.insync.replicas", &[]),
    ("remote.storage.enable", &[]),
    ("retention.bytes", &["cleanup.policy"]),
    ("retention.ms", &["cleanup.policy"]),
    (UNCLEAN_ELECTION, &[]),
];

/// The values that the risk of a plan depends on, by topic.
pub fn values_to_ask(desired: &Desired, observed: &Observation) -> BTreeMap<TopicName, ValuesToAsk> {
    let topics = desired.topics.iter().filter_map(|(name, topic)| {
        let DesiredState::Present(settings) = &topic.state else {
            return None;
        };
        let Some(Sighting::Present(seen)) = observed.topics.get(name) else {
            return None;
        };
        let keys = deciding_keys(&config::changes(name, settings, seen), seen);
        let brokers = deciding_brokers(&keys, seen, &observed.cluster);
        let is_told = is_the_only_one(&brokers, &observed.cluster);
        (!keys.is_empty() && !is_told).then(|| (name.clone(), ValuesToAsk { keys, brokers }))
    });
    topics.collect()
}

/// The broker that has answered already.
fn is_the_only_one(brokers: &BTreeSet<BrokerId>, cluster: &ClusterView) -> bool {
    cluster.brokers.len() == 1 && brokers.iter().all(|id| cluster.brokers.contains_key(id))
}

/// Every broker with a replica deletes by its own values, and may lead. Only unclean elections are decided by
/// the controller (`ConfigurationControlManager.uncleanLeaderElectionEnabledForTopic`), which any broker may be.
fn deciding_brokers(
    keys: &BTreeSet<ConfigKey>,
    seen: &ObservedTopic,
    cluster: &ClusterView,
) -> BTreeSet<BrokerId> {
    let partitions = seen.metadata.partitions.iter();
    let mut brokers: BTreeSet<BrokerId> = partitions
        .flat_map(|partition| partition.replicas.iter().copied())
        .collect();
    if keys.iter().any(|key| key.as_str() == UNCLEAN_ELECTION) {
        brokers.extend(cluster.brokers.keys());
    }
    brokers
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
        let Some((_, beside)) = DECISIVE.iter().find(|(decisive, _)| *decisive == key.as_str()) else {
            continue;
        };
        let is_open = |key: &ConfigKey| is_inherited(key, changes, seen);
        let beside = beside.iter().filter_map(|name| ConfigKey::new(name).ok());
        let mut open: BTreeSet<ConfigKey> = beside.filter(is_open).collect();
        if is_open(key) {
            open.insert(key.clone());
            keys.extend(open);
        } else if worst_class(key, changes, seen, &open) > RiskClass::Safe {
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
    };
    let seen = ObservedTopic {
        by_broker: nobody_tells,
        ..seen.clone()
    };
    let views = broker_views(&seen, changes);
    let classes = views.iter().map(|view| view.transition().risk_of(key).class());
    classes.max().unwrap_or(RiskClass::Safe)
}
