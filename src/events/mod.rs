//! The events that flow through the test-generation topics: what they are, publishing them, reading them.
//!
//! From the inside out: `violation` says what is wrong, `fields` reads objects field by field, `quantity`
//! and `timestamp` are values with rules, `payload` and `envelope` are the contract, `builder` makes
//! payloads, `parse` reads bytes, `check` reads files, `schema` is the contract for other languages. None
//! of these knows Kafka. `connection`, `publisher`, `lifecycle`, `position`, `record`, `backlog` and
//! `consumer` do: they are the only place that knows rdkafka.
//!
//! A value of these types keeps the contract: reading and building check the same rules with the same
//! code.

mod backlog;
mod builder;
mod check;
mod connection;
mod consumer;
mod deserialize;
mod envelope;
mod fields;
mod lifecycle;
mod locate;
mod parse;
mod payload;
mod position;
mod publisher;
mod quantity;
mod record;
pub mod schema;
mod story;
mod timestamp;
mod topics;
mod violation;

pub use backlog::Backlog;
pub use builder::PayloadBuilder;
pub use check::{DOCUMENT_MAX, DocumentProblem, EventCounts, Flaw, check};
pub use connection::{BadConnection, Connection, LastTrouble};
pub use consumer::{Commits, Consumer, Membership};
pub use envelope::{Event, OnexEnvelopeV1};
pub use lifecycle::{LIFECYCLE_DROPPED, Lifecycle, Published, Ran, Source, WorkflowFailure, WorkflowOutcome};
pub use locate::{Spot, locate};
pub use parse::{Document, MalformedEvent, NotJson, parse_json};
pub use payload::{
    Payload, SCHEMA_VERSION, TestGenerationCompleted, TestGenerationFailed, TestGenerationStarted, Unknown,
};
pub use position::{ConsumeError, RecordPosition, Start};
pub use publisher::{Delivered, PublishError, Publisher, StillUnderWay};
pub use quantity::{Coverage, OutOfRange, QualityScore, Seconds};
pub use record::{Record, UnreadableRecord};
pub use story::{WorkflowFinding, WorkflowState, WorkflowTrace, belongs_to};
pub use timestamp::{InvalidTimestamp, Timestamp};
pub use topics::EventTopics;
pub use violation::{ContractRule, FieldPath, Invalid, PathStep, Violation};

use crate::model::EventName;

/// Where [`TestGenerationStarted`] goes in the environment "development".
pub const TOPIC_TEST_GENERATION_STARTED: &str = "dev.omninode-bridge.test-generation.started.v1";
/// Where [`TestGenerationCompleted`] goes in the environment "development".
pub const TOPIC_TEST_GENERATION_COMPLETED: &str = "dev.omninode-bridge.test-generation.completed.v1";
/// Where [`TestGenerationFailed`] goes in the environment "development".
pub const TOPIC_TEST_GENERATION_FAILED: &str = "dev.omninode-bridge.test-generation.failed.v1";

/// The contract's topic of an event in the environment "development". In others a manifest says it.
pub fn default_topic(event: EventName) -> &'static str {
    match event {
        EventName::TestGenerationStarted => TOPIC_TEST_GENERATION_STARTED,
        EventName::TestGenerationCompleted => TOPIC_TEST_GENERATION_COMPLETED,
        EventName::TestGenerationFailed => TOPIC_TEST_GENERATION_FAILED,
    }
}

/// The examples of the pages for users.
#[cfg(doctest)]
#[doc = include_str!("../../docs/events.md")]
struct Guide;
