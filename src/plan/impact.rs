//! What a change costs, in numbers that were read from the cluster. Amounts are bounds: what is said to
//! go at most is never exceeded, and what is said to go at least goes. Where nothing can be proved, the
//! lower bound is zero and the upper one is everything, or not known. `docs/impact.md` has the proofs.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::risk::RiskClass;
use crate::model::{Groups, Known};

/// A number of records or bytes of which only bounds are known. Never negative.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Amount {
    /// So many for certain.
    pub at_least: i64,
    /// No more than so many; `None` where that could not be read.
    pub at_most: Option<i64>,
    /// A guess between both, where there is ground for one.
    pub about: Option<i64>,
}

impl Amount {
    /// Nothing at all.
    pub const NOTHING: Self = Self::exactly(0);
    /// What could not be read.
    pub const UNKNOWN: Self = Self {
        at_least: 0,
        at_most: None,
        about: None,
    };

    /// So many, no more and no less.
    pub const fn exactly(number: i64) -> Self {
        Self {
            at_least: number,
            at_most: Some(number),
            about: Some(number),
        }
    }

    /// So many, or fewer.
    pub const fn up_to(number: i64) -> Self {
        Self {
            at_least: 0,
            at_most: Some(number),
            about: None,
        }
    }

    /// Certainly nothing.
    pub fn is_nothing(self) -> bool {
        self.at_most == Some(0)
    }

    /// Both together.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        let sum = |a: Option<i64>, b: Option<i64>| Some(a?.saturating_add(b?));
        Self {
            at_least: self.at_least.saturating_add(other.at_least),
            at_most: sum(self.at_most, other.at_most),
            about: sum(self.about, other.about),
        }
    }

    /// What goes where two limits each remove records from the front: the farther one decides.
    #[must_use]
    pub fn or_more(self, other: Self) -> Self {
        let larger = |a: Option<i64>, b: Option<i64>| Some(a?.max(b?));
        Self {
            at_least: self.at_least.max(other.at_least),
            at_most: larger(self.at_most, other.at_most),
            about: larger(self.about, other.about),
        }
    }
}

impl std::iter::Sum for Amount {
    fn sum<I: Iterator<Item = Self>>(amounts: I) -> Self {
        amounts.fold(Self::NOTHING, Self::and)
    }
}

/// What one partition loses.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct PartitionLoss {
    /// Records, counted by offsets: compaction and transactions leave gaps, so there may be fewer.
    pub records: Amount,
    /// Bytes on the leader's disk.
    pub bytes: Amount,
}

/// The time that records of a topic cover, in milliseconds since 1970, UTC. By the records' own times,
/// which their producers may have set.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct TimeSpan {
    /// The first record.
    pub from: i64,
    /// The last one.
    pub to: i64,
}

impl TimeSpan {
    fn around(self, other: Self) -> Self {
        Self {
            from: self.from.min(other.from),
            to: self.to.max(other.to),
        }
    }
}

/// Records that would go before a group has read them.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct Unread {
    /// By partition.
    pub partitions: BTreeMap<i32, Amount>,
    /// Why it is not known what the group has read of some of them.
    pub doubts: BTreeSet<Arc<str>>,
}

/// What goes with a change.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Loss {
    /// The partitions that lose anything, or of which that is not known.
    pub partitions: BTreeMap<i32, PartitionLoss>,
    /// When the records that go were written, where any record tells.
    pub span: Option<TimeSpan>,
    /// The groups that would miss records, of those that have committed offsets.
    pub groups: Groups<Unread>,
    /// What could not be read, so that bounds are wider than they could be.
    pub unread: BTreeSet<Arc<str>>,
}

impl Loss {
    /// Lossy as soon as anything could go.
    pub fn class(&self) -> RiskClass {
        if self.partitions.is_empty() {
            RiskClass::Safe
        } else {
            RiskClass::Lossy
        }
    }

    /// Of all partitions.
    pub fn records(&self) -> Amount {
        self.partitions.values().map(|loss| loss.records).sum()
    }

    /// Of all partitions, one replica each.
    pub fn bytes(&self) -> Amount {
        self.partitions.values().map(|loss| loss.bytes).sum()
    }

    /// The partitions by what they lose, most first.
    pub fn by_size(&self) -> Vec<(i32, PartitionLoss)> {
        let mut partitions: Vec<_> = self
            .partitions
            .iter()
            .map(|(index, loss)| (*index, *loss))
            .collect();
        let most = |loss: &PartitionLoss| loss.records.at_most.unwrap_or(i64::MAX);
        partitions.sort_by_key(|(index, loss)| (std::cmp::Reverse(most(loss)), *index));
        partitions
    }

    /// What goes where both losses happen to one topic.
    #[must_use]
    pub fn together(mut self, other: &Self) -> Self {
        for (index, loss) in &other.partitions {
            let both = |mine: &mut PartitionLoss| {
                mine.records = mine.records.or_more(loss.records);
                mine.bytes = mine.bytes.or_more(loss.bytes);
            };
            self.partitions.entry(*index).and_modify(both).or_insert(*loss);
        }
        self.span = match (self.span, other.span) {
            (Some(mine), Some(theirs)) => Some(mine.around(theirs)),
            (mine, theirs) => mine.or(theirs),
        };
        miss_together(&mut self.groups, &other.groups);
        self.unread.extend(other.unread.iter().cloned());
        self
    }
}

fn miss_together(mine: &mut Groups<Unread>, theirs: &Groups<Unread>) {
    for (group, unread) in &theirs.read {
        let kept = mine.read.entry(Arc::clone(group)).or_default();
        for (index, amount) in &unread.partitions {
            let more = |kept: &mut Amount| *kept = kept.or_more(*amount);
            kept.partitions.entry(*index).and_modify(more).or_insert(*amount);
        }
        kept.doubts.extend(unread.doubts.iter().cloned());
    }
    mine.unread.extend(theirs.unread.iter().cloned());
}

/// What is known of a group that uses a topic.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct GroupAtWork {
    /// The partitions that it committed offsets of.
    pub committed: usize,
    /// Members that subscribe to it or are assigned partitions of it.
    pub members: Known<usize>,
}

/// The groups that use a topic.
pub type Users = Groups<GroupAtWork>;

/// What goes with a topic.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Deleted {
    /// Its records.
    pub loss: Loss,
    /// The groups that use it.
    pub users: Users,
}

impl Deleted {
    /// A topic that is empty and that nobody uses needs confirmation and no more.
    pub fn class(&self) -> RiskClass {
        let is_unused = self.users.are_none();
        if self.loss.partitions.is_empty() && is_unused {
            RiskClass::Caution
        } else {
            RiskClass::Lossy
        }
    }
}

/// What the latest records of a topic are like.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct Sampled {
    /// Records with a key.
    pub keyed: i64,
    /// Records without one.
    pub unkeyed: i64,
    /// The bytes of the largest batch.
    pub largest_batch: i64,
    /// The most bytes that any batch can have had when its producer sent it: brokers may have recompressed it.
    pub largest_sent: i64,
    /// Compaction took records out of a batch, so that nothing tells how large it was when it was sent.
    pub is_thinned: bool,
    /// These are the latest of every partition, up to its last one.
    pub reached_end: bool,
    /// Every record of the topic was looked at.
    pub complete: bool,
}

/// Whom more partitions concern.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Grown {
    /// The records that are there.
    pub records: Amount,
    /// What the latest of them are like.
    pub sample: Known<Sampled>,
    /// Whether the topic is compacted: the old value of a key then stays behind in its old partition.
    pub compacted: bool,
    /// The groups that use the topic.
    pub users: Users,
}

impl Grown {
    /// Nobody minds where nothing is and nobody reads.
    pub fn class(&self) -> RiskClass {
        let is_unused = self.users.are_none();
        if self.records.is_nothing() && is_unused {
            RiskClass::Safe
        } else {
            RiskClass::Caution
        }
    }
}

/// What compaction would find.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Compacted {
    /// The records that are there.
    pub records: Amount,
    /// What the latest of them are like.
    pub sample: Known<Sampled>,
}

impl Compacted {
    /// Records without a key are dropped by compaction, and a sample says nothing of what it leaves out.
    pub fn class(&self) -> RiskClass {
        if self.records.is_nothing() {
            return RiskClass::Safe;
        }
        match &self.sample {
            Known::Read(sample) if sample.complete && sample.unkeyed == 0 => RiskClass::Caution,
            Known::Read(_) | Known::Unread(_) => RiskClass::Lossy,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_add_up_and_what_is_unknown_stays_so() {
        let some = Amount {
            at_least: 2,
            at_most: Some(5),
            about: Some(3),
        };
        assert_eq!(
            some.and(Amount::exactly(4)),
            Amount {
                at_least: 6,
                at_most: Some(9),
                about: Some(7)
            }
        );
        assert_eq!(
            some.and(Amount::UNKNOWN),
            Amount {
                at_least: 2,
                at_most: None,
                about: None
            }
        );
        assert_eq!(
            some.or_more(Amount::exactly(4)),
            Amount {
                at_least: 4,
                at_most: Some(5),
                about: Some(4)
            }
        );
        assert!(
            [Amount::NOTHING, Amount::NOTHING]
                .into_iter()
                .sum::<Amount>()
                .is_nothing()
        );
        assert!(!Amount::UNKNOWN.is_nothing());
        assert_eq!(Amount::exactly(i64::MAX).and(some).at_most, Some(i64::MAX));
    }
}
