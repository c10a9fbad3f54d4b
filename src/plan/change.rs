//! What a plan can do: changes with their risk. Each variant carries exactly
//! what its case needs, so that whoever speaks of it has the numbers at hand.

use std::collections::{BTreeMap, BTreeSet};

use super::risk::Risk;
use crate::model::{
    BrokerId, ConfigKey, ConfigText, Declared, Inherited, ObservedConfig, PartitionCount, Pattern, Place,
    Reassignment, Replication, ReplicationFactor, TopicId, ValueByBroker,
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
    /// Partitions that are being moved keep the replicas that they had.
    CancelMoves(Cancellation),
    /// The topic gets its own value for a config.
    SetConfig(ConfigSet),
    /// The topic loses an override that the file does not set.
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
    /// [`Change::CancelMoves`]
    CancelMoves,
    /// [`Change::Delete`]
    Delete,
}

impl ChangeKind {
    /// All kinds in the order in which apply writes them.
    pub const IN_ORDER: [Self; 6] = [
        Self::Create,
        Self::Configs,
        Self::Partitions,
        Self::Reassignments,
        Self::CancelMoves,
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
            Self::CancelMoves(_) => ChangeKind::CancelMoves,
            Self::Delete(_) => ChangeKind::Delete,
        }
    }

    /// The config that would be set to the value that every broker inherits to the topic, if that is all.
    pub fn pin(&self) -> Option<&ConfigKey> {
        let Self::SetConfig(set) = self else {
            return None;
        };
        let shown = set.from.as_ref()?;
        let is_in_force = shown.is_inherited_as(&set.key, set.to.value.reveal());
        (is_in_force && set.from_by_broker.is_empty()).then_some(&set.key)
    }

    /// Somebody else's words, without values of this change that are secret.
    #[must_use]
    pub fn hidden_in(&self, words: &str) -> String {
        let values: Vec<&ConfigText> = match self {
            Self::Create(creation) => creation.configs.values().map(|to| &to.value).collect(),
            Self::SetConfig(set) => vec![&set.to.value],
            Self::Delete(_)
            | Self::GrowPartitions(_)
            | Self::Reassign(_)
            | Self::CancelMoves(_)
            | Self::ResetConfig(_) => Vec::new(),
        };
        values.into_iter().fold(words.to_owned(), |words, value| {
            value.hidden_in(&words).into_owned()
        })
    }

    /// Where the file states what leads to the change; `None` where it says nothing, or all of a topic.
    pub fn declared_at(&self) -> Option<&Place> {
        match self {
            Self::GrowPartitions(growth) => Some(&growth.to.origin.place),
            Self::Reassign(change) => Some(&change.to.origin.place),
            Self::SetConfig(set) => Some(&set.to.origin.place),
            Self::Delete(deletion) => match &deletion.cause {
                DeletionCause::StatedAbsent(place) => Some(place),
                DeletionCause::Pruned(_) => None,
            },
            Self::Create(_) | Self::CancelMoves(_) | Self::ResetConfig(_) => None,
        }
    }

    /// The other replicas, if that is what it is.
    pub fn reassignment(&self) -> Option<&ReplicationChange> {
        match self {
            Self::Reassign(change) => Some(change),
            Self::Create(_)
            | Self::Delete(_)
            | Self::GrowPartitions(_)
            | Self::CancelMoves(_)
            | Self::SetConfig(_)
            | Self::ResetConfig(_) => None,
        }
    }

    /// Whether both change the same part of a topic, whatever they make of it.
    pub fn targets_same(&self, other: &Self) -> bool {
        let key = |change: &Self| match change {
            Self::SetConfig(set) => Some(set.key.clone()),
            Self::ResetConfig(reset) => Some(reset.key.clone()),
            Self::Create(_)
            | Self::Delete(_)
            | Self::GrowPartitions(_)
            | Self::Reassign(_)
            | Self::CancelMoves(_) => None,
        };
        std::mem::discriminant(self) == std::mem::discriminant(other) && key(self) == key(other)
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
                | Self::CancelMoves(_)
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
    /// They come after the replicas of the others have moved: before, the broker would give them another number.
    pub after_replicas: bool,
    /// Partitions that are being moved, with the replicas that they will have: while the controller counts those that
    /// they have meanwhile, it refuses the number that all will have.
    pub beside_moves: BTreeMap<i32, Vec<BrokerId>>,
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

/// Moves that are taken back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cancellation {
    /// The moves, by partition, as they were seen.
    pub moves: BTreeMap<i32, Reassignment>,
}

impl Cancellation {
    /// The brokers that lose what they have copied so far.
    pub fn dropped(&self) -> BTreeSet<BrokerId> {
        self.moves
            .values()
            .flat_map(|moving| &moving.adding)
            .copied()
            .collect()
    }
}

/// A partition that gets other replicas.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ReplicaMove<'a> {
    /// Its replicas before.
    pub from: &'a [BrokerId],
    /// Its replicas in the end.
    pub to: &'a [BrokerId],
}

impl ReplicaMove<'_> {
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
    pub fn moves(&self) -> impl Iterator<Item = (i32, ReplicaMove<'_>)> {
        let each = (0..).zip(self.before.iter().zip(&self.after));
        each.map(|(index, (from, to))| (index, ReplicaMove { from, to }))
            .filter(|(_, moved)| moved.from != moved.to)
    }

    /// Those of them that are to be sent: the others are on their way.
    pub fn sent(&self) -> impl Iterator<Item = (i32, ReplicaMove<'_>)> {
        self.moves().filter(|(index, _)| !self.under_way.contains(index))
    }

    /// All that has to be done is to wait.
    pub fn is_only_under_way(&self) -> bool {
        self.sent().next().is_none()
    }

    /// The same partitions need other replicas, and all that would be sent have the ones that they had then:
    /// what somebody else has begun meanwhile, if only to reorder them, is not to be overwritten.
    fn is_as_approved(&self, then: &Self) -> bool {
        let is_as_it_was = |(index, moved): (i32, ReplicaMove<'_>)| {
            let now = usize::try_from(index)
                .ok()
                .and_then(|index| self.before.get(index));
            now.is_some_and(|now| now == moved.from) && !self.under_way.contains(&index)
        };
        // Partitions that came on top have changes of their own.
        let counts = self.before.len().min(then.before.len());
        let is_known = |index: i32| usize::try_from(index).is_ok_and(|index| index < counts);
        let wanting = |change: &Self| -> Vec<(i32, Vec<BrokerId>)> {
            let sent = change
                .sent()
                .filter(|(index, moved)| is_known(*index) && moved.from.len() != moved.to.len());
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
    /// The inherited value by broker, where the brokers that decide differ or do not tell.
    pub from_by_broker: ValueByBroker,
    /// The declared value.
    pub to: Declared<ConfigText>,
}

/// An override that is reset, since the file does not set it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConfigReset {
    /// Which config.
    pub key: ConfigKey,
    /// The override.
    pub from: ObservedConfig,
    /// What shows in its place; `None` where the broker did not tell.
    pub to: Option<Inherited>,
    /// The same by broker, where the brokers that decide differ or do not tell.
    pub to_by_broker: ValueByBroker,
}

/// A change with its risk.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlannedChange {
    /// What would be done.
    pub change: Change,
    /// What could go wrong with it.
    pub risk: Risk,
}
