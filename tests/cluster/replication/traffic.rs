//! Somebody who writes numbered records all the time, idempotently and to all replicas in sync, and somebody
//! who reads them and checks their numbers.

use std::collections::BTreeMap;
use std::collections::hash_map::DefaultHasher;
use std::hash::{Hash, Hasher};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use rdkafka::ClientConfig;
use rdkafka::consumer::{BaseConsumer, Consumer};
use rdkafka::error::{KafkaError, RDKafkaErrorCode};
use rdkafka::message::Message;
use rdkafka::producer::{BaseRecord, Producer, ThreadedProducer};
use rdkafka::topic_partition_list::{Offset, TopicPartitionList};

use crate::binary::SHOWN_WITHIN;
use crate::support::Kafka;

/// Bytes of a record: enough of them to be worth copying.
const RECORD_BYTES: usize = 1_000;
const FLUSH: Duration = Duration::from_mins(2);

/// How many records of a partition there are, and the checksum of all of them in order.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Seen {
    records: u64,
    checksum: u64,
}

impl Seen {
    fn add(&mut self, payload: &[u8]) {
        let mut hasher = DefaultHasher::new();
        (self.checksum, payload).hash(&mut hasher);
        *self = Self {
            records: self.records + 1,
            checksum: hasher.finish(),
        };
    }
}

type All = BTreeMap<i32, Seen>;

pub(crate) struct Traffic {
    written: Arc<AtomicU64>,
    stop: Arc<AtomicBool>,
    /// How many records the reader has to find; known once the writer has ended.
    wanted: Arc<AtomicU64>,
    /// Reads everything once more, when told how many records there are.
    again: Box<dyn FnOnce(u64) -> All>,
    writer: JoinHandle<All>,
    reader: JoinHandle<All>,
}

impl Traffic {
    pub(crate) fn start(kafka: &Kafka, topic: &str, partitions: i32) -> Self {
        let (written, stop) = (Arc::new(AtomicU64::new(0)), Arc::new(AtomicBool::new(false)));
        let wanted = Arc::new(AtomicU64::new(u64::MAX));
        let writer = {
            let (bootstrap, topic) = (kafka.bootstrap().to_owned(), topic.to_owned());
            let (written, stop) = (Arc::clone(&written), Arc::clone(&stop));
            thread::spawn(move || write(&bootstrap, &topic, partitions, &written, &stop))
        };
        let reader = {
            let (bootstrap, topic) = (kafka.bootstrap().to_owned(), topic.to_owned());
            let wanted = Arc::clone(&wanted);
            thread::spawn(move || read(&bootstrap, &topic, partitions, &wanted))
        };
        let again = {
            let (bootstrap, topic) = (kafka.bootstrap().to_owned(), topic.to_owned());
            Box::new(move |records| read(&bootstrap, &topic, partitions, &AtomicU64::new(records)))
        };
        Self {
            written,
            stop,
            wanted,
            again,
            writer,
            reader,
        }
    }

    /// Waits until so many records are written.
    pub(crate) fn wait_for(&self, records: u64) {
        let deadline = Instant::now() + SHOWN_WITHIN;
        while self.written.load(Ordering::Relaxed) < records {
            assert!(Instant::now() < deadline, "too few records were written");
            thread::sleep(Duration::from_millis(20));
        }
    }

    /// Ends it, and sees that what was read is what was written, record by record: by whoever read along, and once
    /// more from the beginning, since what was read before it was copied may be lost with the copy.
    pub(crate) fn ends_whole(self) {
        self.stop.store(true, Ordering::Relaxed);
        let written = self.writer.join().expect("the writer");
        let records = written.values().map(|seen| seen.records).sum();
        self.wanted.store(records, Ordering::Relaxed);
        let read = self.reader.join().expect("the reader");
        assert_eq!(read, written);
        assert_eq!((self.again)(records), written, "read once more");
    }
}

fn payload(partition: i32, number: u64) -> Vec<u8> {
    let mut payload = format!("{partition}:{number}:").into_bytes();
    let mut state = number.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    while payload.len() < RECORD_BYTES {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        payload.extend(state.to_be_bytes());
    }
    payload
}

fn write(bootstrap: &str, topic: &str, partitions: i32, written: &AtomicU64, stop: &AtomicBool) -> All {
    let producer: ThreadedProducer<_> = ClientConfig::new()
        .set("bootstrap.servers", bootstrap)
        .set("enable.idempotence", "true")
        .set("acks", "all")
        .set("message.timeout.ms", "120000")
        .set("linger.ms", "5")
        .create()
        .expect("a producer");
    let mut all = All::new();
    while !stop.load(Ordering::Relaxed) {
        for partition in 0..partitions {
            let seen = all.entry(partition).or_default();
            let payload = payload(partition, seen.records);
            seen.add(&payload);
            send(&producer, topic, partition, &payload);
            written.fetch_add(1, Ordering::Relaxed);
        }
        // A few hundred records a second: enough to be under way at any moment, and no load.
        thread::sleep(Duration::from_millis(15));
    }
    producer.flush(FLUSH).expect("every record is acknowledged");
    assert_eq!(producer.in_flight_count(), 0);
    all
}

fn send(
    producer: &ThreadedProducer<rdkafka::producer::DefaultProducerContext>,
    topic: &str,
    partition: i32,
    payload: &[u8],
) {
    let mut record = BaseRecord::<(), [u8]>::to(topic)
        .partition(partition)
        .payload(payload);
    let deadline = Instant::now() + FLUSH;
    while let Err((error, back)) = producer.send(record) {
        let is_full = matches!(error, KafkaError::MessageProduction(RDKafkaErrorCode::QueueFull));
        assert!(is_full && Instant::now() < deadline, "{error}");
        thread::sleep(Duration::from_millis(10));
        record = back;
    }
}

/// Numbers must come one after the other, without a gap and without a repetition.
fn read(bootstrap: &str, topic: &str, partitions: i32, wanted: &AtomicU64) -> All {
    let consumer: BaseConsumer = ClientConfig::new()
        .set("bootstrap.servers", bootstrap)
        .set("group.id", format!("reader-of-{topic}"))
        .set("enable.auto.commit", "false")
        .create()
        .expect("a consumer");
    let mut assignment = TopicPartitionList::new();
    for partition in 0..partitions {
        assignment
            .add_partition_offset(topic, partition, Offset::Beginning)
            .expect("an offset");
    }
    consumer.assign(&assignment).expect("an assignment");
    let (mut all, mut count) = (All::new(), 0);
    let mut last = Instant::now();
    while count < wanted.load(Ordering::Relaxed) {
        let is_over = wanted.load(Ordering::Relaxed) != u64::MAX;
        assert!(!is_over || last.elapsed() < FLUSH, "{count} records were found");
        // Errors pass: leaders move.
        let Some(Ok(message)) = consumer.poll(Duration::from_millis(200)) else {
            continue;
        };
        let seen = all.entry(message.partition()).or_default();
        let payload = message.payload().expect("a payload");
        let expected = format!("{}:{}:", message.partition(), seen.records);
        assert!(
            payload.starts_with(expected.as_bytes()),
            "{expected} was expected at offset {}",
            message.offset()
        );
        seen.add(payload);
        (count, last) = (count + 1, Instant::now());
    }
    all
}
