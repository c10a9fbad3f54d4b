//! Topic configs and where their values come from: `DescribeConfigs`.

use std::cell::RefCell;
use std::collections::BTreeMap;

use kafka_protocol::error::ResponseError;
use kafka_protocol::messages::DescribeConfigsRequest;
use kafka_protocol::messages::describe_configs_request::DescribeConfigsResource;
use kafka_protocol::messages::describe_configs_response::{
    DescribeConfigsResourceResult, DescribeConfigsResult, DescribeConfigsSynonym,
};
use kafka_protocol::protocol::StrBytes;

use crate::admin::client::dispatch::Client;
use crate::admin::client::dispatch::topic_reads::{ChunkSize, Said, of_each};
use crate::admin::client::protocol::answer;
use crate::admin::client::protocol::api::Api;
use crate::admin::client::protocol::interner::{Interner, Listed};
use crate::admin::client::protocol::wire_text;
use crate::admin::client::session::connection::Connection;
use crate::admin::client::transport::deadline::Deadline;
use crate::admin::{AdminError, BrokerError, ItemError, PerTopic, TopicSynonyms};
use crate::model::secret::names_secret;
use crate::model::{
    AclOperation, BrokerId, ConfigKey, ConfigSource, ObservedConfig, RequiredAcl, Synonym, TopicConfigs,
    TopicName,
};

/// With all configs of a topic at about 2 KiB, an answer stays around 2 MiB.
const CHUNK: ChunkSize = ChunkSize {
    most: 1_000,
    least: 250,
};

/// Synonyms triple the answer.
const SYNONYMS_CHUNK: ChunkSize = ChunkSize {
    most: 300,
    least: 100,
};

/// Kafka's number for topics among the things that have configs.
pub(crate) const TOPIC: i8 = 2;

/// Which keys to ask for: all of them where there is no list.
type Keys<'a> = &'a dyn Fn(&TopicName) -> Option<&'a [ConfigKey]>;

impl Client {
    pub(crate) async fn read_configs(
        &self,
        names: &[TopicName],
    ) -> Result<PerTopic<Option<TopicConfigs>>, AdminError> {
        let ask = async |connection: &Connection, names: &[TopicName], deadline: Deadline| {
            let results = describe(connection, names, &|_| None, false, deadline).await?;
            Ok(self.configs_of(results))
        };
        self.read_topics(
            DescribeConfigsRequest::NAME,
            names,
            CHUNK,
            self.request_timeout,
            ask,
        )
        .await
    }

    pub(crate) async fn read_configs_on(
        &self,
        broker: BrokerId,
        wanted: &BTreeMap<TopicName, Vec<ConfigKey>>,
    ) -> Result<PerTopic<Option<TopicConfigs>>, AdminError> {
        let read = |results| self.configs_of(results);
        self.describe_on(broker, wanted, (CHUNK, false), read).await
    }

    pub(crate) async fn read_synonyms_on(
        &self,
        broker: BrokerId,
        wanted: &BTreeMap<TopicName, Vec<ConfigKey>>,
    ) -> Result<PerTopic<TopicSynonyms>, AdminError> {
        let read = |results| self.synonyms_of(results);
        self.describe_on(broker, wanted, (SYNONYMS_CHUNK, true), read)
            .await
    }

    async fn describe_on<T>(
        &self,
        broker: BrokerId,
        wanted: &BTreeMap<TopicName, Vec<ConfigKey>>,
        (size, include_synonyms): (ChunkSize, bool),
        read: impl Fn(Vec<DescribeConfigsResult>) -> Said<T>,
    ) -> Result<PerTopic<T>, AdminError> {
        let names: Vec<TopicName> = wanted.keys().cloned().collect();
        let keys = |name: &TopicName| wanted.get(name).map(Vec::as_slice);
        let mut answers = PerTopic::new();
        for chunk in names.chunks(size.most) {
            let deadline = self.deadline();
            let (connection, results) = self
                .ask_broker(
                    broker,
                    DescribeConfigsRequest::NAME,
                    deadline,
                    async |connection| describe(connection, chunk, &keys, include_synonyms, deadline).await,
                )
                .await?;
            let answer = read(results);
            answers.extend(of_each(DescribeConfigsRequest::NAME, &connection, chunk, answer));
        }
        Ok(answers)
    }

    pub(crate) async fn read_synonyms(
        &self,
        wanted: &BTreeMap<TopicName, Option<Vec<ConfigKey>>>,
    ) -> Result<PerTopic<TopicSynonyms>, AdminError> {
        let names: Vec<TopicName> = wanted.keys().cloned().collect();
        let keys = |name: &TopicName| wanted.get(name).and_then(Option::as_deref);
        let ask = async |connection: &Connection, names: &[TopicName], deadline: Deadline| {
            let results = describe(connection, names, &keys, true, deadline).await?;
            Ok(self.synonyms_of(results))
        };
        self.read_topics(
            DescribeConfigsRequest::NAME,
            &names,
            SYNONYMS_CHUNK,
            self.request_timeout,
            ask,
        )
        .await
    }

    fn synonyms_of(&self, results: Vec<DescribeConfigsResult>) -> Said<TopicSynonyms> {
        let mut interner = self.interner.borrow_mut();
        let described = results.into_iter().filter_map(|result| {
            let name = topic_of(&result)?;
            Some((name, synonyms(&result, &mut interner)))
        });
        described.collect()
    }

    fn configs_of(&self, results: Vec<DescribeConfigsResult>) -> Said<Option<TopicConfigs>> {
        let described = results
            .into_iter()
            .filter_map(|result| Some((topic_of(&result)?, configs(&result, &self.interner))));
        described.collect()
    }
}

async fn describe(
    connection: &Connection,
    names: &[TopicName],
    keys: Keys<'_>,
    include_synonyms: bool,
    deadline: Deadline,
) -> Result<Vec<DescribeConfigsResult>, AdminError> {
    let resources = names.iter().map(|name| {
        let keys = keys(name).map(|keys| keys.iter().map(|key| wire_text(key.as_str())).collect());
        DescribeConfigsResource::default()
            .with_resource_type(TOPIC)
            .with_resource_name(wire_text(name.as_str()))
            .with_configuration_keys(keys)
    });
    let request = DescribeConfigsRequest::default()
        .with_resources(resources.collect())
        .with_include_synonyms(include_synonyms);
    Ok(connection.call(&request, deadline).await?.results)
}

fn topic_of(result: &DescribeConfigsResult) -> Option<TopicName> {
    if result.resource_type == TOPIC {
        TopicName::new(&result.resource_name).ok()
    } else {
        None
    }
}

fn configs(
    result: &DescribeConfigsResult,
    interner: &RefCell<Interner>,
) -> Result<Option<TopicConfigs>, ItemError> {
    match answer::check(result.error_code, result.error_message.as_ref()) {
        Err(error) if error.code == ResponseError::UnknownTopicOrPartition.code() => return Ok(None),
        Err(error) => return Err(refused(error, &result.resource_name)),
        Ok(()) => {}
    }
    let mut interner = interner.borrow_mut();
    if let Some(known) = interner.recent(|listed| is_same(listed, &result.configs)) {
        return Ok(Some(known));
    }
    let entries = result.configs.iter();
    let listed: Result<Box<Listed>, ItemError> = entries
        .map(|entry| Ok((key(&entry.name, &mut interner)?, observed(entry, &mut interner))))
        .collect();
    Ok(Some(interner.map(listed?)))
}

fn refused(error: BrokerError, topic: &str) -> ItemError {
    ItemError::Broker(match TopicName::new(topic) {
        Ok(topic) => error.needing(|| RequiredAcl::on_topic(AclOperation::DescribeConfigs, &topic)),
        Err(_) => error,
    })
}

fn is_same(listed: &Listed, entries: &[DescribeConfigsResourceResult]) -> bool {
    let same = |((key, config), entry): (&(ConfigKey, ObservedConfig), &DescribeConfigsResourceResult)| {
        key.as_str() == &*entry.name
            && config.value.as_deref() == shown_value(entry)
            && config.source == source(entry.config_source)
            && config.sensitive == is_hidden(entry)
    };
    listed.len() == entries.len() && listed.iter().zip(entries).all(same)
}

fn synonyms(result: &DescribeConfigsResult, interner: &mut Interner) -> Result<TopicSynonyms, ItemError> {
    answer::check(result.error_code, result.error_message.as_ref())
        .map_err(|error| refused(error, &result.resource_name))?;
    let mut all = TopicSynonyms::new();
    for entry in &result.configs {
        let chain: Result<Vec<Synonym>, ItemError> = entry
            .synonyms
            .iter()
            .map(|link| synonym(link, interner))
            .collect();
        all.insert(key(&entry.name, interner)?, (observed(entry, interner), chain?));
    }
    Ok(all)
}

fn synonym(link: &DescribeConfigsSynonym, interner: &mut Interner) -> Result<Synonym, ItemError> {
    Ok(Synonym {
        key: key(&link.name, interner)?,
        value: link
            .value
            .as_deref()
            .filter(|_| !names_secret(&link.name))
            .map(|value| interner.value(value)),
        source: source(link.source),
    })
}

/// A key that is empty or has blanks in it comes from no Kafka.
pub(crate) fn key(name: &StrBytes, interner: &mut Interner) -> Result<ConfigKey, ItemError> {
    interner.key(name).map_err(|reason| {
        ItemError::Broker(answer::broker_error(
            ResponseError::InvalidConfig,
            Some(&format!("the broker shows a config named {name:?}: {reason}")),
        ))
    })
}

pub(crate) fn observed(entry: &DescribeConfigsResourceResult, interner: &mut Interner) -> ObservedConfig {
    ObservedConfig {
        value: shown_value(entry).map(|value| interner.value(value)),
        source: source(entry.config_source),
        sensitive: is_hidden(entry),
    }
}

fn shown_value(entry: &DescribeConfigsResourceResult) -> Option<&str> {
    entry.value.as_deref().filter(|_| !is_hidden(entry))
}

/// By the broker, or because the key names a secret: brokers do not know all of them.
fn is_hidden(entry: &DescribeConfigsResourceResult) -> bool {
    entry.is_sensitive || names_secret(&entry.name)
}

/// The numbers of KIP-226.
fn source(number: i8) -> ConfigSource {
    match number {
        1 => ConfigSource::Topic,
        2 => ConfigSource::Broker,
        3 => ConfigSource::Cluster,
        4 => ConfigSource::BrokerFile,
        5 => ConfigSource::Default,
        other => ConfigSource::Other(other),
    }
}
