//! The small things that every document is made of: places, values with their human form, sources,
//! counts, the cluster. A field that has nothing to say is null, never missing, so that scripts need
//! no cases.

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Serialize, Serializer};

use crate::model::{
    self, ConfigKey, ConfigSource, ConfigText, Inherited, Layer, ObservedConfig, PartitionCount,
    ReplicationFactor,
};
use crate::render::Header;

/// Which cluster is spoken of, and under which profile.
#[derive(Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub(super) struct Cluster<'a> {
    /// The profile of the file; null for a file without profiles, or without a file.
    profile: Option<&'a str>,
    /// The cluster's own id.
    id: &'a str,
    /// The bootstrap address that was used.
    address: &'a str,
    /// By what it is known that no controller answers, so that everything is as brokers last heard it; null where
    /// one answers, or where the cluster does not tell.
    no_controller: Option<&'a str>,
    /// Brokers that are down: listed as alive and silent, or not listed and with replicas of a topic that was read.
    down_brokers: Vec<DownBroker<'a>>,
}

/// A broker that is down.
#[derive(Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub(super) struct DownBroker<'a> {
    /// Its id.
    broker: i32,
    /// What became of the attempt to reach it.
    reason: &'a str,
}

impl<'a> From<&'a Header> for Cluster<'a> {
    fn from(header: &'a Header) -> Self {
        Self {
            profile: header.profile.as_deref(),
            id: &header.cluster_id,
            address: &header.address,
            no_controller: header.health.no_controller().map(|why| &**why),
            down_brokers: header
                .health
                .down
                .iter()
                .map(|(broker, reason)| DownBroker {
                    broker: broker.0,
                    reason,
                })
                .collect(),
        }
    }
}

/// A position in a file.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Place", deny_unknown_fields)]
pub(super) struct PlaceJson<'a> {
    /// The file as the user named it.
    file: &'a str,
    /// Line, from 1.
    #[schemars(range(min = 1))]
    line: u32,
    /// Column in characters, from 1.
    #[schemars(range(min = 1))]
    column: u32,
}

impl<'a> From<&'a model::Place> for PlaceJson<'a> {
    fn from(place: &'a model::Place) -> Self {
        Self {
            file: &place.file,
            line: place.line,
            column: place.column,
        }
    }
}

/// The layer of a file that declared a value and won over the lower ones.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(rename = "Layer")]
enum LayerName {
    /// `defaults`
    Defaults,
    /// The profile.
    Profile,
    /// The topic.
    Topic,
    /// The topic's own entry for the profile.
    TopicProfile,
}

/// Where a value is declared.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Origin", deny_unknown_fields)]
pub(super) struct OriginJson<'a> {
    /// The file as the user named it.
    file: &'a str,
    /// Line, from 1.
    #[schemars(range(min = 1))]
    line: u32,
    /// Column in characters, from 1.
    #[schemars(range(min = 1))]
    column: u32,
    /// The layer that won.
    layer: LayerName,
    /// The profile of that layer; null for layers that belong to none.
    profile: Option<&'a str>,
}

impl<'a> From<&'a model::Origin> for OriginJson<'a> {
    fn from(origin: &'a model::Origin) -> Self {
        let (layer, profile) = match &origin.layer {
            Layer::Defaults => (LayerName::Defaults, None),
            Layer::Profile(profile) => (LayerName::Profile, Some(profile)),
            Layer::Topic => (LayerName::Topic, None),
            Layer::TopicProfile(profile) => (LayerName::TopicProfile, Some(profile)),
        };
        Self {
            file: &origin.place.file,
            line: origin.place.line,
            column: origin.place.column,
            layer,
            profile: profile.map(|profile| &**profile),
        }
    }
}

/// A number that the file declares.
#[derive(Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub(super) struct DeclaredCount<'a> {
    /// The number.
    #[schemars(range(min = 1))]
    value: i32,
    /// Where it is declared.
    origin: OriginJson<'a>,
}

impl<'a> From<&'a model::Declared<PartitionCount>> for DeclaredCount<'a> {
    fn from(declared: &'a model::Declared<PartitionCount>) -> Self {
        Self {
            value: declared.value.get(),
            origin: (&declared.origin).into(),
        }
    }
}

impl<'a> From<&'a model::Declared<ReplicationFactor>> for DeclaredCount<'a> {
    fn from(declared: &'a model::Declared<ReplicationFactor>) -> Self {
        Self {
            value: declared.value.get().into(),
            origin: (&declared.origin).into(),
        }
    }
}

/// A config value that the file declares.
#[derive(Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub(super) struct DeclaredValue<'a> {
    /// The value as the broker gets it; null where the broker counts the key as sensitive, or the key names a secret.
    raw: Option<&'a str>,
    /// The value in human units, such as `7d`; null where the raw value is as good as it gets.
    human: Option<String>,
    /// The value as the file writes it, environment expanded; null where `raw` is.
    written: Option<&'a str>,
    /// Where it is declared.
    origin: OriginJson<'a>,
}

impl<'a> DeclaredValue<'a> {
    pub(super) fn new(key: &ConfigKey, declared: &'a model::Declared<ConfigText>) -> Self {
        Self {
            raw: declared.value.raw(),
            human: human(key, declared.value.raw()),
            written: declared.value.written(),
            origin: (&declared.origin).into(),
        }
    }

    /// What the broker hides is not told by way of the file either.
    pub(super) fn beside(
        key: &ConfigKey,
        declared: &'a model::Declared<ConfigText>,
        observed: Option<&ObservedConfig>,
    ) -> Self {
        let shown = Self::new(key, declared);
        if observed.is_some_and(|config| config.sensitive) {
            Self {
                raw: None,
                human: None,
                written: None,
                ..shown
            }
        } else {
            shown
        }
    }
}

/// A config value as the broker shows it.
#[derive(Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub(super) struct ObservedValue<'a> {
    /// The value in Kafka's own words; null where the broker hides it or has none.
    raw: Option<&'a str>,
    /// The value in human units, such as `7d`; null where the raw value is as good as it gets.
    human: Option<String>,
    /// Where the value comes from.
    source: ConfigSourceJson,
    /// Whether the broker hides the value.
    sensitive: bool,
}

impl<'a> ObservedValue<'a> {
    pub(super) fn new(key: &ConfigKey, config: &'a ObservedConfig) -> Self {
        Self {
            raw: config.value.as_deref(),
            human: human(key, config.value.as_deref()),
            source: ConfigSourceJson(config.source),
            sensitive: config.sensitive,
        }
    }
}

/// A config value that lies behind another one.
#[derive(Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub(super) struct InheritedValue<'a> {
    /// The value in Kafka's own words; null where the broker hides it or has none.
    raw: Option<&'a str>,
    /// The value in human units, such as `7d`; null where the raw value is as good as it gets.
    human: Option<String>,
    /// Where the value comes from.
    source: ConfigSourceJson,
}

impl<'a> InheritedValue<'a> {
    pub(super) fn new(key: &ConfigKey, inherited: &'a Inherited) -> Self {
        Self {
            raw: inherited.value.as_deref(),
            human: human(key, inherited.value.as_deref()),
            source: ConfigSourceJson(inherited.source),
        }
    }
}

/// An inherited value, and the brokers that have it.
#[derive(Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub(super) struct ValueOnBrokers<'a> {
    /// The brokers, by their ids.
    brokers: Vec<i32>,
    /// What they inherit to the topic; null where they do not tell.
    value: Option<InheritedValue<'a>>,
}

impl<'a> ValueOnBrokers<'a> {
    /// One for each value, where brokers differ; none where they do not.
    pub(super) fn all(key: &ConfigKey, values: &'a model::ValueByBroker) -> Vec<Self> {
        let groups = values.groups(key).into_iter();
        let one = |(told, brokers): (Option<&'a Inherited>, Vec<model::BrokerId>)| Self {
            brokers: brokers.iter().map(|id| id.0).collect(),
            value: told.map(|told| InheritedValue::new(key, told)),
        };
        groups.map(one).collect()
    }
}

/// A config that brokers inherit differently to a topic.
#[derive(Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub(super) struct ConfigOnBrokers<'a> {
    /// The config.
    key: &'a str,
    /// One for each value.
    values: Vec<ValueOnBrokers<'a>>,
}

impl<'a> ConfigOnBrokers<'a> {
    pub(super) fn new((key, values): &'a (ConfigKey, model::ValueByBroker)) -> Self {
        Self {
            key: key.as_str(),
            values: ValueOnBrokers::all(key, values),
        }
    }
}

pub(super) fn human(key: &ConfigKey, raw: Option<&str>) -> Option<String> {
    raw.and_then(|raw| model::value::human(key, raw))
}

/// How many replicas the partitions of a topic have.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Replication", deny_unknown_fields)]
pub(super) struct ReplicationJson {
    /// The fewest replicas of any partition.
    #[schemars(range(min = 1))]
    lowest: i16,
    /// The most replicas of any partition; the same as `lowest` unless partitions differ.
    #[schemars(range(min = 1))]
    highest: i16,
}

impl From<model::Replication> for ReplicationJson {
    fn from(replication: model::Replication) -> Self {
        let (lowest, highest) = match replication {
            model::Replication::Uniform(factor) => (factor, factor),
            model::Replication::Mixed { lowest, highest } => (lowest, highest),
        };
        Self {
            lowest: lowest.get(),
            highest: highest.get(),
        }
    }
}

/// Where a config's value comes from, by Kafka's own names.
pub(super) struct ConfigSourceJson(pub(super) ConfigSource);

impl Serialize for ConfigSourceJson {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.0 {
            ConfigSource::Topic => serializer.serialize_str("dynamic_topic_config"),
            ConfigSource::Broker => serializer.serialize_str("dynamic_broker_config"),
            ConfigSource::Cluster => serializer.serialize_str("dynamic_default_broker_config"),
            ConfigSource::BrokerFile => serializer.serialize_str("static_broker_config"),
            ConfigSource::Default => serializer.serialize_str("default_config"),
            ConfigSource::Other(number) => serializer.collect_str(&format_args!("unknown_{number}")),
        }
    }
}

impl JsonSchema for ConfigSourceJson {
    fn schema_name() -> Cow<'static, str> {
        "ConfigSource".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "description": "Where a config's value comes from, by Kafka's own names in lower case. \
                Only dynamic_topic_config is the topic's own. A source that is not known is \
                unknown_ with its number on the wire.",
            "type": "string",
            "anyOf": [
                { "enum": [
                    "dynamic_topic_config",
                    "dynamic_broker_config",
                    "dynamic_default_broker_config",
                    "static_broker_config",
                    "default_config"
                ] },
                { "pattern": "^unknown_-?[0-9]+$" }
            ]
        })
    }
}
