//! The records of a partition: how many, from which offset on, how old, how large, and whether they have
//! keys. No contents.

use std::ops::Range;

use crate::admin::{Offset, OffsetPoint};
use crate::model::Sample;

/// The bytes of a batch without records, and of a record without key and headers and with a value of six
/// bytes, as Kafka's format has them (for the first 64 records of a batch).
const EMPTY_BATCH: i64 = 61;
const SMALL_RECORD: i64 = 13;

/// A sample has so many records, as the real client's does, or all where they are not many.
const LATEST_RECORDS: i64 = 200;
const ALL_RECORDS: i64 = 10_000;

/// Records of one batch, all of them alike.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Records {
    count: u32,
    timestamp: i64,
    keyed: bool,
    bytes: i64,
}

impl Records {
    /// So many small records without keys, this old (milliseconds since 1970, UTC).
    pub fn new(count: u32, timestamp: i64) -> Self {
        Self {
            count,
            timestamp,
            keyed: false,
            bytes: EMPTY_BATCH + SMALL_RECORD * i64::from(count),
        }
    }

    /// The same with keys.
    #[must_use]
    pub fn keyed(self) -> Self {
        Self { keyed: true, ..self }
    }

    /// The same in a batch of so many bytes.
    #[must_use]
    pub fn in_bytes(self, bytes: i64) -> Self {
        Self { bytes, ..self }
    }
}

/// What a partition holds, in batches of equally old records.
#[derive(Debug, Clone, Default)]
pub(super) struct Log {
    start: i64,
    end: i64,
    batches: Vec<Batch>,
}

#[derive(Debug, Clone, Copy)]
struct Batch {
    first: i64,
    after: i64,
    timestamp: i64,
    keyed: bool,
    bytes: i64,
}

impl Log {
    pub(super) fn append(&mut self, records: Records) {
        let first = self.end;
        self.end += i64::from(records.count);
        self.batches.push(Batch {
            first,
            after: self.end,
            timestamp: records.timestamp,
            keyed: records.keyed,
            bytes: records.bytes,
        });
    }

    /// Batches go as a whole, so that what is left of a trimmed one still counts.
    pub(super) fn bytes(&self) -> i64 {
        self.batches.iter().map(|batch| batch.bytes).sum()
    }

    /// The last records: whole batches, so that the first may reach further back.
    pub(super) fn sample(&self, range: &Range<i64>) -> Sample {
        let from = if range.end - range.start <= ALL_RECORDS {
            range.start
        } else {
            range.start.max(range.end - LATEST_RECORDS)
        };
        let mut sample = Sample {
            reached_end: true,
            complete: from <= range.start,
            ..Sample::default()
        };
        for batch in self.batches.iter().filter(|batch| batch.after > from) {
            let records = batch.after - batch.first.max(from);
            *if batch.keyed {
                &mut sample.keyed
            } else {
                &mut sample.unkeyed
            } += records;
            let bytes = i32::try_from(batch.bytes).unwrap_or(i32::MAX);
            sample.largest_batch = sample.largest_batch.max(bytes);
            sample.largest_sent = sample.largest_sent.max(batch.bytes);
            let oldest = sample.oldest.unwrap_or(batch.timestamp);
            sample.oldest = Some(oldest.min(batch.timestamp));
        }
        sample
    }

    /// Everything before the offset goes, as retention or `DeleteRecords` make it go.
    pub(super) fn trim(&mut self, before: i64) {
        self.start = before.clamp(self.start, self.end);
        self.batches.retain(|batch| batch.after > self.start);
    }

    /// As `ListOffsets` answers: a time only where a record was found by its time.
    pub(super) fn offset(&self, point: OffsetPoint) -> Offset {
        match point {
            OffsetPoint::Earliest | OffsetPoint::EarliestLocal => without_time(self.start),
            OffsetPoint::Latest => without_time(self.end),
            OffsetPoint::AtOrAfter(time) => self.at_or_after(time),
            OffsetPoint::LatestTime => self.latest_time(),
        }
    }

    fn at_or_after(&self, time: i64) -> Offset {
        let found = self.batches.iter().find(|batch| batch.timestamp >= time);
        Offset {
            offset: found.map(|batch| batch.first.max(self.start)),
            timestamp: found.map(|batch| batch.timestamp),
            ..Offset::default()
        }
    }
}

impl Log {
    /// Of records that are equally old, the first one.
    fn latest_time(&self) -> Offset {
        let latest = self.batches.iter().rev().max_by_key(|batch| batch.timestamp);
        Offset {
            offset: latest.map(|batch| batch.first.max(self.start)),
            timestamp: latest.map(|batch| batch.timestamp),
            ..Offset::default()
        }
    }
}

impl Log {
    /// The time of the first record from the offset on; `None` where there is none at or after it, or where
    /// the offset is one of records that are gone.
    pub(super) fn time_at(&self, offset: i64) -> Option<i64> {
        let found = self.batches.iter().find(|batch| batch.after > offset);
        let found = found.filter(|_| offset >= self.start);
        found.map(|batch| batch.timestamp)
    }
}

fn without_time(offset: i64) -> Offset {
    Offset {
        offset: Some(offset),
        timestamp: None,
        ..Offset::default()
    }
}
