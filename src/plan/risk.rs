//! What a change could cost, by kind of change, by the values it goes between, and by what the cluster
//! holds, where that was read. Until it was, whatever could delete anything counts as lossy.
//!
//! The classes are ordered. The impossible is not among them: it is a [`super::Refusal`] and never
//! reaches the gate as a change.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use super::effects::effect_class;
use super::forecast::Copied;
use super::impact::{Amount, Compacted, Deleted, Grown, Loss, Sampled};
use super::unclean::Leaderless;
use crate::model::known::effects::Effect;
use crate::model::{BrokerId, ConfigKey, Known, MappedTopic, PartitionCount, Replication, ReplicationFactor};

/// How careful apply has to be with a change.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum RiskClass {
    /// Apply does it, on a terminal and in a script alike.
    Safe,
    /// Apply asks, or needs `--yes`.
    Caution,
    /// Apply needs `--allow-data-loss`.
    Lossy,
}

/// Why a change may not be safe. What was read of the cluster (`None`: not looked at) decides.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Reason {
    /// Records older than the new limit would be deleted.
    ShorterRetention {
        /// Milliseconds now; `None` is forever.
        from: Option<i64>,
        /// Milliseconds then.
        to: i64,
        /// What goes.
        loss: Option<Box<Loss>>,
    },
    /// Records beyond the new size would be deleted.
    SmallerRetention {
        /// Bytes per partition now; `None` is unlimited.
        from: Option<i64>,
        /// Bytes per partition then.
        to: i64,
        /// What goes.
        loss: Option<Box<Loss>>,
    },
    /// What the override hides could not be read, so what a reset leads to is not known.
    UnknownInherited {
        /// What it can lead to for this key: a smaller `max.message.bytes` stops producers but deletes
        /// nothing.
        worst: RiskClass,
    },
    /// The cleanup policy starts to delete records by age or size.
    StartsDeleting {
        /// What goes by the limits that are then in force.
        loss: Option<Box<Loss>>,
    },
    /// The cleanup policy starts to keep only the latest record of each key.
    StartsCompacting {
        /// What it finds.
        found: Option<Box<Compacted>>,
    },
    /// Tiered records would be deleted with the remote log.
    RemoteStorageDisabled {
        /// What goes.
        loss: Option<Box<Loss>>,
    },
    /// Everything in the topic goes.
    DeletesTopic {
        /// What that is, and who uses it.
        deleted: Option<Box<Deleted>>,
    },
    /// Records with the same key move to other partitions, and consumers at `latest` can miss the first ones.
    MovesKeys {
        /// Partitions now.
        from: PartitionCount,
        /// Partitions then.
        to: PartitionCount,
        /// Whom that concerns.
        grown: Option<Box<Grown>>,
    },
    /// Brokers copy what the topic holds, which takes network and disks.
    CopiesReplicas {
        /// How much, and where to.
        copied: Option<Box<Copied>>,
    },
    /// Fewer brokers hold each record.
    FewerReplicas {
        /// Replicas now.
        from: Replication,
        /// Replicas then.
        to: ReplicationFactor,
        /// What brokers can delete then.
        freed: Option<Box<Copied>>,
    },
    /// Moves are taken back, and what was copied for them is deleted.
    DropsCopies {
        /// The brokers that lose what they have copied so far.
        brokers: BTreeSet<BrokerId>,
    },
    /// The controller forgets which replicas may lead without loss (KIP-966).
    ForgetsEligibleLeaders {
        /// Partitions that have such replicas, and those.
        partitions: BTreeMap<i32, BTreeSet<BrokerId>>,
        /// Those of them that have no leader, and could get one of these.
        leaderless: BTreeSet<i32>,
    },
    /// Producers with acks=all stop until more replicas are in sync.
    MinInsyncAboveIsr {
        /// The value wanted.
        to: i64,
        /// The size of the smallest ISR.
        isr: usize,
    },
    /// Any one broker down stops producers with acks=all.
    NoBrokerToSpare {
        /// The value wanted, which is also the replication.
        to: i64,
    },
    /// Producers that send larger batches start to fail.
    SmallerMessages {
        /// Bytes now.
        from: i64,
        /// Bytes then.
        to: i64,
        /// The latest batches.
        sample: Option<Known<Sampled>>,
    },
    /// Records that newer ones supersede were kept for some time, and can be compacted away earlier.
    CompactsSooner {
        /// Milliseconds for which they are kept now.
        from: i64,
        /// Milliseconds then.
        to: i64,
        /// What can be compacted away that could not be now.
        loss: Option<Box<Loss>>,
    },
    /// A replica that missed records may become leader; what it missed is lost.
    UncleanElection {
        /// The partitions that wait for a leader, which get one at once.
        leaderless: BTreeMap<i32, Leaderless>,
    },
    /// Something else that this change can do, from the table of effects.
    HasEffect {
        /// What.
        effect: &'static Effect,
        /// The records that are there, where the effect is on those and they were counted.
        records: Option<Amount>,
    },
    /// No examined release of Kafka has this config.
    UnknownKey {
        /// The config.
        key: ConfigKey,
    },
    /// The old value of a key that can cost data is hidden or not understood, so it cannot be compared.
    CannotCompare {
        /// The key.
        key: ConfigKey,
    },
    /// Somebody set the override on the cluster, the file does not mention it, and another value comes into force.
    ResetsUnlisted,
    /// Brokers find something in a topic of Kafka's own by its number of partitions.
    RemapsInternalTopic {
        /// The topic.
        topic: MappedTopic,
    },
}

impl Reason {
    /// The class that this reason alone would give.
    pub fn class(&self) -> RiskClass {
        match self {
            Self::UnknownInherited { worst } => *worst,
            Self::ShorterRetention { loss, .. }
            | Self::SmallerRetention { loss, .. }
            | Self::StartsDeleting { loss }
            | Self::RemoteStorageDisabled { loss }
            | Self::CompactsSooner { loss, .. } => loss.as_deref().map_or(RiskClass::Lossy, Loss::class),
            Self::UncleanElection { leaderless } if leaderless.is_empty() => RiskClass::Caution,
            Self::HasEffect { effect, records } => {
                effect_class(effect, records.is_some_and(Amount::is_nothing))
            }
            Self::StartsCompacting { found } => found.as_deref().map_or(RiskClass::Lossy, Compacted::class),
            Self::DeletesTopic { deleted } => deleted.as_deref().map_or(RiskClass::Lossy, Deleted::class),
            Self::MovesKeys { grown, .. } => grown.as_deref().map_or(RiskClass::Caution, Grown::class),
            Self::SmallerMessages { to, sample, .. } => smaller_messages(*to, sample.as_ref()),
            Self::RemapsInternalTopic { topic } => remapped(*topic),
            Self::UncleanElection { .. } | Self::CannotCompare { .. } => RiskClass::Lossy,
            Self::CopiesReplicas { copied } => copied.as_deref().map_or(RiskClass::Caution, Copied::class),
            Self::ForgetsEligibleLeaders { leaderless, .. } if !leaderless.is_empty() => RiskClass::Lossy,
            Self::FewerReplicas { .. }
            | Self::DropsCopies { .. }
            | Self::ForgetsEligibleLeaders { .. }
            | Self::MinInsyncAboveIsr { .. }
            | Self::NoBrokerToSpare { .. }
            | Self::ResetsUnlisted
            | Self::UnknownKey { .. } => RiskClass::Caution,
        }
    }
}

/// What lies in the old partition is not found any more, which is as good as lost. Tiered storage finds its records
/// again once the brokers' configs say the new number.
fn remapped(topic: MappedTopic) -> RiskClass {
    match topic {
        MappedTopic::ConsumerOffsets | MappedTopic::TransactionState | MappedTopic::ShareGroupState => {
            RiskClass::Lossy
        }
        MappedTopic::RemoteLogMetadata => RiskClass::Caution,
    }
}

/// Producers are taken to go on as they always did; what they did lately does not say that. A broker holds a batch
/// to the limit as it was sent, and once more as it recompressed it (`UnifiedLog.append`).
fn smaller_messages(to: i64, sample: Option<&Known<Sampled>>) -> RiskClass {
    match sample.and_then(Known::read) {
        Some(sample) if sample.complete && !sample.is_thinned && sample.largest_sent <= to => RiskClass::Safe,
        Some(_) | None => RiskClass::Caution,
    }
}

impl Reason {
    /// The data that goes for this reason, where that was read.
    pub fn loss(&self) -> Option<&Loss> {
        match self {
            Self::ShorterRetention { loss, .. }
            | Self::SmallerRetention { loss, .. }
            | Self::StartsDeleting { loss }
            | Self::RemoteStorageDisabled { loss }
            | Self::CompactsSooner { loss, .. } => loss.as_deref(),
            Self::DeletesTopic { deleted } => deleted.as_deref().map(|deleted| &deleted.loss),
            Self::UnknownInherited { .. }
            | Self::StartsCompacting { .. }
            | Self::MovesKeys { .. }
            | Self::CopiesReplicas { .. }
            | Self::FewerReplicas { .. }
            | Self::DropsCopies { .. }
            | Self::ForgetsEligibleLeaders { .. }
            | Self::MinInsyncAboveIsr { .. }
            | Self::NoBrokerToSpare { .. }
            | Self::SmallerMessages { .. }
            | Self::ResetsUnlisted
            | Self::RemapsInternalTopic { .. }
            | Self::UncleanElection { .. }
            | Self::HasEffect { .. }
            | Self::UnknownKey { .. }
            | Self::CannotCompare { .. } => None,
        }
    }
}

impl Reason {
    /// What brokers copy and free, where that was read.
    pub(super) fn copied(&self) -> Option<&Copied> {
        match self {
            Self::CopiesReplicas { copied } => copied.as_deref(),
            Self::FewerReplicas { freed, .. } => freed.as_deref(),
            Self::UnknownInherited { .. }
            | Self::ShorterRetention { .. }
            | Self::SmallerRetention { .. }
            | Self::StartsDeleting { .. }
            | Self::RemoteStorageDisabled { .. }
            | Self::DeletesTopic { .. }
            | Self::StartsCompacting { .. }
            | Self::MovesKeys { .. }
            | Self::DropsCopies { .. }
            | Self::ForgetsEligibleLeaders { .. }
            | Self::MinInsyncAboveIsr { .. }
            | Self::NoBrokerToSpare { .. }
            | Self::SmallerMessages { .. }
            | Self::ResetsUnlisted
            | Self::RemapsInternalTopic { .. }
            | Self::CompactsSooner { .. }
            | Self::UncleanElection { .. }
            | Self::HasEffect { .. }
            | Self::UnknownKey { .. }
            | Self::CannotCompare { .. } => None,
        }
    }
}

/// The risk of one change: its reasons, and the class that follows from them.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Risk {
    reasons: BTreeSet<Reason>,
}

impl Risk {
    /// Nothing to fear.
    pub fn none() -> Self {
        Self::default()
    }

    /// A risk for these reasons; none at all is safe.
    pub fn because(reasons: impl IntoIterator<Item = Reason>) -> Self {
        Self {
            reasons: reasons.into_iter().collect(),
        }
    }

    /// The reasons, in a fixed order.
    pub fn reasons(&self) -> impl Iterator<Item = &Reason> {
        self.reasons.iter()
    }

    /// The same risk with one more reason.
    #[must_use]
    pub(super) fn and(mut self, reason: Reason) -> Self {
        self.reasons.insert(reason);
        self
    }

    pub(super) fn into_reasons(self) -> BTreeSet<Reason> {
        self.reasons
    }

    /// The same risk, each reason put anew.
    pub(super) fn weighed(self, estimate: impl Fn(Reason) -> Reason) -> Self {
        Self::because(self.reasons.into_iter().map(estimate))
    }

    /// One reason more.
    pub(super) fn add(&mut self, reason: Reason) {
        self.reasons.insert(reason);
    }

    /// The worst class of any reason.
    pub fn class(&self) -> RiskClass {
        self.reasons
            .iter()
            .map(Reason::class)
            .max()
            .unwrap_or(RiskClass::Safe)
    }
}
