//! Which changes are written when. The order is that of the kinds, but for what would stop producers if it came
//! before the replicas that it asks for.

use super::compare::about_the_same;
use crate::plan::{ChangeKind, PlannedChange, waits_for_replicas};

/// A time at which changes of all topics are written together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Turn {
    /// All changes of a kind that need not wait for anything.
    Of(ChangeKind),
    /// Configs that wait for replicas.
    ConfigsAfterReplicas,
}

impl Turn {
    pub(super) const IN_ORDER: [Self; 6] = [
        Self::Of(ChangeKind::Create),
        Self::Of(ChangeKind::Configs),
        Self::Of(ChangeKind::Partitions),
        Self::Of(ChangeKind::Reassignments),
        Self::ConfigsAfterReplicas,
        Self::Of(ChangeKind::Delete),
    ];

    pub(super) fn kind(self) -> ChangeKind {
        match self {
            Self::Of(kind) => kind,
            Self::ConfigsAfterReplicas => ChangeKind::Configs,
        }
    }

    /// What of an approved topic is written now.
    pub(super) fn share(self, topic: &[PlannedChange]) -> Vec<PlannedChange> {
        let is_now = |planned: &&PlannedChange| {
            let waits = waits_for_replicas(&planned.change, topic);
            planned.change.kind() == self.kind() && waits == (self == Self::ConfigsAfterReplicas)
        };
        topic.iter().filter(is_now).cloned().collect()
    }

    /// What a fresh plan has left of it. The replicas that it waited for are there by then, so that nothing in the
    /// fresh plan tells that it did.
    pub(super) fn left<'p>(
        self,
        fresh: &'p [PlannedChange],
        approved: &[PlannedChange],
    ) -> Vec<&'p PlannedChange> {
        let is_left = |planned: &&PlannedChange| match self {
            Self::Of(kind) => planned.change.kind() == kind && !waits_for_replicas(&planned.change, fresh),
            Self::ConfigsAfterReplicas => {
                let mut waited = approved.iter();
                waited.any(|waited| about_the_same(&waited.change, &planned.change))
            }
        };
        fresh.iter().filter(is_left).collect()
    }
}
