//! Logins that end while a run goes on: they are renewed on the same connection, and nothing that is
//! asked meanwhile notices.

use std::path::Path;
use std::time::{Duration, Instant};

use topicctl::admin::Admin;
use topicctl::admin::client::{Address, Client, ConnectOptions};
use topicctl::connection::{ConnectionConfig, Properties, resolve};

use crate::support::{CLIENT_ID, CLIENT_SECRET, Listener, PASSWORD, Provider, Secure, USER, in_properties};

/// Far more than any of these takes.
const ENOUGH: Duration = Duration::from_mins(1);

pub(crate) fn config(properties: &str) -> ConnectionConfig {
    let read = |path: &Path| std::fs::read(path);
    let properties = Properties::of_file("client.properties", properties.as_bytes(), &|_| None);
    resolve(&properties, &read)
        .unwrap_or_else(|problems| panic!("{problems}"))
        .0
}

/// Asks several things at once, again and again, until `done` says so. Every answer has to come.
async fn ask_until(
    secure: &Secure,
    listener: Listener,
    connection: ConnectionConfig,
    done: impl Fn(&Client) -> bool,
) {
    let bootstrap = Address::parse_list(&secure.address(listener)).unwrap();
    let options = ConnectOptions {
        connection,
        ..ConnectOptions::new(bootstrap)
    };
    let client = Client::connect(options).await.unwrap();
    let began = Instant::now();
    while !done(&client) {
        assert!(began.elapsed() < ENOUGH, "{:?}", client.requests());
        let (one, two, three) = tokio::join!(client.cluster(), client.all_topics(), client.cluster());
        one.and(three).unwrap();
        two.unwrap();
    }
    let requests = client.requests();
    assert_eq!(
        requests["ApiVersions"], 1,
        "another connection was made: {requests:?}"
    );
}

fn run(asking: impl Future<Output = ()>) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    runtime.unwrap().block_on(asking);
}

/// The listener forgets a login after three seconds.
#[test]
fn a_session_is_renewed_before_it_ends() {
    if !Secure::has_scram() {
        return;
    }
    let connection = config(&format!(
        "security.protocol=SASL_PLAINTEXT\nsasl.mechanism=SCRAM-SHA-512\nsasl.username={USER}\nsasl.password={}\n",
        in_properties(PASSWORD)
    ));
    let renewed_twice = |client: &Client| client.requests()["SaslHandshake"] >= 3;
    run(ask_until(
        Secure::shared(),
        Listener::ScramOnly,
        connection,
        renewed_twice,
    ));
}

/// Tokens of a provider, in plain text.
pub(crate) fn bearer(provider: &Provider) -> String {
    format!(
        "security.protocol=SASL_PLAINTEXT\nsasl.mechanism=OAUTHBEARER\n\
         sasl.oauthbearer.token.endpoint.url={}\nsasl.oauthbearer.client.id={CLIENT_ID}\n\
         sasl.oauthbearer.client.secret={}\nsasl.oauthbearer.scope=kafka\n",
        provider.url,
        in_properties(CLIENT_SECRET)
    )
}

/// What is in use still lasts for a while when its successor cannot be had.
#[test]
fn a_provider_in_trouble_for_a_moment_is_not_noticed() {
    let provider = Provider::start(10);
    let connection = config(&bearer(&provider));
    let stumbled = std::cell::Cell::new(false);
    let replaced = |_: &Client| {
        if provider.granted() == 1 && !stumbled.replace(true) {
            provider.stumble(1);
        }
        !provider.stumbles() && provider.granted() >= 2
    };
    run(ask_until(
        Secure::shared(),
        Listener::SaslPlaintext,
        connection,
        replaced,
    ));
}

/// The broker forgets a login when its token ends.
#[test]
fn a_token_is_replaced_before_it_ends() {
    let provider = Provider::start(4);
    let connection = config(&bearer(&provider));
    let replaced_twice = |client: &Client| client.requests()["SaslHandshake"] >= 3 && provider.granted() >= 3;
    run(ask_until(
        Secure::shared(),
        Listener::SaslPlaintext,
        connection,
        replaced_twice,
    ));
}
