//! The contract on the cluster in memory.

use topicctl::admin::memory::{MemoryCluster, Operation, Records, Scope};
use topicctl::model::{BrokerId, TopicName};

use crate::suite::{self, BROKER_FILE, Cluster, Kind, Release};

struct InMemory {
    cluster: MemoryCluster,
    prefix: String,
}

impl Cluster for InMemory {
    type Client = MemoryCluster;

    async fn of(kind: Kind, check: &str) -> Self {
        let cluster = match kind {
            Kind::One | Kind::Guarded => MemoryCluster::new(1),
            Kind::Three | Kind::ThreeAlone => MemoryCluster::new(3),
            Kind::Configured => {
                let lines = BROKER_FILE.iter();
                lines
                    .fold(MemoryCluster::builder(), |builder, (key, value)| {
                        builder.broker_file(key, value)
                    })
                    .build()
            }
        };
        Self {
            cluster,
            prefix: check.to_owned(),
        }
    }

    fn client(&self) -> &MemoryCluster {
        &self.cluster
    }

    fn release(&self) -> Release {
        Release::NEWEST
    }

    fn prefix(&self) -> &str {
        &self.prefix
    }

    async fn append(&self, topic: &TopicName, partition: i32, records: u32, timestamp: i64) {
        let partition = usize::try_from(partition).unwrap();
        self.cluster.append(topic.as_str(), partition, records, timestamp);
    }

    async fn append_keyed(&self, topic: &TopicName, partition: i32, records: u32, timestamp: i64) {
        let partition = usize::try_from(partition).unwrap();
        let records = Records::new(records, timestamp).keyed();
        self.cluster.append_records(topic.as_str(), partition, records);
    }

    async fn commit(&self, group: &str, topic: &TopicName, partition: i32, offset: i64) {
        self.cluster.commit(group, topic.as_str(), partition, offset);
    }

    async fn trim(&self, topic: &TopicName, partition: i32, before: i64) {
        let partition = usize::try_from(partition).unwrap();
        self.cluster.trim(topic.as_str(), partition, before);
    }

    fn stop(&self, broker: BrokerId) {
        self.cluster.stop(broker);
    }

    fn start(&self, broker: BrokerId) {
        self.cluster.start(broker);
    }

    fn set_for_all_brokers(&self, key: &str, value: &str) {
        self.cluster.set_broker_config(Scope::Cluster, key, Some(value));
    }

    fn deny(&self, denials: &[(Operation, &str)]) {
        self.cluster.deny_broker_configs();
        for (operation, group) in denials {
            self.cluster
                .deny(*operation, &format!("{}.{group}*", self.prefix));
        }
    }
}

contract_on!(InMemory);
