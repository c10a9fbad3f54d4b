//! Takes the throttles of this tool away from topics that are not being moved any more, and from brokers that none
//! of its runs needs.

use std::collections::{BTreeMap, BTreeSet};

use super::shown::{Lists, Rate};
use super::{AppliedThrottles, ThrottleReport, configs, rates, whole, write_lists, write_rates};
use crate::admin::{Admin, ConfigsToAlter};
use crate::model::{BrokerId, ReadError, TopicName};

/// What a run should leave behind of throttles: nothing. `limited` is what it has itself set, which goes also where a
/// broker does not show it yet.
pub async fn clear<A: Admin>(
    admin: &A,
    topics: &BTreeSet<TopicName>,
    limited: &AppliedThrottles,
) -> ThrottleReport {
    let mut clearing = Clearing {
        admin,
        topics,
        limited,
        free: limited.brokers.clone(),
        busy: BTreeSet::new(),
        lists: Vec::new(),
        said: ThrottleReport::default(),
    };
    if let Err(why) = clearing.run().await {
        let why = format!("the throttle could not be removed: {why}");
        clearing.said.failed.push(why);
    }
    clearing.said
}

struct Clearing<'a, A> {
    admin: &'a A,
    topics: &'a BTreeSet<TopicName>,
    limited: &'a AppliedThrottles,
    /// Brokers that had a rate for what has ended.
    free: BTreeSet<BrokerId>,
    /// Brokers that need theirs.
    busy: BTreeSet<BrokerId>,
    lists: Vec<ConfigsToAlter>,
    said: ThrottleReport,
}

/// The brokers of what is being moved, by topic.
type MovingBrokers = BTreeMap<TopicName, BTreeSet<BrokerId>>;

impl<A: Admin> Clearing<'_, A> {
    async fn run(&mut self) -> Result<(), ReadError> {
        let moving = moving(self.admin).await?;
        let of_this_run = self.topics.union(&self.limited.topics);
        let names: BTreeSet<&TopicName> = of_this_run.chain(moving.keys()).collect();
        for (name, shown) in configs(self.admin, names).await? {
            let is_of_this_run = self.topics.contains(&name) || self.limited.topics.contains(&name);
            match (shown, moving.get(&name)) {
                (Ok(Some(shown)), moving) => self.sort(&name, &Lists::of_topic(Some(&shown)), moving),
                (Ok(None), _) => {}
                // Of what others move nothing has to be known but that its brokers may be in use.
                (Err(_), Some(brokers)) if !is_of_this_run => self.busy.extend(brokers),
                (Err(error), _) => {
                    let what = format!("the configs of topic {name} could not be read");
                    return Err(error.read_error().in_context(what));
                }
            }
        }
        // A run that was killed may have come to the end of its copies and not to its elections.
        let arrived: Vec<TopicName> = self.lists.iter().map(|list| list.name.clone()).collect();
        if !arrived.is_empty() {
            self.said
                .left
                .extend(super::super::elect::in_topics(self.admin, &arrived).await);
        }
        self.clear_rates().await?;
        match write_lists(self.admin, &self.lists).await?.into_iter().next() {
            Some((name, error)) => Err(error.read_error().in_context(format_args!("topic {name}"))),
            None => Ok(()),
        }
    }

    fn sort(&mut self, name: &TopicName, lists: &Lists, moving: Option<&BTreeSet<BrokerId>>) {
        let is_just_set = self.limited.topics.contains(name);
        match moving {
            Some(brokers) if lists.has_own() || is_just_set => {
                self.busy.extend(lists.brokers());
                self.busy.extend(brokers.iter().filter(|_| is_just_set));
                if self.topics.contains(name) {
                    self.said.left.push(format!(
                        "topic {name} is still being moved, and its throttle stays until then; the next apply removes it"
                    ));
                }
            }
            Some(_) => {}
            None => self.release(name, lists, is_just_set),
        }
    }

    fn release(&mut self, name: &TopicName, lists: &Lists, is_just_set: bool) {
        let changes = lists.reset(is_just_set);
        if changes.is_empty() {
            return;
        }
        self.free.extend(lists.brokers());
        if lists.has_foreign() {
            self.said.left.push(format!(
                "topic {name} has throttled replicas that somebody changed, left as they are"
            ));
        }
        self.lists.push(ConfigsToAlter {
            name: name.clone(),
            changes,
        });
    }

    /// A broker that is down keeps its rate, which limits nothing without a list.
    async fn clear_rates(&mut self) -> Result<(), ReadError> {
        let alive = self.admin.cluster().await.map_err(whole)?.brokers;
        let free = self.free.difference(&self.busy).copied();
        let (alive, dead): (BTreeSet<BrokerId>, BTreeSet<BrokerId>) =
            free.partition(|id| alive.contains_key(id));
        let dead = dead.difference(&self.limited.dead);
        self.said.left.extend(dead.map(|broker| {
            format!("broker {broker} is not alive, and may keep a rate; it limits nothing, and the next run that moves replicas there removes it")
        }));
        let is_own = |(broker, rate): &(BrokerId, Rate)| match rate {
            Rate::Own => true,
            Rate::None => self.limited.brokers.contains(broker),
            Rate::Foreign => false,
        };
        let own = rates(self.admin, &alive).await?.into_iter().filter(is_own);
        let changes = own.map(|(broker, _)| (broker, Rate::reset())).collect();
        write_rates(self.admin, &changes).await
    }
}

async fn moving<A: Admin>(admin: &A) -> Result<MovingBrokers, ReadError> {
    let told = admin.list_partition_reassignments(None).await;
    let mut moving = MovingBrokers::new();
    let told = told.map_err(whole)?.map_err(|error| error.read_error())?;
    for ((name, _), moved) in told {
        moving.entry(name).or_default().extend(moved.replicas);
    }
    Ok(moving)
}
