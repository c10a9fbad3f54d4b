//! What the file says of a topic, for the document of `describe`.

use schemars::JsonSchema;
use serde::Serialize;

use super::change::DeclaredConfig;
use super::value::{DeclaredCount, OriginJson, PlaceJson};
use crate::model::{DesiredSettings, DesiredState, DesiredTopic, Pattern, TopicName, Unlisted};

/// What the file says of a topic.
#[derive(Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub(super) struct Declaration<'a> {
    /// The name as the file writes it, without the profile's prefix.
    name: &'a str,
    /// What the topic is for; null where the file does not say.
    description: Option<&'a str>,
    /// Older names of the same topic.
    aliases: Vec<&'a str>,
    /// The event of the contract that it carries; null where the file does not say.
    event: Option<&'static str>,
    /// Where it is declared.
    declared_at: PlaceJson<'a>,
    /// Where the file says `protect: true`; null where the topic is not protected from being deleted.
    protected_at: Option<OriginJson<'a>>,
    /// Whether it should exist, and how.
    desired: DesiredJson<'a>,
}

impl<'a> From<&'a DesiredTopic> for Declaration<'a> {
    fn from(topic: &'a DesiredTopic) -> Self {
        Self {
            name: &topic.declared_name,
            description: topic.description.as_deref(),
            aliases: topic.aliases.iter().map(TopicName::as_str).collect(),
            event: topic.event.as_ref().map(|event| event.value.as_str()),
            declared_at: (&topic.place).into(),
            protected_at: topic.protected.as_ref().map(Into::into),
            desired: match &topic.state {
                DesiredState::Present(settings) => DesiredJson::present(settings),
                DesiredState::Absent(stated_at) => DesiredJson::Absent {
                    stated_at: stated_at.into(),
                },
            },
        }
    }
}

/// Whether a topic should exist.
#[derive(Serialize, JsonSchema)]
#[serde(tag = "state", rename_all = "snake_case")]
#[schemars(rename = "Desired", deny_unknown_fields)]
enum DesiredJson<'a> {
    /// It should exist with these settings.
    Present {
        /// How many partitions; null where no layer says.
        partitions: Option<DeclaredCount<'a>>,
        /// How many replicas; null where no layer says.
        replication: Option<DeclaredCount<'a>>,
        /// Declared configs by key.
        configs: Vec<DeclaredConfig<'a>>,
        /// What happens to overrides that the file does not set.
        unlisted: UnlistedName,
        /// Patterns of keys that are left alone where the file does not set them.
        ignore: Vec<&'a str>,
    },
    /// It should not exist.
    Absent {
        /// Where the file says so.
        stated_at: PlaceJson<'a>,
    },
}

impl<'a> DesiredJson<'a> {
    fn present(settings: &'a DesiredSettings) -> Self {
        Self::Present {
            partitions: settings.partitions.as_ref().map(Into::into),
            replication: settings.replication.as_ref().map(Into::into),
            configs: settings.configs.iter().map(Into::into).collect(),
            unlisted: match settings.unlisted {
                Unlisted::Reset => UnlistedName::Reset,
                Unlisted::ResetAll => UnlistedName::ResetAll,
                Unlisted::Keep => UnlistedName::Keep,
            },
            ignore: settings.ignore.iter().map(Pattern::as_str).collect(),
        }
    }
}

/// What happens to overrides that the file does not set.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(rename = "Unlisted")]
enum UnlistedName {
    /// They are reset to their inherited value, but for those of Kafka's own topics and of services.
    Reset,
    /// All of them are reset, since the topic's own entry says so.
    ResetAll,
    /// They stay.
    Keep,
}
