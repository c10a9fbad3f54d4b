//! Planned changes as requests: what is validated is exactly what is written.

use crate::admin::{ConfigChange, ConfigsToAlter, NewPartitions, NewTopic};
use crate::model::TopicName;
use crate::plan::{Change, ChangeKind, Creation, PlannedChange};

pub(super) fn new_topic(name: &TopicName, creation: &Creation) -> NewTopic {
    NewTopic {
        name: name.clone(),
        partitions: creation.partitions.as_ref().map(|declared| declared.value),
        replication: creation.replication.as_ref().map(|declared| declared.value),
        configs: creation
            .configs
            .iter()
            .map(|(key, to)| (key.clone(), to.value.raw.clone()))
            .collect(),
    }
}

/// The request that creates the topic, if it is to be created.
pub(super) fn creation(name: &TopicName, changes: &[PlannedChange]) -> Option<NewTopic> {
    changes.iter().find_map(|planned| match &planned.change {
        Change::Create(creation) => Some(new_topic(name, creation)),
        Change::Delete(_) | Change::GrowPartitions(_) | Change::SetConfig(_) | Change::ResetConfig(_) => None,
    })
}

/// All config changes of a topic in one request, if there are any.
pub(super) fn configs(name: &TopicName, changes: &[PlannedChange]) -> Option<ConfigsToAlter> {
    let change = |planned: &PlannedChange| match &planned.change {
        Change::SetConfig(set) => Some((set.key.clone(), ConfigChange::Set(set.to.value.raw.clone()))),
        Change::ResetConfig(reset) => Some((reset.key.clone(), ConfigChange::Reset)),
        Change::Create(_) | Change::Delete(_) | Change::GrowPartitions(_) => None,
    };
    let changes: std::collections::BTreeMap<_, _> = changes.iter().filter_map(change).collect();
    (!changes.is_empty()).then(|| ConfigsToAlter {
        name: name.clone(),
        changes,
    })
}

/// The request for more partitions, if there are to be more.
pub(super) fn growth(name: &TopicName, changes: &[PlannedChange]) -> Option<NewPartitions> {
    changes.iter().find_map(|planned| match &planned.change {
        Change::GrowPartitions(growth) => Some(NewPartitions {
            name: name.clone(),
            total: growth.to.value,
        }),
        Change::Create(_) | Change::Delete(_) | Change::SetConfig(_) | Change::ResetConfig(_) => None,
    })
}

/// The id to delete, if the topic is to go.
pub(super) fn deletion(changes: &[PlannedChange]) -> Option<crate::model::TopicId> {
    changes.iter().find_map(|planned| match &planned.change {
        Change::Delete(deletion) => Some(deletion.id),
        Change::Create(_) | Change::GrowPartitions(_) | Change::SetConfig(_) | Change::ResetConfig(_) => None,
    })
}

/// Whether any change of this kind is among them.
pub(super) fn has(kind: ChangeKind, changes: &[PlannedChange]) -> bool {
    changes.iter().any(|planned| planned.change.kind() == kind)
}
