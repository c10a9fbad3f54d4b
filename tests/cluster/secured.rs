//! Every security protocol with every mechanism, against a real broker: what works, and what is said
//! where it does not.

use crate::binary::{Project, Run};
use crate::support::{CLIENT_ID, CLIENT_SECRET, Listener, PASSWORD, Provider, Secure, USER};

/// A client property.
type Property = (&'static str, &'static str);

/// A profile with these client properties, and one topic.
fn manifest(topic: &str, client: &[(&str, &str)]) -> String {
    let client: Vec<String> = client
        .iter()
        .map(|(name, value)| format!("      {name}: {value}\n"))
        .collect();
    let client = client.concat();
    format!(
        "version: 1\nprofiles:\n  dev:\n    client:\n{client}topics:\n  - name: {topic}\n    partitions: 1\n"
    )
}

/// A project whose folder has the files that its profile names.
fn project(secure: &Secure, listener: Listener, topic: &str, client: &[(&str, &str)]) -> Project {
    at(secure, &secure.address(listener), topic, client)
}

pub(crate) fn at(secure: &Secure, address: &str, topic: &str, client: &[(&str, &str)]) -> Project {
    let project = Project::at(address, &manifest(topic, client));
    project.put("ca.pem", &secure.root.certificate);
    project.put(
        "client.pem",
        format!("{}{}", secure.client.chain, secure.client.key),
    );
    project.put("client.crt", &secure.client.chain);
    project.put("client.key", &secure.client.key);
    project.put("password", format!("{PASSWORD}\n"));
    project
}

fn run(project: &Project, provider: &Provider, arguments: &[&str]) -> Run {
    let mut command = project.command(arguments);
    command
        .env("KAFKA_USERNAME", USER)
        .env("KAFKA_PASSWORD", PASSWORD)
        .env("TOKEN_URL", &provider.url)
        .env("CLIENT_ID", CLIENT_ID)
        .env("CLIENT_SECRET", CLIENT_SECRET);
    Run::of(&mut command)
}

pub(crate) const LOGIN: [(&str, &str); 2] = [
    ("sasl.username", "${KAFKA_USERNAME}"),
    ("sasl.password", "${KAFKA_PASSWORD}"),
];

/// Tokens from the endpoint of a provider.
const BEARER: [Property; 4] = [
    ("sasl.oauthbearer.token.endpoint.url", "${TOKEN_URL}"),
    ("sasl.oauthbearer.client.id", "${CLIENT_ID}"),
    ("sasl.oauthbearer.client.secret", "${CLIENT_SECRET}"),
    ("sasl.oauthbearer.scope", "kafka"),
];

pub(crate) const CA: (&str, &str) = ("ssl.truststore.location", "ca.pem");

/// Each listener of the matrix, and what it needs besides a login.
fn listeners() -> [(Listener, &'static str, Vec<Property>); 5] {
    [
        (Listener::Plaintext, "PLAINTEXT", vec![]),
        (Listener::Ssl, "SSL", vec![CA]),
        (
            Listener::MutualTls,
            "SSL",
            vec![CA, ("ssl.keystore.location", "client.pem")],
        ),
        (Listener::SaslPlaintext, "SASL_PLAINTEXT", vec![]),
        (Listener::SaslSsl, "SASL_SSL", vec![CA]),
    ]
}

fn mechanisms(protocol: &str) -> &'static [&'static str] {
    if !protocol.starts_with("SASL") {
        &[""]
    } else if Secure::has_scram() {
        &["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512", "OAUTHBEARER"]
    } else {
        &["PLAIN", "OAUTHBEARER"]
    }
}

fn login(mechanism: &'static str) -> Vec<Property> {
    match mechanism {
        "" => Vec::new(),
        "OAUTHBEARER" => [&[("sasl.mechanism", mechanism)], &BEARER[..]].concat(),
        _ => [&[("sasl.mechanism", mechanism)], &LOGIN[..]].concat(),
    }
}

/// The matrix: with each of them the topic is created, and then in sync.
#[test]
fn every_mechanism_works_over_every_listener() {
    let secure = Secure::shared();
    let provider = Provider::start(600);
    for (listener, protocol, needs) in listeners() {
        for mechanism in mechanisms(protocol) {
            let mut client = vec![("security.protocol", protocol)];
            client.extend(needs.iter().copied());
            client.extend(login(mechanism));
            let topic = format!("secured.{listener:?}.{}", mechanism.to_lowercase());
            let project = project(secure, listener, topic.trim_end_matches('.'), &client);
            let apply = run(&project, &provider, &["apply"]).expect(0);
            assert!(
                apply.stdout.ends_with("created\n1 done.\n"),
                "{listener:?} {mechanism}\n{apply}"
            );
            assert!(apply.stderr.is_empty(), "{listener:?} {mechanism}\n{apply}");
            run(&project, &provider, &["diff"]).expect(0);
        }
    }
}
