//! TLS as rustls wants it, made once and used by every connection.

use std::fmt;
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use tokio::io::{AsyncRead, AsyncWrite};
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use tokio_rustls::rustls::client::ResolvesClientCert;
use tokio_rustls::rustls::crypto::{CryptoProvider, ring};
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use tokio_rustls::rustls::sign::CertifiedKey;
use tokio_rustls::rustls::{ClientConfig, Error, InconsistentKeys, SignatureScheme};
use zeroize::Zeroizing;

use super::certificate::{is_before_version_3, public_key};
use super::problem::PropertyOrigin;
use super::tls_versions::TlsVersions;
use super::trusted_file::TrustedFile;
use super::verifier::Verifier;

/// TLS with everything it needs.
#[derive(Clone)]
pub struct Tls {
    pub(super) trust: Trust,
    pub(super) identity: Option<Identity>,
    pub(super) name_check: NameCheck,
    pub(super) versions: TlsVersions,
    /// For librdkafka, where it needs one.
    pub(super) trusted_file: TrustedFile,
    certified: Option<Arc<CertifiedKey>>,
    /// Without the client certificate, which each connection gives itself, and notes that it did.
    client: Arc<ClientConfig>,
}

/// Whose certificates are believed.
#[derive(Clone)]
pub enum Trust {
    /// Those that the system trusts.
    System(Vec<CertificateDer<'static>>),
    /// Those that a property gives, and no others.
    Given {
        /// The certificates.
        certificates: Vec<CertificateDer<'static>>,
        /// The property's name.
        property: &'static str,
        /// Where it is given.
        origin: PropertyOrigin,
    },
    /// Everybody's. Only on explicit demand.
    Anyone,
}

/// Whether a broker's certificate has to have the name that was dialled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NameCheck {
    /// It has to, as with Java's default `https`.
    On,
    /// Any name will do; the chain is verified all the same.
    Off,
}

/// A client certificate with its key.
#[derive(Clone)]
pub struct Identity {
    pub(super) chain: Vec<CertificateDer<'static>>,
    pub(super) key: Arc<Zeroizing<PrivateKeyDer<'static>>>,
    pub(super) property: &'static str,
    pub(super) origin: PropertyOrigin,
}

/// Neither certificates nor keys belong into a debug output.
impl fmt::Debug for Tls {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let trust = match &self.trust {
            Trust::System(_) => "system",
            Trust::Given { property, .. } => property,
            Trust::Anyone => "anyone",
        };
        f.debug_struct("Tls")
            .field("trust", &trust)
            .field(
                "identity",
                &self.identity.as_ref().map(|identity| identity.property),
            )
            .field("name_check", &self.name_check)
            .finish_non_exhaustive()
    }
}

impl Tls {
    /// # Errors
    /// What is wrong with a certificate or key, for people.
    pub(super) fn new(
        trust: Trust,
        identity: Option<Identity>,
        name_check: NameCheck,
        versions: TlsVersions,
    ) -> Result<Self, String> {
        let provider = Arc::new(ring::default_provider());
        let verifier = Verifier::new(&trust, name_check, &provider)?;
        let certified = identity.as_ref().map(|identity| certified(identity, &provider));
        let builder = ClientConfig::builder_with_provider(provider)
            .with_protocol_versions(&versions.list())
            .map_err(|error| error.to_string())?
            .dangerous()
            .with_custom_certificate_verifier(Arc::new(verifier));
        Ok(Self {
            trust,
            identity,
            name_check,
            versions,
            trusted_file: TrustedFile::default(),
            certified: certified.transpose()?,
            client: Arc::new(builder.with_no_client_auth()),
        })
    }

    /// TLS that believes everybody, to find out whether a port speaks it. Nothing may be sent over it.
    pub fn for_probing() -> Option<Self> {
        Self::new(Trust::Anyone, None, NameCheck::Off, TlsVersions::All).ok()
    }

    /// Prepares a connection to a host, by the name that is dialled.
    ///
    /// # Errors
    /// The name can be no host's.
    pub fn session(&self, host: &str) -> Result<TlsSession, String> {
        let name = ServerName::try_from(host.to_owned())
            .map_err(|_| "it is no name that a certificate can have".to_owned())?;
        let asked = Arc::new(AtomicBool::new(false));
        let mut client = ClientConfig::clone(&self.client);
        client.client_auth_cert_resolver = Arc::new(Resolver {
            certified: self.certified.clone(),
            asked: Arc::clone(&asked),
        });
        Ok(TlsSession {
            connector: TlsConnector::from(Arc::new(client)),
            name,
            has_certificate: self.identity.is_some(),
            asked,
        })
    }
}

fn certified(identity: &Identity, provider: &CryptoProvider) -> Result<Arc<CertifiedKey>, String> {
    let key = identity.key.clone_key();
    let is_old = identity
        .chain
        .first()
        .is_some_and(|leaf| is_before_version_3(leaf));
    let certified = if is_old {
        of_version_1(identity, key, provider)
    } else {
        CertifiedKey::from_der(identity.chain.clone(), key, provider)
    };
    certified.map(Arc::new).map_err(|error| match error {
        Error::InconsistentKeys(_) => {
            format!(
                "`{}`: the private key does not belong to the certificate",
                identity.property
            )
        }
        other => format!("`{}` cannot be used ({other})", identity.property),
    })
}

/// rustls reads no certificate before version 3, to see whether the key belongs to it. Brokers take them.
fn of_version_1(
    identity: &Identity,
    key: PrivateKeyDer<'static>,
    provider: &CryptoProvider,
) -> Result<CertifiedKey, Error> {
    let key = provider.key_provider.load_private_key(key)?;
    let stated = identity.chain.first().and_then(|leaf| public_key(leaf));
    let own = key.public_key();
    if own
        .as_ref()
        .is_some_and(|own| stated.is_some_and(|stated| stated != &**own))
    {
        return Err(Error::InconsistentKeys(InconsistentKeys::KeyMismatch));
    }
    Ok(CertifiedKey::new(identity.chain.clone(), key))
}

/// One connection's TLS.
pub struct TlsSession {
    connector: TlsConnector,
    name: ServerName<'static>,
    has_certificate: bool,
    asked: Arc<AtomicBool>,
}

impl TlsSession {
    /// Agrees on keys with the other side, and checks who it is.
    pub async fn handshake<S>(&self, socket: S) -> io::Result<TlsStream<S>>
    where
        S: AsyncRead + AsyncWrite + Unpin,
    {
        self.connector.connect(self.name.clone(), socket).await
    }

    /// The other side wants a client certificate and there is none to give. Where it insists it closes,
    /// often without a word.
    pub fn lacks_certificate(&self) -> bool {
        !self.has_certificate && self.asked.load(Ordering::Relaxed)
    }
}

/// Gives the client certificate to whoever asks: which authorities a broker names is often not which
/// ones it accepts.
#[derive(Debug)]
struct Resolver {
    certified: Option<Arc<CertifiedKey>>,
    asked: Arc<AtomicBool>,
}

impl ResolvesClientCert for Resolver {
    fn resolve(&self, _issuers: &[&[u8]], _schemes: &[SignatureScheme]) -> Option<Arc<CertifiedKey>> {
        self.asked.store(true, Ordering::Relaxed);
        self.certified.clone()
    }

    /// Always, so that it is seen when a certificate is asked for.
    fn has_certs(&self) -> bool {
        true
    }
}
