//! The names of client properties: those that count here, those that are for other clients, and what was
//! probably meant by the rest.

/// The properties that say how to connect, by Java's names where it has them.
const USED: &[&str] = &[
    "bootstrap.servers",
    "client.id",
    "enable.ssl.certificate.verification",
    "https.ca.location",
    "https.ca.pem",
    "sasl.client.callback.handler.class",
    "sasl.jaas.config",
    "sasl.login.callback.handler.class",
    "sasl.mechanism",
    "sasl.oauthbearer.client.id",
    "sasl.oauthbearer.client.secret",
    "sasl.oauthbearer.extensions",
    "sasl.oauthbearer.header.urlencode",
    "sasl.oauthbearer.method",
    "sasl.oauthbearer.scope",
    "sasl.oauthbearer.token.endpoint.url",
    "sasl.password",
    "sasl.username",
    "security.protocol",
    "ssl.ca.location",
    "ssl.ca.pem",
    "ssl.certificate.location",
    "ssl.certificate.pem",
    "ssl.enabled.protocols",
    "ssl.endpoint.identification.algorithm",
    "ssl.key.location",
    "ssl.key.password",
    "ssl.key.pem",
    "ssl.keystore.certificate.chain",
    "ssl.keystore.key",
    "ssl.keystore.location",
    "ssl.keystore.password",
    "ssl.keystore.type",
    "ssl.truststore.certificates",
    "ssl.truststore.location",
    "ssl.truststore.password",
    "ssl.truststore.type",
];

/// The same property under librdkafka's name and under Java's.
const ALIASES: &[(&str, &str)] = &[
    ("metadata.broker.list", "bootstrap.servers"),
    ("sasl.mechanisms", "sasl.mechanism"),
    (
        "sasl.oauthbearer.token.endpoint",
        "sasl.oauthbearer.token.endpoint.url",
    ),
    (
        "sasl.oauthbearer.client.credentials.client.id",
        "sasl.oauthbearer.client.id",
    ),
    (
        "sasl.oauthbearer.client.credentials.client.secret",
        "sasl.oauthbearer.client.secret",
    ),
];

/// What would change the security of the connection and is not done here: to pass over it in silence
/// would be to promise it.
const UNSUPPORTED: &[(&str, &str)] = &[
    ("ssl.crl.location", "revoked certificates are not recognised"),
    (
        "ssl.engine.factory.class",
        "TLS is topicctl's own, and needs no class",
    ),
    ("sasl.login.class", "there are no Java classes here"),
    (
        "sasl.oauthbearer.assertion.private.key.file",
        "tokens come from a client id and secret, or from a file",
    ),
    (
        "sasl.oauthbearer.assertion.file",
        "tokens come from a client id and secret, or from a file",
    ),
    (
        "sasl.oauthbearer.jwt.retriever.class",
        "tokens come from a client id and secret, or from a file",
    ),
    (
        "config.providers",
        "of all references, `${NAME}` and `${env:NAME}` are understood; `file:PATH` names a file that holds a value",
    ),
    ("ssl.engine.location", "TLS is topicctl's own"),
    (
        "ssl.protocol",
        "state the versions of TLS in `ssl.enabled.protocols`",
    ),
    ("ssl.cipher.suites", CHOSEN_BY_BROKER),
    ("ssl.curves.list", CHOSEN_BY_BROKER),
    ("ssl.sigalgs.list", CHOSEN_BY_BROKER),
];

const CHOSEN_BY_BROKER: &str = "topicctl offers only suites with forward secrecy and authenticated encryption (AES-GCM, \
     ChaCha20-Poly1305); where fewer are allowed, limit them at the broker";

/// Beginnings of names that other clients and other parts of a client have a use for.
const OTHERS: &[&str] = &[
    "acks",
    "allow.auto.create.topics",
    "api.version.request",
    "auto.commit.",
    "auto.include.jmx.reporter",
    "auto.offset.reset",
    "auto.create.topics.enable",
    "batch.num.messages",
    "batch.size",
    "bootstrap.controllers",
    "broker.address.",
    "broker.version.fallback",
    "buffer.memory",
    "builtin.features",
    "check.crcs",
    "client.dns.lookup",
    "client.rack",
    "client.software.",
    "compression.",
    "connections.max.idle.ms",
    "consume.callback.max.messages",
    "coordinator.query.interval.ms",
    "debug",
    "default.api.timeout.ms",
    "default.topic.config",
    "delivery.report.only.error",
    "delivery.timeout.ms",
    "enable.auto.commit",
    "enable.auto.offset.store",
    "enable.gapless.guarantee",
    "enable.idempotence",
    "enable.metrics.push",
    "enable.partition.eof",
    "enable.random.seed",
    "enable.sasl.oauthbearer.unsecure.jwt",
    "enable.sparse.connections",
    "exclude.internal.topics",
    "fetch.",
    "group.",
    "heartbeat.interval.ms",
    "interceptor.classes",
    "internal.",
    "isolation.level",
    "key.deserializer",
    "key.serializer",
    "linger.ms",
    "log.connection.close",
    "log.queue",
    "log.thread.name",
    "log_level",
    "max.block.ms",
    "max.in.flight",
    "max.in.flight.requests.per.connection",
    "max.partition.fetch.bytes",
    "max.poll.",
    "max.request.size",
    "message.",
    "metadata.",
    "metric.reporters",
    "metrics.",
    "msg_order_cmp",
    "offset.store.",
    "partition.assignment.strategy",
    "partitioner",
    "plugin.library.paths",
    "produce.offset.report",
    "queue.buffering.",
    "queued.",
    "receive.buffer.bytes",
    "receive.message.max.bytes",
    "reconnect.backoff.",
    "request.required.acks",
    "request.timeout.ms",
    "resolve.canonical.bootstrap.servers.only",
    "retries",
    "retry.backoff.",
    "sasl.kerberos.",
    "sasl.login.buffer.",
    "sasl.login.connect.timeout.ms",
    "sasl.login.read.timeout.ms",
    "sasl.login.refresh.",
    "sasl.login.retry.backoff.",
    "sasl.oauthbearer.clock.skew.seconds",
    "sasl.oauthbearer.config",
    "sasl.oauthbearer.expected.",
    "sasl.oauthbearer.iat.",
    "sasl.oauthbearer.jwks.",
    "sasl.oauthbearer.jwt.validator.class",
    "sasl.oauthbearer.scope.claim.name",
    "sasl.oauthbearer.sub.claim.name",
    "schema.registry.",
    "security.providers",
    "send.buffer.bytes",
    "session.timeout.ms",
    "share.",
    "socket.",
    "specific.avro.reader",
    "ssl.engine.id",
    "ssl.keymanager.algorithm",
    "ssl.provider",
    "ssl.providers",
    "ssl.secure.random.implementation",
    "ssl.trustmanager.algorithm",
    "statistics.interval.ms",
    "sticky.partitioning.linger.ms",
    "topic.blacklist",
    "topic.metadata.",
    "transaction.timeout.ms",
    "transaction.two.phase.commit.enable",
    "transactional.id",
    "value.deserializer",
    "value.serializer",
    "basic.auth.",
    "auto.register.schemas",
    "use.latest.version",
    "value.subject.name.strategy",
    "key.subject.name.strategy",
    "confluent.",
    "config.action.reload",
    "open.telemetry.",
    "dr_cb",
    "dr_msg_cb",
];

/// What a name is to a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Name {
    /// It says how to connect; by this name.
    Used(&'static str),
    /// Kafka clients know it, and it is about something else.
    OfOthers,
    /// Kafka clients know it, and what it asks for is not done here; why or what instead.
    Unsupported(&'static str),
    /// No client that is known here has it; what was probably meant.
    Unknown(Option<&'static str>),
}

pub(super) fn classify(name: &str) -> Name {
    if let Some((_, canonical)) = ALIASES.iter().find(|(alias, _)| *alias == name) {
        return Name::Used(canonical);
    }
    if let Some(used) = USED.iter().find(|used| **used == name) {
        return Name::Used(used);
    }
    if let Some((_, why)) = UNSUPPORTED.iter().find(|(unsupported, _)| *unsupported == name) {
        return Name::Unsupported(why);
    }
    if OTHERS.iter().any(|other| covers(other, name)) {
        return Name::OfOthers;
    }
    Name::Unknown(meant(name))
}

fn covers(other: &str, name: &str) -> bool {
    name == other || (other.ends_with('.') && name.starts_with(other))
}

/// One slip in a short name, up to three in a long one; other separators are none.
fn meant(name: &str) -> Option<&'static str> {
    let wanted = name.trim().to_ascii_lowercase().replace(['_', '-'], ".");
    if wanted.len() > 100 {
        return None;
    }
    let slips = (wanted.chars().count() / 4).clamp(1, 3);
    USED.iter()
        .map(|used| (strsim::damerau_levenshtein(&wanted, used), *used))
        .filter(|(distance, _)| *distance <= slips)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, used)| used)
}

/// Whether a name that nobody knows may be repeated: a secret that slipped into the place of a name must
/// not be, and names have dots.
pub(super) fn is_speakable(name: &str) -> bool {
    let legal = |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '.' | '_' | '-');
    name.len() <= 80 && name.contains('.') && name.chars().all(legal)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_known_by_either_clients_spelling() {
        assert_eq!(classify("sasl.mechanisms"), Name::Used("sasl.mechanism"));
        assert_eq!(classify("sasl.mechanism"), Name::Used("sasl.mechanism"));
        assert_eq!(
            classify("sasl.oauthbearer.client.credentials.client.secret"),
            Name::Used("sasl.oauthbearer.client.secret")
        );
    }

    #[test]
    fn what_is_for_other_clients_is_passed_over() {
        for name in [
            "acks",
            "linger.ms",
            "group.id",
            "fetch.max.wait.ms",
            "sasl.kerberos.service.name",
            "max.poll.records",
        ] {
            assert_eq!(classify(name), Name::OfOthers, "{name}");
        }
    }

    /// To pass over what restricts the security of a connection would be to promise it.
    #[test]
    fn nothing_that_restricts_security_is_passed_over() {
        for name in [
            "ssl.crl.location",
            "ssl.protocol",
            "ssl.cipher.suites",
            "ssl.curves.list",
            "ssl.sigalgs.list",
        ] {
            assert!(matches!(classify(name), Name::Unsupported(_)), "{name}");
        }
        for name in ["ssl.enabled.protocols", "sasl.oauthbearer.header.urlencode"] {
            assert_eq!(classify(name), Name::Used(name));
        }
    }

    #[test]
    fn a_slip_is_recognised() {
        for (slip, meant) in [
            ("sasl.pasword", Some("sasl.password")),
            ("security_protocol", Some("security.protocol")),
            ("ssl.trustore.location", Some("ssl.truststore.location")),
            ("SASL.MECHANISM", Some("sasl.mechanism")),
            ("something.else", None),
            ("x", None),
        ] {
            assert_eq!(classify(slip), Name::Unknown(meant), "{slip}");
        }
    }

    #[test]
    fn only_what_looks_like_a_name_is_repeated() {
        assert!(is_speakable("some.thing_new-1"));
        for other in ["hunter2", "a.b c", "pä.ss", &format!("a.{}", "b".repeat(80))] {
            assert!(!is_speakable(other), "{other}");
        }
    }
}
