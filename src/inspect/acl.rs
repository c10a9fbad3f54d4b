//! Which ACL a principal lacked: once for plans, `describe` and `monitor`.

use crate::admin::{ErrorClass, ItemError};
use crate::model::{ReadError, RequiredAcl};

/// The ACL that was missing, if that is what the broker answered. Where the answer does not name it, it is the one that
/// such a request needs.
pub fn missing_acl(error: &ItemError, needed: impl FnOnce() -> RequiredAcl) -> Option<RequiredAcl> {
    let is_denied = error.class() == Some(ErrorClass::NotAuthorized);
    is_denied.then(|| error.missing().cloned().unwrap_or_else(needed))
}

/// Why something could not be read. A denial is said with the ACL that would allow it, once.
pub fn read_error(error: &ItemError, needed: impl FnOnce() -> RequiredAcl) -> ReadError {
    match missing_acl(error, needed) {
        Some(right) if error.missing().is_none() => ReadError {
            words: format!("{error}: needs {right}").into(),
            missing: Some(right),
        },
        missing => ReadError {
            words: error.to_string().into(),
            missing,
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::admin::memory::Code;
    use crate::model::{AclOperation, TopicName};

    fn needed() -> RequiredAcl {
        RequiredAcl::on_cluster(AclOperation::Describe)
    }

    #[test]
    fn a_denial_is_said_with_the_acl_that_the_answer_names_or_the_request_needs() {
        let named = || RequiredAcl::on_topic(AclOperation::Read, &TopicName::new("orders").unwrap());
        let denied = || Code::TopicAuthorizationFailed.alone();
        for (error, words, missing) in [
            (
                ItemError::Broker(denied()),
                "TOPIC_AUTHORIZATION_FAILED: needs Describe on the cluster",
                Some(needed()),
            ),
            (
                ItemError::Broker(denied().needing(named)),
                "TOPIC_AUTHORIZATION_FAILED: needs Read on topic orders",
                Some(named()),
            ),
            (
                ItemError::Broker(Code::UnknownTopicOrPartition.alone()),
                "UNKNOWN_TOPIC_OR_PARTITION",
                None,
            ),
        ] {
            let said = read_error(&error, needed);
            assert_eq!((&*said.words, said.missing), (words, missing));
        }
    }
}
