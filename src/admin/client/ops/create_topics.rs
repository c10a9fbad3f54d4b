//! `CreateTopics`.

use kafka_protocol::messages::create_topics_request::{CreatableTopic, CreatableTopicConfig};
use kafka_protocol::messages::{CreateTopicsRequest, CreateTopicsResponse};

use crate::admin::client::dispatch::write_op::{Answers, Beyond, Write};
use crate::admin::client::protocol::answer;
use crate::admin::client::protocol::wire_text;
use crate::admin::{NewTopic, WriteMode};
use crate::model::{AclOperation, PartitionCount, ReplicationFactor, TopicName};

/// The wire's word for "as the broker thinks".
const BROKER_DECIDES: i16 = -1;

/// The first version in which the broker decides (KIP-464).
pub(crate) const LETS_BROKER_DECIDE: i16 = 4;

pub(crate) struct Create;

impl Write for Create {
    type Request = CreateTopicsRequest;
    type Item = NewTopic;
    /// A second time the topic would be there already, and nobody could tell who made it.
    const REPEATABLE: bool = false;
    const NEEDS: AclOperation = AclOperation::Create;

    /// From version 5 on the controller answers with every config of every new topic, which costs it
    /// a third of the time and is read anyway where it matters.
    const WITHOUT_QUOTA: Option<i16> = Some(4);

    fn topic(item: &NewTopic) -> &TopicName {
        &item.name
    }

    fn beyond(item: &NewTopic, version: i16) -> Option<Beyond> {
        let broker_decides = item.partitions.is_none() || item.replication.is_none();
        (broker_decides && version < LETS_BROKER_DECIDE).then_some(Beyond {
            what: "CreateTopics with the cluster's default partitions or replication",
            since: "2.4",
        })
    }

    fn request(items: &[&NewTopic], mode: WriteMode, timeout_ms: i32) -> CreateTopicsRequest {
        CreateTopicsRequest::default()
            .with_topics(items.iter().map(|item| creatable(item)).collect())
            .with_timeout_ms(timeout_ms)
            .with_validate_only(mode == WriteMode::Validate)
    }

    fn answers(_: &[&NewTopic], response: CreateTopicsResponse) -> Answers {
        let each = response.topics.into_iter().filter_map(|topic| {
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

fn creatable(topic: &NewTopic) -> CreatableTopic {
    let configs = topic.configs.iter().map(|(key, value)| {
        CreatableTopicConfig::default()
            .with_name(wire_text(key.as_str()))
            .with_value(Some(wire_text(value)))
    });
    let partitions = topic.partitions.map(PartitionCount::get);
    let replication = topic.replication.map(ReplicationFactor::get);
    CreatableTopic::default()
        .with_name(wire_text(topic.name.as_str()).into())
        .with_num_partitions(partitions.unwrap_or(BROKER_DECIDES.into()))
        .with_replication_factor(replication.unwrap_or(BROKER_DECIDES))
        .with_configs(configs.collect())
}
