//! Plans, reports and descriptions as JSON: versioned, complete, described by the schemas in `schemas/`.
//!
//! The shapes are this module's own and not the plan's: what a script relies on must not change when
//! the code is put in better order. Every field is always there, null or empty where it has nothing to
//! say. Topics are made one by one while they are written, so that ten thousand of them never stand in
//! memory twice. The pages for users are `docs/json.md`.

mod change;
mod declaration;
mod described;
mod description;
mod events;
mod groups;
mod impact;
mod monitor;
mod partitions;
mod plan;
mod policy;
pub mod record;
mod refusal;
mod report;
mod right;
mod risk;
pub mod schema;
mod validation;
mod value;

use std::io::{self, Write};

use schemars::JsonSchema;
use serde::{Serialize, Serializer};

use super::{Description, EventProblem, Header, PublishedEvents};
use crate::apply::Applied;
use crate::events::{EventCounts, Record, WorkflowTrace};
use crate::manifest::{Checked, Problems};
use crate::model::json_text;
use crate::monitor::View;
use crate::plan::Plan;

/// Writes what `diff` and `apply --dry-run` found.
///
/// # Errors
/// Whatever `out` says, a closed pipe included.
pub fn plan(out: &mut dyn Write, header: &Header, plan: &Plan) -> io::Result<()> {
    write(out, &plan::document(header, plan))
}

/// Writes what `apply` did.
///
/// # Errors
/// Whatever `out` says, a closed pipe included.
pub fn report(out: &mut dyn Write, header: &Header, applied: Applied<'_>) -> io::Result<()> {
    write(out, &report::document(header, applied))
}

/// Writes what `describe` found.
///
/// # Errors
/// Whatever `out` says, a closed pipe included.
pub fn description(out: &mut dyn Write, header: &Header, description: &Description) -> io::Result<()> {
    write(out, &description::document(header, description))
}

/// As [`description`], on one line: for looks that follow each other.
///
/// # Errors
/// Whatever `out` says, a closed pipe included.
pub fn description_line(out: &mut dyn Write, header: &Header, description: &Description) -> io::Result<()> {
    write_line(out, &description::document(header, description))
}

/// Writes what `validate` found: what can be said of the files, or everything that is wrong with them.
///
/// # Errors
/// Whatever `out` says, a closed pipe included.
pub fn validation(out: &mut dyn Write, checked: Result<&Checked, &Problems>) -> io::Result<()> {
    write(out, &validation::document(checked))
}

/// Writes what `events validate` found in one file.
///
/// # Errors
/// Whatever `out` says, a closed pipe included.
pub fn events_checked(
    out: &mut dyn Write,
    file: &str,
    checked: EventCounts,
    problems: &[EventProblem],
) -> io::Result<()> {
    write(out, &events::check(file, checked, problems))
}

/// Writes what `events publish` did.
///
/// # Errors
/// Whatever `out` says, a closed pipe included.
pub fn published(out: &mut dyn Write, header: &Header, published: &PublishedEvents) -> io::Result<()> {
    write(out, &events::published(header, published))
}

/// Writes one message of a topic on one line, for `events tail`.
///
/// # Errors
/// Whatever `out` says, a closed pipe included.
pub fn event_record(out: &mut dyn Write, record: &Record) -> io::Result<()> {
    write_line(out, &events::EventRecordJson::from(record))
}

/// Writes what `events trace` found.
///
/// # Errors
/// Whatever `out` says, a closed pipe included.
pub fn story(out: &mut dyn Write, header: &Header, story: &WorkflowTrace) -> io::Result<()> {
    write(out, &events::trace(header, story))
}

/// Writes one look at topics on one line, for `monitor`.
///
/// # Errors
/// Whatever `out` says, a closed pipe included.
pub fn sample(out: &mut dyn Write, header: &Header, view: &View) -> io::Result<()> {
    write_line(out, &monitor::sample(header, view))
}

/// With the end of its line, and at once.
fn write_line(out: &mut dyn Write, document: &impl Serialize) -> io::Result<()> {
    let mut line = Vec::new();
    json_text::write_line(&mut line, document)?;
    line.push(b'\n');
    out.write_all(&line)
}

/// Indented, with an end of line. Buffered here, since the serializer writes token by token.
fn write(out: &mut dyn Write, document: &impl Serialize) -> io::Result<()> {
    let mut buffered = io::BufWriter::with_capacity(64 * 1024, out);
    json_text::write_indented(&mut buffered, document)?;
    buffered.write_all(b"\n")?;
    buffered.flush()
}

/// The kind of a document.
#[derive(Serialize, JsonSchema)]
#[schemars(inline)]
enum PlanFormat {
    #[serde(rename = "topicctl/plan")]
    Plan,
}

/// The kind of a document.
#[derive(Serialize, JsonSchema)]
#[schemars(inline)]
enum ReportFormat {
    #[serde(rename = "topicctl/report")]
    Report,
}

/// The kind of a document.
#[derive(Serialize, JsonSchema)]
#[schemars(inline)]
enum RecordFormat {
    #[serde(rename = "topicctl/record")]
    Record,
}

/// The kind of a document.
#[derive(Serialize, JsonSchema)]
#[schemars(inline)]
enum DescriptionFormat {
    #[serde(rename = "topicctl/description")]
    Description,
}

/// The kind of a document.
#[derive(Serialize, JsonSchema)]
#[schemars(inline)]
enum ValidationFormat {
    #[serde(rename = "topicctl/validation")]
    Validation,
}

/// The version of a format. It changes when a field goes or changes its meaning, not when one is added.
#[derive(Clone, Copy)]
enum Version {
    One,
}

impl Serialize for Version {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::One => serializer.serialize_u8(1),
        }
    }
}

impl JsonSchema for Version {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Version".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({ "const": 1 })
    }
}

/// An array whose items are made while it is written.
struct Each<I>(I);

impl<I> Serialize for Each<I>
where
    I: Iterator + Clone,
    I::Item: Serialize,
{
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.0.clone())
    }
}
