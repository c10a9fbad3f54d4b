//! Answers that are small on the wire and large in memory.

use std::collections::BTreeMap;
use std::io::Write as _;

use bytes::{BufMut, Bytes, BytesMut};
use kafka_protocol::indexmap::IndexMap;
use kafka_protocol::messages::fetch_response::{FetchableTopicResponse, PartitionData};
use kafka_protocol::messages::{DescribeConfigsRequest, FetchRequest, FetchResponse, MetadataRequest};
use kafka_protocol::records::{Compression, Record, RecordBatchEncoder, RecordEncodeOptions, TimestampType};
use tokio::net::TcpListener;

use super::SLACK;
use super::client::metadata;
use super::recipe::frame;
use crate::admin::Admin;
use crate::admin::client::protocol::wire_text;
use crate::admin::client::session::connection::decode;
use crate::admin::client::tests::fake_broker::Fake;
use crate::admin::client::tests::reading::name;
use crate::admin::client::{Client, ConnectOptions};

/// An answer of 14 MiB that would be more than a gigabyte in memory: items of nine bytes, each with a
/// tagged field that nobody knows.
#[test]
fn an_answer_that_is_made_to_swell_is_refused_before_it_does() {
    const ITEMS: u32 = 1_600_000;
    let item = [0, 0, 1, 2, 1, 1, 1, 9, 0];
    let count: [u8; 3] = std::array::from_fn(|index| {
        let seven_bits = u8::try_from((ITEMS + 1) >> (7 * index) & 0x7f).unwrap();
        if index < 2 { seven_bits | 0x80 } else { seven_bits }
    });
    let body = [&[0; 4][..], &count, &item.repeat(ITEMS as usize), &[0]].concat();
    let frame = frame::<DescribeConfigsRequest>(4, &body);
    let mut said = None;
    let taken = allocation_counter::measure(|| said = decode::<DescribeConfigsRequest>(frame, 4).err());
    assert_eq!(
        said.as_deref(),
        Some("it would take more than 1024 MiB of memory")
    );
    assert!(taken.bytes_max < SLACK, "{} bytes", taken.bytes_max);
}

/// More than a batch may unpack to.
const TOO_MUCH: usize = 80 << 20;

/// What a client may take in memory for batches that unpack to more than 64 MiB: as much, and as much again
/// while the room for it grows.
const UNPACKED: u64 = 224 << 20;

fn gzip() -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(&vec![0; 1 << 20]).unwrap();
    encoder.finish().unwrap().repeat(TOO_MUCH >> 20)
}

/// Blocks that are each as long as they say.
fn snappy() -> Vec<u8> {
    let block = snap::raw::Encoder::new().compress_vec(&vec![0; 1 << 20]).unwrap();
    let length = u32::try_from(block.len()).unwrap().to_be_bytes();
    let blocks = [&length[..], &block].concat().repeat(TOO_MUCH >> 20);
    [&b"\x82SNAPPY\0\0\0\0\x01\0\0\0\x01"[..], &blocks].concat()
}

/// One block of some bytes that says it has four gigabytes.
fn lying_snappy() -> Vec<u8> {
    [&[0xff, 0xff, 0xff, 0xff, 0x0f][..], &[0; 64]].concat()
}

fn lz4() -> Vec<u8> {
    const HEADER: usize = 7;
    const END: usize = 4;
    let largest = lz4_flex::frame::FrameInfo::new().block_size(lz4_flex::frame::BlockSize::Max4MB);
    let mut encoder = lz4_flex::frame::FrameEncoder::with_frame_info(largest, Vec::new());
    encoder.write_all(&vec![0; 4 << 20]).unwrap();
    let frame = encoder.finish().unwrap();
    let (header, rest) = frame.split_at(HEADER);
    let (block, end) = rest.split_at(rest.len() - END);
    [header, &block.repeat(TOO_MUCH >> 22), end].concat()
}

/// Blocks of one byte each that stand for 128 KiB.
fn zstd() -> Vec<u8> {
    const WINDOW_OF_2_MIB: u8 = 11 << 3;
    const BLOCK: u32 = 128 << 10;
    let block = |is_last: u32| {
        let [low, middle, high, _] = (BLOCK << 3 | 1 << 1 | is_last).to_le_bytes();
        [low, middle, high, 0]
    };
    let blocks = block(0).repeat(TOO_MUCH >> 17);
    [
        &[0x28, 0xb5, 0x2f, 0xfd, 0, WINDOW_OF_2_MIB][..],
        &blocks,
        &block(1),
    ]
    .concat()
}

/// A frame that says that it has an exabyte, and wants a window of two terabytes for it.
fn lying_zstd() -> Vec<u8> {
    let content = (1_u64 << 60).to_le_bytes();
    [&[0x28, 0xb5, 0x2f, 0xfd, 0xc0, 0xf8][..], &content, &[3, 0, 0, 0]].concat()
}

/// A batch of one record whose compressed bytes are these, checksum included.
fn batch(packed: &[u8], codec: Compression) -> Bytes {
    let options = RecordEncodeOptions {
        version: 2,
        compression: codec,
    };
    let pack = |_: &mut BytesMut, out: &mut BytesMut, _: Compression| {
        out.put_slice(packed);
        Ok(())
    };
    let mut encoded = BytesMut::new();
    let records = [record()];
    RecordBatchEncoder::encode_with_custom_compression(&mut encoded, &records, &options, Some(pack)).unwrap();
    encoded.freeze()
}

fn record() -> Record {
    Record {
        transactional: false,
        control: false,
        delete_horizon: false,
        partition_leader_epoch: 0,
        producer_id: -1,
        producer_epoch: -1,
        timestamp_type: TimestampType::Creation,
        offset: 0,
        sequence: 0,
        timestamp: 0,
        key: None,
        value: None,
        headers: IndexMap::new(),
    }
}

/// A broker whose partitions all hold this batch.
async fn holding(batch: Bytes) -> Fake {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    Fake::broker_on(listener, move |asked| {
        if asked.is::<MetadataRequest>() {
            return asked.answer::<MetadataRequest>(&metadata(asked));
        }
        if asked.is::<FetchRequest>() {
            let partition = PartitionData::default().with_records(Some(batch.clone()));
            let topic = FetchableTopicResponse::default()
                .with_topic(wire_text("orders").into())
                .with_partitions(vec![partition]);
            return asked.answer::<FetchRequest>(&FetchResponse::default().with_responses(vec![topic]));
        }
        asked.usual(&[port])
    })
}

/// What a client says of a topic with such a batch, and the most memory that it had in use.
fn sampled(batch: Bytes) -> (String, u64) {
    let mut said = String::new();
    let taken = allocation_counter::measure(|| {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        said = runtime.unwrap().block_on(async {
            let fake = holding(batch).await;
            let client = Client::connect(ConnectOptions::new(vec![fake.address()]))
                .await
                .unwrap();
            let ranges = BTreeMap::from([(name("orders"), BTreeMap::from([(0, 0..1)]))]);
            let samples = client.samples(&ranges).await.unwrap();
            samples[&(name("orders"), 0)].as_ref().unwrap_err().to_string()
        });
    });
    (said, taken.bytes_max)
}

/// Batches of some kilobytes that would be gigabytes, or say that they are: what comes out of them is cut
/// off, and what they say is not set aside for.
#[test]
fn a_batch_that_lies_about_its_size_is_refused_before_it_swells() {
    let lies = [
        ("gzip", Compression::Gzip, gzip(), "it has more than 64 MiB"),
        ("snappy", Compression::Snappy, snappy(), "it has more than 64 MiB"),
        (
            "lying snappy",
            Compression::Snappy,
            lying_snappy(),
            "it has more than 64 MiB",
        ),
        ("lz4", Compression::Lz4, lz4(), "it has more than 64 MiB"),
        ("zstd", Compression::Zstd, zstd(), "it has more than 64 MiB"),
        ("lying zstd", Compression::Zstd, lying_zstd(), "indow"),
    ];
    for (what, codec, packed, expected) in lies {
        let batch = batch(&packed, codec);
        assert!(batch.len() < 8 << 20, "{what}: {} bytes on the wire", batch.len());
        let (said, most) = sampled(batch);
        assert!(
            said.contains("a batch of it cannot be unpacked"),
            "{what}: {said}"
        );
        assert!(said.contains(expected), "{what}: {said}");
        let limit = if what.starts_with("lying") {
            8 << 20
        } else {
            UNPACKED
        };
        assert!(most < limit, "{what}: {most} bytes of memory");
    }
}
