//! The whole life of a workflow: success, failure, an end that nobody told, and a cluster that refuses.

use std::fmt;
use std::time::Duration;

use serde_json::Map;
use topicctl::events::{
    Connection, Event, LIFECYCLE_DROPPED, Lifecycle, OnexEnvelopeV1, PublishError, Publisher, QualityScore,
    Source, TestGenerationStarted, WorkflowFailure, WorkflowOutcome, WorkflowState, WorkflowTrace,
};
use topicctl::model::{Secret, TopicName};
use uuid::Uuid;

use super::{PATIENCE, Topics, block_on, envelopes};
use crate::support::Kafka;

fn started(correlation_id: Uuid) -> TestGenerationStarted {
    let payload = TestGenerationStarted::builder(correlation_id)
        .workflow_id(Uuid::from_u128(7))
        .test_contract_name("postgres_crud_effect_tests")
        .test_types(["unit"])
        .node_name("NodePostgresCrudEffect")
        .output_directory("./tests");
    payload.build().unwrap()
}

fn outcome() -> WorkflowOutcome {
    WorkflowOutcome {
        generated_files: vec!["./tests/test_unit.py".to_owned()],
        quality_score: QualityScore::new(0.92).unwrap(),
        test_coverage_estimate: None,
        metadata: Map::new(),
    }
}

#[derive(Debug, PartialEq)]
struct TemplateNotFound;

impl fmt::Display for TemplateNotFound {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("no template for the node")
    }
}

async fn story(topics: &Topics, id: Uuid) -> (WorkflowTrace, Vec<OnexEnvelopeV1>) {
    let records = topics.records().await;
    let story = WorkflowTrace::of_records(id, records.clone());
    (story, envelopes(records))
}

#[test]
fn success_is_started_and_completed() {
    let topics = Topics::new(Kafka::one(), "life.success", 3);
    let id = Uuid::new_v4();
    block_on(async {
        let work = async { Ok::<_, TemplateNotFound>(("the result", outcome())) };
        let ran = Lifecycle::run(&topics.source(), started(id), work, WorkflowFailure::of_error).await;
        assert_eq!(ran.result, Ok("the result"));
        let (begin, end) = (ran.published.started.unwrap(), ran.published.ended.unwrap());
        assert_eq!(
            (&begin.topic, &end.topic),
            (&topics.names.started, &topics.names.completed)
        );

        let (story, events) = story(&topics, id).await;
        assert_eq!(
            (story.state, story.findings),
            (WorkflowState::Completed, Vec::new())
        );
        let [first, last] = &events[..] else {
            panic!("{events:?}")
        };
        assert_eq!(first.correlation_id, Some(id));
        let Event::Completed(completed) = &last.event else {
            panic!("{last:?}")
        };
        assert_eq!(
            (completed.file_count, completed.workflow_id),
            (1, Some(Uuid::from_u128(7)))
        );
    });
}

#[test]
fn an_error_is_published_first_and_handed_back() {
    let topics = Topics::new(Kafka::one(), "life.failure", 3);
    let id = Uuid::new_v4();
    block_on(async {
        let work = async { Err::<((), WorkflowOutcome), _>(TemplateNotFound) };
        let ran = Lifecycle::run(&topics.source(), started(id), work, WorkflowFailure::of_error).await;
        assert_eq!(ran.result, Err(TemplateNotFound));
        ran.published.ended.unwrap();

        let (story, events) = story(&topics, id).await;
        assert_eq!((story.state, story.findings), (WorkflowState::Failed, Vec::new()));
        let Event::Failed(failed) = &events[1].event else {
            panic!("{events:?}")
        };
        assert_eq!(failed.error_code, "TemplateNotFound");
        assert_eq!(failed.error_message, "no template for the node");
        assert_eq!(failed.metadata["node_name"], "NodePostgresCrudEffect");
    });
}

/// A web handler that is cancelled, a timeout: the start may be written all the same, so it has an end.
#[test]
fn a_start_that_nobody_waits_for_has_an_end() {
    let topics = Topics::new(Kafka::one(), "life.cancelled", 3);
    let id = Uuid::new_v4();
    block_on(async {
        let source = topics.source();
        let starting = Lifecycle::started(&source, started(id));
        let given_up = tokio::time::timeout(Duration::ZERO, starting).await;
        assert!(given_up.is_err());
        drop(source);
        let (story, events) = story(&topics, id).await;
        assert_eq!(
            (story.state, events.len()),
            (WorkflowState::Failed, 2),
            "{events:?}"
        );
    });
}

/// A burst fills the queue for a moment, which is no reason to lose the end of anything.
#[test]
fn a_full_queue_is_waited_for() {
    const WORKFLOWS: usize = 200;
    let mut topics = Topics::new(Kafka::one(), "life.burst", 3);
    topics.connection = topics
        .connection
        .with("queue.buffering.max.messages", Secret::new("5"));
    block_on(async {
        let source = topics.source();
        let each = (0..WORKFLOWS).map(async |_| {
            let lifecycle = Lifecycle::started(&source, started(Uuid::new_v4())).await;
            lifecycle.completed(outcome()).await
        });
        for published in futures_util::future::join_all(each).await {
            published.started.unwrap();
            published.ended.unwrap();
        }
        assert_eq!(topics.records().await.len(), 2 * WORKFLOWS);
    });
}

#[test]
fn a_lifecycle_that_is_dropped_has_failed() {
    let topics = Topics::new(Kafka::one(), "life.dropped", 3);
    let (dropped, panicked) = (Uuid::new_v4(), Uuid::new_v4());
    block_on(async {
        let source = topics.source();
        drop(Lifecycle::started(&source, started(dropped)).await);
        let lifecycle = Lifecycle::started(&source, started(panicked)).await;
        let panicking = std::thread::spawn(move || {
            let _lifecycle = lifecycle;
            panic!("on purpose: the work of a test");
        });
        assert!(panicking.join().is_err());
        // Nothing waits for the end of a lifecycle that is dropped but its publisher.
        drop(source);

        let (_, events) = story(&topics, dropped).await;
        let ends: Vec<(Uuid, &str)> = (events.iter())
            .filter_map(|envelope| match &envelope.event {
                Event::Failed(failed) => Some((failed.correlation_id, failed.error_code.as_str())),
                Event::Started(_) | Event::Completed(_) => None,
            })
            .collect();
        assert_eq!(
            ends,
            [(dropped, LIFECYCLE_DROPPED), (panicked, LIFECYCLE_DROPPED)]
        );
        assert_eq!(events.len(), 4);
    });
}

#[test]
fn what_cannot_be_published_does_not_hide_the_result() {
    let topics = Topics::new(Kafka::one(), "life.missing", 1);
    let connection = topics
        .connection
        .clone()
        .with("topic.metadata.propagation.max.ms", Secret::new("500"));
    let mut source = Source {
        publisher: Publisher::new(&connection, PATIENCE).unwrap(),
        ..topics.source()
    };
    let missing = TopicName::new("life.there-is-none").unwrap();
    source.topics.started = missing.clone();
    source.topics.completed = missing.clone();
    block_on(async {
        let work = async { Ok::<_, TemplateNotFound>((5, outcome())) };
        let ran = Lifecycle::run(&source, started(Uuid::new_v4()), work, WorkflowFailure::of_error).await;
        assert_eq!(ran.result, Ok(5));
        let error = PublishError::NoTopic { topic: missing };
        assert_eq!(ran.published.started, Err(error.clone()));
        assert_eq!(ran.published.ended, Err(error));
    });
    let listed = Kafka::one().tool_output("topics", &["--list"]);
    assert!(
        !listed.contains("life.there-is-none"),
        "publishing created a topic"
    );
}

#[test]
fn what_is_too_large_is_said_to_be() {
    let topics = Topics::new(Kafka::one(), "life.large", 1);
    block_on(async {
        let mut event = started(Uuid::new_v4());
        event.node_name = "x".repeat(2_000_000);
        let envelope = OnexEnvelopeV1::new("node-1", event);
        let error = topics
            .publisher()
            .publish(&topics.names.started, &envelope)
            .await
            .unwrap_err();
        assert!(
            matches!(
                error,
                PublishError::TooLarge {
                    size: 2_000_000..,
                    ..
                }
            ),
            "{error}"
        );
    });
}

#[test]
fn nobody_there_is_an_unknown_outcome_after_the_deadline() {
    let connection = Connection::new("127.0.0.1:1");
    let publisher = Publisher::new(&connection, Duration::from_secs(1)).unwrap();
    let topic = TopicName::new("any").unwrap();
    let envelope = OnexEnvelopeV1::new("node-1", started(Uuid::new_v4()));
    let error = block_on(publisher.publish(&topic, &envelope)).unwrap_err();
    let said = error.to_string();
    let expected = "any did not acknowledge the event within 1s; it is not sent again, but it may have been \
                    written (the last trouble with a broker: ";
    assert!(
        said.starts_with(expected) && said.contains("127.0.0.1:1"),
        "{said}"
    );
}
