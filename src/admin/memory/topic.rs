//! One topic of the cluster.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::log::Log;
use super::state::BrokerState;
use crate::admin::OffsetPoint;
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
    /// Replicas that are not in sync yet, of a reassignment under way.
    pub(super) adding: Vec<BrokerId>,
    /// Replicas that go when those are.
    pub(super) removing: Vec<BrokerId>,
    pub(super) log: Log,
    /// Where the logs of those end that stopped, until they are in sync again.
    stopped_at: BTreeMap<BrokerId, Option<i64>>,
}

impl Topic {
    /// As many as the first partition in the controller's hash order has, those included that are being added. On
    /// Kafka 4.4 that is the last of 3 or 6 partitions, and the first of 2.
    pub(super) fn replicas_of_new_partitions(&self) -> usize {
        let first_in_hash_order = if self.partitions.len() < 3 {
            self.partitions.first()
        } else {
            self.partitions.last()
        };
        first_in_hash_order.map_or(1, |partition| partition.replicas.len())
    }
}

impl PartitionState {
    /// A new partition: only brokers that are alive are in sync, and the first of them leads.
    pub(super) fn new(replicas: Vec<BrokerId>, brokers: &BTreeMap<BrokerId, BrokerState>) -> Self {
        let isr: Vec<BrokerId> = replicas.iter().copied().filter(|id| brokers[id].alive).collect();
        Self {
            leader: isr.first().copied(),
            last_in_sync: None,
            adding: Vec::new(),
            removing: Vec::new(),
            replicas,
            isr,
            log: Log::default(),
            stopped_at: BTreeMap::new(),
        }
    }

    /// The end of one replica's log.
    pub(super) fn end_on(&self, broker: BrokerId) -> Option<i64> {
        let end = self.log.offset(OffsetPoint::Latest).offset;
        match self.stopped_at.get(&broker) {
            Some(stopped_at) if !self.isr.contains(&broker) => *stopped_at,
            Some(_) | None => end,
        }
    }

    /// Other replicas are wanted. What only goes, or only changes its order, is done at once.
    pub(super) fn assign(&mut self, target: &[BrokerId]) {
        let missing = |from: &[BrokerId], of: &[BrokerId]| -> Vec<BrokerId> {
            of.iter().copied().filter(|id| !from.contains(id)).collect()
        };
        self.removing = missing(target, &self.replicas);
        let known: Vec<BrokerId> = missing(&self.adding, &self.replicas);
        self.adding = missing(&known, target);
        self.replicas = [target, &self.removing].concat();
        self.finish_if_in_sync();
    }

    /// A move is taken back, if there is one.
    pub(super) fn cancel(&mut self) {
        let adding = std::mem::take(&mut self.adding);
        self.removing.clear();
        self.replicas.retain(|id| !adding.contains(id));
        self.isr.retain(|id| !adding.contains(id));
        if !self.leader.is_some_and(|leader| self.isr.contains(&leader)) {
            self.leader = self.replicas.iter().find(|id| self.isr.contains(id)).copied();
        }
    }

    pub(super) fn eligible_leaders(&self) -> BTreeSet<BrokerId> {
        let is_wanted = self.isr.is_empty();
        self.last_in_sync.into_iter().filter(|_| is_wanted).collect()
    }

    /// Those that were being added have caught up, where their brokers are alive.
    pub(super) fn catch_up(&mut self, brokers: &BTreeMap<BrokerId, BrokerState>) {
        for id in &self.adding {
            if brokers[id].alive && !self.isr.contains(id) {
                self.isr.push(*id);
            }
        }
        self.finish_if_in_sync();
    }

    /// Kafka's rule (`PartitionReassignmentReplicas`): done once those that are added are in sync, and
    /// somebody of the target is.
    fn finish_if_in_sync(&mut self) {
        let stays = |id: &&BrokerId| !self.removing.contains(id);
        let target: Vec<BrokerId> = self.replicas.iter().filter(stays).copied().collect();
        let isr: Vec<BrokerId> = self.isr.iter().filter(stays).copied().collect();
        if isr.is_empty() || !self.adding.iter().all(|id| isr.contains(id)) {
            return;
        }
        self.replicas = target;
        self.adding.clear();
        self.removing.clear();
        if !self.leader.is_some_and(|leader| isr.contains(&leader)) {
            self.leader = self.replicas.iter().find(|id| isr.contains(id)).copied();
        }
        self.isr = isr;
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
        self.stopped_at.insert(broker, self.end_on(broker));
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
        if self.adding.contains(&broker) {
            return;
        }
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
