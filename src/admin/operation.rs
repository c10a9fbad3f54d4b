//! What is asked of a cluster: the arguments and answers of [`super::Admin`].

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::ItemError;
use crate::model::{
    BrokerId, ConfigKey, GroupName, GroupUse, ObservedConfig, Offset, PartitionCount, Reassignment,
    ReplicationFactor, RequiredAcl, Synonym, TopicName,
};

/// Whether a write is carried out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WriteMode {
    /// `validate_only`: the broker checks and changes nothing. Needs the rights of the write itself.
    Validate,
    /// The broker does it.
    Write,
}

/// A topic to be created.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewTopic {
    /// Its full name.
    pub name: TopicName,
    /// `None`: the cluster's `num.partitions` (needs `CreateTopics` v4, Kafka 2.4).
    pub partitions: Option<PartitionCount>,
    /// `None`: the cluster's `default.replication.factor`.
    pub replication: Option<ReplicationFactor>,
    /// Overrides to be set on creation.
    pub configs: BTreeMap<ConfigKey, Arc<str>>,
}

/// What a new topic would have, as the controller says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CreatedTopic {
    /// How many partitions.
    pub partitions: Option<PartitionCount>,
    /// How many replicas each.
    pub replication: Option<ReplicationFactor>,
    /// The values of its configs that the controller shows.
    pub configs: BTreeMap<ConfigKey, Arc<str>>,
}

/// A topic that is to have more partitions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewPartitions {
    /// Its full name.
    pub name: TopicName,
    /// How many it is to have in the end.
    pub total: PartitionCount,
    /// The replicas of each new partition, preferred leader first; empty: the broker places them.
    pub replicas: Vec<Vec<BrokerId>>,
}

/// Partitions of one topic that are to have other replicas.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReplicasToAssign {
    /// Its full name.
    pub name: TopicName,
    /// The replicas that each partition is to have in the end, preferred leader first.
    pub partitions: BTreeMap<i32, Vec<BrokerId>>,
}

/// Partitions of one topic whose moves are to be taken back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MovesToCancel {
    /// Its full name.
    pub name: TopicName,
    /// The indexes of the partitions.
    pub partitions: Vec<i32>,
}

/// Replicas that may lead without loss although they are not in sync (KIP-966), by partition.
pub type EligibleLeaders = BTreeMap<i32, BTreeSet<BrokerId>>;

/// Partitions of one topic that are to be led by the first of their replicas.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LeadersToElect {
    /// Its full name.
    pub name: TopicName,
    /// The indexes of the partitions.
    pub partitions: Vec<i32>,
}

/// The reassignments that are under way, by partition.
pub type Reassignments = BTreeMap<(TopicName, i32), Reassignment>;

/// Config changes of one topic; they are applied together or not at all.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConfigsToAlter {
    /// Its full name.
    pub name: TopicName,
    /// What happens to each key.
    pub changes: BTreeMap<ConfigKey, ConfigChange>,
}

/// Configs of brokers as each shows its own, or why it does not.
pub type BrokerConfigs = BTreeMap<BrokerId, Result<BTreeMap<ConfigKey, ObservedConfig>, ItemError>>;

/// What happens to one config.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ConfigChange {
    /// The topic gets its own value.
    Set(Arc<str>),
    /// The topic's own value goes; the inherited one shows again.
    Reset,
}

/// Which offset of a partition.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OffsetPoint {
    /// The first one that is still there.
    Earliest,
    /// The one that the next record gets (the high watermark).
    Latest,
    /// The first whose record is not older than this many milliseconds since 1970, UTC.
    AtOrAfter(i64),
    /// That of the record with the latest time (KIP-734, Kafka 3.0). No offset where there is none.
    LatestTime,
    /// The first one on brokers' own disks; older ones may be in remote storage (KIP-405, Kafka 3.6).
    EarliestLocal,
}

/// The bytes of replicas, by broker and partition, or why a broker does not tell any. A replica whose
/// log folder is offline is left out, and so is one that the broker does not have.
pub type ReplicaSizes = BTreeMap<BrokerId, Result<BTreeMap<(TopicName, i32), i64>, ItemError>>;

/// Replicas that are asked for their ends, by the broker that holds them.
pub type Replicas = BTreeMap<BrokerId, BTreeMap<TopicName, Vec<i32>>>;

/// The ends of replicas, by broker and partition.
pub type ReplicaEnds = BTreeMap<BrokerId, BTreeMap<(TopicName, i32), Result<Offset, ItemError>>>;

/// Which groups use topics.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct TopicGroups {
    /// The groups with committed offsets or members, by topic; topics without any are left out.
    pub topics: BTreeMap<TopicName, BTreeMap<GroupName, GroupUse>>,
    /// Why there may be more: a broker that did not list its groups, a group that could not be read.
    pub unread: BTreeSet<Arc<str>>,
    /// The rights that this principal lacked, where that is why.
    pub missing: BTreeSet<RequiredAcl>,
}

/// Where to take a sample: the ends of each partition, so that its last records are met.
pub type SampleRanges = BTreeMap<TopicName, BTreeMap<i32, std::ops::Range<i64>>>;

/// Offsets whose times are wanted, by partition.
pub type Positions = BTreeMap<TopicName, BTreeMap<i32, i64>>;

/// What `describe` shows of a topic's configs: each key's value and the chain behind it.
pub type TopicSynonyms = BTreeMap<ConfigKey, (ObservedConfig, Vec<Synonym>)>;

/// How many requests of each kind were sent, by Kafka's name of the kind.
pub type RequestCounts = BTreeMap<&'static str, u64>;
