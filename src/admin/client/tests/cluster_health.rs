//! Brokers that the controller has not heard of, and controllers that do not answer.

use std::time::Duration;

use kafka_protocol::messages::metadata_response::{MetadataResponsePartition, MetadataResponseTopic};
use kafka_protocol::messages::{
    BrokerId as WireBrokerId, DescribeQuorumRequest, MetadataRequest, MetadataResponse,
};
use kafka_protocol::protocol::StrBytes;
use tokio::net::TcpListener;

use crate::admin::Admin;
use crate::admin::client::tests::fake_broker::{Asked, Fake, Reply, dead_port, quorum_of};
use crate::admin::client::tests::reading::{client, name};
use crate::model::{BrokerId, ClusterView, Quorum};

/// Broker 2 leads a partition, with broker 1 up to date.
fn led_by_second(asked: &Asked) -> Reply {
    let partition = MetadataResponsePartition::default()
        .with_leader_id(WireBrokerId(2))
        .with_replica_nodes(vec![WireBrokerId(2), WireBrokerId(1)])
        .with_isr_nodes(vec![WireBrokerId(2), WireBrokerId(1)]);
    let topic = MetadataResponseTopic::default()
        .with_name(Some(StrBytes::from_static_str("orders").into()))
        .with_partitions(vec![partition]);
    asked.answer::<MetadataRequest>(&MetadataResponse::default().with_topics(vec![topic]))
}

/// What the controller says of the time since broker 2 fetched.
enum Controller {
    HeardOf(i64),
    Refuses,
}

/// A cluster of two brokers as client and controller see it, and how the partition is led.
async fn seen(second: u16, controller: Controller) -> (ClusterView, String, usize) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let ports = [listener.local_addr().unwrap().port(), second];
    let fake = Fake::broker_on(listener, move |asked| {
        if asked.is::<MetadataRequest>() {
            return led_by_second(asked);
        }
        if !asked.is::<DescribeQuorumRequest>() {
            return asked.usual(&ports);
        }
        let mut answer = quorum_of(&ports);
        match controller {
            Controller::Refuses => answer.error_code = 31,
            Controller::HeardOf(before) => {
                let quorum = &mut answer.topics[0].partitions[0];
                quorum.observers[0].last_fetch_timestamp -= before;
            }
        }
        asked.answer::<DescribeQuorumRequest>(&answer)
    });
    let client = client(&fake, Duration::from_secs(5)).await;
    let view = client.cluster().await.unwrap();
    let topics = client.topics(&[name("orders")]).await.unwrap();
    let partition = topics[&name("orders")]
        .as_ref()
        .unwrap()
        .as_ref()
        .unwrap()
        .partitions[0]
        .clone();
    let led = format!("{:?} {:?}", partition.leader, partition.isr);
    let again = client.cluster().await.unwrap();
    assert_eq!(again.health, view.health);
    (view, led, fake.count::<DescribeQuorumRequest>())
}

#[tokio::test]
async fn a_broker_without_a_sign_of_life_is_down_and_leads_nothing() {
    let (view, led, asked) = seen(dead_port().await, Controller::HeardOf(2_500)).await;
    let down: Vec<String> = view.health.down_in_words().collect();
    assert_eq!(down.len(), 1);
    assert!(down[0].starts_with("broker 2 is down: 127.0.0.1:"), "{down:?}");
    assert!(
        down[0].ends_with("connection refused; nothing listens there"),
        "{down:?}"
    );
    assert!(view.brokers.keys().eq(&[BrokerId(1)]));
    assert_eq!(led, "None [BrokerId(1)]");
    assert_eq!((view.health.quorum, asked), (Quorum::Led, 1));
}

/// It cannot be reached from here; that its listener is wrong is found out by whoever has to ask it.
#[tokio::test]
async fn a_broker_that_follows_the_controller_is_not_down() {
    for controller in [Controller::HeardOf(500), Controller::Refuses] {
        let (view, led, _) = seen(dead_port().await, controller).await;
        assert_eq!((view.health.down.len(), view.brokers.len()), (0, 2));
        assert_eq!(led, "Some(BrokerId(2)) [BrokerId(2), BrokerId(1)]");
        assert_eq!(view.health.quorum, Quorum::Led);
    }
}

#[tokio::test]
async fn a_broker_that_was_only_slow_to_fetch_is_not_down() {
    let second = Fake::broker(|asked| asked.usual(&[])).await;
    let (view, led, _) = seen(second.port, Controller::HeardOf(60_000)).await;
    assert_eq!(view.health.down.len(), 0);
    assert_eq!(led, "Some(BrokerId(2)) [BrokerId(2), BrokerId(1)]");
}

/// The leading controller tells the current time as that of its own last fetch.
#[tokio::test]
async fn the_controllers_clock_is_held_against_this_machines() {
    const DAY: i64 = 86_400_000;
    for (ahead, expected) in [(0, None), (20 * DAY, Some(20)), (-3 * DAY, Some(-3))] {
        let fake = Fake::broker(move |asked| {
            if !asked.is::<DescribeQuorumRequest>() {
                return asked.usual(&[]);
            }
            let mut answer = quorum_of(&[0]);
            answer.topics[0].partitions[0].current_voters[0].last_fetch_timestamp += ahead;
            asked.answer::<DescribeQuorumRequest>(&answer)
        })
        .await;
        let client = client(&fake, Duration::from_secs(5)).await;
        let found = client.cluster().await.unwrap().health.clock_ahead_ms;
        // The answer is some milliseconds old.
        let days = found.map(|ahead| (ahead + DAY / 2).div_euclid(DAY));
        assert_eq!(days, expected, "{found:?}");
    }
}
