//! How far groups are behind, as far as that is known.

use std::sync::Arc;

use super::{DescribedGroup, DescribedOffsets, Position};
use crate::model::{Committed, Known, Offset, PartitionEnd, ReadError};

impl DescribedGroup {
    /// Its lag in all partitions together, and whether that is all of it.
    pub fn lag(&self) -> (u64, bool) {
        let known = self.positions.values().map(|position| position.lag.read());
        // Without any position it is not known where it will begin.
        known.fold(
            (0, !self.positions.is_empty()),
            |(total, complete), lag| match lag {
                Some(lag) => (total.saturating_add(*lag), complete),
                None => (total, false),
            },
        )
    }

    /// How far it is behind where it is furthest behind, in milliseconds; `None` where that is not known of
    /// every partition.
    pub fn behind_ms(&self) -> Option<u64> {
        let each = self
            .positions
            .values()
            .map(|position| position.behind_ms.read().copied());
        each.collect::<Option<Vec<u64>>>()?.into_iter().max()
    }
}

impl Position {
    /// Where a group is that committed this offset of a partition whose ends these are.
    pub fn new(committed: Committed, offsets: Option<&DescribedOffsets>) -> Self {
        let lag = match end(offsets.map(|offsets| &offsets.latest)) {
            Known::Read(end) => committed.lag(end),
            Known::Unread(why) => Known::Unread(why),
        };
        let lost = match (&lag, end(offsets.map(|offsets| &offsets.earliest))) {
            (Known::Read(_), Known::Read(earliest)) => {
                let lost = earliest.offset.saturating_sub(committed.offset);
                Known::Read(u64::try_from(lost).unwrap_or(0))
            }
            (Known::Unread(why), Known::Read(_)) => Known::Unread(why.clone()),
            (_, Known::Unread(why)) => Known::Unread(why),
        };
        let behind_ms = match &lag {
            Known::Read(0) => Known::Read(0),
            Known::Read(_) => Known::default(),
            Known::Unread(why) => Known::Unread(why.clone()),
        };
        Self {
            committed: Some(committed.offset),
            lag,
            lost,
            behind_ms,
        }
    }

    /// Where a group is that has no offset in a partition that it reads: what it will read is decided elsewhere,
    /// where there is anything.
    pub fn uncommitted(why: Arc<str>, offsets: Option<&DescribedOffsets>) -> Self {
        let left = match offsets.and_then(DescribedOffsets::records_at_most) {
            Some(0) => Known::Read(0),
            Some(_) | None => Known::Unread(why),
        };
        Self {
            committed: None,
            lag: left.clone(),
            lost: Known::Read(0),
            behind_ms: left,
        }
    }

    /// The record that it will read next.
    pub fn next(&self) -> Option<i64> {
        let lost = self.lost.read().copied().unwrap_or(0);
        Some(self.committed?.saturating_add_unsigned(lost))
    }
}

fn end(end: Option<&Result<Offset, ReadError>>) -> Known<PartitionEnd> {
    match end {
        Some(Ok(end)) => match end.as_end() {
            Some(end) => Known::Read(end),
            None => Known::Unread("the broker names no such end of the partition".into()),
        },
        Some(Err(why)) => Known::Unread(why.words.shared()),
        None => Known::Unread("the ends of the partition were not read".into()),
    }
}
