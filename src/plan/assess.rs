//! The risk of config changes, from the values before and after.
//!
//! Retention only deletes where the cleanup policy says `delete`, so the three keys are judged
//! together: what counts is whether the limits that are really in force get tighter.

use std::collections::BTreeMap;

use super::change::Change;
use super::effects::is_durability;
use super::risk::{Reason, Risk, RiskClass};
use crate::model::{ConfigKey, TopicConfigs};

const RETENTION_MS: &str = "retention.ms";
const RETENTION_BYTES: &str = "retention.bytes";
const CLEANUP_POLICY: &str = "cleanup.policy";
const REMOTE_STORAGE: &str = "remote.storage.enable";
const MAX_MESSAGE: &str = "max.message.bytes";
const UNCLEAN_ELECTION: &str = "unclean.leader.election.enable";
const MIN_COMPACTION_LAG: &str = "min.compaction.lag.ms";
const MIN_INSYNC: &str = "min.insync.replicas";

/// A config value after a change, as far as it is known. What the broker does not show is unknown and
/// not unset: a limit or a policy of `delete` may well be in force.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum After<'a> {
    Value(&'a str),
    Unknown,
}

/// The configs of one topic before and after all of its planned changes.
pub(super) struct Transition<'a> {
    before: &'a TopicConfigs,
    after: BTreeMap<&'a str, After<'a>>,
}

impl<'a> Transition<'a> {
    pub(super) fn new(before: &'a TopicConfigs, changes: &'a [Change]) -> Self {
        Self {
            before,
            after: changes.iter().filter_map(config_after).collect(),
        }
    }

    /// The risk of changing `key`, given everything else that changes with it.
    pub(super) fn risk_of(&self, key: &ConfigKey) -> Risk {
        let reasons = match key.as_str() {
            RETENTION_MS => self.tighter(RETENTION_MS, shorter),
            RETENTION_BYTES => self.tighter(RETENTION_BYTES, smaller),
            CLEANUP_POLICY => self.policy_reasons(),
            REMOTE_STORAGE => self.turned(
                REMOTE_STORAGE,
                "true",
                "false",
                Reason::RemoteStorageDisabled { loss: None },
            ),
            UNCLEAN_ELECTION => self.unclean_election(),
            MAX_MESSAGE => self.smaller_messages(),
            MIN_COMPACTION_LAG => self.compacted_sooner(),
            MIN_INSYNC => self.affected(key).into_iter().filter(is_durability).collect(),
            _ => self.affected(key),
        };
        Risk::because(reasons)
    }

    /// The configs that the topic has now.
    pub(super) fn before(&self) -> &'a TopicConfigs {
        self.before
    }

    /// The value that `key` will show, changed or not.
    pub(super) fn value_after(&self, key: &str) -> After<'a> {
        let unchanged = || self.value_before(key).map_or(After::Unknown, After::Value);
        self.after.get(key).copied().unwrap_or_else(unchanged)
    }

    pub(super) fn value_before(&self, key: &str) -> Option<&'a str> {
        self.before.get(key).and_then(|config| config.value.as_deref())
    }

    fn policy_before(&self, policy: &str) -> bool {
        self.value_before(CLEANUP_POLICY)
            .is_some_and(|value| lists(value, policy))
    }

    /// An unknown policy is taken to be the worst: it deletes and compacts.
    pub(super) fn policy_after(&self, policy: &str) -> bool {
        match self.value_after(CLEANUP_POLICY) {
            After::Value(value) => lists(value, policy),
            After::Unknown => true,
        }
    }

    fn tighter(&self, key: &str, reason: fn(Limit, i64) -> Reason) -> Vec<Reason> {
        if !self.policy_after("delete") {
            return Vec::new();
        }
        match self.limits(key) {
            Limits::Known {
                before,
                after: Limit::At(after),
            } if Limit::At(after) < before => {
                vec![reason(before, after)]
            }
            Limits::Known { .. } => Vec::new(),
            Limits::InheritedUnknown => unknown_inherited(RiskClass::Lossy),
            Limits::Incomparable => cannot_compare(key),
        }
    }

    fn limits(&self, key: &str) -> Limits {
        let after = match self.value_after(key) {
            After::Unknown => return Limits::InheritedUnknown,
            After::Value(value) => limit(value),
        };
        let before = self.value_before(key).and_then(limit);
        match (before, after) {
            (Some(before), Some(after)) => Limits::Known { before, after },
            _ => Limits::Incomparable,
        }
    }

    fn policy_reasons(&self) -> Vec<Reason> {
        let unknown = self.value_after(CLEANUP_POLICY) == After::Unknown;
        let starts = |policy| self.policy_after(policy) && !self.policy_before(policy);
        if unknown {
            return unknown_inherited(RiskClass::Lossy);
        }
        let mut reasons = Vec::new();
        if starts("delete") && self.has_a_limit() {
            reasons.push(Reason::StartsDeleting { loss: None });
        }
        if starts("compact") {
            reasons.push(Reason::StartsCompacting { found: None });
        }
        reasons
    }

    /// The limits on age and size that will be in force, of those that can be told.
    pub(super) fn limits_after(&self) -> LimitsAfter {
        let after = |key| match self.value_after(key) {
            After::Value(value) => limit(value).map_or(LimitAfter::Unknown, |limit| match limit {
                Limit::At(number) => LimitAfter::At(number),
                Limit::Endless => LimitAfter::Endless,
            }),
            After::Unknown => LimitAfter::Unknown,
        };
        LimitsAfter {
            milliseconds: after(RETENTION_MS),
            bytes: after(RETENTION_BYTES),
        }
    }

    /// Without any limit, a policy of `delete` deletes nothing.
    fn has_a_limit(&self) -> bool {
        [RETENTION_MS, RETENTION_BYTES]
            .iter()
            .any(|key| match self.value_after(key) {
                After::Value(value) => limit(value) != Some(Limit::Endless),
                After::Unknown => true,
            })
    }

    fn turned(&self, key: &str, from: &str, to: &str, reason: Reason) -> Vec<Reason> {
        let is = |value: &str, expected: &str| value.trim().eq_ignore_ascii_case(expected);
        let was = self.value_before(key).is_some_and(|value| is(value, from));
        match self.value_after(key) {
            After::Value(value) if was && is(value, to) => vec![reason],
            After::Unknown if was => unknown_inherited(reason.class()),
            After::Value(_) | After::Unknown => Vec::new(),
        }
    }

    /// What the value was need not be shown for that.
    fn unclean_election(&self) -> Vec<Reason> {
        let is_on = |value: &str| value.trim().eq_ignore_ascii_case("true");
        if self.value_before(UNCLEAN_ELECTION).is_some_and(is_on) {
            return Vec::new();
        }
        match self.value_after(UNCLEAN_ELECTION) {
            After::Value(value) if is_on(value) => vec![Reason::UncleanElection {
                leaderless: BTreeMap::new(),
            }],
            After::Value(_) => Vec::new(),
            After::Unknown => unknown_inherited(RiskClass::Caution),
        }
    }

    /// Superseded records are kept for so long at least; a topic that begins to be compacted is judged by its
    /// policy.
    fn compacted_sooner(&self) -> Vec<Reason> {
        if !self.policy_after("compact") {
            return Vec::new();
        }
        match self.limits(MIN_COMPACTION_LAG) {
            Limits::Known {
                before: Limit::At(from),
                after: Limit::At(to),
            } if to < from => vec![Reason::CompactsSooner { from, to, loss: None }],
            Limits::Known { .. } => Vec::new(),
            Limits::InheritedUnknown => unknown_inherited(RiskClass::Lossy),
            Limits::Incomparable => cannot_compare(MIN_COMPACTION_LAG),
        }
    }

    fn smaller_messages(&self) -> Vec<Reason> {
        let number = |value: &str| value.trim().parse::<i64>().ok();
        let before = self.value_before(MAX_MESSAGE).and_then(number);
        match (before, self.value_after(MAX_MESSAGE)) {
            (Some(from), After::Value(value)) => number(value)
                .filter(|to| *to < from)
                .map(|to| Reason::SmallerMessages {
                    from,
                    to,
                    sample: None,
                })
                .into_iter()
                .collect(),
            (Some(_), After::Unknown) => unknown_inherited(RiskClass::Caution),
            (None, _) => ConfigKey::new(MAX_MESSAGE)
                .map(|key| self.affected(&key))
                .unwrap_or_default(),
        }
    }
}

/// A limit after a change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum LimitAfter {
    At(i64),
    Endless,
    Unknown,
}

/// The limits on age and size after a change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct LimitsAfter {
    pub(super) milliseconds: LimitAfter,
    pub(super) bytes: LimitAfter,
}

/// A limit on age or size. The order is that of tightness: any number is tighter than none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Limit {
    At(i64),
    Endless,
}

impl Limit {
    fn number(self) -> Option<i64> {
        match self {
            Self::At(number) => Some(number),
            Self::Endless => None,
        }
    }
}

enum Limits {
    Known { before: Limit, after: Limit },
    InheritedUnknown,
    Incomparable,
}

fn shorter(from: Limit, to: i64) -> Reason {
    Reason::ShorterRetention {
        from: from.number(),
        to,
        loss: None,
    }
}

fn smaller(from: Limit, to: i64) -> Reason {
    Reason::SmallerRetention {
        from: from.number(),
        to,
        loss: None,
    }
}

fn unknown_inherited(worst: RiskClass) -> Vec<Reason> {
    vec![Reason::UnknownInherited { worst }]
}

fn cannot_compare(key: &str) -> Vec<Reason> {
    let reason = |key| Reason::CannotCompare { key };
    ConfigKey::new(key).map(reason).into_iter().collect()
}

fn config_after(change: &Change) -> Option<(&str, After<'_>)> {
    match change {
        Change::SetConfig(set) => Some((set.key.as_str(), After::Value(set.to.value.reveal()))),
        Change::ResetConfig(reset) => {
            let inherited = reset.to.as_ref().and_then(|inherited| inherited.value.as_deref());
            Some((reset.key.as_str(), inherited.map_or(After::Unknown, After::Value)))
        }
        Change::Create(_)
        | Change::Delete(_)
        | Change::GrowPartitions(_)
        | Change::Reassign(_)
        | Change::CancelMoves(_) => None,
    }
}

/// `None`: not a number. Kafka takes every negative number for no limit.
fn limit(value: &str) -> Option<Limit> {
    let number: i64 = value.trim().parse().ok()?;
    Some(if number < 0 {
        Limit::Endless
    } else {
        Limit::At(number)
    })
}

pub(super) fn lists(value: &str, policy: &str) -> bool {
    value
        .split(',')
        .any(|entry| entry.trim().eq_ignore_ascii_case(policy))
}
