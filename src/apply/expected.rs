//! What every broker should show once it has caught up with what was acknowledged.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::report::{ChangeOutcome, Outcome, Report};
use crate::model::{
    BrokerId, ConfigKey, ObservedConfig, ObservedTopic, Partition, TopicConfigs, TopicId, TopicMetadata,
    TopicName,
};
use crate::plan::{Change, Note};

/// What a broker should show of one topic.
#[derive(Debug, Clone)]
pub(super) enum Expected {
    /// The topic is gone, or another one has its name.
    Gone(TopicId),
    /// The topic is there, and changed.
    Changed {
        /// Nothing to see there where only configs changed.
        partitions: Option<ExpectedPartitions>,
        /// How many replicas each partition has in the end, where that changes.
        replication: Option<usize>,
        /// The brokers that got a copy, by partition. They were in sync once; later they need not be.
        added: BTreeMap<i32, Vec<BrokerId>>,
        /// How many replicas partitions have that are not moved any more.
        kept: BTreeMap<i32, usize>,
        /// Configs that were set or reset.
        configs: BTreeMap<ConfigKey, ExpectedConfig>,
    },
}

/// A config that was written.
#[derive(Debug, Clone)]
pub(super) struct ExpectedConfig {
    /// What showed before; `None` where it was not listed.
    pub(super) before: Option<ObservedConfig>,
    /// The value that was set; `None` for a reset.
    pub(super) wanted: Option<Arc<str>>,
}

/// The partitions that a topic got.
#[derive(Debug, Clone, Copy)]
pub(super) struct ExpectedPartitions {
    /// So many at least.
    at_least: usize,
    /// From this one on they are new and must have a leader. An old one may have lost its own.
    new_from: usize,
}

impl ExpectedPartitions {
    fn are_in(self, metadata: &TopicMetadata) -> bool {
        let mut new = metadata.partitions.iter().skip(self.new_from);
        metadata.partitions.len() >= self.at_least && new.all(|partition| partition.leader.is_some())
    }
}

/// Everything that counts as done, by topic.
pub(super) fn all(report: &Report) -> BTreeMap<TopicName, Expected> {
    expected_of_report(report, report.topics.keys())
}

/// As [`all`], less what shows only once replicas are copied.
pub(super) fn all_but_replicas(report: &Report) -> BTreeMap<TopicName, Expected> {
    let all = all(report).into_iter();
    all.map(|(name, expected)| (name, expected.without_replicas()))
        .collect()
}

/// What counts as done of these topics.
pub(super) fn expected_of_report<'n>(
    report: &Report,
    names: impl Iterator<Item = &'n TopicName>,
) -> BTreeMap<TopicName, Expected> {
    let mut all: BTreeMap<TopicName, Expected> = BTreeMap::new();
    for (name, changes) in names.filter_map(|name| report.topics.get_key_value(name)) {
        let is_settled = |change: &ChangeOutcome| is_settled(report, name, change);
        for change in changes
            .iter()
            .filter(|change| change.outcome == Outcome::Done && !is_settled(change))
        {
            let expected = all.entry(name.clone()).or_insert_with(Expected::nothing);
            expected.add(&change.planned.change);
        }
    }
    all
}

/// What is in force and shows as inherited never shows as the topic's own.
fn is_settled(report: &Report, name: &TopicName, change: &ChangeOutcome) -> bool {
    let Change::SetConfig(set) = &change.planned.change else {
        return false;
    };
    let mut notes = report.notes.get(name).into_iter().flatten();
    notes.any(|note| matches!(note, Note::InForce { key } | Note::NotPinned { key, .. } if *key == set.key))
}

impl Expected {
    fn nothing() -> Self {
        Self::Changed {
            partitions: None,
            replication: None,
            added: BTreeMap::new(),
            kept: BTreeMap::new(),
            configs: BTreeMap::new(),
        }
    }

    fn add(&mut self, change: &Change) {
        match change {
            // A broker that shows a new topic shows all of it: the controller writes topic and partitions together.
            Change::Create(_) => self.expect_partitions(ExpectedPartitions {
                at_least: 1,
                new_from: 0,
            }),
            Change::GrowPartitions(growth) => {
                let (at_least, new_from) = (growth.to.value.as_usize(), growth.from.as_usize());
                self.expect_partitions(ExpectedPartitions { at_least, new_from });
            }
            Change::Reassign(change) => {
                if let Self::Changed {
                    replication, added, ..
                } = self
                {
                    *replication = Some(change.to.value.as_usize());
                    *added = change
                        .moves()
                        .map(|(index, moved)| (index, moved.added()))
                        .collect();
                }
            }
            Change::CancelMoves(cancellation) => {
                if let Self::Changed { kept, .. } = self {
                    let moves = cancellation.moves.iter();
                    kept.extend(moves.map(|(index, moving)| (*index, moving.without_added().len())));
                }
            }
            Change::Delete(deletion) => *self = Self::Gone(deletion.id),
            Change::SetConfig(set) => {
                let wanted = Some(Arc::clone(set.to.value.reveal()));
                let before = set.from.clone();
                self.expect_config(&set.key, ExpectedConfig { before, wanted });
            }
            Change::ResetConfig(reset) => {
                let before = Some(reset.from.clone());
                self.expect_config(&reset.key, ExpectedConfig { before, wanted: None });
            }
        }
    }

    fn expect_partitions(&mut self, wanted: ExpectedPartitions) {
        if let Self::Changed { partitions, .. } = self {
            *partitions = Some(wanted);
        }
    }

    fn expect_config(&mut self, key: &ConfigKey, expected: ExpectedConfig) {
        if let Self::Changed { configs, .. } = self {
            configs.insert(key.clone(), expected);
        }
    }

    /// The configs that were written.
    pub(super) fn configs(&self) -> impl Iterator<Item = (&ConfigKey, &ExpectedConfig)> {
        let configs = match self {
            Self::Gone(_) => None,
            Self::Changed { configs, .. } => Some(configs),
        };
        configs.into_iter().flatten()
    }

    /// Whether metadata has to be looked at.
    pub(super) fn in_metadata(&self) -> bool {
        match self {
            Self::Gone(_) => true,
            Self::Changed {
                partitions,
                replication,
                kept,
                ..
            } => partitions.is_some() || replication.is_some() || !kept.is_empty(),
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
                    kept,
                    ..
                },
                Some(metadata),
            ) => {
                let as_kept =
                    |p: &Partition| kept.get(&p.index).is_none_or(|count| p.replicas.len() == *count);
                let replicated =
                    |wanted: usize| metadata.partitions.iter().all(|p| p.replicas.len() == wanted);
                partitions.is_none_or(|wanted| wanted.are_in(metadata))
                    && replication.is_none_or(replicated)
                    && metadata.partitions.iter().all(as_kept)
            }
        }
    }

    /// Whether this partition is a new one.
    pub(super) fn adds(&self, index: i32) -> bool {
        let Self::Changed { partitions, .. } = self else {
            return false;
        };
        let index = usize::try_from(index).unwrap_or(0);
        partitions.is_some_and(|partitions| index >= partitions.new_from)
    }

    /// Whether a topic, as it was read as a whole, shows all of it.
    pub(super) fn is_in(&self, seen: &ObservedTopic) -> bool {
        self.is_in_but_for_configs(seen) && self.configs_shown(Some(&seen.configs))
    }

    /// The same of all but the configs.
    pub(super) fn is_in_but_for_configs(&self, seen: &ObservedTopic) -> bool {
        self.metadata_shown(Some(&seen.metadata)) && self.are_in_sync(&seen.metadata)
    }

    fn are_in_sync(&self, seen: &TopicMetadata) -> bool {
        let Self::Changed { added, .. } = self else {
            return true;
        };
        let mut copies = seen
            .partitions
            .iter()
            .filter_map(|partition| Some((partition, added.get(&partition.index)?)));
        copies.all(|(partition, added)| added.iter().all(|id| partition.isr.contains(id)))
    }

    /// What shows only once replicas are copied. Where nobody waits for that, it is not looked for.
    fn without_replicas(self) -> Self {
        match self {
            Self::Changed {
                partitions,
                kept,
                configs,
                ..
            } => Self::Changed {
                partitions,
                replication: None,
                added: BTreeMap::new(),
                kept,
                configs,
            },
            Self::Gone(id) => Self::Gone(id),
        }
    }

    pub(super) fn configs_shown(&self, seen: Option<&TopicConfigs>) -> bool {
        match (self, seen) {
            (Self::Gone(_), _) => true,
            (Self::Changed { .. }, None) => false,
            (Self::Changed { .. }, Some(seen)) => self.not_as_written(seen).is_empty(),
        }
    }
}
