//! What the three events say. Fields and rules are those of the contract; `docs/events.md` has them as
//! tables.

use schemars::JsonSchema;
use serde::Serialize;
use serde_json::{Map, Value};
use uuid::Uuid;

use super::fields::{self, Fields};
use super::quantity::{Coverage, QualityScore, Seconds};
use super::schema;
use super::timestamp::Timestamp;
use super::violation::Invalid;
use crate::model::EventName;

/// The version of the payloads' schema where nobody says another.
pub const SCHEMA_VERSION: &str = "1.0";

/// Fields that the contract does not know. They are kept, so that a newer publisher's event survives a
/// reader that is older.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
#[serde(transparent)]
pub struct Unknown(Map<String, Value>);

impl Unknown {
    /// The fields by name.
    pub fn fields(&self) -> &Map<String, Value> {
        &self.0
    }

    pub(super) fn left_in(fields: Fields<'_>) -> Self {
        Self(fields.rest())
    }
}

/// What the payloads of all three events have in common.
pub trait Payload: Sized + Serialize {
    /// Which event it is.
    const NAME: EventName;

    /// Takes the fields of a payload out of an object.
    #[doc(hidden)]
    fn read(fields: PayloadFields<'_>) -> Option<Self>;

    /// Reads a payload alone, without its envelope.
    ///
    /// # Errors
    /// Every rule of the contract that the value breaks.
    fn from_value(value: Value) -> Result<Self, Invalid> {
        fields::whole(value, |fields| Self::read(PayloadFields(fields)))
    }
}

/// The fields of a payload that are still to be read; only this crate knows how.
#[doc(hidden)]
pub struct PayloadFields<'v>(pub(super) Fields<'v>);

/// Test generation began.
///
/// ```
/// use topicctl::events::TestGenerationStarted;
/// use uuid::Uuid;
///
/// let started = TestGenerationStarted::builder(Uuid::new_v4())
///     .workflow_id(Uuid::new_v4())
///     .test_contract_name("postgres_crud_effect_tests")
///     .test_types(["unit", "integration", "contract"])
///     .node_name("NodePostgresCrudEffect")
///     .output_directory("./generated_nodes/postgres_crud_effect/tests")
///     .build()?;
/// assert_eq!(started.schema_version, "1.0");
/// # Ok::<(), topicctl::events::Invalid>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
#[schemars(transform = schema::timestamp_has_a_default, description = "Test generation began.")]
pub struct TestGenerationStarted {
    /// Ties the events of one workflow together.
    #[schemars(schema_with = "schema::uuid")]
    pub correlation_id: Uuid,
    /// The workflow that this one is part of.
    #[schemars(schema_with = "schema::uuid_or_null")]
    pub workflow_id: Option<Uuid>,
    /// When it happened; now, where nobody says.
    pub timestamp: Timestamp,
    /// The version of this payload's schema.
    #[serde(default = "schema_version")]
    pub schema_version: String,
    /// The name of the test contract.
    pub test_contract_name: String,
    /// The types of tests to generate: unit, integration, contract and others.
    pub test_types: Vec<String>,
    /// The name of the node under test.
    pub node_name: String,
    /// Where the tests will be written.
    pub output_directory: String,
    /// Fields that the contract does not know.
    #[serde(flatten)]
    #[schemars(skip)]
    pub unknown: Unknown,
}

/// Test generation succeeded: all files are written.
///
/// ```
/// use topicctl::events::TestGenerationCompleted;
/// use uuid::Uuid;
///
/// let completed = TestGenerationCompleted::builder(Uuid::new_v4())
///     .generated_files([
///         "./generated_nodes/postgres_crud_effect/tests/test_unit.py",
///         "./generated_nodes/postgres_crud_effect/tests/test_integration.py",
///     ])
///     .file_count(2)
///     .duration_seconds(45.2)
///     .quality_score(0.92)
///     .test_coverage_estimate(85.5)
///     .metadata("unit_tests", 12)
///     .metadata("integration_tests", 8)
///     .metadata("total_assertions", 47)
///     .build()?;
/// assert_eq!(completed.quality_score.get(), 0.92);
///
/// // Everything that is wrong is said at once, with field, value and rule.
/// let wrong = TestGenerationCompleted::builder(Uuid::new_v4())
///     .generated_files(["a.py"])
///     .duration_seconds(f64::NAN)
///     .quality_score(1.5)
///     .build();
/// assert_eq!(
///     wrong.unwrap_err().to_string(),
///     "`file_count` is missing; `duration_seconds` must be a number from 0, not NaN; \
///      `quality_score` must be a number from 0 to 1, not 1.5",
/// );
/// # Ok::<(), topicctl::events::Invalid>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
#[schemars(transform = schema::timestamp_has_a_default, description = "Test generation succeeded: all files are written.")]
pub struct TestGenerationCompleted {
    /// Ties the events of one workflow together.
    #[schemars(schema_with = "schema::uuid")]
    pub correlation_id: Uuid,
    /// The workflow that this one is part of.
    #[schemars(schema_with = "schema::uuid_or_null")]
    pub workflow_id: Option<Uuid>,
    /// When it happened; now, where nobody says.
    pub timestamp: Timestamp,
    /// The version of this payload's schema.
    #[serde(default = "schema_version")]
    pub schema_version: String,
    /// The paths of the generated files, absolute or relative.
    pub generated_files: Vec<String>,
    /// How many files were generated.
    #[schemars(range(min = 0, max = u64::MAX))]
    pub file_count: u64,
    /// How long it took, in seconds.
    pub duration_seconds: Seconds,
    /// How good the tests are, from 0 to 1.
    pub quality_score: QualityScore,
    /// How much of the code the tests cover, in percent.
    pub test_coverage_estimate: Option<Coverage>,
    /// Whatever else is worth knowing.
    #[serde(default)]
    pub metadata: Map<String, Value>,
    /// Fields that the contract does not know.
    #[serde(flatten)]
    #[schemars(skip)]
    pub unknown: Unknown,
}

/// Test generation failed, for any reason.
///
/// ```
/// use topicctl::events::TestGenerationFailed;
/// use uuid::Uuid;
///
/// let failed = TestGenerationFailed::builder(Uuid::new_v4())
///     .workflow_id(Uuid::new_v4())
///     .error_code("TEMPLATE_NOT_FOUND")
///     .error_message("no template for NodePostgresCrudEffect")
///     .failed_test_type("unit")
///     .metadata("node_name", "NodePostgresCrudEffect")
///     .metadata("test_contract_name", "postgres_crud_effect_tests")
///     .build()?;
/// assert!(failed.partial_files_generated.is_empty());
/// # Ok::<(), topicctl::events::Invalid>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
#[schemars(transform = schema::timestamp_has_a_default, description = "Test generation failed, for any reason.")]
pub struct TestGenerationFailed {
    /// Ties the events of one workflow together.
    #[schemars(schema_with = "schema::uuid")]
    pub correlation_id: Uuid,
    /// The workflow that this one is part of.
    #[schemars(schema_with = "schema::uuid_or_null")]
    pub workflow_id: Option<Uuid>,
    /// When it happened; now, where nobody says.
    pub timestamp: Timestamp,
    /// The version of this payload's schema.
    #[serde(default = "schema_version")]
    pub schema_version: String,
    /// The kind of failure, such as `TEMPLATE_NOT_FOUND` or the name of an error type.
    pub error_code: String,
    /// The failure in words.
    pub error_message: String,
    /// Where in the code it happened.
    pub stack_trace: Option<String>,
    /// The type of test that failed.
    pub failed_test_type: Option<String>,
    /// The files that were written before the failure.
    #[serde(default)]
    pub partial_files_generated: Vec<String>,
    /// Whatever else is worth knowing.
    #[serde(default)]
    pub metadata: Map<String, Value>,
    /// Fields that the contract does not know.
    #[serde(flatten)]
    #[schemars(skip)]
    pub unknown: Unknown,
}

fn schema_version() -> String {
    SCHEMA_VERSION.to_owned()
}

// Every field is read before any is looked at, so that all problems are found and not only the first.

impl Payload for TestGenerationStarted {
    const NAME: EventName = EventName::TestGenerationStarted;

    fn read(PayloadFields(mut fields): PayloadFields<'_>) -> Option<Self> {
        let correlation_id = fields.required("correlation_id");
        let workflow_id = fields.optional("workflow_id", || None);
        let timestamp = fields.optional("timestamp", Timestamp::now);
        let schema_version = fields.optional("schema_version", schema_version);
        let test_contract_name = fields.required("test_contract_name");
        let test_types = fields.required("test_types");
        let node_name = fields.required("node_name");
        let output_directory = fields.required("output_directory");
        Some(Self {
            correlation_id: correlation_id?,
            workflow_id: workflow_id?,
            timestamp: timestamp?,
            schema_version: schema_version?,
            test_contract_name: test_contract_name?,
            test_types: test_types?,
            node_name: node_name?,
            output_directory: output_directory?,
            unknown: Unknown::left_in(fields),
        })
    }
}

impl Payload for TestGenerationCompleted {
    const NAME: EventName = EventName::TestGenerationCompleted;

    fn read(PayloadFields(mut fields): PayloadFields<'_>) -> Option<Self> {
        let correlation_id = fields.required("correlation_id");
        let workflow_id = fields.optional("workflow_id", || None);
        let timestamp = fields.optional("timestamp", Timestamp::now);
        let schema_version = fields.optional("schema_version", schema_version);
        let generated_files = fields.required("generated_files");
        let file_count = fields.required("file_count");
        let duration_seconds = fields.required("duration_seconds");
        let quality_score = fields.required("quality_score");
        let test_coverage_estimate = fields.optional("test_coverage_estimate", || None);
        let metadata = fields.optional("metadata", Map::new);
        Some(Self {
            correlation_id: correlation_id?,
            workflow_id: workflow_id?,
            timestamp: timestamp?,
            schema_version: schema_version?,
            generated_files: generated_files?,
            file_count: file_count?,
            duration_seconds: duration_seconds?,
            quality_score: quality_score?,
            test_coverage_estimate: test_coverage_estimate?,
            metadata: metadata?,
            unknown: Unknown::left_in(fields),
        })
    }
}

impl Payload for TestGenerationFailed {
    const NAME: EventName = EventName::TestGenerationFailed;

    fn read(PayloadFields(mut fields): PayloadFields<'_>) -> Option<Self> {
        let correlation_id = fields.required("correlation_id");
        let workflow_id = fields.optional("workflow_id", || None);
        let timestamp = fields.optional("timestamp", Timestamp::now);
        let schema_version = fields.optional("schema_version", schema_version);
        let error_code = fields.required("error_code");
        let error_message = fields.required("error_message");
        let stack_trace = fields.optional("stack_trace", || None);
        let failed_test_type = fields.optional("failed_test_type", || None);
        let partial_files_generated = fields.optional("partial_files_generated", Vec::new);
        let metadata = fields.optional("metadata", Map::new);
        Some(Self {
            correlation_id: correlation_id?,
            workflow_id: workflow_id?,
            timestamp: timestamp?,
            schema_version: schema_version?,
            error_code: error_code?,
            error_message: error_message?,
            stack_trace: stack_trace?,
            failed_test_type: failed_test_type?,
            partial_files_generated: partial_files_generated?,
            metadata: metadata?,
            unknown: Unknown::left_in(fields),
        })
    }
}
