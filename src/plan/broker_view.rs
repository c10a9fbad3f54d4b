//! A topic's configs and changes as one broker sees them.
//!
//! What a topic inherits decides on each broker that holds a replica, and brokers can differ. So a change is
//! judged once for each of them, and the worst counts.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::assess::{LimitAfter, LimitsAfter, Transition};
use super::change::{Change, ConfigReset, ReplicaMove, ReplicationChange};
use super::config;
use super::risk::Reason;
use crate::model::{
    BrokerId, ClusterView, ConfigKey, ConfigSource, Inherited, ObservedConfig, ObservedTopic, ToldValues,
    TopicConfigs, ValueByBroker, is_controllers,
};

#[derive(PartialEq, Eq)]
pub(super) struct BrokerView {
    configs: TopicConfigs,
    changes: Vec<Change>,
}

/// One view for each different set of values among the brokers that were asked; where none was, the only one.
pub(super) fn broker_views(seen: &ObservedTopic, changes: &[Change]) -> Vec<BrokerView> {
    let mut views: Vec<BrokerView> = Vec::new();
    let asked = &seen.by_broker;
    let holders = asked.brokers.values().map(|told| (told, false));
    let others = asked.others.values().map(|told| (told, true));
    let others = others.filter(|_| asked.keys.iter().any(is_controllers));
    for (told, is_other) in holders.chain(others) {
        let view = BrokerView::new(seen, changes, told, |key| !is_other || is_controllers(key));
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

/// The views of the brokers that are alive and have replicas now; where none of them was asked, the only one.
pub(super) fn live_views(seen: &ObservedTopic, changes: &[Change], cluster: &ClusterView) -> Vec<BrokerView> {
    let mut by_broker = seen.by_broker.clone();
    by_broker
        .brokers
        .retain(|broker, _| cluster.brokers.contains_key(broker));
    by_broker.others.clear();
    let seen = ObservedTopic {
        by_broker,
        ..seen.clone()
    };
    broker_views(&seen, changes)
}

/// The views of brokers that may get replicas.
pub(super) fn other_views(seen: &ObservedTopic, changes: &[Change]) -> Vec<BrokerView> {
    let others = seen.by_broker.others.values();
    others
        .map(|told| BrokerView::new(seen, changes, told, |_| true))
        .collect()
}

impl BrokerView {
    pub(super) fn configs(&self) -> &TopicConfigs {
        &self.configs
    }

    /// As the broker sees it that told this, as far as its values decide.
    fn new(
        seen: &ObservedTopic,
        changes: &[Change],
        told: &ToldValues,
        decides: impl Fn(&ConfigKey) -> bool,
    ) -> Self {
        let asked = &seen.by_broker.keys;
        let told = |key: &ConfigKey| told.as_ref().ok().and_then(|told| told.get(key));
        let mut configs = (*seen.configs).clone();
        for key in asked.iter().filter(|key| decides(key)) {
            if let Some(config) = configs.get_mut(key)
                && config.source != ConfigSource::Topic
            {
                *config = shown(key, told(key), changes);
            }
        }
        let as_told = |change: &Change| match change {
            Change::ResetConfig(reset) if asked.contains(&reset.key) && decides(&reset.key) => {
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

    /// What a replica sees that comes from a broker like this one to another: there it inherits other values.
    fn moved_to(mut self, seen: &ObservedTopic, there: &ToldValues) -> Self {
        let asked = seen.by_broker.keys.iter().filter(|key| !is_controllers(key));
        let other = asked.filter_map(|key| {
            let from = self.configs.get(key)?.clone();
            let is_set = |change: &Change| matches!(change, Change::SetConfig(set) if set.key == *key);
            let is_reset =
                |change: &Change| matches!(change, Change::ResetConfig(reset) if reset.key == *key);
            let is_own = from.source == ConfigSource::Topic && !self.changes.iter().any(is_reset);
            let to = there.as_ref().ok().and_then(|told| told.get(key)).cloned();
            let stays = to.as_ref().is_some_and(|to| to.value == from.value);
            (!is_own && !stays && !self.changes.iter().any(is_set)).then(|| {
                Change::ResetConfig(ConfigReset {
                    key: key.clone(),
                    from,
                    to,
                    to_by_broker: ValueByBroker::default(),
                })
            })
        });
        self.changes = other.collect();
        self
    }

    fn reasons(&self) -> Vec<Reason> {
        let transition = self.transition();
        let keys = self.changes.iter().filter_map(config::config_key);
        keys.flat_map(|key| transition.risk_of(key).into_reasons())
            .collect()
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

/// What replicas that go to brokers with other values can lose: whoever leads deletes by its own, and so does every
/// follower. So can a partition whose leader goes, or gives way to the one that is preferred then: what a follower has
/// deleted by its own values is gone as soon as it leads. The values in force now are those of the brokers that tell.
pub(super) fn moved_reasons(
    seen: &ObservedTopic,
    configs: &[Change],
    change: &ReplicationChange,
) -> Vec<Reason> {
    let mut pairs: BTreeSet<(BrokerId, BrokerId)> = BTreeSet::new();
    for (_, moved) in change.sent() {
        let added = moved.added();
        let from = moved.from.iter();
        pairs.extend(from.flat_map(|from| added.iter().map(move |to| (*from, *to))));
    }
    pairs.extend(
        change
            .sent()
            .flat_map(|(index, moved)| successions(seen, index, moved)),
    );
    let reasons = pairs.iter().filter_map(|(from, to)| {
        let here = seen.by_broker.brokers.get(from).filter(|told| told.is_ok())?;
        let asked = &seen.by_broker;
        let there = asked.others.get(to).or_else(|| asked.brokers.get(to))?;
        let moved = BrokerView::new(seen, configs, here, |_| true).moved_to(seen, there);
        Some(moved.reasons())
    });
    united(reasons.flatten())
}

/// The leader, with each broker that may lead after it because of the move: the preferred one, or any if it goes itself.
fn successions(seen: &ObservedTopic, index: i32, moved: ReplicaMove<'_>) -> Vec<(BrokerId, BrokerId)> {
    let mut partitions = seen.metadata.partitions.iter();
    let leader = partitions
        .find(|partition| partition.index == index)
        .and_then(|partition| partition.leader);
    let Some(leader) = leader else {
        return Vec::new();
    };
    let stays = moved.to.contains(&leader);
    let next = moved.to.iter().take(if stays { 1 } else { moved.to.len() });
    next.filter(|next| **next != leader)
        .map(|next| (leader, *next))
        .collect()
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
