//! One broker that has every kind of listener, and a user whom every mechanism knows.

use std::fmt::Write as _;
use std::sync::{Mutex, OnceLock, PoisonError};

use super::certificates::{Authority, Certified, in_one_line};
use super::kafka::{Brokers, Kafka};
use crate::contract::Release;
use crate::features::has_feature;

/// The user that PLAIN and SCRAM know. SCRAM has to escape the name.
pub(crate) const USER: &str = "alice=1,2";
/// The user's password: it has what escapes get wrong, and stringprep, which Kafka does not do, would
/// change it.
pub(crate) const PASSWORD: &str = "pä ss\"wörd\\ﬁ™=1,$";

/// How the names of the topics begin that nobody may touch who logs in.
pub(crate) const FORBIDDEN: &str = "forbidden.";

/// A listener of [`Secure`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Listener {
    Plaintext,
    Ssl,
    /// TLS that requires a client certificate.
    MutualTls,
    SaslPlaintext,
    SaslSsl,
    /// TLS with a certificate that expired in 2020.
    Expired,
    /// SASL in plain text with SCRAM-SHA-512 and nothing else. A login is forgotten after 3 s.
    ScramOnly,
}

/// In the order of their ports; the plain one is the cluster's own.
const LISTENERS: [(Listener, &str, &str); 6] = [
    (Listener::Ssl, "SSL", "SSL"),
    (Listener::MutualTls, "MTLS", "SSL"),
    (Listener::SaslPlaintext, "SASL_PLAINTEXT", "SASL_PLAINTEXT"),
    (Listener::SaslSsl, "SASL_SSL", "SASL_SSL"),
    (Listener::Expired, "EXPIRED", "SSL"),
    (Listener::ScramOnly, "SCRAM_ONLY", "SASL_PLAINTEXT"),
];

/// The cluster, and what its clients need.
pub(crate) struct Secure {
    pub(crate) kafka: Kafka,
    /// Issued the broker's certificates, through an intermediate that the broker sends along; trusted by
    /// the broker.
    pub(crate) root: Authority,
    /// A client's certificate that the broker trusts.
    pub(crate) client: Certified,
}

static SHARED: OnceLock<Secure> = OnceLock::new();
static STARTING: Mutex<()> = Mutex::new(());

impl Secure {
    /// The one that all tests of this binary share.
    pub(crate) fn shared() -> &'static Self {
        // A start that panicked is the failure of that test; the next one tries again.
        let _starting = STARTING.lock().unwrap_or_else(PoisonError::into_inner);
        SHARED.get_or_init(|| Self::dedicated(&[]))
    }

    /// One for a test alone, with more broker settings.
    pub(crate) fn dedicated(more: &[(&str, &str)]) -> Self {
        let root = Authority::root("topicctl test root");
        let issuing = root.intermediate("topicctl test issuing");
        // Not for `localhost`: whoever dials that name meets a certificate for others.
        let broker = issuing.issue("broker", &["127.0.0.1", "broker.test"]);
        let expired = issuing.issue_expired(&["127.0.0.1"]);
        let mut properties = tls_properties(&root, &broker, &expired);
        properties.extend(sasl_properties());
        properties.extend(authorizer_properties());
        properties.extend(
            more.iter()
                .map(|(key, value)| (key.to_string(), value.to_string())),
        );
        let listeners = LISTENERS.map(|(_, name, protocol)| (name, protocol));
        let properties: Vec<(&str, &str)> = properties.iter().map(|(k, v)| (&**k, &**v)).collect();
        let kafka = Kafka::with_listeners(Brokers::One, &listeners, &properties);
        if Self::has_scram() {
            add_scram_user(&kafka);
        }
        forbid(&kafka);
        Self {
            kafka,
            client: issuing.issue("client", &[]),
            root,
        }
    }

    /// Brokers in `KRaft` know SCRAM from 3.5 on.
    pub(crate) fn has_scram() -> bool {
        has_feature("SCRAM without ZooKeeper", Release(3, 5))
    }

    /// `127.0.0.1:PORT` of a listener.
    pub(crate) fn address(&self, listener: Listener) -> String {
        self.address_by("127.0.0.1", listener)
    }

    /// `HOST:PORT` of a listener.
    pub(crate) fn address_by(&self, host: &str, listener: Listener) -> String {
        let index = LISTENERS.iter().position(|(known, ..)| *known == listener);
        match index.and_then(|index| u16::try_from(index).ok()) {
            Some(index) => format!("{host}:{}", self.kafka.listener_port(index)),
            None => self.kafka.bootstrap().to_owned(),
        }
    }
}

fn tls_properties(root: &Authority, broker: &Certified, expired: &Certified) -> Vec<(String, String)> {
    let mut properties = vec![
        ("ssl.keystore.type".to_owned(), "PEM".to_owned()),
        ("ssl.truststore.type".to_owned(), "PEM".to_owned()),
        (
            "ssl.truststore.certificates".to_owned(),
            in_one_line(&root.certificate),
        ),
        (
            "listener.name.mtls.ssl.client.auth".to_owned(),
            "required".to_owned(),
        ),
    ];
    for (prefix, certified) in [("", broker), ("listener.name.expired.", expired)] {
        properties.push((format!("{prefix}ssl.keystore.key"), in_one_line(&certified.key)));
        properties.push((
            format!("{prefix}ssl.keystore.certificate.chain"),
            in_one_line(&certified.chain),
        ));
    }
    properties
}

/// Everybody may do everything but touch the topics [`FORBIDDEN`].
fn authorizer_properties() -> Vec<(String, String)> {
    let properties = [
        (
            "authorizer.class.name",
            "org.apache.kafka.metadata.authorizer.StandardAuthorizer",
        ),
        ("allow.everyone.if.no.acl.found", "true"),
        ("super.users", "User:ANONYMOUS"),
    ];
    properties
        .map(|(key, value)| (key.to_owned(), value.to_owned()))
        .to_vec()
}

fn forbid(kafka: &Kafka) {
    let pattern = ["--resource-pattern-type", "prefixed", "--topic", FORBIDDEN];
    let rule = ["--add", "--force", "--deny-principal", "User:*"];
    kafka.tool_output("acls", &[&rule[..], &pattern].concat());
}

fn sasl_properties() -> Vec<(String, String)> {
    let mut properties = vec![(
        "sasl.enabled.mechanisms".to_owned(),
        "PLAIN,SCRAM-SHA-256,SCRAM-SHA-512,OAUTHBEARER".to_owned(),
    )];
    properties.push((
        "listener.name.scram_only.scram-sha-512.connections.max.reauth.ms".to_owned(),
        "3000".to_owned(),
    ));
    properties.push((
        "listener.name.scram_only.sasl.enabled.mechanisms".to_owned(),
        "SCRAM-SHA-512".to_owned(),
    ));
    for listener in ["sasl_plaintext", "sasl_ssl", "scram_only"] {
        let plain = format!(
            "org.apache.kafka.common.security.plain.PlainLoginModule required \"user_{}\"=\"{}\";",
            in_jaas(USER),
            in_jaas(PASSWORD)
        );
        let scram = "org.apache.kafka.common.security.scram.ScramLoginModule required;";
        let bearer = "org.apache.kafka.common.security.oauthbearer.OAuthBearerLoginModule required \
                      unsecuredLoginStringClaim_sub=\"broker\";";
        let mut put = |mechanism: &str, jaas: &str| {
            let key = format!("listener.name.{listener}.{mechanism}.sasl.jaas.config");
            properties.push((key, in_properties(jaas)));
        };
        put("plain", &plain);
        put("scram-sha-256", scram);
        put("scram-sha-512", scram);
        put("oauthbearer", bearer);
    }
    properties
}

/// Text between the quotes of a JAAS configuration.
fn in_jaas(text: &str) -> String {
    text.replace('\\', "\\\\").replace('"', "\\\"")
}

/// Text as a value in a properties file, whatever encoding its reader expects.
pub(crate) fn in_properties(text: &str) -> String {
    let mut escaped = String::new();
    for unit in text.encode_utf16() {
        match u8::try_from(unit) {
            Ok(b'\\') => escaped.push_str("\\\\"),
            Ok(byte @ b' '..=b'~') => escaped.push(char::from(byte)),
            _ => _ = write!(escaped, "\\u{unit:04x}"),
        }
    }
    escaped
}

/// Both SCRAM mechanisms get the user from files: arguments would pass through the encoding of the
/// environment. One by one, since Kafka takes a user once a request.
fn add_scram_user(kafka: &Kafka) {
    let folder = tempfile::TempDir::new().unwrap();
    let password = in_properties(&format!("iterations=4096,password={PASSWORD}"));
    for mechanism in ["SCRAM-SHA-256", "SCRAM-SHA-512"] {
        let file = folder.path().join(mechanism);
        std::fs::write(&file, format!("{mechanism}={password}\n")).unwrap();
        let file = file.display().to_string();
        let user = ["--alter", "--entity-type", "users", "--entity-name", USER];
        kafka.tool_output("configs", &[&user[..], &["--add-config-file", &file]].concat());
    }
}
