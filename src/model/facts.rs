//! The rules that plan, describe and monitor share: what follows from what was read of partitions, once each. All of
//! them are pure. How far a group is behind is in [`super::committed`], how uneven a spread is in [`super::skew`].

use super::name::BrokerId;

/// The number of in-sync replicas below which a partition's leader refuses writes with acks=all.
///
/// From Kafka 3.7 on, the leader takes `min.insync.replicas` for at most the number of assigned replicas, those
/// included that are being added (`Partition.effectiveMinIsr`: the smaller of it and `remoteReplicasMap.size + 1`).
/// `is_capped`: see [`super::ClusterView::caps_min_insync`].
pub fn effective_min_insync(value: i64, replicas: usize, is_capped: bool) -> i64 {
    if is_capped {
        value.min(i64::try_from(replicas).unwrap_or(i64::MAX))
    } else {
        value
    }
}

/// Whether a partition with so many in-sync replicas takes no writes with acks=all (`Partition.isUnderMinIsr`).
/// `needed`: see [`effective_min_insync`].
pub fn is_under_min_isr(isr: usize, needed: i64) -> bool {
    i64::try_from(isr).is_ok_and(|isr| isr < needed)
}

/// Whether a partition has fewer in-sync replicas than assigned ones, less those that a reassignment adds. A replica
/// that is being added counts as soon as it is in sync: `Partition.isUnderReplicated` and `kafka-topics
/// --under-replicated-partitions` hold the whole ISR against `replicas.diff(addingReplicas)`, since Kafka 2.5.
pub fn is_under_replicated(isr: usize, replicas: usize, adding: usize) -> bool {
    isr < replicas.saturating_sub(adding)
}

/// The size of a partition: retention goes by the leader's replica. Where nobody leads, or the leader's broker does
/// not tell, the largest replica counts.
pub fn leader_or_largest<T: Ord>(
    leader: Option<BrokerId>,
    sizes: impl IntoIterator<Item = (BrokerId, T)>,
) -> Option<T> {
    let mut largest = None;
    for (broker, size) in sizes {
        if Some(broker) == leader {
            return Some(size);
        }
        largest = largest.max(Some(size));
    }
    largest
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
    /// Brokers can claim any number, so that a sum stops at the largest one.
    pub fn of_amounts(amounts: impl IntoIterator<Item = Option<u64>>) -> Self {
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

/// How many records lie between two ends of a partition at most: compaction and transactions leave gaps. `None` where
/// the ends do not belong together, as those of a log that was cut between the two reads: it need not be empty.
pub fn records_at_most(earliest: i64, latest: i64) -> Option<u64> {
    u64::try_from(latest.saturating_sub(earliest)).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_leader_counts_in_sync_replicas_up_to_the_assigned_ones() {
        for (value, replicas, is_capped, isr, is_under) in [
            (2, 3, true, 2, false),
            (2, 3, true, 1, true),
            (3, 1, true, 1, false),
            (3, 1, false, 1, true),
            (3, 2, true, 1, true),
            (1, 3, true, 0, true),
            (i64::MAX, 3, true, 3, false),
            (i64::MAX, 3, false, 3, true),
        ] {
            let needed = effective_min_insync(value, replicas, is_capped);
            assert_eq!(
                is_under_min_isr(isr, needed),
                is_under,
                "{value} of {replicas}, {isr} in sync, capped {is_capped}"
            );
        }
    }

    #[test]
    fn a_replica_that_is_added_is_missed_by_nobody_and_counts_once_it_is_in_sync() {
        for (isr, replicas, adding, is_under) in [
            (3, 3, 0, false),
            (2, 3, 0, true),
            (2, 4, 2, false),
            (1, 4, 2, true),
            // One of those that were there is out of sync, one that is added is in.
            (2, 3, 1, false),
            (0, 1, 3, false),
        ] {
            let said = is_under_replicated(isr, replicas, adding);
            assert_eq!(said, is_under, "{isr} of {replicas} less {adding}");
        }
    }

    #[test]
    fn a_partition_is_as_large_as_its_leaders_replica_says() {
        let sizes = |list: &[(i32, u64)]| -> Vec<(BrokerId, u64)> {
            list.iter().map(|(id, size)| (BrokerId(*id), *size)).collect()
        };
        for (leader, told, size) in [
            (Some(1), sizes(&[(1, 5), (2, 9)]), Some(5)),
            (Some(2), sizes(&[(1, 5), (2, 3)]), Some(3)),
            (Some(3), sizes(&[(1, 5), (2, 9)]), Some(9)),
            (None, sizes(&[(1, 9), (2, 5)]), Some(9)),
            (Some(1), sizes(&[]), None),
        ] {
            assert_eq!(leader_or_largest(leader.map(BrokerId), told), size, "{leader:?}");
        }
    }

    #[test]
    fn a_sum_is_whole_only_where_all_tell() {
        for (amounts, known, whole) in [
            (vec![Some(1), Some(2)], 3, Some(3)),
            (vec![Some(1), None], 1, None),
            (vec![], 0, None),
            (vec![Some(u64::MAX), Some(1)], u64::MAX, Some(u64::MAX)),
        ] {
            let sum = Sum::of_amounts(amounts.clone());
            assert_eq!((sum.known, sum.whole()), (known, whole), "{amounts:?}");
        }
    }

    #[test]
    fn a_log_that_was_cut_between_two_reads_need_not_be_empty() {
        assert_eq!(records_at_most(3, 10), Some(7));
        assert_eq!(records_at_most(3, 3), Some(0));
        assert_eq!(records_at_most(10, 3), None);
        assert_eq!(records_at_most(i64::MIN, i64::MAX), u64::try_from(i64::MAX).ok());
    }
}
