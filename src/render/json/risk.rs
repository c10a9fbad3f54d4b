//! Why a change is not safe: for each reason a code that stays, its numbers, and the sentence.

use schemars::JsonSchema;
use serde::Serialize;

use crate::plan;
use crate::render::words;

/// How careful apply is with a change.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum RiskClass {
    /// It is made on a terminal and in a script alike.
    Safe,
    /// It is asked for, or needs `--yes`.
    Caution,
    /// It can lose data and needs `--allow-data-loss`.
    Lossy,
}

impl From<plan::RiskClass> for RiskClass {
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
#[schemars(deny_unknown_fields)]
pub(super) struct Risk<'a> {
    /// The worst class of any reason; safe where there is none.
    class: RiskClass,
    /// Why it is not safe.
    reasons: Vec<Reason<'a>>,
}

impl<'a> From<&'a plan::Risk> for Risk<'a> {
    fn from(risk: &'a plan::Risk) -> Self {
        Self {
            class: risk.class().into(),
            reasons: risk.reasons().map(Into::into).collect(),
        }
    }
}

/// Why a change is not safe.
#[derive(Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
struct Reason<'a> {
    /// Which reason, with its numbers.
    #[serde(flatten)]
    case: ReasonCase<'a>,
    /// The class that this reason alone would give.
    class: RiskClass,
    /// The reason as a sentence, without its full stop.
    message: String,
}

impl<'a> From<&'a plan::Reason> for Reason<'a> {
    fn from(reason: &'a plan::Reason) -> Self {
        Self {
            case: reason.into(),
            class: reason.class().into(),
            message: words::reason(reason),
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
    },
    /// Records beyond the new size would be deleted.
    SmallerRetention {
        /// Bytes per partition now; null is unlimited.
        from_bytes: Option<i64>,
        /// Bytes per partition then.
        to_bytes: i64,
    },
    /// What the override hides could not be read, so what a reset leads to is not known. The class is
    /// that of the worst which the key can lead to.
    UnknownInherited {},
    /// The cleanup policy starts to delete records by age or size.
    StartsDeleting {},
    /// The cleanup policy starts to keep only the latest record of each key.
    StartsCompacting {},
    /// Tiered records would be deleted with the remote log.
    RemoteStorageDisabled {},
    /// Everything in the topic goes.
    DeletesTopic {},
    /// Records with the same key move to other partitions, and consumers at `latest` can miss the first ones.
    MovesKeys {
        /// Partitions now.
        #[schemars(range(min = 1))]
        from: i32,
        /// Partitions then.
        #[schemars(range(min = 1))]
        to: i32,
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
    },
    /// A replica that missed records may become leader; what it missed is lost.
    UncleanElection {},
    /// The old value of a key that can cost data is hidden or not understood, so it cannot be compared.
    CannotCompare {
        /// The key.
        key: &'a str,
    },
}

impl<'a> From<&'a plan::Reason> for ReasonCase<'a> {
    fn from(reason: &'a plan::Reason) -> Self {
        match reason {
            plan::Reason::ShorterRetention { from, to } => Self::ShorterRetention {
                from_ms: *from,
                to_ms: *to,
            },
            plan::Reason::SmallerRetention { from, to } => Self::SmallerRetention {
                from_bytes: *from,
                to_bytes: *to,
            },
            // The worst that it can lead to is the class, which every reason has.
            plan::Reason::UnknownInherited { worst: _ } => Self::UnknownInherited {},
            plan::Reason::StartsDeleting => Self::StartsDeleting {},
            plan::Reason::StartsCompacting => Self::StartsCompacting {},
            plan::Reason::RemoteStorageDisabled => Self::RemoteStorageDisabled {},
            plan::Reason::DeletesTopic => Self::DeletesTopic {},
            plan::Reason::MovesKeys { from, to } => Self::MovesKeys {
                from: from.get(),
                to: to.get(),
            },
            plan::Reason::MinInsyncAboveIsr { to, isr } => Self::MinInsyncAboveIsr { to: *to, isr: *isr },
            plan::Reason::NoBrokerToSpare { to } => Self::NoBrokerToSpare { to: *to },
            plan::Reason::SmallerMessages { from, to } => Self::SmallerMessages {
                from_bytes: *from,
                to_bytes: *to,
            },
            plan::Reason::UncleanElection => Self::UncleanElection {},
            plan::Reason::CannotCompare { key } => Self::CannotCompare { key: key.as_str() },
        }
    }
}
