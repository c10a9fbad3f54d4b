use bytes::{Bytes, BytesMut};
use kafka_protocol::messages::alter_partition_reassignments_response::{
    ReassignablePartitionResponse, ReassignableTopicResponse,
};
use kafka_protocol::messages::api_versions_response::{ApiVersion, FinalizedFeatureKey, SupportedFeatureKey};
use kafka_protocol::messages::consumer_group_describe_response::{Assignment, Member, TopicPartitions};
use kafka_protocol::messages::create_partitions_response::CreatePartitionsTopicResult;
use kafka_protocol::messages::create_topics_response::{CreatableTopicConfigs, CreatableTopicResult};
use kafka_protocol::messages::delete_topics_response::DeletableTopicResult;
use kafka_protocol::messages::describe_cluster_response::DescribeClusterBroker;
use kafka_protocol::messages::describe_configs_response::{
    DescribeConfigsResourceResult, DescribeConfigsResult, DescribeConfigsSynonym,
};
use kafka_protocol::messages::describe_groups_response::DescribedGroupMember;
use kafka_protocol::messages::describe_log_dirs_response::{
    DescribeLogDirsPartition, DescribeLogDirsResult, DescribeLogDirsTopic,
};
use kafka_protocol::messages::describe_topic_partitions_response::{
    Cursor, DescribeTopicPartitionsResponsePartition, DescribeTopicPartitionsResponseTopic,
};
use kafka_protocol::messages::elect_leaders_response::{PartitionResult, ReplicaElectionResult};
use kafka_protocol::messages::fetch_response::{AbortedTransaction, FetchableTopicResponse, PartitionData};
use kafka_protocol::messages::incremental_alter_configs_response::AlterConfigsResourceResponse;
use kafka_protocol::messages::list_groups_response::ListedGroup;
use kafka_protocol::messages::list_offsets_response::{
    ListOffsetsPartitionResponse, ListOffsetsTopicResponse,
};
use kafka_protocol::messages::list_partition_reassignments_response::{
    OngoingPartitionReassignment, OngoingTopicReassignment,
};
use kafka_protocol::messages::metadata_response::{
    MetadataResponseBroker, MetadataResponsePartition, MetadataResponseTopic,
};
use kafka_protocol::messages::offset_fetch_response::{
    OffsetFetchResponseGroup, OffsetFetchResponsePartition, OffsetFetchResponsePartitions,
    OffsetFetchResponseTopic, OffsetFetchResponseTopics,
};
use kafka_protocol::messages::*;
use kafka_protocol::protocol::{Encodable, StrBytes};

use super::*;
use crate::admin::client::protocol::log_dirs_message::LogDirsResponse;
use crate::admin::client::session::connection::decode;

fn text(text: &'static str) -> StrBytes {
    StrBytes::from_static_str(text)
}

fn api_versions(version: i16) -> ApiVersionsResponse {
    let response = ApiVersionsResponse::default().with_api_keys(vec![ApiVersion::default(); 3]);
    if version < 3 {
        return response;
    }
    response
        .with_supported_features(vec![SupportedFeatureKey::default().with_name(text("kraft")); 2])
        .with_finalized_features_epoch(7)
        .with_finalized_features(vec![FinalizedFeatureKey::default().with_name(text("kraft"))])
        .with_zk_migration_ready(true)
        .with_unknown_tagged_field(9, Bytes::from_static(b"later"))
}

fn metadata(_: i16) -> MetadataResponse {
    let partition = MetadataResponsePartition::default()
        .with_replica_nodes(vec![BrokerId(1), BrokerId(2)])
        .with_isr_nodes(vec![BrokerId(1)]);
    let topic = MetadataResponseTopic::default()
        .with_name(Some(text("orders").into()))
        .with_partitions(vec![partition; 3]);
    MetadataResponse::default()
        .with_cluster_id(Some(text("cluster")))
        .with_brokers(vec![MetadataResponseBroker::default().with_host(text("host")); 2])
        .with_topics(vec![topic; 2])
}

fn describe_cluster(_: i16) -> DescribeClusterResponse {
    let broker = DescribeClusterBroker::default()
        .with_host(text("host"))
        .with_rack(Some(text("rack")));
    DescribeClusterResponse::default()
        .with_cluster_id(text("cluster"))
        .with_brokers(vec![broker; 3])
}

fn describe_configs(_: i16) -> DescribeConfigsResponse {
    let synonym = DescribeConfigsSynonym::default()
        .with_name(text("log.x"))
        .with_value(None);
    let config = DescribeConfigsResourceResult::default()
        .with_name(text("x"))
        .with_value(Some(text("1")))
        .with_synonyms(vec![synonym; 2]);
    let result = DescribeConfigsResult::default()
        .with_error_message(None)
        .with_resource_name(text("orders"))
        .with_configs(vec![config; 3]);
    DescribeConfigsResponse::default().with_results(vec![result; 2])
}

fn create_topics(version: i16) -> CreateTopicsResponse {
    let mut topic = CreatableTopicResult::default()
        .with_name(text("orders").into())
        .with_error_message(Some(text("words")));
    if version >= 5 {
        topic =
            topic
                .with_topic_config_error_code(29)
                .with_configs(Some(vec![CreatableTopicConfigs::default(); 2]));
    }
    CreateTopicsResponse::default().with_topics(vec![topic; 3])
}

fn create_partitions(_: i16) -> CreatePartitionsResponse {
    let result = CreatePartitionsTopicResult::default().with_name(text("orders").into());
    CreatePartitionsResponse::default().with_results(vec![result; 3])
}

fn alter_configs(_: i16) -> IncrementalAlterConfigsResponse {
    let response = AlterConfigsResourceResponse::default().with_resource_name(text("orders"));
    IncrementalAlterConfigsResponse::default().with_responses(vec![response; 3])
}

fn delete_topics(_: i16) -> DeleteTopicsResponse {
    let response = DeletableTopicResult::default().with_name(Some(text("orders").into()));
    DeleteTopicsResponse::default().with_responses(vec![response; 3])
}

fn list_offsets(_: i16) -> ListOffsetsResponse {
    let topic = ListOffsetsTopicResponse::default()
        .with_name(text("orders").into())
        .with_partitions(vec![ListOffsetsPartitionResponse::default(); 3]);
    ListOffsetsResponse::default().with_topics(vec![topic; 2])
}

fn sasl_handshake(_: i16) -> SaslHandshakeResponse {
    SaslHandshakeResponse::default().with_mechanisms(vec![text("PLAIN"), text("SCRAM-SHA-512")])
}

fn sasl_authenticate(_: i16) -> SaslAuthenticateResponse {
    SaslAuthenticateResponse::default()
        .with_error_message(Some(text("words")))
        .with_auth_bytes(Bytes::from_static(b"challenge"))
}

fn describe_topic_partitions(_: i16) -> DescribeTopicPartitionsResponse {
    let partition = DescribeTopicPartitionsResponsePartition::default()
        .with_replica_nodes(vec![1.into(), 2.into()])
        .with_eligible_leader_replicas(Some(vec![2.into()]))
        .with_last_known_elr(None);
    let topic = DescribeTopicPartitionsResponseTopic::default()
        .with_name(Some(text("orders").into()))
        .with_partitions(vec![partition; 2]);
    let next = Cursor::default()
        .with_topic_name(text("orders").into())
        .with_partition_index(2);
    DescribeTopicPartitionsResponse::default()
        .with_topics(vec![topic; 2])
        .with_next_cursor(Some(next))
}

fn describe_log_dirs(version: i16) -> LogDirsResponse {
    let topic = DescribeLogDirsTopic::default()
        .with_name(text("orders").into())
        .with_partitions(vec![DescribeLogDirsPartition::default(); 2]);
    let folder = DescribeLogDirsResult::default()
        .with_log_dir(text("/data"))
        .with_topics(vec![topic; 2]);
    let response = DescribeLogDirsResponse::default().with_results(vec![folder; 2]);
    let answer = if version < 3 {
        response
    } else {
        response.with_error_code(31)
    };
    let cordoned = if version < 5 {
        Vec::new()
    } else {
        vec![true, false]
    };
    LogDirsResponse { answer, cordoned }
}

fn list_groups(version: i16) -> ListGroupsResponse {
    let mut group = ListedGroup::default()
        .with_group_id(text("billing").into())
        .with_protocol_type(text("consumer"));
    if version >= 4 {
        group = group.with_group_state(text("Stable"));
    }
    if version >= 5 {
        group = group.with_group_type(text("classic"));
    }
    ListGroupsResponse::default().with_groups(vec![group; 3])
}

fn offset_fetch(version: i16) -> OffsetFetchResponse {
    if version < 8 {
        let topic = OffsetFetchResponseTopic::default()
            .with_name(text("orders").into())
            .with_partitions(vec![OffsetFetchResponsePartition::default(); 2]);
        return OffsetFetchResponse::default().with_topics(vec![topic; 2]);
    }
    let topic = OffsetFetchResponseTopics::default()
        .with_name(text("orders").into())
        .with_partitions(vec![OffsetFetchResponsePartitions::default(); 2]);
    let group = OffsetFetchResponseGroup::default()
        .with_group_id(text("billing").into())
        .with_topics(vec![topic; 2]);
    OffsetFetchResponse::default().with_groups(vec![group; 2])
}

fn describe_groups(_: i16) -> DescribeGroupsResponse {
    let member = DescribedGroupMember::default()
        .with_member_id(text("member"))
        .with_member_metadata(Bytes::from_static(b"metadata"))
        .with_member_assignment(Bytes::from_static(b"assignment"));
    let group = describe_groups_response::DescribedGroup::default()
        .with_group_id(text("billing").into())
        .with_members(vec![member; 2]);
    DescribeGroupsResponse::default().with_groups(vec![group; 2])
}

fn consumer_group_describe(_: i16) -> ConsumerGroupDescribeResponse {
    let topic = TopicPartitions::default()
        .with_topic_name(text("orders").into())
        .with_partitions(vec![0, 1]);
    let assignment = Assignment::default().with_topic_partitions(vec![topic; 2]);
    let member = Member::default()
        .with_member_id(text("member"))
        .with_subscribed_topic_names(vec![text("orders").into(), text("audit").into()])
        .with_assignment(assignment.clone())
        .with_target_assignment(assignment);
    let group = consumer_group_describe_response::DescribedGroup::default()
        .with_group_id(text("billing").into())
        .with_members(vec![member; 2]);
    ConsumerGroupDescribeResponse::default().with_groups(vec![group; 2])
}

fn share_group_describe(_: i16) -> ShareGroupDescribeResponse {
    let topic = share_group_describe_response::TopicPartitions::default()
        .with_topic_name(text("orders").into())
        .with_partitions(vec![0, 1]);
    let assignment =
        share_group_describe_response::Assignment::default().with_topic_partitions(vec![topic; 2]);
    let member = share_group_describe_response::Member::default()
        .with_member_id(text("member"))
        .with_subscribed_topic_names(vec![text("orders").into(), text("audit").into()])
        .with_assignment(assignment);
    let group = share_group_describe_response::DescribedGroup::default()
        .with_group_id(text("billing").into())
        .with_members(vec![member; 2]);
    ShareGroupDescribeResponse::default().with_groups(vec![group; 2])
}

fn share_offsets(_: i16) -> DescribeShareGroupOffsetsResponse {
    use describe_share_group_offsets_response::{
        DescribeShareGroupOffsetsResponseGroup as Group,
        DescribeShareGroupOffsetsResponsePartition as Partition,
        DescribeShareGroupOffsetsResponseTopic as Topic,
    };
    let topic = Topic::default()
        .with_topic_name(text("orders").into())
        .with_partitions(vec![Partition::default(); 2]);
    let group = Group::default()
        .with_group_id(text("billing").into())
        .with_topics(vec![topic; 2]);
    DescribeShareGroupOffsetsResponse::default().with_groups(vec![group; 2])
}

fn describe_quorum(version: i16) -> DescribeQuorumResponse {
    use describe_quorum_response::{Listener, Node, PartitionData as Quorum, ReplicaState, TopicData};
    let quorum = Quorum::default()
        .with_current_voters(vec![ReplicaState::default(); 3])
        .with_observers(vec![ReplicaState::default(); 2]);
    let log = TopicData::default()
        .with_topic_name(text("__cluster_metadata").into())
        .with_partitions(vec![quorum]);
    let response = DescribeQuorumResponse::default().with_topics(vec![log]);
    if version < 2 {
        return response;
    }
    let listener = Listener::default()
        .with_name(text("CONTROLLER"))
        .with_host(text("host"));
    response.with_nodes(vec![Node::default().with_listeners(vec![listener; 2]); 3])
}

fn find_coordinator(_: i16) -> FindCoordinatorResponse {
    let coordinator = find_coordinator_response::Coordinator::default()
        .with_key(text("billing"))
        .with_host(text("host"));
    FindCoordinatorResponse::default().with_coordinators(vec![coordinator; 2])
}

fn fetch(_: i16) -> FetchResponse {
    let partition = PartitionData::default()
        .with_aborted_transactions(Some(vec![AbortedTransaction::default(); 2]))
        .with_records(Some(Bytes::from_static(b"records")));
    let topic = FetchableTopicResponse::default()
        .with_topic(text("orders").into())
        .with_partitions(vec![partition; 2]);
    FetchResponse::default().with_responses(vec![topic; 2])
}

fn alter_reassignments(_: i16) -> AlterPartitionReassignmentsResponse {
    let partition = ReassignablePartitionResponse::default().with_error_message(Some(text("words")));
    let topic = ReassignableTopicResponse::default()
        .with_name(text("orders").into())
        .with_partitions(vec![partition; 2]);
    AlterPartitionReassignmentsResponse::default()
        .with_error_message(Some(text("words")))
        .with_responses(vec![topic; 2])
}

fn list_reassignments(_: i16) -> ListPartitionReassignmentsResponse {
    let partition = OngoingPartitionReassignment::default()
        .with_replicas(vec![BrokerId(1), BrokerId(2)])
        .with_adding_replicas(vec![BrokerId(2)])
        .with_removing_replicas(vec![BrokerId(1)]);
    let topic = OngoingTopicReassignment::default()
        .with_name(text("orders").into())
        .with_partitions(vec![partition; 2]);
    ListPartitionReassignmentsResponse::default().with_topics(vec![topic; 2])
}

fn elect_leaders(_: i16) -> ElectLeadersResponse {
    let partition = PartitionResult::default().with_error_message(Some(text("words")));
    let topic = ReplicaElectionResult::default()
        .with_topic(text("orders").into())
        .with_partition_result(vec![partition; 2]);
    ElectLeadersResponse::default().with_replica_election_results(vec![topic; 2])
}

/// Every version that may be negotiated: the shape takes what the crate encodes, nothing shorter and
/// nothing longer.
fn shape_agrees<R: Api>(sample: fn(i16) -> R::Response) {
    for version in R::OLDEST.max(R::VERSIONS.min)..=R::NEWEST {
        let mut body = BytesMut::new();
        sample(version).encode(&mut body, version).unwrap();
        let check = |body: &[u8]| R::ANSWER.check(body, version, R::is_flexible(version));
        assert_eq!(check(&body), Ok(()), "{} version {version}", R::NAME);
        for end in 0..body.len() {
            assert!(
                check(&body[..end]).is_err(),
                "{} version {version}, {end} bytes",
                R::NAME
            );
        }
        body.extend([0]);
        assert!(
            check(&body).is_err(),
            "{} version {version}, one byte more",
            R::NAME
        );
    }
}

#[test]
fn shapes_agree_with_the_crate_in_every_version() {
    shape_agrees::<ApiVersionsRequest>(api_versions);
    shape_agrees::<MetadataRequest>(metadata);
    shape_agrees::<DescribeClusterRequest>(describe_cluster);
    shape_agrees::<DescribeConfigsRequest>(describe_configs);
    shape_agrees::<CreateTopicsRequest>(create_topics);
    shape_agrees::<CreatePartitionsRequest>(create_partitions);
    shape_agrees::<IncrementalAlterConfigsRequest>(alter_configs);
    shape_agrees::<DeleteTopicsRequest>(delete_topics);
    shape_agrees::<ListOffsetsRequest>(list_offsets);
    shape_agrees::<SaslHandshakeRequest>(sasl_handshake);
    shape_agrees::<SaslAuthenticateRequest>(sasl_authenticate);
    shape_agrees::<LogDirsRequest>(describe_log_dirs);
    shape_agrees::<ListGroupsRequest>(list_groups);
    shape_agrees::<OffsetFetchRequest>(offset_fetch);
    shape_agrees::<DescribeGroupsRequest>(describe_groups);
    shape_agrees::<ConsumerGroupDescribeRequest>(consumer_group_describe);
    shape_agrees::<FetchRequest>(fetch);
    shape_agrees::<AlterPartitionReassignmentsRequest>(alter_reassignments);
    shape_agrees::<ListPartitionReassignmentsRequest>(list_reassignments);
    shape_agrees::<ElectLeadersRequest>(elect_leaders);
    shape_agrees::<ShareGroupDescribeRequest>(share_group_describe);
    shape_agrees::<DescribeShareGroupOffsetsRequest>(share_offsets);
    shape_agrees::<FindCoordinatorRequest>(find_coordinator);
    shape_agrees::<DescribeTopicPartitionsRequest>(describe_topic_partitions);
    shape_agrees::<DescribeQuorumRequest>(describe_quorum);
}

/// Without the check each of these would ask for hundreds of gigabytes and end the process.
#[test]
fn counts_that_nothing_bears_out_are_refused_before_decoding() {
    let compact = [&[0; 4][..], &[0xff, 0xff, 0xff, 0xff, 0x0f]].concat();
    let plain = [&[0; 4][..], &[0x7f, 0xff, 0xff, 0xff]].concat();
    let refused = |body: &[u8], version| {
        let frame = [&[0, 0, 0, 1, 0][..], body].concat();
        decode::<DescribeConfigsRequest>(Bytes::from(frame), version).unwrap_err()
    };
    assert_eq!(&*refused(&compact, 4), "its structure is broken");
    assert_eq!(&*refused(&plain[1..], 1), "its structure is broken");
}

#[test]
fn a_tag_whose_size_lies_is_refused() {
    let mut body = BytesMut::new();
    api_versions(3).encode(&mut body, 3).unwrap();
    let epoch = body
        .windows(10)
        .position(|part| part == [1, 8, 0, 0, 0, 0, 0, 0, 0, 7])
        .unwrap();
    body[epoch + 1] = 7;
    let frame = [&[0, 0, 0, 1][..], &body].concat();
    assert_eq!(
        &*decode::<ApiVersionsRequest>(Bytes::from(frame), 3).unwrap_err(),
        "its structure is broken"
    );
}
