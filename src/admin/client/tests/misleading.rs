//! Brokers whose answers are sound in form and wrong in what they say: of others than were asked for,
//! twice, without an end, or to the terminal.

use std::time::{Duration, Instant};

use kafka_protocol::messages::describe_configs_response::DescribeConfigsResult;
use kafka_protocol::messages::{
    DescribeClusterRequest, DescribeConfigsRequest, DescribeConfigsResponse, MetadataRequest,
};
use kafka_protocol::protocol::StrBytes;
use tokio::net::TcpListener;

use crate::admin::client::tests::fake_broker::{Asked, Fake, Reply, cluster_of};
use crate::admin::client::tests::reading::{client, configs, metadata, name};
use crate::admin::{Admin, AdminError, ItemError};
use crate::model::{BrokerId, ConfigKey, RegisteredBrokers, TopicName};

/// Far above what an answer takes on a busy machine.
const A_WHILE: Duration = Duration::from_secs(5);

/// The only broker of its cluster, which answers as told where it is told anything.
async fn alone(answer: impl Fn(&Asked) -> Option<Reply> + Send + Sync + 'static) -> Fake {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    Fake::broker_on(listener, move |asked| {
        answer(asked).unwrap_or_else(|| asked.usual(&[port]))
    })
}

/// One name per topic in the request, in this order in the answer.
fn described(asked: &Asked, names: &[&'static str]) -> Reply {
    let mut answer = metadata(asked);
    let one = answer.topics[0].clone();
    let with_name = |name: &&'static str| {
        one.clone()
            .with_name(Some(StrBytes::from_static_str(name).into()))
    };
    answer.topics = names.iter().map(with_name).collect();
    asked.answer::<MetadataRequest>(&answer)
}

#[tokio::test]
async fn what_nobody_asked_for_is_not_heard_and_what_is_said_twice_is_not_believed() {
    let fake = alone(|asked| {
        asked
            .is::<MetadataRequest>()
            .then(|| described(asked, &["b", "z-unasked", "a", "b"]))
    })
    .await;
    let client = client(&fake, Duration::from_secs(5)).await;
    let names = [name("a"), name("b"), name("c")];
    for topics in [
        client.topics(&names).await,
        client.topics_on(BrokerId(1), &names).await,
    ] {
        let topics = topics.unwrap();
        assert_eq!(
            topics.keys().map(TopicName::as_str).collect::<Vec<_>>(),
            ["a", "b", "c"]
        );
        assert!(topics["a"].is_ok());
        let error = |topic: &str| topics[topic].clone().unwrap_err().to_string();
        assert!(
            error("b").ends_with("(the answer names this item twice)"),
            "{}",
            error("b")
        );
        assert!(
            error("c").ends_with("(the answer leaves this item out)"),
            "{}",
            error("c")
        );
    }
}

/// Of a topic with the partitions 0 and 2 a plan would say that it has two, and grow it wrongly.
#[tokio::test]
async fn partitions_that_are_not_numbered_in_a_row_are_no_answer() {
    for indexes in [[0, 2], [0, 0], [1, 2], [-1, 0]] {
        let fake = Fake::broker(move |asked| {
            if !asked.is::<MetadataRequest>() {
                return asked.usual(&[]);
            }
            let mut answer = metadata(asked);
            let one = answer.topics[0].partitions[0].clone();
            let numbered = |index: i32| one.clone().with_partition_index(index);
            answer.topics[0].partitions = indexes.map(numbered).to_vec();
            asked.answer::<MetadataRequest>(&answer)
        })
        .await;
        let client = client(&fake, Duration::from_secs(5)).await;
        let error = client.topics(&[name("a")]).await.unwrap()["a"]
            .clone()
            .unwrap_err();
        assert_eq!(
            error.to_string(),
            format!(
                "Metadata to 127.0.0.1:{}: the answer makes no sense (its partitions are not numbered from 0, \
                 each once)",
                fake.port
            ),
            "{indexes:?}"
        );
    }
}

/// Another resource's configs are not those of the broker.
#[tokio::test]
async fn configs_of_another_resource_are_not_the_brokers() {
    let fake = alone(|asked| {
        asked
            .is::<DescribeConfigsRequest>()
            .then(|| asked.answer::<DescribeConfigsRequest>(&configs(asked)))
    })
    .await;
    let client = client(&fake, Duration::from_secs(5)).await;
    let key = ConfigKey::new("retention.ms").unwrap();
    let error = client
        .broker_configs(&[key])
        .await
        .unwrap()
        .unwrap_err()
        .to_string();
    assert!(error.ends_with("(the answer leaves this item out)"), "{error}");
}

#[tokio::test]
async fn a_broker_that_is_named_twice_is_one() {
    let fake = Fake::broker(|asked| {
        if !asked.is::<DescribeClusterRequest>() {
            return asked.usual(&[]);
        }
        let mut cluster = cluster_of(&[1, 2]);
        cluster.brokers.push(cluster.brokers[0].clone());
        asked.answer::<DescribeClusterRequest>(&cluster)
    })
    .await;
    let view = client(&fake, Duration::from_secs(5))
        .await
        .cluster()
        .await
        .unwrap();
    assert_eq!(view.registered, RegisteredBrokers::Exactly(2));
}

/// Answers that go on for ever, after a sound beginning.
#[tokio::test]
async fn an_answer_that_drips_costs_the_request_timeout_and_no_more() {
    let fake = Fake::broker(|asked| match asked {
        _ if asked.is::<MetadataRequest>() => {
            let [a, b, c, d] = asked.correlation.to_be_bytes();
            Reply::Drip(vec![0x07, 0, 0, 0, a, b, c, d])
        }
        _ => asked.usual(&[]),
    })
    .await;
    let client = client(&fake, Duration::from_secs(1)).await;
    let began = Instant::now();
    let topics = client.topics(&[name("orders")]).await.unwrap();
    assert!(began.elapsed() < A_WHILE, "{:?}", began.elapsed());
    assert_eq!(
        topics["orders"].clone().unwrap_err().to_string(),
        format!("Metadata to 127.0.0.1:{}: no answer within 1s", fake.port)
    );
}

#[tokio::test]
async fn answers_that_nobody_asked_for_end_the_connection() {
    let fake = Fake::broker(|asked| match asked {
        _ if asked.is::<MetadataRequest>() => {
            let Reply::Bytes(answer) = asked.answer::<MetadataRequest>(&metadata(asked)) else {
                return Reply::Close;
            };
            Reply::Flood(answer)
        }
        _ => asked.usual(&[]),
    })
    .await;
    let client = client(&fake, A_WHILE).await;
    for _ in 0..3 {
        let topics = client.topics(&[name("orders")]).await.unwrap();
        match &topics["orders"] {
            Ok(topic) => assert!(topic.is_some()),
            // The next request was on its way before the flood was noticed.
            Err(ItemError::Request(AdminError::Protocol { .. })) => {}
            Err(other) => panic!("{other}"),
        }
    }
}

/// The brokers' words and names are data: a terminal obeys none of them.
#[tokio::test]
async fn what_a_broker_says_cannot_move_the_cursor() {
    let fake = Fake::broker(|asked| match asked {
        _ if asked.is::<DescribeConfigsRequest>() => {
            let words = StrBytes::from_static_str("no\u{1b}[2J\u{1b}]0;owned\u{7} rights\nhere");
            let result = DescribeConfigsResult::default()
                .with_error_code(29)
                .with_error_message(Some(words))
                .with_resource_type(2)
                .with_resource_name(StrBytes::from_static_str("orders"));
            let answer = DescribeConfigsResponse::default().with_results(vec![result]);
            asked.answer::<DescribeConfigsRequest>(&answer)
        }
        _ => asked.usual(&[]),
    })
    .await;
    let client = client(&fake, A_WHILE).await;
    let configs = client.configs(&[name("orders")]).await.unwrap();
    assert_eq!(
        configs["orders"].clone().unwrap_err().to_string(),
        "no\u{fffd}[2J\u{fffd}]0;owned\u{fffd} rights here (TOPIC_AUTHORIZATION_FAILED): needs DescribeConfigs on \
         topic orders"
    );
}
