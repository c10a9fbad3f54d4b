//! What the broker said when it was asked to validate a plan, and how that changes the plan.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::change::{ChangeKind, PlannedChange};
use super::config::config_key;
use super::growth::growth;
use super::note::{Note, Unvalidated};
use super::refusal::Refusal;
use super::{Plan, TopicPlan};
use crate::model::{ConfigKey, NotOffered, TopicName};

/// The broker's answer about one kind of change of one topic.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// The topic.
    pub topic: TopicName,
    /// The part of its plan that the broker was asked about.
    pub kind: ChangeKind,
    /// What it said.
    pub verdict: BrokerVerdict,
}

/// What the broker said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum BrokerVerdict {
    /// It would do it.
    Accepted,
    /// It would not, in its own words.
    Rejected(Arc<str>),
    /// The cluster deletes no topics at all.
    DeletionDisabled,
    /// The cluster has no request for it.
    NotOffered(NotOffered),
    /// The topic is not as it was observed any more, so the question itself was out of date.
    Moved,
    /// It could not be asked, or did not say.
    NotValidated(Unvalidated),
}

impl Plan {
    /// The plan with what the broker said: a rejected part becomes a refusal, one that was not
    /// validated a note. Topics that the plan does not have are passed over.
    #[must_use]
    pub fn with_findings(mut self, findings: impl IntoIterator<Item = Finding>) -> Self {
        for finding in findings {
            if let Some(topic) = self.topics.get_mut(&finding.topic) {
                topic.take_in(finding.kind, finding.verdict);
            }
        }
        self
    }
}

impl Plan {
    /// Leaves values that are in force as inherited ones and that the broker refuses to set on the topic, in its words.
    pub fn leave_pins(&mut self, refused: &BTreeMap<TopicName, Arc<str>>) {
        for (name, words) in refused {
            let Some(topic) = self.topics.get_mut(name) else {
                continue;
            };
            let pins: BTreeSet<ConfigKey> = topic.pins().cloned().collect();
            let is_pin =
                |planned: &PlannedChange| config_key(&planned.change).is_some_and(|key| pins.contains(key));
            let words = topic.hidden_in(words);
            topic.changes.retain(|planned| !is_pin(planned));
            let note = |key| Note::NotPinned {
                key,
                words: Arc::clone(&words).into(),
            };
            topic.notes.extend(pins.into_iter().map(note));
        }
    }
}

impl TopicPlan {
    /// The configs that would be set to the value that they inherit.
    pub fn pins(&self) -> impl Iterator<Item = &ConfigKey> {
        let changes = self.changes.iter();
        changes.filter_map(|planned| planned.change.pin())
    }

    /// Beside partitions that are being moved, it is those that are in the way of new ones.
    fn rejected(&mut self, kind: ChangeKind, words: Arc<str>) -> Refusal {
        let mut leftovers = self.leftovers.iter().filter(|_| kind == ChangeKind::Configs);
        if let Some(key) = leftovers.find(|key| words.contains(key.as_str())) {
            return Refusal::LeftoverConfig {
                key: key.clone(),
                words: words.into(),
            };
        }
        let beside_moves = growth(self).filter(|growth| !growth.beside_moves.is_empty());
        match beside_moves.filter(|_| kind == ChangeKind::Partitions) {
            Some(growth) => Refusal::GrowsWhileMoving {
                from: growth.from,
                to: growth.to.clone(),
                partitions: growth.beside_moves.clone(),
                words: Some(words.into()),
            },
            None => Refusal::RejectedByBroker {
                kind,
                words: words.into(),
            },
        }
    }

    /// A broker may repeat a value that it refuses.
    fn hidden_in(&self, words: &str) -> Arc<str> {
        let changes = self.changes.iter();
        let hidden = changes.fold(words.to_owned(), |words, planned| {
            planned.change.hidden_in(&words)
        });
        hidden.into()
    }

    fn take_in(&mut self, kind: ChangeKind, verdict: BrokerVerdict) {
        match verdict {
            BrokerVerdict::Accepted | BrokerVerdict::Moved => {}
            BrokerVerdict::DeletionDisabled => self.refusals.push(Refusal::DeletionDisabled),
            BrokerVerdict::NotOffered(missing) => self.refusals.push(Refusal::NotOffered { kind, missing }),
            BrokerVerdict::Rejected(words) => {
                let words = self.hidden_in(&words);
                let refusal = self.rejected(kind, words);
                self.refusals.push(refusal);
            }
            BrokerVerdict::NotValidated(Unvalidated::NoAnswer(words)) => {
                let why = Unvalidated::NoAnswer(self.hidden_in(&words));
                self.notes.insert(Note::NotValidated { kind, why });
            }
            BrokerVerdict::NotValidated(why @ (Unvalidated::NeedsRight(_) | Unvalidated::NotAsked)) => {
                self.notes.insert(Note::NotValidated { kind, why });
            }
        }
    }
}
