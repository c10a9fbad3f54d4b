//! Bytes to JSON, and JSON to events.

use std::fmt;

use serde_json::{Map, Value};
use thiserror::Error;

use super::envelope::{Event, OnexEnvelopeV1};
use super::violation::{ContractRule, FieldPath, Invalid, Violation, shown};
use crate::model::EventName;

/// Words that Python's `json` writes for numbers that are none.
const NOT_JSON: [&str; 3] = ["-Infinity", "Infinity", "NaN"];

/// Why bytes are no JSON.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NotJson {
    /// Where the problem is; counts from 1.
    pub line: usize,
    /// Where in the line, in bytes; counts from 1.
    pub column: usize,
    reason: String,
}

impl NotJson {
    fn new(bytes: &[u8], error: &serde_json::Error) -> Self {
        let (line, column) = (error.line(), error.column());
        let said = error.to_string();
        let reason = said.rfind(" at line ").map_or(said.as_str(), |end| &said[..end]);
        let reason = not_a_number(bytes, line, column).unwrap_or_else(|| reason.to_owned());
        Self { line, column, reason }
    }

    /// What is wrong, without the place.
    pub fn reason(&self) -> &str {
        &self.reason
    }
}

impl fmt::Display for NotJson {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "not JSON: {} (line {}, column {})",
            self.reason, self.line, self.column
        )
    }
}

impl std::error::Error for NotJson {}

/// NaN is what a Python publisher most likely did wrong, and "expected value" does not say so.
fn not_a_number(bytes: &[u8], line: usize, column: usize) -> Option<String> {
    let text = bytes.split(|byte| *byte == b'\n').nth(line.checked_sub(1)?)?;
    let end = text.len().min(column + 9);
    let near = String::from_utf8_lossy(text.get(column.saturating_sub(3)..end)?);
    let word = NOT_JSON.into_iter().find(|word| near.contains(word))?;
    let before = String::from_utf8_lossy(text.get(..column)?);
    let field = before
        .rsplit_once("\":")
        .and_then(|(key, _)| key.rsplit_once('"'));
    let field = field.map_or_else(String::new, |(_, field)| format!(" in `{field}`"));
    Some(format!(
        "{word}{field} is no number that JSON has; Python's json writes it unless it is told allow_nan=False"
    ))
}

/// Why bytes are no event.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum MalformedEvent {
    /// There is no message, only a key: a tombstone of a compacted topic.
    #[error("there is no value")]
    Empty,
    /// They are not JSON.
    #[error("{0}")]
    NotJson(#[from] NotJson),
    /// They are JSON that breaks the contract.
    #[error("{0}")]
    Invalid(#[from] Invalid),
}

/// Reads JSON.
///
/// # Errors
/// Where the bytes are no JSON, with words of its own for NaN and infinity.
pub fn parse_json(bytes: &[u8]) -> Result<Value, NotJson> {
    serde_json::from_slice(bytes).map_err(|error| NotJson::new(bytes, &error))
}

impl OnexEnvelopeV1 {
    /// Reads the value of a message.
    ///
    /// # Errors
    /// Where the bytes are no JSON, or every rule of the contract that they break.
    pub fn from_slice(bytes: &[u8]) -> Result<Self, MalformedEvent> {
        Ok(Self::from_value(parse_json(bytes)?)?)
    }
}

/// An event with its envelope or without.
#[derive(Debug, Clone, PartialEq)]
pub enum Document {
    /// With its envelope.
    Envelope(Box<OnexEnvelopeV1>),
    /// The payload alone.
    Payload(Box<Event>),
}

impl Document {
    /// Which event it is.
    pub fn event(&self) -> EventName {
        match self {
            Self::Envelope(envelope) => envelope.event.name(),
            Self::Payload(event) => event.name(),
        }
    }

    /// Reads an envelope or a payload, told apart by their fields.
    ///
    /// # Errors
    /// Every rule of the contract that the value breaks.
    pub fn from_value(value: Value) -> Result<Self, Invalid> {
        let kind = match &value {
            Value::Object(fields) => recognise(fields),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_) => None,
        };
        match kind {
            Some(DocumentForm::Envelope) => {
                OnexEnvelopeV1::from_value(value).map(|envelope| Self::Envelope(Box::new(envelope)))
            }
            Some(DocumentForm::Payload(name)) => {
                Event::from_value(name, value).map(|event| Self::Payload(Box::new(event)))
            }
            None => Err(unrecognised(&value)),
        }
    }
}

enum DocumentForm {
    Envelope,
    Payload(EventName),
}

fn recognise(fields: &Map<String, Value>) -> Option<DocumentForm> {
    let has = |names: &[&str]| names.iter().filter(|name| fields.contains_key(**name)).count();
    if has(&["payload", "event_type", "envelope_version"]) > 0 {
        return Some(DocumentForm::Envelope);
    }
    let scored = EventName::ALL.map(|name| (has(own_fields(name)), name));
    // The first of those that share a place, so that the same text is always taken for the same event.
    let best = scored.into_iter().rev().max_by_key(|(score, _)| *score)?;
    (best.0 > 0).then_some(DocumentForm::Payload(best.1))
}

/// Fields that only this event has.
fn own_fields(name: EventName) -> &'static [&'static str] {
    match name {
        EventName::TestGenerationStarted => &[
            "test_contract_name",
            "test_types",
            "node_name",
            "output_directory",
        ],
        EventName::TestGenerationCompleted => &[
            "generated_files",
            "file_count",
            "duration_seconds",
            "quality_score",
            "test_coverage_estimate",
        ],
        EventName::TestGenerationFailed => &[
            "error_code",
            "error_message",
            "stack_trace",
            "failed_test_type",
            "partial_files_generated",
        ],
    }
}

fn unrecognised(value: &Value) -> Invalid {
    let found = match value {
        Value::Object(_) => "an object with none of their fields".to_owned(),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_) => shown(value),
    };
    let violation = Violation {
        field: FieldPath::default(),
        rule: ContractRule::KnownEvent,
        or_null: false,
        found: Some(found),
    };
    Invalid {
        violations: vec![violation],
    }
}
