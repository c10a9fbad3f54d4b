//! The step between an open stream and the first request. A listener without authentication needs
//! none; SASL's exchange belongs here, before any other part sees the connection.

use super::frame::Fault;
use super::stream::Stream;

/// How to prove who one is.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Authentication {
    /// Not at all, or by the stream itself.
    #[default]
    None,
}

/// Takes a fresh stream through authentication.
#[allow(clippy::unused_async, reason = "every method but `None` talks to the broker")]
pub(super) async fn authenticate(stream: Stream, how: &Authentication) -> Result<Stream, Fault> {
    match how {
        Authentication::None => Ok(stream),
    }
}
