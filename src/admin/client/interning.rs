//! One copy of what many topics share: config keys, values, and whole config maps. Of ten thousand
//! topics most have the same ones.

use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;

use crate::model::{ConfigKey, InvalidConfigKey, ObservedConfig, TopicConfigs};

/// Keeps what it has seen.
#[derive(Debug, Default)]
pub(super) struct Interner {
    keys: HashSet<ConfigKey>,
    values: HashSet<Arc<str>>,
    maps: HashSet<TopicConfigs>,
}

impl Interner {
    pub(super) fn key(&mut self, key: &str) -> Result<ConfigKey, InvalidConfigKey> {
        if let Some(known) = self.keys.get(key) {
            return Ok(known.clone());
        }
        let key = ConfigKey::new(key)?;
        self.keys.insert(key.clone());
        Ok(key)
    }

    pub(super) fn value(&mut self, value: &str) -> Arc<str> {
        if let Some(known) = self.values.get(value) {
            return Arc::clone(known);
        }
        let value: Arc<str> = value.into();
        self.values.insert(Arc::clone(&value));
        value
    }

    pub(super) fn map(&mut self, map: BTreeMap<ConfigKey, ObservedConfig>) -> TopicConfigs {
        if let Some(known) = self.maps.get(&map) {
            return Arc::clone(known);
        }
        let map = Arc::new(map);
        self.maps.insert(Arc::clone(&map));
        map
    }
}
