//! What partitions hold: their bytes and their last records.

use std::collections::BTreeMap;

use super::MemoryCluster;
use super::answer::{self, Code};
use super::call::{Api, Call};
use super::state::State;
use crate::admin::{AdminError, BrokerError, ItemError, Positions, ReplicaSizes, SampleRanges};
use crate::model::{AclOperation, BrokerId, BrokerStorage, Disks, RequiredAcl, Sample, TopicName};

/// Bytes of each broker's disk.
const DISK: i64 = 100 << 30;

impl MemoryCluster {
    /// One request to each live broker.
    pub(super) async fn read_sizes(
        &self,
        partitions: &BTreeMap<TopicName, Vec<i32>>,
    ) -> Result<ReplicaSizes, AdminError> {
        let mut sizes = ReplicaSizes::new();
        if partitions.is_empty() {
            return Ok(sizes);
        }
        let call = Call::from(Api::DescribeLogDirs);
        let brokers: Vec<BrokerId> = self.state.borrow().alive().collect();
        for broker in brokers {
            self.begin(call, partitions.keys()).await;
            let lost = Api::DescribeLogDirs.lost(self.state.borrow().peer(broker));
            let befallen = self.script.borrow_mut().befalls_whole(call, &lost);
            let state = self.state.borrow();
            let told = match befallen {
                Some(error) => Err(error),
                None if state.cluster_is_denied => {
                    Err(ItemError::Broker(Code::ClusterAuthorizationFailed.alone()))
                }
                None => Ok(state.sizes_on(broker, partitions)),
            };
            sizes.insert(broker, told);
        }
        Ok(sizes)
    }

    /// Every broker has a disk of 100 GiB that holds nothing but its replicas.
    pub(super) async fn read_storage(&self) -> BTreeMap<BrokerId, Result<BrokerStorage, ItemError>> {
        let brokers: Vec<BrokerId> = self.state.borrow().alive().collect();
        let mut told = BTreeMap::new();
        for broker in brokers {
            self.begin(Call::from(Api::DescribeLogDirs), []).await;
            let state = self.state.borrow();
            let storage = if state.cluster_is_denied {
                let refusal = Code::ClusterAuthorizationFailed.alone();
                let right = || RequiredAcl::on_cluster(AclOperation::Describe);
                Err(ItemError::Broker(refusal.needing(right)))
            } else {
                Ok(state.storage_of(broker))
            };
            told.insert(broker, storage);
        }
        told
    }

    pub(super) async fn read_samples(
        &self,
        ranges: &SampleRanges,
    ) -> Result<BTreeMap<(TopicName, i32), Result<Sample, ItemError>>, AdminError> {
        let read = self.begin_read(Api::Fetch, None, ranges.keys()).await?;
        let state = self.state.borrow();
        let mut samples = BTreeMap::new();
        for (name, partitions) in ranges {
            for (index, range) in partitions {
                let befallen = read.interference.error(name).cloned().map(Err);
                let sample = || state.sample(name, *index, range).map_err(ItemError::Broker);
                samples.insert((name.clone(), *index), befallen.unwrap_or_else(sample));
            }
        }
        Ok(samples)
    }
}

impl MemoryCluster {
    pub(super) async fn read_times(
        &self,
        positions: &Positions,
    ) -> Result<BTreeMap<(TopicName, i32), Result<Option<i64>, ItemError>>, AdminError> {
        if positions.is_empty() {
            return Ok(BTreeMap::new());
        }
        let read = self.begin_read(Api::Fetch, None, positions.keys()).await?;
        let state = self.state.borrow();
        let mut times = BTreeMap::new();
        for (name, partitions) in positions {
            for (index, offset) in partitions {
                let befallen = read.interference.error(name).cloned().map(Err);
                let time = || state.time_at(name, *index, *offset).map_err(ItemError::Broker);
                times.insert((name.clone(), *index), befallen.unwrap_or_else(time));
            }
        }
        Ok(times)
    }
}

impl State {
    fn time_at(&self, name: &TopicName, index: i32, offset: i64) -> Result<Option<i64>, BrokerError> {
        self.may(AclOperation::Read, name)?;
        let partition = usize::try_from(index)
            .ok()
            .and_then(|index| self.topics.get(name)?.partitions.get(index))
            .ok_or_else(answer::no_such_topic)?;
        match partition.log.time_at(offset) {
            Some(time) => Ok(Some(time)),
            None => Err(Code::OffsetOutOfRange.alone()),
        }
    }

    fn alive(&self) -> impl Iterator<Item = BrokerId> {
        let alive = self.brokers.iter().filter(|(_, broker)| broker.alive);
        alive.map(|(id, _)| *id)
    }

    fn storage_of(&self, broker: BrokerId) -> BrokerStorage {
        BrokerStorage {
            disks: Some(self.disks_of(broker)),
            is_cordoned: self.brokers[&broker].is_cordoned,
        }
    }

    fn disks_of(&self, broker: BrokerId) -> Disks {
        let partitions = self.topics.values().flat_map(|topic| &topic.partitions);
        let held = partitions.filter(|partition| partition.replicas.contains(&broker));
        let used: i64 = held.map(|partition| partition.log.bytes()).sum();
        Disks {
            total: DISK,
            usable: DISK - used,
        }
    }

    fn sizes_on(
        &self,
        broker: BrokerId,
        partitions: &BTreeMap<TopicName, Vec<i32>>,
    ) -> BTreeMap<(TopicName, i32), i64> {
        let mut sizes = BTreeMap::new();
        for (name, indexes) in partitions {
            for index in indexes {
                let held = usize::try_from(*index)
                    .ok()
                    .and_then(|index| self.topics.get(name)?.partitions.get(index));
                if let Some(held) = held.filter(|held| held.replicas.contains(&broker)) {
                    sizes.insert((name.clone(), *index), held.log.bytes());
                }
            }
        }
        sizes
    }

    fn sample(
        &self,
        name: &TopicName,
        index: i32,
        range: &std::ops::Range<i64>,
    ) -> Result<Sample, BrokerError> {
        self.may(AclOperation::Read, name)?;
        let partition = usize::try_from(index)
            .ok()
            .and_then(|index| self.topics.get(name)?.partitions.get(index))
            .ok_or_else(answer::no_such_topic)?;
        Ok(partition.log.sample(range))
    }
}
