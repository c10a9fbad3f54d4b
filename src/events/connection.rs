//! How publishers and consumers reach a cluster: the one place that turns a connection into rdkafka's
//! configuration.

use std::collections::BTreeMap;
use std::error::Error;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, SystemTime};

use rdkafka::client::{ClientContext, OAuthToken};
use rdkafka::config::{ClientConfig, RDKafkaLogLevel};
use rdkafka::consumer::{BaseConsumer, ConsumerContext, Rebalance};
use rdkafka::error::{KafkaError, RDKafkaErrorCode};
use thiserror::Error as ThisError;

use crate::connection::{Authentication, ConnectionConfig, Tokens};
use crate::model::{Secret, printable};

/// What brokers and their operators see of this client.
const CLIENT_ID: &str = "topicctl";

/// Where a cluster is, and how to speak to it.
#[derive(Debug, Clone)]
pub struct Connection {
    properties: BTreeMap<String, Secret>,
    /// Where the tokens of OAUTHBEARER come from.
    tokens: Option<Tokens>,
    /// Keeps the file that a property may name.
    _config: Option<ConnectionConfig>,
}

impl Connection {
    /// A cluster by its addresses: `host:port`, several separated by commas. In plain text, unless
    /// properties say otherwise.
    pub fn new(bootstrap: &str) -> Self {
        let connection = Self {
            properties: BTreeMap::new(),
            tokens: None,
            _config: None,
        };
        connection
            .with("bootstrap.servers", Secret::new(bootstrap))
            .with("client.id", Secret::new(CLIENT_ID))
    }

    /// A cluster by its addresses, with the security that both planes share.
    pub fn secured(bootstrap: &str, config: &ConnectionConfig) -> Self {
        let properties = config.librdkafka().into_iter();
        let tokens = match &config.authentication {
            Authentication::Sasl(sasl) => sasl
                .tokens()
                .map(|tokens| tokens.for_broker(first_host(bootstrap))),
            Authentication::None => None,
        };
        let new = Self {
            tokens,
            _config: Some(config.clone()),
            ..Self::new(bootstrap)
        };
        properties.fold(new, |connection, (name, value)| connection.with(name, value))
    }

    /// Adds a property by librdkafka's name, such as `security.protocol`. It beats what was said before.
    #[must_use]
    pub fn with(mut self, name: &str, value: Secret) -> Self {
        self.properties.insert(name.to_owned(), value);
        self
    }

    /// What librdkafka calls back for a client of this connection.
    pub(super) fn context(&self) -> LogContext {
        LogContext {
            trouble: Arc::default(),
            tokens: self.tokens.clone(),
        }
    }

    /// The configuration: `defaults` where the connection says nothing, `fixed` whatever it says.
    pub(super) fn config(&self, defaults: &[(&str, &str)], fixed: &[(&str, &str)]) -> ClientConfig {
        let mut config = ClientConfig::new();
        for (name, value) in defaults {
            config.set(*name, *value);
        }
        for (name, value) in &self.properties {
            config.set(name, value.reveal());
        }
        for (name, value) in fixed {
            config.set(*name, *value);
        }
        config
    }
}

/// The host of the first address; its name may say the region that a token is for.
fn first_host(bootstrap: &str) -> &str {
    let first = bootstrap.split(',').next().unwrap_or(bootstrap);
    first.rsplit_once(':').map_or(first, |(host, _)| host)
}

/// A client that cannot be made: a property that librdkafka does not know, or a value that it refuses.
#[derive(Debug, Clone, PartialEq, Eq, ThisError)]
#[error("this connection cannot be used: {0}")]
pub struct BadConnection(String);

impl From<KafkaError> for BadConnection {
    /// Values are left out, since one of them may be a password.
    fn from(error: KafkaError) -> Self {
        match error {
            KafkaError::ClientConfig(_, words, name, _) if name.is_empty() => Self(words),
            KafkaError::ClientConfig(_, _, name, _) => Self(format!(
                "the client property {name} is not known to librdkafka, or its value is none"
            )),
            other => Self(other.to_string()),
        }
    }
}

/// Keeps librdkafka's words: the log goes to `tracing`, and the last trouble into the next error.
#[derive(Clone)]
pub(super) struct LogContext {
    trouble: Arc<Mutex<Option<String>>>,
    tokens: Option<Tokens>,
}

impl LogContext {
    /// What went wrong last between this client and the brokers, as a clause for the end of a message.
    pub(super) fn trouble(&self) -> LastTrouble {
        let trouble = self.trouble.lock().unwrap_or_else(PoisonError::into_inner);
        LastTrouble(trouble.clone())
    }

    /// Whether it logs in with tokens, which are replaced as they age.
    pub(super) fn has_tokens(&self) -> bool {
        self.tokens.is_some()
    }
}

/// The last trouble of a connection, if there was any.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LastTrouble(Option<String>);

impl fmt::Display for LastTrouble {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Some(words) => write!(f, " (the last trouble with a broker: {words})"),
            None => Ok(()),
        }
    }
}

/// A token that does not say when it expires is asked for again after this time.
const TOKEN_LIFETIME: Duration = Duration::from_mins(10);

/// How long the source of tokens may take; librdkafka asks again after ten seconds.
const TOKEN_WAIT: Duration = Duration::from_secs(10);

impl ClientContext for LogContext {
    const ENABLE_REFRESH_OAUTH_TOKEN: bool = true;

    fn generate_oauth_token(&self, _: Option<&str>) -> Result<OAuthToken, Box<dyn Error>> {
        let tokens = self.tokens.as_ref().ok_or("this connection has no tokens")?;
        let token = tokens.current(TOKEN_WAIT)?;
        let expires = token
            .expires()
            .unwrap_or_else(|| SystemTime::now() + TOKEN_LIFETIME);
        let lifetime = expires.duration_since(SystemTime::UNIX_EPOCH)?.as_millis();
        Ok(OAuthToken {
            token: token.reveal().to_owned(),
            // Brokers take the principal from the token itself.
            principal_name: CLIENT_ID.to_owned(),
            lifetime_ms: i64::try_from(lifetime)?,
        })
    }

    fn log(&self, level: RDKafkaLogLevel, facility: &str, message: &str) {
        let message = printable(message);
        match level {
            RDKafkaLogLevel::Emerg
            | RDKafkaLogLevel::Alert
            | RDKafkaLogLevel::Critical
            | RDKafkaLogLevel::Error
            | RDKafkaLogLevel::Warning => tracing::warn!(target: "librdkafka", "{facility}: {message}"),
            RDKafkaLogLevel::Notice | RDKafkaLogLevel::Info => {
                tracing::info!(target: "librdkafka", "{facility}: {message}");
            }
            RDKafkaLogLevel::Debug => tracing::debug!(target: "librdkafka", "{facility}: {message}"),
        }
    }

    fn error(&self, error: KafkaError, reason: &str) {
        let reason = printable(reason);
        tracing::debug!(target: "librdkafka", "{error}: {reason}");
        let mut trouble = self.trouble.lock().unwrap_or_else(PoisonError::into_inner);
        // "All brokers are down" says less than why the last of them is.
        let says_less = error.rdkafka_error_code() == Some(RDKafkaErrorCode::AllBrokersDown);
        if trouble.is_none() || !says_less {
            *trouble = Some(reason.into_owned());
        }
    }
}

impl ConsumerContext for LogContext {
    fn post_rebalance(&self, _: &BaseConsumer<Self>, rebalance: &Rebalance<'_>) {
        tracing::debug!("rebalance: {rebalance:?}");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_brokers_words_are_nothing_that_a_terminal_obeys() {
        let context = Connection::new("localhost:9092").context();
        let failed = KafkaError::Global(RDKafkaErrorCode::Authentication);
        context.error(failed, "SASL: \u{1b}[2Jno\nsuch user");
        assert_eq!(
            context.trouble().to_string(),
            " (the last trouble with a broker: SASL: \u{fffd}[2Jno such user)"
        );
    }
}
