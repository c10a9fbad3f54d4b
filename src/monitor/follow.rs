//! Reads the events of the contract as they are written, and counts them. No group is joined and nothing is
//! committed; what is read is not kept.
//!
//! A reader that is stopped by a trouble begins again where it was, so that no event is counted twice or not at
//! all, unless its topic was created anew meanwhile.

use std::collections::BTreeSet;
use std::time::Duration;

use tokio::sync::watch;

use super::outcome::{Occurrence, Outcomes};
use super::places::{Layout, Places, has_topics};
use super::view::Unfollowed;
use crate::admin::Admin;
use crate::events::{Connection, Consumer, Event, Membership, Record, RecordPosition, Start, Timestamp};
use crate::model::TopicName;

/// How long reading what is there may take, before what was counted so far is shown.
const CATCHING_UP: Duration = Duration::from_secs(10);

/// How long a trouble is left alone.
const REST: Duration = Duration::from_secs(10);

/// What was counted, and why no more is, if that is so.
#[derive(Debug, Clone, Default)]
pub struct Followed {
    /// The counts.
    pub outcomes: Outcomes,
    /// How far reading is.
    pub progress: Progress,
    /// Why events are not read at the moment.
    pub trouble: Option<Unfollowed>,
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

impl<A: Admin> Follower<'_, A> {
    /// Reads on and on. It goes by the layout: topics that come, go or grow are read as they then are.
    pub async fn run(&self, mut layout: watch::Receiver<Layout>) {
        let mut places = Places::default();
        loop {
            let seen = layout.borrow_and_update().clone();
            if !has_topics(&seen) {
                self.be(Progress::Idle);
                // What is absent now is new when it comes.
                places.see(&seen);
                if layout.changed().await.is_err() {
                    return;
                }
                continue;
            }
            if self.followed.borrow().progress == Progress::Idle {
                self.be(Progress::CatchingUp);
            }
            let reading = async {
                places.find(self.admin, &seen, (self.now)()).await?;
                self.read(&mut places).await
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

    async fn read(&self, places: &mut Places) -> Result<(), Unfollowed> {
        let names: BTreeSet<TopicName> = places.there().map(|((topic, _), _)| topic.clone()).collect();
        let names: Vec<TopicName> = names.into_iter().collect();
        let positions = places.there().map(|((topic, partition), place)| RecordPosition {
            topic: topic.clone(),
            partition: *partition,
            offset: place.next,
        });
        let start = Start::Offsets(positions.collect());
        let alone = Membership::Alone;
        let consumer = Consumer::open(self.connection, &names, &start, &alone, self.wait).await;
        let consumer = consumer?;
        self.followed.send_modify(|followed| followed.trouble = None);
        // Where the last offsets hold no events, nothing says that all were read.
        let patience = tokio::time::sleep(CATCHING_UP);
        tokio::pin!(patience);
        loop {
            if self.followed.borrow().progress != Progress::UpToDate && places.is_up_to_date() {
                self.be(Progress::UpToDate);
            }
            tokio::select! {
                record = consumer.next() => self.count(&record?, places),
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
        let Some(place) = places.get_mut(&record.topic, record.partition) else {
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
