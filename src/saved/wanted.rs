//! What the file wanted of a topic, to and fro.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::invalid_value::InvalidValue;
use crate::model::{
    ConfigKey, ConfigText, Declared, DesiredSettings, DesiredState, DesiredTopic, Layer, Origin,
    PartitionCount, Pattern, Place, ReplicationFactor, TopicName, Unlisted,
};

/// What is wanted of a topic.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "state", rename_all = "snake_case", deny_unknown_fields)]
pub(super) enum SavedWanted {
    /// It should exist.
    Present {
        /// The name without the profile's prefix.
        declared_name: String,
        /// Where the file declares it.
        declared_at: SavedPlace,
        /// How many partitions; null leaves it to the cluster.
        partitions: Option<SavedCount>,
        /// How many replicas; null leaves it to the cluster.
        replication: Option<SavedCount>,
        /// The declared configs by key.
        configs: Vec<SavedConfig>,
        /// Whether overrides that the file does not set stay.
        keep_unlisted: bool,
        /// Whether the topic's own entry says that they are reset, so that those of Kafka's own topics and of
        /// services are reset as well.
        #[serde(default)]
        reset_all_unlisted: bool,
        /// Patterns of configs that are left alone.
        ignore: Vec<String>,
    },
    /// The file says that it should not exist.
    Absent {
        /// The name without the profile's prefix.
        declared_name: String,
        /// Where the file declares it.
        declared_at: SavedPlace,
        /// Where the file says `state: absent`.
        stated_at: SavedPlace,
    },
    /// The file does not name it, and `--prune` was given.
    Pruned {},
}

/// A position in a file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct SavedPlace {
    /// The file as the user named it.
    file: String,
    /// Line, from 1.
    line: u32,
    /// Column in characters, from 1.
    column: u32,
}

/// Where a value is declared.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct SavedOrigin {
    /// The position.
    place: SavedPlace,
    /// The layer that won.
    layer: SavedLayer,
    /// The profile of that layer; null for layers that belong to none.
    profile: Option<String>,
}

/// The layers of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum SavedLayer {
    /// `defaults`
    Defaults,
    /// The profile.
    Profile,
    /// The topic.
    Topic,
    /// The topic's own entry for the profile.
    TopicProfile,
}

/// A declared number.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct SavedCount {
    /// The number.
    value: i64,
    /// Where it is declared.
    origin: SavedOrigin,
}

/// A declared config.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct SavedConfig {
    /// Which config.
    key: String,
    /// What is sent to the broker.
    raw: String,
    /// As the file writes it.
    written: String,
    /// Where it is declared.
    origin: SavedOrigin,
}

impl SavedWanted {
    pub(super) fn of_topic(topic: &DesiredTopic) -> Self {
        let declared_name = topic.declared_name.to_string();
        let declared_at = SavedPlace::of_place(&topic.place);
        match &topic.state {
            DesiredState::Absent(stated_at) => Self::Absent {
                declared_name,
                declared_at,
                stated_at: SavedPlace::of_place(stated_at),
            },
            DesiredState::Present(settings) => Self::Present {
                declared_name,
                declared_at,
                partitions: settings
                    .partitions
                    .as_ref()
                    .map(|count| SavedCount::of_declared(count.value.get().into(), &count.origin)),
                replication: settings
                    .replication
                    .as_ref()
                    .map(|factor| SavedCount::of_declared(factor.value.get().into(), &factor.origin)),
                configs: settings.configs.iter().map(SavedConfig::of_declared).collect(),
                keep_unlisted: settings.unlisted == Unlisted::Keep,
                reset_all_unlisted: settings.unlisted == Unlisted::ResetAll,
                ignore: settings.ignore.iter().map(ToString::to_string).collect(),
            },
        }
    }

    /// The topic as the file wanted it; `None` for one that is pruned.
    pub(super) fn topic(&self, name: &TopicName) -> Result<Option<DesiredTopic>, InvalidValue> {
        let (declared_name, declared_at, state) = match self {
            Self::Pruned {} => return Ok(None),
            Self::Absent {
                declared_name,
                declared_at,
                stated_at,
            } => (
                declared_name,
                declared_at,
                DesiredState::Absent(stated_at.place()),
            ),
            Self::Present {
                declared_name,
                declared_at,
                partitions,
                replication,
                configs,
                keep_unlisted,
                reset_all_unlisted,
                ignore,
            } => {
                let settings = DesiredSettings {
                    partitions: count(partitions.as_ref(), PartitionCount::new)?,
                    replication: count(replication.as_ref(), ReplicationFactor::new)?,
                    configs: configs.iter().map(config).collect::<Result<_, _>>()?,
                    unlisted: match (keep_unlisted, reset_all_unlisted) {
                        (true, _) => Unlisted::Keep,
                        (false, true) => Unlisted::ResetAll,
                        (false, false) => Unlisted::Reset,
                    },
                    ignore: ignore.iter().map(|pattern| Pattern::new(pattern)).collect(),
                };
                (declared_name, declared_at, DesiredState::Present(settings))
            }
        };
        Ok(Some(DesiredTopic {
            name: name.clone(),
            declared_name: declared_name.as_str().into(),
            description: None,
            aliases: Vec::new(),
            event: None,
            place: declared_at.place(),
            protected: None,
            exempt: None,
            state,
        }))
    }
}

fn count<T>(
    saved: Option<&SavedCount>,
    new: fn(i64) -> Option<T>,
) -> Result<Option<Declared<T>>, InvalidValue> {
    let Some(saved) = saved else { return Ok(None) };
    let value = new(saved.value).ok_or_else(|| InvalidValue(format!("{} is no such count", saved.value)))?;
    let origin = saved.origin.origin()?;
    Ok(Some(Declared { value, origin }))
}

fn config(saved: &SavedConfig) -> Result<(ConfigKey, Declared<ConfigText>), InvalidValue> {
    let key = ConfigKey::new(&saved.key).map_err(|invalid| InvalidValue(invalid.to_string()))?;
    let value = ConfigText::new(&saved.key, saved.raw.as_str(), saved.written.as_str());
    let origin = saved.origin.origin()?;
    Ok((key, Declared { value, origin }))
}

impl SavedCount {
    fn of_declared(value: i64, origin: &Origin) -> Self {
        let origin = SavedOrigin::of_origin(origin);
        Self { value, origin }
    }
}

impl SavedConfig {
    fn of_declared((key, declared): (&ConfigKey, &Declared<ConfigText>)) -> Self {
        Self {
            key: key.to_string(),
            // A secret keeps a plan from being saved.
            raw: declared.value.raw().unwrap_or_default().to_owned(),
            written: declared.value.written().unwrap_or_default().to_owned(),
            origin: SavedOrigin::of_origin(&declared.origin),
        }
    }
}

impl SavedPlace {
    pub(super) fn of_place(place: &Place) -> Self {
        Self {
            file: place.file.to_string(),
            line: place.line,
            column: place.column,
        }
    }

    pub(super) fn place(&self) -> Place {
        Place {
            file: self.file.as_str().into(),
            line: self.line,
            column: self.column,
        }
    }
}

impl SavedOrigin {
    fn of_origin(origin: &Origin) -> Self {
        let (layer, profile) = match &origin.layer {
            Layer::Defaults => (SavedLayer::Defaults, None),
            Layer::Profile(profile) => (SavedLayer::Profile, Some(profile)),
            Layer::Topic => (SavedLayer::Topic, None),
            Layer::TopicProfile(profile) => (SavedLayer::TopicProfile, Some(profile)),
        };
        Self {
            place: SavedPlace::of_place(&origin.place),
            layer,
            profile: profile.map(ToString::to_string),
        }
    }

    fn origin(&self) -> Result<Origin, InvalidValue> {
        let profile = self.profile.as_deref();
        let layer = match (self.layer, profile) {
            (SavedLayer::Defaults, None) => Layer::Defaults,
            (SavedLayer::Topic, None) => Layer::Topic,
            (SavedLayer::Profile, Some(profile)) => Layer::Profile(profile.into()),
            (SavedLayer::TopicProfile, Some(profile)) => Layer::TopicProfile(profile.into()),
            (SavedLayer::Defaults | SavedLayer::Topic, Some(_))
            | (SavedLayer::Profile | SavedLayer::TopicProfile, None) => {
                return Err(InvalidValue(
                    "a layer and its profile do not fit together".to_owned(),
                ));
            }
        };
        let place = self.place.place();
        Ok(Origin { place, layer })
    }
}
