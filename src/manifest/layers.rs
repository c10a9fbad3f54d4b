//! Layers over each other, per key: `defaults`, the profile, the topic, the topic's own entry for the
//! profile. The highest that says something of a key wins, and `inherit` says "nothing".

use std::collections::BTreeMap;

use super::problem::{Location, Problem};
use super::report::ProblemReport;
use super::settings::LayerSettings;
use super::statement::{Setting, Statement};
use crate::model::{self, ConfigKey, Declared, Layer, Origin, Pattern, Unlisted};

/// The effective settings of a topic; the lowest layer comes first.
pub(super) fn effective(layers: &[(&LayerSettings, &Layer)]) -> model::DesiredSettings {
    let mut configs = BTreeMap::new();
    for (settings, layer) in layers {
        for (key, statement) in &settings.configs {
            put(&mut configs, key, statement, layer);
        }
    }
    model::DesiredSettings {
        partitions: highest(layers, |settings| &settings.partitions),
        replication: highest(layers, |settings| &settings.replication),
        unlisted: unlisted(layers),
        ignore: united(layers),
        configs,
    }
}

/// What `defaults` or a profile say is meant for topics in general. A topic's own entry is meant for that topic,
/// also where it is one of Kafka's own.
fn unlisted(layers: &[(&LayerSettings, &Layer)]) -> Unlisted {
    let Some(declared) = highest(layers, |settings| &settings.unlisted) else {
        return Unlisted::default();
    };
    match (declared.value, declared.origin.layer) {
        (Unlisted::Reset, Layer::Topic | Layer::TopicProfile(_)) => Unlisted::ResetAll,
        (stated, _) => stated,
    }
}

fn put<V: Clone>(
    configs: &mut BTreeMap<ConfigKey, Declared<V>>,
    key: &ConfigKey,
    statement: &Statement<V>,
    layer: &Layer,
) {
    match statement.clone().declared(layer) {
        Some(declared) => configs.insert(key.clone(), declared),
        None => configs.remove(key),
    };
}

/// The configs whose value is stated and not known: it waits for a variable, or is wrong.
pub(super) fn unknown(layers: &[(&LayerSettings, &Layer)]) -> BTreeMap<ConfigKey, Origin> {
    let mut unknown = BTreeMap::new();
    for (settings, layer) in layers {
        for (key, statement) in &settings.configs {
            if statement.said == Setting::Unknown {
                let (place, layer) = (statement.place.clone(), (*layer).clone());
                unknown.insert(key.clone(), Origin { place, layer });
            } else {
                unknown.remove(key);
            }
        }
    }
    unknown
}

/// What the highest layer says that says anything.
pub(super) fn highest<'s, S: 's, T: Clone + 's>(
    layers: &[(&'s S, &Layer)],
    of: impl Fn(&'s S) -> &'s Option<Statement<T>>,
) -> Option<Declared<T>> {
    let (statement, layer) = layers
        .iter()
        .rev()
        .find_map(|(layer_says, layer)| Some((of(layer_says).as_ref()?, layer)))?;
    statement.clone().declared(layer)
}

fn united(layers: &[(&LayerSettings, &Layer)]) -> Vec<Pattern> {
    let mut patterns: Vec<Pattern> = Vec::new();
    for (settings, _) in layers {
        match settings.ignore.as_ref().map(|statement| &statement.said) {
            Some(Setting::Inherit) => patterns.clear(),
            Some(Setting::Value(more)) => patterns.extend(more.iter().cloned()),
            Some(Setting::Unknown) | None => {}
        }
    }
    patterns.sort_by(|one, other| one.as_str().cmp(other.as_str()));
    patterns.dedup();
    patterns
}

/// Kafka takes such a topic; brokers before 3.7 then refuse every write with acks=all. The plan knows the cluster's release.
pub(super) fn check(settings: &model::DesiredSettings, report: &mut ProblemReport) {
    let Some(replication) = &settings.replication else {
        return;
    };
    let Some(minimum) = settings.configs.get("min.insync.replicas") else {
        return;
    };
    let Ok(number) = minimum.value.reveal().parse::<i64>() else {
        return;
    };
    if number <= i64::from(replication.value.get()) {
        return;
    }
    let message = format!(
        "min.insync.replicas {number} is above replication {replicas}: before Kafka 3.7 every write with acks=all fails, and \
         from then on it counts as {replicas}",
        replicas = replication.value
    );
    report.add(
        Problem::warning(Location::Place(minimum.origin.place.clone()), message)
            .related("replication is stated at", &replication.origin.place)
            .suggest("raise replication, or lower min.insync.replicas"),
    );
}

/// What two files say of one thing in one layer. The same is no conflict.
pub(super) fn reconcile<T: PartialEq>(
    name: &str,
    first: &mut Option<Statement<T>>,
    second: Option<Statement<T>>,
    report: &mut ProblemReport,
) {
    let Some(second) = second else { return };
    let Some(present) = first else {
        *first = Some(second);
        return;
    };
    let unknown = present.said == Setting::Unknown || second.said == Setting::Unknown;
    if unknown || present.said == second.said {
        return;
    }
    let message = format!("{name} differs between the files");
    report.add(
        Problem::error(Location::Place(second.place), message)
            .related("the other value is at", &present.place)
            .suggest("keep one of them"),
    );
}

/// Adds what another file says in the same layer.
pub(super) fn absorb(
    layer: &str,
    first: &mut LayerSettings,
    second: LayerSettings,
    report: &mut ProblemReport,
) {
    let name = |key: &str| format!("`{key}` of {layer}");
    reconcile(
        &name("partitions"),
        &mut first.partitions,
        second.partitions,
        report,
    );
    reconcile(
        &name("replication"),
        &mut first.replication,
        second.replication,
        report,
    );
    reconcile(&name("unlisted"), &mut first.unlisted, second.unlisted, report);
    reconcile(&name("protect"), &mut first.protect, second.protect, report);
    match (&mut first.ignore, second.ignore) {
        (
            Some(Statement {
                said: Setting::Value(patterns),
                ..
            }),
            Some(Statement {
                said: Setting::Value(more),
                ..
            }),
        ) => {
            patterns.extend(more);
        }
        (present, statement) => reconcile(&name("ignore"), present, statement, report),
    }
    let mut configs: BTreeMap<_, _> = std::mem::take(&mut first.configs)
        .into_iter()
        .map(|(key, statement)| (key, Some(statement)))
        .collect();
    for (key, statement) in second.configs {
        let present = configs.entry(key.clone()).or_default();
        reconcile(&name(key.as_str()), present, Some(statement), report);
    }
    first.configs = configs
        .into_iter()
        .filter_map(|(key, statement)| Some((key, statement?)))
        .collect();
}
