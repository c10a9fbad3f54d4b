//! What the `events` commands find.

use super::{name, raw};
use crate::events::{
    self, Delivered, Event, EventCounts, MalformedEvent, OnexEnvelopeV1, PublishError, Record,
    TestGenerationCompleted, TestGenerationFailed, TestGenerationStarted, Timestamp, UnreadableRecord,
    WorkflowTrace,
};
use crate::model::{AclOperation, RequiredAcl};
use crate::render::{EventProblem, PublishedEvent, PublishedEvents};
use uuid::Uuid;

const ID: Uuid = Uuid::from_u128(0x16c2_acae_d574_4530_ae26_ecc5_0e69_a589);

fn time(second: u32) -> Timestamp {
    format!("2025-10-30T12:00:{second:02}Z").parse().unwrap()
}

fn started() -> Event {
    let payload = TestGenerationStarted::builder(ID)
        .timestamp(time(0))
        .test_contract_name(raw("postgres_crud\u{1b}[2J_tests"))
        .test_types([raw("unit"), raw("integration")])
        .node_name(raw("NodePostgresCrudEffect"))
        .output_directory(raw("./tests"));
    payload.build().unwrap().into()
}

fn completed() -> Event {
    let payload = TestGenerationCompleted::builder(ID)
        .timestamp(time(45))
        .generated_files(["a.py", "b.py"])
        .file_count(2)
        .duration_seconds(45.2)
        .quality_score(0.92)
        .test_coverage_estimate(85.5);
    payload.build().unwrap().into()
}

fn failed() -> Event {
    let payload = TestGenerationFailed::builder(ID)
        .timestamp(time(46))
        .error_code(raw("TEMPLATE_NOT_FOUND"))
        .error_message(raw("no template\nfor it"))
        .failed_test_type(raw("unit"));
    payload.build().unwrap().into()
}

fn envelope(event: Event) -> OnexEnvelopeV1 {
    OnexEnvelopeV1 {
        event_id: Uuid::from_u128(7),
        event_timestamp: time(50),
        ..OnexEnvelopeV1::new(raw("node-1"), event)
    }
}

fn record(offset: i64, content: Result<OnexEnvelopeV1, UnreadableRecord>) -> Record {
    Record {
        topic: name("dev.events.v1"),
        partition: 1,
        offset,
        timestamp: Some(time(51)),
        key: Some(raw(&ID.to_string())),
        content,
    }
}

fn unreadable() -> UnreadableRecord {
    let reason = OnexEnvelopeV1::from_slice(b"{\"event_type\": NaN}").unwrap_err();
    UnreadableRecord {
        reason,
        excerpt: raw("{\"event_type\": NaN}"),
        size: 19,
    }
}

/// An event of each kind, one that is none, and a tombstone without key and time.
pub(in super::super) fn records() -> Vec<Record> {
    let tombstone = UnreadableRecord {
        reason: MalformedEvent::Empty,
        excerpt: String::new(),
        size: 0,
    };
    vec![
        record(0, Ok(envelope(started()))),
        record(1, Ok(envelope(completed()))),
        record(2, Ok(envelope(failed()))),
        record(3, Err(unreadable())),
        Record {
            timestamp: None,
            key: None,
            ..record(4, Err(tombstone))
        },
    ]
}

/// Workflows in each of the states.
pub(in super::super) fn stories() -> Vec<WorkflowTrace> {
    let of = |offsets: &[usize]| {
        let all = records();
        WorkflowTrace::of_records(ID, offsets.iter().map(|offset| all[*offset].clone()).collect())
    };
    vec![
        of(&[1, 0]),
        of(&[2, 0]),
        of(&[0, 0, 3]),
        of(&[0, 1, 2]),
        of(&[2]),
        of(&[]),
    ]
}

/// Every way in which publishing ends.
pub(in super::super) fn published() -> PublishedEvents {
    let topic = name("dev.events.v1");
    let event = |outcome| PublishedEvent {
        envelope: envelope(failed()),
        outcome,
    };
    let written = Delivered {
        topic: topic.clone(),
        partition: 2,
        offset: 41,
    };
    let unknown = PublishError::OutcomeUnknown {
        topic: topic.clone(),
        waited: std::time::Duration::from_secs(30),
        trouble: events::LastTrouble::default(),
    };
    PublishedEvents {
        events: vec![
            event(Ok(written)),
            event(Err(PublishError::NoTopic { topic: topic.clone() })),
            event(Err(PublishError::NotAuthorised {
                missing: RequiredAcl::on_topic(AclOperation::Write, &topic),
                topic,
                code: "TOPIC_AUTHORIZATION_FAILED",
            })),
            event(Err(unknown)),
        ],
    }
}

/// Events that were not written, for every right that may be missing.
pub(in super::super) fn denied_published() -> PublishedEvents {
    let rights = super::without_rights()
        .into_values()
        .filter_map(|reason| reason.missing);
    let denied = rights.map(|missing| PublishedEvent {
        envelope: envelope(failed()),
        outcome: Err(PublishError::NotAuthorised {
            topic: name("dev.events.v1"),
            code: "TOPIC_AUTHORIZATION_FAILED",
            missing,
        }),
    });
    PublishedEvents {
        events: denied.collect(),
    }
}

/// Problems of both kinds.
pub(in super::super) fn problems() -> (EventCounts, Vec<EventProblem>) {
    let text = b"{\"error_code\": 5}\n{\"error_code\": }\n{\"correlation_id\": NaN}\n";
    let mut problems = Vec::new();
    let checked = events::check(&mut &text[..], &mut |problem| {
        problems.push(EventProblem {
            file: raw("events.jsonl"),
            problem,
        });
    });
    (checked.unwrap(), problems)
}
