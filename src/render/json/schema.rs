//! The JSON Schemas (draft 2020-12) of the documents, generated from the types that write them. They
//! are kept in `schemas/`, where a test holds them against this module.

use schemars::JsonSchema;
use schemars::generate::SchemaSettings;

use super::{description, events, monitor, plan, record, report, validation};
use crate::saved::SavedDocument;

/// The documents that have a schema.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DocumentKind {
    /// Of `diff`, and of `apply --dry-run`.
    Plan,
    /// Of `apply`.
    Report,
    /// Of `describe`.
    Description,
    /// Of `validate`.
    Validation,
    /// Of `diff --out`.
    SavedPlan,
    /// A line of `apply --record`.
    Record,
    /// Of `events validate`.
    EventCheck,
    /// Of `events publish`.
    Published,
    /// Of each line of `events tail`.
    EventRecord,
    /// Of `events trace`.
    Trace,
    /// Of each line of `monitor`.
    Sample,
}

impl DocumentKind {
    /// All of them.
    pub const ALL: [Self; 11] = [
        Self::Plan,
        Self::Report,
        Self::Description,
        Self::Validation,
        Self::SavedPlan,
        Self::Record,
        Self::EventCheck,
        Self::Published,
        Self::EventRecord,
        Self::Trace,
        Self::Sample,
    ];

    /// The name, as in `topicctl/plan` and `schemas/plan.json`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Plan => "plan",
            Self::Report => "report",
            Self::Description => "description",
            Self::Validation => "validation",
            Self::SavedPlan => "saved-plan",
            Self::Record => "record",
            Self::EventCheck => "event-check",
            Self::Published => "published",
            Self::EventRecord => "event-record",
            Self::Trace => "trace",
            Self::Sample => "sample",
        }
    }
}

/// The schema of a document, as it stands in `schemas/`.
pub fn schema(document: DocumentKind) -> serde_json::Value {
    match document {
        DocumentKind::Plan => schema_of::<plan::PlanJson<'_, Vec<plan::PlannedTopicJson<'_>>>>(document),
        DocumentKind::Report => {
            schema_of::<report::ReportJson<'_, Vec<report::ReportedTopicJson<'_>>>>(document)
        }
        DocumentKind::Description => {
            schema_of::<description::DescriptionJson<'_, Vec<description::DescribedTopicJson<'_>>>>(document)
        }
        DocumentKind::Validation => {
            schema_of::<validation::ValidationJson<'_, Vec<validation::ProblemJson<'_>>>>(document)
        }
        DocumentKind::SavedPlan => schema_of::<SavedDocument>(document),
        DocumentKind::Record => schema_of::<record::RecordLineJson<'_>>(document),
        DocumentKind::EventCheck => schema_of::<events::Check<'_, Vec<events::CheckProblem<'_>>>>(document),
        DocumentKind::Published => {
            schema_of::<events::PublishedDocument<'_, Vec<events::OneEvent<'_>>>>(document)
        }
        DocumentKind::EventRecord => schema_of::<events::EventRecordJson<'_>>(document),
        DocumentKind::Trace => schema_of::<events::Trace<'_, Vec<events::EventRecordJson<'_>>>>(document),
        DocumentKind::Sample => schema_of::<monitor::SampleJson<'_>>(document),
    }
}

fn schema_of<T: JsonSchema>(document: DocumentKind) -> serde_json::Value {
    let settings = SchemaSettings::draft2020_12().for_serialize();
    let mut schema = settings.into_generator().into_root_schema_for::<T>();
    schema.insert(
        "$id".to_owned(),
        format!("urn:topicctl:{}:1", document.name()).into(),
    );
    schema.to_value()
}
