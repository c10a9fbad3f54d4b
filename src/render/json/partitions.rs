//! Partitions of a topic, in the document of `describe`.

use schemars::JsonSchema;
use serde::Serialize;

use super::description::ReadingJson;
use crate::inspect::{Condition, DescribedOffsets, TopicDescription};
use crate::model::{BrokerId, Offset, Partition};

/// One partition.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Partition", deny_unknown_fields)]
pub(super) struct PartitionJson<'a> {
    /// Its number, from 0.
    index: i32,
    /// The broker that leads it; null while there is none.
    leader: Option<i32>,
    /// The brokers with its replicas, preferred leader first; those too that are only being added.
    replicas: Vec<i32>,
    /// The brokers whose replica is in sync.
    isr: Vec<i32>,
    /// The brokers whose replica is offline, since the broker or its log folder is down.
    offline: Vec<i32>,
    /// The brokers that may lead it without loss although they are not in sync (KIP-966); asked for where replicas are
    /// not in sync.
    eligible_leaders: Vec<i32>,
    /// What is to be said of its replicas, the worst first.
    conditions: Vec<ConditionWord>,
    /// The first record that is still there.
    earliest: ReadingJson<'a, OffsetJson>,
    /// The next record to be written.
    latest: ReadingJson<'a, OffsetJson>,
    /// The number of offsets between both ends: at most so many records, since compaction and
    /// transactions leave gaps. Null where an end is not known.
    records_at_most: Option<u64>,
    /// The record with the latest time.
    last_write: ReadingJson<'a, OffsetJson>,
    /// The bytes of the leader's replica, or of the largest one where its broker does not tell; null where
    /// they are not known.
    bytes: Option<u64>,
    /// The bytes of each replica; empty where they were not asked for.
    replica_bytes: Vec<ReplicaBytes<'a>>,
}

/// The bytes of a replica.
#[derive(Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
struct ReplicaBytes<'a> {
    /// The broker that has it.
    broker: i32,
    /// Its bytes on that broker's disk.
    bytes: ReadingJson<'a, u64>,
}

/// Something that is to be said of a partition's replicas.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(rename = "Condition")]
enum ConditionWord {
    /// It has no leader: it can be neither written nor read.
    Offline,
    /// Fewer replicas are in sync than `min.insync.replicas` wants: writes with acks=all are refused.
    UnderMinIsr,
    /// Fewer replicas are in sync than assigned, those not counted that are only being added.
    UnderReplicated,
    /// Replicas of it are being moved.
    Moving,
    /// Another replica leads than the first one, which leads in good times.
    LeaderNotPreferred,
}

impl From<Condition> for ConditionWord {
    fn from(condition: Condition) -> Self {
        match condition {
            Condition::Offline => Self::Offline,
            Condition::UnderMinIsr => Self::UnderMinIsr,
            Condition::UnderReplicated => Self::UnderReplicated,
            Condition::Moving => Self::Moving,
            Condition::LeaderNotPreferred => Self::LeaderNotPreferred,
        }
    }
}

impl<'a> PartitionJson<'a> {
    pub(super) fn new(partition: &Partition, topic: &'a TopicDescription) -> Self {
        let offsets = topic.offsets.get(&partition.index);
        let sizes = topic.sizes.get(&partition.index).into_iter().flatten();
        let ids = |brokers: &[BrokerId]| brokers.iter().map(|broker| broker.0).collect();
        Self {
            index: partition.index,
            leader: partition.leader.map(|broker| broker.0),
            replicas: ids(&partition.replicas),
            isr: ids(&partition.isr),
            offline: ids(&partition.offline),
            eligible_leaders: topic
                .eligible_leaders_of(partition)
                .into_iter()
                .flatten()
                .map(|broker| broker.0)
                .collect(),
            conditions: topic.conditions(partition).into_iter().map(Into::into).collect(),
            earliest: ReadingJson::of_result(offsets.map(|ends| &ends.earliest), Into::into),
            latest: ReadingJson::of_result(offsets.map(|ends| &ends.latest), Into::into),
            records_at_most: offsets.and_then(DescribedOffsets::records_at_most),
            last_write: ReadingJson::of_result(topic.last_writes.get(&partition.index), Into::into),
            bytes: topic.bytes_of(partition),
            replica_bytes: sizes
                .map(|(broker, size)| ReplicaBytes {
                    broker: broker.0,
                    bytes: ReadingJson::of_result(Some(size), |bytes| *bytes),
                })
                .collect(),
        }
    }
}

/// An end of a partition.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Offset", deny_unknown_fields)]
struct OffsetJson {
    /// The offset; null where there is no such record.
    offset: Option<i64>,
    /// Milliseconds since 1970, UTC, of that record; null where the broker does not say.
    timestamp_ms: Option<i64>,
}

impl From<&Offset> for OffsetJson {
    fn from(offset: &Offset) -> Self {
        Self {
            offset: offset.offset,
            timestamp_ms: offset.timestamp,
        }
    }
}
