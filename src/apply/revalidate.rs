//! How an approved change stands against a plan that was made anew, right before it is written or
//! after a write whose outcome is open.

use super::phase::ApplyPhase;
use crate::model::{ReadError, TopicId, TopicName, Unreadable};
use crate::plan::{Change, ChangeKind, Note, Plan, PlannedChange, TopicPlan};

/// How the approved changes of one kind of a topic stand.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Revalidation {
    /// The same changes, at no higher risk than was approved.
    Wanted,
    /// Nothing is left to do of what they would have done.
    Done,
    /// The replicas that they ask for are on their way, by this fresh change: all that is left is to wait.
    UnderWay(Vec<PlannedChange>),
    /// The topic for which it was approved is not there any more, and what became of it.
    Replaced(&'static str),
    /// Anything else.
    Moved,
    /// The topic cannot be read any more, and why.
    Unreadable(String),
}

/// `id`: that of the topic for which the changes were approved; `None` where there was none.
pub(super) fn revalidate(
    turn: ApplyPhase,
    fresh: &Plan,
    name: &TopicName,
    id: Option<TopicId>,
    approved: &[PlannedChange],
) -> Revalidation {
    let Some(topic) = fresh.topics.get(name) else {
        return Revalidation::Moved;
    };
    if let Some(Unreadable { what, reason }) = &topic.unreadable {
        return Revalidation::Unreadable(format!("{what} could not be read: {reason}"));
    }
    if let Some(what) = replaced(id, topic).filter(|_| !is_deleted_as_wanted(turn, topic)) {
        return Revalidation::Replaced(what);
    }
    if !topic.refusals.is_empty() {
        return Revalidation::Moved;
    }
    if let Some(why) = unread_moves(turn, topic) {
        return Revalidation::Unreadable(format!("what is being moved could not be read: {why}"));
    }
    let mut now = turn.left(&topic.changes, approved);
    // The broker refused to set it, and the plan left it.
    now.retain(|now| {
        now.change.pin().is_none() || approved.iter().any(|then| now.change.targets_same(&then.change))
    });
    match now.as_slice() {
        [] if nothing_left(turn.kind(), topic) => Revalidation::Done,
        [] => Revalidation::Moved,
        _ if same(&now, approved) => Revalidation::Wanted,
        [now] if is_on_its_way(&now.change, approved) => Revalidation::UnderWay(vec![(*now).clone()]),
        _ => Revalidation::Moved,
    }
}

/// What became of the topic with this id, if it is not the one that is there now.
pub fn replaced(id: Option<TopicId>, now: &TopicPlan) -> Option<&'static str> {
    match (id, now.id) {
        (Some(planned), Some(found)) if planned != found => Some(CREATED_AGAIN),
        (Some(_), None) if now.unreadable.is_none() => Some(DELETED),
        (Some(_) | None, Some(_) | None) => None,
    }
}

const DELETED: &str = "the topic was deleted after it was planned; plan it again";
const CREATED_AGAIN: &str = "the topic was deleted and created again after it was planned; plan it again";

fn is_deleted_as_wanted(turn: ApplyPhase, topic: &TopicPlan) -> bool {
    turn.kind() == ChangeKind::Delete && topic.id.is_none()
}

/// A topic that somebody else created can have other settings than the creation would have given it,
/// and one that is gone has no settings at all: neither is done.
fn nothing_left(kind: ChangeKind, topic: &TopicPlan) -> bool {
    match kind {
        ChangeKind::Create => topic.changes.is_empty(),
        ChangeKind::Configs
        | ChangeKind::Partitions
        | ChangeKind::Reassignments
        | ChangeKind::CancelMoves
        | ChangeKind::Delete => topic.of_kind(ChangeKind::Create).next().is_none(),
    }
}

/// Somebody else's move is not to be overwritten because it could not be seen.
fn unread_moves(turn: ApplyPhase, topic: &TopicPlan) -> Option<&ReadError> {
    let mut notes = topic.notes.iter();
    let unread = notes.find_map(|note| match note {
        Note::ReassignmentsUnread { why } => Some(why),
        Note::AliasExists { .. }
        | Note::HiddenValue { .. }
        | Note::NotListed { .. }
        | Note::InForce { .. }
        | Note::DroppedByService { .. }
        | Note::NotPinned { .. }
        | Note::KeptOtherwise { .. }
        | Note::CreatedOtherwise { .. }
        | Note::ConfigsUnread { .. }
        | Note::ResetUnknown { .. }
        | Note::ValuesUnread { .. }
        | Note::ThrottleLeft
        | Note::GrowsMixed { .. }
        | Note::Cordoned { .. }
        | Note::CreatedBesideDown { .. }
        | Note::CordonsUnread { .. }
        | Note::NoBrokerToSpare { .. }
        | Note::MinInsyncCapped { .. }
        | Note::MinInsyncAboveReplicas { .. }
        | Note::ExemptFromPolicy { .. }
        | Note::PolicyNotJudged(_)
        | Note::NotValidated { .. } => None,
    });
    unread.filter(|_| turn.kind() == ChangeKind::Reassignments)
}

fn is_on_its_way(now: &Change, approved: &[PlannedChange]) -> bool {
    let under_way = now.reassignment().filter(|now| now.is_only_under_way());
    let mut wanted = approved
        .iter()
        .filter_map(|planned| planned.change.reassignment());
    under_way.is_some_and(|now| wanted.any(|then| then.to == now.to))
}

fn same(now: &[&PlannedChange], approved: &[PlannedChange]) -> bool {
    let covered = |(now, approved): (&&PlannedChange, &PlannedChange)| {
        now.change.is_as_approved(&approved.change) && now.risk.class() <= approved.risk.class()
    };
    now.len() == approved.len() && now.iter().zip(approved).all(covered)
}

/// Whether a fresh plan still has to do what `change` is about, perhaps from another starting point.
pub fn is_still_due(fresh: &TopicPlan, change: &Change) -> bool {
    fresh
        .changes
        .iter()
        .any(|planned| planned.change.targets_same(change))
}
