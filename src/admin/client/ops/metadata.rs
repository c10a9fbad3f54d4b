//! Topics and their partitions: `Metadata`, always by name where names are known, and never in a way
//! that creates a topic.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use kafka_protocol::error::ResponseError;
use kafka_protocol::messages::metadata_request::MetadataRequestTopic;
use kafka_protocol::messages::metadata_response::{MetadataResponsePartition, MetadataResponseTopic};
use kafka_protocol::messages::{BrokerId as WireBrokerId, MetadataRequest, MetadataResponse};

use crate::admin::client::dispatch::Client;
use crate::admin::client::dispatch::attempts::Attempts;
use crate::admin::client::dispatch::topic_reads::{ChunkSize, Said, invalid_response, of_each};
use crate::admin::client::protocol::answer;
use crate::admin::client::protocol::api::Api;
use crate::admin::client::protocol::wire_text;
use crate::admin::client::session::connection::Connection;
use crate::admin::client::transport::deadline::Deadline;
use crate::admin::{AdminError, BrokerError, ItemError, PerTopic};
use crate::model::{AclOperation, BrokerId, Partition, RequiredAcl, TopicId, TopicMetadata, TopicName};

/// Metadata of a topic is small; what counts is the number of partitions, which is not known before.
const CHUNK: ChunkSize = ChunkSize {
    most: 2_000,
    least: 1_000,
};

impl Client {
    pub(crate) async fn read_metadata(
        &self,
        names: &[TopicName],
        limit: Duration,
    ) -> Result<PerTopic<Option<TopicMetadata>>, AdminError> {
        let answers = self.read_topics(MetadataRequest::NAME, names, CHUNK, limit, named);
        Ok(self.without_down(answers.await?))
    }

    pub(crate) async fn read_metadata_on(
        &self,
        broker: BrokerId,
        names: &[TopicName],
    ) -> Result<PerTopic<Option<TopicMetadata>>, AdminError> {
        let names: Vec<TopicName> = names
            .iter()
            .cloned()
            .collect::<BTreeSet<_>>()
            .into_iter()
            .collect();
        let mut answers = PerTopic::new();
        for chunk in names.chunks(CHUNK.most) {
            let deadline = self.deadline();
            let (connection, answer) = self
                .ask_broker(broker, MetadataRequest::NAME, deadline, async |connection| {
                    named(connection, chunk, deadline).await
                })
                .await?;
            answers.extend(of_each(MetadataRequest::NAME, &connection, chunk, answer));
        }
        Ok(self.without_down(answers))
    }

    /// Who is down leads nothing, whatever brokers remember.
    fn without_down(&self, answers: PerTopic<Option<TopicMetadata>>) -> PerTopic<Option<TopicMetadata>> {
        let down = self.routing.down();
        if down.is_empty() {
            return answers;
        }
        let without = |topic: Option<TopicMetadata>| topic.map(|topic| topic.without_brokers(&down));
        let each = answers.into_iter();
        each.map(|(name, answer)| (name, answer.map(without))).collect()
    }

    pub(crate) async fn read_all_metadata(&self) -> Result<BTreeMap<TopicName, TopicMetadata>, AdminError> {
        let deadline = self.deadline();
        let mut attempts = Attempts::new();
        loop {
            let asked = match self.routing.any(deadline).await {
                Ok(connection) => all(&connection, deadline).await,
                Err(error) => Err(error),
            };
            match asked {
                Ok(topics) => {
                    let down = self.routing.down();
                    let topics = topics.into_iter();
                    let topics = topics.map(|(name, topic)| (name, topic.without_brokers(&down)));
                    return Ok(topics.collect());
                }
                Err(error) => attempts.again(error, deadline).await?,
            }
        }
    }
}

async fn named(
    connection: &Connection,
    names: &[TopicName],
    deadline: Deadline,
) -> Result<Said<Option<TopicMetadata>>, AdminError> {
    let topics = names
        .iter()
        .map(|name| MetadataRequestTopic::default().with_name(Some(wire_text(name.as_str()).into())));
    let request = request().with_topics(Some(topics.collect()));
    let answer = send(connection, &request, deadline).await?;
    let described = answer.topics.iter().filter_map(|topic| one(topic, connection));
    Ok(described.collect())
}

/// A topic that may not be described, or is in the middle of something, is left out, as the request
/// leaves out what it may not show.
async fn all(
    connection: &Connection,
    deadline: Deadline,
) -> Result<BTreeMap<TopicName, TopicMetadata>, AdminError> {
    let answer = send(connection, &request().with_topics(None), deadline).await?;
    let topics = answer.topics.iter().filter_map(|topic| one(topic, connection));
    Ok(topics
        .filter_map(|(name, topic)| Some((name, topic.ok()??)))
        .collect())
}

fn request() -> MetadataRequest {
    MetadataRequest::default().with_allow_auto_topic_creation(false)
}

async fn send(
    connection: &Connection,
    request: &MetadataRequest,
    deadline: Deadline,
) -> Result<MetadataResponse, AdminError> {
    let answer = connection.call(request, deadline).await?;
    answer::check(answer.error_code, None).map_err(|error| AdminError::Refused {
        request: MetadataRequest::NAME,
        broker: connection.peer(),
        error,
    })?;
    Ok(answer)
}

type Described = (TopicName, Result<Option<TopicMetadata>, ItemError>);

/// `None` for a name that no topic can have: nobody asked for it.
fn one(topic: &MetadataResponseTopic, connection: &Connection) -> Option<Described> {
    let name = TopicName::new(topic.name.as_ref()?.as_str()).ok()?;
    let described = described(topic, &name, connection);
    Some((name, described))
}

fn described(
    topic: &MetadataResponseTopic,
    name: &TopicName,
    connection: &Connection,
) -> Result<Option<TopicMetadata>, ItemError> {
    match answer::check(topic.error_code, None) {
        Err(error) if is_unknown(&error) => return Ok(None),
        // Topics without a leader carry this code beside all else that is known of them.
        Err(error) if is_leaderless(&error) && !topic.partitions.is_empty() => {}
        Err(error) => {
            let right = || RequiredAcl::on_topic(AclOperation::Describe, name);
            return Err(ItemError::Broker(error.needing(right)));
        }
        Ok(()) => {}
    }
    let topic = metadata(topic);
    if (0..)
        .zip(&topic.partitions)
        .all(|(index, partition)| partition.index == index)
    {
        return Ok(Some(topic));
    }
    // The number of partitions is what growth is planned by.
    let reason = "its partitions are not numbered from 0, each once";
    Err(invalid_response(MetadataRequest::NAME, connection, reason))
}

fn is_unknown(error: &BrokerError) -> bool {
    error.code == ResponseError::UnknownTopicOrPartition.code()
}

fn is_leaderless(error: &BrokerError) -> bool {
    error.code == ResponseError::LeaderNotAvailable.code()
}

fn metadata(topic: &MetadataResponseTopic) -> TopicMetadata {
    let mut partitions: Vec<Partition> = topic.partitions.iter().map(partition).collect();
    partitions.sort_unstable_by_key(|partition| partition.index);
    TopicMetadata {
        id: TopicId(topic.topic_id),
        internal: topic.is_internal,
        partitions,
    }
}

/// The partition's own error code says only that there is no leader, or that a replica is down; both
/// show in what it carries.
fn partition(partition: &MetadataResponsePartition) -> Partition {
    Partition {
        index: partition.partition_index,
        leader: Some(BrokerId(partition.leader_id.0)).filter(|leader| leader.0 >= 0),
        replicas: ids(&partition.replica_nodes),
        isr: ids(&partition.isr_nodes),
        offline: ids(&partition.offline_replicas),
    }
}

fn ids(nodes: &[WireBrokerId]) -> Vec<BrokerId> {
    nodes.iter().map(|node| BrokerId(node.0)).collect()
}
