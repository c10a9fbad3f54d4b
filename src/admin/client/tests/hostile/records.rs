//! Records of every partition that is asked for: a sound batch, damaged as the recipe has it.

use bytes::{Bytes, BytesMut};
use kafka_protocol::indexmap::IndexMap;
use kafka_protocol::messages::fetch_request::FetchTopic;
use kafka_protocol::messages::fetch_response::{FetchableTopicResponse, PartitionData};
use kafka_protocol::messages::{FetchRequest, FetchResponse};
use kafka_protocol::records::{Compression, Record, RecordBatchEncoder, RecordEncodeOptions, TimestampType};

use super::recipe::Recipe;
use crate::admin::client::tests::fake_broker::{Asked, Reply};

pub(crate) fn fetched(asked: &Asked, recipe: &Recipe) -> Reply {
    let records = Bytes::from(recipe.damaged(batch()));
    let topic = |topic: FetchTopic| {
        let partitions = topic.partitions.into_iter().map(|partition| {
            PartitionData::default()
                .with_partition_index(partition.partition)
                .with_records(Some(records.clone()))
        });
        FetchableTopicResponse::default()
            .with_topic(topic.topic)
            .with_partitions(partitions.collect())
    };
    let topics = asked.request::<FetchRequest>().topics.into_iter().map(topic);
    asked.answer::<FetchRequest>(&FetchResponse::default().with_responses(topics.collect()))
}

fn batch() -> Vec<u8> {
    let record = |offset: i32| Record {
        transactional: false,
        control: false,
        delete_horizon: false,
        partition_leader_epoch: 0,
        producer_id: -1,
        producer_epoch: -1,
        timestamp_type: TimestampType::Creation,
        offset: i64::from(offset),
        sequence: offset,
        timestamp: 1_000,
        key: Some(Bytes::from_static(b"key")),
        value: Some(Bytes::from_static(b"value")),
        headers: IndexMap::new(),
    };
    let records: Vec<Record> = (0..10).map(record).collect();
    let options = RecordEncodeOptions {
        version: 2,
        compression: Compression::None,
    };
    let mut encoded = BytesMut::new();
    RecordBatchEncoder::encode(&mut encoded, &records, &options).unwrap();
    encoded.to_vec()
}
