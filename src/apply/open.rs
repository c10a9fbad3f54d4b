//! Writes whose outcome does not follow from the answer. They are looked up, not guessed.

use std::time::Duration;

use tokio::time::Instant;

use super::own::Fresh;
use super::phase::ApplyPhase;
use super::report::Outcome;
use super::revalidate::{Revalidation, revalidate};
use super::write::{PlanWriter, TopicChanges};
use crate::admin::{Admin, AdminError, ErrorClass, ItemError};
use crate::model::TopicName;
use crate::plan::PlannedChange;

/// A write that was sent and may or may not have been carried out.
pub(super) struct PendingWrite<'a> {
    pub(super) name: &'a TopicName,
    pub(super) changes: Vec<PlannedChange>,
    /// What was answered; `None` where the answer does not mention the topic.
    pub(super) error: Option<ItemError>,
}

impl PendingWrite<'_> {
    fn outcome_is_unknown(&self) -> bool {
        self.error.as_ref().is_none_or(ItemError::outcome_is_unknown)
    }

    /// The topic that it was sent for is not there any more.
    fn of_another(&self, what: &str) -> Outcome {
        let why = format!("{}; {what}", self.words());
        if self.outcome_is_unknown() {
            Outcome::Unknown(why.into())
        } else {
            Outcome::Failed(why.into())
        }
    }

    fn words(&self) -> String {
        match &self.error {
            Some(error) => error.to_string(),
            None => "the broker's answer does not mention the topic".to_owned(),
        }
    }
}

/// What an answer says about a write.
pub(super) enum WriteResult {
    Ended(Outcome),
    OutcomeUnknown(Option<ItemError>),
}

pub(super) fn after(answer: Option<&Result<(), ItemError>>) -> WriteResult {
    let error = match answer {
        Some(Ok(())) => return WriteResult::Ended(Outcome::Done),
        Some(Err(error)) => error,
        None => return WriteResult::OutcomeUnknown(None),
    };
    if error.outcome_is_unknown() {
        return WriteResult::OutcomeUnknown(Some(error.clone()));
    }
    match error.class() {
        Some(ErrorClass::AlreadyExists | ErrorClass::NoSuchTopic | ErrorClass::AlreadyHasPartitions) => {
            WriteResult::OutcomeUnknown(Some(error.clone()))
        }
        Some(ErrorClass::NotAuthorized | ErrorClass::Rejected | ErrorClass::Retriable) | None => {
            WriteResult::Ended(Outcome::Failed(error.read_error()))
        }
    }
}

const FIRST_PAUSE: Duration = Duration::from_millis(100);
const LONGEST_PAUSE: Duration = Duration::from_secs(2);

impl<A: Admin> PlanWriter<'_, A> {
    /// Looks until every one is settled, or nothing was settled for as long as apply waits for
    /// anything to become visible. Brokers show what the controller did with a delay, so that an
    /// answer such as "already exists" can be a minute ahead of what can be read.
    ///
    /// Gives what turned out to have been begun and is to be followed.
    pub(super) async fn read_again<'n>(
        &mut self,
        turn: ApplyPhase,
        mut open: Vec<PendingWrite<'n>>,
    ) -> Vec<TopicChanges<'n>> {
        let mut begun = Vec::new();
        let mut pause = FIRST_PAUSE;
        let mut settled_at = Instant::now();
        loop {
            let before = open.len();
            match self.plan_again(turn, open.iter().map(|open| open.name)).await {
                Ok(fresh) => open = self.end_decided(turn, &fresh, open, &mut begun),
                Err(error) => {
                    self.give_up(open, &error);
                    return begun;
                }
            }
            if open.len() < before {
                settled_at = Instant::now();
            }
            let over = settled_at.elapsed() >= self.control.visible_within;
            if open.is_empty() || over || self.control.interrupt.is_raised() {
                self.end_unknown(open);
                return begun;
            }
            self.control.interrupt.or_sleep(pause).await;
            pause = (pause * 2).min(LONGEST_PAUSE);
        }
    }

    /// Ends what the fresh plan decides; the rest is still open.
    fn end_decided<'n>(
        &mut self,
        turn: ApplyPhase,
        fresh: &Fresh<'_>,
        open: Vec<PendingWrite<'n>>,
        begun: &mut Vec<TopicChanges<'n>>,
    ) -> Vec<PendingWrite<'n>> {
        let mut undecided = Vec::new();
        for open in open {
            if fresh.behind.contains(open.name) {
                undecided.push(open);
                continue;
            }
            let id = self.ids.get(open.name).copied();
            match revalidate(turn, &fresh.plan, open.name, id, &open.changes) {
                Revalidation::Done => self.end(open.name, open.changes, &Outcome::Done),
                Revalidation::UnderWay(fresh) => begun.push((open.name, fresh)),
                Revalidation::Replaced(what) => {
                    let outcome = open.of_another(what);
                    self.end(open.name, open.changes, &outcome);
                }
                Revalidation::Moved if !open.outcome_is_unknown() => self.set_aside(open.name, open.changes),
                Revalidation::Wanted | Revalidation::Moved | Revalidation::Unreadable(_) => {
                    undecided.push(open);
                }
            }
        }
        undecided
    }

    fn end_unknown(&mut self, open: Vec<PendingWrite<'_>>) {
        for open in open {
            if open.outcome_is_unknown() {
                let why = format!(
                    "{}; the cluster does not show the change, which may still arrive: run apply again",
                    open.words()
                );
                self.end(open.name, open.changes, &Outcome::Unknown(why.into()));
            } else {
                self.set_aside(open.name, open.changes);
            }
        }
    }

    fn give_up(&mut self, open: Vec<PendingWrite<'_>>, unread: &AdminError) {
        for open in open {
            let why = format!("{}; reading it again failed too: {unread}", open.words());
            self.end(open.name, open.changes, &Outcome::Unknown(why.into()));
        }
    }
}
