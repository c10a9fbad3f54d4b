//! What a reassignment copies, from the sizes of the leaders' replicas: those are what is copied.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::change::ReplicationChange;
use super::{Plan, Reason, RiskClass, TopicPlan};
use crate::model::{BrokerId, Disks, Known, ObservedTopic, TopicEvidence};

/// What brokers copy for one topic. Records that arrive meanwhile come on top.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct Copied {
    /// The bytes that each broker gets.
    pub to: BTreeMap<BrokerId, i64>,
    /// The bytes that each broker sends, as the leader that it is now.
    pub from: BTreeMap<BrokerId, i64>,
    /// The bytes that each broker can delete afterwards.
    pub freed: BTreeMap<BrokerId, i64>,
    /// Brokers that lose a replica and cannot delete it: they are down, or its log folder has failed.
    pub kept: BTreeSet<BrokerId>,
    /// Why there may be more: partitions whose size could not be read.
    pub unread: BTreeSet<Arc<str>>,
}

impl Copied {
    /// All bytes that are copied.
    pub fn bytes(&self) -> i64 {
        self.to.values().fold(0, |all, bytes| all.saturating_add(*bytes))
    }

    /// All bytes that can be deleted afterwards.
    pub fn freed(&self) -> i64 {
        self.freed
            .values()
            .fold(0, |all, bytes| all.saturating_add(*bytes))
    }

    /// Of a topic without data nothing is copied.
    pub(super) fn class(&self) -> RiskClass {
        if self.bytes() == 0 && self.unread.is_empty() {
            RiskClass::Safe
        } else {
            RiskClass::Caution
        }
    }
}

/// What is on its way already is not copied for this change.
pub(super) fn copied(change: &ReplicationChange, found: &TopicEvidence, seen: &ObservedTopic) -> Copied {
    let leader = |index: i32| {
        let partitions = &seen.metadata.partitions;
        partitions
            .iter()
            .find(|partition| partition.index == index)?
            .leader
    };
    let is_offline = |index: i32, broker: &BrokerId| {
        let mut partitions = seen.metadata.partitions.iter();
        partitions.any(|partition| partition.index == index && partition.offline.contains(broker))
    };
    let mut copied = Copied::default();
    for (index, moved) in change.sent() {
        // A partition that this very plan makes is empty.
        let Some(evidence) = found.partitions.get(&index) else {
            continue;
        };
        match &evidence.bytes {
            Known::Read(bytes) => {
                let added = moved.added();
                let senders = leader(index).into_iter().cycle().take(added.len());
                add(&mut copied.from, senders.collect(), *bytes);
                add(&mut copied.to, added, *bytes);
                let (kept, freed) = moved.removed().into_iter().partition(|id| is_offline(index, id));
                add(&mut copied.freed, freed, *bytes);
                let kept: Vec<BrokerId> = kept;
                copied.kept.extend(kept);
            }
            Known::Unread(_) if moved.added().is_empty() => {}
            Known::Unread(why) => {
                copied.unread.insert(Arc::clone(why));
            }
        }
    }
    copied
}

fn add(to: &mut BTreeMap<BrokerId, i64>, brokers: Vec<BrokerId>, bytes: i64) {
    for broker in brokers {
        let all = to.entry(broker).or_default();
        *all = all.saturating_add(bytes);
    }
}

/// What a whole plan copies, refused topics left out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Forecast {
    /// What brokers copy for all topics together.
    pub copied: Copied,
    /// The disks of the brokers that get or free something, where they are known.
    pub disks: BTreeMap<BrokerId, Disks>,
    /// How many bytes per second may be copied from and to each broker, where that is limited.
    pub throttle: Option<i64>,
}

impl Plan {
    /// `None` where nothing is copied or freed.
    pub fn forecast(&self) -> Option<Forecast> {
        let doable = |topic: &&TopicPlan| topic.refusals.is_empty();
        let changes = self
            .topics
            .values()
            .filter(doable)
            .flat_map(|topic| &topic.changes);
        let mut all = Copied::default();
        for planned in changes {
            // Both reasons of one change rest on the same figures.
            if let Some(copied) = planned.risk.reasons().find_map(Reason::copied) {
                all.and(copied);
            }
        }
        let brokers: BTreeSet<BrokerId> = all.to.keys().chain(all.freed.keys()).copied().collect();
        let known = self.disks.iter().filter(|(broker, _)| brokers.contains(broker));
        let disks = known.map(|(broker, disks)| (*broker, *disks)).collect();
        (all.bytes() > 0 || all.freed() > 0).then_some(Forecast {
            copied: all,
            disks,
            throttle: self.throttle,
        })
    }
}

impl Copied {
    fn and(&mut self, other: &Self) {
        for (mine, others) in [
            (&mut self.to, &other.to),
            (&mut self.from, &other.from),
            (&mut self.freed, &other.freed),
        ] {
            for (broker, bytes) in others {
                add(mine, vec![*broker], *bytes);
            }
        }
        self.kept.extend(&other.kept);
        self.unread.extend(other.unread.iter().cloned());
    }
}

impl Forecast {
    /// The bytes of a broker's disks that are in use now, and afterwards.
    pub fn used(&self, broker: BrokerId) -> Option<(i64, i64)> {
        let disks = self.disks.get(&broker)?;
        let of = |bytes: &BTreeMap<BrokerId, i64>| bytes.get(&broker).copied().unwrap_or(0);
        let now = disks.total.saturating_sub(disks.usable);
        let then = now
            .saturating_add(of(&self.copied.to))
            .saturating_sub(of(&self.copied.freed));
        Some((now, then))
    }

    /// How long the copying takes at the least, where it is limited: as long as the broker with most to send or
    /// to get needs for that.
    pub fn seconds(&self) -> Option<i64> {
        let rate = self.throttle.filter(|rate| *rate > 0)?;
        let most = self.copied.to.values().chain(self.copied.from.values()).max()?;
        Some(most.saturating_add(rate - 1) / rate)
    }
}
