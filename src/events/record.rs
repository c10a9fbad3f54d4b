//! What is read from a topic: a typed event, or what is known of a message that is none.

use rdkafka::Timestamp as KafkaTimestamp;
use rdkafka::message::{BorrowedMessage, Message};

use super::envelope::OnexEnvelopeV1;
use super::parse::MalformedEvent;
use super::timestamp::Timestamp;
use crate::model::{InvalidTopicName, TopicName};

/// So much of a malformed message is kept, in bytes: enough to see what it is.
const EXCERPT: usize = 200;

/// One message of a topic.
#[derive(Debug, Clone, PartialEq)]
pub struct Record {
    /// The topic.
    pub topic: TopicName,
    /// The partition.
    pub partition: i32,
    /// The offset in that partition.
    pub offset: i64,
    /// When it was written, as the broker or the publisher says; to the millisecond.
    pub timestamp: Option<Timestamp>,
    /// The key, as far as it is text.
    pub key: Option<String>,
    /// The event, or why there is none.
    pub content: Result<OnexEnvelopeV1, UnreadableRecord>,
}

/// A message that is no event of the contract.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnreadableRecord {
    /// What is wrong with it.
    pub reason: MalformedEvent,
    /// Its first 200 bytes; what is no UTF-8 is replaced.
    pub excerpt: String,
    /// How long it is, in bytes.
    pub size: usize,
}

impl Record {
    pub(super) fn new(message: &BorrowedMessage<'_>) -> Result<Self, InvalidTopicName> {
        let key = message.key().map(|key| String::from_utf8_lossy(key).into_owned());
        Ok(Self {
            topic: TopicName::new(message.topic())?,
            partition: message.partition(),
            offset: message.offset(),
            timestamp: match message.timestamp() {
                KafkaTimestamp::NotAvailable => None,
                KafkaTimestamp::CreateTime(time) | KafkaTimestamp::LogAppendTime(time) => {
                    Timestamp::from_milliseconds(time)
                }
            },
            key,
            content: read(message.payload()),
        })
    }
}

fn read(value: Option<&[u8]>) -> Result<OnexEnvelopeV1, UnreadableRecord> {
    let unreadable = |reason| {
        let bytes = value.unwrap_or_default();
        let start = bytes.get(..EXCERPT).unwrap_or(bytes);
        UnreadableRecord {
            reason,
            excerpt: String::from_utf8_lossy(start).into_owned(),
            size: bytes.len(),
        }
    };
    let bytes = value.ok_or_else(|| unreadable(MalformedEvent::Empty))?;
    OnexEnvelopeV1::from_slice(bytes).map_err(unreadable)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_event_is_kept_as_far_as_it_helps() {
        let unreadable = read(Some(b"{\"event_type\": \"X\xff")).unwrap_err();
        assert_eq!(
            (unreadable.excerpt.as_str(), unreadable.size),
            ("{\"event_type\": \"X\u{fffd}", 18)
        );
        let long = read(Some(&[b'x'; 5000])).unwrap_err();
        assert_eq!((long.excerpt.len(), long.size), (200, 5000));
        assert_eq!(read(None).unwrap_err().reason, MalformedEvent::Empty);
    }
}
