//! The contract on real Kafka through the real client.

#![allow(clippy::unwrap_used, reason = "a check that cannot go on fails")]

#[macro_use]
mod suite;
pub(crate) mod wire;

use topicctl::admin::Admin;
use topicctl::admin::client::{Address, Client, ConnectOptions};
use topicctl::admin::memory::Operation;
use topicctl::model::{BrokerId, TopicName};

pub(crate) use self::suite::Release;
use self::suite::{BROKER_FILE, Cluster, Kind};
use crate::support::{Brokers, Kafka, READ_ONLY_PROPERTIES, version_under_test};

/// The release that `scripts/test --matrix` chose, or the newest.
pub(crate) fn release_under_test() -> Release {
    let Some(version) = version_under_test() else {
        return Release::NEWEST;
    };
    let mut numbers = version.split('.').map(|number| number.parse().unwrap());
    Release(numbers.next().unwrap(), numbers.next().unwrap())
}

struct OnKafka {
    kafka: Held,
    client: Client,
    prefix: String,
}

/// A cluster of all checks, or one for a check alone.
enum Held {
    Shared(&'static Kafka),
    Alone(Kafka),
}

impl OnKafka {
    fn kafka(&self) -> &Kafka {
        match &self.kafka {
            Held::Shared(kafka) => kafka,
            Held::Alone(kafka) => kafka,
        }
    }

    fn acls(&self, arguments: &[&str]) {
        self.kafka()
            .tool_output("acls", &[&["--add", "--force"], arguments].concat());
    }

    /// `host:port` of the partition's leader.
    async fn leader(&self, topic: &TopicName, partition: i32) -> String {
        let names = std::slice::from_ref(topic);
        let topic = self.client.topics(names).await.unwrap().remove(topic).unwrap();
        let partitions = topic.unwrap().unwrap().partitions;
        let leader = partitions[usize::try_from(partition).unwrap()].leader.unwrap();
        let broker = self
            .client
            .cluster()
            .await
            .unwrap()
            .brokers
            .remove(&leader)
            .unwrap();
        format!("{}:{}", broker.host, broker.port)
    }
}

impl Cluster for OnKafka {
    type Client = Client;

    async fn of(kind: Kind, check: &str) -> Self {
        let kafka = match kind {
            Kind::One => Held::Shared(Kafka::one()),
            Kind::Three => Held::Shared(Kafka::three()),
            Kind::ThreeAlone => Held::Alone(Kafka::dedicated(Brokers::Three, &[])),
            Kind::Configured => Held::Alone(Kafka::dedicated(Brokers::One, &BROKER_FILE)),
            Kind::Guarded => Held::Alone(Kafka::dedicated(Brokers::One, READ_ONLY_PROPERTIES)),
        };
        let bootstrap = match &kafka {
            Held::Shared(kafka) => kafka.bootstrap(),
            Held::Alone(kafka) => kafka.bootstrap(),
        };
        let options = ConnectOptions::new(Address::parse_list(bootstrap).unwrap());
        Self {
            client: Client::connect(options).await.unwrap(),
            kafka,
            prefix: check.replace('_', "-"),
        }
    }

    fn client(&self) -> &Client {
        &self.client
    }

    fn release(&self) -> Release {
        release_under_test()
    }

    fn prefix(&self) -> &str {
        &self.prefix
    }

    async fn append(&self, topic: &TopicName, partition: i32, records: u32, timestamp: i64) {
        let records = wire::Records::new(records, timestamp);
        wire::append(&self.leader(topic, partition).await, topic, partition, &records);
    }

    async fn append_keyed(&self, topic: &TopicName, partition: i32, records: u32, timestamp: i64) {
        let records = wire::Records::new(records, timestamp).keyed();
        wire::append(&self.leader(topic, partition).await, topic, partition, &records);
    }

    async fn commit(&self, group: &str, topic: &TopicName, partition: i32, offset: i64) {
        wire::commit(self.kafka().bootstrap(), group, topic, partition, offset);
    }

    async fn trim(&self, topic: &TopicName, partition: i32, before: i64) {
        wire::trim(&self.leader(topic, partition).await, topic, partition, before);
    }

    fn stop(&self, broker: BrokerId) {
        self.kafka().stop_broker(u8::try_from(broker.0).unwrap());
    }

    fn start(&self, broker: BrokerId) {
        self.kafka().start_broker(u8::try_from(broker.0).unwrap());
    }

    fn set_for_all_brokers(&self, key: &str, value: &str) {
        let setting = format!("{key}={value}");
        let all = ["--alter", "--entity-type", "brokers", "--entity-default"];
        self.kafka()
            .tool_output("configs", &[&all[..], &["--add-config", &setting]].concat());
    }

    /// A topic that has rules of its own is closed to whoever no rule lets in, hence the rule that lets
    /// everybody in. So is the cluster: what is not listed for it is the right to create and to delete any
    /// topic, which would make the rules of the topics void, and the right to see brokers' configs.
    fn deny(&self, denials: &[(Operation, &str)]) {
        let cluster = ["Alter", "ClusterAction", "Describe"];
        let mut rule = vec!["--allow-principal", "User:*", "--cluster"];
        rule.extend(cluster.iter().flat_map(|operation| ["--operation", operation]));
        self.acls(&rule);
        let topics = ["--resource-pattern-type", "prefixed", "--topic"];
        let all = format!("{}.", self.prefix);
        let allow = ["--allow-principal", "User:*", "--operation", "All"];
        self.acls(&[&topics[..], &[&all], &allow].concat());
        for (operation, group) in denials {
            let (operation, group) = (format!("{operation:?}"), format!("{all}{group}"));
            let deny = ["--deny-principal", "User:*", "--operation", &operation];
            self.acls(&[&topics[..], &[&group], &deny].concat());
        }
    }
}

contract_on!(OnKafka);
