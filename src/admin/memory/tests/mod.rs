//! The cluster's own machinery: faults, hooks, lag. How it answers as a cluster is under test in the
//! contract suite, side by side with a real one.

mod faults;
mod hooks;
mod views;

use std::collections::BTreeMap;

use super::MemoryCluster;
use crate::admin::{Admin, ConfigChange, ConfigsToAlter, ItemError, NewTopic, PerTopic, WriteMode};
use crate::model::{ConfigKey, PartitionCount, ReplicationFactor, TopicName};

fn name(text: &str) -> TopicName {
    TopicName::new(text).unwrap()
}

fn topic(text: &str) -> NewTopic {
    NewTopic {
        name: name(text),
        partitions: PartitionCount::new(2),
        replication: ReplicationFactor::new(1),
        configs: BTreeMap::new(),
    }
}

fn retention(topic: &str, milliseconds: &str) -> ConfigsToAlter {
    let set = ConfigChange::Set(milliseconds.into());
    ConfigsToAlter {
        name: name(topic),
        changes: BTreeMap::from([(ConfigKey::new("retention.ms").unwrap(), set)]),
    }
}

async fn create(cluster: &MemoryCluster, topics: &[&str]) -> Vec<String> {
    let topics: Vec<NewTopic> = topics.iter().copied().map(topic).collect();
    told(cluster.create_topics(&topics, WriteMode::Write).await.unwrap())
}

async fn seen(cluster: &MemoryCluster, topics: &[&str]) -> Vec<String> {
    let names: Vec<TopicName> = topics.iter().copied().map(name).collect();
    told(cluster.topics(&names).await.unwrap())
}

/// `name: ok` or `name: error`, a line a topic.
fn told<T: std::fmt::Debug>(answers: PerTopic<T>) -> Vec<String> {
    let line = |(name, answer): (TopicName, Result<T, ItemError>)| match answer {
        Ok(answer) if format!("{answer:?}") == "None" => format!("{name}: absent"),
        Ok(_) => format!("{name}: ok"),
        Err(error) => format!("{name}: {error}"),
    };
    answers.into_iter().map(line).collect()
}
