//! What `ssl.*` names, loaded: the certificates that are trusted, and the client's own with its key.

use std::path::Path;
use std::sync::Arc;

use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};
use zeroize::Zeroizing;

use super::anchors::issuers;
use super::pem;
use super::problem::PropertyProblem;
use super::reading::{GivenProperty, PropertyReader, referred};
use super::store_file::{Contents, StorePurpose, contents};
use super::tls::{Identity, NameCheck, Tls, Trust};
use super::tls_versions::versions;

const TRUST: [&str; 4] = [
    "ssl.truststore.location",
    "ssl.truststore.certificates",
    "ssl.ca.location",
    "ssl.ca.pem",
];

const CERTIFICATES: [&str; 4] = [
    "ssl.keystore.location",
    "ssl.keystore.certificate.chain",
    "ssl.certificate.location",
    "ssl.certificate.pem",
];

const KEYS: [&str; 3] = ["ssl.keystore.key", "ssl.key.location", "ssl.key.pem"];

/// librdkafka's names: what the token endpoint's certificate is checked with.
const HTTPS_TRUST: [&str; 2] = ["https.ca.location", "https.ca.pem"];

/// Something is wrong, and it was said.
#[derive(Debug)]
pub(super) struct ReportedStore;

/// `None` if something is wrong; it is reported.
pub(super) fn tls(reading: &mut PropertyReader<'_>) -> Option<Tls> {
    let trust = trust(reading);
    let identity = identity(reading);
    let name_check = name_check(reading);
    let versions = versions(reading);
    let (trust, identity, versions) = (trust?, identity.ok()?, versions?);
    let origin = identity.as_ref().map(|identity| identity.origin.clone());
    let origin = origin.or_else(|| reading.given("security.protocol").map(|found| found.origin));
    match Tls::new(trust, identity, name_check?, versions) {
        Ok(tls) => Some(tls),
        Err(problem) => {
            reading.error(&origin?, problem);
            None
        }
    }
}

/// Java's `https` (its default) or nothing at all; librdkafka writes `none` for that.
fn name_check(reading: &mut PropertyReader<'_>) -> Option<NameCheck> {
    const NAME: &str = "ssl.endpoint.identification.algorithm";
    let Some(found) = reading.given(NAME) else {
        return Some(NameCheck::On);
    };
    match found.value.reveal().trim().to_ascii_lowercase().as_str() {
        "https" => Some(NameCheck::On),
        "" | "none" => {
            let message = format!(
                "`{NAME}` is empty: a broker is believed to be the one that was dialled whatever name its certificate has"
            );
            let problem = PropertyProblem::warning(&found.origin, message);
            reading.report(problem.suggest("leave it out wherever certificates have the brokers' names"));
            Some(NameCheck::Off)
        }
        _ => {
            let message = format!("`{NAME}` has a value that is neither `https` nor empty");
            reading.error(&found.origin, message);
            None
        }
    }
}

fn trust(reading: &mut PropertyReader<'_>) -> Option<Trust> {
    if !is_verifying(reading)? {
        return Some(Trust::Anyone);
    }
    match only_way(reading, &TRUST, "which certificates are trusted").ok()? {
        Some(found) => given_trust(reading, found),
        None => system_trust(reading),
    }
}

fn is_verifying(reading: &mut PropertyReader<'_>) -> Option<bool> {
    const NAME: &str = "enable.ssl.certificate.verification";
    let Some((word, found)) = reading.word(NAME) else {
        return Some(true);
    };
    match word.to_ascii_lowercase().as_str() {
        "true" => Some(true),
        "false" => {
            let message = format!(
                "`{NAME}` is false: anybody on the way can pose as the broker and read everything, the password included"
            );
            reading.report(PropertyProblem::warning(&found.origin, message));
            Some(false)
        }
        _ => {
            reading.error(&found.origin, format!("`{NAME}` is neither true nor false"));
            None
        }
    }
}

/// Of several ways to state one thing, the one that takes precedence. Two of the same rank are an error.
fn only_way(
    reading: &mut PropertyReader<'_>,
    names: &[&'static str],
    what: &str,
) -> Result<Option<GivenProperty>, ReportedStore> {
    let ways = reading.highest(names);
    if let [first, second, ..] = &*ways
        && first.origin.precedence() == second.origin.precedence()
    {
        let message = format!(
            "`{}` and `{}` both state {what}; the other is at {}",
            first.name, second.name, second.origin
        );
        reading.missing(&first.origin, message, "leave one of them out");
        return Err(ReportedStore);
    }
    Ok(ways.into_iter().next())
}

/// The certificates that are trusted with HTTPS, where they are given.
pub(super) fn https_trust(
    reading: &mut PropertyReader<'_>,
) -> Result<Option<Vec<CertificateDer<'static>>>, ReportedStore> {
    // librdkafka's `probe` looks for those of the system, which is what happens without it.
    let ways = only_way(reading, &HTTPS_TRUST, "which certificates are trusted with HTTPS")?;
    let Some(found) = ways.filter(|found| found.value.reveal().trim() != "probe") else {
        return Ok(None);
    };
    let Some(Trust::Given {
        certificates,
        property,
        origin,
    }) = given_trust(reading, found)
    else {
        return Err(ReportedStore);
    };
    let issuers = issuers(&certificates);
    if issuers.is_empty() {
        let message = format!("`{property}` holds no certificate of a CA");
        reading.missing(
            &origin,
            message,
            "give that of the CA that issued the token endpoint's",
        );
        return Err(ReportedStore);
    }
    Ok(Some(issuers))
}

fn given_trust(reading: &mut PropertyReader<'_>, found: GivenProperty) -> Option<Trust> {
    let contents = load(reading, &found, StorePurpose::Trust)?;
    if contents.certificates.is_empty() {
        reading.error(&found.origin, format!("`{}` holds no certificate", found.name));
        return None;
    }
    Some(Trust::Given {
        certificates: contents.certificates,
        property: found.name,
        origin: found.origin,
    })
}

fn system_trust(reading: &mut PropertyReader<'_>) -> Option<Trust> {
    let certificates = rustls_native_certs::load_native_certs().certs;
    if certificates.is_empty() {
        let protocol = reading.given("security.protocol")?;
        let message =
            "this system has no root certificates to check the broker's certificate with".to_owned();
        let suggestion = "state the CA's certificate in `ssl.truststore.location` or `ssl.ca.location`";
        reading.missing(&protocol.origin, message, suggestion);
        return None;
    }
    Some(Trust::System(certificates))
}

fn identity(reading: &mut PropertyReader<'_>) -> Result<Option<Identity>, ReportedStore> {
    let certificate = only_way(reading, &CERTIFICATES, "the client certificate");
    let key = only_way(reading, &KEYS, "the client's private key");
    match (certificate?, key?) {
        (None, None) => Ok(None),
        (Some(certificate), None) => whole_store(reading, &certificate).map(Some).ok_or(ReportedStore),
        (Some(certificate), Some(key)) if certificate.name == "ssl.keystore.location" => {
            if certificate.origin.precedence() > key.origin.precedence() {
                return whole_store(reading, &certificate).map(Some).ok_or(ReportedStore);
            }
            let message = format!(
                "`{}` and `{}` both state the client's key",
                certificate.name, key.name
            );
            reading.missing(&key.origin, message, "leave one of them out");
            Err(ReportedStore)
        }
        (Some(certificate), Some(key)) => two_parts(reading, &certificate, &key)
            .map(Some)
            .ok_or(ReportedStore),
        (None, Some(key)) => {
            let message = format!("`{}` states a private key, and no certificate is given", key.name);
            let suggestion = "state the certificate too, in `ssl.keystore.certificate.chain` or `ssl.certificate.location`";
            reading.missing(&key.origin, message, suggestion);
            Err(ReportedStore)
        }
    }
}

/// Certificate and key in one file.
fn whole_store(reading: &mut PropertyReader<'_>, found: &GivenProperty) -> Option<Identity> {
    let contents = load(reading, found, StorePurpose::Identity)?;
    if contents.certificates.is_empty() {
        reading.error(&found.origin, format!("`{}` holds no certificate", found.name));
        return None;
    }
    let Some(key) = contents.key else {
        let message = format!("`{}` holds no private key", found.name);
        if let Some(trust) = reading.trusted_key {
            let swapped = format!("`{trust}` holds one: the two seem to be swapped");
            reading.missing(&found.origin, message, &swapped);
            return None;
        }
        let suggestion = match found.name {
            "ssl.keystore.location" => "the certificate alone proves nothing: add its key to the file",
            "ssl.keystore.certificate.chain" => "state the key in `ssl.keystore.key`",
            _ => "state the key in `ssl.key.location` or `ssl.key.pem`",
        };
        reading.missing(&found.origin, message, suggestion);
        return None;
    };
    Some(Identity::new(contents.certificates, key, found))
}

fn two_parts(
    reading: &mut PropertyReader<'_>,
    certificate: &GivenProperty,
    key: &GivenProperty,
) -> Option<Identity> {
    let certificates =
        load(reading, certificate, StorePurpose::Identity).map(|contents| contents.certificates);
    let loaded = load(reading, key, StorePurpose::Identity);
    let certificates = certificates?;
    if certificates.is_empty() {
        reading.error(
            &certificate.origin,
            format!("`{}` holds no certificate", certificate.name),
        );
        return None;
    }
    let Some(private) = loaded?.key else {
        reading.error(&key.origin, format!("`{}` holds no private key", key.name));
        return None;
    };
    Some(Identity::new(certificates, private, key))
}

/// What a property holds or names.
fn load(reading: &mut PropertyReader<'_>, found: &GivenProperty, purpose: StorePurpose) -> Option<Contents> {
    let is_inline = !found.name.ends_with(".location");
    if is_inline {
        let inline = reading.dereferenced(found.clone())?;
        let bytes = Zeroizing::new(inline.value.reveal().as_bytes().to_vec());
        return contents(reading, found, &bytes, purpose);
    }
    let value = found.value.reveal().trim();
    let path = Path::new(referred(value).unwrap_or(value));
    if value.contains("-----BEGIN") {
        let message = format!("`{}` holds PEM text, and names a file", found.name);
        reading.missing(&found.origin, message, instead_of_file(found.name));
        return None;
    }
    let bytes = Zeroizing::new(reading.file(found, path)?);
    let contents = contents(reading, found, &bytes, purpose)?;
    if contents.has_key {
        reading.warn_if_exposed(found, path);
    }
    if contents.has_key && purpose == StorePurpose::Trust {
        reading.trusted_key = Some(found.name);
    }
    Some(contents)
}

/// The property that takes the text itself.
fn instead_of_file(name: &str) -> &'static str {
    match name {
        "ssl.truststore.location" => "state the text in `ssl.truststore.certificates`",
        "ssl.keystore.location" => {
            "state the text in `ssl.keystore.certificate.chain` and `ssl.keystore.key`"
        }
        "ssl.certificate.location" => "state the text in `ssl.certificate.pem`",
        "ssl.key.location" => "state the text in `ssl.key.pem`",
        "https.ca.location" => "state the text in `https.ca.pem`",
        _ => "state the text in `ssl.ca.pem`",
    }
}

impl Identity {
    fn new(chain: Vec<CertificateDer<'static>>, key: PrivateKeyDer<'static>, found: &GivenProperty) -> Self {
        Self {
            chain,
            key: Arc::new(Zeroizing::new(key)),
            property: found.name,
            origin: found.origin.clone(),
        }
    }
}

/// Certificates as one PEM text.
pub(super) fn pem_of(certificates: &[CertificateDer<'_>]) -> String {
    certificates
        .iter()
        .map(|certificate| pem::encode("CERTIFICATE", certificate))
        .collect()
}
