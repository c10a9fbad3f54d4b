//! Who is at work in groups: `DescribeGroups` for classic groups, `ConsumerGroupDescribe` for those that
//! the coordinator assigns (KIP-848).

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use kafka_protocol::error::ResponseError;
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
use crate::admin::{AdminError, BrokerError, ItemError};
use crate::model::{BrokerId, GroupKind, GroupName, TopicName, printable};

/// How many groups one request describes: an answer carries the metadata of every member.
const CHUNK: usize = 200;

/// Kafka's name of the state in which everybody knows what to read.
const STABLE: &str = "Stable";
/// The protocol of groups whose members read topics.
const CONSUMERS: &str = "consumer";

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
    let checked = answer::check(group.error_code, group.error_message.as_ref());
    let members = checked.and_then(|()| members_of(group));
    (Arc::from(&*group.group_id.0), members.map_err(ItemError::Broker))
}

/// A coordinator tells what members read only while the group is stable. In the midst of a rebalance it
/// leaves that empty, and somebody who reads a topic must not be taken for nobody.
fn members_of(group: &DescribedGroup) -> Result<Members, BrokerError> {
    if !group.members.is_empty() && &*group.group_state != STABLE {
        let state = printable(&group.group_state);
        let why = format!("the group is {state}, and what its members read is not told meanwhile");
        return Err(answer::broker_error(
            ResponseError::RebalanceInProgress,
            Some(&why),
        ));
    }
    let each = group.members.iter().map(|member| {
        let read = assignment::topics(&member.member_metadata);
        let assigned = assignment::topics(&member.member_assignment);
        Some(read?.into_iter().chain(assigned?).collect())
    });
    match each.collect::<Option<Vec<_>>>() {
        Some(each) => Ok(count(each.into_iter())),
        // Connect's workers and others use groups for other things than topics.
        None if &*group.protocol_type != CONSUMERS => Ok(Members::new()),
        None => {
            let why = "what its members read is written in a way that is not understood";
            Err(answer::broker_error(
                ResponseError::InconsistentGroupProtocol,
                Some(why),
            ))
        }
    }
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

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use kafka_protocol::messages::describe_groups_response::DescribedGroupMember;
    use kafka_protocol::protocol::StrBytes;

    use super::*;

    const READS_ORDERS: &[u8] = b"\0\x01\0\0\0\x01\0\x06orders\xff\xff\xff\xff\0\0\0\0";

    /// A group of one member, and what is told of it.
    fn told(state: &'static str, protocol: &'static str, metadata: &'static [u8]) -> String {
        let member = DescribedGroupMember::default().with_member_metadata(Bytes::from_static(metadata));
        let group = DescribedGroup::default()
            .with_group_state(StrBytes::from_static_str(state))
            .with_protocol_type(StrBytes::from_static_str(protocol))
            .with_members(vec![member]);
        match classic(&group).1 {
            Ok(members) => format!("{members:?}"),
            Err(error) => error.to_string(),
        }
    }

    #[test]
    fn what_members_read_is_known_of_a_stable_group_only() {
        assert_eq!(told("Stable", "consumer", READS_ORDERS), "{\"orders\": 1}");
        for state in ["PreparingRebalance", "CompletingRebalance"] {
            let said = format!(
                "the group is {state}, and what its members read is not told meanwhile (REBALANCE_IN_PROGRESS)"
            );
            assert_eq!(told(state, "consumer", b""), said);
        }
    }

    #[test]
    fn what_is_not_understood_is_not_taken_for_nothing() {
        assert_eq!(
            told("Stable", "consumer", b"noise"),
            "what its members read is written in a way that is not understood (INCONSISTENT_GROUP_PROTOCOL)"
        );
        assert_eq!(told("Stable", "connect", b"noise"), "{}");
    }
}
