mod secrets;
mod token_sources;

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io;
use std::path::Path;

use p12_keystore::{Certificate, KeyStore, KeyStoreEntry, PrivateKey, PrivateKeyChain};
use pkcs8::PrivateKeyInfoRef;
use pkcs8::pkcs5::pbes2::Parameters;
use rcgen::{BasicConstraints, CertificateParams, IsCa, KeyPair};

use super::*;
use crate::model::{ClientProperty, Declared, Layer, Origin, Place};

/// Files by their names.
type Files = BTreeMap<&'static str, Vec<u8>>;

fn read_from(files: &Files) -> impl Fn(&Path) -> io::Result<Vec<u8>> {
    move |path| {
        let found = files.get(path.to_str().unwrap_or_default());
        found
            .cloned()
            .ok_or_else(|| io::Error::from(io::ErrorKind::NotFound))
    }
}

fn of_file(text: &str) -> Properties {
    let environment = |name: &str| (name == "SECRET").then(|| "marker $x".to_owned());
    Properties::of_file("client.properties", text.as_bytes(), &environment)
}

fn resolved(text: &str, files: &Files) -> Result<(ConnectionConfig, PropertyProblems), PropertyProblems> {
    resolve(&of_file(text), &read_from(files))
}

/// Everything that is said of properties, errors and warnings.
fn said(text: &str) -> String {
    said_with(text, &Files::new())
}

fn said_with(text: &str, files: &Files) -> String {
    match resolved(text, files) {
        Ok((_, problems)) => format!("accepted\n{problems}"),
        Err(problems) => problems.to_string(),
    }
}

fn config(text: &str, files: &Files) -> ConnectionConfig {
    match resolved(text, files) {
        Ok((config, _)) => config,
        Err(problems) => panic!("{problems}"),
    }
}

/// A self-signed certificate and its key, as PEM.
fn certificate() -> (String, String) {
    let mut params = CertificateParams::new(vec!["broker.test".to_owned()]).unwrap();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let key = KeyPair::generate().unwrap();
    (params.self_signed(&key).unwrap().pem(), key.serialize_pem())
}

fn der(pem: &str) -> Vec<u8> {
    let section = pem::sections(pem).ok().unwrap().remove(0);
    section.der.unwrap()
}

fn trust_store(certificate: &str, password: &str) -> Vec<u8> {
    let mut store = KeyStore::new();
    let certificate = Certificate::from_der(&der(certificate)).unwrap();
    store.add_entry("ca", KeyStoreEntry::Certificate(certificate));
    store.writer(password).write().unwrap()
}

fn key_store(certificate: &str, key: &str, password: &str) -> Vec<u8> {
    let mut store = KeyStore::new();
    let certificate = Certificate::from_der(&der(certificate)).unwrap();
    let key = PrivateKey::from_der(&der(key)).unwrap();
    let chain = PrivateKeyChain::new("id", key, [certificate]);
    store.add_entry("client", KeyStoreEntry::PrivateKeyChain(chain));
    store.writer(password).write().unwrap()
}

/// The key in encrypted PKCS#8.
fn encrypted(key: &str, password: &str) -> String {
    let parameters =
        Parameters::generate_pbkdf2_sha256_aes256cbc(1000, b"salt of 16 bytes", [7; 16]).unwrap();
    let plain = der(key);
    let info = PrivateKeyInfoRef::try_from(&*plain).unwrap();
    let sealed = info.encrypt_with_params(parameters, password).unwrap();
    pem::encode("ENCRYPTED PRIVATE KEY", sealed.as_bytes())
}

fn shown(config: &ConnectionConfig) -> Vec<(&'static str, String)> {
    let revealed = |(name, value): (&'static str, Secret)| (name, value.reveal().to_owned());
    config.librdkafka().into_iter().map(revealed).collect()
}

fn pair(name: &'static str, value: &str) -> (&'static str, String) {
    (name, value.to_owned())
}

#[test]
fn without_properties_the_connection_is_plain_text() {
    let config = config("", &Files::new());
    assert_eq!(
        shown(&config),
        [
            pair("client.id", "topicctl"),
            pair("security.protocol", "plaintext")
        ]
    );
}

#[test]
fn both_clients_spellings_of_a_login_mean_the_same() {
    let java = "security.protocol=SASL_PLAINTEXT\nsasl.mechanism=SCRAM-SHA-512\n\
                sasl.jaas.config=org.apache.kafka.common.security.scram.ScramLoginModule required \\\n  \
                username=\"alice\" \\\n  password=\"s=e;c\";\n";
    let librdkafka = "security.protocol=sasl_plaintext\nsasl.mechanisms=SCRAM-SHA-512\n\
                      sasl.username=alice\nsasl.password=s=e;c\nclient.id=me\n";
    let login = [
        pair("sasl.mechanisms", "SCRAM-SHA-512"),
        pair("sasl.password", "s=e;c"),
        pair("sasl.username", "alice"),
        pair("security.protocol", "sasl_plaintext"),
    ];
    assert_eq!(shown(&config(java, &Files::new()))[1..], login);
    let other = shown(&config(librdkafka, &Files::new()));
    assert_eq!(other[0], pair("client.id", "me"));
    assert_eq!(other[1..], login);
}

#[test]
fn tls_goes_along_as_text_for_librdkafka() {
    let (certificate, key) = certificate();
    let files = Files::from([
        ("ca.pem", certificate.clone().into_bytes()),
        ("both.pem", format!("{key}{certificate}").into_bytes()),
        ("key.pem", key.clone().into_bytes()),
    ]);
    let whole = "security.protocol=SSL\nssl.truststore.location=ca.pem\nssl.keystore.location=both.pem\n";
    let parts = "security.protocol=SSL\nssl.ca.location=ca.pem\nssl.certificate.location=ca.pem\n\
                 ssl.key.location=key.pem\n";
    let joined = |pem: &str| pem.replace('\n', " ");
    let inline = format!(
        "security.protocol=SSL\nssl.truststore.certificates={}\nssl.keystore.certificate.chain={}\n\
         ssl.keystore.key={}\nssl.truststore.type=PEM\nssl.keystore.type=PEM\n",
        joined(&certificate),
        joined(&certificate),
        joined(&key)
    );
    let line_ends = |text: &str| text.replace("\r\n", "\n");
    let expected = [
        pair("client.id", "topicctl"),
        pair("security.protocol", "ssl"),
        pair("ssl.ca.pem", &line_ends(&certificate)),
        pair("ssl.certificate.pem", &line_ends(&certificate)),
        pair("ssl.endpoint.identification.algorithm", "https"),
        pair("ssl.key.pem", &line_ends(&key)),
    ];
    for text in [whole, parts, &inline] {
        assert_eq!(shown(&config(text, &files)), expected, "{text}");
    }
}

#[test]
fn what_is_locked_opens_with_its_password() {
    let (certificate, key) = certificate();
    let files = Files::from([
        ("trust.p12", trust_store(&certificate, "right")),
        ("key.p12", key_store(&certificate, &key, "other")),
        (
            "encrypted.pem",
            format!("{certificate}{}", encrypted(&key, "third")).into_bytes(),
        ),
        ("third", b"third\n".to_vec()),
    ]);
    let trust = "security.protocol=SSL\nssl.truststore.location=trust.p12\nssl.truststore.password=right\n\
                 ssl.truststore.type=PKCS12\n";
    let stores = [
        "ssl.keystore.location=key.p12\nssl.keystore.password=other\nssl.keystore.type=JKS\n",
        "ssl.keystore.location=encrypted.pem\nssl.key.password=file:third\n",
    ];
    for store in stores {
        let shown = shown(&config(&format!("{trust}{store}"), &files));
        let line_ends = |text: &str| text.replace("\r\n", "\n");
        for (name, expected) in [
            ("ssl.ca.pem", &certificate),
            ("ssl.certificate.pem", &certificate),
            ("ssl.key.pem", &key),
        ] {
            assert!(
                shown.contains(&pair(name, &line_ends(expected))),
                "{name} {store}"
            );
        }
    }
}

#[test]
fn what_is_switched_off_is_off_for_librdkafka_too_and_warned_about() {
    let text = "security.protocol=SSL\nenable.ssl.certificate.verification=false\n\
                ssl.endpoint.identification.algorithm=\n";
    assert_eq!(
        shown(&config(text, &Files::new()))[1..],
        [
            pair("enable.ssl.certificate.verification", "false"),
            pair("security.protocol", "ssl"),
            pair("ssl.endpoint.identification.algorithm", "none"),
        ][..]
    );
    insta::assert_snapshot!(said(text));
}

#[test]
fn versions_of_tls_are_limited_as_java_limits_them() {
    let tls = |protocols: &str| {
        format!(
            "security.protocol=SSL\nenable.ssl.certificate.verification=false\nssl.enabled.protocols={protocols}\n"
        )
    };
    let offered = |protocols: &str| {
        let config = config(&tls(protocols), &Files::new());
        let Security::Tls(security) = &config.security else {
            panic!("{config:?}");
        };
        let versions: Vec<String> = security
            .versions
            .list()
            .iter()
            .map(|version| format!("{:?}", version.version))
            .collect();
        (versions.join(" "), config.without_effect_on_events())
    };
    let (both, said) = offered("TLSv1.2,TLSv1.3");
    assert_eq!((&*both, said.0.len()), ("TLSv1_3 TLSv1_2", 0));
    let (only, said) = offered("TLSv1.3");
    assert!(only == "TLSv1_3" && said.has_errors(), "{only} {said}");
    let (only, said) = offered("TLSv1, TLSv1.1, TLSv1.2");
    assert!(
        only == "TLSv1_2" && !said.has_errors() && said.0.len() == 1,
        "{only} {said}"
    );
    for refused in ["TLSv1.1", "TLSv1.3,marker"] {
        let said = self::said(&tls(refused));
        assert!(
            said.contains("`ssl.enabled.protocols` names") && !said.contains("marker"),
            "{said}"
        );
    }
}

fn manifest(properties: &[(&str, &str, Layer)]) -> Properties {
    let declared = (1..).zip(properties).map(|(line, (name, value, layer))| {
        let origin = Origin {
            place: Place {
                file: "topics.yaml".into(),
                line,
                column: 1,
            },
            layer: layer.clone(),
        };
        let value = ClientProperty {
            value: Secret::new(*value),
            reads_environment: false,
        };
        ((*name).into(), Declared { value, origin })
    });
    Properties::of_manifest(&declared.collect())
}

#[test]
fn what_takes_precedence_counts_whatever_it_is_called() {
    let profile = || Layer::Profile("dev".into());
    let below = manifest(&[
        ("security.protocol", "SASL_PLAINTEXT", Layer::Defaults),
        ("sasl.mechanism", "PLAIN", Layer::Defaults),
        ("sasl.mechanisms", "SCRAM-SHA-256", profile()),
        ("sasl.username", "below", profile()),
        ("sasl.password", "below", profile()),
    ]);
    let above = of_file("sasl.jaas.config=x.ScramLoginModule required username=above password=above;");
    let read = |_: &Path| Err(io::Error::from(io::ErrorKind::NotFound));
    let (alone, _) = resolve(&below, &read).unwrap();
    assert!(shown(&alone).contains(&pair("sasl.username", "below")));
    assert!(shown(&alone).contains(&pair("sasl.mechanisms", "SCRAM-SHA-256")));
    let (overlaid, _) = resolve(&below.overlaid_with(above), &read).unwrap();
    assert!(shown(&overlaid).contains(&pair("sasl.username", "above")));
}

/// Every text in full: all problems at once, each with its place, no value in any of them.
#[test]
fn problems_are_said_all_at_once_with_their_places() {
    let (certificate, key) = certificate();
    let (_, other_key) = self::certificate();
    let files = Files::from([
        ("store.jks", vec![0xfe, 0xed, 0xfe, 0xed, 0, 0]),
        ("noise", b"noise".to_vec()),
        ("trust.p12", trust_store(&certificate, "right")),
        ("half.p12", trust_store(&certificate, "right")[..100].to_vec()),
        ("encrypted.pem", format!("{certificate}{}", encrypted(&key, "right")).into_bytes()),
        ("broken.pem", b"-----BEGIN CERTIFICATE-----\nAQID\n".to_vec()),
        ("ca.pem", certificate.clone().into_bytes()),
        ("key.pem", key.clone().into_bytes()),
        ("other-key.pem", other_key.into_bytes()),
        ("not.pem", b"-----BEGIN CERTIFICATE-----\nAQID\n-----END CERTIFICATE-----".to_vec()),
        (
            "old.pem",
            format!("{certificate}-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\n\nAQID\n-----END RSA PRIVATE KEY-----\n").into_bytes(),
        ),
    ]);
    let texts = [
        "sasl.password=marker\n",
        "security.protocol=TLS\nssl.ca.location=missing.pem\n",
        "security.protocol=SASL_SSL\nssl.truststore.location=missing.pem\n",
        "security.protocol=SASL_PLAINTEXT\nsasl.mechanism=PLAIN\n",
        "security.protocol=SASL_PLAINTEXT\nsasl.mechanism=PLAIN\nsasl.username=marker\n",
        "security.protocol=SASL_PLAINTEXT\nsasl.mechanism=PLAIN\nsasl.username=u\nsasl.password=\n",
        "security.protocol=SASL_PLAINTEXT\nsasl.mechanism=PLAIN\nsasl.username=u\nsasl.password=file:missing\n",
        "security.protocol=SASL_PLAINTEXT\nsasl.mechanism=GSSAPI\n",
        "security.protocol=SASL_SSL\nsasl.mechanism=AWS_MSK_IAM\nssl.ca.location=ca.pem\n",
        "security.protocol=SASL_PLAINTEXT\nsasl.mechanism=DIGEST-MD5\n",
        "security.protocol=SASL_PLAINTEXT\nsasl.mechanism=PLAIN\nsasl.jaas.config=x.PlainLoginModule username=marker;\n",
        "security.protocol=SASL_PLAINTEXT\nsasl.mechanism=PLAIN\nsasl.jaas.config=x.ScramLoginModule required;\n",
        "security.protocol=SASL_PLAINTEXT\nsasl.mechanism=PLAIN\nsasl.jaas.config=x.PlainLoginModule required;\n",
        "security.protocol=SASL_PLAINTEXT\nsasl.mechanism=PLAIN\nsasl.jaas.config=x.PlainLoginModule required;\nsasl.password=marker\n",
        "security.protocol=SASL_PLAINTEXT\nsasl.mechanism=PLAIN\nsasl.mechanisms=SCRAM-SHA-256\n",
        "security.protocol=SSL\nssl.truststore.location=store.jks\n",
        "security.protocol=SSL\nssl.truststore.location=noise\n",
        "security.protocol=SSL\nssl.truststore.location=broken.pem\n",
        "security.protocol=SSL\nssl.truststore.location=key.pem\n",
        "security.protocol=SSL\nssl.truststore.location=not.pem\n",
        "security.protocol=SSL\nssl.truststore.location=ca.pem\nssl.ca.location=ca.pem\n",
        "security.protocol=SSL\nssl.ca.location=ca.pem\nssl.keystore.location=ca.pem\n",
        "security.protocol=SSL\nssl.ca.location=ca.pem\nssl.keystore.location=key.pem\n",
        "security.protocol=SSL\nssl.ca.location=ca.pem\nssl.keystore.location=old.pem\n",
        "security.protocol=SSL\nssl.ca.location=ca.pem\nssl.key.location=key.pem\n",
        "security.protocol=SSL\nssl.ca.location=ca.pem\nssl.certificate.location=ca.pem\nssl.key.location=other-key.pem\n",
        "security.protocol=SSL\nssl.ca.location=ca.pem\nssl.endpoint.identification.algorithm=marker\nenable.ssl.certificate.verification=maybe\n",
        "security.protocol=PLAINTEXT\nsasl.password=marker\nssl.ca.location=ca.pem\n",
        "secruity.protocol=SSL\nsome.thing=1\nhunter2=1\nssl.crl.location=x\nacks=all\n",
        "security.protocol=SASL_PLAINTEXT\nsasl.mechanism=OAUTHBEARER\n",
        "security.protocol=SASL_PLAINTEXT\nsasl.mechanism=OAUTHBEARER\nsasl.oauthbearer.token.endpoint.url=http://login.marker/\n",
        "security.protocol=SASL_PLAINTEXT\nsasl.mechanism=OAUTHBEARER\nsasl.oauthbearer.token.endpoint.url=https://login.marker/\n",
        "security.protocol=SASL_PLAINTEXT\nsasl.mechanism=OAUTHBEARER\nsasl.oauthbearer.token.endpoint.url=file:/t\nsasl.oauthbearer.extensions=a=b,marker\n",
        "security.protocol=SASL_PLAINTEXT\nsasl.mechanism=OAUTHBEARER\nsasl.oauthbearer.token.endpoint.url=file:/t\nsasl.oauthbearer.extensions=auth=marker\n",
        "ssl.trust=x\n",
        "security.protocol=SSL\nssl.truststore.location=trust.p12\n",
        "security.protocol=SSL\nssl.truststore.location=trust.p12\nssl.truststore.password=marker\n",
        "security.protocol=SSL\nssl.ca.location=ca.pem\nssl.keystore.location=trust.p12\nssl.keystore.password=right\n",
        "security.protocol=SSL\nssl.ca.location=ca.pem\nssl.keystore.location=half.p12\n",
        "security.protocol=SSL\nssl.ca.location=ca.pem\nssl.keystore.location=encrypted.pem\n",
        "security.protocol=SSL\nssl.ca.location=ca.pem\nssl.keystore.location=encrypted.pem\nssl.key.password=marker\n",
        "client.id=\\u12\nclient.id=a\nclient.id=b\n",
    ];
    let mut all = String::new();
    for text in texts {
        let said = said_with(text, &files);
        assert!(!said.contains("marker") && !said.contains("hunter2"), "{said}");
        let _ = write!(all, "{text}---\n{said}\n\n");
    }
    let folder = std::env::current_dir().unwrap();
    insta::assert_snapshot!(all.replace(folder.to_str().unwrap(), "FOLDER"));
}

const TLS: &str = "security.protocol=SSL\n";

#[test]
fn stores_are_taken_in_the_forms_that_secrets_have() {
    let (certificate, key) = certificate();
    let both = format!("{key}{certificate}");
    let base64 = |bytes: &[u8]| base64::Engine::encode(&base64::prelude::BASE64_STANDARD, bytes);
    let store = trust_store(&certificate, "storepass");
    let files = Files::from([
        ("escaped.pem", both.replace('\n', "\\n").into_bytes()),
        (
            "quoted.pem",
            format!("\"{}\"\n", both.replace('\n', "\\n")).into_bytes(),
        ),
        ("base64.pem", base64(both.as_bytes()).into_bytes()),
        ("wrapped.p12", base64(&store).into_bytes()),
    ]);
    let plain = Files::from([("plain.pem", both.into_bytes())]);
    let expected = shown(&config(
        &format!("{TLS}ssl.keystore.location=plain.pem\nssl.truststore.location=plain.pem\n"),
        &plain,
    ));
    for name in ["escaped.pem", "quoted.pem", "base64.pem"] {
        let text = format!("{TLS}ssl.keystore.location={name}\nssl.truststore.location={name}\n");
        assert_eq!(shown(&config(&text, &files)), expected, "{name}");
    }
    // As a variable holds it, and Java trims it.
    let text = format!("{TLS}ssl.truststore.location=wrapped.p12\nssl.truststore.password=\\ storepass\\n\n");
    let trusted = pair("ssl.ca.pem", &certificate.replace("\r\n", "\n"));
    assert!(shown(&config(&text, &files)).contains(&trusted));
}

#[test]
fn a_key_store_in_the_place_of_a_truststore_is_said() {
    let (certificate, key) = certificate();
    let files = Files::from([
        ("trust.pem", certificate.clone().into_bytes()),
        ("key.pem", format!("{key}{certificate}").into_bytes()),
        ("key.p12", key_store(&certificate, &key, "storepass")),
    ]);
    for name in ["key.pem", "key.p12"] {
        let text = format!(
            "{TLS}ssl.keystore.location=trust.pem\nssl.truststore.location={name}\nssl.truststore.password=storepass\n"
        );
        let said = said_with(&text, &files);
        let swapped = "`ssl.keystore.location` holds no private key\n   = `ssl.truststore.location` holds one: the two seem \
                       to be swapped";
        assert!(said.contains(swapped), "{said}");
    }
    let text = format!("{TLS}ssl.keystore.location=trust.p12\nssl.keystore.password=storepass\n");
    let files_of_store = Files::from([("trust.p12", trust_store(&certificate, "storepass"))]);
    let said = said_with(&text, &files_of_store);
    assert!(
        said.contains("`ssl.keystore.location` holds no private key"),
        "{said}"
    );
    // As Java: the first certificate of a key is trusted.
    let text = format!("{TLS}ssl.truststore.location=key.p12\nssl.truststore.password=storepass\n");
    assert_eq!(
        shown(&config(&text, &files))
            .iter()
            .filter(|(name, _)| *name == "ssl.ca.pem")
            .count(),
        1
    );
}

#[test]
fn the_path_that_was_tried_is_said_whatever_the_folder() {
    let said = said(&format!("{TLS}ssl.ca.location=certs/ca.pem\n"));
    let tried = std::path::absolute("certs/ca.pem").unwrap();
    assert!(
        said.contains(&format!("   = the file is {}", tried.display())),
        "{said}"
    );
    let text = said_with(
        &format!("{TLS}ssl.ca.location=-----BEGIN CERTIFICATE----- marker\n"),
        &Files::new(),
    );
    assert!(
        text.contains("state the text in `ssl.ca.pem`") && !text.contains("marker"),
        "{text}"
    );
}

/// OpenSSL ends a chain at what says itself that it is trusted.
#[test]
fn an_intermediate_is_handed_over_as_a_trusted_certificate() {
    let root = KeyPair::generate().unwrap();
    let mut params = CertificateParams::new(Vec::<String>::new()).unwrap();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let issuer = rcgen::Issuer::new(params.clone(), root);
    params
        .distinguished_name
        .push(rcgen::DnType::CommonName, "issuing");
    let issuing = params
        .signed_by(&KeyPair::generate().unwrap(), &issuer)
        .unwrap()
        .pem();
    let mut leaf = CertificateParams::new(vec!["localhost".to_owned()]).unwrap();
    leaf.distinguished_name.push(rcgen::DnType::CommonName, "leaf");
    let leaf = leaf
        .signed_by(&KeyPair::generate().unwrap(), &issuer)
        .unwrap()
        .pem();
    let files = Files::from([("ca.pem", issuing.into_bytes()), ("leaf.pem", leaf.into_bytes())]);
    let config = config(&format!("{TLS}ssl.ca.location=ca.pem\n"), &files);
    assert_eq!(config.without_effect_on_events().0, []);
    let properties = shown(&config);
    let (_, path) = properties
        .iter()
        .find(|(name, _)| *name == "ssl.ca.location")
        .unwrap();
    let text = std::fs::read_to_string(path).unwrap();
    assert!(
        text.starts_with("-----BEGIN TRUSTED CERTIFICATE-----\n"),
        "{text}"
    );
    drop(config);
    assert!(!Path::new(path).exists(), "it is deleted with the connection");
    let pinned = resolved(&format!("{TLS}ssl.ca.location=leaf.pem\n"), &files)
        .unwrap()
        .0;
    insta::assert_snapshot!(pinned.without_effect_on_events(), @"
    error: client.properties:2: `ssl.ca.location` holds no certificate of a CA, and `events` and `monitor` (librdkafka) believe no broker without
       = add the certificate of the CA that issued the brokers'
    ");
}

/// They come from the environment and AWS's own files, whoever states the mechanism.
#[test]
fn aws_credentials_come_from_outside() {
    let iam = manifest(&[("sasl.mechanism", "AWS_MSK_IAM", Layer::Defaults)]);
    assert!(iam.have_credentials_from_outside());
    let handler = "software.amazon.msk.auth.iam.IAMOAuthBearerLoginCallbackHandler";
    let bearer = manifest(&[("sasl.login.callback.handler.class", handler, Layer::Defaults)]);
    assert!(bearer.have_credentials_from_outside());
    let other = manifest(&[("sasl.mechanism", "OAUTHBEARER", Layer::Defaults)]);
    assert!(!other.have_credentials_from_outside());
}
