//! Which changes are written when. The order is that of the kinds, but for what has to wait for replicas: what would
//! stop producers if it came before the replicas that it asks for, and partitions that would get as many replicas as
//! the others have before they are moved.

use crate::plan::{Change, ChangeKind, PlannedChange, waits_for_replicas};

/// A time at which changes of all topics are written together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ApplyPhase {
    /// All changes of a kind that need not wait for anything.
    Of(ChangeKind),
    /// Those of a kind that wait for replicas.
    AfterReplicas(ChangeKind),
}

impl ApplyPhase {
    pub(super) const IN_ORDER: [Self; 8] = [
        Self::Of(ChangeKind::CancelMoves),
        Self::Of(ChangeKind::Create),
        Self::Of(ChangeKind::Configs),
        Self::Of(ChangeKind::Partitions),
        Self::Of(ChangeKind::Reassignments),
        Self::AfterReplicas(ChangeKind::Partitions),
        Self::AfterReplicas(ChangeKind::Configs),
        Self::Of(ChangeKind::Delete),
    ];

    pub(super) fn kind(self) -> ChangeKind {
        match self {
            Self::Of(kind) | Self::AfterReplicas(kind) => kind,
        }
    }

    /// What of an approved topic is written now.
    pub(super) fn share(self, topic: &[PlannedChange]) -> Vec<PlannedChange> {
        let is_now = |planned: &&PlannedChange| {
            planned.change.kind() == self.kind()
                && waits(&planned.change, topic) == matches!(self, Self::AfterReplicas(_))
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
            Self::Of(kind) => planned.change.kind() == kind && !waits(&planned.change, fresh),
            Self::AfterReplicas(_) => {
                let mut waited = approved.iter();
                waited.any(|waited| waited.change.targets_same(&planned.change))
            }
        };
        fresh.iter().filter(is_left).collect()
    }

    /// Why a change that waits is not begun, where the replicas are not known to have moved.
    pub(super) fn why_it_waits(self) -> &'static str {
        match self.kind() {
            ChangeKind::Partitions => "the new partitions come once the replicas have moved; run apply again",
            ChangeKind::Create
            | ChangeKind::Configs
            | ChangeKind::Reassignments
            | ChangeKind::CancelMoves
            | ChangeKind::Delete => "it is raised once the new replicas are in the ISR; run apply again",
        }
    }
}

fn waits(change: &Change, beside: &[PlannedChange]) -> bool {
    let grows_later = matches!(change, Change::GrowPartitions(growth) if growth.after_replicas);
    grows_later || waits_for_replicas(change, beside)
}
