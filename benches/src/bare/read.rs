//! The read behind a diff: metadata by name, and all configs.

use std::net::SocketAddr;
use std::thread;

use anyhow::{Result, anyhow, ensure};
use kafka_protocol::messages::describe_configs_request::DescribeConfigsResource;
use kafka_protocol::messages::metadata_request::MetadataRequestTopic;
use kafka_protocol::messages::{
    DescribeConfigsRequest, DescribeConfigsResponse, MetadataRequest, MetadataResponse,
};
use kafka_protocol::protocol::StrBytes;

use super::cluster;
use super::connection::Connection;

/// How many topics one request asks for, at most.
const CHUNK: usize = 1_000;

/// Fewer topics are read sooner from the broker that is connected already.
const WORTH_SPREADING: usize = 250;

/// How many chunks are on their way on one connection: the broker works on one while the answer to
/// the other is decoded here.
const IN_FLIGHT: usize = 2;

/// Kafka's number for topics among the things that have configs.
const TOPIC: i8 = 2;

/// How much was read.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub struct Answers {
    /// Topics whose metadata and configs came.
    pub topics: usize,
    /// Config entries of all topics together.
    pub configs: usize,
}

/// Reads the topics: chunks over all brokers, one thread a broker. A topic that is missing is an
/// error.
pub fn read(bootstrap: &[SocketAddr], names: &[String]) -> Result<Answers> {
    let mut first = Connection::open(bootstrap)?;
    if names.len() <= WORTH_SPREADING {
        return ask(&mut first, &[names]);
    }
    let brokers = cluster::brokers(&mut first)?;
    let share = names.len().div_ceil(brokers.len().max(1));
    let chunks: Vec<&[String]> = names.chunks(share.clamp(WORTH_SPREADING, CHUNK)).collect();
    let connections = cluster::connect_all(first, &brokers)?;
    let shares = connections.len();
    thread::scope(|scope| {
        let mut threads = Vec::new();
        for (index, mut connection) in connections.into_iter().enumerate() {
            let share: Vec<&[String]> = chunks.iter().skip(index).step_by(shares).copied().collect();
            threads.push(scope.spawn(move || ask(&mut connection, &share)));
        }
        let mut all = Answers::default();
        for thread in threads {
            let part = thread
                .join()
                .map_err(|_| anyhow!("a reading thread panicked"))??;
            all.topics += part.topics;
            all.configs += part.configs;
        }
        Ok(all)
    })
}

fn ask(connection: &mut Connection, chunks: &[&[String]]) -> Result<Answers> {
    let mut answers = Answers::default();
    for (index, chunk) in chunks.iter().enumerate() {
        connection.send(&metadata_request(chunk))?;
        connection.send(&configs_request(chunk))?;
        if index + 1 >= IN_FLIGHT {
            answers.receive(connection)?;
        }
    }
    for _ in 0..chunks.len().min(IN_FLIGHT - 1) {
        answers.receive(connection)?;
    }
    Ok(answers)
}

/// Metadata of topics by name; asking creates none.
pub(super) fn metadata_request(names: &[String]) -> MetadataRequest {
    let topics = names
        .iter()
        .map(|name| MetadataRequestTopic::default().with_name(Some(text(name).into())));
    MetadataRequest::default()
        .with_topics(Some(topics.collect()))
        .with_allow_auto_topic_creation(false)
}

fn configs_request(names: &[String]) -> DescribeConfigsRequest {
    let resources = names.iter().map(|name| {
        DescribeConfigsResource::default()
            .with_resource_type(TOPIC)
            .with_resource_name(text(name))
            .with_configuration_keys(None)
    });
    DescribeConfigsRequest::default().with_resources(resources.collect())
}

pub(super) fn text(name: &str) -> StrBytes {
    StrBytes::from_string(name.to_owned())
}

impl Answers {
    fn receive(&mut self, connection: &mut Connection) -> Result<()> {
        let metadata: MetadataResponse = connection.receive::<MetadataRequest>()?;
        for topic in &metadata.topics {
            ensure!(
                topic.error_code == 0,
                "{:?}: error {}",
                topic.name,
                topic.error_code
            );
        }
        let configs: DescribeConfigsResponse = connection.receive::<DescribeConfigsRequest>()?;
        for topic in &configs.results {
            let (name, code) = (&topic.resource_name, topic.error_code);
            ensure!(
                code == 0,
                "configs of {name}: error {code} {:?}",
                topic.error_message
            );
            self.configs += topic.configs.len();
        }
        ensure!(
            metadata.topics.len() == configs.results.len(),
            "metadata and configs differ"
        );
        self.topics += metadata.topics.len();
        Ok(())
    }
}
