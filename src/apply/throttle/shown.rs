//! What topics and brokers show of throttles: none, one of this tool, or one of somebody else.

use std::collections::{BTreeMap, BTreeSet};

use super::{LeadersAndFollowers, keyed};
use crate::admin::ConfigChange;
use crate::model::throttle::{
    THROTTLED_RATE, THROTTLED_REPLICAS, own_throttled_rate, own_throttled_replicas,
};
use crate::model::{BrokerId, ConfigKey, ConfigSource, ObservedConfig, TopicConfigs};

/// The replicas of one topic that are throttled.
pub(super) type ThrottledReplicas = BTreeSet<(i32, BrokerId)>;

/// One list of a topic.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum ThrottleList {
    None,
    Own(ThrottledReplicas),
    Foreign,
}

impl ThrottleList {
    fn of_config(configs: Option<&TopicConfigs>, key: &str) -> Self {
        let set = configs.and_then(|configs| set_value(configs.get(key), ConfigSource::Topic));
        match set.filter(|list| !list.is_empty()) {
            None => Self::None,
            Some(list) => own_throttled_replicas(list).map_or(Self::Foreign, Self::Own),
        }
    }

    pub(super) fn replicas(&self) -> impl Iterator<Item = (i32, BrokerId)> {
        let own = match self {
            Self::Own(replicas) => Some(replicas),
            Self::None | Self::Foreign => None,
        };
        own.into_iter().flatten().copied()
    }
}

/// A topic's lists: of the replicas that are throttled as leaders, and as followers.
pub(super) struct Lists(LeadersAndFollowers<ThrottleList>);

impl Lists {
    pub(super) fn of_topic(configs: Option<&TopicConfigs>) -> Self {
        Self(THROTTLED_REPLICAS.map(|key| ThrottleList::of_config(configs, key)))
    }

    pub(super) fn has_own(&self) -> bool {
        self.0.iter().any(|list| matches!(list, ThrottleList::Own(_)))
    }

    pub(super) fn has_foreign(&self) -> bool {
        self.0.contains(&ThrottleList::Foreign)
    }

    /// The brokers that own lists name.
    pub(super) fn brokers(&self) -> BTreeSet<BrokerId> {
        let replicas = self.0.iter().flat_map(ThrottleList::replicas);
        replicas.map(|(_, broker)| broker).collect()
    }

    /// What own lists name.
    pub(super) fn replicas(&self) -> LeadersAndFollowers<ThrottledReplicas> {
        self.0.each_ref().map(|list| list.replicas().collect())
    }

    /// Takes own lists away, one by one: somebody may have changed the other. What this run has just set is its own
    /// also where brokers do not show it yet.
    pub(super) fn reset(&self, is_just_set: bool) -> BTreeMap<ConfigKey, ConfigChange> {
        let keys = THROTTLED_REPLICAS.iter().zip(&self.0);
        let is_own = |list: &ThrottleList| match list {
            ThrottleList::Own(_) => true,
            ThrottleList::None => is_just_set,
            ThrottleList::Foreign => false,
        };
        let own = keys.filter(|(_, list)| is_own(list));
        own.filter_map(|(key, _)| Some((ConfigKey::new(key).ok()?, ConfigChange::Reset)))
            .collect()
    }
}

/// A broker's rates.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Rate {
    None,
    Own,
    Foreign,
}

impl Rate {
    /// One that holds for the whole cluster is somebody else's, as is half of a pair.
    pub(super) fn of_configs(configs: &BTreeMap<ConfigKey, ObservedConfig>) -> Self {
        let is_set = |config: &&ObservedConfig| config.source != ConfigSource::Default;
        let rates = THROTTLED_RATE.map(|key| configs.get(key).filter(is_set));
        match rates {
            [None, None] => Self::None,
            [Some(leader), Some(follower)] => {
                let own = |config| set_value(Some(config), ConfigSource::Broker);
                let rates = own(leader).zip(own(follower));
                match rates.and_then(|(leader, follower)| own_throttled_rate(leader, follower)) {
                    Some(_) => Self::Own,
                    None => Self::Foreign,
                }
            }
            [Some(_), None] | [None, Some(_)] => Self::Foreign,
        }
    }

    pub(super) fn reset() -> BTreeMap<ConfigKey, ConfigChange> {
        keyed(THROTTLED_RATE, [ConfigChange::Reset, ConfigChange::Reset])
    }
}

fn set_value(config: Option<&ObservedConfig>, source: ConfigSource) -> Option<&str> {
    config.filter(|config| config.source == source)?.value.as_deref()
}
