//! The JSON Schemas (draft 2020-12) of the events, generated from the types that read and write them.
//! They are kept in `schemas/events/`, where a test holds them against this module. They describe what
//! is accepted: fields with a default need not be there, and fields that the contract does not know may.

use std::str::FromStr;

use schemars::generate::SchemaSettings;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde_json::Value;

use super::envelope::OnexEnvelopeV1;
use super::payload::{TestGenerationCompleted, TestGenerationFailed, TestGenerationStarted};
use crate::model::EventName;

const UUID: &str = "^[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}$";

/// What has a schema.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Contract {
    /// The payload of one event.
    Payload(EventName),
    /// The envelope of all of them: what a message holds.
    Envelope,
}

impl Contract {
    /// All of them.
    pub const ALL: [Self; 4] = [
        Self::Payload(EventName::TestGenerationStarted),
        Self::Payload(EventName::TestGenerationCompleted),
        Self::Payload(EventName::TestGenerationFailed),
        Self::Envelope,
    ];

    /// The name, as in `schemas/events/TestGenerationStarted.json`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Payload(event) => event.as_str(),
            Self::Envelope => "OnexEnvelopeV1",
        }
    }

    /// The schema, as it stands in `schemas/events/`.
    pub fn schema(self) -> Value {
        match self {
            Self::Payload(EventName::TestGenerationStarted) => self.schema_of::<TestGenerationStarted>(),
            Self::Payload(EventName::TestGenerationCompleted) => self.schema_of::<TestGenerationCompleted>(),
            Self::Payload(EventName::TestGenerationFailed) => self.schema_of::<TestGenerationFailed>(),
            Self::Envelope => self.schema_of::<OnexEnvelopeV1>(),
        }
    }

    fn schema_of<T: JsonSchema>(self) -> Value {
        let settings = SchemaSettings::draft2020_12();
        let mut schema = settings.into_generator().into_root_schema_for::<T>();
        schema.insert(
            "$id".to_owned(),
            format!("urn:topicctl:event:{}:1", self.name()).into(),
        );
        schema.to_value()
    }
}

impl FromStr for Contract {
    type Err = String;

    /// Takes the names of events, `OnexEnvelopeV1` and `envelope`.
    fn from_str(text: &str) -> Result<Self, String> {
        if matches!(text, "OnexEnvelopeV1" | "envelope") {
            return Ok(Self::Envelope);
        }
        let event = text.parse::<EventName>();
        event
            .map(Self::Payload)
            .map_err(|error| format!("{error}; the envelope is OnexEnvelopeV1"))
    }
}

pub(super) fn uuid(_: &mut SchemaGenerator) -> Schema {
    json_schema!({ "type": "string", "format": "uuid", "pattern": UUID })
}

pub(super) fn uuid_or_null(_: &mut SchemaGenerator) -> Schema {
    json_schema!({ "type": ["string", "null"], "format": "uuid", "pattern": UUID })
}

/// The default is the time of reading, which no schema can state.
pub(super) fn timestamp_has_a_default(schema: &mut Schema) {
    need_not_be_there(schema, &["timestamp", "workflow_id"]);
}

/// Times and ids are made anew, which no schema can state.
pub(super) fn envelope_has_defaults(schema: &mut Schema) {
    need_not_be_there(schema, &["event_timestamp", "event_id", "correlation_id"]);
}

fn need_not_be_there(schema: &mut Schema, fields: &[&str]) {
    if let Some(Value::Array(required)) = schema.get_mut("required") {
        required.retain(|name| !fields.iter().any(|field| name == field));
    }
}
