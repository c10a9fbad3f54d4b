//! What has to be read before the cost of a plan can be said: for the topics of changes that could
//! cost anything, and nothing of any other. A plan without such changes asks nothing.

use super::assess::{LimitAfter, lists};
use super::broker_view::{broker_views, other_views, tightest_limits};
use super::{Change, Plan, Reason, TopicPlan, unclean};
use crate::model::EvidenceKind::{Configs, Disks, Groups, LastWrite, LocalStart, Sample, Sizes, WholeSample};
use crate::model::{
    CompactionLags, EvidenceRequest, Observation, ObservedTopic, TopicEvidenceRequest, TopicObservation,
};

const CLEANUP_POLICY: &str = "cleanup.policy";

/// Brokers look for old segments every five minutes (`log.retention.check.interval.ms`), and their clocks
/// are not quite this one: what gets too old until then goes with the change as well.
const UNTIL_THE_CLEANER_COMES_MS: i64 = 300_000;

/// The questions that a plan leaves open. `now` is in milliseconds since 1970, UTC.
pub fn evidence_request(plan: &Plan, observed: &Observation, now: i64) -> EvidenceRequest {
    let questions = plan.topics.iter().filter_map(|(name, topic)| {
        let Some(TopicObservation::Present(seen)) = observed.topics.get(name) else {
            return None;
        };
        // What is impossible is not done, whatever it would cost.
        let mut questions = topic.refusals.is_empty().then(|| of_topic(topic, seen, now))??;
        if observed.storage.is_asked {
            questions.more.remove(&Disks);
        }
        Some((name.clone(), questions))
    });
    EvidenceRequest {
        topics: questions.collect(),
    }
}

fn of_topic(topic: &TopicPlan, seen: &ObservedTopic, now: i64) -> Option<TopicEvidenceRequest> {
    let mut questions = TopicEvidenceRequest::default();
    let mut asks = false;
    for reason in topic.changes.iter().flat_map(|planned| planned.risk.reasons()) {
        asks |= add(&mut questions, reason, topic, seen, now);
    }
    if asks {
        let partitions = seen.metadata.partitions.iter();
        questions.partitions = partitions
            .map(|partition| (partition.index, partition.leader))
            .collect();
    }
    (asks || !questions.survivors.is_empty()).then_some(questions)
}

/// Whether the cluster can say anything about this reason.
fn add(
    questions: &mut TopicEvidenceRequest,
    reason: &Reason,
    topic: &TopicPlan,
    seen: &ObservedTopic,
    now: i64,
) -> bool {
    match reason {
        Reason::ShorterRetention { to, .. } => {
            ask_by_age(questions, *to, now);
            questions.more.extend([Sizes, Groups]);
            questions.more.extend(record_times(seen));
        }
        Reason::SmallerRetention { .. } => questions.more.extend([Sizes, Groups]),
        Reason::StartsDeleting { .. } => {
            if let LimitAfter::At(milliseconds) = limits_after(topic, seen).milliseconds {
                ask_by_age(questions, milliseconds, now);
                questions.more.extend(record_times(seen));
            }
            questions.more.extend([Sizes, Groups]);
        }
        Reason::RemoteStorageDisabled { .. } => questions.more.extend([LocalStart, Groups]),
        Reason::DeletesTopic { .. } => questions.more.extend([LastWrite, Sizes, Groups, Configs]),
        Reason::MovesKeys { .. } => questions.more.extend([Sample, Groups]),
        Reason::StartsCompacting { .. } | Reason::SmallerMessages { .. } => {
            questions.more.extend([WholeSample]);
        }
        Reason::CompactsSooner { from, to, .. } => {
            questions.lags = Some(CompactionLags {
                before: now.saturating_sub(*from).max(0),
                after: cutoff(now, *to),
            });
            questions.more.extend([Sizes, Groups]);
        }
        // Their leaders would tell nothing, since there are none: see `of_topic`.
        Reason::UncleanElection { leaderless } => {
            if !leaderless.is_empty() {
                questions.survivors = unclean::survivors(seen);
            }
            if !questions.survivors.is_empty() {
                questions.more.insert(Groups);
            }
            return false;
        }
        // The ends of partitions say whether there are records.
        Reason::HasEffect { effect, .. } => return effect.kind.needs_records(),
        Reason::CopiesReplicas { .. } | Reason::FewerReplicas { .. } => {
            questions.more.extend([Sizes, Disks]);
        }
        Reason::UnknownInherited { .. }
        | Reason::MinInsyncAboveIsr { .. }
        | Reason::NoBrokerToSpare { .. }
        | Reason::DropsCopies { .. }
        | Reason::ForgetsEligibleLeaders { .. }
        | Reason::ResetsUnlisted
        | Reason::RemapsInternalTopic { .. }
        | Reason::UnknownKey { .. }
        | Reason::CannotCompare { .. } => return false,
    }
    true
}

/// On a compacted topic only the records themselves tell how old they are: see [`super::estimate`].
fn record_times(seen: &ObservedTopic) -> Option<crate::model::EvidenceKind> {
    let policy = seen.configs.get(CLEANUP_POLICY);
    let policy = policy.and_then(|config| config.value.as_deref());
    let compacts = |policy: Option<&str>| policy.is_none_or(|policy| lists(policy, "compact"));
    let compacts = compacts(policy) || seen.inherited_values(CLEANUP_POLICY).any(compacts);
    compacts.then_some(WholeSample)
}

/// Of several limits the tightest. The newest record tells whether this clock can be behind the brokers'.
fn ask_by_age(questions: &mut TopicEvidenceRequest, retention: i64, now: i64) {
    questions.cutoff = questions.cutoff.max(Some(cutoff(now, retention)));
    questions.now = Some(now);
    questions.more.insert(LastWrite);
}

fn cutoff(now: i64, retention: i64) -> i64 {
    let cleaned = now.saturating_add(UNTIL_THE_CLEANER_COMES_MS);
    cleaned.saturating_sub(retention).max(0)
}

pub(super) fn limits_after(topic: &TopicPlan, seen: &ObservedTopic) -> super::assess::LimitsAfter {
    let changes: Vec<Change> = topic
        .changes
        .iter()
        .map(|planned| planned.change.clone())
        .collect();
    let mut views = broker_views(seen, &changes);
    if changes.iter().any(|change| change.reassignment().is_some()) {
        views.extend(other_views(seen, &changes));
    }
    tightest_limits(&views)
}
