//! Offsets while leaders move.

use std::time::{Duration, Instant};

use kafka_protocol::messages::list_offsets_response::{
    ListOffsetsPartitionResponse, ListOffsetsTopicResponse,
};
use kafka_protocol::messages::metadata_response::{MetadataResponsePartition, MetadataResponseTopic};
use kafka_protocol::messages::{
    BrokerId as WireBrokerId, ListOffsetsRequest, ListOffsetsResponse, MetadataRequest, MetadataResponse,
};
use tokio::net::TcpListener;

use crate::admin::client::tests::fake_broker::{Asked, Fake, Reply};
use crate::admin::client::tests::reading::{client, name};
use crate::admin::{Admin, Offset, OffsetPoint};
use crate::model::BrokerId;

/// Two partitions with these leaders, whatever topic is asked for.
fn led_by(asked: &Asked, leaders: [i32; 2]) -> Reply {
    let request = asked.request::<MetadataRequest>();
    let topics = request.topics.unwrap().into_iter().map(|topic| {
        let partitions = (0..).zip(leaders).map(|(index, leader)| {
            MetadataResponsePartition::default()
                .with_partition_index(index)
                .with_leader_id(WireBrokerId(leader))
        });
        MetadataResponseTopic::default()
            .with_name(topic.name)
            .with_partitions(partitions.collect())
    });
    asked.answer::<MetadataRequest>(&MetadataResponse::default().with_topics(topics.collect()))
}

/// The same offset, or the same error, for every partition asked for.
fn offsets(asked: &Asked, offset: i64, code: i16) -> Reply {
    let request = asked.request::<ListOffsetsRequest>();
    let topics = request.topics.into_iter().map(|topic| {
        let partitions = topic.partitions.into_iter().map(|partition| {
            ListOffsetsPartitionResponse::default()
                .with_partition_index(partition.partition_index)
                .with_error_code(code)
                .with_offset(offset)
                .with_timestamp(if partition.timestamp < 0 {
                    -1
                } else {
                    partition.timestamp
                })
        });
        ListOffsetsTopicResponse::default()
            .with_name(topic.name)
            .with_partitions(partitions.collect())
    });
    asked.answer::<ListOffsetsRequest>(&ListOffsetsResponse::default().with_topics(topics.collect()))
}

/// Two brokers; the first also answers for metadata.
async fn pair(
    leaders: impl Fn(usize) -> [i32; 2] + Send + Sync + 'static,
    first: impl Fn(&Asked) -> Reply + Send + Sync + 'static,
    second: impl Fn(&Asked) -> Reply + Send + Sync + 'static,
) -> (Fake, Fake) {
    let other = Fake::broker(move |asked| match asked {
        _ if asked.is::<ListOffsetsRequest>() => second(asked),
        _ => asked.usual(&[]),
    })
    .await;
    let other_port = other.port;
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let fake = Fake::broker_on(listener, move |asked| match asked {
        _ if asked.is::<MetadataRequest>() => led_by(asked, leaders(asked.before)),
        _ if asked.is::<ListOffsetsRequest>() => first(asked),
        _ => asked.usual(&[port, other_port]),
    });
    (fake, other)
}

#[tokio::test]
async fn each_leader_is_asked_for_its_own_partitions() {
    let (first, second) = pair(
        |_| [1, 2],
        |asked| offsets(asked, 5, 0),
        |asked| offsets(asked, -1, 0),
    )
    .await;
    let client = client(&first, Duration::from_secs(5)).await;
    let wanted = [(name("a"), vec![0, 1, 2])].into();
    let found = client.offsets(&wanted, OffsetPoint::AtOrAfter(17)).await.unwrap();
    let offset = |offset, timestamp| {
        Ok(Offset {
            offset,
            timestamp,
            leader_epoch: None,
        })
    };
    assert_eq!(found[&(name("a"), 0)], offset(Some(5), Some(17)));
    assert_eq!(found[&(name("a"), 1)], offset(None, Some(17)));
    assert_eq!(
        found[&(name("a"), 2)].clone().unwrap_err().to_string(),
        "UNKNOWN_TOPIC_OR_PARTITION"
    );
    assert_eq!(
        (
            first.count::<ListOffsetsRequest>(),
            second.count::<ListOffsetsRequest>()
        ),
        (1, 1)
    );
}

#[tokio::test]
async fn a_leader_that_has_moved_is_followed() {
    let leaders = |before| if before == 0 { [1, 1] } else { [1, 2] };
    let first = |asked: &Asked| match asked.before {
        0 => offsets(asked, 0, 6),
        _ => offsets(asked, 7, 0),
    };
    let (first, second) = pair(leaders, first, |asked| offsets(asked, 8, 0)).await;
    let client = client(&first, Duration::from_secs(5)).await;
    let wanted = [(name("a"), vec![0, 1])].into();
    let found = client.offsets(&wanted, OffsetPoint::Latest).await.unwrap();
    let offsets: Vec<Option<i64>> = found
        .values()
        .map(|found| found.clone().unwrap().offset)
        .collect();
    assert_eq!(offsets, [Some(7), Some(8)]);
    assert_eq!(second.count::<ListOffsetsRequest>(), 1);
}

#[tokio::test]
async fn a_partition_without_a_leader_is_said_before_the_deadline() {
    let (first, _second) = pair(|_| [-1, 1], |asked| offsets(asked, 5, 0), |_| Reply::Close).await;
    let client = client(&first, Duration::from_mins(1)).await;
    let began = Instant::now();
    let wanted = [(name("a"), vec![0, 1])].into();
    let found = client.offsets(&wanted, OffsetPoint::Earliest).await.unwrap();
    assert_eq!(
        found[&(name("a"), 0)].clone().unwrap_err().to_string(),
        "LEADER_NOT_AVAILABLE"
    );
    assert!(found[&(name("a"), 1)].is_ok());
    assert!(began.elapsed() < Duration::from_secs(10), "{:?}", began.elapsed());
}

/// What a debugging client is answered by a replica that leads nothing.
fn as_replica(asked: &Asked) -> Reply {
    let request = asked.request::<ListOffsetsRequest>();
    assert_eq!(request.replica_id, WireBrokerId(-2));
    let all = request.topics.iter().flat_map(|topic| &topic.partitions);
    assert!(all.clone().all(|partition| partition.timestamp == -1));
    // NOT_LEADER_OR_FOLLOWER for the last partition.
    let is_last = all.clone().count() == 1 && all.clone().all(|partition| partition.partition_index == 2);
    if is_last {
        offsets(asked, -1, 6)
    } else {
        offsets(asked, 10, 0)
    }
}

#[tokio::test]
async fn replicas_are_asked_as_a_debugging_client_whoever_leads() {
    let (first, second) = pair(|_| [-1, -1], as_replica, as_replica).await;
    let client = client(&first, Duration::from_secs(5)).await;
    let wanted = [
        (
            BrokerId(1),
            [(name("a"), vec![0, 1]), (name("b"), vec![0])].into(),
        ),
        (BrokerId(2), [(name("a"), vec![2])].into()),
    ];
    let found = client.replica_ends(&wanted.into()).await;
    let ends: Vec<Option<i64>> = found[&BrokerId(1)]
        .values()
        .map(|end| end.clone().unwrap().offset)
        .collect();
    assert_eq!(ends, [Some(10); 3]);
    let refused = found[&BrokerId(2)][&(name("a"), 2)].clone().unwrap_err();
    assert_eq!(refused.to_string(), "NOT_LEADER_OR_FOLLOWER");
    assert_eq!(
        (
            first.count::<ListOffsetsRequest>(),
            second.count::<ListOffsetsRequest>()
        ),
        (1, 1)
    );
}
