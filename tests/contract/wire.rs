//! Records put into real Kafka, and removed from it, by requests of the tests' own: topicctl writes none.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use kafka_protocol::indexmap::IndexMap;
use kafka_protocol::messages::delete_records_request::{DeleteRecordsPartition, DeleteRecordsTopic};
use kafka_protocol::messages::produce_request::{PartitionProduceData, TopicProduceData};
use kafka_protocol::messages::{
    DeleteRecordsRequest, ProduceRequest, RequestHeader, ResponseHeader, TopicName as WireName,
};
use kafka_protocol::protocol::{Decodable, Encodable, HeaderVersion, Request, StrBytes};
use kafka_protocol::records::{Compression, Record, RecordBatchEncoder, RecordEncodeOptions, TimestampType};
use topicctl::model::TopicName;

const TIMEOUT_MS: i32 = 10_000;

/// Appends records to a partition, by its leader.
pub(super) fn append(leader: &str, topic: &TopicName, partition: i32, records: u32, timestamp: i64) {
    let data = PartitionProduceData::default()
        .with_index(partition)
        .with_records(Some(batch(records, timestamp)));
    let topic = TopicProduceData::default()
        .with_name(wire_name(topic))
        .with_partition_data(vec![data]);
    let request = ProduceRequest::default()
        .with_acks(-1)
        .with_timeout_ms(TIMEOUT_MS)
        .with_topic_data(vec![topic]);
    for topic in ask(leader, &request, 9).responses {
        for partition in topic.partition_responses {
            assert_eq!(partition.error_code, 0, "{:?}", partition.error_message);
        }
    }
}

/// Removes the records of a partition before an offset, by its leader.
pub(super) fn trim(leader: &str, topic: &TopicName, partition: i32, before: i64) {
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

fn batch(records: u32, timestamp: i64) -> Bytes {
    let record = |offset: u32| Record {
        transactional: false,
        control: false,
        partition_leader_epoch: -1,
        producer_id: -1,
        producer_epoch: -1,
        timestamp_type: TimestampType::Creation,
        offset: offset.into(),
        sequence: i32::try_from(offset).unwrap(),
        timestamp,
        key: None,
        value: Some(Bytes::from_static(b"record")),
        headers: IndexMap::new(),
        delete_horizon: false,
    };
    let records: Vec<Record> = (0..records).map(record).collect();
    let options = RecordEncodeOptions {
        version: 2,
        compression: Compression::None,
    };
    let mut encoded = BytesMut::new();
    RecordBatchEncoder::encode(&mut encoded, &records, &options).unwrap();
    encoded.freeze()
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
