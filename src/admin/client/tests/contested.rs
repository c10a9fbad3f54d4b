//! Groups that more than one broker lists: the coordinator moved while one of them was away.

use std::sync::Arc;
use std::sync::atomic::{AtomicI32, Ordering};
use std::time::Duration;

use kafka_protocol::messages::find_coordinator_response::Coordinator;
use kafka_protocol::messages::list_groups_response::ListedGroup;
use kafka_protocol::messages::offset_fetch_response::{
    OffsetFetchResponseGroup, OffsetFetchResponsePartitions, OffsetFetchResponseTopics,
};
use kafka_protocol::messages::{
    BrokerId as WireBrokerId, FindCoordinatorRequest, FindCoordinatorResponse, ListGroupsRequest,
    ListGroupsResponse, OffsetFetchRequest, OffsetFetchResponse,
};
use kafka_protocol::protocol::StrBytes;
use tokio::net::TcpListener;

use crate::admin::client::tests::fake_broker::{Asked, Fake, Reply};
use crate::admin::client::tests::reading::{client, name};
use crate::admin::{Admin, TopicGroups};

fn text(text: &'static str) -> StrBytes {
    StrBytes::from_static_str(text)
}

fn listing(asked: &Asked) -> Reply {
    let group = ListedGroup::default()
        .with_group_id(text("billing").into())
        .with_group_state(text("Empty"))
        .with_group_type(text("classic"));
    asked.answer::<ListGroupsRequest>(&ListGroupsResponse::default().with_groups(vec![group]))
}

fn offset(asked: &Asked, offset: i64) -> Reply {
    let partition = OffsetFetchResponsePartitions::default().with_committed_offset(offset);
    let topic = OffsetFetchResponseTopics::default()
        .with_name(text("orders").into())
        .with_partitions(vec![partition]);
    let group = OffsetFetchResponseGroup::default()
        .with_group_id(text("billing").into())
        .with_topics(vec![topic]);
    asked.answer::<OffsetFetchRequest>(&OffsetFetchResponse::default().with_groups(vec![group]))
}

fn coordinator(asked: &Asked, broker: i32) -> Reply {
    let told = Coordinator::default()
        .with_key(text("billing"))
        .with_node_id(WireBrokerId(broker));
    asked.answer::<FindCoordinatorRequest>(&FindCoordinatorResponse::default().with_coordinators(vec![told]))
}

/// Brokers 1 and 2 both list the group, with the offsets 1 and 2. Broker 1 takes itself for the coordinator as
/// often as it is told to, and broker 2 is it.
async fn groups(stale_answers: i32) -> (TopicGroups, usize) {
    let listeners = [
        TcpListener::bind("127.0.0.1:0").await.unwrap(),
        TcpListener::bind("127.0.0.1:0").await.unwrap(),
    ];
    let ports = listeners
        .each_ref()
        .map(|listener| listener.local_addr().unwrap().port());
    let left = Arc::new(AtomicI32::new(stale_answers));
    let [first, second] = listeners;
    let answer = move |id: i32, asked: &Asked| match asked {
        _ if asked.is::<ListGroupsRequest>() => listing(asked),
        _ if asked.is::<OffsetFetchRequest>() => offset(asked, id.into()),
        _ if asked.is::<FindCoordinatorRequest>() => {
            let is_stale = id == 1 && left.fetch_sub(1, Ordering::Relaxed) > 0;
            coordinator(asked, if is_stale { 1 } else { 2 })
        }
        _ => asked.usual(&ports),
    };
    let answer = Arc::new(answer);
    let of_second = Arc::clone(&answer);
    let first = Fake::broker_on(first, move |asked| answer(1, asked));
    let _second = Fake::broker_on(second, move |asked| of_second(2, asked));
    let client = client(&first, Duration::from_secs(5)).await;
    let asked = [(name("orders"), vec![0])].into();
    let groups = client.topic_groups(&asked).await.unwrap();
    (groups, first.count::<FindCoordinatorRequest>())
}

#[tokio::test]
async fn of_a_group_that_two_brokers_list_the_coordinator_tells() {
    for stale_answers in [0, 1] {
        let (found, asked) = groups(stale_answers).await;
        let offset = found.topics[&name("orders")]["billing"].committed[&0].offset;
        assert_eq!((offset, asked), (2, usize::try_from(stale_answers).unwrap() + 1));
        assert!(
            found.unread.iter().all(|why| !why.contains("billing")),
            "{:?}",
            found.unread
        );
    }
}

#[tokio::test]
async fn a_group_whose_coordinator_is_not_known_is_not_known() {
    let (found, _) = groups(i32::MAX).await;
    assert_eq!(found.topics.len(), 0);
    let told: Vec<&str> = found.unread.iter().map(AsRef::as_ref).collect();
    let why = "group billing: brokers 1 and 2 list it, and which broker coordinates it is not known";
    assert!(told.contains(&why), "{told:?}");
}
