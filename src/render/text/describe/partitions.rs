//! Partitions: where they are, what is in them, and how that spreads.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Write};

use super::super::{Text, TextRole};
use super::{amount, bar, dash, size, unknown, write_rows};
use crate::inspect::{Condition, DescribedOffsets, Share, TopicDescription};
use crate::model::{BrokerId, Offset, Partition, ReadError, Reading, TopicMetadata, moment};
use crate::render::Description;

/// Several tables, so that none is wider than a terminal of eighty columns.
pub(super) fn write(
    text: &mut Text<'_>,
    metadata: &TopicMetadata,
    topic: &TopicDescription,
) -> io::Result<()> {
    let head = ["partition", "leader", "replicas", "ISR", "state"];
    let rows = metadata
        .partitions
        .iter()
        .map(|partition| placed(partition, topic));
    writeln!(text.out)?;
    write_rows(
        text,
        [head.map(str::to_owned).to_vec()].into_iter().chain(rows),
        &[],
    )?;
    writeln!(text.out)?;
    let head = [
        "partition",
        "earliest",
        "latest",
        "records",
        "",
        "bytes",
        "",
        "last write",
    ];
    let largest = Largest::of_partitions(metadata, topic);
    let rows = metadata
        .partitions
        .iter()
        .map(|partition| filled(partition, topic, &largest));
    write_rows(
        text,
        [head.map(str::to_owned).to_vec()].into_iter().chain(rows),
        &[1, 2, 3, 5],
    )?;
    write_replicas(text, metadata, topic)?;
    write_unknown(text, topic)
}

fn placed(partition: &Partition, topic: &TopicDescription) -> Vec<String> {
    let conditions = topic.conditions(partition);
    let said = conditions.into_iter().map(|condition| match condition {
        Condition::Offline => "offline",
        Condition::UnderMinIsr => "under min ISR",
        Condition::UnderReplicated => "under-replicated",
        Condition::Moving => "moving",
        Condition::LeaderNotPreferred => "leader not preferred",
    });
    let mut said: Vec<String> = said.map(str::to_owned).collect();
    if topic.min_insync_replicas().is_none() {
        said.push("min ISR not known".to_owned());
    }
    if !partition.offline.is_empty() {
        said.push(format!("replicas offline: {}", ids(&partition.offline)));
    }
    if let Some(eligible) = topic.eligible_leaders_of(partition) {
        let eligible: Vec<BrokerId> = eligible.iter().copied().collect();
        said.push(format!("eligible to lead: {}", ids(&eligible)));
    }
    vec![
        partition.index.to_string(),
        partition
            .leader
            .map_or_else(|| "none".to_owned(), |leader| leader.to_string()),
        ids(&partition.replicas),
        ids(&partition.isr),
        if said.is_empty() {
            "ok".to_owned()
        } else {
            said.join(", ")
        },
    ]
}

/// What bars are drawn against.
struct Largest {
    records: u64,
    bytes: u64,
}

impl Largest {
    fn of_partitions(metadata: &TopicMetadata, topic: &TopicDescription) -> Self {
        let each = || metadata.partitions.iter();
        Self {
            records: each()
                .filter_map(|partition| records(partition, topic))
                .max()
                .unwrap_or(0),
            bytes: each()
                .filter_map(|partition| topic.bytes_of(partition))
                .max()
                .unwrap_or(0),
        }
    }
}

fn records(partition: &Partition, topic: &TopicDescription) -> Option<u64> {
    topic
        .offsets
        .get(&partition.index)
        .and_then(DescribedOffsets::records_at_most)
}

fn filled(partition: &Partition, topic: &TopicDescription, largest: &Largest) -> Vec<String> {
    let offsets = topic.offsets.get(&partition.index);
    let end = |pick: fn(&DescribedOffsets) -> &Result<Offset, ReadError>| {
        let offset = offsets
            .and_then(|offsets| pick(offsets).as_ref().ok())
            .and_then(|offset| offset.offset);
        offset.map_or_else(unknown, |offset| offset.to_string())
    };
    let (records, bytes) = (records(partition, topic), topic.bytes_of(partition));
    let last_write = match topic.last_writes.get(&partition.index) {
        Some(Ok(offset)) => offset.timestamp.map_or_else(dash, moment::day_and_second),
        Some(Err(_)) | None => unknown(),
    };
    vec![
        partition.index.to_string(),
        end(|offsets| &offsets.earliest),
        end(|offsets| &offsets.latest),
        amount(records),
        records.map_or_else(String::new, |records| bar(records, largest.records)),
        size(bytes),
        bytes.map_or_else(String::new, |bytes| bar(bytes, largest.bytes)),
        last_write,
    ]
}

/// The bytes of each replica, where there are several: a follower that has far less is behind.
fn write_replicas(text: &mut Text<'_>, metadata: &TopicMetadata, topic: &TopicDescription) -> io::Result<()> {
    let are_several = metadata
        .partitions
        .iter()
        .any(|partition| partition.replicas.len() > 1);
    if topic.sizes.is_empty() || !are_several {
        return Ok(());
    }
    let rows = metadata.partitions.iter().map(|partition| {
        let sizes = topic.sizes.get(&partition.index);
        let bytes = |id: &BrokerId| sizes.and_then(|sizes| sizes.get(id)?.as_ref().ok().copied());
        let each = partition.replicas.iter();
        let each = each.map(|id| format!("{id}: {}", size(bytes(id))));
        vec![partition.index.to_string(), each.collect::<Vec<_>>().join(", ")]
    });
    let head = ["partition", "bytes by replica"].map(str::to_owned).to_vec();
    writeln!(text.out)?;
    write_rows(text, [head].into_iter().chain(rows), &[])
}

/// What is being moved right now: from which replicas to which.
pub(super) fn write_moves(text: &mut Text<'_>, topic: &TopicDescription) -> io::Result<()> {
    let moves = match &topic.reassignments {
        Reading::Read(moves) if !moves.is_empty() => moves,
        Reading::Read(_) | Reading::Absent | Reading::NotAsked => return Ok(()),
        Reading::Failed(why) => {
            let label = text.paint(TextRole::Care, "?");
            return writeln!(text.out, "  {label} reassignments: {why}");
        }
    };
    writeln!(text.out)?;
    let head = ["partition", "moving to", "adding", "removing"]
        .map(str::to_owned)
        .to_vec();
    let rows = moves.iter().map(|(index, moved)| {
        let to = moved.target();
        vec![
            index.to_string(),
            ids(&to),
            ids(&moved.adding),
            ids(&moved.removing),
        ]
    });
    write_rows(text, [head].into_iter().chain(rows), &[])
}

fn ids(ids: &[BrokerId]) -> String {
    if ids.is_empty() {
        return dash();
    }
    ids.iter().map(ToString::to_string).collect::<Vec<_>>().join(",")
}

/// Each reason once, with what it kept from being read.
fn write_unknown(text: &mut Text<'_>, topic: &TopicDescription) -> io::Result<()> {
    let mut reasons: BTreeMap<&ReadError, BTreeSet<&str>> = BTreeMap::new();
    for offsets in topic.offsets.values() {
        for end in [&offsets.earliest, &offsets.latest] {
            end.as_ref()
                .err()
                .map(|why| reasons.entry(why).or_default().insert("offsets"));
        }
    }
    for last in topic.last_writes.values() {
        last.as_ref()
            .err()
            .map(|why| reasons.entry(why).or_default().insert("last write"));
    }
    for size in topic.sizes.values().flat_map(BTreeMap::values) {
        size.as_ref()
            .err()
            .map(|why| reasons.entry(why).or_default().insert("bytes"));
    }
    for (why, what) in reasons {
        let label = text.paint(TextRole::Care, "?");
        let what = what.into_iter().collect::<Vec<_>>().join(", ");
        writeln!(text.out, "  {label} {what}: {why}")?;
    }
    Ok(())
}

/// What each broker has of the topic.
pub(super) fn write_brokers(
    text: &mut Text<'_>,
    topic: &TopicDescription,
    description: &Description,
) -> io::Result<()> {
    let shares = topic.shares(&description.brokers);
    let most = shares
        .values()
        .map(|share| share.leaders as u64)
        .max()
        .unwrap_or(0);
    let head = ["broker", "rack", "leaders", "", "replicas", "bytes"]
        .map(str::to_owned)
        .to_vec();
    let rows = shares
        .iter()
        .map(|(id, share)| of_broker(*id, share, most, description));
    writeln!(text.out)?;
    write_rows(text, [head].into_iter().chain(rows), &[2, 4, 5])
}

fn of_broker(id: BrokerId, share: &Share, most: u64, description: &Description) -> Vec<String> {
    let rack = match description.brokers.get(&id) {
        Some(broker) => broker.rack.as_ref().map_or_else(dash, ToString::to_string),
        None => "not alive".to_owned(),
    };
    vec![
        id.to_string(),
        rack,
        share.leaders.to_string(),
        bar(share.leaders as u64, most),
        share.replicas.to_string(),
        size(share.bytes),
    ]
}
