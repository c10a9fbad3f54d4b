//! What each error code of the protocol says to whoever decides what to do: the one table for the client's retries, for
//! `apply` and for the reads.

use kafka_protocol::error::ResponseError;

/// What kind of answer an error code is. The numbers themselves stay in `admin`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ErrorClass {
    /// `TOPIC_ALREADY_EXISTS`: read again.
    AlreadyExists,
    /// `UNKNOWN_TOPIC_OR_PARTITION`, `UNKNOWN_TOPIC_ID`: there is no such topic (any more, or yet). Kafka counts both
    /// as retriable; here they are the answer.
    NoSuchTopic,
    /// The topic has as many partitions or more meanwhile: read again.
    AlreadyHasPartitions,
    /// Topic, cluster or group authorisation failed.
    NotAuthorized,
    /// The broker refuses the value or the policy does, and would again.
    Rejected,
    /// A transient condition (leader election, throttling, controller move): the same request can succeed later.
    Retriable,
}

/// The class of an error code.
pub(super) fn class_of(code: i16) -> ErrorClass {
    use ResponseError as E;
    match ResponseError::try_from_code(code) {
        Some(E::TopicAlreadyExists) => ErrorClass::AlreadyExists,
        Some(E::UnknownTopicOrPartition | E::UnknownTopicId) => ErrorClass::NoSuchTopic,
        Some(E::TopicAuthorizationFailed | E::ClusterAuthorizationFailed | E::GroupAuthorizationFailed) => {
            ErrorClass::NotAuthorized
        }
        // Kafka counts it as retriable. A preferred leader can be out of the ISR for hours.
        Some(E::PreferredLeaderNotAvailable) => ErrorClass::Rejected,
        // Kafka's exceptions of these two are no RetriableException. Both end without anybody's doing.
        Some(E::BrokerNotAvailable | E::RebalanceInProgress) => ErrorClass::Retriable,
        Some(error) if error.is_retriable() => ErrorClass::Retriable,
        Some(_) | None => ErrorClass::Rejected,
    }
}

/// Whether the code can mean that a topic has grown meanwhile.
pub(super) fn is_about_growth(code: i16) -> bool {
    [
        ResponseError::InvalidPartitions.code(),
        ResponseError::InvalidReplicaAssignment.code(),
    ]
    .contains(&code)
}

/// Whether a write that was answered so may have taken effect: a broker that forwards to the controller answers so when
/// it does not know what became of the request.
pub(super) fn outcome_is_unknown(code: i16) -> bool {
    [
        ResponseError::RequestTimedOut.code(),
        ResponseError::NetworkException.code(),
        ResponseError::UnknownServerError.code(),
    ]
    .contains(&code)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every code that is not simply refused, as Kafka 4.4 numbers them.
    #[test]
    fn the_table_by_code() {
        let listed = |class| {
            (-1..=200)
                .filter(|code| class_of(*code) == class)
                .collect::<Vec<i16>>()
        };
        assert_eq!(listed(ErrorClass::AlreadyExists), [36]);
        assert_eq!(listed(ErrorClass::NoSuchTopic), [3, 100]);
        assert_eq!(listed(ErrorClass::NotAuthorized), [29, 30, 31]);
        insta::assert_debug_snapshot!(
            listed(ErrorClass::Retriable)
                .iter()
                .map(|code| { format!("{code} {}", ResponseError::try_from_code(*code).unwrap()) })
                .collect::<Vec<_>>()
        );
    }

    #[test]
    fn only_answers_of_who_does_not_know_leave_the_outcome_open() {
        let open: Vec<i16> = (-1..=200).filter(|code| outcome_is_unknown(*code)).collect();
        assert_eq!(open, [-1, 7, 13]);
    }
}
