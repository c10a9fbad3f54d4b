//! Building payloads. A builder only collects; what it builds is checked by the same code that reads
//! payloads, so that nothing can be made that would not be read.

use std::marker::PhantomData;

use serde_json::{Map, Value};
use uuid::Uuid;

use super::fields::FieldValue;
use super::payload::{Payload, TestGenerationCompleted, TestGenerationFailed, TestGenerationStarted};
use super::quantity::{Coverage, QualityScore, Seconds};
use super::timestamp::Timestamp;
use super::violation::{FieldPath, Invalid, Violation};

/// Collects the fields of a payload.
#[derive(Debug, Clone)]
#[must_use = "a builder does nothing until it is built"]
pub struct PayloadBuilder<P> {
    fields: Map<String, Value>,
    /// JSON has no word for these, so they are refused here.
    not_json: Vec<Violation>,
    payload: PhantomData<P>,
}

impl<P: Payload> PayloadBuilder<P> {
    pub(super) fn new(correlation_id: Uuid) -> Self {
        let empty = Self {
            fields: Map::new(),
            not_json: Vec::new(),
            payload: PhantomData,
        };
        empty.set("correlation_id", correlation_id.to_string())
    }

    /// The workflow that this one is part of.
    pub fn workflow_id(self, workflow_id: Uuid) -> Self {
        self.set("workflow_id", workflow_id.to_string())
    }

    /// When it happened, if that is not now.
    pub fn timestamp(self, timestamp: Timestamp) -> Self {
        self.set("timestamp", timestamp.to_string())
    }

    /// Any field by its name, also one that the contract does not know.
    pub fn set(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.fields.insert(name.to_owned(), value.into());
        self
    }

    /// The payload.
    ///
    /// # Errors
    /// Every rule of the contract that is broken.
    pub fn build(self) -> Result<P, Invalid> {
        let Self { fields, not_json, .. } = self;
        let is_refused = |violation: &Violation| not_json.iter().find(|other| other.field == violation.field);
        match P::from_value(Value::Object(fields)) {
            Ok(payload) if not_json.is_empty() => Ok(payload),
            Ok(_) => Err(Invalid { violations: not_json }),
            Err(invalid) => Err(Invalid {
                violations: (invalid.violations.iter())
                    .map(|violation| is_refused(violation).unwrap_or(violation).clone())
                    .collect(),
            }),
        }
    }

    fn texts<T: Into<String>>(self, name: &str, texts: impl IntoIterator<Item = T>) -> Self {
        let texts: Vec<String> = texts.into_iter().map(Into::into).collect();
        self.set(name, texts)
    }

    fn number<T: FieldValue>(mut self, name: &str, number: f64) -> Self {
        if number.is_finite() {
            return self.set(name, number);
        }
        self.not_json.push(Violation {
            field: FieldPath::default().field(name),
            rule: T::RULE,
            or_null: T::OR_NULL,
            found: Some(number.to_string()),
        });
        self
    }

    fn add_metadata(mut self, key: &str, value: Value) -> Self {
        let metadata = self.fields.entry("metadata").or_insert_with(|| Map::new().into());
        if let Value::Object(fields) = metadata {
            fields.insert(key.to_owned(), value);
        }
        self
    }
}

impl TestGenerationStarted {
    /// Collects the fields: now and "1.0" where nothing else is said.
    pub fn builder(correlation_id: Uuid) -> PayloadBuilder<Self> {
        PayloadBuilder::new(correlation_id)
    }
}

impl PayloadBuilder<TestGenerationStarted> {
    /// The name of the test contract.
    pub fn test_contract_name(self, name: impl Into<String>) -> Self {
        self.set("test_contract_name", name.into())
    }

    /// The types of tests to generate.
    pub fn test_types<T: Into<String>>(self, types: impl IntoIterator<Item = T>) -> Self {
        self.texts("test_types", types)
    }

    /// The name of the node under test.
    pub fn node_name(self, name: impl Into<String>) -> Self {
        self.set("node_name", name.into())
    }

    /// Where the tests will be written.
    pub fn output_directory(self, path: impl Into<String>) -> Self {
        self.set("output_directory", path.into())
    }
}

impl TestGenerationCompleted {
    /// Collects the fields: now and "1.0" where nothing else is said.
    pub fn builder(correlation_id: Uuid) -> PayloadBuilder<Self> {
        PayloadBuilder::new(correlation_id)
    }
}

impl PayloadBuilder<TestGenerationCompleted> {
    /// The paths of the generated files.
    pub fn generated_files<T: Into<String>>(self, paths: impl IntoIterator<Item = T>) -> Self {
        self.texts("generated_files", paths)
    }

    /// How many files were generated.
    pub fn file_count(self, count: u64) -> Self {
        self.set("file_count", count)
    }

    /// How long it took, in seconds.
    pub fn duration_seconds(self, seconds: f64) -> Self {
        self.number::<Seconds>("duration_seconds", seconds)
    }

    /// How good the tests are, from 0 to 1.
    pub fn quality_score(self, score: f64) -> Self {
        self.number::<QualityScore>("quality_score", score)
    }

    /// How much of the code the tests cover, in percent.
    pub fn test_coverage_estimate(self, percent: f64) -> Self {
        self.number::<Option<Coverage>>("test_coverage_estimate", percent)
    }

    /// Something else that is worth knowing; may be given several times.
    pub fn metadata(self, key: &str, value: impl Into<Value>) -> Self {
        self.add_metadata(key, value.into())
    }
}

impl TestGenerationFailed {
    /// Collects the fields: now and "1.0" where nothing else is said.
    pub fn builder(correlation_id: Uuid) -> PayloadBuilder<Self> {
        PayloadBuilder::new(correlation_id)
    }
}

impl PayloadBuilder<TestGenerationFailed> {
    /// The kind of failure.
    pub fn error_code(self, code: impl Into<String>) -> Self {
        self.set("error_code", code.into())
    }

    /// The failure in words.
    pub fn error_message(self, message: impl Into<String>) -> Self {
        self.set("error_message", message.into())
    }

    /// Where in the code it happened.
    pub fn stack_trace(self, trace: impl Into<String>) -> Self {
        self.set("stack_trace", trace.into())
    }

    /// The type of test that failed.
    pub fn failed_test_type(self, name: impl Into<String>) -> Self {
        self.set("failed_test_type", name.into())
    }

    /// The files that were written before the failure.
    pub fn partial_files_generated<T: Into<String>>(self, paths: impl IntoIterator<Item = T>) -> Self {
        self.texts("partial_files_generated", paths)
    }

    /// Something else that is worth knowing; may be given several times.
    pub fn metadata(self, key: &str, value: impl Into<Value>) -> Self {
        self.add_metadata(key, value.into())
    }
}
