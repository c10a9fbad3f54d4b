//! Every security protocol with every mechanism, against a real broker: what works, and what is said
//! where it does not.

use std::fmt::Write as _;
use std::process::Command;
use std::time::Instant;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use p12_keystore::{Certificate, KeyStore, KeyStoreEntry, PrivateKey, PrivateKeyChain};
use pkcs8::PrivateKeyInfoRef;
use pkcs8::pkcs5::pbes2::Parameters;
use serde_json::Value;

use crate::binary::{Project, Run};
use crate::figures;
use crate::support::{CLIENT_ID, CLIENT_SECRET, Listener, PASSWORD, Provider, Secure, USER};

/// A client property.
type Property = (&'static str, &'static str);

/// A profile with these client properties, and one topic, which carries an event.
fn manifest(topic: &str, client: &[(&str, &str)]) -> String {
    let client: Vec<String> = client
        .iter()
        .map(|(name, value)| format!("      {name}: {value}\n"))
        .collect();
    let client = client.concat();
    format!(
        "version: 1\nprofiles:\n  dev:\n    client:\n{client}topics:\n  - name: {topic}\n    partitions: 1\n    event: TestGenerationFailed\n"
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

/// What the profiles of these tests read.
pub(crate) fn environment<'c>(command: &'c mut Command, provider: &Provider) -> &'c mut Command {
    command
        .env("KAFKA_USERNAME", USER)
        .env("KAFKA_PASSWORD", PASSWORD)
        .env("TOKEN_URL", &provider.url)
        .env("CLIENT_ID", CLIENT_ID)
        .env("CLIENT_SECRET", CLIENT_SECRET)
}

fn run(project: &Project, provider: &Provider, arguments: &[&str]) -> Run {
    Run::of(environment(&mut project.command(arguments), provider))
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

pub(crate) fn mechanisms(protocol: &str) -> &'static [&'static str] {
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

/// What a run said, with the case in front for when it is not what was expected.
fn said(run: Run, code: i32, case: &str) -> String {
    assert!(
        run.code == Some(code) && run.stderr.is_empty(),
        "{case}: expected exit code {code} and no word more, got\n{run}"
    );
    run.stdout
}

/// The admin plane: the topic is created, and then in sync.
fn administers(run: &dyn Fn(&[&str]) -> Run, case: &str) {
    let applied = said(run(&["apply"]), 0, case);
    assert!(applied.ends_with("created\n1 done.\n"), "{case}: {applied}");
    said(run(&["diff"]), 0, case);
}

/// The data plane: an event is written, and the very same is read.
fn carries_events(run: &dyn Fn(&[&str]) -> Run, case: &str) {
    let json = ["--output", "json"];
    let fields = ["--error-code", "E", "--error-message", case];
    let publish = [&["events", "publish", "failed"], &fields[..], &json].concat();
    let written: Value = serde_json::from_str(&said(run(&publish), 0, case)).unwrap();
    let [event] = &written["events"].as_array().unwrap()[..] else {
        panic!("{case}: {written}")
    };
    let tail = [&["events", "tail", "failed"][..], &json].concat();
    let read: Value = serde_json::from_str(&said(run(&tail), 0, case)).unwrap();
    let found = &read["content"]["event"];
    assert_eq!(found["event_id"], event["event_id"], "{case}: {read}");
    assert_eq!(found["payload"]["error_message"], case, "{read}");
    for place in ["topic", "partition", "offset"] {
        assert_eq!(read[place], event["outcome"][place], "{case}: {written} {read}");
    }
}

const MECHANISMS: [&str; 5] = ["", "PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512", "OAUTHBEARER"];

/// The matrix: every mechanism over every listener that takes it, on both planes with the same profile.
#[test]
fn every_mechanism_works_over_every_listener_on_both_planes() {
    let secure = Secure::shared();
    let provider = Provider::start(600);
    let mut table = String::from("| mechanism | listener | admin: apply, diff | events: publish, tail |\n");
    for mechanism in MECHANISMS {
        for (listener, protocol, needs) in listeners() {
            if !mechanisms(protocol).contains(&mechanism) {
                continue;
            }
            let case = format!(
                "{} over {listener:?}",
                if mechanism.is_empty() { "none" } else { mechanism }
            );
            let client = [&[("security.protocol", protocol)], &needs[..], &login(mechanism)].concat();
            let topic = format!("secured.{listener:?}.{}", mechanism.to_lowercase());
            let project = project(secure, listener, topic.trim_end_matches('.'), &client);
            let run = |arguments: &[&str]| run(&project, &provider, arguments);
            let admin = timed(|| administers(&run, &case));
            let events = timed(|| carries_events(&run, &case));
            let (mechanism, listener) = case.split_once(" over ").unwrap();
            let _ = writeln!(table, "| {mechanism} | {listener} | {admin} ms | {events} ms |");
        }
    }
    figures::show(&table);
}

/// In milliseconds.
fn timed(work: impl FnOnce()) -> u128 {
    let began = Instant::now();
    work();
    began.elapsed().as_millis()
}

/// The first section of a PEM text.
fn der(pem: &str) -> Vec<u8> {
    let body: String = pem
        .lines()
        .skip(1)
        .take_while(|line| !line.starts_with("-----"))
        .collect();
    BASE64_STANDARD.decode(body).unwrap()
}

/// A PKCS#12 store with the CA that is trusted.
fn trust_store(secure: &Secure, password: &str) -> Vec<u8> {
    let mut store = KeyStore::new();
    let certificate = Certificate::from_der(&der(&secure.root.certificate)).unwrap();
    store.add_entry("ca", KeyStoreEntry::Certificate(certificate));
    store.writer(password).write().unwrap()
}

/// A PKCS#12 store with the client's key and both certificates of its chain.
fn key_store(secure: &Secure, password: &str) -> Vec<u8> {
    let mut store = KeyStore::new();
    let certificates = secure.client.chain.split_inclusive("-----END CERTIFICATE-----");
    let certificates = certificates.filter(|pem| pem.contains("BEGIN"));
    let certificates = certificates.map(|pem| Certificate::from_der(&der(pem.trim_start())).unwrap());
    let key = PrivateKey::from_der(&der(&secure.client.key)).unwrap();
    let chain = PrivateKeyChain::new("client", key, certificates.collect::<Vec<_>>());
    store.add_entry("client", KeyStoreEntry::PrivateKeyChain(chain));
    store.writer(password).write().unwrap()
}

/// The client's key, encrypted.
fn encrypted_key(secure: &Secure, password: &str) -> String {
    let parameters =
        Parameters::generate_pbkdf2_sha256_aes256cbc(2048, b"salt of 16 bytes", [7; 16]).unwrap();
    let plain = der(&secure.client.key);
    let key = PrivateKeyInfoRef::try_from(&*plain).unwrap();
    let sealed = key.encrypt_with_params(parameters, password).unwrap();
    let body = BASE64_STANDARD.encode(sealed.as_bytes());
    format!("-----BEGIN ENCRYPTED PRIVATE KEY-----\n{body}\n-----END ENCRYPTED PRIVATE KEY-----\n")
}

/// Certificates and keys in every format, named in a properties file as operators have them.
#[test]
fn every_format_of_key_and_trust_stores_lets_the_client_in() {
    let secure = Secure::shared();
    let provider = Provider::start(600);
    let stores = [
        "ssl.truststore.location=trust.p12\nssl.truststore.password=trust password\n\
         ssl.keystore.location=client.p12\nssl.keystore.password=key password\n",
        "ssl.truststore.type=PEM\nssl.truststore.location=ca.pem\nssl.keystore.type=PEM\n\
         ssl.keystore.location=encrypted.pem\nssl.key.password=key password\n",
        "ssl.ca.location=ca.pem\nssl.certificate.location=client.crt\nssl.key.location=client.key\n",
        "ssl.ca.location=ca.pem\nssl.certificate.location=client.crt\nssl.key.location=client.key\n\
         ssl.endpoint.identification.algorithm=none\n",
    ];
    for store in stores {
        let project = project(secure, Listener::MutualTls, "secured.stores", &[]);
        project.put("trust.p12", trust_store(secure, "trust password"));
        project.put("client.p12", key_store(secure, "key password"));
        let chain = &secure.client.chain;
        project.put(
            "encrypted.pem",
            format!("{}{chain}", encrypted_key(secure, "key password")),
        );
        project.put(
            "client.properties",
            format!("# as Kafka's tools take it\nsecurity.protocol=SSL\nacks=all\n{store}"),
        );
        let run = run(
            &project,
            &provider,
            &["apply", "--command-config", "client.properties"],
        );
        assert_eq!(run.code, Some(0), "{store}\n{run}");
        let warned = run
            .stderr
            .contains("`ssl.endpoint.identification.algorithm` is empty");
        assert_eq!(warned, store.contains("algorithm"), "{store}\n{run}");
    }
}
