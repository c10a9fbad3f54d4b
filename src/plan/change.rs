//! What a plan can hold: changes with their risk, refusals, and notes. Each variant carries exactly
//! what its case needs, so that whoever speaks of it has the numbers at hand.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::risk::Risk;
use crate::model::policy::{Breach, Open};
use crate::model::{
    BrokerId, ConfigKey, ConfigText, Declared, Inherited, ObservedConfig, Obstacle, Origin, PartitionCount,
    Pattern, Place, Replication, ReplicationFactor, Right, TopicId, TopicName,
};

/// One thing that apply would do to one topic.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change {
    /// The topic does not exist yet.
    Create(Creation),
    /// The topic exists and should not.
    Delete(Deletion),
    /// The topic gets more partitions.
    GrowPartitions(Growth),
    /// Partitions get other replicas.
    Reassign(ReplicationChange),
    /// The topic gets its own value for a config.
    SetConfig(ConfigSet),
    /// The topic loses an override that no layer declares.
    ResetConfig(ConfigReset),
}

/// The kinds of change, in the order in which apply writes them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ChangeKind {
    /// [`Change::Create`]
    Create,
    /// [`Change::SetConfig`] and [`Change::ResetConfig`], which go to the broker together.
    Configs,
    /// [`Change::GrowPartitions`]
    Partitions,
    /// [`Change::Reassign`]
    Reassignments,
    /// [`Change::Delete`]
    Delete,
}

impl ChangeKind {
    /// All kinds in the order in which apply writes them.
    pub const IN_ORDER: [Self; 5] = [
        Self::Create,
        Self::Configs,
        Self::Partitions,
        Self::Reassignments,
        Self::Delete,
    ];
}

impl Change {
    /// Which kind it is.
    pub fn kind(&self) -> ChangeKind {
        match self {
            Self::Create(_) => ChangeKind::Create,
            Self::SetConfig(_) | Self::ResetConfig(_) => ChangeKind::Configs,
            Self::GrowPartitions(_) => ChangeKind::Partitions,
            Self::Reassign(_) => ChangeKind::Reassignments,
            Self::Delete(_) => ChangeKind::Delete,
        }
    }

    /// The other replicas, if that is what it is.
    pub fn reassignment(&self) -> Option<&ReplicationChange> {
        match self {
            Self::Reassign(change) => Some(change),
            Self::Create(_)
            | Self::Delete(_)
            | Self::GrowPartitions(_)
            | Self::SetConfig(_)
            | Self::ResetConfig(_) => None,
        }
    }

    /// Whether it does the same from the same starting point. Where new replicas go is not part of that: it
    /// depends on what else the cluster holds, and any place that was chosen is as good.
    pub fn is_as_approved(&self, approved: &Self) -> bool {
        match (self, approved) {
            (Self::GrowPartitions(now), Self::GrowPartitions(then)) => {
                now.from == then.from && now.to == then.to
            }
            (Self::Reassign(now), Self::Reassign(then)) => now.is_as_approved(then),
            (
                Self::Create(_)
                | Self::Delete(_)
                | Self::GrowPartitions(_)
                | Self::Reassign(_)
                | Self::SetConfig(_)
                | Self::ResetConfig(_),
                _,
            ) => self == approved,
        }
    }
}

/// A topic to be created. What is `None` or missing is left to the cluster.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Creation {
    /// `None`: the cluster's `num.partitions`.
    pub partitions: Option<Declared<PartitionCount>>,
    /// `None`: the cluster's `default.replication.factor`.
    pub replication: Option<Declared<ReplicationFactor>>,
    /// The overrides it starts with.
    pub configs: BTreeMap<ConfigKey, Declared<ConfigText>>,
}

/// A topic to be deleted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Deletion {
    /// The id that was seen; another topic under the same name is not this one.
    pub id: TopicId,
    /// How many partitions it has.
    pub partitions: usize,
    /// Why it goes.
    pub cause: DeletionCause,
}

/// Why a topic is to be deleted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DeletionCause {
    /// The file says `state: absent`, here.
    StatedAbsent(Place),
    /// The file does not name it, and this pattern of `--prune` matches it.
    Pruned(Pattern),
}

/// More partitions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Growth {
    /// As observed.
    pub from: PartitionCount,
    /// As declared; larger.
    pub to: Declared<PartitionCount>,
    /// The replicas of the new partitions, preferred leader first; empty where the broker places them.
    pub replicas: Vec<Vec<BrokerId>>,
}

/// Another replication.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReplicationChange {
    /// As observed, by assigned replicas less those being added.
    pub from: Replication,
    /// As declared.
    pub to: Declared<ReplicationFactor>,
    /// The replicas of every partition as observed, less those being added; those of partitions that the
    /// plan adds as they will be made.
    pub before: Vec<Vec<BrokerId>>,
    /// The replicas of every partition in the end, preferred leader first.
    pub after: Vec<Vec<BrokerId>>,
    /// Partitions that are on their way there already, whoever sent them.
    pub under_way: BTreeSet<i32>,
}

/// A partition that gets other replicas.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Moved<'a> {
    /// Its replicas before.
    pub from: &'a [BrokerId],
    /// Its replicas in the end.
    pub to: &'a [BrokerId],
}

impl Moved<'_> {
    /// The brokers that get a copy.
    pub fn added(&self) -> Vec<BrokerId> {
        self.to
            .iter()
            .filter(|id| !self.from.contains(id))
            .copied()
            .collect()
    }

    /// The brokers that lose theirs.
    pub fn removed(&self) -> Vec<BrokerId> {
        self.from
            .iter()
            .filter(|id| !self.to.contains(id))
            .copied()
            .collect()
    }
}

impl ReplicationChange {
    /// The partitions with other replicas, or the same ones in another order, by index.
    pub fn moves(&self) -> impl Iterator<Item = (i32, Moved<'_>)> {
        let each = (0..).zip(self.before.iter().zip(&self.after));
        each.map(|(index, (from, to))| (index, Moved { from, to }))
            .filter(|(_, moved)| moved.from != moved.to)
    }

    /// Those of them that are to be sent: the others are on their way.
    pub fn sent(&self) -> impl Iterator<Item = (i32, Moved<'_>)> {
        self.moves().filter(|(index, _)| !self.under_way.contains(index))
    }

    /// All that has to be done is to wait.
    pub fn is_only_under_way(&self) -> bool {
        self.sent().next().is_none()
    }

    /// The same partitions need other replicas, and all that would be sent have the ones that they had then:
    /// what somebody else has begun meanwhile, if only to reorder them, is not to be overwritten.
    fn is_as_approved(&self, then: &Self) -> bool {
        let is_as_it_was = |(index, moved): (i32, Moved<'_>)| {
            let now = usize::try_from(index)
                .ok()
                .and_then(|index| self.before.get(index));
            now.is_some_and(|now| now == moved.from) && !self.under_way.contains(&index)
        };
        let wanting = |change: &Self| -> Vec<(i32, Vec<BrokerId>)> {
            let sent = change
                .sent()
                .filter(|(_, moved)| moved.from.len() != moved.to.len());
            sent.map(|(index, moved)| (index, moved.from.to_vec())).collect()
        };
        self.to == then.to && wanting(self) == wanting(then) && then.sent().all(is_as_it_was)
    }
}

/// A config that gets the declared value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConfigSet {
    /// Which config.
    pub key: ConfigKey,
    /// What it shows now, and why; `None` where the broker does not list the key.
    pub from: Option<ObservedConfig>,
    /// The declared value.
    pub to: Declared<ConfigText>,
}

/// An override that goes, since no layer declares it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConfigReset {
    /// Which config.
    pub key: ConfigKey,
    /// The override.
    pub from: ObservedConfig,
    /// What shows in its place; `None` where the broker did not tell.
    pub to: Option<Inherited>,
}

/// A change with its risk.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlannedChange {
    /// What would be done.
    pub change: Change,
    /// What could go wrong with it.
    pub risk: Risk,
}

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
    /// What a key would be reset to is not known, so that the worst is assumed of it.
    ResetUnknown {
        /// The key.
        key: ConfigKey,
        /// Why the broker did not tell.
        why: Obstacle,
    },
    /// A throttle that a run of this tool set on the topic is still there: it is for replicas that are being
    /// moved, or was left by a run that did not come to its end.
    ThrottleLeft,
    /// Whether replicas of the topic are being moved is not known.
    ReassignmentsUnread {
        /// Why the cluster did not tell.
        why: Obstacle,
    },
    /// The new topic's producers with acks=all stop as soon as any one broker is down.
    NoBrokerToSpare {
        /// `min.insync.replicas` and replication alike.
        replicas: i64,
    },
    /// The topic does not keep the policy, and is exempt from it.
    ExemptFromPolicy {
        /// Why, in the words of the file.
        reason: Arc<str>,
    },
    /// A bound of the policy could not be judged.
    PolicyNotJudged(Open),
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
    pub fn missing_right(&self) -> Option<&Right> {
        match self {
            Self::NotValidated {
                why: Unvalidated::NeedsRight(right),
                ..
            } => Some(right),
            Self::ResetUnknown { why, .. } | Self::ReassignmentsUnread { why } => why.missing.as_ref(),
            Self::NotValidated {
                why: Unvalidated::NoAnswer(_),
                ..
            }
            | Self::ThrottleLeft
            | Self::AliasExists { .. }
            | Self::HiddenValue { .. }
            | Self::NoBrokerToSpare { .. }
            | Self::ExemptFromPolicy { .. }
            | Self::PolicyNotJudged(_) => None,
        }
    }
}

/// Why the broker did not say whether it would accept a part of the plan.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Unvalidated {
    /// This principal lacks a right, which the write itself needs too.
    NeedsRight(Right),
    /// There was no answer, or none that says anything. Apply does not write then: what was not
    /// validated could fail half-way.
    NoAnswer(Arc<str>),
}

impl std::fmt::Display for Unvalidated {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::NeedsRight(right) => write!(f, "needs {right}"),
            Self::NoAnswer(why) => f.write_str(why),
        }
    }
}
