//! Topics that were deleted and are there again: most likely a producer or a consumer is still at work, and brokers
//! create what it asks for (`auto.create.topics.enable`). Such a deletion is no success.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use tokio::time::Instant;

use super::control::Control;
use super::report::{ChangeOutcome, Outcome, Report};
use crate::admin::Admin;
use crate::model::{Known, TopicId, TopicName};
use crate::plan::{Change, Deleted, Reason};

/// A client notices within moments that its topic is gone, and asks for it when it sends or polls the next time.
/// So long is looked whether it does.
const WATCHED_FOR: Duration = Duration::from_secs(5);
const PAUSE: Duration = Duration::from_millis(250);

/// A topic that was written to so lately may be written to again.
const LATELY_MS: i64 = 60_000;

const RETURNED: &str = "it was deleted, and a topic of that name is there again: a producer or consumer that is still \
                        at work has most likely created it (auto.create.topics.enable); stop it, then run apply again";

/// Turns deletions of topics that are there again under another id into failures. Topics that nobody used are looked
/// at once.
pub async fn find_returned<A: Admin>(admin: &A, report: &mut Report, control: &Control<'_>) {
    let deleted = deleted(report, (control.clock)());
    let began = Instant::now();
    let mut returned = BTreeSet::new();
    let mut watched: BTreeMap<&TopicName, &DeletedTopic> = deleted.iter().collect();
    while !watched.is_empty() {
        let names: Vec<TopicName> = watched.keys().copied().cloned().collect();
        let shown = admin.topics(&names).await.unwrap_or_default();
        for (name, answer) in shown {
            let id = answer.ok().flatten().map(|metadata| metadata.id);
            let is_other = |deletion: &&DeletedTopic| id.is_some_and(|id| id != deletion.id);
            if watched.get(&name).is_some_and(is_other) {
                watched.remove(&name);
                returned.insert(name);
            }
        }
        watched.retain(|_, deletion| deletion.was_in_use);
        if watched.is_empty() || began.elapsed() >= WATCHED_FOR || control.interrupt.is_raised() {
            break;
        }
        control.interrupt.or_sleep(PAUSE).await;
    }
    report.downgrade(&returned, &Outcome::Failed(RETURNED.into()));
}

struct DeletedTopic {
    id: TopicId,
    was_in_use: bool,
}

fn deleted(report: &Report, now: i64) -> BTreeMap<TopicName, DeletedTopic> {
    let deletion = |ended: &ChangeOutcome| match &ended.planned.change {
        Change::Delete(deletion) if ended.outcome == Outcome::Done => {
            let mut reasons = ended.planned.risk.reasons();
            Some(DeletedTopic {
                id: deletion.id,
                was_in_use: reasons.any(|reason| is_in_use(reason, now)),
            })
        }
        Change::Create(_)
        | Change::Delete(_)
        | Change::GrowPartitions(_)
        | Change::Reassign(_)
        | Change::CancelMoves(_)
        | Change::SetConfig(_)
        | Change::ResetConfig(_) => None,
    };
    let each = report.topics.iter();
    each.filter_map(|(name, changes)| Some((name.clone(), changes.iter().find_map(deletion)?)))
        .collect()
}

fn is_in_use(reason: &Reason, now: i64) -> bool {
    let Reason::DeletesTopic {
        deleted: Some(deleted),
    } = reason
    else {
        return false;
    };
    is_written_to(deleted, now) || has_members(deleted)
}

fn is_written_to(deleted: &Deleted, now: i64) -> bool {
    let last = deleted.loss.span.map(|span| span.to);
    last.is_some_and(|last| last >= now.saturating_sub(LATELY_MS))
}

fn has_members(deleted: &Deleted) -> bool {
    let mut groups = deleted.users.read.values();
    groups.any(|group| match &group.members {
        Known::Read(members) => *members > 0,
        Known::Unread(_) => true,
    })
}
