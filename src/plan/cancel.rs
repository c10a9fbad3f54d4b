//! Moves that are taken back. Kafka knows no owner of a move, so that whoever asks for it names the topics.

use std::collections::{BTreeMap, BTreeSet};

use super::change::{Cancellation, Change, PlannedChange};
use super::note::Note;
use super::refusal::Refusal;
use super::risk::{Reason, Risk};
use super::{TopicPlan, is_throttled};
use crate::model::{
    BrokerId, DesiredTopic, Moving, ObservedTopic, Reassignment, TopicObservation, Unreadable,
};

/// What there is to be taken back of a topic, and nothing else.
pub(super) fn plan(topic: &DesiredTopic, sighting: &TopicObservation) -> TopicPlan {
    let mut planned = TopicPlan::empty(&topic.place);
    match sighting {
        TopicObservation::Unreadable(unreadable) => planned.unreadable = Some(unreadable.clone()),
        TopicObservation::Absent => {}
        TopicObservation::Present(seen) => cancel(seen, &mut planned),
    }
    planned
}

fn cancel(seen: &ObservedTopic, planned: &mut TopicPlan) {
    if is_throttled(seen) {
        planned.notes.insert(Note::ThrottleLeft);
    }
    let moves = match &seen.moving {
        Moving::Read(moves) => moves,
        Moving::Failed(why) => {
            let (what, reason) = ("what is being moved", why.clone());
            planned.unreadable = Some(Unreadable { what, reason });
            return;
        }
        Moving::NotAsked | Moving::Absent => return,
    };
    if moves.is_empty() {
        return;
    }
    planned.refusals.extend(refused(moves, seen));
    let cancellation = Cancellation { moves: moves.clone() };
    let risk = Risk::because([Reason::DropsCopies {
        brokers: cancellation.dropped(),
    }]);
    let change = Change::CancelMoves(cancellation);
    planned.changes.push(PlannedChange { change, risk });
}

/// Where only replicas are in sync that the move added, the others miss records: the controller refuses, or elects
/// one of them all the same where unclean elections are allowed (`PartitionReassignmentRevert`).
fn refused(moves: &BTreeMap<i32, Reassignment>, seen: &ObservedTopic) -> Option<Refusal> {
    let mut partitions: BTreeMap<i32, BTreeSet<BrokerId>> = BTreeMap::new();
    for partition in &seen.metadata.partitions {
        let Some(moving) = moves.get(&partition.index) else {
            continue;
        };
        let is_new = |id: &BrokerId| moving.adding.contains(id);
        if !partition.isr.is_empty() && partition.isr.iter().all(is_new) {
            partitions.insert(partition.index, partition.isr.iter().copied().collect());
        }
    }
    (!partitions.is_empty()).then_some(Refusal::CancelLosesRecords { partitions })
}
