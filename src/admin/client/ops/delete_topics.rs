//! `DeleteTopics`, by id only: a topic that was created anew under the same name stays.

use std::collections::HashMap;

use kafka_protocol::messages::delete_topics_request::DeleteTopicState;
use kafka_protocol::messages::{DeleteTopicsRequest, DeleteTopicsResponse};
use uuid::Uuid;

use crate::admin::client::dispatch::write_op::{Answers, Write};
use crate::admin::client::protocol::answer;
use crate::admin::{AdminError, ItemError, WriteMode};
use crate::model::{AclOperation, TopicId, TopicName};

pub(crate) struct Delete;

/// An id that no topic has: Kafka makes ids of version 4, and this one has no version.
const NO_TOPIC: Uuid = Uuid::from_u128(u128::MAX);

/// A deletion that deletes nothing, whoever sends it. `ControllerApis.deleteTopics` refuses it where deletion is
/// disabled, and otherwise knows no topic of the id; it asks for no right then.
pub(crate) fn no_topic() -> Vec<(TopicName, TopicId)> {
    let name = TopicName::new("no-topic").ok();
    name.map(|name| (name, TopicId(NO_TOPIC))).into_iter().collect()
}

/// Whether the answer is that deletion is disabled.
pub(crate) fn is_disabled(answer: &Result<(), ItemError>) -> bool {
    match answer {
        Err(ItemError::Broker(error) | ItemError::Request(AdminError::Refused { error, .. })) => {
            &*error.name == "TOPIC_DELETION_DISABLED"
        }
        Err(ItemError::Request(_)) | Ok(()) => false,
    }
}

impl Write for Delete {
    type Request = DeleteTopicsRequest;
    type Item = (TopicName, TopicId);
    /// A second time the id would be unknown, and nobody could tell who deleted it.
    const REPEATABLE: bool = false;
    const NEEDS: AclOperation = AclOperation::Delete;

    fn topic((name, _): &(TopicName, TopicId)) -> &TopicName {
        name
    }

    /// Kafka has no `validate_only` for deletes, and [`crate::admin::Admin`] does not offer it.
    fn request(items: &[&(TopicName, TopicId)], _: WriteMode, timeout_ms: i32) -> DeleteTopicsRequest {
        let topics = items
            .iter()
            .map(|(_, id)| DeleteTopicState::default().with_name(None).with_topic_id(id.0));
        DeleteTopicsRequest::default()
            .with_topics(topics.collect())
            .with_timeout_ms(timeout_ms)
    }

    /// The answer names a topic only to those who may describe it; the id is always there.
    fn answers(items: &[&(TopicName, TopicId)], response: DeleteTopicsResponse) -> Answers {
        let names: HashMap<Uuid, &TopicName> = items.iter().map(|(name, id)| (id.0, name)).collect();
        let each = response.responses.into_iter().filter_map(|topic| {
            let result = answer::check(topic.error_code, topic.error_message.as_ref());
            Some((TopicName::clone(names.get(&topic.topic_id)?), result))
        });
        Answers {
            throttle: answer::throttle(response.throttle_time_ms),
            each: each.collect(),
        }
    }
}
