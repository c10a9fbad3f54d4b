//! Writes one kind of change after the other, in batches, each right after its topics were read
//! again. Kafka has no compare-and-set, so between that read and the write lies the one request in
//! which somebody else can still be overwritten.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use super::control::{Control, Progress};
use super::report::{Outcome, Report};
use super::request;
use crate::admin::{
    self, Admin, AdminError, ConfigsToAlter, ItemError, Meaning, NewPartitions, NewTopic, PerTopic, WriteMode,
};
use crate::model::{ClusterView, Desired, TopicId, TopicName};
use crate::plan::gate::Approved;
use crate::plan::{ChangeKind, Plan, PlannedChange, plan};

/// Deletions cost the controller a record for each partition too, which is not known here.
const DELETIONS_PER_BATCH: usize = 500;

/// One pass over an approved plan.
#[derive(Debug, Default)]
pub struct Round {
    /// What became of what was tried.
    pub report: Report,
    /// Topics that were not as observed when their turn came, so that the rest of their changes was
    /// left; they have to be planned and gated again.
    pub moved: BTreeSet<TopicName>,
}

/// Carries out an approved plan.
pub async fn write<A: Admin>(
    admin: &A,
    cluster: &ClusterView,
    desired: &Desired,
    approved: &Approved,
    control: &Control<'_>,
) -> Round {
    let mut writer = Writer {
        admin,
        cluster,
        desired,
        control,
        round: Round::default(),
    };
    for kind in ChangeKind::IN_ORDER {
        writer.write_kind(kind, approved.topics()).await;
    }
    writer.round
}

struct Writer<'a, A> {
    admin: &'a A,
    cluster: &'a ClusterView,
    desired: &'a Desired,
    control: &'a Control<'a>,
    round: Round,
}

/// The changes of one kind of one topic: they are written, and end, together.
type Share<'a> = (&'a TopicName, Vec<PlannedChange>);

impl<A: Admin> Writer<'_, A> {
    async fn write_kind(&mut self, kind: ChangeKind, topics: &BTreeMap<TopicName, Vec<PlannedChange>>) {
        let shares: Vec<Share<'_>> = topics
            .iter()
            .filter(|(name, changes)| request::has(kind, changes) && !self.round.moved.contains(*name))
            .map(|(name, changes)| (name, of_kind(kind, changes)))
            .collect();
        let total = shares.len();
        let mut done = 0;
        for batch in batches(kind, shares) {
            if self.control.interrupt.is_raised() {
                self.leave(batch);
                continue;
            }
            done += batch.len();
            self.write_batch(kind, batch).await;
            (self.control.progress)(Progress::Writing { kind, done, total });
        }
    }

    fn leave(&mut self, batch: Vec<Share<'_>>) {
        for (name, changes) in batch {
            self.end(name, changes, &Outcome::NotAttempted("interrupted".into()));
        }
    }

    fn end(&mut self, name: &TopicName, changes: Vec<PlannedChange>, outcome: &Outcome) {
        for planned in changes {
            self.round.report.add(name, planned, outcome.clone());
        }
    }

    async fn write_batch(&mut self, kind: ChangeKind, batch: Vec<Share<'_>>) {
        let fresh = match self.plan_again(batch.iter().map(|(name, _)| *name)).await {
            Ok(fresh) => fresh,
            Err(error) => {
                let why = format!("the topic could not be read again before the write: {error}");
                return self.end_all(batch, &Outcome::NotAttempted(why.into()));
            }
        };
        let mut unchanged = Vec::new();
        for (name, changes) in batch {
            match compare(kind, &fresh, name, &changes) {
                Still::Wanted => unchanged.push((name, changes)),
                Still::Done => self.end(name, changes, &Outcome::Done),
                Still::Moved => _ = self.round.moved.insert(name.clone()),
            }
        }
        if !unchanged.is_empty() {
            self.send(kind, unchanged).await;
        }
    }

    fn end_all(&mut self, batch: Vec<Share<'_>>, outcome: &Outcome) {
        for (name, changes) in batch {
            self.end(name, changes, outcome);
        }
    }

    /// The plan for these topics as the cluster is now.
    async fn plan_again<'n>(&self, names: impl Iterator<Item = &'n TopicName>) -> Result<Plan, AdminError> {
        let desired = self.desired.only(names);
        let observed = admin::observe(self.admin, self.cluster, &desired).await?;
        Ok(plan(&desired, &observed))
    }

    async fn send(&mut self, kind: ChangeKind, batch: Vec<Share<'_>>) {
        let answers = match self.request(kind, &batch).await {
            Ok(answers) => answers,
            Err(error) => every(&batch, &ItemError::Request(error)),
        };
        let mut to_read = Vec::new();
        for (name, changes) in batch {
            match after(answers.get(name)) {
                After::Ended(outcome) => self.end(name, changes, &outcome),
                After::ReadAgain(error) => to_read.push(Open { name, changes, error }),
            }
        }
        if !to_read.is_empty() {
            self.read_again(kind, to_read).await;
        }
    }

    async fn request(&self, kind: ChangeKind, batch: &[Share<'_>]) -> Result<PerTopic<()>, AdminError> {
        match kind {
            ChangeKind::Create => {
                let topics: Vec<NewTopic> = requests(batch, request::creation);
                self.admin.create_topics(&topics, WriteMode::Write).await
            }
            ChangeKind::Configs => {
                let changes: Vec<ConfigsToAlter> = requests(batch, request::configs);
                self.admin.alter_configs(&changes, WriteMode::Write).await
            }
            ChangeKind::Partitions => {
                let growth: Vec<NewPartitions> = requests(batch, request::growth);
                self.admin.create_partitions(&growth, WriteMode::Write).await
            }
            ChangeKind::Delete => {
                let id = |(name, changes): &Share<'_>| Some(((*name).clone(), request::deletion(changes)?));
                let ids: BTreeMap<TopicName, TopicId> = batch.iter().filter_map(id).collect();
                self.admin.delete_topics(&ids).await
            }
        }
    }

    /// A write whose outcome is open is looked up, not guessed. Brokers show what the controller did
    /// with a delay, so an answer such as "already exists" can be ahead of what can be read.
    async fn read_again(&mut self, kind: ChangeKind, mut open: Vec<Open<'_>>) {
        for pause in REREAD_PAUSES_MS.map(Duration::from_millis) {
            tokio::time::sleep(pause.min(self.control.visible_within)).await;
            match self.plan_again(open.iter().map(|open| open.name)).await {
                Ok(fresh) => open = self.settle(kind, &fresh, open),
                Err(error) => return self.give_up(open, &error),
            }
            if open.is_empty() || self.control.interrupt.is_raised() {
                break;
            }
        }
        for Open { name, changes, error } in open {
            if error.outcome_is_unknown() {
                self.end(name, changes, &Outcome::Unknown(not_shown(&error).into()));
            } else {
                self.round.moved.insert(name.clone());
            }
        }
    }

    /// Ends what the fresh plan decides; the rest is still open.
    fn settle<'n>(&mut self, kind: ChangeKind, fresh: &Plan, open: Vec<Open<'n>>) -> Vec<Open<'n>> {
        let mut undecided = Vec::new();
        for open in open {
            match compare(kind, fresh, open.name, &open.changes) {
                Still::Done => self.end(open.name, open.changes, &Outcome::Done),
                Still::Moved if !open.error.outcome_is_unknown() => {
                    _ = self.round.moved.insert(open.name.clone());
                }
                Still::Wanted | Still::Moved => undecided.push(open),
            }
        }
        undecided
    }

    fn give_up(&mut self, open: Vec<Open<'_>>, unread: &AdminError) {
        for Open { name, changes, error } in open {
            let why = format!("{error}; reading it again failed too: {unread}");
            self.end(name, changes, &Outcome::Unknown(why.into()));
        }
    }
}

/// A write that was sent and whose outcome is not known from the answer.
struct Open<'a> {
    name: &'a TopicName,
    changes: Vec<PlannedChange>,
    error: ItemError,
}

/// The pauses before each look at a write whose outcome is open: six seconds in all, since a busy
/// broker was seen to show old configs for five.
const REREAD_PAUSES_MS: [u64; 7] = [0, 100, 200, 400, 800, 1_600, 3_200];

fn not_shown(error: &ItemError) -> String {
    format!("{error}; the cluster does not show the change yet, it may still arrive: run apply again")
}

fn of_kind(kind: ChangeKind, changes: &[PlannedChange]) -> Vec<PlannedChange> {
    changes
        .iter()
        .filter(|planned| planned.change.kind() == kind)
        .cloned()
        .collect()
}

/// Batches that each fit into one request, so that each is read again just before it is written.
fn batches(kind: ChangeKind, shares: Vec<Share<'_>>) -> Vec<Vec<Share<'_>>> {
    let sizes: Vec<usize> = match kind {
        ChangeKind::Create => sizes(&requests(&shares, request::creation)),
        ChangeKind::Configs => sizes(&requests(&shares, request::configs)),
        ChangeKind::Partitions => sizes(&requests(&shares, request::growth)),
        ChangeKind::Delete => shares.chunks(DELETIONS_PER_BATCH).map(<[_]>::len).collect(),
    };
    let mut rest = shares.into_iter();
    sizes
        .into_iter()
        .map(|size| rest.by_ref().take(size).collect())
        .collect()
}

fn sizes<T: admin::WriteItem>(items: &[T]) -> Vec<usize> {
    admin::batches(items).iter().map(|batch| batch.len()).collect()
}

fn requests<T>(batch: &[Share<'_>], make: fn(&TopicName, &[PlannedChange]) -> Option<T>) -> Vec<T> {
    batch
        .iter()
        .filter_map(|(name, changes)| make(name, changes))
        .collect()
}

fn every(batch: &[Share<'_>], error: &ItemError) -> PerTopic<()> {
    batch
        .iter()
        .map(|(name, _)| ((*name).clone(), Err(error.clone())))
        .collect()
}

/// How an approved change stands against a fresh plan.
enum Still {
    /// The same change, at no higher risk than was approved.
    Wanted,
    /// Nothing of the kind is left to do.
    Done,
    /// Anything else.
    Moved,
}

fn compare(kind: ChangeKind, fresh: &Plan, name: &TopicName, approved: &[PlannedChange]) -> Still {
    let Some(topic) = fresh.topics.get(name) else {
        return Still::Moved;
    };
    if topic.unreadable.is_some() || !topic.refusals.is_empty() {
        return Still::Moved;
    }
    let now: Vec<&PlannedChange> = topic.of_kind(kind).collect();
    // A topic that has to be created has no configs to compare: that is not the same as done.
    let gone = kind != ChangeKind::Create && topic.of_kind(ChangeKind::Create).next().is_some();
    match now.as_slice() {
        [] if gone => Still::Moved,
        [] => Still::Done,
        _ if same(&now, approved) => Still::Wanted,
        _ => Still::Moved,
    }
}

fn same(now: &[&PlannedChange], approved: &[PlannedChange]) -> bool {
    let covered = |(now, approved): (&&PlannedChange, &PlannedChange)| {
        now.change == approved.change && now.risk.class() <= approved.risk.class()
    };
    now.len() == approved.len() && now.iter().zip(approved).all(covered)
}

enum After {
    Ended(Outcome),
    ReadAgain(ItemError),
}

fn after(answer: Option<&Result<(), ItemError>>) -> After {
    let error = match answer {
        Some(Ok(())) => return After::Ended(Outcome::Done),
        Some(Err(error)) => error,
        None => {
            return After::Ended(Outcome::Unknown(
                "the broker's answer does not mention the topic".into(),
            ));
        }
    };
    if error.outcome_is_unknown() {
        return After::ReadAgain(error.clone());
    }
    match error.meaning() {
        Some(Meaning::AlreadyExists | Meaning::NoSuchTopic | Meaning::AlreadyHasPartitions) => {
            After::ReadAgain(error.clone())
        }
        Some(Meaning::NotAuthorized | Meaning::Rejected | Meaning::Passing) | None => {
            After::Ended(Outcome::Failed(error.to_string().into()))
        }
    }
}
