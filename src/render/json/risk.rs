//! Why a change may not be safe: for each reason a code that stays, its numbers, and the sentence.

use schemars::JsonSchema;
use serde::Serialize;

use super::impact::{AmountJson, Compaction, CopiedJson, GrowthJson, LossJson, RecordSampleJson, UsersJson};
use super::value::ReplicationJson;
use crate::plan;
use crate::render::{cost, words};

/// How careful apply is with a change.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(rename = "RiskClass")]
pub(super) enum RiskClassJson {
    /// It is made on a terminal and in a script alike.
    Safe,
    /// It is asked for, or needs `--yes`.
    Caution,
    /// It can lose data and needs `--allow-data-loss`.
    Lossy,
}

impl From<plan::RiskClass> for RiskClassJson {
    fn from(class: plan::RiskClass) -> Self {
        match class {
            plan::RiskClass::Safe => Self::Safe,
            plan::RiskClass::Caution => Self::Caution,
            plan::RiskClass::Lossy => Self::Lossy,
        }
    }
}

/// What could go wrong with a change.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Risk", deny_unknown_fields)]
pub(super) struct RiskJson<'a> {
    /// The worst class of any reason; safe where there is none.
    class: RiskClassJson,
    /// Why it may not be safe.
    reasons: Vec<ReasonJson<'a>>,
}

impl<'a> From<&'a plan::Risk> for RiskJson<'a> {
    fn from(risk: &'a plan::Risk) -> Self {
        Self {
            class: risk.class().into(),
            reasons: risk.reasons().map(Into::into).collect(),
        }
    }
}

/// Why a change may not be safe. Its class says whether it is, as the cluster's data is now.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Reason", deny_unknown_fields)]
struct ReasonJson<'a> {
    /// Which reason, with its numbers.
    #[serde(flatten)]
    case: ReasonCase<'a>,
    /// The class that this reason alone would give.
    class: RiskClassJson,
    /// The reason as a sentence, without its full stop.
    message: String,
    /// What the text says below that sentence.
    details: Vec<String>,
}

impl<'a> From<&'a plan::Reason> for ReasonJson<'a> {
    fn from(reason: &'a plan::Reason) -> Self {
        Self {
            case: reason.into(),
            class: reason.class().into(),
            message: words::reason(reason).to_string(),
            details: cost::details(reason).iter().map(ToString::to_string).collect(),
        }
    }
}

/// A reason and its numbers.
#[derive(Serialize, JsonSchema)]
#[serde(tag = "code", rename_all = "snake_case")]
enum ReasonCase<'a> {
    /// Records older than the new limit would be deleted.
    ShorterRetention {
        /// Milliseconds now; null is forever.
        from_ms: Option<i64>,
        /// Milliseconds then.
        to_ms: i64,
        /// What goes; null where it was not read.
        loss: Option<LossJson<'a>>,
    },
    /// Records beyond the new size would be deleted.
    SmallerRetention {
        /// Bytes per partition now; null is unlimited.
        from_bytes: Option<i64>,
        /// Bytes per partition then.
        to_bytes: i64,
        /// What goes; null where it was not read.
        loss: Option<LossJson<'a>>,
    },
    /// What the override hides could not be read, so what a reset leads to is not known. The class is
    /// that of the worst which the key can lead to.
    UnknownInherited {},
    /// The cleanup policy starts to delete records by age or size.
    StartsDeleting {
        /// What goes by the limits that are then in force; null where it was not read.
        loss: Option<LossJson<'a>>,
    },
    /// The cleanup policy starts to keep only the latest record of each key.
    StartsCompacting {
        /// What compaction finds; null where it was not read.
        found: Option<Compaction<'a>>,
    },
    /// Tiered records would be deleted with the remote log.
    RemoteStorageDisabled {
        /// What goes; null where it was not read.
        loss: Option<LossJson<'a>>,
    },
    /// Everything in the topic goes.
    DeletesTopic {
        /// What goes; null where it was not read.
        loss: Option<LossJson<'a>>,
        /// The groups that use the topic; null where they were not read.
        users: Option<UsersJson<'a>>,
    },
    /// Records with the same key move to other partitions, and consumers at `latest` can miss the first ones.
    MovesKeys {
        /// Partitions now.
        #[schemars(range(min = 1))]
        from: i32,
        /// Partitions then.
        #[schemars(range(min = 1))]
        to: i32,
        /// Whom that concerns; null where it was not read.
        found: Option<GrowthJson<'a>>,
    },
    /// Brokers copy what the topic holds.
    CopiesReplicas {
        /// How much, and where to; null where it was not read.
        copied: Option<CopiedJson<'a>>,
    },
    /// Fewer brokers hold each record.
    FewerReplicas {
        /// Replicas now.
        from: ReplicationJson,
        /// Replicas then.
        to: i16,
        /// What brokers can delete then; null where it was not read.
        freed: Option<CopiedJson<'a>>,
    },
    /// Moves are cancelled, and what was copied for them is deleted.
    DropsCopies {
        /// The brokers that lose what they copied so far.
        brokers: Vec<i32>,
    },
    /// Kafka forgets which replicas may lead without loss.
    ForgetsEligibleLeaders {
        /// Partitions that have such replicas.
        partitions: Vec<Forgotten>,
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
        from_bytes: i64,
        /// Bytes then.
        to_bytes: i64,
        /// The latest batches; null where they were not looked at.
        sample: Option<RecordSampleJson<'a>>,
    },
    /// Records that newer ones supersede were kept for some time, and can be compacted away earlier.
    CompactsSooner {
        /// Milliseconds for which they are kept now.
        from_ms: i64,
        /// Milliseconds then.
        to_ms: i64,
        /// What can be compacted away that could not be now; null where it was not read.
        loss: Option<LossJson<'a>>,
    },
    /// A replica that missed records may become leader; what it missed is lost.
    UncleanElection {
        /// The partitions that wait for a leader, which get one at once.
        leaderless: Vec<LeaderlessRiskJson<'a>>,
    },
    /// Something else that the change can do.
    HasEffect {
        /// The config.
        key: &'a str,
        /// What it does: `refuses_producers`, `compacts_earlier` and others.
        effect: &'static str,
        /// The records that are there; null where the effect is not on those, or they were not counted.
        records: Option<AmountJson>,
    },
    /// What this config does is not known.
    UnknownKey {
        /// The config.
        key: &'a str,
    },
    /// The old value of a key that can cost data is hidden or not understood, so it cannot be compared.
    CannotCompare {
        /// The key.
        key: &'a str,
    },
    /// Somebody set the override on the cluster, the file does not mention it, and another value comes into
    /// force.
    ResetsUnlisted {},
    /// Brokers find something in a topic of Kafka's own by its number of partitions.
    RemapsInternalTopic {},
}

/// A partition without a leader.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Leaderless", deny_unknown_fields)]
struct LeaderlessRiskJson<'a> {
    /// Its number.
    partition: i32,
    /// The replicas that are down: they may have records that nobody else has.
    replicas_down: Vec<i32>,
    /// Where the longest log of the other replicas ends; null where not all of them told, or where there are none.
    end: Option<i64>,
    /// The highest offset beyond that end that a group committed; null where there is none, or the end is not known.
    /// Offsets of a compacted topic and those committed without a leader epoch do not count.
    committed: Option<i64>,
    /// The group that committed it.
    committed_by: Option<&'a str>,
    /// So many records are lost, less what retention has deleted already: from the end to that offset. How many more
    /// there are only the replicas know that are down.
    #[schemars(range(min = 0))]
    at_least: i64,
}

impl<'a> From<(&i32, &'a plan::Leaderless)> for LeaderlessRiskJson<'a> {
    fn from((partition, waiting): (&i32, &'a plan::Leaderless)) -> Self {
        let left = waiting.left.as_ref();
        let committed = left.and_then(|left| left.committed.as_ref());
        Self {
            partition: *partition,
            replicas_down: waiting.down.iter().map(|broker| broker.0).collect(),
            end: left.map(|left| left.end),
            committed: committed.map(|(offset, _)| *offset),
            committed_by: committed.map(|(_, group)| &**group),
            at_least: left.map_or(0, plan::Left::at_least),
        }
    }
}

impl<'a> From<&'a plan::Reason> for ReasonCase<'a> {
    fn from(reason: &'a plan::Reason) -> Self {
        match reason {
            plan::Reason::ShorterRetention { from, to, loss } => Self::ShorterRetention {
                from_ms: *from,
                to_ms: *to,
                loss: loss.as_deref().map(Into::into),
            },
            plan::Reason::SmallerRetention { from, to, loss } => Self::SmallerRetention {
                from_bytes: *from,
                to_bytes: *to,
                loss: loss.as_deref().map(Into::into),
            },
            // The worst that it can lead to is the class, which every reason has.
            plan::Reason::UnknownInherited { worst: _ } => Self::UnknownInherited {},
            plan::Reason::StartsDeleting { loss } => Self::StartsDeleting {
                loss: loss.as_deref().map(Into::into),
            },
            plan::Reason::StartsCompacting { found } => Self::StartsCompacting {
                found: found.as_deref().map(Into::into),
            },
            plan::Reason::RemoteStorageDisabled { loss } => Self::RemoteStorageDisabled {
                loss: loss.as_deref().map(Into::into),
            },
            plan::Reason::DeletesTopic { deleted } => Self::DeletesTopic {
                loss: deleted.as_deref().map(|deleted| (&deleted.loss).into()),
                users: deleted.as_deref().map(|deleted| (&deleted.users).into()),
            },
            plan::Reason::MovesKeys { from, to, grown } => Self::MovesKeys {
                from: from.get(),
                to: to.get(),
                found: grown.as_deref().map(Into::into),
            },
            plan::Reason::CopiesReplicas { copied } => Self::CopiesReplicas {
                copied: copied.as_deref().map(Into::into),
            },
            plan::Reason::FewerReplicas { from, to, freed } => Self::FewerReplicas {
                from: (*from).into(),
                to: to.get(),
                freed: freed.as_deref().map(Into::into),
            },
            plan::Reason::MinInsyncAboveIsr { to, isr } => Self::MinInsyncAboveIsr { to: *to, isr: *isr },
            plan::Reason::DropsCopies { brokers } => Self::DropsCopies {
                brokers: brokers.iter().map(|id| id.0).collect(),
            },
            plan::Reason::ForgetsEligibleLeaders {
                partitions,
                leaderless,
            } => Self::ForgetsEligibleLeaders {
                partitions: partitions
                    .iter()
                    .map(|(index, brokers)| Forgotten {
                        partition: *index,
                        eligible: brokers.iter().map(|id| id.0).collect(),
                        has_leader: !leaderless.contains(index),
                    })
                    .collect(),
            },
            plan::Reason::NoBrokerToSpare { to } => Self::NoBrokerToSpare { to: *to },
            plan::Reason::SmallerMessages { from, to, sample } => Self::SmallerMessages {
                from_bytes: *from,
                to_bytes: *to,
                sample: sample.as_ref().map(Into::into),
            },
            plan::Reason::CompactsSooner { from, to, loss } => Self::CompactsSooner {
                from_ms: *from,
                to_ms: *to,
                loss: loss.as_deref().map(Into::into),
            },
            plan::Reason::UncleanElection { leaderless } => Self::UncleanElection {
                leaderless: leaderless.iter().map(Into::into).collect(),
            },
            plan::Reason::HasEffect { effect, records } => Self::HasEffect {
                key: effect.key,
                effect: effect.kind.name(),
                records: records.map(Into::into),
            },
            plan::Reason::UnknownKey { key } => Self::UnknownKey { key: key.as_str() },
            plan::Reason::CannotCompare { key } => Self::CannotCompare { key: key.as_str() },
            plan::Reason::ResetsUnlisted => Self::ResetsUnlisted {},
            // Which topic it is stands beside it.
            plan::Reason::RemapsInternalTopic { topic: _ } => Self::RemapsInternalTopic {},
        }
    }
}

/// A partition with replicas that may lead without loss although they are not in sync.
#[derive(Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
struct Forgotten {
    /// The partition's number.
    partition: i32,
    /// The brokers with those replicas.
    eligible: Vec<i32>,
    /// Whether it has a leader: without one, it needs one of them.
    has_leader: bool,
}
