//! Configs that a cluster acknowledged and shows otherwise. Apache Kafka shows what it acknowledges as soon as a broker
//! has caught up; other clusters drop values, keep values of their own, or show a value that equals the default as the
//! default. What shows such a thing is not waited for.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use super::expected::{Expected, ExpectedConfig};
use super::report::{Outcome, Report};
use crate::admin::{Admin, PerTopic};
use crate::model::{
    ClusterView, ConfigKey, ConfigSource, ObservedConfig, Replication, TopicConfigs, TopicMetadata,
    TopicName, value,
};
use crate::plan::{Change, Creation, Note};

/// What differs from before the write is looked at for so long: somebody else may be at work, too.
pub(super) const SETTLED_AFTER: Duration = Duration::from_secs(1);

/// What is as before the write may still come. A broker that has the controller's whole log has published what it means
/// within that time, but for a run that keeps brokers busy.
const IGNORED_AFTER: Duration = Duration::from_secs(5);

/// So many topics at most: brokers that create thousands of topics publish what comes after them late.
const FEW: usize = 200;

/// More topics are not looked at one by one while brokers digest them.
pub(super) const MANY: usize = 2_000;

/// What may still come of a write.
#[derive(Debug, Clone, Copy)]
pub(super) struct Hope {
    /// What is in force already may yet show as the topic's own.
    as_own: bool,
    /// What is as before the write may yet change.
    at_all: bool,
}

impl Hope {
    /// After so long without progress of so many topics. `is_behind`: a broker lacks what the controller committed.
    pub(super) fn after(stalled_for: Duration, topics: usize, is_behind: bool) -> Self {
        Self {
            as_own: is_behind,
            at_all: is_behind || topics > FEW || stalled_for < IGNORED_AFTER,
        }
    }

    /// Whether this may still become what was written.
    pub(super) fn is_for(self, kept: &Kept) -> bool {
        match kept {
            Kept::AsWritten | Kept::Otherwise(_) => false,
            Kept::AsInherited => self.as_own,
            Kept::AsBefore(_) => self.at_all,
        }
    }
}

/// How a written config shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Kept {
    /// As it was written.
    AsWritten,
    /// The value is in force, and shows as inherited.
    AsInherited,
    /// Neither as before the write nor as written.
    Otherwise(Option<Arc<str>>),
    /// As before the write.
    AsBefore(Option<Arc<str>>),
}

/// How one config shows after a write.
pub(super) fn kept(seen: &TopicConfigs, key: &ConfigKey, expected: &ExpectedConfig) -> Kept {
    let shown = seen.get(key);
    let own = shown.filter(|config| config.source == ConfigSource::Topic);
    match (&expected.wanted, own) {
        (None, None) => return Kept::AsWritten,
        // A hidden value cannot be compared; that the topic has one of its own is all there is to see.
        (Some(_), Some(own)) if own.value.is_none() => return Kept::AsWritten,
        (Some(wanted), Some(own)) if is_same(key, own, wanted) => return Kept::AsWritten,
        (Some(wanted), None) if shown.is_some_and(|shown| shown.is_inherited_as(key, wanted)) => {
            return Kept::AsInherited;
        }
        (Some(_) | None, _) => {}
    }
    let value = shown.and_then(|shown| shown.value.clone());
    let was = expected.before.as_ref();
    let is_as_before = match (shown, was) {
        (None, None) => true,
        (Some(shown), Some(was)) => shown.source == was.source && shown.value == was.value,
        (Some(_) | None, _) => false,
    };
    if is_as_before {
        Kept::AsBefore(value)
    } else {
        Kept::Otherwise(value)
    }
}

fn is_same(key: &ConfigKey, shown: &ObservedConfig, wanted: &str) -> bool {
    let value = shown.value.as_deref();
    value.is_some_and(|shown| value::same_value(key, shown, wanted))
}

/// By topic, the configs that do not show as they were written.
pub(super) type NotAsWritten = BTreeMap<TopicName, Vec<(ConfigKey, Kept)>>;

impl Report {
    /// Ends the changes of these configs by what the cluster shows; all others stand.
    pub(super) fn end_as_shown(&mut self, shown: &NotAsWritten) {
        for (name, configs) in shown {
            for (key, kept) in configs {
                self.end_config(name, key, kept);
            }
        }
    }

    fn end_config(&mut self, name: &TopicName, key: &ConfigKey, kept: &Kept) {
        let Some(changes) = self.topics.get_mut(name) else {
            return;
        };
        let mut done = changes
            .iter_mut()
            .filter(|change| change.outcome == Outcome::Done);
        let Some(change) = done.find(|change| config_key(&change.planned.change) == Some(key)) else {
            return;
        };
        let words = match kept {
            Kept::AsWritten => return,
            Kept::AsInherited => {
                let note = Note::InForce { key: key.clone() };
                self.notes.entry(name.clone()).or_default().insert(note);
                return;
            }
            Kept::Otherwise(Some(shown)) => format!(
                "the cluster acknowledged it and shows {}: it keeps a value of its own, or somebody changed it \
                 meanwhile: then run apply again",
                in_words(key, shown)
            ),
            Kept::Otherwise(None) => {
                "the cluster acknowledged it and does not list it: it does not keep it".to_owned()
            }
            Kept::AsBefore(value) => {
                let shown = value
                    .as_deref()
                    .map_or_else(|| "no value".to_owned(), |shown| in_words(key, shown));
                let why = format!(
                    "the cluster acknowledged it and still shows {shown} on every look: it does not keep it, or somebody set it back: then run apply again"
                );
                change.outcome = Outcome::Unknown(why.into());
                return;
            }
        };
        change.outcome = Outcome::Failed(words.into());
    }
}

fn in_words(key: &ConfigKey, shown: &str) -> String {
    value::human(key, shown).map_or_else(|| shown.to_owned(), |human| format!("{human} ({shown})"))
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

/// Notes what new topics show otherwise than the file states. A broker that shows a topic shows all of it: the
/// controller writes it together. Where nobody tells, nothing is said.
pub async fn note_created_otherwise<A: Admin>(admin: &A, cluster: &ClusterView, report: &mut Report) {
    let created = created(report);
    let Some(broker) = cluster.brokers.keys().next().filter(|_| !created.is_empty()) else {
        return;
    };
    let names: Vec<TopicName> = created.keys().cloned().collect();
    let stated = created
        .iter()
        .filter(|(_, creation)| !creation.configs.is_empty());
    let keys = stated.map(|(name, creation)| (name.clone(), creation.configs.keys().cloned().collect()));
    let keys: BTreeMap<TopicName, Vec<ConfigKey>> = keys.collect();
    let (metadata, configs) = tokio::join!(admin.topics_on(*broker, &names), async {
        if keys.is_empty() {
            return Ok(PerTopic::new());
        }
        admin.configs_on(*broker, &keys).await
    });
    let (metadata, configs) = (metadata.unwrap_or_default(), configs.unwrap_or_default());
    for (name, creation) in &created {
        let mut notes = Vec::new();
        if let Some(Ok(Some(seen))) = metadata.get(name) {
            notes.extend(other_counts(creation, seen));
        }
        if let Some(Ok(Some(seen))) = configs.get(name) {
            notes.extend(other_configs(creation, seen));
        }
        if !notes.is_empty() {
            report.notes.entry(name.clone()).or_default().extend(notes);
        }
    }
}

fn other_counts(creation: &Creation, seen: &TopicMetadata) -> impl Iterator<Item = Note> {
    let partitions = creation.partitions.as_ref().map(|stated| stated.value);
    let partitions = partitions
        .filter(|stated| seen.partition_count() != Some(*stated))
        .map(|stated| {
            (
                format!("{stated} partitions"),
                format!("{}", seen.partitions.len()),
            )
        });
    let replication = creation.replication.as_ref().map(|stated| stated.value);
    let replication = replication.zip(seen.replication());
    let replication = replication
        .filter(|(stated, shown)| Replication::Uniform(*stated) != *shown)
        .map(|(stated, shown)| (format!("replication {stated}"), shown.to_string()));
    let each = partitions.into_iter().chain(replication);
    each.map(|(stated, shown)| Note::CreatedOtherwise { stated, shown })
}

fn other_configs(creation: &Creation, seen: &TopicConfigs) -> impl Iterator<Item = Note> {
    creation.configs.iter().filter_map(|(key, to)| {
        let expected = ExpectedConfig {
            before: None,
            wanted: Some(Arc::clone(to.value.reveal())),
        };
        let shown = match kept(seen, key, &expected) {
            Kept::AsWritten | Kept::AsInherited => return None,
            Kept::Otherwise(value) | Kept::AsBefore(value) => value.map(Into::into),
        };
        let key = key.clone();
        Some(Note::KeptOtherwise { key, shown })
    })
}

/// The topics that are new, as they were to be.
fn created(report: &Report) -> BTreeMap<TopicName, Creation> {
    let each = report.topics.iter().filter_map(|(name, changes)| {
        let mut done = changes.iter().filter(|change| change.outcome == Outcome::Done);
        let creation = done.find_map(|change| match &change.planned.change {
            Change::Create(creation) => Some(creation.clone()),
            Change::Delete(_)
            | Change::GrowPartitions(_)
            | Change::Reassign(_)
            | Change::CancelMoves(_)
            | Change::SetConfig(_)
            | Change::ResetConfig(_) => None,
        })?;
        Some((name.clone(), creation))
    });
    each.collect()
}

impl Expected {
    /// The configs that do not show as they were written.
    pub(super) fn not_as_written(&self, seen: &TopicConfigs) -> Vec<(ConfigKey, Kept)> {
        let each = self
            .configs()
            .map(|(key, expected)| (key.clone(), kept(seen, key, expected)));
        each.filter(|(_, kept)| *kept != Kept::AsWritten).collect()
    }
}
