//! What is shown of one look: the sample, what it comes to with those before it, and the events.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;
use std::sync::Arc;

use super::outcome::Tally;
use super::sample::{Part, Sample, TopicSettings, Trouble, Unseen};
use super::window::{Figures, TopicFigures};
use crate::events::ConsumeError;
use crate::model::{EventName, RequiredAcl, TopicName};

/// One look, with everything that belongs to it.
#[derive(Debug, Clone)]
pub struct View {
    /// What was read.
    pub sample: Rc<Sample>,
    /// What it comes to.
    pub figures: Rc<Figures>,
    /// The events of the contract.
    pub events: Events,
}

/// What became of workflows, as their events say.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Events {
    /// Which topic carries which event; empty where no topic that is watched does.
    pub topics: BTreeMap<TopicName, EventName>,
    /// What was written over the last minutes; `None` where events are not read.
    pub lately: Option<Tally>,
    /// What was written since the monitor began; `None` where no event was ever read.
    pub total: Option<Tally>,
    /// Why events are not read at the moment, though there are topics for them.
    pub trouble: Option<Unfollowed>,
}

/// Why events are not read.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Unfollowed {
    /// In the broker's own words where there are any.
    pub why: Arc<str>,
    /// The rights of which one is missing, if that is what it was.
    pub missing: BTreeSet<RequiredAcl>,
}

impl From<Arc<str>> for Unfollowed {
    fn from(why: Arc<str>) -> Self {
        Self {
            why,
            missing: BTreeSet::new(),
        }
    }
}

impl From<ConsumeError> for Unfollowed {
    fn from(error: ConsumeError) -> Self {
        Self {
            missing: error.missing().cloned().unwrap_or_default(),
            why: error.to_string().into(),
        }
    }
}

/// One topic as it is shown.
#[derive(Debug, Clone, Copy)]
pub struct Row<'v> {
    /// Its full name.
    pub name: &'v TopicName,
    /// What it comes to; `None` where it is not there or could not be read.
    pub figures: Option<&'v TopicFigures>,
    /// How many partitions it has.
    pub partitions: Option<usize>,
    /// What is read less often.
    pub settings: Option<&'v TopicSettings>,
    /// Why it is not there.
    pub unseen: Option<&'v Unseen>,
    /// Failures as a share of what started, for the topics of failures.
    pub failed: Option<f64>,
}

impl Events {
    /// Failures of the last minutes as a share of what started; `None` where there was neither, or only one of
    /// them is watched.
    pub fn failed_share(&self) -> Option<f64> {
        let carried: Vec<EventName> = self.topics.values().copied().collect();
        let both = [EventName::TestGenerationStarted, EventName::TestGenerationFailed];
        let lately = self.lately.as_ref()?;
        both.iter()
            .all(|event| carried.contains(event))
            .then(|| lately.failed_share())?
    }
}

impl View {
    /// The topics by name, those of the file that are not there included.
    pub fn rows(&self) -> Vec<Row<'_>> {
        let (there, unseen) = (self.sample.topics.keys(), self.sample.unseen.keys());
        let names: BTreeSet<&TopicName> = there.chain(unseen).collect();
        names.into_iter().map(|name| self.row(name)).collect()
    }

    fn row<'v>(&'v self, name: &'v TopicName) -> Row<'v> {
        let sample = self.sample.topics.get(name);
        let carries = self.events.topics.get(name);
        let of_failures = carries == Some(&EventName::TestGenerationFailed);
        Row {
            name,
            figures: self.figures.topics.get(name),
            partitions: sample.map(|sample| sample.partitions.len()),
            settings: self.sample.settings.topics.get(name),
            unseen: self.sample.unseen.get(name),
            failed: self.events.failed_share().filter(|_| of_failures),
        }
    }

    /// The rights that this principal lacked.
    pub fn missing_acls(&self) -> BTreeSet<RequiredAcl> {
        let sample = &self.sample;
        let mut rights = sample.troubles.rights() | sample.settings.troubles.rights();
        rights.extend(
            self.events
                .trouble
                .iter()
                .flat_map(|unread| unread.missing.clone()),
        );
        rights
    }

    /// Everything that could not be read.
    pub fn troubles(&self) -> Vec<Trouble> {
        let read = self.sample.troubles.iter();
        let events = self.events.trouble.iter().map(|unread| Trouble {
            part: Part::Events,
            why: Arc::clone(&unread.why),
            place: "".into(),
            count: 1,
        });
        read.chain(self.sample.settings.troubles.iter())
            .chain(events)
            .collect()
    }
}
