//! Which topics are shown, and in which order.
//!
//! What cannot be told errs to the side that costs nothing: who looks for trouble sees a topic that may be in
//! it, and who looks for empty topics sees none that may not be empty.

use std::cmp::Reverse;

use crate::cli::{FilterArgs, SortBy};
use crate::inspect::{Condition, Detail, ReadSet, TopicDescription, Topics};
use crate::model::Reading;
use crate::model::TopicName;
use crate::render::Columns;

/// What has to be read before the topics can be chosen and put in order.
pub(super) fn reads(filters: &FilterArgs, sort: SortBy) -> ReadSet {
    let lag = filters.lagging.is_some() || sort == SortBy::Lag;
    let needed = [
        (Detail::Offsets, lag || filters.empty || sort == SortBy::Records),
        (Detail::Sizes, sort == SortBy::Bytes),
        (Detail::Groups, lag),
    ];
    needed
        .into_iter()
        .filter(|(_, needed)| *needed)
        .map(|(read, _)| read)
        .collect()
}

/// What was read is shown.
pub(super) fn columns(reads: &ReadSet) -> Columns {
    Columns {
        records: reads.contains(&Detail::Offsets),
        bytes: reads.contains(&Detail::Sizes),
        lag: reads.contains(&Detail::Groups),
    }
}

/// Keeps the topics of which all filters hold.
pub(super) fn retain(topics: &mut Topics, filters: &FilterArgs) {
    topics.retain(|_, topic| holds(topic, filters));
}

fn holds(topic: &TopicDescription, filters: &FilterArgs) -> bool {
    let in_trouble = |wanted: bool, verdict: Verdict| !wanted || verdict != Verdict::No;
    in_trouble(filters.under_replicated, any(topic, Condition::UnderReplicated))
        && in_trouble(filters.under_min_isr, any(topic, Condition::UnderMinIsr))
        && in_trouble(filters.offline, any(topic, Condition::Offline))
        && filters
            .lagging
            .is_none_or(|least| lagging(topic, least) != Verdict::No)
        && in_trouble(filters.drifted, drifted(topic))
        && (!filters.empty || empty(topic) == Verdict::Yes)
}

/// Whether something holds of a topic.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Verdict {
    Yes,
    No,
    CannotBeTold,
}

impl From<bool> for Verdict {
    fn from(holds: bool) -> Self {
        if holds { Self::Yes } else { Self::No }
    }
}

fn any(topic: &TopicDescription, condition: Condition) -> Verdict {
    match &topic.metadata {
        Reading::Absent | Reading::NotAsked => Verdict::No,
        Reading::Read(_) | Reading::Failed(_) => topic
            .count(condition)
            .map_or(Verdict::CannotBeTold, |count| (count > 0).into()),
    }
}

fn lagging(topic: &TopicDescription, least: u64) -> Verdict {
    match topic.largest_lag() {
        Some((lag, _)) if lag >= least => Verdict::Yes,
        Some((_, false)) => Verdict::No,
        None if topic.metadata == Reading::Absent => Verdict::No,
        Some((_, true)) | None => Verdict::CannotBeTold,
    }
}

fn drifted(topic: &TopicDescription) -> Verdict {
    match &topic.plan {
        Some(plan) if plan.unreadable.is_some() => Verdict::CannotBeTold,
        Some(plan) => (!plan.is_in_sync()).into(),
        None => Verdict::No,
    }
}

fn empty(topic: &TopicDescription) -> Verdict {
    topic
        .records()
        .whole()
        .map_or(Verdict::CannotBeTold, |records| (records == 0).into())
}

/// By name, or by an amount, the largest first and those of which it is not known last.
pub(super) fn sorted(topics: Topics, by: SortBy) -> Vec<(TopicName, TopicDescription)> {
    let mut topics: Vec<_> = topics.into_iter().collect();
    let amount = |topic: &TopicDescription| match by {
        SortBy::Name => None,
        SortBy::Records => topic.records().whole(),
        SortBy::Bytes => topic.bytes_of_replicas().whole(),
        SortBy::Lag => topic.known_lag(),
        SortBy::Partitions => topic.seen().map(|metadata| metadata.partitions.len() as u64),
    };
    // Stable, so that topics with the same amount stay by name.
    topics.sort_by_key(|(_, topic)| {
        let amount = amount(topic);
        (amount.is_none(), Reverse(amount))
    });
    topics
}
