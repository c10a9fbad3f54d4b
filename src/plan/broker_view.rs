//! A topic's configs and changes as one broker sees them.
//!
//! What a topic inherits decides on each broker that holds a replica, and brokers can differ. So a change is
//! judged once for each of them, and the worst counts.

use std::sync::Arc;

use super::assess::{LimitAfter, LimitsAfter, Transition};
use super::change::{Change, ConfigReset};
use super::risk::Reason;
use crate::model::{
    ConfigKey, ConfigSource, Inherited, InheritedByBroker, ObservedConfig, ObservedTopic, TopicConfigs,
};

#[derive(PartialEq, Eq)]
pub(super) struct BrokerView {
    configs: TopicConfigs,
    changes: Vec<Change>,
}

/// One view for each different set of values among the brokers that were asked; where none was, the only one.
pub(super) fn broker_views(seen: &ObservedTopic, changes: &[Change]) -> Vec<BrokerView> {
    let mut views: Vec<BrokerView> = Vec::new();
    for told in seen.by_broker.brokers.values() {
        let told = |key: &ConfigKey| told.as_ref().ok().and_then(|told| told.get(key));
        let view = BrokerView::new(seen, changes, &seen.by_broker, told);
        if !views.contains(&view) {
            views.push(view);
        }
    }
    if views.is_empty() {
        views.push(BrokerView {
            configs: Arc::clone(&seen.configs),
            changes: changes.to_vec(),
        });
    }
    views
}

impl BrokerView {
    fn new<'a>(
        seen: &ObservedTopic,
        changes: &[Change],
        asked: &InheritedByBroker,
        told: impl Fn(&ConfigKey) -> Option<&'a Inherited>,
    ) -> Self {
        let mut configs = (*seen.configs).clone();
        for key in &asked.keys {
            if let Some(config) = configs.get_mut(key)
                && config.source != ConfigSource::Topic
            {
                *config = shown(key, told(key), changes);
            }
        }
        let as_told = |change: &Change| match change {
            Change::ResetConfig(reset) if asked.keys.contains(&reset.key) => {
                Change::ResetConfig(ConfigReset {
                    to: told(&reset.key).cloned(),
                    ..reset.clone()
                })
            }
            Change::ResetConfig(_)
            | Change::SetConfig(_)
            | Change::Create(_)
            | Change::Delete(_)
            | Change::GrowPartitions(_)
            | Change::Reassign(_)
            | Change::CancelMoves(_) => change.clone(),
        };
        Self {
            configs: Arc::new(configs),
            changes: changes.iter().map(as_told).collect(),
        }
    }

    pub(super) fn transition(&self) -> Transition<'_> {
        Transition::new(&self.configs, &self.changes)
    }
}

fn shown(key: &ConfigKey, told: Option<&Inherited>, changes: &[Change]) -> ObservedConfig {
    let unknown = || {
        let is_set = |change: &Change| matches!(change, Change::SetConfig(set) if set.key == *key);
        let loosest = if changes.iter().any(is_set) {
            loosest(key.as_str())
        } else {
            None
        };
        Inherited {
            value: loosest.map(Into::into),
            source: ConfigSource::Default,
        }
    };
    let Inherited { value, source } = told.cloned().unwrap_or_else(unknown);
    ObservedConfig {
        value,
        source,
        sensitive: false,
    }
}

/// What a value that is not known has to be taken for before the topic gets its own: that from which any other is
/// a step down.
fn loosest(key: &str) -> Option<&'static str> {
    match key {
        "retention.ms" | "retention.bytes" => Some("-1"),
        "max.message.bytes" => Some("2147483647"),
        "remote.storage.enable" => Some("true"),
        "unclean.leader.election.enable" => Some("false"),
        _ => None,
    }
}

/// The limits that will be in force, of all views the tightest.
pub(super) fn tightest_limits(views: &[BrokerView]) -> LimitsAfter {
    let all = || views.iter().map(|view| view.transition().limits_after());
    LimitsAfter {
        milliseconds: tightest(all().map(|limits| limits.milliseconds)),
        bytes: tightest(all().map(|limits| limits.bytes)),
    }
}

fn tightest(limits: impl Iterator<Item = LimitAfter>) -> LimitAfter {
    let tighter = |one, other| match (one, other) {
        (LimitAfter::Unknown, _) | (_, LimitAfter::Unknown) => LimitAfter::Unknown,
        (LimitAfter::At(one), LimitAfter::At(other)) => LimitAfter::At(one.min(other)),
        (LimitAfter::At(limit), LimitAfter::Endless) | (LimitAfter::Endless, LimitAfter::At(limit)) => {
            LimitAfter::At(limit)
        }
        (LimitAfter::Endless, LimitAfter::Endless) => LimitAfter::Endless,
    };
    limits.reduce(tighter).unwrap_or(LimitAfter::Unknown)
}

/// The reasons of all views. Of several steps down to different values, the farthest is the one that counts.
pub(super) fn united(reasons: impl IntoIterator<Item = Reason>) -> Vec<Reason> {
    let mut all: Vec<Reason> = Vec::new();
    for reason in reasons {
        if !all.iter_mut().any(|kept| absorbs(kept, &reason)) {
            all.push(reason);
        }
    }
    all
}

/// Whether the two are steps down of the same kind, of which the first is now the farther one.
fn absorbs(kept: &mut Reason, other: &Reason) -> bool {
    match (kept, other) {
        (
            Reason::ShorterRetention { from, to, .. },
            Reason::ShorterRetention {
                from: other_from,
                to: other_to,
                ..
            },
        )
        | (
            Reason::SmallerRetention { from, to, .. },
            Reason::SmallerRetention {
                from: other_from,
                to: other_to,
                ..
            },
        ) => {
            // None is endless.
            *from = from.zip(*other_from).map(|(one, other)| one.max(other));
            *to = (*to).min(*other_to);
            true
        }
        (
            Reason::SmallerMessages { from, to, .. },
            Reason::SmallerMessages {
                from: other_from,
                to: other_to,
                ..
            },
        ) => {
            *from = (*from).max(*other_from);
            *to = (*to).min(*other_to);
            true
        }
        (kept, other) => kept == other,
    }
}
