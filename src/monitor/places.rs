//! Where reading of events is in each partition, whatever becomes of the topics meanwhile.
//!
//! A topic that is not seen for a while, or may not be, is no new one when it is seen again: what was read of it is
//! not read again. Only what was not there before begins with its first event.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use uuid::Uuid;

use super::outcome::WINDOW;
use super::sample::{Sample, Unseen};
use crate::admin::{Admin, AdminError, OffsetPoint};
use crate::model::{TopicId, TopicName};

/// So many events of a partition are read at most that were written before the monitor began.
const MOST_BACKLOG: i64 = 50_000;

/// The topics of events as the last look saw them. Of one that is not in it nothing is known.
pub type Layout = BTreeMap<TopicName, Seen>;

/// How a topic was seen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Seen {
    /// It is there.
    There {
        /// Another id is another topic.
        id: TopicId,
        /// The numbers of its partitions.
        partitions: BTreeSet<i32>,
    },
    /// The cluster has none of this name.
    Absent,
}

/// How these topics are seen in a sample.
pub fn layout<'n>(names: impl IntoIterator<Item = &'n TopicName>, sample: &Sample) -> Layout {
    let seen = names.into_iter().filter_map(|name| {
        let seen = match (sample.topics.get(name), sample.unseen.get(name)) {
            (Some(topic), _) => Seen::There {
                id: topic.id,
                partitions: topic.partitions.keys().copied().collect(),
            },
            (None, Some(Unseen::Absent)) => Seen::Absent,
            // A list of all topics is silent about those that may not be seen.
            (None, Some(Unseen::Unread(_)) | None) => return None,
        };
        Some((name.clone(), seen))
    });
    seen.collect()
}

/// Whether there is anything to read.
pub fn has_topics(layout: &Layout) -> bool {
    layout.values().any(|seen| *seen != Seen::Absent)
}

/// Where reading is in one partition.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Place {
    topic: TopicId,
    pub(super) next: i64,
    /// The first offset that was written after the monitor began.
    pub(super) new_from: i64,
}

type Partitions = BTreeMap<TopicName, Vec<i32>>;

/// Where reading is.
#[derive(Debug, Default)]
pub(super) struct Places {
    /// Names that were seen absent, or that have or had a place: what comes there from now on is new.
    known: BTreeSet<TopicName>,
    by_partition: BTreeMap<(TopicName, i32), Place>,
    /// Those that are there now.
    there: BTreeSet<(TopicName, i32)>,
}

impl Places {
    /// Goes by how the topics were seen now: finds where to begin in partitions that have no place. That is some
    /// minutes ago where they may have been there all along, and their first event where they were not.
    pub(super) async fn find<A: Admin>(
        &mut self,
        admin: &A,
        layout: &Layout,
        now: i64,
    ) -> Result<(), Arc<str>> {
        self.see(layout);
        let (new, old): (Vec<_>, Vec<_>) = self
            .without_place(layout)
            .into_iter()
            .partition(|(name, _)| self.known.contains(name));
        for (name, indexes) in new {
            for index in indexes {
                self.put(layout, (name.clone(), index), (0, 0));
            }
        }
        let old: Partitions = old.into_iter().collect();
        if !old.is_empty() {
            for (key, begin) in some_minutes_ago(admin, &old, now).await? {
                self.put(layout, key, begin);
            }
        }
        self.known.extend(old.into_keys());
        Ok(())
    }

    /// Where reading is in the partitions that are there.
    pub(super) fn there(&self) -> impl Iterator<Item = (&(TopicName, i32), &Place)> {
        let there = self.by_partition.iter();
        there.filter(|(key, _)| self.there.contains(*key))
    }

    pub(super) fn get_mut(&mut self, topic: &TopicName, partition: i32) -> Option<&mut Place> {
        self.by_partition.get_mut(&(topic.clone(), partition))
    }

    /// Nothing is left to be read that was written before the monitor began.
    pub(super) fn is_up_to_date(&self) -> bool {
        self.there().all(|(_, place)| place.next >= place.new_from)
    }

    /// Takes in which topics there are, and forgets the places of those that there are no more.
    pub(super) fn see(&mut self, layout: &Layout) {
        let absent = layout.iter().filter(|(_, seen)| **seen == Seen::Absent);
        self.known.extend(absent.map(|(name, _)| name.clone()));
        self.by_partition
            .retain(|(name, _), place| match layout.get(name) {
                Some(Seen::There { id, .. }) => *id == place.topic,
                // Before 2.8 topics have no ids: what comes next cannot be told from what was there.
                Some(Seen::Absent) => place.topic != TopicId(Uuid::nil()),
                None => true,
            });
        let each = layout.iter().flat_map(|(name, seen)| match seen {
            Seen::There { partitions, .. } => partitions.iter().map(|index| (name.clone(), *index)).collect(),
            Seen::Absent => Vec::new(),
        });
        self.there = each.collect();
    }

    fn without_place(&self, layout: &Layout) -> Partitions {
        let mut found = Partitions::new();
        for (name, index) in &self.there {
            if !self.by_partition.contains_key(&(name.clone(), *index)) && layout.contains_key(name) {
                found.entry(name.clone()).or_default().push(*index);
            }
        }
        found
    }

    fn put(&mut self, layout: &Layout, key: (TopicName, i32), (next, new_from): (i64, i64)) {
        if let Some(Seen::There { id, .. }) = layout.get(&key.0) {
            let topic = *id;
            self.by_partition.insert(
                key,
                Place {
                    topic,
                    next,
                    new_from,
                },
            );
        }
    }
}

/// Of each partition the first offset of the window, and the one that the next event gets.
async fn some_minutes_ago<A: Admin>(
    admin: &A,
    partitions: &Partitions,
    now: i64,
) -> Result<BTreeMap<(TopicName, i32), (i64, i64)>, Arc<str>> {
    let window = i64::try_from(WINDOW.as_millis()).unwrap_or(i64::MAX);
    let since = OffsetPoint::AtOrAfter(now.saturating_sub(window));
    let (ends, begins) = tokio::join!(
        admin.offsets(partitions, OffsetPoint::Latest),
        admin.offsets(partitions, since),
    );
    let said = |error: AdminError| Arc::from(error.to_string());
    let (ends, begins) = (ends.map_err(said)?, begins.map_err(said)?);
    let mut found = BTreeMap::new();
    for (key, end) in ends {
        let place = || format!("{} partition {}", key.0, key.1);
        let end = end.map_err(|error| Arc::from(format!("{}: {error}", place())))?;
        let end = end.offset.unwrap_or(0);
        let begin = begins.get(&key).and_then(|begin| begin.as_ref().ok()?.offset);
        let begin = begin.unwrap_or(end).clamp((end - MOST_BACKLOG).max(0), end);
        found.insert(key, (begin, end));
    }
    Ok(found)
}
