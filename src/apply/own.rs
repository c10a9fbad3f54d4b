//! The plan right before a write, made from what shows the run's own earlier writes. Brokers show a change some
//! time after the controller made it, and a read that names no broker is answered by any of them: one that is
//! late would make the run's own growth look undone.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use futures_util::future::join_all;
use tokio::time::Instant;

use super::expected::{self, Expected};
use super::kept::{Hope, MANY, SETTLED_AFTER};
use super::phase::ApplyPhase;
use super::watch::{FIRST_PAUSE, LONGEST_PAUSE};
use super::write::PlanWriter;
use crate::admin::{Admin, AdminError};
use crate::inspect;
use crate::model::{
    ClusterView, EvidenceKind, Observation, ObservedTopic, PartitionEvidence, TopicId, TopicName,
    TopicObservation,
};
use crate::plan::{ChangeKind, Plan};
use crate::prepare::{Weighed, weigh};

/// Why a topic is left whose earlier writes did not show.
pub(super) const NOT_SHOWN: &str = "what this run changed before did not show for as long as --visible-timeout \
                                    allows: a broker is late, or somebody changed it back; run apply again";

/// A plan that was made anew.
pub(super) struct Fresh<'a> {
    /// The brokers that are alive.
    pub(super) view: Cow<'a, ClusterView>,
    /// With what it would cost now.
    pub(super) plan: Plan,
    /// Topics that do not show what this run did to them: nothing follows from their plans.
    pub(super) behind: BTreeSet<TopicName>,
}

impl<'a, A: Admin> PlanWriter<'a, A> {
    /// The plan for these topics as the cluster is now.
    pub(super) async fn plan_again<'n>(
        &self,
        turn: ApplyPhase,
        names: impl Iterator<Item = &'n TopicName>,
    ) -> Result<Fresh<'a>, AdminError> {
        let desired = self.desired.only(names);
        let view = match turn.kind() {
            // Hours can lie between the first batch and the last, and replicas go to live brokers only.
            ChangeKind::Reassignments => Cow::Owned(self.admin.cluster().await?),
            ChangeKind::Create
            | ChangeKind::Configs
            | ChangeKind::Partitions
            | ChangeKind::CancelMoves
            | ChangeKind::Delete => Cow::Borrowed(self.cluster),
        };
        let began = Instant::now();
        let mut pause = FIRST_PAUSE;
        loop {
            let observed = inspect::observe(self.admin, &view, &desired).await?;
            let own = expected::expected_of_report(&self.round.report, desired.topics.keys());
            let behind = self.behind(&own, &observed, began.elapsed()).await;
            let is_over =
                began.elapsed() >= self.control.visible_within || self.control.interrupt.is_raised();
            if behind.is_empty() || is_over {
                let weighed = weigh(self.admin, &desired, observed, (self.control.clock)()).await;
                if is_over || own.iter().all(|(name, expected)| tells(&weighed, name, expected)) {
                    let plan = weighed.plan;
                    return Ok(Fresh { view, plan, behind });
                }
            }
            self.control.interrupt.or_sleep(pause).await;
            pause = (pause * 3 / 2).min(LONGEST_PAUSE);
        }
    }

    /// The topics that do not show what this run did to them.
    async fn behind(
        &self,
        own: &BTreeMap<TopicName, Expected>,
        observed: &Observation,
        waited: Duration,
    ) -> BTreeSet<TopicName> {
        let behind = own.iter().filter(|(name, expected)| {
            let seen = observed.topics.get(*name);
            seen.is_some_and(|seen| is_behind(seen, expected, self.ids.get(*name).copied()))
        });
        let mut behind: BTreeMap<&TopicName, &Expected> = behind.collect();
        if behind.is_empty() || waited < SETTLED_AFTER || behind.len() > MANY {
            return behind.into_keys().cloned().collect();
        }
        let hope = Hope::after(waited, own.len(), self.is_any_behind().await);
        behind.retain(|name, expected| match observed.topics.get(*name) {
            Some(TopicObservation::Present(seen)) => lacks_more_than_configs(seen, expected, hope),
            Some(TopicObservation::Absent | TopicObservation::Unreadable(_)) | None => true,
        });
        behind.into_keys().cloned().collect()
    }

    async fn is_any_behind(&self) -> bool {
        let brokers = self.cluster.brokers.keys();
        let told = join_all(brokers.map(|broker| self.admin.is_caught_up(*broker))).await;
        told.contains(&Some(false))
    }
}

/// Whether brokers tell of the partitions that this run added: they list a new partition before its replicas are
/// there, and what is not told makes a change look riskier than it is. What this principal may not read does not
/// come by waiting.
fn tells(weighed: &Weighed, name: &TopicName, expected: &Expected) -> bool {
    let (Some(asked), Some(evidence)) = (
        weighed.inquiry.topics.get(name),
        weighed.evidence.topics.get(name),
    ) else {
        return true;
    };
    let is_told = |partition: &PartitionEvidence| {
        let has_size = !asked.ask(EvidenceKind::Sizes) || partition.bytes.read().is_some();
        has_size && partition.earliest.read().is_some() && partition.latest.read().is_some()
    };
    let mut partitions = evidence.partitions.iter();
    !evidence.missing.is_empty()
        || partitions.all(|(index, partition)| !expected.adds(*index) || is_told(partition))
}

/// Whether more is missing than configs that will not show as they were written.
fn lacks_more_than_configs(seen: &ObservedTopic, expected: &Expected, hope: Hope) -> bool {
    let shown = expected.not_as_written(&seen.configs);
    let is_open = shown.iter().any(|(_, kept)| hope.is_for(kept));
    is_open || !expected.is_in_but_for_configs(seen)
}

/// A topic that is gone, or another one, shows nothing of what was done to the one that was there.
fn is_behind(seen: &TopicObservation, expected: &Expected, id: Option<TopicId>) -> bool {
    match seen {
        TopicObservation::Present(seen) if id.is_none_or(|id| id == seen.metadata.id) => {
            !expected.is_in(seen)
        }
        TopicObservation::Present(_) | TopicObservation::Absent | TopicObservation::Unreadable(_) => false,
    }
}
