//! Publishing events: written once, acknowledged by all replicas in sync, in order.

use std::sync::Arc;
use std::time::Duration;

use rdkafka::error::{KafkaError, RDKafkaErrorCode};
use rdkafka::message::{Header, OwnedHeaders};
use rdkafka::producer::{DeliveryFuture, FutureProducer, FutureRecord, Producer};
use rdkafka::util::Timeout;
use thiserror::Error;
use uuid::Uuid;

use super::connection::{BadConnection, Connection, LastTrouble, LogContext};
use super::envelope::OnexEnvelopeV1;
use crate::model::{AclOperation, RequiredAcl, TopicName};

/// What a connection may change.
const DEFAULTS: &[(&str, &str)] = &[
    // Java's way to choose a partition, and aiokafka's: a workflow keeps its partition whoever publishes.
    // librdkafka's own way is another.
    ("partitioner", "murmur2_random"),
    ("compression.type", "lz4"),
    // How long a topic may be unknown before it counts as missing. Brokers show a new one late.
    ("topic.metadata.propagation.max.ms", "10000"),
];

/// Brokers take a full queue in batches, many times in a second.
const QUEUE_PAUSE: Duration = Duration::from_millis(10);

/// What nobody may change: without these an event could be lost, doubled, or bring a topic into being
/// that nobody declared.
const FIXED: &[(&str, &str)] = &[
    ("enable.idempotence", "true"),
    ("acks", "all"),
    ("allow.auto.create.topics", "false"),
];

/// Publishes events. Clones share one connection. When the last of them goes, events that are still under
/// way are waited for, up to the deadline.
#[derive(Clone)]
pub struct Publisher {
    shared: Arc<Shared>,
}

struct Shared {
    producer: FutureProducer<LogContext>,
    context: LogContext,
    deadline: Duration,
}

/// Where an event was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Delivered {
    /// The topic.
    pub topic: TopicName,
    /// The partition, which the event's key chose.
    pub partition: i32,
    /// The offset in that partition.
    pub offset: i64,
}

/// Why an event was not published, or is not known to be.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum PublishError {
    /// The event is larger than this client or the topic takes.
    #[error(
        "the event has {size} bytes, more than {topic} takes; shorten it (a stack trace?), or raise the topic's max.message.bytes and the client property message.max.bytes"
    )]
    TooLarge {
        /// Where it should have gone.
        topic: TopicName,
        /// How large its key and value are, in bytes.
        size: usize,
    },
    /// The cluster has no such topic, and none is created by accident.
    #[error("the cluster has no topic {topic}; `topicctl apply` creates the topics of the file")]
    NoTopic {
        /// Where it should have gone.
        topic: TopicName,
    },
    /// The principal may not write there. With `CLUSTER_AUTHORIZATION_FAILED` it may not write anywhere, and this
    /// publisher gives up for good: once the right is granted, another one is needed.
    #[error("not written to {topic}: {code}: needs {missing}")]
    NotAuthorised {
        /// Where it should have gone.
        topic: TopicName,
        /// What the broker said, by Kafka's name of the error.
        code: &'static str,
        /// What would allow it.
        missing: RequiredAcl,
    },
    /// The event was never sent: those before it did not get away in time.
    #[error("not sent to {topic}: the queue is full of events that no broker takes{trouble}")]
    TimedOut {
        /// Where it should have gone.
        topic: TopicName,
        /// What the brokers were last in trouble with.
        trouble: LastTrouble,
    },
    /// No acknowledgement came in time. The event is not sent any more, but an earlier attempt may have
    /// been written: look before publishing it again.
    #[error(
        "{topic} did not acknowledge the event within {waited:?}; it is not sent again, but it may have been written{trouble}"
    )]
    OutcomeUnknown {
        /// Where it was going.
        topic: TopicName,
        /// How long it was waited for.
        waited: Duration,
        /// What the brokers were last in trouble with.
        trouble: LastTrouble,
    },
    /// Anything else.
    #[error("not published to {topic}: {words}{trouble}")]
    Refused {
        /// Where it should have gone.
        topic: TopicName,
        /// What was said.
        words: String,
        /// What the brokers were last in trouble with.
        trouble: LastTrouble,
    },
}

impl PublishError {
    /// The right that this principal lacks, if that is why.
    pub fn missing(&self) -> Option<&RequiredAcl> {
        match self {
            Self::NotAuthorised { missing, .. } => Some(missing),
            Self::TooLarge { .. }
            | Self::NoTopic { .. }
            | Self::TimedOut { .. }
            | Self::OutcomeUnknown { .. }
            | Self::Refused { .. } => None,
        }
    }
}

/// An event that is on its way.
#[must_use = "whether the event was written is known when this has been awaited"]
pub(super) struct UnderWay {
    delivery: DeliveryFuture,
    topic: TopicName,
    size: usize,
}

/// An event as Kafka takes it, without its headers.
struct Message {
    key: String,
    value: Vec<u8>,
}

impl Message {
    fn new(envelope: &OnexEnvelopeV1) -> Result<Self, serde_json::Error> {
        Ok(Self {
            key: envelope.key(),
            value: serde_json::to_vec(envelope)?,
        })
    }

    fn size(&self) -> usize {
        self.key.len() + self.value.len()
    }

    fn record<'m>(&'m self, topic: &'m TopicName, envelope: &OnexEnvelopeV1) -> FutureRecord<'m, str, [u8]> {
        FutureRecord::to(topic.as_str())
            .key(self.key.as_str())
            .payload(self.value.as_slice())
            .headers(headers(envelope))
    }
}

/// Made for one record and given away with it: librdkafka would copy each of them on its own.
fn headers(envelope: &OnexEnvelopeV1) -> OwnedHeaders {
    let header = |key, value| Header {
        key,
        value: Some(value),
    };
    let correlation_id = envelope.correlation_id.unwrap_or(envelope.event.correlation_id());
    let correlation_id = correlation_id.hyphenated();
    let mut text = Uuid::encode_buffer();
    OwnedHeaders::new()
        .insert(header("content-type", "application/json"))
        .insert(header("event_type", envelope.event.name().event_type()))
        .insert(header("correlation_id", &*correlation_id.encode_lower(&mut text)))
        .insert(header("schema_version", envelope.event.schema_version()))
}

impl Publisher {
    /// Makes a publisher; no broker is asked yet. An event that is not acknowledged within `deadline` is
    /// given up.
    ///
    /// # Errors
    /// Where the connection's properties are wrong.
    pub fn new(connection: &Connection, deadline: Duration) -> Result<Self, BadConnection> {
        let timeout = deadline
            .as_millis()
            .clamp(1, i32::MAX.unsigned_abs().into())
            .to_string();
        let mut config = connection.config(DEFAULTS, FIXED);
        // No event may be written after this publisher has said that it gave it up.
        config.set("message.timeout.ms", timeout);
        let context = connection.context();
        let producer = config.create_with_context(context.clone())?;
        let shared = Shared {
            producer,
            context,
            deadline,
        };
        Ok(Self {
            shared: Arc::new(shared),
        })
    }

    /// Publishes an event and waits until all replicas in sync have it. Events of one key keep their
    /// order if this is called in order; several calls may be awaited together.
    ///
    /// # Errors
    /// See [`PublishError`]; only [`PublishError::OutcomeUnknown`] leaves open whether it was written.
    pub async fn publish(
        &self,
        topic: &TopicName,
        envelope: &OnexEnvelopeV1,
    ) -> Result<Delivered, PublishError> {
        let message = self.message(topic, envelope)?;
        let wait = Timeout::After(self.shared.deadline);
        let sent = self
            .shared
            .producer
            .send(message.record(topic, envelope), wait)
            .await;
        match sent {
            Ok(delivery) => Ok(delivered(topic, &delivery)),
            Err((error, _)) => Err(self.explain(topic, message.size(), &error)),
        }
    }

    /// Hands an event over to be sent, without waiting; for where nothing can wait.
    pub(super) fn enqueue(
        &self,
        topic: &TopicName,
        envelope: &OnexEnvelopeV1,
    ) -> Result<UnderWay, PublishError> {
        let message = self.message(topic, envelope)?;
        let size = message.size();
        match self.shared.producer.send_result(message.record(topic, envelope)) {
            Ok(delivery) => Ok(UnderWay {
                delivery,
                topic: topic.clone(),
                size,
            }),
            Err((error, _)) => Err(self.explain(topic, size, &error)),
        }
    }

    /// As [`Self::enqueue`], but waits while the queue is full, up to the deadline.
    pub(super) async fn hand_over(
        &self,
        topic: &TopicName,
        envelope: &OnexEnvelopeV1,
    ) -> Result<UnderWay, PublishError> {
        let until = tokio::time::Instant::now() + self.shared.deadline;
        loop {
            match self.enqueue(topic, envelope) {
                Err(PublishError::TimedOut { .. }) if tokio::time::Instant::now() < until => {
                    tokio::time::sleep(QUEUE_PAUSE).await;
                }
                handed_over => return handed_over,
            }
        }
    }

    /// What is known of an event for which nobody waited.
    pub(super) fn unknown(&self, topic: &TopicName) -> PublishError {
        PublishError::OutcomeUnknown {
            topic: topic.clone(),
            waited: Duration::ZERO,
            trouble: self.trouble(),
        }
    }

    /// Waits for what was handed over.
    pub(super) async fn arrival(&self, under_way: UnderWay) -> Result<Delivered, PublishError> {
        let UnderWay {
            delivery,
            topic,
            size,
        } = under_way;
        match delivery.await {
            Ok(Ok(delivery)) => Ok(delivered(&topic, &delivery)),
            Ok(Err((error, _))) => Err(self.explain(&topic, size, &error)),
            Err(_) => Err(self.explain(&topic, size, &KafkaError::Canceled)),
        }
    }

    /// Waits until nothing is under way any more, or for the deadline.
    ///
    /// # Errors
    /// How many events are still under way.
    pub async fn flush(&self) -> Result<(), StillUnderWay> {
        let publisher = self.clone();
        let flushed = tokio::task::spawn_blocking(move || publisher.shared.flush()).await;
        flushed.unwrap_or_else(|_| Err(self.shared.still_under_way()))
    }

    fn message(&self, topic: &TopicName, envelope: &OnexEnvelopeV1) -> Result<Message, PublishError> {
        Message::new(envelope).map_err(|error| PublishError::Refused {
            topic: topic.clone(),
            words: error.to_string(),
            trouble: self.trouble(),
        })
    }

    fn trouble(&self) -> LastTrouble {
        self.shared.context.trouble()
    }

    /// Before the first event an idempotent producer asks for an id, which is given (since Kafka 2.8) to whoever
    /// may write to any topic at all. Whoever may not has everything thrown away that is queued.
    fn is_refused_an_id(&self) -> bool {
        let fatal = self.shared.producer.client().fatal_error();
        fatal.is_some_and(|(code, _)| code == RDKafkaErrorCode::ClusterAuthorizationFailed)
    }

    fn explain(&self, topic: &TopicName, size: usize, error: &KafkaError) -> PublishError {
        let (topic, waited) = (topic.clone(), self.shared.deadline);
        let trouble = self.trouble();
        let words = error.to_string();
        match error.rdkafka_error_code() {
            Some(RDKafkaErrorCode::MessageSizeTooLarge | RDKafkaErrorCode::MessageBatchTooLarge) => {
                PublishError::TooLarge { topic, size }
            }
            Some(RDKafkaErrorCode::UnknownTopic | RDKafkaErrorCode::UnknownTopicOrPartition) => {
                PublishError::NoTopic { topic }
            }
            Some(RDKafkaErrorCode::TopicAuthorizationFailed) => not_authorised(topic, TOPIC_REFUSED),
            Some(RDKafkaErrorCode::ClusterAuthorizationFailed) => not_authorised(topic, CLUSTER_REFUSED),
            Some(RDKafkaErrorCode::PurgeQueue | RDKafkaErrorCode::Fatal) if self.is_refused_an_id() => {
                not_authorised(topic, CLUSTER_REFUSED)
            }
            Some(RDKafkaErrorCode::QueueFull) => PublishError::TimedOut { topic, trouble },
            // Purged: the publisher went away while the event was under way.
            Some(
                RDKafkaErrorCode::MessageTimedOut
                | RDKafkaErrorCode::RequestTimedOut
                | RDKafkaErrorCode::PurgeInflight,
            ) => PublishError::OutcomeUnknown {
                topic,
                waited,
                trouble,
            },
            Some(_) | None => PublishError::Refused {
                topic,
                words,
                trouble,
            },
        }
    }
}

const TOPIC_REFUSED: &str = "TOPIC_AUTHORIZATION_FAILED";
const CLUSTER_REFUSED: &str = "CLUSTER_AUTHORIZATION_FAILED";

fn not_authorised(topic: TopicName, code: &'static str) -> PublishError {
    let missing = RequiredAcl::on_topic(AclOperation::Write, &topic);
    PublishError::NotAuthorised { topic, code, missing }
}

fn delivered(topic: &TopicName, delivery: &rdkafka::producer::future_producer::Delivery) -> Delivered {
    Delivered {
        topic: topic.clone(),
        partition: delivery.partition,
        offset: delivery.offset,
    }
}

/// Events that were not acknowledged before the deadline.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("{0} events are still not acknowledged")]
pub struct StillUnderWay(pub i32);

impl Shared {
    fn flush(&self) -> Result<(), StillUnderWay> {
        match self.producer.flush(Timeout::After(self.deadline)) {
            Ok(()) => Ok(()),
            Err(_) => Err(self.still_under_way()),
        }
    }

    fn still_under_way(&self) -> StillUnderWay {
        StillUnderWay(self.producer.in_flight_count())
    }
}

impl Drop for Shared {
    /// rdkafka throws away what is queued when its producer goes.
    fn drop(&mut self) {
        if self.producer.in_flight_count() > 0
            && let Err(lost) = self.flush()
        {
            tracing::error!("a publisher went away: {lost}");
        }
    }
}
