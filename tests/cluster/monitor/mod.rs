//! Monitor on real Kafka: its numbers against those of Kafka's own tools and of librdkafka, and what it makes of
//! brokers that go away.

mod numbers;
mod prometheus;
mod serving;
mod terminal;

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::time::Duration;

use rdkafka::ClientConfig;
use rdkafka::consumer::{BaseConsumer, CommitMode, Consumer as _};
use rdkafka::producer::{FutureProducer, FutureRecord};
use rdkafka::{Offset, TopicPartitionList};

use crate::support::Kafka;

/// Long enough for a slow and busy machine; nothing here waits for it to pass.
const PATIENCE: Duration = Duration::from_mins(2);

/// Writes so many records to a partition, and waits until they are there.
fn write(kafka: &Kafka, topic: &str, partition: i32, records: usize) {
    let mut config = ClientConfig::new();
    let producer: FutureProducer = config
        .set("bootstrap.servers", kafka.bootstrap())
        .create()
        .unwrap();
    let writing = async {
        for _ in 0..records {
            let record = FutureRecord::<str, str>::to(topic)
                .partition(partition)
                .payload("record");
            producer.send(record, PATIENCE).await.unwrap();
        }
    };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    runtime.unwrap().block_on(writing);
}

/// A group commits offsets, and leaves.
fn commit(kafka: &Kafka, group: &str, topic: &str, offsets: &[(i32, i64)]) {
    let mut config = ClientConfig::new();
    config
        .set("bootstrap.servers", kafka.bootstrap())
        .set("group.id", group);
    let consumer: BaseConsumer = config.create().unwrap();
    let mut list = TopicPartitionList::new();
    for (partition, offset) in offsets {
        list.add_partition_offset(topic, *partition, Offset::Offset(*offset))
            .unwrap();
    }
    consumer.commit(&list, CommitMode::Sync).unwrap();
}

/// Asks over HTTP; the answer with its head.
fn get(address: &str, path: &str) -> String {
    let mut stream = TcpStream::connect(address).unwrap();
    write!(
        stream,
        "GET {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\nX-Prometheus-Scrape-Timeout-Seconds: 60\r\n\r\n"
    )
    .unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer
}

/// The value of a metric with these labels, as they are written.
fn value(metrics: &str, metric: &str) -> Option<f64> {
    let line = metrics.lines().find(|line| {
        line.strip_prefix(metric)
            .is_some_and(|rest| rest.starts_with(' '))
    })?;
    line.rsplit_once(' ')?.1.parse().ok()
}
