//! Logging in to AWS MSK, at a broker that verifies what it is shown.

use std::path::Path;
use std::time::Duration;

use kafka_protocol::messages::{
    DescribeClusterRequest, SaslAuthenticateRequest, SaslAuthenticateResponse, SaslHandshakeRequest,
    SaslHandshakeResponse,
};
use kafka_protocol::protocol::StrBytes;

use crate::admin::client::ConnectOptions;
use crate::admin::client::dispatch::Client;
use crate::admin::client::tests::fake_broker::{Asked, Fake, Reply};
use crate::admin::{Admin, AdminError};
use crate::connection::stand_in::{KEY, SECRET, TOKEN, lets_in, lets_in_by_token};
use crate::connection::{ConnectionConfig, Properties, resolve_in};

const SASL_AUTHENTICATION_FAILED: i16 = 58;

const IAM: &str = "security.protocol=SASL_PLAINTEXT\nsasl.mechanism=AWS_MSK_IAM\n";

const BEARER: &str = "security.protocol=SASL_PLAINTEXT\nsasl.mechanism=OAUTHBEARER\n\
                      sasl.login.callback.handler.class=software.amazon.msk.auth.iam.IAMOAuthBearerLoginCallbackHandler\n";

fn config(text: &str, secret: &'static str) -> ConnectionConfig {
    let environment = move |name: &str| {
        Some(match name {
            "AWS_ACCESS_KEY_ID" => KEY.to_owned(),
            "AWS_SECRET_ACCESS_KEY" => secret.to_owned(),
            "AWS_SESSION_TOKEN" => TOKEN.to_owned(),
            "AWS_REGION" => "eu-west-1".to_owned(),
            _ => return None,
        })
    };
    let properties = Properties::of_file("client.properties", text.as_bytes(), &environment);
    let read = |_: &Path| Err(std::io::ErrorKind::NotFound.into());
    resolve_in(&properties, &read, &environment).unwrap().0
}

/// Lets in who shows a request with the right signature, for so long.
fn msk(session_ms: i64) -> impl Fn(&Asked) -> Reply + Send + Sync + 'static {
    move |asked| match asked {
        _ if asked.is::<SaslHandshakeRequest>() => {
            asked.answer::<SaslHandshakeRequest>(&SaslHandshakeResponse::default())
        }
        _ if asked.is::<SaslAuthenticateRequest>() => {
            let shown = asked.request::<SaslAuthenticateRequest>().auth_bytes;
            asked.answer::<SaslAuthenticateRequest>(&judged(std::str::from_utf8(&shown).unwrap(), session_ms))
        }
        _ => asked.usual(&[]),
    }
}

fn judged(shown: &str, session_ms: i64) -> SaslAuthenticateResponse {
    let token = shown
        .strip_prefix("n,,\u{1}auth=Bearer ")
        .map(|rest| rest.trim_end_matches('\u{1}'));
    let (verdict, answer) = match token {
        Some(token) => (lets_in_by_token(token, "eu-west-1"), ""),
        None => (
            lets_in(shown, "127.0.0.1", "eu-west-1"),
            r#"{"version":"2020_10_22","request-id":"1"}"#,
        ),
    };
    match verdict {
        Ok(()) => SaslAuthenticateResponse::default()
            .with_auth_bytes(answer.as_bytes().to_vec().into())
            .with_session_lifetime_ms(session_ms),
        Err(_) => SaslAuthenticateResponse::default()
            .with_error_code(SASL_AUTHENTICATION_FAILED)
            .with_error_message(Some(StrBytes::from_static_str("[6ba7b810]: Access denied"))),
    }
}

async fn connected(fake: &Fake, config: ConnectionConfig) -> Result<Client, AdminError> {
    let options = ConnectOptions {
        connect_timeout: Duration::from_secs(5),
        connection: config,
        ..ConnectOptions::new(vec![fake.address()])
    };
    Client::connect(options).await
}

#[tokio::test]
async fn both_mechanisms_let_in_who_signs_with_the_right_key() {
    for text in [IAM, BEARER] {
        let fake = Fake::broker(msk(0)).await;
        let client = connected(&fake, config(text, SECRET)).await.unwrap();
        client.cluster().await.unwrap();
        assert_eq!(fake.count::<DescribeClusterRequest>(), 1, "{text}");
    }
}

#[tokio::test]
async fn a_refusal_names_the_action_that_a_policy_has_to_allow() {
    for (text, mechanism) in [(IAM, "AWS_MSK_IAM"), (BEARER, "OAUTHBEARER")] {
        let fake = Fake::broker(msk(0)).await;
        let error = connected(&fake, config(text, "another")).await.err().unwrap();
        let expected = format!(
            "the broker refuses the login by {mechanism}: [6ba7b810]: Access denied; the AWS credentials are those of \
             AWS_ACCESS_KEY_ID, whose policy has to allow kafka-cluster:Connect on the cluster"
        );
        assert!(error.to_string().contains(&expected), "{error}");
    }
}

/// A session that the broker limits is renewed with a new signature.
#[tokio::test]
async fn a_session_is_renewed() {
    let fake = Fake::broker(msk(2_000)).await;
    let client = connected(&fake, config(IAM, SECRET)).await.unwrap();
    client.cluster().await.unwrap();
    tokio::time::sleep(Duration::from_millis(1_900)).await;
    client.cluster().await.unwrap();
    assert!(fake.count::<SaslAuthenticateRequest>() >= 2);
}
