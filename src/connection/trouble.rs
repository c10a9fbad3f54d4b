//! What a failed handshake, or an alert after it, means for people.

use std::error::Error as _;
use std::io;

use tokio_rustls::rustls::{AlertDescription, CertificateError, Error, InvalidMessage, PeerIncompatible};

const SPOKEN: &str = "TLS 1.2 and 1.3, or what `ssl.enabled.protocols` leaves of them";

/// Why TLS does not come about, if that is what an error is about. Waiting changes none of these.
pub fn tls_trouble(error: &io::Error) -> Option<String> {
    let error = error.get_ref()?.downcast_ref::<Error>()?;
    Some(match error {
        Error::InvalidCertificate(CertificateError::Other(refusal)) => said_by(refusal),
        Error::AlertReceived(alert) => alerted(*alert),
        Error::InvalidMessage(InvalidMessage::InvalidContentType | InvalidMessage::UnknownProtocolVersion) => {
            "what answers does not speak TLS; is this a listener for plain text (security.protocol PLAINTEXT or \
             SASL_PLAINTEXT), or no Kafka broker?"
                .to_owned()
        }
        Error::PeerIncompatible(reason) => incompatible(reason),
        other => format!("TLS failed: {other}"),
    })
}

/// Whether it was TLS that failed: what answered speaks it, then.
pub fn is_tls_answer(error: &io::Error) -> bool {
    let error = error.get_ref().and_then(|inner| inner.downcast_ref::<Error>());
    matches!(
        error,
        Some(Error::AlertReceived(_) | Error::PeerIncompatible(_) | Error::InvalidCertificate(_))
    )
}

/// Whether the other side ended TLS, with an alert or without a word, and not this one.
pub fn is_ended_by_peer(error: &io::Error) -> bool {
    let error = error.get_ref().and_then(|inner| inner.downcast_ref::<Error>());
    matches!(error, None | Some(Error::AlertReceived(_)))
}

fn said_by(refusal: &tokio_rustls::rustls::OtherError) -> String {
    // The wrapper's own words add nothing to the inner error's.
    refusal
        .source()
        .map_or_else(|| refusal.to_string(), ToString::to_string)
}

fn incompatible(reason: &PeerIncompatible) -> String {
    format!(
        "the broker and topicctl have no version of TLS or no algorithm in common ({reason:?}); topicctl speaks {SPOKEN}"
    )
}

/// An alert says what the other side did not like about this one.
fn alerted(alert: AlertDescription) -> String {
    match alert {
        AlertDescription::CertificateRequired => client_certificate_required(),
        AlertDescription::BadCertificate
        | AlertDescription::CertificateUnknown
        | AlertDescription::UnknownCA
        | AlertDescription::UnsupportedCertificate
        | AlertDescription::CertificateRevoked
        | AlertDescription::CertificateExpired
        | AlertDescription::AccessDenied => format!(
            "the broker does not accept the client certificate (TLS alert {alert:?}); see `ssl.keystore.*`, and \
             what the broker's truststore holds"
        ),
        AlertDescription::ProtocolVersion => {
            format!("the broker and topicctl have no version of TLS in common; topicctl speaks {SPOKEN}")
        }
        other => format!("the broker ended the TLS handshake (alert {other:?})"),
    }
}

/// A listener with `ssl.client.auth=required`.
pub fn client_certificate_required() -> String {
    "the broker requires a client certificate, and none is given; state it in `ssl.keystore.location`, or in \
     `ssl.certificate.location` and `ssl.key.location`"
        .to_owned()
}

/// A listener that asks for a certificate, and may insist on it.
pub fn client_certificate_requested() -> String {
    "the broker asks for a client certificate, and none is given; if it requires one, state it in \
     `ssl.keystore.location`, or in `ssl.certificate.location` and `ssl.key.location`"
        .to_owned()
}
