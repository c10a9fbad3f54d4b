//! What the brokers that hold a topic inherit to it: a config that the topic does not set is each broker's own, and
//! the broker that was asked for the configs need not hold the topic.

use std::collections::{BTreeMap, BTreeSet};

use super::details::Partitions;
use super::topics::Topics;
use super::{DescribedConfig, TopicDescription};
use crate::model::{
    BrokerId, ClusterView, ConfigKey, ConfigSource, Inherited, InheritedByBroker, Reading, TopicName,
    ValuesToAsk,
};

/// Nothing where there is one broker, which has answered already.
pub(super) fn to_ask(
    cluster: &ClusterView,
    topics: &Topics,
    deep: &Partitions,
) -> BTreeMap<TopicName, ValuesToAsk> {
    if cluster.brokers.len() < 2 {
        return BTreeMap::new();
    }
    let asked = deep.keys().filter_map(|name| {
        let asked = ValuesToAsk {
            keys: inherited_keys(topics.get(name)?),
            brokers: live_holders(cluster, topics.get(name)?),
            others: BTreeSet::new(),
        };
        (!asked.keys.is_empty()).then(|| (name.clone(), asked))
    });
    asked.collect()
}

fn inherited_keys(topic: &TopicDescription) -> BTreeSet<ConfigKey> {
    let Reading::Read(configs) = &topic.configs else {
        return BTreeSet::new();
    };
    let inherited = configs
        .iter()
        .filter(|(_, described)| described.config.source != ConfigSource::Topic);
    inherited.map(|(key, _)| key.clone()).collect()
}

/// Those that are down are named elsewhere, and a description does not assume the worst of them.
fn live_holders(cluster: &ClusterView, topic: &TopicDescription) -> BTreeSet<BrokerId> {
    let partitions = topic.seen().into_iter().flat_map(|seen| &seen.partitions);
    let holders = partitions.flat_map(|partition| partition.replicas.iter().copied());
    holders
        .filter(|broker| cluster.brokers.contains_key(broker))
        .collect()
}

/// The value of the lowest broker with a replica stands for all, whichever broker was asked for the configs.
pub(super) fn add(topic: &mut TopicDescription, told: Option<InheritedByBroker>) {
    let (Some(told), Reading::Read(configs)) = (told, &mut topic.configs) else {
        return;
    };
    for (key, described) in configs.iter_mut() {
        let by_broker = told.value_by_broker(key);
        if let Some(first) = by_broker.first() {
            show(described, first);
        }
        described.by_broker = by_broker.if_different(key);
    }
    let unread = told.brokers.into_iter();
    topic.values_unread = unread
        .filter_map(|(broker, told)| Some((broker, told.err()?)))
        .collect();
}

/// What the broker that was asked overrides with another value says nothing of this one.
fn show(described: &mut DescribedConfig, told: &Inherited) {
    let config = &mut described.config;
    if config.value != told.value || config.source != told.source {
        config.value.clone_from(&told.value);
        config.source = told.source;
        described.chain.clear();
    }
}
