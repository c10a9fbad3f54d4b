//! The JSON Schema of a manifest, for editors and other validators: made from the table of fields that the reader uses,
//! and from the table of topic configs. It is weaker than the reader where a schema cannot say what is meant, and never
//! stricter: what the reader takes is valid.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::fields::{FieldKind, FieldSpec, ManifestSection};
use crate::model::known::{self, Domain, Kind, KnownConfig, Unit};

/// A value that a variable stands for, or a part of it: what it becomes is not known here.
const VARIABLE: &str = r"\$\{";

const DURATION: &str = r"^\s*(forever|-?[0-9]+|[0-9]+\s*(ms|s|m|h|d|w))\s*$";
const SIZE: &str = r"^\s*(unlimited|-?[0-9]+|[0-9]+\s*(B|[KMGT]i?B))\s*$";

/// Sections that have a definition of their own.
const DEFINITIONS: [(ManifestSection, &str); 6] = [
    (ManifestSection::Defaults, "defaults"),
    (ManifestSection::Profile, "profile"),
    (ManifestSection::Topic, "topic"),
    (ManifestSection::TopicProfile, "topicProfile"),
    (ManifestSection::Policy, "policy"),
    (ManifestSection::TopicPolicy, "topicPolicy"),
];

/// The schema as JSON Schema draft 7, which is what editors know best.
pub fn schema() -> Value {
    let mut definitions: Map<String, Value> = DEFINITIONS
        .into_iter()
        .map(|(section, name)| (name.to_owned(), mapping(section)))
        .collect();
    definitions.insert("configs".to_owned(), configs());
    let mut root = mapping(ManifestSection::Root);
    let head = json!({
        "$schema": "http://json-schema.org/draft-07/schema#",
        "description": "The Kafka topics of one or several environments.",
        "definitions": definitions,
    });
    if let (Some(root), Value::Object(head)) = (root.as_object_mut(), head) {
        root.extend(head);
    }
    root
}

/// A mapping with the fields of a section; one without any may be left empty.
fn mapping(section: ManifestSection) -> Value {
    let properties: BTreeMap<&str, Value> =
        section.specs().map(|spec| (spec.name, described(spec))).collect();
    let required: &[&str] = match section {
        ManifestSection::Topic => &["name"],
        ManifestSection::Root => &["version"],
        ManifestSection::Defaults
        | ManifestSection::Profile
        | ManifestSection::TopicProfile
        | ManifestSection::Policy
        | ManifestSection::TopicPolicy => &[],
    };
    let kinds = if section == ManifestSection::Topic || section == ManifestSection::Root {
        json!("object")
    } else {
        json!(["object", "null"])
    };
    json!({
        "type": kinds,
        "properties": properties,
        "required": required,
        "additionalProperties": false,
    })
}

fn described(spec: &FieldSpec) -> Value {
    let mut value = kind(spec.kind);
    if let Some(object) = value.as_object_mut() {
        // Beside `$ref`, draft 7 ignores everything.
        if let Some(reference) = object.remove("$ref") {
            object.insert("allOf".to_owned(), json!([{ "$ref": reference }]));
        }
        object.insert("description".to_owned(), json!(spec.purpose));
    }
    value
}

fn kind(kind: FieldKind) -> Value {
    match kind {
        FieldKind::Version => json!({ "enum": [1, "1"] }),
        FieldKind::Text => text(),
        FieldKind::Matching(expected) => matching(expected),
        FieldKind::Names(expected) => json!({
            "anyOf": [
                matching(expected),
                { "type": "null" },
                { "type": "array", "items": matching(expected) },
            ]
        }),
        FieldKind::Count(max) => any_of([
            json!({ "type": "integer", "minimum": 1, "maximum": max }),
            json!({ "type": "string", "pattern": r"^\s*\+?0*[1-9][0-9]*\s*$" }),
            inherited(),
        ]),
        FieldKind::Config(config) => known::lookup(config).map_or_else(scalar, config_value),
        FieldKind::Duration => any_of([integers(), pattern(DURATION), inherited()]),
        FieldKind::Word(words) => any_of([json!({ "enum": with_booleans(words) }), inherited()]),
        FieldKind::Configs => json!({ "$ref": "#/definitions/configs" }),
        FieldKind::Properties => json!({
            "type": ["object", "null"],
            "additionalProperties": scalar(),
        }),
        FieldKind::Fields(section) => reference(section),
        FieldKind::Named(section) => json!({
            "type": ["object", "null"],
            "additionalProperties": reference(section),
        }),
        FieldKind::List(section) => json!({
            "type": ["array", "null"],
            "items": reference(section),
        }),
    }
}

fn reference(section: ManifestSection) -> Value {
    let name = DEFINITIONS.into_iter().find(|(other, _)| *other == section);
    let name = name.map_or("", |(_, name)| name);
    json!({ "$ref": format!("#/definitions/{name}") })
}

/// YAML reads `true` as a boolean and the reader as a word.
fn with_booleans(words: &[&str]) -> Vec<Value> {
    let each = words.iter().flat_map(|word| match *word {
        "true" => vec![json!("true"), json!(true)],
        "false" => vec![json!("false"), json!(false)],
        word => vec![json!(word)],
    });
    each.collect()
}

/// What a variable may stand for; and `inherit`, which takes back what an earlier layer sets.
fn any_of<const N: usize>(alternatives: [Value; N]) -> Value {
    let variable = pattern(VARIABLE);
    let all: Vec<Value> = alternatives.into_iter().chain([variable]).collect();
    json!({ "anyOf": all })
}

fn inherited() -> Value {
    json!({ "const": "inherit" })
}

fn pattern(pattern: &str) -> Value {
    json!({ "type": "string", "pattern": pattern })
}

fn integers() -> Value {
    json!({ "type": "integer" })
}

/// What YAML takes for a number or a boolean is text to the reader, and is left to it.
fn matching(expected: &str) -> Value {
    any_of([pattern(expected), json!({ "type": ["number", "boolean"] })])
}

/// Plain text; YAML takes some for numbers and booleans, and the reader none.
fn text() -> Value {
    scalar()
}

fn scalar() -> Value {
    json!({ "type": ["string", "number", "boolean"] })
}

/// Topic configs by Kafka's names. Other keys may belong to a vendor or to a newer release.
fn configs() -> Value {
    let properties: BTreeMap<&str, Value> = known::all()
        .iter()
        .map(|config| (config.name, documented(config)))
        .collect();
    json!({
        "type": ["object", "null"],
        "properties": properties,
        "additionalProperties": { "anyOf": [scalar(), { "type": "array", "items": scalar() }] },
    })
}

fn documented(config: &KnownConfig) -> Value {
    let mut value = config_value(config);
    if let Some(object) = value.as_object_mut() {
        object.insert("description".to_owned(), json!(about(config)));
        if config.until().is_some() {
            object.insert("deprecated".to_owned(), json!(true));
            let message = format!("{} has no effect in newer releases of Kafka", config.name);
            object.insert("deprecationMessage".to_owned(), json!(message));
        }
        // Editors put it in where the key is completed.
        object.insert("default".to_owned(), json!(config.default()));
    }
    value
}

/// `Default 604800000 ms. From Kafka 3.6 on.`
fn about(config: &KnownConfig) -> String {
    let unit = match config.unit {
        Some(Unit::Milliseconds) => " ms",
        Some(Unit::Bytes) => " bytes",
        Some(Unit::Ratio | Unit::Count) | None => "",
    };
    let default = match config.default() {
        "" => "Default: empty.".to_owned(),
        default => format!("Default: {default}{unit}."),
    };
    let since = config.since().map(|since| format!(" From Kafka {since} on."));
    let until = config.until().map(|until| format!(" Up to Kafka {until}."));
    format!(
        "{default}{}{}",
        since.unwrap_or_default(),
        until.unwrap_or_default()
    )
}

/// What the reader takes for a config, and at least one examined release as well.
fn config_value(config: &KnownConfig) -> Value {
    match (config.kind, config.unit) {
        (_, Some(Unit::Milliseconds)) => any_of([integers(), pattern(DURATION), inherited()]),
        (_, Some(Unit::Bytes)) => any_of([integers(), pattern(SIZE), inherited()]),
        (Kind::Boolean, _) => any_of([
            json!({ "type": "boolean" }),
            pattern("^\\s*([Tt][Rr][Uu][Ee]|[Ff][Aa][Ll][Ss][Ee])\\s*$"),
            inherited(),
        ]),
        (Kind::List, _) => json!({
            "anyOf": [words(config), { "type": "array", "items": words(config) }, { "type": "string" }]
        }),
        (Kind::String, _) => any_of([words(config), inherited()]),
        (Kind::Int | Kind::Long, _) => any_of([whole(config), pattern(r"^\s*[+-]?[0-9]+\s*$"), inherited()]),
        (Kind::Double, _) => any_of([json!({ "type": "number" }), pattern("[0-9]"), inherited()]),
    }
}

/// The words of every release that was examined.
fn words(config: &KnownConfig) -> Value {
    let mut all: Vec<&str> = Vec::new();
    for facts in config.history {
        match facts.domain {
            Domain::OneOf(words) | Domain::ListOf { words, .. } => all.extend(words),
            Domain::Any | Domain::Integer { .. } | Domain::Decimal { .. } => {
                return json!({ "type": "string" });
            }
        }
    }
    all.sort_unstable();
    all.dedup();
    let trimmed: Vec<Value> = all.into_iter().map(Value::from).collect();
    json!({ "enum": trimmed })
}

/// Between the bounds of the release that allows most.
fn whole(config: &KnownConfig) -> Value {
    let mut lowest: Option<i64> = Some(i64::MAX);
    let mut highest: Option<i64> = Some(i64::MIN);
    for facts in config.history {
        let (min, max) = match facts.domain {
            Domain::Integer { min, max, also } => {
                let least = also.iter().copied().chain(min).min().filter(|_| min.is_some());
                let most = also.iter().copied().chain(max).max().filter(|_| max.is_some());
                (least, most)
            }
            Domain::Any | Domain::Decimal { .. } | Domain::OneOf(_) | Domain::ListOf { .. } => (None, None),
        };
        lowest = lowest.zip(min).map(|(one, other)| one.min(other));
        highest = highest.zip(max).map(|(one, other)| one.max(other));
    }
    let mut value = json!({ "type": "integer" });
    if let Some(object) = value.as_object_mut() {
        object.extend(lowest.map(|min| ("minimum".to_owned(), json!(min))));
        object.extend(highest.map(|max| ("maximum".to_owned(), json!(max))));
    }
    value
}

#[cfg(test)]
mod tests {
    use super::super::fields::FIELDS;
    use super::*;

    #[test]
    fn every_field_is_in_the_schema_with_what_it_is_for() {
        let schema = schema();
        for spec in FIELDS {
            let sections = DEFINITIONS
                .into_iter()
                .filter(|(section, _)| spec.is_in(*section));
            for (_, name) in sections {
                let field = &schema["definitions"][name]["properties"][spec.name];
                assert_eq!(field["description"], spec.purpose, "{name}.{}", spec.name);
            }
        }
    }

    #[test]
    fn a_config_says_its_default_and_its_releases() {
        let schema = schema();
        let configs = &schema["definitions"]["configs"]["properties"];
        assert_eq!(configs["retention.ms"]["description"], "Default: 604800000 ms.");
        let removed = &configs["message.format.version"];
        assert_eq!(removed["deprecated"], true);
        assert!(
            removed["description"]
                .as_str()
                .unwrap()
                .ends_with("Up to Kafka 3.9."),
            "{removed}"
        );
    }
}
