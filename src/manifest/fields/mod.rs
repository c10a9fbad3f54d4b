//! Which fields stand where, and what was probably meant by one that does not.

// One line for each field.
#[rustfmt::skip]
mod table;

use crate::model::known;

use table::FIELDS as ALL_FIELDS;
#[cfg(test)]
pub(super) use table::FIELDS;
pub(super) use table::{FieldKind, FieldSpec};

/// A part of the file with fields of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ManifestSection {
    Root,
    Defaults,
    Profile,
    Topic,
    TopicProfile,
    Policy,
    TopicPolicy,
}

const SECTIONS: [ManifestSection; 7] = [
    ManifestSection::Root,
    ManifestSection::Defaults,
    ManifestSection::Profile,
    ManifestSection::Topic,
    ManifestSection::TopicProfile,
    ManifestSection::Policy,
    ManifestSection::TopicPolicy,
];

/// The fields that stand for a topic config, with the config.
fn short_names() -> impl Iterator<Item = (&'static str, &'static str)> {
    ALL_FIELDS.iter().filter_map(|field| match field.kind {
        FieldKind::Config(config) => Some((field.name, config)),
        _ => None,
    })
}

impl ManifestSection {
    /// Every field that may stand here, those that only this section has first.
    pub(super) fn specs(self) -> impl Iterator<Item = &'static FieldSpec> {
        ALL_FIELDS.iter().filter(move |field| field.is_in(self))
    }

    fn own_fields(self) -> impl Iterator<Item = &'static str> {
        self.specs()
            .filter(|field| !field.is_setting())
            .map(|field| field.name)
    }

    fn fields(self) -> impl Iterator<Item = &'static str> {
        self.specs().map(|field| field.name)
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
    short_names()
        .find(|(name, _)| *name == short)
        .map(|(_, long)| long)
}

/// Whether a topic config can also be stated by a short name.
pub(super) fn has_short_name(long: &str) -> bool {
    short_name(long).is_some()
}

/// The short name of a topic config, with its place among all of them.
pub(super) fn short_name(long: &str) -> Option<(usize, &'static str)> {
    let (place, (short, _)) = short_names().enumerate().find(|(_, (_, name))| *name == long)?;
    Some((place, short))
}

/// Whether a name is topicctl's or Kafka's own.
pub(super) fn is_given(name: &str) -> bool {
    SECTIONS
        .into_iter()
        .any(|section| section.fields().any(|field| field == name))
        || known::lookup(name).is_some()
}

/// What to do about a field that does not belong in a section.
pub(super) fn meant_field(section: ManifestSection, field: &str) -> String {
    topic_config(section, field)
        .or_else(|| other_section(section, field))
        .or_else(|| similar_field(section, field))
        .unwrap_or_else(|| {
            let fields: Vec<&str> = section.fields().collect();
            format!("the fields here are {}", fields.join(", "))
        })
}

fn topic_config(section: ManifestSection, field: &str) -> Option<String> {
    known::lookup(field)?;
    if section == ManifestSection::Root {
        return Some("topic configs go under `config` of `defaults`, a profile or a topic".to_owned());
    }
    Some(match short_name(field) {
        Some((_, short)) => format!("write `{short}` here, or `{field}` under `config`"),
        None => format!("topic configs go under `config`: write `config: {{ {field}: … }}`"),
    })
}

fn other_section(section: ManifestSection, field: &str) -> Option<String> {
    let home = SECTIONS
        .into_iter()
        .find(|other| other.own_fields().any(|own| own == field))?;
    match home {
        ManifestSection::Root if section != ManifestSection::Root => Some(format!(
            "`{field}` belongs at the top of the file; is the indentation right?"
        )),
        ManifestSection::Defaults => Some(format!("`{field}` belongs in a profile or in `defaults`")),
        ManifestSection::Profile => Some(format!("`{field}` belongs in a profile")),
        ManifestSection::Topic => Some(format!("`{field}` belongs in a topic; is the indentation right?")),
        ManifestSection::Policy => Some(format!(
            "`{field}` belongs in `policy`, at the top of the file or in a profile"
        )),
        ManifestSection::TopicPolicy => Some(format!("`{field}` belongs in the `policy` of a topic")),
        ManifestSection::Root | ManifestSection::TopicProfile => None,
    }
}

fn similar_field(section: ManifestSection, field: &str) -> Option<String> {
    let field: String = underscored(field);
    let other = section.specs().find(|spec| spec.other_names.contains(&&*field));
    let meant = other
        .map(|spec| spec.name)
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
        for (place, (short, long)) in short_names().enumerate() {
            assert!(known::lookup(long).is_some(), "{long}");
            let names = (long_name(short), short_name(long));
            assert_eq!(names, (Some(long), Some((place, short))));
        }
    }

    #[test]
    fn a_field_stands_once_in_a_section() {
        for section in SECTIONS {
            let mut names: Vec<&str> = section.fields().collect();
            names.sort_unstable();
            let count = names.len();
            names.dedup();
            assert_eq!(names.len(), count, "{section:?}");
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
                meant_field(ManifestSection::Topic, field),
                "did you mean `min_insync_replicas`?",
                "{field}"
            );
        }
    }
}
