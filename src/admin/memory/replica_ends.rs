//! What each replica has, where it missed records.

use super::MemoryCluster;
use super::answer;
use super::call::{Api, Call};
use super::state::State;
use crate::admin::{BrokerError, ItemError, Offset, ReplicaEnds, Replicas};
use crate::model::{AclOperation, BrokerId, TopicName};

impl MemoryCluster {
    /// One request to each broker.
    pub(super) async fn read_replica_ends(&self, replicas: &Replicas) -> ReplicaEnds {
        let mut told = ReplicaEnds::new();
        for (broker, partitions) in replicas {
            let reached = self.reach(*broker, Call::from(Api::ListOffsets)).await;
            let state = self.state.borrow();
            let keys = partitions.iter().flat_map(|(name, indexes)| {
                let key = |index: &i32| (name.clone(), *index);
                indexes.iter().map(key)
            });
            let ends = keys.map(|key| {
                let end = reached.clone().and_then(|()| {
                    state
                        .replica_end(&key.0, key.1, *broker)
                        .map_err(ItemError::Broker)
                });
                (key, end)
            });
            told.insert(*broker, ends.collect());
        }
        told
    }
}

impl State {
    fn replica_end(&self, name: &TopicName, index: i32, broker: BrokerId) -> Result<Offset, BrokerError> {
        self.may(AclOperation::Describe, name)?;
        let partition = usize::try_from(index)
            .ok()
            .and_then(|index| self.topics.get(name)?.partitions.get(index))
            .ok_or_else(answer::no_such_topic)?;
        Ok(Offset {
            offset: partition.end_on(broker),
            timestamp: None,
            leader_epoch: None,
        })
    }
}
