//! Events for people, one a line.

use std::io::{self, Write};

use super::{Text, TextRole};
use crate::events::{EventCounts, Record, UnreadableRecord, WorkflowFinding, WorkflowState, WorkflowTrace};
use crate::model::EventName;
use crate::render::event_words::{line, place, summary, time};
use crate::render::events::{PublishedEvent, PublishedEvents};

/// Wide enough for a time with microseconds.
const TIME: usize = 27;

pub(super) fn write_record(text: &mut Text<'_>, record: &Record) -> io::Result<()> {
    let at = text.paint(TextRole::Faint, format!("[{}]", place(record)));
    match &record.content {
        Ok(envelope) => {
            let name = envelope.event.name();
            let label = text.paint(role(name), format!("{:<9}", name.short()));
            let (time, id) = (time(envelope), envelope.event.correlation_id());
            let said = summary(&envelope.event);
            writeln!(text.out, "{time:<TIME$}  {label}  {id}  {said}  {at}")
        }
        Err(unreadable) => write_unreadable(text, record, unreadable, &at),
    }
}

fn write_unreadable(
    text: &mut Text<'_>,
    record: &Record,
    unreadable: &UnreadableRecord,
    at: &str,
) -> io::Result<()> {
    let label = text.paint(TextRole::Danger, format!("{:<9}", "malformed"));
    let time = record
        .timestamp
        .map_or_else(|| "?".to_owned(), |time| time.to_string());
    let key = record.key.as_deref().map_or_else(|| "no key".to_owned(), line);
    let reason = line(&unreadable.reason.to_string());
    writeln!(text.out, "{time:<TIME$}  {label}  {key}  {reason}  {at}")
}

fn role(name: EventName) -> TextRole {
    match name {
        EventName::TestGenerationStarted => TextRole::Strong,
        EventName::TestGenerationCompleted => TextRole::Good,
        EventName::TestGenerationFailed => TextRole::Care,
    }
}

pub(super) fn write_checked(text: &mut Text<'_>, checked: EventCounts) -> io::Result<()> {
    let EventCounts { events, broken } = checked;
    let noun = if events == 1 { "event" } else { "events" };
    let verdict = match broken {
        0 => text.paint(TextRole::Good, format!("Valid: {events} {noun}.")),
        _ => text.paint(
            TextRole::Danger,
            format!("Not valid: {broken} of {events} {noun}."),
        ),
    };
    writeln!(text.out, "{verdict}")
}

pub(super) fn write_published(text: &mut Text<'_>, published: &PublishedEvents) -> io::Result<()> {
    for event in &published.events {
        let PublishedEvent {
            envelope, outcome, ..
        } = event;
        let (name, id) = (envelope.event.name(), envelope.event.correlation_id());
        match outcome {
            Ok(at) => writeln!(
                text.out,
                "✅ {name} {id} published to {}, partition {}, offset {}",
                at.topic, at.partition, at.offset
            )?,
            Err(error) => writeln!(text.out, "❌ {name} {id}: {error}")?,
        }
    }
    Ok(())
}

pub(super) fn write_story(text: &mut Text<'_>, story: &WorkflowTrace) -> io::Result<()> {
    for record in &story.records {
        write_record(text, record)?;
    }
    let verdict = match (story.state, story.duration) {
        (WorkflowState::Completed, Some(after)) => {
            text.paint(TextRole::Good, format!("Completed after {after:?}."))
        }
        (WorkflowState::Completed, None) => text.paint(TextRole::Good, "Completed."),
        (WorkflowState::Failed, Some(after)) => {
            text.paint(TextRole::Care, format!("Failed after {after:?}."))
        }
        (WorkflowState::Failed, None) => text.paint(TextRole::Care, "Failed."),
        (WorkflowState::Open, _) => text.paint(TextRole::Care, "Not ended."),
        (WorkflowState::Contradictory, _) => text.paint(TextRole::Danger, "Ended in two ways."),
        (WorkflowState::Unknown, _) => text.paint(TextRole::Danger, "Not known."),
    };
    writeln!(text.out, "\n{verdict}")?;
    for finding in &story.findings {
        writeln!(text.out, "  {}: {finding}", heading(*finding))?;
    }
    Ok(())
}

fn heading(finding: WorkflowFinding) -> &'static str {
    match finding {
        WorkflowFinding::NoStart | WorkflowFinding::NoEnd => "missing",
        WorkflowFinding::Repeated(..)
        | WorkflowFinding::BothEnds
        | WorkflowFinding::EndBeforeStart
        | WorkflowFinding::Malformed(_) => "odd",
    }
}
