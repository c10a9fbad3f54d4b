//! Records and consumer groups, written and read by librdkafka: nothing here shares code with what is tested.

use std::collections::{BTreeMap, BTreeSet};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use rdkafka::ClientConfig;
use rdkafka::admin::{AdminClient, AdminOptions, NewTopic, TopicReplication};
use rdkafka::client::DefaultClientContext;
use rdkafka::consumer::{BaseConsumer, CommitMode, Consumer};
use rdkafka::error::{KafkaError, RDKafkaErrorCode};
use rdkafka::message::{DeliveryResult, Message};
use rdkafka::producer::{BaseProducer, BaseRecord, Producer, ProducerContext};
use rdkafka::{ClientContext, Offset, TopicPartitionList};

use super::case::{Batch, Case, Group};
use crate::records::now;

/// How long brokers may take on a busy machine.
pub(super) const ANSWERED_WITHIN: Duration = Duration::from_mins(1);

/// How long a partition may be without a leader after its broker is back.
const LED_WITHIN: Duration = Duration::from_mins(2);

const ASKED_AGAIN_AFTER: Duration = Duration::from_secs(5);

/// An offset that no log of a test has.
const BEYOND: i64 = 1_000_000;

/// One record: what it holds, and when it was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Seen {
    pub(super) key: Option<Vec<u8>>,
    pub(super) timestamp: i64,
    content: u64,
}

/// All records of each partition, by offset.
pub(super) type Contents = BTreeMap<(String, i32), BTreeMap<i64, Seen>>;

/// Committed offsets of a case's group, by partition.
pub(super) type Committed = BTreeMap<i32, i64>;

fn config(bootstrap: &str) -> ClientConfig {
    let mut config = ClientConfig::new();
    config.set("bootstrap.servers", bootstrap);
    config
}

/// Cases whose topics Kafka created, and its errors for those that it did not.
pub(super) type Created = (Vec<Case>, Vec<RDKafkaErrorCode>);

/// Creates the topics as the cases want them before their change. A case whose settings the brokers refuse
/// is no case.
pub(super) fn create(bootstrap: &str, cases: Vec<Case>) -> Created {
    let admin: AdminClient<DefaultClientContext> = config(bootstrap).create().unwrap();
    let placements: Vec<Vec<Vec<i32>>> = cases.iter().map(Case::placement_at_creation).collect();
    let assignments: Vec<Vec<&[i32]>> = placements
        .iter()
        .map(|placement| placement.iter().map(Vec::as_slice).collect())
        .collect();
    let topics: Vec<NewTopic<'_>> = cases
        .iter()
        .zip(&assignments)
        .map(|(case, assignment)| {
            let partitions = i32::try_from(assignment.len()).unwrap();
            let topic = NewTopic::new(&case.name, partitions, TopicReplication::Variable(assignment));
            let set = case.overrides.iter();
            set.fold(topic, |topic, (key, value)| topic.set(key, value))
        })
        .collect();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let options = AdminOptions::new().request_timeout(Some(ANSWERED_WITHIN));
    let results = runtime
        .unwrap()
        .block_on(admin.create_topics(&topics, &options))
        .unwrap();
    let refused: BTreeMap<String, RDKafkaErrorCode> = results.into_iter().filter_map(Result::err).collect();
    drop(topics);
    drop(assignments);
    let is_created = |case: &Case| !refused.contains_key(&case.name);
    let created = cases.into_iter().filter(is_created).collect();
    (created, refused.values().copied().collect())
}

/// The last error of a batch.
type Outcome = Arc<Mutex<Option<KafkaError>>>;

/// Tells a producer's caller which records were refused.
struct Refusals;

impl ClientContext for Refusals {}

impl ProducerContext for Refusals {
    type DeliveryOpaque = Outcome;

    fn delivery(&self, result: &DeliveryResult<'_>, opaque: Self::DeliveryOpaque) {
        if let Err((error, _)) = result {
            *opaque.lock().unwrap() = Some(error.clone());
        }
    }
}

/// A producer that waits for all replicas and sends each batch by itself.
pub(super) struct Writer {
    producer: BaseProducer<Refusals>,
}

impl Writer {
    pub(super) fn new(bootstrap: &str) -> Self {
        let mut config = config(bootstrap);
        config
            .set("acks", "all")
            .set("linger.ms", "200")
            .set("message.timeout.ms", "20000")
            .set("message.max.bytes", "2000000");
        let producer = config.create_with_context(Refusals).unwrap();
        Self { producer }
    }

    /// Writes one batch to each of these partitions at the same time. An error is the broker's, if it took none or
    /// not all of the batch.
    pub(super) fn write_all(&self, batches: &[(&str, i32, Batch)]) -> Vec<Result<(), KafkaError>> {
        let outcome = |(topic, partition, batch): &(&str, i32, Batch)| self.send(topic, *partition, *batch);
        let outcomes: Vec<Outcome> = batches.iter().map(outcome).collect();
        self.producer.flush(ANSWERED_WITHIN).unwrap();
        let taken = |outcome: Outcome| outcome.lock().unwrap().take().map_or(Ok(()), Err);
        outcomes.into_iter().map(taken).collect()
    }

    fn send(&self, topic: &str, partition: i32, batch: Batch) -> Outcome {
        let outcome = Outcome::default();
        for index in 0..batch.records {
            let payload = vec![b'a' + u8::try_from(index % 20).unwrap(); batch.bytes];
            let key = batch.keys.of(index);
            let mut record = BaseRecord::<'_, str, [u8], _>::with_opaque_to(topic, Arc::clone(&outcome))
                .partition(partition)
                .payload(&payload)
                .timestamp(now() - batch.age);
            if let Some(key) = &key {
                record = record.key(key);
            }
            if let Err((error, _)) = self.producer.send(record) {
                *outcome.lock().unwrap() = Some(error);
            }
        }
        outcome
    }
}

/// The batches of each partition of a topic.
type Batches = BTreeMap<(String, i32), Vec<Batch>>;

/// Writes the batches of each partition one after the other, and all partitions at the same time. `seen` is told
/// what became of each batch, and says whether the partition's next one is to be written.
pub(super) fn write_in_turn(
    bootstrap: &str,
    batches: &Batches,
    mut seen: impl FnMut(&(String, i32), Batch, Result<(), KafkaError>) -> bool,
) {
    let writer = Writer::new(bootstrap);
    let mut open: BTreeSet<&(String, i32)> = batches.keys().collect();
    let turns = batches.values().map(Vec::len).max().unwrap_or_default();
    for turn in 0..turns {
        let next = open.iter().copied();
        let next: Vec<_> = next
            .filter_map(|key| Some((key, *batches[key].get(turn)?)))
            .collect();
        let written: Vec<_> = next
            .iter()
            .map(|(key, batch)| (key.0.as_str(), key.1, *batch))
            .collect();
        for ((key, batch), result) in next.into_iter().zip(writer.write_all(&written)) {
            if !seen(key, batch, result) {
                open.remove(key);
            }
        }
    }
}

/// Fills the topics of the cases. A batch that the topic does not take, as it is before its change, is not in
/// use; those that it took are returned, by topic and partition.
pub(super) fn fill(bootstrap: &str, cases: &[Case]) -> Batches {
    let mut wanted = Batches::new();
    for case in cases {
        for (index, batches) in (0..).zip(&case.partitions) {
            wanted.insert((case.name.clone(), index), batches.clone());
        }
    }
    let mut in_use = Batches::new();
    write_in_turn(bootstrap, &wanted, |key, batch, result| {
        if result.is_ok() {
            in_use.entry(key.clone()).or_default().push(batch);
        }
        true
    });
    in_use
}

/// Forgets the batches of which brokers had deleted everything before the change: nothing that is there shows that
/// producers send such batches. Where records have the broker's time, no batch is told from the others.
pub(super) fn retain_kept(in_use: &mut Batches, contents: &Contents, cases: &[Case]) {
    let written_by = now();
    let has_brokers_times = |case: &&Case| case.overrides.values().any(|value| value == "LogAppendTime");
    let of_broker: BTreeSet<&str> = cases
        .iter()
        .filter(has_brokers_times)
        .map(|case| case.name.as_str())
        .collect();
    for (key, batches) in in_use {
        let oldest = contents[key].values().map(|seen| seen.timestamp).min();
        let is_kept = |batch: &Batch| oldest.is_some_and(|oldest| oldest <= written_by - batch.age);
        batches.retain(|batch| of_broker.contains(key.0.as_str()) || is_kept(batch));
    }
}

/// One partition as brokers show it; a leader below zero is none.
pub(super) struct Partition {
    pub(super) leader: i32,
    pub(super) replicas: Vec<i32>,
    pub(super) in_sync: usize,
}

/// All partitions, by topic and number.
pub(super) type Shown = BTreeMap<(String, i32), Partition>;

pub(super) fn shown(bootstrap: &str) -> Shown {
    let consumer: BaseConsumer = config(bootstrap).create().unwrap();
    let metadata = consumer.fetch_metadata(None, ANSWERED_WITHIN).unwrap();
    let mut shown = Shown::new();
    for topic in metadata.topics() {
        for partition in topic.partitions() {
            let seen = Partition {
                leader: partition.leader(),
                replicas: partition.replicas().to_vec(),
                in_sync: partition.isr().len(),
            };
            shown.insert((topic.name().to_owned(), partition.id()), seen);
        }
    }
    shown
}

/// Waits until every replica of every partition is in sync.
pub(super) fn wait_until_in_sync(bootstrap: &str) {
    let deadline = Instant::now() + LED_WITHIN;
    let lacks = |(_, partition): &(&(String, i32), &Partition)| partition.in_sync < partition.replicas.len();
    loop {
        let shown = shown(bootstrap);
        let Some((key, _)) = shown.iter().find(lacks) else {
            return;
        };
        assert!(Instant::now() < deadline, "{key:?} does not get in sync");
        std::thread::sleep(Duration::from_millis(200));
    }
}

/// Those of these partitions that do not get a leader.
pub(super) fn leaderless(bootstrap: &str, partitions: &BTreeSet<(String, i32)>) -> BTreeSet<(String, i32)> {
    let deadline = Instant::now() + ANSWERED_WITHIN;
    loop {
        let shown = shown(bootstrap);
        let is_led = |key: &&(String, i32)| shown.get(*key).is_some_and(|partition| partition.leader >= 0);
        let leaderless: BTreeSet<_> = partitions.iter().filter(|key| !is_led(key)).cloned().collect();
        if leaderless.is_empty() || Instant::now() >= deadline {
            return leaderless;
        }
        std::thread::sleep(Duration::from_millis(200));
    }
}

/// Waits until so many brokers are alive, as those show it that are.
pub(super) fn wait_for_brokers(bootstrap: &str, wanted: usize) {
    let consumer: BaseConsumer = config(bootstrap).create().unwrap();
    let deadline = Instant::now() + ANSWERED_WITHIN;
    loop {
        let metadata = consumer.fetch_metadata(None, ANSWERED_WITHIN);
        let alive = metadata.map(|metadata| metadata.brokers().len());
        if alive.as_ref().is_ok_and(|alive| *alive == wanted) {
            return;
        }
        assert!(Instant::now() < deadline, "{alive:?} brokers and not {wanted}");
    }
}

/// Reads every record of these partitions up to their ends.
pub(super) fn read(bootstrap: &str, partitions: &BTreeSet<(String, i32)>) -> Contents {
    let mut config = config(bootstrap);
    config
        .set("group.id", "proof-reader")
        .set("enable.auto.commit", "false")
        .set("enable.partition.eof", "true")
        .set("auto.offset.reset", "earliest")
        .set("fetch.wait.max.ms", "50");
    let consumer: BaseConsumer = config.create().unwrap();
    let mut list = TopicPartitionList::new();
    for (topic, partition) in partitions {
        list.add_partition_offset(topic, *partition, Offset::Beginning)
            .unwrap();
    }
    consumer.assign(&list).unwrap();
    let mut contents: Contents = partitions
        .iter()
        .map(|key| (key.clone(), BTreeMap::new()))
        .collect();
    let mut unread = partitions.clone();
    let deadline = Instant::now() + LED_WITHIN;
    while !unread.is_empty() {
        assert!(Instant::now() < deadline, "cannot be read to the end: {unread:?}");
        match consumer.poll(Duration::from_millis(100)) {
            Some(Ok(message)) => {
                let key = (message.topic().to_owned(), message.partition());
                contents
                    .get_mut(&key)
                    .unwrap()
                    .insert(message.offset(), seen(&message));
            }
            // librdkafka says which partition ended only by its number: ends and positions tell the rest, and
            // what a cleaner takes meanwhile has no position.
            None => unread = not_at_end(&consumer, &ends(&consumer, &unread)),
            Some(Err(KafkaError::PartitionEOF(_))) => {}
            Some(Err(error)) => assert!(is_passing(&error), "reading: {error}"),
        }
    }
    contents
}

fn is_passing(error: &KafkaError) -> bool {
    matches!(
        error.rdkafka_error_code(),
        Some(
            RDKafkaErrorCode::BrokerTransportFailure
                | RDKafkaErrorCode::AllBrokersDown
                | RDKafkaErrorCode::OperationTimedOut
                | RDKafkaErrorCode::UnknownPartition
                | RDKafkaErrorCode::UnknownTopicOrPartition
        )
    )
}

/// The end of each partition that holds anything.
fn ends(consumer: &BaseConsumer, partitions: &BTreeSet<(String, i32)>) -> BTreeMap<(String, i32), i64> {
    let end = |key: &(String, i32)| {
        let deadline = Instant::now() + LED_WITHIN;
        loop {
            match consumer.fetch_watermarks(&key.0, key.1, ASKED_AGAIN_AFTER) {
                Ok((low, high)) => return (low < high).then(|| (key.clone(), high)),
                Err(error) => assert!(Instant::now() < deadline, "{key:?}: {error}"),
            }
        }
    };
    partitions.iter().filter_map(end).collect()
}

fn not_at_end(consumer: &BaseConsumer, ends: &BTreeMap<(String, i32), i64>) -> BTreeSet<(String, i32)> {
    let positions = consumer.position().unwrap();
    let is_unread = |(key, end): &(&(String, i32), &i64)| {
        let position = positions.find_partition(&key.0, key.1);
        !matches!(position.map(|found| found.offset()), Some(Offset::Offset(next)) if next >= **end)
    };
    ends.iter()
        .filter(is_unread)
        .map(|(key, _)| key.clone())
        .collect()
}

fn seen(message: &impl Message) -> Seen {
    let mut hasher = DefaultHasher::new();
    message.payload().hash(&mut hasher);
    Seen {
        key: message.key().map(<[u8]>::to_vec),
        timestamp: message.timestamp().to_millis().unwrap_or(-1),
        content: hasher.finish(),
    }
}

fn group_consumer(bootstrap: &str, case: &Case) -> BaseConsumer {
    let mut config = config(bootstrap);
    config
        .set("group.id", case.group_id())
        .set("enable.auto.commit", "false");
    config.create().unwrap()
}

/// Commits what the cases' groups have read.
pub(super) fn commit(bootstrap: &str, cases: &[Case], contents: &Contents) {
    let reads = |case: &&Case| !matches!(case.group, Group::None | Group::Share);
    for case in cases.iter().filter(reads) {
        let mut list = TopicPartitionList::new();
        for (index, _) in (0..).zip(&case.placement) {
            let records = &contents[&(case.name.clone(), index)];
            let (first, end) = match (records.first_key_value(), records.last_key_value()) {
                (Some((first, _)), Some((newest, _))) => (*first, *newest + 1),
                _ => (0, 0),
            };
            let offset = match case.group {
                Group::None | Group::Share | Group::AtEnd => end,
                Group::Behind => first.midpoint(end),
                Group::BeyondEnd => BEYOND,
            };
            list.add_partition_offset(&case.name, index, Offset::Offset(offset))
                .unwrap();
        }
        let consumer = group_consumer(bootstrap, case);
        let deadline = Instant::now() + ANSWERED_WITHIN;
        while let Err(error) = consumer.commit(&list, CommitMode::Sync) {
            assert!(Instant::now() < deadline, "{}: {error}", case.group_id());
        }
    }
}

/// What the group of a case has committed.
pub(super) fn committed(bootstrap: &str, case: &Case) -> Committed {
    if case.group == Group::None {
        return Committed::new();
    }
    let mut list = TopicPartitionList::new();
    for (index, _) in (0..).zip(&case.placement) {
        list.add_partition(&case.name, index);
    }
    let found = group_consumer(bootstrap, case)
        .committed_offsets(list, ANSWERED_WITHIN)
        .unwrap();
    let offset =
        |(key, offset): ((String, i32), Offset)| Some((key.1, offset.to_raw().filter(|raw| *raw >= 0)?));
    found.to_topic_map().into_iter().filter_map(offset).collect()
}
