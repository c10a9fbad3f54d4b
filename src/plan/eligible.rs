//! Eligible leader replicas (KIP-966): replicas that are not in sync any more and have all acknowledged records all the
//! same. When `min.insync.replicas` of a topic changes, the controller forgets which they are
//! (`ConfigurationControlManager`, a `ClearElrRecord`; Kafka 4.0): a partition that has no leader can then get one only
//! by an unclean election.

use std::collections::{BTreeMap, BTreeSet};

use super::change::Change;
use super::min_insync;
use super::risk::Reason;
use super::{Plan, PlannedChange};
use crate::model::{BrokerId, Observation, TopicMetadata, TopicObservation};

/// Adds what a change of `min.insync.replicas` makes the controller forget.
pub(super) fn judge(plan: &mut Plan, observed: &Observation) {
    for (name, eligible) in &observed.eligible_leaders {
        let (Some(planned), Some(TopicObservation::Present(seen))) =
            (plan.topics.get_mut(name), observed.topics.get(name))
        else {
            continue;
        };
        if let (Some(reason), Some(change)) = (
            forgets(eligible, &seen.metadata),
            planned.changes.iter_mut().find(|planned| is_of_the_key(planned)),
        ) {
            change.risk.add(reason);
        }
    }
}

fn is_of_the_key(planned: &PlannedChange) -> bool {
    match &planned.change {
        Change::SetConfig(set) => set.key.as_str() == min_insync::KEY,
        Change::ResetConfig(reset) => reset.key.as_str() == min_insync::KEY,
        Change::Create(_)
        | Change::Delete(_)
        | Change::GrowPartitions(_)
        | Change::Reassign(_)
        | Change::CancelMoves(_) => false,
    }
}

fn forgets(eligible: &BTreeMap<i32, BTreeSet<BrokerId>>, seen: &TopicMetadata) -> Option<Reason> {
    let partitions: BTreeMap<i32, BTreeSet<BrokerId>> = eligible
        .iter()
        .filter(|(_, brokers)| !brokers.is_empty())
        .map(|(index, brokers)| (*index, brokers.clone()))
        .collect();
    let is_leaderless = |index: &i32| {
        let mut partitions = seen.partitions.iter();
        partitions.any(|partition| partition.index == *index && partition.leader.is_none())
    };
    let leaderless = partitions.keys().copied().filter(is_leaderless).collect();
    (!partitions.is_empty()).then_some(Reason::ForgetsEligibleLeaders {
        partitions,
        leaderless,
    })
}
