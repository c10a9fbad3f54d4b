//! Why a connection could not be made, in words, and whether it is worth trying again.

use std::sync::Arc;

use crate::admin::client::session::login::Refusal;
use crate::admin::client::transport::frame::TransportError;
use crate::admin::client::transport::stream::NoStream;
use crate::admin::{AdminError, ConnectErrorKind};
use crate::connection::{TlsSession, client_certificate_requested, client_certificate_required};

/// A connection could not be made.
#[derive(Clone)]
pub(crate) struct Failure {
    pub(crate) reason: Arc<str>,
    pub(crate) kind: ConnectErrorKind,
    /// The time was over.
    pub(crate) is_late: bool,
    /// The other side took the first words and closed, as one does that speaks something else.
    pub(crate) is_closed: bool,
    pub(crate) login: LoginEnd,
}

/// What became of the login.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum LoginEnd {
    /// It did not come to that, or it is known how it ended.
    Settled,
    /// It began, and nobody knows how it ended.
    Unheard,
    /// That happened too often: neither this address nor another one is to be tried again.
    GivenUp,
}

impl Failure {
    pub(crate) fn new(reason: impl Into<Arc<str>>, kind: ConnectErrorKind) -> Self {
        Self {
            reason: reason.into(),
            kind,
            is_late: false,
            is_closed: false,
            login: LoginEnd::Settled,
        }
    }

    pub(crate) fn silent() -> Self {
        Self {
            is_late: true,
            ..Self::new("it does not answer", ConnectErrorKind::NoAnswer)
        }
    }

    pub(crate) fn waiting() -> Self {
        Self {
            is_late: true,
            ..Self::new(
                "it was not known in time how logging in at another address ends",
                ConnectErrorKind::NoAnswer,
            )
        }
    }

    pub(crate) fn for_good(self) -> Self {
        let reason = format!(
            "{}; that happened twice, and there is no third time, since the password may be wrong and accounts get locked",
            self.reason
        );
        Self {
            login: LoginEnd::GivenUp,
            reason: reason.into(),
            ..self
        }
    }
}

impl From<NoStream> for Failure {
    fn from(failure: NoStream) -> Self {
        match failure {
            NoStream::Handshake(TransportError::Disconnected(reason)) => Self {
                is_closed: true,
                ..Self::new(
                    format!("{reason} during the TLS handshake; is this no TLS port?"),
                    ConnectErrorKind::NoAnswer,
                )
            },
            NoStream::Socket(fault) | NoStream::Handshake(fault) => {
                Self::new(Arc::clone(fault.text()), kind(&fault))
            }
            NoStream::Late => Self {
                is_late: true,
                ..Self::new(
                    "it accepted the connection but did not answer the TLS handshake; is this no TLS port?",
                    ConnectErrorKind::NoAnswer,
                )
            },
        }
    }
}

impl From<Refusal> for Failure {
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::Login(reason) => Self::new(reason, ConnectErrorKind::Login),
            Refusal::Security(reason) => Self::new(reason, ConnectErrorKind::Security),
            Refusal::NoToken(reason) => Self::new(reason, ConnectErrorKind::NoToken),
            Refusal::Unheard(error) => Self {
                login: LoginEnd::Unheard,
                ..Self::from(Refusal::Failed(error))
            },
            Refusal::Failed(error) => Self {
                is_late: matches!(error, AdminError::Timeout { .. }),
                ..Self::new(format!("logging in failed: {error}"), ConnectErrorKind::NoAnswer)
            },
        }
    }
}

fn kind(fault: &TransportError) -> ConnectErrorKind {
    match fault {
        TransportError::Disconnected(_) => ConnectErrorKind::NoAnswer,
        TransportError::InvalidResponse(_) | TransportError::NotKafka(_) => ConnectErrorKind::NotKafka,
        TransportError::Security(_) => ConnectErrorKind::Security,
    }
}

/// What it means when the very first request fails.
pub(crate) fn first_words(
    error: AdminError,
    fault: Option<TransportError>,
    tls: Option<&TlsSession>,
) -> Failure {
    let lacks_certificate = tls.is_some_and(TlsSession::lacks_certificate);
    let hint = match tls {
        None => "is this a TLS port, or no Kafka broker?",
        Some(_) => "is this a Kafka broker?",
    };
    match (fault, error) {
        // Java's TLS says that the certificate is bad when it means that there is none.
        (Some(TransportError::Security(_)), _) if lacks_certificate => {
            Failure::new(client_certificate_required(), ConnectErrorKind::Security)
        }
        // One that only requests a certificate can be lost like any other.
        (Some(TransportError::Disconnected(reason)), _) if lacks_certificate => {
            let reason = format!(
                "{reason} at the first request; {}",
                client_certificate_requested()
            );
            Failure::new(reason, ConnectErrorKind::NoAnswer)
        }
        (
            Some(
                fault @ (TransportError::NotKafka(_)
                | TransportError::InvalidResponse(_)
                | TransportError::Security(_)),
            ),
            _,
        ) => Failure::new(Arc::clone(fault.text()), kind(&fault)),
        (_, AdminError::Timeout { .. }) => Failure {
            is_late: true,
            ..Failure::new(
                format!("it accepted the connection but did not answer; {hint}"),
                ConnectErrorKind::NoAnswer,
            )
        },
        (_, AdminError::Protocol { reason, .. }) => {
            let reason = format!("its answer makes no sense ({reason}); {hint}");
            Failure::new(reason, ConnectErrorKind::NotKafka)
        }
        (Some(TransportError::Disconnected(reason)), _) => Failure {
            is_closed: true,
            ..Failure::new(
                format!("{reason} at the first request; {hint}"),
                ConnectErrorKind::NoAnswer,
            )
        },
        (None, other) => Failure::new(other.to_string(), ConnectErrorKind::NoAnswer),
    }
}
