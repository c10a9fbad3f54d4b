//! What follows from what was read of a topic: sums, conditions, how evenly it spreads. A figure that rests
//! on something that could not be read is not known.

use std::collections::{BTreeMap, BTreeSet};

use super::{DescribedGroup, TopicDescription};
use crate::model::facts::{self, Sum};
use crate::model::{Broker, BrokerId, Partition, Reading, Reassignment, Replication, Skew, TopicMetadata};

/// What is to be said of a partition's replicas, the worst first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Condition {
    /// It has no leader: it can be neither written nor read.
    Offline,
    /// Fewer replicas are in sync than `min.insync.replicas` wants, as brokers count it: writes with acks=all are
    /// refused.
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
            Reading::Read(metadata) => Some(metadata),
            Reading::Absent | Reading::NotAsked | Reading::Failed(_) => None,
        }
    }

    /// What is being moved, where that was asked and read.
    fn moving(&self) -> Option<&BTreeMap<i32, Reassignment>> {
        match &self.reassignments {
            Reading::Read(moving) => Some(moving),
            Reading::Absent | Reading::NotAsked | Reading::Failed(_) => None,
        }
    }

    /// The replicas of a partition that may lead without loss although they are not in sync; `None` where there are
    /// none, or that was not asked or read.
    pub fn eligible_leaders_of(&self, partition: &Partition) -> Option<&BTreeSet<BrokerId>> {
        match &self.eligible_leaders {
            Reading::Read(eligible) => {
                let eligible = eligible.get(&partition.index);
                eligible.filter(|brokers| !brokers.is_empty())
            }
            Reading::Absent | Reading::NotAsked | Reading::Failed(_) => None,
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
    pub fn min_insync_replicas(&self) -> Option<i64> {
        match &self.configs {
            Reading::Read(configs) => {
                let value = configs.get("min.insync.replicas")?.config.value.as_deref()?;
                value.trim().parse().ok()
            }
            Reading::Absent | Reading::NotAsked | Reading::Failed(_) => None,
        }
    }

    /// What is to be said of a partition.
    pub fn conditions(&self, partition: &Partition) -> Vec<Condition> {
        let (in_sync, assigned) = (partition.isr.len(), partition.replicas.len());
        let needed = |value| facts::effective_min_insync(value, assigned, self.caps_min_insync);
        let below = self
            .min_insync_replicas()
            .is_some_and(|value| facts::is_under_min_isr(in_sync, needed(value)));
        let moving = self.moving().and_then(|moving| moving.get(&partition.index));
        let adding = moving.map_or(0, |moving| moving.adding.len());
        let settled = moving.map(|moving| moving.less_added(partition));
        let preferred = settled.as_ref().unwrap_or(partition).replicas.first();
        let elsewhere = partition.leader.is_some() && partition.leader.as_ref() != preferred;
        let all = [
            (Condition::Offline, partition.leader.is_none()),
            (Condition::UnderMinIsr, below),
            (
                Condition::UnderReplicated,
                facts::is_under_replicated(in_sync, assigned, adding),
            ),
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
        Sum::of_amounts(self.each_records())
    }

    /// The bytes of a partition: those of its leader's replica, or of the largest one where nobody leads or
    /// the leader's broker does not tell.
    pub fn bytes_of(&self, partition: &Partition) -> Option<u64> {
        let sizes = self.sizes.get(&partition.index)?;
        let told = sizes
            .iter()
            .filter_map(|(broker, size)| Some((*broker, *size.as_ref().ok()?)));
        facts::leader_or_largest(partition.leader, told)
    }

    fn each_bytes(&self) -> Vec<Option<u64>> {
        let partitions = self.partitions();
        partitions.map(|partition| self.bytes_of(partition)).collect()
    }

    /// The bytes of the topic, each partition counted once.
    pub fn bytes(&self) -> Sum {
        Sum::of_amounts(self.each_bytes())
    }

    /// The bytes of all replicas.
    pub fn bytes_of_replicas(&self) -> Sum {
        let of = |partition: &Partition| {
            let sizes = self.sizes.get(&partition.index);
            let size = move |broker: &BrokerId| sizes?.get(broker)?.as_ref().ok().copied();
            partition.replicas.iter().map(size).collect::<Vec<_>>()
        };
        Sum::of_amounts(self.partitions().flat_map(of))
    }

    /// When the last record was written, as far as partitions tell.
    pub fn last_write(&self) -> LastWrite {
        let told = self
            .last_writes
            .values()
            .filter_map(|offset| offset.as_ref().ok());
        LastWrite {
            time: told.clone().filter_map(|offset| offset.timestamp).max(),
            is_complete: !self.last_writes.is_empty() && told.count() == self.last_writes.len(),
        }
    }

    /// The lag of the group that is furthest behind, and whether there may be a larger one. `None` where groups
    /// were not asked for.
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

    /// The same as a number, where anything is known of it.
    pub fn known_lag(&self) -> Option<u64> {
        let (lag, is_open) = self.largest_lag()?;
        (lag > 0 || !is_open).then_some(lag)
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

/// When the last record of a topic was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LastWrite {
    /// The latest time that is known, in milliseconds since 1970, UTC.
    pub time: Option<i64>,
    /// Whether all partitions tell; otherwise there may be a later one.
    pub is_complete: bool,
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

impl TopicDescription {
    /// What each broker has of a topic: every live one, and those that replicas are assigned to.
    pub fn shares(&self, live: &BTreeMap<BrokerId, Broker>) -> BTreeMap<BrokerId, Share> {
        let none = Share {
            bytes: Some(0),
            ..Share::default()
        };
        let mut shares: BTreeMap<BrokerId, Share> = live.keys().map(|id| (*id, none)).collect();
        for partition in self.partitions() {
            for id in &partition.replicas {
                let share = shares.entry(*id).or_insert(none);
                let sizes = self.sizes.get(&partition.index);
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
    pub fn skew_of_leaders(&self, live: &BTreeMap<BrokerId, Broker>) -> Option<Skew> {
        let shares = self.shares(live);
        let alive = shares.iter().filter(|(id, _)| live.contains_key(id));
        Skew::of_things(&alive.map(|(_, share)| share.leaders).collect::<Vec<_>>())
    }
}
