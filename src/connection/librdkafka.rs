//! The same connection for librdkafka, by its names of the properties. What was loaded from files goes
//! along as text, so that both planes trust and present the very same certificates.

use std::collections::BTreeMap;

use super::anchors::{have_root, issuers};
use super::pem;
use super::problem::{PropertyProblem, PropertyProblems};
use super::stores::pem_of;
use super::tls::{Identity, NameCheck, Tls, Trust};
use super::tls_versions::TlsVersions;
use super::{Authentication, ConnectionConfig, Sasl, Security};
use crate::model::Secret;

use tokio_rustls::rustls::pki_types::PrivateKeyDer;
use tokio_rustls::rustls::version::TLS13;

/// Properties for librdkafka, by its names.
pub type LibrdkafkaProperties = BTreeMap<&'static str, Secret>;

impl ConnectionConfig {
    /// This connection as librdkafka's properties; the addresses are not among them. Every value is a
    /// [`Secret`], since some of them are.
    pub fn librdkafka(&self) -> LibrdkafkaProperties {
        let mut properties = LibrdkafkaProperties::new();
        properties.insert("client.id", Secret::new(&*self.client_id));
        properties.insert(
            "security.protocol",
            Secret::new(self.protocol().to_ascii_lowercase()),
        );
        if let Security::Tls(tls) = &self.security {
            put_tls(tls, &mut properties);
        }
        if let Authentication::Sasl(sasl) = &self.authentication {
            put_sasl(sasl, &mut properties);
        }
        properties
    }

    /// What the data plane does without, since librdkafka cannot be told: nobody should have to guess why a
    /// broker refuses it. What it would do against the properties is an error.
    pub fn without_effect_on_events(&self) -> PropertyProblems {
        let mut problems = Vec::new();
        if let Authentication::Sasl(Sasl::OAuthBearer(tokens)) = &self.authentication
            && !tokens.extensions().is_empty()
        {
            let message = "`events` sends the token without the extensions that go along with it elsewhere";
            let problem = PropertyProblem::warning(tokens.origin(), message);
            problems.push(problem.suggest(
                "a broker that needs `sasl.oauthbearer.extensions` lets `events` in by another mechanism only",
            ));
        }
        if let Security::Tls(tls) = &self.security {
            problems.extend(any_version(&tls.versions));
            problems.extend(no_anchor(tls));
        }
        PropertyProblems(problems)
    }
}

/// librdkafka speaks TLS 1.2 and 1.3, whichever the broker prefers.
fn any_version(versions: &TlsVersions) -> Option<PropertyProblem> {
    let TlsVersions::Only(version, origin) = versions else {
        return None;
    };
    if version.version == TLS13.version {
        let message =
            "`ssl.enabled.protocols` leaves TLS 1.2 out, and `events` cannot be kept from speaking it";
        let problem = PropertyProblem::error(origin, message);
        return Some(problem.suggest("leave TLS 1.2 out at the broker's listener instead"));
    }
    let message = "`ssl.enabled.protocols` leaves TLS 1.3 out, and `events` speaks it where the broker does";
    Some(PropertyProblem::warning(origin, message))
}

/// Java and the admin plane believe a broker whose own certificate is trusted; OpenSSL only one that a CA vouches for,
/// or that signed itself.
fn no_anchor(tls: &Tls) -> Option<PropertyProblem> {
    let Trust::Given {
        certificates,
        property,
        origin,
    } = &tls.trust
    else {
        return None;
    };
    if have_root(certificates) {
        return None;
    }
    if issuers(certificates).is_empty() {
        let message = format!(
            "`{property}` holds no certificate of a CA, and `events` and `monitor` (librdkafka) believe no broker without"
        );
        let problem = PropertyProblem::error(origin, message);
        return Some(problem.suggest("add the certificate of the CA that issued the brokers'"));
    }
    if tls.trusted_file.path(certificates).is_some() {
        return None;
    }
    let message = format!(
        "`{property}` holds no root, and no temporary file can be made by which `events` and `monitor` (librdkafka) do \
         without"
    );
    let problem = PropertyProblem::error(origin, message);
    Some(problem.suggest("add the certificate of the root, or set TMPDIR to a folder that can be written to"))
}

fn put_tls(tls: &Tls, properties: &mut LibrdkafkaProperties) {
    match &tls.trust {
        Trust::Given { certificates, .. } if !have_root(certificates) => {
            if let Some(path) = tls.trusted_file.path(certificates) {
                properties.insert("ssl.ca.location", Secret::new(path.to_string_lossy()));
            }
        }
        Trust::System(certificates) | Trust::Given { certificates, .. } => {
            properties.insert("ssl.ca.pem", Secret::new(pem_of(certificates)));
        }
        Trust::Anyone => {
            properties.insert("enable.ssl.certificate.verification", Secret::new("false"));
        }
    }
    let algorithm = match tls.name_check {
        NameCheck::On => "https",
        NameCheck::Off => "none",
    };
    properties.insert("ssl.endpoint.identification.algorithm", Secret::new(algorithm));
    if let Some(identity) = &tls.identity {
        properties.insert("ssl.certificate.pem", Secret::new(pem_of(&identity.chain)));
        properties.insert("ssl.key.pem", key_pem(identity));
    }
}

fn key_pem(identity: &Identity) -> Secret {
    let label = match &**identity.key {
        PrivateKeyDer::Pkcs1(_) => "RSA PRIVATE KEY",
        PrivateKeyDer::Sec1(_) => "EC PRIVATE KEY",
        _ => "PRIVATE KEY",
    };
    Secret::new(pem::encode(label, identity.key.secret_der()))
}

fn put_sasl(sasl: &Sasl, properties: &mut LibrdkafkaProperties) {
    // It has no mechanism of AWS, whose brokers take a token as well.
    let mechanism = sasl.tokens().map_or_else(|| sasl.mechanism(), |_| "OAUTHBEARER");
    properties.insert("sasl.mechanisms", Secret::new(mechanism));
    match sasl {
        Sasl::Plain(credentials) | Sasl::Scram(_, credentials) => {
            properties.insert("sasl.username", credentials.username.clone());
            properties.insert("sasl.password", credentials.password.clone());
        }
        // Whoever makes the client gives it the tokens, when it asks for one: `Tokens::current`.
        Sasl::OAuthBearer(_) | Sasl::AwsMskIam(_) => {}
    }
}
