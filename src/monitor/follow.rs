//! Reads the events of the contract as they are written, and counts them. No group is joined and nothing is
//! committed; what is read is not kept.
//!
//! A reader that is stopped by a trouble begins again where it was, so that no event is counted twice or not at
//! all, unless its topic was created anew meanwhile.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;

use super::outcome::{Occurrence, Outcomes, WINDOW};
use crate::admin::{Admin, OffsetPoint};
use crate::events::{Connection, Consumer, Event, Membership, Position, Record, Start, Timestamp};
use crate::model::{TopicId, TopicName};

/// So many events of a partition are read at most that were written before the monitor began.
const MOST_BACKLOG: i64 = 50_000;

/// How long reading what is there may take, before what was counted so far is shown.
const CATCHING_UP: Duration = Duration::from_secs(10);

/// How long a trouble is left alone.
const REST: Duration = Duration::from_secs(10);

/// The topics of events as they are on the cluster: their ids and partitions.
pub type Layout = BTreeMap<TopicName, (TopicId, BTreeSet<i32>)>;

/// What was counted, and why no more is, if that is so.
#[derive(Debug, Clone, Default)]
pub struct Followed {
    /// The counts.
    pub outcomes: Outcomes,
    /// How far reading is.
    pub progress: Progress,
    /// Why events are not read at the moment.
    pub trouble: Option<Arc<str>>,
}

/// How far reading is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Progress {
    /// There are no topics to read.
    #[default]
    Idle,
    /// What was written in the last minutes is not read yet, so that counts of them would be too low.
    CatchingUp,
    /// What is written is counted as it comes.
    UpToDate,
}

/// Reads events into [`Followed`].
pub struct Follower<'a, A> {
    /// For the first offsets to read.
    pub admin: &'a A,
    /// For the events themselves.
    pub connection: &'a Connection,
    /// How long a broker may take to say where a topic begins and ends.
    pub wait: Duration,
    /// Milliseconds since 1970, UTC.
    pub now: fn() -> i64,
    /// Where the counts go.
    pub followed: &'a watch::Sender<Followed>,
}

/// Where reading is in one partition.
#[derive(Debug, Clone, Copy)]
struct Place {
    topic: TopicId,
    next: i64,
    /// The first offset that was written after the monitor began.
    new_from: i64,
}

type Places = BTreeMap<(TopicName, i32), Place>;

impl<A: Admin> Follower<'_, A> {
    /// Reads on and on. It goes by the layout: topics that come, go or grow are read as they then are.
    pub async fn run(&self, mut layout: watch::Receiver<Layout>) {
        let mut places = Places::new();
        let mut is_first = true;
        loop {
            let topics = layout.borrow_and_update().clone();
            if topics.is_empty() {
                self.be(Progress::Idle);
                if layout.changed().await.is_err() {
                    return;
                }
                continue;
            }
            if self.followed.borrow().progress == Progress::Idle {
                self.be(Progress::CatchingUp);
            }
            let reading = async {
                self.place(&topics, &mut places, is_first).await?;
                is_first = false;
                self.read(&topics, &mut places).await
            };
            let ended = tokio::select! {
                ended = reading => ended,
                changed = layout.changed() => match changed {
                    Ok(()) => continue,
                    Err(_) => return,
                },
            };
            if let Err(why) = ended {
                self.followed.send_modify(|followed| followed.trouble = Some(why));
            }
            let _ = tokio::time::timeout(REST, layout.changed()).await;
        }
    }

    /// Finds where to begin in partitions that were not read before. In those that are there when the monitor
    /// begins that is some minutes ago; in others, with their first event.
    async fn place(&self, topics: &Layout, places: &mut Places, is_first: bool) -> Result<(), Arc<str>> {
        places.retain(|(name, index), place| {
            let there = topics.get(name);
            there.is_some_and(|(id, indexes)| *id == place.topic && indexes.contains(index))
        });
        let mut fresh: BTreeMap<TopicName, Vec<i32>> = BTreeMap::new();
        for (name, (_, indexes)) in topics {
            let is_new = |index: &&i32| !places.contains_key(&(name.clone(), **index));
            let indexes: Vec<i32> = indexes.iter().filter(is_new).copied().collect();
            if !indexes.is_empty() {
                fresh.insert(name.clone(), indexes);
            }
        }
        if fresh.is_empty() {
            return Ok(());
        }
        let begins = if is_first {
            self.some_minutes_ago(&fresh).await?
        } else {
            BTreeMap::new()
        };
        for (name, indexes) in fresh {
            let Some((topic, _)) = topics.get(&name) else {
                continue;
            };
            for index in indexes {
                let key = (name.clone(), index);
                let (next, new_from) = begins.get(&key).copied().unwrap_or((0, 0));
                let topic = *topic;
                places.insert(
                    key,
                    Place {
                        topic,
                        next,
                        new_from,
                    },
                );
            }
        }
        Ok(())
    }

    /// Of each partition the first offset of the window, and the one that the next event gets.
    async fn some_minutes_ago(
        &self,
        partitions: &BTreeMap<TopicName, Vec<i32>>,
    ) -> Result<BTreeMap<(TopicName, i32), (i64, i64)>, Arc<str>> {
        let window = i64::try_from(WINDOW.as_millis()).unwrap_or(i64::MAX);
        let since = OffsetPoint::AtOrAfter((self.now)().saturating_sub(window));
        let (ends, begins) = tokio::join!(
            self.admin.offsets(partitions, OffsetPoint::Latest),
            self.admin.offsets(partitions, since),
        );
        let said = |error: crate::admin::AdminError| Arc::from(error.to_string());
        let (ends, begins) = (ends.map_err(said)?, begins.map_err(said)?);
        let mut found = BTreeMap::new();
        for (key, end) in ends {
            let place = || format!("{} partition {}", key.0, key.1);
            let end = end.map_err(|error| Arc::from(format!("{}: {error}", place())))?;
            let end = end.offset.unwrap_or(0);
            let begin = begins.get(&key).and_then(|begin| begin.as_ref().ok()?.offset);
            let begin = begin.unwrap_or(end).clamp((end - MOST_BACKLOG).max(0), end);
            found.insert(key, (begin, end));
        }
        Ok(found)
    }

    async fn read(&self, topics: &Layout, places: &mut Places) -> Result<(), Arc<str>> {
        let names: Vec<TopicName> = topics.keys().cloned().collect();
        let positions = places.iter().map(|((topic, partition), place)| Position {
            topic: topic.clone(),
            partition: *partition,
            offset: place.next,
        });
        let start = Start::Offsets(positions.collect());
        let alone = Membership::Alone;
        let said = |error: crate::events::ConsumeError| Arc::from(error.to_string());
        let consumer = Consumer::open(self.connection, &names, &start, &alone, self.wait).await;
        let consumer = consumer.map_err(said)?;
        self.followed.send_modify(|followed| followed.trouble = None);
        // Where the last offsets hold no events, nothing says that all were read.
        let patience = tokio::time::sleep(CATCHING_UP);
        tokio::pin!(patience);
        loop {
            if self.followed.borrow().progress != Progress::UpToDate && is_up_to_date(places) {
                self.be(Progress::UpToDate);
            }
            tokio::select! {
                record = consumer.next() => self.count(&record.map_err(said)?, places),
                () = &mut patience, if self.followed.borrow().progress != Progress::UpToDate => {
                    self.be(Progress::UpToDate);
                }
            }
        }
    }

    fn be(&self, progress: Progress) {
        self.followed.send_if_modified(|followed| {
            let before = std::mem::replace(&mut followed.progress, progress);
            before != progress
        });
    }

    fn count(&self, record: &Record, places: &mut Places) {
        let Some(place) = places.get_mut(&(record.topic.clone(), record.partition)) else {
            return;
        };
        place.next = record.offset + 1;
        let now = (self.now)();
        let written_at = record.timestamp.map_or(now, Timestamp::milliseconds);
        let is_new = record.offset >= place.new_from;
        let occurrence = occurrence(record);
        self.followed.send_modify(|followed| {
            followed.outcomes.count(&occurrence, written_at, now, is_new);
        });
    }
}

fn is_up_to_date(places: &Places) -> bool {
    places.values().all(|place| place.next >= place.new_from)
}

fn occurrence(record: &Record) -> Occurrence {
    let Ok(envelope) = &record.content else {
        return Occurrence::Malformed;
    };
    match &envelope.event {
        Event::Started(_) => Occurrence::Started,
        Event::Completed(_) => Occurrence::Completed,
        Event::Failed(failed) => Occurrence::Failed(failed.error_code.as_str().into()),
    }
}
