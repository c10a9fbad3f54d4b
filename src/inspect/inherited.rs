//! What a topic's config would be without its own override.
//!
//! Usually the chain of synonyms says it. But the chain leaves out what a broker derives from a
//! config in another unit: with `log.retention.hours` alone, an overridden `retention.ms` shows no
//! link but the topic's own. What is missing is asked of one broker's own configs, since a reset
//! from 30 days to nobody knows what could not be judged.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::admin::{Admin, ItemError, PerTopic, TopicSynonyms};
use crate::model::{ConfigKey, ConfigSource, Inherited, ObservedConfig, ReadError, TopicName, known};

/// The configs of a broker, by the broker's names of them.
pub(super) type BrokerConfigs = BTreeMap<ConfigKey, ObservedConfig>;

/// What lies behind each of the overrides whose chains were read. Where neither chain nor broker
/// tell, a key is left out, and the plan takes the cautious view; what kept the broker from telling comes
/// beside it.
pub(super) async fn inherited<A: Admin>(
    admin: &A,
    chains: PerTopic<TopicSynonyms>,
) -> (
    BTreeMap<TopicName, BTreeMap<ConfigKey, Inherited>>,
    Option<ReadError>,
) {
    let chains: BTreeMap<TopicName, TopicSynonyms> = chains
        .into_iter()
        .filter_map(|(name, chain)| Some((name, chain.ok()?)))
        .collect();
    let (broker, unread) = match broker_configs(admin, &chains).await {
        Ok(configs) => (configs, None),
        Err(error) => (BrokerConfigs::new(), Some(error.read_error())),
    };
    let behind = |(key, (_, chain)): (ConfigKey, (_, Vec<_>))| {
        let inherited = Inherited::from_synonyms(&chain).or_else(|| from_broker(&key, &broker))?;
        Some((key, inherited))
    };
    let inherited = chains
        .into_iter()
        .map(|(name, chain)| (name, chain.into_iter().filter_map(behind).collect()))
        .collect();
    (inherited, unread)
}

async fn broker_configs<A: Admin>(
    admin: &A,
    chains: &BTreeMap<TopicName, TopicSynonyms>,
) -> Result<BrokerConfigs, ItemError> {
    let open = chains
        .values()
        .flatten()
        .filter(|(_, (_, chain))| Inherited::from_synonyms(chain).is_none());
    let names: BTreeSet<ConfigKey> = open.flat_map(|(key, _)| broker_names(key)).collect();
    if names.is_empty() {
        return Ok(BrokerConfigs::new());
    }
    let names: Vec<ConfigKey> = names.into_iter().collect();
    admin
        .broker_configs(&names)
        .await
        .unwrap_or_else(|error| Err(ItemError::Request(error)))
}

pub(super) fn broker_names(key: &ConfigKey) -> Vec<ConfigKey> {
    let names = known::lookup(key.as_str()).map_or(&[][..], |config| config.broker_names);
    names
        .iter()
        .filter_map(|name| ConfigKey::new(name).ok())
        .collect()
}

/// The first of the broker's configs behind `key` that has a value, in the topic's unit. A key that
/// no broker config feeds has Kafka's own default.
pub(super) fn from_broker(key: &ConfigKey, broker: &BrokerConfigs) -> Option<Inherited> {
    let config = known::lookup(key.as_str())?;
    if config.broker_names.is_empty() {
        return Some(Inherited {
            value: Some(config.default().into()),
            source: ConfigSource::Default,
        });
    }
    let first = config.broker_names.iter().find_map(|name| {
        let seen = broker.get(*name)?;
        seen.value.as_deref().map(|value| (*name, value, seen.source))
    });
    let (name, value, source) = first?;
    Some(Inherited {
        value: Some(in_milliseconds(name, value)?),
        source,
    })
}

/// Kafka's brokers count some durations in hours or minutes, by the name of the config.
fn in_milliseconds(name: &str, value: &str) -> Option<Arc<str>> {
    let factor = match name.rsplit('.').next() {
        Some("hours") => 3_600_000,
        Some("minutes") => 60_000,
        Some(_) | None => return Some(value.into()),
    };
    let number: i64 = value.trim().parse().ok()?;
    // A negative number of hours is no limit in milliseconds too.
    let milliseconds = if number < 0 {
        number
    } else {
        number.checked_mul(factor)?
    };
    Some(milliseconds.to_string().into())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn broker(configs: &[(&str, Option<&str>)]) -> BrokerConfigs {
        let entry = |(name, value): &(&str, Option<&str>)| {
            let seen = ObservedConfig {
                value: value.map(Into::into),
                source: ConfigSource::Default,
                sensitive: false,
            };
            (ConfigKey::new(name).unwrap(), seen)
        };
        configs.iter().map(entry).collect()
    }

    fn behind(key: &str, configs: &[(&str, Option<&str>)]) -> Option<String> {
        let inherited = from_broker(&ConfigKey::new(key).unwrap(), &broker(configs))?;
        inherited.value.map(|value| value.to_string())
    }

    #[test]
    fn hours_count_where_nothing_finer_is_set() {
        let hours = ("log.retention.hours", Some("168"));
        let unset = [("log.retention.ms", None), ("log.retention.minutes", None), hours];
        assert_eq!(behind("retention.ms", &unset).as_deref(), Some("604800000"));
        let minutes = [("log.retention.minutes", Some("10")), hours];
        assert_eq!(behind("retention.ms", &minutes).as_deref(), Some("600000"));
        assert_eq!(
            behind("retention.ms", &[("log.retention.hours", Some("-1"))]).as_deref(),
            Some("-1")
        );
    }

    #[test]
    fn what_the_broker_does_not_tell_is_not_made_up() {
        assert_eq!(behind("retention.ms", &[]), None);
        assert_eq!(behind("vendor.key", &[]), None);
        assert_eq!(behind("remote.storage.enable", &[]).as_deref(), Some("false"));
    }
}
