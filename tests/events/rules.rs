//! Every rule of the contract has a case that keeps it and one that breaks it, and the types and the
//! schemas agree on each.

use serde_json::{Value, json};
use topicctl::events::schema::Contract;
use topicctl::events::{Event, OnexEnvelopeV1, parse_json};
use topicctl::model::EventName;

use crate::schemas::{is_valid_by, validator};

const ID: &str = "16c2acae-d574-4530-ae26-ecc50e69a589";

/// A payload with its required fields only.
pub(crate) fn payload(name: EventName) -> Value {
    match name {
        EventName::TestGenerationStarted => json!({
            "correlation_id": ID, "test_contract_name": "postgres_crud_effect_tests",
            "test_types": ["unit", "integration"], "node_name": "NodePostgresCrudEffect",
            "output_directory": "./tests",
        }),
        EventName::TestGenerationCompleted => json!({
            "correlation_id": ID, "generated_files": ["./tests/test_unit.py"], "file_count": 1,
            "duration_seconds": 45.2, "quality_score": 0.92,
        }),
        EventName::TestGenerationFailed => json!({
            "correlation_id": ID, "error_code": "TEMPLATE_NOT_FOUND", "error_message": "no template",
        }),
    }
}

/// An envelope with its required fields only.
pub(crate) fn envelope(name: EventName) -> Value {
    json!({ "event_type": name.event_type(), "source_node_id": "node-1", "payload": payload(name) })
}

pub(crate) fn example(contract: Contract) -> Value {
    match contract {
        Contract::Payload(name) => payload(name),
        Contract::Envelope => envelope(EventName::TestGenerationFailed),
    }
}

/// What the types say of a value: whether they take it, and if not, why.
pub(crate) fn said(contract: Contract, value: &Value) -> Result<Value, String> {
    let written = |written: Result<Value, _>| -> Value { written.unwrap() };
    match contract {
        Contract::Payload(name) => Event::from_value(name, value.clone())
            .map(|event| written(serde_json::to_value(event))["payload"].take()),
        Contract::Envelope => {
            OnexEnvelopeV1::from_value(value.clone()).map(|envelope| written(serde_json::to_value(envelope)))
        }
    }
    .map_err(|invalid| invalid.to_string())
}

/// The JSON that keeps a field's rule, and the JSON that breaks it.
struct Rule {
    fields: &'static [&'static str],
    keep: &'static [&'static str],
    broken: &'static [&'static str],
}

const TEXT: (&[&str], &[&str]) = (
    &[r#""""#, r#""x""#, r#""\u0000é""#],
    &["5", "true", "[]", "{}", r#"["x"]"#],
);
const ID_RULE: (&[&str], &[&str]) = (
    &[
        r#""16c2acae-d574-4530-ae26-ecc50e69a589""#,
        r#""16C2ACAE-D574-4530-AE26-ECC50E69A589""#,
    ],
    &[
        r#""""#,
        "5",
        "true",
        "{}",
        r#""16c2acaed5744530ae26ecc50e69a589""#,
        r#""{16c2acae-d574-4530-ae26-ecc50e69a589}""#,
        r#""urn:uuid:16c2acae-d574-4530-ae26-ecc50e69a589""#,
        r#""16c2acae-d574-4530-ae26-ecc50e69a58g""#,
        r#"" 16c2acae-d574-4530-ae26-ecc50e69a589""#,
        r#""16c2acae-d5744-530-ae26-ecc50e69a589""#,
    ],
);
const TIME: (&[&str], &[&str]) = (
    &[
        r#""2025-10-30T12:00:00Z""#,
        r#""2025-10-30T12:00:00+00:00""#,
        r#""2025-10-30T12:00:00.123456+05:30""#,
        r#""2025-10-30T12:00:00.123456789-23:59""#,
        r#""1000-01-01T00:00:00+23:59""#,
        r#""0999-12-31T23:59:59Z""#,
        r#""9000-01-01T00:00:00Z""#,
        r#""2024-02-29T00:00:00Z""#,
    ],
    &[
        "null",
        "1761825600",
        r#""""#,
        r#""now""#,
        r#""2025-10-30""#,
        r#""2025-10-30T12:00:00""#,
        r#""2025-10-30 12:00:00Z""#,
        r#""2025-10-30T12:00Z""#,
        r#""2025-02-29T00:00:00Z""#,
        r#""2025-04-31T00:00:00Z""#,
        r#""2025-10-30T24:00:00Z""#,
        r#""2025-10-30T23:59:60Z""#,
        r#""2025-10-30T12:00:00+24:00""#,
        r#""2025-10-30T12:00:00.Z""#,
        r#""2025-10-30T12:00:00.1234567890Z""#,
        r#""9000-01-01T00:00:00+00:00""#,
        r#""0998-01-01T00:00:00Z""#,
        r#""+2025-10-30T12:00:00Z""#,
        r#""2025-10-30T12:00:00Z ""#,
    ],
);
const OBJECT: (&[&str], &[&str]) = (
    &[
        "{}",
        r#"{"a": {"b": [1, null]}, "n": 123456789012345678901234567890}"#,
    ],
    &["null", "[]", r#""{}""#, "0"],
);
const LIST: (&[&str], &[&str]) = (
    &["[]", r#"["", "a"]"#],
    &["null", r#""a""#, "{}", "[5]", r#"["a", null]"#, r#"["a", ["b"]]"#],
);

fn rules(contract: Contract) -> Vec<Rule> {
    let rule = |fields, (keep, broken): (&'static [&str], &'static [&str])| Rule { fields, keep, broken };
    let (of_texts, of_ids) = (TEXT, ID_RULE);
    let common = [rule(&["schema_version"], of_texts), rule(&["timestamp"], TIME)];
    let own = match contract {
        Contract::Payload(EventName::TestGenerationStarted) => vec![
            rule(&["test_contract_name", "node_name", "output_directory"], of_texts),
            rule(&["test_types"], LIST),
        ],
        Contract::Payload(EventName::TestGenerationCompleted) => vec![
            rule(&["generated_files"], LIST),
            rule(&["file_count"], COUNT),
            rule(&["duration_seconds"], SECONDS),
            rule(&["quality_score"], SCORE),
            rule(&["test_coverage_estimate"], COVERAGE),
            rule(&["metadata"], OBJECT),
        ],
        Contract::Payload(EventName::TestGenerationFailed) => vec![
            rule(&["error_code", "error_message"], of_texts),
            rule(&["stack_trace", "failed_test_type"], of_texts),
            rule(&["partial_files_generated"], LIST),
            rule(&["metadata"], OBJECT),
        ],
        Contract::Envelope => {
            return vec![
                rule(
                    &[
                        "envelope_version",
                        "event_version",
                        "source_node_id",
                        "environment",
                    ],
                    of_texts,
                ),
                rule(
                    &[
                        "source_service",
                        "source_version",
                        "source_instance",
                        "causation_id",
                    ],
                    of_texts,
                ),
                rule(&["region", "partition_key"], of_texts),
                rule(&["event_id", "correlation_id"], of_ids),
                rule(&["event_timestamp"], TIME),
                rule(&["event_type"], TYPE),
                rule(&["metadata"], OBJECT),
                rule(&["payload"], PAYLOAD),
            ];
        }
    };
    own.into_iter()
        .chain(common)
        .chain([rule(&["correlation_id", "workflow_id"], of_ids)])
        .collect()
}

const COUNT: (&[&str], &[&str]) = (
    &[
        "0",
        "-0",
        "0.0",
        "2.0",
        "2e3",
        "9007199254740993",
        "18446744073709551615",
    ],
    &[
        "null",
        "-1",
        "1.5",
        "18446744073709551616",
        "1e20",
        "1e400",
        r#""1""#,
        "true",
        "[]",
    ],
);
const SECONDS: (&[&str], &[&str]) = (
    &["0", "-0.0", "45.2", "1e300", "7"],
    &["null", "-0.1", "-1", "1e400", r#""45.2""#, "false", "[]"],
);
const SCORE: (&[&str], &[&str]) = (
    &["0", "1", "1.0", "0.92", "5e-324"],
    &["null", "-0.1", "1.0000001", "2", "1e400", r#""0.5""#, "true"],
);
const COVERAGE: (&[&str], &[&str]) = (
    &["null", "0", "100", "85.5"],
    &["-0.1", "100.1", "101", r#""85""#, "true", "{}"],
);
const TYPE: (&[&str], &[&str]) = (
    &[r#""TEST_GENERATION_FAILED""#],
    &[
        "null",
        r#""""#,
        r#""test_generation_failed""#,
        r#""NODE_INTROSPECTION""#,
        "5",
        r#""TEST_GENERATION_STARTED""#,
    ],
);
const PAYLOAD: (&[&str], &[&str]) = (
    &[
        r#"{"correlation_id": "16c2acae-d574-4530-ae26-ecc50e69a589", "error_code": "", "error_message": "", "more": 1}"#,
    ],
    &[
        "null",
        "[]",
        "{}",
        r#""{}""#,
        r#"{"correlation_id": "16c2acae-d574-4530-ae26-ecc50e69a589", "error_code": 5, "error_message": ""}"#,
    ],
);

/// Fields that may be null.
const OPTIONAL: [&str; 9] = [
    "workflow_id",
    "stack_trace",
    "failed_test_type",
    "test_coverage_estimate",
    "source_service",
    "source_version",
    "source_instance",
    "region",
    "partition_key",
];

fn may_be_null(contract: Contract, field: &str) -> bool {
    OPTIONAL.contains(&field)
        || contract == Contract::Envelope && ["causation_id", "correlation_id"].contains(&field)
}

#[test]
fn every_rule_is_kept_and_broken() {
    for contract in Contract::ALL {
        let (validator, example) = (validator(contract), example(contract));
        let check = |field: &str, json: &str, is_valid: bool| {
            let mut value = example.clone();
            value[field] = parse_json(json.as_bytes()).unwrap();
            let said = said(contract, &value);
            assert_eq!(said.is_ok(), is_valid, "{contract:?} {field}: {json}: {said:?}");
            assert_eq!(
                is_valid_by(&validator, &value),
                is_valid,
                "schema of {contract:?}, {field}: {json}"
            );
            if let Err(said) = said {
                // The payload of one event is not that of another.
                let is_other_event = field == "event_type" && said.contains("`payload.");
                assert!(is_other_event || said.contains(&format!("`{field}")), "{said}");
            }
        };
        for rule in rules(contract) {
            for field in rule.fields {
                rule.keep.iter().for_each(|json| check(field, json, true));
                rule.broken.iter().for_each(|json| check(field, json, false));
                if !rule.broken.contains(&"null") {
                    check(field, "null", may_be_null(contract, field));
                }
            }
        }
    }
}

/// Fields that have no default.
fn required(contract: Contract) -> Vec<String> {
    example(contract).as_object().unwrap().keys().cloned().collect()
}

#[test]
fn only_fields_with_a_default_may_be_missing() {
    for contract in Contract::ALL {
        let validator = validator(contract);
        let whole = said(contract, &example(contract)).unwrap();
        assert!(validator.is_valid(&whole), "{contract:?}: {whole}");
        for field in whole.as_object().unwrap().keys() {
            let mut value = whole.clone();
            value.as_object_mut().unwrap().remove(field);
            let is_required = required(contract).contains(field);
            let said = said(contract, &value);
            assert_eq!(
                validator.is_valid(&value),
                !is_required,
                "schema of {contract:?}: {field}"
            );
            match said {
                Ok(_) => assert!(!is_required, "{contract:?}: {field}"),
                Err(said) => assert_eq!(said, format!("`{field}` is missing")),
            }
        }
    }
}

#[test]
fn defaults_are_those_of_the_contract() {
    let mut envelope = said(Contract::Envelope, &envelope(EventName::TestGenerationCompleted)).unwrap();
    for (field, from) in [
        ("event_id", ""),
        ("event_timestamp", ""),
        ("timestamp", "payload"),
    ] {
        let object = if from.is_empty() {
            &mut envelope
        } else {
            &mut envelope[from]
        };
        assert!(object[field].as_str().unwrap().len() > 19, "{object}");
        object[field] = json!("(new)");
    }
    insta::assert_snapshot!(serde_json::to_string_pretty(&envelope).unwrap(), @r#"
    {
      "causation_id": null,
      "correlation_id": null,
      "envelope_version": "1.0",
      "environment": "development",
      "event_id": "(new)",
      "event_timestamp": "(new)",
      "event_type": "TEST_GENERATION_COMPLETED",
      "event_version": "1.0",
      "metadata": {},
      "partition_key": null,
      "payload": {
        "correlation_id": "16c2acae-d574-4530-ae26-ecc50e69a589",
        "duration_seconds": 45.2,
        "file_count": 1,
        "generated_files": [
          "./tests/test_unit.py"
        ],
        "metadata": {},
        "quality_score": 0.92,
        "schema_version": "1.0",
        "test_coverage_estimate": null,
        "timestamp": "(new)",
        "workflow_id": null
      },
      "region": null,
      "source_instance": null,
      "source_node_id": "node-1",
      "source_service": "omninode-bridge",
      "source_version": "1.0.0"
    }
    "#);
    let failed = said(Contract::ALL[2], &payload(EventName::TestGenerationFailed)).unwrap();
    assert_eq!(failed["partial_files_generated"], json!([]));
    assert_eq!(
        (&failed["metadata"], &failed["stack_trace"]),
        (&json!({}), &Value::Null)
    );
}

#[test]
fn unknown_fields_are_kept_and_numbers_keep_every_digit() {
    let text = r#"{"correlation_id":"16c2acae-d574-4530-ae26-ecc50e69a589","error_code":"E","error_message":"m","metadata":{"n":123456789012345678901234567890,"x":1e300},"newer":{"deep":[0.1,9007199254740993]}}"#;
    let value = parse_json(text.as_bytes()).unwrap();
    let written = said(Contract::ALL[2], &value).unwrap();
    assert_eq!(
        written["metadata"].to_string(),
        r#"{"n":123456789012345678901234567890,"x":1e+300}"#
    );
    assert_eq!(written["newer"].to_string(), r#"{"deep":[0.1,9007199254740993]}"#);
}

#[test]
fn the_key_is_the_first_that_is_set() {
    let key = |changes: Value| {
        let mut value = envelope(EventName::TestGenerationFailed);
        value["event_id"] = json!("00000000-0000-0000-0000-00000000000e");
        for (field, change) in changes.as_object().unwrap() {
            value[field] = change.clone();
        }
        OnexEnvelopeV1::from_value(value).unwrap().key()
    };
    assert_eq!(key(json!({ "partition_key": "p", "correlation_id": ID })), "p");
    assert_eq!(key(json!({ "partition_key": "", "correlation_id": ID })), ID);
    assert_eq!(key(json!({ "correlation_id": ID })), ID);
    assert_eq!(key(json!({})), "node-1");
    assert_eq!(
        key(json!({ "source_node_id": "" })),
        "00000000-0000-0000-0000-00000000000e"
    );
}

#[test]
fn messages_name_the_field_the_value_and_the_rule() {
    let mut wrong = envelope(EventName::TestGenerationCompleted);
    wrong["event_id"] = json!("not-an-id");
    wrong["correlation_id"] = json!(5);
    wrong["event_timestamp"] = json!("yesterday");
    wrong["source_service"] = json!(["x"]);
    wrong["metadata"] = json!([]);
    wrong["payload"] = json!({
        "correlation_id": ID, "generated_files": ["a", 5, {}], "file_count": -1, "duration_seconds": "45",
        "quality_score": 1.5, "test_coverage_estimate": 100.5, "metadata": "x".repeat(100),
    });
    let lines = said(Contract::Envelope, &wrong).unwrap_err().replace("; ", "\n");
    insta::assert_snapshot!(lines, @r#"
    `event_id` must be a UUID such as 16c2acae-d574-4530-ae26-ecc50e69a589, not "not-an-id"
    `event_timestamp` must be a time with its offset such as 2025-10-30T12:00:00Z, in the years 1000 to 8999, not "yesterday"
    `source_service` must be text, or null, not a list
    `correlation_id` must be a UUID such as 16c2acae-d574-4530-ae26-ecc50e69a589, or null, not 5
    `metadata` must be an object, not []
    `payload.generated_files[1]` must be text, not 5
    `payload.generated_files[2]` must be text, not {}
    `payload.file_count` must be a whole number from 0 to 18446744073709551615, not -1
    `payload.duration_seconds` must be a number from 0, not "45"
    `payload.quality_score` must be a number from 0 to 1, not 1.5
    `payload.test_coverage_estimate` must be a number from 0 to 100, or null, not 100.5
    `payload.metadata` must be an object, not "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx…"
    "#);
    let other = |value| said(Contract::Envelope, &value).unwrap_err();
    assert_eq!(other(json!([1])), "an event must be an object, not a list");
    let unknown = json!({ "event_type": "NODE_INTROSPECTION", "source_node_id": null, "payload": 5 });
    insta::assert_snapshot!(other(unknown).replace("; ", "\n"), @r#"
    `event_type` must be TEST_GENERATION_STARTED, TEST_GENERATION_COMPLETED or TEST_GENERATION_FAILED, not "NODE_INTROSPECTION"
    `source_node_id` must be text, not null
    `payload` must be an object, not 5
    "#);
}

#[test]
fn what_python_writes_for_no_number_is_named() {
    for (text, expected) in [
        (r#"{"quality_score": NaN}"#, "NaN in `quality_score`"),
        (
            r#"{"a": 1, "duration_seconds": Infinity}"#,
            "Infinity in `duration_seconds`",
        ),
        (
            r#"{"duration_seconds":-Infinity}"#,
            "-Infinity in `duration_seconds`",
        ),
        ("[NaN]", "NaN is no number"),
    ] {
        let error = OnexEnvelopeV1::from_slice(text.as_bytes())
            .unwrap_err()
            .to_string();
        assert!(
            error.starts_with("not JSON: ") && error.contains(expected),
            "{text}: {error}"
        );
    }
    let error = OnexEnvelopeV1::from_slice(b"{\"NaN\": }")
        .unwrap_err()
        .to_string();
    assert_eq!(error, "not JSON: expected value (line 1, column 9)");
}
