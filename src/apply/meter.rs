//! How far brokers are with copying replicas, and whether anything moves at all.
//!
//! These are two questions. Whoever waits wants to know how much of all of it is there. Whether it is worth waiting
//! says only what is still missing: replicas that are in sync grow with every record that is produced, whatever
//! becomes of the others.

use std::collections::BTreeMap;
use std::time::Duration;

use tokio::time::Instant;

use super::control::Copying;
use super::copy_snapshot::{CopySnapshot, changes, partition_of};
use super::write::TopicChanges;
use crate::model::{BrokerId, TopicName};
use crate::plan::ReplicationChange;

/// How far it is, and when it last moved.
pub(super) struct Meter {
    /// Partitions in all.
    total: usize,
    began: Instant,
    moved_at: Instant,
    missing: Missing,
    /// By topic, those that have arrived included.
    held: BTreeMap<TopicName, CopiedBytes>,
    /// What was there when this began: of no use to tell the pace.
    first: Option<u64>,
}

/// What is still to come. Anything that differs is progress: a log that is cut back and begun again as well.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Missing {
    partitions: usize,
    replicas: usize,
    /// What the replicas hold that are not in sync.
    bytes: u64,
}

/// What new replicas of a topic hold, and will hold: as much as the largest other one.
#[derive(Debug, Clone, Copy, Default)]
struct CopiedBytes {
    bytes: u64,
    all: u64,
}

impl Meter {
    pub(super) fn new(total: usize) -> Self {
        Self {
            total,
            began: Instant::now(),
            moved_at: Instant::now(),
            missing: Missing::default(),
            held: BTreeMap::new(),
            first: None,
        }
    }

    /// For how long nothing has moved.
    pub(super) fn stalled_for(&self) -> Duration {
        self.moved_at.elapsed()
    }

    pub(super) fn read(&mut self, open: &[TopicChanges<'_>], look: &CopySnapshot) {
        let mut missing = Missing {
            partitions: look.moving.len(),
            ..Missing::default()
        };
        for held in self.held.values_mut() {
            held.bytes = held.all;
        }
        for (name, change) in changes(open) {
            self.held
                .insert(name.clone(), look.held(name, change, &mut missing));
        }
        if missing != self.missing {
            (self.missing, self.moved_at) = (missing, Instant::now());
        }
        self.first = self.first.or(self.known().map(|held| held.bytes));
    }

    /// `None` where no broker tells of anything.
    fn known(&self) -> Option<CopiedBytes> {
        let add = |sum: CopiedBytes, held: &CopiedBytes| CopiedBytes {
            bytes: sum.bytes.saturating_add(held.bytes),
            all: sum.all.saturating_add(held.all),
        };
        let held = self.held.values().fold(CopiedBytes::default(), add);
        (held.all > 0).then_some(held)
    }

    pub(super) fn copying(&self) -> Copying {
        let held = self.known();
        Copying {
            done: self.total - self.missing.partitions.min(self.total),
            total: self.total,
            bytes: held.map(|held| held.bytes),
            bytes_total: held.map(|held| held.all),
            left: held.and_then(|held| self.time_left(held)),
        }
    }

    fn time_left(&self, held: CopiedBytes) -> Option<Duration> {
        let copied = held.bytes.checked_sub(self.first?).filter(|copied| *copied > 0)?;
        let rest = held.all.saturating_sub(held.bytes);
        let left = self.began.elapsed().as_millis() * u128::from(rest) / u128::from(copied);
        Some(Duration::from_millis(u64::try_from(left).unwrap_or(u64::MAX)))
    }
}

impl CopySnapshot {
    /// What is not told is left out, and so is a partition without a replica to copy from.
    fn held(&self, name: &TopicName, change: &ReplicationChange, missing: &mut Missing) -> CopiedBytes {
        let mut sum = CopiedBytes::default();
        for (index, moved) in change.moves() {
            let told = |id: &BrokerId| self.size(name, index, *id);
            let all = moved.from.iter().filter_map(told).max();
            for id in moved.added() {
                let bytes = told(&id).unwrap_or(0);
                let is_there = self.is_in_sync(name, index, id);
                if !is_there {
                    missing.replicas += 1;
                    missing.bytes = missing.bytes.saturating_add(bytes);
                }
                let Some(all) = all else { continue };
                let held = if is_there { all } else { bytes.min(all) };
                sum.bytes = sum.bytes.saturating_add(held);
                sum.all = sum.all.saturating_add(all);
            }
        }
        sum
    }

    fn size(&self, name: &TopicName, index: i32, broker: BrokerId) -> Option<u64> {
        let sizes = self.sizes.get(&broker)?.as_ref().ok()?;
        u64::try_from(*sizes.get(&(name.clone(), index))?).ok()
    }

    fn is_in_sync(&self, name: &TopicName, index: i32, broker: BrokerId) -> bool {
        let Some(Ok(Some(seen))) = self.topics.get(name) else {
            return false;
        };
        partition_of(seen, index).is_some_and(|seen| seen.isr.contains(&broker))
    }
}
