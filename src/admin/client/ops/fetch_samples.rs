//! Records of partitions: `Fetch`, from their leaders. What is asked for is bounded in bytes, and from every
//! partition that has any at least one batch comes. The latest records, up to the end, are a sample; the one
//! at an offset tells its time.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::ops::Range;
use std::sync::Arc;

use bytes::Bytes;
use futures_util::future::join_all;
use kafka_protocol::ResponseError;
use kafka_protocol::messages::fetch_request::{FetchPartition, FetchTopic};
use kafka_protocol::messages::fetch_response::PartitionData;
use kafka_protocol::messages::{BrokerId as WireBrokerId, FetchRequest, FetchResponse};

use crate::admin::client::dispatch::Client;
use crate::admin::client::ops::list_offsets::Key;
use crate::admin::client::protocol::answer;
use crate::admin::client::protocol::api::Api;
use crate::admin::client::protocol::read_budget::Budget;
use crate::admin::client::protocol::record_batches::{Stretch, look_through, time_from};
use crate::admin::client::protocol::wire_text;
use crate::admin::client::session::connection::Connection;
use crate::admin::client::transport::deadline::Deadline;
use crate::admin::{AdminError, ItemError, Positions, SampleRanges};
use crate::model::{BrokerId, Sample, TopicName};

/// The latest records: so many of them are looked at first, up to the end.
const LATEST_RECORDS: i64 = 200;
/// Where there are no more than so many, the older ones are looked at as well.
const ALL_RECORDS: i64 = 10_000;
/// What is asked for at first of one partition. A broker sends the first batch whole even if it is larger.
const FIRST_BYTES: i32 = 128 << 10;
/// What is asked for of one partition at most: each request asks for twice as much as the one before.
const MOST_BYTES: i32 = 4 << 20;
/// After so many bytes no more is asked of a partition.
const PARTITION_BYTES: usize = 8 << 20;
/// After so many bytes no more is asked of any partition.
const SAMPLES_BYTES: usize = 64 << 20;
/// A broker that sends a record at a time is not asked for ever.
const REQUESTS_IN_A_ROW: u32 = 16;
/// As much as a usual batch; of a larger one a request brings only one, and the others are asked for again.
const TIME_BYTES: i32 = 32 << 10;
/// What is asked for at most in one request.
const REQUEST_BYTES: i32 = 8 << 20;
/// How many partitions one request asks about.
const CHUNK: usize = 64;
/// The records are there already, so there is nothing to wait for.
const WAIT_MS: i32 = 100;

/// What the records of each partition told.
type Told<T> = BTreeMap<Key, Result<T, ItemError>>;
type Samples = Told<Sample>;
/// A partition and the records in it that are to be looked at.
type Wanted = (Key, Range<i64>);

/// How records are looked at.
struct Look<T, F> {
    /// What is asked for at most of one partition.
    bytes: i32,
    /// What they tell of the wanted ones, within a budget. Fails with a reason for people.
    read: F,
    /// What it tells that the log has no record in this range. `None`: that is an error.
    no_records: fn(&Range<i64>) -> Option<T>,
}

/// A partition whose records are looked at in several requests.
struct Walk {
    /// What is still to be looked at.
    rest: Range<i64>,
    /// Where the records begin that were looked at.
    first: i64,
    sample: Sample,
    bytes: usize,
}

impl Walk {
    fn through_the_latest(all: &Range<i64>) -> Self {
        let first = all.start.max(all.end.saturating_sub(LATEST_RECORDS));
        Self {
            rest: first..all.end,
            first,
            sample: Sample::default(),
            bytes: 0,
        }
    }

    /// Back to the older records, if the latest were all seen and the older ones are few.
    fn turn_to_older(&mut self, all: &Range<i64>) {
        let few = all.end.saturating_sub(all.start) <= ALL_RECORDS;
        if self.sample.reached_end && few {
            self.rest = all.start..self.first;
            self.first = self.first.min(all.start);
        }
    }

    fn is_open(&self) -> bool {
        !self.rest.is_empty() && self.bytes < PARTITION_BYTES
    }

    /// Fails with a reason for people where a broker does not get on.
    fn add(&mut self, stretch: &Stretch) -> Result<(), String> {
        if stretch.next <= self.rest.start {
            return Err("a batch of it was not sent as a whole".to_owned());
        }
        if let Some(first) = stretch.first {
            self.first = self.first.min(first);
        }
        self.rest.start = stretch.next.min(self.rest.end);
        self.bytes = self.bytes.saturating_add(stretch.bytes);
        self.sample.add(&stretch.sample);
        Ok(())
    }
}

impl Client {
    /// The latest records of each partition up to the end of its range, and then the older ones.
    pub(crate) async fn read_samples(&self, ranges: &SampleRanges) -> Result<Samples, AdminError> {
        let all: BTreeMap<Key, Range<i64>> = ranges.iter().flat_map(each).collect();
        let deadline = self.deadline();
        let latest = |(key, range): (&Key, &Range<i64>)| (key.clone(), Ok(Walk::through_the_latest(range)));
        let mut walks: Told<Walk> = all.iter().map(latest).collect();
        self.walk(&mut walks, deadline).await?;
        for (key, walk) in &mut walks {
            if let (Ok(walk), Some(range)) = (walk, all.get(key)) {
                walk.sample.reached_end = walk.rest.is_empty();
                walk.turn_to_older(range);
            }
        }
        self.walk(&mut walks, deadline).await?;
        let sample = |walk: Walk, range: &Range<i64>| Sample {
            complete: walk.sample.reached_end && walk.rest.is_empty() && walk.first <= range.start,
            ..walk.sample
        };
        let told = walks.into_iter().filter_map(|(key, walk)| {
            let range = all.get(&key)?;
            Some((key, walk.map(|walk| sample(walk, range))))
        });
        Ok(told.collect())
    }

    /// On from where the answer before ended, until the end of each range or of what it may cost.
    async fn walk(&self, walks: &mut Told<Walk>, deadline: Deadline) -> Result<(), AdminError> {
        let mut bytes = FIRST_BYTES;
        for _ in 0..REQUESTS_IN_A_ROW {
            let sent: usize = walks.values().flatten().map(|walk| walk.bytes).sum();
            let open = walks.iter().filter_map(|(key, walk)| {
                let walk = walk.as_ref().ok().filter(|walk| walk.is_open())?;
                Some((key.clone(), walk.rest.clone()))
            });
            let open: Vec<Wanted> = open.collect();
            if open.is_empty() || sent >= SAMPLES_BYTES {
                break;
            }
            let look = Look {
                bytes,
                read: async |records: Bytes, wanted: &Range<i64>, budget: &Budget| {
                    look_through(records, wanted, budget).await
                },
                no_records: |range| Some(Stretch::without_records(range)),
            };
            for (key, stretch) in self.look(open, &look, deadline).await? {
                add(walks, &key, stretch);
            }
            bytes = bytes.saturating_mul(2).min(MOST_BYTES);
        }
        Ok(())
    }

    pub(crate) async fn read_record_times(
        &self,
        positions: &Positions,
    ) -> Result<Told<Option<i64>>, AdminError> {
        let look = Look {
            bytes: TIME_BYTES,
            read: async |records: Bytes, wanted: &Range<i64>, budget: &Budget| {
                time_from(records, wanted.start, budget).await
            },
            no_records: |_| None,
        };
        let each = positions.iter().flat_map(|(topic, partitions)| {
            let one = |(index, offset): (&i32, &i64)| {
                let next = *offset..offset.saturating_add(1);
                ((topic.clone(), *index), next)
            };
            partitions.iter().map(one)
        });
        self.look(each.collect(), &look, self.deadline()).await
    }

    async fn look<T, F>(
        &self,
        wanted: Vec<Wanted>,
        look: &Look<T, F>,
        deadline: Deadline,
    ) -> Result<Told<T>, AdminError>
    where
        F: AsyncFn(Bytes, &Range<i64>, &Budget) -> Result<T, String>,
    {
        if wanted.is_empty() {
            return Ok(Told::new());
        }
        let keys: BTreeSet<Key> = wanted.iter().map(|(key, _)| key.clone()).collect();
        let (by_leader, leaderless) = self.leaders(&keys, deadline).await?;
        let found = RefCell::new(Told::new());
        found.borrow_mut().extend(
            leaderless
                .into_iter()
                .filter_map(|(key, result)| result.err().map(|error| (key, Err(error)))),
        );
        let all: BTreeMap<Key, Range<i64>> = wanted.into_iter().collect();
        let leaders = by_leader.into_iter().map(async |(leader, keys)| {
            let wanted = keys
                .into_iter()
                .filter_map(|key| Some((key.clone(), all.get(&key)?.clone())));
            let told = self.ask_records(leader, wanted.collect(), look, deadline).await;
            found.borrow_mut().extend(told);
        });
        join_all(leaders).await;
        Ok(found.into_inner())
    }

    /// A request may be full before every partition had its turn; those come first in the next one.
    async fn ask_records<T, F>(
        &self,
        leader: BrokerId,
        wanted: Vec<Wanted>,
        look: &Look<T, F>,
        deadline: Deadline,
    ) -> Told<T>
    where
        F: AsyncFn(Bytes, &Range<i64>, &Budget) -> Result<T, String>,
    {
        let mut found = Told::new();
        let mut queue = VecDeque::from(wanted);
        while !queue.is_empty() {
            let chunk: Vec<Wanted> = queue.drain(..queue.len().min(CHUNK)).collect();
            let request = request(&chunk, look.bytes);
            let ask = async |connection: &Connection| connection.call(&request, deadline).await;
            let Answered {
                told,
                without_records,
            } = match self.ask_broker(leader, FetchRequest::NAME, deadline, ask).await {
                Ok((connection, answer)) => {
                    let budget = Budget::new(deadline);
                    read(&chunk, &answer, look, &connection, &budget).await
                }
                Err(error) => {
                    let rest = chunk.into_iter().chain(queue);
                    found.extend(rest.map(|(key, _)| (key, Err(ItemError::Request(error.clone())))));
                    return found;
                }
            };
            let settled = told.len();
            found.extend(told);
            let open: Vec<Wanted> = chunk
                .into_iter()
                .filter(|(key, _)| !found.contains_key(key))
                .collect();
            if settled == 0 {
                let nothing = |(key, range): Wanted| {
                    let told = nothing_sent(without_records.get(&key), &range, look);
                    (key, told)
                };
                found.extend(open.into_iter().map(nothing));
            } else {
                open.into_iter().rev().for_each(|wanted| queue.push_front(wanted));
            }
        }
        found
    }
}

fn each((topic, partitions): (&TopicName, &BTreeMap<i32, Range<i64>>)) -> impl Iterator<Item = Wanted> {
    partitions
        .iter()
        .map(|(index, range)| ((topic.clone(), *index), range.clone()))
}

fn add(walks: &mut Told<Walk>, key: &Key, stretch: Result<Stretch, ItemError>) {
    let Some(walk) = walks.get_mut(key) else { return };
    let outcome = match (walk.as_mut(), stretch) {
        (Ok(walk), Ok(stretch)) => walk.add(&stretch).map_err(|why| not_available(&why)),
        (Ok(_), Err(error)) => Err(error),
        (Err(_), _) => Ok(()),
    };
    if let Err(error) = outcome {
        *walk = Err(error);
    }
}

fn request(wanted: &[Wanted], bytes: i32) -> FetchRequest {
    let mut topics: BTreeMap<&TopicName, Vec<FetchPartition>> = BTreeMap::new();
    for ((topic, index), range) in wanted {
        let partition = FetchPartition::default()
            .with_partition(*index)
            .with_fetch_offset(range.start)
            .with_partition_max_bytes(bytes);
        topics.entry(topic).or_default().push(partition);
    }
    let topics = topics.into_iter().map(|(topic, partitions)| {
        FetchTopic::default()
            .with_topic(wire_text(topic.as_str()).into())
            .with_partitions(partitions)
    });
    // Replica -1 is a client; session epoch -1 makes no session.
    FetchRequest::default()
        .with_replica_id(WireBrokerId(-1))
        .with_max_wait_ms(WAIT_MS)
        .with_min_bytes(1)
        .with_max_bytes(REQUEST_BYTES)
        .with_session_epoch(-1)
        .with_topics(topics.collect())
}

/// What one answer told.
struct Answered<T> {
    told: Told<T>,
    /// The partitions of which no record was sent, each with its high watermark: they found no room in the
    /// answer, or there is none.
    without_records: BTreeMap<Key, i64>,
}

async fn read<T, F>(
    wanted: &[Wanted],
    answer: &FetchResponse,
    look: &Look<T, F>,
    connection: &Connection,
    budget: &Budget,
) -> Answered<T>
where
    F: AsyncFn(Bytes, &Range<i64>, &Budget) -> Result<T, String>,
{
    let ranges: BTreeMap<&Key, &Range<i64>> = wanted.iter().map(|(key, range)| (key, range)).collect();
    let mut answered = Answered {
        told: Told::new(),
        without_records: BTreeMap::new(),
    };
    if let Err(error) = answer::check(answer.error_code, None) {
        let failed = |key: &&Key| ((*key).clone(), Err(ItemError::Broker(error.clone())));
        answered.told = ranges.keys().map(failed).collect();
        return answered;
    }
    for topic in &answer.responses {
        let Ok(name) = TopicName::new(&topic.topic) else {
            continue;
        };
        for partition in &topic.partitions {
            let key = (name.clone(), partition.partition_index);
            let Some(range) = ranges.get(&key) else { continue };
            match told(partition, range, look, connection, budget).await {
                Some(told) => answered.told.insert(key, told).is_some(),
                None => answered
                    .without_records
                    .insert(key, partition.high_watermark)
                    .is_some(),
            };
        }
    }
    answered
}

/// `None` where no record was sent.
async fn told<T, F>(
    partition: &PartitionData,
    range: &Range<i64>,
    look: &Look<T, F>,
    connection: &Connection,
    budget: &Budget,
) -> Option<Result<T, ItemError>>
where
    F: AsyncFn(Bytes, &Range<i64>, &Budget) -> Result<T, String>,
{
    if let Err(error) = answer::check(partition.error_code, None) {
        return Some(Err(ItemError::Broker(error)));
    }
    let records = partition.records.clone().filter(|records| !records.is_empty())?;
    let looked = (look.read)(records, range, budget).await.map_err(|why| {
        ItemError::Request(AdminError::Protocol {
            request: FetchRequest::NAME,
            broker: connection.peer(),
            reason: Arc::from(why),
        })
    });
    Some(looked)
}

/// An answer had room and brought nothing. Compaction and markers of transactions leave offsets without
/// records, at the end of a log too: where the broker shows records beyond the range, the range has none.
fn nothing_sent<T, F>(
    high_watermark: Option<&i64>,
    range: &Range<i64>,
    look: &Look<T, F>,
) -> Result<T, ItemError> {
    let is_shown = high_watermark.is_some_and(|end| *end >= range.end);
    is_shown
        .then(|| (look.no_records)(range))
        .flatten()
        .ok_or_else(|| not_available("the broker sends no records of this partition"))
}

fn not_available(why: &str) -> ItemError {
    ItemError::Broker(answer::broker_error(ResponseError::OffsetNotAvailable, Some(why)))
}
