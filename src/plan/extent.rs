//! What one partition holds, and how much of that goes.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::impact::{Amount, PartitionLoss};
use crate::model::{Known, PartitionEvidence};

/// A partition whose ends are known.
pub(super) struct PartitionExtent<'a> {
    pub(super) evidence: &'a PartitionEvidence,
    pub(super) earliest: i64,
    /// Offsets from the first to the last record.
    pub(super) records: i64,
    /// All of its bytes.
    pub(super) bytes: Known<i64>,
}

impl<'a> PartitionExtent<'a> {
    /// The error is why they are not known.
    pub(super) fn of_evidence(
        evidence: &'a PartitionEvidence,
        is_tiered: bool,
    ) -> Result<Self, &'a Arc<str>> {
        let bytes = if is_tiered {
            Known::Unread("sizes in remote storage cannot be read".into())
        } else {
            evidence.bytes.clone()
        };
        match (&evidence.earliest, &evidence.latest) {
            (Known::Unread(why), _) | (_, Known::Unread(why)) => Err(why),
            (Known::Read(earliest), Known::Read(latest)) => Ok(Self {
                evidence,
                earliest: *earliest,
                records: (latest - earliest).max(0),
                bytes,
            }),
        }
    }

    /// Whole segments up to this many offsets from the front.
    pub(super) fn front(&self, records: i64) -> PartitionEstimate {
        let total = self.bytes.read().copied();
        let bytes = Amount {
            at_least: 0,
            at_most: if records == 0 { Some(0) } else { total },
            about: total.map(|total| share(total, records, self.records)),
        };
        let records = Amount::up_to(records);
        self.told(PartitionLoss { records, bytes })
    }

    pub(super) fn everything(&self) -> PartitionEstimate {
        let total = self.bytes.read();
        self.told(PartitionLoss {
            records: Amount::exactly(self.records),
            bytes: total.map_or(Amount::UNKNOWN, |total| Amount::exactly(*total)),
        })
    }

    /// Bytes that could not be read are said.
    fn told(&self, loss: PartitionLoss) -> PartitionEstimate {
        let missing = self.bytes.why_not().filter(|_| !loss.records.is_nothing());
        PartitionEstimate {
            loss,
            unread: missing.into_iter().cloned().collect(),
        }
    }
}

/// What one partition loses, and what was not known when that was judged.
pub(super) struct PartitionEstimate {
    pub(super) loss: PartitionLoss,
    pub(super) unread: BTreeSet<Arc<str>>,
}

impl PartitionEstimate {
    pub(super) fn loss(loss: PartitionLoss) -> Self {
        Self {
            loss,
            unread: BTreeSet::new(),
        }
    }

    pub(super) fn nothing() -> Self {
        Self::loss(PartitionLoss {
            records: Amount::NOTHING,
            bytes: Amount::NOTHING,
        })
    }

    /// Nothing is known, so anything that is there may go.
    pub(super) fn anything(held: &PartitionExtent<'_>, why: &str) -> Self {
        Self {
            loss: PartitionLoss {
                records: Amount::up_to(held.records),
                bytes: Amount::UNKNOWN,
            },
            unread: BTreeSet::from([Arc::from(why)]),
        }
    }

    pub(super) fn unknown(why: &Arc<str>) -> Self {
        Self {
            loss: PartitionLoss {
                records: Amount::UNKNOWN,
                bytes: Amount::UNKNOWN,
            },
            unread: BTreeSet::from([Arc::clone(why)]),
        }
    }

    pub(super) fn or_more(mut self, other: Self) -> Self {
        self.loss.records = self.loss.records.or_more(other.loss.records);
        self.loss.bytes = self.loss.bytes.or_more(other.loss.bytes);
        self.unread.extend(other.unread);
        self
    }
}

/// `part` of `whole`, of this number. Wide enough for bytes times records.
pub(super) fn share(number: i64, part: i64, whole: i64) -> i64 {
    if whole <= 0 {
        return 0;
    }
    let share = i128::from(number) * i128::from(part) / i128::from(whole);
    i64::try_from(share).unwrap_or(i64::MAX)
}
