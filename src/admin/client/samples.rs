//! Records of partitions: `Fetch`, from their leaders. What is asked for is bounded in bytes, and from every
//! partition that has any at least one batch comes. The last records are a sample; the one at an offset tells
//! its time.

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

use super::api::Api;
use super::batches::{look_through, time_from};
use super::budget::Budget;
use super::connection::Connection;
use super::offsets::Key;
use super::retry::Deadline;
use super::{Client, answer, wire_text};
use crate::admin::{AdminError, ItemError, Positions, SampleRanges};
use crate::model::{BrokerId, Sample, TopicName};

/// A sample begins so many records before the end.
const RECORDS: i64 = 200;
/// What is asked for at most of one partition. A broker sends the first batch whole even if it is larger.
const SAMPLE_BYTES: i32 = 128 << 10;
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
struct Look<F> {
    /// What is asked for at most of one partition.
    bytes: i32,
    /// What they tell of the wanted ones, within a budget. Fails with a reason for people.
    read: F,
}

impl Client {
    pub(super) async fn read_samples(&self, ranges: &SampleRanges) -> Result<Samples, AdminError> {
        let look = Look {
            bytes: SAMPLE_BYTES,
            read: async |records: Bytes, wanted: &Range<i64>, budget: &Budget| {
                look_through(records, wanted, budget).await
            },
        };
        let mut found = self.look(ranges.iter().flat_map(each).collect(), &look).await?;
        for ((topic, index), sample) in &mut found {
            let all = ranges_of(ranges, topic, *index);
            if let (Ok(sample), Some(all)) = (sample, all) {
                sample.complete &= all.end.saturating_sub(all.start) <= RECORDS;
            }
        }
        Ok(found)
    }

    pub(super) async fn read_record_times(
        &self,
        positions: &Positions,
    ) -> Result<Told<Option<i64>>, AdminError> {
        let look = Look {
            bytes: TIME_BYTES,
            read: async |records: Bytes, wanted: &Range<i64>, budget: &Budget| {
                time_from(records, wanted.start, budget).await
            },
        };
        let each = positions.iter().flat_map(|(topic, partitions)| {
            let one = |(index, offset): (&i32, &i64)| {
                let next = *offset..offset.saturating_add(1);
                ((topic.clone(), *index), next)
            };
            partitions.iter().map(one)
        });
        self.look(each.collect(), &look).await
    }

    async fn look<T, F>(&self, wanted: Vec<Wanted>, look: &Look<F>) -> Result<Told<T>, AdminError>
    where
        F: AsyncFn(Bytes, &Range<i64>, &Budget) -> Result<T, String>,
    {
        if wanted.is_empty() {
            return Ok(Told::new());
        }
        let deadline = self.deadline();
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
        look: &Look<F>,
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
            let answer = match self.ask_broker(leader, FetchRequest::NAME, deadline, ask).await {
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
            let settled = answer.len();
            found.extend(answer);
            let open: Vec<Wanted> = chunk
                .into_iter()
                .filter(|(key, _)| !found.contains_key(key))
                .collect();
            if settled == 0 {
                found.extend(open.into_iter().map(|(key, _)| (key, Err(nothing_sent()))));
            } else {
                open.into_iter().rev().for_each(|wanted| queue.push_front(wanted));
            }
        }
        found
    }
}

fn ranges_of<'a>(ranges: &'a SampleRanges, topic: &TopicName, index: i32) -> Option<&'a Range<i64>> {
    ranges.get(topic)?.get(&index)
}

fn each((topic, partitions): (&TopicName, &BTreeMap<i32, Range<i64>>)) -> impl Iterator<Item = Wanted> {
    partitions.iter().map(|(index, range)| {
        let last = range.start.max(range.end.saturating_sub(RECORDS))..range.end;
        ((topic.clone(), *index), last)
    })
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

/// The partitions that were answered for; those that found no room in the answer are left out.
async fn read<T, F>(
    wanted: &[Wanted],
    answer: &FetchResponse,
    look: &Look<F>,
    connection: &Connection,
    budget: &Budget,
) -> Told<T>
where
    F: AsyncFn(Bytes, &Range<i64>, &Budget) -> Result<T, String>,
{
    let ranges: BTreeMap<&Key, &Range<i64>> = wanted.iter().map(|(key, range)| (key, range)).collect();
    if let Err(error) = answer::check(answer.error_code, None) {
        let failed = |key: &&Key| ((*key).clone(), Err(ItemError::Broker(error.clone())));
        return ranges.keys().map(failed).collect();
    }
    let mut found = Told::new();
    for topic in &answer.responses {
        let Ok(name) = TopicName::new(&topic.topic) else {
            continue;
        };
        for partition in &topic.partitions {
            let key = (name.clone(), partition.partition_index);
            if let Some(range) = ranges.get(&key)
                && let Some(told) = told(partition, range, look, connection, budget).await
            {
                found.insert(key, told);
            }
        }
    }
    found
}

async fn told<T, F>(
    partition: &PartitionData,
    range: &Range<i64>,
    look: &Look<F>,
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

fn nothing_sent() -> ItemError {
    let error = ResponseError::OffsetNotAvailable;
    ItemError::Broker(answer::broker_error(
        error,
        Some("the broker sends no records of this partition"),
    ))
}
