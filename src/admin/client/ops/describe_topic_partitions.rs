//! Eligible leader replicas: `DescribeTopicPartitions` (KIP-966).

use std::collections::BTreeMap;

use kafka_protocol::error::ResponseError;
use kafka_protocol::messages::DescribeTopicPartitionsRequest;
use kafka_protocol::messages::describe_topic_partitions_request::{Cursor, TopicRequest};
use kafka_protocol::messages::describe_topic_partitions_response::DescribeTopicPartitionsResponseTopic;

use crate::admin::client::dispatch::Client;
use crate::admin::client::dispatch::topic_reads::{ChunkSize, Said};
use crate::admin::client::protocol::answer;
use crate::admin::client::protocol::api::Api;
use crate::admin::client::protocol::wire_text;
use crate::admin::client::session::connection::Connection;
use crate::admin::client::transport::deadline::Deadline;
use crate::admin::{AdminError, EligibleLeaders, ItemError, PerTopic};
use crate::model::{AclOperation, BrokerId, RequiredAcl, TopicName};

const CHUNK: ChunkSize = ChunkSize {
    most: 500,
    least: 500,
};

/// As many as a broker tells at once by default (`max.request.partition.size.limit`).
const PARTITIONS: i32 = 2_000;

impl Client {
    pub(crate) async fn read_eligible_leaders(
        &self,
        names: &[TopicName],
    ) -> Result<PerTopic<EligibleLeaders>, AdminError> {
        let limit = self.deadline().remaining();
        let name = DescribeTopicPartitionsRequest::NAME;
        match self.read_topics(name, names, CHUNK, limit, ask).await {
            Err(AdminError::Unsupported { .. }) => {
                let none = |name: &TopicName| (name.clone(), Ok(EligibleLeaders::new()));
                Ok(names.iter().map(none).collect())
            }
            answered => answered,
        }
    }
}

/// Page by page, as long as there is one more.
async fn ask(
    connection: &Connection,
    names: &[TopicName],
    deadline: Deadline,
) -> Result<Said<EligibleLeaders>, AdminError> {
    let topic = |name: &TopicName| TopicRequest::default().with_name(wire_text(name.as_str()).into());
    let mut told: BTreeMap<TopicName, Result<EligibleLeaders, ItemError>> = BTreeMap::new();
    let mut cursor: Option<Cursor> = None;
    loop {
        let request = DescribeTopicPartitionsRequest::default()
            .with_topics(names.iter().map(topic).collect())
            .with_response_partition_limit(PARTITIONS)
            .with_cursor(cursor.clone());
        let page = connection.call(&request, deadline).await?;
        for topic in &page.topics {
            add(topic, &mut told);
        }
        let next = page.next_cursor.map(|next| {
            Cursor::default()
                .with_topic_name(next.topic_name)
                .with_partition_index(next.partition_index)
        });
        // A page that does not get on would be asked for again and again.
        if next.is_none() || next == cursor {
            return Ok(told.into_iter().collect());
        }
        cursor = next;
    }
}

fn add(
    topic: &DescribeTopicPartitionsResponseTopic,
    told: &mut BTreeMap<TopicName, Result<EligibleLeaders, ItemError>>,
) {
    let Some(name) = topic.name.as_ref().and_then(|name| TopicName::new(name).ok()) else {
        return;
    };
    let known = told
        .entry(name.clone())
        .or_insert_with(|| Ok(EligibleLeaders::new()));
    match answer::check(topic.error_code, None) {
        Err(error) if error.code == ResponseError::UnknownTopicOrPartition.code() => {}
        Err(error) => {
            let right = || RequiredAcl::on_topic(AclOperation::Describe, &name);
            *known = Err(ItemError::Broker(error.needing(right)));
        }
        Ok(()) => {
            if let Ok(known) = known {
                for partition in &topic.partitions {
                    let eligible = partition.eligible_leader_replicas.iter().flatten();
                    let eligible = eligible.map(|id| BrokerId(id.0)).collect();
                    known.insert(partition.partition_index, eligible);
                }
            }
        }
    }
}
