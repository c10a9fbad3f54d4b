//! `CreatePartitions`.

use kafka_protocol::messages::create_partitions_request::{
    CreatePartitionsAssignment, CreatePartitionsTopic,
};
use kafka_protocol::messages::{BrokerId as WireBrokerId, CreatePartitionsRequest, CreatePartitionsResponse};

use crate::admin::client::dispatch::write_op::{Answers, Write};
use crate::admin::client::protocol::answer;
use crate::admin::client::protocol::wire_text;
use crate::admin::{NewPartitions, WriteMode};
use crate::model::{AclOperation, BrokerId, TopicName};

pub(crate) struct Grow;

impl Write for Grow {
    type Request = CreatePartitionsRequest;
    type Item = NewPartitions;
    /// A second time the broker would say that the topic already has as many.
    const REPEATABLE: bool = false;
    const NEEDS: AclOperation = AclOperation::Alter;

    fn topic(item: &NewPartitions) -> &TopicName {
        &item.name
    }

    fn request(items: &[&NewPartitions], mode: WriteMode, timeout_ms: i32) -> CreatePartitionsRequest {
        let topics = items.iter().map(|item| {
            CreatePartitionsTopic::default()
                .with_name(wire_text(item.name.as_str()).into())
                .with_count(item.total.get())
                .with_assignments(assignments(&item.replicas))
        });
        CreatePartitionsRequest::default()
            .with_topics(topics.collect())
            .with_timeout_ms(timeout_ms)
            .with_validate_only(mode == WriteMode::Validate)
    }

    fn answers(_: &[&NewPartitions], response: CreatePartitionsResponse) -> Answers {
        let each = response.results.into_iter().filter_map(|topic| {
            let name = TopicName::new(&topic.name).ok()?;
            Some((
                name,
                answer::check(topic.error_code, topic.error_message.as_ref()),
            ))
        });
        Answers {
            throttle: answer::throttle(response.throttle_time_ms),
            each: each.collect(),
        }
    }
}

/// Null leaves it to the broker; an empty list would be one for no partition.
fn assignments(replicas: &[Vec<BrokerId>]) -> Option<Vec<CreatePartitionsAssignment>> {
    let assignment = |row: &Vec<BrokerId>| {
        let ids = row.iter().map(|id| WireBrokerId(id.0)).collect();
        CreatePartitionsAssignment::default().with_broker_ids(ids)
    };
    (!replicas.is_empty()).then(|| replicas.iter().map(assignment).collect())
}
