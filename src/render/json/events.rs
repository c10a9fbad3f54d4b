//! The documents of `events validate`, `events publish`, `events tail` and `events trace`.

use schemars::JsonSchema;
use serde::Serialize;
use serde_json::{Map, Value};

use super::right::MissingRight;
use super::value::Cluster;
use super::{Each, Version};
use crate::events;
use crate::events::{
    Delivered, EventCounts, Flaw, OnexEnvelopeV1, PublishError, WorkflowState, WorkflowTrace,
};
use crate::render::Header;
use crate::render::events::{EventProblem, PublishedEvent, PublishedEvents};

/// The kind of a document.
#[derive(Serialize, JsonSchema)]
#[schemars(inline)]
enum CheckFormat {
    #[serde(rename = "topicctl/event-check")]
    EventCheck,
}

/// What is wrong with events. Written by `topicctl events validate --output json`.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "EventCheck", title = "topicctl event check", deny_unknown_fields)]
pub(super) struct Check<'a, T> {
    /// What kind of document this is.
    format: CheckFormat,
    /// The version of this format. It changes when a field goes or changes its meaning.
    version: Version,
    /// The verdict; stands for the exit code.
    status: CheckStatus,
    /// The file as the user named it, or `stdin`.
    file: &'a str,
    /// How many events there are, broken ones included.
    events: u64,
    /// How many of them break the contract or are no JSON.
    broken: u64,
    /// Everything that is wrong, in the order in which it was found.
    problems: T,
}

/// The verdict on events.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
enum CheckStatus {
    /// All of them keep the contract. Exit code 0.
    Valid,
    /// Some break it, or there are none. Exit code 1.
    Invalid,
}

pub(super) fn check<'a>(
    file: &'a str,
    checked: EventCounts,
    problems: &'a [EventProblem],
) -> Check<'a, impl Serialize> {
    let is_valid = checked.broken == 0 && checked.events > 0;
    Check {
        format: CheckFormat::EventCheck,
        version: Version::One,
        status: if is_valid {
            CheckStatus::Valid
        } else {
            CheckStatus::Invalid
        },
        file,
        events: checked.events,
        broken: checked.broken,
        problems: Each(problems.iter().map(CheckProblem::from)),
    }
}

/// One thing that is wrong with one event.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "EventProblem", deny_unknown_fields)]
pub(super) struct CheckProblem<'a> {
    /// Line, from 1.
    #[schemars(range(min = 1))]
    line: usize,
    /// Column in characters, from 1.
    #[schemars(range(min = 1))]
    column: usize,
    /// The field, such as `payload.quality_score`; null where the text is no JSON.
    field: Option<String>,
    /// The rule that is broken, by a stable name; null where the text is no JSON.
    rule: Option<&'static str>,
    /// The value as JSON, shortened; null where it is missing.
    found: Option<&'a str>,
    /// What is wrong, as a sentence without its full stop.
    message: String,
}

impl<'a> From<&'a EventProblem> for CheckProblem<'a> {
    fn from(EventProblem { problem, .. }: &'a EventProblem) -> Self {
        let broken = match &problem.flaw {
            Flaw::NotJson(_) => None,
            Flaw::Broken(violation) => Some(violation),
        };
        Self {
            line: problem.spot.line,
            column: problem.spot.column,
            field: broken.map(|violation| violation.field.to_string()),
            rule: broken.map(|violation| violation.rule.code()),
            found: broken.and_then(|violation| violation.found.as_deref()),
            message: problem.flaw.to_string(),
        }
    }
}

/// The kind of a document.
#[derive(Serialize, JsonSchema)]
#[schemars(inline)]
enum PublishedFormat {
    #[serde(rename = "topicctl/published")]
    Published,
}

/// What became of events. Written by `topicctl events publish --output json`.
#[derive(Serialize, JsonSchema)]
#[schemars(
    rename = "Published",
    title = "topicctl published events",
    deny_unknown_fields
)]
pub(super) struct PublishedDocument<'a, T> {
    /// What kind of document this is.
    format: PublishedFormat,
    /// The version of this format. It changes when a field goes or changes its meaning.
    version: Version,
    /// The cluster and the profile.
    cluster: Cluster<'a>,
    /// The rights that this principal lacks, by which events could not be written.
    missing_rights: Vec<MissingRight>,
    /// The events in the order in which they were given.
    events: T,
}

pub(super) fn published<'a>(
    header: &'a Header,
    published: &'a PublishedEvents,
) -> PublishedDocument<'a, impl Serialize> {
    PublishedDocument {
        format: PublishedFormat::Published,
        version: Version::One,
        cluster: header.into(),
        missing_rights: MissingRight::all(&published.missing_acls(), header),
        events: Each(published.events.iter().map(OneEvent::from)),
    }
}

/// One event.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "PublishedEvent", deny_unknown_fields)]
pub(super) struct OneEvent<'a> {
    /// Which event.
    name: &'static str,
    /// The envelope's id.
    event_id: String,
    /// What ties the events of a workflow together.
    correlation_id: String,
    /// What became of it.
    outcome: PublishOutcomeJson<'a>,
}

impl<'a> From<&'a PublishedEvent> for OneEvent<'a> {
    fn from(PublishedEvent { envelope, outcome }: &'a PublishedEvent) -> Self {
        Self {
            name: envelope.event.name().as_str(),
            event_id: envelope.event_id.to_string(),
            correlation_id: envelope.event.correlation_id().to_string(),
            outcome: outcome.into(),
        }
    }
}

/// What became of an event.
#[derive(Serialize, JsonSchema)]
#[serde(tag = "status", rename_all = "snake_case")]
#[schemars(rename = "PublishOutcome", deny_unknown_fields)]
enum PublishOutcomeJson<'a> {
    /// All replicas in sync have it.
    Written {
        /// The topic.
        topic: &'a str,
        /// The partition.
        partition: i32,
        /// The offset.
        offset: i64,
    },
    /// It was not written.
    Failed {
        /// Why, as a sentence without its full stop.
        reason: String,
    },
    /// Nobody knows whether it was written.
    Unknown {
        /// Why, as a sentence without its full stop.
        reason: String,
    },
}

impl<'a> From<&'a Result<Delivered, PublishError>> for PublishOutcomeJson<'a> {
    fn from(outcome: &'a Result<Delivered, PublishError>) -> Self {
        let reason = |error: &PublishError| error.to_string();
        match outcome {
            Ok(at) => Self::Written {
                topic: at.topic.as_str(),
                partition: at.partition,
                offset: at.offset,
            },
            Err(error @ PublishError::OutcomeUnknown { .. }) => Self::Unknown {
                reason: reason(error),
            },
            Err(error) => Self::Failed {
                reason: reason(error),
            },
        }
    }
}

/// One message of a topic. Written by `topicctl events tail --output json`, one a line.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "EventRecord", title = "topicctl event record", deny_unknown_fields)]
pub(super) struct EventRecordJson<'a> {
    /// The topic.
    topic: &'a str,
    /// The partition.
    partition: i32,
    /// The offset.
    offset: i64,
    /// When it was written, as the broker or the publisher says; null where neither does.
    written_at: Option<events::Timestamp>,
    /// The key; null where there is none.
    key: Option<&'a str>,
    /// What it holds.
    content: EventContentJson<'a>,
}

impl<'a> From<&'a events::Record> for EventRecordJson<'a> {
    fn from(record: &'a events::Record) -> Self {
        Self {
            topic: record.topic.as_str(),
            partition: record.partition,
            offset: record.offset,
            written_at: record.timestamp,
            key: record.key.as_deref(),
            content: match &record.content {
                Ok(event) => EventContentJson::Event { event },
                Err(unreadable) => EventContentJson::Malformed {
                    reason: unreadable.reason.to_string(),
                    size: unreadable.size,
                    excerpt: &unreadable.excerpt,
                },
            },
        }
    }
}

/// What a message holds.
#[derive(Serialize, JsonSchema)]
#[serde(tag = "status", rename_all = "snake_case")]
#[schemars(rename = "EventRecordContent", deny_unknown_fields)]
enum EventContentJson<'a> {
    /// An event that keeps the contract.
    Event {
        /// The envelope; its schema is that of OnexEnvelopeV1.
        #[schemars(with = "Map<String, Value>")]
        event: &'a OnexEnvelopeV1,
    },
    /// Something else.
    Malformed {
        /// What is wrong with it.
        reason: String,
        /// How long it is, in bytes.
        size: usize,
        /// Its first 200 bytes; what is no UTF-8 is replaced.
        excerpt: &'a str,
    },
}

/// The kind of a document.
#[derive(Serialize, JsonSchema)]
#[schemars(inline)]
enum TraceFormat {
    #[serde(rename = "topicctl/trace")]
    Trace,
}

/// The story of one workflow. Written by `topicctl events trace --output json`.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Trace", title = "topicctl trace", deny_unknown_fields)]
pub(super) struct Trace<'a, T> {
    /// What kind of document this is.
    format: TraceFormat,
    /// The version of this format. It changes when a field goes or changes its meaning.
    version: Version,
    /// The cluster and the profile.
    cluster: Cluster<'a>,
    /// What ties the events together.
    correlation_id: String,
    /// How the workflow stands.
    status: TraceStatus,
    /// From the start to the end, by the events' own times; null where one of them is missing.
    duration_seconds: Option<f64>,
    /// What is odd or missing.
    findings: Vec<TraceFinding>,
    /// The events by their own times; malformed messages with the workflow's key come last.
    records: T,
}

/// How a workflow stands.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
enum TraceStatus {
    /// It completed.
    Completed,
    /// It failed.
    Failed,
    /// It has started and not ended.
    Open,
    /// It both completed and failed.
    Contradictory,
    /// There is no event of it. Exit code 1.
    Unknown,
}

/// Something odd or missing.
#[derive(Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
struct TraceFinding {
    /// A stable name.
    code: &'static str,
    /// A sentence without its full stop.
    message: String,
}

pub(super) fn trace<'a>(header: &'a Header, story: &'a WorkflowTrace) -> Trace<'a, impl Serialize> {
    let finding = |finding: &events::WorkflowFinding| TraceFinding {
        code: finding.code(),
        message: finding.to_string(),
    };
    Trace {
        format: TraceFormat::Trace,
        version: Version::One,
        cluster: header.into(),
        correlation_id: story.correlation_id.to_string(),
        status: match story.state {
            WorkflowState::Completed => TraceStatus::Completed,
            WorkflowState::Failed => TraceStatus::Failed,
            WorkflowState::Open => TraceStatus::Open,
            WorkflowState::Contradictory => TraceStatus::Contradictory,
            WorkflowState::Unknown => TraceStatus::Unknown,
        },
        duration_seconds: story.duration.map(|duration| duration.as_secs_f64()),
        findings: story.findings.iter().map(finding).collect(),
        records: Each(story.records.iter().map(EventRecordJson::from)),
    }
}
