//! Sizes of replicas: `DescribeLogDirs`, which each broker answers for its own disks.

use std::collections::BTreeMap;

use futures_util::future::join_all;
use kafka_protocol::ResponseError;
use kafka_protocol::messages::describe_log_dirs_request::DescribableLogDirTopic;
use kafka_protocol::messages::{DescribeLogDirsRequest, DescribeLogDirsResponse};

use super::api::Api;
use super::connection::Connection;
use super::retry::Deadline;
use super::{Client, answer, wire_text};
use crate::admin::{AdminError, ItemError, ReplicaSizes};
use crate::model::{BrokerId, Disks, TopicName};

/// From this version on a principal without the right is told so; before, it is shown no log folder.
const TELLS_REFUSAL: i16 = 3;

type Sizes = BTreeMap<(TopicName, i32), i64>;

impl Client {
    pub(super) async fn read_replica_sizes(
        &self,
        partitions: &BTreeMap<TopicName, Vec<i32>>,
    ) -> Result<ReplicaSizes, AdminError> {
        if partitions.is_empty() {
            return Ok(ReplicaSizes::new());
        }
        let deadline = self.deadline();
        let view = self.routing.view(deadline).await?;
        let request = request(partitions);
        let each = view.brokers.keys().copied();
        let ask = async |broker: BrokerId| (broker, self.ask_sizes(broker, &request, deadline).await);
        Ok(join_all(each.map(ask)).await.into_iter().collect())
    }

    /// Asks about no topic: the disks are told all the same.
    pub(super) async fn read_disks(
        &self,
    ) -> Result<BTreeMap<BrokerId, Result<Disks, ItemError>>, AdminError> {
        let deadline = self.deadline();
        let view = self.routing.view(deadline).await?;
        let request = request(&BTreeMap::new());
        let each = view.brokers.keys().copied();
        let ask = async |broker: BrokerId| (broker, self.ask_disks(broker, &request, deadline).await);
        let told = join_all(each.map(ask)).await.into_iter();
        Ok(told
            .filter_map(|(broker, disks)| Some((broker, disks.transpose()?)))
            .collect())
    }

    /// `None` where the broker does not say.
    async fn ask_disks(
        &self,
        broker: BrokerId,
        request: &DescribeLogDirsRequest,
        deadline: Deadline,
    ) -> Result<Option<Disks>, ItemError> {
        let ask = async |connection: &Connection| connection.call(request, deadline).await;
        let asked = self
            .ask_broker(broker, DescribeLogDirsRequest::NAME, deadline, ask)
            .await;
        let (_, answer) = asked.map_err(ItemError::Request)?;
        answer::check(answer.error_code, None).map_err(ItemError::Broker)?;
        let known = answer.results.iter().filter(|folder| folder.total_bytes >= 0);
        Ok(known.fold(None, |sum: Option<Disks>, folder| {
            let sum = sum.unwrap_or_default();
            Some(Disks {
                total: sum.total.saturating_add(folder.total_bytes),
                usable: sum.usable.saturating_add(folder.usable_bytes.max(0)),
            })
        }))
    }

    async fn ask_sizes(
        &self,
        broker: BrokerId,
        request: &DescribeLogDirsRequest,
        deadline: Deadline,
    ) -> Result<Sizes, ItemError> {
        let ask = async |connection: &Connection| connection.call(request, deadline).await;
        let asked = self
            .ask_broker(broker, DescribeLogDirsRequest::NAME, deadline, ask)
            .await;
        let (connection, answer) = asked.map_err(ItemError::Request)?;
        let version = connection
            .version::<DescribeLogDirsRequest>()
            .map_err(ItemError::Request)?;
        sizes(&answer, version)
    }
}

fn request(partitions: &BTreeMap<TopicName, Vec<i32>>) -> DescribeLogDirsRequest {
    let topics = partitions.iter().map(|(name, indexes)| {
        DescribableLogDirTopic::default()
            .with_topic(wire_text(name.as_str()).into())
            .with_partitions(indexes.clone())
    });
    DescribeLogDirsRequest::default().with_topics(Some(topics.collect()))
}

fn sizes(answer: &DescribeLogDirsResponse, version: i16) -> Result<Sizes, ItemError> {
    answer::check(answer.error_code, None).map_err(ItemError::Broker)?;
    if version < TELLS_REFUSAL && answer.results.is_empty() {
        let refused = answer::broker_error(ResponseError::ClusterAuthorizationFailed, None);
        return Err(ItemError::Broker(refused));
    }
    let mut sizes = Sizes::new();
    for topic in answer.results.iter().flat_map(|folder| &folder.topics) {
        let Ok(name) = TopicName::new(&topic.name) else {
            continue;
        };
        // A replica that moves between folders is there twice; the future one is not yet the replica.
        for partition in topic
            .partitions
            .iter()
            .filter(|partition| !partition.is_future_key)
        {
            sizes.insert(
                (name.clone(), partition.partition_index),
                partition.partition_size,
            );
        }
    }
    Ok(sizes)
}
