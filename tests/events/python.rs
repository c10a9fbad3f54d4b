//! Events between Rust and Python: what one writes the other reads as the same, field by field.
//!
//! The Python side is pydantic models that were written from the contract, in a virtual environment under
//! `target` that the first run sets up. Where that cannot be done, the test fails and says what is missing.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::OnceLock;

use serde_json::{Map, Value, json};
use topicctl::events::{
    Event, OnexEnvelopeV1, Payload, TestGenerationCompleted, TestGenerationFailed, TestGenerationStarted,
    Timestamp, Unknown, parse_json,
};
use uuid::Uuid;

use crate::generate::{self, Dice};

const PYDANTIC: &str = "pydantic==2.12.5";
const EVENTS: usize = 1_000;

static PYTHON: OnceLock<Result<PathBuf, String>> = OnceLock::new();

/// The interpreter of an environment that has pydantic.
fn python() -> &'static Path {
    match PYTHON.get_or_init(|| environment(Path::new(env!("CARGO_TARGET_TMPDIR")))) {
        Ok(python) => python,
        Err(reason) => panic!(
            "this test needs Python 3.9 or newer with its venv module, and {PYDANTIC} from PyPI:\n{reason}\n\
             on Debian and Ubuntu: sudo apt-get install python3-venv"
        ),
    }
}

/// Made aside and moved into place when it is whole, so that an interrupted run leaves none that is half.
fn environment(folder: &Path) -> Result<PathBuf, String> {
    let whole = folder.join(PYDANTIC.replace("==", "-"));
    let interpreter = whole.join("bin/python");
    if interpreter.exists() {
        return Ok(interpreter);
    }
    let half = tempfile::Builder::new().prefix("python-").tempdir_in(folder);
    let half = half.map_err(|error| error.to_string())?;
    let at = |path: &str| half.path().join(path).display().to_string();
    finish(Command::new("python3").args(["-m", "venv", &at("")]))?;
    let pip = [
        "-m",
        "pip",
        "install",
        "--quiet",
        "--disable-pip-version-check",
        PYDANTIC,
    ];
    finish(Command::new(at("bin/python")).args(pip))?;
    match std::fs::rename(half.path(), &whole) {
        Ok(()) => drop(half.keep()),
        // Another run was quicker.
        Err(_) if interpreter.exists() => {}
        Err(error) => return Err(error.to_string()),
    }
    Ok(interpreter)
}

fn finish(command: &mut Command) -> Result<(), String> {
    let output = command
        .output()
        .map_err(|error| format!("{command:?}: {error}"))?;
    if output.status.success() {
        return Ok(());
    }
    let said = [output.stdout, output.stderr].concat();
    Err(format!("{command:?}\n{}", String::from_utf8_lossy(&said)))
}

/// What the Python side answers to some lines.
fn exchange(arguments: &[&str], input: &str) -> Vec<String> {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/events/python/exchange.py");
    let mut child = Command::new(python())
        .arg("-B")
        .arg(script)
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let input = input.to_owned();
    let feeding = std::thread::spawn(move || stdin.write_all(input.as_bytes()));
    let output = child.wait_with_output().unwrap();
    assert!(
        output.status.success(),
        "the Python side failed; its own words are above"
    );
    feeding.join().unwrap().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    text.lines().map(str::to_owned).collect()
}

#[test]
fn python_reads_what_rust_writes() {
    let mut dice = Dice(3);
    let events: Vec<OnexEnvelopeV1> = (0..EVENTS).map(|_| generate::envelope(&mut dice)).collect();
    let lines: Vec<String> = events
        .iter()
        .map(|event| serde_json::to_string(event).unwrap())
        .collect();
    let read = exchange(&["read"], &lines.join("\n"));
    assert_eq!(read.len(), EVENTS);
    for (event, read) in events.iter().zip(read) {
        assert_eq!(
            parse_json(read.as_bytes()).unwrap(),
            plain_envelope(event),
            "{event:?}"
        );
    }
}

#[test]
fn rust_reads_what_python_writes() {
    let lines = exchange(&["write", &EVENTS.to_string()], "");
    assert_eq!(lines.len(), 2 * EVENTS);
    for pair in lines.chunks(2) {
        let event = OnexEnvelopeV1::from_slice(pair[0].as_bytes());
        let event = event.unwrap_or_else(|error| panic!("{error}\n{}", pair[0]));
        assert_eq!(
            plain_envelope(&event),
            parse_json(pair[1].as_bytes()).unwrap(),
            "{}",
            pair[0]
        );
    }
}

/// Where this side is narrower than pydantic's lax mode it is because the contract says number, and where
/// it is wider, what it writes is read by pydantic.
#[test]
fn whole_numbers_are_those_of_pydantic() {
    const NUMBERS: [&str; 19] = [
        "0",
        "-0",
        "0.0",
        "2.0",
        "2e3",
        "1e15",
        "9007199254740993",
        "9223372036854775808",
        "18446744073709551615",
        "1.5",
        "-1",
        "1e20",
        "1e400",
        "null",
        "[]", // the same on both sides
        r#""1""#,
        "true",
        "18446744073709551616",
        "1e19", // not the same
    ];
    let example = TestGenerationCompleted::builder(Uuid::nil())
        .generated_files([""; 0])
        .file_count(1)
        .duration_seconds(1.0)
        .quality_score(1.0);
    let example = serde_json::to_value(example.build().unwrap()).unwrap();
    let with = |number: &str| {
        let mut event = example.clone();
        event["file_count"] = parse_json(number.as_bytes()).unwrap();
        event
    };
    let lines: Vec<String> = NUMBERS.iter().map(|number| with(number).to_string()).collect();
    let pydantic = exchange(&["lax"], &lines.join("\n"));
    let differ: Vec<String> = (NUMBERS.iter().zip(pydantic))
        .map(|(number, pydantic)| {
            let ours = match TestGenerationCompleted::from_value(with(number)) {
                Ok(event) => format!("takes {}", event.file_count),
                Err(_) => "refuses".to_owned(),
            };
            (number, ours, pydantic)
        })
        .filter(|(_, ours, pydantic)| ours != pydantic)
        .map(|(number, ours, pydantic)| format!("{number}: this {ours}, pydantic {pydantic}"))
        .collect();
    insta::assert_snapshot!(differ.join("\n"), @r#"
    "1": this refuses, pydantic takes 1
    true: this refuses, pydantic takes 1
    18446744073709551616: this refuses, pydantic takes 18446744073709551616
    1e19: this takes 10000000000000000000, pydantic refuses
    "#);
}

// What is in an event, in a form in which nothing can be lost; as `plain` of the Python side.

fn text(text: &str) -> Value {
    json!(format!("text {text}"))
}

fn optional(value: Option<Value>) -> Value {
    value.unwrap_or_else(|| json!("null"))
}

fn optional_text(value: Option<&String>) -> Value {
    optional(value.map(|value| text(value)))
}

fn texts(values: &[String]) -> Value {
    values.iter().map(|value| text(value)).collect()
}

fn id(id: Uuid) -> Value {
    json!(format!("uuid {id}"))
}

fn time(time: Timestamp) -> Value {
    json!(format!("time {}", time.microseconds()))
}

fn float(number: f64) -> Value {
    json!(format!("float {:016x}", number.to_bits()))
}

fn whole(number: u64) -> Value {
    json!(format!("int {number}"))
}

fn plain(value: &Value) -> Value {
    match value {
        Value::Null => json!("null"),
        Value::Bool(value) => json!(format!("bool {value}")),
        Value::Number(number) if number.to_string().contains(['.', 'e', 'E']) => {
            float(number.as_f64().unwrap())
        }
        Value::Number(number) => json!(format!("int {number}")),
        Value::String(value) => text(value),
        Value::Array(items) => items.iter().map(plain).collect(),
        Value::Object(fields) => object(fields),
    }
}

fn object(fields: &Map<String, Value>) -> Value {
    Value::Object(
        fields
            .iter()
            .map(|(key, value)| (key.clone(), plain(value)))
            .collect(),
    )
}

fn with_unknown(mut known: Value, unknown: &Unknown) -> Value {
    for (key, value) in unknown.fields() {
        known[key] = plain(value);
    }
    known
}

fn plain_envelope(envelope: &OnexEnvelopeV1) -> Value {
    let known = json!({
        "envelope_version": text(&envelope.envelope_version),
        "event_id": id(envelope.event_id),
        "event_type": text(envelope.event.name().event_type()),
        "event_version": text(&envelope.event_version),
        "event_timestamp": time(envelope.event_timestamp),
        "source_node_id": text(&envelope.source_node_id),
        "source_service": optional_text(envelope.source_service.as_ref()),
        "source_version": optional_text(envelope.source_version.as_ref()),
        "source_instance": optional_text(envelope.source_instance.as_ref()),
        "correlation_id": optional(envelope.correlation_id.map(id)),
        "causation_id": optional_text(envelope.causation_id.as_ref()),
        "environment": text(&envelope.environment),
        "region": optional_text(envelope.region.as_ref()),
        "partition_key": optional_text(envelope.partition_key.as_ref()),
        "metadata": object(&envelope.metadata),
        "payload": match &envelope.event {
            Event::Started(started) => plain_started(started),
            Event::Completed(completed) => plain_completed(completed),
            Event::Failed(failed) => plain_failed(failed),
        },
    });
    with_unknown(known, &envelope.unknown)
}

fn plain_started(started: &TestGenerationStarted) -> Value {
    let known = json!({
        "correlation_id": id(started.correlation_id),
        "workflow_id": optional(started.workflow_id.map(id)),
        "timestamp": time(started.timestamp),
        "schema_version": text(&started.schema_version),
        "test_contract_name": text(&started.test_contract_name),
        "test_types": texts(&started.test_types),
        "node_name": text(&started.node_name),
        "output_directory": text(&started.output_directory),
    });
    with_unknown(known, &started.unknown)
}

fn plain_completed(completed: &TestGenerationCompleted) -> Value {
    let known = json!({
        "correlation_id": id(completed.correlation_id),
        "workflow_id": optional(completed.workflow_id.map(id)),
        "timestamp": time(completed.timestamp),
        "schema_version": text(&completed.schema_version),
        "generated_files": texts(&completed.generated_files),
        "file_count": whole(completed.file_count),
        "duration_seconds": float(completed.duration_seconds.get()),
        "quality_score": float(completed.quality_score.get()),
        "test_coverage_estimate": optional(completed.test_coverage_estimate.map(|percent| float(percent.get()))),
        "metadata": object(&completed.metadata),
    });
    with_unknown(known, &completed.unknown)
}

fn plain_failed(failed: &TestGenerationFailed) -> Value {
    let known = json!({
        "correlation_id": id(failed.correlation_id),
        "workflow_id": optional(failed.workflow_id.map(id)),
        "timestamp": time(failed.timestamp),
        "schema_version": text(&failed.schema_version),
        "error_code": text(&failed.error_code),
        "error_message": text(&failed.error_message),
        "stack_trace": optional_text(failed.stack_trace.as_ref()),
        "failed_test_type": optional_text(failed.failed_test_type.as_ref()),
        "partial_files_generated": texts(&failed.partial_files_generated),
        "metadata": object(&failed.metadata),
    });
    with_unknown(known, &failed.unknown)
}
