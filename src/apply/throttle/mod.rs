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

use self::shown::{Lists, Rate, ThrottledReplicas};
use super::write::TopicChanges;
use crate::admin::{Admin, AdminError, BrokerConfigs, ConfigChange, ConfigsToAlter, ItemError, PerTopic};
use crate::model::throttle::{THROTTLED_RATE, THROTTLED_REPLICAS, throttled_rates, throttled_replicas};
use crate::model::{BrokerId, ConfigKey, ReadError, TopicConfigs, TopicName};
use crate::plan::ReplicationChange;

pub use clear::clear;

/// Something for leaders, and for followers.
type LeadersAndFollowers<T> = [T; 2];

/// The longest value that the controller takes for a config (`ConfigurationControlManager`).
const LONGEST_LIST: usize = 32_767;

/// What is to be said of throttles after a run.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ThrottleReport {
    /// What was left as it is on purpose.
    pub left: Vec<String>,
    /// What should have been taken away and could not be.
    pub failed: Vec<String>,
}

/// What a run has limited itself.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct AppliedThrottles {
    /// Topics with lists.
    pub topics: BTreeSet<TopicName>,
    /// Brokers with rates.
    pub brokers: BTreeSet<BrokerId>,
    /// Brokers that were not alive, and have none.
    pub dead: BTreeSet<BrokerId>,
}

impl AppliedThrottles {
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
    pub(super) refused: BTreeMap<TopicName, ReadError>,
}

/// Limits what is about to be moved to so many bytes per second on each broker. What is set is added to `limited`
/// before it is.
///
/// # Errors
/// Why it could not be limited. Nothing should be moved then.
pub(super) async fn set<A: Admin>(
    admin: &A,
    shares: &[TopicChanges<'_>],
    bytes_per_second: i64,
    limited: &mut AppliedThrottles,
) -> Result<Set, ReadError> {
    let changes: BTreeMap<&TopicName, &ReplicationChange> = super::copy_snapshot::changes(shares).collect();
    let shown = configs(admin, changes.keys().copied().collect()).await?;
    let (mut set, mut lists) = (Set::default(), Vec::new());
    let mut brokers: BTreeMap<TopicName, BTreeSet<BrokerId>> = BTreeMap::new();
    for (name, change) in changes {
        let list = match shown.get(name) {
            Some(Err(error)) => {
                ListChange::Refused(error.read_error().in_context("its configs could not be read"))
            }
            Some(Ok(shown)) => ListChange::new(name, change, &Lists::of_topic(shown.as_ref())),
            None => ListChange::new(name, change, &Lists::of_topic(None)),
        };
        match list {
            ListChange::NotNeeded => {}
            ListChange::Refused(why) => _ = set.refused.insert(name.clone(), why),
            ListChange::Needed { change, of } => {
                lists.push(change);
                brokers.insert(name.clone(), of);
            }
        }
    }
    // What cannot be limited is found out before anything is set.
    let shown = ThrottleTargets::read_brokers(admin, brokers.values().flatten().copied().collect()).await?;
    limited.topics.extend(brokers.keys().cloned());
    for (name, error) in write_lists(admin, &lists).await? {
        brokers.remove(&name);
        if !error.outcome_is_unknown() {
            limited.topics.remove(&name);
        }
        let why = error.read_error().in_context(format_args!("topic {name}"));
        set.refused.insert(name, why);
    }
    let named: BTreeSet<BrokerId> = brokers.into_values().flatten().collect();
    let free: Vec<BrokerId> = shown.free.intersection(&named).copied().collect();
    limited.brokers.extend(&free);
    limited.dead.extend(&shown.dead);
    let values = throttled_rates(bytes_per_second).map(|rate| ConfigChange::Set(rate.to_string().into()));
    let limits = free
        .into_iter()
        .map(|broker| (broker, keyed(THROTTLED_RATE, values.clone())));
    write_rates(admin, &limits.collect()).await?;
    set.left = shown.words();
    Ok(set)
}

/// Brokers, by whether they can be limited.
struct ThrottleTargets {
    free: BTreeSet<BrokerId>,
    /// Those that are not alive.
    dead: BTreeSet<BrokerId>,
    /// Those that somebody else has limited.
    foreign: BTreeSet<BrokerId>,
}

impl ThrottleTargets {
    async fn read_brokers<A: Admin>(admin: &A, brokers: BTreeSet<BrokerId>) -> Result<Self, ReadError> {
        let alive = admin.cluster().await.map_err(whole)?.brokers;
        let (alive, dead): (BTreeSet<BrokerId>, BTreeSet<BrokerId>) =
            brokers.into_iter().partition(|id| alive.contains_key(id));
        let rates = rates(admin, &alive).await?;
        let foreign = rates.iter().filter(|(_, rate)| **rate == Rate::Foreign);
        let foreign: BTreeSet<BrokerId> = foreign.map(|(broker, _)| *broker).collect();
        Ok(Self {
            free: alive.difference(&foreign).copied().collect(),
            dead,
            foreign,
        })
    }

    fn words(&self) -> Vec<String> {
        let dead = self.dead.iter().map(|broker| {
            format!("broker {broker} is not alive, and has no limit; if it comes back, it copies as fast as it can")
        });
        let foreign = self.foreign.iter().map(|broker| {
            format!("broker {broker} has a replication throttle of somebody else's, left as it is")
        });
        dead.chain(foreign).collect()
    }
}

/// What is to become of a topic's lists.
enum ListChange {
    /// Nothing is copied, or only what others have begun, at the pace that they chose.
    NotNeeded,
    /// It cannot be limited.
    Refused(ReadError),
    Needed {
        change: ConfigsToAlter,
        /// The brokers that it names.
        of: BTreeSet<BrokerId>,
    },
}

impl ListChange {
    /// What an earlier run listed stays listed: it may still be under way.
    fn new(name: &TopicName, change: &ReplicationChange, shown: &Lists) -> Self {
        let begun = replicas(change);
        let is_begun = begun.iter().any(|replicas| !replicas.is_empty());
        if !is_begun && !shown.has_own() {
            return Self::NotNeeded;
        }
        if shown.has_foreign() {
            return if is_begun {
                let why = format!(
                    "topic {name} has throttled replicas of somebody else's; remove them, or apply without --throttle"
                );
                Self::Refused(why.into())
            } else {
                Self::NotNeeded
            };
        }
        let [mut leaders, mut followers] = begun;
        let [old_leaders, old_followers] = shown.replicas();
        leaders.extend(old_leaders);
        followers.extend(old_followers);
        Self::of_replicas(name, [leaders, followers])
    }

    fn of_replicas(name: &TopicName, replicas: LeadersAndFollowers<ThrottledReplicas>) -> Self {
        let values = replicas.each_ref().map(throttled_replicas);
        if values.iter().any(|list| list.len() > LONGEST_LIST) {
            let why = format!(
                "the list of its replicas would be longer than Kafka takes ({LONGEST_LIST} bytes); apply topic {name} \
                 without --throttle"
            );
            return Self::Refused(why.into());
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
fn replicas(change: &ReplicationChange) -> LeadersAndFollowers<ThrottledReplicas> {
    let (mut leaders, mut followers) = (ThrottledReplicas::new(), ThrottledReplicas::new());
    for (index, moved) in change.sent() {
        let added = moved.added();
        if !added.is_empty() {
            leaders.extend(moved.from.iter().map(|broker| (index, *broker)));
            followers.extend(added.into_iter().map(|broker| (index, broker)));
        }
    }
    [leaders, followers]
}

fn keyed(
    keys: LeadersAndFollowers<&str>,
    changes: LeadersAndFollowers<ConfigChange>,
) -> BTreeMap<ConfigKey, ConfigChange> {
    let keys = keys.into_iter().filter_map(|key| ConfigKey::new(key).ok());
    keys.zip(changes).collect()
}

async fn configs<A: Admin>(
    admin: &A,
    names: BTreeSet<&TopicName>,
) -> Result<PerTopic<Option<TopicConfigs>>, ReadError> {
    let names: Vec<TopicName> = names.into_iter().cloned().collect();
    admin.configs(&names).await.map_err(whole)
}

async fn rates<A: Admin>(
    admin: &A,
    brokers: &BTreeSet<BrokerId>,
) -> Result<BTreeMap<BrokerId, Rate>, ReadError> {
    let keys = THROTTLED_RATE.iter().filter_map(|key| ConfigKey::new(key).ok());
    let keys: Vec<ConfigKey> = keys.collect();
    let brokers: Vec<BrokerId> = brokers.iter().copied().collect();
    let told: BrokerConfigs = admin.configs_of_brokers(&brokers, &keys).await.map_err(whole)?;
    let rate = |(broker, configs): (BrokerId, Result<_, ItemError>)| match configs {
        Ok(configs) => Ok((broker, Rate::of_configs(&configs))),
        Err(error) => Err(error
            .read_error()
            .in_context(format_args!("the configs of broker {broker} could not be read"))),
    };
    told.into_iter().map(rate).collect()
}

/// By topic, what kept it from being written.
async fn write_lists<A: Admin>(
    admin: &A,
    lists: &[ConfigsToAlter],
) -> Result<BTreeMap<TopicName, ItemError>, ReadError> {
    if lists.is_empty() {
        return Ok(BTreeMap::new());
    }
    let answers: PerTopic<()> = admin
        .alter_configs(lists, crate::admin::WriteMode::Write)
        .await
        .map_err(whole)?;
    let failed = answers
        .into_iter()
        .filter_map(|(name, answer)| Some((name, answer.err()?)));
    Ok(failed.collect())
}

async fn write_rates<A: Admin>(
    admin: &A,
    changes: &BTreeMap<BrokerId, BTreeMap<ConfigKey, ConfigChange>>,
) -> Result<(), ReadError> {
    for (broker, answer) in admin.alter_broker_configs(changes).await.map_err(whole)? {
        answer.map_err(|error| error.read_error().in_context(format_args!("broker {broker}")))?;
    }
    Ok(())
}

fn whole(error: AdminError) -> ReadError {
    ItemError::Request(error).read_error()
}
