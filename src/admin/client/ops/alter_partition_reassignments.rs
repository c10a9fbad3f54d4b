//! `AlterPartitionReassignments` (KIP-455): other replicas for partitions. The controller takes it on and
//! answers; brokers copy the records afterwards.

use kafka_protocol::messages::alter_partition_reassignments_request::{
    ReassignablePartition, ReassignableTopic,
};
use kafka_protocol::messages::alter_partition_reassignments_response::ReassignableTopicResponse;
use kafka_protocol::messages::{
    AlterPartitionReassignmentsRequest, AlterPartitionReassignmentsResponse, BrokerId as WireBrokerId,
};
use kafka_protocol::protocol::StrBytes;

use crate::admin::client::dispatch::write_op::{Answers, Write};
use crate::admin::client::protocol::answer;
use crate::admin::client::protocol::wire_text;
use crate::admin::{BrokerError, ReplicasToAssign, WriteMode};
use crate::model::{AclOperation, BrokerId, RequiredAcl, TopicName};

pub(crate) struct Reassign;

impl Write for Reassign {
    type Request = AlterPartitionReassignmentsRequest;
    type Item = ReplicasToAssign;
    /// To a partition that is on its way there already, nothing happens.
    const REPEATABLE: bool = true;
    const NEEDS: AclOperation = AclOperation::Alter;

    fn topic(item: &ReplicasToAssign) -> &TopicName {
        &item.name
    }

    fn right(_: &TopicName) -> RequiredAcl {
        RequiredAcl::on_cluster(Self::NEEDS)
    }

    fn request(
        items: &[&ReplicasToAssign],
        _: WriteMode,
        timeout_ms: i32,
    ) -> AlterPartitionReassignmentsRequest {
        let topics = items.iter().map(|item| {
            ReassignableTopic::default()
                .with_name(wire_text(item.name.as_str()).into())
                .with_partitions(item.partitions.iter().map(reassignable).collect())
        });
        AlterPartitionReassignmentsRequest::default()
            .with_topics(topics.collect())
            .with_timeout_ms(timeout_ms)
    }

    fn answers(items: &[&ReplicasToAssign], response: AlterPartitionReassignmentsResponse) -> Answers {
        let throttle = answer::throttle(response.throttle_time_ms);
        let whole = answer::check(response.error_code, response.error_message.as_ref());
        let each = match whole {
            Err(error) => items
                .iter()
                .map(|item| (item.name.clone(), Err(error.clone())))
                .collect(),
            Ok(()) => response.responses.iter().filter_map(of_topic).collect(),
        };
        Answers { throttle, each }
    }
}

fn reassignable((index, replicas): (&i32, &Vec<BrokerId>)) -> ReassignablePartition {
    let replicas = replicas.iter().map(|id| WireBrokerId(id.0)).collect();
    ReassignablePartition::default()
        .with_partition_index(*index)
        .with_replicas(Some(replicas))
}

fn of_topic(topic: &ReassignableTopicResponse) -> Option<(TopicName, Result<(), BrokerError>)> {
    let name = TopicName::new(&topic.name).ok()?;
    let partitions = topic.partitions.iter();
    let outcomes = partitions.map(|partition| {
        (
            partition.partition_index,
            partition.error_code,
            partition.error_message.as_ref(),
        )
    });
    Some((name, first_refusal(outcomes)))
}

/// What is said of a topic by what is said of its partitions: the first refusal, with the partition's
/// index before the broker's words. One that would pass is told only where nothing worse is: the whole
/// topic is then asked again, and what was taken on already is not hurt by that.
pub(crate) fn first_refusal<'a>(
    outcomes: impl Iterator<Item = (i32, i16, Option<&'a StrBytes>)>,
) -> Result<(), BrokerError> {
    let mut told: Option<BrokerError> = None;
    for (index, code, words) in outcomes {
        if let Err(error) = answer::check(code, words)
            && told.as_ref().is_none_or(answer::is_retriable)
        {
            let words = error.message.as_deref();
            let message = words.map_or_else(
                || format!("partition {index}"),
                |words| format!("partition {index}: {words}"),
            );
            let message = Some(message.into());
            told = Some(BrokerError { message, ..error });
        }
    }
    told.map_or(Ok(()), Err)
}
