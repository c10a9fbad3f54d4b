//! What classic consumers tell each other through their coordinator: which topics a member subscribes
//! to, and which partitions it is assigned. Bytes that the broker passes on unread, from whatever client
//! wrote them, so nothing in them is taken at its word.

use std::collections::{BTreeMap, BTreeSet};

use crate::model::TopicName;

/// Partitions by topic: of a subscription the topics alone.
pub(crate) type Reads = BTreeMap<TopicName, BTreeSet<i32>>;

/// What a member subscribes to. It and an assignment begin alike: a version, a number of topics, their
/// names; after each name an assignment lists partitions. No bytes are no topics; `None`: they cannot be
/// understood.
pub(crate) fn subscribed(bytes: &[u8]) -> Option<Reads> {
    read(bytes, |_| Some(BTreeSet::new()))
}

/// What a member is assigned; as [`subscribed`].
pub(crate) fn assigned(bytes: &[u8]) -> Option<Reads> {
    read(bytes, numbers)
}

fn read(bytes: &[u8], partitions: fn(&mut Rest<'_>) -> Option<BTreeSet<i32>>) -> Option<Reads> {
    let mut topics = Reads::new();
    if bytes.is_empty() {
        return Some(topics);
    }
    let mut rest = Rest(bytes);
    rest.take(2)?;
    for _ in 0..rest.number()? {
        let length = usize::try_from(i16::from_be_bytes(rest.array()?)).ok()?;
        let name = std::str::from_utf8(rest.take(length)?).ok()?;
        let name = TopicName::new(name).ok()?;
        let partitions = partitions(&mut rest)?;
        topics.entry(name).or_default().extend(partitions);
    }
    Some(topics)
}

/// A count, and so many numbers. The count is a claim: what it would take has to be there.
fn numbers(rest: &mut Rest<'_>) -> Option<BTreeSet<i32>> {
    let count = usize::try_from(rest.number()?).ok()?;
    let numbers = rest.take(count.checked_mul(4)?)?.chunks_exact(4);
    let number = |bytes: &[u8]| Some(i32::from_be_bytes(bytes.try_into().ok()?));
    numbers.map(number).collect()
}

struct Rest<'a>(&'a [u8]);

impl<'a> Rest<'a> {
    fn take(&mut self, length: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        Some(taken)
    }

    fn number(&mut self) -> Option<i32> {
        Some(i32::from_be_bytes(self.array()?))
    }

    fn array<const N: usize>(&mut self) -> Option<[u8; N]> {
        self.take(N)?.try_into().ok()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn said(reads: Option<Reads>) -> String {
        format!("{:?}", reads.expect("topics"))
    }

    #[test]
    fn subscriptions_and_assignments_name_their_topics() {
        let subscription = b"\0\x01\0\0\0\x02\0\x06orders\0\x05audit\xff\xff\xff\xff\0\0\0\0";
        assert_eq!(said(subscribed(subscription)), r#"{"audit": {}, "orders": {}}"#);
        let assignment = b"\0\x01\0\0\0\x01\0\x06orders\0\0\0\x02\0\0\0\0\0\0\0\x01\0\0\0\0";
        assert_eq!(said(assigned(assignment)), r#"{"orders": {0, 1}}"#);
        assert_eq!(said(subscribed(b"")), "{}");
        assert_eq!(said(assigned(b"")), "{}");
    }

    #[test]
    fn a_count_that_nothing_bears_out_is_not_believed() {
        assert_eq!(subscribed(b"\0\x01\x7f\xff\xff\xff\0\x01a"), None);
        assert_eq!(assigned(b"\0\x01\0\0\0\x01\0\x01a\x7f\xff\xff\xff\0\0\0\0"), None);
        assert_eq!(assigned(b"\0\x01\0\0\0\x01\0\x01a\xff\xff\xff\xff"), None);
    }

    proptest! {
        #[test]
        fn no_bytes_panic(bytes in proptest::collection::vec(any::<u8>(), 0..64)) {
            let _ = (subscribed(&bytes), assigned(&bytes));
        }
    }
}
