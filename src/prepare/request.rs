//! Planned changes as requests: what is validated is exactly what is written.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::admin::{
    self, ConfigChange, ConfigsToAlter, MovesToCancel, NewPartitions, NewTopic, ReplicasToAssign,
};
use crate::model::{PartitionCount, TopicId, TopicName};
use crate::plan::{Change, Creation, Growth, PlannedChange};

/// So many partitions are added to a topic at once. Each costs the controller a record: it refuses more than 10,000 in
/// one request from Kafka 4.1 on, and fails over them from 3.7 to 4.0.
const PARTITIONS_AT_ONCE: usize = 9_000;

/// The request that creates the topic, if it is to be created.
pub fn creation(name: &TopicName, changes: &[PlannedChange]) -> Option<NewTopic> {
    changes.iter().find_map(|planned| match &planned.change {
        Change::Create(creation) => Some(new_topic(name, creation)),
        Change::Delete(_)
        | Change::GrowPartitions(_)
        | Change::Reassign(_)
        | Change::CancelMoves(_)
        | Change::SetConfig(_)
        | Change::ResetConfig(_) => None,
    })
}

fn new_topic(name: &TopicName, creation: &Creation) -> NewTopic {
    NewTopic {
        name: name.clone(),
        partitions: creation.partitions.as_ref().map(|declared| declared.value),
        replication: creation.replication.as_ref().map(|declared| declared.value),
        configs: creation
            .configs
            .iter()
            .map(|(key, to)| (key.clone(), Arc::clone(to.value.reveal())))
            .collect(),
    }
}

/// All config changes of a topic in one request, if there are any.
pub fn configs(name: &TopicName, changes: &[PlannedChange]) -> Option<ConfigsToAlter> {
    let change = |planned: &PlannedChange| match &planned.change {
        Change::SetConfig(set) => Some((
            set.key.clone(),
            ConfigChange::Set(Arc::clone(set.to.value.reveal())),
        )),
        Change::ResetConfig(reset) => Some((reset.key.clone(), ConfigChange::Reset)),
        Change::Create(_)
        | Change::Delete(_)
        | Change::GrowPartitions(_)
        | Change::Reassign(_)
        | Change::CancelMoves(_) => None,
    };
    let changes: BTreeMap<_, _> = changes.iter().filter_map(change).collect();
    (!changes.is_empty()).then(|| ConfigsToAlter {
        name: name.clone(),
        changes,
    })
}

/// The first request for more partitions, if there are to be more: it is what can be validated, since each further
/// step begins where the one before it ends.
pub fn growth(name: &TopicName, changes: &[PlannedChange]) -> Option<NewPartitions> {
    growth_steps(name, changes)?.steps.into_iter().next()
}

/// More partitions of one topic, as requests that are sent one after the other.
#[derive(Debug, PartialEq, Eq)]
pub struct GrowthSteps {
    /// In order.
    pub steps: Vec<NewPartitions>,
    /// Beside partitions that are being moved, the broker would place another number of replicas.
    pub is_beside_moves: bool,
}

impl admin::WriteItem for GrowthSteps {
    fn records(&self) -> usize {
        self.steps.first().map_or(0, admin::WriteItem::records)
    }
}

/// The requests for more partitions, one step after the other, if there are to be more.
pub fn growth_steps(name: &TopicName, changes: &[PlannedChange]) -> Option<GrowthSteps> {
    changes.iter().find_map(|planned| match &planned.change {
        Change::GrowPartitions(growth) => Some(steps(name, growth)),
        Change::Create(_)
        | Change::Delete(_)
        | Change::Reassign(_)
        | Change::CancelMoves(_)
        | Change::SetConfig(_)
        | Change::ResetConfig(_) => None,
    })
}

fn steps(name: &TopicName, growth: &Growth) -> GrowthSteps {
    let (from, to) = (growth.from.as_usize(), growth.to.value.as_usize());
    let starts = (from..to).step_by(PARTITIONS_AT_ONCE);
    let step = |start: usize| {
        let end = to.min(start + PARTITIONS_AT_ONCE);
        let placed = growth.replicas.get(start - from..end - from);
        Some(NewPartitions {
            name: name.clone(),
            total: PartitionCount::new(i64::try_from(end).ok()?)?,
            replicas: placed.unwrap_or_default().to_vec(),
        })
    };
    GrowthSteps {
        steps: starts.filter_map(step).collect(),
        is_beside_moves: !growth.beside_moves.is_empty(),
    }
}

/// The partitions to be moved, if any are; none of those that are on their way already.
pub fn reassignment(name: &TopicName, changes: &[PlannedChange]) -> Option<ReplicasToAssign> {
    let change = changes.iter().find_map(|planned| planned.change.reassignment())?;
    let sent = change.sent().map(|(index, moved)| (index, moved.to.to_vec()));
    Some(ReplicasToAssign {
        name: name.clone(),
        partitions: sent.collect(),
    })
}

/// The moves to be taken back, if any are.
pub fn cancellation(name: &TopicName, changes: &[PlannedChange]) -> Option<MovesToCancel> {
    changes.iter().find_map(|planned| match &planned.change {
        Change::CancelMoves(cancellation) => Some(MovesToCancel {
            name: name.clone(),
            partitions: cancellation.moves.keys().copied().collect(),
        }),
        Change::Create(_)
        | Change::Delete(_)
        | Change::GrowPartitions(_)
        | Change::Reassign(_)
        | Change::SetConfig(_)
        | Change::ResetConfig(_) => None,
    })
}

/// The id to delete, if the topic is to go.
pub fn deletion(changes: &[PlannedChange]) -> Option<TopicId> {
    changes.iter().find_map(|planned| match &planned.change {
        Change::Delete(deletion) => Some(deletion.id),
        Change::Create(_)
        | Change::GrowPartitions(_)
        | Change::Reassign(_)
        | Change::CancelMoves(_)
        | Change::SetConfig(_)
        | Change::ResetConfig(_) => None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{BrokerId, Declared, Layer, Origin, Place};

    fn growth(from: i64, to: i64, replicas: usize) -> Growth {
        let place = Place {
            file: "f".into(),
            line: 1,
            column: 1,
        };
        let layer = Layer::Topic;
        Growth {
            from: PartitionCount::new(from).unwrap(),
            to: Declared {
                value: PartitionCount::new(to).unwrap(),
                origin: Origin { place, layer },
            },
            replicas: vec![vec![BrokerId(1)]; replicas],
            beside_moves: BTreeMap::new(),
            after_replicas: false,
        }
    }

    #[test]
    fn a_topic_grows_in_steps_that_a_controller_takes() {
        let steps = |growth: &Growth| -> Vec<(i32, usize)> {
            let steps = steps(&TopicName::new("orders").unwrap(), growth);
            steps
                .steps
                .iter()
                .map(|step| (step.total.get(), step.replicas.len()))
                .collect()
        };
        assert_eq!(steps(&growth(3, 9, 0)), [(9, 0)]);
        assert_eq!(steps(&growth(3, 9_003, 9_000)), [(9_003, 9_000)]);
        assert_eq!(
            steps(&growth(3, 20_000, 19_997)),
            [(9_003, 9_000), (18_003, 9_000), (20_000, 1_997)]
        );
        assert_eq!(steps(&growth(1, 9_002, 0)), [(9_001, 0), (9_002, 0)]);
    }
}
