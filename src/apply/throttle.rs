//! Limits how fast replicas are copied, and takes the limit away again. Touches nobody else's: what bears
//! no checksum of this tool ([`crate::model::throttle`]) is left as it is, and said.
//!
//! The order is what makes it safe to be killed at any point. Topics get their lists before brokers get
//! their rates, and lose them after: as long as a rate of this tool is in force, some topic says so, and
//! the next run finds it there. A list without a rate limits nothing, and neither does a rate without a
//! list.

use std::collections::{BTreeMap, BTreeSet};

use super::write::Share;
use crate::admin::{Admin, BrokerConfigs, ConfigChange, ConfigsToAlter, ItemError, PerTopic};
use crate::model::throttle::{
    THROTTLED_RATE, THROTTLED_REPLICAS, own_throttled_rate, own_throttled_replicas, throttled_rates,
    throttled_replicas,
};
use crate::model::{BrokerId, ConfigKey, ConfigSource, ObservedConfig, TopicConfigs, TopicName};
use crate::plan::{Change, ReplicationChange};

/// What is to be said of throttles after a run.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Throttles {
    /// What was left as it is on purpose.
    pub left: Vec<String>,
    /// What should have been taken away and could not be.
    pub failed: Vec<String>,
}

/// The replicas of one topic that are throttled.
type Replicas = BTreeSet<(i32, BrokerId)>;

/// Limits what is about to be moved to so many bytes per second on each broker. Gives what of others was
/// left in place.
///
/// # Errors
/// Why it could not be limited. Nothing should be moved then.
pub(super) async fn set<A: Admin>(
    admin: &A,
    shares: &[Share<'_>],
    bytes_per_second: i64,
) -> Result<Vec<String>, String> {
    let changes: BTreeMap<&TopicName, &ReplicationChange> = shares
        .iter()
        .filter_map(|(name, changes)| {
            let change = changes.iter().find_map(|planned| match &planned.change {
                Change::Reassign(change) => Some(change),
                Change::Create(_)
                | Change::Delete(_)
                | Change::GrowPartitions(_)
                | Change::SetConfig(_)
                | Change::ResetConfig(_) => None,
            });
            Some((*name, change?))
        })
        .collect();
    let mut left = Vec::new();
    let mut lists = Vec::new();
    let mut brokers = BTreeSet::new();
    let shown = configs(admin, changes.keys().copied()).await?;
    for (name, change) in changes {
        let list = List::of(shown.get(name));
        // What somebody else has begun goes at the pace that they chose.
        if change.is_only_under_way() && !list.is_own() {
            continue;
        }
        let [leaders, followers] = replicas(change);
        if followers.is_empty() {
            continue;
        }
        if list.is_foreign() {
            left.push(format!(
                "topic {name} has throttled replicas of somebody else's, left as they are"
            ));
            continue;
        }
        brokers.extend(leaders.iter().chain(&followers).map(|(_, broker)| *broker));
        lists.push(set_lists(name, &leaders, &followers));
    }
    let rates = rates(admin, &brokers).await?;
    let (foreign, free): (Vec<_>, Vec<_>) = rates.iter().partition(|(_, rate)| matches!(rate, Rate::Foreign));
    left.extend(foreign.iter().map(|(broker, _)| {
        format!("broker {broker} has a replication throttle of somebody else's, left as it is")
    }));
    write_lists(admin, &lists).await?;
    let [leader, follower] = throttled_rates(bytes_per_second);
    let values = [leader, follower].map(|rate| ConfigChange::Set(rate.to_string().into()));
    let free: BTreeMap<BrokerId, _> = free
        .iter()
        .map(|(broker, _)| (**broker, keyed(THROTTLED_RATE, &values)))
        .collect();
    write_rates(admin, &free).await?;
    Ok(left)
}

/// Takes the throttles of this tool away from topics that are not being moved any more, and from brokers
/// that none of its runs needs.
pub async fn clear<A: Admin>(admin: &A, topics: &BTreeSet<TopicName>) -> Throttles {
    let mut said = Throttles::default();
    if let Err(why) = clear_into(admin, topics, &mut said).await {
        said.failed
            .push(format!("the throttle could not be taken away: {why}"));
    }
    said
}

async fn clear_into<A: Admin>(
    admin: &A,
    topics: &BTreeSet<TopicName>,
    said: &mut Throttles,
) -> Result<(), String> {
    let moving = admin
        .list_partition_reassignments(None)
        .await
        .map_err(words)?
        .map_err(words)?;
    let moving: BTreeSet<TopicName> = moving.into_keys().map(|(name, _)| name).collect();
    let shown = configs(admin, topics.iter().chain(&moving)).await?;
    let (mut free, mut busy, mut lists) = (BTreeSet::new(), BTreeSet::new(), Vec::new());
    for (name, configs) in &shown {
        let list = List::of(Some(configs));
        if moving.contains(name) {
            busy.extend(list.brokers());
            if topics.contains(name) && list.is_own() {
                said.left.push(format!(
                    "topic {name} is still being moved, and its throttle stays until then; the next apply takes it away"
                ));
            }
        } else if list.is_own() {
            free.extend(list.brokers());
            let reset = [ConfigChange::Reset, ConfigChange::Reset];
            lists.push(ConfigsToAlter {
                name: name.clone(),
                changes: keyed(THROTTLED_REPLICAS, &reset),
            });
        }
    }
    let free: BTreeSet<BrokerId> = free.difference(&busy).copied().collect();
    // A run that was killed may have come to the end of its copies and not to its elections.
    let arrived: Vec<TopicName> = lists.iter().map(|list| list.name.clone()).collect();
    if !arrived.is_empty() {
        super::copying::elect(admin, &arrived).await;
    }
    clear_rates(admin, free, said).await?;
    write_lists(admin, &lists).await
}

/// A broker that is down keeps its rate, which limits nothing without a list.
async fn clear_rates<A: Admin>(
    admin: &A,
    brokers: BTreeSet<BrokerId>,
    said: &mut Throttles,
) -> Result<(), String> {
    let alive = admin.cluster().await.map_err(words)?.brokers;
    let (alive, dead): (BTreeSet<BrokerId>, BTreeSet<BrokerId>) =
        brokers.into_iter().partition(|id| alive.contains_key(id));
    said.left.extend(dead.iter().map(|broker| {
        format!("broker {broker} is not alive, and may keep a rate; it limits nothing, and the next run that moves replicas there takes it away")
    }));
    let own = rates(admin, &alive)
        .await?
        .into_iter()
        .filter(|(_, rate)| matches!(rate, Rate::Own));
    let reset = [ConfigChange::Reset, ConfigChange::Reset];
    let changes = own
        .map(|(broker, _)| (broker, keyed(THROTTLED_RATE, &reset)))
        .collect();
    write_rates(admin, &changes).await
}

/// A topic's lists of throttled replicas.
enum List {
    None,
    Own(Replicas),
    Foreign,
}

impl List {
    fn of(configs: Option<&TopicConfigs>) -> Self {
        let own = |key: &&str| configs.and_then(|configs| set_value(configs.get(*key), ConfigSource::Topic));
        let lists: Vec<&str> = THROTTLED_REPLICAS
            .iter()
            .filter_map(own)
            .filter(|list| !list.is_empty())
            .collect();
        let known: Option<Vec<Replicas>> = lists.iter().map(|list| own_throttled_replicas(list)).collect();
        match known {
            Some(known) if known.is_empty() => Self::None,
            Some(known) => Self::Own(known.into_iter().flatten().collect()),
            None => Self::Foreign,
        }
    }

    fn is_own(&self) -> bool {
        matches!(self, Self::Own(_))
    }

    fn is_foreign(&self) -> bool {
        matches!(self, Self::Foreign)
    }

    fn brokers(&self) -> BTreeSet<BrokerId> {
        match self {
            Self::Own(replicas) => replicas.iter().map(|(_, broker)| *broker).collect(),
            Self::None | Self::Foreign => BTreeSet::new(),
        }
    }
}

/// A broker's rates.
enum Rate {
    None,
    Own,
    Foreign,
}

impl Rate {
    /// One that holds for the whole cluster is somebody else's, as is half of a pair.
    fn of(configs: &BTreeMap<ConfigKey, ObservedConfig>) -> Self {
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
}

fn set_value(config: Option<&ObservedConfig>, source: ConfigSource) -> Option<&str> {
    config.filter(|config| config.source == source)?.value.as_deref()
}

/// Those that are copied from, and those that are copied to.
fn replicas(change: &ReplicationChange) -> [Replicas; 2] {
    let (mut leaders, mut followers) = (Replicas::new(), Replicas::new());
    for (index, moved) in change.moves() {
        let added = moved.added();
        if !added.is_empty() {
            leaders.extend(moved.from.iter().map(|broker| (index, *broker)));
            followers.extend(added.into_iter().map(|broker| (index, broker)));
        }
    }
    [leaders, followers]
}

fn set_lists(name: &TopicName, leaders: &Replicas, followers: &Replicas) -> ConfigsToAlter {
    let values = [leaders, followers].map(|replicas| ConfigChange::Set(throttled_replicas(replicas).into()));
    ConfigsToAlter {
        name: name.clone(),
        changes: keyed(THROTTLED_REPLICAS, &values),
    }
}

fn keyed(keys: [&str; 2], changes: &[ConfigChange; 2]) -> BTreeMap<ConfigKey, ConfigChange> {
    let keys = keys.into_iter().filter_map(|key| ConfigKey::new(key).ok());
    keys.zip(changes.iter().cloned()).collect()
}

/// Of topics that are there.
async fn configs<A: Admin>(
    admin: &A,
    names: impl Iterator<Item = &TopicName>,
) -> Result<BTreeMap<TopicName, TopicConfigs>, String> {
    let names: BTreeSet<&TopicName> = names.collect();
    let names: Vec<TopicName> = names.into_iter().cloned().collect();
    let mut found = BTreeMap::new();
    for (name, configs) in admin.configs(&names).await.map_err(words)? {
        if let Some(configs) =
            configs.map_err(|error| format!("the configs of topic {name} could not be read: {error}"))?
        {
            found.insert(name, configs);
        }
    }
    Ok(found)
}

async fn rates<A: Admin>(
    admin: &A,
    brokers: &BTreeSet<BrokerId>,
) -> Result<BTreeMap<BrokerId, Rate>, String> {
    let keys: Vec<ConfigKey> = THROTTLED_RATE
        .iter()
        .filter_map(|key| ConfigKey::new(key).ok())
        .collect();
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
