//! What a topic inherits, broker by broker.
//!
//! A broker decides by its own value of a config that the topic does not set: the leader of a partition
//! deletes, accepts and counts by it, and so does every follower on its own disk (`LogConfig` of that broker:
//! `server.properties`, `kafka-configs --entity-type brokers --entity-name N`). Brokers can differ.

use std::collections::{BTreeMap, BTreeSet};

use super::name::{BrokerId, ConfigKey};
use super::observed::Inherited;
use super::reading::ReadError;
use super::value;

/// Whether the controller goes by its own value, which any broker may be, and not the brokers with a replica: it
/// elects leaders (`ConfigurationControlManager.uncleanLeaderElectionEnabledForTopic`).
pub fn is_controllers(key: &ConfigKey) -> bool {
    key.as_str() == "unclean.leader.election.enable"
}

/// Which inherited configs of a topic are to be read from which brokers.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ValuesToAsk {
    /// The configs.
    pub keys: BTreeSet<ConfigKey>,
    /// The brokers that decide by their own values.
    pub brokers: BTreeSet<BrokerId>,
    /// Brokers that may get replicas of the topic, or may be the controller, and decide then.
    pub others: BTreeSet<BrokerId>,
}

/// What brokers told of [`ValuesToAsk`]. Empty: nothing depended on it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct InheritedByBroker {
    /// The configs that were asked for.
    pub keys: BTreeSet<ConfigKey>,
    /// What each broker inherits to the topic, or why it did not tell. A key that is left out is not known.
    pub brokers: BTreeMap<BrokerId, ToldValues>,
    /// The same of brokers that may get replicas, or may be the controller.
    pub others: BTreeMap<BrokerId, ToldValues>,
}

/// What one broker inherits to a topic, or why it did not tell.
pub type ToldValues = Result<BTreeMap<ConfigKey, Inherited>, ReadError>;

impl InheritedByBroker {
    /// The value of a config on each broker; nothing for a config that was not asked for.
    pub fn value_by_broker(&self, key: &ConfigKey) -> ValueByBroker {
        if !self.keys.contains(key) {
            return ValueByBroker::default();
        }
        let others = self.others.iter().filter(|_| is_controllers(key));
        let told = self.brokers.iter().chain(others).map(|(broker, told)| {
            let told = told.as_ref().ok().and_then(|told| told.get(key));
            (*broker, told.cloned())
        });
        ValueByBroker(told.collect())
    }
}

/// One inherited config by broker; `None` where it is not known.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ValueByBroker(BTreeMap<BrokerId, Option<Inherited>>);

impl ValueByBroker {
    /// What the broker with the lowest id tells: the same one in every run, whichever broker is asked first.
    pub fn first(&self) -> Option<&Inherited> {
        self.0.values().flatten().next()
    }

    /// The same, but empty where all brokers tell the same value.
    #[must_use]
    pub fn unless_alike(self, key: &ConfigKey) -> Self {
        match self.groups(key).as_slice() {
            [] | [(Some(_), _)] => Self::default(),
            [(None, _)] | [_, _, ..] => self,
        }
    }

    /// The same, but empty where no two brokers tell different values.
    #[must_use]
    pub fn if_different(self, key: &ConfigKey) -> Self {
        let told = self.groups(key).into_iter().filter(|(told, _)| told.is_some());
        if told.count() > 1 { self } else { Self::default() }
    }

    /// Brokers with the same value together, in the order of the lowest id; those that do not tell last.
    pub fn groups(&self, key: &ConfigKey) -> Vec<(Option<&Inherited>, Vec<BrokerId>)> {
        let mut groups: Vec<(Option<&Inherited>, Vec<BrokerId>)> = Vec::new();
        for (broker, told) in &self.0 {
            let is_same =
                |(group, _): &&mut (Option<&Inherited>, Vec<BrokerId>)| same(key, *group, told.as_ref());
            match groups.iter_mut().find(is_same) {
                Some((_, brokers)) => brokers.push(*broker),
                None => groups.push((told.as_ref(), vec![*broker])),
            }
        }
        groups.sort_by_key(|(told, _)| told.is_none());
        groups
    }

    /// Nothing was asked, or all brokers tell the same.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

fn same(key: &ConfigKey, one: Option<&Inherited>, other: Option<&Inherited>) -> bool {
    match (one, other) {
        (None, None) => true,
        (Some(one), Some(other)) => match (&one.value, &other.value) {
            (Some(one), Some(other)) => value::same_value(key, one, other),
            (one, other) => one == other,
        },
        (None, Some(_)) | (Some(_), None) => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::ConfigSource;

    fn key() -> ConfigKey {
        ConfigKey::new("retention.ms").unwrap()
    }

    fn values(told: &[(i32, Option<&str>)]) -> ValueByBroker {
        let inherited = |value: &str| Inherited {
            value: Some(value.into()),
            source: ConfigSource::Broker,
        };
        let each = told
            .iter()
            .map(|(id, value)| (BrokerId(*id), value.map(inherited)));
        ValueByBroker(each.collect())
    }

    fn grouped(told: &[(i32, Option<&str>)]) -> Vec<String> {
        let values = values(told);
        let groups = values.groups(&key());
        let text = |(told, brokers): &(Option<&Inherited>, Vec<BrokerId>)| {
            let value = told.and_then(|told| told.value.as_deref()).unwrap_or("?");
            format!("{value} on {brokers:?}").replace("BrokerId", "")
        };
        groups.iter().map(text).collect()
    }

    #[test]
    fn brokers_with_the_same_value_are_named_together() {
        let told = [(1, Some("5")), (2, None), (3, Some("7")), (4, Some("05"))];
        assert_eq!(grouped(&told), ["5 on [(1), (4)]", "7 on [(3)]", "? on [(2)]"]);
    }

    #[test]
    fn brokers_differ_only_where_they_tell() {
        let differ = |told: &[(i32, Option<&str>)]| !values(told).if_different(&key()).is_empty();
        assert!(differ(&[(1, Some("5")), (2, Some("6"))]));
        assert!(differ(&[(1, Some("5")), (2, None), (3, Some("6"))]));
        assert!(!differ(&[(1, Some("5")), (2, Some("05"))]));
        assert!(!differ(&[(1, Some("5")), (2, None)]));
        assert!(!differ(&[(1, None)]));
    }

    #[test]
    fn there_is_nothing_to_say_where_all_are_alike_and_known() {
        assert!(
            values(&[(1, Some("5")), (2, Some("5"))])
                .unless_alike(&key())
                .is_empty()
        );
        assert!(
            !values(&[(1, Some("5")), (2, Some("6"))])
                .unless_alike(&key())
                .is_empty()
        );
        assert!(
            !values(&[(1, Some("5")), (2, None)])
                .unless_alike(&key())
                .is_empty()
        );
        assert!(!values(&[(1, None)]).unless_alike(&key()).is_empty());
        assert_eq!(
            values(&[(1, None), (2, Some("6"))])
                .first()
                .unwrap()
                .value
                .as_deref(),
            Some("6")
        );
    }
}
