//! Whose word counts. Client properties have two sides: the manifest, which whoever may change topics writes, and the
//! operator, who runs topicctl and names a properties file. Whoever writes the manifest decides which topics change,
//! and not how well credentials are protected that do not stand in it: see docs/trust.md, whose table this is.

use std::collections::BTreeMap;

use super::names::{self, Name};
use super::problem::{PropertyOrigin, PropertyProblem};
use super::reading::referred;
use super::resolve::{Properties, Property};
use super::sasl::AWS_CLASSES;
use super::strimzi;
use super::{Authentication, ConnectionConfig, Sasl, Security};

/// Where credentials would be sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Destination {
    /// To this machine alone.
    Loopback,
    /// Over a network.
    Network,
}

/// What belongs together: once the operator states one of these properties, the manifest does not add another.
struct Aspect {
    /// To follow "would change".
    what: &'static str,
    names: &'static [&'static str],
}

const VERIFICATION: &str = "enable.ssl.certificate.verification";
const IDENTIFICATION: &str = "ssl.endpoint.identification.algorithm";
const PROTOCOL: &str = "security.protocol";
const MECHANISM: &str = "sasl.mechanism";
const TOKEN_SOURCE: &str = "sasl.oauthbearer.token.endpoint.url";

const ASPECTS: [Aspect; 4] = [
    Aspect {
        what: "the protocol",
        names: &[PROTOCOL],
    },
    Aspect {
        what: "the mechanism",
        names: &[MECHANISM],
    },
    Aspect {
        what: "how brokers are verified",
        names: &[
            VERIFICATION,
            IDENTIFICATION,
            "ssl.truststore.location",
            "ssl.truststore.certificates",
            "ssl.ca.location",
            "ssl.ca.pem",
            "ssl.enabled.protocols",
        ],
    },
    Aspect {
        what: "where tokens come from",
        names: &[TOKEN_SOURCE, "https.ca.location", "https.ca.pem"],
    },
];

/// What is sent to log in.
const SENT: [&str; 8] = [
    "sasl.username",
    "sasl.password",
    "sasl.jaas.config",
    "sasl.oauthbearer.client.id",
    "sasl.oauthbearer.client.secret",
    "sasl.oauthbearer.extensions",
    "sasl.oauthbearer.scope",
    TOKEN_SOURCE,
];

/// What a client proves to be itself with.
const IDENTITY: [&str; 7] = [
    "ssl.keystore.location",
    "ssl.keystore.key",
    "ssl.key.location",
    "ssl.key.pem",
    "ssl.keystore.password",
    "ssl.key.password",
    "ssl.certificate.location",
];

/// What `sasl.mechanism` PLAIN or OAUTHBEARER sends as it is.
const SECRET: [&str; 3] = [
    "sasl.password",
    "sasl.jaas.config",
    "sasl.oauthbearer.client.secret",
];

/// The properties of one side by the names that count, whichever client's names they were given by.
struct Side(BTreeMap<&'static str, Property>);

impl Side {
    fn new(properties: &Properties) -> Self {
        let used = properties
            .iter()
            .filter_map(|(name, property)| match names::classify(name) {
                Name::Used(name) => Some((name, property.clone())),
                Name::OfOthers | Name::Unsupported(_) | Name::Unknown(_) => None,
            });
        let mut side = Self(used.collect());
        side.add_options();
        side
    }

    /// What the login module states of it; a property takes precedence.
    fn add_options(&mut self) {
        let Some(stated) = self.0.get("sasl.jaas.config").cloned() else {
            return;
        };
        for (name, value) in strimzi::properties_in(stated.value.reveal()) {
            let property = Property {
                value,
                ..stated.clone()
            };
            self.0.entry(name).or_insert(property);
        }
    }

    fn word(&self, name: &str) -> Option<String> {
        let word = self.0.get(name)?.value.reveal().trim().to_ascii_uppercase();
        (!word.is_empty()).then_some(word)
    }

    /// The first property of an aspect that is stated.
    fn states(&self, aspect: &Aspect) -> Option<(&'static str, &Property)> {
        let mut names = aspect.names.iter();
        names.find_map(|name| Some((*name, self.0.get(name)?)))
    }

    /// Whether it gives credentials that do not stand in the manifest.
    fn gives_from_outside(&self) -> bool {
        let mut names = SENT.iter().chain(&IDENTITY);
        self.asks_for_aws()
            || names.any(|name| {
                self.0
                    .get(name)
                    .is_some_and(|property| is_from_outside(name, property))
            })
    }

    /// AWS credentials come from the environment and AWS's own files, and what they sign can be shown to others.
    fn asks_for_aws(&self) -> bool {
        let handler = self.0.get("sasl.login.callback.handler.class");
        self.word(MECHANISM)
            .is_some_and(|mechanism| mechanism == "AWS_MSK_IAM")
            || handler.is_some_and(|class| class.value.reveal().trim().starts_with(AWS_CLASSES))
    }

    fn gives_secret(&self) -> bool {
        let token_file = self.0.get(TOKEN_SOURCE);
        SECRET.iter().any(|name| self.0.contains_key(name))
            || token_file.is_some_and(|source| referred(source.value.reveal()).is_some())
    }
}

fn is_from_outside(name: &str, property: &Property) -> bool {
    let text = property.value.reveal();
    match &property.origin {
        // A URL is no credential, wherever it stands.
        _ if name == TOKEN_SOURCE => referred(text).is_some(),
        PropertyOrigin::File { .. } => true,
        PropertyOrigin::Manifest(_) => {
            property.reads_environment
                || name.ends_with(".location")
                || referred(text).is_some()
                || (name == "sasl.jaas.config" && text.contains("file:"))
        }
    }
}

impl Properties {
    /// Whether there are credentials that do not stand in the manifest: from the properties file, the environment, or
    /// a file of their own.
    pub fn have_credentials_from_outside(&self) -> bool {
        Side::new(self).gives_from_outside()
    }

    /// These, of a manifest, with the operator's over them, which count where both state a property. Where the manifest
    /// would change or weaken what the operator states, for credentials that do not stand in it, that is an error.
    #[must_use]
    pub fn with_operators(self, operators: Self, destination: Destination) -> Self {
        let problems = conflicts(&self, &operators, destination);
        let mut combined = self.overlaid_with(operators);
        combined.add_problems(problems);
        combined
    }
}

fn conflicts(
    manifest: &Properties,
    operators: &Properties,
    destination: Destination,
) -> Vec<PropertyProblem> {
    let (manifest, operators) = (Side::new(manifest), Side::new(operators));
    let is_nothing_sent = operators
        .word(PROTOCOL)
        .is_some_and(|protocol| protocol == "PLAINTEXT");
    let has_credentials = manifest.gives_from_outside() || operators.gives_from_outside();
    if is_nothing_sent || !has_credentials {
        return Vec::new();
    }
    let mut problems: Vec<PropertyProblem> = ASPECTS
        .iter()
        .filter_map(|aspect| Some((aspect, operators.states(aspect)?)))
        .flat_map(|(aspect, stated)| changed(&manifest, &operators, aspect, stated))
        .collect();
    problems.extend(unverified(&manifest, &operators, destination));
    problems.extend(in_plain_text(&manifest, &operators, destination));
    problems
}

/// What the manifest states of something that the operator states.
fn changed(
    manifest: &Side,
    operators: &Side,
    aspect: &Aspect,
    (stated, there): (&'static str, &Property),
) -> Vec<PropertyProblem> {
    let mut problems = Vec::new();
    for name in aspect.names {
        let Some(property) = manifest.0.get(name) else {
            continue;
        };
        let is_same = match operators.0.get(name) {
            Some(of_operator) => is_same(name, property, of_operator),
            None => is_default(name, property),
        };
        if !is_same {
            let message = format!(
                "`{name}` would change {}, which the properties file states: `{stated}` ({})",
                aspect.what, there.origin
            );
            problems.push(PropertyProblem::error(&property.origin, message).suggest(OF_THE_FILE));
        }
    }
    problems
}

const OF_THE_FILE: &str = "leave it out of the manifest, or use nothing that the manifest says of the connection, with \
                           --untrusted-file: credentials that do not stand in it are the operator's";

/// Names of protocols and the like are written in either case; paths and texts are not.
fn is_same(name: &str, one: &Property, other: &Property) -> bool {
    let (one, other) = (one.value.reveal().trim(), other.value.reveal().trim());
    let is_text = name.contains(".location")
        || name.contains(".pem")
        || name.contains("certificates")
        || name == TOKEN_SOURCE;
    one == other || (!is_text && one.eq_ignore_ascii_case(other))
}

/// What nobody has to state changes nothing where it is stated.
fn is_default(name: &str, property: &Property) -> bool {
    let word = property.value.reveal().trim();
    (name == VERIFICATION && word.eq_ignore_ascii_case("true"))
        || (name == IDENTIFICATION && word.eq_ignore_ascii_case("https"))
}

/// A manifest that switches verification off, where the operator asks for TLS, or gives the secret.
fn unverified(manifest: &Side, operators: &Side, destination: Destination) -> Vec<PropertyProblem> {
    let asks_for_tls = operators
        .word(PROTOCOL)
        .is_some_and(|protocol| protocol.ends_with("SSL"));
    let gives = operators.gives_secret() && destination == Destination::Network;
    let is_said = operators.states(&ASPECTS[2]).is_some();
    if is_said || !(asks_for_tls || gives) {
        return Vec::new();
    }
    let is_off = |name: &&str| {
        manifest
            .0
            .get(*name)
            .is_some_and(|property| !is_default(name, property))
    };
    [VERIFICATION, IDENTIFICATION]
        .into_iter()
        .filter(is_off)
        .filter_map(|name| {
            let message = format!("`{name}` would switch off how brokers are verified, for credentials that do not stand in the manifest");
            let problem = PropertyProblem::error(&manifest.0.get(name)?.origin, message);
            Some(problem.suggest("state it in the properties file, if that is meant"))
        })
        .collect()
}

/// A manifest that has the secret of the properties file sent as it is.
fn in_plain_text(manifest: &Side, operators: &Side, destination: Destination) -> Option<PropertyProblem> {
    let is_plain = operators.word(PROTOCOL).is_none() && manifest.word(PROTOCOL)? == "SASL_PLAINTEXT";
    let mechanism = operators.word(MECHANISM).or_else(|| manifest.word(MECHANISM))?;
    let sends = matches!(&*mechanism, "PLAIN" | "OAUTHBEARER" | "AWS_MSK_IAM");
    if !is_plain || !sends || !operators.gives_secret() || destination == Destination::Loopback {
        return None;
    }
    let message = format!(
        "`{PROTOCOL}` would send the secret of the properties file in plain text ({mechanism} over SASL_PLAINTEXT)"
    );
    let problem = PropertyProblem::error(&manifest.0.get(PROTOCOL)?.origin, message);
    Some(problem.suggest("use SASL_SSL or SCRAM-SHA-512; or state `security.protocol` in the properties file, if that is meant"))
}

impl ConnectionConfig {
    /// A warning where what logs in can be read on its way.
    pub fn in_plain_text(&self, destination: Destination) -> Option<PropertyProblem> {
        let (Security::Plaintext, Authentication::Sasl(sasl), Destination::Network) =
            (&self.security, &self.authentication, destination)
        else {
            return None;
        };
        let (what, origin, instead) = match sasl {
            Sasl::Plain(credentials) => (
                "password",
                &credentials.origin,
                "set `security.protocol` to SASL_SSL, or `sasl.mechanism` to SCRAM-SHA-512",
            ),
            Sasl::OAuthBearer(tokens) => ("token", tokens.origin(), "set `security.protocol` to SASL_SSL"),
            Sasl::AwsMskIam(iam) => (
                "signed request",
                iam.origin(),
                "set `security.protocol` to SASL_SSL",
            ),
            Sasl::Scram(..) => return None,
        };
        let message = format!(
            "the {what} is sent in plain text ({} over SASL_PLAINTEXT): everybody on the way can read it",
            sasl.mechanism()
        );
        Some(PropertyProblem::warning(origin, message).suggest(instead))
    }
}
