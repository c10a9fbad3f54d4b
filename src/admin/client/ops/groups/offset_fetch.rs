//! What groups committed: `OffsetFetch`, from their coordinator.

use std::sync::Arc;

use kafka_protocol::messages::offset_fetch_request::{
    OffsetFetchRequestGroup, OffsetFetchRequestTopic, OffsetFetchRequestTopics,
};
use kafka_protocol::messages::{OffsetFetchRequest, OffsetFetchResponse};

use super::list_groups::Listed;
use super::{GroupOffsets, Partitions};
use crate::admin::client::dispatch::Client;
use crate::admin::client::protocol::answer;
use crate::admin::client::protocol::api::Api;
use crate::admin::client::protocol::wire_text;
use crate::admin::client::session::connection::Connection;
use crate::admin::client::transport::deadline::Deadline;
use crate::admin::{AdminError, ItemError};
use crate::model::{BrokerId, Committed, GroupKind, GroupName, TopicName};

/// The first version that asks for several groups at once (KIP-709, Kafka 3.0).
const SEVERAL: i16 = 8;

/// A broker answers for every partition of every group, also where nothing was committed.
const MOST_ENTRIES: usize = 50_000;

type ByGroup = super::ByGroup<GroupOffsets>;

impl Client {
    /// What groups of all kinds but share groups committed.
    pub(crate) async fn committed_offsets(
        &self,
        broker: BrokerId,
        groups: &[Listed],
        partitions: &Partitions,
        deadline: Deadline,
    ) -> ByGroup {
        let commits = groups.iter().filter(|group| group.kind != GroupKind::Share);
        let names: Vec<GroupName> = super::names(commits).into_iter().collect();
        if names.is_empty() {
            return ByGroup::new();
        }
        let ask = async |connection: &Connection| ask_all(connection, &names, partitions, deadline).await;
        let asked = self
            .ask_broker(broker, OffsetFetchRequest::NAME, deadline, ask)
            .await;
        super::of_each_group(names, &asked, OffsetFetchRequest::NAME)
    }
}

async fn ask_all(
    connection: &Connection,
    groups: &[GroupName],
    partitions: &Partitions,
    deadline: Deadline,
) -> Result<ByGroup, AdminError> {
    let entries: usize = partitions.values().map(Vec::len).sum();
    let together = if connection.version::<OffsetFetchRequest>()? >= SEVERAL {
        (MOST_ENTRIES / entries.max(1)).max(1)
    } else {
        1
    };
    let mut found = ByGroup::new();
    for chunk in groups.chunks(together) {
        let several = connection.version::<OffsetFetchRequest>()? >= SEVERAL;
        let request = if several {
            request(chunk, partitions)
        } else {
            old_request(&chunk[0], partitions)
        };
        let answer = connection.call(&request, deadline).await?;
        if several {
            found.extend(read(&answer));
        } else {
            found.insert(Arc::clone(&chunk[0]), read_old(&answer));
        }
    }
    Ok(found)
}

fn request(groups: &[GroupName], partitions: &Partitions) -> OffsetFetchRequest {
    let topics = partitions.iter().map(|(name, indexes)| {
        OffsetFetchRequestTopics::default()
            .with_name(wire_text(name.as_str()).into())
            .with_partition_indexes(indexes.clone())
    });
    let topics: Vec<_> = topics.collect();
    let groups = groups.iter().map(|group| {
        OffsetFetchRequestGroup::default()
            .with_group_id(wire_text(group).into())
            .with_member_id(None)
            .with_member_epoch(-1)
            .with_topics(Some(topics.clone()))
    });
    OffsetFetchRequest::default().with_groups(groups.collect())
}

fn old_request(group: &GroupName, partitions: &Partitions) -> OffsetFetchRequest {
    let topics = partitions.iter().map(|(name, indexes)| {
        OffsetFetchRequestTopic::default()
            .with_name(wire_text(name.as_str()).into())
            .with_partition_indexes(indexes.clone())
    });
    OffsetFetchRequest::default()
        .with_group_id(wire_text(group).into())
        .with_topics(Some(topics.collect()))
}

/// An answer for one partition.
struct Entry<'a> {
    topic: &'a str,
    index: i32,
    /// -1 for none.
    offset: i64,
    /// -1 where it is not told.
    leader_epoch: i32,
    error: i16,
}

fn read(answer: &OffsetFetchResponse) -> ByGroup {
    let of_group = |group: &kafka_protocol::messages::offset_fetch_response::OffsetFetchResponseGroup| {
        let entries = group.topics.iter().flat_map(|topic| {
            let each = topic.partitions.iter();
            each.map(|partition| Entry {
                topic: &topic.name.0,
                index: partition.partition_index,
                offset: partition.committed_offset,
                leader_epoch: partition.committed_leader_epoch,
                error: partition.error_code,
            })
        });
        (Arc::from(&*group.group_id.0), offsets(group.error_code, entries))
    };
    answer.groups.iter().map(of_group).collect()
}

fn read_old(answer: &OffsetFetchResponse) -> Result<GroupOffsets, ItemError> {
    let entries = answer.topics.iter().flat_map(|topic| {
        let each = topic.partitions.iter();
        each.map(|partition| Entry {
            topic: &topic.name.0,
            index: partition.partition_index,
            offset: partition.committed_offset,
            leader_epoch: partition.committed_leader_epoch,
            error: partition.error_code,
        })
    });
    offsets(answer.error_code, entries)
}

fn offsets<'a>(error: i16, entries: impl Iterator<Item = Entry<'a>>) -> Result<GroupOffsets, ItemError> {
    answer::check(error, None).map_err(ItemError::Broker)?;
    let mut offsets = GroupOffsets::new();
    for entry in entries {
        answer::check(entry.error, None).map_err(ItemError::Broker)?;
        let Ok(name) = TopicName::new(entry.topic) else {
            continue;
        };
        if entry.offset >= 0 {
            let committed = Committed {
                offset: entry.offset,
                leader_epoch: (entry.leader_epoch >= 0).then_some(entry.leader_epoch),
            };
            offsets.insert((name, entry.index), Some(committed));
        }
    }
    Ok(offsets)
}
