//! Anchors for librdkafka that signed not themselves. Its OpenSSL ends a chain at a root, unless a certificate says
//! itself what it is trusted for (`X509_check_trust`): that is a form of PEM, which is only read from files
//! (`X509_load_cert_crl_file`).

use std::io::Write as _;
use std::path::Path;
use std::sync::{Arc, OnceLock};

use tempfile::NamedTempFile;
use tokio_rustls::rustls::pki_types::CertificateDer;

use super::anchors::issuers;
use super::pem;

/// `X509_CERT_AUX`: trusted for servers (1.3.6.1.5.5.7.3.1).
const TRUSTED_FOR_SERVERS: [u8; 14] = [
    0x30, 0x0c, 0x30, 0x0a, 0x06, 0x08, 0x2b, 0x06, 0x01, 0x05, 0x05, 0x07, 0x03, 0x01,
];

/// Made when it is first asked for, and deleted with the last clone.
#[derive(Clone, Default)]
pub(super) struct TrustedFile(Arc<OnceLock<Option<NamedTempFile>>>);

impl TrustedFile {
    /// A file with all of these that may vouch for others; `None` where none can be made.
    pub(super) fn path(&self, certificates: &[CertificateDer<'static>]) -> Option<&Path> {
        let made = self.0.get_or_init(|| written(&text(certificates)).ok());
        made.as_ref().map(NamedTempFile::path)
    }
}

fn text(certificates: &[CertificateDer<'static>]) -> String {
    let trusted = issuers(certificates).into_iter();
    let trusted = trusted.map(|issuer| {
        pem::encode(
            "TRUSTED CERTIFICATE",
            &[&issuer, &TRUSTED_FOR_SERVERS[..]].concat(),
        )
    });
    trusted.collect()
}

fn written(text: &str) -> std::io::Result<NamedTempFile> {
    let mut file = NamedTempFile::with_prefix("topicctl-trusted-")?;
    file.write_all(text.as_bytes())?;
    file.flush()?;
    Ok(file)
}
