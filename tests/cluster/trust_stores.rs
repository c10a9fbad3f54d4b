//! Which broker is believed, by what the truststore holds: Kafka's own tools, the admin plane and the data plane, each
//! against listeners with certificates of every kind. The table is that of docs/trust.md.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use std::thread;
use std::time::Duration;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use p12_keystore::{Certificate, KeyStore, KeyStoreEntry, PrivateKey, PrivateKeyChain};
use rdkafka::config::ClientConfig;
use rdkafka::consumer::{BaseConsumer, Consumer};
use tempfile::TempDir;
use topicctl::admin::client::{Address, Client, ConnectOptions};
use topicctl::connection::{ConnectionConfig, Properties, read_named_file, resolve};

use crate::support::certificates::{self, Authority, Certified, SelfSigned, der_of, in_one_line};
use crate::support::{Brokers, Kafka, Listener, Secure};

const NAMES: [&str; 2] = ["127.0.0.1", "localhost"];

/// How long a client that is not let in is waited for; one that is let in takes no time.
const PATIENCE: Duration = Duration::from_secs(10);

const PASSWORD: &str = "store password";

/// A listener by its name, with what it shows, in the table's words.
struct Shown {
    name: &'static str,
    what: &'static str,
    certified: Certified,
}

impl Shown {
    /// A common name stands for a name and for no number, so that such a broker is reached by its name.
    fn is_by_name(&self) -> bool {
        self.name.contains("COMMON_NAME") || self.name == "BESIDE_A_NAME"
    }

    fn protocol(&self) -> &'static str {
        if self.is_by_name() { "SSL@localhost" } else { "SSL" }
    }
}

/// A truststore by its name in the table, as the properties that state it.
struct Store {
    name: &'static str,
    properties: String,
}

struct Stage {
    listeners: Vec<Shown>,
    stores: Vec<Store>,
    /// Has the stores in files.
    _folder: TempDir,
}

impl Stage {
    fn new() -> Self {
        let root = Authority::root("table root");
        let issuing = root.intermediate("table issuing");
        let leaf = issuing.issue("leaf", &NAMES);
        let expired = issuing.issue_expired(&NAMES);
        let other = issuing.issue("other", &["other.test"]);
        let alone = certificates::self_signed("alone", &NAMES, false);
        let own_ca = certificates::self_signed("own ca", &NAMES, true);
        let old = Authority::root_of_version_1("old root");
        let client = issuing.issue("client", &[]);
        let folder = TempDir::new().unwrap();
        let stores = vec![
            pem(&folder, "root", &root.certificate),
            pem(&folder, "intermediate", &issuing.certificate),
            pem(&folder, "leaf, signed", first(&leaf.chain)),
            pem(&folder, "leaf, expired", first(&expired.chain)),
            pem(&folder, "leaf, other name", first(&other.chain)),
            pem(&folder, "leaf, self-signed", &alone.chain),
            pem(&folder, "CA, self-signed", &own_ca.chain),
            pem(&folder, "root, version 1", &old.certificate),
            pkcs12(&folder, "PKCS#12 of the root", &trusting(&root)),
            pem(
                &folder,
                "root, line ends as `\\n`",
                &in_one_line(&root.certificate),
            ),
            pem(
                &folder,
                "root, in base64",
                &BASE64_STANDARD.encode(&root.certificate),
            ),
            Store {
                name: "PKCS#12 of the root, its password with a line end",
                // As Java's clients trim a value.
                properties: pkcs12(&folder, "PKCS#12 with a line end", &trusting(&root))
                    .properties
                    .replace(PASSWORD, &format!("{PASSWORD}\\n")),
            },
            pkcs12(&folder, "PKCS#12 of a client", &of_client(&client, &root)),
            pkcs12(
                &folder,
                "PKCS#12 of the self-signed leaf with its key",
                &of_broker(&alone),
            ),
            pem(
                &folder,
                "PEM of the self-signed leaf with its key",
                &[&*alone.chain, &*alone.key].concat(),
            ),
        ];
        let forged = alone.issue_below("forged", &NAMES);
        let listeners = vec![
            shown("CHAIN", "leaf of the intermediate CA", leaf),
            shown("ALONE", "leaf, self-signed", alone.into()),
            shown("OWN_CA", "CA, self-signed", own_ca.into()),
            shown("FORGED", "leaf, signed by the self-signed leaf", forged),
            shown("EXPIRED", "leaf, expired", expired),
            shown("OTHER_NAME", "leaf, other name", other),
            shown(
                "OLD_ROOT",
                "leaf of the root of version 1",
                old.issue("below old", &NAMES),
            ),
            shown(
                "OLD_LEAF",
                "leaf of version 1, names not checked",
                root.issue_version_1("localhost"),
            ),
            shown(
                "COMMON_NAME",
                "leaf with the host as common name",
                root.issue("localhost", &[]),
            ),
            shown(
                "OTHER_COMMON_NAME",
                "leaf with another common name",
                root.issue("other.test", &[]),
            ),
            shown(
                "BESIDE_A_NAME",
                "leaf with the host as common name, and another DNS name",
                root.issue("localhost", &["other.test"]),
            ),
        ];
        Self {
            listeners,
            stores,
            _folder: folder,
        }
    }

    fn start(&self) -> Kafka {
        let mut properties = vec![("ssl.keystore.type".to_owned(), "PEM".to_owned())];
        for shown in &self.listeners {
            let prefix = format!("listener.name.{}.ssl.keystore", shown.name.to_lowercase());
            properties.push((format!("{prefix}.key"), in_one_line(&shown.certified.key)));
            properties.push((
                format!("{prefix}.certificate.chain"),
                in_one_line(&shown.certified.chain),
            ));
        }
        let properties: Vec<(&str, &str)> = properties.iter().map(|(k, v)| (&**k, &**v)).collect();
        let listeners = self.listeners.iter().map(|shown| (shown.name, shown.protocol()));
        let listeners: Vec<(&str, &str)> = listeners.collect();
        Kafka::with_listeners(Brokers::One, &listeners, &properties)
    }
}

fn shown(name: &'static str, what: &'static str, certified: Certified) -> Shown {
    Shown {
        name,
        what,
        certified,
    }
}

fn first(chain: &str) -> &str {
    const END: &str = "-----END CERTIFICATE-----\n";
    &chain[..chain.find(END).unwrap() + END.len()]
}

fn stored(folder: &TempDir, name: &'static str, bytes: &[u8], more: &str) -> Store {
    let path = folder.path().join(name.replace([' ', ',', '`', '\\'], "-"));
    fs::write(&path, bytes).unwrap();
    let path = path.display();
    Store {
        name,
        properties: format!("security.protocol=SSL\nssl.truststore.location={path}\n{more}"),
    }
}

fn pem(folder: &TempDir, name: &'static str, text: &str) -> Store {
    stored(folder, name, text.as_bytes(), "ssl.truststore.type=PEM\n")
}

fn pkcs12(folder: &TempDir, name: &'static str, store: &KeyStore) -> Store {
    let bytes = store.writer(PASSWORD).write().unwrap();
    let more = format!("ssl.truststore.type=PKCS12\nssl.truststore.password={PASSWORD}\n");
    stored(folder, name, &bytes, &more)
}

fn certificate(pem: &str) -> Certificate {
    Certificate::from_der(&der_of(pem)).unwrap()
}

fn trusting(root: &Authority) -> KeyStore {
    let mut store = KeyStore::new();
    store.add_entry("root", KeyStoreEntry::Certificate(certificate(&root.certificate)));
    store
}

/// As a client proves to be itself with: its key, and all certificates up to the root.
fn of_client(client: &Certified, root: &Authority) -> KeyStore {
    let (leaf, issuing) = client.chain.split_at(first(&client.chain).len());
    let chain = [leaf, issuing, &root.certificate].map(certificate);
    let key = PrivateKey::from_der(&der_of(&client.key)).unwrap();
    let chain = PrivateKeyChain::new("client", key, chain.to_vec());
    let mut store = KeyStore::new();
    store.add_entry("client", KeyStoreEntry::PrivateKeyChain(chain));
    store
}

/// A store that a broker itself has.
fn of_broker(own: &SelfSigned) -> KeyStore {
    let key = PrivateKey::from_der(&der_of(&own.key)).unwrap();
    let chain = PrivateKeyChain::new("broker", key, vec![certificate(&own.chain)]);
    let mut store = KeyStore::new();
    store.add_entry("broker", KeyStoreEntry::PrivateKeyChain(chain));
    store
}

fn verdict(is_let_in: bool) -> &'static str {
    if is_let_in { "yes" } else { "no" }
}

fn java(kafka: &Kafka, address: &str, properties: &Path) -> bool {
    let arguments = ["--list", "--bootstrap-server", address, "--command-config"];
    let file = properties.display().to_string();
    kafka
        .tool("topics", &[&arguments[..], &[&file]].concat())
        .status
        .success()
}

fn config(properties: &str) -> Option<ConnectionConfig> {
    let properties = Properties::of_file("client.properties", properties.as_bytes(), &|_| None);
    resolve(&properties, &read_named_file)
        .ok()
        .map(|(config, _)| config)
}

fn admin_plane(address: &str, config: &ConnectionConfig) -> bool {
    let options = ConnectOptions {
        connect_timeout: PATIENCE,
        connection: config.clone(),
        ..ConnectOptions::new(Address::parse_list(address).unwrap())
    };
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(Client::connect(options)).is_ok()
}

fn data_plane(address: &str, config: &ConnectionConfig) -> bool {
    if config.without_effect_on_events().has_errors() {
        return false;
    }
    let mut client = ClientConfig::new();
    client.set("bootstrap.servers", address);
    for (name, value) in config.librdkafka() {
        client.set(name, value.reveal());
    }
    let consumer: BaseConsumer = client.create().unwrap();
    consumer.fetch_metadata(Some("none"), PATIENCE).is_ok()
}

/// A row for each store and listener that say something about each other: the rest of the pairs are strangers.
const PAIRS: &[(&str, &[&str])] = &[
    (
        "root",
        &[
            "CHAIN",
            "ALONE",
            "EXPIRED",
            "OTHER_NAME",
            "COMMON_NAME",
            "OTHER_COMMON_NAME",
            "BESIDE_A_NAME",
            "OLD_LEAF",
        ],
    ),
    ("intermediate", &["CHAIN", "EXPIRED"]),
    ("leaf, signed", &["CHAIN", "OTHER_NAME"]),
    ("leaf, expired", &["EXPIRED"]),
    ("leaf, other name", &["OTHER_NAME"]),
    ("leaf, self-signed", &["ALONE", "FORGED"]),
    ("CA, self-signed", &["OWN_CA", "ALONE"]),
    ("root, version 1", &["OLD_ROOT"]),
    ("PKCS#12 of the root", &["CHAIN", "ALONE"]),
    ("root, line ends as `\\n`", &["CHAIN"]),
    ("root, in base64", &["CHAIN"]),
    ("PKCS#12 of the root, its password with a line end", &["CHAIN"]),
    ("PKCS#12 of a client", &["CHAIN"]),
    ("PKCS#12 of the self-signed leaf with its key", &["ALONE"]),
    ("PEM of the self-signed leaf with its key", &["ALONE", "CHAIN"]),
];

#[test]
fn a_truststore_lets_in_whom_java_lets_in() {
    let stage = Stage::new();
    let kafka = stage.start();
    let mut rows = BTreeMap::new();
    thread::scope(|scope| {
        let mut running = Vec::new();
        for (at, (store, listeners)) in PAIRS.iter().enumerate() {
            let (stage, kafka) = (&stage, &kafka);
            running.push((at, scope.spawn(move || rows_of(stage, kafka, store, listeners))));
        }
        for (at, running) in running {
            rows.insert(at, running.join().unwrap());
        }
    });
    let table = rows.into_values().collect::<Vec<_>>().concat();
    let page = include_str!("../../docs/trust.md");
    assert!(
        page.contains(&format!("|---|---|---|---|---|\n{table}\n")),
        "docs/trust.md is to have this table:\n{table}"
    );
}

fn rows_of(stage: &Stage, kafka: &Kafka, store: &str, listeners: &[&str]) -> String {
    let store = stage.stores.iter().find(|known| known.name == store).unwrap();
    let mut rows = String::new();
    for listener in listeners {
        let index = stage
            .listeners
            .iter()
            .position(|known| known.name == *listener)
            .unwrap();
        let is_by_name = stage.listeners[index].is_by_name();
        let host = if is_by_name { "localhost" } else { "127.0.0.1" };
        let address = format!("{host}:{}", kafka.listener_port(u16::try_from(index).unwrap()));
        // Certificates of version 1 have no names that an address could be held against.
        let unchecked = "ssl.endpoint.identification.algorithm=\n";
        let more = if *listener == "OLD_LEAF" { unchecked } else { "" };
        let properties = format!("{}{more}", store.properties);
        let file = tempfile::NamedTempFile::new().unwrap();
        fs::write(file.path(), &properties).unwrap();
        let config = config(&properties);
        let admin = config
            .as_ref()
            .is_some_and(|config| admin_plane(&address, config));
        let events = config.as_ref().is_some_and(|config| data_plane(&address, config));
        let java = java(kafka, &address, file.path());
        let shown = stage.listeners[index].what;
        let verdicts = [java, admin, events].map(verdict).join(" | ");
        writeln!(rows, "| {} | {shown} | {verdicts} |", store.name).unwrap();
    }
    rows
}

/// The recipe of many pages, `openssl x509 -req` without extensions, makes certificates of version 1.
#[test]
fn a_broker_of_version_1_is_let_in_where_nothing_is_verified_and_named_otherwise() {
    let stage = Stage::new();
    let kafka = stage.start();
    let index = stage
        .listeners
        .iter()
        .position(|known| known.name == "OLD_LEAF")
        .unwrap();
    let address = format!("localhost:{}", kafka.listener_port(u16::try_from(index).unwrap()));
    let unverified = config("security.protocol=SSL\nenable.ssl.certificate.verification=false\n").unwrap();
    assert!(admin_plane(&address, &unverified) && data_plane(&address, &unverified));
    let root = stage.stores.iter().find(|known| known.name == "root").unwrap();
    let said = refusal(&address, &config(&root.properties).unwrap());
    let words = "the broker's certificate is of X.509 version 1, which has no extensions, and topicctl verifies version 3 \
                 only; issue it again with the host's name";
    assert!(said.contains(words), "{said}");
}

fn refusal(address: &str, config: &ConnectionConfig) -> String {
    let options = ConnectOptions {
        connect_timeout: PATIENCE,
        connection: config.clone(),
        ..ConnectOptions::new(Address::parse_list(address).unwrap())
    };
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    runtime
        .block_on(Client::connect(options))
        .err()
        .unwrap()
        .to_string()
}

/// A client's own certificate in version 1, for both planes and Java.
#[test]
fn a_client_certificate_of_version_1_is_shown_to_brokers() {
    let secure = Secure::shared();
    let client = secure.root.issue_version_1("client");
    let properties = format!(
        "security.protocol=SSL\nssl.truststore.type=PEM\nssl.truststore.certificates={}\nssl.keystore.type=PEM\n\
         ssl.keystore.certificate.chain={}\nssl.keystore.key={}\n",
        in_one_line(&secure.root.certificate),
        in_one_line(&client.chain),
        in_one_line(&client.key)
    );
    let address = secure.address(Listener::MutualTls);
    let file = tempfile::NamedTempFile::new().unwrap();
    fs::write(file.path(), &properties).unwrap();
    assert!(java(&secure.kafka, &address, file.path()));
    let config = config(&properties).unwrap();
    assert!(admin_plane(&address, &config));
    assert!(data_plane(&address, &config));
}
