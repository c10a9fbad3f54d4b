//! What is said of events in a line, shared by all commands that show them. Texts of events come from
//! outside: nothing in them may command the terminal.

use crate::events::{
    Event, OnexEnvelopeV1, Record, TestGenerationCompleted, TestGenerationFailed, TestGenerationStarted,
};
use crate::model::printable;

/// A text from an event is shown up to so many characters in a line.
const SHOWN: usize = 200;

/// What an event says, on one line.
pub(super) fn summary(event: &Event) -> String {
    match event {
        Event::Started(started) => of_started(started),
        Event::Completed(completed) => of_completed(completed),
        Event::Failed(failed) => of_failed(failed),
    }
}

fn of_started(started: &TestGenerationStarted) -> String {
    format!(
        "{}: {} ({}) to {}",
        line(&started.node_name),
        line(&started.test_contract_name),
        line(&started.test_types.join(", ")),
        line(&started.output_directory)
    )
}

fn of_completed(completed: &TestGenerationCompleted) -> String {
    let files = if completed.file_count == 1 {
        "file"
    } else {
        "files"
    };
    let coverage = completed.test_coverage_estimate;
    let coverage = coverage.map_or_else(String::new, |percent| format!(", coverage {percent} %"));
    format!(
        "{} {files} in {} s, quality {}{coverage}",
        completed.file_count, completed.duration_seconds, completed.quality_score
    )
}

fn of_failed(failed: &TestGenerationFailed) -> String {
    let kind = failed.failed_test_type.as_ref();
    let kind = kind.map_or_else(String::new, |kind| format!(" ({})", line(kind)));
    format!(
        "{}: {}{kind}",
        line(&failed.error_code),
        line(&failed.error_message)
    )
}

/// A text on one line, shortened.
pub(super) fn line(text: &str) -> String {
    let beginning: String = text.chars().take(SHOWN).collect();
    let mut shown = printable(&beginning).into_owned();
    if text.chars().nth(SHOWN).is_some() {
        shown.push('…');
    }
    shown
}

/// `topic partition 0 offset 12`.
pub(super) fn place(record: &Record) -> String {
    format!(
        "{} partition {} offset {}",
        record.topic, record.partition, record.offset
    )
}

/// When it happened, by its own time.
pub(super) fn time(envelope: &OnexEnvelopeV1) -> String {
    envelope.event.timestamp().to_string()
}
