//! What consumer groups committed and how far behind they are. Their names are whatever somebody chose, and tools that
//! read once choose a new one each time: how many are shown is bounded.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use super::families as family;
use super::text::ExpositionPage;
use crate::model::{GroupName, Known, TopicName};
use crate::monitor::sample::{GroupSample, TopicSample};
use crate::monitor::view::View;

/// So many groups are shown at most: each is some series for each partition that it reads.
pub const MOST_GROUPS: usize = 1_000;

/// A group in a topic.
type TopicReader<'v> = (&'v GroupName, &'v TopicName, &'v TopicSample, &'v GroupSample);

/// Everybody who reads, by group.
fn readers(view: &View) -> Vec<TopicReader<'_>> {
    let of_topic = |(name, topic)| readers_of(name, topic);
    let mut all: Vec<TopicReader<'_>> = view.sample.topics.iter().flat_map(of_topic).collect();
    all.sort_by_key(|(group, name, _, _)| (*group, *name));
    all
}

/// Leaves the groups with the least lag out where there are too many; says how many those are.
fn limit(readers: &mut Vec<TopicReader<'_>>, view: &View) -> usize {
    let mut lags: BTreeMap<&GroupName, i64> = BTreeMap::new();
    for (group, name, ..) in &*readers {
        *lags.entry(*group).or_default() += lag(view, group, name).copied().unwrap_or(0);
    }
    let mut by_lag: Vec<(&GroupName, i64)> = lags.into_iter().collect();
    by_lag.sort_by_key(|(group, lag)| (Reverse(*lag), *group));
    let left_out: BTreeSet<&GroupName> = by_lag
        .into_iter()
        .skip(MOST_GROUPS)
        .map(|(group, _)| group)
        .collect();
    readers.retain(|(group, ..)| !left_out.contains(*group));
    left_out.len()
}

fn lag<'v>(view: &'v View, group: &GroupName, topic: &TopicName) -> Option<&'v i64> {
    let figures = view.figures.topics.get(topic)?;
    figures.groups.get(group)?.lag.as_ref()?.read()
}

fn readers_of<'v>(name: &'v TopicName, topic: &'v TopicSample) -> impl Iterator<Item = TopicReader<'v>> {
    let groups = topic.groups.iter();
    groups.map(move |(group, used)| (group, name, topic, used))
}

/// All of it.
pub(super) fn write(page: &mut ExpositionPage, view: &View) {
    let mut readers = readers(view);
    page.one(&family::GROUPS_LEFT_OUT, limit(&mut readers, view));
    page.family(&family::GROUP_CURRENT_OFFSET, |lines| {
        for (group, name, _, used) in &readers {
            for (index, offset) in &used.committed {
                let index = index.to_string();
                lines.add(&of_partition(group, &index, name), offset.offset);
            }
        }
    });
    page.family(&family::GROUP_LAG, |lines| {
        for (group, name, topic, used) in &readers {
            for (index, committed) in &used.committed {
                let partition = topic.partitions.get(index);
                if let Some(Known::Read(lag)) = partition.map(|partition| partition.lag(*committed)) {
                    let index = index.to_string();
                    lines.add(&of_partition(group, &index, name), lag);
                }
            }
        }
    });
    page.family(&family::GROUP_CURRENT_OFFSET_SUM, |lines| {
        for (group, name, _, used) in readers.iter().filter(|(.., used)| !used.committed.is_empty()) {
            let offsets = used.committed.values().map(|committed| committed.offset);
            lines.add(&of_topic(group, name), offsets.sum::<i64>());
        }
    });
    page.family(&family::GROUP_LAG_SUM, |lines| {
        for (group, name, ..) in &readers {
            if let Some(lag) = lag(view, group, name) {
                lines.add(&of_topic(group, name), lag);
            }
        }
    });
    members(page, &readers);
}

fn of_partition<'l>(group: &'l str, index: &'l str, topic: &'l TopicName) -> [(&'static str, &'l str); 3] {
    [
        ("consumergroup", group),
        ("partition", index),
        ("topic", topic.as_str()),
    ]
}

fn of_topic<'l>(group: &'l str, topic: &'l TopicName) -> [(&'static str, &'l str); 2] {
    [("consumergroup", group), ("topic", topic.as_str())]
}

/// The readers come by group.
fn members(page: &mut ExpositionPage, readers: &[TopicReader<'_>]) {
    page.family(&family::GROUP_MEMBERS, |lines| {
        for of_group in readers.chunk_by(|a, b| a.0 == b.0) {
            let counts = of_group.iter().map(|(.., used)| used.members.read());
            let most: Option<Vec<&usize>> = counts.collect();
            if let (Some((group, ..)), Some(most)) =
                (of_group.first(), most.and_then(|all| all.into_iter().max()))
            {
                lines.add(&[("consumergroup", group)], most);
            }
        }
    });
}
