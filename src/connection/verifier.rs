//! Whether a broker is who it says: rustls's own check of the chain and the name, with an answer that
//! says what the certificate has and what would help.

use std::fmt;
use std::sync::Arc;

use tokio_rustls::rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use tokio_rustls::rustls::client::{WebPkiServerVerifier, verify_server_name};
use tokio_rustls::rustls::crypto::{CryptoProvider, verify_tls12_signature, verify_tls13_signature};
use tokio_rustls::rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use tokio_rustls::rustls::server::ParsedCertificate;
use tokio_rustls::rustls::{
    CertificateError, DigitallySignedStruct, Error, OtherError, RootCertStore, SignatureScheme,
};

use super::certificate;
use super::tls::{NameCheck, Trust};

pub(super) struct Verifier {
    /// `None`: everybody is believed.
    chain: Option<Arc<WebPkiServerVerifier>>,
    trusted: Vec<CertificateDer<'static>>,
    /// How the trusted certificates are spoken of after "which".
    who_trusts: String,
    name_check: NameCheck,
    provider: Arc<CryptoProvider>,
}

impl fmt::Debug for Verifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Verifier")
            .field("name_check", &self.name_check)
            .finish_non_exhaustive()
    }
}

impl Verifier {
    pub(super) fn new(
        trust: &Trust,
        name_check: NameCheck,
        provider: &Arc<CryptoProvider>,
    ) -> Result<Self, String> {
        let (chain, trusted, who_trusts) = match trust {
            Trust::Anyone => (None, Vec::new(), String::new()),
            Trust::System(certificates) => {
                let mut roots = RootCertStore::empty();
                // Systems carry roots that no library can read.
                roots.add_parsable_certificates(certificates.iter().cloned());
                let words = "this system does not trust".to_owned();
                (Some(chain(roots, provider)?), Vec::new(), words)
            }
            Trust::Given {
                certificates,
                property,
                origin,
            } => {
                let mut roots = RootCertStore::empty();
                for certificate in certificates {
                    let added = roots.add(certificate.clone());
                    added.map_err(|error| {
                        format!("`{property}` holds a certificate that cannot be used ({error})")
                    })?;
                }
                let words = format!("is not among the certificates of `{property}` ({origin})");
                (Some(chain(roots, provider)?), certificates.clone(), words)
            }
        };
        Ok(Self {
            chain,
            trusted,
            who_trusts,
            name_check,
            provider: Arc::clone(provider),
        })
    }

    /// A second opinion on what rustls refuses.
    fn reconsider(
        &self,
        error: CertificateError,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        name: &ServerName<'_>,
    ) -> Result<ServerCertVerified, Error> {
        match error {
            // The name is checked last: the chain is in order.
            CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. }
                if self.name_check == NameCheck::Off =>
            {
                Ok(ServerCertVerified::assertion())
            }
            // A self-signed certificate that is itself the one that is trusted, made with the flag of a CA,
            // as OpenSSL makes them. Java and OpenSSL accept it. Validity was checked before the flag.
            CertificateError::UnknownIssuer | CertificateError::Other(_) if self.is_pinned(end_entity) => {
                self.check_name_alone(end_entity, name)
            }
            error => Err(self.refusal(&error, end_entity, intermediates, name)),
        }
    }

    fn is_pinned(&self, end_entity: &CertificateDer<'_>) -> bool {
        self.trusted.iter().any(|trusted| **trusted == **end_entity)
    }

    fn check_name_alone(
        &self,
        end_entity: &CertificateDer<'_>,
        name: &ServerName<'_>,
    ) -> Result<ServerCertVerified, Error> {
        if self.name_check == NameCheck::Off {
            return Ok(ServerCertVerified::assertion());
        }
        match verify_server_name(&ParsedCertificate::try_from(end_entity)?, name) {
            Ok(()) => Ok(ServerCertVerified::assertion()),
            Err(Error::InvalidCertificate(error)) => Err(self.refusal(&error, end_entity, &[], name)),
            Err(other) => Err(other),
        }
    }

    fn refusal(
        &self,
        error: &CertificateError,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        name: &ServerName<'_>,
    ) -> Error {
        let words = match error {
            CertificateError::UnknownIssuer => self.unknown_issuer(end_entity, intermediates),
            CertificateError::NotValidForNameContext { presented, .. } => wrong_name(presented, name),
            CertificateError::ExpiredContext { not_after, .. } => {
                format!(
                    "the broker's certificate expired on {}",
                    certificate::date(*not_after)
                )
            }
            CertificateError::NotValidYetContext { not_before, .. } => format!(
                "the broker's certificate is only valid from {} on; is the clock right here and there?",
                certificate::date(*not_before)
            ),
            CertificateError::Other(inner) => {
                format!("the broker's certificate cannot be accepted ({:?})", inner.0)
            }
            other => format!("the broker's certificate cannot be accepted ({other})"),
        };
        Error::InvalidCertificate(CertificateError::Other(OtherError(Arc::new(Refusal(words)))))
    }

    fn unknown_issuer(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
    ) -> String {
        let top = intermediates.last().unwrap_or(end_entity);
        let issuer = certificate::issuer(top).unwrap_or_else(|| "somebody".to_owned());
        format!(
            "the broker's certificate is issued by `{issuer}`, which {}; give that CA's certificate in \
             `ssl.truststore.location` or `ssl.ca.location`",
            self.who_trusts
        )
    }
}

fn chain(roots: RootCertStore, provider: &Arc<CryptoProvider>) -> Result<Arc<WebPkiServerVerifier>, String> {
    WebPkiServerVerifier::builder_with_provider(Arc::new(roots), Arc::clone(provider))
        .build()
        .map_err(|error| format!("the trusted certificates cannot be used ({error})"))
}

fn wrong_name(presented: &[String], dialled: &ServerName<'_>) -> String {
    let names: Vec<String> = presented.iter().map(|name| spoken(name)).collect();
    let has = match &*names {
        [] => "names no host".to_owned(),
        names => format!("is for {}", names.join(", ")),
    };
    format!(
        "the broker's certificate {has}, not for `{}`; use a name that it has as the address, or, where that \
         is meant, switch the check off with an empty `ssl.endpoint.identification.algorithm`",
        dialled.to_str()
    )
}

/// `DnsName("localhost")`, as rustls presents it, as people write it.
fn spoken(presented: &str) -> String {
    let inside = presented
        .split_once('(')
        .and_then(|(_, rest)| rest.strip_suffix(')'));
    let name = inside.unwrap_or(presented).trim_matches('"');
    format!("`{}`", certificate::spoken(name))
}

/// Why a certificate is not accepted, for people.
#[derive(Debug)]
pub(super) struct Refusal(pub(super) String);

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Refusal {}

impl ServerCertVerifier for Verifier {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        let Some(chain) = &self.chain else {
            return Ok(ServerCertVerified::assertion());
        };
        match chain.verify_server_cert(end_entity, intermediates, server_name, ocsp_response, now) {
            Err(Error::InvalidCertificate(error)) => {
                self.reconsider(error, end_entity, intermediates, server_name)
            }
            decided => decided,
        }
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls12_signature(
            message,
            cert,
            dss,
            &self.provider.signature_verification_algorithms,
        )
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls13_signature(
            message,
            cert,
            dss,
            &self.provider.signature_verification_algorithms,
        )
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider
            .signature_verification_algorithms
            .supported_schemes()
    }
}
