//! The JSON Schema of manifests against the reader, by a validator and a YAML parser that know nothing of either.

use std::path::Path;
use std::sync::LazyLock;

use jsonschema::Validator;
use saphyr::{LoadableYamlNode, Scalar, Yaml};
use serde_json::{Map, Value};
use topicctl::manifest;

static VALIDATOR: LazyLock<Validator> =
    LazyLock::new(|| jsonschema::draft7::new(&manifest::schema()).unwrap_or_else(|error| panic!("{error}")));

/// As an editor sees it: YAML's core schema makes numbers and booleans of what looks like them. `None` for what has
/// no form in JSON.
fn json(yaml: &Yaml<'_>) -> Option<Value> {
    Some(match yaml {
        Yaml::Value(Scalar::Null) => Value::Null,
        Yaml::Value(Scalar::Boolean(value)) => Value::Bool(*value),
        Yaml::Value(Scalar::Integer(number)) => Value::from(*number),
        Yaml::Value(Scalar::FloatingPoint(number)) => Value::from(number.into_inner()),
        Yaml::Value(Scalar::String(text)) => Value::from(text.as_ref()),
        Yaml::Sequence(items) => Value::Array(items.iter().map(json).collect::<Option<_>>()?),
        Yaml::Mapping(entries) => {
            let entry = |(key, value): (&Yaml<'_>, &Yaml<'_>)| {
                let key = match json(key)? {
                    Value::String(text) => text,
                    other => other.to_string(),
                };
                Some((key, json(value)?))
            };
            Value::Object(entries.iter().map(entry).collect::<Option<Map<_, _>>>()?)
        }
        Yaml::Tagged(_, value) => json(value)?,
        Yaml::Representation(..) | Yaml::Alias(_) | Yaml::BadValue => return None,
    })
}

fn document(text: &str) -> Option<Value> {
    let documents = Yaml::load_from_str(text).ok()?;
    documents.first().and_then(json)
}

/// What the schema has against it.
fn problems(text: &str) -> Option<Vec<String>> {
    let document = document(text)?;
    let errors = VALIDATOR.iter_errors(&document);
    Some(
        errors
            .map(|error| format!("{}: {error}", error.instance_path))
            .collect(),
    )
}

/// Holds a manifest that the reader takes against the schema. What the other YAML parser does not take, which knows
/// an older YAML, is left out.
pub(crate) fn expect_valid(name: &str, text: &str) {
    if let Some(problems) = problems(text) {
        assert!(problems.is_empty(), "{name}: {problems:#?}\n{text}");
    }
}

#[test]
fn the_schema_that_is_shipped_is_current() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("schemas/topics.json");
    let current = format!("{:#}\n", manifest::schema());
    if std::env::var_os("UPDATE_SCHEMAS").is_some() {
        std::fs::write(&path, &current).unwrap();
    }
    let shipped = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        shipped == current,
        "UPDATE_SCHEMAS=1 writes schemas/topics.json anew"
    );
}

#[test]
fn every_example_and_the_seed_topics_are_valid() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut files = vec![root.join("topics.yaml")];
    let examples = root.join("examples").read_dir().unwrap();
    files.extend(examples.map(|file| file.unwrap().path()));
    let yaml = files
        .iter()
        .filter(|file| file.extension().is_some_and(|ending| ending == "yaml"));
    for file in yaml {
        let text = std::fs::read_to_string(file).unwrap();
        let found = problems(&text).unwrap_or_else(|| panic!("{} is no YAML", file.display()));
        assert!(found.is_empty(), "{}: {found:#?}", file.display());
    }
}

/// Which of the files under `bad/` an editor marks. What the others have is beyond a schema: it depends on other
/// layers, files, variables, or on YAML itself.
#[test]
fn what_a_schema_can_say_of_wrong_files_it_says() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/manifest/bad");
    let mut files: Vec<_> = folder
        .read_dir()
        .unwrap()
        .map(|file| file.unwrap().path())
        .collect();
    files.sort();
    let verdict = |file: &std::path::PathBuf| {
        let name = file.file_stem().unwrap().to_string_lossy().into_owned();
        let text = String::from_utf8_lossy(&std::fs::read(file).unwrap()).into_owned();
        match problems(&text) {
            None => format!("{name}: no YAML to a parser that knows no manifests"),
            Some(found) if found.is_empty() => format!("{name}: valid by the schema"),
            Some(_) => format!("{name}: marked"),
        }
    };
    let verdicts: Vec<String> = files.iter().map(verdict).collect();
    insta::assert_snapshot!("schema_verdicts", verdicts.join("\n"));
}
