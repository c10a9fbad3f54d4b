//! `ElectLeaders` (KIP-460), of preferred leaders only: an unclean one loses records.

use kafka_protocol::error::ResponseError;
use kafka_protocol::messages::elect_leaders_request::TopicPartitions;
use kafka_protocol::messages::elect_leaders_response::ReplicaElectionResult;
use kafka_protocol::messages::{ElectLeadersRequest, ElectLeadersResponse};

use crate::admin::client::dispatch::write_op::{Answers, Write};
use crate::admin::client::ops::alter_partition_reassignments::first_refusal;
use crate::admin::client::protocol::answer;
use crate::admin::client::protocol::wire_text;
use crate::admin::{BrokerError, LeadersToElect, WriteMode};
use crate::model::{AclOperation, RequiredAcl, TopicName};

/// The wire's number for electing the first replica.
const PREFERRED: i8 = 0;

pub(crate) struct Elect;

impl Write for Elect {
    type Request = ElectLeadersRequest;
    type Item = LeadersToElect;
    /// Who leads already is not elected again.
    const REPEATABLE: bool = true;
    const NEEDS: AclOperation = AclOperation::Alter;

    fn topic(item: &LeadersToElect) -> &TopicName {
        &item.name
    }

    fn right(_: &TopicName) -> RequiredAcl {
        RequiredAcl::on_cluster(Self::NEEDS)
    }

    fn request(items: &[&LeadersToElect], _: WriteMode, timeout_ms: i32) -> ElectLeadersRequest {
        let topics = items.iter().map(|item| {
            TopicPartitions::default()
                .with_topic(wire_text(item.name.as_str()).into())
                .with_partitions(item.partitions.clone())
        });
        ElectLeadersRequest::default()
            .with_election_type(PREFERRED)
            .with_topic_partitions(Some(topics.collect()))
            .with_timeout_ms(timeout_ms)
    }

    fn answers(items: &[&LeadersToElect], response: ElectLeadersResponse) -> Answers {
        let throttle = answer::throttle(response.throttle_time_ms);
        let each = match answer::check(response.error_code, None) {
            Err(error) => items
                .iter()
                .map(|item| (item.name.clone(), Err(error.clone())))
                .collect(),
            Ok(()) => response
                .replica_election_results
                .iter()
                .filter_map(of_topic)
                .collect(),
        };
        Answers { throttle, each }
    }
}

fn of_topic(topic: &ReplicaElectionResult) -> Option<(TopicName, Result<(), BrokerError>)> {
    let name = TopicName::new(&topic.topic).ok()?;
    let partitions = topic.partition_result.iter();
    let outcomes = partitions
        .filter(|partition| partition.error_code != ResponseError::ElectionNotNeeded.code())
        .map(|partition| {
            (
                partition.partition_id,
                partition.error_code,
                partition.error_message.as_ref(),
            )
        });
    Some((name, first_refusal(outcomes)))
}
