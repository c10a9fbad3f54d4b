//! What topics inherit from each of the brokers that decide about them: `DescribeConfigs` of a topic answers with the
//! values of the broker that is asked (`ConfigHelper.createTopicConfig`), so each broker is asked once about all of
//! its topics, and once more for what the chains of synonyms leave out.

use std::collections::{BTreeMap, BTreeSet};

use futures_util::future::join_all;

use super::inherited::{BrokerConfigs, broker_names, from_broker};
use crate::admin::{Admin, ItemError, PerTopic, TopicSynonyms};
use crate::model::{
    BrokerId, ClusterView, ConfigKey, ConfigSource, Inherited, InheritedByBroker, ObservedConfig, ReadError,
    Synonym, ToldValues, TopicName, ValuesToAsk,
};

/// The topics that a broker is asked about.
type Asked = BTreeMap<TopicName, Vec<ConfigKey>>;

/// What one broker told of each of them.
type Told = BTreeMap<TopicName, ToldValues>;

/// Asks each live broker that decides about a topic. A broker that does not tell is in the result with the reason.
pub async fn values_by_broker<A: Admin>(
    admin: &A,
    cluster: &ClusterView,
    wanted: &BTreeMap<TopicName, ValuesToAsk>,
) -> BTreeMap<TopicName, InheritedByBroker> {
    let mut all: BTreeMap<TopicName, InheritedByBroker> = BTreeMap::new();
    let mut asked: BTreeMap<BrokerId, Asked> = BTreeMap::new();
    for (name, values) in wanted {
        let topic = all.entry(name.clone()).or_default();
        topic.keys.clone_from(&values.keys);
        for broker in values.brokers.union(&values.others) {
            if cluster.brokers.contains_key(broker) {
                let keys = values.keys.iter().cloned().collect();
                asked.entry(*broker).or_default().insert(name.clone(), keys);
            } else {
                let why = ReadError::from(format!("broker {broker} is not alive"));
                add(topic, values, *broker, &Err(why));
            }
        }
    }
    let each = asked
        .iter()
        .map(async |(broker, asked)| (*broker, told_by(admin, *broker, asked).await));
    for (broker, told) in join_all(each).await {
        for (name, told) in told {
            if let (Some(topic), Some(values)) = (all.get_mut(&name), wanted.get(&name)) {
                add(topic, values, broker, &told);
            }
        }
    }
    all
}

/// What each live broker would inherit to a new topic, in one request for each. A broker that does not tell is in the
/// result with the reason. Needs `DESCRIBE_CONFIGS` on the cluster.
pub async fn values_for_new_topics<A: Admin>(
    admin: &A,
    cluster: &ClusterView,
    keys: BTreeSet<ConfigKey>,
) -> InheritedByBroker {
    let names: BTreeSet<ConfigKey> = keys.iter().flat_map(broker_names).collect();
    let names: Vec<ConfigKey> = names.into_iter().collect();
    let brokers: Vec<BrokerId> = cluster.brokers.keys().copied().collect();
    let told = match admin.configs_of_brokers(&brokers, &names).await {
        Ok(told) => told,
        Err(error) => {
            let each = brokers.into_iter();
            each.map(|broker| (broker, Err(ItemError::Request(error.clone()))))
                .collect()
        }
    };
    let values = |own: BrokerConfigs| {
        let each = keys
            .iter()
            .filter_map(|key| Some((key.clone(), from_broker(key, &own)?)));
        each.collect()
    };
    let brokers = told.into_iter().map(|(broker, told)| {
        let told: ToldValues = told.map(values).map_err(|error| error.read_error());
        (broker, told)
    });
    InheritedByBroker {
        brokers: brokers.collect(),
        keys,
        others: BTreeMap::new(),
    }
}

fn add(topic: &mut InheritedByBroker, values: &ValuesToAsk, broker: BrokerId, told: &ToldValues) {
    if values.brokers.contains(&broker) {
        topic.brokers.insert(broker, told.clone());
    }
    if values.others.contains(&broker) {
        topic.others.insert(broker, told.clone());
    }
}

async fn told_by<A: Admin>(admin: &A, broker: BrokerId, asked: &Asked) -> Told {
    let shown = match admin.synonyms_on(broker, asked).await {
        Ok(shown) => shown,
        Err(error) => {
            let why = ItemError::Request(error).read_error();
            return asked
                .keys()
                .map(|name| (name.clone(), Err(why.clone())))
                .collect();
        }
    };
    let own = own_configs(admin, broker, &shown).await;
    let of_topic = |topic: TopicSynonyms| {
        let keys = topic.into_iter();
        keys.filter_map(|(key, (config, chain))| {
            let inherited = behind(&config, &chain).or_else(|| from_broker(&key, &own))?;
            Some((key, inherited))
        })
        .collect()
    };
    let each = shown.into_iter();
    each.map(|(name, topic)| (name, topic.map(of_topic).map_err(|error| error.read_error())))
        .collect()
}

/// The value in force where the topic has none of its own, else the first of the chain that is not its own.
fn behind(config: &ObservedConfig, chain: &[Synonym]) -> Option<Inherited> {
    if config.source == ConfigSource::Topic {
        return Inherited::from_synonyms(chain);
    }
    Some(Inherited {
        value: config.value.clone(),
        source: config.source,
    })
}

/// The broker's own configs behind the overrides whose chains do not lead to it.
async fn own_configs<A: Admin>(
    admin: &A,
    broker: BrokerId,
    shown: &PerTopic<TopicSynonyms>,
) -> BrokerConfigs {
    let topics = shown.values().filter_map(|topic| topic.as_ref().ok());
    let open = topics
        .flatten()
        .filter(|(_, (config, chain))| behind(config, chain).is_none());
    let names: BTreeSet<ConfigKey> = open.flat_map(|(key, _)| broker_names(key)).collect();
    if names.is_empty() {
        return BrokerConfigs::new();
    }
    let names: Vec<ConfigKey> = names.into_iter().collect();
    let told = admin
        .configs_of_brokers(&[broker], &names)
        .await
        .unwrap_or_default();
    let told = told.into_values().next();
    told.and_then(Result::ok).unwrap_or_default()
}
