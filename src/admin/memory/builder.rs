//! Clusters with settings of their own.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::MemoryCluster;
use super::configs::BrokerConfigs;
use super::state::{BrokerState, State};
use crate::model::{Broker, BrokerId};

/// What a cluster is to be like, before it is there.
#[derive(Debug, Clone)]
pub struct Builder {
    cluster_id: Arc<str>,
    racks: Vec<Option<Arc<str>>>,
    file: BTreeMap<String, Arc<str>>,
}

impl Default for Builder {
    fn default() -> Self {
        Self {
            cluster_id: "bWVtb3J5LWNsdXN0ZXItMQ".into(),
            racks: Vec::new(),
            file: BTreeMap::new(),
        }
        .brokers(1)
    }
}

impl Builder {
    /// This many brokers, numbered from 1, each in a rack of its own: `rack-1`, `rack-2`…
    #[must_use]
    pub fn brokers(self, brokers: i32) -> Self {
        let racks = (1..=brokers)
            .map(|id| Some(format!("rack-{id}").into()))
            .collect();
        Self { racks, ..self }
    }

    /// As many brokers as there are racks here, numbered from 1; `None` is a broker without a rack.
    #[must_use]
    pub fn racks(self, racks: &[Option<&str>]) -> Self {
        let racks = racks.iter().map(|rack| rack.map(Arc::from)).collect();
        Self { racks, ..self }
    }

    /// The cluster's id.
    #[must_use]
    pub fn cluster_id(self, id: &str) -> Self {
        Self {
            cluster_id: id.into(),
            ..self
        }
    }

    /// A line of every broker's properties file, such as `num.partitions` or `log.retention.hours`.
    #[must_use]
    pub fn broker_file(mut self, key: &str, value: &str) -> Self {
        self.file.insert(key.to_owned(), value.into());
        self
    }

    /// The cluster. As one that was formatted by Kafka 4.1 or later, it has `min.insync.replicas` set
    /// cluster-wide at run time (eligible leader replicas, KIP-966).
    pub fn build(self) -> MemoryCluster {
        let broker = |(id, rack): (i32, Option<Arc<str>>)| {
            let view = Broker {
                host: "127.0.0.1".into(),
                port: 19_091_u16.saturating_add(u16::try_from(id).unwrap_or(0)),
                rack,
            };
            let state = BrokerState {
                view,
                alive: true,
                is_cordoned: false,
            };
            (BrokerId(id), state)
        };
        let brokers = (1..).zip(self.racks).map(broker).collect();
        let configs = BrokerConfigs {
            file: self.file,
            cluster: BTreeMap::from([("min.insync.replicas".to_owned(), "1".into())]),
            single: BTreeMap::new(),
        };
        MemoryCluster::from_state(State::new(self.cluster_id, brokers, configs))
    }
}
