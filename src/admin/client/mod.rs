//! The real client: Kafka's admin protocol over TCP, on one thread.
//!
//! Five layers, each of which knows only those before it: [`transport`] moves bytes, [`protocol`] knows requests and
//! answers, [`session`] is one connection that is logged in, [`dispatch`] chooses brokers and tries again, [`ops`]
//! has a file for each request. [`Admin`] is implemented here on top of these.
//!
//! What should be read or written is decided elsewhere.

mod dispatch;
mod ops;
mod protocol;
mod session;
mod transport;

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

pub use crate::model::{Address, InvalidAddresses};
pub use dispatch::client::{Client, ConnectOptions, QuotaPause};

use self::ops::alter_partition_reassignments::Reassign;
use self::ops::cancel_partition_reassignments::Cancel;
use self::ops::create_partitions::Grow;
use self::ops::create_topics::Create;
use self::ops::delete_topics::{self, Delete};
use self::ops::elect_leaders::Elect;
use self::ops::incremental_alter_configs::Alter;
use super::{
    Admin, AdminError, BrokerConfigs, ConfigChange, ConfigsToAlter, CreatedTopic, EligibleLeaders, ItemError,
    LeadersToElect, MovesToCancel, NewPartitions, NewTopic, Offset, OffsetPoint, PerTopic, Positions,
    Reassignments, ReplicaEnds, ReplicaSizes, Replicas, ReplicasToAssign, RequestCounts, SampleRanges,
    TopicGroups, TopicSynonyms, WriteMode,
};
use crate::model::{
    BrokerId, BrokerStorage, ClusterView, ConfigKey, NotOffered, ObservedConfig, Sample, TopicConfigs,
    TopicId, TopicMetadata, TopicName, UnvalidatedRequest,
};

impl Admin for Client {
    async fn cluster(&self) -> Result<ClusterView, AdminError> {
        let view = self.listed_cluster().await?;
        Ok(self.with_health(view).await)
    }

    async fn topics(&self, names: &[TopicName]) -> Result<PerTopic<Option<TopicMetadata>>, AdminError> {
        self.read_metadata(names, self.request_timeout).await
    }

    async fn topics_on(
        &self,
        broker: BrokerId,
        names: &[TopicName],
    ) -> Result<PerTopic<Option<TopicMetadata>>, AdminError> {
        self.read_metadata_on(broker, names).await
    }

    async fn all_topics(&self) -> Result<BTreeMap<TopicName, TopicMetadata>, AdminError> {
        self.read_all_metadata().await
    }

    async fn configs(&self, names: &[TopicName]) -> Result<PerTopic<Option<TopicConfigs>>, AdminError> {
        self.read_configs(names).await
    }

    async fn configs_on(
        &self,
        broker: BrokerId,
        wanted: &BTreeMap<TopicName, Vec<ConfigKey>>,
    ) -> Result<PerTopic<Option<TopicConfigs>>, AdminError> {
        self.read_configs_on(broker, wanted).await
    }

    async fn synonyms(
        &self,
        wanted: &BTreeMap<TopicName, Option<Vec<ConfigKey>>>,
    ) -> Result<PerTopic<TopicSynonyms>, AdminError> {
        self.read_synonyms(wanted).await
    }

    async fn synonyms_on(
        &self,
        broker: BrokerId,
        wanted: &BTreeMap<TopicName, Vec<ConfigKey>>,
    ) -> Result<PerTopic<TopicSynonyms>, AdminError> {
        self.read_synonyms_on(broker, wanted).await
    }

    async fn broker_configs(
        &self,
        keys: &[ConfigKey],
    ) -> Result<Result<BTreeMap<ConfigKey, ObservedConfig>, ItemError>, AdminError> {
        self.read_broker_configs(keys).await
    }

    async fn configs_of_brokers(
        &self,
        brokers: &[BrokerId],
        keys: &[ConfigKey],
    ) -> Result<BrokerConfigs, AdminError> {
        Ok(self.read_configs_of_brokers(brokers, keys).await)
    }

    async fn alter_broker_configs(
        &self,
        changes: &BTreeMap<BrokerId, BTreeMap<ConfigKey, ConfigChange>>,
    ) -> Result<BTreeMap<BrokerId, Result<(), ItemError>>, AdminError> {
        Ok(self.write_broker_configs(changes).await)
    }

    async fn create_topics(&self, topics: &[NewTopic], mode: WriteMode) -> Result<PerTopic<()>, AdminError> {
        self.write::<Create>(topics, mode).await
    }

    async fn created_settings(&self, topics: &[NewTopic]) -> Result<PerTopic<CreatedTopic>, AdminError> {
        self.read_created_settings(topics).await
    }

    async fn create_partitions(
        &self,
        growth: &[NewPartitions],
        mode: WriteMode,
    ) -> Result<PerTopic<()>, AdminError> {
        self.write::<Grow>(growth, mode).await
    }

    async fn alter_configs(
        &self,
        changes: &[ConfigsToAlter],
        mode: WriteMode,
    ) -> Result<PerTopic<()>, AdminError> {
        self.write::<Alter>(changes, mode).await
    }

    async fn delete_topics(&self, topics: &BTreeMap<TopicName, TopicId>) -> Result<PerTopic<()>, AdminError> {
        let topics: Vec<(TopicName, TopicId)> = topics.iter().map(|(name, id)| (name.clone(), *id)).collect();
        self.write::<Delete>(&topics, WriteMode::Write).await
    }

    async fn deletes_topics(&self) -> Result<bool, AdminError> {
        let answers = self
            .write::<Delete>(&delete_topics::no_topic(), WriteMode::Write)
            .await?;
        Ok(!answers.values().any(delete_topics::is_disabled))
    }

    async fn alter_partition_reassignments(
        &self,
        replicas: &[ReplicasToAssign],
    ) -> Result<PerTopic<()>, AdminError> {
        self.write::<Reassign>(replicas, WriteMode::Write).await
    }

    async fn cancel_partition_reassignments(
        &self,
        moves: &[MovesToCancel],
    ) -> Result<PerTopic<()>, AdminError> {
        self.write::<Cancel>(moves, WriteMode::Write).await
    }

    async fn eligible_leaders(&self, names: &[TopicName]) -> Result<PerTopic<EligibleLeaders>, AdminError> {
        self.read_eligible_leaders(names).await
    }

    async fn list_partition_reassignments(
        &self,
        partitions: Option<&BTreeMap<TopicName, Vec<i32>>>,
    ) -> Result<Result<Reassignments, ItemError>, AdminError> {
        self.read_reassignments(partitions).await
    }

    async fn elect_leaders(&self, partitions: &[LeadersToElect]) -> Result<PerTopic<()>, AdminError> {
        self.write::<Elect>(partitions, WriteMode::Write).await
    }

    async fn offsets(
        &self,
        partitions: &BTreeMap<TopicName, Vec<i32>>,
        point: OffsetPoint,
    ) -> Result<BTreeMap<(TopicName, i32), Result<Offset, ItemError>>, AdminError> {
        self.read_offsets(partitions, point).await
    }

    async fn replica_ends(&self, replicas: &Replicas) -> ReplicaEnds {
        self.read_replica_ends(replicas).await
    }

    async fn replica_sizes(
        &self,
        partitions: &BTreeMap<TopicName, Vec<i32>>,
    ) -> Result<ReplicaSizes, AdminError> {
        self.read_replica_sizes(partitions).await
    }

    async fn storage(&self) -> Result<BTreeMap<BrokerId, Result<BrokerStorage, ItemError>>, AdminError> {
        self.read_storage().await
    }

    async fn topic_groups(
        &self,
        partitions: &BTreeMap<TopicName, Vec<i32>>,
    ) -> Result<TopicGroups, AdminError> {
        self.read_topic_groups(partitions).await
    }

    async fn samples(
        &self,
        ranges: &SampleRanges,
    ) -> Result<BTreeMap<(TopicName, i32), Result<Sample, ItemError>>, AdminError> {
        self.read_samples(ranges).await
    }

    async fn record_times(
        &self,
        positions: &Positions,
    ) -> Result<BTreeMap<(TopicName, i32), Result<Option<i64>, ItemError>>, AdminError> {
        self.read_record_times(positions).await
    }

    async fn honours_validate_only(&self) -> bool {
        self.find_honours_validate_only().await
    }

    async fn not_offered(&self, request: UnvalidatedRequest) -> Result<Option<NotOffered>, AdminError> {
        self.find_not_offered(request).await
    }

    async fn is_caught_up(&self, broker: BrokerId) -> Option<bool> {
        self.find_caught_up(broker).await
    }

    fn requests(&self) -> RequestCounts {
        self.counters.read()
    }
}
