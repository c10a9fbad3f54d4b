//! Moves that are taken back: `AlterPartitionReassignments` with no replicas (KIP-455).

use kafka_protocol::error::ResponseError;
use kafka_protocol::messages::alter_partition_reassignments_request::{
    ReassignablePartition, ReassignableTopic,
};
use kafka_protocol::messages::alter_partition_reassignments_response::ReassignableTopicResponse;
use kafka_protocol::messages::{AlterPartitionReassignmentsRequest, AlterPartitionReassignmentsResponse};

use crate::admin::client::dispatch::write_op::{Answers, Write};
use crate::admin::client::ops::alter_partition_reassignments::first_refusal;
use crate::admin::client::protocol::answer;
use crate::admin::client::protocol::wire_text;
use crate::admin::{BrokerError, MovesToCancel, WriteMode};
use crate::model::{AclOperation, RequiredAcl, TopicName};

pub(crate) struct Cancel;

impl Write for Cancel {
    type Request = AlterPartitionReassignmentsRequest;
    type Item = MovesToCancel;
    /// What is not being moved any more stays as it is.
    const REPEATABLE: bool = true;
    const NEEDS: AclOperation = AclOperation::Alter;

    fn topic(item: &MovesToCancel) -> &TopicName {
        &item.name
    }

    fn right(_: &TopicName) -> RequiredAcl {
        RequiredAcl::on_cluster(Self::NEEDS)
    }

    fn request(
        items: &[&MovesToCancel],
        _: WriteMode,
        timeout_ms: i32,
    ) -> AlterPartitionReassignmentsRequest {
        let partition = |index: &i32| {
            ReassignablePartition::default()
                .with_partition_index(*index)
                .with_replicas(None)
        };
        let topics = items.iter().map(|item| {
            ReassignableTopic::default()
                .with_name(wire_text(item.name.as_str()).into())
                .with_partitions(item.partitions.iter().map(partition).collect())
        });
        AlterPartitionReassignmentsRequest::default()
            .with_topics(topics.collect())
            .with_timeout_ms(timeout_ms)
    }

    fn answers(items: &[&MovesToCancel], response: AlterPartitionReassignmentsResponse) -> Answers {
        let throttle = answer::throttle(response.throttle_time_ms);
        let each = match answer::check(response.error_code, response.error_message.as_ref()) {
            Err(error) => items
                .iter()
                .map(|item| (item.name.clone(), Err(error.clone())))
                .collect(),
            Ok(()) => response.responses.iter().filter_map(answer_of).collect(),
        };
        Answers { throttle, each }
    }
}

fn answer_of(topic: &ReassignableTopicResponse) -> Option<(TopicName, Result<(), BrokerError>)> {
    let name = TopicName::new(&topic.name).ok()?;
    let partitions = topic.partitions.iter();
    let outcomes = partitions
        .filter(|partition| partition.error_code != ResponseError::NoReassignmentInProgress.code())
        .map(|partition| {
            (
                partition.partition_index,
                partition.error_code,
                partition.error_message.as_ref(),
            )
        });
    Some((name, first_refusal(outcomes)))
}
