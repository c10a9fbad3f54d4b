//! The cluster as its clients see it.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::MemoryCluster;
use super::answer::{self, Code};
use super::call::Api;
use super::state::State;
use crate::admin::{
    Admin, AdminError, BrokerConfigs, BrokerError, ConfigChange, ConfigsToAlter, CreatedTopic,
    EligibleLeaders, ItemError, LeadersToElect, MovesToCancel, NewPartitions, NewTopic, Offset, OffsetPoint,
    PerTopic, Positions, Reassignments, ReplicaEnds, ReplicaSizes, Replicas, ReplicasToAssign, RequestCounts,
    SampleRanges, TopicGroups, TopicSynonyms, WriteMode,
};
use crate::model::{
    AclOperation, BrokerId, BrokerStorage, ClusterView, ConfigKey, NotOffered, ObservedConfig,
    RegisteredBrokers, Sample, TopicConfigs, TopicId, TopicMetadata, TopicName, UnvalidatedRequest,
};

impl Admin for MemoryCluster {
    async fn cluster(&self) -> Result<ClusterView, AdminError> {
        self.begin_whole(Api::DescribeCluster).await?;
        let mut state = self.state.borrow_mut();
        let lists_nobody = state.lists_nobody();
        let alive = (state.brokers.iter()).filter(|(_, broker)| broker.alive && !lists_nobody);
        let brokers: BTreeMap<_, _> = alive.map(|(id, broker)| (*id, broker.view.clone())).collect();
        Ok(ClusterView {
            id: state.cluster_id.clone(),
            controller: brokers.keys().next().copied(),
            registered: RegisteredBrokers::Exactly(state.brokers.len()),
            fenced: state
                .brokers
                .iter()
                .filter(|(_, broker)| !broker.alive)
                .map(|(id, _)| *id)
                .collect(),
            brokers,
            metadata_version: state.metadata_version,
            health: state.health.clone(),
        })
    }

    async fn topics(&self, names: &[TopicName]) -> Result<PerTopic<Option<TopicMetadata>>, AdminError> {
        self.read_topics(None, names).await
    }

    async fn topics_on(
        &self,
        broker: BrokerId,
        names: &[TopicName],
    ) -> Result<PerTopic<Option<TopicMetadata>>, AdminError> {
        self.read_topics(Some(broker), names).await
    }

    async fn all_topics(&self) -> Result<BTreeMap<TopicName, TopicMetadata>, AdminError> {
        let broker = self.begin_whole(Api::Metadata).await?;
        let topics = self.state.borrow_mut().topics_read_from(broker);
        let state = self.state.borrow();
        let visible = topics
            .iter()
            .filter(|(name, _)| !state.is_denied(AclOperation::Describe, name));
        Ok(visible
            .map(|(name, topic)| (name.clone(), topic.metadata(&state.brokers)))
            .collect())
    }

    async fn configs(&self, names: &[TopicName]) -> Result<PerTopic<Option<TopicConfigs>>, AdminError> {
        let read = self.begin_read(Api::DescribeConfigs, None, names).await?;
        let state = self.state.borrow();
        let mut configs = state.all_configs(read.broker);
        Ok(
            read.answer(&state, names, AclOperation::DescribeConfigs, |topic, _| {
                configs(topic)
            }),
        )
    }

    async fn configs_on(
        &self,
        broker: BrokerId,
        wanted: &BTreeMap<TopicName, Vec<ConfigKey>>,
    ) -> Result<PerTopic<Option<TopicConfigs>>, AdminError> {
        let read = self
            .begin_read(Api::DescribeConfigs, Some(broker), wanted.keys())
            .await?;
        let state = self.state.borrow();
        let mut configs = state.all_configs(read.broker);
        let mut answers = read.answer(
            &state,
            wanted.keys(),
            AclOperation::DescribeConfigs,
            |topic, _| configs(topic),
        );
        for (name, answer) in &mut answers {
            if let Ok(Some(shown)) = answer {
                let keys = &wanted[name];
                Arc::make_mut(shown).retain(|key, _| keys.is_empty() || keys.contains(key));
            }
        }
        Ok(answers)
    }

    async fn synonyms(
        &self,
        wanted: &BTreeMap<TopicName, Option<Vec<ConfigKey>>>,
    ) -> Result<PerTopic<TopicSynonyms>, AdminError> {
        self.read_synonyms(None, wanted).await
    }

    async fn synonyms_on(
        &self,
        broker: BrokerId,
        wanted: &BTreeMap<TopicName, Vec<ConfigKey>>,
    ) -> Result<PerTopic<TopicSynonyms>, AdminError> {
        let wanted = wanted
            .iter()
            .map(|(name, keys)| (name.clone(), Some(keys.clone())));
        self.read_synonyms(Some(broker), &wanted.collect()).await
    }

    async fn broker_configs(
        &self,
        keys: &[ConfigKey],
    ) -> Result<Result<BTreeMap<ConfigKey, ObservedConfig>, ItemError>, AdminError> {
        if keys.is_empty() {
            return Ok(Ok(BTreeMap::new()));
        }
        let broker = self.begin_whole(Api::DescribeConfigs).await?;
        let state = self.state.borrow();
        let allowed = state.may_see_broker_configs().map_err(ItemError::Broker);
        Ok(allowed.map(|()| state.of_broker(broker, keys)))
    }

    async fn configs_of_brokers(
        &self,
        brokers: &[BrokerId],
        keys: &[ConfigKey],
    ) -> Result<BrokerConfigs, AdminError> {
        Ok(self.read_configs_of(brokers, keys).await)
    }

    async fn alter_broker_configs(
        &self,
        changes: &BTreeMap<BrokerId, BTreeMap<ConfigKey, ConfigChange>>,
    ) -> Result<BTreeMap<BrokerId, Result<(), ItemError>>, AdminError> {
        Ok(self.alter_configs_of(changes).await)
    }

    async fn create_topics(&self, topics: &[NewTopic], mode: WriteMode) -> Result<PerTopic<()>, AdminError> {
        let mut named: BTreeMap<&TopicName, Vec<&NewTopic>> = BTreeMap::new();
        for topic in topics {
            named.entry(&topic.name).or_default().push(topic);
        }
        let mut collisions = None;
        self.write(Api::CreateTopics, mode, named.keys().copied(), |state, name| {
            let collisions = collisions.get_or_insert_with(|| state.collisions(named.keys().copied()));
            state.may(AclOperation::Create, name)?;
            match named[name][..] {
                [topic] => state.create(topic, collisions.get(name), mode),
                _ => Err(answer::twice()),
            }
        })
        .await
    }

    async fn created_settings(&self, topics: &[NewTopic]) -> Result<PerTopic<CreatedTopic>, AdminError> {
        let valid = self.create_topics(topics, WriteMode::Validate).await?;
        let state = self.state.borrow();
        let named: BTreeMap<&TopicName, &NewTopic> =
            topics.iter().map(|topic| (&topic.name, topic)).collect();
        let created = |(name, answer): (TopicName, Result<(), ItemError>)| {
            let told = answer.map(|()| state.created_settings(named[&name]));
            (name, told)
        };
        Ok(valid.into_iter().map(created).collect())
    }

    async fn create_partitions(
        &self,
        growth: &[NewPartitions],
        mode: WriteMode,
    ) -> Result<PerTopic<()>, AdminError> {
        let named: BTreeMap<_, _> = growth.iter().map(|growth| (&growth.name, growth)).collect();
        self.write(
            Api::CreatePartitions,
            mode,
            named.keys().copied(),
            |state, name| {
                state.may(AclOperation::Alter, name)?;
                state.grow(named[name], mode)
            },
        )
        .await
    }

    async fn alter_configs(
        &self,
        changes: &[ConfigsToAlter],
        mode: WriteMode,
    ) -> Result<PerTopic<()>, AdminError> {
        let named: BTreeMap<_, _> = changes.iter().map(|change| (&change.name, change)).collect();
        let api = Api::IncrementalAlterConfigs;
        self.write(api, mode, named.keys().copied(), |state, name| {
            state.may(AclOperation::AlterConfigs, name)?;
            state.alter(named[name], mode)
        })
        .await
    }

    async fn delete_topics(&self, topics: &BTreeMap<TopicName, TopicId>) -> Result<PerTopic<()>, AdminError> {
        let delete = |state: &mut State, name: &TopicName| {
            if !state.configs.deletes_topics() {
                return Err(Code::TopicDeletionDisabled.saying("Topic deletion is disabled."));
            }
            state.has_id(name, topics[name])?;
            state.may(AclOperation::Delete, name)?;
            state.remove(name);
            Ok(())
        };
        self.write(Api::DeleteTopics, WriteMode::Write, topics.keys(), delete)
            .await
    }

    async fn deletes_topics(&self) -> Result<bool, AdminError> {
        Ok(self.state.borrow().configs.deletes_topics())
    }

    async fn alter_partition_reassignments(
        &self,
        replicas: &[ReplicasToAssign],
    ) -> Result<PerTopic<()>, AdminError> {
        let named: BTreeMap<_, _> = replicas.iter().map(|item| (&item.name, item)).collect();
        let api = Api::AlterPartitionReassignments;
        self.write(api, WriteMode::Write, named.keys().copied(), |state, name| {
            state.may_change_the_cluster()?;
            state.assign(named[name])
        })
        .await
    }

    async fn cancel_partition_reassignments(
        &self,
        moves: &[MovesToCancel],
    ) -> Result<PerTopic<()>, AdminError> {
        let named: BTreeMap<_, _> = moves.iter().map(|item| (&item.name, item)).collect();
        let api = Api::AlterPartitionReassignments;
        self.write(api, WriteMode::Write, named.keys().copied(), |state, name| {
            state.may_change_the_cluster()?;
            state.cancel(named[name])
        })
        .await
    }

    async fn eligible_leaders(&self, names: &[TopicName]) -> Result<PerTopic<EligibleLeaders>, AdminError> {
        let read = self.begin_read(Api::DescribeTopicPartitions, None, names).await?;
        let state = self.state.borrow();
        let told = names.iter().map(|name| {
            let befallen = read.interference.error(name).cloned().map(Err);
            let eligible = || state.eligible_leaders(name).map_err(ItemError::Broker);
            (name.clone(), befallen.unwrap_or_else(eligible))
        });
        Ok(told.collect())
    }

    async fn list_partition_reassignments(
        &self,
        partitions: Option<&BTreeMap<TopicName, Vec<i32>>>,
    ) -> Result<Result<Reassignments, ItemError>, AdminError> {
        self.read_reassignments(partitions).await
    }

    async fn elect_leaders(&self, partitions: &[LeadersToElect]) -> Result<PerTopic<()>, AdminError> {
        let named: BTreeMap<_, _> = partitions.iter().map(|item| (&item.name, item)).collect();
        let api = Api::ElectLeaders;
        self.write(api, WriteMode::Write, named.keys().copied(), |state, name| {
            state.may_change_the_cluster()?;
            state.elect(named[name])
        })
        .await
    }

    async fn offsets(
        &self,
        partitions: &BTreeMap<TopicName, Vec<i32>>,
        point: OffsetPoint,
    ) -> Result<BTreeMap<(TopicName, i32), Result<Offset, ItemError>>, AdminError> {
        let read = self.begin_read(Api::ListOffsets, None, partitions.keys()).await?;
        let state = self.state.borrow();
        let mut answers = BTreeMap::new();
        for (name, indexes) in partitions {
            for index in indexes {
                let befallen = read.interference.error(name).cloned().map(Err);
                let offset = || state.offset(name, *index, point).map_err(ItemError::Broker);
                answers.insert((name.clone(), *index), befallen.unwrap_or_else(offset));
            }
        }
        Ok(answers)
    }

    async fn replica_ends(&self, replicas: &Replicas) -> ReplicaEnds {
        self.read_replica_ends(replicas).await
    }

    async fn replica_sizes(
        &self,
        partitions: &BTreeMap<TopicName, Vec<i32>>,
    ) -> Result<ReplicaSizes, AdminError> {
        self.read_sizes(partitions).await
    }

    async fn storage(&self) -> Result<BTreeMap<BrokerId, Result<BrokerStorage, ItemError>>, AdminError> {
        Ok(self.read_storage().await)
    }

    async fn topic_groups(
        &self,
        partitions: &BTreeMap<TopicName, Vec<i32>>,
    ) -> Result<TopicGroups, AdminError> {
        self.read_groups(partitions).await
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
        self.read_times(positions).await
    }

    async fn honours_validate_only(&self) -> bool {
        true
    }

    async fn not_offered(&self, _: UnvalidatedRequest) -> Result<Option<NotOffered>, AdminError> {
        Ok(None)
    }

    async fn is_caught_up(&self, broker: BrokerId) -> Option<bool> {
        Some(!self.state.borrow().is_behind(broker))
    }

    fn requests(&self) -> RequestCounts {
        self.requests.borrow().clone()
    }
}

impl State {
    fn offset(&self, name: &TopicName, index: i32, point: OffsetPoint) -> Result<Offset, BrokerError> {
        self.may(AclOperation::Describe, name)?;
        let partition = usize::try_from(index)
            .ok()
            .and_then(|index| self.topics.get(name)?.partitions.get(index))
            .ok_or_else(answer::no_such_topic)?;
        match partition.leader {
            Some(_) => Ok(partition.log.offset(point)),
            None => Err(Code::LeaderNotAvailable.alone()),
        }
    }
}
