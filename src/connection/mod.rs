//! How to connect: client properties as operators have them, understood once into a
//! [`ConnectionConfig`] from which both the admin client and the data plane get theirs.
//!
//! Properties come from the manifest's `client` and from a Java properties file, by the names of Java's
//! client and of librdkafka. [`resolve`] reads them in this order: `names` tells which of them count,
//! `reading` hands out their values, `security` and `sasl` understand them, `stores` loads what they
//! name, `tls` makes a rustls configuration of it. Every problem is found at once, named with its place;
//! no value is ever repeated.
//!
//! Dialling, and what a broker says to all this, belong to others.

mod allowed;
mod anchors;
mod aws;
mod certificate;
mod command;
mod exposed;
mod jaas;
mod librdkafka;
mod named_files;
mod names;
mod oauth;
mod pem;
mod problem;
mod properties;
mod reading;
mod resolve;
mod sasl;
mod security;
mod sides;
mod store_file;
mod stores;
mod strimzi;
mod tls;
mod tls_versions;
mod token_endpoint;
mod tokens;
mod trouble;
mod trusted_file;
mod variables;
mod verifier;

use std::sync::Arc;

use crate::model::{Secret, invisible_in};

pub use allowed::{AddressPattern, AllowedAddresses, InvalidAddressPattern, is_loopback};
pub use aws::MskIam;
#[cfg(test)]
pub(crate) use aws::stand_in;
pub use exposed::exposure_remedy;
pub use librdkafka::LibrdkafkaProperties;
pub use problem::{PropertyOrigin, PropertyProblem, PropertyProblems};
pub use resolve::{Properties, ReadFile, read_named_file, read_properties, resolve, resolve_in};
pub use sides::Destination;
pub use tls::{Identity, NameCheck, Tls, TlsSession, Trust};
pub use tokens::{NoToken, Token, Tokens};
pub use trouble::{
    client_certificate_requested, client_certificate_required, is_ended_by_peer, is_tls_answer, tls_trouble,
};
pub use variables::Environment;

/// Everything that decides whether a connection is let in, apart from the address.
#[derive(Debug, Clone)]
pub struct ConnectionConfig {
    /// What protects the bytes.
    pub security: Security,
    /// How to prove who one is.
    pub authentication: Authentication,
    /// How the brokers' logs and quotas know this client.
    pub client_id: Arc<str>,
}

impl Default for ConnectionConfig {
    /// What Kafka's clients do when they are told nothing: plain text, nobody in particular.
    fn default() -> Self {
        Self {
            security: Security::Plaintext,
            authentication: Authentication::None,
            client_id: env!("CARGO_PKG_NAME").into(),
        }
    }
}

impl ConnectionConfig {
    /// The security protocol by Kafka's name.
    pub fn protocol(&self) -> &'static str {
        match (&self.security, &self.authentication) {
            (Security::Plaintext, Authentication::None) => "PLAINTEXT",
            (Security::Plaintext, Authentication::Sasl(_)) => "SASL_PLAINTEXT",
            (Security::Tls(_), Authentication::None) => "SSL",
            (Security::Tls(_), Authentication::Sasl(_)) => "SASL_SSL",
        }
    }
}

/// What protects the bytes on their way.
#[derive(Debug, Clone)]
pub enum Security {
    /// Nothing: they can be read by everybody between here and there.
    Plaintext,
    /// TLS.
    Tls(Box<Tls>),
}

/// How to prove who one is.
#[derive(Debug, Clone)]
pub enum Authentication {
    /// Not at all, or with the client certificate of TLS.
    None,
    /// By SASL.
    Sasl(Sasl),
}

/// A SASL mechanism with what it needs.
#[derive(Debug, Clone)]
pub enum Sasl {
    /// PLAIN: the password itself is sent.
    Plain(Credentials),
    /// SCRAM: both sides prove that they know the password.
    Scram(ScramHash, Credentials),
    /// OAUTHBEARER: a token of an identity provider.
    OAuthBearer(Tokens),
    /// `AWS_MSK_IAM`: a request that is signed with AWS credentials.
    AwsMskIam(MskIam),
}

impl Sasl {
    /// Kafka's name of the mechanism.
    pub fn mechanism(&self) -> &'static str {
        match self {
            Self::Plain(_) => "PLAIN",
            Self::Scram(ScramHash::Sha256, _) => "SCRAM-SHA-256",
            Self::Scram(ScramHash::Sha512, _) => "SCRAM-SHA-512",
            Self::OAuthBearer(_) => "OAUTHBEARER",
            Self::AwsMskIam(_) => "AWS_MSK_IAM",
        }
    }

    /// The tokens by which librdkafka logs in; AWS MSK takes them from whoever has the right credentials.
    pub fn tokens(&self) -> Option<Tokens> {
        match self {
            Self::OAuthBearer(tokens) => Some(tokens.clone()),
            Self::AwsMskIam(iam) => Some(Tokens::of_msk(iam.clone())),
            Self::Plain(_) | Self::Scram(..) => None,
        }
    }

    /// Whether AWS's IAM decides who may do what, and not Kafka's ACLs.
    pub fn is_of_aws(&self) -> bool {
        match self {
            Self::AwsMskIam(_) => true,
            Self::OAuthBearer(tokens) => tokens.are_of_msk(),
            Self::Plain(_) | Self::Scram(..) => false,
        }
    }

    /// Where what it proves is stated, in words, for whoever has to correct it.
    pub fn credential_origin(&self) -> String {
        match self {
            Self::Plain(credentials) | Self::Scram(_, credentials) => {
                let stated = format!("the password is stated at {}", credentials.origin);
                match invisible_in(credentials.password.reveal()) {
                    Some(invisible) => format!("{stated}, and {invisible}"),
                    None => stated,
                }
            }
            Self::OAuthBearer(tokens) => tokens.credential_origin(),
            Self::AwsMskIam(iam) => iam.credential_origin(),
        }
    }
}

/// The hash of a SCRAM mechanism.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ScramHash {
    /// SCRAM-SHA-256
    Sha256,
    /// SCRAM-SHA-512
    Sha512,
}

/// A user name and password.
#[derive(Debug, Clone)]
pub struct Credentials {
    /// The user name.
    pub username: Secret,
    /// The password.
    pub password: Secret,
    /// Where they are stated, for whoever has to correct them.
    pub origin: PropertyOrigin,
}

#[cfg(test)]
mod tests;
