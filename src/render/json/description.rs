//! The document of `describe`.

use schemars::JsonSchema;
use serde::Serialize;

use super::change::TopicIdText;
use super::declaration::Declaration;
use super::described::{BrokerJson, OfBroker, ReassignmentJson, TopicFiguresJson};
use super::groups::{DescribedGroupJson, UnreadGroups};
use super::partitions::PartitionJson;
use super::plan::PlannedTopicJson;
use super::right::MissingRight;
use super::value::{
    Cluster, ConfigSourceJson, DeclaredValue, ObservedValue, ReplicationJson, ValueOnBrokers, human,
};
use super::{DescriptionFormat, Each, Version};
use crate::inspect::{Condition, DescribedConfig, TopicDescription};
use crate::model::{
    BrokerId, ConfigKey, Known, Partition, ReadError, Reading, Synonym, TopicMetadata, TopicName,
};
use crate::render::{self, Header, View};

/// Topics as the cluster shows them, next to what the file says of them. Written by
/// `topicctl describe --output json`.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Description", title = "topicctl description", deny_unknown_fields)]
pub(super) struct DescriptionJson<'a, T> {
    /// What kind of document this is.
    format: DescriptionFormat,
    /// The version of this format. It changes when a field goes or changes its meaning.
    version: Version,
    /// The cluster and the profile.
    cluster: Cluster<'a>,
    /// Whether single topics were named, so that everything was read. Otherwise what was not needed was not
    /// asked for, and is absent.
    detailed: bool,
    /// The brokers that are alive.
    brokers: Vec<BrokerJson<'a>>,
    /// The rights that this principal lacks, by which something could not be read, validated or done.
    missing_rights: Vec<MissingRight>,
    /// The topics that were asked for and of which all filters hold, in the order that was asked for.
    topics: T,
}

/// The document, its topics made one by one while they are written.
pub(super) fn document<'a>(
    header: &'a Header,
    description: &'a render::Description,
) -> DescriptionJson<'a, impl Serialize> {
    DescriptionJson {
        format: DescriptionFormat::Description,
        version: Version::One,
        cluster: header.into(),
        detailed: description.view == View::Detailed,
        brokers: description.brokers.iter().map(Into::into).collect(),
        missing_rights: MissingRight::all(&description.missing_acls(), header),
        topics: Each(
            description
                .topics
                .iter()
                .map(|(name, topic)| DescribedTopicJson::new(name, topic, description)),
        ),
    }
}

/// One topic as the cluster shows it.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "DescribedTopic", deny_unknown_fields)]
pub(super) struct DescribedTopicJson<'a> {
    /// The full name on the cluster.
    name: &'a str,
    /// What the file says; null for a topic that it does not mention.
    declared: Option<Declaration<'a>>,
    /// How the topic differs from the file, as a plan says it; null for a topic that the file does
    /// not mention.
    difference: Option<PlannedTopicJson<'a>>,
    /// What the cluster's metadata says.
    metadata: ReadingJson<'a, TopicMetadataJson<'a>>,
    /// Its configs by key.
    configs: ReadingJson<'a, Vec<Config<'a>>>,
    /// Why it could not be read what lies behind the configs, so that their chains are empty; null where it could,
    /// or was not asked for.
    unread_chains: Option<&'a str>,
    /// The brokers with replicas that were asked what they inherit to the topic and did not tell.
    unread_values: Vec<UnreadValues<'a>>,
    /// Sums, and how evenly the topic spreads.
    figures: TopicFiguresJson,
    /// What each broker has of it: every live one, and those that replicas are assigned to.
    brokers: Vec<OfBroker>,
    /// What is being moved right now, by partition.
    reassignments: ReadingJson<'a, Vec<ReassignmentJson>>,
    /// The groups with committed offsets or members; null where they were not asked for.
    groups: Option<Vec<DescribedGroupJson<'a>>>,
    /// Why there may be more groups than these.
    unread_groups: UnreadGroups<'a>,
}

impl<'a> DescribedTopicJson<'a> {
    fn new(name: &'a TopicName, topic: &'a TopicDescription, description: &'a render::Description) -> Self {
        let groups = topic.groups.as_ref();
        Self {
            name: name.as_str(),
            declared: topic.declared.as_ref().map(Into::into),
            difference: topic.plan.as_ref().map(|plan| (name, plan).into()),
            metadata: ReadingJson::of_readable(&topic.metadata, |metadata| {
                TopicMetadataJson::new(metadata, topic)
            }),
            configs: ReadingJson::of_readable(&topic.configs, |configs| {
                configs.iter().map(Into::into).collect()
            }),
            unread_chains: topic.chains_unread.as_ref().map(|why| &*why.words),
            unread_values: topic.values_unread.iter().map(Into::into).collect(),
            figures: TopicFiguresJson::new(topic, description),
            brokers: OfBroker::all(topic, description),
            reassignments: ReadingJson::of_readable(&topic.reassignments, |moves| {
                moves.iter().map(Into::into).collect()
            }),
            groups: groups.map(|groups| groups.read.iter().map(Into::into).collect()),
            unread_groups: groups
                .map(|groups| groups.unread.iter().map(|why| &**why).collect())
                .unwrap_or_default(),
        }
    }
}

/// Something that was read, is not there or was not asked for, or could not be read.
#[derive(Serialize, JsonSchema)]
#[serde(tag = "status", rename_all = "snake_case")]
#[schemars(rename = "Reading_{T}", deny_unknown_fields)]
pub(super) enum ReadingJson<'a, T> {
    /// It was read.
    Read {
        /// What was read.
        value: T,
    },
    /// There is no such thing on the cluster, or it was not asked for.
    Absent {},
    /// It could not be read.
    Unknown {
        /// Why, in the broker's own words where there are any.
        reason: &'a str,
    },
}

impl<'a, T> ReadingJson<'a, T> {
    fn of_readable<S>(reading: &'a Reading<S>, value: impl FnOnce(&'a S) -> T) -> Self {
        match reading {
            Reading::Read(read) => Self::Read { value: value(read) },
            Reading::Absent | Reading::NotAsked => Self::Absent {},
            Reading::Failed(reason) => Self::Unknown {
                reason: &reason.words,
            },
        }
    }

    pub(super) fn of_known<S>(known: &'a Known<S>, value: impl FnOnce(&'a S) -> T) -> Self {
        match known {
            Known::Read(read) => Self::Read { value: value(read) },
            Known::Unread(reason) => Self::Unknown { reason },
        }
    }

    pub(super) fn of_result<S>(
        result: Option<&'a Result<S, ReadError>>,
        value: impl FnOnce(&'a S) -> T,
    ) -> Self {
        match result {
            Some(Ok(read)) => Self::Read { value: value(read) },
            Some(Err(reason)) => Self::Unknown {
                reason: &reason.words,
            },
            None => Self::Absent {},
        }
    }
}

/// What the cluster's metadata says of a topic.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Metadata", deny_unknown_fields)]
struct TopicMetadataJson<'a> {
    /// The topic's id, as Kafka's tools print it; all zeros (22 times A) on brokers before 2.8.
    id: TopicIdText,
    /// Whether it is one of Kafka's own topics, such as `__consumer_offsets`.
    internal: bool,
    /// How many replicas its partitions have, those not counted that are only being added; null only if the cluster showed a partition without any.
    replication: Option<ReplicationJson>,
    /// How many partitions have fewer replicas in sync than assigned, those not counted that are only being
    /// added; too many where `reassignments` could not be read.
    under_replicated: usize,
    /// How many partitions have fewer replicas in sync than `min.insync.replicas`; null where that config
    /// could not be read.
    under_min_isr: Option<usize>,
    /// How many partitions have no leader.
    offline: usize,
    /// The partitions in order.
    partitions: Vec<PartitionJson<'a>>,
}

impl<'a> TopicMetadataJson<'a> {
    fn new(metadata: &'a TopicMetadata, topic: &'a TopicDescription) -> Self {
        let partition = |partition: &'a Partition| PartitionJson::new(partition, topic);
        Self {
            id: metadata.id.into(),
            internal: metadata.internal,
            replication: topic.replication().map(Into::into),
            under_replicated: topic.count(Condition::UnderReplicated).unwrap_or(0),
            under_min_isr: topic.count(Condition::UnderMinIsr),
            offline: topic.count(Condition::Offline).unwrap_or(0),
            partitions: metadata.partitions.iter().map(partition).collect(),
        }
    }
}

/// A config with everything behind it.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "DescribedConfig", deny_unknown_fields)]
struct Config<'a> {
    /// Which config.
    key: &'a str,
    /// The value in force.
    value: ObservedValue<'a>,
    /// Every place that has a value for it, highest precedence first; empty where that was not asked or
    /// could not be read.
    chain: Vec<Link<'a>>,
    /// What it is on which brokers, where those that hold the topic inherit different values to it; else, or where it was
    /// not asked, empty.
    by_broker: Vec<ValueOnBrokers<'a>>,
    /// What the file declares; null where it does not.
    declared: Option<DeclaredValue<'a>>,
}

impl<'a> From<(&'a ConfigKey, &'a DescribedConfig)> for Config<'a> {
    fn from((key, described): (&'a ConfigKey, &'a DescribedConfig)) -> Self {
        let declared = |declared| DeclaredValue::beside(key, declared, Some(&described.config));
        Self {
            key: key.as_str(),
            value: ObservedValue::new(key, &described.config),
            chain: described.chain.iter().map(Into::into).collect(),
            by_broker: ValueOnBrokers::all(key, &described.by_broker),
            declared: described.declared.as_ref().map(declared),
        }
    }
}

/// A broker that does not tell what it inherits to the topic.
#[derive(Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
struct UnreadValues<'a> {
    /// The broker.
    broker: i32,
    /// Why, in the broker's own words where there are any.
    reason: &'a str,
}

impl<'a> From<(&'a BrokerId, &'a ReadError)> for UnreadValues<'a> {
    fn from((broker, why): (&'a BrokerId, &'a ReadError)) -> Self {
        Self {
            broker: broker.0,
            reason: &why.words,
        }
    }
}

/// One link of the chain behind a config's value.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "ConfigLink", deny_unknown_fields)]
struct Link<'a> {
    /// The key in that place, such as `log.retention.ms` on the broker.
    key: &'a str,
    /// The value there in Kafka's own words; null where it is hidden or there is none.
    raw: Option<&'a str>,
    /// The value in human units, such as `7d`; null where the raw value is as good as it gets.
    human: Option<String>,
    /// The place.
    source: ConfigSourceJson,
}

impl<'a> From<&'a Synonym> for Link<'a> {
    fn from(synonym: &'a Synonym) -> Self {
        Self {
            key: synonym.key.as_str(),
            raw: synonym.value.as_deref(),
            human: human(&synonym.key, synonym.value.as_deref()),
            source: ConfigSourceJson(synonym.source),
        }
    }
}
