//! What somebody else does to the cluster: no request is counted, no fault met, nothing denied. All of
//! these panic with the broker's words where the broker would refuse, since a test that sets up what
//! cannot be is wrong.

use std::collections::BTreeMap;

use super::MemoryCluster;
use super::log::{Log, Records};
use super::state::State;
use super::topic::Topic;
use crate::admin::{BrokerError, ConfigChange, ConfigsToAlter, NewPartitions, NewTopic, WriteMode};
use crate::model::{
    BrokerId, ConfigKey, PartitionCount, ReplicationFactor, TopicId, TopicMetadata, TopicName,
};

/// # Panics
/// All of these, where a broker would refuse, or the topic or partition does not exist.
impl MemoryCluster {
    /// Creates a topic and gives its id.
    pub fn create(&self, name: &str, partitions: i32, replication: i16, configs: &[(&str, &str)]) -> TopicId {
        let topic = NewTopic {
            name: topic_name(name),
            partitions: PartitionCount::new(partitions.into()),
            replication: ReplicationFactor::new(replication.into()),
            configs: configs
                .iter()
                .map(|(key, value)| (config_key(key), (*value).into()))
                .collect(),
        };
        self.by_hand(|state| {
            let collisions = state.collisions([&topic.name]);
            state.create(&topic, collisions.get(&topic.name), WriteMode::Write)
        });
        self.state.borrow().topics[&topic.name].id
    }

    /// Deletes a topic.
    pub fn delete(&self, name: &str) {
        let name = self.existing(name);
        self.by_hand(|state| {
            state.remove(&name);
            Ok(())
        });
    }

    /// Adds partitions until there are so many.
    pub fn grow(&self, name: &str, total: i32) {
        let growth = NewPartitions {
            name: self.existing(name),
            total: positive(PartitionCount::new(total.into())),
            replicas: Vec::new(),
        };
        self.by_hand(|state| state.grow(&growth, WriteMode::Write));
    }

    /// Sets a config of a topic.
    pub fn set(&self, name: &str, key: &str, value: &str) {
        self.alter(name, key, ConfigChange::Set(value.into()));
    }

    /// Resets a config of a topic.
    pub fn reset(&self, name: &str, key: &str) {
        self.alter(name, key, ConfigChange::Reset);
    }

    /// Puts records into a partition, all of them this old (milliseconds since 1970, UTC).
    pub fn append(&self, name: &str, partition: usize, records: u32, timestamp: i64) {
        self.append_records(name, partition, Records::new(records, timestamp));
    }

    /// Puts a batch into a partition.
    pub fn append_records(&self, name: &str, partition: usize, records: Records) {
        self.change_log(name, partition, |log| log.append(records));
    }

    /// Removes the records of a partition before this offset, as retention does.
    pub fn trim(&self, name: &str, partition: usize, before: i64) {
        self.change_log(name, partition, |log| log.trim(before));
    }

    /// Changes which brokers hold a partition, as a finished reassignment does.
    pub fn reassign(&self, name: &str, partition: usize, replicas: &[i32]) {
        self.change(name, |topic, state| {
            let replicas = replicas.iter().copied().map(BrokerId).collect();
            topic.partitions[partition].reassign(replicas, &state.brokers);
        });
    }

    /// A topic as it really is, whatever any broker shows.
    pub fn topic(&self, name: &str) -> Option<TopicMetadata> {
        let state = self.state.borrow();
        let topic = state.topics.get(&topic_name(name))?;
        Some(topic.metadata(&state.brokers))
    }

    /// The topic's own configs as they really are; empty if there is no such topic.
    pub fn overrides(&self, name: &str) -> BTreeMap<String, String> {
        let state = self.state.borrow();
        let topic = state.topics.get(&topic_name(name));
        topic
            .iter()
            .flat_map(|topic| &topic.overrides)
            .map(|(key, value)| (key.to_string(), value.to_string()))
            .collect()
    }

    /// The names of all topics, in order.
    pub fn topic_names(&self) -> Vec<String> {
        let state = self.state.borrow();
        state.topics.keys().map(ToString::to_string).collect()
    }

    fn alter(&self, name: &str, key: &str, change: ConfigChange) {
        let change = ConfigsToAlter {
            name: self.existing(name),
            changes: BTreeMap::from([(config_key(key), change)]),
        };
        self.by_hand(|state| state.alter(&change, WriteMode::Write));
    }

    fn change_log(&self, name: &str, partition: usize, change: impl FnOnce(&mut Log)) {
        self.change(name, |topic, _| change(&mut topic.partitions[partition].log));
    }

    fn change(&self, name: &str, change: impl FnOnce(&mut Topic, &State)) {
        let name = self.existing(name);
        self.by_hand(|state| {
            let mut topic = Topic::clone(&state.topics[&name]);
            change(&mut topic, state);
            state.insert(name, topic);
            Ok(())
        });
    }

    fn by_hand(&self, change: impl FnOnce(&mut State) -> Result<(), BrokerError>) {
        let mut state = self.state.borrow_mut();
        state.about_to_change();
        if let Err(refusal) = change(&mut state) {
            panic!("{refusal}");
        }
    }

    fn existing(&self, name: &str) -> TopicName {
        let name = topic_name(name);
        assert!(
            self.state.borrow().topics.contains_key(&name),
            "there is no topic {name}"
        );
        name
    }
}

fn topic_name(name: &str) -> TopicName {
    TopicName::new(name).unwrap_or_else(|refusal| panic!("{name:?}: {refusal}"))
}

fn config_key(key: &str) -> ConfigKey {
    ConfigKey::new(key).unwrap_or_else(|refusal| panic!("{key:?}: {refusal}"))
}

fn positive<T>(count: Option<T>) -> T {
    count.unwrap_or_else(|| panic!("a count is positive"))
}
