//! Partitions without a leader, which an unclean election would give one: who is down, who is up, and how much the
//! latter are known to lack.

use std::collections::{BTreeMap, BTreeSet};

use super::Reason;
use crate::model::{BrokerId, GroupName, Known, ObservedTopic, Partition, TopicEvidence};

/// A partition without a leader.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct Leaderless {
    /// The replicas that are down: they may have records that nobody else has.
    pub down: Vec<BrokerId>,
    /// What the others have, where all of them told.
    pub left: Option<Left>,
}

/// What the replicas of a partition have that are up.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Left {
    /// The end of the longest.
    pub end: i64,
    /// The highest offset beyond that end that any group committed, and the group.
    pub committed: Option<(i64, GroupName)>,
}

impl Left {
    /// So many records are missing for certain, unless retention deleted some of them. Counted by offsets.
    pub fn at_least(&self) -> i64 {
        let committed = self.committed.as_ref();
        committed.map_or(0, |(offset, _)| offset.saturating_sub(self.end))
    }
}

/// The partitions that wait for a leader.
pub(super) fn leaderless(seen: &ObservedTopic) -> BTreeMap<i32, Leaderless> {
    let waiting = waiting(seen).map(|partition| {
        let down = down(partition).to_vec();
        (partition.index, Leaderless { down, left: None })
    });
    waiting.collect()
}

/// The replicas that can tell what is left of each partition without a leader.
pub(super) fn survivors(seen: &ObservedTopic) -> BTreeMap<i32, BTreeSet<BrokerId>> {
    let waiting = waiting(seen).filter_map(|partition| {
        let down = down(partition);
        let up = partition.replicas.iter().copied();
        let up: BTreeSet<BrokerId> = up.filter(|broker| !down.contains(broker)).collect();
        (!up.is_empty()).then_some((partition.index, up))
    });
    waiting.collect()
}

/// With what the survivors told. A replica that did not tell may have more than all others.
pub(super) fn estimate_losses(
    leaderless: BTreeMap<i32, Leaderless>,
    found: &TopicEvidence,
    leaves_gaps: bool,
) -> Reason {
    let weighed = leaderless.into_iter().map(|(index, partition)| {
        let left = left(index, found, leaves_gaps);
        (index, Leaderless { left, ..partition })
    });
    Reason::UncleanElection {
        leaderless: weighed.collect(),
    }
}

fn left(index: i32, found: &TopicEvidence, leaves_gaps: bool) -> Option<Left> {
    let told = found.survivors.get(&index)?;
    let ends: Option<Vec<(i64, Option<i32>)>> = told
        .values()
        .map(|end| {
            let end = Known::read(end)?;
            Some((end.offset?, end.leader_epoch))
        })
        .collect();
    let ends = ends?;
    let end = ends.iter().map(|(end, _)| *end).max()?;
    let epoch = ends.iter().filter_map(|(_, epoch)| *epoch).max();
    let groups = found.groups.read.iter().filter_map(|(name, group)| {
        let committed = group.committed.get(&index)?;
        // An epoch above the partition's is of another topic of this name; without one, nothing tells.
        let is_of_this_log = committed.leader_epoch? <= epoch?;
        (is_of_this_log && committed.offset > end).then(|| (committed.offset, GroupName::clone(name)))
    });
    // Between two offsets of a compacted topic there may be nothing.
    let committed = groups.max().filter(|_| !leaves_gaps);
    Some(Left { end, committed })
}

fn waiting(seen: &ObservedTopic) -> impl Iterator<Item = &Partition> {
    let partitions = seen.metadata.partitions.iter();
    partitions.filter(|partition| partition.leader.is_none())
}

/// Who may have records that nobody else has. With eligible leader replicas (KIP-966) the last one leaves the ISR
/// as well when it goes down.
fn down(partition: &Partition) -> &[BrokerId] {
    if partition.offline.is_empty() {
        &partition.isr
    } else {
        &partition.offline
    }
}
