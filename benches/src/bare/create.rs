//! Creating in batches, and nothing before or after.

use std::net::SocketAddr;

use anyhow::{Result, ensure};
use kafka_protocol::messages::CreateTopicsRequest;
use kafka_protocol::messages::create_topics_request::{CreatableTopic, CreatableTopicConfig};

use super::connection::Connection;
use super::read::text;
use crate::workload::{CONFIGS, PARTITIONS, RECORDS};

/// The controller refuses requests that make more records.
const MOST_RECORDS: usize = 10_000;

const TIMEOUT_MS: i32 = 60_000;

/// How much the brokers are asked to answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answer {
    /// That the topics are created.
    Brief,
    /// The newest version: with every config of every topic (KIP-525), as clients get it that do not
    /// choose.
    Full,
}

impl Answer {
    fn newest_version(self) -> i16 {
        match self {
            Self::Brief => 4,
            Self::Full => i16::MAX,
        }
    }
}

/// Creates the topics and returns with the last acknowledgement. Any broker passes them on to the
/// controller.
pub fn create(bootstrap: &[SocketAddr], names: &[String], replication: i16, answer: Answer) -> Result<()> {
    let version = answer.newest_version();
    let mut connection = Connection::open(bootstrap)?;
    for batch in names.chunks(MOST_RECORDS / RECORDS) {
        let topics = batch.iter().map(|name| topic(name, replication)).collect();
        let request = CreateTopicsRequest::default()
            .with_topics(topics)
            .with_timeout_ms(TIMEOUT_MS);
        let answer = connection.call_at_most(&request, version)?;
        ensure!(answer.topics.len() == batch.len(), "the answer leaves topics out");
        for topic in &answer.topics {
            let (name, code) = (&topic.name, topic.error_code);
            ensure!(
                code == 0,
                "creating {name:?}: error {code} {:?}",
                topic.error_message
            );
        }
    }
    Ok(())
}

fn topic(name: &str, replication: i16) -> CreatableTopic {
    let configs = CONFIGS.iter().map(|(key, value)| {
        CreatableTopicConfig::default()
            .with_name(text(key))
            .with_value(Some(text(value)))
    });
    CreatableTopic::default()
        .with_name(text(name).into())
        .with_num_partitions(PARTITIONS)
        .with_replication_factor(replication)
        .with_configs(configs.collect())
}
