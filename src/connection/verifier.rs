//! Whether a broker is who it says: rustls's own check of the chain and the name, with an answer that
//! says what the certificate has and what would help.

use std::fmt;
use std::sync::Arc;

use tokio_rustls::rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use tokio_rustls::rustls::client::{verify_server_cert_signed_by_trust_anchor, verify_server_name};
use tokio_rustls::rustls::crypto::{CryptoProvider, verify_tls12_signature, verify_tls13_signature};
use tokio_rustls::rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use tokio_rustls::rustls::server::ParsedCertificate;
use tokio_rustls::rustls::{CertificateError, DigitallySignedStruct, Error, OtherError, SignatureScheme};

use super::anchors::Anchors;
use super::certificate;
use super::tls::{NameCheck, Trust};

pub(super) struct Verifier {
    /// `None`: everybody is believed.
    anchors: Option<Anchors>,
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
        let (anchors, who_trusts) = match trust {
            Trust::Anyone => (None, String::new()),
            Trust::System(certificates) => {
                let words = "this system does not trust".to_owned();
                (Some(Anchors::of_system(certificates)), words)
            }
            Trust::Given {
                certificates,
                property,
                origin,
            } => {
                let anchors = Anchors::given(certificates).map_err(|error| {
                    format!("`{property}` holds a certificate that cannot be used ({error})")
                })?;
                let words = format!("is not among the certificates of `{property}` ({origin})");
                (Some(anchors), words)
            }
        };
        Ok(Self {
            anchors,
            who_trusts,
            name_check,
            provider: Arc::clone(provider),
        })
    }

    /// A trusted CA vouches for the certificate, or it is trusted itself, as Java and OpenSSL accept it.
    fn check_chain(
        &self,
        anchors: &Anchors,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        now: UnixTime,
    ) -> Result<(), Error> {
        if certificate::is_before_version_3(end_entity) {
            return Err(refusal(VERSION_1.to_owned()));
        }
        let certificate = ParsedCertificate::try_from(end_entity)?;
        let algorithms = self.provider.signature_verification_algorithms.all;
        let vouched = verify_server_cert_signed_by_trust_anchor(
            &certificate,
            &anchors.roots,
            intermediates,
            now,
            algorithms,
        );
        match vouched {
            // The certificate's own validity is checked before its issuer is looked for, and before it is refused for
            // being a CA's.
            Err(Error::InvalidCertificate(CertificateError::UnknownIssuer | CertificateError::Other(_)))
                if anchors.pins(end_entity) =>
            {
                Ok(())
            }
            decided => decided,
        }
    }

    fn check_name(&self, end_entity: &CertificateDer<'_>, name: &ServerName<'_>) -> Result<(), Error> {
        match self.name_check {
            NameCheck::Off => Ok(()),
            NameCheck::On => match verify_server_name(&ParsedCertificate::try_from(end_entity)?, name) {
                Err(_) if is_common_name(end_entity, name) => Ok(()),
                checked => checked,
            },
        }
    }

    fn refusal(
        &self,
        error: &CertificateError,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        name: &ServerName<'_>,
    ) -> Error {
        let top = intermediates.last().unwrap_or(end_entity);
        let words = match error {
            CertificateError::UnknownIssuer | CertificateError::Other(_) if self.names_no_ca(top) => {
                no_ca(top)
            }
            CertificateError::UnknownIssuer => self.unknown_issuer(top),
            CertificateError::NotValidForNameContext { presented, .. } => {
                wrong_name(end_entity, presented, name)
            }
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
            // Refused here, in words of its own.
            CertificateError::Other(inner) if inner.0.is::<CertificateRefusal>() => inner.0.to_string(),
            other => match weakest(end_entity, intermediates) {
                Some(weak) => weak,
                None => format!("the broker's certificate cannot be accepted ({other})"),
            },
        };
        refusal(words)
    }

    /// Whoever believes everybody needs no proof of who signed.
    fn believes_everybody(&self) -> bool {
        self.anchors.is_none()
    }

    fn names_no_ca(&self, certificate: &CertificateDer<'_>) -> bool {
        let anchors = self.anchors.as_ref();
        anchors.is_some_and(|anchors| anchors.names_no_ca(certificate))
    }

    fn unknown_issuer(&self, top: &CertificateDer<'_>) -> String {
        let issuer = certificate::issuer(top).unwrap_or_else(|| "somebody".to_owned());
        format!(
            "the broker's certificate is issued by `{issuer}`, which {}; give that CA's certificate in \
             `ssl.truststore.location` or `ssl.ca.location`",
            self.who_trusts
        )
    }
}

/// Java reads such a certificate, and takes its common name for the host.
const VERSION_1: &str = "the broker's certificate is of X.509 version 1, which has no extensions, and topicctl verifies \
                         version 3 only; issue it again with the host's name, for instance with openssl x509 -req … \
                         -extfile <(echo subjectAltName=DNS:HOST), or, where that is meant, switch verification off with \
                         `enable.ssl.certificate.verification`";

fn refusal(words: String) -> Error {
    Error::InvalidCertificate(CertificateError::Other(OtherError(Arc::new(CertificateRefusal(
        words,
    )))))
}

fn is_common_name(end_entity: &CertificateDer<'_>, name: &ServerName<'_>) -> bool {
    match name {
        ServerName::DnsName(host) => certificate::is_named_in_common_name(end_entity, host.as_ref()),
        _ => false,
    }
}

/// In words, the first certificate of the chain that is too weak.
fn weakest(end_entity: &CertificateDer<'_>, intermediates: &[CertificateDer<'_>]) -> Option<String> {
    let issuers = intermediates
        .iter()
        .map(|issuer| ("a certificate that the broker sends along", issuer));
    let mut chain = std::iter::once(("the broker's certificate", end_entity)).chain(issuers);
    chain.find_map(|(whose, der)| {
        Some(format!(
            "{whose} is {}; issue it again",
            certificate::weakness(der)?
        ))
    })
}

/// A signature that does not verify, where the key is the reason.
fn weak_key(error: Error, end_entity: &CertificateDer<'_>) -> Error {
    weakest(end_entity, &[]).map_or(error, refusal)
}

fn no_ca(top: &CertificateDer<'_>) -> String {
    let issuer = certificate::issuer(top).unwrap_or_else(|| "somebody".to_owned());
    format!(
        "the broker's certificate is issued by `{issuer}`, whose trusted certificate is no CA's (basicConstraints, \
         keyUsage) and stands for itself alone; give the certificate of a CA in `ssl.truststore.location` or \
         `ssl.ca.location`"
    )
}

fn wrong_name(end_entity: &CertificateDer<'_>, presented: &[String], dialled: &ServerName<'_>) -> String {
    let names: Vec<String> = presented.iter().map(|name| spoken(name)).collect();
    let (has, remedy) = match (&*names, certificate::common_name(end_entity)) {
        ([], None) => ("names no host".to_owned(), WITHOUT_NAMES),
        ([], Some(name)) => (
            format!(
                "has no subjectAltName, and its common name is `{}`",
                certificate::spoken(&name)
            ),
            WITHOUT_NAMES,
        ),
        (names, _) => (
            format!("is for {}", names.join(", ")),
            "use a name that it has as the address",
        ),
    };
    format!(
        "the broker's certificate {has}, not for `{}`; {remedy}, or, where that is meant, switch the check off with an \
         empty `ssl.endpoint.identification.algorithm`",
        dialled.to_str()
    )
}

const WITHOUT_NAMES: &str = "issue it again with the host as subjectAltName (DNS:HOST, IP:ADDRESS)";

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
pub(super) struct CertificateRefusal(pub(super) String);

impl fmt::Display for CertificateRefusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for CertificateRefusal {}

impl ServerCertVerifier for Verifier {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        _ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        let Some(anchors) = &self.anchors else {
            return Ok(ServerCertVerified::assertion());
        };
        let checked = self
            .check_chain(anchors, end_entity, intermediates, now)
            .and_then(|()| self.check_name(end_entity, server_name));
        match checked {
            Ok(()) => Ok(ServerCertVerified::assertion()),
            Err(Error::InvalidCertificate(error)) => {
                Err(self.refusal(&error, end_entity, intermediates, server_name))
            }
            Err(other) => Err(other),
        }
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        if self.believes_everybody() {
            return Ok(HandshakeSignatureValid::assertion());
        }
        let algorithms = &self.provider.signature_verification_algorithms;
        verify_tls12_signature(message, cert, dss, algorithms).map_err(|error| weak_key(error, cert))
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        if self.believes_everybody() {
            return Ok(HandshakeSignatureValid::assertion());
        }
        let algorithms = &self.provider.signature_verification_algorithms;
        verify_tls13_signature(message, cert, dss, algorithms).map_err(|error| weak_key(error, cert))
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider
            .signature_verification_algorithms
            .supported_schemes()
    }
}
