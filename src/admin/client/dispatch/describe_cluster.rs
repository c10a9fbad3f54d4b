//! What the cluster says of itself: `DescribeCluster` where there is one (Kafka 2.8), `Metadata`
//! without topics before.

use std::collections::{BTreeMap, BTreeSet};

use kafka_protocol::messages::describe_cluster_response::DescribeClusterBroker;
use kafka_protocol::messages::metadata_response::MetadataResponseBroker;
use kafka_protocol::messages::{
    DescribeClusterRequest, DescribeClusterResponse, MetadataRequest, MetadataResponse,
};

use crate::admin::AdminError;
use crate::admin::client::protocol::answer;
use crate::admin::client::protocol::api::Api;
use crate::admin::client::session::connection::Connection;
use crate::admin::client::transport::deadline::Deadline;
use crate::model::{Broker, BrokerId, ClusterHealth, ClusterView, RegisteredBrokers, printable};

/// The version of `DescribeCluster` that can tell of fenced brokers (KIP-1073, Kafka 4.0).
const TELLS_FENCED: i16 = 2;

/// The cluster as the broker at the other end lists it.
pub(crate) async fn describe_cluster(
    connection: &Connection,
    deadline: Deadline,
) -> Result<ClusterView, AdminError> {
    let Ok(version) = connection.version::<DescribeClusterRequest>() else {
        let request = MetadataRequest::default()
            .with_topics(Some(Vec::new()))
            .with_allow_auto_topic_creation(false);
        let answer = connection.call(&request, deadline).await?;
        return from_metadata(&answer, connection);
    };
    let fenced = version >= TELLS_FENCED;
    let request = DescribeClusterRequest::default().with_include_fenced_brokers(fenced);
    let answer = connection.call(&request, deadline).await?;
    described(&answer, fenced, connection)
}

fn described(
    answer: &DescribeClusterResponse,
    fenced_told: bool,
    connection: &Connection,
) -> Result<ClusterView, AdminError> {
    answer::check(answer.error_code, answer.error_message.as_ref()).map_err(|error| AdminError::Refused {
        request: DescribeClusterRequest::NAME,
        broker: connection.peer(),
        error,
    })?;
    let fenced = answer.brokers.iter().filter(|broker| broker.is_fenced);
    let fenced = fenced.map(|broker| BrokerId(broker.broker_id.0));
    let alive = answer.brokers.iter().filter(|broker| !broker.is_fenced);
    let brokers: BTreeMap<BrokerId, Broker> = alive.filter_map(described_broker).collect();
    let registered = if fenced_told {
        // A broker that is named twice is still one.
        let ids: BTreeSet<i32> = answer.brokers.iter().map(|broker| broker.broker_id.0).collect();
        RegisteredBrokers::Exactly(ids.len())
    } else {
        RegisteredBrokers::AtLeast(brokers.len())
    };
    Ok(ClusterView {
        id: printable(&answer.cluster_id).into(),
        controller: known(answer.controller_id.0),
        brokers,
        registered,
        fenced: fenced.collect(),
        metadata_version: connection.metadata_version(),
        health: ClusterHealth::default(),
    })
}

fn described_broker(broker: &DescribeClusterBroker) -> Option<(BrokerId, Broker)> {
    let described = Broker {
        host: printable(&broker.host).into(),
        port: u16::try_from(broker.port).ok()?,
        rack: broker.rack.as_deref().map(|rack| printable(rack).into()),
    };
    Some((BrokerId(broker.broker_id.0), described))
}

fn from_metadata(answer: &MetadataResponse, connection: &Connection) -> Result<ClusterView, AdminError> {
    answer::check(answer.error_code, None).map_err(|error| AdminError::Refused {
        request: MetadataRequest::NAME,
        broker: connection.peer(),
        error,
    })?;
    let brokers: BTreeMap<BrokerId, Broker> = answer.brokers.iter().filter_map(metadata_broker).collect();
    Ok(ClusterView {
        id: printable(answer.cluster_id.as_deref().unwrap_or_default()).into(),
        controller: known(answer.controller_id.0),
        registered: RegisteredBrokers::AtLeast(brokers.len()),
        fenced: BTreeSet::new(),
        metadata_version: connection.metadata_version(),
        brokers,
        health: ClusterHealth::default(),
    })
}

fn metadata_broker(broker: &MetadataResponseBroker) -> Option<(BrokerId, Broker)> {
    let described = Broker {
        host: printable(&broker.host).into(),
        port: u16::try_from(broker.port).ok()?,
        rack: broker.rack.as_deref().map(|rack| printable(rack).into()),
    };
    Some((BrokerId(broker.node_id.0), described))
}

/// -1 stands for none.
fn known(id: i32) -> Option<BrokerId> {
    (id >= 0).then_some(BrokerId(id))
}
