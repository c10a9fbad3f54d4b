//! Which brokers there are.

use std::net::SocketAddr;

use anyhow::Result;
use kafka_protocol::messages::MetadataRequest;

use super::connection::Connection;
use crate::loopback;

/// What there is to say of a cluster before it is measured.
#[derive(Debug)]
pub struct Facts {
    /// How many brokers are alive.
    pub brokers: usize,
    /// The cluster's `metadata.version`, which grows with Kafka's releases.
    pub metadata_level: Option<i16>,
    /// How many topics there are that do not belong to Kafka itself.
    pub topics: usize,
}

/// Asks the cluster for what is in [`Facts`].
pub fn facts(bootstrap: &[SocketAddr]) -> Result<Facts> {
    let mut connection = Connection::open(bootstrap)?;
    let everything = MetadataRequest::default().with_topics(None);
    let answer = connection.call(&everything)?;
    Ok(Facts {
        brokers: brokers(&mut connection)?.len(),
        metadata_level: connection.features.get("metadata.version").copied(),
        topics: answer.topics.iter().filter(|topic| !topic.is_internal).count(),
    })
}

/// The brokers' addresses, which have to be on this machine like those that were given.
pub(super) fn brokers(connection: &mut Connection) -> Result<Vec<SocketAddr>> {
    let no_topics = MetadataRequest::default().with_topics(Some(Vec::new()));
    let answer = connection.call(&no_topics)?;
    let mut all = Vec::new();
    for broker in &answer.brokers {
        let found = loopback::addresses(&format!("{}:{}", broker.host, broker.port))?;
        all.extend(found.first());
    }
    Ok(all)
}

/// A connection to each of the brokers, the one that is open already among them.
pub(super) fn connect_all(first: Connection, brokers: &[SocketAddr]) -> Result<Vec<Connection>> {
    let mut all = Vec::new();
    for broker in brokers.iter().filter(|broker| **broker != first.remote()) {
        all.push(Connection::open(&[*broker])?);
    }
    if brokers.contains(&first.remote()) {
        all.push(first);
    }
    Ok(all)
}
