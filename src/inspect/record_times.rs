//! How far groups are behind in time.

use std::collections::{BTreeMap, BTreeSet};

use futures_util::future::join_all;

use super::Position;
use super::acl::read_error;
use super::details::Key;
use super::topics::Topics;
use crate::admin::{Admin, AdminError, ItemError, Positions};
use crate::model::{AclOperation, Known, Offset, ReadError, RequiredAcl};

/// How many different offsets of one partition are looked up. Each is a request more for its leader, and of a
/// topic with hundreds of groups the times tell little that the lag does not.
const OFFSETS_PER_PARTITION: usize = 16;

/// How far groups are behind in time: the time of the record that each will read next against the last write.
/// Only where there is lag; a partition whose leader did not answer has none that is known, so that nobody
/// waits for it twice.
pub(super) async fn add<A: Admin>(admin: &A, topics: &mut Topics) {
    let rounds = rounds(topics);
    let asked = rounds
        .iter()
        .map(async |positions| admin.record_times(positions).await);
    let mut times: BTreeMap<(Key, i64), Known<Option<i64>>> = BTreeMap::new();
    for (positions, answers) in rounds.iter().zip(join_all(asked).await) {
        for (name, partitions) in positions {
            for (index, offset) in partitions {
                let key = (name.clone(), *index);
                let time = time(&answers, &key);
                times.insert((key, *offset), time);
            }
        }
    }
    for (name, topic) in topics {
        let last_writes = &topic.last_writes;
        let groups = topic
            .groups
            .iter_mut()
            .flat_map(|groups| groups.read.values_mut());
        for (index, position) in groups.flat_map(|group| &mut group.positions) {
            if let Some(next) = position.next().filter(|_| is_behind(position)) {
                let time = times.get(&((name.clone(), *index), next));
                position.behind_ms = behind(time, last_writes.get(index));
            }
        }
    }
}

fn is_behind(position: &Position) -> bool {
    matches!(position.lag, Known::Read(lag) if lag > 0)
}

/// The offsets whose times are wanted, one of each partition at a time.
fn rounds(topics: &Topics) -> Vec<Positions> {
    let mut wanted: BTreeMap<Key, BTreeSet<i64>> = BTreeMap::new();
    for (name, topic) in topics {
        let groups = topic.groups.iter().flat_map(|groups| groups.read.values());
        for (index, position) in groups.flat_map(|group| &group.positions) {
            if let Some(next) = position.next().filter(|_| is_behind(position)) {
                let offsets = wanted.entry((name.clone(), *index)).or_default();
                offsets.insert(next);
            }
        }
    }
    let mut rounds = vec![Positions::new(); OFFSETS_PER_PARTITION];
    for ((name, index), offsets) in wanted {
        // Those that are furthest behind first.
        for (round, offset) in rounds.iter_mut().zip(offsets) {
            round.entry(name.clone()).or_default().insert(index, offset);
        }
    }
    rounds.retain(|round| !round.is_empty());
    rounds
}

type Times = Result<BTreeMap<Key, Result<Option<i64>, ItemError>>, AdminError>;

fn time(answers: &Times, key: &Key) -> Known<Option<i64>> {
    match answers.as_ref().map(|answers| answers.get(key)) {
        Ok(Some(Ok(time))) => Known::Read(*time),
        Ok(Some(Err(error))) => {
            let right = || RequiredAcl::on_topic(AclOperation::Read, &key.0);
            Known::Unread(read_error(error, right).words.into())
        }
        Ok(None) => Known::default(),
        Err(error) => Known::Unread(error.to_string().into()),
    }
}

fn behind(time: Option<&Known<Option<i64>>>, last_write: Option<&Result<Offset, ReadError>>) -> Known<u64> {
    let time = match time {
        Some(Known::Read(Some(time))) => *time,
        Some(Known::Read(None)) => return Known::Unread("the next record has no time".into()),
        Some(Known::Unread(why)) => return Known::Unread(why.clone()),
        None => return Known::Unread("too many groups are behind at different offsets".into()),
    };
    match last_write {
        Some(Ok(last)) => match last.timestamp {
            // Producers' clocks differ: a later record can be the older one.
            Some(last) => Known::Read(u64::try_from(last.saturating_sub(time)).unwrap_or(0)),
            None => Known::Unread("the last record has no time".into()),
        },
        Some(Err(why)) => Known::Unread(why.words.shared()),
        None => Known::default(),
    }
}
