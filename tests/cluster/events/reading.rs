//! Reading: from where, up to where, in which order, and what is no event.

use futures_util::StreamExt;
use serde_json::json;
use topicctl::events::{
    Commits, ConsumeError, Consumer, Event, Membership, OnexEnvelopeV1, RecordPosition, Start,
    TestGenerationFailed, Timestamp,
};
use topicctl::model::TopicName;
use uuid::Uuid;

use super::{PATIENCE, Topics, block_on};
use crate::support::Kafka;

/// An event whose partition is chosen by its key.
pub(super) fn failed(key: &str, number: u64) -> OnexEnvelopeV1 {
    let payload = TestGenerationFailed::builder(Uuid::from_u128(u128::from(number)))
        .error_code("E")
        .error_message(number.to_string());
    let mut envelope = OnexEnvelopeV1::new("node-1", payload.build().unwrap());
    envelope.partition_key = Some(key.to_owned());
    envelope
}

pub(super) fn number(envelope: &OnexEnvelopeV1) -> u128 {
    envelope.event.correlation_id().as_u128()
}

pub(super) async fn publish(topics: &Topics, numbers: std::ops::Range<u64>) -> Vec<RecordPosition> {
    let publisher = topics.publisher();
    let mut written = Vec::new();
    for number in numbers {
        let at = publisher
            .publish(&topics.names.failed, &failed(&format!("k{number}"), number))
            .await
            .unwrap();
        written.push(RecordPosition {
            topic: at.topic,
            partition: at.partition,
            offset: at.offset,
        });
    }
    written
}

#[test]
fn everything_is_read_once_and_in_the_order_of_time() {
    let topics = Topics::new(Kafka::one(), "reading.all", 3);
    block_on(async {
        let first = publish(&topics, 0..20).await;
        let records = topics.records().await;
        assert!(records.is_sorted_by_key(|record| record.timestamp), "{records:?}");
        let mut numbers: Vec<u128> = records
            .iter()
            .map(|record| number(record.content.as_ref().unwrap()))
            .collect();
        numbers.sort_unstable();
        assert_eq!(numbers, (0..20).collect::<Vec<_>>());

        let between = Timestamp::from_milliseconds(Timestamp::now().milliseconds() + 1).unwrap();
        while Timestamp::now() <= between {
            tokio::task::yield_now().await;
        }
        publish(&topics, 20..30).await;
        assert_eq!(topics.records_from(&Start::Since(between)).await.len(), 10);
        assert_eq!(topics.records_from(&Start::Latest).await.len(), 0);
        let last = first
            .iter()
            .filter(|position| position.partition == first[19].partition)
            .count();
        let from = Start::Offsets(vec![first[19].clone()]);
        let skipped = last - 1;
        assert_eq!(topics.records_from(&from).await.len(), 30 - skipped);
    });
}

#[test]
fn what_is_no_event_is_handed_over_with_its_place() {
    let topics = Topics::new(Kafka::one(), "reading.malformed", 1);
    block_on(async {
        publish(&topics, 0..1).await;
        topics
            .write(&topics.names.failed, "key", b"{\"quality_score\": NaN}")
            .await;
        topics.write(&topics.names.failed, "key", &[0xff; 300]).await;
        let mut wrong = serde_json::to_value(failed("k", 3)).unwrap();
        wrong["payload"]["error_code"] = json!(5);
        topics
            .write(&topics.names.failed, "key", wrong.to_string().as_bytes())
            .await;
        publish(&topics, 4..5).await;

        let records = topics.records().await;
        let said: Vec<String> = (records.iter())
            .map(|record| match &record.content {
                Ok(envelope) => format!(
                    "{} {}: event {}",
                    record.partition,
                    record.offset,
                    number(envelope)
                ),
                Err(unreadable) => format!("{} {}: {}", record.partition, record.offset, unreadable.reason),
            })
            .collect();
        insta::assert_snapshot!(said.join("\n"), @r"
        0 0: event 0
        0 1: not JSON: NaN in `quality_score` is no number that JSON has; Python's json writes it unless it is told allow_nan=False (line 1, column 19)
        0 2: not JSON: expected value (line 1, column 1)
        0 3: `payload.error_code` must be text, not 5
        0 4: event 4
        ");
    });
}

#[test]
fn a_follower_gets_what_is_written_from_now_on() {
    let topics = Topics::new(Kafka::one(), "reading.follow", 2);
    block_on(async {
        publish(&topics, 0..5).await;
        let alone = Membership::Alone;
        let all = topics.all();
        let consumer = Consumer::open(&topics.connection, &all, &Start::Latest, &alone, PATIENCE);
        let consumer = consumer.await.unwrap();
        publish(&topics, 5..8).await;
        let mut numbers: Vec<u128> = (consumer.records().take(3))
            .map(|record| number(&record.unwrap().content.unwrap()))
            .collect()
            .await;
        numbers.sort_unstable();
        assert_eq!(numbers, [5, 6, 7]);
    });
}

/// Reads some records as a member of a group, and leaves it.
async fn read_as_member(topics: &Topics, commits: Commits, count: usize) -> Vec<u128> {
    let membership = Membership::Group {
        name: format!("reading.group.{commits:?}"),
        commits,
    };
    let failed = [topics.names.failed.clone()];
    let consumer = Consumer::open(
        &topics.connection,
        &failed,
        &Start::Earliest,
        &membership,
        PATIENCE,
    );
    let consumer = consumer.await.unwrap();
    let mut numbers = Vec::new();
    while numbers.len() < count {
        let record = consumer.next().await.unwrap();
        if commits == Commits::ByHand {
            consumer.commit(&record).await.unwrap();
        }
        let Event::Failed(failed) = record.content.unwrap().event else {
            panic!()
        };
        numbers.push(failed.correlation_id.as_u128());
    }
    numbers
}

#[test]
fn a_group_goes_on_where_it_left_off() {
    let topics = Topics::new(Kafka::one(), "reading.group", 1);
    block_on(async {
        publish(&topics, 0..10).await;
        assert_eq!(read_as_member(&topics, Commits::ByHand, 4).await, [0, 1, 2, 3]);
        assert_eq!(
            read_as_member(&topics, Commits::ByHand, 6).await,
            [4, 5, 6, 7, 8, 9]
        );
        // The last record counts as read only when the next is asked for.
        assert_eq!(read_as_member(&topics, Commits::OnNext, 4).await, [0, 1, 2, 3]);
        assert_eq!(
            read_as_member(&topics, Commits::OnNext, 7).await,
            [3, 4, 5, 6, 7, 8, 9]
        );
    });
}

#[test]
fn a_missing_topic_is_an_error_and_is_not_created() {
    let topics = Topics::new(Kafka::one(), "reading.missing", 1);
    let missing = [TopicName::new("reading.there-is-none").unwrap()];
    block_on(async {
        let opened =
            topicctl::events::Backlog::open(&topics.connection, &missing, &Start::Earliest, PATIENCE).await;
        let [topic] = missing;
        assert_eq!(opened.err(), Some(ConsumeError::NoTopic { topic }));
    });
    let listed = Kafka::one().tool_output("topics", &["--list"]);
    assert!(
        !listed.contains("reading.there-is-none"),
        "reading created a topic"
    );
}
