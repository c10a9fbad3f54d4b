//! The schemas in the repository are current, and described.

use std::path::PathBuf;

use jsonschema::Validator;
use serde_json::Value;
use topicctl::events::schema::Contract;

/// Set this to write the files anew.
const UPDATE: &str = "UPDATE_SCHEMAS";

/// An independent reader of the schemas, with formats checked.
pub(crate) fn validator(contract: Contract) -> Validator {
    jsonschema::draft202012::options()
        .should_validate_formats(true)
        .build(&contract.schema())
        .unwrap()
}

/// What the validator says, or would say: it panics at a number that no double holds, which is above the
/// maximum of every field that takes a number.
pub(crate) fn is_valid_by(validator: &Validator, value: &Value) -> bool {
    const NUMBERS: [&str; 4] = [
        "file_count",
        "duration_seconds",
        "quality_score",
        "test_coverage_estimate",
    ];
    let too_large = |field: &str| {
        let fields = [&value[field], &value["payload"][field]];
        fields
            .into_iter()
            .any(|value| value.is_number() && value.as_f64().is_none())
    };
    !NUMBERS.into_iter().any(too_large) && validator.is_valid(value)
}

#[test]
fn the_schemas_in_the_repository_are_current() {
    for contract in Contract::ALL {
        let path = PathBuf::from(env!("CARGO_MANIFEST_DIR"))
            .join("schemas/events")
            .join(format!("{}.json", contract.name()));
        let current = format!("{}\n", serde_json::to_string_pretty(&contract.schema()).unwrap());
        if std::env::var_os(UPDATE).is_some() {
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(&path, &current).unwrap();
        }
        let kept = std::fs::read_to_string(&path).unwrap_or_default();
        assert!(
            kept == current,
            "{} is not current; run: {UPDATE}=1 cargo test --test events schemas_in_the_repository",
            path.display()
        );
    }
}

#[test]
fn every_field_is_described() {
    for contract in Contract::ALL {
        let schema = contract.schema();
        let payloads = schema["$defs"]
            .as_object()
            .into_iter()
            .flat_map(|defs| defs.values());
        for object in payloads.chain([&schema]) {
            for (name, field) in object["properties"].as_object().unwrap() {
                assert!(field["description"].is_string(), "{contract:?} {name}: {field}");
            }
        }
        assert!(!schema.to_string().contains("no_such_field"));
        assert_eq!(
            schema["additionalProperties"],
            Value::Null,
            "unknown fields are kept"
        );
    }
}
