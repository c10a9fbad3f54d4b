//! Events through real Kafka: publishing, reading, and the commands.

mod commands;
mod ends;
#[path = "../../events/generate.rs"]
mod generate;
mod keys;
mod lifecycle;
mod outage;
mod reading;
mod rights;
mod sharing;
mod tokens;

use std::time::Duration;

use rdkafka::ClientConfig;
use rdkafka::producer::{FutureProducer, FutureRecord};
use topicctl::events::{Backlog, Connection, EventTopics, OnexEnvelopeV1, Publisher, Record, Source, Start};
use topicctl::model::TopicName;

use crate::binary::Project;
use crate::support::Kafka;

/// Long enough for a slow and busy machine; nothing here waits for it to pass.
const PATIENCE: Duration = Duration::from_mins(2);

/// The topics of the contract under a prefix of the test's own.
struct Topics {
    project: Project,
    names: EventTopics,
    connection: Connection,
    bootstrap: String,
}

impl Topics {
    fn new(kafka: &Kafka, prefix: &str, partitions: u32) -> Self {
        let topic = |event: &str| {
            let short = event.to_lowercase();
            format!("  - {{ name: {prefix}.{short}.v1, event: TestGeneration{event} }}\n")
        };
        let topics: String = ["Started", "Completed", "Failed"].map(topic).concat();
        let manifest = format!(
            "version: 1\ndefaults: {{ partitions: {partitions}, replication: 1 }}\ntopics:\n{topics}"
        );
        let project = Project::new(kafka, &manifest);
        project.run(&["apply"]).expect(0);
        let name = |event: &str| TopicName::new(&format!("{prefix}.{event}.v1")).unwrap();
        Self {
            project,
            names: EventTopics {
                started: name("started"),
                completed: name("completed"),
                failed: name("failed"),
            },
            connection: Connection::new(kafka.bootstrap()),
            bootstrap: kafka.bootstrap().to_owned(),
        }
    }

    fn all(&self) -> [TopicName; 3] {
        let EventTopics {
            started,
            completed,
            failed,
        } = self.names.clone();
        [started, completed, failed]
    }

    fn publisher(&self) -> Publisher {
        Publisher::new(&self.connection, PATIENCE).unwrap()
    }

    fn source(&self) -> Source {
        Source {
            publisher: self.publisher(),
            topics: self.names.clone(),
            node_id: "node-1".to_owned(),
        }
    }

    /// Everything that is there.
    async fn records(&self) -> Vec<Record> {
        self.records_from(&Start::Earliest).await
    }

    async fn records_from(&self, start: &Start) -> Vec<Record> {
        let mut backlog = Backlog::open(&self.connection, &self.all(), start, PATIENCE)
            .await
            .unwrap();
        let mut records = Vec::new();
        while let Some(record) = backlog.next().await.unwrap() {
            records.push(record);
        }
        records
    }

    /// Writes a message that need not be an event.
    async fn write(&self, topic: &TopicName, key: &str, value: &[u8]) {
        let mut config = ClientConfig::new();
        let producer: FutureProducer = config.set("bootstrap.servers", &self.bootstrap).create().unwrap();
        let record = FutureRecord::to(topic.as_str()).key(key).payload(value);
        producer.send(record, PATIENCE).await.unwrap();
    }
}

fn envelopes(records: Vec<Record>) -> Vec<OnexEnvelopeV1> {
    records
        .into_iter()
        .map(|record| record.content.unwrap())
        .collect()
}

/// Runs on one thread, as topicctl does.
fn block_on<T>(work: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    runtime.unwrap().block_on(work)
}
