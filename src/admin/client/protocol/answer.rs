//! From error codes on the wire to errors that keep the broker's own words, and which of them are
//! worth another attempt.

use std::sync::Arc;
use std::time::Duration;

use kafka_protocol::error::ResponseError;
use kafka_protocol::protocol::StrBytes;

use crate::admin::error::short_seconds;
use crate::admin::{AdminError, BrokerError, ErrorClass, ItemError};
use crate::model::printable;

/// What the broker said of one item of a request; `Ok` for code 0.
pub(crate) fn check(code: i16, message: Option<&StrBytes>) -> Result<(), BrokerError> {
    match ResponseError::try_from_code(code) {
        None => Ok(()),
        Some(error) => Err(BrokerError {
            code,
            name: name(error),
            message: message
                .filter(|text| !text.trim().is_empty())
                .map(|text| printable(text).into()),
            missing: None,
        }),
    }
}

/// An error that this side knows to be the broker's answer in another place.
pub(crate) fn broker_error(error: ResponseError, message: Option<&str>) -> BrokerError {
    BrokerError {
        code: error.code(),
        name: name(error),
        message: message.map(Arc::from),
        missing: None,
    }
}

/// Kafka's own name: the crate's, in the letters of the protocol guide.
fn name(error: ResponseError) -> Arc<str> {
    if let ResponseError::Unknown(code) = error {
        return format!("error code {code}").into();
    }
    let mut name = String::new();
    for letter in error.to_string().chars() {
        if letter.is_ascii_uppercase() && !name.is_empty() {
            name.push('_');
        }
        name.push(letter.to_ascii_uppercase());
    }
    name.into()
}

/// Whether the same request can succeed later.
pub(crate) fn is_retriable(error: &BrokerError) -> bool {
    error.class() == ErrorClass::Retriable
}

/// The request should have gone to the active controller.
pub(crate) fn is_not_controller(error: &BrokerError) -> bool {
    error.code == ResponseError::NotController.code()
}

/// A controller quota (KIP-599); the answer says how long to wait.
pub(crate) fn is_throttled(error: &BrokerError) -> bool {
    error.code == ResponseError::ThrottlingQuotaExceeded.code()
}

/// The controller's words on a quota do not say for how long; its answer does, beside them.
pub(crate) fn with_pause(error: BrokerError, pause: Duration) -> BrokerError {
    if !is_throttled(&error) {
        return error;
    }
    let words = error
        .message
        .as_deref()
        .unwrap_or("the quota for changes of topics is used up");
    let message = format!(
        "{words}; the controller asks to be left alone for {}",
        short_seconds(pause)
    );
    BrokerError {
        message: Some(message.into()),
        ..error
    }
}

/// The broker gave up waiting: a write may have happened.
pub(crate) fn is_timed_out(error: &BrokerError) -> bool {
    error.code == ResponseError::RequestTimedOut.code()
}

/// The controller's limits on one request: 10,000 records, 10,000 new partitions. The same items
/// pass in smaller requests.
pub(crate) fn is_too_much_at_once(error: &BrokerError) -> bool {
    error.code == ResponseError::PolicyViolation.code()
        && error
            .message
            .as_deref()
            .is_some_and(|text| text.contains("xcessively large"))
}

/// The throttle time of an answer.
pub(crate) fn throttle(milliseconds: i32) -> Duration {
    Duration::from_millis(u64::try_from(milliseconds).unwrap_or(0))
}

/// Nothing was asked, so asking again, elsewhere too, is safe even for a write.
pub(crate) fn was_not_sent(error: &AdminError) -> bool {
    match error {
        AdminError::NotSent { .. }
        | AdminError::AuthenticationFailed { .. }
        | AdminError::Unreachable { .. } => true,
        AdminError::Timeout { .. }
        | AdminError::Disconnected { .. }
        | AdminError::Refused { .. }
        | AdminError::Protocol { .. }
        | AdminError::Unsupported { .. } => false,
    }
}

/// Another broker, or the same one a moment later, may answer where this attempt failed.
pub(crate) fn is_worth_another_broker(error: &AdminError) -> bool {
    match error {
        AdminError::NotSent { .. } | AdminError::Timeout { .. } | AdminError::Disconnected { .. } => true,
        AdminError::Unreachable { attempts, .. } => {
            attempts.is_empty() || attempts.iter().any(|attempt| attempt.kind.is_transient())
        }
        AdminError::Refused { error, .. } => is_retriable(error),
        AdminError::AuthenticationFailed { .. }
        | AdminError::Protocol { .. }
        | AdminError::Unsupported { .. } => false,
    }
}

/// Whether an item is to be asked for again.
pub(crate) fn item_is_retriable<T>(result: &Result<T, ItemError>) -> bool {
    match result {
        Ok(_) | Err(ItemError::Request(_)) => false,
        Err(ItemError::Broker(error)) => is_retriable(error),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_carry_kafkas_names_and_the_brokers_words() {
        let words = StrBytes::from_static_str("Topic with this name already exists.");
        let error = check(36, Some(&words)).unwrap_err();
        assert_eq!(
            error.to_string(),
            "Topic with this name already exists. (TOPIC_ALREADY_EXISTS)"
        );
        assert_eq!(check(0, None), Ok(()));
        assert_eq!(check(-1, None).unwrap_err().to_string(), "UNKNOWN_SERVER_ERROR");
        assert_eq!(
            check(17, None).unwrap_err().name.as_ref(),
            "INVALID_TOPIC_EXCEPTION"
        );
        assert_eq!(
            check(3, None).unwrap_err().name.as_ref(),
            "UNKNOWN_TOPIC_OR_PARTITION"
        );
        assert_eq!(
            check(6, None).unwrap_err().name.as_ref(),
            "NOT_LEADER_OR_FOLLOWER"
        );
        let blank = StrBytes::from_static_str(" ");
        assert_eq!(
            check(9999, Some(&blank)).unwrap_err().to_string(),
            "error code 9999"
        );
    }
}
