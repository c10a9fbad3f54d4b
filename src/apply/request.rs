//! The requests for planned changes, in batches, and how they are sent.

use std::collections::{BTreeMap, BTreeSet};

use super::write::TopicChanges;
use crate::admin::{
    self, Admin, AdminError, ConfigsToAlter, ErrorClass, ItemError, MovesToCancel, NewPartitions, NewTopic,
    PerTopic, ReplicasToAssign, WriteMode,
};
use crate::model::{TopicId, TopicName};
use crate::plan::{ChangeKind, PlannedChange};
use crate::prepare::request::{
    GrowthSteps, cancellation, configs, creation, deletion, growth_steps, reassignment,
};

/// So many topics are deleted at once; a topic costs the controller one record, and more at once would
/// only lengthen the time between reading and deleting.
const DELETIONS_PER_BATCH: usize = 500;

/// So many partitions are moved before the next ones are sent: what is under way has to be looked after by
/// brokers that have other work, and is what is left half done when something goes wrong.
const MOVES_AT_ONCE: usize = 1_000;

/// Each costs the controller one record, and a part of a topic may not be larger than a request.
const MOVES_PER_REQUEST: usize = 5_000;

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
    pub(super) fn of_changes(kind: ChangeKind, shares: &[TopicChanges<'_>]) -> Self {
        match kind {
            ChangeKind::Create => Self::Create(collect(shares, creation)),
            ChangeKind::Configs => Self::Configs(collect(shares, configs)),
            ChangeKind::Partitions => Self::Partitions(collect(shares, growth_steps)),
            ChangeKind::Reassignments => Self::Reassign(collect(shares, reassignment)),
            ChangeKind::CancelMoves => Self::CancelMoves(collect(shares, cancellation)),
            ChangeKind::Delete => {
                let id = |(name, changes): &TopicChanges<'_>| Some(((*name).clone(), deletion(changes)?));
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
pub(super) fn batches(kind: ChangeKind, shares: Vec<TopicChanges<'_>>) -> Vec<Vec<TopicChanges<'_>>> {
    let sizes = Requests::of_changes(kind, &shares).sizes();
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

fn collect<T>(shares: &[TopicChanges<'_>], make: fn(&TopicName, &[PlannedChange]) -> Option<T>) -> Vec<T> {
    shares
        .iter()
        .filter_map(|(name, changes)| make(name, changes))
        .collect()
}

/// Each topic step by step; one whose step is refused gets no further one.
async fn grow<A: Admin>(admin: &A, topics: &[GrowthSteps]) -> Result<PerTopic<()>, AdminError> {
    let mut answers = PerTopic::new();
    let most = topics.iter().map(|topic| topic.steps.len()).max().unwrap_or(0);
    for step in 0..most {
        let next = topics.iter().filter_map(|topic| topic.steps.get(step));
        let is_refused = |next: &&NewPartitions| matches!(answers.get(&next.name), Some(Err(_)));
        let now: Vec<NewPartitions> = next.filter(|next| !is_refused(next)).cloned().collect();
        match admin.create_partitions(&now, WriteMode::Write).await {
            Ok(told) => {
                answers.extend(told);
                let unplaced = unplaced(&now, &answers, topics);
                if !unplaced.is_empty() {
                    answers.extend(
                        admin
                            .create_partitions(&unplaced, WriteMode::Write)
                            .await
                            .unwrap_or_default(),
                    );
                }
            }
            Err(error) if step == 0 => return Err(error),
            Err(error) => {
                let failed = |item: NewPartitions| (item.name, Err(ItemError::Request(error.clone())));
                answers.extend(now.into_iter().map(failed));
            }
        }
    }
    Ok(answers)
}

/// What is refused with replicas given, for the broker to place them itself.
fn unplaced(sent: &[NewPartitions], answers: &PerTopic<()>, topics: &[GrowthSteps]) -> Vec<NewPartitions> {
    let may_be_left = |name: &TopicName| {
        let mut steps = topics.iter();
        steps.any(|steps| !steps.is_beside_moves && steps.steps.iter().any(|step| step.name == *name))
    };
    let is_refused = |growth: &&NewPartitions| {
        let answer = answers.get(&growth.name);
        let error = answer.and_then(|answer| answer.as_ref().err());
        error.is_some_and(|error| error.class() == Some(ErrorClass::Rejected) && !error.outcome_is_unknown())
    };
    let placed = sent.iter().filter(|growth| !growth.replicas.is_empty());
    let refused = placed
        .filter(is_refused)
        .filter(|growth| may_be_left(&growth.name));
    refused
        .map(|growth| NewPartitions {
            replicas: Vec::new(),
            ..growth.clone()
        })
        .collect()
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
