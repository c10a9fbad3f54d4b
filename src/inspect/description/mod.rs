//! A topic as the cluster shows it, next to what the file says of it. What follows from that by counting is in
//! [`figures`] and [`lag`].

mod figures;
mod lag;
mod unread;

use std::collections::{BTreeMap, BTreeSet};

pub use figures::{Condition, LastWrite, Share};

use crate::model::facts::records_at_most;
use crate::model::{
    BrokerId, ConfigKey, ConfigText, Declared, DesiredTopic, GroupKind, GroupMember, Groups, Known,
    ObservedConfig, Offset, ReadError, Reading, Reassignment, RequiredAcl, Synonym, TopicMetadata,
    ValueByBroker,
};
use crate::plan::TopicPlan;

impl TopicDescription {
    /// The rights that this principal lacked.
    pub fn missing_acls(&self) -> impl Iterator<Item = RequiredAcl> {
        let metadata = self.metadata.failure();
        let ends = self
            .offsets
            .values()
            .flat_map(|ends| [&ends.earliest, &ends.latest]);
        let ends = ends.chain(self.last_writes.values());
        let ends = ends.filter_map(|end| end.as_ref().err());
        let sizes = self.sizes.values().flat_map(BTreeMap::values);
        let sizes = sizes.filter_map(|size| size.as_ref().err());
        let failures = metadata.into_iter().chain(self.configs.failure());
        let failures = failures
            .chain(self.chains_unread.as_ref())
            .chain(self.values_unread.values())
            .chain(self.reassignments.failure())
            .chain(self.eligible_leaders.failure())
            .chain(ends)
            .chain(sizes);
        failures.filter_map(|error| error.missing.clone())
    }
}

/// One topic as the cluster shows it.
#[derive(Debug, Clone)]
pub struct TopicDescription {
    /// What the file says; `None` for a topic that it does not mention.
    pub declared: Option<DesiredTopic>,
    /// How it differs from the file; `None` for a topic that the file does not mention.
    pub plan: Option<TopicPlan>,
    /// Partitions, replicas, id.
    pub metadata: Reading<TopicMetadata>,
    /// Configs.
    pub configs: Reading<BTreeMap<ConfigKey, DescribedConfig>>,
    /// Why it is not known what lies behind the configs, where that was asked.
    pub chains_unread: Option<ReadError>,
    /// The brokers with replicas that were asked what they inherit to the topic and did not tell.
    pub values_unread: BTreeMap<BrokerId, ReadError>,
    /// First and next offset of each partition, where they were asked for.
    pub offsets: BTreeMap<i32, DescribedOffsets>,
    /// The record with the latest time of each partition, where it was asked for.
    pub last_writes: BTreeMap<i32, Result<Offset, ReadError>>,
    /// The bytes of each replica by partition and broker, where they were asked for.
    pub sizes: BTreeMap<i32, BTreeMap<BrokerId, Result<u64, ReadError>>>,
    /// The groups with committed offsets or members; `None` where they were not asked for.
    pub groups: Option<Groups<DescribedGroup>>,
    /// Whether brokers take `min.insync.replicas` for at most the number of replicas.
    pub caps_min_insync: bool,
    /// What is being moved right now, by partition.
    pub reassignments: Reading<BTreeMap<i32, Reassignment>>,
    /// Replicas that may lead without loss although they are not in sync (KIP-966), by partition; asked for where
    /// replicas are not in sync.
    pub eligible_leaders: Reading<BTreeMap<i32, BTreeSet<BrokerId>>>,
}

/// What a consumer group does with a topic.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DescribedGroup {
    /// By which protocol its members work together.
    pub kind: GroupKind,
    /// What it is doing, in Kafka's words; `None` where its broker does not tell.
    pub state: Option<std::sync::Arc<str>>,
    /// Its members that read the topic.
    pub members: Known<std::sync::Arc<[GroupMember]>>,
    /// Where it is, in the partitions of which it committed an offset or has a member at work.
    pub positions: BTreeMap<i32, Position>,
}

/// Where a group is in a partition.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Position {
    /// The offset that it committed: the next record that it will read, if that is still there. `None` where it
    /// committed nothing.
    pub committed: Option<i64>,
    /// How many offsets lie between it and the end.
    pub lag: Known<u64>,
    /// How many of them are gone, so that it will never read them.
    pub lost: Known<u64>,
    /// How many milliseconds lie between the record that it will read next and the last one that was
    /// written; 0 without lag.
    pub behind_ms: Known<u64>,
}

impl TopicDescription {
    /// What is known of a topic before anything but metadata and configs was read.
    pub fn new(
        metadata: Reading<TopicMetadata>,
        configs: Reading<BTreeMap<ConfigKey, DescribedConfig>>,
    ) -> Self {
        Self {
            declared: None,
            plan: None,
            metadata,
            configs,
            chains_unread: None,
            values_unread: BTreeMap::new(),
            offsets: BTreeMap::new(),
            last_writes: BTreeMap::new(),
            sizes: BTreeMap::new(),
            groups: None,
            caps_min_insync: false,
            reassignments: Reading::NotAsked,
            eligible_leaders: Reading::NotAsked,
        }
    }
}

/// A config with everything behind it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DescribedConfig {
    /// The value in force, and its source.
    pub config: ObservedConfig,
    /// Every place that has a value for it, highest precedence first; empty where that is not known.
    pub chain: Vec<Synonym>,
    /// What it is on which brokers, where those that hold the topic inherit different values to it.
    pub by_broker: ValueByBroker,
    /// What the file declares.
    pub declared: Option<Declared<ConfigText>>,
}

/// The ends of a partition.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DescribedOffsets {
    /// The first record that is still there.
    pub earliest: Result<Offset, ReadError>,
    /// The next record to be written.
    pub latest: Result<Offset, ReadError>,
}

impl DescribedOffsets {
    /// The number of offsets between both ends: at most so many records, since compaction and
    /// transaction markers leave gaps. `None` where an end is not known.
    pub fn records_at_most(&self) -> Option<u64> {
        let earliest = self.earliest.as_ref().ok()?.offset?;
        let latest = self.latest.as_ref().ok()?.offset?;
        records_at_most(earliest, latest)
    }
}
