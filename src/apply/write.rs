//! Writes one turn of changes after the other, in batches, each right after its topics were read
//! again. Kafka has no compare-and-set, so between that read and the write lies the one request in
//! which somebody else can still be overwritten.

use std::collections::BTreeMap;

use super::control::{ApplyProgress, Control};
use super::open::{PendingWrite, WriteResult, after};
use super::own::NOT_SHOWN;
use super::phase::ApplyPhase;
use super::report::{Outcome, Report};
use super::request::{self, Requests};
use super::revalidate::{Revalidation, revalidate};
use super::throttle::{self, AppliedThrottles};
use crate::admin::{Admin, AdminError, ErrorClass, ItemError, PerTopic};
use crate::model::{BrokerId, ClusterView, Desired, TopicId, TopicName};
use crate::plan::gate::Approved;
use crate::plan::{ChangeKind, Note, PlannedChange, ReplicationChange};

/// One pass over an approved plan.
#[derive(Debug, Default)]
pub struct PassResult {
    /// What became of what was tried.
    pub report: Report,
    /// Topics that were not as observed when their turn came, with everything approved that was left
    /// of them; they have to be planned and gated again.
    pub moved: BTreeMap<TopicName, Vec<PlannedChange>>,
    /// What is to be said of throttles and leaders.
    pub throttles: Vec<String>,
    /// What was limited.
    pub limited: AppliedThrottles,
}

/// Carries out an approved plan.
pub async fn write<A: Admin>(
    admin: &A,
    cluster: &ClusterView,
    desired: &Desired,
    approved: &Approved,
    control: &Control<'_>,
) -> PassResult {
    let mut writer = PlanWriter {
        admin,
        cluster,
        desired,
        ids: approved.ids(),
        control,
        round: PassResult::default(),
        lost: None,
        is_stalled: false,
    };
    for turn in ApplyPhase::IN_ORDER {
        writer.write_phase(turn, approved.topics()).await;
    }
    writer.round
}

pub(super) struct PlanWriter<'a, A> {
    pub(super) admin: &'a A,
    pub(super) cluster: &'a ClusterView,
    pub(super) desired: &'a Desired,
    /// Of the topics for which the changes were approved.
    pub(super) ids: &'a BTreeMap<TopicName, TopicId>,
    pub(super) control: &'a Control<'a>,
    pub(super) round: PassResult,
    /// Why the cluster cannot be read any more. To find that out once is enough.
    lost: Option<AdminError>,
    /// Where one batch of replicas is not copied, the next would only wait behind it.
    pub(super) is_stalled: bool,
}

/// The changes of one kind of one topic: they are written, and end, together.
pub(super) type TopicChanges<'a> = (&'a TopicName, Vec<PlannedChange>);

impl<A: Admin> PlanWriter<'_, A> {
    async fn write_phase(&mut self, turn: ApplyPhase, topics: &BTreeMap<TopicName, Vec<PlannedChange>>) {
        let mut shares: Vec<TopicChanges<'_>> = Vec::new();
        for (name, changes) in topics {
            let changes = turn.share(changes);
            match self.round.moved.get_mut(name) {
                _ if changes.is_empty() => {}
                Some(left) => left.extend(changes),
                None => shares.push((name, changes)),
            }
        }
        let shares = self.without_those_to_wait(turn, shares);
        let (kind, total) = (turn.kind(), shares.len());
        let mut done = 0;
        for batch in request::batches(kind, shares) {
            done += batch.len();
            self.write_batch(turn, batch).await;
            (self.control.progress)(ApplyProgress::Writing { kind, done, total });
        }
    }

    async fn write_batch(&mut self, turn: ApplyPhase, batch: Vec<TopicChanges<'_>>) {
        let Some(batch) = self.may_go_on(turn, batch) else {
            return;
        };
        let names = batch.iter().map(|(name, _)| *name);
        let fresh = match self.plan_again(turn, names).await {
            Ok(fresh) => fresh,
            Err(error) => {
                self.lost = Some(error);
                self.may_go_on(turn, batch);
                return;
            }
        };
        let Some(batch) = self.may_go_on(turn, batch) else {
            return;
        };
        let mut unchanged = Vec::new();
        for (name, changes) in batch {
            if fresh.behind.contains(name) {
                self.end(name, changes, &Outcome::NotAttempted(NOT_SHOWN.into()));
                continue;
            }
            match revalidate(turn, &fresh.plan, name, self.ids.get(name).copied(), &changes) {
                Revalidation::Wanted if targets_dead_broker(&fresh.view, &changes) => {
                    self.set_aside(name, changes);
                }
                Revalidation::Wanted => unchanged.push((name, changes)),
                Revalidation::UnderWay(fresh) => unchanged.push((name, fresh)),
                Revalidation::Done => self.end(name, changes, &Outcome::Done),
                Revalidation::Moved => self.set_aside(name, changes),
                Revalidation::Replaced(what) => self.end(name, changes, &Outcome::NotAttempted(what.into())),
                Revalidation::Unreadable(why) => self.end(name, changes, &not_read_again(&why)),
            }
        }
        if !unchanged.is_empty() {
            self.send(turn, unchanged).await;
        }
    }

    /// Ends what should come after replicas that are not known to be in sync.
    fn without_those_to_wait<'n>(
        &mut self,
        turn: ApplyPhase,
        shares: Vec<TopicChanges<'n>>,
    ) -> Vec<TopicChanges<'n>> {
        let (ready, early) = shares
            .into_iter()
            .partition(|(name, _)| matches!(turn, ApplyPhase::Of(_)) || self.has_its_replicas(name));
        for (name, changes) in early {
            self.end(name, changes, &Outcome::NotAttempted(turn.why_it_waits().into()));
        }
        ready
    }

    fn has_its_replicas(&self, name: &TopicName) -> bool {
        let ended = self.round.report.topics.get(name).into_iter().flatten();
        let mut moves = ended.filter(|ended| ended.planned.change.kind() == ChangeKind::Reassignments);
        self.control.waits && moves.all(|moved| moved.outcome == Outcome::Done)
    }

    /// Gives the batch back, unless there is a reason to write no more; then it ends here.
    fn may_go_on<'n>(
        &mut self,
        turn: ApplyPhase,
        batch: Vec<TopicChanges<'n>>,
    ) -> Option<Vec<TopicChanges<'n>>> {
        let why = match &self.lost {
            Some(error) => format!("the cluster could not be read again before the write: {error}"),
            None if self.control.interrupt.is_raised() => "interrupted".to_owned(),
            None if self.is_stalled && turn.kind() == ChangeKind::Reassignments => STALLED.to_owned(),
            None => return Some(batch),
        };
        let outcome = Outcome::NotAttempted(why.into());
        for (name, changes) in batch {
            self.end(name, changes, &outcome);
        }
        None
    }

    pub(super) fn end(&mut self, name: &TopicName, changes: Vec<PlannedChange>, outcome: &Outcome) {
        let all = changes.clone();
        for planned in changes {
            let outcome = outcome.without_secrets(&all);
            self.control.journal.ended(name, &planned, &outcome);
            self.round.report.add(name, planned, outcome);
        }
    }

    pub(super) fn set_aside(&mut self, name: &TopicName, changes: Vec<PlannedChange>) {
        self.round.moved.entry(name.clone()).or_default().extend(changes);
    }

    fn announce(&self, kind: ChangeKind, batch: &[TopicChanges<'_>]) -> Result<(), String> {
        let changes: Vec<(&TopicName, &PlannedChange)> = batch
            .iter()
            .flat_map(|(name, changes)| changes.iter().map(move |planned| (*name, planned)))
            .collect();
        self.control.journal.attempting(kind, &changes)
    }

    /// Gives what may be sent. What cannot be limited is not begun, and what is under way goes on all the same.
    async fn limit<'n>(&mut self, batch: Vec<TopicChanges<'n>>, rate: i64) -> Vec<TopicChanges<'n>> {
        let set = throttle::set(self.admin, &batch, rate, &mut self.round.limited).await;
        let mut rest = Vec::new();
        for (name, changes) in batch {
            let mut moved = changes.iter().filter_map(|planned| planned.change.reassignment());
            let why = match &set {
                Err(why) => Some(why),
                Ok(set) => set.refused.get(name),
            };
            match why.filter(|_| !moved.all(ReplicationChange::is_only_under_way)) {
                Some(why) => {
                    let why = why.clone().in_context("not limited, and so not begun");
                    self.end(name, changes, &Outcome::Failed(why));
                }
                None => rest.push((name, changes)),
            }
        }
        match set {
            Ok(set) => self.round.throttles.extend(set.left),
            Err(why) if !rest.is_empty() => {
                let why = format!("what is under way already could not be limited: {why}");
                self.round.throttles.push(why);
            }
            Err(_) => {}
        }
        rest
    }

    async fn send(&mut self, turn: ApplyPhase, batch: Vec<TopicChanges<'_>>) {
        let kind = turn.kind();
        if let Err(why) = self.announce(kind, &batch) {
            let outcome = Outcome::NotAttempted(why.into());
            for (name, changes) in batch {
                self.end(name, changes, &outcome);
            }
            return;
        }
        let batch = match (kind, self.control.throttle) {
            (ChangeKind::Reassignments, Some(rate)) => self.limit(batch, rate).await,
            _ => batch,
        };
        let mut answers = match Requests::of_changes(kind, &batch).send(self.admin).await {
            Ok(answers) => answers,
            Err(error) => every(&batch, &ItemError::Request(error)),
        };
        let batch = self.without_refused_pins(batch, &mut answers).await;
        let mut open = Vec::new();
        let mut copying = Vec::new();
        for (name, changes) in batch {
            match after(answers.get(name)) {
                WriteResult::Ended(Outcome::Done) if kind == ChangeKind::Reassignments => {
                    copying.push((name, changes));
                }
                WriteResult::Ended(outcome) => self.end(name, changes, &outcome),
                WriteResult::OutcomeUnknown(error) => open.push(PendingWrite { name, changes, error }),
            }
        }
        if !open.is_empty() {
            copying.extend(self.read_again(turn, open).await);
        }
        if !copying.is_empty() {
            self.follow(copying).await;
        }
    }
}

impl<A: Admin> PlanWriter<'_, A> {
    /// Where the broker refuses to set values that are in force already, the others are written without them.
    async fn without_refused_pins<'n>(
        &mut self,
        batch: Vec<TopicChanges<'n>>,
        answers: &mut PerTopic<()>,
    ) -> Vec<TopicChanges<'n>> {
        let mut rest = Vec::new();
        let mut again = Vec::new();
        for (name, changes) in batch {
            let refused = answers.get(name).and_then(refusal);
            let (pins, others): (Vec<_>, Vec<_>) = match refused {
                Some(_) => changes
                    .into_iter()
                    .partition(|planned| planned.change.pin().is_some()),
                None => (Vec::new(), changes),
            };
            let Some(words) = refused.filter(|_| !pins.is_empty()) else {
                rest.push((name, others));
                continue;
            };
            let notes = pins.iter().filter_map(|planned| planned.change.pin());
            let notes = notes.map(|key| Note::NotPinned {
                key: key.clone(),
                words: words.to_string().into(),
            });
            self.round
                .report
                .notes
                .entry(name.clone())
                .or_default()
                .extend(notes);
            self.end(name, pins, &Outcome::Done);
            if !others.is_empty() {
                again.push((name, others));
            }
        }
        if !again.is_empty() {
            let requests = Requests::of_changes(ChangeKind::Configs, &again);
            answers.extend(match requests.send(self.admin).await {
                Ok(answers) => answers,
                Err(error) => every(&again, &ItemError::Request(error)),
            });
        }
        rest.into_iter().chain(again).collect()
    }
}

fn refusal(answer: &Result<(), ItemError>) -> Option<&ItemError> {
    let error = answer.as_ref().err()?;
    (error.class() == Some(ErrorClass::Rejected) && !error.outcome_is_unknown()).then_some(error)
}

const STALLED: &str = "what was begun before is not copied; run apply again when it is";

/// Nobody moved it, as far as one can tell; but what is not seen is not written.
fn not_read_again(why: &str) -> Outcome {
    Outcome::NotAttempted(format!("right before the write, {why}; run apply again").into())
}

/// Whether a copy would go to a broker that is not alive.
fn targets_dead_broker(view: &ClusterView, changes: &[PlannedChange]) -> bool {
    let is_dead = |id: &BrokerId| !view.brokers.contains_key(id);
    let mut sent = changes.iter().filter_map(|planned| planned.change.reassignment());
    sent.any(|change| change.sent().any(|(_, moved)| moved.added().iter().any(is_dead)))
}

fn every(batch: &[TopicChanges<'_>], error: &ItemError) -> PerTopic<()> {
    batch
        .iter()
        .map(|(name, _)| ((*name).clone(), Err(error.clone())))
        .collect()
}
