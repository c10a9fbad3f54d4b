//! What a partition's bytes say of its records: how many have keys, and how large batches are. Nothing of
//! the records themselves is kept.
//!
//! The bytes come from whoever produced them, through a broker that does not look into them. So lengths
//! and counts in them are claims: what is unpacked has a limit, and records are walked through without
//! setting memory aside for what a count says. The protocol crate decodes the header of a batch, checksum
//! included; its decoder of records allocates by what a count claims, and is not used.

use std::ops::Range;

use bytes::Bytes;
use kafka_protocol::records::{BatchDecodeInfo, RecordBatchDecoder};

use crate::admin::client::protocol::read_budget::Budget;
use crate::admin::client::protocol::unpack::unpack;
use crate::model::Sample;

/// Base offset, length; the length counts what follows itself.
const PREFIX: usize = 12;
/// Everything of a batch before its records.
const HEADER: usize = 61;
const MAGIC: usize = 16;
const ATTRIBUTES: usize = 21;
/// Of the attributes: the broker's clock counts, the same for all records of the batch.
const LOG_APPEND_TIME: i16 = 1 << 3;
const LAST_OFFSET_DELTA: Range<usize> = 23..27;
const BASE_TIMESTAMP: usize = 27;
const MAX_TIMESTAMP: usize = 35;
/// Codecs add to what they cannot make smaller. Most of them by zstd, to which a 256th and 64 bytes are added at most
/// (`ZSTD_COMPRESSBOUND`); the frames of gzip, snappy and lz4 take less.
const CODEC_SHARE: usize = 256;
const CODEC_BYTES: usize = 128;

/// What the batches of one answer told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Stretch {
    /// What they are like.
    pub(crate) sample: Sample,
    /// The first offset of the first batch.
    pub(crate) first: Option<i64>,
    /// The offset behind the last whole batch.
    pub(crate) next: i64,
    /// The bytes of the answer.
    pub(crate) bytes: usize,
}

impl Stretch {
    /// The log has no record in this range.
    pub(crate) fn without_records(range: &Range<i64>) -> Self {
        Self {
            sample: Sample::default(),
            first: None,
            next: range.end,
            bytes: 0,
        }
    }
}

/// Looks through batches as a broker sent them; the last may be cut off, which is not an error. Fails with
/// a reason for people.
pub(crate) async fn look_through(
    mut bytes: Bytes,
    wanted: &Range<i64>,
    budget: &Budget,
) -> Result<Stretch, String> {
    let mut stretch = Stretch {
        sample: Sample::default(),
        first: None,
        next: wanted.start,
        bytes: bytes.len(),
    };
    while let Some(batch) = next_batch(&mut bytes)? {
        let (first, last) = offsets(&batch)?;
        if last < wanted.start {
            continue;
        }
        // Brokers send batches in order and leave none out, so that no record lies in between.
        stretch.next = stretch.next.max(last.saturating_add(1)).min(wanted.end);
        if first >= wanted.end {
            stretch.next = wanted.end;
            break;
        }
        add(&mut stretch.sample, &batch, budget).await?;
        stretch.first = stretch.first.or(Some(first));
    }
    Ok(stretch)
}

/// When the first record from this offset on was written (milliseconds since 1970, UTC), among batches as a
/// broker sent them. `None` where none of them is left there, or it has no time. Fails with a reason for
/// people.
pub(crate) async fn time_from(mut bytes: Bytes, offset: i64, budget: &Budget) -> Result<Option<i64>, String> {
    while let Some(batch) = next_batch(&mut bytes)? {
        let (first, last) = offsets(&batch)?;
        if last < offset {
            continue;
        }
        // Compaction leaves holes, at the end of a batch as well.
        if let Some(time) = time_in(&batch, first, offset, budget).await? {
            return Ok((time >= 0).then_some(time));
        }
    }
    Ok(None)
}

async fn time_in(batch: &Bytes, first: i64, wanted: i64, budget: &Budget) -> Result<Option<i64>, String> {
    let (base, by_broker) = times(batch)?;
    let header = decoded(batch)?;
    let records = unpack(batch.slice(HEADER..), header.compression, budget).await?;
    let mut rest = Rest(&records);
    for _ in 0..header.record_count {
        let record = rest.next_record().ok_or_else(|| broken("records"))?;
        if first.saturating_add(record.offset_delta) >= wanted {
            return Ok(by_broker.or(Some(base.saturating_add(record.time_delta))));
        }
    }
    Ok(None)
}

/// The first and the last offset of a batch.
fn offsets(batch: &[u8]) -> Result<(i64, i64), String> {
    let first = i64::from_be_bytes(field(batch, 0)?);
    let delta = i32::from_be_bytes(field(batch, LAST_OFFSET_DELTA.start)?);
    Ok((first, first.saturating_add(i64::from(delta))))
}

/// `None` where no whole batch is left.
fn next_batch(bytes: &mut Bytes) -> Result<Option<Bytes>, String> {
    if bytes.len() < HEADER {
        return Ok(None);
    }
    if bytes[MAGIC] != 2 {
        return Err(format!(
            "its records are in format {}, from before Kafka 0.11",
            bytes[MAGIC]
        ));
    }
    let claimed = i32::from_be_bytes(field(bytes, 8)?);
    let length = usize::try_from(claimed)
        .ok()
        .and_then(|length| length.checked_add(PREFIX));
    match length {
        Some(length) if length < HEADER => Err(broken("length")),
        Some(length) if length <= bytes.len() => Ok(Some(bytes.split_to(length))),
        Some(_) => Ok(None),
        None => Err(broken("length")),
    }
}

async fn add(sample: &mut Sample, batch: &Bytes, budget: &Budget) -> Result<(), String> {
    let size = i32::try_from(batch.len()).unwrap_or(i32::MAX);
    let packed = batch.slice(HEADER..);
    let header = decoded(batch)?;
    sample.largest_batch = sample.largest_batch.max(size);
    // Markers of transactions are no records.
    if header.control {
        return Ok(());
    }
    let records = unpack(packed, header.compression, budget).await?;
    sample.largest_sent = sample.largest_sent.max(largest_sent(records.len()));
    sample.is_thinned |= is_thinned(batch, header.record_count)?;
    let mut rest = Rest(&records);
    let (base, by_broker) = times(batch)?;
    for _ in 0..header.record_count {
        let record = rest.next_record().ok_or_else(|| broken("records"))?;
        if record.has_key {
            sample.keyed += 1;
        } else {
            sample.unkeyed += 1;
        }
        let time = by_broker.unwrap_or_else(|| base.saturating_add(record.time_delta));
        sample.oldest = Some(sample.oldest.map_or(time, |oldest| oldest.min(time)));
    }
    Ok(())
}

/// The most bytes of a batch with so many bytes of records, whichever codec its producer chose.
fn largest_sent(records: usize) -> i64 {
    let most = HEADER + records + records / CODEC_SHARE + CODEC_BYTES;
    i64::try_from(most).unwrap_or(i64::MAX)
}

/// A batch keeps its last offset when compaction takes records out of it (`MemoryRecords.filterTo`).
fn is_thinned(batch: &[u8], records: i32) -> Result<bool, String> {
    let last = i32::from_be_bytes(field(batch, LAST_OFFSET_DELTA.start)?);
    Ok(records <= last)
}

/// The time that the records' own are counted from; and that of all of them, where the broker's clock counts.
fn times(batch: &[u8]) -> Result<(i64, Option<i64>), String> {
    let attributes = i16::from_be_bytes(field(batch, ATTRIBUTES)?);
    let base = i64::from_be_bytes(field(batch, BASE_TIMESTAMP)?);
    let last = i64::from_be_bytes(field(batch, MAX_TIMESTAMP)?);
    Ok((base, (attributes & LOG_APPEND_TIME != 0).then_some(last)))
}

fn decoded(batch: &Bytes) -> Result<BatchDecodeInfo, String> {
    let header = RecordBatchDecoder::decode_batch_info(&mut batch.clone());
    let header = header.map_err(|error| format!("a batch of it is damaged: {error}"))?;
    header.into_iter().next().ok_or_else(|| broken("header"))
}

fn field<const N: usize>(bytes: &[u8], at: usize) -> Result<[u8; N], String> {
    let found = bytes.get(at..at + N).and_then(|found| found.try_into().ok());
    found.ok_or_else(|| broken("header"))
}

fn broken(what: &str) -> String {
    format!("the {what} of a batch of it cannot be understood")
}

/// The beginning of a record; time and offset are counted from those of its batch.
struct RecordHead {
    time_delta: i64,
    offset_delta: i64,
    has_key: bool,
}

struct Rest<'a>(&'a [u8]);

impl Rest<'_> {
    /// Steps over one record.
    fn next_record(&mut self) -> Option<RecordHead> {
        let mut record = self.record()?;
        Some(RecordHead {
            time_delta: record.varint()?,
            offset_delta: record.varint()?,
            has_key: record.varint()? >= 0,
        })
    }

    /// Steps over one record, to what follows its attributes.
    fn record(&mut self) -> Option<Rest<'_>> {
        let length = usize::try_from(self.varint()?).ok()?;
        let (record, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        Self::after_attributes(record)
    }

    fn after_attributes(record: &[u8]) -> Option<Rest<'_>> {
        Some(Rest(record.get(1..)?))
    }

    /// A number in zigzag, of at most ten bytes.
    fn varint(&mut self) -> Option<i64> {
        let mut value = 0_u64;
        for shift in (0..70).step_by(7) {
            let (byte, rest) = self.0.split_first()?;
            self.0 = rest;
            value |= u64::from(byte & 0x7f).checked_shl(shift)?;
            if *byte < 0x80 {
                return Some((value >> 1).cast_signed() ^ -(value & 1).cast_signed());
            }
        }
        None
    }
}

#[cfg(test)]
#[path = "record_batches_tests.rs"]
mod tests;
