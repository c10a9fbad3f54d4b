//! Which configs of an existing topic have to change.
//!
//! A declared value is compared as Kafka understands it, not as text. A value that the topic merely
//! inherits is still set when it is declared, so that a later change of the broker's default does not
//! change the topic.

use std::collections::BTreeSet;

use super::assess::Transition;
use super::broker_view::{BrokerView, broker_views, united};
use super::change::{Change, ConfigReset, ConfigSet, PlannedChange};
use super::effects::is_durability;
use super::note::Note;
use super::{Reason, Risk, RiskClass, TopicPlan, broken, min_insync, unclean};
use crate::model::{
    ClusterView, ConfigKey, ConfigSource, ConfigText, Declared, DesiredSettings, ObservedConfig,
    ObservedTopic, TopicName, ValueByBroker, known, value,
};

const UNCLEAN_ELECTION: &str = "unclean.leader.election.enable";

pub(super) fn plan(
    name: &TopicName,
    settings: &DesiredSettings,
    seen: &ObservedTopic,
    cluster: &ClusterView,
    planned: &mut TopicPlan,
) {
    let unread = seen
        .listing
        .unread
        .clone()
        .filter(|_| !settings.configs.is_empty());
    planned
        .notes
        .extend(unread.map(|why| Note::ConfigsUnread { why }));
    let changes = changes(name, settings, seen);
    planned.leftovers.extend(leftovers(settings, seen, &changes));
    planned.notes.extend(hidden(settings, seen));
    planned.notes.extend(left_as_shown(settings, seen));
    planned.notes.extend(unknown_resets(&changes, seen));
    planned.notes.extend(unread_brokers(seen));
    planned
        .refusals
        .extend(broken::of_changes(settings, seen, &changes));
    let views = broker_views(seen, &changes);
    let mut assessed = Vec::new();
    for change in &changes {
        let Some(key) = config_key(change) else { continue };
        let on_broker = |view: &BrokerView| {
            let transition = view.transition();
            let risk = transition.risk_of(key);
            beside_the_topic(risk, key, &transition, settings, seen).into_reasons()
        };
        let reasons = views.iter().flat_map(on_broker);
        let risk = if key.as_str() == min_insync::KEY {
            let by_isr = min_insync::of_views(&views, settings, seen, cluster);
            by_isr.map(|by_isr| Risk::because(united(reasons.chain(by_isr.into_reasons()))))
        } else {
            Ok(Risk::because(united(reasons)))
        };
        match risk {
            Ok(risk) => assessed.push(PlannedChange {
                change: change.clone(),
                risk: if resets_value_in_force(change) {
                    risk.and(Reason::ResetsUnlisted)
                } else {
                    risk
                },
            }),
            Err(refusal) => planned.refusals.push(refusal),
        }
    }
    assessed.sort_by(|a, b| config_key(&a.change).cmp(&config_key(&b.change)));
    planned.changes.extend(assessed);
}

/// What has to be set and reset, whatever the risk.
pub(super) fn changes(name: &TopicName, settings: &DesiredSettings, seen: &ObservedTopic) -> Vec<Change> {
    sets(settings, seen).chain(resets(name, settings, seen)).collect()
}

/// A file's silence is a weaker statement than its words. Only where the topic shows the same value afterwards, on
/// every broker, is nothing lost that somebody has set.
fn resets_value_in_force(change: &Change) -> bool {
    let Change::ResetConfig(reset) = change else {
        return false;
    };
    let after = reset.to.as_ref().and_then(|inherited| inherited.value.as_deref());
    match (reset.from.value.as_deref(), after) {
        (Some(before), Some(after)) if reset.to_by_broker.is_empty() => {
            !value::same_value(&reset.key, before, after)
        }
        (Some(_), Some(_)) | (None, _) | (_, None) => true,
    }
}

/// What the topic itself has to say: which partitions wait for a leader, and how many replicas there are to
/// acknowledge records.
fn beside_the_topic(
    risk: Risk,
    key: &ConfigKey,
    transition: &Transition<'_>,
    settings: &DesiredSettings,
    seen: &ObservedTopic,
) -> Risk {
    match key.as_str() {
        UNCLEAN_ELECTION => risk.weighed(|reason| with_leaderless(reason, seen)),
        min_insync::KEY if !min_insync::is_felt(transition, settings, seen) => {
            Risk::because(risk.reasons().filter(|reason| !is_durability(reason)).cloned())
        }
        _ => risk,
    }
}

fn with_leaderless(reason: Reason, seen: &ObservedTopic) -> Reason {
    let leaderless = unclean::leaderless(seen);
    match reason {
        Reason::UncleanElection { .. } => Reason::UncleanElection { leaderless },
        Reason::UnknownInherited { .. } if !leaderless.is_empty() => Reason::UnknownInherited {
            worst: RiskClass::Lossy,
        },
        other => other,
    }
}

pub(super) fn config_key(change: &Change) -> Option<&ConfigKey> {
    match change {
        Change::SetConfig(set) => Some(&set.key),
        Change::ResetConfig(reset) => Some(&reset.key),
        Change::Create(_)
        | Change::Delete(_)
        | Change::GrowPartitions(_)
        | Change::Reassign(_)
        | Change::CancelMoves(_) => None,
    }
}

fn sets(settings: &DesiredSettings, seen: &ObservedTopic) -> impl Iterator<Item = Change> {
    let readable = settings.configs.iter().filter(|_| seen.listing.unread.is_none());
    readable.filter_map(|(key, to)| {
        let from = seen.configs.get(key);
        let needs_set = needs_set(key, to, from) && unsettable(key, to, seen).is_none();
        needs_set.then(|| {
            Change::SetConfig(ConfigSet {
                key: key.clone(),
                from: from.cloned(),
                from_by_broker: by_broker(key, seen),
                to: to.clone(),
            })
        })
    })
}

fn needs_set(key: &ConfigKey, to: &Declared<ConfigText>, from: Option<&ObservedConfig>) -> bool {
    let Some(from) = from else { return true };
    if from.source != ConfigSource::Topic {
        return true;
    }
    match &from.value {
        Some(shown) => !value::same_value(key, shown, to.value.reveal()),
        // The topic has a value of its own that the broker hides: setting it again on every run
        // would never converge.
        None => !from.sensitive,
    }
}

/// Brokers judge all overrides of a topic together, and refuse each change beside one that they do not know.
fn leftovers(settings: &DesiredSettings, seen: &ObservedTopic, changes: &[Change]) -> BTreeSet<ConfigKey> {
    let is_gone = |key: &ConfigKey| known::lookup(key.as_str()).is_none_or(|config| config.until().is_some());
    let is_left = |key: &&ConfigKey| {
        let is_changed = changes.iter().any(|change| config_key(change) == Some(*key));
        is_gone(key) && !is_changed && !settings.configs.contains_key(*key)
    };
    let own = seen
        .configs
        .iter()
        .filter(|(_, config)| config.source == ConfigSource::Topic);
    own.map(|(key, _)| key).filter(is_left).cloned().collect()
}

/// Why a value that the topic does not show as its own is left all the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Unsettable {
    /// The cluster does not have the config.
    NotListed,
    /// The value is in force, and the cluster does not show of such a value whether it is the topic's own.
    InForce,
    /// It is the topic's own, although the cluster shows it as inherited.
    Own,
}

/// What the cluster shows decides, so that a run never sets again what would show as before.
fn unsettable(key: &ConfigKey, to: &Declared<ConfigText>, seen: &ObservedTopic) -> Option<Unsettable> {
    let Some(shown) = seen.configs.get(key) else {
        return seen.listing.is_partial.then_some(Unsettable::NotListed);
    };
    let is_everywhere = by_broker(key, seen).is_empty();
    if !shown.is_inherited_as(key, to.value.reveal()) || !is_everywhere {
        return None;
    }
    if seen.listing.own_behind.contains(key) {
        return Some(Unsettable::Own);
    }
    seen.listing.is_partial.then_some(Unsettable::InForce)
}

fn left_as_shown(settings: &DesiredSettings, seen: &ObservedTopic) -> impl Iterator<Item = Note> {
    let readable = settings.configs.iter().filter(|_| seen.listing.unread.is_none());
    readable.filter_map(|(key, to)| match unsettable(key, to, seen)? {
        Unsettable::NotListed => Some(Note::NotListed { key: key.clone() }),
        Unsettable::InForce => Some(Note::InForce { key: key.clone() }),
        Unsettable::Own => None,
    })
}

fn hidden(settings: &DesiredSettings, seen: &ObservedTopic) -> impl Iterator<Item = Note> {
    let is_hidden = |key: &&ConfigKey| {
        let config = seen.configs.get(*key);
        config.is_some_and(|config| {
            config.sensitive && config.value.is_none() && config.source == ConfigSource::Topic
        })
    };
    settings
        .configs
        .keys()
        .filter(is_hidden)
        .map(|key| Note::HiddenValue { key: key.clone() })
}

/// Only where the broker was asked and refused: where it has nothing to tell, there is nothing to grant.
fn unknown_resets(resets: &[Change], seen: &ObservedTopic) -> impl Iterator<Item = Note> {
    let note = |change: &Change| match (change, &seen.inherited_unread) {
        (Change::ResetConfig(ConfigReset { key, to: None, .. }), Some(why)) => Some(Note::ResetUnknown {
            key: key.clone(),
            why: why.clone(),
        }),
        _ => None,
    };
    resets.iter().filter_map(note)
}

/// Those that were asked for what they inherit to the topic and did not tell.
fn unread_brokers(seen: &ObservedTopic) -> impl Iterator<Item = Note> {
    let brokers = seen.by_broker.brokers.iter();
    brokers.filter_map(|(broker, told)| {
        let why = told.as_ref().err()?.clone();
        let broker = *broker;
        Some(Note::ValuesUnread { broker, why })
    })
}

fn by_broker(key: &ConfigKey, seen: &ObservedTopic) -> ValueByBroker {
    seen.by_broker.value_by_broker(key).unless_alike(key)
}

fn resets(
    name: &TopicName,
    settings: &DesiredSettings,
    seen: &ObservedTopic,
) -> impl Iterator<Item = Change> {
    let is_internal = name.is_internal(seen.metadata.internal);
    let unlisted = move |(key, config): &(&ConfigKey, &ObservedConfig)| {
        config.source == ConfigSource::Topic && settings.resets(key, is_internal)
    };
    seen.configs.iter().filter(unlisted).map(|(key, config)| {
        Change::ResetConfig(ConfigReset {
            key: key.clone(),
            from: config.clone(),
            to: seen.inherited.get(key).cloned(),
            to_by_broker: by_broker(key, seen),
        })
    })
}
