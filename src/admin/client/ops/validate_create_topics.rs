//! What the controller says that a new topic would have: from version 5 on, the answer to `CreateTopics` has the topic's
//! partitions, replicas and configs (KIP-525), with `validate_only` too.

use std::rc::Rc;

use kafka_protocol::messages::create_topics_response::CreatableTopicResult;
use kafka_protocol::messages::{CreateTopicsRequest, CreateTopicsResponse};

use crate::admin::client::dispatch::Client;
use crate::admin::client::dispatch::attempts::Attempts;
use crate::admin::client::dispatch::write_op::Write;
use crate::admin::client::ops::create_topics::Create;
use crate::admin::client::protocol::answer;
use crate::admin::client::protocol::api::Api;
use crate::admin::client::session::connection::Connection;
use crate::admin::client::transport::deadline::Deadline;
use crate::admin::{
    AdminError, BrokerError, CreatedTopic, ItemError, NewTopic, PerTopic, WriteMode, batches,
};
use crate::model::{AclOperation, ConfigKey, PartitionCount, ReplicationFactor, RequiredAcl, TopicName};

impl Client {
    /// Those that the controller does not mention are left out.
    pub(crate) async fn read_created_settings(
        &self,
        topics: &[NewTopic],
    ) -> Result<PerTopic<CreatedTopic>, AdminError> {
        let mut told = PerTopic::new();
        for batch in batches(topics) {
            let answer = self.ask_created_settings(batch).await?;
            let asked = |name: &TopicName| batch.iter().any(|topic| topic.name == *name);
            let each = answer.topics.iter().filter_map(|topic| {
                let name = TopicName::new(&topic.name).ok().filter(asked)?;
                let created = created(&name, topic).map_err(ItemError::Broker);
                Some((name, created))
            });
            told.extend(each);
        }
        Ok(told)
    }

    async fn ask_created_settings(&self, topics: &[NewTopic]) -> Result<CreateTopicsResponse, AdminError> {
        let deadline = self.deadline();
        let mut attempts = Attempts::new();
        loop {
            match self.ask_controller(topics, deadline).await {
                Ok((_, answer)) => return Ok(answer),
                Err(error) => attempts.again(error, deadline).await?,
            }
            self.routing.forget().await;
        }
    }

    async fn ask_controller(
        &self,
        topics: &[NewTopic],
        deadline: Deadline,
    ) -> Result<(Rc<Connection>, CreateTopicsResponse), AdminError> {
        let connection = self
            .routing
            .controller(CreateTopicsRequest::NAME, deadline)
            .await?;
        let items: Vec<&NewTopic> = topics.iter().collect();
        let milliseconds = i32::try_from(deadline.remaining().as_millis()).unwrap_or(i32::MAX);
        let request = Create::request(&items, WriteMode::Validate, milliseconds.max(1));
        let answer = connection.call(&request, deadline).await?;
        Ok((connection, answer))
    }
}

/// Where this principal may not see the configs of the topic, the controller shows nothing of it.
fn created(name: &TopicName, topic: &CreatableTopicResult) -> Result<CreatedTopic, BrokerError> {
    let right = |operation| move || RequiredAcl::on_topic(operation, name);
    answer::check(topic.error_code, topic.error_message.as_ref())
        .map_err(|error| error.needing(right(AclOperation::Create)))?;
    answer::check(topic.topic_config_error_code, None)
        .map_err(|error| error.needing(right(AclOperation::DescribeConfigs)))?;
    let configs = topic.configs.iter().flatten().filter_map(|config| {
        let key = ConfigKey::new(&config.name).ok()?;
        Some((key, config.value.as_ref()?.as_str().into()))
    });
    Ok(CreatedTopic {
        partitions: PartitionCount::new(topic.num_partitions.into()),
        replication: ReplicationFactor::new(topic.replication_factor.into()),
        configs: configs.collect(),
    })
}
