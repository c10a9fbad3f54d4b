//! `IncrementalAlterConfigs` (KIP-339): single keys are set and reset, all others stay. The older
//! `AlterConfigs` replaces everything and is not used.

use kafka_protocol::messages::incremental_alter_configs_request::{AlterConfigsResource, AlterableConfig};
use kafka_protocol::messages::{IncrementalAlterConfigsRequest, IncrementalAlterConfigsResponse};

use crate::admin::client::dispatch::write_op::{Answers, Write};
use crate::admin::client::ops::describe_configs::TOPIC;
use crate::admin::client::protocol::answer;
use crate::admin::client::protocol::wire_text;
use crate::admin::{ConfigChange, ConfigsToAlter, WriteMode};
use crate::model::{AclOperation, ConfigKey, TopicName};

/// The wire's numbers for what happens to a key.
const SET: i8 = 0;
const DELETE: i8 = 1;

pub(crate) struct Alter;

impl Write for Alter {
    type Request = IncrementalAlterConfigsRequest;
    type Item = ConfigsToAlter;
    /// Setting a value twice is setting it once.
    const REPEATABLE: bool = true;
    const NEEDS: AclOperation = AclOperation::AlterConfigs;

    fn topic(item: &ConfigsToAlter) -> &TopicName {
        &item.name
    }

    fn request(items: &[&ConfigsToAlter], mode: WriteMode, _: i32) -> IncrementalAlterConfigsRequest {
        let resources = items.iter().map(|item| {
            AlterConfigsResource::default()
                .with_resource_type(TOPIC)
                .with_resource_name(wire_text(item.name.as_str()))
                .with_configs(item.changes.iter().map(alterable).collect())
        });
        IncrementalAlterConfigsRequest::default()
            .with_resources(resources.collect())
            .with_validate_only(mode == WriteMode::Validate)
    }

    fn answers(_: &[&ConfigsToAlter], response: IncrementalAlterConfigsResponse) -> Answers {
        let topics = response.responses.into_iter();
        let each = topics
            .filter(|resource| resource.resource_type == TOPIC)
            .filter_map(|resource| {
                let name = TopicName::new(&resource.resource_name).ok()?;
                let result = answer::check(resource.error_code, resource.error_message.as_ref());
                Some((name, result))
            });
        Answers {
            throttle: answer::throttle(response.throttle_time_ms),
            each: each.collect(),
        }
    }
}

pub(crate) fn alterable((key, change): (&ConfigKey, &ConfigChange)) -> AlterableConfig {
    let config = AlterableConfig::default().with_name(wire_text(key.as_str()));
    match change {
        ConfigChange::Set(value) => config
            .with_config_operation(SET)
            .with_value(Some(wire_text(value))),
        ConfigChange::Reset => config.with_config_operation(DELETE).with_value(None),
    }
}
