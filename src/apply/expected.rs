//! What every broker should show once it has caught up with what was acknowledged.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::report::{Outcome, Report};
use crate::model::{ConfigKey, ConfigSource, TopicConfigs, TopicId, TopicMetadata, TopicName, value};
use crate::plan::Change;

/// What a broker should show of one topic.
#[derive(Debug, Clone)]
pub(super) enum Expected {
    /// The topic is gone, or another one has its name.
    Gone(TopicId),
    /// The topic is there, and changed.
    Changed {
        /// Nothing to see there where only configs changed.
        partitions: Option<Partitions>,
        /// How many replicas each partition has in the end, where that changes.
        replication: Option<usize>,
        /// Values that were set (`Some`) or reset (`None`).
        configs: BTreeMap<ConfigKey, Option<Arc<str>>>,
    },
}

/// The partitions that a topic got.
#[derive(Debug, Clone, Copy)]
pub(super) struct Partitions {
    /// So many at least.
    at_least: usize,
    /// From this one on they are new and must have a leader. An old one may have lost its own.
    new_from: usize,
}

impl Partitions {
    fn are_in(self, metadata: &TopicMetadata) -> bool {
        let mut new = metadata.partitions.iter().skip(self.new_from);
        metadata.partitions.len() >= self.at_least && new.all(|partition| partition.leader.is_some())
    }
}

/// Everything that counts as done, by topic.
pub(super) fn all(report: &Report) -> BTreeMap<TopicName, Expected> {
    let mut all: BTreeMap<TopicName, Expected> = BTreeMap::new();
    for (name, changes) in &report.topics {
        for change in changes.iter().filter(|change| change.outcome == Outcome::Done) {
            let expected = all.entry(name.clone()).or_insert_with(Expected::nothing);
            expected.add(&change.planned.change);
        }
    }
    all
}

impl Expected {
    fn nothing() -> Self {
        Self::Changed {
            partitions: None,
            replication: None,
            configs: BTreeMap::new(),
        }
    }

    fn add(&mut self, change: &Change) {
        match change {
            Change::Create(creation) => {
                let at_least = creation
                    .partitions
                    .as_ref()
                    .map_or(1, |count| count.value.as_usize());
                self.expect_partitions(Partitions {
                    at_least,
                    new_from: 0,
                });
            }
            Change::GrowPartitions(growth) => {
                let (at_least, new_from) = (growth.to.value.as_usize(), growth.from.as_usize());
                self.expect_partitions(Partitions { at_least, new_from });
            }
            Change::Reassign(change) => {
                if let Self::Changed { replication, .. } = self {
                    *replication = Some(change.to.value.as_usize());
                }
            }
            Change::Delete(deletion) => *self = Self::Gone(deletion.id),
            Change::SetConfig(set) => self.expect_config(&set.key, Some(&set.to.value.raw)),
            Change::ResetConfig(reset) => self.expect_config(&reset.key, None),
        }
    }

    fn expect_partitions(&mut self, wanted: Partitions) {
        if let Self::Changed { partitions, .. } = self {
            *partitions = Some(wanted);
        }
    }

    fn expect_config(&mut self, key: &ConfigKey, value: Option<&Arc<str>>) {
        if let Self::Changed { configs, .. } = self {
            configs.insert(key.clone(), value.cloned());
        }
    }

    /// Whether metadata has to be looked at.
    pub(super) fn in_metadata(&self) -> bool {
        match self {
            Self::Gone(_) => true,
            Self::Changed {
                partitions,
                replication,
                ..
            } => partitions.is_some() || replication.is_some(),
        }
    }

    /// The configs that have to be looked at.
    pub(super) fn config_keys(&self) -> Vec<ConfigKey> {
        match self {
            Self::Gone(_) => Vec::new(),
            Self::Changed { configs, .. } => configs.keys().cloned().collect(),
        }
    }

    pub(super) fn metadata_shown(&self, seen: Option<&TopicMetadata>) -> bool {
        match (self, seen) {
            (Self::Gone(id), Some(metadata)) => metadata.id != *id,
            (Self::Gone(_), None) => true,
            (Self::Changed { .. }, None) => !self.in_metadata(),
            (
                Self::Changed {
                    partitions,
                    replication,
                    ..
                },
                Some(metadata),
            ) => {
                let replicated =
                    |wanted: usize| metadata.partitions.iter().all(|p| p.replicas.len() == wanted);
                partitions.is_none_or(|wanted| wanted.are_in(metadata)) && replication.is_none_or(replicated)
            }
        }
    }

    pub(super) fn configs_shown(&self, seen: Option<&TopicConfigs>) -> bool {
        match (self, seen) {
            (Self::Gone(_), _) => true,
            (Self::Changed { .. }, None) => false,
            (Self::Changed { configs, .. }, Some(seen)) => configs
                .iter()
                .all(|(key, wanted)| shows(seen, key, wanted.as_deref())),
        }
    }
}

fn shows(seen: &TopicConfigs, key: &ConfigKey, wanted: Option<&str>) -> bool {
    let own = seen
        .get(key)
        .filter(|config| config.source == ConfigSource::Topic);
    match (wanted, own) {
        (None, own) => own.is_none(),
        (Some(_), None) => false,
        // A hidden value cannot be compared; that the topic has one of its own is all there is to see.
        (Some(wanted), Some(own)) => own
            .value
            .as_deref()
            .is_none_or(|shown| value::same_value(key, shown, wanted)),
    }
}
