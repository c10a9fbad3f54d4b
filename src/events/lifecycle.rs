//! The life of one test generation: started, then exactly one of completed and failed, whatever happens to
//! the work in between.

use std::fmt::Display;
use std::time::Instant;

use serde_json::{Map, Value};
use uuid::Uuid;

use super::envelope::{Event, OnexEnvelopeV1};
use super::payload::{
    SCHEMA_VERSION, TestGenerationCompleted, TestGenerationFailed, TestGenerationStarted, Unknown,
};
use super::publisher::{Delivered, PublishError, Publisher};
use super::quantity::{Coverage, QualityScore, Seconds};
use super::timestamp::Timestamp;
use super::topics::EventTopics;

/// The error code of a workflow that ended without saying how.
pub const LIFECYCLE_DROPPED: &str = "LIFECYCLE_DROPPED";

/// Who publishes, and where to.
#[derive(Clone)]
pub struct Source {
    /// Sends the events.
    pub publisher: Publisher,
    /// Which topic carries which event.
    pub topics: EventTopics,
    /// The node that the envelopes name.
    pub node_id: String,
}

/// What successful work came to.
#[derive(Debug, Clone)]
pub struct WorkflowOutcome {
    /// The paths of all files that were written.
    pub generated_files: Vec<String>,
    /// How good they are.
    pub quality_score: QualityScore,
    /// How much of the code they cover.
    pub test_coverage_estimate: Option<Coverage>,
    /// Whatever else is worth knowing.
    pub metadata: Map<String, Value>,
}

/// Why work failed.
#[derive(Debug, Clone, Default)]
pub struct WorkflowFailure {
    /// The kind of failure.
    pub error_code: String,
    /// The failure in words.
    pub error_message: String,
    /// Where in the code it happened.
    pub stack_trace: Option<String>,
    /// The type of test that failed.
    pub failed_test_type: Option<String>,
    /// The files that were written before.
    pub partial_files_generated: Vec<String>,
    /// Whatever else is worth knowing.
    pub metadata: Map<String, Value>,
}

impl WorkflowFailure {
    /// Names an error by its type, as the contract does with exceptions, and tells it in its own words.
    pub fn of_error<E: Display>(error: &E) -> Self {
        let path = std::any::type_name::<E>();
        let path = path.split('<').next().unwrap_or(path);
        let name = path.rsplit("::").next().unwrap_or(path);
        Self {
            error_code: name.to_owned(),
            error_message: error.to_string(),
            ..Self::default()
        }
    }
}

/// What became of the two events of a workflow. A failure to publish is told here, and never instead of
/// what the work came to.
#[derive(Debug)]
pub struct Published {
    /// The first event.
    pub started: Result<Delivered, PublishError>,
    /// The last one.
    pub ended: Result<Delivered, PublishError>,
}

/// What work came to, and next to it what became of its events.
#[derive(Debug)]
pub struct Ran<T, E> {
    /// The work's own result, untouched.
    pub result: Result<T, E>,
    /// The events.
    pub published: Published,
}

/// A workflow that has started. It has to end in [`Lifecycle::completed`] or [`Lifecycle::failed`]; one
/// that is dropped, by an early return or a panic, is published as failed with [`LIFECYCLE_DROPPED`].
#[must_use = "a lifecycle that is dropped is published as failed"]
pub struct Lifecycle {
    source: Source,
    correlation_id: Uuid,
    workflow_id: Option<Uuid>,
    /// What a failure has to say about where it happened.
    metadata: Map<String, Value>,
    began: Instant,
    started: Result<Delivered, PublishError>,
    has_ended: bool,
}

impl Lifecycle {
    /// Publishes that work begins. It begins all the same where that cannot be published.
    pub async fn started(source: &Source, started: TestGenerationStarted) -> Self {
        let (correlation_id, workflow_id) = (started.correlation_id, started.workflow_id);
        let told = [
            ("node_name", &started.node_name),
            ("test_contract_name", &started.test_contract_name),
        ];
        let metadata = told.map(|(name, text)| (name.to_owned(), text.clone().into()));
        let envelope = OnexEnvelopeV1::new(source.node_id.clone(), started);
        let (publisher, topic) = (&source.publisher, &source.topics.started);
        let began = Instant::now();
        let under_way = publisher.hand_over(topic, &envelope).await;
        // From here on the event may be written, whether anybody goes on waiting for it or not: so there is
        // somebody who has to end it.
        let mut lifecycle = Self {
            source: source.clone(),
            correlation_id,
            workflow_id,
            metadata: metadata.into_iter().collect(),
            began,
            started: Err(publisher.unknown(topic)),
            has_ended: false,
        };
        lifecycle.started = match under_way {
            Ok(under_way) => publisher.arrival(under_way).await,
            Err(error) => Err(error),
        };
        if let Err(error) = &lifecycle.started {
            tracing::error!("the start of {correlation_id} was not published: {error}");
        }
        lifecycle
    }

    /// Does work between its two events. An error is published as failed first, and handed back unchanged;
    /// `describe` says what is published of it, such as [`WorkflowFailure::of_error`].
    pub async fn run<T, E>(
        source: &Source,
        started: TestGenerationStarted,
        work: impl Future<Output = Result<(T, WorkflowOutcome), E>>,
        describe: impl FnOnce(&E) -> WorkflowFailure,
    ) -> Ran<T, E> {
        let lifecycle = Self::started(source, started).await;
        match work.await {
            Ok((result, outcome)) => Ran {
                published: lifecycle.completed(outcome).await,
                result: Ok(result),
            },
            Err(error) => Ran {
                published: lifecycle.failed(describe(&error)).await,
                result: Err(error),
            },
        }
    }

    /// Publishes that all files are written. The duration is that since the start.
    pub async fn completed(self, outcome: WorkflowOutcome) -> Published {
        let completed = TestGenerationCompleted {
            correlation_id: self.correlation_id,
            workflow_id: self.workflow_id,
            timestamp: Timestamp::now(),
            schema_version: SCHEMA_VERSION.to_owned(),
            file_count: outcome.generated_files.len() as u64,
            generated_files: outcome.generated_files,
            duration_seconds: Seconds::from(self.began.elapsed()),
            quality_score: outcome.quality_score,
            test_coverage_estimate: outcome.test_coverage_estimate,
            metadata: outcome.metadata,
            unknown: Unknown::default(),
        };
        self.end(completed.into()).await
    }

    /// Publishes that work failed.
    pub async fn failed(self, failure: WorkflowFailure) -> Published {
        let failed = self.failure(failure);
        self.end(failed.into()).await
    }

    fn failure(&self, failure: WorkflowFailure) -> TestGenerationFailed {
        let mut metadata = self.metadata.clone();
        metadata.extend(failure.metadata);
        TestGenerationFailed {
            correlation_id: self.correlation_id,
            workflow_id: self.workflow_id,
            timestamp: Timestamp::now(),
            schema_version: SCHEMA_VERSION.to_owned(),
            error_code: failure.error_code,
            error_message: failure.error_message,
            stack_trace: failure.stack_trace,
            failed_test_type: failure.failed_test_type,
            partial_files_generated: failure.partial_files_generated,
            metadata,
            unknown: Unknown::default(),
        }
    }

    /// Handed over before it is waited for: whoever gives up waiting must not bring about a second end.
    async fn end(mut self, event: Event) -> Published {
        let envelope = OnexEnvelopeV1::new(self.source.node_id.clone(), event);
        let (publisher, topics) = (&self.source.publisher, &self.source.topics);
        let under_way = publisher
            .hand_over(topics.topic_of(envelope.event.name()), &envelope)
            .await;
        self.has_ended = true;
        let ended = match under_way {
            Ok(under_way) => publisher.arrival(under_way).await,
            Err(error) => Err(error),
        };
        if let Err(error) = &ended {
            tracing::error!("the end of {} was not published: {error}", self.correlation_id);
        }
        Published {
            started: self.started.clone(),
            ended,
        }
    }
}

impl Drop for Lifecycle {
    fn drop(&mut self) {
        if self.has_ended {
            return;
        }
        let failed = self.failure(WorkflowFailure {
            error_code: LIFECYCLE_DROPPED.to_owned(),
            error_message: "the work ended without saying how".to_owned(),
            ..WorkflowFailure::default()
        });
        tracing::error!(
            "{} ended without saying how, and is published as failed",
            self.correlation_id
        );
        let envelope = OnexEnvelopeV1::new(self.source.node_id.clone(), failed);
        // Nothing can wait here. The publisher sees to it, at the latest when it goes itself.
        let under_way = self
            .source
            .publisher
            .enqueue(&self.source.topics.failed, &envelope);
        if let Err(error) = under_way {
            tracing::error!("the end of {} was not published: {error}", self.correlation_id);
        }
    }
}
