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
    /// The one that may lead again when there is no ISR (an eligible leader replica, KIP-966).
    last_in_sync: Option<BrokerId>,
    pub(super) log: Log,
}

impl PartitionState {
    /// A new partition: only brokers that are alive are in sync, and the first of them leads.
    pub(super) fn new(replicas: Vec<BrokerId>, brokers: &BTreeMap<BrokerId, BrokerState>) -> Self {
        let isr: Vec<BrokerId> = replicas.iter().copied().filter(|id| brokers[id].alive).collect();
        Self {
            leader: isr.first().copied(),
            last_in_sync: None,
            replicas,
            isr,
            log: Log::default(),
        }
    }

    /// The replicas change and the records stay.
    pub(super) fn reassign(&mut self, replicas: Vec<BrokerId>, brokers: &BTreeMap<BrokerId, BrokerState>) {
        let log = std::mem::take(&mut self.log);
        *self = Self::new(replicas, brokers);
        self.log = log;
    }

    /// A broker has gone or come back.
    pub(super) fn broker_switched(&mut self, broker: BrokerId, brokers: &BTreeMap<BrokerId, BrokerState>) {
        if !self.replicas.contains(&broker) {
            return;
        }
        if brokers[&broker].alive {
            self.broker_started(broker, brokers);
        } else {
            self.broker_stopped(broker);
        }
    }

    fn broker_stopped(&mut self, broker: BrokerId) {
        if self.isr == [broker] {
            self.last_in_sync = Some(broker);
        }
        self.isr.retain(|id| *id != broker);
        if self.leader == Some(broker) {
            let in_sync = |id: &&BrokerId| self.isr.contains(id);
            self.leader = self.replicas.iter().find(in_sync).copied();
        }
    }

    /// Catching up takes no time here. Leadership that moved stays where it is, as in Kafka until the
    /// preferred leader is elected; a partition without one waits for the last that was in sync.
    fn broker_started(&mut self, broker: BrokerId, brokers: &BTreeMap<BrokerId, BrokerState>) {
        if self.leader.is_some() {
            self.isr.push(broker);
        } else if self.last_in_sync == Some(broker) {
            self.leader = Some(broker);
            self.isr = vec![broker];
            let followers = self.replicas.iter().copied().filter(|id| *id != broker);
            self.isr.extend(followers.filter(|id| brokers[id].alive));
            self.last_in_sync = None;
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
