//! How far the copies of replicas are, as the cluster shows it.

use super::write::TopicChanges;
use crate::admin::{PerTopic, Reassignments, ReplicaSizes};
use crate::model::{Partition, TopicMetadata, TopicName};
use crate::plan::{PlannedChange, ReplicationChange};

/// Moves, replicas and their sizes, read at one time.
pub(super) struct CopySnapshot {
    /// What of these partitions the controller is still moving.
    pub(super) moving: Reassignments,
    pub(super) topics: PerTopic<Option<TopicMetadata>>,
    pub(super) sizes: ReplicaSizes,
}
impl CopySnapshot {
    pub(super) fn is_moving(&self, name: &TopicName) -> bool {
        self.moving.keys().any(|(topic, _)| topic == name)
    }

    /// The controller has nothing left to do, and a broker shows it.
    pub(super) fn has_arrived(
        &self,
        name: &TopicName,
        changes: &[PlannedChange],
        seen: &TopicMetadata,
    ) -> bool {
        let Some(change) = reassignment(changes) else {
            return true;
        };
        let wanted = change.to.value.as_usize();
        let in_sync = |(index, moved): (i32, crate::plan::ReplicaMove<'_>)| {
            let seen = partition_of(seen, index);
            seen.is_some_and(|seen| moved.added().iter().all(|id| seen.isr.contains(id)))
        };
        !self.is_moving(name)
            && seen
                .partitions
                .iter()
                .take(change.after.len())
                .all(|partition| partition.replicas.len() == wanted)
            && change.moves().all(in_sync)
    }
}

fn reassignment(changes: &[PlannedChange]) -> Option<&ReplicationChange> {
    changes.iter().find_map(|planned| planned.change.reassignment())
}

pub(super) fn changes<'s>(
    open: &'s [TopicChanges<'_>],
) -> impl Iterator<Item = (&'s TopicName, &'s ReplicationChange)> {
    open.iter()
        .filter_map(|(name, changes)| Some((*name, reassignment(changes)?)))
}

pub(super) fn partition_of(topic: &TopicMetadata, index: i32) -> Option<&Partition> {
    topic.partitions.iter().find(|partition| partition.index == index)
}
