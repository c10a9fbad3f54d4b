//! What can go wrong between this tool and a cluster. Every error keeps the broker's own words,
//! and says which broker, which topic and which request it belongs to.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use thiserror::Error;

use super::error_class::{self, ErrorClass};
use crate::model::{BrokerId, NotOffered, ReadError, RequiredAcl};

/// A whole request, or the connection itself, failed.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum AdminError {
    /// None of the bootstrap addresses could be used within the connect deadline.
    #[error("{}", unreachable_text(.attempts, *.waited))]
    Unreachable {
        /// Each address with what happened there, in the order of the list.
        attempts: Vec<FailedAttempt>,
        /// How long it was tried.
        waited: Duration,
    },
    /// The deadline of a request passed without an answer. Whether a write took effect is not known.
    #[error("{request} to {broker}: no answer within {}", short_seconds(*.waited))]
    Timeout {
        /// The request, by its Kafka name.
        request: &'static str,
        /// Who was asked.
        broker: Peer,
        /// How long it was tried, retries included.
        waited: Duration,
    },
    /// The request was never sent: the broker that it is for could not be reached, or is not there.
    #[error("{request} to {broker}: not sent: {reason}")]
    NotSent {
        /// The request, by its Kafka name.
        request: &'static str,
        /// Who should have been asked.
        broker: Peer,
        /// What kept it from being sent.
        reason: Arc<str>,
    },
    /// The request was never sent: the broker does not let this client in, or this client does not trust
    /// the broker. Trying again changes nothing.
    #[error("{request} to {broker}: not sent: {reason}")]
    AuthenticationFailed {
        /// The request, by its Kafka name.
        request: &'static str,
        /// Who should have been asked.
        broker: Peer,
        /// What is in the way, and what would help.
        reason: Arc<str>,
    },
    /// The connection ended before the answer. Whether a write took effect is not known.
    #[error("{request} to {broker}: {reason}")]
    Disconnected {
        /// The request, by its Kafka name.
        request: &'static str,
        /// Who was asked.
        broker: Peer,
        /// What ended the connection.
        reason: Arc<str>,
    },
    /// The broker refused the request as a whole.
    #[error("{request} to {broker}: {error}")]
    Refused {
        /// The request, by its Kafka name.
        request: &'static str,
        /// Who was asked.
        broker: Peer,
        /// Its answer.
        error: BrokerError,
    },
    /// The answer is not what the protocol says.
    #[error("{request} to {broker}: the answer makes no sense ({reason})")]
    Protocol {
        /// The request, by its Kafka name.
        request: &'static str,
        /// Who was asked.
        broker: Peer,
        /// What is wrong with it.
        reason: Arc<str>,
    },
    /// The broker is too old for a request that cannot be done without.
    #[error("{broker} does not support {request} (needs Kafka {since} or later)")]
    Unsupported {
        /// The request, by its Kafka name.
        request: &'static str,
        /// Who was asked.
        broker: Peer,
        /// The first Kafka release that has it.
        since: &'static str,
    },
}

impl AdminError {
    /// Whether a write behind this error may have taken effect all the same, so that only reading
    /// again tells.
    pub fn outcome_is_unknown(&self) -> bool {
        match self {
            Self::Timeout { .. } | Self::Disconnected { .. } | Self::Protocol { .. } => true,
            Self::Refused { error, .. } => error.outcome_is_unknown(),
            Self::Unreachable { .. }
            | Self::NotSent { .. }
            | Self::AuthenticationFailed { .. }
            | Self::Unsupported { .. } => false,
        }
    }
}

/// Who was asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Peer {
    /// `None` for a bootstrap address, whose broker is not known yet.
    pub id: Option<BrokerId>,
    /// `host:port`
    pub address: Arc<str>,
}

impl fmt::Display for Peer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.id {
            Some(id) => write!(f, "broker {id} ({})", self.address),
            None => f.write_str(&self.address),
        }
    }
}

/// One address that could not be used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FailedAttempt {
    /// `host:port` as given.
    pub address: Arc<str>,
    /// What happened, for people.
    pub reason: Arc<str>,
    /// What kind of thing is in the way.
    pub kind: ConnectErrorKind,
}

/// What kind of thing is in the way of a connection, for those who decide whether waiting helps and what
/// to advise.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ConnectErrorKind {
    /// Nobody answers, or not as a broker that is up does. It may be starting.
    NoAnswer,
    /// Something else than a Kafka broker answers.
    NotKafka,
    /// The listener and this side do not agree on how to be secure.
    Security,
    /// There is no token to log in with; its source may be back soon.
    NoToken,
    /// The broker does not accept who this claims to be. The others will not either.
    Login,
}

impl ConnectErrorKind {
    /// Whether it may go away by itself.
    pub fn is_transient(self) -> bool {
        match self {
            Self::NoAnswer | Self::NoToken => true,
            Self::NotKafka | Self::Security | Self::Login => false,
        }
    }
}

fn unreachable_text(attempts: &[FailedAttempt], waited: Duration) -> String {
    let listed: Vec<String> = attempts
        .iter()
        .map(|attempt| format!("  {}: {}", attempt.address, attempt.reason))
        .collect();
    let is_reached = |attempt: &FailedAttempt| match attempt.kind {
        ConnectErrorKind::Security | ConnectErrorKind::NoToken | ConnectErrorKind::Login => true,
        ConnectErrorKind::NoAnswer | ConnectErrorKind::NotKafka => false,
    };
    if attempts.iter().any(is_reached) {
        return format!(
            "no connection to a Kafka broker could be made:\n{}",
            listed.join("\n")
        );
    }
    format!(
        "no Kafka broker could be reached within {}:\n{}",
        short_seconds(waited),
        listed.join("\n")
    )
}

/// `10s`, `0.3s`: a wait as people say it, to the nearest tenth.
pub fn short_seconds(duration: Duration) -> String {
    let tenths = ((duration.as_millis() + 50) / 100).max(1);
    match tenths % 10 {
        0 => format!("{}s", tenths / 10),
        rest => format!("{}.{rest}s", tenths / 10),
    }
}

/// An error code with the broker's own text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BrokerError {
    /// The number on the wire.
    pub code: i16,
    /// Kafka's name of it, such as `INVALID_CONFIG`.
    pub name: Arc<str>,
    /// The broker's own words, where it gave any.
    pub message: Option<Arc<str>>,
    /// The right that this principal lacks, where that is what the broker says.
    pub missing: Option<Box<RequiredAcl>>,
}

impl fmt::Display for BrokerError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.message {
            Some(message) => write!(f, "{message} ({})", self.name)?,
            None => f.write_str(&self.name)?,
        }
        match &self.missing {
            Some(right) => write!(f, ": needs {right}"),
            None => Ok(()),
        }
    }
}

/// One item of a batched request failed; the others stand.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum ItemError {
    /// The broker answered for this item, with an error.
    #[error("{0}")]
    Broker(BrokerError),
    /// The request that carried the item failed.
    #[error("{0}")]
    Request(AdminError),
}

impl ItemError {
    /// Whether a write behind this error may have taken effect all the same.
    pub fn outcome_is_unknown(&self) -> bool {
        match self {
            Self::Broker(error) => error.outcome_is_unknown(),
            Self::Request(error) => error.outcome_is_unknown(),
        }
    }

    /// The right that this principal lacks, if that is what was answered.
    pub fn missing(&self) -> Option<&RequiredAcl> {
        match self {
            Self::Broker(error) | Self::Request(AdminError::Refused { error, .. }) => {
                error.missing.as_deref()
            }
            Self::Request(_) => None,
        }
    }

    /// The error for those who show it.
    pub fn read_error(&self) -> ReadError {
        // Which broker was at hand when it was asked for does not matter.
        if let Self::Request(AdminError::Unsupported { request, since, .. }) = self {
            return NotOffered { request, since }.to_string().into();
        }
        ReadError {
            words: self.to_string().into(),
            missing: self.missing().cloned(),
        }
    }

    /// What kind of answer it is; `None` when the request as a whole failed without an answer.
    pub fn class(&self) -> Option<ErrorClass> {
        match self {
            Self::Broker(error) | Self::Request(AdminError::Refused { error, .. }) => Some(error.class()),
            Self::Request(_) => None,
        }
    }
}

impl BrokerError {
    /// Notes which right was asked for, if the broker says that it is missing.
    #[must_use]
    pub fn needing(self, right: impl FnOnce() -> RequiredAcl) -> Self {
        if self.class() != ErrorClass::NotAuthorized {
            return self;
        }
        Self {
            missing: Some(Box::new(right())),
            ..self
        }
    }

    /// Whether a write behind this error may have taken effect all the same.
    pub fn outcome_is_unknown(&self) -> bool {
        error_class::outcome_is_unknown(self.code)
    }

    /// What the code says, for those who decide what to do about it. Where several cases share a code, the words of
    /// Kafka's controller tell them apart (`ReplicationControlManager.createPartitions`, 3.3 to 4.4).
    pub fn class(&self) -> ErrorClass {
        if error_class::is_about_growth(self.code) && GROWN_MEANWHILE.iter().any(|words| self.mentions(words))
        {
            return ErrorClass::AlreadyHasPartitions;
        }
        error_class::class_of(self.code)
    }

    fn mentions(&self, words: &str) -> bool {
        self.message
            .as_deref()
            .is_some_and(|message| message.contains(words))
    }
}

/// The topic has as many partitions or more meanwhile, or replicas were placed for another number of new ones.
const GROWN_MEANWHILE: [&str; 3] = [
    "already has",
    "would not be an increase",
    "additional partition(s)",
];

#[cfg(test)]
mod tests {
    use super::*;

    /// In the words of Kafka's controller.
    #[test]
    fn a_growth_that_somebody_else_was_first_with_is_looked_at_again() {
        let class = |code: i16, message: &str| {
            let error = BrokerError {
                code,
                name: "".into(),
                message: Some(message.into()),
                missing: None,
            };
            error.class()
        };
        let placed = "Attempted to add 2 additional partition(s), but only 4 assignment(s) were specified.";
        assert_eq!(class(39, placed), ErrorClass::AlreadyHasPartitions);
        let fewer = "The topic a currently has 5 partition(s); 3 would not be an increase.";
        assert_eq!(class(37, fewer), ErrorClass::AlreadyHasPartitions);
        let doubled = "The manual partition assignment includes the broker 1 more than once.";
        assert_eq!(class(39, doubled), ErrorClass::Rejected);
    }

    #[test]
    fn waits_are_said_as_people_say_them() {
        let said = |milliseconds| short_seconds(Duration::from_millis(milliseconds));
        assert_eq!(said(30_008), "30s");
        assert_eq!(said(9_991), "10s");
        assert_eq!(said(311), "0.3s");
        assert_eq!(said(0), "0.1s");
        let late = AdminError::Timeout {
            request: "Metadata",
            broker: Peer {
                id: Some(BrokerId(1)),
                address: "b:9092".into(),
            },
            waited: Duration::from_millis(30_008),
        };
        assert_eq!(
            late.to_string(),
            "Metadata to broker 1 (b:9092): no answer within 30s"
        );
    }
}
