//! What has to be read of topics before the cost of a change can be said, and what was read.
//!
//! A plan by configs alone says what *could* be lost. [`EvidenceRequest`] is the list of what would tell more,
//! for the topics of risky changes only; [`Evidence`] is what the cluster answered. What it did not
//! answer stays here with the reason, so that nobody takes silence for nothing.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::acl::RequiredAcl;
use super::committed::Committed;
use super::name::{BrokerId, TopicName};
use super::observed::{Offset, TopicConfigs};

/// Something that was asked of a cluster.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Known<T> {
    /// The answer.
    Read(T),
    /// Why there is none, in the broker's own words where there are any.
    Unread(Arc<str>),
}

impl<T> Default for Known<T> {
    fn default() -> Self {
        Self::Unread("it was not asked for".into())
    }
}

impl<T> Known<T> {
    /// The answer, where there is one.
    pub fn read(&self) -> Option<&T> {
        match self {
            Self::Read(answer) => Some(answer),
            Self::Unread(_) => None,
        }
    }

    /// Something else that follows from the answer, where there is one.
    #[must_use]
    pub fn map<U>(&self, of: impl FnOnce(&T) -> U) -> Known<U> {
        match self {
            Self::Read(answer) => Known::Read(of(answer)),
            Self::Unread(why) => Known::Unread(Arc::clone(why)),
        }
    }

    /// Why there is no answer, where there is none.
    pub fn why_not(&self) -> Option<&Arc<str>> {
        match self {
            Self::Read(_) => None,
            Self::Unread(why) => Some(why),
        }
    }
}

impl<T, E: ToString> From<Result<T, E>> for Known<T> {
    fn from(result: Result<T, E>) -> Self {
        match result {
            Ok(answer) => Self::Read(answer),
            Err(error) => Self::Unread(error.to_string().into()),
        }
    }
}

/// What is to be read, by topic. Empty: nothing is asked.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct EvidenceRequest {
    /// The topics of changes whose cost depends on what is there.
    pub topics: BTreeMap<TopicName, TopicEvidenceRequest>,
}

/// What is to be read of one topic. The ends of its partitions are always read.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct TopicEvidenceRequest {
    /// Its partitions, each with its leader, whose replica tells the size; none where only survivors are asked.
    pub partitions: BTreeMap<i32, Option<BrokerId>>,
    /// The first record that is not older than this (milliseconds since 1970, UTC), and the first record
    /// that has a time at all.
    pub cutoff: Option<i64>,
    /// What this machine's clock said when the cut-off was reckoned; records tell whether it is behind.
    pub now: Option<i64>,
    /// Which records are old enough to be compacted away, before a change and after it.
    pub lags: Option<CompactionLags>,
    /// The partitions without a leader whose replicas on these brokers, which are up, are asked for their ends.
    pub survivors: BTreeMap<i32, BTreeSet<BrokerId>>,
    /// What else.
    pub more: BTreeSet<EvidenceKind>,
}

/// Up to when records can be compacted away (milliseconds since 1970, UTC).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct CompactionLags {
    /// Now.
    pub before: i64,
    /// Then.
    pub after: i64,
}

impl TopicEvidenceRequest {
    /// Whether this is to be read.
    pub fn ask(&self, question: EvidenceKind) -> bool {
        self.more.contains(&question)
    }
}

/// Something that is read only where a change depends on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum EvidenceKind {
    /// The bytes of each partition.
    Sizes,
    /// How full brokers' disks are.
    Disks,
    /// The record with the latest time.
    LastWrite,
    /// The first record that brokers hold themselves, where older ones are in remote storage.
    LocalStart,
    /// Which groups have committed offsets or members.
    Groups,
    /// The topic's configs, where planning could do without: a deletion costs other things if the topic is
    /// compacted or has records in remote storage.
    Configs,
    /// Whether the latest records have keys, and how large their batches are.
    Sample,
    /// The same of all records, as long as they are few.
    WholeSample,
}

/// The disks of a broker: all those that its log folders are on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct Disks {
    /// Bytes in all.
    pub total: i64,
    /// Bytes that are free.
    pub usable: i64,
}

/// What was read, by topic.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Evidence {
    /// Every topic that was asked about.
    pub topics: BTreeMap<TopicName, TopicEvidence>,
    /// The disks of brokers, where they were asked for and told.
    pub disks: BTreeMap<BrokerId, Disks>,
}

/// What was read of one topic.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct TopicEvidence {
    /// The time that [`PartitionEvidence::at_cutoff`] is about.
    pub cutoff: Option<i64>,
    /// What this machine's clock said then.
    pub now: Option<i64>,
    /// By the partition's number.
    pub partitions: BTreeMap<i32, PartitionEvidence>,
    /// The ends of the replicas that were asked for them, by partition.
    pub survivors: BTreeMap<i32, BTreeMap<BrokerId, Known<Offset>>>,
    /// Its configs; `None` where they were not asked for or could not be read.
    pub configs: Option<TopicConfigs>,
    /// The groups with committed offsets or members in this topic.
    pub groups: Groups<GroupUse>,
    /// The rights that this principal lacked, by which less was read than could be.
    pub missing: BTreeSet<RequiredAcl>,
}

/// What was read of one partition.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct PartitionEvidence {
    /// The first offset that is still there.
    pub earliest: Known<i64>,
    /// The offset that the next record gets.
    pub latest: Known<i64>,
    /// The first record that has a time.
    pub first: Known<Offset>,
    /// The first record that is not older than the cut-off.
    pub at_cutoff: Known<Offset>,
    /// The first record that is too young to be compacted away now, by its time.
    pub compacted_before: Known<Offset>,
    /// The first record that will be too young then.
    pub compacted_after: Known<Offset>,
    /// The record with the latest time.
    pub last_write: Known<Offset>,
    /// The first offset that brokers hold themselves.
    pub local_start: Known<i64>,
    /// The epoch of the leader that told [`Self::latest`], where it tells.
    pub leader_epoch: Option<i32>,
    /// The bytes of the leader's replica, on brokers' own disks.
    pub bytes: Known<i64>,
    /// The latest batches.
    pub sample: Known<Sample>,
}

/// What the latest batches of a partition are like.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct Sample {
    /// Records with a key.
    pub keyed: i64,
    /// Records without one.
    pub unkeyed: i64,
    /// The bytes of the largest batch as the log has it, compressed if it is.
    pub largest_batch: i32,
    /// The most bytes that any batch can have had when its producer sent it. Brokers recompress batches by
    /// `compression.type`, and nothing in the log tells whether they did.
    pub largest_sent: i64,
    /// Compaction took records out of a batch, so that nothing tells how large it was when it was sent.
    pub is_thinned: bool,
    /// The earliest time of any of the records (milliseconds since 1970, UTC); -1 is a record without a time.
    pub oldest: Option<i64>,
    /// The last record of the partition was looked at, and all that follow the first of the sample: these are
    /// the latest.
    pub reached_end: bool,
    /// Every record of the partition was looked at.
    pub complete: bool,
}

impl Sample {
    /// Takes in what other batches of the same partition are like; how far a sample reaches is not theirs to
    /// say.
    pub fn add(&mut self, other: &Self) {
        self.keyed = self.keyed.saturating_add(other.keyed);
        self.unkeyed = self.unkeyed.saturating_add(other.unkeyed);
        self.largest_batch = self.largest_batch.max(other.largest_batch);
        self.largest_sent = self.largest_sent.max(other.largest_sent);
        self.is_thinned |= other.is_thinned;
        self.oldest = match (self.oldest, other.oldest) {
            (Some(mine), Some(theirs)) => Some(mine.min(theirs)),
            (mine, theirs) => mine.or(theirs),
        };
    }
}

/// The name of a consumer group.
pub type GroupName = Arc<str>;

/// Something about each group, as far as groups could be read.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Groups<T> {
    /// By group.
    pub read: BTreeMap<GroupName, T>,
    /// Why there may be more groups than these.
    pub unread: BTreeSet<Arc<str>>,
}

impl<T> Default for Groups<T> {
    fn default() -> Self {
        Self {
            read: BTreeMap::new(),
            unread: BTreeSet::new(),
        }
    }
}

impl<T> Groups<T> {
    /// There is certainly none.
    pub fn are_none(&self) -> bool {
        self.read.is_empty() && self.unread.is_empty()
    }

    /// Something else about the same groups; those of which there is nothing to say are left out.
    #[must_use]
    pub fn filter_map<U>(&self, about: impl Fn(&T) -> Option<U>) -> Groups<U> {
        let each = self.read.iter();
        Groups {
            read: each
                .filter_map(|(name, group)| Some((Arc::clone(name), about(group)?)))
                .collect(),
            unread: self.unread.clone(),
        }
    }
}

/// By which protocol the members of a group work together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub enum GroupKind {
    /// Consumers that agree on who reads what among themselves. Brokers before Kafka 3.8 name no kind, and
    /// know no other.
    #[default]
    Classic,
    /// Consumers that are told by the coordinator (KIP-848).
    Consumer,
    /// Consumers that share partitions (KIP-932).
    Share,
    /// Instances of a Kafka Streams application that are told by the coordinator (KIP-1071).
    Streams,
    /// Something else that borrows the protocol of groups, such as the workers of Connect.
    Other,
}

/// As Kafka's own tools name them.
impl std::fmt::Display for GroupKind {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Classic => "classic",
            Self::Consumer => "consumer",
            Self::Share => "share",
            Self::Streams => "streams",
            Self::Other => "other",
        })
    }
}

/// What a group does with one topic.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct GroupUse {
    /// By which protocol its members work together.
    pub kind: GroupKind,
    /// What the group as a whole is doing, in Kafka's words: `Stable`, `Empty`. `None`: its broker does not
    /// tell (before Kafka 2.6).
    pub state: Option<Arc<str>>,
    /// The offsets that it committed, by partition; of a share group the offsets that it begins to read at.
    pub committed: BTreeMap<i32, Committed>,
    /// The partitions that a share group reads without such an offset yet.
    pub without_offset: BTreeSet<i32>,
    /// Its members that subscribe to the topic or are assigned partitions of it; none where it is at rest.
    pub members: Known<Arc<[GroupMember]>>,
}

impl GroupUse {
    /// Why it is not known where the group goes on in a partition that it reads without an offset; `None` where
    /// there is one, or where it does not read the partition.
    pub fn why_no_offset(&self, partition: i32) -> Option<Arc<str>> {
        if self.committed.contains_key(&partition) {
            return None;
        }
        if self.without_offset.contains(&partition) {
            return Some(
                "no offset is set there yet, and share.auto.offset.reset decides what the group reads".into(),
            );
        }
        let mut members = self.members.read()?.iter();
        let is_assigned = members.any(|member| member.partitions.contains(&partition));
        is_assigned.then(|| {
            "no offset is committed there, and auto.offset.reset of its consumers decides what they read"
                .into()
        })
    }

    /// The partitions that the group reads without an offset.
    pub fn partitions_without_offset(&self) -> BTreeSet<i32> {
        let members = self.members.read().into_iter().flat_map(|members| members.iter());
        let assigned = members.flat_map(|member| member.partitions.iter().copied());
        let read = assigned.chain(self.without_offset.iter().copied());
        read.filter(|index| !self.committed.contains_key(index)).collect()
    }
}

/// Somebody at work in a group, as far as one topic goes.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct GroupMember {
    /// The id that it has in its group.
    pub id: Arc<str>,
    /// Its `client.id`.
    pub client: Arc<str>,
    /// The address that its coordinator sees it at.
    pub host: Arc<str>,
    /// The partitions of the topic that it is assigned; none where others of its group have them all.
    pub partitions: BTreeSet<i32>,
}
