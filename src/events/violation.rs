//! What is wrong with an event: the field, the value and the rule, all of them at once.

use std::fmt;

use serde_json::Value;

/// A value is quoted up to so many characters: enough to recognise it, too little to flood a log.
const SHOWN: usize = 60;

/// The way from the top of a document to one field.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct FieldPath(Vec<PathStep>);

/// One step of a [`FieldPath`].
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum PathStep {
    /// Into the field of an object.
    Field(String),
    /// Into an item of a list; counts from 0.
    Item(usize),
}

impl FieldPath {
    /// The steps, outermost first.
    pub fn steps(&self) -> &[PathStep] {
        &self.0
    }

    pub(super) fn field(&self, name: &str) -> Self {
        self.with(PathStep::Field(name.to_owned()))
    }

    pub(super) fn item(&self, index: usize) -> Self {
        self.with(PathStep::Item(index))
    }

    /// The way further on, from where this one ends.
    pub(super) fn join(&self, further: &Self) -> Self {
        Self([self.steps(), further.steps()].concat())
    }

    fn with(&self, step: PathStep) -> Self {
        let mut steps = self.0.clone();
        steps.push(step);
        Self(steps)
    }
}

impl fmt::Display for FieldPath {
    /// `payload.test_types[1]`; nothing for the document itself.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, step) in self.0.iter().enumerate() {
            match step {
                PathStep::Field(name) if index == 0 => write!(f, "{name}")?,
                PathStep::Field(name) => write!(f, ".{name}")?,
                PathStep::Item(item) => write!(f, "[{item}]")?,
            }
        }
        Ok(())
    }
}

/// A rule of the contract.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ContractRule {
    /// The field has no default.
    Required,
    /// JSON text.
    Text,
    /// A list of texts.
    Texts,
    /// A JSON object.
    Object,
    /// A UUID with hyphens, in letters of either case.
    Uuid,
    /// RFC 3339 with an offset, in a year that every language's calendar has.
    Timestamp,
    /// A whole number of 64 bits without a sign; `2.0` is one.
    Count,
    /// A number of seconds that is not negative.
    Seconds,
    /// A number from 0 to 1.
    QualityScore,
    /// A number from 0 to 100.
    Coverage,
    /// The envelope's type of one of the three events.
    EventType,
    /// Something that is neither an envelope nor a payload of the contract.
    KnownEvent,
}

impl ContractRule {
    /// A stable name, for programs.
    pub fn code(self) -> &'static str {
        match self {
            Self::Required => "required",
            Self::Text => "text",
            Self::Texts => "list_of_text",
            Self::Object => "object",
            Self::Uuid => "uuid",
            Self::Timestamp => "timestamp",
            Self::Count => "count",
            Self::Seconds => "seconds",
            Self::QualityScore => "quality_score",
            Self::Coverage => "coverage",
            Self::EventType => "event_type",
            Self::KnownEvent => "known_event",
        }
    }

    fn phrase(self) -> &'static str {
        match self {
            Self::Required => "there",
            Self::Text => "text",
            Self::Texts => "a list of texts",
            Self::Object => "an object",
            Self::Uuid => "a UUID such as 16c2acae-d574-4530-ae26-ecc50e69a589",
            Self::Timestamp => {
                "a time with its offset such as 2025-10-30T12:00:00Z, in the years 1000 to 8999"
            }
            Self::Count => "a whole number from 0 to 18446744073709551615",
            Self::Seconds => "a number from 0",
            Self::QualityScore => "a number from 0 to 1",
            Self::Coverage => "a number from 0 to 100",
            Self::EventType => "TEST_GENERATION_STARTED, TEST_GENERATION_COMPLETED or TEST_GENERATION_FAILED",
            Self::KnownEvent => {
                "an envelope, or the payload of TestGenerationStarted, TestGenerationCompleted or TestGenerationFailed"
            }
        }
    }
}

/// One rule that one value breaks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Violation {
    /// Which field.
    pub field: FieldPath,
    /// Which rule.
    pub rule: ContractRule,
    /// Whether null would do as well.
    pub or_null: bool,
    /// The value as JSON, shortened; `None` if the field is missing.
    pub found: Option<String>,
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (field, phrase) = (&self.field, self.rule.phrase());
        let subject = if field.steps().is_empty() {
            "an event".to_owned()
        } else {
            format!("`{field}`")
        };
        let or_null = if self.or_null { ", or null" } else { "" };
        match &self.found {
            None => write!(f, "{subject} is missing"),
            Some(found) => write!(f, "{subject} must be {phrase}{or_null}, not {found}"),
        }
    }
}

/// Everything that is wrong with one event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Invalid {
    /// In the order of the contract's fields; never empty.
    pub violations: Vec<Violation>,
}

impl fmt::Display for Invalid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sentences: Vec<String> = self.violations.iter().map(ToString::to_string).collect();
        f.write_str(&sentences.join("; "))
    }
}

impl std::error::Error for Invalid {}

/// The value as JSON, shortened.
pub(super) fn shown(value: &Value) -> String {
    match value {
        Value::Array(items) if !items.is_empty() => "a list".to_owned(),
        Value::Object(fields) if !fields.is_empty() => "an object".to_owned(),
        Value::Array(_) | Value::Object(_) | Value::Null | Value::Bool(_) | Value::Number(_) => {
            shortened(&value.to_string())
        }
        // Shortened before it is quoted: a text can be megabytes long.
        Value::String(text) => Value::String(shortened(text)).to_string(),
    }
}

/// At most 60 characters, and a mark where more was left out.
pub(super) fn shortened(text: &str) -> String {
    match text.char_indices().nth(SHOWN) {
        None => text.to_owned(),
        Some((end, _)) => format!("{}…", &text[..end]),
    }
}
