//! What the file asks for and Kafka, the cluster or the file itself does not allow.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::change::ChangeKind;
use crate::model::policy::Breach;
use crate::model::{BrokerId, ConfigText, Declared, Origin, PartitionCount, Replication, ReplicationFactor};

/// Something that the file asks for and that cannot be done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refusal {
    /// Kafka has no way to take partitions away.
    FewerPartitions {
        /// As observed.
        from: PartitionCount,
        /// As declared; smaller.
        to: Declared<PartitionCount>,
    },
    /// Somebody is moving partitions to another number of replicas.
    ReassignedElsewhere {
        /// As declared.
        to: Declared<ReplicationFactor>,
        /// The replicas that those partitions are on their way to.
        partitions: BTreeMap<i32, Vec<BrokerId>>,
    },
    /// More replicas than brokers are alive: a copy on a broker that is not would not be one.
    ReplicationAboveLiveBrokers {
        /// As declared.
        to: Declared<ReplicationFactor>,
        /// The brokers that are alive.
        alive: usize,
    },
    /// More replicas than the cluster has brokers.
    ReplicationAboveBrokers {
        /// As declared.
        to: Declared<ReplicationFactor>,
        /// The brokers that are registered, dead ones included.
        registered: usize,
    },
    /// No producer with acks=all could ever write.
    MinInsyncAboveReplication {
        /// The value that `min.insync.replicas` would have.
        wanted: i64,
        /// Where it is declared; `None` where it would be inherited after a reset.
        declared: Option<Box<Declared<ConfigText>>>,
        /// The replicas that the topic has or would get.
        replication: Replication,
    },
    /// The file protects the topic from being deleted.
    Protected {
        /// Where it says `protect: true`.
        stated: Origin,
    },
    /// The topic does not keep a bound of the policy.
    BreaksPolicy(Box<Breach>),
    /// The broker was asked and says no.
    RejectedByBroker {
        /// Which part of the plan it was asked about.
        kind: ChangeKind,
        /// Its own words.
        words: Arc<str>,
    },
}
