//! Which fields stand where, and what was probably meant by one that does not.

use crate::model::known;

/// A part of the file with fields of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Section {
    Root,
    Defaults,
    Profile,
    Topic,
    TopicProfile,
    Policy,
    TopicPolicy,
}

const SECTIONS: [Section; 7] = [
    Section::Root,
    Section::Defaults,
    Section::Profile,
    Section::Topic,
    Section::TopicProfile,
    Section::Policy,
    Section::TopicPolicy,
];

/// What every layer may state.
const SETTINGS: [&str; 11] = [
    "partitions",
    "replication",
    "retention",
    "retention_bytes",
    "cleanup",
    "compression",
    "min_insync_replicas",
    "config",
    "unlisted",
    "ignore",
    "protect",
];

/// Short names of topic configs.
const SHORT_NAMES: [(&str, &str); 5] = [
    ("retention", "retention.ms"),
    ("retention_bytes", "retention.bytes"),
    ("cleanup", "cleanup.policy"),
    ("compression", "compression.type"),
    ("min_insync_replicas", "min.insync.replicas"),
];

/// What other tools and Kafka's own call the fields, in lower case with `_`.
const OTHER_NAMES: [(&str, &str); 17] = [
    ("replication_factor", "replication"),
    ("replicas", "replication"),
    ("num_partitions", "partitions"),
    ("partition_count", "partitions"),
    ("partitions_count", "partitions"),
    ("retention_ms", "retention"),
    ("retention_time", "retention"),
    ("cleanup_policy", "cleanup"),
    ("compression_type", "compression"),
    ("min_isr", "min_insync_replicas"),
    ("topic_config", "config"),
    ("configuration", "config"),
    ("bootstrap_server", "bootstrap"),
    ("bootstrap_servers", "bootstrap"),
    ("brokers", "bootstrap"),
    ("topic", "name"),
    ("topic_name", "name"),
];

impl Section {
    fn own_fields(self) -> &'static [&'static str] {
        match self {
            Self::Root => &["version", "defaults", "profiles", "policy", "topics"],
            Self::Defaults => &["client"],
            Self::Profile => &["bootstrap", "prefix", "cluster_id", "client", "policy"],
            Self::Topic => &[
                "name",
                "description",
                "aliases",
                "event",
                "state",
                "policy",
                "profiles",
            ],
            Self::TopicProfile => &["description", "aliases", "state", "policy"],
            Self::Policy => &[
                "min_replication",
                "max_partitions",
                "min_retention",
                "max_retention",
                "min_insync_replicas",
                "min_spare_replicas",
                "names",
                "required_config",
                "forbidden_config",
            ],
            Self::TopicPolicy => &["exempt"],
        }
    }

    /// Every field that may stand here.
    fn fields(self) -> impl Iterator<Item = &'static str> {
        let settings: &[&str] = match self {
            Self::Root | Self::Policy | Self::TopicPolicy => &[],
            Self::Defaults | Self::Profile | Self::Topic | Self::TopicProfile => &SETTINGS,
        };
        self.own_fields().iter().chain(settings).copied()
    }

    /// Where it is, for a sentence: "unknown field in …".
    pub(super) fn phrase(self) -> &'static str {
        match self {
            Self::Root => "the manifest",
            Self::Defaults => "`defaults`",
            Self::Profile => "a profile",
            Self::Topic => "a topic",
            Self::TopicProfile => "a topic's profile",
            Self::Policy => "a policy",
            Self::TopicPolicy => "a topic's policy",
        }
    }
}

/// The Kafka config that a short name stands for.
pub(super) fn long_name(short: &str) -> Option<&'static str> {
    SHORT_NAMES
        .iter()
        .find(|(name, _)| *name == short)
        .map(|(_, long)| *long)
}

/// Whether a topic config can also be stated by a short name.
pub(super) fn has_short_name(long: &str) -> bool {
    short_name(long).is_some()
}

/// The short name of a topic config, with its place among all of them.
pub(super) fn short_name(long: &str) -> Option<(usize, &'static str)> {
    let place = SHORT_NAMES.iter().position(|(_, name)| *name == long)?;
    Some((place, SHORT_NAMES[place].0))
}

/// Whether a name is topicctl's or Kafka's own.
pub(super) fn is_given(name: &str) -> bool {
    SECTIONS
        .into_iter()
        .any(|section| section.fields().any(|field| field == name))
        || known::lookup(name).is_some()
}

/// What to do about a field that does not belong in a section.
pub(super) fn meant_field(section: Section, field: &str) -> String {
    topic_config(section, field)
        .or_else(|| other_section(section, field))
        .or_else(|| similar_field(section, field))
        .unwrap_or_else(|| {
            let fields: Vec<&str> = section.fields().collect();
            format!("the fields here are {}", fields.join(", "))
        })
}

fn topic_config(section: Section, field: &str) -> Option<String> {
    known::lookup(field)?;
    if section == Section::Root {
        return Some("topic configs go under `config` of `defaults`, a profile or a topic".to_owned());
    }
    Some(match short_name(field) {
        Some((_, short)) => format!("write `{short}` here, or `{field}` under `config`"),
        None => format!("topic configs go under `config`: write `config: {{ {field}: … }}`"),
    })
}

fn other_section(section: Section, field: &str) -> Option<String> {
    let home = SECTIONS
        .into_iter()
        .find(|other| other.own_fields().contains(&field))?;
    match home {
        Section::Root if section != Section::Root => Some(format!(
            "`{field}` belongs at the top of the file; is the indentation right?"
        )),
        Section::Defaults => Some(format!("`{field}` belongs in a profile or in `defaults`")),
        Section::Profile => Some(format!("`{field}` belongs in a profile")),
        Section::Topic => Some(format!("`{field}` belongs in a topic; is the indentation right?")),
        Section::Policy => Some(format!(
            "`{field}` belongs in `policy`, at the top of the file or in a profile"
        )),
        Section::TopicPolicy => Some(format!("`{field}` belongs in the `policy` of a topic")),
        Section::Root | Section::TopicProfile => None,
    }
}

fn similar_field(section: Section, field: &str) -> Option<String> {
    let field: String = underscored(field);
    let other = OTHER_NAMES
        .iter()
        .find(|(other, _)| *other == field)
        .map(|(_, name)| *name);
    let meant = other
        .filter(|name| section.fields().any(|field| field == *name))
        .or_else(|| nearest(&field, section.fields()))?;
    Some(format!("did you mean `{meant}`?"))
}

/// The nearest of some words, if it is near enough to be a slip: one in a short word, up to three in a long one.
pub(super) fn nearest<'w>(wrong: &str, words: impl Iterator<Item = &'w str>) -> Option<&'w str> {
    let length = wrong.chars().count();
    // An edit distance takes time by the product of both lengths.
    if length > 100 {
        return None;
    }
    words
        .map(|word| (strsim::damerau_levenshtein(wrong, word), word))
        .filter(|(distance, word)| *distance <= (length.min(word.len()) / 4).clamp(1, 3))
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, word)| word)
}

/// `minInsyncReplicas`, `min-insync-replicas` and `min.insync.replicas` as `min_insync_replicas`.
fn underscored(field: &str) -> String {
    let mut name = String::with_capacity(field.len());
    let mut after_small = false;
    for character in field.chars() {
        if matches!(character, '-' | '.' | ' ') {
            name.push('_');
        } else {
            if character.is_ascii_uppercase() && after_small {
                name.push('_');
            }
            name.push(character.to_ascii_lowercase());
        }
        after_small = character.is_ascii_lowercase();
    }
    name
}

/// What to do about a key under `config` that no examined release of Kafka has.
pub(super) fn meant_config_key(key: &str) -> String {
    if let Some(long) = long_name(key) {
        return format!("`{key}` is the short name, for outside of `config`; here it is `{long}`");
    }
    if SECTIONS
        .into_iter()
        .any(|section| section.fields().any(|field| field == key))
    {
        return format!("`{key}` is a field beside `config`; is the indentation right?");
    }
    match known::suggest(key) {
        Some(meant) => format!("did you mean `{meant}`?"),
        None => "the broker decides; a newer or patched one may know it".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn short_names_stand_for_configs_that_kafka_has() {
        for (place, (short, long)) in SHORT_NAMES.into_iter().enumerate() {
            assert!(known::lookup(long).is_some(), "{long}");
            assert!(SETTINGS.contains(&short), "{short}");
            let names = (long_name(short), short_name(long));
            assert_eq!(names, (Some(long), Some((place, short))));
        }
    }

    #[test]
    fn other_names_lead_to_fields_that_exist() {
        for (other, name) in OTHER_NAMES {
            assert!(
                SECTIONS.into_iter().any(|s| s.fields().any(|f| f == name)),
                "{other}"
            );
        }
    }

    #[test]
    fn every_style_of_writing_a_field_is_recognised() {
        for field in [
            "minInsyncReplicas",
            "min-insync-replicas",
            "MIN_INSYNC_REPLICAS",
            "min_isr",
        ] {
            assert_eq!(
                meant_field(Section::Topic, field),
                "did you mean `min_insync_replicas`?",
                "{field}"
            );
        }
    }
}
