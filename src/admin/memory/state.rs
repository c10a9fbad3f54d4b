//! What the cluster is, and how requests change it. The order of the checks is the controller's.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;
use std::sync::Arc;

use uuid::Uuid;

use super::answer;
use super::configs::BrokerConfigs;
use super::denial::Denial;
use super::groups::Groups;
use super::lag::Lags;
use super::placement;
use super::topic::{PartitionState, Topic};
use super::values;
use crate::admin::{
    BrokerError, ConfigChange, ConfigsToAlter, CreatedTopic, NewPartitions, NewTopic, WriteMode,
};
use crate::model::{
    Broker, BrokerId, ClusterHealth, ConfigKey, PartitionCount, ReplicationFactor, TopicId, TopicName,
};

/// All topics. Shared as a whole and one by one, so that a snapshot costs next to nothing.
pub(super) type Topics = BTreeMap<TopicName, Rc<Topic>>;

/// One request may not add more partitions than this (`MAX_PARTITIONS_PER_BATCH`).
const MOST_NEW_PARTITIONS: usize = 10_000;

/// Kafka's own topics (`Topic.INTERNAL_TOPICS`).
const INTERNAL: [&str; 3] = ["__consumer_offsets", "__share_group_state", "__transaction_state"];

/// Kafka 4.4-IV0.
const LATEST_METADATA_VERSION: i16 = 31;

/// The cluster.
pub(super) struct State {
    pub(super) cluster_id: Arc<str>,
    pub(super) brokers: BTreeMap<BrokerId, BrokerState>,
    pub(super) topics: Rc<Topics>,
    pub(super) configs: BrokerConfigs,
    pub(super) denials: Vec<Denial>,
    pub(super) broker_configs_are_denied: bool,
    pub(super) cluster_is_denied: bool,
    /// Whether there is a controller, and who does not answer.
    /// The finalized level of `metadata.version`.
    pub(super) metadata_version: Option<i16>,
    pub(super) health: ClusterHealth,
    /// Whether replicas that are added wait until they are let catch up.
    pub(super) copies_are_held: bool,
    pub(super) groups: Groups,
    pub(super) lags: Lags,
    /// So many answers about the cluster list no broker.
    pub(super) lists_nobody: u32,
    /// Topics by the name that their metrics have, of those whose name has a `.` or `_` in it.
    metric_names: BTreeMap<String, BTreeSet<TopicName>>,
    created: u64,
    next_slot: usize,
}

/// A topic that could be created.
struct Planned {
    partitions: usize,
    replication: usize,
    overrides: BTreeMap<ConfigKey, Arc<str>>,
}

/// A registered broker.
#[derive(Debug, Clone)]
pub(super) struct BrokerState {
    pub(super) view: Broker,
    pub(super) alive: bool,
    /// It takes no new replicas (KIP-1066).
    pub(super) is_cordoned: bool,
}

impl State {
    pub(super) fn new(
        cluster_id: Arc<str>,
        brokers: BTreeMap<BrokerId, BrokerState>,
        configs: BrokerConfigs,
    ) -> Self {
        Self {
            cluster_id,
            brokers,
            configs,
            topics: Rc::default(),
            denials: Vec::new(),
            broker_configs_are_denied: false,
            cluster_is_denied: false,
            metadata_version: Some(LATEST_METADATA_VERSION),
            health: ClusterHealth::default(),
            copies_are_held: false,
            groups: Groups::default(),
            lags: Lags::default(),
            lists_nobody: 0,
            metric_names: BTreeMap::new(),
            created: 0,
            next_slot: 0,
        }
    }

    /// One topic of a `CreateTopics` request; `collides` is from [`Self::collisions`] before the request.
    pub(super) fn create(
        &mut self,
        topic: &NewTopic,
        collides: Option<&TopicName>,
        mode: WriteMode,
    ) -> Result<(), BrokerError> {
        let planned = self.plan_topic(topic, collides)?;
        if mode == WriteMode::Write {
            let mut created = Topic {
                id: self.next_id(),
                internal: INTERNAL.contains(&topic.name.as_str()),
                first_slot: self.next_slot,
                partitions: Vec::new(),
                overrides: planned.overrides,
            };
            self.next_slot += 1;
            self.add_partitions(&mut created, planned.partitions, planned.replication);
            self.insert(topic.name.clone(), created);
        }
        Ok(())
    }

    /// What a topic would have that could be created.
    pub(super) fn created_settings(&self, topic: &NewTopic) -> CreatedTopic {
        let partitions = topic.partitions.or_else(|| {
            let count = i64::try_from(self.configs.default_partitions()).ok()?;
            PartitionCount::new(count)
        });
        let replication = topic.replication.or_else(|| {
            let factor = i64::try_from(self.configs.default_replication()).ok()?;
            ReplicationFactor::new(factor)
        });
        CreatedTopic {
            partitions,
            replication,
            configs: self.configs_of_new(&topic.configs),
        }
    }

    fn plan_topic(&self, topic: &NewTopic, collides: Option<&TopicName>) -> Result<Planned, BrokerError> {
        let partitions = topic
            .partitions
            .map_or_else(|| self.configs.default_partitions(), PartitionCount::as_usize);
        if partitions > MOST_NEW_PARTITIONS {
            return Err(answer::too_many_new_partitions());
        }
        if let Some(other) = collides {
            return Err(answer::collides(&topic.name, other));
        }
        if self.topics.contains_key(&topic.name) {
            return Err(answer::exists(&topic.name));
        }
        let overrides = values::accept(&topic.configs)?;
        let replication = topic
            .replication
            .map_or_else(|| self.configs.default_replication(), ReplicationFactor::as_usize);
        if replication > self.brokers.len() {
            return Err(answer::too_many_replicas(replication, self.brokers.len()));
        }
        Ok(Planned {
            partitions,
            replication,
            overrides,
        })
    }

    /// The topics whose metrics would have the same name as those of an existing one. The controller
    /// compares with topics from before the request only, so two new ones of one request never collide.
    pub(super) fn collisions<'a>(
        &self,
        names: impl IntoIterator<Item = &'a TopicName>,
    ) -> BTreeMap<TopicName, TopicName> {
        let collision = |name: &'a TopicName| Some((name.clone(), self.collision(name)?));
        names.into_iter().filter_map(collision).collect()
    }

    fn collision(&self, name: &TopicName) -> Option<TopicName> {
        let same = self.metric_names.get(&name.metric_name())?;
        (!same.contains(name)).then(|| same.first().cloned()).flatten()
    }

    /// One topic of a `CreatePartitions` request.
    pub(super) fn grow(&mut self, growth: &NewPartitions, mode: WriteMode) -> Result<(), BrokerError> {
        let topic = self.topics.get(&growth.name).ok_or_else(answer::no_such_topic)?;
        let (has, wanted) = (topic.partitions.len(), growth.total.as_usize());
        if wanted == has {
            return Err(answer::already_has(has));
        }
        if wanted < has {
            return Err(answer::no_increase(&growth.name, has, growth.total.get()));
        }
        if wanted - has > MOST_NEW_PARTITIONS {
            return Err(answer::too_many_more_partitions());
        }
        let replication = topic.replicas_of_new_partitions();
        for replicas in &growth.replicas {
            self.can_be_new_replicas(replicas, replication)?;
        }
        if mode == WriteMode::Validate {
            return Ok(());
        }
        let mut grown = Topic::clone(topic);
        if growth.replicas.is_empty() {
            self.add_partitions(&mut grown, wanted, replication);
        }
        let placed = growth.replicas.iter().cloned();
        grown
            .partitions
            .extend(placed.map(|replicas| PartitionState::new(replicas, &self.brokers)));
        self.insert(growth.name.clone(), grown);
        Ok(())
    }

    /// One topic of an `IncrementalAlterConfigs` request: all of its changes or none.
    pub(super) fn alter(&mut self, change: &ConfigsToAlter, mode: WriteMode) -> Result<(), BrokerError> {
        let topic = self
            .topics
            .get(&change.name)
            .ok_or_else(|| answer::no_such_topic_to_alter(&change.name))?;
        let mut wanted = topic.overrides.clone();
        for (key, change) in &change.changes {
            match change {
                ConfigChange::Set(value) => wanted.insert(key.clone(), value.clone()),
                ConfigChange::Reset => wanted.remove(key),
            };
        }
        let overrides = values::accept(&wanted)?;
        if mode == WriteMode::Write && overrides != topic.overrides {
            let altered = Topic {
                overrides,
                ..Topic::clone(topic)
            };
            self.insert(change.name.clone(), altered);
        }
        Ok(())
    }

    /// Whether this is still the topic that has the id.
    pub(super) fn has_id(&self, name: &TopicName, id: TopicId) -> Result<(), BrokerError> {
        match self.topics.get(name) {
            Some(topic) if topic.id == id => Ok(()),
            _ => Err(answer::no_such_id()),
        }
    }

    pub(super) fn remove(&mut self, name: &TopicName) {
        self.groups.forget(name);
        Rc::make_mut(&mut self.topics).remove(name);
        if let Some(same) = self.metric_names.get_mut(&name.metric_name()) {
            same.remove(name);
            if same.is_empty() {
                self.metric_names.remove(&name.metric_name());
            }
        }
    }

    pub(super) fn insert(&mut self, name: TopicName, topic: Topic) {
        if name.as_str().contains(['.', '_']) {
            let same = self.metric_names.entry(name.metric_name()).or_default();
            same.insert(name.clone());
        }
        Rc::make_mut(&mut self.topics).insert(name, Rc::new(topic));
    }

    fn add_partitions(&self, topic: &mut Topic, total: usize, replication: usize) {
        for index in topic.partitions.len()..total {
            let replicas = placement::replicas(&self.brokers, topic.first_slot + index, replication);
            topic
                .partitions
                .push(PartitionState::new(replicas, &self.brokers));
        }
    }

    /// Looks random, as Kafka's ids do, and is the same in every run (`SplitMix64`).
    fn next_id(&mut self) -> TopicId {
        let mut half = || {
            self.created = self.created.wrapping_add(0x9e37_79b9_7f4a_7c15);
            let mixed = (self.created ^ (self.created >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
            mixed ^ (mixed >> 31)
        };
        let (high, low) = (half(), half());
        TopicId(Uuid::from_u64_pair(high, low))
    }
}
