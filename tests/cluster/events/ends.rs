//! Topics whose last offsets hold no records, and topics that grow while they are followed.

use std::time::Duration;

use rdkafka::ClientConfig;
use rdkafka::producer::{BaseProducer, BaseRecord, Producer};
use topicctl::events::{Backlog, Consumer, Membership, Start};

use super::reading::{failed, number, publish};
use super::{PATIENCE, Topics, block_on};
use crate::binary::SHOWN_WITHIN;
use crate::support::Kafka;

/// Writes events in transactions.
struct Transactional {
    producer: BaseProducer,
    topic: String,
}

impl Transactional {
    fn new(topics: &Topics) -> Self {
        let mut config = ClientConfig::new();
        let topic = topics.names.failed.to_string();
        config
            .set("bootstrap.servers", &topics.bootstrap)
            .set("transactional.id", &topic);
        let producer: BaseProducer = config.create().unwrap();
        producer.init_transactions(PATIENCE).unwrap();
        Self { producer, topic }
    }

    /// Begins a transaction and writes into it.
    fn write(&self, number: u64) {
        self.producer.begin_transaction().unwrap();
        let value = serde_json::to_vec(&failed("key", number)).unwrap();
        let record = BaseRecord::to(&self.topic).key("key").payload(&value);
        self.producer.send(record).map_err(|(error, _)| error).unwrap();
        self.producer.flush(PATIENCE).unwrap();
    }
}

/// What is there, with far less patience than a broker that has to answer needs.
async fn read(topics: &Topics) -> Vec<u128> {
    let wait = Duration::from_secs(20);
    let mut backlog = Backlog::open(&topics.connection, &topics.all(), &Start::Earliest, wait)
        .await
        .unwrap();
    let mut numbers = Vec::new();
    while let Some(record) = backlog.next().await.unwrap() {
        numbers.push(number(&record.content.unwrap()));
    }
    numbers
}

/// The end that a broker names lies behind the marker of a transaction, where no record ever comes.
#[test]
fn a_marker_at_the_end_is_no_record_to_wait_for() {
    let topics = Topics::new(Kafka::one(), "ends.marker", 1);
    let writer = Transactional::new(&topics);
    writer.write(1);
    writer.producer.commit_transaction(PATIENCE).unwrap();
    assert_eq!(block_on(read(&topics)), [1]);
    writer.write(2);
    writer.producer.abort_transaction(PATIENCE).unwrap();
    assert_eq!(block_on(read(&topics)), [1]);
    // Not decided yet: it is no event so far.
    writer.write(3);
    assert_eq!(block_on(read(&topics)), [1]);
    writer.producer.commit_transaction(PATIENCE).unwrap();
    assert_eq!(block_on(read(&topics)), [1, 3]);
    let tail = topics.project.run(&["events", "tail", "failed"]).expect(0);
    assert_eq!(tail.stdout.lines().count(), 2, "{tail}");
}

#[test]
fn a_partition_that_is_added_is_followed_as_well() {
    let topics = Topics::new(Kafka::one(), "ends.grown", 1);
    let grown = format!(
        "version: 1\ndefaults: {{ partitions: 3, replication: 1 }}\ntopics:\n  - name: {}\n",
        topics.names.failed
    );
    block_on(async {
        publish(&topics, 0..5).await;
        let alone = Membership::Alone;
        let all = topics.all();
        let consumer = Consumer::open(&topics.connection, &all, &Start::Latest, &alone, PATIENCE);
        let consumer = consumer.await.unwrap();
        topics.project.write(&grown);
        topics.project.run(&["apply", "--yes"]).expect(0);
        // Before anybody can have looked: what is written first must not be missed.
        let written = publish(&topics, 5..35).await;
        assert!(
            written.iter().any(|position| position.partition == 2),
            "{written:?}"
        );
        let mut numbers = Vec::new();
        while numbers.len() < 30 {
            let next = tokio::time::timeout(SHOWN_WITHIN, consumer.next()).await;
            let record = next.unwrap_or_else(|_| panic!("after {numbers:?} nothing came"));
            numbers.push(number(&record.unwrap().content.unwrap()));
        }
        numbers.sort_unstable();
        assert_eq!(numbers, (5..35).collect::<Vec<_>>());
    });
}
