//! What follows from what was read of a topic: sums, conditions, how evenly it spreads. A figure that rests
//! on something that could not be read is not known.

use std::collections::BTreeMap;

use super::{DescribedGroup, DescribedOffsets, Description, Position, Readable, TopicDescription};
use crate::model::{
    BrokerId, Known, Obstacle, Offset, Partition, Reassignment, Replication, Skew, TopicMetadata,
};

/// What is to be said of a partition's replicas, the worst first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Condition {
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

impl TopicDescription {
    /// The metadata, where the topic exists and could be read.
    pub fn seen(&self) -> Option<&TopicMetadata> {
        match &self.metadata {
            Readable::Read(metadata) => Some(metadata),
            Readable::Absent | Readable::Unknown(_) => None,
        }
    }

    /// What is being moved, where that was asked and read.
    fn moving(&self) -> Option<&BTreeMap<i32, Reassignment>> {
        match &self.reassignments {
            Readable::Read(moving) => Some(moving),
            Readable::Absent | Readable::Unknown(_) => None,
        }
    }

    /// How many replicas partitions have, those not counted that are only being added. `None` where the
    /// topic could not be read.
    pub fn replication(&self) -> Option<Replication> {
        let metadata = self.seen()?;
        match self.moving().filter(|moving| !moving.is_empty()) {
            Some(moving) => metadata.less_added(moving).replication(),
            None => metadata.replication(),
        }
    }

    /// `min.insync.replicas` as it holds for the topic.
    pub fn min_insync_replicas(&self) -> Option<usize> {
        match &self.configs {
            Readable::Read(configs) => {
                let value = configs.get("min.insync.replicas")?.config.value.as_deref()?;
                value.trim().parse().ok()
            }
            Readable::Absent | Readable::Unknown(_) => None,
        }
    }

    /// What is to be said of a partition.
    pub fn conditions(&self, partition: &Partition) -> Vec<Condition> {
        let in_sync = partition.isr.len();
        let below = self
            .min_insync_replicas()
            .is_some_and(|minimum| in_sync < minimum);
        let moving = self.moving().and_then(|moving| moving.get(&partition.index));
        let settled = moving.map(|moving| moving.less_added(partition));
        let settled = settled.as_ref().unwrap_or(partition);
        let preferred = settled.replicas.first();
        let elsewhere = partition.leader.is_some() && partition.leader.as_ref() != preferred;
        let all = [
            (Condition::Offline, partition.leader.is_none()),
            (Condition::UnderMinIsr, below),
            (Condition::UnderReplicated, settled.is_under_replicated()),
            (Condition::Moving, moving.is_some()),
            (Condition::LeaderNotPreferred, elsewhere),
        ];
        all.into_iter()
            .filter(|(_, holds)| *holds)
            .map(|(condition, _)| condition)
            .collect()
    }

    /// How many partitions are in a condition. `None` where that cannot be told.
    pub fn count(&self, condition: Condition) -> Option<usize> {
        let metadata = self.seen()?;
        if condition == Condition::UnderMinIsr {
            self.min_insync_replicas()?;
        }
        let each = metadata.partitions.iter();
        Some(
            each.filter(|partition| self.conditions(partition).contains(&condition))
                .count(),
        )
    }

    fn partitions(&self) -> impl Iterator<Item = &Partition> {
        self.seen().into_iter().flat_map(|metadata| &metadata.partitions)
    }

    /// The records of each partition, at most.
    fn each_records(&self) -> Vec<Option<u64>> {
        let of = |partition: &Partition| self.offsets.get(&partition.index)?.records_at_most();
        self.partitions().map(of).collect()
    }

    /// The records of the topic, at most, over its partitions.
    pub fn records(&self) -> Sum {
        Sum::of(self.each_records())
    }

    /// The bytes of a partition: those of its leader's replica, or of the largest one where nobody leads or
    /// the leader's broker does not tell.
    pub fn bytes_of(&self, partition: &Partition) -> Option<u64> {
        let sizes = self.sizes.get(&partition.index)?;
        let told = |size: &Result<u64, _>| size.as_ref().ok().copied();
        let of_leader = partition
            .leader
            .and_then(|leader| sizes.get(&leader))
            .and_then(told);
        of_leader.or_else(|| sizes.values().filter_map(told).max())
    }

    fn each_bytes(&self) -> Vec<Option<u64>> {
        let partitions = self.partitions();
        partitions.map(|partition| self.bytes_of(partition)).collect()
    }

    /// The bytes of the topic, each partition counted once.
    pub fn bytes(&self) -> Sum {
        Sum::of(self.each_bytes())
    }

    /// The bytes of all replicas.
    pub fn bytes_of_replicas(&self) -> Sum {
        let of = |partition: &Partition| {
            let sizes = self.sizes.get(&partition.index);
            let size = move |broker: &BrokerId| sizes?.get(broker)?.as_ref().ok().copied();
            partition.replicas.iter().map(size).collect::<Vec<_>>()
        };
        Sum::of(self.partitions().flat_map(of))
    }

    /// When the last record was written (milliseconds since 1970, UTC), as far as partitions tell.
    pub fn last_write(&self) -> Option<i64> {
        let told = self
            .last_writes
            .values()
            .filter_map(|offset| offset.as_ref().ok());
        told.filter_map(|offset| offset.timestamp).max()
    }

    /// The lag of the group that is furthest behind, and whether there may be a larger one.
    pub fn largest_lag(&self) -> Option<(u64, bool)> {
        let groups = self.groups.as_ref()?;
        let lags = groups.read.values().map(DescribedGroup::lag);
        let (mut largest, mut open) = (0, !groups.unread.is_empty());
        for (lag, complete) in lags {
            largest = largest.max(lag);
            open |= !complete;
        }
        Some((largest, open))
    }

    /// How evenly records spread over partitions.
    pub fn skew_of_records(&self) -> Option<Skew> {
        Skew::of_amounts(&all(self.each_records())?)
    }

    /// How evenly bytes spread over partitions.
    pub fn skew_of_bytes(&self) -> Option<Skew> {
        Skew::of_amounts(&all(self.each_bytes())?)
    }
}

/// `None` where any is not known.
fn all(amounts: Vec<Option<u64>>) -> Option<Vec<u64>> {
    amounts.into_iter().collect()
}

/// A sum over partitions or replicas, as far as they tell.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Sum {
    /// What those have that tell.
    pub known: u64,
    /// How many tell.
    pub told: usize,
    /// How many there are.
    pub of: usize,
}

impl Sum {
    /// Brokers can claim any number.
    fn of(amounts: impl IntoIterator<Item = Option<u64>>) -> Self {
        amounts.into_iter().fold(Self::default(), |sum, amount| Self {
            known: sum.known.saturating_add(amount.unwrap_or(0)),
            told: sum.told + usize::from(amount.is_some()),
            of: sum.of + 1,
        })
    }

    /// All of it; `None` where any does not tell, or there is nothing that could.
    pub fn whole(self) -> Option<u64> {
        (self.of > 0 && self.told == self.of).then_some(self.known)
    }
}

/// What one broker has of a topic.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Share {
    /// Partitions that it leads.
    pub leaders: usize,
    /// Replicas assigned to it.
    pub replicas: usize,
    /// Their bytes; `None` where those of any are not known.
    pub bytes: Option<u64>,
}

impl Description {
    /// What each broker has of a topic: every live one, and those that replicas are assigned to.
    pub fn shares(&self, topic: &TopicDescription) -> BTreeMap<BrokerId, Share> {
        let none = Share {
            bytes: Some(0),
            ..Share::default()
        };
        let mut shares: BTreeMap<BrokerId, Share> = self.brokers.keys().map(|id| (*id, none)).collect();
        for partition in topic.partitions() {
            for id in &partition.replicas {
                let share = shares.entry(*id).or_insert(none);
                let sizes = topic.sizes.get(&partition.index);
                let size = sizes.and_then(|sizes| sizes.get(id)?.as_ref().ok());
                share.replicas += 1;
                share.leaders += usize::from(partition.leader == Some(*id));
                share.bytes = share
                    .bytes
                    .zip(size)
                    .map(|(bytes, size)| bytes.saturating_add(*size));
            }
        }
        shares
    }

    /// How evenly the leaders of a topic spread over the brokers that are alive.
    pub fn skew_of_leaders(&self, topic: &TopicDescription) -> Option<Skew> {
        let shares = self.shares(topic);
        let alive = shares.iter().filter(|(id, _)| self.brokers.contains_key(id));
        Skew::of_things(&alive.map(|(_, share)| share.leaders).collect::<Vec<_>>())
    }
}

impl DescribedGroup {
    /// Its lag in all partitions together, and whether that is all of it.
    pub fn lag(&self) -> (u64, bool) {
        let known = self.positions.values().map(|position| position.lag.read());
        // Without any position it is not known where it will begin.
        known.fold(
            (0, !self.positions.is_empty()),
            |(total, complete), lag| match lag {
                Some(lag) => (total.saturating_add(*lag), complete),
                None => (total, false),
            },
        )
    }

    /// How far it is behind where it is furthest behind, in milliseconds; `None` where that is not known of
    /// every partition.
    pub fn behind_ms(&self) -> Option<u64> {
        let each = self
            .positions
            .values()
            .map(|position| position.behind_ms.read().copied());
        each.collect::<Option<Vec<u64>>>()?.into_iter().max()
    }
}

impl Position {
    /// Where a group is that committed this offset of a partition whose ends these are.
    pub fn new(committed: i64, offsets: Option<&DescribedOffsets>) -> Self {
        let until = |end: &Known<i64>| match end {
            // What is committed beyond the end was lost there; nothing is left to be read.
            Known::Read(end) => Known::Read(u64::try_from(end.saturating_sub(committed)).unwrap_or(0)),
            Known::Unread(why) => Known::Unread(why.clone()),
        };
        let lag = until(&end(offsets.map(|offsets| &offsets.latest)));
        let behind_ms = match &lag {
            Known::Read(0) => Known::Read(0),
            Known::Read(_) => Known::default(),
            Known::Unread(why) => Known::Unread(why.clone()),
        };
        Self {
            committed: Some(committed),
            lag,
            lost: until(&end(offsets.map(|offsets| &offsets.earliest))),
            behind_ms,
        }
    }

    /// Where a group is that committed nothing of a partition that a member of it is assigned: what it will read
    /// is for its consumers to say, where there is anything.
    pub fn uncommitted(offsets: Option<&DescribedOffsets>) -> Self {
        let left = match offsets.and_then(DescribedOffsets::records_at_most) {
            Some(0) => Known::Read(0),
            Some(_) | None => Known::Unread(
                "no offset is committed there, and auto.offset.reset of its consumers decides what they read"
                    .into(),
            ),
        };
        Self {
            committed: None,
            lag: left.clone(),
            lost: Known::Read(0),
            behind_ms: left,
        }
    }

    /// The record that it will read next.
    pub fn next(&self) -> Option<i64> {
        let lost = self.lost.read().copied().unwrap_or(0);
        Some(self.committed?.saturating_add_unsigned(lost))
    }
}

fn end(end: Option<&Result<Offset, Obstacle>>) -> Known<i64> {
    match end {
        Some(Ok(end)) => match end.offset {
            Some(end) => Known::Read(end),
            None => Known::Unread("the broker names no such end of the partition".into()),
        },
        Some(Err(why)) => Known::Unread(why.words.clone()),
        None => Known::Unread("the ends of the partition were not read".into()),
    }
}
