//! A broker's own configs: `DescribeConfigs` and `IncrementalAlterConfigs`, which only that broker answers.

use std::collections::BTreeMap;

use futures_util::future::join_all;
use kafka_protocol::messages::describe_configs_request::DescribeConfigsResource;
use kafka_protocol::messages::describe_configs_response::DescribeConfigsResult;
use kafka_protocol::messages::incremental_alter_configs_request::AlterConfigsResource;
use kafka_protocol::messages::{DescribeConfigsRequest, IncrementalAlterConfigsRequest};

use crate::admin::client::dispatch::Client;
use crate::admin::client::dispatch::topic_reads::left_out;
use crate::admin::client::ops::describe_configs::{key, observed};
use crate::admin::client::ops::incremental_alter_configs::alterable;
use crate::admin::client::protocol::answer;
use crate::admin::client::protocol::api::Api;
use crate::admin::client::protocol::wire_text;
use crate::admin::client::session::connection::Connection;
use crate::admin::client::transport::deadline::Deadline;
use crate::admin::{AdminError, BrokerConfigs, ConfigChange, ItemError};
use crate::model::{AclOperation, BrokerId, ConfigKey, ObservedConfig, RequiredAcl};

/// Kafka's number for brokers among the things that have configs.
const BROKER: i8 = 4;

impl Client {
    /// The configs of the live broker with the lowest id: any would do, and the same one every time
    /// makes the same plan.
    pub(crate) async fn read_broker_configs(
        &self,
        keys: &[ConfigKey],
    ) -> Result<Result<BTreeMap<ConfigKey, ObservedConfig>, ItemError>, AdminError> {
        // To Kafka an empty list means all.
        if keys.is_empty() {
            return Ok(Ok(BTreeMap::new()));
        }
        let deadline = self.deadline();
        let view = self.routing.view(deadline).await?;
        let Some(broker) = view.brokers.keys().next().copied() else {
            return Ok(Ok(BTreeMap::new()));
        };
        self.ask_broker_configs(broker, keys, deadline).await
    }

    pub(crate) async fn read_configs_of_brokers(
        &self,
        brokers: &[BrokerId],
        keys: &[ConfigKey],
    ) -> BrokerConfigs {
        if keys.is_empty() {
            return BrokerConfigs::new();
        }
        let deadline = self.deadline();
        let each = brokers.iter().map(async |broker| {
            let asked = self.ask_broker_configs(*broker, keys, deadline).await;
            (
                *broker,
                asked.unwrap_or_else(|error| Err(ItemError::Request(error))),
            )
        });
        join_all(each).await.into_iter().collect()
    }

    pub(crate) async fn write_broker_configs(
        &self,
        changes: &BTreeMap<BrokerId, BTreeMap<ConfigKey, ConfigChange>>,
    ) -> BTreeMap<BrokerId, Result<(), ItemError>> {
        let deadline = self.deadline();
        let each = changes.iter().map(async |(broker, changes)| {
            (*broker, self.alter_configs_of(*broker, changes, deadline).await)
        });
        join_all(each).await.into_iter().collect()
    }

    /// Only the broker itself takes them. Setting a value twice is setting it once, so a lost answer is no
    /// reason not to ask again.
    async fn alter_configs_of(
        &self,
        broker: BrokerId,
        changes: &BTreeMap<ConfigKey, ConfigChange>,
        deadline: Deadline,
    ) -> Result<(), ItemError> {
        let resource = AlterConfigsResource::default()
            .with_resource_type(BROKER)
            .with_resource_name(wire_text(&broker.to_string()))
            .with_configs(changes.iter().map(alterable).collect());
        let request = IncrementalAlterConfigsRequest::default().with_resources(vec![resource]);
        let ask = async |connection: &Connection| connection.call(&request, deadline).await;
        let name = IncrementalAlterConfigsRequest::NAME;
        let asked = self.ask_broker(broker, name, deadline, ask).await;
        let (connection, answer) = asked.map_err(ItemError::Request)?;
        let result = answer
            .responses
            .first()
            .ok_or_else(|| left_out(name, &connection))?;
        let right = || RequiredAcl::on_cluster(AclOperation::AlterConfigs);
        answer::check(result.error_code, result.error_message.as_ref())
            .map_err(|error| ItemError::Broker(error.needing(right)))
    }

    async fn ask_broker_configs(
        &self,
        broker: BrokerId,
        keys: &[ConfigKey],
        deadline: Deadline,
    ) -> Result<Result<BTreeMap<ConfigKey, ObservedConfig>, ItemError>, AdminError> {
        let request = request(broker, keys);
        let ask = async |connection: &Connection| connection.call(&request, deadline).await;
        let (connection, answer) = self
            .ask_broker(broker, DescribeConfigsRequest::NAME, deadline, ask)
            .await?;
        let name = broker.to_string();
        let is_asked = |result: &&DescribeConfigsResult| {
            result.resource_type == BROKER && *result.resource_name == *name
        };
        match answer.results.iter().find(is_asked) {
            Some(result) => Ok(self.broker_configs_of(result)),
            None => Ok(Err(left_out(DescribeConfigsRequest::NAME, &connection))),
        }
    }

    fn broker_configs_of(
        &self,
        result: &DescribeConfigsResult,
    ) -> Result<BTreeMap<ConfigKey, ObservedConfig>, ItemError> {
        let right = || RequiredAcl::on_cluster(AclOperation::DescribeConfigs);
        answer::check(result.error_code, result.error_message.as_ref())
            .map_err(|error| ItemError::Broker(error.needing(right)))?;
        let mut interner = self.interner.borrow_mut();
        let mut configs = BTreeMap::new();
        for entry in &result.configs {
            configs.insert(key(&entry.name, &mut interner)?, observed(entry, &mut interner));
        }
        Ok(configs)
    }
}

fn request(broker: BrokerId, keys: &[ConfigKey]) -> DescribeConfigsRequest {
    let keys = keys.iter().map(|key| wire_text(key.as_str())).collect();
    let resource = DescribeConfigsResource::default()
        .with_resource_type(BROKER)
        .with_resource_name(wire_text(&broker.to_string()))
        .with_configuration_keys(Some(keys));
    DescribeConfigsRequest::default().with_resources(vec![resource])
}
