//! What can be typed after `topicctl events`.

use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, Subcommand};
use serde_json::Value;
use uuid::Uuid;

use super::{ConnectionArgs, FileArgs, Output, wait};
use crate::events::Timestamp;
use crate::events::schema::Contract;
use crate::model::{EventName, TopicName};

/// The verbs of `topicctl events`.
#[derive(Debug, Clone, Subcommand)]
pub enum EventsCommand {
    /// Print the JSON Schema of an event's payload, or of the envelope
    Schema {
        /// TestGenerationStarted, TestGenerationCompleted, TestGenerationFailed (in short started,
        /// completed, failed) or OnexEnvelopeV1
        #[arg(value_name = "NAME")]
        contract: Contract,
    },
    /// Check events against their contract: envelopes or payloads, as JSON or JSON lines
    Validate(EventsValidateArgs),
    /// Publish an event: its fields as flags, or payloads or envelopes as JSON on stdin
    Publish(Box<EventsPublishArgs>),
    /// Show the events of the topics, one a line
    Tail(EventsTailArgs),
    /// Tell the story of one workflow
    Trace(EventsTraceArgs),
}

/// `topicctl events validate`
#[derive(Debug, Clone, Args)]
pub struct EventsValidateArgs {
    /// The file; - or nothing for stdin
    pub file: Option<PathBuf>,
    /// How to write the result
    #[arg(long, short, value_enum, default_value_t)]
    pub output: Output,
}

/// `topicctl events publish`
#[derive(Debug, Clone, Args)]
pub struct EventsPublishArgs {
    /// TestGenerationStarted, TestGenerationCompleted or TestGenerationFailed; in short started, completed
    /// or failed
    #[arg(value_name = "NAME")]
    pub event: EventName,
    /// The fields.
    #[command(flatten)]
    pub fields: FieldArgs,
    /// The node that the envelope names as the publisher of the fields or payloads
    #[arg(long, value_name = "ID", default_value = "topicctl")]
    pub source_node_id: String,
    /// The topic, if it is not the one that the file ties to the event
    #[arg(long, value_name = "TOPIC", value_parser = topic)]
    pub topic: Option<TopicName>,
    /// How long to wait for the acknowledgement
    #[arg(long, value_name = "TIME", default_value = "30s", value_parser = wait)]
    pub timeout: Duration,
    /// Which file and profile.
    #[command(flatten)]
    pub file: FileArgs,
    /// Which cluster.
    #[command(flatten)]
    pub connection: ConnectionArgs,
    /// How to write the result
    #[arg(long, short, value_enum, default_value_t)]
    pub output: Output,
}

/// The fields of all payloads, by the contract's names.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Fields of the event")]
pub struct FieldArgs {
    /// Ties the events of a workflow together [default: a new one]
    #[arg(long, value_name = "UUID")]
    pub correlation_id: Option<String>,
    /// The workflow that this one is part of
    #[arg(long, value_name = "UUID")]
    pub workflow_id: Option<String>,
    /// When it happened, with its offset [default: now]
    #[arg(long, value_name = "TIME")]
    pub timestamp: Option<String>,
    /// The version of the payload's schema [default: 1.0]
    #[arg(long, value_name = "TEXT")]
    pub schema_version: Option<String>,
    /// started: the name of the test contract
    #[arg(long, value_name = "TEXT")]
    pub test_contract_name: Option<String>,
    /// started: a type of tests; may be given several times
    #[arg(long = "test-type", value_name = "TEXT")]
    pub test_types: Vec<String>,
    /// started: the node under test
    #[arg(long, value_name = "TEXT")]
    pub node_name: Option<String>,
    /// started: where the tests will be written
    #[arg(long, value_name = "PATH")]
    pub output_directory: Option<String>,
    /// completed: a file that was generated; may be given several times
    #[arg(long = "generated-file", value_name = "PATH")]
    pub generated_files: Vec<String>,
    /// completed: how many files were generated [default: as many as are named]
    #[arg(long, value_name = "NUMBER", allow_negative_numbers = true, value_parser = json)]
    pub file_count: Option<Value>,
    /// completed: how long it took
    #[arg(long, value_name = "SECONDS", allow_negative_numbers = true, value_parser = json)]
    pub duration_seconds: Option<Value>,
    /// completed: from 0 to 1
    #[arg(long, value_name = "NUMBER", allow_negative_numbers = true, value_parser = json)]
    pub quality_score: Option<Value>,
    /// completed: in percent
    #[arg(long, value_name = "PERCENT", allow_negative_numbers = true, value_parser = json)]
    pub test_coverage_estimate: Option<Value>,
    /// failed: the kind of failure
    #[arg(long, value_name = "CODE")]
    pub error_code: Option<String>,
    /// failed: the failure in words
    #[arg(long, value_name = "TEXT")]
    pub error_message: Option<String>,
    /// failed: where in the code it happened
    #[arg(long, value_name = "TEXT")]
    pub stack_trace: Option<String>,
    /// failed: the type of test that failed
    #[arg(long, value_name = "TEXT")]
    pub failed_test_type: Option<String>,
    /// failed: a file that was written before the failure; may be given several times
    #[arg(long = "partial-file", value_name = "PATH")]
    pub partial_files_generated: Vec<String>,
    /// completed, failed: anything else; the value is JSON, or else text; may be given several times
    #[arg(long, value_name = "KEY=VALUE", value_parser = pair)]
    pub metadata: Vec<(String, Value)>,
}

/// Which topics to read, and from when.
#[derive(Debug, Clone, Args)]
pub struct ReadArgs {
    /// A topic to read, instead of those that the file ties to the events; may be given several times
    #[arg(long = "topic", value_name = "TOPIC", value_parser = topic)]
    pub topics: Vec<TopicName>,
    /// Only what was written since: so long ago (90s, 1h, 7d), or a time with its offset
    #[arg(long, value_name = "TIME", value_parser = since)]
    pub since: Option<Since>,
    /// Which file and profile.
    #[command(flatten)]
    pub file: FileArgs,
    /// Which cluster.
    #[command(flatten)]
    pub connection: ConnectionArgs,
}

/// `topicctl events tail`
#[derive(Debug, Clone, Args)]
pub struct EventsTailArgs {
    /// Only these events [default: all three]
    #[arg(value_name = "NAME")]
    pub events: Vec<EventName>,
    /// Only failed events; the same as the name failed
    #[arg(long, conflicts_with = "events")]
    pub failed: bool,
    /// Only events of this workflow
    #[arg(long, value_name = "UUID")]
    pub correlation_id: Option<Uuid>,
    /// Go on with what is written from now on, until interrupted; without --since with nothing else
    #[arg(long)]
    pub follow: bool,
    /// Which topics.
    #[command(flatten)]
    pub read: ReadArgs,
    /// How to write the events: text, or JSON lines
    #[arg(long, short, value_enum, default_value_t)]
    pub output: Output,
}

/// `topicctl events trace`
#[derive(Debug, Clone, Args)]
pub struct EventsTraceArgs {
    /// The workflow's correlation id
    pub correlation_id: Uuid,
    /// Which topics.
    #[command(flatten)]
    pub read: ReadArgs,
    /// How to write the result
    #[arg(long, short, value_enum, default_value_t)]
    pub output: Output,
}

/// A beginning.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Since {
    /// So long before the command runs.
    Ago(Duration),
    /// At this time.
    Time(Timestamp),
}

fn since(text: &str) -> Result<Since, String> {
    let time = text.parse().map(Since::Time);
    time.or_else(|_| wait(text).map(Since::Ago)).map_err(|_| {
        "write a span with its unit, such as 90s, 1h or 7d, or a time with its offset, such as 2025-10-30T12:00:00Z"
            .to_owned()
    })
}

fn topic(text: &str) -> Result<TopicName, String> {
    TopicName::new(text).map_err(|error| error.to_string())
}

/// A number as it is typed; what else it may be is left to the contract.
#[expect(clippy::unnecessary_wraps, reason = "clap's parsers return results")]
fn json(text: &str) -> Result<Value, String> {
    let parsed = serde_json::from_str::<serde_json::Number>(text);
    Ok(parsed.map_or_else(|_| text.into(), Value::Number))
}

fn pair(text: &str) -> Result<(String, Value), String> {
    let (key, value) = text.split_once('=').ok_or("write KEY=VALUE")?;
    let value = serde_json::from_str(value).unwrap_or_else(|_| value.into());
    Ok((key.to_owned(), value))
}
