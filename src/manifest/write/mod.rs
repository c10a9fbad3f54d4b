//! A manifest from a cluster: what [`super::load_files`] reads back to the same topics.
//!
//! Only what is the topics' own is written: partitions, replication, overrides. What most of them share
//! stands in `defaults` where that makes the file shorter, and a topic that does not share it says
//! `inherit`. What a manifest cannot say is left open in such a way that a plan finds nothing to do, and is
//! said: in a comment beside the topic, and to whoever called.

mod layout;
mod scalar;
mod shared;
mod stated;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::sync::Arc;

use self::layout::lay_out;
use self::stated::{Statements, statements};
use crate::model::known::Release;
use crate::model::{
    ConfigKey, Moving, ReadError, Replication, ReplicationFactor, TopicConfigs, TopicMetadata, TopicName,
    printable,
};

/// What is to be written.
#[derive(Debug, Clone)]
pub struct ToWrite {
    /// The name of the only profile.
    pub profile: Arc<str>,
    /// Its address.
    pub bootstrap: Arc<str>,
    /// The id of its cluster.
    pub cluster_id: Arc<str>,
    /// Whether client properties were needed to connect. They may hold secrets, so they are not written.
    pub has_client: bool,
    /// The topics as the cluster showed them.
    pub topics: BTreeMap<TopicName, (TopicMetadata, TopicConfigs)>,
    /// What is being moved of them, where it was asked.
    pub moving: BTreeMap<TopicName, Moving>,
    /// The topics that could not be read, and why.
    pub unread: BTreeMap<TopicName, ReadError>,
}

/// A manifest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WrittenManifest {
    /// YAML.
    pub text: String,
    /// What it leaves open because a manifest cannot say it.
    pub gaps: Vec<(TopicName, Gap)>,
}

/// What a manifest cannot say of a topic.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Gap {
    /// Partitions differ in their number of replicas; a manifest has one number for all.
    MixedReplication {
        /// The fewest replicas of any partition.
        lowest: ReplicationFactor,
        /// The most replicas of any partition.
        highest: ReplicationFactor,
    },
    /// Replicas are being added or removed, and who began that may yet call it off.
    ReplicationChanges {
        /// What it is, less the replicas that are only being added.
        now: Replication,
        /// What it becomes.
        then: Replication,
    },
    /// Which replicas are only being added cannot be told.
    ReplicationUnread(ReadError),
    /// The broker hides the value of this override.
    Hidden(ConfigKey),
    /// The value of this override would be read back as another one.
    NotReadBack(ConfigKey),
    /// Newer releases do not have this override any more, and refuse a file that states it.
    RemovedSince {
        /// The override.
        key: ConfigKey,
        /// The last release that has it.
        last: Release,
    },
    /// Another topic has the same name but for `.` and `_`; a manifest holds one of the two.
    NameCollides(TopicName),
}

impl fmt::Display for Gap {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::MixedReplication { lowest, highest } => write!(
                f,
                "replication is not stated: partitions have {lowest} to {highest} replicas"
            ),
            Self::ReplicationChanges { now, then } => write!(
                f,
                "replication is not stated: it is being changed, and is {now} now and {then} in the end"
            ),
            Self::ReplicationUnread(why) => write!(
                f,
                "replication is not stated: not all replicas are in sync, and whether some are only being added could not be read: {}",
                printable(&why.words)
            ),
            Self::Hidden(key) => {
                write!(
                    f,
                    "{key} is not stated and left alone: the broker hides its value"
                )
            }
            Self::NotReadBack(key) => write!(
                f,
                "{key} is not stated and left alone: its value has another meaning in a manifest"
            ),
            Self::RemovedSince { key, last } => write!(
                f,
                "{key} is stated: Kafka {last} is the last release with it, and newer ones refuse a topic that has it"
            ),
            Self::NameCollides(other) => write!(
                f,
                "left out: its name and {other} differ only by `.` and `_`, and a manifest holds one of the two"
            ),
        }
    }
}

/// Writes a manifest. The same topics give the same text.
pub fn write(wanted: &ToWrite) -> WrittenManifest {
    let (topics, collisions) = tell_apart(&wanted.topics);
    let topics: BTreeMap<&TopicName, Statements> = topics
        .into_iter()
        .map(|(name, (metadata, configs))| {
            let moving = wanted.moving.get(name).unwrap_or(&Moving::NotAsked);
            (name, statements(metadata, configs, moving))
        })
        .collect();
    let shared = shared::most_frequent(topics.values());
    let all = lay_out(wanted, &topics, &BTreeMap::new(), &collisions);
    let shorter = lay_out(wanted, &topics, &shared, &collisions);
    let text = if shorter.lines().count() < all.lines().count() {
        shorter
    } else {
        all
    };
    let gaps = topics
        .into_iter()
        .flat_map(|(name, stated)| stated.gaps.into_iter().map(|gap| (name.clone(), gap)))
        .chain(collisions)
        .collect();
    WrittenManifest { text, gaps }
}

type TopicsToWrite<'a> = BTreeMap<&'a TopicName, &'a (TopicMetadata, TopicConfigs)>;

/// Controllers refuse names that collide in metrics, but a topic may be older than that rule.
fn tell_apart(
    topics: &BTreeMap<TopicName, (TopicMetadata, TopicConfigs)>,
) -> (TopicsToWrite<'_>, Vec<(TopicName, Gap)>) {
    let mut first: BTreeMap<String, &TopicName> = BTreeMap::new();
    let mut left_out = BTreeSet::new();
    let mut collisions = Vec::new();
    for name in topics.keys() {
        match first.get(&name.metric_name()) {
            Some(other) => {
                left_out.insert(name);
                collisions.push((name.clone(), Gap::NameCollides(TopicName::clone(other))));
            }
            None => {
                first.insert(name.metric_name(), name);
            }
        }
    }
    let kept = topics.iter().filter(|(name, _)| !left_out.contains(name));
    (kept.collect(), collisions)
}
