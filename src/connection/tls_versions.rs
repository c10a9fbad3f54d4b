//! `ssl.enabled.protocols`: which versions of TLS may be spoken. Java's names; whatever is older than TLS 1.2 is
//! spoken by nobody here.

use tokio_rustls::rustls::SupportedProtocolVersion;
use tokio_rustls::rustls::version::{TLS12, TLS13};

use super::problem::PropertyOrigin;
use super::reading::PropertyReader;

const NAME: &str = "ssl.enabled.protocols";

/// The versions that may be spoken.
#[derive(Debug, Clone)]
pub(super) enum TlsVersions {
    /// 1.2 and 1.3.
    All,
    /// Only this one; where that is stated.
    Only(&'static SupportedProtocolVersion, PropertyOrigin),
}

impl TlsVersions {
    pub(super) fn list(&self) -> Vec<&'static SupportedProtocolVersion> {
        match self {
            Self::All => vec![&TLS13, &TLS12],
            Self::Only(version, _) => vec![version],
        }
    }
}

/// `None` if something is wrong; it is reported.
pub(super) fn versions(reading: &mut PropertyReader<'_>) -> Option<TlsVersions> {
    let Some((words, found)) = reading.word(NAME) else {
        return Some(TlsVersions::All);
    };
    let (mut has_12, mut has_13) = (false, false);
    for word in words.split(',') {
        match word.trim().to_ascii_uppercase().as_str() {
            "TLSV1.2" => has_12 = true,
            "TLSV1.3" => has_13 = true,
            "TLSV1" | "TLSV1.1" | "SSLV3" | "SSLV2HELLO" => {}
            _ => {
                let message = format!("`{NAME}` names something that is no version of TLS");
                reading.missing(
                    &found.origin,
                    message,
                    "it lists TLSv1.2 and TLSv1.3, with commas between",
                );
                return None;
            }
        }
    }
    match (has_12, has_13) {
        (true, true) => Some(TlsVersions::All),
        (true, false) => Some(TlsVersions::Only(&TLS12, found.origin)),
        (false, true) => Some(TlsVersions::Only(&TLS13, found.origin)),
        (false, false) => {
            let message = format!("`{NAME}` names neither TLSv1.2 nor TLSv1.3, and topicctl speaks no other");
            reading.missing(
                &found.origin,
                message,
                "older versions can be read by others; enable TLSv1.2 at the broker",
            );
            None
        }
    }
}
