//! The overrides that a plan resets because the file does not set them, counted.

use super::{Change, Plan, TopicPlan};

/// How many overrides a plan resets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct UnlistedResets {
    /// Overrides of all topics together.
    pub overrides: usize,
    /// Topics that lose any.
    pub topics: usize,
}

impl TopicPlan {
    fn unlisted_resets(&self) -> usize {
        let is_reset = |change: &Change| match change {
            Change::ResetConfig(_) => true,
            Change::Create(_)
            | Change::Delete(_)
            | Change::GrowPartitions(_)
            | Change::Reassign(_)
            | Change::CancelMoves(_)
            | Change::SetConfig(_) => false,
        };
        self.changes
            .iter()
            .filter(|planned| is_reset(&planned.change))
            .count()
    }
}

impl Plan {
    /// What the plan resets, refused topics left out, since nothing is done to them. `None` where it resets
    /// nothing.
    pub fn unlisted_resets(&self) -> Option<UnlistedResets> {
        let doable = self.topics.values().filter(|topic| topic.refusals.is_empty());
        let counts = doable.map(TopicPlan::unlisted_resets).filter(|count| *count > 0);
        let resets = counts.fold(
            UnlistedResets {
                overrides: 0,
                topics: 0,
            },
            |all, count| UnlistedResets {
                overrides: all.overrides + count,
                topics: all.topics + 1,
            },
        );
        (resets.topics > 0).then_some(resets)
    }
}
