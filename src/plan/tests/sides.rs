//! The two sides of a plan out of short texts: what a file declares of a topic, and what a cluster
//! shows of it.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::{config_text, declared, id, key, partition_count, replication_factor};
use crate::model::{
    BrokerId, ConfigKey, ConfigSource, DesiredSettings, Inherited, InheritedByBroker, Moving, ObservedConfig,
    ObservedTopic, Partition, Pattern, Reassignment, TopicConfigs, TopicMetadata, TopicObservation, Unlisted,
};

/// What a broker shows of a topic without overrides, as far as any rule looks at it.
const STOCK: &str = "default cleanup.policy=delete; default compression.type=producer; \
     default max.message.bytes=1048588; default min.insync.replicas=1; \
     default remote.storage.enable=false; default retention.bytes=-1; \
     default retention.ms=604800000; default unclean.leader.election.enable=false";

/// The items of a text such as `retention.ms=5; cleanup.policy=compact`.
fn items(text: &str) -> impl Iterator<Item = &str> {
    text.split(';').map(str::trim).filter(|item| !item.is_empty())
}

/// A partition that is being moved: all its replicas for now, those that are added, those that go.
pub(super) type UnderWay<'a> = (i32, &'a [i32], &'a [i32], &'a [i32]);

/// What a file declares of one topic.
#[derive(Debug, Clone, Default)]
pub(super) struct Wanted(pub(super) DesiredSettings);

impl Wanted {
    /// Declared configs: `retention.ms=5; cleanup.policy=compact`.
    pub(super) fn configs(text: &str) -> Self {
        let config = |item: &str| {
            let (name, value) = item.split_once('=').expect("KEY=VALUE");
            (key(name), declared(config_text(value)))
        };
        Self(DesiredSettings {
            configs: items(text).map(config).collect(),
            ..DesiredSettings::default()
        })
    }

    pub(super) fn nothing() -> Self {
        Self::default()
    }

    pub(super) fn partitions(mut self, count: i64) -> Self {
        self.0.partitions = Some(declared(partition_count(count)));
        self
    }

    pub(super) fn replication(mut self, factor: i64) -> Self {
        self.0.replication = Some(declared(replication_factor(factor)));
        self
    }

    /// As the topic's own entry says it.
    pub(super) fn reset_all_unlisted(mut self) -> Self {
        self.0.unlisted = Unlisted::ResetAll;
        self
    }

    pub(super) fn keep_unlisted(mut self) -> Self {
        self.0.unlisted = Unlisted::Keep;
        self
    }

    pub(super) fn ignoring(mut self, patterns: &[&str]) -> Self {
        self.0.ignore = patterns.iter().copied().map(Pattern::new).collect();
        self
    }
}

/// What a cluster shows of one topic: three partitions of one replica with stock configs, to begin with.
#[derive(Debug, Clone)]
pub(super) struct Seen {
    configs: BTreeMap<ConfigKey, ObservedConfig>,
    inherited: BTreeMap<ConfigKey, Inherited>,
    partitions: Vec<Partition>,
    moving: Moving,
    told: InheritedByBroker,
}

impl Seen {
    pub(super) fn stock() -> Self {
        let bare = Self {
            configs: BTreeMap::new(),
            inherited: BTreeMap::new(),
            partitions: Vec::new(),
            moving: Moving::NotAsked,
            told: InheritedByBroker::default(),
        };
        bare.with(STOCK).replicas(&[&[1], &[2], &[3]])
    }

    /// Configs as the broker shows them: `own retention.ms=5 over cluster 7; default flush.ms=9`. The part
    /// after `over` is what it told of the value behind the override. The value `?` is hidden, `null` is
    /// null, and the source `no` is for a key that it does not list.
    pub(super) fn with(mut self, text: &str) -> Self {
        for item in items(text) {
            let (source, config) = item.split_once(' ').expect("SOURCE KEY=VALUE");
            let (name, value) = config.split_once('=').unwrap_or((config, ""));
            let (value, behind) = value
                .split_once(" over ")
                .map_or((value, None), |(value, behind)| (value, Some(behind)));
            if source == "no" {
                self.configs.remove(&key(name));
                continue;
            }
            self.configs.insert(key(name), observed(value, source_of(source)));
            if let Some(behind) = behind {
                let (source, value) = behind.split_once(' ').expect("SOURCE VALUE");
                let source = source_of(source);
                let value = shown(value);
                self.inherited.insert(key(name), Inherited { value, source });
            }
        }
        self
    }

    /// The replicas of each partition, all of them in sync.
    pub(super) fn replicas(self, partitions: &[&[i32]]) -> Self {
        let all: Vec<(&[i32], &[i32])> = partitions.iter().map(|ids| (*ids, *ids)).collect();
        self.replicas_and_isr(&all)
    }

    pub(super) fn replicas_and_isr(mut self, partitions: &[(&[i32], &[i32])]) -> Self {
        let brokers = |ids: &[i32]| -> Vec<BrokerId> { ids.iter().copied().map(BrokerId).collect() };
        let partition = |(index, (replicas, isr)): (i32, &(&[i32], &[i32]))| Partition {
            index,
            leader: isr.first().copied().map(BrokerId),
            replicas: brokers(replicas),
            isr: brokers(isr),
            offline: Vec::new(),
        };
        self.partitions = (0..).zip(partitions).map(partition).collect();
        self
    }

    /// Partitions that are being moved: all replicas for now, those that are added, those that go.
    pub(super) fn moved(self, rows: &[UnderWay<'_>]) -> Self {
        let ids = |ids: &[i32]| ids.iter().copied().map(BrokerId).collect();
        let each = rows.iter().map(|(index, replicas, adding, removing)| {
            let moving = Reassignment {
                replicas: ids(replicas),
                adding: ids(adding),
                removing: ids(removing),
            };
            (*index, moving)
        });
        self.moving(Moving::Read(each.collect()))
    }

    /// No configs but these.
    pub(super) fn only(self, text: &str) -> Self {
        let bare = Self {
            configs: BTreeMap::new(),
            ..self
        };
        bare.with(text)
    }

    /// A partition waits for a leader; who was in sync when it lost the last one is known.
    pub(super) fn without_leader(mut self, index: usize) -> Self {
        self.partitions[index].leader = None;
        self
    }

    pub(super) fn moving(self, moving: Moving) -> Self {
        Self { moving, ..self }
    }

    /// What each broker inherits to the topic: `default retention.ms=5; cluster flush.ms=7`; nothing of one that is
    /// not alive.
    pub(super) fn told(mut self, brokers: &[(i32, &str)]) -> Self {
        for (id, text) in brokers {
            let config = |item: &str| {
                let (source, config) = item.split_once(' ').expect("SOURCE KEY=VALUE");
                let (name, value) = config.split_once('=').expect("KEY=VALUE");
                let (value, source) = (shown(value), source_of(source));
                (key(name), Inherited { value, source })
            };
            let told: BTreeMap<ConfigKey, Inherited> = items(text).map(config).collect();
            self.told.keys.extend(told.keys().cloned());
            let told = if told.is_empty() {
                Err(format!("broker {id} is not alive").into())
            } else {
                Ok(told)
            };
            self.told.brokers.insert(BrokerId(*id), told);
        }
        self
    }

    /// The same of brokers that may get replicas.
    pub(super) fn told_elsewhere(mut self, brokers: &[(i32, &str)]) -> Self {
        let here = std::mem::take(&mut self.told.brokers);
        self = self.told(brokers);
        self.told.others = std::mem::replace(&mut self.told.brokers, here);
        self
    }

    pub(super) fn sighting(self) -> TopicObservation {
        let mut seen = ObservedTopic {
            metadata: TopicMetadata {
                id: id(1),
                internal: false,
                partitions: self.partitions,
            },
            configs: TopicConfigs::new(self.configs),
            inherited: self.inherited,
            inherited_unread: None,
            listing: crate::model::ConfigListing::default(),
            by_broker: InheritedByBroker::default(),
            moving: self.moving,
        };
        seen.add_values(self.told);
        TopicObservation::Present(Box::new(seen))
    }
}

fn source_of(word: &str) -> ConfigSource {
    match word {
        "own" => ConfigSource::Topic,
        "broker" => ConfigSource::Broker,
        "cluster" => ConfigSource::Cluster,
        "file" => ConfigSource::BrokerFile,
        "default" => ConfigSource::Default,
        "other" => ConfigSource::Other(99),
        _ => panic!("{word} is no source"),
    }
}

fn shown(value: &str) -> Option<Arc<str>> {
    (value != "?" && value != "null").then(|| value.into())
}

fn observed(value: &str, source: ConfigSource) -> ObservedConfig {
    ObservedConfig {
        value: shown(value),
        source,
        sensitive: value == "?",
    }
}
