//! Sizes of replicas: `DescribeLogDirs`, which each broker answers for its own disks.

use std::collections::BTreeMap;

use futures_util::future::join_all;
use kafka_protocol::ResponseError;
use kafka_protocol::messages::describe_log_dirs_request::DescribableLogDirTopic;
use kafka_protocol::messages::{DescribeLogDirsRequest, DescribeLogDirsResponse};

use crate::admin::client::dispatch::Client;
use crate::admin::client::protocol::answer;
use crate::admin::client::protocol::api::Api;
use crate::admin::client::protocol::log_dirs_message::{LogDirsRequest, LogDirsResponse};
use crate::admin::client::protocol::wire_text;
use crate::admin::client::session::connection::Connection;
use crate::admin::client::transport::deadline::Deadline;
use crate::admin::{AdminError, ItemError, ReplicaSizes};
use crate::model::{AclOperation, BrokerId, BrokerStorage, Disks, RequiredAcl, TopicName};

/// From this version on a principal without the right is told so; before, it is shown no log folder.
const TELLS_REFUSAL: i16 = 3;

type Sizes = BTreeMap<(TopicName, i32), i64>;

impl Client {
    pub(crate) async fn read_replica_sizes(
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

    /// Asks about no topic: the log folders are told all the same.
    pub(crate) async fn read_storage(
        &self,
    ) -> Result<BTreeMap<BrokerId, Result<BrokerStorage, ItemError>>, AdminError> {
        let deadline = self.deadline();
        let view = self.routing.view(deadline).await?;
        let request = request(&BTreeMap::new());
        let each = view.brokers.keys().copied();
        let ask = async |broker: BrokerId| (broker, self.ask_storage(broker, &request, deadline).await);
        Ok(join_all(each.map(ask)).await.into_iter().collect())
    }

    async fn ask_storage(
        &self,
        broker: BrokerId,
        request: &LogDirsRequest,
        deadline: Deadline,
    ) -> Result<BrokerStorage, ItemError> {
        let ask = async |connection: &Connection| connection.call(request, deadline).await;
        let asked = self.ask_broker(broker, LogDirsRequest::NAME, deadline, ask).await;
        let (_, response) = asked.map_err(ItemError::Request)?;
        answer::check(response.answer.error_code, None).map_err(|error| {
            ItemError::Broker(error.needing(|| RequiredAcl::on_cluster(AclOperation::Describe)))
        })?;
        Ok(BrokerStorage {
            disks: disks(&response.answer),
            is_cordoned: is_cordoned(&response),
        })
    }

    async fn ask_sizes(
        &self,
        broker: BrokerId,
        request: &LogDirsRequest,
        deadline: Deadline,
    ) -> Result<Sizes, ItemError> {
        let ask = async |connection: &Connection| connection.call(request, deadline).await;
        let asked = self.ask_broker(broker, LogDirsRequest::NAME, deadline, ask).await;
        let (connection, response) = asked.map_err(ItemError::Request)?;
        let version = connection
            .version::<LogDirsRequest>()
            .map_err(ItemError::Request)?;
        sizes(&response.answer, version)
    }
}

/// All disks together; `None` where the broker does not say.
fn disks(answer: &DescribeLogDirsResponse) -> Option<Disks> {
    let known = answer.results.iter().filter(|folder| folder.total_bytes >= 0);
    known.fold(None, |sum: Option<Disks>, folder| {
        let sum = sum.unwrap_or_default();
        Some(Disks {
            total: sum.total.saturating_add(folder.total_bytes),
            usable: sum.usable.saturating_add(folder.usable_bytes.max(0)),
        })
    })
}

/// As the controller judges it (`BrokerRegistration.hasUncordonedDirs`, Kafka 4.4): no log folder in use is left.
fn is_cordoned(response: &LogDirsResponse) -> bool {
    let folders = response.answer.results.iter().zip(&response.cordoned);
    let mut in_use = folders.filter(|(folder, _)| folder.error_code == 0).peekable();
    in_use.peek().is_some() && in_use.all(|(_, is_cordoned)| *is_cordoned)
}

fn request(partitions: &BTreeMap<TopicName, Vec<i32>>) -> LogDirsRequest {
    let topics = partitions.iter().map(|(name, indexes)| {
        DescribableLogDirTopic::default()
            .with_topic(wire_text(name.as_str()).into())
            .with_partitions(indexes.clone())
    });
    LogDirsRequest(DescribeLogDirsRequest::default().with_topics(Some(topics.collect())))
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
