//! The envelope in which every event travels, and the message that it becomes.

use schemars::JsonSchema;
use serde::Serialize;
use serde_json::{Map, Value};
use uuid::Uuid;

use super::fields::{self, At, FieldValue, Fields};
use super::payload::{
    Payload, PayloadFields, TestGenerationCompleted, TestGenerationFailed, TestGenerationStarted, Unknown,
};
use super::schema;
use super::timestamp::Timestamp;
use super::violation::{ContractRule, Invalid};
use crate::model::EventName;

const VERSION: &str = "1.0";
const SOURCE_SERVICE: &str = "omninode-bridge";
const SOURCE_VERSION: &str = "1.0.0";
const ENVIRONMENT: &str = "development";

/// An event with its payload: in JSON `event_type` and `payload`, which always fit together.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
#[serde(tag = "event_type", content = "payload")]
pub enum Event {
    /// Test generation began.
    #[serde(rename = "TEST_GENERATION_STARTED")]
    Started(TestGenerationStarted),
    /// Test generation succeeded.
    #[serde(rename = "TEST_GENERATION_COMPLETED")]
    Completed(TestGenerationCompleted),
    /// Test generation failed.
    #[serde(rename = "TEST_GENERATION_FAILED")]
    Failed(TestGenerationFailed),
}

impl Event {
    /// Which event it is.
    pub fn name(&self) -> EventName {
        match self {
            Self::Started(_) => EventName::TestGenerationStarted,
            Self::Completed(_) => EventName::TestGenerationCompleted,
            Self::Failed(_) => EventName::TestGenerationFailed,
        }
    }

    /// What ties the events of one workflow together.
    pub fn correlation_id(&self) -> Uuid {
        match self {
            Self::Started(started) => started.correlation_id,
            Self::Completed(completed) => completed.correlation_id,
            Self::Failed(failed) => failed.correlation_id,
        }
    }

    /// When it happened.
    pub fn timestamp(&self) -> Timestamp {
        match self {
            Self::Started(started) => started.timestamp,
            Self::Completed(completed) => completed.timestamp,
            Self::Failed(failed) => failed.timestamp,
        }
    }

    /// The version of the payload's schema.
    pub fn schema_version(&self) -> &str {
        match self {
            Self::Started(started) => &started.schema_version,
            Self::Completed(completed) => &completed.schema_version,
            Self::Failed(failed) => &failed.schema_version,
        }
    }

    /// Reads a payload alone, as that of one event.
    ///
    /// # Errors
    /// Every rule of the contract that the value breaks.
    pub fn from_value(name: EventName, value: Value) -> Result<Self, Invalid> {
        fields::whole(value, |fields| Self::read(name, fields))
    }

    fn read(name: EventName, fields: Fields<'_>) -> Option<Self> {
        let fields = PayloadFields(fields);
        match name {
            EventName::TestGenerationStarted => TestGenerationStarted::read(fields).map(Self::Started),
            EventName::TestGenerationCompleted => TestGenerationCompleted::read(fields).map(Self::Completed),
            EventName::TestGenerationFailed => TestGenerationFailed::read(fields).map(Self::Failed),
        }
    }
}

impl From<TestGenerationStarted> for Event {
    fn from(payload: TestGenerationStarted) -> Self {
        Self::Started(payload)
    }
}

impl From<TestGenerationCompleted> for Event {
    fn from(payload: TestGenerationCompleted) -> Self {
        Self::Completed(payload)
    }
}

impl From<TestGenerationFailed> for Event {
    fn from(payload: TestGenerationFailed) -> Self {
        Self::Failed(payload)
    }
}

/// The envelope of an event, and the value of a message.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
#[schemars(transform = schema::envelope_has_defaults)]
pub struct OnexEnvelopeV1 {
    /// The version of the envelope.
    #[serde(default = "version")]
    pub envelope_version: String,
    /// The id of this event, made anew for each.
    #[schemars(schema_with = "schema::uuid")]
    pub event_id: Uuid,
    /// The version of the event.
    #[serde(default = "version")]
    pub event_version: String,
    /// When it was published; now, where nobody says.
    pub event_timestamp: Timestamp,
    /// The node that publishes.
    pub source_node_id: String,
    /// The service that publishes.
    #[serde(default = "source_service")]
    pub source_service: Option<String>,
    /// The version of that service.
    #[serde(default = "source_version")]
    pub source_version: Option<String>,
    /// Which instance of that service.
    pub source_instance: Option<String>,
    /// Ties the events of one workflow together.
    #[schemars(schema_with = "schema::uuid_or_null")]
    pub correlation_id: Option<Uuid>,
    /// The event that caused this one.
    pub causation_id: Option<String>,
    /// Where the service runs.
    #[serde(default = "environment")]
    pub environment: String,
    /// The region in which it runs.
    pub region: Option<String>,
    /// What the partition is chosen by, if not by the correlation.
    pub partition_key: Option<String>,
    /// The event and its payload.
    #[serde(flatten)]
    pub event: Event,
    /// Whatever else is worth knowing.
    #[serde(default)]
    pub metadata: Map<String, Value>,
    /// Fields that the contract does not know.
    #[serde(flatten)]
    #[schemars(skip)]
    pub unknown: Unknown,
}

fn version() -> String {
    VERSION.to_owned()
}

#[expect(
    clippy::unnecessary_wraps,
    reason = "the field may be null, and its default is not"
)]
fn source_service() -> Option<String> {
    Some(SOURCE_SERVICE.to_owned())
}

#[expect(
    clippy::unnecessary_wraps,
    reason = "the field may be null, and its default is not"
)]
fn source_version() -> Option<String> {
    Some(SOURCE_VERSION.to_owned())
}

fn environment() -> String {
    ENVIRONMENT.to_owned()
}

impl OnexEnvelopeV1 {
    /// Puts an event into an envelope with the contract's defaults: published now, with a new id, and
    /// tied to the event's workflow. Any field can be set afterwards.
    pub fn new(source_node_id: impl Into<String>, event: impl Into<Event>) -> Self {
        let event = event.into();
        Self {
            envelope_version: version(),
            event_id: Uuid::new_v4(),
            event_version: version(),
            event_timestamp: Timestamp::now(),
            source_node_id: source_node_id.into(),
            source_service: source_service(),
            source_version: source_version(),
            source_instance: None,
            correlation_id: Some(event.correlation_id()),
            causation_id: None,
            environment: environment(),
            region: None,
            partition_key: None,
            event,
            metadata: Map::new(),
            unknown: Unknown::default(),
        }
    }

    /// The message's key: the first that is set of partition key, correlation, node and event id. So all
    /// events of one workflow share a partition.
    pub fn key(&self) -> String {
        let texts = [
            self.partition_key.clone(),
            self.correlation_id.map(|id| id.to_string()),
        ];
        let first = texts.into_iter().flatten().chain([self.source_node_id.clone()]);
        let mut keys = first.filter(|key| !key.is_empty());
        keys.next().unwrap_or_else(|| self.event_id.to_string())
    }

    /// Reads an envelope.
    ///
    /// # Errors
    /// Every rule of the contract that the value breaks.
    pub fn from_value(value: Value) -> Result<Self, Invalid> {
        fields::whole(value, Self::read)
    }

    fn read(mut fields: Fields<'_>) -> Option<Self> {
        let envelope_version = fields.optional("envelope_version", version);
        let event_id = fields.optional("event_id", Uuid::new_v4);
        let event_type = fields.required::<EventName>("event_type");
        let event_version = fields.optional("event_version", version);
        let event_timestamp = fields.optional("event_timestamp", Timestamp::now);
        let source_node_id = fields.required("source_node_id");
        let source_service = fields.optional("source_service", source_service);
        let source_version = fields.optional("source_version", source_version);
        let source_instance = fields.optional("source_instance", || None);
        let correlation_id = fields.optional("correlation_id", || None);
        let causation_id = fields.optional("causation_id", || None);
        let environment = fields.optional("environment", environment);
        let region = fields.optional("region", || None);
        let partition_key = fields.optional("partition_key", || None);
        let metadata = fields.optional("metadata", Map::new);
        // Without a type there is no telling what the payload must be, only that it must be there.
        let payload = fields.object("payload");
        let event = payload.and_then(|payload| Event::read(event_type?, payload));
        Some(Self {
            envelope_version: envelope_version?,
            event_id: event_id?,
            event_version: event_version?,
            event_timestamp: event_timestamp?,
            source_node_id: source_node_id?,
            source_service: source_service?,
            source_version: source_version?,
            source_instance: source_instance?,
            correlation_id: correlation_id?,
            causation_id: causation_id?,
            environment: environment?,
            region: region?,
            partition_key: partition_key?,
            event: event?,
            metadata: metadata?,
            unknown: Unknown::left_in(fields),
        })
    }
}

impl FieldValue for EventName {
    const RULE: ContractRule = ContractRule::EventType;

    fn read(value: Value, at: &mut At<'_>) -> Option<Self> {
        at.accept(&value, |value| Self::of_event_type(value.as_str()?))
    }
}
