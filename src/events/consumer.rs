//! Reading on and on: records as they are written, with a group or without.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use futures_util::Stream;
use rdkafka::consumer::{CommitMode, Consumer as _, StreamConsumer};
use rdkafka::error::{KafkaError, RDKafkaErrorCode};
use rdkafka::message::BorrowedMessage;
use rdkafka::{Offset, TopicPartitionList};

use super::backlog::survey;
use super::connection::{BadConnection, Connection, LogContext};
use super::position::{ConsumeError, ReadPlace, RecordPosition, Start, Survey, explain};
use super::record::Record;
use crate::model::TopicName;

/// What a connection may change.
const DEFAULTS: &[(&str, &str)] = &[
    ("queued.max.messages.kbytes", "16384"),
    // librdkafka rests for a second when so much is there.
    ("fetch.queue.backoff.ms", "5"),
    // How soon a group notices that a topic has more partitions; 5 minutes otherwise.
    ("topic.metadata.refresh.interval.ms", "5000"),
];

/// How soon a reader without a group notices that.
const LOOK_EVERY: Duration = Duration::from_secs(5);

/// Whether reading is shared and remembered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Membership {
    /// Nobody else is concerned: all partitions are read, and nothing is remembered. A partition that is
    /// added later is read from its first record, some seconds after it is there.
    Alone,
    /// The partitions are shared among the members of a group, and the group goes on where it left off;
    /// where it has not read yet, it begins as [`Start`] says, with its earliest or its latest record. That
    /// holds for partitions that are added later as well: at the latest, what is written before the group
    /// notices them is not read.
    ///
    /// Every record is read at least once. When a member comes or goes, what a member has in hand and has not
    /// committed is read again by whoever gets the partition.
    Group {
        /// The group's id.
        name: String,
        /// When a record counts as read.
        commits: Commits,
    },
}

/// When a record counts as read by its group.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Commits {
    /// When the next one is asked for: a record whose reader dies over it is read again.
    OnNext,
    /// When [`Consumer::commit`] says so.
    ByHand,
}

/// Reads events as they are written.
pub struct Consumer {
    inner: Arc<StreamConsumer<LogContext>>,
    topics: Arc<[TopicName]>,
    group: Option<String>,
    commits: Option<Commits>,
    /// When to look for new partitions, and which are read; `None` for a group, which sees to it itself.
    watched: Option<Mutex<WatchedPartitions>>,
    /// The record that was handed out last, to be remembered when the next is asked for.
    last: Mutex<Option<RecordPosition>>,
    /// Since when logins with tokens have been refused, if they are.
    refused_since: Mutex<Option<Instant>>,
    wait: Duration,
}

/// The partitions that are read.
struct WatchedPartitions {
    look_at: Instant,
    known: BTreeSet<(TopicName, i32)>,
}

impl Consumer {
    /// Begins to read. `wait` is how long a broker may take to say where the topics begin and end; once
    /// begun, brokers that go away are waited for.
    ///
    /// # Errors
    /// Where a topic is missing or may not be read, or no broker answers.
    pub async fn open(
        connection: &Connection,
        topics: &[TopicName],
        start: &Start,
        membership: &Membership,
        wait: Duration,
    ) -> Result<Self, ConsumeError> {
        let stretches = survey(connection, topics.to_vec(), start.clone(), wait).await?;
        let (group, commits) = match membership {
            Membership::Alone => (None, None),
            Membership::Group { name, commits } => (Some(name.clone()), Some(*commits)),
        };
        let id = group.as_deref().unwrap_or("topicctl");
        let config = connection.config(DEFAULTS, &fixed(id, commits, start));
        let consumer: StreamConsumer<LogContext> = config
            .create_with_context(connection.context())
            .map_err(BadConnection::from)?;
        let begun = match commits {
            Some(_) => consumer.subscribe(&topics.iter().map(TopicName::as_str).collect::<Vec<_>>()),
            None => (stretches.iter())
                .try_fold(TopicPartitionList::new(), |mut list, stretch| {
                    let from = Offset::Offset(stretch.from);
                    list.add_partition_offset(stretch.topic.as_str(), stretch.partition, from)?;
                    Ok(list)
                })
                .and_then(|list| consumer.assign(&list)),
        };
        let place = ReadPlace::Topics(topics, group.as_deref());
        begun.map_err(|error| explain(&consumer, place, wait, &error))?;
        let watched = commits.is_none().then(|| WatchedPartitions {
            look_at: Instant::now() + LOOK_EVERY,
            known: (stretches.into_iter())
                .map(|stretch| (stretch.topic, stretch.partition))
                .collect(),
        });
        Ok(Self {
            inner: Arc::new(consumer),
            topics: topics.into(),
            group,
            commits,
            watched: watched.map(Mutex::new),
            last: Mutex::default(),
            refused_since: Mutex::default(),
            wait,
        })
    }

    /// The next record, whenever it comes.
    ///
    /// # Errors
    /// Where reading cannot go on: a topic was deleted, a right was taken away. Brokers that go away are
    /// waited for.
    pub async fn next(&self) -> Result<Record, ConsumeError> {
        self.remember()?;
        loop {
            let Some(received) = self.receive().await else {
                self.take_up_new_partitions().await;
                continue;
            };
            match received {
                Ok(message) => {
                    let record = Record::new(&message).map_err(|error| self.other(&error.to_string()))?;
                    *locked(&self.refused_since) = None;
                    self.keep(&record);
                    return Ok(record);
                }
                Err(error) if self.is_final(&error) => return Err(self.explain(&error)),
                Err(error) => tracing::debug!("reading goes on: {error}"),
            }
        }
    }

    /// What comes next; nothing when it is time to look for new partitions.
    async fn receive(&self) -> Option<Result<BorrowedMessage<'_>, KafkaError>> {
        let Some(watched) = &self.watched else {
            return Some(self.inner.recv().await);
        };
        let look_at = locked(watched).look_at;
        if Instant::now() >= look_at {
            return None;
        }
        tokio::time::timeout_at(look_at.into(), self.inner.recv())
            .await
            .ok()
    }

    /// Whoever adds a partition and writes to it expects that its events are followed like any other's.
    async fn take_up_new_partitions(&self) {
        let Some(watched) = &self.watched else { return };
        let (consumer, topics) = (Arc::clone(&self.inner), Arc::clone(&self.topics));
        let looking = tokio::task::spawn_blocking(move || there(&consumer, &topics));
        let there = match looking.await {
            Ok(there) => there,
            Err(error) => std::panic::resume_unwind(error.into_panic()),
        };
        let mut watched = locked(watched);
        watched.look_at = Instant::now() + LOOK_EVERY;
        let new: BTreeSet<_> = there.difference(&watched.known).cloned().collect();
        if new.is_empty() {
            return;
        }
        let mut list = TopicPartitionList::new();
        let added = new.iter().try_for_each(|(topic, partition)| {
            list.add_partition_offset(topic.as_str(), *partition, Offset::Beginning)
        });
        match added.and_then(|()| self.inner.incremental_assign(&list)) {
            Ok(()) => watched.known.extend(new),
            Err(error) => tracing::warn!("{new:?} are not followed yet: {error}"),
        }
    }

    /// The records as a stream, which ends with the first error.
    pub fn records(&self) -> impl Stream<Item = Result<Record, ConsumeError>> + '_ {
        futures_util::stream::unfold(Some(self), async |consumer| {
            let consumer = consumer?;
            let record = consumer.next().await;
            let goes_on = record.is_ok().then_some(consumer);
            Some((record, goes_on))
        })
    }

    /// Remembers for the group that a record and those before it in its partition have been read.
    ///
    /// # Errors
    /// Where the group's coordinator refuses, for example since the partition was given to another member.
    pub async fn commit(&self, record: &Record) -> Result<(), ConsumeError> {
        let (consumer, position) = (Arc::clone(&self.inner), after(record));
        let task = tokio::task::spawn_blocking(move || {
            let mut list = TopicPartitionList::new();
            let offset = Offset::Offset(position.offset);
            list.add_partition_offset(position.topic.as_str(), position.partition, offset)?;
            consumer.commit(&list, CommitMode::Sync)
        });
        match task.await {
            Ok(committed) => committed.map_err(|error| self.explain(&error)),
            Err(error) => std::panic::resume_unwind(error.into_panic()),
        }
    }

    fn keep(&self, record: &Record) {
        if self.commits == Some(Commits::OnNext) {
            *locked(&self.last) = Some(after(record));
        }
    }

    fn remember(&self) -> Result<(), ConsumeError> {
        let last = locked(&self.last).take();
        let Some(RecordPosition {
            topic,
            partition,
            offset,
        }) = last
        else {
            return Ok(());
        };
        match self.inner.store_offset(topic.as_str(), partition, offset - 1) {
            // The partition went to another member meanwhile, who reads the record again.
            Err(KafkaError::StoreOffset(RDKafkaErrorCode::State | RDKafkaErrorCode::UnknownPartition)) => {
                Ok(())
            }
            stored => stored.map_err(|error| self.explain(&error)),
        }
    }

    /// Whether waiting does not help. Without a group nobody needs the right to one, though librdkafka asks
    /// for its coordinator.
    fn is_final(&self, error: &KafkaError) -> bool {
        match error.rdkafka_error_code() {
            Some(RDKafkaErrorCode::GroupAuthorizationFailed) => self.commits.is_some(),
            Some(
                RDKafkaErrorCode::TopicAuthorizationFailed
                | RDKafkaErrorCode::ClusterAuthorizationFailed
                | RDKafkaErrorCode::UnknownTopicOrPartition
                | RDKafkaErrorCode::UnknownTopic
                | RDKafkaErrorCode::Fatal,
            ) => true,
            Some(RDKafkaErrorCode::Authentication) => self.stays_refused(),
            Some(_) | None => matches!(error, KafkaError::MessageConsumptionFatal(_)),
        }
    }

    /// A password that is refused is not tried again, since that locks accounts. A token is: a broker that was
    /// shown one at the end of its life, or another less than a second after it, wants nothing but a moment.
    fn stays_refused(&self) -> bool {
        let since = *locked(&self.refused_since).get_or_insert_with(Instant::now);
        !self.inner.client().context().has_tokens() || since.elapsed() >= self.wait
    }

    fn explain(&self, error: &KafkaError) -> ConsumeError {
        let place = ReadPlace::Topics(&self.topics, self.group.as_deref());
        explain(&self.inner, place, self.wait, error)
    }

    fn other(&self, words: &str) -> ConsumeError {
        ConsumeError::Other {
            words: words.to_owned(),
            trouble: self.inner.client().context().trouble(),
        }
    }
}

/// The partitions of the topics that can be asked about now; of others next time. Blocks.
fn there(consumer: &StreamConsumer<LogContext>, topics: &[TopicName]) -> BTreeSet<(TopicName, i32)> {
    let survey = Survey {
        consumer,
        wait: LOOK_EVERY,
    };
    let mut there = BTreeSet::new();
    for topic in topics {
        match survey.partitions(topic) {
            Ok(partitions) => there.extend(partitions.into_iter().map(|index| (topic.clone(), index))),
            Err(error) => tracing::debug!("no look at the partitions of {topic}: {error}"),
        }
    }
    there
}

/// What a thread that panicked left behind is whole: nothing here is changed in steps.
fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn after(record: &Record) -> RecordPosition {
    RecordPosition {
        topic: record.topic.clone(),
        partition: record.partition,
        offset: record.offset + 1,
    }
}

fn fixed<'a>(group: &'a str, commits: Option<Commits>, start: &Start) -> [(&'a str, &'a str); 6] {
    let by_itself = if commits == Some(Commits::OnNext) {
        "true"
    } else {
        "false"
    };
    let reset = match start {
        Start::Latest => "latest",
        Start::Earliest | Start::Since(_) | Start::Offsets(_) => "earliest",
    };
    [
        ("group.id", group),
        ("enable.auto.commit", by_itself),
        ("enable.auto.offset.store", "false"),
        ("auto.offset.reset", reset),
        ("allow.auto.create.topics", "false"),
        ("enable.partition.eof", "false"),
    ]
}
