//! Changes and their risk.

use schemars::JsonSchema;
use serde::Serialize;

use super::risk::RiskJson;
use super::value::{
    DeclaredCount, DeclaredValue, InheritedValue, ObservedValue, PlaceJson, ReplicationJson, ValueOnBrokers,
};
use crate::model::{BrokerId, ConfigKey, ConfigText, Declared, Reassignment, TopicId};
use crate::plan;
use crate::render::words;

/// One thing that apply would do to one topic.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "PlannedChange", deny_unknown_fields)]
pub(super) struct PlannedChangeJson<'a> {
    /// What would be done.
    #[serde(flatten)]
    action: Action<'a>,
    /// The change in a few words.
    message: String,
    /// What could go wrong with it.
    risk: RiskJson<'a>,
}

impl<'a> From<&'a plan::PlannedChange> for PlannedChangeJson<'a> {
    fn from(planned: &'a plan::PlannedChange) -> Self {
        Self {
            action: (&planned.change).into(),
            message: words::change(&planned.change),
            risk: (&planned.risk).into(),
        }
    }
}

/// What is done, and what that takes.
#[derive(Serialize, JsonSchema)]
#[serde(tag = "action", rename_all = "snake_case")]
pub(super) enum Action<'a> {
    /// The topic does not exist yet.
    Create {
        /// How many partitions; null leaves it to the cluster's `num.partitions`.
        partitions: Option<DeclaredCount<'a>>,
        /// How many replicas; null leaves it to the cluster's `default.replication.factor`.
        replication: Option<DeclaredCount<'a>>,
        /// The overrides it starts with, by key.
        configs: Vec<DeclaredConfig<'a>>,
    },
    /// The topic exists and should not.
    Delete {
        /// The id of the topic that was seen, as Kafka's tools print it.
        topic_id: TopicIdText,
        /// How many partitions it has.
        partitions: usize,
        /// Why it goes.
        cause: DeletionCauseJson<'a>,
    },
    /// The topic gets more partitions.
    GrowPartitions {
        /// How many there are.
        #[schemars(range(min = 1))]
        from: i32,
        /// How many there are to be.
        to: DeclaredCount<'a>,
        /// The replicas of the new partitions, preferred leader first; empty where Kafka places them.
        replicas: Vec<Vec<i32>>,
        /// Whether they are added only when the replicas of the others have moved.
        after_replicas: bool,
    },
    /// Partitions get other replicas.
    Reassign {
        /// How many replicas there are, those left out that are only being added.
        from: ReplicationJson,
        /// How many there are to be.
        to: DeclaredCount<'a>,
        /// The partitions with other replicas, or the same ones in another order.
        partitions: Vec<PartitionMoveJson>,
    },
    /// Partitions that are being moved keep the replicas that they had.
    CancelMoves {
        /// Those partitions.
        partitions: Vec<CancelledMove>,
    },
    /// The topic gets its own value for a config.
    SetConfig {
        /// Which config.
        key: &'a str,
        /// What it shows now; null where the broker does not list the key.
        from: Option<ObservedValue<'a>>,
        /// What it shows on which brokers, where those that hold the topic differ or do not tell; else empty.
        from_by_broker: Vec<ValueOnBrokers<'a>>,
        /// The declared value.
        to: DeclaredValue<'a>,
    },
    /// The topic loses an override that the file does not set.
    ResetConfig {
        /// Which config.
        key: &'a str,
        /// The override.
        from: ObservedValue<'a>,
        /// What shows in its place; null where the broker did not tell.
        to: Option<InheritedValue<'a>>,
        /// What shows on which brokers, where those that hold the topic differ or do not tell; else empty.
        to_by_broker: Vec<ValueOnBrokers<'a>>,
    },
}

impl<'a> From<&'a plan::Change> for Action<'a> {
    fn from(change: &'a plan::Change) -> Self {
        match change {
            plan::Change::Create(creation) => Self::Create {
                partitions: creation.partitions.as_ref().map(Into::into),
                replication: creation.replication.as_ref().map(Into::into),
                configs: creation.configs.iter().map(Into::into).collect(),
            },
            plan::Change::Delete(deletion) => Self::Delete {
                topic_id: deletion.id.into(),
                partitions: deletion.partitions,
                cause: (&deletion.cause).into(),
            },
            plan::Change::GrowPartitions(growth) => Self::GrowPartitions {
                from: growth.from.get(),
                to: (&growth.to).into(),
                replicas: growth.replicas.iter().map(|row| ids(row)).collect(),
                after_replicas: growth.after_replicas,
            },
            plan::Change::Reassign(change) => Self::Reassign {
                from: change.from.into(),
                to: (&change.to).into(),
                partitions: change
                    .moves()
                    .map(|moved| PartitionMoveJson::of_partition(change, moved))
                    .collect(),
            },
            plan::Change::CancelMoves(change) => Self::CancelMoves {
                partitions: change.moves.iter().map(Into::into).collect(),
            },
            plan::Change::SetConfig(set) => Self::SetConfig {
                key: set.key.as_str(),
                from: set.from.as_ref().map(|from| ObservedValue::new(&set.key, from)),
                from_by_broker: ValueOnBrokers::all(&set.key, &set.from_by_broker),
                to: DeclaredValue::beside(&set.key, &set.to, set.from.as_ref()),
            },
            plan::Change::ResetConfig(reset) => Self::ResetConfig {
                key: reset.key.as_str(),
                from: ObservedValue::new(&reset.key, &reset.from),
                to: reset.to.as_ref().map(|to| InheritedValue::new(&reset.key, to)),
                to_by_broker: ValueOnBrokers::all(&reset.key, &reset.to_by_broker),
            },
        }
    }
}

fn ids(brokers: &[BrokerId]) -> Vec<i32> {
    brokers.iter().map(|id| id.0).collect()
}

/// A partition that gets other replicas.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Move", deny_unknown_fields)]
pub(super) struct PartitionMoveJson {
    /// The partition's number.
    partition: i32,
    /// The brokers that hold it, preferred leader first.
    from: Vec<i32>,
    /// The brokers that will hold it, preferred leader first.
    to: Vec<i32>,
    /// Whether it is on its way already, so that nothing is sent.
    under_way: bool,
}

impl PartitionMoveJson {
    fn of_partition(
        change: &plan::ReplicationChange,
        (partition, moved): (i32, plan::ReplicaMove<'_>),
    ) -> Self {
        Self {
            partition,
            from: ids(moved.from),
            to: ids(moved.to),
            under_way: change.under_way.contains(&partition),
        }
    }
}

/// A move that is taken back.
#[derive(Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub(super) struct CancelledMove {
    /// The partition's number.
    partition: i32,
    /// The brokers that it was on its way to, preferred leader first.
    moving_to: Vec<i32>,
    /// The brokers that lose what they copied so far.
    adding: Vec<i32>,
    /// The brokers that hold it afterwards, as before the move.
    stays_on: Vec<i32>,
}

impl From<(&i32, &Reassignment)> for CancelledMove {
    fn from((partition, moving): (&i32, &Reassignment)) -> Self {
        Self {
            partition: *partition,
            moving_to: ids(&moving.target()),
            adding: ids(&moving.adding),
            stays_on: ids(&moving.without_added()),
        }
    }
}

/// Why a topic is to be deleted.
#[derive(Serialize, JsonSchema)]
#[serde(tag = "code", rename_all = "snake_case")]
#[schemars(rename = "DeletionCause", deny_unknown_fields)]
pub(super) enum DeletionCauseJson<'a> {
    /// The file says `state: absent`.
    StatedAbsent {
        /// Where it says so.
        stated_at: PlaceJson<'a>,
    },
    /// The file does not name it, and `--prune` was given.
    Pruned {
        /// The pattern that matches it.
        pattern: &'a str,
    },
}

impl<'a> From<&'a plan::DeletionCause> for DeletionCauseJson<'a> {
    fn from(cause: &'a plan::DeletionCause) -> Self {
        match cause {
            plan::DeletionCause::StatedAbsent(place) => Self::StatedAbsent {
                stated_at: place.into(),
            },
            plan::DeletionCause::Pruned(pattern) => Self::Pruned {
                pattern: pattern.as_str(),
            },
        }
    }
}

/// A config that the file declares.
#[derive(Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub(super) struct DeclaredConfig<'a> {
    /// Which config.
    key: &'a str,
    /// The declared value.
    value: DeclaredValue<'a>,
}

impl<'a> From<(&'a ConfigKey, &'a Declared<ConfigText>)> for DeclaredConfig<'a> {
    fn from((key, declared): (&'a ConfigKey, &'a Declared<ConfigText>)) -> Self {
        Self {
            key: key.as_str(),
            value: DeclaredValue::new(key, declared),
        }
    }
}

/// A topic's id, as Kafka's tools print it: 22 characters of URL-safe base64.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "TopicId")]
pub(super) struct TopicIdText(#[schemars(regex(pattern = "^[A-Za-z0-9_-]{22}$"))] String);

impl From<TopicId> for TopicIdText {
    fn from(id: TopicId) -> Self {
        Self(id.to_string())
    }
}
