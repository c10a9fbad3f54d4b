//! Records put into real Kafka, and removed from it, by requests of the tests' own: topicctl writes none.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::thread;
use std::time::{Duration, Instant};

use bytes::{Bytes, BytesMut};
use kafka_protocol::indexmap::IndexMap;
use kafka_protocol::messages::delete_records_request::{DeleteRecordsPartition, DeleteRecordsTopic};
use kafka_protocol::messages::offset_commit_request::{
    OffsetCommitRequestPartition, OffsetCommitRequestTopic,
};
use kafka_protocol::messages::produce_request::{PartitionProduceData, TopicProduceData};
use kafka_protocol::messages::{
    DeleteRecordsRequest, FindCoordinatorRequest, OffsetCommitRequest, ProduceRequest, ProduceResponse,
    RequestHeader, ResponseHeader, TopicName as WireName,
};
use kafka_protocol::protocol::{Decodable, Encodable, HeaderVersion, Request, StrBytes};
use kafka_protocol::records::{Compression, Record, RecordBatchEncoder, RecordEncodeOptions, TimestampType};
use topicctl::model::TopicName;

const TIMEOUT_MS: i32 = 10_000;
const UNKNOWN_TOPIC: i16 = 3;
const NOT_LEADER: i16 = 6;

/// The topic with the groups' offsets is made when the first one is asked for.
const COORDINATED_WITHIN: Duration = Duration::from_mins(1);

/// Records of one batch, all of them alike.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Records {
    count: u32,
    timestamp: i64,
    keyed: bool,
    value_bytes: usize,
    gzip: bool,
}

impl Records {
    /// So many small records without keys, this old.
    pub(crate) fn new(count: u32, timestamp: i64) -> Self {
        Self {
            count,
            timestamp,
            keyed: false,
            value_bytes: b"record".len(),
            gzip: false,
        }
    }

    pub(crate) fn keyed(self) -> Self {
        Self { keyed: true, ..self }
    }

    /// Each with a value of so many bytes.
    pub(crate) fn of_bytes(self, value_bytes: usize) -> Self {
        Self { value_bytes, ..self }
    }

    pub(crate) fn gzipped(self) -> Self {
        Self { gzip: true, ..self }
    }
}

/// Appends records to a partition, by its leader.
pub(crate) fn append(leader: &str, topic: &TopicName, partition: i32, records: &Records) {
    let deadline = Instant::now() + COORDINATED_WITHIN;
    // A broker that was told of a new topic a moment ago may not lead it yet.
    while let Err(code) = try_append(leader, topic, partition, records) {
        let passing = [UNKNOWN_TOPIC, NOT_LEADER].contains(&code) && Instant::now() < deadline;
        assert!(passing, "records could not be appended: error {code}");
        thread::sleep(Duration::from_millis(50));
    }
}

/// The same, once; or the broker's error code.
pub(crate) fn try_append(
    leader: &str,
    topic: &TopicName,
    partition: i32,
    records: &Records,
) -> Result<(), i16> {
    let data = PartitionProduceData::default()
        .with_index(partition)
        .with_records(Some(batch(records)));
    let topic = TopicProduceData::default()
        .with_name(wire_name(topic))
        .with_partition_data(vec![data]);
    let request = ProduceRequest::default()
        .with_acks(-1)
        .with_timeout_ms(TIMEOUT_MS)
        .with_topic_data(vec![topic]);
    appended(&ask(leader, &request, 9))
}

fn appended(answer: &ProduceResponse) -> Result<(), i16> {
    let partitions = answer
        .responses
        .iter()
        .flat_map(|topic| &topic.partition_responses);
    match partitions
        .map(|partition| partition.error_code)
        .find(|code| *code != 0)
    {
        Some(code) => Err(code),
        None => Ok(()),
    }
}

/// Removes the records of a partition before an offset, by its leader.
pub(crate) fn trim(leader: &str, topic: &TopicName, partition: i32, before: i64) {
    let partition = DeleteRecordsPartition::default()
        .with_partition_index(partition)
        .with_offset(before);
    let topic = DeleteRecordsTopic::default()
        .with_name(wire_name(topic))
        .with_partitions(vec![partition]);
    let request = DeleteRecordsRequest::default()
        .with_timeout_ms(TIMEOUT_MS)
        .with_topics(vec![topic]);
    for topic in ask(leader, &request, 2).topics {
        for partition in topic.partitions {
            assert_eq!(partition.error_code, 0);
        }
    }
}

fn wire_name(topic: &TopicName) -> WireName {
    WireName(StrBytes::from_string(topic.to_string()))
}

/// Has a group without members commit an offset, once the cluster has a coordinator for it.
pub(crate) fn commit(bootstrap: &str, group: &str, topic: &TopicName, partition: i32, offset: i64) {
    let deadline = Instant::now() + COORDINATED_WITHIN;
    loop {
        let outcome = coordinator(bootstrap, group)
            .and_then(|coordinator| try_commit(&coordinator, group, topic, partition, offset));
        match outcome {
            Ok(()) => return,
            Err(code) => assert!(
                Instant::now() < deadline,
                "no coordinator for {group}: error {code}"
            ),
        }
        thread::sleep(Duration::from_millis(100));
    }
}

fn coordinator(bootstrap: &str, group: &str) -> Result<String, i16> {
    let any = bootstrap.split(',').next().unwrap();
    let request = FindCoordinatorRequest::default()
        .with_key_type(0)
        .with_coordinator_keys(vec![StrBytes::from_string(group.to_owned())]);
    let answer = ask(any, &request, 4).coordinators.remove(0);
    match answer.error_code {
        0 => Ok(format!("{}:{}", answer.host, answer.port)),
        code => Err(code),
    }
}

fn try_commit(
    coordinator: &str,
    group: &str,
    topic: &TopicName,
    partition: i32,
    offset: i64,
) -> Result<(), i16> {
    let partition = OffsetCommitRequestPartition::default()
        .with_partition_index(partition)
        .with_committed_offset(offset);
    let topic = OffsetCommitRequestTopic::default()
        .with_name(wire_name(topic))
        .with_partitions(vec![partition]);
    let request = OffsetCommitRequest::default()
        .with_group_id(StrBytes::from_string(group.to_owned()).into())
        .with_generation_id_or_member_epoch(-1)
        .with_topics(vec![topic]);
    match ask(coordinator, &request, 8).topics[0].partitions[0].error_code {
        0 => Ok(()),
        code => Err(code),
    }
}

fn batch(records: &Records) -> Bytes {
    let record = |offset: u32| Record {
        transactional: false,
        control: false,
        partition_leader_epoch: -1,
        producer_id: -1,
        producer_epoch: -1,
        timestamp_type: TimestampType::Creation,
        offset: offset.into(),
        sequence: i32::try_from(offset).unwrap(),
        timestamp: records.timestamp,
        key: records.keyed.then(|| Bytes::from_static(b"k")),
        value: Some(value(records.value_bytes)),
        headers: IndexMap::new(),
        delete_horizon: false,
    };
    let all: Vec<Record> = (0..records.count).map(record).collect();
    let options = RecordEncodeOptions {
        version: 2,
        compression: if records.gzip {
            Compression::Gzip
        } else {
            Compression::None
        },
    };
    let pack = |plain: &mut BytesMut, out: &mut BytesMut, codec: Compression| {
        match codec {
            Compression::Gzip => {
                let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
                encoder.write_all(plain)?;
                out.extend_from_slice(&encoder.finish()?);
            }
            _ => out.extend_from_slice(plain),
        }
        Ok(())
    };
    let mut encoded = BytesMut::new();
    RecordBatchEncoder::encode_with_custom_compression(&mut encoded, &all, &options, Some(pack)).unwrap();
    encoded.freeze()
}

/// Does not shrink when it is packed, but for the short one.
fn value(bytes: usize) -> Bytes {
    if bytes == b"record".len() {
        return Bytes::from_static(b"record");
    }
    let mut state = 0x9e37_79b9_u32;
    let next = |_| {
        state ^= state << 13;
        state ^= state >> 17;
        state ^= state << 5;
        state.to_be_bytes()[0]
    };
    (0..bytes).map(next).collect()
}

fn ask<R: Request>(address: &str, request: &R, version: i16) -> R::Response
where
    R::Response: Decodable,
{
    let header = RequestHeader::default()
        .with_request_api_key(R::KEY)
        .with_request_api_version(version)
        .with_correlation_id(1)
        .with_client_id(Some(StrBytes::from_static_str("contract")));
    let mut frame = BytesMut::new();
    header.encode(&mut frame, R::header_version(version)).unwrap();
    request.encode(&mut frame, version).unwrap();

    let mut stream = TcpStream::connect(address).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(30))).unwrap();
    stream
        .write_all(&u32::try_from(frame.len()).unwrap().to_be_bytes())
        .unwrap();
    stream.write_all(&frame).unwrap();
    let mut length = [0; 4];
    stream.read_exact(&mut length).unwrap();
    let mut answer = vec![0; usize::try_from(u32::from_be_bytes(length)).unwrap()];
    stream.read_exact(&mut answer).unwrap();

    let mut answer = Bytes::from(answer);
    ResponseHeader::decode(&mut answer, R::Response::header_version(version)).unwrap();
    R::Response::decode(&mut answer, version).unwrap()
}
