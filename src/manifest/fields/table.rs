//! Every field of a manifest, once: where it stands, what it takes, what it is for, and what other tools call it.
//! The reader's sections, "did you mean" and the JSON Schema all come from here.

use super::ManifestSection::{self, Defaults, Policy, Profile, Root, Topic, TopicPolicy, TopicProfile};
use crate::model::EventName;

/// What a field takes. The reader has the last word; this is what an editor can check.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::manifest) enum FieldKind {
    /// The version of the format.
    Version,
    /// Text of one line.
    Text,
    /// Text that matches this regular expression, or has a variable in it.
    Matching(&'static str),
    /// One such text, or a list of them.
    Names(&'static str),
    /// A whole number from 1 on, up to this.
    Count(i64),
    /// The value of this topic config, in units that people write.
    Config(&'static str),
    /// A duration, without `inherit` standing for a config.
    Duration,
    /// One of these words.
    Word(&'static [&'static str]),
    /// Topic configs by Kafka's own names.
    Configs,
    /// Client properties by Kafka's own names.
    Properties,
    /// A mapping with the fields of this section.
    Fields(ManifestSection),
    /// A mapping from names to such mappings.
    Named(ManifestSection),
    /// A list of such mappings.
    List(ManifestSection),
}

/// One field.
#[derive(Debug, Clone, Copy)]
pub(in crate::manifest) struct FieldSpec {
    pub(in crate::manifest) name: &'static str,
    /// Where it may stand.
    pub(super) sections: &'static [ManifestSection],
    pub(in crate::manifest) kind: FieldKind,
    /// What it is for, as an editor shows it.
    pub(in crate::manifest) purpose: &'static str,
    /// What other tools and Kafka's own call it, in lower case with `_`.
    pub(super) other_names: &'static [&'static str],
}

const fn field(
    name: &'static str,
    sections: &'static [ManifestSection],
    kind: FieldKind,
    purpose: &'static str,
    other_names: &'static [&'static str],
) -> FieldSpec {
    FieldSpec { name, sections, kind, purpose, other_names }
}

/// Where settings of topics stand: each of these layers overrides those before it.
const LAYERS: &[ManifestSection] = &[Defaults, Profile, Topic, TopicProfile];

const EVENTS: &[&str] = &[
    EventName::TestGenerationStarted.as_str(),
    EventName::TestGenerationCompleted.as_str(),
    EventName::TestGenerationFailed.as_str(),
];

/// A topic name as `org.apache.kafka.common.internals.Topic` takes it, but for `.` and `..`.
const TOPIC_NAME: &str = "^[a-zA-Z0-9._-]{1,249}$";

/// Anything but nothing.
const SOMETHING: &str = ".";

const COUNT: FieldKind = FieldKind::Count(i32::MAX as i64);
const REPLICAS: FieldKind = FieldKind::Count(i16::MAX as i64);

/// All of them. Those of a section come in the order in which a message lists them.
pub(in crate::manifest) const FIELDS: &[FieldSpec] = &[
    field("version", &[Root], FieldKind::Version, "The version of this format: 1.", &[]),
    field("defaults", &[Root], FieldKind::Fields(Defaults), "Settings of every topic in every profile.", &[]),
    field("profiles", &[Root], FieldKind::Named(Profile), "Environments: address, prefix and settings. `dev` is used where none is named.", &["environments", "envs", "clusters"]),
    field("bootstrap", &[Profile], FieldKind::Text, "Addresses of brokers: host:port, several with commas.", &["bootstrap_server", "bootstrap_servers", "brokers"]),
    field("prefix", &[Profile], FieldKind::Matching("^[a-zA-Z0-9._-]*$"), "Put before the name of each topic in this profile.", &[]),
    field("cluster_id", &[Profile], FieldKind::Matching(r"^\S+$"), "The id of the cluster. Another cluster behind the address is an error.", &[]),
    field("client", &[Defaults, Profile], FieldKind::Properties, "Client properties by Kafka's own names, such as security.protocol.", &[]),
    field("name", &[Topic], FieldKind::Matching(TOPIC_NAME), "The name of the topic, without the prefix of a profile.", &["topic", "topic_name"]),
    field("description", &[Topic, TopicProfile], FieldKind::Text, "What the topic is for.", &["comment", "doc"]),
    field("aliases", &[Topic, TopicProfile], FieldKind::Names(TOPIC_NAME), "Older names of the topic, or other names for it on the command line.", &[]),
    field("event", &[Topic], FieldKind::Word(EVENTS), "The event that the topic carries.", &[]),
    field("state", &[Topic, TopicProfile], FieldKind::Word(&["present", "absent"]), "`absent` deletes the topic, with --allow-data-loss.", &["ensure"]),
    field("policy", &[Root, Profile], FieldKind::Fields(Policy), "Bounds that every topic has to comply with.", &[]),
    field("policy", &[Topic, TopicProfile], FieldKind::Fields(TopicPolicy), "Whether the policy holds for this topic.", &[]),
    field("profiles", &[Topic], FieldKind::Named(TopicProfile), "Settings of this topic in single profiles.", &["environments", "envs"]),
    field("topics", &[Root], FieldKind::List(Topic), "The topics.", &[]),
    field("min_replication", &[Policy], REPLICAS, "Replication is at least this.", &[]),
    field("max_partitions", &[Policy], COUNT, "A topic has at most so many partitions.", &[]),
    field("min_retention", &[Policy], FieldKind::Duration, "`retention.ms` is not below this duration.", &[]),
    field("max_retention", &[Policy], FieldKind::Duration, "`retention.ms` is not above this duration.", &[]),
    field("min_insync_replicas", &[Policy], REPLICAS, "`min.insync.replicas` is at least this.", &[]),
    field("min_spare_replicas", &[Policy], REPLICAS, "Replication less `min.insync.replicas` is at least this.", &[]),
    field("names", &[Policy], FieldKind::Names(SOMETHING), "The declared name matches one of these patterns.", &[]),
    field("required_config", &[Policy], FieldKind::Names(SOMETHING), "The file sets each of these topic configs.", &[]),
    field("forbidden_config", &[Policy], FieldKind::Names(SOMETHING), "The file sets no topic config that matches one of these patterns.", &[]),
    field("exempt", &[TopicPolicy], FieldKind::Text, "Why the policy does not hold for this topic.", &[]),
    field("partitions", LAYERS, COUNT, "The number of partitions. Kafka can add partitions, and cannot remove any.", &["num_partitions", "partition_count", "partitions_count"]),
    field("replication", LAYERS, REPLICAS, "The number of replicas of each partition.", &["replication_factor", "replicas"]),
    field("retention", LAYERS, FieldKind::Config("retention.ms"), "How long records are kept: `7d`, `12h`, `forever`.", &["retention_ms", "retention_time"]),
    field("retention_bytes", LAYERS, FieldKind::Config("retention.bytes"), "How large a partition may grow: `10GiB`, `unlimited`.", &[]),
    field("cleanup", LAYERS, FieldKind::Config("cleanup.policy"), "Delete old records, or keep the latest record of each key.", &["cleanup_policy"]),
    field("compression", LAYERS, FieldKind::Config("compression.type"), "How brokers store records.", &["compression_type"]),
    field("min_insync_replicas", LAYERS, FieldKind::Config("min.insync.replicas"), "How many replicas acknowledge a record that is produced with acks=all.", &["min_isr", "min_in_sync_replicas"]),
    field("config", LAYERS, FieldKind::Configs, "Any topic config of Kafka, by its own name.", &["topic_config", "configuration", "configs"]),
    field("unlisted", LAYERS, FieldKind::Word(&["keep", "reset"]), "What becomes of overrides on the cluster that the file does not set.", &[]),
    field("ignore", LAYERS, FieldKind::Names(SOMETHING), "Topic configs that are left as they are on the cluster: keys or patterns.", &[]),
    field("protect", LAYERS, FieldKind::Word(&["true", "false"]), "`true`: the topic is never deleted.", &[]),
];

impl FieldSpec {
    pub(in crate::manifest) fn is_in(&self, section: ManifestSection) -> bool {
        self.sections.contains(&section)
    }

    /// A setting of topics, which every layer may have.
    pub(super) fn is_setting(&self) -> bool {
        self.sections.len() == LAYERS.len()
    }
}
