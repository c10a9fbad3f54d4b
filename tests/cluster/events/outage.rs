//! A broker that goes away while events are published: nothing is lost, nothing is there twice.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use futures_util::StreamExt;
use futures_util::stream::FuturesUnordered;
use topicctl::events::{OnexEnvelopeV1, PublishError, Publisher};
use uuid::Uuid;

use super::generate::{self, Dice};
use super::{Topics, block_on, envelopes};
use crate::support::{Brokers, Kafka};

const EVENTS: usize = 3_000;
/// Under way at once: enough that some always are when the broker goes.
const TOGETHER: usize = 50;

#[test]
fn a_broker_that_goes_away_loses_nothing_and_doubles_nothing() {
    let kafka = Kafka::dedicated(Brokers::One, &[]);
    let topics = Topics::new(&kafka, "outage", 3);
    let mut dice = Dice(4);
    let events: Vec<OnexEnvelopeV1> = (0..EVENTS).map(|_| generate::envelope(&mut dice)).collect();
    let delivered = AtomicUsize::new(0);

    std::thread::scope(|scope| {
        scope.spawn(|| {
            for at in [EVENTS / 10, EVENTS / 2] {
                while delivered.load(Ordering::Relaxed) < at {
                    std::thread::yield_now();
                }
                kafka.kill_broker(1);
                kafka.start_broker(1);
            }
        });
        block_on(publish_all(&topics, &events, &delivered));
    });

    let mut found: BTreeMap<Uuid, usize> = BTreeMap::new();
    for envelope in envelopes(block_on(topics.records())) {
        *found.entry(envelope.event_id).or_default() += 1;
    }
    let expected: BTreeMap<Uuid, usize> = events.iter().map(|event| (event.event_id, 1)).collect();
    assert!(
        found == expected,
        "{} of {} events are there, {} of them once",
        found.len(),
        expected.len(),
        found.values().filter(|count| **count == 1).count()
    );

    given_up_is_not_written_later(&kafka, &topics, &events[0]);
}

async fn publish_all(topics: &Topics, events: &[OnexEnvelopeV1], delivered: &AtomicUsize) {
    let publisher = topics.publisher();
    let mut under_way = FuturesUnordered::new();
    for event in events {
        if under_way.len() == TOGETHER {
            let outcome: Option<Result<_, PublishError>> = under_way.next().await;
            outcome.unwrap().unwrap();
            delivered.fetch_add(1, Ordering::Relaxed);
        }
        under_way.push(publisher.publish(topics.names.topic_of(event.event.name()), event));
    }
    while let Some(outcome) = under_way.next().await {
        outcome.unwrap();
        delivered.fetch_add(1, Ordering::Relaxed);
    }
}

/// What a publisher has given up it does not send when the broker is back.
fn given_up_is_not_written_later(kafka: &Kafka, topics: &Topics, event: &OnexEnvelopeV1) {
    let publisher = Publisher::new(&topics.connection, Duration::from_secs(2)).unwrap();
    let patient = topics.publisher();
    let fresh = |id: u128| OnexEnvelopeV1 {
        event_id: Uuid::from_u128(id),
        ..event.clone()
    };
    let topic = topics.names.topic_of(event.event.name());
    block_on(async {
        publisher.publish(topic, &fresh(1)).await.unwrap();
        kafka.stop_broker(1);
        let error = publisher.publish(topic, &fresh(2)).await.unwrap_err();
        assert!(matches!(error, PublishError::OutcomeUnknown { .. }), "{error}");
        kafka.start_broker(1);
        patient.publish(topic, &fresh(3)).await.unwrap();
        publisher.flush().await.unwrap();
        let ids = envelopes(topics.records().await)
            .into_iter()
            .map(|envelope| envelope.event_id.as_u128());
        let small: Vec<u128> = ids.filter(|id| *id < 10).collect();
        assert_eq!(small, [1, 3]);
    });
}
