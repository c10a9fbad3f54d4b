//! One topic of the cluster.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::log::Log;
use super::state::BrokerState;
use crate::model::{BrokerId, ConfigKey, Partition, TopicId, TopicMetadata};

/// A topic with its partitions and overrides.
#[derive(Debug, Clone)]
pub(super) struct Topic {
    pub(super) id: TopicId,
    pub(super) internal: bool,
    /// Where placement began, so that growth goes on from there.
    pub(super) first_slot: usize,
    pub(super) partitions: Vec<PartitionState>,
    /// The topic's own configs, in the form in which the broker shows them.
    pub(super) overrides: BTreeMap<ConfigKey, Arc<str>>,
}

/// One partition with its records.
#[derive(Debug, Clone)]
pub(super) struct PartitionState {
    pub(super) replicas: Vec<BrokerId>,
    pub(super) isr: Vec<BrokerId>,
    pub(super) leader: Option<BrokerId>,
    pub(super) log: Log,
}

impl PartitionState {
    /// A new partition: only brokers that are alive are in sync, and the first of them leads.
    pub(super) fn new(replicas: Vec<BrokerId>, brokers: &BTreeMap<BrokerId, BrokerState>) -> Self {
        let isr: Vec<BrokerId> = replicas.iter().copied().filter(|id| brokers[id].alive).collect();
        Self {
            leader: isr.first().copied(),
            replicas,
            isr,
            log: Log::default(),
        }
    }

    /// The broker has gone: it leaves the ISR, and leadership moves to one that is left.
    pub(super) fn broker_stopped(&mut self, broker: BrokerId) {
        if self.isr.len() > 1 {
            self.isr.retain(|id| *id != broker);
        }
        if self.leader == Some(broker) {
            let heir = |id: &&BrokerId| **id != broker && self.isr.contains(id);
            self.leader = self.replicas.iter().find(heir).copied();
        }
    }

    /// The broker is back: it catches up at once, and leads where nobody did. Leadership that moved
    /// stays where it is, as in Kafka until the preferred leader is elected.
    pub(super) fn broker_started(&mut self, broker: BrokerId) {
        if !self.replicas.contains(&broker) {
            return;
        }
        let electable = self.isr.contains(&broker);
        if self.leader.is_none() && !electable {
            return;
        }
        self.leader.get_or_insert(broker);
        if !electable {
            self.isr.push(broker);
        }
    }
}

impl Topic {
    /// What `Metadata` says.
    pub(super) fn metadata(&self, brokers: &BTreeMap<BrokerId, BrokerState>) -> TopicMetadata {
        let partitions = (0..)
            .zip(&self.partitions)
            .map(|(index, partition)| Partition {
                index,
                leader: partition.leader,
                replicas: partition.replicas.clone(),
                isr: partition.isr.clone(),
                offline: partition
                    .replicas
                    .iter()
                    .copied()
                    .filter(|id| !brokers[id].alive)
                    .collect(),
            })
            .collect();
        TopicMetadata {
            id: self.id,
            internal: self.internal,
            partitions,
        }
    }
}
