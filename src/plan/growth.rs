//! New partitions: how many replicas they get, who places them, and when.
//!
//! The controller gives new partitions as many replicas as the first partition in its hash order has, those included
//! that are being added, and refuses an assignment with another number (`ReplicationControlManager.createPartitions`).
//! Where all partitions agree that is no question. Where they do not, an assignment is the only way to a number that
//! is known, and waiting for moves the only way to one that the controller accepts.

use std::collections::{BTreeMap, BTreeSet};

use super::change::{Change, Growth};
use super::note::Note;
use super::refusal::Refusal;
use super::replication::ReplicationBrokers;
use super::{Plan, TopicPlan, placement};
use crate::model::{BrokerId, Moving, ObservedTopic, Partition, TopicName};

/// How many replicas new partitions are to have.
enum NewReplicas {
    /// As many as all partitions have now and will have.
    AsAll(usize),
    /// As many as all partitions will have, once these have been moved.
    AsAllWillHave(usize, BTreeMap<i32, Vec<BrokerId>>),
    /// Partitions differ, and nothing is being moved.
    Mixed,
    /// Partitions will differ once these have been moved.
    WillBeMixed(BTreeMap<i32, Vec<BrokerId>>),
}

impl NewReplicas {
    fn beside(seen: &ObservedTopic) -> Self {
        let moves = moves(seen);
        let partitions = || seen.metadata.partitions.iter();
        let now: BTreeSet<usize> = partitions().map(|partition| partition.replicas.len()).collect();
        let then: BTreeSet<usize> = partitions()
            .map(|partition| moves.get(&partition.index).unwrap_or(&partition.replicas).len())
            .collect();
        match then.first() {
            Some(number) if then.len() == 1 && now == then => Self::AsAll(*number),
            Some(number) if then.len() == 1 => Self::AsAllWillHave(*number, moves),
            _ if moves.is_empty() => Self::Mixed,
            _ => Self::WillBeMixed(moves),
        }
    }
}

/// The partitions that are being moved, with the replicas that they will have.
fn moves(seen: &ObservedTopic) -> BTreeMap<i32, Vec<BrokerId>> {
    match &seen.moving {
        Moving::Read(moving) => moving
            .iter()
            .map(|(index, moving)| (*index, moving.target()))
            .collect(),
        Moving::NotAsked | Moving::Absent | Moving::Failed(_) => BTreeMap::new(),
    }
}

impl ReplicationBrokers {
    /// Says of a growth, if there is one, who places the replicas of the new partitions and when. Gives the new
    /// partitions where they are moved on with the others: where from has to be known then.
    pub(super) fn grow(
        &self,
        is_moved_next: bool,
        seen: &ObservedTopic,
        planned: &mut TopicPlan,
    ) -> Vec<Partition> {
        let Some(growth) = growth(planned) else {
            return Vec::new();
        };
        let here = &seen.metadata.partitions;
        let new_replicas = NewReplicas::beside(seen);
        if is_moved_next {
            let is_moving = !moves(seen).is_empty();
            if let (NewReplicas::AsAll(number), false) = (new_replicas, is_moving)
                && let Some(rows) = self.place(here, growth, number)
            {
                growth.replicas.clone_from(&rows);
                return (0..).skip(here.len()).zip(rows).map(new_partition).collect();
            }
            growth.after_replicas = true;
            return Vec::new();
        }
        self.grow_alone(new_replicas, seen, planned);
        Vec::new()
    }

    fn grow_alone(&self, new_replicas: NewReplicas, seen: &ObservedTopic, planned: &mut TopicPlan) {
        if let Moving::Failed(why) = &seen.moving {
            let why = why.clone();
            planned.notes.insert(Note::ReassignmentsUnread { why });
        }
        let Some(growth) = growth(planned) else {
            return;
        };
        let here = &seen.metadata.partitions;
        match new_replicas {
            // Without racks the controller places them as well as could be.
            NewReplicas::AsAll(number) => {
                let placed = if self.has_racks {
                    self.place(here, growth, number)
                } else {
                    None
                };
                if let Some(rows) = placed {
                    growth.replicas = rows;
                    self.note_cordons(planned);
                }
            }
            NewReplicas::Mixed => {
                let mixed = seen.metadata.replication();
                let note = mixed.map(|replication| Note::GrowsMixed { replication });
                planned.notes.extend(note);
            }
            NewReplicas::AsAllWillHave(number, moves) => match self.place(here, growth, number) {
                Some(rows) => {
                    growth.replicas = rows;
                    growth.beside_moves = moves;
                    self.note_cordons(planned);
                }
                None => refuse_while_moving(moves, planned),
            },
            NewReplicas::WillBeMixed(moves) => refuse_while_moving(moves, planned),
        }
    }

    /// `None` where that is better left to the controller: it knows which brokers are cordoned, and places replicas
    /// on brokers that are down where nothing else is left.
    fn place(&self, here: &[Partition], growth: &Growth, number: usize) -> Option<Vec<Vec<BrokerId>>> {
        if self.cordons_unread.is_some() {
            return None;
        }
        placement::extend(&self.sites, here, growth.to.value.as_usize(), number).ok()
    }
}

fn refuse_while_moving(moves: BTreeMap<i32, Vec<BrokerId>>, planned: &mut TopicPlan) {
    let refusal = growth(planned).map(|growth| Refusal::GrowsWhileMoving {
        from: growth.from,
        to: growth.to.clone(),
        partitions: moves,
        words: None,
    });
    planned.refusals.extend(refusal);
}

pub(super) fn growth(planned: &mut TopicPlan) -> Option<&mut Growth> {
    planned
        .changes
        .iter_mut()
        .find_map(|planned| match &mut planned.change {
            Change::GrowPartitions(growth) => Some(growth),
            Change::Create(_)
            | Change::Delete(_)
            | Change::Reassign(_)
            | Change::CancelMoves(_)
            | Change::SetConfig(_)
            | Change::ResetConfig(_) => None,
        })
}

fn new_partition((index, replicas): (usize, Vec<BrokerId>)) -> Partition {
    Partition {
        index: i32::try_from(index).unwrap_or(i32::MAX),
        leader: replicas.first().copied(),
        isr: replicas.clone(),
        replicas,
        offline: Vec::new(),
    }
}

impl Plan {
    /// The broker refuses the replicas that this plan chose for new partitions, and takes its own: the growth is left
    /// to it. Where the others are moved as well, it waits for them, so that the new ones get the same number.
    pub fn leave_placement(&mut self, names: &BTreeSet<TopicName>) {
        for (name, planned) in &mut self.topics {
            if names.contains(name) {
                leave_placement(planned);
            }
        }
    }
}

fn leave_placement(planned: &mut TopicPlan) {
    let Some(grown) = growth(planned) else {
        return;
    };
    grown.replicas.clear();
    let here = grown.from.as_usize();
    let mut is_moved = false;
    for planned in &mut planned.changes {
        if let Change::Reassign(change) = &mut planned.change {
            change.before.truncate(here);
            change.after.truncate(here);
            is_moved = true;
        }
    }
    if let Some(grown) = growth(planned) {
        grown.after_replicas = is_moved;
    }
}
