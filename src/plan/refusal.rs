//! What the file asks for and Kafka, the cluster or the file itself does not allow.

use std::collections::{BTreeMap, BTreeSet};

use super::change::ChangeKind;
use crate::model::policy::{Breach, UnjudgedBound};
use crate::model::{
    BrokerId, ConfigKey, ConfigText, Declared, NotOffered, Origin, PartitionCount, Place, Printable,
    Replication, ReplicationFactor, TopicName,
};

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
    /// More replicas than brokers are alive and take new ones: a copy on a broker that is not alive would not be
    /// one, and the controller refuses an assignment to a cordoned one.
    ReplicationAboveLiveBrokers {
        /// As declared.
        to: Declared<ReplicationFactor>,
        /// The brokers that are alive and take new replicas.
        alive: usize,
        /// The brokers that are alive and take none.
        cordoned: BTreeSet<BrokerId>,
    },
    /// Partitions that have no leader cannot be copied from, and their records may be nowhere else than on a broker
    /// that is not there.
    MovesWithoutLeader {
        /// As declared.
        to: Declared<ReplicationFactor>,
        /// Those partitions, with the brokers that were in sync last, or hold replicas where that is not known.
        partitions: BTreeMap<i32, BTreeSet<BrokerId>>,
    },
    /// While partitions are moved to another number of replicas than the controller gives to new ones.
    GrowsWhileMoving {
        /// How many there are.
        from: PartitionCount,
        /// As declared.
        to: Declared<PartitionCount>,
        /// The partitions that are moved, and the replicas that they will have.
        partitions: BTreeMap<i32, Vec<BrokerId>>,
        /// The broker's own words, where it was asked.
        words: Option<Printable>,
    },
    /// Only replicas that a move added are in sync: without them, records would be lost.
    CancelLosesRecords {
        /// Those partitions, with the brokers that are in sync.
        partitions: BTreeMap<i32, BTreeSet<BrokerId>>,
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
    /// The controller takes the value, and brokers cannot open a topic that has it.
    BrokersCannotOpen {
        /// The config.
        key: ConfigKey,
        /// As declared.
        to: Box<Declared<ConfigText>>,
        /// Why not.
        why: Unopenable,
    },
    /// The file protects the topic from being deleted.
    Protected {
        /// Where it says `protect: true`.
        stated: Origin,
    },
    /// The name collides in metrics with that of a topic which the same plan deletes. Kafka refuses the topic as long
    /// as the other one is there, and deletions come last.
    CollidesWithDeleted {
        /// The other topic.
        other: TopicName,
    },
    /// More partitions than the run may give a topic (`--max-partitions`).
    PartitionsAboveLimit {
        /// As declared.
        to: Declared<PartitionCount>,
        /// So many at most.
        at_most: PartitionCount,
    },
    /// More partitions than a topic can be created with at once.
    TooManyToCreate {
        /// As declared.
        to: Declared<PartitionCount>,
        /// So many at most.
        at_most: PartitionCount,
    },
    /// The cluster deletes no topics at all (`delete.topic.enable`).
    DeletionDisabled,
    /// The topic does not keep a bound of the policy.
    BreaksPolicy(Box<Breach>),
    /// Whether the topic keeps a bound of the policy is not known, and nothing was said to let it pass.
    PolicyNotJudged(UnjudgedBound),
    /// The cluster has no request for it.
    NotOffered {
        /// Which part of the plan needs it.
        kind: ChangeKind,
        /// The request.
        missing: NotOffered,
    },
    /// The topic has an override of an older release, beside which the broker refuses every change of its configs.
    LeftoverConfig {
        /// The override.
        key: ConfigKey,
        /// The broker's own words.
        words: Printable,
    },
    /// The broker was asked and says no.
    RejectedByBroker {
        /// Which part of the plan it was asked about.
        kind: ChangeKind,
        /// Its own words.
        words: Printable,
    },
}

/// Why brokers cannot open a topic.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unopenable {
    /// An index has no room for an entry.
    IndexWithoutRoom,
    /// Before Kafka 3.7, a limit on brokers' own disks may not exceed that on everything.
    LocalAboveAll {
        /// The config with the limit on everything.
        all: &'static str,
    },
}

impl Refusal {
    /// Where the file states the value that is refused, and in which layer.
    pub fn origin(&self) -> Option<&Origin> {
        match self {
            Self::FewerPartitions { to, .. }
            | Self::GrowsWhileMoving { to, .. }
            | Self::PartitionsAboveLimit { to, .. }
            | Self::TooManyToCreate { to, .. } => Some(&to.origin),
            Self::ReassignedElsewhere { to, .. }
            | Self::ReplicationAboveLiveBrokers { to, .. }
            | Self::MovesWithoutLeader { to, .. }
            | Self::ReplicationAboveBrokers { to, .. } => Some(&to.origin),
            Self::MinInsyncAboveReplication { declared, .. } => {
                declared.as_ref().map(|declared| &declared.origin)
            }
            Self::BrokersCannotOpen { to, .. } => Some(&to.origin),
            Self::Protected { stated } => Some(stated),
            Self::BreaksPolicy(breach) => breach.stated.as_ref(),
            Self::CancelLosesRecords { .. }
            | Self::CollidesWithDeleted { .. }
            | Self::DeletionDisabled
            | Self::NotOffered { .. }
            | Self::LeftoverConfig { .. }
            | Self::PolicyNotJudged(_)
            | Self::RejectedByBroker { .. } => None,
        }
    }

    /// The place in the file that has to change: of a policy that no value in the file breaks, the policy's own.
    pub fn declared_at(&self) -> Option<&Place> {
        match (self, self.origin()) {
            (_, Some(origin)) => Some(&origin.place),
            (Self::BreaksPolicy(breach), None) => Some(&breach.policy),
            (_, None) => None,
        }
    }
}
