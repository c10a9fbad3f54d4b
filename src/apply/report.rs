//! What became of an approved plan. The report mirrors the plan: each change that was approved is in
//! it, with what happened to it.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::model::{ReadError, RequiredAcl, TopicName};
use crate::plan::{Note, PlannedChange};

/// How one change ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// The cluster is as wanted. Also when somebody else made the same change meanwhile.
    Done,
    /// It was refused or could not be made; the reason in the broker's words.
    Failed(ReadError),
    /// It may or may not have taken effect, or not every broker shows it yet.
    Unknown(Arc<str>),
    /// It was not tried, and why.
    NotAttempted(Arc<str>),
}

impl Outcome {
    /// A broker may repeat a value that it refuses; what is secret of it stays unseen.
    #[must_use]
    pub(super) fn without_secrets(&self, changes: &[PlannedChange]) -> Self {
        let hidden = |words: &Arc<str>| -> Arc<str> {
            let changes = changes.iter();
            let words = changes.fold(words.to_string(), |words, planned| {
                planned.change.hidden_in(&words)
            });
            words.into()
        };
        match self {
            Self::Done => Self::Done,
            Self::Failed(why) => Self::Failed(ReadError {
                words: hidden(&why.words.shared()).into(),
                missing: why.missing.clone(),
            }),
            Self::Unknown(why) => Self::Unknown(hidden(why)),
            Self::NotAttempted(why) => Self::NotAttempted(hidden(why)),
        }
    }
}

/// A change and its end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChangeOutcome {
    /// What was approved.
    pub planned: PlannedChange,
    /// What became of it.
    pub outcome: Outcome,
}

/// The results of an apply, or of one round of it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Report {
    /// Each topic with its changes in the order of the plan.
    pub topics: BTreeMap<TopicName, Vec<ChangeOutcome>>,
    /// What the cluster shows otherwise than it was written, although the changes are done.
    pub notes: BTreeMap<TopicName, BTreeSet<Note>>,
}

impl Report {
    /// Records how a change ended.
    pub fn add(&mut self, topic: &TopicName, planned: PlannedChange, outcome: Outcome) {
        let changes = self.topics.entry(topic.clone()).or_default();
        changes.push(ChangeOutcome { planned, outcome });
    }

    /// Takes over the results of a later round.
    pub fn extend(&mut self, later: Self) {
        for (topic, changes) in later.topics {
            self.topics.entry(topic).or_default().extend(changes);
        }
        for (topic, notes) in later.notes {
            self.notes.entry(topic).or_default().extend(notes);
        }
    }

    /// Everything that was approved is done.
    pub fn is_complete(&self) -> bool {
        self.all().all(|change| change.outcome == Outcome::Done)
    }

    /// The rights that this principal lacked.
    pub fn missing_acls(&self) -> BTreeSet<RequiredAcl> {
        let missing = |change: &ChangeOutcome| match &change.outcome {
            Outcome::Failed(error) => error.missing.clone(),
            Outcome::Done | Outcome::Unknown(_) | Outcome::NotAttempted(_) => None,
        };
        self.all().filter_map(missing).collect()
    }

    /// Every change of every topic.
    pub fn all(&self) -> impl Iterator<Item = &ChangeOutcome> {
        self.topics.values().flatten()
    }

    /// Turns the changes of these topics that counted as done into `outcome`.
    pub(super) fn downgrade(&mut self, topics: &BTreeSet<TopicName>, outcome: &Outcome) {
        let named = self.topics.iter_mut().filter(|(name, _)| topics.contains(*name));
        for change in named
            .flat_map(|(_, changes)| changes)
            .filter(|change| change.outcome == Outcome::Done)
        {
            change.outcome = outcome.clone();
        }
    }
}
