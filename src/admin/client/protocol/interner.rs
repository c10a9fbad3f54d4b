//! One copy of what many topics share: config keys, values, and whole config maps. Of ten thousand
//! topics most have the same ones.

use std::collections::{HashSet, VecDeque};
use std::sync::Arc;

use crate::model::{ConfigKey, InvalidConfigKey, ObservedConfig, TopicConfigs};

/// A topic's configs in the order in which the broker listed them.
pub(crate) type Listed = [(ConfigKey, ObservedConfig)];

/// How many of the lists seen last are compared with a new one. Clusters have a handful of kinds of
/// topics; each further list costs a comparison that mostly ends at the first entry that differs.
const RECENT: usize = 8;

/// Keeps what it has seen.
#[derive(Debug, Default)]
pub(crate) struct Interner {
    keys: HashSet<ConfigKey>,
    values: HashSet<Arc<str>>,
    maps: HashSet<TopicConfigs>,
    /// Brokers list every topic's configs in the same order, so that equal topics have equal lists:
    /// to compare a list is far cheaper than to build the map anew. The list used last comes first.
    recent: VecDeque<(Box<Listed>, TopicConfigs)>,
}

impl Interner {
    pub(crate) fn key(&mut self, key: &str) -> Result<ConfigKey, InvalidConfigKey> {
        if let Some(known) = self.keys.get(key) {
            return Ok(known.clone());
        }
        let key = ConfigKey::new(key)?;
        self.keys.insert(key.clone());
        Ok(key)
    }

    pub(crate) fn value(&mut self, value: &str) -> Arc<str> {
        if let Some(known) = self.values.get(value) {
            return Arc::clone(known);
        }
        let value: Arc<str> = value.into();
        self.values.insert(Arc::clone(&value));
        value
    }

    /// The map of the list that `is_same` recognises, if it is among those seen last.
    pub(crate) fn recent(&mut self, is_same: impl Fn(&Listed) -> bool) -> Option<TopicConfigs> {
        let found = self.recent.iter().position(|(listed, _)| is_same(listed))?;
        self.recent.swap(0, found);
        self.recent.front().map(|(_, map)| Arc::clone(map))
    }

    /// The map of a list that is not among those seen last.
    pub(crate) fn map(&mut self, listed: Box<Listed>) -> TopicConfigs {
        let map: TopicConfigs = Arc::new(listed.iter().cloned().collect());
        let map = if let Some(known) = self.maps.get(&map) {
            Arc::clone(known)
        } else {
            self.maps.insert(Arc::clone(&map));
            map
        };
        self.recent.truncate(RECENT - 1);
        self.recent.push_front((listed, Arc::clone(&map)));
        map
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::ConfigSource;

    fn listed(value: &str) -> Box<Listed> {
        let config = ObservedConfig {
            value: Some(value.into()),
            source: ConfigSource::Topic,
            sensitive: false,
        };
        Box::new([(ConfigKey::new("retention.ms").unwrap(), config)])
    }

    #[test]
    fn equal_topics_share_one_map_however_long_ago_the_first_was() {
        let mut interner = Interner::default();
        let first = interner.map(listed("0"));
        assert!(interner.recent(|list| *list == *listed("1")).is_none());
        assert!(Arc::ptr_eq(
            &first,
            &interner.recent(|list| *list == *listed("0")).unwrap()
        ));
        for other in 1..=RECENT {
            interner.map(listed(&other.to_string()));
        }
        assert!(interner.recent(|list| *list == *listed("0")).is_none());
        assert_eq!(interner.recent.len(), RECENT);
        assert!(Arc::ptr_eq(&first, &interner.map(listed("0"))));
    }
}
