//! What a plan says beside what it does.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::change::ChangeKind;
use crate::model::policy::UnjudgedBound;
use crate::model::{BrokerId, ConfigKey, Printable, ReadError, Replication, RequiredAcl, Service, TopicName};

/// Something worth knowing that changes nothing.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Note {
    /// An older name of the topic exists on the cluster; it is left as it is.
    AliasExists {
        /// The older name.
        alias: TopicName,
    },
    /// The broker hides the value of a declared key, so it cannot be compared.
    HiddenValue {
        /// The key.
        key: ConfigKey,
    },
    /// The cluster does not list a config that the file states: it would not keep it, so that nothing is set.
    NotListed {
        /// The key.
        key: ConfigKey,
    },
    /// The service behind the cluster is known to take a config and not to keep it.
    DroppedByService {
        /// The key.
        key: ConfigKey,
        /// The service.
        service: Service,
    },
    /// A stated value is in force. The cluster shows it as inherited, and does not tell whether it is the topic's own.
    InForce {
        /// The key.
        key: ConfigKey,
    },
    /// A stated value is in force as an inherited one, and the broker refuses to set it on the topic.
    NotPinned {
        /// The key.
        key: ConfigKey,
        /// The broker's words.
        words: Printable,
    },
    /// The cluster took a value and shows another one.
    KeptOtherwise {
        /// The key.
        key: ConfigKey,
        /// The value that is shown; `None` where the config is not listed.
        shown: Option<Printable>,
    },
    /// The cluster created the topic with other counts than the file states.
    CreatedOtherwise {
        /// What the file states.
        stated: String,
        /// What the cluster shows.
        shown: String,
    },
    /// The configs of the topic could not be read, so that those that the file states are not compared.
    ConfigsUnread {
        /// Why not.
        why: ReadError,
    },
    /// What a key would be reset to is not known, so that the worst is assumed of it.
    ResetUnknown {
        /// The key.
        key: ConfigKey,
        /// Why the broker did not tell.
        why: ReadError,
    },
    /// What a broker with a replica of the topic inherits to it is not known, so that the worst is assumed.
    ValuesUnread {
        /// The broker.
        broker: BrokerId,
        /// Why it did not tell.
        why: ReadError,
    },
    /// A throttle that a run of this tool set on the topic is still there: it is for replicas that are being
    /// moved, or was left by a run that did not come to its end.
    ThrottleLeft,
    /// Whether replicas of the topic are being moved is not known.
    ReassignmentsUnread {
        /// Why the cluster did not tell.
        why: ReadError,
    },
    /// Partitions have different numbers of replicas; the controller gives new ones as many as one of them has.
    GrowsMixed {
        /// The fewest and the most replicas of any partition.
        replication: Replication,
    },
    /// Brokers that are alive and take no new replicas: replicas are placed on others.
    Cordoned {
        /// Those brokers.
        brokers: BTreeSet<BrokerId>,
    },
    /// A new topic gets replicas on brokers that are down: they are not in sync until those are back.
    CreatedBesideDown {
        /// The registered brokers that are down.
        brokers: BTreeSet<BrokerId>,
    },
    /// Whether brokers take new replicas is not known.
    CordonsUnread {
        /// Why a broker did not tell.
        why: ReadError,
    },
    /// The new topic's producers with acks=all stop as soon as any one broker is down.
    NoBrokerToSpare {
        /// `min.insync.replicas` and replication alike.
        replicas: i64,
    },
    /// `min.insync.replicas` is above the number of replicas, and brokers take the smaller of both.
    MinInsyncCapped {
        /// The value that the topic will have.
        value: i64,
        /// The replicas that it will have.
        replication: Replication,
    },
    /// `min.insync.replicas` is above the number of replicas, which before Kafka 3.7 refuses every producer with acks=all.
    MinInsyncAboveReplicas {
        /// The value that the topic will have.
        value: i64,
        /// The replicas that it will have.
        replication: Replication,
    },
    /// The topic does not keep the policy, and is exempt from it.
    ExemptFromPolicy {
        /// Why, in the words of the file.
        reason: Arc<str>,
    },
    /// A bound of the policy could not be judged.
    PolicyNotJudged(UnjudgedBound),
    /// The broker was not asked whether it would accept this part, or did not answer.
    NotValidated {
        /// Which part of the plan.
        kind: ChangeKind,
        /// Why not.
        why: Unvalidated,
    },
}

impl Note {
    /// The right that this principal lacks, if the note is of one.
    pub fn missing_right(&self) -> Option<&RequiredAcl> {
        match self {
            Self::NotValidated {
                why: Unvalidated::NeedsRight(right),
                ..
            } => Some(right),
            Self::ConfigsUnread { why }
            | Self::ResetUnknown { why, .. }
            | Self::ValuesUnread { why, .. }
            | Self::ReassignmentsUnread { why }
            | Self::CordonsUnread { why } => why.missing.as_ref(),
            Self::NotValidated {
                why: Unvalidated::NoAnswer(_) | Unvalidated::NotAsked,
                ..
            }
            | Self::ThrottleLeft
            | Self::GrowsMixed { .. }
            | Self::Cordoned { .. }
            | Self::CreatedBesideDown { .. }
            | Self::AliasExists { .. }
            | Self::HiddenValue { .. }
            | Self::NotListed { .. }
            | Self::InForce { .. }
            | Self::DroppedByService { .. }
            | Self::NotPinned { .. }
            | Self::KeptOtherwise { .. }
            | Self::CreatedOtherwise { .. }
            | Self::NoBrokerToSpare { .. }
            | Self::MinInsyncCapped { .. }
            | Self::MinInsyncAboveReplicas { .. }
            | Self::ExemptFromPolicy { .. }
            | Self::PolicyNotJudged(_) => None,
        }
    }
}

/// Why the broker did not say whether it would accept a part of the plan.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Unvalidated {
    /// This principal lacks a right, which the write itself needs too.
    NeedsRight(RequiredAcl),
    /// The cluster is not known to create nothing when it is asked to validate only.
    NotAsked,
    /// There was no answer, or none that says anything. Apply does not write then: what was not
    /// validated could fail half-way.
    NoAnswer(Arc<str>),
}

impl std::fmt::Display for Unvalidated {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::NeedsRight(right) => write!(f, "needs {right}"),
            Self::NotAsked => f.write_str(
                "the cluster is not known to create nothing when it is only asked to validate (validate_only)",
            ),
            Self::NoAnswer(why) => f.write_str(why),
        }
    }
}
