//! Services that are not Apache Kafka itself, by what they say of themselves. Only where the requests that a cluster
//! offers and the configs that it lists tell nothing is a service asked about by name.

use std::fmt;

use super::name::ConfigKey;
use super::observed::ClusterView;

/// A service that can be recognised.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Service {
    /// Its cluster ids begin with its name (`redpanda.` and a UUID).
    Redpanda,
    /// Apache Kafka with additions.
    ConfluentCloud,
    /// Amazon MSK, serverless or not.
    Msk,
    /// Apache Kafka, run by Aiven.
    Aiven,
    /// Azure Event Hubs.
    EventHubs,
    /// `WarpStream`, in somebody's own cloud or not.
    WarpStream,
}

/// How hosts end.
const HOSTS: [(&str, Service); 6] = [
    (".confluent.cloud", Service::ConfluentCloud),
    (".amazonaws.com", Service::Msk),
    (".amazonaws.com.cn", Service::Msk),
    (".aivencloud.com", Service::Aiven),
    (".servicebus.windows.net", Service::EventHubs),
    (".warpstream.com", Service::WarpStream),
];

impl Service {
    /// The service behind a cluster, where the cluster tells.
    pub fn recognise(cluster: &ClusterView) -> Option<Self> {
        if cluster.id.starts_with("redpanda.") {
            return Some(Self::Redpanda);
        }
        let hosts = cluster.brokers.values().map(|broker| &broker.host);
        hosts
            .flat_map(|host| HOSTS.iter().filter(|(end, _)| host.ends_with(end)))
            .map(|(_, service)| *service)
            .next()
    }

    /// Whether it is known to create nothing where `CreateTopics` says `validate_only`: Apache Kafka's own code, and
    /// Redpanda's (`create_topics_handler`).
    pub fn honours_validate_only(self) -> bool {
        match self {
            Self::Redpanda | Self::ConfluentCloud | Self::Msk | Self::Aiven => true,
            Self::EventHubs | Self::WarpStream => false,
        }
    }
}

/// Configs of Apache Kafka that Redpanda takes and does not keep (`allowlist_topic_noop_confs`, 23.1 to 25.2).
const NOT_KEPT_BY_REDPANDA: [&str; 12] = [
    "file.delete.delay.ms",
    "flush.messages",
    "follower.replication.throttled.replicas",
    "index.interval.bytes",
    "leader.replication.throttled.replicas",
    "message.downconversion.enable",
    "message.format.version",
    "min.insync.replicas",
    "preallocate",
    "segment.index.bytes",
    "segment.jitter.ms",
    "unclean.leader.election.enable",
];

impl Service {
    /// Whether it is known to take a config and not to keep it.
    pub fn drops(self, key: &ConfigKey) -> bool {
        self == Self::Redpanda && NOT_KEPT_BY_REDPANDA.contains(&key.as_str())
    }
}

impl fmt::Display for Service {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Redpanda => "Redpanda",
            Self::ConfluentCloud => "Confluent Cloud",
            Self::Msk => "Amazon MSK",
            Self::Aiven => "Aiven",
            Self::EventHubs => "Azure Event Hubs",
            Self::WarpStream => "WarpStream",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Broker, BrokerId, ClusterHealth, RegisteredBrokers};

    fn cluster(id: &str, host: &str) -> ClusterView {
        let broker = Broker {
            host: host.into(),
            port: 9092,
            rack: None,
        };
        ClusterView {
            id: id.into(),
            controller: None,
            brokers: [(BrokerId(1), broker)].into(),
            registered: RegisteredBrokers::AtLeast(1),
            fenced: std::collections::BTreeSet::new(),
            metadata_version: None,
            health: ClusterHealth::default(),
        }
    }

    #[test]
    fn services_are_recognised_by_their_ids_and_hosts() {
        let service = |id, host| Service::recognise(&cluster(id, host));
        assert_eq!(service("redpanda.5f0c2a4e", "10.0.0.1"), Some(Service::Redpanda));
        let msk = "boot-a1b2c3.c1.kafka-serverless.eu-west-1.amazonaws.com";
        assert_eq!(service("x", msk), Some(Service::Msk));
        assert_eq!(
            service("lkc-1", "b0-pkc-1.eu-west-1.aws.confluent.cloud"),
            Some(Service::ConfluentCloud)
        );
        assert_eq!(
            service("x", "ns.servicebus.windows.net"),
            Some(Service::EventHubs)
        );
        assert_eq!(service("MkU3OEVBNTcwNTJENDM2Qg", "kafka-1.example.org"), None);
        // Somebody's own host that only contains the name.
        assert_eq!(service("x", "confluent.cloud.example.org"), None);
    }
}
