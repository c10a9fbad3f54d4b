//! Where a topic's configs come from: the topic, this broker, the cluster, the broker's file, Kafka.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::call::{Api, Call};
use super::topic::Topic;
use super::{MemoryCluster, state::State};
use super::{answer, values};
use crate::admin::{
    AdminError, BrokerConfigs as AllOfBrokers, ConfigChange, ItemError, PerTopic, TopicSynonyms,
};
use crate::model::known::KnownConfig;
use crate::model::throttle::THROTTLED_RATE;
use crate::model::{
    AclOperation, BrokerId, ConfigKey, ConfigSource, ObservedConfig, Synonym, TopicConfigs, TopicName,
};

/// For whom a broker config is set at run time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    /// All brokers (`DYNAMIC_DEFAULT_BROKER_CONFIG`).
    Cluster,
    /// One broker (`DYNAMIC_BROKER_CONFIG`).
    Broker(BrokerId),
}

/// Broker configs by their own names, such as `log.retention.ms`.
type Named = BTreeMap<String, Arc<str>>;

/// What brokers say of topics that say nothing themselves.
#[derive(Debug, Clone, Default)]
pub(super) struct BrokerConfigs {
    pub(super) file: Named,
    pub(super) cluster: Named,
    pub(super) single: BTreeMap<BrokerId, Named>,
}

impl MemoryCluster {
    /// Sets a broker config at run time, by the broker's name for it, such as `log.retention.ms`; `None`
    /// takes it back. Values are not checked.
    pub fn set_broker_config(&self, scope: Scope, key: &str, value: Option<&str>) {
        let configs = &mut self.state.borrow_mut().configs;
        let named = match scope {
            Scope::Cluster => &mut configs.cluster,
            Scope::Broker(broker) => configs.single.entry(broker).or_default(),
        };
        match value {
            Some(value) => named.insert(key.to_owned(), value.into()),
            None => named.remove(key),
        };
    }
}

impl MemoryCluster {
    pub(super) async fn read_synonyms(
        &self,
        broker: Option<BrokerId>,
        wanted: &BTreeMap<TopicName, Option<Vec<ConfigKey>>>,
    ) -> Result<PerTopic<TopicSynonyms>, AdminError> {
        let read = self
            .begin_read(Api::DescribeConfigs, broker, wanted.keys())
            .await?;
        let state = self.state.borrow();
        let chains = |topic: &_, name: &TopicName| {
            let keys = wanted.get(name).and_then(Option::as_deref);
            state.chains(read.broker, topic, keys)
        };
        let found = read.answer(&state, wanted.keys(), AclOperation::DescribeConfigs, chains);
        let missing = || ItemError::Broker(answer::no_such_topic());
        Ok(found
            .into_iter()
            .map(|(name, chains)| (name, chains.and_then(|chains| chains.ok_or_else(missing))))
            .collect())
    }

    /// One request to each broker.
    pub(super) async fn read_configs_of(&self, brokers: &[BrokerId], keys: &[ConfigKey]) -> AllOfBrokers {
        let mut told = AllOfBrokers::new();
        for broker in brokers.iter().filter(|_| !keys.is_empty()) {
            let reached = self.reach(*broker, Call::from(Api::DescribeConfigs)).await;
            let state = self.state.borrow();
            let shown = reached
                .and_then(|()| state.may_see_broker_configs().map_err(ItemError::Broker))
                .map(|()| state.of_broker(*broker, keys));
            told.insert(*broker, shown);
        }
        told
    }

    pub(super) async fn alter_configs_of(
        &self,
        changes: &BTreeMap<BrokerId, BTreeMap<ConfigKey, ConfigChange>>,
    ) -> BTreeMap<BrokerId, Result<(), ItemError>> {
        let mut answers = BTreeMap::new();
        for (broker, changes) in changes {
            let reached = self
                .reach(*broker, Call::write(Api::IncrementalAlterConfigs))
                .await;
            let mut state = self.state.borrow_mut();
            let allowed = reached.and_then(|()| state.may_alter_brokers().map_err(ItemError::Broker));
            if allowed.is_ok() {
                let own = state.configs.single.entry(*broker).or_default();
                for (key, change) in changes {
                    match change {
                        ConfigChange::Set(value) => own.insert(key.to_string(), Arc::clone(value)),
                        ConfigChange::Reset => own.remove(key.as_str()),
                    };
                }
            }
            answers.insert(*broker, allowed);
        }
        answers
    }

    pub(super) async fn reach(&self, broker: BrokerId, call: Call) -> Result<(), ItemError> {
        self.begin(call, []).await;
        let alive = self.state.borrow().must_be_alive(broker, call.api.name());
        alive.map_err(ItemError::Request)?;
        let lost = call.api.lost(self.state.borrow().peer(broker));
        self.script
            .borrow_mut()
            .befalls_whole(call, &lost)
            .map_or(Ok(()), Err)
    }

    /// What a broker was told at run time, as it really is.
    pub fn told(&self, broker: BrokerId) -> BTreeMap<String, Arc<str>> {
        let state = self.state.borrow();
        state.configs.single.get(&broker).cloned().unwrap_or_default()
    }
}

impl State {
    /// All configs of the topics as one broker shows them. Topics with the same overrides share them.
    pub(super) fn all_configs<'a>(
        &self,
        broker: BrokerId,
    ) -> impl FnMut(&'a Topic) -> TopicConfigs + use<'a, '_> {
        let mut known: BTreeMap<&'a BTreeMap<ConfigKey, Arc<str>>, TopicConfigs> = BTreeMap::new();
        move |topic| {
            let resolve = || {
                let shown = keys().map(|(key, config)| {
                    let own = topic.overrides.get(&key);
                    let value = self.configs.shown(broker, config, own);
                    (key, value)
                });
                Arc::new(shown.collect())
            };
            known.entry(&topic.overrides).or_insert_with(resolve).clone()
        }
    }

    /// The values that a new topic with these overrides would show on the first broker that is alive.
    pub(super) fn configs_of_new(
        &self,
        overrides: &BTreeMap<ConfigKey, Arc<str>>,
    ) -> BTreeMap<ConfigKey, Arc<str>> {
        let alive = self.brokers.iter().find(|(_, broker)| broker.alive);
        let broker = alive.map_or(BrokerId(1), |(id, _)| *id);
        let shown = |(key, config): (ConfigKey, &'static KnownConfig)| {
            let value = self.configs.shown(broker, config, overrides.get(&key)).value?;
            Some((key, value))
        };
        keys().filter_map(shown).collect()
    }

    /// A broker's own configs, as far as topics inherit from them or new ones are made by them.
    pub(super) fn of_broker(
        &self,
        broker: BrokerId,
        keys: &[ConfigKey],
    ) -> BTreeMap<ConfigKey, ObservedConfig> {
        let shown = |key: &ConfigKey| Some((key.clone(), self.configs.of_broker(broker, key.as_str())?));
        keys.iter().filter_map(shown).collect()
    }

    /// The chains behind the named keys, or behind all.
    pub(super) fn chains(
        &self,
        broker: BrokerId,
        topic: &Topic,
        wanted: Option<&[ConfigKey]>,
    ) -> TopicSynonyms {
        keys()
            .filter(|(key, _)| wanted.is_none_or(|wanted| wanted.is_empty() || wanted.contains(key)))
            .map(|(key, config)| {
                let own = topic.overrides.get(&key);
                let shown = self.configs.shown(broker, config, own);
                let chain = self.configs.chain(broker, config, own);
                (key, (shown, chain))
            })
            .collect()
    }
}

fn keys() -> impl Iterator<Item = (ConfigKey, &'static KnownConfig)> {
    values::all().filter_map(|config| Some((ConfigKey::new(config.name).ok()?, config)))
}

impl BrokerConfigs {
    pub(super) fn default_partitions(&self) -> usize {
        self.number("num.partitions")
    }

    pub(super) fn default_replication(&self) -> usize {
        self.number("default.replication.factor")
    }

    pub(super) fn deletes_topics(&self) -> bool {
        self.file
            .get("delete.topic.enable")
            .is_none_or(|value| &**value != "false")
    }

    fn number(&self, key: &str) -> usize {
        self.file
            .get(key)
            .and_then(|value| value.parse().ok())
            .unwrap_or(1)
    }

    /// The value and where it comes from, as `DescribeConfigs` says it.
    fn shown(&self, broker: BrokerId, config: &KnownConfig, own: Option<&Arc<str>>) -> ObservedConfig {
        let chain = self.chain(broker, config, own);
        ObservedConfig {
            value: Some(own.cloned().unwrap_or_else(|| self.inherited(broker, config))),
            source: chain.first().map_or(ConfigSource::Default, |link| link.source),
            sensitive: false,
        }
    }

    fn of_broker(&self, broker: BrokerId, name: &str) -> Option<ObservedConfig> {
        let config = values::all().find(|config| config.broker_names.contains(&name));
        let default = match (config, name) {
            (Some(config), _) => broker_default(config, name),
            (None, "num.partitions" | "default.replication.factor") => Some("1"),
            (None, name) if THROTTLED_RATE.contains(&name) => None,
            (None, _) => return None,
        };
        let set = |name: &str| {
            let mut places = self.places(broker).into_iter();
            places.find_map(|(named, source)| Some((named?.get(name)?.clone(), source)))
        };
        let (value, source) = match set(name) {
            Some((value, source)) => (Some(value), source),
            // Not shown unless somebody set it.
            None if THROTTLED_RATE.contains(&name) => return None,
            None => (default.map(Arc::from), ConfigSource::Default),
        };
        // What is set at run time under another name of the same config wins: then the broker forgets
        // the value of its file, though not that there was one.
        let at_run_time = |(_, source)| source != ConfigSource::BrokerFile;
        let names = config.map_or(&[][..], |config| config.broker_names);
        let beaten = names
            .iter()
            .any(|other| *other != name && set(other).is_some_and(at_run_time));
        let value = match source {
            ConfigSource::BrokerFile if beaten => default.map(Arc::from),
            _ => value,
        };
        Some(ObservedConfig {
            value,
            source,
            sensitive: false,
        })
    }

    /// Where a broker config may be set, from the highest precedence down.
    fn places(&self, broker: BrokerId) -> [(Option<&Named>, ConfigSource); 3] {
        [
            (self.single.get(&broker), ConfigSource::Broker),
            (Some(&self.cluster), ConfigSource::Cluster),
            (Some(&self.file), ConfigSource::BrokerFile),
        ]
    }

    /// What the topic would have without a value of its own. The broker's names of a config count in
    /// their order, whatever the place: `log.retention.ms` beats `log.retention.hours`.
    fn inherited(&self, broker: BrokerId, config: &KnownConfig) -> Arc<str> {
        for name in config.broker_names {
            let mut places = self.places(broker).into_iter();
            let value = places.find_map(|(named, _)| named?.get(*name));
            if let Some(value) = value {
                return in_topic_unit(name, value);
            }
        }
        config.default().into()
    }

    /// The chain as Kafka tells it. It begins, after the topic's own value, with the first link under
    /// the first of the broker's names (`ConfigHelper` drops what comes before): with no
    /// `log.retention.ms` anywhere, `retention.ms` has no chain at all, even where
    /// `log.retention.hours` is what counts.
    fn chain(&self, broker: BrokerId, config: &KnownConfig, own: Option<&Arc<str>>) -> Vec<Synonym> {
        let mut links: Vec<(&str, Arc<str>, ConfigSource)> = Vec::new();
        for (named, source) in self.places(broker) {
            let value = |name: &&'static str| Some((*name, named?.get(*name)?.clone(), source));
            links.extend(config.broker_names.iter().filter_map(value));
        }
        let default =
            |name: &&'static str| Some((*name, broker_default(config, name)?.into(), ConfigSource::Default));
        links.extend(config.broker_names.iter().filter_map(default));
        let main = config.broker_names.first().copied();
        let own = own.map(|value| (config.name, value.clone(), ConfigSource::Topic));
        own.into_iter()
            .chain(links.into_iter().skip_while(|(name, ..)| Some(*name) != main))
            .filter_map(|(name, value, source)| {
                Some(Synonym {
                    key: ConfigKey::new(name).ok()?,
                    value: Some(value),
                    source,
                })
            })
            .collect()
    }
}

/// What a broker comes with. Of a config that has several names, the finest has no default.
fn broker_default(config: &KnownConfig, name: &str) -> Option<&'static str> {
    match (config.broker_names, name) {
        ([_], _) => Some(config.default()),
        (_, "log.retention.hours" | "log.roll.hours") => Some("168"),
        (_, "log.roll.jitter.hours") => Some("0"),
        (_, "log.flush.scheduler.interval.ms") => Some("9223372036854775807"),
        _ => None,
    }
}

fn in_topic_unit(name: &str, value: &Arc<str>) -> Arc<str> {
    let milliseconds: i64 = match name.rsplit('.').next() {
        Some("hours") => 3_600_000,
        Some("minutes") => 60_000,
        _ => return value.clone(),
    };
    match value.parse::<i64>() {
        Ok(number) if number >= 0 => number.saturating_mul(milliseconds).to_string().into(),
        _ => value.clone(),
    }
}
