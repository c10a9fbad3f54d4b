//! An independent look at when every broker shows what was done.

use std::net::SocketAddr;
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Result, anyhow, ensure};
use kafka_protocol::messages::metadata_response::MetadataResponseTopic;

use super::cluster;
use super::connection::Connection;
use super::read::metadata_request;
use crate::workload::PARTITIONS;

/// How many topics one request asks for.
const CHUNK: usize = 1_000;

const PAUSE: Duration = Duration::from_millis(25);

/// What is waited for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wanted {
    /// All partitions are there and have a leader.
    Shown,
    /// There is no such topic any more.
    Gone,
}

/// Returns when every broker by itself shows what is wanted of every topic, with the time when the
/// last of them did.
///
/// Brokers learn of changes in order, so it is the last topic that is asked for again and again,
/// which costs them next to nothing; once it shows, all of them are verified.
pub fn wait(bootstrap: &[SocketAddr], names: &[String], wanted: Wanted, limit: Duration) -> Result<Instant> {
    let mut first = Connection::open(bootstrap)?;
    let brokers = cluster::brokers(&mut first)?;
    let deadline = Instant::now() + limit;
    thread::scope(|scope| {
        let mut threads = Vec::new();
        for mut connection in cluster::connect_all(first, &brokers)? {
            threads.push(scope.spawn(move || watch(&mut connection, names, wanted, deadline)));
        }
        let mut last = Instant::now();
        for thread in threads {
            last = last.max(
                thread
                    .join()
                    .map_err(|_| anyhow!("a watching thread panicked"))??,
            );
        }
        Ok(last)
    })
}

fn watch(
    connection: &mut Connection,
    names: &[String],
    wanted: Wanted,
    deadline: Instant,
) -> Result<Instant> {
    let last = names.len().saturating_sub(1);
    for names in [&names[last..], names] {
        let mut pending = names.to_vec();
        loop {
            pending = missing(connection, &pending, wanted)?;
            if pending.is_empty() {
                break;
            }
            let (broker, count) = (connection.remote(), pending.len());
            ensure!(
                Instant::now() < deadline,
                "{broker} never came to {wanted:?} of {count} topics"
            );
            thread::sleep(PAUSE);
        }
    }
    Ok(Instant::now())
}

fn missing(connection: &mut Connection, names: &[String], wanted: Wanted) -> Result<Vec<String>> {
    let mut missing = Vec::new();
    for chunk in names.chunks(CHUNK) {
        let answer = connection.call(&metadata_request(chunk))?;
        let others = answer.topics.iter().filter(|topic| !is(topic, wanted));
        let others = others.filter_map(|topic| topic.name.as_ref());
        missing.extend(others.map(|name| name.to_string()));
    }
    Ok(missing)
}

fn is(topic: &MetadataResponseTopic, wanted: Wanted) -> bool {
    let led = topic
        .partitions
        .iter()
        .filter(|partition| partition.leader_id.0 >= 0)
        .count();
    match wanted {
        Wanted::Shown => topic.error_code == 0 && i32::try_from(led) == Ok(PARTITIONS),
        Wanted::Gone => topic.error_code != 0 && topic.partitions.is_empty(),
    }
}
