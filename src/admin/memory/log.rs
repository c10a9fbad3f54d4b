//! The records of a partition: how many, from which offset on, and how old. No contents.

use crate::admin::{Offset, OffsetPoint};

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
}

impl Log {
    pub(super) fn append(&mut self, records: u32, timestamp: i64) {
        let first = self.end;
        self.end += i64::from(records);
        self.batches.push(Batch {
            first,
            after: self.end,
            timestamp,
        });
    }

    /// Everything before the offset goes, as retention or `DeleteRecords` make it go.
    pub(super) fn trim(&mut self, before: i64) {
        self.start = before.clamp(self.start, self.end);
        self.batches.retain(|batch| batch.after > self.start);
    }

    /// As `ListOffsets` answers: a time only where a record was found by its time.
    pub(super) fn offset(&self, point: OffsetPoint) -> Offset {
        match point {
            OffsetPoint::Earliest => without_time(self.start),
            OffsetPoint::Latest => without_time(self.end),
            OffsetPoint::AtOrAfter(time) => self.at_or_after(time),
        }
    }

    fn at_or_after(&self, time: i64) -> Offset {
        let found = self.batches.iter().find(|batch| batch.timestamp >= time);
        Offset {
            offset: found.map(|batch| batch.first.max(self.start)),
            timestamp: found.map(|batch| batch.timestamp),
        }
    }
}

fn without_time(offset: i64) -> Offset {
    Offset {
        offset: Some(offset),
        timestamp: None,
    }
}
