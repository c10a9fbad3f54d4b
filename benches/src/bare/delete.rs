//! Clearing up after a measurement.

use std::net::SocketAddr;

use anyhow::{Result, ensure};
use kafka_protocol::messages::DeleteTopicsRequest;
use kafka_protocol::messages::delete_topics_request::DeleteTopicState;

use super::connection::Connection;
use super::read::text;

/// A deletion costs the controller a record for each topic and partition.
const BATCH: usize = 1_000;

const TIMEOUT_MS: i32 = 60_000;

/// `UNKNOWN_TOPIC_OR_PARTITION`: there is nothing to clear up.
const UNKNOWN_TOPIC: i16 = 3;

/// Deletes topics by name, and returns when the controller has acknowledged it.
pub fn delete(bootstrap: &[SocketAddr], names: &[String]) -> Result<()> {
    let mut connection = Connection::open(bootstrap)?;
    for batch in names.chunks(BATCH) {
        let topics = batch
            .iter()
            .map(|name| DeleteTopicState::default().with_name(Some(text(name).into())));
        let request = DeleteTopicsRequest::default()
            .with_topics(topics.collect())
            .with_timeout_ms(TIMEOUT_MS);
        for topic in connection.call(&request)?.responses {
            let gone = [0, UNKNOWN_TOPIC].contains(&topic.error_code);
            ensure!(gone, "deleting {:?}: error {}", topic.name, topic.error_code);
        }
    }
    Ok(())
}
