//! The only part that speaks Kafka's admin protocol.
//!
//! [`Admin`] is what the rest of the tool sees of a cluster. It has two implementations: the real
//! client in [`client`], and `memory`, an in-memory cluster with fault injection for tests. Both pass
//! the same contract tests, whose expected answers come from real Kafka.
//!
//! This module reads and writes what it is told to. What should be read is decided in `inspect`, what should be
//! written in `plan` and `apply`.

mod batch;
pub mod client;
mod error;
mod error_class;
#[cfg(any(test, feature = "testkit"))]
pub mod memory;
mod operation;

use std::collections::BTreeMap;

pub use crate::model::Offset;
pub use batch::{WriteItem, batches};
pub use error::{AdminError, BrokerError, ConnectErrorKind, FailedAttempt, ItemError, Peer, short_seconds};
pub use error_class::ErrorClass;
pub use operation::{
    BrokerConfigs, ConfigChange, ConfigsToAlter, CreatedTopic, EligibleLeaders, LeadersToElect,
    MovesToCancel, NewPartitions, NewTopic, OffsetPoint, Positions, Reassignments, ReplicaEnds, ReplicaSizes,
    Replicas, ReplicasToAssign, RequestCounts, SampleRanges, TopicGroups, TopicSynonyms, WriteMode,
};

use crate::model::{
    BrokerId, BrokerStorage, ClusterView, ConfigKey, NotOffered, ObservedConfig, Sample, TopicConfigs,
    TopicId, TopicMetadata, TopicName, UnvalidatedRequest,
};

/// The result of each item of a batched request. Every item that was asked for is there.
pub type PerTopic<T> = BTreeMap<TopicName, Result<T, ItemError>>;

/// What the rest of the tool sees of a cluster.
///
/// Calls are batched by the implementation: give it everything at once. A call as a whole fails only
/// when nothing could be asked at all (no broker to be reached); everything else is said per item.
/// One thread drives all requests, so the futures need not be `Send`.
#[allow(async_fn_in_trait)]
pub trait Admin {
    /// Cluster id, controller, live brokers with racks, and how many brokers are registered.
    async fn cluster(&self) -> Result<ClusterView, AdminError>;

    /// Metadata of the named topics. A topic that does not exist is `Ok(None)`; one that may not be
    /// described is an error (an all-topics request would silently leave it out).
    async fn topics(&self, names: &[TopicName]) -> Result<PerTopic<Option<TopicMetadata>>, AdminError>;

    /// Metadata of the named topics as one broker shows it right now, for waiting until every live
    /// broker has caught up with the controller.
    async fn topics_on(
        &self,
        broker: BrokerId,
        names: &[TopicName],
    ) -> Result<PerTopic<Option<TopicMetadata>>, AdminError>;

    /// Metadata of every topic that this principal may describe.
    async fn all_topics(&self) -> Result<BTreeMap<TopicName, TopicMetadata>, AdminError>;

    /// All configs of the named topics with their sources, without synonyms. `Ok(None)`: no such topic.
    async fn configs(&self, names: &[TopicName]) -> Result<PerTopic<Option<TopicConfigs>>, AdminError>;

    /// The named keys of each topic as one broker shows them right now; all of a topic that comes with
    /// no keys, as Kafka reads an empty list.
    async fn configs_on(
        &self,
        broker: BrokerId,
        wanted: &BTreeMap<TopicName, Vec<ConfigKey>>,
    ) -> Result<PerTopic<Option<TopicConfigs>>, AdminError>;

    /// The chain behind the value of each named key; all keys of a topic where the list is `None`.
    /// Inflates the answer, so only for what is shown.
    async fn synonyms(
        &self,
        wanted: &BTreeMap<TopicName, Option<Vec<ConfigKey>>>,
    ) -> Result<PerTopic<TopicSynonyms>, AdminError>;

    /// The named keys of each topic with the chains behind their values, as one broker shows them right now.
    async fn synonyms_on(
        &self,
        broker: BrokerId,
        wanted: &BTreeMap<TopicName, Vec<ConfigKey>>,
    ) -> Result<PerTopic<TopicSynonyms>, AdminError>;

    /// The named configs of one live broker, by the broker's names of them. Keys that it does not
    /// have are left out. Reading them needs a right on the cluster that reading topics does not.
    async fn broker_configs(
        &self,
        keys: &[ConfigKey],
    ) -> Result<Result<BTreeMap<ConfigKey, ObservedConfig>, ItemError>, AdminError>;

    /// The named configs of each of these brokers, as it shows its own. Keys that it does not have are left
    /// out. Needs `DESCRIBE_CONFIGS` on the cluster.
    async fn configs_of_brokers(
        &self,
        brokers: &[BrokerId],
        keys: &[ConfigKey],
    ) -> Result<BrokerConfigs, AdminError>;

    /// Sets and resets configs of single brokers at run time; those of one broker together or not at all.
    /// Needs `ALTER_CONFIGS` on the cluster.
    async fn alter_broker_configs(
        &self,
        changes: &BTreeMap<BrokerId, BTreeMap<ConfigKey, ConfigChange>>,
    ) -> Result<BTreeMap<BrokerId, Result<(), ItemError>>, AdminError>;

    /// Creates topics, or with [`WriteMode::Validate`] only lets the broker say what it would do.
    async fn create_topics(&self, topics: &[NewTopic], mode: WriteMode) -> Result<PerTopic<()>, AdminError>;

    /// What new topics would have, with what is left to the cluster: the controller is asked to create them and to
    /// change nothing (`validate_only`). Needs CREATE, and `DESCRIBE_CONFIGS` on the topics.
    async fn created_settings(&self, topics: &[NewTopic]) -> Result<PerTopic<CreatedTopic>, AdminError>;

    /// Grows topics to the given number of partitions.
    async fn create_partitions(
        &self,
        growth: &[NewPartitions],
        mode: WriteMode,
    ) -> Result<PerTopic<()>, AdminError>;

    /// Sets and resets single configs (`IncrementalAlterConfigs`, KIP-339): keys that are not named stay.
    async fn alter_configs(
        &self,
        changes: &[ConfigsToAlter],
        mode: WriteMode,
    ) -> Result<PerTopic<()>, AdminError>;

    /// Deletes topics by id, so that a topic created anew under the same name meanwhile stays.
    async fn delete_topics(&self, topics: &BTreeMap<TopicName, TopicId>) -> Result<PerTopic<()>, AdminError>;

    /// Whether the cluster deletes topics at all. Its controllers decide (`delete.topic.enable`), before they look
    /// for the topic, so that they are asked to delete one that cannot exist; brokers can have another value.
    async fn deletes_topics(&self) -> Result<bool, AdminError>;

    /// Has partitions moved to other brokers (KIP-455): an answer means that the controller took it on,
    /// not that the records are there. Asking again for what is under way changes nothing. Of a topic whose
    /// partitions are refused in part, the first refusal is told, and the others are taken on all the same.
    /// There is no `validate_only`. Needs ALTER on the cluster.
    async fn alter_partition_reassignments(
        &self,
        replicas: &[ReplicasToAssign],
    ) -> Result<PerTopic<()>, AdminError>;

    /// Has moves taken back: partitions keep the replicas that they had. One that is not being moved any more is
    /// fine. Of a topic the first refusal is told. Needs ALTER on the cluster.
    async fn cancel_partition_reassignments(
        &self,
        moves: &[MovesToCancel],
    ) -> Result<PerTopic<()>, AdminError>;

    /// The eligible leader replicas of the named topics (`DescribeTopicPartitions`, KIP-966): empty where there are
    /// none, or the broker does not know of them (before Kafka 3.8).
    async fn eligible_leaders(&self, names: &[TopicName]) -> Result<PerTopic<EligibleLeaders>, AdminError>;

    /// The reassignments under way among the partitions given, or among all where none are given, whoever
    /// began them. Topics and partitions that do not exist are left out. Needs DESCRIBE on the cluster.
    async fn list_partition_reassignments(
        &self,
        partitions: Option<&BTreeMap<TopicName, Vec<i32>>>,
    ) -> Result<Result<Reassignments, ItemError>, AdminError>;

    /// Has partitions led by their preferred leaders, where those are in sync; one that is led so already is
    /// fine. Of a topic the first refusal is told. Needs ALTER on the cluster.
    async fn elect_leaders(&self, partitions: &[LeadersToElect]) -> Result<PerTopic<()>, AdminError>;

    /// Offsets of every partition given, from the partitions' leaders.
    async fn offsets(
        &self,
        partitions: &BTreeMap<TopicName, Vec<i32>>,
        point: OffsetPoint,
    ) -> Result<BTreeMap<(TopicName, i32), Result<Offset, ItemError>>, AdminError>;

    /// The end of each replica's own log, from the broker that holds it, leader or not and in sync or not.
    async fn replica_ends(&self, replicas: &Replicas) -> ReplicaEnds;

    /// The bytes of the named partitions' replicas, from every live broker. Needs DESCRIBE on the cluster.
    async fn replica_sizes(
        &self,
        partitions: &BTreeMap<TopicName, Vec<i32>>,
    ) -> Result<ReplicaSizes, AdminError>;

    /// How large the disks of every live broker are (Kafka 3.3), and whether it takes new replicas (Kafka 4.3).
    /// Needs DESCRIBE on the cluster.
    async fn storage(&self) -> Result<BTreeMap<BrokerId, Result<BrokerStorage, ItemError>>, AdminError>;

    /// The groups that have committed offsets of the named partitions, or members that read them now.
    /// Which groups there are is asked once; each coordinator is asked about all of its own together.
    /// Needs DESCRIBE on the cluster, or groups that may not be described would be missing unsaid.
    async fn topic_groups(
        &self,
        partitions: &BTreeMap<TopicName, Vec<i32>>,
    ) -> Result<TopicGroups, AdminError>;

    /// What the last records of each partition are like, up to the end of the range, and where they are few
    /// the older ones too, from the partitions' leaders. Bounded in bytes; at least one batch of each partition
    /// that has any. Needs READ on the topic.
    async fn samples(
        &self,
        ranges: &SampleRanges,
    ) -> Result<BTreeMap<(TopicName, i32), Result<Sample, ItemError>>, AdminError>;

    /// When the first record from each offset on was written, in milliseconds since 1970, UTC, from the
    /// partitions' leaders; `None` where it has no time, or no record follows in what the broker sends at
    /// once. `ListOffsets` finds offsets by time and not the reverse, so records are fetched: bounded in
    /// bytes, one batch of each partition. Needs READ on the topic.
    async fn record_times(
        &self,
        positions: &Positions,
    ) -> Result<BTreeMap<(TopicName, i32), Result<Option<i64>, ItemError>>, AdminError>;

    /// Whether the cluster is known to create nothing where it is asked to validate creations only. Some
    /// implementations create the topics all the same, and no request tells without creating one: brokers of Apache
    /// Kafka are known by their feature levels (`metadata.version`) or, with `ZooKeeper`, by the requests of brokers to
    /// each other.
    async fn honours_validate_only(&self) -> bool;

    /// Whether the brokers offer this request, as they say when a connection is opened (`ApiVersions`).
    async fn not_offered(&self, request: UnvalidatedRequest) -> Result<Option<NotOffered>, AdminError>;

    /// Whether a broker has all that the controller has committed (`DescribeQuorum`); `None` where nobody tells.
    async fn is_caught_up(&self, broker: BrokerId) -> Option<bool>;

    /// How many requests of each kind were sent so far, retries included.
    fn requests(&self) -> RequestCounts;
}
