//! Reading what is there and no more: every record up to the end that the topics had at the beginning, the
//! topics together in the order of time.

use std::sync::Arc;
use std::time::Duration;

use futures_util::FutureExt as _;
use rdkafka::consumer::stream_consumer::StreamPartitionQueue;
use rdkafka::consumer::{Consumer as _, StreamConsumer};
use rdkafka::error::KafkaError;
use rdkafka::message::Message as _;
use rdkafka::{Offset, TopicPartitionList};

use super::connection::{BadConnection, Connection, LogContext};
use super::position::{ConsumeError, OffsetRange, ReadPlace, Start, Survey, explain};
use super::record::Record;
use crate::model::TopicName;

/// How much is fetched ahead, in KiB, for all partitions together.
const AHEAD: usize = 16 * 1024;

const FIXED: &[(&str, &str)] = &[
    // librdkafka wants a name; no group is joined and nothing is committed.
    ("group.id", "topicctl"),
    ("enable.auto.commit", "false"),
    ("enable.auto.offset.store", "false"),
    ("allow.auto.create.topics", "false"),
    // Where retention has taken the next record meanwhile, reading goes on with what is left. librdkafka's own
    // way is to go on at the end, and what lies between would be missed unsaid.
    ("auto.offset.reset", "earliest"),
    // The only way to know that nothing more comes where the last offsets hold no records.
    ("enable.partition.eof", "true"),
];

/// The records of some topics up to now, by time. Records of one partition keep their order, whatever
/// their times.
pub struct Backlog {
    consumer: Arc<StreamConsumer<LogContext>>,
    lanes: Vec<Lane>,
    wait: Duration,
}

/// One partition, with its next record in hand.
struct Lane {
    queue: StreamPartitionQueue<LogContext>,
    stretch: OffsetRange,
    head: Option<Record>,
    is_done: bool,
}

impl Backlog {
    /// Finds the beginning and the end. `wait` is how long a broker may keep silent, now and later.
    ///
    /// # Errors
    /// Where a topic is missing or may not be read, or no broker answers.
    pub async fn open(
        connection: &Connection,
        topics: &[TopicName],
        start: &Start,
        wait: Duration,
    ) -> Result<Self, ConsumeError> {
        let stretches = survey(connection, topics.to_vec(), start.clone(), wait).await?;
        let stretches: Vec<OffsetRange> = stretches
            .into_iter()
            .filter(|stretch| stretch.from < stretch.end)
            .collect();
        let ahead = (AHEAD / stretches.len().max(1)).max(256).to_string();
        let limits = [
            ("queued.max.messages.kbytes", ahead.as_str()),
            // Compressed events are ten times as large when they have been fetched.
            ("max.partition.fetch.bytes", "262144"),
            // librdkafka rests for a second when so much is there, and tails would be that slow.
            ("fetch.queue.backoff.ms", "5"),
        ];
        let fixed = [FIXED, &limits].concat();
        let consumer = connection
            .config(&[], &fixed)
            .create_with_context(connection.context());
        let consumer: Arc<StreamConsumer<LogContext>> = Arc::new(consumer.map_err(BadConnection::from)?);
        let whole = |error: &KafkaError| explain(&consumer, ReadPlace::Topics(topics, None), wait, error);
        // Taken apart before anything is assigned, so that no record goes another way.
        let lanes = stretches.into_iter().map(|stretch| Lane::new(&consumer, stretch));
        let lanes: Vec<Lane> = lanes.collect::<Result<_, _>>()?;
        let mut assignment = TopicPartitionList::new();
        for Lane { stretch, .. } in &lanes {
            let from = Offset::Offset(stretch.from);
            let added = assignment.add_partition_offset(stretch.topic.as_str(), stretch.partition, from);
            added.map_err(|error| whole(&error))?;
        }
        consumer.assign(&assignment).map_err(|error| whole(&error))?;
        Ok(Self {
            consumer,
            lanes,
            wait,
        })
    }

    /// The next record; nothing when all have been read.
    ///
    /// # Errors
    /// Where a partition's leader keeps silent, or refuses.
    pub async fn next(&mut self) -> Result<Option<Record>, ConsumeError> {
        for lane in self
            .lanes
            .iter_mut()
            .filter(|lane| lane.head.is_none() && !lane.is_done)
        {
            lane.fill(&self.consumer, self.wait).await?;
        }
        self.lanes.retain(|lane| lane.head.is_some());
        let time = |lane: &&mut Lane| lane.head.as_ref().and_then(|record| record.timestamp);
        let first = self.lanes.iter_mut().min_by_key(time);
        Ok(first.and_then(|lane| lane.head.take()))
    }
}

/// The requests block, so they are made where that disturbs nobody.
pub(super) async fn survey(
    connection: &Connection,
    topics: Vec<TopicName>,
    start: Start,
    wait: Duration,
) -> Result<Vec<OffsetRange>, ConsumeError> {
    let config = connection.config(&[], FIXED);
    let context = connection.context();
    let task = tokio::task::spawn_blocking(move || {
        let consumer = config.create_with_context(context);
        let consumer: StreamConsumer<LogContext> = consumer.map_err(BadConnection::from)?;
        // Where librdkafka waits for a token, this gives it one.
        let _ = consumer.recv().now_or_never();
        Survey {
            consumer: &consumer,
            wait,
        }
        .stretches(&topics, &start)
    });
    match task.await {
        Ok(stretches) => stretches,
        Err(error) => std::panic::resume_unwind(error.into_panic()),
    }
}

impl Lane {
    fn new(consumer: &Arc<StreamConsumer<LogContext>>, stretch: OffsetRange) -> Result<Self, ConsumeError> {
        let (topic, partition) = (&stretch.topic, stretch.partition);
        let queue = consumer.split_partition_queue(topic.as_str(), partition);
        let queue = queue.ok_or_else(|| ConsumeError::Other {
            words: format!("{topic}, partition {partition}, has no queue to be read from"),
            trouble: consumer.client().context().trouble(),
        })?;
        Ok(Self {
            queue,
            stretch,
            head: None,
            is_done: false,
        })
    }

    /// Takes the next record in hand, or finds that there is none.
    async fn fill(
        &mut self,
        consumer: &StreamConsumer<LogContext>,
        wait: Duration,
    ) -> Result<(), ConsumeError> {
        let silence = KafkaError::MessageConsumption(rdkafka::error::RDKafkaErrorCode::OperationTimedOut);
        let next = async {
            loop {
                tokio::select! {
                    biased;
                    next = self.queue.recv() => return next,
                    // Nothing but what librdkafka has to say: no partition is read this way.
                    said = consumer.recv() => {
                        if let Err(error) = said {
                            tracing::debug!("reading goes on: {error}");
                        }
                    }
                }
            }
        };
        let next = tokio::time::timeout(wait, next).await;
        match next.unwrap_or(Err(silence)) {
            Err(KafkaError::PartitionEOF(_)) => self.is_done = true,
            Err(error) => {
                let place = ReadPlace::Records(&self.stretch.topic, self.stretch.partition);
                return Err(explain(consumer, place, wait, &error));
            }
            Ok(message) => {
                self.is_done = message.offset() + 1 >= self.stretch.end;
                if message.offset() < self.stretch.end {
                    let record = Record::new(&message);
                    self.head = Some(record.map_err(|error| ConsumeError::Other {
                        words: error.to_string(),
                        trouble: consumer.client().context().trouble(),
                    })?);
                }
            }
        }
        Ok(())
    }
}
