//! Which configs of an existing topic have to change.
//!
//! A declared value is compared as Kafka understands it, not as text. A value that the topic merely
//! inherits is still set when it is declared, so that a later change of the broker's default does not
//! change the topic.

use super::assess::Transition;
use super::change::{Change, ConfigReset, ConfigSet, PlannedChange};
use super::note::Note;
use super::{Reason, TopicPlan, min_insync};
use crate::model::{
    ConfigKey, ConfigSource, ConfigText, Declared, ObservedConfig, ObservedTopic, Settings, TopicName, value,
};

pub(super) fn plan(name: &TopicName, settings: &Settings, seen: &ObservedTopic, planned: &mut TopicPlan) {
    let resets: Vec<Change> = resets(name, settings, seen).collect();
    planned.notes.extend(hidden(settings, seen));
    planned.notes.extend(unknown_resets(&resets, seen));
    let changes: Vec<Change> = sets(settings, seen).chain(resets).collect();
    let transition = Transition::new(&seen.configs, &changes);
    let mut assessed = Vec::new();
    for change in &changes {
        let Some(key) = config_key(change) else { continue };
        let mut risk = transition.risk_of(key);
        if key.as_str() == min_insync::KEY {
            match min_insync::of_change(&transition, settings, seen) {
                min_insync::Judgement::Fine => {}
                min_insync::Judgement::Risky(reasons) => risk = super::Risk::because(reasons),
                min_insync::Judgement::Refused(refusal) => {
                    planned.refusals.push(refusal);
                    continue;
                }
            }
        }
        if resets_value_in_force(change) {
            risk = risk.and(Reason::ResetsUnlisted);
        }
        assessed.push(PlannedChange {
            change: change.clone(),
            risk,
        });
    }
    assessed.sort_by(|a, b| config_key(&a.change).cmp(&config_key(&b.change)));
    planned.changes.extend(assessed);
}

/// A file's silence is a weaker statement than its words. Only where the topic shows the same value afterwards is
/// nothing lost that somebody has set.
fn resets_value_in_force(change: &Change) -> bool {
    let Change::ResetConfig(reset) = change else {
        return false;
    };
    let after = reset.to.as_ref().and_then(|inherited| inherited.value.as_deref());
    match (reset.from.value.as_deref(), after) {
        (Some(before), Some(after)) => !value::same_value(&reset.key, before, after),
        (None, _) | (_, None) => true,
    }
}

fn config_key(change: &Change) -> Option<&ConfigKey> {
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

fn sets(settings: &Settings, seen: &ObservedTopic) -> impl Iterator<Item = Change> {
    settings.configs.iter().filter_map(|(key, to)| {
        let from = seen.configs.get(key);
        needs_set(key, to, from).then(|| {
            Change::SetConfig(ConfigSet {
                key: key.clone(),
                from: from.cloned(),
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

fn hidden(settings: &Settings, seen: &ObservedTopic) -> impl Iterator<Item = Note> {
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

fn resets(name: &TopicName, settings: &Settings, seen: &ObservedTopic) -> impl Iterator<Item = Change> {
    let is_internal = name.is_internal(seen.metadata.internal);
    let unlisted = move |(key, config): &(&ConfigKey, &ObservedConfig)| {
        config.source == ConfigSource::Topic && settings.resets(key, is_internal)
    };
    seen.configs.iter().filter(unlisted).map(|(key, config)| {
        Change::ResetConfig(ConfigReset {
            key: key.clone(),
            from: config.clone(),
            to: seen.inherited.get(key).cloned(),
        })
    })
}
