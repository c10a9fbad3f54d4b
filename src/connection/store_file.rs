//! The formats of key and trust stores: PEM, PKCS#12, and Java's own, which is only recognised.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use p12_keystore::{KeyStore, KeyStoreEntry, Pkcs12ImportPolicy};
use pkcs8::{EncryptedPrivateKeyInfoRef, pkcs5};
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};

use zeroize::Zeroizing;

use super::pem::{self, PemSection};
use super::reading::{GivenProperty, PropertyReader};

/// What a store holds.
#[derive(Default)]
pub(super) struct Contents {
    pub(super) certificates: Vec<CertificateDer<'static>>,
    pub(super) key: Option<PrivateKeyDer<'static>>,
    /// Whether there is a private key, which of a truststore is not read.
    pub(super) has_key: bool,
}

/// Opens what a login module states for the token endpoint; no client has a property for it.
pub(super) const HTTPS_PASSWORD: &str = "https.ca.password";

/// The first bytes of Java's own formats, JKS and JCEKS.
const JAVA: [[u8; 4]; 2] = [[0xfe, 0xed, 0xfe, 0xed], [0xce, 0xce, 0xce, 0xce]];

/// `None` if the bytes cannot be used; that is reported.
pub(super) fn contents(
    reading: &mut PropertyReader<'_>,
    found: &GivenProperty,
    bytes: &[u8],
    purpose: StorePurpose,
) -> Option<Contents> {
    if pem::is_pem(bytes) {
        return of_pem(reading, found, &String::from_utf8_lossy(bytes), purpose);
    }
    if let Some(decoded) = from_base64(bytes) {
        return contents(reading, found, &decoded, purpose);
    }
    if bytes.first_chunk().is_some_and(|start| JAVA.contains(start)) {
        java(reading, found);
        return None;
    }
    if bytes.first() == Some(&0x30) {
        return of_pkcs12(reading, found, bytes, purpose);
    }
    let message = format!("`{}` is neither PEM nor PKCS#12", found.name);
    reading.missing(&found.origin, message, "PEM begins with `-----BEGIN …-----`");
    None
}

/// A whole store in base64, as it stands in a secret of Kubernetes.
fn from_base64(bytes: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
    let text = std::str::from_utf8(bytes).ok()?;
    let compact: Zeroizing<String> =
        Zeroizing::new(text.chars().filter(|letter| !letter.is_whitespace()).collect());
    let decoded = Zeroizing::new(BASE64_STANDARD.decode(compact.as_bytes()).ok()?);
    let is_store = pem::is_pem(&decoded) || decoded.first() == Some(&0x30);
    is_store.then_some(decoded)
}

/// The names of the files are those of files that exist, so they may be repeated.
fn java(reading: &mut PropertyReader<'_>, found: &GivenProperty) {
    let path = found.value.reveal().trim();
    let stem = path.rsplit_once('.').map_or(path, |(stem, _)| stem);
    let line = format!(
        "convert it: keytool -importkeystore -srckeystore {path} -destkeystore {stem}.p12 -deststoretype PKCS12"
    );
    let message = format!("`{}` is a key store that only Java reads (JKS)", found.name);
    reading.missing(&found.origin, message, &line);
}

fn of_pem(
    reading: &mut PropertyReader<'_>,
    found: &GivenProperty,
    text: &str,
    purpose: StorePurpose,
) -> Option<Contents> {
    let Ok(sections) = pem::sections(text) else {
        let message = format!("`{}` is broken PEM", found.name);
        reading.missing(
            &found.origin,
            message,
            "every `-----BEGIN X-----` needs its `-----END X-----`, and base64 between",
        );
        return None;
    };
    let mut contents = Contents::default();
    for section in sections {
        match (section.label.as_str(), &section.der) {
            ("CERTIFICATE" | "X509 CERTIFICATE" | "TRUSTED CERTIFICATE", Some(der)) => {
                contents.certificates.push(CertificateDer::from(der.clone()));
            }
            (label, _) if label.ends_with("PRIVATE KEY") => {
                contents.has_key = true;
                if purpose == StorePurpose::Identity {
                    contents.key = Some(private_key(reading, found, &section)?);
                }
            }
            _ => {}
        }
    }
    Some(contents)
}

fn private_key(
    reading: &mut PropertyReader<'_>,
    found: &GivenProperty,
    section: &PemSection,
) -> Option<PrivateKeyDer<'static>> {
    let Some(der) = section.der.clone() else {
        let message = format!(
            "`{}`: the private key is encrypted in a form that came before PKCS#8",
            found.name
        );
        let line = "convert it: openssl pkcs8 -topk8 -v2 aes256 -in OLD.pem -out NEW.pem";
        reading.missing(&found.origin, message, line);
        return None;
    };
    match section.label.as_str() {
        "RSA PRIVATE KEY" => Some(PrivateKeyDer::Pkcs1(der.into())),
        "EC PRIVATE KEY" => Some(PrivateKeyDer::Sec1(der.into())),
        "ENCRYPTED PRIVATE KEY" => decrypted(reading, found, &der),
        _ => Some(PrivateKeyDer::Pkcs8(der.into())),
    }
}

fn decrypted(
    reading: &mut PropertyReader<'_>,
    found: &GivenProperty,
    der: &[u8],
) -> Option<PrivateKeyDer<'static>> {
    const PASSWORD: &str = "ssl.key.password";
    if reading.given(PASSWORD).is_none() {
        let message = format!(
            "`{}`: the private key is encrypted, and `{PASSWORD}` is not given",
            found.name
        );
        reading.missing(
            &found.origin,
            message,
            "state its password: `${VARIABLE}` or `file:PATH`",
        );
        return None;
    }
    let password = reading.secret(PASSWORD)?;
    let Ok(encrypted) = EncryptedPrivateKeyInfoRef::try_from(der) else {
        reading.error(
            &found.origin,
            format!("`{}`: the encrypted private key is broken", found.name),
        );
        return None;
    };
    let text = password.value.reveal();
    let decrypted = encrypted
        .decrypt(text)
        .or_else(|_| encrypted.decrypt(text.trim()));
    match decrypted {
        Ok(document) => {
            let key = PrivatePkcs8KeyDer::from(document.as_bytes().to_vec());
            Some(PrivateKeyDer::Pkcs8(key))
        }
        Err(pkcs8::Error::EncryptedPrivateKey(
            pkcs5::Error::UnsupportedAlgorithm { .. } | pkcs5::Error::NoPbes1CryptSupport,
        )) => {
            let message = format!(
                "`{}`: the private key is encrypted with an algorithm that is not supported",
                found.name
            );
            let line = "convert it: openssl pkcs8 -topk8 -v2 aes256 -in OLD.pem -out NEW.pem";
            reading.missing(&found.origin, message, line);
            None
        }
        Err(_) => {
            let message = format!(
                "`{PASSWORD}` does not open the private key of `{}` ({})",
                found.name, found.origin
            );
            reading.error(&password.origin, message);
            None
        }
    }
}

/// Which password opens a store, and what is wanted of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum StorePurpose {
    /// The certificates that are trusted: all of a PEM text; of PKCS#12, as Java, those that are marked so.
    Trust,
    /// A key with its certificates.
    Identity,
}

impl StorePurpose {
    fn password(self, found: &GivenProperty) -> &'static str {
        match self {
            Self::Trust if found.name.starts_with("https.") => HTTPS_PASSWORD,
            Self::Trust => "ssl.truststore.password",
            Self::Identity => "ssl.keystore.password",
        }
    }
}

fn of_pkcs12(
    reading: &mut PropertyReader<'_>,
    found: &GivenProperty,
    bytes: &[u8],
    purpose: StorePurpose,
) -> Option<Contents> {
    let name = purpose.password(found);
    let is_given = reading.given(name).is_some();
    let password = reading.secret(name);
    if is_given && password.is_none() {
        return None;
    }
    let text = password.as_ref().map_or("", |password| password.value.reveal());
    match opened(bytes, text) {
        Ok(store) => match purpose {
            StorePurpose::Trust => trusted_in(reading, found, &store),
            StorePurpose::Identity => Some(identity_in(&store)),
        },
        Err(error) => {
            refused(reading, found, password.as_ref(), name, &error);
            None
        }
    }
}

/// As with Java, whose clients trim what they read, blanks and line ends around a password are no part of it, unless
/// the store opens with them.
fn opened(bytes: &[u8], password: &str) -> Result<KeyStore, p12_keystore::error::Error> {
    let open = |password: &str| KeyStore::from_pkcs12(bytes, password, Pkcs12ImportPolicy::Strict);
    match open(password) {
        Err(_) if password.trim() != password => open(password.trim()),
        opened => opened,
    }
}

fn refused(
    reading: &mut PropertyReader<'_>,
    found: &GivenProperty,
    password: Option<&GivenProperty>,
    name: &str,
    error: &p12_keystore::error::Error,
) {
    use p12_keystore::error::Error;
    match (error, password) {
        (Error::MacError(_), Some(password)) => {
            let message = format!("`{name}` does not open `{}` ({})", found.name, found.origin);
            reading.error(&password.origin, message);
        }
        (Error::MacError(_), None) => {
            let message = format!(
                "`{}` is PKCS#12 with a password, and `{name}` is not given",
                found.name
            );
            reading.missing(
                &found.origin,
                message,
                "state its password: `${VARIABLE}` or `file:PATH`",
            );
        }
        (error, _) => {
            let message = format!("`{}` cannot be read as PKCS#12 ({error})", found.name);
            reading.error(&found.origin, message);
        }
    }
}

/// As Java's `TrustStoreUtil`: what is marked as trusted, and the first certificate of each key.
fn trusted_in(reading: &mut PropertyReader<'_>, found: &GivenProperty, store: &KeyStore) -> Option<Contents> {
    let certificates = store.entries().filter_map(|(_, entry)| match entry {
        KeyStoreEntry::Certificate(certificate) => Some(certificate),
        KeyStoreEntry::PrivateKeyChain(chain) => chain.certs().first(),
        KeyStoreEntry::Secret(_) => None,
    });
    let certificates: Vec<_> = certificates
        .map(|certificate| CertificateDer::from(certificate.as_der().to_vec()))
        .collect();
    if certificates.is_empty() {
        let message = format!("`{}` holds no certificate that is marked as trusted", found.name);
        let suggestion = "as with Java, only such entries of PKCS#12 count: make it with `keytool -importcert`, or give the \
                          CA's certificate as PEM";
        reading.missing(&found.origin, message, suggestion);
        return None;
    }
    Some(Contents {
        certificates,
        key: None,
        has_key: store.private_key_chain().is_some(),
    })
}

fn identity_in(store: &KeyStore) -> Contents {
    let Some((_, chain)) = store.private_key_chain() else {
        let certificates = store.entries().filter_map(|(_, entry)| match entry {
            KeyStoreEntry::Certificate(certificate) => Some(certificate.as_der().to_vec().into()),
            KeyStoreEntry::PrivateKeyChain(_) | KeyStoreEntry::Secret(_) => None,
        });
        return Contents {
            certificates: certificates.collect(),
            ..Contents::default()
        };
    };
    let certificates = chain.certs().iter();
    Contents {
        certificates: certificates
            .map(|certificate| CertificateDer::from(certificate.as_der().to_vec()))
            .collect(),
        key: Some(PrivateKeyDer::Pkcs8(chain.key().as_der().to_vec().into())),
        has_key: true,
    }
}
