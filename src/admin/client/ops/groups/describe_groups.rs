//! Who is at work in groups: `DescribeGroups` for classic groups, `ConsumerGroupDescribe` for those that
//! the coordinator assigns (KIP-848), `ShareGroupDescribe` for share groups (KIP-932).

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use kafka_protocol::error::ResponseError;
use kafka_protocol::messages::consumer_group_describe_response::Member;
use kafka_protocol::messages::describe_groups_response::DescribedGroup;
use kafka_protocol::messages::share_group_describe_response::Member as ShareMember;
use kafka_protocol::messages::{
    ConsumerGroupDescribeRequest, DescribeGroupsRequest, ShareGroupDescribeRequest,
};

use super::Members;
use super::assignment::{self, Reads};
use super::list_groups::Listed;
use crate::admin::client::dispatch::Client;
use crate::admin::client::protocol::answer;
use crate::admin::client::protocol::api::Api;
use crate::admin::client::protocol::wire_text;
use crate::admin::client::session::connection::Connection;
use crate::admin::client::transport::deadline::Deadline;
use crate::admin::{AdminError, BrokerError, ItemError};
use crate::model::{BrokerId, GroupKind, GroupMember, GroupName, TopicName, printable};

/// How many groups one request describes: an answer carries the metadata of every member.
const CHUNK: usize = 200;

/// Kafka's name of the state in which everybody knows what to read.
const STABLE: &str = "Stable";
/// The protocol of groups whose members read topics.
const CONSUMERS: &str = "consumer";

type ByGroup = super::ByGroup<Members>;

impl Client {
    /// Of the groups that can be described and are not at rest.
    pub(crate) async fn members(&self, broker: BrokerId, groups: &[Listed], deadline: Deadline) -> ByGroup {
        let awake = |kind: GroupKind| {
            let of_kind = groups
                .iter()
                .filter(move |group| group.kind == kind && !group.is_at_rest());
            of_kind.map(|group| Arc::clone(&group.name)).collect::<Vec<_>>()
        };
        let (classic, consumer) = (awake(GroupKind::Classic), awake(GroupKind::Consumer));
        let share = awake(GroupKind::Share);
        let (mut found, consumer, share) = tokio::join!(
            self.classic_members(broker, &classic, deadline),
            self.consumer_members(broker, &consumer, deadline),
            self.share_members(broker, &share, deadline),
        );
        found.extend(consumer);
        found.extend(share);
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

impl Client {
    async fn share_members(&self, broker: BrokerId, groups: &[GroupName], deadline: Deadline) -> ByGroup {
        let mut found = ByGroup::new();
        for chunk in groups.chunks(CHUNK) {
            let ids = chunk.iter().map(|group| wire_text(group).into()).collect();
            let request = ShareGroupDescribeRequest::default().with_group_ids(ids);
            let ask = async |connection: &Connection| connection.call(&request, deadline).await;
            match self
                .ask_broker(broker, ShareGroupDescribeRequest::NAME, deadline, ask)
                .await
            {
                Ok((_, answer)) => found.extend(answer.groups.iter().map(|group| {
                    let error = answer::check(group.error_code, group.error_message.as_ref());
                    let members = error.map_err(ItemError::Broker).map(|()| share(&group.members));
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
        let read = assignment::subscribed(&member.member_metadata)?;
        let assigned = assignment::assigned(&member.member_assignment)?;
        let who = Who::new(&member.member_id, &member.client_id, &member.client_host);
        Some((who, together(read, assigned)))
    });
    match each.collect::<Option<Vec<_>>>() {
        Some(each) => Ok(by_topic(each)),
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
    let each = members.iter().map(|member| {
        let read = member.subscribed_topic_names.iter();
        let read = read.filter_map(|name| Some((TopicName::new(name).ok()?, BTreeSet::new())));
        let assigned = member.assignment.topic_partitions.iter();
        let assigned = assigned.filter_map(|topic| {
            let partitions = topic.partitions.iter().copied().collect();
            Some((TopicName::new(&topic.topic_name).ok()?, partitions))
        });
        let who = Who::new(&member.member_id, &member.client_id, &member.client_host);
        (who, together(read.collect(), assigned.collect()))
    });
    by_topic(each.collect())
}

/// Members of a share group may be assigned the same partitions.
fn share(members: &[ShareMember]) -> Members {
    let each = members.iter().map(|member| {
        let read = member.subscribed_topic_names.iter();
        let read = read.filter_map(|name| Some((TopicName::new(name).ok()?, BTreeSet::new())));
        let assigned = member.assignment.topic_partitions.iter();
        let assigned = assigned.filter_map(|topic| {
            let partitions = topic.partitions.iter().copied().collect();
            Some((TopicName::new(&topic.topic_name).ok()?, partitions))
        });
        let who = Who::new(&member.member_id, &member.client_id, &member.client_host);
        (who, together(read.collect(), assigned.collect()))
    });
    by_topic(each.collect())
}

/// A member, whatever it reads.
struct Who {
    id: Arc<str>,
    client: Arc<str>,
    host: Arc<str>,
}

impl Who {
    /// Java prints an address without a name as `/10.0.0.7`, and brokers pass that on.
    fn new(id: &str, client: &str, host: &str) -> Self {
        let host = host.strip_prefix('/').unwrap_or(host);
        Self {
            id: printable(id).into(),
            client: printable(client).into(),
            host: printable(host).into(),
        }
    }
}

/// A member that subscribes to a topic and is assigned partitions of it counts once.
fn together(mut read: Reads, assigned: Reads) -> Reads {
    for (topic, partitions) in assigned {
        read.entry(topic).or_default().extend(partitions);
    }
    read
}

fn by_topic(members: Vec<(Who, Reads)>) -> Members {
    let mut found: BTreeMap<TopicName, Vec<GroupMember>> = BTreeMap::new();
    for (who, reads) in members {
        for (topic, partitions) in reads {
            let member = GroupMember {
                id: Arc::clone(&who.id),
                client: Arc::clone(&who.client),
                host: Arc::clone(&who.host),
                partitions,
            };
            found.entry(topic).or_default().push(member);
        }
    }
    found
        .into_iter()
        .map(|(topic, members)| (topic, sorted(members)))
        .collect()
}

/// By their first partitions, those without any last: the order in which people look for whoever has one.
fn sorted(mut members: Vec<GroupMember>) -> Arc<[GroupMember]> {
    members.sort_by(|one, other| {
        let first = |member: &GroupMember| member.partitions.first().copied();
        let key = |member: &GroupMember| (first(member).is_none(), first(member));
        key(one).cmp(&key(other)).then_with(|| one.id.cmp(&other.id))
    });
    members.into()
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
            Ok(members) => said(&members),
            Err(error) => error.to_string(),
        }
    }

    fn said(members: &Members) -> String {
        let of_topic = |(topic, members): (&TopicName, &Arc<[GroupMember]>)| {
            let each = members.iter().map(|member| {
                let GroupMember {
                    id,
                    client,
                    host,
                    partitions,
                } = member;
                format!("{topic} {id} {client} {host} {partitions:?}")
            });
            each.collect::<Vec<_>>()
        };
        members.iter().flat_map(of_topic).collect::<Vec<_>>().join("\n")
    }

    fn member(id: &'static str, assigned: &'static [u8]) -> DescribedGroupMember {
        DescribedGroupMember::default()
            .with_member_id(StrBytes::from_static_str(id))
            .with_client_id(StrBytes::from_static_str("billing\u{1b}"))
            .with_client_host(StrBytes::from_static_str("/10.0.0.7"))
            .with_member_metadata(Bytes::from_static(READS_ORDERS))
            .with_member_assignment(Bytes::from_static(assigned))
    }

    #[test]
    fn members_come_by_their_first_partitions_those_without_any_last() {
        let has = |bytes| member("has", bytes);
        let two = has(b"\0\x01\0\0\0\x01\0\x06orders\0\0\0\x02\0\0\0\x02\0\0\0\x01\0\0\0\0");
        let zero = has(b"\0\x01\0\0\0\x01\0\x06orders\0\0\0\x01\0\0\0\0\0\0\0\0");
        let group = DescribedGroup::default()
            .with_group_state(StrBytes::from_static_str("Stable"))
            .with_members(vec![member("idle", b""), two, zero]);
        let members = classic(&group).1.expect("members");
        assert_eq!(
            said(&members),
            "orders has billing\u{fffd} 10.0.0.7 {0}\n\
             orders has billing\u{fffd} 10.0.0.7 {1, 2}\n\
             orders idle billing\u{fffd} 10.0.0.7 {}"
        );
    }

    #[test]
    fn what_members_read_is_known_of_a_stable_group_only() {
        assert_eq!(told("Stable", "consumer", READS_ORDERS), "orders    {}");
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
        assert_eq!(told("Stable", "connect", b"noise"), "");
    }
}
