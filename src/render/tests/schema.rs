//! The schemas are current, and as strict as they say.

use std::collections::BTreeSet;
use std::path::PathBuf;

use jsonschema::Validator;
use serde_json::{Value, json};

use super::samples::{self, header};
use super::text;
use crate::apply::{Applied, Ending};
use crate::render::json as documents;
use crate::render::json::schema::{DocumentKind, schema};

/// Set this to write the files anew.
const UPDATE: &str = "UPDATE_SCHEMAS";

fn parsed(document: &str) -> Value {
    serde_json::from_str(document).unwrap()
}

/// Real documents of one kind, which together hold every case there is.
fn rendered(document: DocumentKind) -> Vec<Value> {
    let plan = |plan: &crate::plan::Plan| text(|out| documents::plan(out, &header(), plan));
    let report = |plan: &_, report: &_, ending: Ending<'_>| {
        text(|out| documents::report(out, &header(), Applied { plan, report, ending }))
    };
    let description = |description: &_| text(|out| documents::description(out, &header(), description));
    let all = match document {
        DocumentKind::Plan => vec![
            plan(&samples::in_sync()),
            plan(&samples::changes()),
            plan(&samples::blocked()),
            plan(&samples::unreadable()),
            plan(&samples::every_case()),
            plan(&samples::hostile()),
            plan(&samples::denied_plan()),
        ],
        DocumentKind::Report => {
            let (done, outcomes) = samples::report();
            let (stopped, blocked) = samples::stopped();
            let nothing = crate::apply::Report::default();
            vec![
                report(&done, &outcomes, Ending::Ran),
                report(&stopped, &nothing, Ending::Blocked(&blocked)),
                report(&samples::every_case(), &nothing, Ending::Ran),
                report(&samples::in_sync(), &nothing, Ending::Ran),
                report(&samples::blocked(), &nothing, Ending::Ran),
                report(&samples::in_sync(), &nothing, Ending::CutShort),
                report(&samples::in_sync(), &samples::created(), Ending::NotWaited),
                report(&samples::denied_plan(), &nothing, Ending::Ran),
                report(
                    &samples::in_sync(),
                    &nothing,
                    Ending::Moved(&[samples::movement()]),
                ),
            ]
        }
        DocumentKind::Description => vec![
            description(&samples::description()),
            description(&samples::overview()),
            description(&samples::wide_overview()),
            description(&samples::differing()),
            description(&samples::denied_description()),
        ],
        DocumentKind::Validation => vec![
            text(|out| documents::validation(out, Ok(&samples::valid()))),
            text(|out| documents::validation(out, Err(&samples::invalid()))),
        ],
        DocumentKind::SavedPlan => vec![crate::saved::tests::text()],
        DocumentKind::Record => samples::record(),
        DocumentKind::EventCheck => {
            let (checked, problems) = samples::problems();
            let valid = crate::events::EventCounts { events: 1, broken: 0 };
            vec![
                text(|out| documents::events_checked(out, "stdin", checked, &problems)),
                text(|out| documents::events_checked(out, "stdin", valid, &[])),
            ]
        }
        DocumentKind::Published => [samples::published(), samples::denied_published()]
            .iter()
            .map(|published| text(|out| documents::published(out, &header(), published)))
            .collect(),
        DocumentKind::EventRecord => {
            let records = samples::records();
            records
                .iter()
                .map(|record| text(|out| documents::event_record(out, record)))
                .collect()
        }
        DocumentKind::Trace => {
            let stories = samples::stories();
            stories
                .iter()
                .map(|story| text(|out| documents::story(out, &header(), story)))
                .collect()
        }
        DocumentKind::Sample => {
            let views = [samples::busy(), samples::nothing()];
            let lines = views.iter();
            lines
                .map(|view| text(|out| documents::sample(out, &header(), view)))
                .collect()
        }
    };
    all.iter().map(|document| parsed(document)).collect()
}

fn validator(document: DocumentKind) -> Validator {
    jsonschema::draft202012::new(&schema(document)).unwrap()
}

#[test]
fn the_schemas_in_the_repository_are_current() {
    for document in DocumentKind::ALL {
        let path = PathBuf::from(env!("CARGO_MANIFEST_DIR"))
            .join("schemas")
            .join(format!("{}.json", document.name()));
        let current = format!("{}\n", serde_json::to_string_pretty(&schema(document)).unwrap());
        if std::env::var_os(UPDATE).is_some() {
            std::fs::write(&path, &current).unwrap();
        }
        let kept = std::fs::read_to_string(&path).unwrap_or_default();
        assert!(
            kept == current,
            "{} is not current; run: {UPDATE}=1 cargo test --lib schemas_in_the_repository",
            path.display()
        );
    }
}

#[test]
fn every_document_keeps_to_its_schema() {
    for document in DocumentKind::ALL {
        let validator = validator(document);
        for value in rendered(document) {
            let errors: Vec<String> = validator
                .iter_errors(&value)
                .map(|error| format!("{}: {error}", error.instance_path))
                .collect();
            assert!(errors.is_empty(), "{document:?}: {errors:#?}");
        }
    }
}

/// Each kind of object in each document gets a field too many, and loses each field that it has.
#[test]
fn no_object_may_have_a_field_more_or_less() {
    for document in DocumentKind::ALL {
        let validator = validator(document);
        let mut kinds = BTreeSet::new();
        for value in rendered(document) {
            for path in objects(&value, "").into_iter().filter(|path| !is_in_event(path)) {
                let object = value.pointer(&path).unwrap().as_object().unwrap();
                if kinds.insert(kind(&path, object)) {
                    check_strictness(&validator, &value, &path);
                }
            }
        }
    }
}

/// An event has a schema of its own, which lets in what the contract does not know.
fn is_in_event(path: &str) -> bool {
    path.contains("/content/event")
}

/// Objects of one kind are at the same place of a document, whatever their number, and have the same
/// tag and the same fields.
fn kind(path: &str, object: &serde_json::Map<String, Value>) -> (String, String) {
    let place: Vec<&str> = path
        .split('/')
        .filter(|step| step.parse::<usize>().is_err())
        .collect();
    let tags = ["action", "code", "state", "status"].map(|tag| object.get(tag));
    let fields: Vec<&String> = object.keys().collect();
    (place.join("/"), format!("{tags:?} {fields:?}"))
}

fn check_strictness(validator: &Validator, value: &Value, path: &str) {
    let mut more = value.clone();
    more.pointer_mut(path).unwrap()["no_such_field"] = json!(1);
    assert!(!validator.is_valid(&more), "a field more in {path:?}");
    for field in value.pointer(path).unwrap().as_object().unwrap().keys() {
        let mut less = value.clone();
        less.pointer_mut(path)
            .unwrap()
            .as_object_mut()
            .unwrap()
            .remove(field);
        assert!(!validator.is_valid(&less), "{path:?} without {field}");
    }
}

fn objects(value: &Value, path: &str) -> Vec<String> {
    let of = |children: Vec<(String, &Value)>| -> Vec<String> {
        let below = children
            .into_iter()
            .flat_map(|(key, child)| objects(child, &format!("{path}/{key}")));
        below.collect()
    };
    match value {
        Value::Object(fields) => {
            let mut found = of(fields.iter().map(|(key, child)| (key.clone(), child)).collect());
            found.push(path.to_owned());
            found
        }
        Value::Array(items) => of(items
            .iter()
            .enumerate()
            .map(|(i, item)| (i.to_string(), item))
            .collect()),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => Vec::new(),
    }
}

/// The samples hold every word that a schema allows, so that no case goes without a test.
#[test]
fn every_word_of_the_schemas_is_in_some_document() {
    for document in DocumentKind::ALL {
        let mut allowed = BTreeSet::new();
        words_allowed(&schema(document), &mut allowed);
        let mut used = BTreeSet::new();
        for value in rendered(document) {
            words_used(&value, &mut used);
        }
        let unused: Vec<&String> = allowed.difference(&used).collect();
        assert!(unused.is_empty(), "{document:?} never says {unused:?}");
    }
}

fn words_allowed(schema: &Value, found: &mut BTreeSet<String>) {
    match schema {
        Value::Object(fields) => {
            let words = fields.get("enum").and_then(Value::as_array).into_iter().flatten();
            found.extend(
                words
                    .chain(fields.get("const"))
                    .filter_map(Value::as_str)
                    .map(str::to_owned),
            );
            fields.values().for_each(|child| words_allowed(child, found));
        }
        Value::Array(items) => items.iter().for_each(|item| words_allowed(item, found)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

fn words_used(value: &Value, found: &mut BTreeSet<String>) {
    match value {
        Value::Object(fields) => fields.values().for_each(|child| words_used(child, found)),
        Value::Array(items) => items.iter().for_each(|item| words_used(item, found)),
        Value::String(word) => {
            found.insert(word.clone());
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

#[test]
fn every_field_and_every_type_is_described() {
    for document in DocumentKind::ALL {
        let mut bare = Vec::new();
        undescribed(&schema(document), "", &mut bare);
        assert!(bare.is_empty(), "{document:?}: {bare:#?}");
    }
}

/// A tag needs no description of its own: the case that it stands for has one.
fn undescribed(schema: &Value, path: &str, bare: &mut Vec<String>) {
    let Value::Object(fields) = schema else { return };
    for (keyword, child) in fields {
        match (keyword.as_str(), child) {
            ("properties" | "$defs", Value::Object(named)) => {
                for (name, child) in named {
                    let path = format!("{path}/{name}");
                    if child.get("description").is_none() && child.get("const").is_none() {
                        bare.push(path.clone());
                    }
                    undescribed(child, &path, bare);
                }
            }
            ("oneOf" | "anyOf", Value::Array(cases)) => {
                for case in cases {
                    undescribed(case, path, bare);
                }
            }
            _ => undescribed(child, path, bare),
        }
    }
}
