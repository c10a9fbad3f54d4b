//! The story of one workflow, from what its topics hold: its events in order, and what is odd or missing.

use std::fmt;
use std::time::Duration;

use uuid::Uuid;

use super::envelope::{Event, OnexEnvelopeV1};
use super::record::Record;
use crate::model::EventName;

/// The events of one workflow.
#[derive(Debug, Clone, PartialEq)]
pub struct WorkflowTrace {
    /// What ties them together.
    pub correlation_id: Uuid,
    /// The events by their own times; malformed messages with the workflow's key come last.
    pub records: Vec<Record>,
    /// What is odd or missing.
    pub findings: Vec<WorkflowFinding>,
    /// How it stands.
    pub state: WorkflowState,
    /// From the start to the end, by the events' own times.
    pub duration: Option<Duration>,
}

/// How a workflow stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WorkflowState {
    /// It has an end, and it is success.
    Completed,
    /// It has an end, and it is failure.
    Failed,
    /// It has started and not ended: it is still at work, or nobody said how it ended.
    Open,
    /// It has ends that contradict each other.
    Contradictory,
    /// There is nothing that says.
    Unknown,
}

/// Something odd or missing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WorkflowFinding {
    /// There is no start: it is older than what the topic keeps, or was never published.
    NoStart,
    /// There is no end.
    NoEnd,
    /// There is more than one event of this kind.
    Repeated(EventName, usize),
    /// It both completed and failed.
    BothEnds,
    /// Its end is before its start, by the events' own times: two clocks differ.
    EndBeforeStart,
    /// Messages with the workflow's key are no events.
    Malformed(usize),
}

impl WorkflowFinding {
    /// A stable name, for programs.
    pub fn code(self) -> &'static str {
        match self {
            Self::NoStart => "no_start",
            Self::NoEnd => "no_end",
            Self::Repeated(..) => "repeated",
            Self::BothEnds => "both_ends",
            Self::EndBeforeStart => "end_before_start",
            Self::Malformed(_) => "malformed",
        }
    }
}

impl fmt::Display for WorkflowFinding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoStart => f.write_str(
                "no started event: it was never published, or is older than what the topic keeps or than --since",
            ),
            Self::NoEnd => f.write_str(
                "neither a completed nor a failed event: it is still at work, or its end was never published",
            ),
            Self::Repeated(event, count) => write!(f, "{count} {} events instead of one", event.short()),
            Self::BothEnds => f.write_str("it both completed and failed"),
            Self::EndBeforeStart => f.write_str("it ended before it started: two clocks differ"),
            Self::Malformed(1) => f.write_str("a message with its key is no event"),
            Self::Malformed(count) => write!(f, "{count} messages with its key are no events"),
        }
    }
}

/// Whether a record belongs to a workflow: by its payload, its envelope, or, where it is no event, its key.
pub fn belongs_to(record: &Record, correlation_id: Uuid) -> bool {
    match &record.content {
        Ok(envelope) => {
            envelope.event.correlation_id() == correlation_id
                || envelope.correlation_id == Some(correlation_id)
        }
        Err(_) => record.key.as_deref() == Some(correlation_id.to_string().as_str()),
    }
}

impl WorkflowTrace {
    /// Tells the story of one workflow from its records, in any order.
    pub fn of_records(correlation_id: Uuid, mut records: Vec<Record>) -> Self {
        records.sort_by_key(|record| {
            let event = record.content.as_ref().ok().map(|envelope| &envelope.event);
            let order = event.map(|event| (event.timestamp(), event.name()));
            (
                order.is_none(),
                order,
                record.topic.clone(),
                record.partition,
                record.offset,
            )
        });
        let events: Vec<&Event> = envelopes(&records).map(|envelope| &envelope.event).collect();
        let times = |wanted: fn(EventName) -> bool| {
            let chosen = events.iter().filter(move |event| wanted(event.name()));
            chosen.map(|event| event.timestamp())
        };
        let start = times(|name| name == EventName::TestGenerationStarted).min();
        let end = times(|name| name != EventName::TestGenerationStarted).max();
        let duration = start.zip(end).and_then(|(start, end)| end.since(start));
        let malformed = records.len() - events.len();
        Self {
            correlation_id,
            state: state(&events),
            findings: findings(
                &events,
                start.is_some() && end.is_some() && duration.is_none(),
                malformed,
            ),
            duration,
            records,
        }
    }
}

fn envelopes(records: &[Record]) -> impl Iterator<Item = &OnexEnvelopeV1> {
    records.iter().filter_map(|record| record.content.as_ref().ok())
}

fn count(events: &[&Event], name: EventName) -> usize {
    events.iter().filter(|event| event.name() == name).count()
}

fn state(events: &[&Event]) -> WorkflowState {
    let [started, completed, failed] = EventName::ALL.map(|name| count(events, name));
    match (started, completed, failed) {
        (0, 0, 0) => WorkflowState::Unknown,
        (_, 0, 0) => WorkflowState::Open,
        (_, _, 0) => WorkflowState::Completed,
        (_, 0, _) => WorkflowState::Failed,
        _ => WorkflowState::Contradictory,
    }
}

fn findings(events: &[&Event], is_backwards: bool, malformed: usize) -> Vec<WorkflowFinding> {
    let [started, completed, failed] = EventName::ALL.map(|name| count(events, name));
    let mut findings = Vec::new();
    if started == 0 {
        findings.push(WorkflowFinding::NoStart);
    }
    if completed + failed == 0 {
        findings.push(WorkflowFinding::NoEnd);
    }
    let repeated = EventName::ALL.map(|name| (name, count(events, name)));
    findings.extend(
        (repeated.into_iter())
            .filter(|(_, count)| *count > 1)
            .map(|(name, count)| WorkflowFinding::Repeated(name, count)),
    );
    if completed > 0 && failed > 0 {
        findings.push(WorkflowFinding::BothEnds);
    }
    if is_backwards {
        findings.push(WorkflowFinding::EndBeforeStart);
    }
    if malformed > 0 {
        findings.push(WorkflowFinding::Malformed(malformed));
    }
    findings
}
