//! What one topic of a cluster is to state.

use std::collections::BTreeMap;

use super::super::config::reads_as;
use super::super::fields;
use super::{Gap, scalar};
use crate::model::{
    ConfigKey, ConfigSource, Moving, ObservedConfig, Replication, ReplicationFactor, TopicConfigs,
    TopicMetadata,
    known::{self, KnownConfig},
    printable, value,
};

/// A plain retention below this many milliseconds draws a warning when it is read.
const ODD_RETENTION: i64 = 60_000;

/// A field of a layer, in the order in which they are written.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum LayerField {
    Partitions,
    Replication,
    /// A config with a name of this file's own; by the place of that name among the others.
    Short(usize, &'static str),
    /// Any other, under `config`.
    Config(ConfigKey),
}

/// What a field says.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct StatedValue {
    /// YAML.
    pub(super) yaml: String,
    /// Kafka's own value, where that is another.
    pub(super) raw: Option<String>,
}

/// Everything that one topic states.
#[derive(Debug, Default)]
pub(super) struct Statements {
    pub(super) fields: BTreeMap<LayerField, StatedValue>,
    /// Overrides that are left alone since they cannot be stated.
    pub(super) ignored: Vec<ConfigKey>,
    pub(super) gaps: Vec<Gap>,
}

pub(super) fn statements(metadata: &TopicMetadata, configs: &TopicConfigs, moving: &Moving) -> Statements {
    let mut stated = Statements::default();
    if let Some(partitions) = metadata.partition_count() {
        stated.state(LayerField::Partitions, partitions.to_string(), None);
    }
    let own = configs
        .iter()
        .filter(|(key, config)| config.source == ConfigSource::Topic && !key.is_replication_throttle());
    for (key, config) in own {
        stated.add_config(key, config);
    }
    match replication(metadata, moving) {
        Ok(Some(replication)) => stated.state(LayerField::Replication, replication.to_string(), None),
        Ok(None) => {}
        Err(gap) => stated.gaps.push(gap),
    }
    stated
}

impl Statements {
    fn state(&mut self, field: LayerField, yaml: String, raw: Option<String>) {
        self.fields.insert(field, StatedValue { yaml, raw });
    }

    fn add_config(&mut self, key: &ConfigKey, config: &ObservedConfig) {
        let Some(raw) = config.value.as_deref().filter(|_| !config.sensitive) else {
            return self.leave_unlisted(key, Gap::Hidden(key.clone()));
        };
        let Some(written) = written(key, raw) else {
            return self.leave_unlisted(key, Gap::NotReadBack(key.clone()));
        };
        if let Some(last) = known::lookup(key.as_str()).and_then(KnownConfig::until) {
            let key = key.clone();
            self.gaps.push(Gap::RemovedSince { key, last });
        }
        let beside = (written != raw).then(|| printable(raw).into_owned());
        self.state(field(key), scalar::value(&written), beside);
    }

    /// What a manifest does not declare it would reset, so it has to say that the key is left alone.
    fn leave_unlisted(&mut self, key: &ConfigKey, gap: Gap) {
        self.ignored.push(key.clone());
        self.gaps.push(gap);
    }
}

/// The one number that all partitions have, now and when nothing moves any more. `None` only if the cluster
/// showed a partition without replicas.
fn replication(metadata: &TopicMetadata, moving: &Moving) -> Result<Option<ReplicationFactor>, Gap> {
    let (now, then) = match moving {
        Moving::NotAsked | Moving::Absent => (metadata.replication(), metadata.replication()),
        Moving::Read(moving) => {
            let (now, then) = (metadata.less_added(moving), metadata.arrived(moving));
            (now.replication(), then.replication())
        }
        Moving::Failed(why) => return Err(Gap::ReplicationUnread(why.clone())),
    };
    match (now, then) {
        (Some(Replication::Uniform(now)), Some(Replication::Uniform(then))) if now == then => Ok(Some(now)),
        (Some(now), Some(then)) if now != then => Err(Gap::ReplicationChanges { now, then }),
        (Some(Replication::Mixed { lowest, highest }), _) => Err(Gap::MixedReplication { lowest, highest }),
        (Some(Replication::Uniform(_)) | None, _) => Ok(None),
    }
}

fn field(key: &ConfigKey) -> LayerField {
    match fields::short_name(key.as_str()) {
        Some((place, short)) => LayerField::Short(place, short),
        None => LayerField::Config(key.clone()),
    }
}

/// The value as it is written: in human units where that reads back to the very same. `None` if nothing that
/// could be written reads back to it.
fn written(key: &ConfigKey, raw: &str) -> Option<String> {
    // Variables are not read in keys, and are not allowed there.
    if key.as_str().contains("${") {
        return None;
    }
    let exact = |text: &String| reads_as(key, text).as_deref() == Some(raw);
    let human = value::human(key, raw).or_else(|| odd_retention(key, raw));
    human.filter(exact).or_else(|| {
        let read = reads_as(key, raw)?;
        value::same_value(key, &read, raw).then(|| raw.to_owned())
    })
}

fn odd_retention(key: &ConfigKey, raw: &str) -> Option<String> {
    let number: i64 = raw.parse().ok()?;
    let is_odd = key.as_str() == "retention.ms" && (0..ODD_RETENTION).contains(&number);
    is_odd.then(|| format!("{number}ms"))
}
