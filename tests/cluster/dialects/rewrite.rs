//! Requests and answers, from Kafka's own form into that of the dialect.

use std::collections::BTreeMap;

use bytes::{Bytes, BytesMut};
use kafka_protocol::messages::describe_configs_response::{
    DescribeConfigsResourceResult, DescribeConfigsResult,
};
use kafka_protocol::messages::{
    ApiKey, ApiVersionsResponse, CreatePartitionsRequest, CreatePartitionsResponse, CreateTopicsRequest,
    CreateTopicsResponse, DescribeClusterResponse, DescribeConfigsResponse, FindCoordinatorResponse,
    IncrementalAlterConfigsRequest, IncrementalAlterConfigsResponse, MetadataResponse, RequestHeader,
    ResponseHeader,
};
use kafka_protocol::protocol::{Decodable, Encodable, StrBytes};

use super::proxy::Shared;
use super::rules::{Chains, Dialect};

/// Kafka's numbers.
const INVALID_REQUEST: i16 = 42;
const POLICY_VIOLATION: i16 = 44;
const INVALID_CONFIG: i16 = 40;
const LEFTOVER: &str = "Unknown topic config name: message.format.version";
const OF_TOPIC: i8 = 1;
const OF_DEFAULT: i8 = 5;

/// What was asked, as far as the answer depends on it.
#[derive(Debug)]
pub(super) struct Asked {
    key: ApiKey,
    version: i16,
    /// What the dialect refuses: the topic, and in which words.
    refused: BTreeMap<String, &'static str>,
}

/// The request as the broker gets it.
pub(super) fn request(key: ApiKey, version: i16, frame: Bytes, dialect: &Dialect) -> (Bytes, Asked) {
    let mut asked = Asked {
        key,
        version,
        refused: BTreeMap::new(),
    };
    let frame = match key {
        ApiKey::CreateTopics => rewritten(&asked, frame, |request: &mut CreateTopicsRequest| {
            create(request, dialect);
        }),
        ApiKey::CreatePartitions => {
            let mut refused = BTreeMap::new();
            let frame = rewritten(&asked, frame, |request: &mut CreatePartitionsRequest| {
                refused = grow(request, dialect);
            });
            asked.refused = refused;
            frame
        }
        ApiKey::IncrementalAlterConfigs => {
            let mut refused = BTreeMap::new();
            let frame = rewritten(&asked, frame, |request: &mut IncrementalAlterConfigsRequest| {
                refused = alter(request, dialect);
            });
            asked.refused = refused;
            frame
        }
        _ => frame,
    };
    (frame, asked)
}

fn rewritten<R: Decodable + Encodable>(
    asked: &Asked,
    mut frame: Bytes,
    change: impl FnOnce(&mut R),
) -> Bytes {
    let header_version = asked.key.request_header_version(asked.version);
    let header = RequestHeader::decode(&mut frame, header_version).unwrap();
    let mut request = R::decode(&mut frame, asked.version).unwrap();
    change(&mut request);
    let mut changed = BytesMut::new();
    header.encode(&mut changed, header_version).unwrap();
    request.encode(&mut changed, asked.version).unwrap();
    changed.freeze()
}

fn create(request: &mut CreateTopicsRequest, dialect: &Dialect) {
    if dialect.creates_on_validation {
        request.validate_only = false;
    }
    for topic in &mut request.topics {
        if let Some(replication) = dialect.replication {
            topic.replication_factor = replication;
        }
        topic
            .configs
            .retain(|config| !dialect.drops.contains(&&*config.name));
        topic
            .configs
            .retain(|config| !dialect.ignores.contains(&&*config.name));
        for config in &mut topic.configs {
            let value = config.value.as_deref().unwrap_or_default();
            if let Some(kept) = kept_instead(&config.name, value, dialect) {
                config.value = Some(StrBytes::from_static_str(kept));
            }
        }
    }
}

fn kept_instead(key: &str, value: &str, dialect: &Dialect) -> Option<&'static str> {
    let mut kept = dialect.keeps_otherwise.iter();
    kept.find_map(|(of, given, kept)| (*of == key && *given == value).then_some(*kept))
}

/// The broker is only asked to validate what the dialect refuses.
fn grow(request: &mut CreatePartitionsRequest, dialect: &Dialect) -> BTreeMap<String, &'static str> {
    let Some(words) = dialect.places_growth else {
        return BTreeMap::new();
    };
    let is_refused = !(request.validate_only && dialect.validates_nothing);
    let placed = request
        .topics
        .iter_mut()
        .filter(|topic| topic.assignments.is_some());
    let refused: Vec<String> = placed
        .map(|topic| {
            topic.assignments = None;
            topic.name.to_string()
        })
        .collect();
    if !is_refused {
        return BTreeMap::new();
    }
    request.validate_only |= !refused.is_empty();
    refused.into_iter().map(|name| (name, words)).collect()
}

fn alter(request: &mut IncrementalAlterConfigsRequest, dialect: &Dialect) -> BTreeMap<String, &'static str> {
    let mut refused = BTreeMap::new();
    for resource in &mut request.resources {
        let words = resource.configs.iter().find_map(|config| {
            let mut refusals = dialect.refuses_to_alter.iter();
            refusals.find_map(|(key, words)| (*config.name == **key).then_some(*words))
        });
        let is_dropped = |key: &str| resource.configs.iter().any(|config| &*config.name == key);
        let words = match dialect.leftover {
            Some((key, _)) if !is_dropped(key) => Some(LEFTOVER),
            _ => words,
        };
        if let Some(words) = words.filter(|_| !(request.validate_only && dialect.validates_nothing)) {
            refused.insert(resource.resource_name.to_string(), words);
            resource.configs.clear();
        }
        let leftover = dialect.leftover.map(|(key, _)| key);
        resource.configs.retain(|config| Some(&*config.name) != leftover);
        resource
            .configs
            .retain(|config| !dialect.drops.contains(&&*config.name));
        resource
            .configs
            .retain(|config| !dialect.ignores.contains(&&*config.name));
        for config in &mut resource.configs {
            let value = config.value.as_deref().unwrap_or_default();
            if let Some(kept) = kept_instead(&config.name, value, dialect) {
                config.value = Some(StrBytes::from_static_str(kept));
            }
        }
    }
    refused
}

/// The answer as the client gets it.
pub(super) fn answer(asked: &Asked, frame: Bytes, shared: &Shared) -> Bytes {
    let dialect = &shared.dialect;
    match asked.key {
        ApiKey::ApiVersions => changed(asked, frame, |answer: &mut ApiVersionsResponse| {
            offer(answer, dialect);
        }),
        ApiKey::Metadata => changed(asked, frame, |answer: &mut MetadataResponse| {
            for broker in &mut answer.brokers {
                broker.port = here(broker.port, shared);
            }
            if let (Some(id), Some(shown)) = (dialect.cluster_id, &mut answer.cluster_id) {
                *shown = StrBytes::from_static_str(id);
            }
        }),
        ApiKey::DescribeCluster => changed(asked, frame, |answer: &mut DescribeClusterResponse| {
            for broker in &mut answer.brokers {
                broker.port = here(broker.port, shared);
            }
            if let Some(id) = dialect.cluster_id {
                answer.cluster_id = StrBytes::from_static_str(id);
            }
        }),
        ApiKey::FindCoordinator => changed(asked, frame, |answer: &mut FindCoordinatorResponse| {
            answer.port = here(answer.port, shared);
            for coordinator in &mut answer.coordinators {
                coordinator.port = here(coordinator.port, shared);
            }
        }),
        ApiKey::DescribeConfigs => changed(asked, frame, |answer: &mut DescribeConfigsResponse| {
            let topics = answer
                .results
                .iter_mut()
                .filter(|result| result.resource_type == 2);
            topics.for_each(|topic| list(topic, dialect));
        }),
        ApiKey::CreateTopics => changed(asked, frame, |answer: &mut CreateTopicsResponse| {
            for topic in &mut answer.topics {
                let drops = |name: &str| dialect.drops.contains(&name);
                if let Some(configs) = &mut topic.configs {
                    configs.retain(|config| !drops(&config.name));
                }
            }
        }),
        ApiKey::CreatePartitions => changed(asked, frame, |answer: &mut CreatePartitionsResponse| {
            for topic in &mut answer.results {
                if let Some(words) = asked.refused.get(&topic.name.to_string()) {
                    topic.error_code = INVALID_REQUEST;
                    topic.error_message = Some(StrBytes::from_static_str(words));
                }
            }
        }),
        ApiKey::IncrementalAlterConfigs => {
            changed(asked, frame, |answer: &mut IncrementalAlterConfigsResponse| {
                for topic in &mut answer.responses {
                    if let Some(words) = asked.refused.get(&topic.resource_name.to_string()) {
                        let is_unknown = *words == LEFTOVER;
                        topic.error_code = if is_unknown {
                            INVALID_CONFIG
                        } else {
                            POLICY_VIOLATION
                        };
                        topic.error_message = Some(StrBytes::from_static_str(words));
                    }
                }
            })
        }
        _ => frame,
    }
}

fn changed<R: Decodable + Encodable>(asked: &Asked, frame: Bytes, change: impl FnOnce(&mut R)) -> Bytes {
    let header_version = asked.key.response_header_version(asked.version);
    let mut rest = frame.clone();
    let header = ResponseHeader::decode(&mut rest, header_version).unwrap();
    // What a broker answers in a version that was not asked for is passed on.
    let Ok(mut answer) = R::decode(&mut rest, asked.version) else {
        return frame;
    };
    change(&mut answer);
    let mut changed = BytesMut::new();
    header.encode(&mut changed, header_version).unwrap();
    answer.encode(&mut changed, asked.version).unwrap();
    changed.freeze()
}

fn here(port: i32, shared: &Shared) -> i32 {
    let known = u16::try_from(port).ok().and_then(|port| shared.ports.get(&port));
    known.map_or(port, |own| i32::from(*own))
}

fn offer(answer: &mut ApiVersionsResponse, dialect: &Dialect) {
    let is_lacking = |key: i16| dialect.lacks.iter().any(|lacking| *lacking as i16 == key);
    answer.api_keys.retain(|api| !is_lacking(api.api_key));
    for api in &mut answer.api_keys {
        let newest = dialect.at_most.iter().find(|(key, _)| *key as i16 == api.api_key);
        api.max_version = newest.map_or(api.max_version, |(_, newest)| api.max_version.min(*newest));
    }
    if dialect.has_no_features {
        answer.supported_features.clear();
        answer.finalized_features.clear();
        answer.finalized_features_epoch = -1;
    }
}

fn list(topic: &mut DescribeConfigsResult, dialect: &Dialect) {
    topic
        .configs
        .retain(|config| !dialect.drops.contains(&&*config.name));
    if let Some(chains) = dialect.hides_equal {
        topic
            .configs
            .iter_mut()
            .for_each(|config| hide_equal(config, chains));
    }
    if dialect.lists_only_overrides {
        topic.configs.retain(|config| config.config_source == OF_TOPIC);
    }
    let own = dialect.lists.iter().map(|(key, value)| {
        DescribeConfigsResourceResult::default()
            .with_name(StrBytes::from_static_str(key))
            .with_value(Some(StrBytes::from_static_str(value)))
            .with_config_source(OF_DEFAULT)
    });
    topic.configs.extend(own);
    if let Some((key, value)) = dialect.leftover {
        let leftover = DescribeConfigsResourceResult::default()
            .with_name(StrBytes::from_static_str(key))
            .with_value(Some(StrBytes::from_static_str(value)))
            .with_config_source(OF_TOPIC);
        topic.configs.push(leftover);
    }
}

/// Kafka's default comes from the crate's own table of configs.
fn hide_equal(config: &mut DescribeConfigsResourceResult, chains: Chains) {
    let default =
        topicctl::model::known::lookup(&config.name).map(topicctl::model::known::KnownConfig::default);
    if config.config_source != OF_TOPIC || config.value.as_deref() != default {
        return;
    }
    config.config_source = OF_DEFAULT;
    if chains == Chains::HideToo {
        config.synonyms.retain(|link| link.source != OF_TOPIC);
    }
}
