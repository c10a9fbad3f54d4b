//! Other replication of a topic that exists: what has to move, what is on its way already, and what of it
//! cannot be. Where replicas go is [`super::placement`]'s.
//!
//! Topics are placed one after the other, in the order of their names, each beside what was planned for
//! those before: a hundred topics of one partition each are spread like one of a hundred.

use std::collections::{BTreeMap, BTreeSet};

use super::change::{Change, PlannedChange, ReplicationChange};
use super::note::Note;
use super::placement::{self, Load, Site, Sites, TooFewAlive};
use super::refusal::Refusal;
use super::risk::{Reason, Risk};
use super::{Plan, TopicPlan};
use crate::model::{
    BrokerId, Declared, Desired, DesiredState, Moving, Observation, ObservedTopic, Partition, ReadError,
    Reassignment, RegisteredBrokers, Replication, ReplicationFactor, TopicObservation,
};

/// Adds to a plan where replicas go: those of new partitions, and those of topics whose replication differs.
pub(super) fn place(plan: &mut Plan, desired: &Desired, observed: &Observation) {
    let mut board = ReplicationBrokers::new(observed);
    for (name, planned) in &mut plan.topics {
        let Some(TopicObservation::Present(seen)) = observed.topics.get(name) else {
            continue;
        };
        let declared = desired.topics.get(name).and_then(|topic| match &topic.state {
            DesiredState::Present(settings) => settings.replication.as_ref(),
            DesiredState::Absent(_) => None,
        });
        board.plan(declared, seen, planned);
    }
}

pub(super) struct ReplicationBrokers {
    pub(super) sites: Sites,
    registered: RegisteredBrokers,
    pub(super) has_racks: bool,
    /// Why a live broker does not tell whether it takes new replicas.
    pub(super) cordons_unread: Option<ReadError>,
}

impl ReplicationBrokers {
    fn new(observed: &Observation) -> Self {
        let site = |id: &BrokerId, broker: &crate::model::Broker| Site {
            rack: broker.rack.clone(),
            load: Load::default(),
            is_cordoned: observed.storage.cordoned.contains(id),
        };
        let brokers = observed.cluster.brokers.iter();
        let mut board = Self {
            sites: brokers.map(|(id, broker)| (*id, site(id, broker))).collect(),
            registered: observed.cluster.registered,
            cordons_unread: observed.storage.unread.clone(),
            has_racks: observed
                .cluster
                .brokers
                .values()
                .any(|broker| broker.rack.is_some()),
        };
        for sighting in observed.topics.values() {
            if let TopicObservation::Present(seen) = sighting {
                board.add(
                    seen.metadata
                        .partitions
                        .iter()
                        .map(|partition| &partition.replicas),
                );
            }
        }
        board
    }

    fn add<'a>(&mut self, rows: impl Iterator<Item = &'a Vec<BrokerId>>) {
        self.change(rows, |count| *count += 1);
    }

    fn remove<'a>(&mut self, rows: impl Iterator<Item = &'a Vec<BrokerId>>) {
        self.change(rows, |count| *count = count.saturating_sub(1));
    }

    fn change<'a>(&mut self, rows: impl Iterator<Item = &'a Vec<BrokerId>>, by: fn(&mut usize)) {
        for row in rows {
            for id in row {
                if let Some(site) = self.sites.get_mut(id) {
                    by(&mut site.load.replicas);
                }
            }
            if let Some(site) = row.first().and_then(|leader| self.sites.get_mut(leader)) {
                by(&mut site.load.leaders);
            }
        }
    }

    /// The topic itself is no load beside itself.
    fn plan(
        &mut self,
        declared: Option<&Declared<ReplicationFactor>>,
        seen: &ObservedTopic,
        planned: &mut TopicPlan,
    ) {
        let partitions = &seen.metadata.partitions;
        self.remove(partitions.iter().map(|partition| &partition.replicas));
        let differs = declared.filter(|to| differs(to.value, seen));
        let grown = self.grow(differs.is_some(), seen, planned);
        let after = match differs {
            Some(to) => self.reassign(to, seen, &grown, planned),
            None => partitions
                .iter()
                .chain(&grown)
                .map(|partition| partition.replicas.clone())
                .collect(),
        };
        self.add(after.iter());
    }

    /// Adds the change, or why there can be none; gives the replicas in the end.
    fn reassign(
        &self,
        to: &Declared<ReplicationFactor>,
        seen: &ObservedTopic,
        grown: &[Partition],
        planned: &mut TopicPlan,
    ) -> Vec<Vec<BrokerId>> {
        let here = SettledTopic::of_observed(seen, grown);
        let before: Vec<Vec<BrokerId>> = here.partitions.iter().map(|p| p.replicas.clone()).collect();
        if let Moving::Failed(why) = &seen.moving {
            planned
                .notes
                .insert(Note::ReassignmentsUnread { why: why.clone() });
        }
        if let Some(refusal) = self.refused(to, &here) {
            planned.refusals.push(refusal);
            return before;
        }
        match self.target(to.value, &here) {
            Ok(after) => {
                let change = here.change(to, before, &after);
                planned.refusals.extend(self.without_leader(&change, seen));
                if !change.is_only_under_way() {
                    self.note_cordons(planned);
                }
                let risk = Risk::because(reasons(&change));
                let change = Change::Reassign(change);
                planned.changes.push(PlannedChange { change, risk });
                after
            }
            Err(TooFewAlive { alive }) => {
                let to = to.clone();
                planned.refusals.push(Refusal::ReplicationAboveLiveBrokers {
                    to,
                    alive,
                    cordoned: self.cordoned(),
                });
                before
            }
        }
    }

    /// Live brokers that take no new replicas.
    fn cordoned(&self) -> BTreeSet<BrokerId> {
        let cordoned = self.sites.iter().filter(|(_, site)| site.is_cordoned);
        cordoned.map(|(id, _)| *id).collect()
    }

    /// Replicas are placed: what is known, and not known, of the brokers that take them.
    pub(super) fn note_cordons(&self, planned: &mut TopicPlan) {
        let brokers = self.cordoned();
        if !brokers.is_empty() {
            planned.notes.insert(Note::Cordoned { brokers });
        }
        if let Some(why) = &self.cordons_unread {
            let why = why.clone();
            planned.notes.insert(Note::CordonsUnread { why });
        }
    }

    /// Nobody can be copied from where there is no leader, and what goes may be all that is left.
    fn without_leader(&self, change: &ReplicationChange, seen: &ObservedTopic) -> Option<Refusal> {
        let mut partitions = BTreeMap::new();
        for (index, moved) in change.sent() {
            let here = seen.metadata.partitions.iter().find(|p| p.index == index);
            let is_moved = !moved.added().is_empty() || !moved.removed().is_empty();
            if let Some(here) = here.filter(|here| is_moved && !self.has_leader(here)) {
                let last = if here.isr.is_empty() {
                    &here.replicas
                } else {
                    &here.isr
                };
                partitions.insert(index, last.iter().copied().collect());
            }
        }
        let to = change.to.clone();
        (!partitions.is_empty()).then_some(Refusal::MovesWithoutLeader { to, partitions })
    }

    fn has_leader(&self, partition: &Partition) -> bool {
        let leader = partition.leader.as_ref();
        leader.is_some_and(|leader| self.sites.contains_key(leader))
    }

    fn refused(&self, to: &Declared<ReplicationFactor>, here: &SettledTopic<'_>) -> Option<Refusal> {
        let wanted = to.value.as_usize();
        if let RegisteredBrokers::Exactly(registered) = self.registered
            && wanted > registered
        {
            let to = to.clone();
            return Some(Refusal::ReplicationAboveBrokers { to, registered });
        }
        let elsewhere = here
            .moving
            .iter()
            .map(|(index, moving)| (**index, moving.target()));
        let elsewhere: BTreeMap<i32, Vec<BrokerId>> =
            elsewhere.filter(|(_, target)| target.len() != wanted).collect();
        (!elsewhere.is_empty()).then(|| Refusal::ReassignedElsewhere {
            to: to.clone(),
            partitions: elsewhere,
        })
    }

    /// What is on its way counts as what it will be, and stays so.
    fn target(
        &self,
        to: ReplicationFactor,
        here: &SettledTopic<'_>,
    ) -> Result<Vec<Vec<BrokerId>>, TooFewAlive> {
        let coming = here
            .partitions
            .iter()
            .map(|partition| match here.moving.get(&partition.index) {
                Some(moving) => Partition {
                    isr: moving.target(),
                    replicas: moving.target(),
                    ..partition.clone()
                },
                None => partition.clone(),
            });
        let coming: Vec<Partition> = coming.collect();
        // Somebody sees to the rest: nothing is sent beside that, not even to even out who leads.
        if coming
            .iter()
            .all(|partition| partition.replicas.len() == to.as_usize())
        {
            return Ok(coming.into_iter().map(|partition| partition.replicas).collect());
        }
        let mut after = placement::assign(&self.sites, &coming, to.as_usize())?;
        for (row, partition) in after.iter_mut().zip(&coming) {
            if here.moving.contains_key(&partition.index) {
                row.clone_from(&partition.replicas);
            }
        }
        Ok(after)
    }
}

/// A topic as it is, less what is only being added.
struct SettledTopic<'a> {
    partitions: Vec<Partition>,
    moving: BTreeMap<&'a i32, &'a Reassignment>,
}

impl<'a> SettledTopic<'a> {
    fn of_observed(seen: &'a ObservedTopic, grown: &[Partition]) -> Self {
        let moving: BTreeMap<_, _> = match &seen.moving {
            Moving::Read(moving) => moving.iter().collect(),
            Moving::NotAsked | Moving::Absent | Moving::Failed(_) => BTreeMap::new(),
        };
        let partitions = seen.metadata.partitions.iter().chain(grown).cloned();
        let partitions = partitions.map(|partition| match moving.get(&partition.index) {
            Some(moving) => moving.less_added(&partition),
            None => partition,
        });
        Self {
            partitions: partitions.collect(),
            moving,
        }
    }

    fn change(
        &self,
        to: &Declared<ReplicationFactor>,
        before: Vec<Vec<BrokerId>>,
        after: &[Vec<BrokerId>],
    ) -> ReplicationChange {
        ReplicationChange {
            from: replication(&self.partitions, to.value),
            to: to.clone(),
            before,
            after: after.to_vec(),
            under_way: self.moving.keys().map(|index| **index).collect(),
        }
    }
}

/// What somebody else has begun is no risk of this plan.
fn reasons(change: &ReplicationChange) -> Vec<Reason> {
    let mut reasons = Vec::new();
    if change.sent().any(|(_, moved)| !moved.added().is_empty()) {
        reasons.push(Reason::CopiesReplicas { copied: None });
    }
    if change.sent().any(|(_, moved)| !moved.removed().is_empty()) {
        let (from, to) = (change.from, change.to.value);
        reasons.push(Reason::FewerReplicas {
            from,
            to,
            freed: None,
        });
    }
    reasons
}

/// Whether any partition has another number of replicas, or is only on its way to this one.
fn differs(to: ReplicationFactor, seen: &ObservedTopic) -> bool {
    let wanted = to.as_usize();
    // What a cluster does not show is not guessed at.
    if seen.metadata.replication().is_none() {
        return false;
    }
    let is_moving = matches!(&seen.moving, Moving::Read(moving) if !moving.is_empty());
    is_moving
        || seen
            .metadata
            .partitions
            .iter()
            .any(|partition| partition.replicas.len() != wanted)
}

/// The factors that are there; where all replicas of a partition are still being added, it has none yet.
fn replication(partitions: &[Partition], otherwise: ReplicationFactor) -> Replication {
    let factors: BTreeSet<ReplicationFactor> = partitions
        .iter()
        .filter_map(|partition| ReplicationFactor::new(i64::try_from(partition.replicas.len()).ok()?))
        .collect();
    match (factors.first(), factors.last()) {
        (Some(lowest), Some(highest)) if lowest == highest => Replication::Uniform(*lowest),
        (Some(lowest), Some(highest)) => Replication::Mixed {
            lowest: *lowest,
            highest: *highest,
        },
        (None, _) | (_, None) => Replication::Uniform(otherwise),
    }
}
