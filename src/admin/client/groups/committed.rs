//! What groups committed: `OffsetFetch`, from their coordinator.

use std::collections::BTreeMap;
use std::sync::Arc;

use kafka_protocol::messages::offset_fetch_request::{
    OffsetFetchRequestGroup, OffsetFetchRequestTopic, OffsetFetchRequestTopics,
};
use kafka_protocol::messages::{OffsetFetchRequest, OffsetFetchResponse};

use super::super::api::Api;
use super::super::connection::Connection;
use super::super::reading::left_out;
use super::super::retry::Deadline;
use super::super::{Client, answer, wire_text};
use super::listing::Listed;
use super::{Committed, Partitions};
use crate::admin::{AdminError, ItemError};
use crate::model::{BrokerId, GroupName, TopicName};

/// The first version that asks for several groups at once (KIP-709, Kafka 3.0).
const SEVERAL: i16 = 8;

/// A broker answers for every partition of every group, also where nothing was committed.
const MOST_ENTRIES: usize = 50_000;

type ByGroup = BTreeMap<GroupName, Result<Committed, ItemError>>;

impl Client {
    /// In the order of the groups.
    pub(super) async fn committed(
        &self,
        broker: BrokerId,
        groups: &[Listed],
        partitions: &Partitions,
        deadline: Deadline,
    ) -> Vec<Result<Committed, ItemError>> {
        let names: Vec<GroupName> = super::names(groups).into_iter().collect();
        let ask = async |connection: &Connection| ask_all(connection, &names, partitions, deadline).await;
        let asked = self
            .ask_broker(broker, OffsetFetchRequest::NAME, deadline, ask)
            .await;
        let of = |listed: &Listed| match &asked {
            Ok((connection, found)) => found
                .get(&listed.name)
                .cloned()
                .unwrap_or_else(|| Err(left_out(OffsetFetchRequest::NAME, connection))),
            Err(error) => Err(ItemError::Request(error.clone())),
        };
        groups.iter().map(of).collect()
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

/// An answer for one partition: its number, the offset (-1 for none), the error.
type Entry<'a> = (&'a str, i32, i64, i16);

fn read(answer: &OffsetFetchResponse) -> ByGroup {
    let of_group = |group: &kafka_protocol::messages::offset_fetch_response::OffsetFetchResponseGroup| {
        let entries = group.topics.iter().flat_map(|topic| {
            let each = topic.partitions.iter();
            each.map(|p| {
                (
                    &*topic.name.0,
                    p.partition_index,
                    p.committed_offset,
                    p.error_code,
                )
            })
        });
        (Arc::from(&*group.group_id.0), offsets(group.error_code, entries))
    };
    answer.groups.iter().map(of_group).collect()
}

fn read_old(answer: &OffsetFetchResponse) -> Result<Committed, ItemError> {
    let entries = answer.topics.iter().flat_map(|topic| {
        let each = topic.partitions.iter();
        each.map(|p| {
            (
                &*topic.name.0,
                p.partition_index,
                p.committed_offset,
                p.error_code,
            )
        })
    });
    offsets(answer.error_code, entries)
}

fn offsets<'a>(error: i16, entries: impl Iterator<Item = Entry<'a>>) -> Result<Committed, ItemError> {
    answer::check(error, None).map_err(ItemError::Broker)?;
    let mut committed = Committed::new();
    for (name, index, offset, error) in entries {
        answer::check(error, None).map_err(ItemError::Broker)?;
        let Ok(name) = TopicName::new(name) else {
            continue;
        };
        if offset >= 0 {
            committed.insert((name, index), offset);
        }
    }
    Ok(committed)
}
