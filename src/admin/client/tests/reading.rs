//! Reads against brokers that refuse, fall silent, move, or leave things out.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use kafka_protocol::messages::describe_configs_response::{
    DescribeConfigsResourceResult, DescribeConfigsResult,
};
use kafka_protocol::messages::metadata_response::{MetadataResponsePartition, MetadataResponseTopic};
use kafka_protocol::messages::{
    ApiVersionsRequest, BrokerId as WireBrokerId, DescribeClusterRequest, DescribeConfigsRequest,
    DescribeConfigsResponse, MetadataRequest, MetadataResponse,
};
use kafka_protocol::protocol::StrBytes;
use tokio::net::TcpListener;

use crate::admin::client::ConnectOptions;
use crate::admin::client::dispatch::Client;
use crate::admin::client::tests::fake_broker::{Asked, Fake, Reply, cluster_of, dead_port, versions_with};
use crate::admin::{Admin, AdminError, OffsetPoint, WriteMode};
use crate::model::{BrokerId, ConfigKey, ConfigSource, RegisteredBrokers, TopicName};

pub(crate) fn name(name: &str) -> TopicName {
    TopicName::new(name).unwrap()
}

pub(crate) async fn client(fake: &Fake, request_timeout: Duration) -> Client {
    let options = ConnectOptions {
        request_timeout,
        ..ConnectOptions::new(vec![fake.address()])
    };
    Client::connect(options).await.unwrap()
}

/// Describes every topic that is asked for: one partition, led by broker 1.
pub(crate) fn metadata(asked: &Asked) -> MetadataResponse {
    let request = asked.request::<MetadataRequest>();
    assert!(!request.allow_auto_topic_creation, "asking must not create");
    let topics = request.topics.unwrap().into_iter().map(|topic| {
        let partition = MetadataResponsePartition::default()
            .with_leader_id(WireBrokerId(1))
            .with_replica_nodes(vec![WireBrokerId(1), WireBrokerId(2)])
            .with_isr_nodes(vec![WireBrokerId(1)]);
        MetadataResponseTopic::default()
            .with_name(topic.name)
            .with_partitions(vec![partition])
    });
    MetadataResponse::default().with_topics(topics.collect())
}

pub(crate) fn configs(asked: &Asked) -> DescribeConfigsResponse {
    let request = asked.request::<DescribeConfigsRequest>();
    let results = request.resources.into_iter().map(|resource| {
        let entry = |name, value: &'static str, source, sensitive| {
            DescribeConfigsResourceResult::default()
                .with_name(StrBytes::from_static_str(name))
                .with_value(Some(StrBytes::from_static_str(value)))
                .with_config_source(source)
                .with_is_sensitive(sensitive)
        };
        DescribeConfigsResult::default()
            .with_resource_type(2)
            .with_resource_name(resource.resource_name)
            .with_configs(vec![
                entry("retention.ms", "1000", 1, false),
                entry("vendor.key", "hunter2", 9, true),
            ])
    });
    DescribeConfigsResponse::default().with_results(results.collect())
}

#[tokio::test]
async fn cluster_topics_and_configs_together_take_one_connection_and_a_request_each() {
    let fake = Fake::broker(|asked| match asked {
        _ if asked.is::<MetadataRequest>() => asked.answer::<MetadataRequest>(&metadata(asked)),
        _ if asked.is::<DescribeConfigsRequest>() => asked.answer::<DescribeConfigsRequest>(&configs(asked)),
        _ => asked.usual(&[1, 2]),
    })
    .await;
    let client = client(&fake, Duration::from_secs(5)).await;
    let names = [name("a"), name("b"), name("a")];
    let (cluster, topics, configs) =
        tokio::join!(client.cluster(), client.topics(&names), client.configs(&names));
    assert_eq!(cluster.unwrap().registered, RegisteredBrokers::Exactly(2));
    let topics = topics.unwrap();
    assert_eq!(topics.len(), 2);
    let a = topics["a"].clone().unwrap().unwrap();
    assert_eq!(a.partitions[0].replicas, [BrokerId(1), BrokerId(2)]);
    assert!(a.partitions[0].is_under_replicated());
    let configs = configs.unwrap();
    let of_a = configs["a"].clone().unwrap().unwrap();
    assert!(
        std::sync::Arc::ptr_eq(&of_a, configs["b"].as_ref().unwrap().as_ref().unwrap()),
        "equal configs are shared"
    );
    assert_eq!(of_a["retention.ms"].source, ConfigSource::Topic);
    let vendor = &of_a["vendor.key"];
    assert_eq!((vendor.source, vendor.sensitive), (ConfigSource::Other(9), true));
    assert_eq!(vendor.value, None, "what is sensitive is not kept");
    let requests: Vec<(&str, u64)> = client.requests().into_iter().collect();
    assert_eq!(
        requests,
        [
            ("ApiVersions", 1),
            ("DescribeCluster", 1),
            ("DescribeConfigs", 1),
            ("DescribeQuorum", 1),
            ("Metadata", 1)
        ]
    );
}

#[tokio::test]
async fn absent_is_told_from_not_authorised_and_from_left_out() {
    let fake = Fake::broker(|asked| {
        if !asked.is::<MetadataRequest>() {
            return asked.usual(&[]);
        }
        let mut answer = metadata(asked);
        answer.topics[0].error_code = 3;
        answer.topics[1].error_code = 29;
        answer.topics[2].error_code = 5;
        answer.topics[2].partitions[0].error_code = 5;
        answer.topics[2].partitions[0].leader_id = WireBrokerId(-1);
        answer.topics.pop();
        asked.answer::<MetadataRequest>(&answer)
    })
    .await;
    let client = client(&fake, Duration::from_secs(5)).await;
    let names = [
        name("a-absent"),
        name("b-secret"),
        name("c-leaderless"),
        name("d-left-out"),
    ];
    let topics = client.topics(&names).await.unwrap();
    assert_eq!(topics["a-absent"], Ok(None));
    let error = |topic: &str| topics[topic].clone().unwrap_err().to_string();
    assert_eq!(
        error("b-secret"),
        "TOPIC_AUTHORIZATION_FAILED: needs Describe on topic b-secret"
    );
    let leaderless = topics["c-leaderless"].clone().unwrap().unwrap();
    assert_eq!(leaderless.partitions[0].leader, None);
    assert_eq!(
        error("d-left-out"),
        format!(
            "Metadata to 127.0.0.1:{}: the answer makes no sense (the answer leaves this item out)",
            fake.port
        )
    );
}

#[tokio::test]
async fn a_lost_read_is_asked_again_on_a_new_connection() {
    let fake = Fake::broker(|asked| match asked {
        _ if asked.is::<MetadataRequest>() && asked.before == 0 => Reply::Close,
        _ if asked.is::<MetadataRequest>() => asked.answer::<MetadataRequest>(&metadata(asked)),
        _ => asked.usual(&[]),
    })
    .await;
    let client = client(&fake, Duration::from_secs(5)).await;
    assert!(client.topics(&[name("a")]).await.unwrap()["a"].is_ok());
    assert_eq!(client.requests()["ApiVersions"], 2);
    assert_eq!(client.requests()["Metadata"], 2);
}

#[tokio::test]
async fn large_reads_are_spread_and_a_stuck_broker_is_passed_over() {
    let good = Fake::broker(|asked| match asked {
        _ if asked.is::<MetadataRequest>() => asked.answer::<MetadataRequest>(&metadata(asked)),
        _ => asked.usual(&[]),
    })
    .await;
    let good_port = good.port;
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let stuck = Fake::broker_on(listener, move |asked| match asked {
        _ if asked.is::<MetadataRequest>() => Reply::Silence,
        _ => asked.usual(&[port, good_port]),
    });
    let client = client(&stuck, Duration::from_secs(3)).await;
    let names: Vec<TopicName> = (0..9_000).map(|index| name(&format!("t{index}"))).collect();
    let topics = client.topics(&names).await.unwrap();
    assert_eq!(topics.len(), 9_000);
    assert!(topics.values().all(|topic| matches!(topic, Ok(Some(_)))));
    assert!(stuck.count::<MetadataRequest>() > 0, "it was asked first");
    assert!(client.requests()["Metadata"] < 12, "{:?}", client.requests());
}

#[tokio::test]
async fn nothing_asked_is_nothing_sent() {
    let fake = Fake::broker(|asked| asked.usual(&[])).await;
    let client = client(&fake, Duration::from_secs(5)).await;
    assert!(client.topics(&[]).await.unwrap().is_empty());
    assert!(client.configs(&[]).await.unwrap().is_empty());
    let offsets = client.offsets(&BTreeMap::new(), OffsetPoint::Latest).await;
    assert!(offsets.unwrap().is_empty());
    assert!(
        client
            .create_topics(&[], WriteMode::Write)
            .await
            .unwrap()
            .is_empty()
    );
    let requests: Vec<&str> = client.requests().into_keys().collect();
    assert_eq!(requests, ["ApiVersions"]);
}

/// Nobody waits for a connection that is no longer needed.
#[tokio::test]
async fn a_broker_that_lets_nobody_in_does_not_hold_up_what_the_others_answer() {
    let silent = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let silent_port = silent.local_addr().unwrap().port();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let fake = Fake::broker_on(listener, move |asked| match asked {
        _ if asked.is::<MetadataRequest>() => asked.answer::<MetadataRequest>(&metadata(asked)),
        _ => asked.usual(&[port, silent_port]),
    });
    let client = client(&fake, Duration::from_mins(1)).await;
    let names: Vec<TopicName> = (0..9_000).map(|index| name(&format!("t{index}"))).collect();
    let began = Instant::now();
    let topics = client.topics(&names).await.unwrap();
    assert!(topics.values().all(|topic| matches!(topic, Ok(Some(_)))));
    assert!(began.elapsed() < Duration::from_secs(8), "{:?}", began.elapsed());
}

/// The bootstrap address works, what the broker advertises does not.
#[tokio::test]
async fn an_advertised_address_out_of_reach_is_named_as_such() {
    let dead = dead_port().await;
    let fake = Fake::broker(move |asked| asked.usual(&[dead])).await;
    let client = client(&fake, Duration::from_secs(10)).await;
    let error = client.topics_on(BrokerId(1), &[name("a")]).await.unwrap_err();
    assert_eq!(
        error.to_string(),
        format!(
            "Metadata to broker 1 (127.0.0.1:{dead}): not sent: the broker advertises this address, but it \
             cannot be reached from here: connection refused; nothing listens there. Check the broker's \
             advertised.listeners"
        )
    );
    assert!(!error.outcome_is_unknown());
}

#[tokio::test]
async fn a_broker_that_is_not_alive_is_not_waited_for() {
    let fake = Fake::broker(|asked| asked.usual(&[1, 2])).await;
    let client = client(&fake, Duration::from_mins(1)).await;
    let began = Instant::now();
    let error = client.topics_on(BrokerId(7), &[name("a")]).await.unwrap_err();
    assert_eq!(
        error.to_string(),
        "Metadata to broker 7 (no address): not sent: it is not among the brokers that are alive"
    );
    assert!(began.elapsed() < Duration::from_secs(5));
}

/// Bootstrap reached broker 1 under the address that it advertises.
#[tokio::test]
async fn the_bootstrap_connection_serves_for_its_broker() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let fake = Fake::broker_on(listener, move |asked| match asked {
        _ if asked.is::<DescribeConfigsRequest>() => asked.answer::<DescribeConfigsRequest>(&configs(asked)),
        _ => asked.usual(&[port]),
    });
    let client = client(&fake, Duration::from_secs(5)).await;
    let wanted = [(name("a"), vec![ConfigKey::new("retention.ms").unwrap()])].into();
    let shown = client.configs_on(BrokerId(1), &wanted).await.unwrap();
    assert!(shown["a"].as_ref().unwrap().is_some());
    assert_eq!(fake.count::<ApiVersionsRequest>(), 1);
}

#[tokio::test]
async fn a_broker_without_describe_cluster_is_asked_for_metadata() {
    let fake = Fake::broker(|asked| match asked {
        _ if asked.is::<ApiVersionsRequest>() => {
            asked.answer::<ApiVersionsRequest>(&versions_with::<DescribeClusterRequest>(-1))
        }
        _ => asked.answer::<MetadataRequest>(
            &MetadataResponse::default()
                .with_cluster_id(Some(StrBytes::from_static_str("old")))
                .with_controller_id(WireBrokerId(-1)),
        ),
    })
    .await;
    let client = client(&fake, Duration::from_secs(5)).await;
    let view = client.cluster().await.unwrap();
    assert_eq!(&*view.id, "old");
    assert_eq!(view.controller, None);
    assert_eq!(view.registered, RegisteredBrokers::AtLeast(0));
}

#[tokio::test]
async fn fenced_brokers_are_registered_but_not_alive() {
    let fake = Fake::broker(|asked| {
        if !asked.is::<DescribeClusterRequest>() {
            return asked.usual(&[1, 2, 3]);
        }
        let mut cluster = cluster_of(&[1, 2, 3]);
        cluster.brokers[2].is_fenced = asked.request::<DescribeClusterRequest>().include_fenced_brokers;
        asked.answer::<DescribeClusterRequest>(&cluster)
    })
    .await;
    let view = client(&fake, Duration::from_secs(5))
        .await
        .cluster()
        .await
        .unwrap();
    assert_eq!(view.brokers.len(), 2);
    assert_eq!(view.registered, RegisteredBrokers::Exactly(3));
}

#[tokio::test]
async fn garbage_in_an_answer_is_said_and_not_asked_for_again() {
    let fake = Fake::broker(|asked| match asked {
        _ if asked.is::<DescribeClusterRequest>() => {
            asked.answer_with::<DescribeClusterRequest>(asked.version, &[0xff; 40])
        }
        _ => asked.usual(&[]),
    })
    .await;
    let error = client(&fake, Duration::from_secs(5))
        .await
        .cluster()
        .await
        .unwrap_err();
    assert_eq!(
        error.to_string(),
        format!(
            "DescribeCluster to 127.0.0.1:{}: the answer makes no sense (its structure is broken)",
            fake.port
        )
    );
    assert_eq!(fake.count::<DescribeClusterRequest>(), 1);
}

#[tokio::test]
async fn a_silent_broker_costs_the_request_timeout_and_no_more() {
    let fake = Fake::broker(|asked| match asked {
        _ if asked.is::<MetadataRequest>() => Reply::Silence,
        _ => asked.usual(&[]),
    })
    .await;
    let client = client(&fake, Duration::from_secs(1)).await;
    let began = Instant::now();
    let topics = client.topics(&[name("a")]).await.unwrap();
    assert!(began.elapsed() < Duration::from_secs(5), "{:?}", began.elapsed());
    let error = topics["a"].clone().unwrap_err();
    assert!(
        matches!(
            &error,
            crate::admin::ItemError::Request(AdminError::Timeout {
                request: "Metadata",
                ..
            })
        ),
        "{error}"
    );
}

/// A round that is asked after passing errors has what is left of the limit, and not a limit of its own.
#[tokio::test]
async fn errors_that_pass_and_then_silence_cost_the_request_timeout_and_no_more() {
    let began = Instant::now();
    let fake = Fake::broker(move |asked| match asked {
        _ if asked.is::<MetadataRequest>() && began.elapsed() < Duration::from_millis(1_200) => {
            let mut answer = metadata(asked);
            answer.topics[0].error_code = 7;
            asked.answer::<MetadataRequest>(&answer)
        }
        _ if asked.is::<MetadataRequest>() => Reply::Silence,
        _ => asked.usual(&[]),
    })
    .await;
    let client = client(&fake, Duration::from_secs(2)).await;
    let asked = Instant::now();
    let topics = client.topics(&[name("a")]).await.unwrap();
    assert!(
        asked.elapsed() < Duration::from_millis(2_800),
        "{:?}",
        asked.elapsed()
    );
    assert!(topics["a"].is_err());
}
