//! A cluster as small as it can be, which carries out what a plan says. It knows nothing of how plans
//! are made: it holds topics and their overrides, shows them as brokers do, and panics at a change that
//! a real cluster could not make.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::{cluster, id, key};
use crate::model::{
    BrokerId, ConfigKey, ConfigSource, Desired, DesiredState, Inherited, InheritedByBroker, Observation,
    ObservedConfig, ObservedTopic, Partition, RegisteredBrokers, StorageView, TopicConfigs, TopicId,
    TopicMetadata, TopicName, TopicObservation,
};
use crate::plan::{Change, Creation, Growth, Plan};

/// Sensitive in this cluster: it never shows the value.
pub(super) const HIDDEN: &str = "vendor.secret";

/// What a topic gets where its creation does not say.
const NUM_PARTITIONS: usize = 2;
const DEFAULT_REPLICATION: usize = 1;

#[derive(Debug, Clone, PartialEq)]
pub(super) struct World {
    pub(super) topics: BTreeMap<TopicName, Held>,
    /// What topics inherit.
    pub(super) inherited: BTreeMap<ConfigKey, (ConfigSource, Arc<str>)>,
    /// Whether it tells what lies behind an override.
    pub(super) tells: bool,
}

/// A topic that exists.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Held {
    pub(super) id: TopicId,
    pub(super) own: BTreeMap<ConfigKey, Arc<str>>,
    /// The replicas of each partition.
    pub(super) replicas: Vec<Vec<BrokerId>>,
    /// So many replicas of each partition are in sync.
    pub(super) in_sync: usize,
}

pub(super) fn brokers(count: usize) -> Vec<BrokerId> {
    (1..).take(count).map(BrokerId).collect()
}

impl World {
    pub(super) fn observe(&self, desired: &Desired) -> Observation {
        let sighting = |name: &TopicName| match self.topics.get(name) {
            Some(held) => TopicObservation::Present(Box::new(self.show(held))),
            None => TopicObservation::Absent,
        };
        let aliases = desired.topics.values().flat_map(|topic| &topic.aliases);
        Observation {
            cluster: cluster(RegisteredBrokers::Exactly(3)),
            topics: desired
                .topics
                .keys()
                .map(|name| (name.clone(), sighting(name)))
                .collect(),
            aliases_found: aliases
                .filter(|alias| self.topics.contains_key(*alias))
                .cloned()
                .collect::<BTreeSet<_>>(),
            storage: StorageView::default(),
            eligible_leaders: BTreeMap::new(),
        }
    }

    fn show(&self, held: &Held) -> ObservedTopic {
        let mut configs: BTreeMap<ConfigKey, ObservedConfig> = self
            .inherited
            .iter()
            .map(|(key, (source, value))| (key.clone(), show_config(key, value, *source)))
            .collect();
        for (key, value) in &held.own {
            configs.insert(key.clone(), show_config(key, value, ConfigSource::Topic));
        }
        let behind = held.own.keys().filter(|_| self.tells).filter_map(|key| {
            let (source, value) = self.inherited.get(key)?;
            let value = (key.as_str() != HIDDEN).then(|| value.clone());
            let source = *source;
            Some((key.clone(), Inherited { value, source }))
        });
        ObservedTopic {
            metadata: TopicMetadata {
                id: held.id,
                internal: false,
                partitions: (0..)
                    .zip(&held.replicas)
                    .map(|(n, ids)| held.partition(n, ids))
                    .collect(),
            },
            inherited: behind.collect(),
            inherited_unread: None,
            listing: crate::model::ConfigListing::default(),
            by_broker: InheritedByBroker::default(),
            moving: crate::model::Moving::NotAsked,
            configs: TopicConfigs::new(configs),
        }
    }

    /// Carries out all changes of topics without refusals.
    pub(super) fn apply(&mut self, plan: &Plan) {
        let possible = plan.topics.iter().filter(|(_, topic)| topic.refusals.is_empty());
        for (name, topic) in possible {
            for planned in &topic.changes {
                self.carry_out(name, &planned.change);
            }
        }
    }

    fn carry_out(&mut self, name: &TopicName, change: &Change) {
        match change {
            Change::Create(creation) => {
                let created = Held::create(creation, id(1_000 + self.topics.len() as u128));
                assert_eq!(self.topics.insert(name.clone(), created), None, "{name} exists");
            }
            Change::Delete(deletion) => {
                let deleted = self.topics.remove(name).expect("a topic to delete");
                assert_eq!(deleted.id, deletion.id);
            }
            Change::GrowPartitions(growth) => self.held(name).grow(growth),
            Change::Reassign(change) => {
                let held = self.held(name);
                held.replicas.clone_from(&change.after);
                held.in_sync = change.to.value.as_usize();
            }
            Change::CancelMoves(_) => panic!("nothing is being moved here"),
            Change::SetConfig(set) => {
                _ = self
                    .held(name)
                    .own
                    .insert(set.key.clone(), set.to.value.reveal().clone());
            }
            Change::ResetConfig(reset) => {
                let gone = self.held(name).own.remove(&reset.key);
                assert!(gone.is_some(), "{name} has no {} of its own", reset.key);
            }
        }
    }

    fn held(&mut self, name: &TopicName) -> &mut Held {
        self.topics.get_mut(name).expect("a topic to change")
    }

    /// A world in which everything is as the file says, and nothing else exists.
    pub(super) fn as_desired(desired: &Desired, inherited: &Self) -> Self {
        let mut world = Self {
            topics: BTreeMap::new(),
            ..inherited.clone()
        };
        for (name, topic) in &desired.topics {
            let DesiredState::Present(settings) = &topic.state else {
                continue;
            };
            let count = settings
                .partitions
                .as_ref()
                .map_or(1, |count| count.value.as_usize());
            let factor = settings
                .replication
                .as_ref()
                .map_or(1, |factor| factor.value.as_usize());
            let own = settings.configs.iter();
            world.topics.insert(
                name.clone(),
                Held {
                    id: id(7),
                    own: own
                        .map(|(key, to)| (key.clone(), to.value.reveal().clone()))
                        .collect(),
                    replicas: vec![brokers(factor); count],
                    in_sync: factor,
                },
            );
        }
        world
    }
}

impl Held {
    fn create(creation: &Creation, id: TopicId) -> Self {
        let partitions = creation.partitions.as_ref();
        let replication = creation.replication.as_ref();
        let count = partitions.map_or(NUM_PARTITIONS, |count| count.value.as_usize());
        let factor = replication.map_or(DEFAULT_REPLICATION, |factor| factor.value.as_usize());
        let configs = creation.configs.iter();
        Self {
            id,
            own: configs
                .map(|(key, to)| (key.clone(), to.value.reveal().clone()))
                .collect(),
            replicas: vec![brokers(factor); count],
            in_sync: factor,
        }
    }

    fn grow(&mut self, growth: &Growth) {
        let (from, to) = (growth.from.as_usize(), growth.to.value.as_usize());
        assert!(from == self.replicas.len() && to > from, "{growth:?}");
        let like_the_first = self.replicas[0].clone();
        self.replicas.extend(growth.replicas.iter().cloned());
        self.replicas.resize(to, like_the_first);
    }

    fn partition(&self, index: i32, replicas: &[BrokerId]) -> Partition {
        let isr: Vec<BrokerId> = replicas.iter().take(self.in_sync).copied().collect();
        Partition {
            index,
            leader: isr.first().copied(),
            replicas: replicas.to_vec(),
            isr,
            offline: Vec::new(),
        }
    }
}

fn show_config(name: &ConfigKey, value: &Arc<str>, source: ConfigSource) -> ObservedConfig {
    let sensitive = *name == key(HIDDEN);
    ObservedConfig {
        value: (!sensitive).then(|| value.clone()),
        source,
        sensitive,
    }
}
