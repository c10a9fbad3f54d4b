//! Who is at work in groups: `DescribeGroups` for classic groups, `ConsumerGroupDescribe` for those that
//! the coordinator assigns (KIP-848).

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use kafka_protocol::messages::consumer_group_describe_response::Member;
use kafka_protocol::messages::describe_groups_response::DescribedGroup;
use kafka_protocol::messages::{ConsumerGroupDescribeRequest, DescribeGroupsRequest};

use super::super::api::Api;
use super::super::connection::Connection;
use super::super::retry::Deadline;
use super::super::{Client, answer, wire_text};
use super::Members;
use super::assignment;
use super::listing::Listed;
use crate::admin::{AdminError, ItemError};
use crate::model::{BrokerId, GroupKind, GroupName, TopicName};

/// How many groups one request describes: an answer carries the metadata of every member.
const CHUNK: usize = 200;

type ByGroup = BTreeMap<GroupName, Result<Members, ItemError>>;

impl Client {
    /// Of the groups that can be described and are not at rest.
    pub(super) async fn members(&self, broker: BrokerId, groups: &[Listed], deadline: Deadline) -> ByGroup {
        let awake = |kind: GroupKind| {
            let of_kind = groups
                .iter()
                .filter(move |group| group.kind == kind && !group.is_at_rest());
            of_kind.map(|group| Arc::clone(&group.name)).collect::<Vec<_>>()
        };
        let (classic, consumer) = (awake(GroupKind::Classic), awake(GroupKind::Consumer));
        let (mut found, more) = tokio::join!(
            self.classic_members(broker, &classic, deadline),
            self.consumer_members(broker, &consumer, deadline),
        );
        found.extend(more);
        found
    }

    async fn classic_members(&self, broker: BrokerId, groups: &[GroupName], deadline: Deadline) -> ByGroup {
        let mut found = ByGroup::new();
        for chunk in groups.chunks(CHUNK) {
            let ids = chunk.iter().map(|group| wire_text(group).into()).collect();
            let request = DescribeGroupsRequest::default().with_groups(ids);
            let ask = async |connection: &Connection| connection.call(&request, deadline).await;
            match self
                .ask_broker(broker, DescribeGroupsRequest::NAME, deadline, ask)
                .await
            {
                Ok((_, answer)) => found.extend(answer.groups.iter().map(classic)),
                Err(error) => found.extend(failed(chunk, &error)),
            }
        }
        found
    }

    async fn consumer_members(&self, broker: BrokerId, groups: &[GroupName], deadline: Deadline) -> ByGroup {
        let mut found = ByGroup::new();
        for chunk in groups.chunks(CHUNK) {
            let ids = chunk.iter().map(|group| wire_text(group).into()).collect();
            let request = ConsumerGroupDescribeRequest::default().with_group_ids(ids);
            let ask = async |connection: &Connection| connection.call(&request, deadline).await;
            match self
                .ask_broker(broker, ConsumerGroupDescribeRequest::NAME, deadline, ask)
                .await
            {
                Ok((_, answer)) => found.extend(answer.groups.iter().map(|group| {
                    let error = answer::check(group.error_code, group.error_message.as_ref());
                    let members = error
                        .map_err(ItemError::Broker)
                        .map(|()| consumer(&group.members));
                    (Arc::from(&*group.group_id.0), members)
                })),
                Err(error) => found.extend(failed(chunk, &error)),
            }
        }
        found
    }
}

fn failed(groups: &[GroupName], error: &AdminError) -> ByGroup {
    let failed = |group: &GroupName| (Arc::clone(group), Err(ItemError::Request(error.clone())));
    groups.iter().map(failed).collect()
}

fn classic(group: &DescribedGroup) -> (GroupName, Result<Members, ItemError>) {
    let checked = answer::check(group.error_code, group.error_message.as_ref()).map_err(ItemError::Broker);
    let each = group.members.iter().map(|member| {
        let mut topics = assignment::topics(&member.member_metadata);
        topics.extend(assignment::topics(&member.member_assignment));
        topics
    });
    (Arc::from(&*group.group_id.0), checked.map(|()| count(each)))
}

fn consumer(members: &[Member]) -> Members {
    count(members.iter().map(|member| {
        let assigned = member
            .assignment
            .topic_partitions
            .iter()
            .map(|topic| &topic.topic_name);
        let names = member.subscribed_topic_names.iter().chain(assigned);
        names.filter_map(|name| TopicName::new(name).ok()).collect()
    }))
}

/// A member that subscribes to a topic and is assigned partitions of it counts once.
fn count(members: impl Iterator<Item = BTreeSet<TopicName>>) -> Members {
    let mut counted = Members::new();
    for topic in members.flatten() {
        *counted.entry(topic).or_default() += 1;
    }
    counted
}
