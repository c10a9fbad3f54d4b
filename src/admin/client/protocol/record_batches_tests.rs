use std::time::{Duration, Instant};

use bytes::{BufMut, BytesMut};
use kafka_protocol::indexmap::IndexMap;
use kafka_protocol::records::{Compression, Record, RecordBatchEncoder, RecordEncodeOptions, TimestampType};
use proptest::prelude::*;

use super::*;
use crate::admin::client::protocol::unpack::unpack_within;
use crate::admin::client::transport::deadline::Deadline;

fn record(offset: i64, key: Option<&'static [u8]>) -> Record {
    Record {
        transactional: false,
        control: false,
        delete_horizon: false,
        partition_leader_epoch: 0,
        producer_id: -1,
        producer_epoch: -1,
        timestamp_type: TimestampType::Creation,
        offset,
        sequence: i32::try_from(offset).unwrap(),
        timestamp: 1_000 + offset,
        key: key.map(Bytes::from_static),
        value: Some(Bytes::from_static(b"some value, some value, some value")),
        headers: IndexMap::new(),
    }
}

/// A batch whose records are compressed by a codec of the test.
fn batch(offsets: Range<i64>, keyed: bool, codec: Compression) -> Bytes {
    let key: Option<&[u8]> = keyed.then_some(b"key");
    let records: Vec<Record> = offsets.map(|offset| record(offset, key)).collect();
    batch_of(&records, codec)
}

fn batch_of(records: &[Record], codec: Compression) -> Bytes {
    let options = RecordEncodeOptions {
        version: 2,
        compression: codec,
    };
    let pack = |plain: &mut BytesMut, out: &mut BytesMut, codec: Compression| {
        out.put_slice(&packed(plain, codec));
        Ok(())
    };
    let mut encoded = BytesMut::new();
    RecordBatchEncoder::encode_with_custom_compression(&mut encoded, records, &options, Some(pack)).unwrap();
    encoded.freeze()
}

fn packed(plain: &[u8], codec: Compression) -> Vec<u8> {
    use std::io::Write;
    match codec {
        Compression::None => plain.to_vec(),
        Compression::Gzip => {
            let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
            encoder.write_all(plain).unwrap();
            encoder.finish().unwrap()
        }
        Compression::Snappy => {
            let block = snap::raw::Encoder::new().compress_vec(plain).unwrap();
            let mut framed = b"\x82SNAPPY\0\0\0\0\x01\0\0\0\x01".to_vec();
            framed.extend(u32::try_from(block.len()).unwrap().to_be_bytes());
            framed.extend(block);
            framed
        }
        Compression::Lz4 => {
            let mut encoder = lz4_flex::frame::FrameEncoder::new(Vec::new());
            encoder.write_all(plain).unwrap();
            encoder.finish().unwrap()
        }
        Compression::Zstd => {
            ruzstd::encoding::compress_to_vec(plain, ruzstd::encoding::CompressionLevel::Fastest)
        }
    }
}

/// With more than enough to spend, and time.
fn budget() -> Budget {
    Budget::new(Deadline::after(Duration::from_hours(1)))
}

fn looked(bytes: impl Into<Bytes>, wanted: &Range<i64>) -> Result<Stretch, String> {
    block_on(look_through(bytes.into(), wanted, &budget()))
}

fn time(bytes: impl Into<Bytes>, offset: i64) -> Result<Option<i64>, String> {
    block_on(time_from(bytes.into(), offset, &budget()))
}

fn unpacked(packed: Bytes, codec: Compression) -> Result<Bytes, String> {
    block_on(unpack(packed, codec, &budget()))
}

fn block_on<T>(future: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    runtime.unwrap().block_on(future)
}

const CODECS: [Compression; 5] = [
    Compression::None,
    Compression::Gzip,
    Compression::Snappy,
    Compression::Lz4,
    Compression::Zstd,
];

/// Bytes that no codec makes smaller.
fn noise(count: usize) -> Bytes {
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    let byte = |_| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state.to_be_bytes()[0]
    };
    (0..count).map(byte).collect()
}

#[test]
fn no_codec_can_have_sent_a_larger_batch_than_is_said() {
    let sizes = [0, 1, 300, 40_000, 500_000];
    for (size, in_the_log) in sizes.iter().flat_map(|size| CODECS.map(|codec| (size, codec))) {
        let value = Record {
            value: Some(noise(*size)),
            ..record(0, None)
        };
        let records = [value];
        let sample = looked(batch_of(&records, in_the_log), &(0..1)).unwrap().sample;
        let sent = CODECS.map(|codec| batch_of(&records, codec).len());
        let largest = i64::try_from(sent.into_iter().max().unwrap()).unwrap();
        assert!(
            sample.largest_sent >= largest,
            "{size} bytes in {in_the_log:?}: {sample:?}"
        );
        assert!(
            sample.largest_sent <= largest + largest / 200 + 200,
            "{size} bytes in {in_the_log:?}: {sample:?}"
        );
    }
}

#[test]
fn a_batch_of_which_the_log_has_less_can_have_been_as_large_as_it_unpacks_to() {
    let [plain, small] = [Compression::None, Compression::Zstd].map(|codec| batch(0..5_000, true, codec));
    assert!(small.len() * 4 < plain.len());
    let sample = looked(small, &(0..5_000)).unwrap().sample;
    assert!(
        sample.largest_sent >= i64::try_from(plain.len()).unwrap(),
        "{sample:?}"
    );
    assert!(!sample.is_thinned);
}

#[test]
fn compaction_shows_in_a_batch_with_fewer_records_than_offsets() {
    let left = [record(0, Some(b"key")), record(2, Some(b"key"))];
    let whole = batch(3..6, true, Compression::None);
    let thinned = batch_of(&left, Compression::None);
    assert!(looked(thinned.clone(), &(0..3)).unwrap().sample.is_thinned);
    assert!(
        looked([thinned, whole.clone()].concat(), &(0..6))
            .unwrap()
            .sample
            .is_thinned
    );
    assert!(!looked(whole, &(3..6)).unwrap().sample.is_thinned);
}

#[test]
fn keys_are_counted_through_every_codec() {
    for codec in CODECS {
        let keyed = batch(0..40, true, codec);
        let both = [keyed.clone(), batch(40..70, false, codec)].concat();
        let Stretch {
            sample, first, next, ..
        } = looked(both, &(0..70)).unwrap();
        assert_eq!((sample.keyed, sample.unkeyed), (40, 30), "{codec:?}");
        assert_eq!(usize::try_from(sample.largest_batch).unwrap(), keyed.len());
        assert_eq!((sample.oldest, first, next), (Some(1_000), Some(0), 70));
    }
}

#[test]
fn batches_outside_the_range_do_not_count_and_a_cut_one_is_no_error() {
    let three = [
        batch(0..10, true, Compression::None),
        batch(10..20, false, Compression::None),
        batch(20..30, true, Compression::None),
    ];
    let whole = Bytes::from(three.concat());
    let told = looked(whole.clone(), &(12..20)).unwrap();
    assert_eq!((told.sample.keyed, told.sample.unkeyed), (0, 10));
    assert_eq!((told.first, told.next), (Some(10), 20));
    let cut = looked(whole.slice(..whole.len() - 1), &(0..30)).unwrap();
    assert_eq!((cut.sample.keyed, cut.sample.unkeyed), (10, 10));
    assert_eq!(
        (cut.first, cut.next),
        (Some(0), 20),
        "the third is asked for again"
    );
    let nothing = looked(Bytes::new(), &(4..5)).unwrap();
    assert_eq!((nothing.sample, nothing.next), (Sample::default(), 4));
}

#[test]
fn a_bomb_ends_in_an_error_and_not_in_memory() {
    const LIMIT: usize = 1 << 20;
    let zeros = vec![0; LIMIT + 1];
    for codec in [Compression::Gzip, Compression::Lz4, Compression::Zstd] {
        let bomb = packed(&zeros, codec);
        assert!(bomb.len() < 1 << 14, "{codec:?}: {}", bomb.len());
        assert_eq!(
            unpack_within(LIMIT, bomb.into(), codec).unwrap_err().to_string(),
            "a batch of it cannot be unpacked: it has more than 1 MiB",
            "{codec:?}"
        );
    }
    // A length of 4 GiB in five bytes, and nothing behind it.
    let claim = Bytes::from_static(&[0xff, 0xff, 0xff, 0xff, 0x0f]);
    assert_eq!(
        unpacked(claim, Compression::Snappy).unwrap_err(),
        "a batch of it cannot be unpacked: it has more than 64 MiB"
    );
}

/// Batches of 63 MiB of nothing each, as many as an answer holds: hours of work, by the limit of one batch.
fn bombs() -> Bytes {
    let value: &'static [u8] = vec![0; 63 << 20].leak();
    let bomb = Record {
        value: Some(Bytes::from_static(value)),
        ..record(0, None)
    };
    let one = batch_of(&[bomb], Compression::Lz4);
    let each = |offset: i64| {
        let mut batch = one.to_vec();
        batch[..8].copy_from_slice(&offset.to_be_bytes());
        batch
    };
    (0..50).flat_map(each).collect()
}

#[test]
fn many_bombs_end_with_the_budget_of_their_answer() {
    let bombs = bombs();
    let budget = budget();
    let mut taken = 0;
    while let Ok(left) = block_on(budget.next()) {
        assert!(left <= 256 << 20, "{left}");
        taken += 1;
        let why = block_on(look_through(bombs.clone(), &(0..50), &budget)).unwrap_err();
        assert_eq!(why, "the records of one answer unpack to more than 256 MiB");
    }
    assert_eq!(taken, 1, "a partition is looked at after the budget is gone");
    let late = Budget::new(Deadline::after(Duration::ZERO));
    assert_eq!(
        block_on(look_through(bombs, &(0..50), &late)).unwrap_err(),
        "there was no time to look at all of its records"
    );
}

/// What else there is to do on the only thread is done between two batches.
#[test]
fn bombs_leave_a_deadline_its_turn() {
    let bombs = bombs();
    let limit = Duration::from_millis(1);
    let began = Instant::now();
    let budget = budget();
    let looked = async { tokio::time::timeout(limit, look_through(bombs, &(0..50), &budget)).await };
    assert!(block_on(looked).is_err());
    assert!(block_on(budget.next()).unwrap() > 0, "{:?}", began.elapsed());
}

#[test]
fn what_cannot_be_understood_says_so() {
    let good = batch(0..3, true, Compression::None);
    let mut damaged = good.to_vec();
    damaged[70] ^= 1;
    let why = looked(damaged, &(0..3)).unwrap_err();
    assert!(why.starts_with("a batch of it is damaged: "), "{why}");
    let mut old = good.to_vec();
    old[MAGIC] = 1;
    assert_eq!(
        looked(old, &(0..3)).unwrap_err(),
        "its records are in format 1, from before Kafka 0.11"
    );
    let garbage = Bytes::from_static(b"garbage");
    for codec in [
        Compression::Gzip,
        Compression::Lz4,
        Compression::Zstd,
        Compression::Snappy,
    ] {
        let why = unpacked(garbage.clone(), codec).unwrap_err();
        assert!(
            why.starts_with("a batch of it cannot be unpacked: "),
            "{codec:?}: {why}"
        );
    }
}

proptest! {
    #[test]
    fn no_bytes_panic(
        codec in 0_usize..5,
        at in any::<prop::sample::Index>(),
        byte in any::<u8>(),
        noise in proptest::collection::vec(any::<u8>(), 0..200),
    ) {
        let mut damaged = batch(0..5, true, CODECS[codec]).to_vec();
        let index = at.index(damaged.len());
        damaged[index] = byte;
        let (damaged, noise) = (Bytes::from(damaged), Bytes::from(noise));
        let _ = (looked(damaged.clone(), &(0..5)), time(damaged, 3));
        let _ = (looked(noise.clone(), &(0..5)), time(noise.clone(), 3));
        let _ = unpacked(noise, CODECS[codec]);
    }
}

#[test]
fn each_record_tells_its_time_whatever_the_codec() {
    for codec in CODECS {
        let batches = [batch(5..9, true, codec), batch(12..15, false, codec)].concat();
        let time = |offset| time(Bytes::from(batches.clone()), offset).unwrap();
        assert_eq!(time(0), Some(1_005), "the first that is left");
        assert_eq!(time(7), Some(1_007));
        assert_eq!(time(10), Some(1_012), "the next where compaction left a hole");
        assert_eq!(time(14), Some(1_014));
        assert_eq!(time(15), None);
    }
}

#[test]
fn the_clock_of_the_broker_counts_where_the_topic_says_so() {
    let mut bytes = batch(0..3, false, Compression::None).to_vec();
    let attributes = i16::from_be_bytes([bytes[ATTRIBUTES], bytes[ATTRIBUTES + 1]]) | LOG_APPEND_TIME;
    bytes[ATTRIBUTES..ATTRIBUTES + 2].copy_from_slice(&attributes.to_be_bytes());
    bytes[MAX_TIMESTAMP..MAX_TIMESTAMP + 8].copy_from_slice(&9_000_i64.to_be_bytes());
    let checksum = crc32c(&bytes[ATTRIBUTES..]);
    bytes[ATTRIBUTES - 4..ATTRIBUTES].copy_from_slice(&checksum.to_be_bytes());
    assert_eq!(time(Bytes::from(bytes), 1), Ok(Some(9_000)));
}

/// The checksum of Kafka's batches, one bit at a time.
fn crc32c(bytes: &[u8]) -> u32 {
    let step = |crc: u32, _| (crc >> 1) ^ (0x82f6_3b78 & (crc & 1).wrapping_neg());
    !bytes
        .iter()
        .fold(!0, |crc, byte| (0..8).fold(crc ^ u32::from(*byte), step))
}
