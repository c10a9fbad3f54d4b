//! Which configs of an existing topic have to change.
//!
//! A declared value is compared as Kafka understands it, not as text. A value that the topic merely
//! inherits is still set when it is declared, so that a later change of the broker's default does not
//! change the topic.

use super::assess::Transition;
use super::change::{Change, ConfigReset, ConfigSet, PlannedChange};
use super::note::Note;
use super::{TopicPlan, min_insync};
use crate::model::{
    ConfigKey, ConfigSource, ConfigText, Declared, ObservedConfig, ObservedTopic, Settings, value,
};

pub(super) fn plan(settings: &Settings, seen: &ObservedTopic, planned: &mut TopicPlan) {
    let changes: Vec<Change> = sets(settings, seen).chain(resets(settings, seen)).collect();
    planned.notes.extend(hidden(settings, seen));
    planned.notes.extend(unknown_resets(settings, seen));
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
        assessed.push(PlannedChange {
            change: change.clone(),
            risk,
        });
    }
    assessed.sort_by(|a, b| config_key(&a.change).cmp(&config_key(&b.change)));
    planned.changes.extend(assessed);
}

fn config_key(change: &Change) -> Option<&ConfigKey> {
    match change {
        Change::SetConfig(set) => Some(&set.key),
        Change::ResetConfig(reset) => Some(&reset.key),
        Change::Create(_) | Change::Delete(_) | Change::GrowPartitions(_) | Change::Reassign(_) => None,
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
        Some(shown) => !value::same_value(key, shown, &to.value.raw),
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
fn unknown_resets(settings: &Settings, seen: &ObservedTopic) -> impl Iterator<Item = Note> {
    let note = |change| match (change, &seen.inherited_unread) {
        (Change::ResetConfig(ConfigReset { key, to: None, .. }), Some(why)) => {
            let why = why.clone();
            Some(Note::ResetUnknown { key, why })
        }
        _ => None,
    };
    resets(settings, seen).filter_map(note)
}

fn resets(settings: &Settings, seen: &ObservedTopic) -> impl Iterator<Item = Change> {
    let unlisted = |(key, config): &(&ConfigKey, &ObservedConfig)| {
        config.source == ConfigSource::Topic && settings.resets(key)
    };
    seen.configs.iter().filter(unlisted).map(|(key, config)| {
        Change::ResetConfig(ConfigReset {
            key: key.clone(),
            from: config.clone(),
            to: seen.inherited.get(key).cloned(),
        })
    })
}
