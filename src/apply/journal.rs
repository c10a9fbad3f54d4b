//! Whoever keeps a record of an apply while it goes on.

use crate::model::TopicName;
use crate::plan::{ChangeKind, PlannedChange};

use super::report::Outcome;

/// Hears of every batch before it is written, and of every end as soon as it is known.
pub trait Journal {
    /// A batch is about to be written.
    ///
    /// # Errors
    /// Why it cannot be recorded. The batch is not written then: what leaves no trace is not done.
    fn attempting(&self, kind: ChangeKind, changes: &[(&TopicName, &PlannedChange)]) -> Result<(), String>;

    /// A change ended. What every broker shows in the end may still be another matter.
    fn ended(&self, topic: &TopicName, planned: &PlannedChange, outcome: &Outcome);
}

/// Keeps no record.
#[derive(Debug, Clone, Copy)]
pub struct NoJournal;

impl Journal for NoJournal {
    fn attempting(&self, _: ChangeKind, _: &[(&TopicName, &PlannedChange)]) -> Result<(), String> {
        Ok(())
    }

    fn ended(&self, _: &TopicName, _: &PlannedChange, _: &Outcome) {}
}
