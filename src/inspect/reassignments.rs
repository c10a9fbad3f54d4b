//! What is being moved between brokers, and when that is asked at all.
//!
//! One question for plan, describe, monitor and export: replicas are on their way only where a topic lacks replicas in
//! sync, since those that are only being added are assigned at once and in sync last. A plan asks of more topics where
//! it declares another replication than metadata shows, and `describe TOPIC` of all that it shows.

use std::collections::BTreeMap;

use crate::admin::{Admin, ItemError, Reassignments};
use crate::model::{Moving, ReadError, Reassignment, TopicMetadata, TopicName};

/// The partitions of the topics whose replicas may be on their way.
pub(super) fn doubtful<'t>(
    topics: impl Iterator<Item = (&'t TopicName, &'t TopicMetadata)>,
) -> BTreeMap<TopicName, Vec<i32>> {
    let doubtful = topics.filter(|(_, seen)| seen.may_be_moving());
    doubtful
        .map(|(name, seen)| (name.clone(), indexes(seen)))
        .collect()
}

pub(super) fn indexes(seen: &TopicMetadata) -> Vec<i32> {
    seen.partitions.iter().map(|partition| partition.index).collect()
}

/// What is being moved, of the topics whose replicas may be on their way. Without any, nothing is sent.
pub async fn moving_of_doubtful<'t, A: Admin>(
    admin: &A,
    topics: impl Iterator<Item = (&'t TopicName, &'t TopicMetadata)>,
) -> BTreeMap<TopicName, Moving> {
    moving(admin, &doubtful(topics)).await
}

/// What is being moved of these partitions.
///
/// Not being told is in the result. Only the controller tells: where it is lost with its quorum, brokers still show
/// everything else.
pub async fn moving<A: Admin>(
    admin: &A,
    asked: &BTreeMap<TopicName, Vec<i32>>,
) -> BTreeMap<TopicName, Moving> {
    if asked.is_empty() {
        return BTreeMap::new();
    }
    let found = admin.list_partition_reassignments(Some(asked)).await;
    let found = found.unwrap_or_else(|error| Err(ItemError::Request(error)));
    by_topic(asked.keys().cloned(), found.map_err(|error| error.read_error()))
}

fn by_topic(
    names: impl Iterator<Item = TopicName>,
    found: Result<Reassignments, ReadError>,
) -> BTreeMap<TopicName, Moving> {
    let found = match found {
        Ok(found) => found,
        Err(why) => return names.map(|name| (name, Moving::Failed(why.clone()))).collect(),
    };
    let mut each: BTreeMap<TopicName, BTreeMap<i32, Reassignment>> =
        names.map(|name| (name, BTreeMap::new())).collect();
    for ((name, index), moving) in found {
        each.entry(name).or_default().insert(index, moving);
    }
    each.into_iter()
        .map(|(name, moving)| (name, Moving::Read(moving)))
        .collect()
}
