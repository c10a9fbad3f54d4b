//! Limits how fast replicas are copied, and takes the limit away again. Touches nobody else's: what bears
//! no checksum of this tool ([`crate::model::throttle`]) is left as it is, and said.
//!
//! The order is what makes it safe to be killed at any point. Topics get their lists before brokers get
//! their rates, and lose them after: as long as a rate of this tool is in force, some topic says so, and
//! the next run finds it there. A list without a rate limits nothing, and neither does a rate without a
//! list.

mod clear;
mod shown;

use std::collections::{BTreeMap, BTreeSet};

use self::shown::{Lists, Rate, Replicas};
use super::write::Share;
use crate::admin::{Admin, BrokerConfigs, ConfigChange, ConfigsToAlter, ItemError, PerTopic};
use crate::model::throttle::{THROTTLED_RATE, THROTTLED_REPLICAS, throttled_rates, throttled_replicas};
use crate::model::{BrokerId, ConfigKey, TopicConfigs, TopicName};
use crate::plan::ReplicationChange;

pub use clear::clear;

/// Something for leaders, and for followers.
type Sides<T> = [T; 2];

/// The longest value that the controller takes for a config (`ConfigurationControlManager`).
const LONGEST_LIST: usize = 32_767;

/// What is to be said of throttles after a run.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Throttles {
    /// What was left as it is on purpose.
    pub left: Vec<String>,
    /// What should have been taken away and could not be.
    pub failed: Vec<String>,
}

/// What a run has limited itself.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Limited {
    /// Topics with lists.
    pub topics: BTreeSet<TopicName>,
    /// Brokers with rates.
    pub brokers: BTreeSet<BrokerId>,
    /// Brokers that were not alive, and have none.
    pub dead: BTreeSet<BrokerId>,
}

impl Limited {
    /// Adds what else was limited.
    pub fn and(&mut self, other: Self) {
        self.topics.extend(other.topics);
        self.brokers.extend(other.brokers);
        self.dead.extend(other.dead);
    }
}

/// What came of limiting a batch.
#[derive(Default)]
pub(super) struct Set {
    /// What is to be said.
    pub(super) left: Vec<String>,
    /// Topics that cannot be limited and are not to be moved, and why.
    pub(super) refused: BTreeMap<TopicName, String>,
}

/// Limits what is about to be moved to so many bytes per second on each broker. What is set is added to `limited`
/// before it is.
///
/// # Errors
/// Why it could not be limited. Nothing should be moved then.
pub(super) async fn set<A: Admin>(
    admin: &A,
    shares: &[Share<'_>],
    bytes_per_second: i64,
    limited: &mut Limited,
) -> Result<Set, String> {
    let changes: BTreeMap<&TopicName, &ReplicationChange> = super::copying::changes(shares).collect();
    let shown = configs(admin, changes.keys().copied().collect()).await?;
    let (mut set, mut lists, mut brokers) = (Set::default(), Vec::new(), BTreeSet::new());
    for (name, change) in changes {
        let list = match shown.get(name) {
            Some(Err(error)) => List::Refused(format!("its configs could not be read: {error}")),
            Some(Ok(shown)) => List::new(name, change, &Lists::of(shown.as_ref())),
            None => List::new(name, change, &Lists::of(None)),
        };
        match list {
            List::NotNeeded => {}
            List::Refused(why) => _ = set.refused.insert(name.clone(), why),
            List::Needed { change, of } => {
                lists.push(change);
                brokers.extend(of);
            }
        }
    }
    let alive = admin.cluster().await.map_err(words)?.brokers;
    let (alive, dead): (BTreeSet<BrokerId>, BTreeSet<BrokerId>) =
        brokers.into_iter().partition(|id| alive.contains_key(id));
    set.left.extend(dead.iter().map(|broker| {
        format!(
            "broker {broker} is not alive, and has no limit; if it comes back, it copies as fast as it can"
        )
    }));
    limited.dead.extend(&dead);
    let rates = rates(admin, &alive).await?;
    let foreign = rates.iter().filter(|(_, rate)| **rate == Rate::Foreign);
    set.left.extend(foreign.map(|(broker, _)| {
        format!("broker {broker} has a replication throttle of somebody else's, left as it is")
    }));
    limited.topics.extend(lists.iter().map(|list| list.name.clone()));
    write_lists(admin, &lists).await?;
    let free: BTreeSet<BrokerId> = rates
        .into_iter()
        .filter(|(_, rate)| *rate != Rate::Foreign)
        .map(|(broker, _)| broker)
        .collect();
    limited.brokers.extend(&free);
    let values = throttled_rates(bytes_per_second).map(|rate| ConfigChange::Set(rate.to_string().into()));
    let limits = free
        .into_iter()
        .map(|broker| (broker, keyed(THROTTLED_RATE, values.clone())));
    write_rates(admin, &limits.collect()).await?;
    Ok(set)
}

/// What is to become of a topic's lists.
enum List {
    /// Nothing is copied, or only what others have begun, at the pace that they chose.
    NotNeeded,
    /// It cannot be limited.
    Refused(String),
    Needed {
        change: ConfigsToAlter,
        /// The brokers that it names.
        of: BTreeSet<BrokerId>,
    },
}

impl List {
    /// What an earlier run listed stays listed: it may still be under way.
    fn new(name: &TopicName, change: &ReplicationChange, shown: &Lists) -> Self {
        let begun = replicas(change);
        let is_begun = begun.iter().any(|replicas| !replicas.is_empty());
        if !is_begun && !shown.has_own() {
            return Self::NotNeeded;
        }
        if shown.has_foreign() {
            return if is_begun {
                Self::Refused(format!(
                    "topic {name} has throttled replicas of somebody else's; take them away, or apply without --throttle"
                ))
            } else {
                Self::NotNeeded
            };
        }
        let [mut leaders, mut followers] = begun;
        let [old_leaders, old_followers] = shown.replicas();
        leaders.extend(old_leaders);
        followers.extend(old_followers);
        Self::of(name, [leaders, followers])
    }

    fn of(name: &TopicName, replicas: Sides<Replicas>) -> Self {
        let values = replicas.each_ref().map(throttled_replicas);
        if values.iter().any(|list| list.len() > LONGEST_LIST) {
            return Self::Refused(format!(
                "the list of its replicas would be longer than Kafka takes ({LONGEST_LIST} bytes); apply topic {name} \
                 without --throttle"
            ));
        }
        let change = ConfigsToAlter {
            name: name.clone(),
            changes: keyed(
                THROTTLED_REPLICAS,
                values.map(|list| ConfigChange::Set(list.into())),
            ),
        };
        let of = replicas.into_iter().flatten().map(|(_, broker)| broker).collect();
        Self::Needed { change, of }
    }
}

/// Those that are copied from, and those that are copied to, of what is sent: what others have begun is theirs.
fn replicas(change: &ReplicationChange) -> Sides<Replicas> {
    let (mut leaders, mut followers) = (Replicas::new(), Replicas::new());
    for (index, moved) in change.sent() {
        let added = moved.added();
        if !added.is_empty() {
            leaders.extend(moved.from.iter().map(|broker| (index, *broker)));
            followers.extend(added.into_iter().map(|broker| (index, broker)));
        }
    }
    [leaders, followers]
}

fn keyed(keys: Sides<&str>, changes: Sides<ConfigChange>) -> BTreeMap<ConfigKey, ConfigChange> {
    let keys = keys.into_iter().filter_map(|key| ConfigKey::new(key).ok());
    keys.zip(changes).collect()
}

async fn configs<A: Admin>(
    admin: &A,
    names: BTreeSet<&TopicName>,
) -> Result<PerTopic<Option<TopicConfigs>>, String> {
    let names: Vec<TopicName> = names.into_iter().cloned().collect();
    admin.configs(&names).await.map_err(words)
}

async fn rates<A: Admin>(
    admin: &A,
    brokers: &BTreeSet<BrokerId>,
) -> Result<BTreeMap<BrokerId, Rate>, String> {
    let keys = THROTTLED_RATE.iter().filter_map(|key| ConfigKey::new(key).ok());
    let keys: Vec<ConfigKey> = keys.collect();
    let brokers: Vec<BrokerId> = brokers.iter().copied().collect();
    let told: BrokerConfigs = admin.configs_of_brokers(&brokers, &keys).await.map_err(words)?;
    let rate = |(broker, configs): (BrokerId, Result<_, ItemError>)| match configs {
        Ok(configs) => Ok((broker, Rate::of(&configs))),
        Err(error) => Err(format!(
            "the configs of broker {broker} could not be read: {error}"
        )),
    };
    told.into_iter().map(rate).collect()
}

async fn write_lists<A: Admin>(admin: &A, lists: &[ConfigsToAlter]) -> Result<(), String> {
    if lists.is_empty() {
        return Ok(());
    }
    let answers: PerTopic<()> = admin
        .alter_configs(lists, crate::admin::WriteMode::Write)
        .await
        .map_err(words)?;
    for (name, answer) in answers {
        answer.map_err(|error| format!("topic {name}: {error}"))?;
    }
    Ok(())
}

async fn write_rates<A: Admin>(
    admin: &A,
    changes: &BTreeMap<BrokerId, BTreeMap<ConfigKey, ConfigChange>>,
) -> Result<(), String> {
    for (broker, answer) in admin.alter_broker_configs(changes).await.map_err(words)? {
        answer.map_err(|error| format!("broker {broker}: {error}"))?;
    }
    Ok(())
}

fn words<E: ToString>(error: E) -> String {
    let words = error.to_string();
    drop(error);
    words
}
