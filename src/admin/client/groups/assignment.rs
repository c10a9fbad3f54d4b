//! What classic consumers tell each other through their coordinator: which topics a member subscribes
//! to, and which partitions it is assigned. Bytes that the broker passes on unread, from whatever client
//! wrote them, so nothing in them is taken at its word.

use std::collections::BTreeSet;

use crate::model::TopicName;

/// The topics of a subscription or an assignment, which both begin alike: a version, a number of topics,
/// their names; after each name an assignment lists partitions. No bytes are no topics; `None`: they
/// cannot be understood.
pub(super) fn topics(bytes: &[u8]) -> Option<BTreeSet<TopicName>> {
    if bytes.is_empty() {
        return Some(BTreeSet::new());
    }
    let as_assignment = read(bytes, true);
    as_assignment.or_else(|| read(bytes, false))
}

fn read(bytes: &[u8], partitions: bool) -> Option<BTreeSet<TopicName>> {
    let mut rest = Rest(bytes);
    rest.take(2)?;
    let count = i32::from_be_bytes(rest.array()?);
    let mut topics = BTreeSet::new();
    for _ in 0..count {
        let length = usize::try_from(i16::from_be_bytes(rest.array()?)).ok()?;
        let name = std::str::from_utf8(rest.take(length)?).ok()?;
        topics.insert(TopicName::new(name).ok()?);
        if partitions {
            let count = usize::try_from(i32::from_be_bytes(rest.array()?)).ok()?;
            rest.take(count.checked_mul(4)?)?;
        }
    }
    Some(topics)
}

struct Rest<'a>(&'a [u8]);

impl<'a> Rest<'a> {
    fn take(&mut self, length: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        Some(taken)
    }

    fn array<const N: usize>(&mut self) -> Option<[u8; N]> {
        self.take(N)?.try_into().ok()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn said(bytes: &[u8]) -> Vec<String> {
        let topics = topics(bytes).expect("topics");
        topics.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn subscriptions_and_assignments_name_their_topics() {
        let subscription = b"\0\x01\0\0\0\x02\0\x06orders\0\x05audit\xff\xff\xff\xff\0\0\0\0";
        assert_eq!(said(subscription), ["audit", "orders"]);
        let assignment = b"\0\x01\0\0\0\x01\0\x06orders\0\0\0\x02\0\0\0\0\0\0\0\x01\0\0\0\0";
        assert_eq!(said(assignment), ["orders"]);
        assert_eq!(said(b""), [""; 0]);
        assert_eq!(
            topics(b"\0\x01\x7f\xff\xff\xff\0\x01a"),
            None,
            "a count that nothing bears out"
        );
    }

    proptest! {
        #[test]
        fn no_bytes_panic(bytes in proptest::collection::vec(any::<u8>(), 0..64)) {
            let _ = topics(&bytes);
        }
    }
}
