//! Offsets: `ListOffsets`, from the leader of each partition. Leaders move, so what they refuse is
//! asked again of whoever leads by then.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use futures_util::future::join_all;
use kafka_protocol::error::ResponseError;
use kafka_protocol::messages::list_offsets_request::{ListOffsetsPartition, ListOffsetsTopic};
use kafka_protocol::messages::list_offsets_response::ListOffsetsPartitionResponse;
use kafka_protocol::messages::{BrokerId as WireBrokerId, ListOffsetsRequest, ListOffsetsResponse};

use crate::admin::client::dispatch::Client;
use crate::admin::client::dispatch::topic_reads::left_out;
use crate::admin::client::protocol::answer;
use crate::admin::client::protocol::api::Api;
use crate::admin::client::protocol::wire_text;
use crate::admin::client::session::connection::Connection;
use crate::admin::client::transport::deadline::{Backoff, Deadline};
use crate::admin::{AdminError, ItemError, Offset, OffsetPoint};
use crate::model::{AclOperation, BrokerId, RequiredAcl, TopicMetadata, TopicName};

/// A partition of a topic.
pub(crate) type Key = (TopicName, i32);

/// How long a broker may look into remote storage for an offset (version 10 on).
const REMOTE_LOOKUP_MS: i32 = 10_000;

pub(crate) type Offsets = BTreeMap<Key, Result<Offset, ItemError>>;

/// How many partitions one request asks for.
pub(super) const CHUNK: usize = 2_000;

/// An election takes a moment. A partition that has no leader for so long has lost its brokers, and
/// whoever asks wants to hear that and not wait out the whole deadline.
pub(super) const ELECTION: Duration = Duration::from_secs(5);

impl Client {
    pub(crate) async fn read_offsets(
        &self,
        partitions: &BTreeMap<TopicName, Vec<i32>>,
        point: OffsetPoint,
    ) -> Result<Offsets, AdminError> {
        let deadline = self.deadline();
        let election = deadline.at_most(ELECTION);
        let mut backoff = Backoff::new();
        let mut settled = Offsets::new();
        let mut open = keys(partitions);
        loop {
            let (by_leader, leaderless) = match self.leaders(&open, deadline).await {
                Ok(sorted) => sorted,
                Err(error) if settled.is_empty() => return Err(error),
                // What was met before tells more than that the cluster no longer says who leads.
                Err(_) => return Ok(settled),
            };
            settled.extend(leaderless);
            settled.extend(self.ask_leaders(by_leader, point, deadline).await);
            let limit = |error: &ItemError| if is_leaderless(error) { election } else { deadline };
            open.retain(|key| match settled.get(key) {
                Some(Err(error)) => is_retriable(error) && !limit(error).is_over(),
                Some(Ok(_)) | None => false,
            });
            if open.is_empty() || !backoff.wait(deadline).await {
                return Ok(settled);
            }
        }
    }

    /// Who leads each partition now, and what there is to say of those that nobody leads.
    pub(crate) async fn leaders(
        &self,
        open: &BTreeSet<Key>,
        deadline: Deadline,
    ) -> Result<(BTreeMap<BrokerId, Vec<Key>>, Offsets), AdminError> {
        let names: BTreeSet<&TopicName> = open.iter().map(|(topic, _)| topic).collect();
        let names: Vec<TopicName> = names.into_iter().cloned().collect();
        let topics = self.read_metadata(&names, deadline.remaining()).await?;
        let mut by_leader: BTreeMap<BrokerId, Vec<Key>> = BTreeMap::new();
        let mut leaderless = Offsets::new();
        for key in open {
            let leader = match topics.get(&key.0) {
                Some(Ok(Some(topic))) => leader(topic, key.1),
                Some(Err(error)) => Err(error.clone()),
                Some(Ok(None)) | None => Err(error_of(ResponseError::UnknownTopicOrPartition)),
            };
            match leader {
                Ok(leader) => by_leader.entry(leader).or_default().push(key.clone()),
                Err(error) => {
                    leaderless.insert(key.clone(), Err(error));
                }
            }
        }
        Ok((by_leader, leaderless))
    }

    async fn ask_leaders(
        &self,
        by_leader: BTreeMap<BrokerId, Vec<Key>>,
        point: OffsetPoint,
        deadline: Deadline,
    ) -> Offsets {
        let offsets = RefCell::new(Offsets::new());
        let leaders = by_leader.into_iter().map(async |(leader, keys)| {
            for chunk in keys.chunks(CHUNK) {
                let answer = self.ask_leader(leader, chunk, point, deadline).await;
                offsets.borrow_mut().extend(answer);
            }
        });
        join_all(leaders).await;
        offsets.into_inner()
    }

    async fn ask_leader(
        &self,
        leader: BrokerId,
        keys: &[Key],
        point: OffsetPoint,
        deadline: Deadline,
    ) -> Offsets {
        let request = request(keys, point);
        let answer = match self
            .routing
            .broker(leader, ListOffsetsRequest::NAME, deadline)
            .await
        {
            Ok(connection) => match knows(&connection, point) {
                Ok(()) => connection
                    .call(&request, deadline)
                    .await
                    .map(|answer| (connection, answer)),
                Err(error) => Err(error),
            },
            Err(error) => Err(error),
        };
        match answer {
            Ok((connection, answer)) => read(keys, &answer, &connection),
            Err(error) => {
                if !matches!(error, AdminError::Unsupported { .. }) {
                    self.routing.forget().await;
                }
                let failed = |key: &Key| (key.clone(), Err(ItemError::Request(error.clone())));
                keys.iter().map(failed).collect()
            }
        }
    }
}

pub(super) fn keys(partitions: &BTreeMap<TopicName, Vec<i32>>) -> BTreeSet<Key> {
    let all = partitions
        .iter()
        .flat_map(|(topic, indexes)| indexes.iter().map(|index| (topic.clone(), *index)));
    all.collect()
}

fn leader(topic: &TopicMetadata, index: i32) -> Result<BrokerId, ItemError> {
    let partition = topic.partitions.iter().find(|partition| partition.index == index);
    let partition = partition.ok_or_else(|| error_of(ResponseError::UnknownTopicOrPartition))?;
    partition
        .leader
        .ok_or_else(|| error_of(ResponseError::LeaderNotAvailable))
}

fn error_of(error: ResponseError) -> ItemError {
    ItemError::Broker(answer::broker_error(error, None))
}

fn is_leaderless(error: &ItemError) -> bool {
    matches!(error, ItemError::Broker(error) if error.code == ResponseError::LeaderNotAvailable.code())
}

fn is_retriable(error: &ItemError) -> bool {
    match error {
        ItemError::Broker(error) => answer::is_retriable(error),
        ItemError::Request(error) => answer::is_worth_another_broker(error),
    }
}

/// Older brokers take the numbers of later releases for times.
fn knows(connection: &Connection, point: OffsetPoint) -> Result<(), AdminError> {
    let (version, since) = match point {
        OffsetPoint::Earliest | OffsetPoint::Latest | OffsetPoint::AtOrAfter(_) => return Ok(()),
        OffsetPoint::LatestTime => (7, "3.0"),
        OffsetPoint::EarliestLocal => (8, "3.6"),
    };
    if connection.version::<ListOffsetsRequest>()? >= version {
        return Ok(());
    }
    Err(AdminError::Unsupported {
        request: ListOffsetsRequest::NAME,
        broker: connection.peer(),
        since,
    })
}

/// The wire's numbers: -2 the first, -1 the next.
fn timestamp(point: OffsetPoint) -> i64 {
    match point {
        OffsetPoint::Earliest => -2,
        OffsetPoint::Latest => -1,
        OffsetPoint::LatestTime => -3,
        OffsetPoint::EarliestLocal => -4,
        // Negative numbers mean other things on the wire; no record is older than 1970.
        OffsetPoint::AtOrAfter(milliseconds) => milliseconds.max(0),
    }
}

pub(super) fn request(keys: &[Key], point: OffsetPoint) -> ListOffsetsRequest {
    let mut topics: BTreeMap<&TopicName, Vec<ListOffsetsPartition>> = BTreeMap::new();
    for (topic, index) in keys {
        let partition = ListOffsetsPartition::default()
            .with_partition_index(*index)
            .with_timestamp(timestamp(point));
        topics.entry(topic).or_default().push(partition);
    }
    let topics = topics.into_iter().map(|(topic, partitions)| {
        ListOffsetsTopic::default()
            .with_name(wire_text(topic.as_str()).into())
            .with_partitions(partitions)
    });
    // Replica -1 is a client.
    ListOffsetsRequest::default()
        .with_replica_id(WireBrokerId(-1))
        .with_timeout_ms(REMOTE_LOOKUP_MS)
        .with_topics(topics.collect())
}

pub(super) fn read(keys: &[Key], answer: &ListOffsetsResponse, connection: &Connection) -> Offsets {
    let missing = |key: &Key| (key.clone(), Err(left_out(ListOffsetsRequest::NAME, connection)));
    let mut offsets: Offsets = keys.iter().map(missing).collect();
    for topic in &answer.topics {
        let Ok(name) = TopicName::new(&topic.name) else {
            continue;
        };
        for partition in &topic.partitions {
            if let Some(known) = offsets.get_mut(&(name.clone(), partition.partition_index)) {
                *known = offset(partition, &name);
            }
        }
    }
    offsets
}

fn offset(partition: &ListOffsetsPartitionResponse, topic: &TopicName) -> Result<Offset, ItemError> {
    let right = || RequiredAcl::on_topic(AclOperation::Describe, topic);
    answer::check(partition.error_code, None).map_err(|error| ItemError::Broker(error.needing(right)))?;
    let known = |number: i64| (number >= 0).then_some(number);
    Ok(Offset {
        offset: known(partition.offset),
        timestamp: known(partition.timestamp),
        leader_epoch: (partition.leader_epoch >= 0).then_some(partition.leader_epoch),
    })
}
