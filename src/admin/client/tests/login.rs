//! Logins that nobody hears of, or that come too soon: how often a password is sent, and to whom.

use std::sync::Mutex;
use std::time::{Duration, Instant};

use kafka_protocol::messages::{
    ApiVersionsRequest, DescribeClusterRequest, SaslAuthenticateRequest, SaslAuthenticateResponse,
    SaslHandshakeRequest, SaslHandshakeResponse,
};
use kafka_protocol::protocol::StrBytes;

use crate::admin::client::ConnectOptions;
use crate::admin::client::dispatch::Client;
use crate::admin::client::tests::fake_broker::{Asked, Fake, Reply};
use crate::admin::{Admin, AdminError};
use crate::connection::{Authentication, ConnectionConfig, Credentials, PropertyOrigin, Sasl};
use crate::model::Secret;

const ILLEGAL_SASL_STATE: i16 = 34;
const SASL_AUTHENTICATION_FAILED: i16 = 58;

fn options(fakes: &[&Fake]) -> ConnectOptions {
    let credentials = Credentials {
        username: Secret::new("user"),
        password: Secret::new("password"),
        origin: PropertyOrigin::File {
            file: "client.properties".into(),
            line: 1,
        },
    };
    ConnectOptions {
        connect_timeout: Duration::from_secs(5),
        connection: ConnectionConfig {
            authentication: Authentication::Sasl(Sasl::Plain(credentials)),
            ..ConnectionConfig::default()
        },
        ..ConnectOptions::new(fakes.iter().map(|fake| fake.address()).collect())
    }
}

fn handshake(asked: &Asked) -> Reply {
    asked.answer::<SaslHandshakeRequest>(&SaslHandshakeResponse::default())
}

fn refusal(asked: &Asked) -> Reply {
    let refusal = SaslAuthenticateResponse::default()
        .with_error_code(SASL_AUTHENTICATION_FAILED)
        .with_error_message(Some(StrBytes::from_static_str("no such user")));
    asked.answer::<SaslAuthenticateRequest>(&refusal)
}

/// A broker that takes its time to refuse, far longer than another address is waited for.
async fn slow_to_refuse() -> Fake {
    Fake::broker(|asked| match asked {
        _ if asked.is::<SaslHandshakeRequest>() => handshake(asked),
        _ if asked.is::<SaslAuthenticateRequest>() => match refusal(asked) {
            Reply::Bytes(bytes) => Reply::Late(Duration::from_secs(1), bytes),
            other => other,
        },
        _ => asked.usual(&[]),
    })
    .await
}

#[tokio::test]
async fn a_wrong_password_goes_to_one_broker_however_slow_it_refuses() {
    let (first, second, third) = (
        slow_to_refuse().await,
        slow_to_refuse().await,
        slow_to_refuse().await,
    );
    let error = Client::connect(options(&[&first, &second, &third]))
        .await
        .err()
        .unwrap();
    assert!(error.to_string().contains("no such user"), "{error}");
    let sent = [&first, &second, &third].map(Fake::count::<SaslAuthenticateRequest>);
    assert_eq!(sent, [1, 0, 0]);
    let met: usize = [&second, &third]
        .iter()
        .map(|fake| fake.count::<ApiVersionsRequest>())
        .sum();
    assert!(met > 0, "the other addresses got their turn meanwhile");
}

/// A broker that closes instead of refusing, as old ones do, looks like one that is restarting.
#[tokio::test]
async fn a_password_that_nobody_answers_is_sent_twice_at_most() {
    let closing = async || {
        Fake::broker(|asked| match asked {
            _ if asked.is::<SaslHandshakeRequest>() => handshake(asked),
            _ if asked.is::<SaslAuthenticateRequest>() => Reply::Close,
            _ => asked.usual(&[]),
        })
        .await
    };
    let fakes = [closing().await, closing().await, closing().await];
    let began = Instant::now();
    let error = Client::connect(options(&fakes.each_ref())).await.err().unwrap();
    assert!(began.elapsed() < Duration::from_secs(4), "{:?}", began.elapsed());
    assert!(error.to_string().contains("there is no third time"), "{error}");
    let sent: usize = fakes.iter().map(Fake::count::<SaslAuthenticateRequest>).sum();
    assert_eq!(sent, 2);
}

#[tokio::test]
async fn a_login_that_is_lost_once_is_tried_again() {
    let fake = Fake::broker(|asked| match asked {
        _ if asked.is::<SaslHandshakeRequest>() => handshake(asked),
        _ if asked.is::<SaslAuthenticateRequest>() && asked.before == 0 => Reply::Close,
        _ if asked.is::<SaslAuthenticateRequest>() => lasting(asked, 0),
        _ => asked.usual(&[]),
    })
    .await;
    Client::connect(options(&[&fake])).await.unwrap();
}

fn lasting(asked: &Asked, milliseconds: i64) -> Reply {
    let accepted = SaslAuthenticateResponse::default().with_session_lifetime_ms(milliseconds);
    asked.answer::<SaslAuthenticateRequest>(&accepted)
}

fn too_soon(asked: &Asked) -> Reply {
    asked
        .answer::<SaslHandshakeRequest>(&SaslHandshakeResponse::default().with_error_code(ILLEGAL_SASL_STATE))
}

/// As a Kafka broker: a session that was renewed is not renewed again within a second.
#[tokio::test]
async fn a_session_is_not_renewed_twice_within_a_second() {
    let renewed: Mutex<Option<Instant>> = Mutex::new(None);
    let fake = Fake::broker(move |asked| {
        if asked.is::<SaslHandshakeRequest>() && asked.before > 0 {
            let before = renewed.lock().unwrap().replace(Instant::now());
            if before.is_some_and(|before| before.elapsed() < Duration::from_secs(1)) {
                return too_soon(asked);
            }
        }
        match asked {
            _ if asked.is::<SaslHandshakeRequest>() => handshake(asked),
            _ if asked.is::<SaslAuthenticateRequest>() => lasting(asked, 200),
            _ => asked.usual(&[]),
        }
    })
    .await;
    let client = Client::connect(options(&[&fake])).await.unwrap();
    let began = Instant::now();
    while began.elapsed() < Duration::from_millis(2_500) {
        client.cluster().await.unwrap();
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    assert!(fake.count::<SaslHandshakeRequest>() >= 3);
    assert_eq!(
        fake.count::<ApiVersionsRequest>(),
        1,
        "another connection was made"
    );
}

/// What a broker says of a login that it does not want now is no reason to give up security.
#[tokio::test]
async fn a_session_that_may_not_be_renewed_is_replaced() {
    let fake = Fake::broker(|asked| match asked {
        _ if asked.is::<SaslHandshakeRequest>() && asked.before == 1 => too_soon(asked),
        _ if asked.is::<SaslHandshakeRequest>() => handshake(asked),
        _ if asked.is::<SaslAuthenticateRequest>() => lasting(asked, 200),
        _ => asked.usual(&[]),
    })
    .await;
    let client = Client::connect(options(&[&fake])).await.unwrap();
    tokio::time::sleep(Duration::from_millis(300)).await;
    client.cluster().await.unwrap();
    assert_eq!(fake.count::<ApiVersionsRequest>(), 2);
}

#[tokio::test]
async fn a_session_that_may_never_be_renewed_is_said_without_dangerous_advice() {
    let fake = Fake::broker(|asked| match asked {
        _ if asked.is::<SaslHandshakeRequest>() && asked.before > 0 => too_soon(asked),
        _ if asked.is::<SaslHandshakeRequest>() => handshake(asked),
        _ if asked.is::<SaslAuthenticateRequest>() => lasting(asked, 200),
        _ if asked.is::<DescribeClusterRequest>() => asked.usual(&[]),
        _ => asked.usual(&[]),
    })
    .await;
    let options = ConnectOptions {
        request_timeout: Duration::from_secs(1),
        connect_timeout: Duration::from_secs(1),
        ..options(&[&fake])
    };
    let client = Client::connect(options).await.unwrap();
    tokio::time::sleep(Duration::from_millis(300)).await;
    let first: AdminError = client.cluster().await.unwrap_err();
    assert!(first.to_string().contains("ILLEGAL_SASL_STATE"), "{first}");
    assert!(!first.to_string().contains("PLAINTEXT"), "{first}");
}
