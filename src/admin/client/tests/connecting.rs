//! Connecting to what is there, and to what is not: the full text of every failure.

use std::time::{Duration, Instant};

use kafka_protocol::messages::{
    ApiVersionsRequest, ApiVersionsResponse, DescribeClusterRequest, MetadataRequest,
};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

use crate::admin::client::ConnectOptions;
use crate::admin::client::dispatch::Client;
use crate::admin::client::tests::fake_broker::{Fake, Reply, all_versions, cluster_of, dead_port, free_port};
use crate::admin::{Admin, AdminError};
use crate::connection::AllowedAddresses;
use crate::model::Address;
use crate::model::{BrokerId, ConfigKey};

const SHORT: Duration = Duration::from_millis(400);

fn options(addresses: Vec<Address>, timeout: Duration) -> ConnectOptions {
    ConnectOptions {
        connect_timeout: timeout,
        ..ConnectOptions::new(addresses)
    }
}

fn at(port: u16) -> Address {
    format!("127.0.0.1:{port}").parse().unwrap()
}

/// Connects and tells what went wrong with each address.
async fn reasons(addresses: Vec<Address>) -> String {
    let began = Instant::now();
    let error = Client::connect(options(addresses, SHORT)).await.err().unwrap();
    assert!(
        began.elapsed() < SHORT + Duration::from_millis(300),
        "{:?}",
        began.elapsed()
    );
    let AdminError::Unreachable { attempts, .. } = error else {
        panic!("{error}");
    };
    let reasons: Vec<&str> = attempts.iter().map(|attempt| &*attempt.reason).collect();
    reasons.join("\n")
}

#[tokio::test]
async fn nothing_listens() {
    let port = dead_port().await;
    let error = Client::connect(options(vec![at(port)], SHORT))
        .await
        .err()
        .unwrap();
    assert_eq!(
        error.to_string(),
        format!(
            "no Kafka broker could be reached within 0.4s:\n  127.0.0.1:{port}: connection refused; nothing listens there"
        )
    );
}

#[tokio::test]
async fn the_name_is_not_known() {
    let reason = reasons(vec!["no-such-host.invalid:9092".parse().unwrap()]).await;
    assert!(
        reason.starts_with("the name cannot be resolved (") || reason == "the name server does not answer",
        "{reason}"
    );
}

#[tokio::test]
async fn it_accepts_and_says_nothing() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    assert_eq!(
        reasons(vec![at(port)]).await,
        "it accepted the connection but did not answer; is this a TLS port, or no Kafka broker?"
    );
}

#[tokio::test]
async fn it_closes_at_once() {
    let fake = Fake::raw(|mut stream| async move {
        let _ = stream.read(&mut [0; 512]).await;
    })
    .await;
    assert_eq!(
        reasons(vec![fake.address()]).await,
        "the connection was closed at the first request; is this a TLS port, or no Kafka broker?"
    );
}

#[tokio::test]
async fn it_speaks_something_else() {
    let cases: [(&[u8], &str); 8] = [
        (
            b"HTTP/1.1 400 Bad Request\r\n\r\n",
            "this is an HTTP server, not a Kafka broker",
        ),
        (
            &[21, 3, 3, 0, 2, 2, 10],
            "this port speaks TLS, and the connection here is plain text; set `security.protocol` to SSL or SASL_SSL",
        ),
        (
            &[0x7f, 0xff, 0xff, 0xff],
            "it announces 2147483647 bytes; is this a Kafka broker?",
        ),
        (
            &[0xff, 0xff, 0xff, 0xfe],
            "it announces -2 bytes; is this a Kafka broker?",
        ),
        (
            &[0, 0, 0, 4, 0, 0, 0, 7],
            "an answer to request 7 came where that to 0 was due",
        ),
        (
            &[0, 0, 0, 8, 0, 0, 0, 0, 0, 0, 0, 0],
            "its answer makes no sense (its structure is broken); is this a TLS port, or no Kafka broker?",
        ),
        (
            &[0, 0, 0, 40, 0, 0, 0, 0, 0, 0],
            "the connection was closed in the middle of an answer at the first request; is this a TLS port, or no Kafka broker?",
        ),
        // A count of 2^32 - 2 api keys.
        (
            &[0, 0, 0, 11, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 0xff, 0xff, 0x0f],
            "its answer makes no sense (its structure is broken); is this a TLS port, or no Kafka broker?",
        ),
    ];
    for (bytes, expected) in cases {
        let fake = Fake::saying(bytes).await;
        assert_eq!(reasons(vec![fake.address()]).await, expected, "{bytes:?}");
    }
}

/// What cannot become a Kafka broker by waiting is not waited for.
#[tokio::test]
async fn another_protocol_ends_the_attempts_early() {
    let fake = Fake::saying(b"HTTP/1.1 400 Bad Request\r\n\r\n").await;
    let began = Instant::now();
    let result = Client::connect(options(vec![fake.address()], Duration::from_mins(1))).await;
    assert!(matches!(result, Err(AdminError::Unreachable { .. })));
    assert!(began.elapsed() < Duration::from_secs(5), "{:?}", began.elapsed());
}

#[tokio::test]
async fn an_endless_drip_ends_with_the_deadline() {
    let fake = Fake::raw(|mut stream| async move {
        let _ = stream.write_all(&[0, 0, 0x10, 0]).await;
        while stream.write_all(&[0]).await.is_ok() {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    })
    .await;
    assert_eq!(
        reasons(vec![fake.address()]).await,
        "it accepted the connection but did not answer; is this a TLS port, or no Kafka broker?"
    );
}

#[tokio::test]
async fn every_address_is_listed_with_its_own_reason() {
    let silent = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let silent_port = silent.local_addr().unwrap().port();
    let web = Fake::saying(b"HTTP/1.1 400 Bad Request\r\n\r\n").await;
    let dead = dead_port().await;
    assert_eq!(
        reasons(vec![at(dead), web.address(), at(silent_port)]).await,
        "connection refused; nothing listens there\n\
         this is an HTTP server, not a Kafka broker\n\
         it accepted the connection but did not answer; is this a TLS port, or no Kafka broker?"
    );
}

/// With its head start for each dead address, this would take ten seconds.
#[tokio::test]
async fn dead_addresses_cost_nothing() {
    let fake = Fake::broker(|asked| asked.usual(&[])).await;
    let mut addresses = Vec::new();
    for _ in 0..40 {
        addresses.push(at(dead_port().await));
    }
    addresses.push(fake.address());
    let began = Instant::now();
    Client::connect(ConnectOptions::new(addresses)).await.unwrap();
    assert!(began.elapsed() < Duration::from_secs(5), "{:?}", began.elapsed());
}

#[tokio::test]
async fn a_silent_first_address_costs_a_moment_only() {
    let silent = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let fake = Fake::broker(|asked| asked.usual(&[])).await;
    let began = Instant::now();
    let addresses = vec![at(silent.local_addr().unwrap().port()), fake.address()];
    Client::connect(ConnectOptions::new(addresses)).await.unwrap();
    assert!(began.elapsed() < Duration::from_secs(5), "{:?}", began.elapsed());
}

#[tokio::test]
async fn a_broker_that_is_still_starting_is_waited_for() {
    let port = free_port().await;
    let connecting = tokio::spawn(async move {
        tokio::time::sleep(Duration::from_millis(300)).await;
        let listener = TcpListener::bind(("127.0.0.1", port)).await.unwrap();
        Fake::broker_on(listener, |asked| asked.usual(&[]))
    });
    let client = Client::connect(options(vec![at(port)], Duration::from_secs(20))).await;
    assert!(client.is_ok());
    connecting.await.unwrap();
}

#[tokio::test]
async fn a_broker_that_knows_only_the_first_version_is_understood() {
    let fake = Fake::broker(|asked| {
        if asked.is::<ApiVersionsRequest>() && asked.version > 0 {
            let refusal = ApiVersionsResponse::default().with_error_code(35);
            return asked.answer_in::<ApiVersionsRequest>(0, &refusal);
        }
        asked.usual(&[9092])
    })
    .await;
    let client = Client::connect(ConnectOptions::new(vec![fake.address()]))
        .await
        .unwrap();
    assert_eq!(&*client.cluster().await.unwrap().id, "fake-cluster");
    assert_eq!(client.requests()["ApiVersions"], 2);
}

/// A SASL listener lets everybody ask for versions, and closes at the next request.
#[tokio::test]
async fn a_listener_that_wants_authentication_is_recognised() {
    let fake = Fake::broker(|asked| {
        if asked.is::<ApiVersionsRequest>() {
            return asked.answer::<ApiVersionsRequest>(&all_versions());
        }
        Reply::Close
    })
    .await;
    let client = Client::connect(ConnectOptions::new(vec![fake.address()]))
        .await
        .unwrap();
    let began = Instant::now();
    let error = client.cluster().await.unwrap_err();
    assert!(
        began.elapsed() < Duration::from_secs(10),
        "the whole deadline was waited out"
    );
    assert_eq!(
        error.to_string(),
        format!(
            "DescribeCluster to 127.0.0.1:{}: the connection was closed after the first request; \
             does this listener want SASL authentication (security.protocol SASL_PLAINTEXT or SASL_SSL)?",
            fake.port
        )
    );
    assert!(
        fake.count::<DescribeClusterRequest>() > 1,
        "a lost read is asked again"
    );
    assert_eq!(fake.count::<MetadataRequest>(), 0);
}

/// Whatever a cluster says, and whenever, of where its brokers are.
#[tokio::test]
async fn a_broker_that_is_not_allowed_is_not_dialled() {
    let elsewhere = Fake::broker(|_| Reply::Close).await;
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let ports = [listener.local_addr().unwrap().port(), elsewhere.port];
    let fake = Fake::broker_on(listener, move |asked| {
        if asked.is::<ApiVersionsRequest>() {
            asked.answer::<ApiVersionsRequest>(&all_versions())
        } else if asked.is::<DescribeClusterRequest>() {
            asked.answer::<DescribeClusterRequest>(&cluster_of(&ports))
        } else {
            Reply::Close
        }
    });
    let allowed = format!("127.0.0.1:{}", fake.port).parse().unwrap();
    let options = ConnectOptions {
        request_timeout: SHORT,
        allowed: AllowedAddresses::new(vec![allowed]),
        ..options(vec![at(fake.port)], SHORT)
    };
    let client = Client::connect(options).await.unwrap();
    let brokers: Vec<BrokerId> = client.cluster().await.unwrap().brokers.into_keys().collect();
    let keys = [ConfigKey::new("log.retention.ms").unwrap()];
    let asked = format!("{:?}", client.configs_of_brokers(&brokers[1..], &keys).await);
    assert!(
        asked.contains("no pattern of --allow-bootstrap matches it"),
        "{asked}"
    );
    assert!(elsewhere.kinds.lock().unwrap().is_empty());
}
