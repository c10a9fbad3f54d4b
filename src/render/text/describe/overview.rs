//! Topics, one line each.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Write};

use super::super::{Text, TextRole, words};
use super::{amount, at_least, dash, size, state, unknown, write_rows};
use crate::inspect::{Condition, TopicDescription};
use crate::model::{Reading, TopicName, printable, quantity};
use crate::render::{Columns, Description};

pub(super) fn write(text: &mut Text<'_>, description: &Description, columns: Columns) -> io::Result<()> {
    if description.topics.is_empty() {
        return writeln!(text.out, "No topic.");
    }
    let more = more(columns);
    let usual = [
        "topic",
        "state",
        "partitions",
        "replication",
        "under-replicated",
        "retention",
    ];
    let head = usual.into_iter().chain(more.iter().map(|column| column.name));
    let head = head.map(str::to_owned).collect();
    let rows = description.topics.iter().map(|(name, topic)| {
        let mut row = usual_cells(name, topic).to_vec();
        row.extend(more.iter().map(|column| match topic.metadata {
            Reading::Absent | Reading::NotAsked => dash(),
            Reading::Read(_) | Reading::Failed(_) => (column.cell)(topic),
        }));
        row
    });
    let amounts: Vec<usize> = [2, 3, 4].into_iter().chain(6..6 + more.len()).collect();
    write_rows(text, std::iter::once(head).chain(rows), &amounts)?;
    write_unread(text, description)
}

/// How many reasons are shown: each topic may have its own.
const REASONS: usize = 10;

/// Why cells are not known: each reason once, with the topics that it concerns.
fn write_unread(text: &mut Text<'_>, description: &Description) -> io::Result<()> {
    let mut reasons: BTreeMap<&str, UnreadReason<'_>> = BTreeMap::new();
    for (name, topic) in &description.topics {
        for (why, what) in topic.unread() {
            let reason = reasons.entry(why).or_default();
            reason.what.extend(what);
            reason.topics.push(name);
        }
    }
    for (why, reason) in reasons.iter().take(REASONS) {
        let label = text.paint(TextRole::Care, "?");
        let what: Vec<&str> = reason.what.iter().copied().collect();
        let (what, of) = (what.join(", "), topics(&reason.topics));
        writeln!(text.out, "  {label} {what} of {of}: {}", printable(why))?;
    }
    match reasons.len().saturating_sub(REASONS) {
        0 => Ok(()),
        more => writeln!(text.out, "  and {}", words::counted(more, "other reason")),
    }
}

/// What could not be read for one reason.
#[derive(Default)]
struct UnreadReason<'a> {
    what: BTreeSet<&'static str>,
    topics: Vec<&'a TopicName>,
}

fn topics(topics: &[&TopicName]) -> String {
    match topics {
        [] => String::new(),
        [only] => only.to_string(),
        [first, second] => format!("{first} and {second}"),
        [first, rest @ ..] => format!("{first} and {}", words::counted(rest.len(), "other topic")),
    }
}

/// A column that was asked for.
struct OverviewColumn {
    name: &'static str,
    cell: fn(&TopicDescription) -> String,
}

fn more(columns: Columns) -> Vec<OverviewColumn> {
    let records = OverviewColumn {
        name: "records",
        cell: |topic| amount(topic.records().whole()),
    };
    let bytes = OverviewColumn {
        name: "bytes",
        cell: |topic| size(topic.bytes_of_replicas().whole()),
    };
    let lag = OverviewColumn {
        name: "lag",
        cell: |topic| match topic.largest_lag() {
            Some((lag, is_open)) => at_least(lag, !is_open),
            None => unknown(),
        },
    };
    let all = [
        (columns.records, records),
        (columns.bytes, bytes),
        (columns.lag, lag),
    ];
    all.into_iter()
        .filter(|(shown, _)| *shown)
        .map(|(_, column)| column)
        .collect()
}

fn usual_cells(name: &TopicName, topic: &TopicDescription) -> [String; 6] {
    let (partitions, replication, under) = match &topic.metadata {
        Reading::Read(metadata) => (
            metadata.partitions.len().to_string(),
            topic
                .replication()
                .map_or_else(unknown, |replication| replication.to_string()),
            topic
                .count(Condition::UnderReplicated)
                .map_or_else(unknown, |count| count.to_string()),
        ),
        Reading::Absent | Reading::NotAsked => (dash(), dash(), dash()),
        Reading::Failed(_) => (unknown(), unknown(), unknown()),
    };
    [
        name.to_string(),
        state(topic),
        partitions,
        replication,
        under,
        retention(topic),
    ]
}

fn retention(topic: &TopicDescription) -> String {
    match &topic.configs {
        Reading::Read(configs) => {
            let value = configs
                .get("retention.ms")
                .and_then(|described| described.config.value.as_deref());
            value
                .and_then(|raw| raw.parse().ok())
                .map_or_else(dash, quantity::human_duration)
        }
        Reading::Absent | Reading::NotAsked => dash(),
        Reading::Failed(_) => unknown(),
    }
}
