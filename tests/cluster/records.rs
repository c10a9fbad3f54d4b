//! Records put into the topics of tests, since what a change costs depends on what is there.

use std::time::{Instant, SystemTime, UNIX_EPOCH};

use topicctl::admin::Admin;
use topicctl::admin::client::{Address, Client, ConnectOptions};
use topicctl::model::TopicName;

use crate::binary::SHOWN_WITHIN;
use crate::contract::wire::{self, Records};
use crate::support::Kafka;

/// Milliseconds since 1970, UTC.
pub(crate) fn now() -> i64 {
    let elapsed = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    i64::try_from(elapsed.as_millis()).unwrap()
}

pub(crate) const HOUR: i64 = 3_600_000;
pub(crate) const DAY: i64 = 24 * HOUR;

/// Ten fresh records without keys in the first partition.
pub(crate) fn fill(kafka: &Kafka, topic: &str) {
    append(kafka, topic, 0, &Records::new(10, now()));
}

pub(crate) fn append(kafka: &Kafka, topic: &str, partition: i32, records: &Records) {
    let leader = leader(kafka, topic, partition);
    wire::append(&leader, &TopicName::new(topic).unwrap(), partition, records);
}

/// `host:port` of the partition's leader.
pub(crate) fn leader(kafka: &Kafka, topic: &str, partition: i32) -> String {
    if !kafka.bootstrap().contains(',') {
        return kafka.bootstrap().to_owned();
    }
    let name = TopicName::new(topic).unwrap();
    let options = ConnectOptions::new(Address::parse_list(kafka.bootstrap()).unwrap());
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    runtime.unwrap().block_on(async {
        let client = Client::connect(options).await.unwrap();
        let deadline = Instant::now() + SHOWN_WITHIN;
        // A broker shows a new topic with a delay.
        let leader = loop {
            let mut topics = client.topics(std::slice::from_ref(&name)).await.unwrap();
            let shown = topics.remove(&name).unwrap().unwrap();
            let partitions = shown.map(|topic| topic.partitions).unwrap_or_default();
            let found = partitions.get(usize::try_from(partition).unwrap());
            if let Some(leader) = found.and_then(|partition| partition.leader) {
                break leader;
            }
            assert!(Instant::now() < deadline, "{topic} has no leader");
        };
        let broker = client.cluster().await.unwrap().brokers.remove(&leader).unwrap();
        format!("{}:{}", broker.host, broker.port)
    })
}
