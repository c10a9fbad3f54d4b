//! Topics of every kind, with records of known times, and groups of every kind at work on them.

use std::thread;
use std::time::{Duration, Instant};

use rdkafka::ClientConfig;
use rdkafka::consumer::{BaseConsumer, CommitMode, Consumer};
use rdkafka::producer::{BaseProducer, BaseRecord, Producer};
use rdkafka::topic_partition_list::{Offset, TopicPartitionList};
use topicctl::model::TopicName;

use crate::contract::wire::{self, Records};
use crate::records::{HOUR, append};
use crate::support::Kafka;

const PATIENCE: Duration = Duration::from_mins(1);

/// Records of known times: two partitions of one topic differ, the third is empty.
pub(super) fn fill(kafka: &Kafka, oldest: i64) {
    append(kafka, "described.plain", 0, &Records::new(100, oldest));
    append(
        kafka,
        "described.plain",
        0,
        &Records::new(50, oldest + HOUR).gzipped(),
    );
    append(
        kafka,
        "described.plain",
        1,
        &Records::new(10, oldest + 2 * HOUR).of_bytes(5_000),
    );
    for _ in 0..2 {
        append(kafka, "described.compacted", 1, &Records::new(20, oldest).keyed());
    }
    // A throttled follower fetches a megabyte every eleven seconds, whatever its rate: this lasts five minutes.
    let large = Records::new(100, oldest).of_bytes(5_000);
    for _ in 0..60 {
        append(kafka, "described.moving", 0, &large);
    }
    append(kafka, "lost", 0, &Records::new(7, oldest));
    transact(kafka);
}

/// Three transactions, the second of which is aborted.
fn transact(kafka: &Kafka) {
    let producer: BaseProducer = ClientConfig::new()
        .set("bootstrap.servers", kafka.bootstrap())
        .set("transactional.id", "described")
        .create()
        .unwrap();
    producer.init_transactions(PATIENCE).unwrap();
    for round in 0..3 {
        producer.begin_transaction().unwrap();
        for _ in 0..5 {
            let record: BaseRecord<'_, str, str> = BaseRecord::to("described.transactional")
                .partition(0)
                .payload("x");
            producer.send(record).map_err(|(error, _)| error).unwrap();
        }
        producer.flush(PATIENCE).unwrap();
        if round == 1 {
            producer.abort_transaction(PATIENCE).unwrap();
        } else {
            producer.commit_transaction(PATIENCE).unwrap();
        }
    }
}

/// One group that has read everything and is gone, and one that is behind.
pub(super) fn commit(kafka: &Kafka) {
    for (group, topic, partition, offset) in [
        ("described-idle", "described.plain", 0, 150),
        ("described-idle", "described.plain", 1, 10),
        ("described-lagging", "described.plain", 0, 20),
        ("described-lagging", "described.plain", 1, 3),
        // Behind the marker of the last transaction.
        ("described-reader", "described.transactional", 0, 18),
    ] {
        let topic = TopicName::new(topic).unwrap();
        wire::commit(kafka.bootstrap(), group, &topic, partition, offset);
    }
}

/// A consumer that has partitions and has committed, by librdkafka; it goes on in a thread of its own.
pub(super) fn at_work(kafka: &Kafka, protocol: &str) -> AtWork {
    let group = format!("described-{protocol}");
    let consumer: BaseConsumer = ClientConfig::new()
        .set("bootstrap.servers", kafka.bootstrap())
        .set("group.id", &group)
        .set("group.protocol", protocol)
        .set("enable.auto.commit", "false")
        .create()
        .unwrap();
    consumer.subscribe(&["described.plain"]).unwrap();
    let deadline = Instant::now() + PATIENCE;
    while consumer.assignment().unwrap().count() < 3 {
        assert!(Instant::now() < deadline, "{group} is assigned nothing");
        let _ = consumer.poll(Duration::from_millis(100));
    }
    let mut offsets = TopicPartitionList::new();
    offsets
        .add_partition_offset("described.plain", 0, Offset::Offset(10))
        .unwrap();
    consumer.commit(&offsets, CommitMode::Sync).unwrap();
    let (stop, stopped) = std::sync::mpsc::channel();
    let polling = thread::spawn(move || {
        while stopped.try_recv().is_err() {
            let _ = consumer.poll(Duration::from_millis(100));
        }
    });
    AtWork {
        stop,
        polling: Some(polling),
    }
}

pub(super) struct AtWork {
    stop: std::sync::mpsc::Sender<()>,
    polling: Option<thread::JoinHandle<()>>,
}

impl Drop for AtWork {
    fn drop(&mut self) {
        let _ = self.stop.send(());
        if let Some(polling) = self.polling.take() {
            let _ = polling.join();
        }
    }
}

/// Takes the first records away, as retention does.
pub(super) fn delete_first(kafka: &Kafka, before: u32) {
    let folder = tempfile::TempDir::new().unwrap();
    let plan = folder.path().join("records.json");
    let partition = format!(r#"{{"topic":"described.plain","partition":0,"offset":{before}}}"#);
    std::fs::write(&plan, format!(r#"{{"version":1,"partitions":[{partition}]}}"#)).unwrap();
    let plan = plan.to_string_lossy().into_owned();
    kafka.tool_output("delete-records", &["--offset-json-file", &plan]);
}

/// A replica on its way to another broker, at a thousand bytes a second.
pub(super) fn move_slowly(kafka: &Kafka) {
    let folder = tempfile::TempDir::new().unwrap();
    let plan = folder.path().join("reassignment.json");
    let moved = r#"{"version":1,"partitions":[{"topic":"described.moving","partition":0,"replicas":[2]}]}"#;
    std::fs::write(&plan, moved).unwrap();
    let plan = plan.to_string_lossy().into_owned();
    kafka.tool_output(
        "reassign-partitions",
        &[
            "--reassignment-json-file",
            &plan,
            "--execute",
            "--throttle",
            "1000",
        ],
    );
}
