//! Where share groups begin to read: `DescribeShareGroupOffsets` (KIP-932, Kafka 4.1), from their coordinator. Share
//! groups commit nothing, so that `OffsetFetch` knows of none, and an idle one shows here alone.

use std::sync::Arc;

use kafka_protocol::messages::describe_share_group_offsets_request::DescribeShareGroupOffsetsRequestGroup;
use kafka_protocol::messages::describe_share_group_offsets_response::DescribeShareGroupOffsetsResponseGroup;
use kafka_protocol::messages::{DescribeShareGroupOffsetsRequest, DescribeShareGroupOffsetsResponse};

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

/// How many groups one request asks for: the answer has every partition that a group ever read.
const CHUNK: usize = 200;

type ByGroup = super::ByGroup<GroupOffsets>;

impl Client {
    /// The offset at which each share group begins to read a partition; `None` where none is set yet.
    pub(crate) async fn share_offsets(
        &self,
        broker: BrokerId,
        groups: &[Listed],
        partitions: &Partitions,
        deadline: Deadline,
    ) -> ByGroup {
        let share = groups.iter().filter(|group| group.kind == GroupKind::Share);
        let names: Vec<GroupName> = super::names(share).into_iter().collect();
        if names.is_empty() {
            return ByGroup::new();
        }
        let ask = async |connection: &Connection| ask_all(connection, &names, partitions, deadline).await;
        let asked = self
            .ask_broker(broker, DescribeShareGroupOffsetsRequest::NAME, deadline, ask)
            .await;
        super::of_each_group(names, &asked, DescribeShareGroupOffsetsRequest::NAME)
    }
}

async fn ask_all(
    connection: &Connection,
    groups: &[GroupName],
    partitions: &Partitions,
    deadline: Deadline,
) -> Result<ByGroup, AdminError> {
    let mut found = ByGroup::new();
    for chunk in groups.chunks(CHUNK) {
        // No topics are all topics: those that a group reads are few.
        let group = |name: &GroupName| {
            DescribeShareGroupOffsetsRequestGroup::default()
                .with_group_id(wire_text(name).into())
                .with_topics(None)
        };
        let request =
            DescribeShareGroupOffsetsRequest::default().with_groups(chunk.iter().map(group).collect());
        let answer: DescribeShareGroupOffsetsResponse = connection.call(&request, deadline).await?;
        let each = answer.groups.iter();
        found.extend(each.map(|group| (Arc::from(&*group.group_id.0), offsets(group, partitions))));
    }
    Ok(found)
}

fn offsets(
    group: &DescribeShareGroupOffsetsResponseGroup,
    partitions: &Partitions,
) -> Result<GroupOffsets, ItemError> {
    answer::check(group.error_code, group.error_message.as_ref()).map_err(ItemError::Broker)?;
    let mut offsets = GroupOffsets::new();
    for topic in &group.topics {
        let name = TopicName::new(&topic.topic_name).ok();
        let Some(name) = name.filter(|name| partitions.contains_key(name)) else {
            continue;
        };
        for partition in &topic.partitions {
            answer::check(partition.error_code, partition.error_message.as_ref())
                .map_err(ItemError::Broker)?;
            let committed = (partition.start_offset >= 0).then_some(Committed {
                offset: partition.start_offset,
                leader_epoch: (partition.leader_epoch >= 0).then_some(partition.leader_epoch),
            });
            offsets.insert((name.clone(), partition.partition_index), committed);
        }
    }
    Ok(offsets)
}
