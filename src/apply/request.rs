//! Planned changes as requests: what is validated is exactly what is written.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::write::Share;
use crate::admin::{
    self, Admin, AdminError, ConfigChange, ConfigsToAlter, ItemError, MovesToCancel, NewPartitions, NewTopic,
    PerTopic, ReplicasToAssign, WriteMode,
};
use crate::model::{PartitionCount, TopicId, TopicName};
use crate::plan::{Change, ChangeKind, Creation, Growth, PlannedChange};

/// So many topics are deleted at once; a topic costs the controller one record, and more at once would
/// only lengthen the time between reading and deleting.
const DELETIONS_PER_BATCH: usize = 500;

/// So many partitions are moved before the next ones are sent: what is under way has to be looked after by
/// brokers that have other work, and is what is left half done when something goes wrong.
const MOVES_AT_ONCE: usize = 1_000;

/// Each costs the controller one record, and a part of a topic may not be larger than a request.
const MOVES_PER_REQUEST: usize = 5_000;

/// So many partitions are added to a topic at once. Each costs the controller a record: it refuses more than 10,000 in
/// one request from Kafka 4.1 on, and fails over them from 3.7 to 4.0.
const PARTITIONS_AT_ONCE: usize = 9_000;

/// The requests of one kind for several topics.
pub(super) enum Requests {
    Create(Vec<NewTopic>),
    Configs(Vec<ConfigsToAlter>),
    Partitions(Vec<GrowthSteps>),
    Reassign(Vec<ReplicasToAssign>),
    CancelMoves(Vec<MovesToCancel>),
    Delete(BTreeMap<TopicName, TopicId>),
}

impl Requests {
    /// The requests for these shares; a share that has no change of the kind makes none.
    pub(super) fn of(kind: ChangeKind, shares: &[Share<'_>]) -> Self {
        match kind {
            ChangeKind::Create => Self::Create(collect(shares, creation)),
            ChangeKind::Configs => Self::Configs(collect(shares, configs)),
            ChangeKind::Partitions => Self::Partitions(collect(shares, growth_steps)),
            ChangeKind::Reassignments => Self::Reassign(collect(shares, reassignment)),
            ChangeKind::CancelMoves => Self::CancelMoves(collect(shares, cancellation)),
            ChangeKind::Delete => {
                let id = |(name, changes): &Share<'_>| Some(((*name).clone(), deletion(changes)?));
                Self::Delete(shares.iter().filter_map(id).collect())
            }
        }
    }

    pub(super) async fn send<A: Admin>(&self, admin: &A) -> Result<PerTopic<()>, AdminError> {
        match self {
            Self::Create(topics) => admin.create_topics(topics, WriteMode::Write).await,
            Self::Configs(changes) => admin.alter_configs(changes, WriteMode::Write).await,
            Self::Partitions(growth) => grow(admin, growth).await,
            Self::Reassign(replicas) => reassign(admin, replicas).await,
            Self::CancelMoves(moves) => admin.cancel_partition_reassignments(moves).await,
            Self::Delete(ids) => admin.delete_topics(ids).await,
        }
    }

    /// How many of them fit into each write, in order.
    fn sizes(&self) -> Vec<usize> {
        match self {
            Self::Create(topics) => sizes(topics),
            Self::Configs(changes) => sizes(changes),
            Self::Partitions(growth) => sizes(growth),
            Self::Reassign(replicas) => at_once(replicas),
            Self::CancelMoves(moves) => sizes(moves),
            Self::Delete(ids) => {
                let full = ids.len() / DELETIONS_PER_BATCH;
                let rest = ids.len() % DELETIONS_PER_BATCH;
                std::iter::repeat_n(DELETIONS_PER_BATCH, full)
                    .chain((rest > 0).then_some(rest))
                    .collect()
            }
        }
    }
}

/// Batches that each fit into one request, so that each is read again just before it is written.
pub(super) fn batches(kind: ChangeKind, shares: Vec<Share<'_>>) -> Vec<Vec<Share<'_>>> {
    let sizes = Requests::of(kind, &shares).sizes();
    debug_assert_eq!(
        sizes.iter().sum::<usize>(),
        shares.len(),
        "a share without a request would be lost"
    );
    let mut rest = shares.into_iter();
    sizes
        .into_iter()
        .map(|size| rest.by_ref().take(size).collect())
        .collect()
}

fn sizes<T: admin::WriteItem>(items: &[T]) -> Vec<usize> {
    admin::batches(items).iter().map(|batch| batch.len()).collect()
}

fn collect<T>(shares: &[Share<'_>], make: fn(&TopicName, &[PlannedChange]) -> Option<T>) -> Vec<T> {
    shares
        .iter()
        .filter_map(|(name, changes)| make(name, changes))
        .collect()
}

/// The request that creates the topic, if it is to be created.
pub(super) fn creation(name: &TopicName, changes: &[PlannedChange]) -> Option<NewTopic> {
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
pub(super) fn configs(name: &TopicName, changes: &[PlannedChange]) -> Option<ConfigsToAlter> {
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
pub(super) fn growth(name: &TopicName, changes: &[PlannedChange]) -> Option<NewPartitions> {
    growth_steps(name, changes)?.0.into_iter().next()
}

/// More partitions of one topic, as requests that are sent one after the other.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct GrowthSteps(Vec<NewPartitions>);

impl admin::WriteItem for GrowthSteps {
    fn records(&self) -> usize {
        self.0.first().map_or(0, admin::WriteItem::records)
    }
}

fn growth_steps(name: &TopicName, changes: &[PlannedChange]) -> Option<GrowthSteps> {
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
    GrowthSteps(starts.filter_map(step).collect())
}

/// Each topic step by step; one whose step is refused gets no further one.
async fn grow<A: Admin>(admin: &A, topics: &[GrowthSteps]) -> Result<PerTopic<()>, AdminError> {
    let mut answers = PerTopic::new();
    let most = topics.iter().map(|topic| topic.0.len()).max().unwrap_or(0);
    for step in 0..most {
        let next = topics.iter().filter_map(|topic| topic.0.get(step));
        let is_refused = |next: &&NewPartitions| matches!(answers.get(&next.name), Some(Err(_)));
        let now: Vec<NewPartitions> = next.filter(|next| !is_refused(next)).cloned().collect();
        match admin.create_partitions(&now, WriteMode::Write).await {
            Ok(told) => answers.extend(told),
            Err(error) if step == 0 => return Err(error),
            Err(error) => {
                let failed = |item: NewPartitions| (item.name, Err(ItemError::Request(error.clone())));
                answers.extend(now.into_iter().map(failed));
            }
        }
    }
    Ok(answers)
}

/// The partitions to be moved, if any are; none of those that are on their way already.
fn reassignment(name: &TopicName, changes: &[PlannedChange]) -> Option<ReplicasToAssign> {
    let change = changes.iter().find_map(|planned| planned.change.reassignment())?;
    let sent = change.sent().map(|(index, moved)| (index, moved.to.to_vec()));
    Some(ReplicasToAssign {
        name: name.clone(),
        partitions: sent.collect(),
    })
}

/// The moves to be taken back, if any are.
fn cancellation(name: &TopicName, changes: &[PlannedChange]) -> Option<MovesToCancel> {
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

/// Requests that each stay below the controller's limit, even for a topic that does not by itself. A topic
/// without a partition to send has its answer.
async fn reassign<A: Admin>(admin: &A, topics: &[ReplicasToAssign]) -> Result<PerTopic<()>, AdminError> {
    let mut answers: PerTopic<()> = topics.iter().map(|topic| (topic.name.clone(), Ok(()))).collect();
    let mut parts: Vec<ReplicasToAssign> = Vec::new();
    for topic in topics {
        let all: Vec<_> = topic.partitions.iter().collect();
        parts.extend(all.chunks(MOVES_PER_REQUEST).map(|chunk| {
            ReplicasToAssign {
                name: topic.name.clone(),
                partitions: chunk
                    .iter()
                    .map(|(index, ids)| (**index, (*ids).clone()))
                    .collect(),
            }
        }));
    }
    // The parts of one topic in requests of their own, since an answer is by topic.
    while !parts.is_empty() {
        let mut named = BTreeSet::new();
        let (now, later) = parts
            .into_iter()
            .partition(|part| named.insert(part.name.clone()));
        parts = later;
        for (name, answer) in admin.alter_partition_reassignments(&now).await? {
            if let Some(known @ Ok(())) = answers.get_mut(&name) {
                *known = answer;
            }
        }
    }
    Ok(answers)
}

/// Topics whose moves go together: so many partitions are moved at once, or one topic.
fn at_once(topics: &[ReplicasToAssign]) -> Vec<usize> {
    let mut sizes = Vec::new();
    let (mut count, mut moves) = (0, 0);
    for topic in topics {
        if count > 0 && moves + topic.partitions.len() > MOVES_AT_ONCE {
            sizes.push(count);
            (count, moves) = (0, 0);
        }
        (count, moves) = (count + 1, moves + topic.partitions.len());
    }
    sizes.extend((count > 0).then_some(count));
    sizes
}

/// The id to delete, if the topic is to go.
fn deletion(changes: &[PlannedChange]) -> Option<TopicId> {
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
                .0
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
