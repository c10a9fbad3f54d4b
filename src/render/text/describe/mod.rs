//! Topics as the cluster shows them: one line each, or in detail.

mod configs;
mod groups;
mod overview;
mod partitions;

use std::io::{self, Write};

use tabled::builder::Builder;
use tabled::settings::object::Columns;
use tabled::settings::{Alignment, Style as Borders};

use super::{Text, TextRole, words};
use crate::inspect::{LastWrite, TopicDescription};
use crate::model::facts::Sum;
use crate::model::{DesiredState, Reading, TopicName, moment, printable, quantity};
use crate::plan::TopicPlan;
use crate::render::{Description, View};

pub(super) fn write(text: &mut Text<'_>, description: &Description) -> io::Result<()> {
    match description.view {
        View::Overview(columns) => overview::write(text, description, columns),
        View::Detailed => {
            for (index, (name, topic)) in description.topics.iter().enumerate() {
                if index > 0 {
                    writeln!(text.out)?;
                }
                write_topic(text, name, topic, description)?;
            }
            Ok(())
        }
    }
}

fn dash() -> String {
    "-".to_owned()
}

fn unknown() -> String {
    "?".to_owned()
}

/// An amount, or that it is not known.
fn amount(number: Option<u64>) -> String {
    number.map_or_else(unknown, |number| number.to_string())
}

/// Bytes as people read them, or that they are not known.
fn size(bytes: Option<u64>) -> String {
    bytes.map_or_else(unknown, quantity::rounded_size)
}

/// A sum, and of how many it is where some do not tell.
fn sum(sum: Sum, of: &str, shown: impl FnOnce(u64) -> String) -> String {
    match sum.told {
        0 => unknown(),
        told if told == sum.of => shown(sum.known),
        told => format!("{} in {told} of {}", shown(sum.known), words::counted(sum.of, of)),
    }
}

/// An amount as far as it is known.
fn at_least(known: u64, is_complete: bool) -> String {
    match known {
        _ if is_complete => known.to_string(),
        0 => unknown(),
        _ => format!("{known} at least"),
    }
}

/// How far behind in time, to the second; below one second to the millisecond.
fn behind(milliseconds: Option<u64>) -> String {
    let Some(milliseconds) = milliseconds else {
        return unknown();
    };
    let rounded = if milliseconds < 1_000 {
        milliseconds
    } else {
        milliseconds / 1_000 * 1_000
    };
    match i64::try_from(rounded) {
        Ok(0) => "0s".to_owned(),
        Ok(rounded) => long_duration(rounded),
        Err(_) => unknown(),
    }
}

/// `2d 3h`, `4m 7s`: two units are as much as anybody compares.
fn long_duration(milliseconds: i64) -> String {
    const UNITS: [(i64, &str); 5] = [
        (86_400_000, "d"),
        (3_600_000, "h"),
        (60_000, "m"),
        (1_000, "s"),
        (1, "ms"),
    ];
    let first = UNITS
        .iter()
        .position(|(unit, _)| milliseconds >= *unit)
        .unwrap_or(4);
    let (unit, name) = UNITS[first];
    let rest = UNITS
        .get(first + 1)
        .map_or(0, |(next, _)| milliseconds % unit / next);
    match UNITS.get(first + 1) {
        Some((_, next)) if rest > 0 => format!("{}{name} {rest}{next}", milliseconds / unit),
        Some(_) | None => format!("{}{name}", milliseconds / unit),
    }
}

/// A share of the largest, as a bar of ten characters with eight steps each.
fn bar(amount: u64, largest: u64) -> String {
    const STEPS: [&str; 8] = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"];
    if largest == 0 {
        return String::new();
    }
    let eighths = usize::try_from(u128::from(amount) * 80 / u128::from(largest))
        .unwrap_or(80)
        .min(80);
    // Something is never shown as nothing.
    let eighths = if amount > 0 { eighths.max(1) } else { 0 };
    format!("{}{}", "█".repeat(eighths / 8), STEPS[eighths % 8])
}

/// How the topic stands against the file.
fn state(topic: &TopicDescription) -> String {
    let Some(plan) = &topic.plan else {
        return "not in the file".to_owned();
    };
    if plan.unreadable.is_some() {
        return "not known".to_owned();
    }
    let wanted = topic.declared.as_ref().map(|declared| &declared.state);
    match (wanted, &topic.metadata) {
        (Some(DesiredState::Present(_)), Reading::Absent) => "missing".to_owned(),
        (Some(DesiredState::Absent(_)), Reading::Absent) => "absent, as declared".to_owned(),
        (Some(DesiredState::Absent(_)), _) if plan.refusals.is_empty() => "to be deleted".to_owned(),
        (Some(DesiredState::Absent(_) | DesiredState::Present(_)) | None, _) => difference(plan),
    }
}

fn difference(plan: &TopicPlan) -> String {
    match plan.changes.len() + plan.refusals.len() {
        0 => "up to date".to_owned(),
        differences => words::counted(differences, "difference"),
    }
}

fn write_topic(
    text: &mut Text<'_>,
    name: &TopicName,
    topic: &TopicDescription,
    description: &Description,
) -> io::Result<()> {
    let title = text.paint(TextRole::Strong, name);
    writeln!(text.out, "{title}  {}", state(topic))?;
    write_declaration(text, topic)?;
    match &topic.metadata {
        Reading::Read(metadata) => {
            writeln!(text.out, "  id           {}", metadata.id)?;
            if metadata.internal {
                writeln!(text.out, "  internal     yes")?;
            }
            write_figures(text, topic, description)?;
            partitions::write(text, metadata, topic)?;
            partitions::write_moves(text, topic)?;
            partitions::write_brokers(text, topic, description)?;
            groups::write(text, topic)?;
        }
        Reading::Absent | Reading::NotAsked => writeln!(text.out, "  The cluster has no such topic.")?,
        Reading::Failed(why) => writeln!(text.out, "  Its metadata could not be read: {why}")?,
    }
    configs::write(text, topic)?;
    write_differences(text, topic)
}

fn write_declaration(text: &mut Text<'_>, topic: &TopicDescription) -> io::Result<()> {
    let Some(declared) = &topic.declared else {
        return Ok(());
    };
    if let Some(description) = &declared.description {
        writeln!(text.out, "  description  {}", printable(description))?;
    }
    for alias in &declared.aliases {
        writeln!(text.out, "  alias        {alias}")?;
    }
    if let Some(event) = &declared.event {
        writeln!(text.out, "  event        {}", event.value)?;
    }
    writeln!(
        text.out,
        "  declared at  {}:{}",
        declared.place.file, declared.place.line
    )?;
    match &declared.protected {
        Some(stated) => writeln!(text.out, "  protected    {stated}"),
        None => Ok(()),
    }
}

/// Sums, and how evenly the topic spreads.
fn write_figures(text: &mut Text<'_>, topic: &TopicDescription, description: &Description) -> io::Result<()> {
    let records = |records| {
        if records == 0 {
            return "0".to_owned();
        }
        let grouped = words::grouped(usize::try_from(records).unwrap_or(usize::MAX));
        format!("{grouped} at most")
    };
    let records = sum(topic.records(), "partition", records);
    writeln!(text.out, "  records      {records}")?;
    let bytes = sum(topic.bytes(), "partition", quantity::rounded_size);
    let all = sum(topic.bytes_of_replicas(), "replica", quantity::rounded_size);
    writeln!(text.out, "  bytes        {bytes}, with all replicas {all}")?;
    writeln!(text.out, "  last write   {}", last_write(topic.last_write()))?;
    let skews = [
        ("records", topic.skew_of_records()),
        ("bytes", topic.skew_of_bytes()),
        ("leaders", topic.skew_of_leaders(&description.brokers)),
    ];
    let said = skews
        .iter()
        .filter_map(|(of, skew)| Some(format!("{of} {}", (*skew)?)));
    let said: Vec<String> = said.collect();
    if said.is_empty() {
        return Ok(());
    }
    writeln!(text.out, "  skew         {} (1.00 is even)", said.join(", "))
}

fn last_write(last: LastWrite) -> String {
    let said = |time| format!("{} UTC", moment::day_and_second(time));
    match last.time {
        Some(time) if last.is_complete => said(time),
        Some(time) => format!("{} at least", said(time)),
        None if last.is_complete => dash(),
        None => unknown(),
    }
}

fn write_differences(text: &mut Text<'_>, topic: &TopicDescription) -> io::Result<()> {
    let Some(plan) = topic
        .plan
        .as_ref()
        .filter(|plan| !plan.is_in_sync() || !plan.notes.is_empty())
    else {
        return Ok(());
    };
    writeln!(text.out)?;
    for planned in &plan.changes {
        writeln!(text.out, "  differs: {}", words::change(&planned.change))?;
    }
    for refusal in &plan.refusals {
        writeln!(text.out, "  differs: {}", words::refused(refusal))?;
    }
    for note in &plan.notes {
        writeln!(text.out, "  note: {}", words::note(note))?;
    }
    Ok(())
}

/// As [`write_rows`], with lines below each row but the first.
fn write_rows_and_below(
    text: &mut Text<'_>,
    rows: impl IntoIterator<Item = Vec<String>>,
    below: impl Iterator<Item = Vec<String>>,
) -> io::Result<()> {
    let table = table(rows, &[]).to_string();
    for (row, below) in table.lines().zip(std::iter::once(Vec::new()).chain(below)) {
        writeln!(text.out, "{}", row.trim_end())?;
        for line in below {
            writeln!(text.out, "   {line}")?;
        }
    }
    Ok(())
}

/// A table of these rows, of which the first is the head; these columns are amounts.
fn write_rows(
    text: &mut Text<'_>,
    rows: impl IntoIterator<Item = Vec<String>>,
    amounts: &[usize],
) -> io::Result<()> {
    write_table(text, &table(rows, amounts))
}

fn table(rows: impl IntoIterator<Item = Vec<String>>, amounts: &[usize]) -> tabled::Table {
    let mut table = Builder::default();
    for row in rows {
        table.push_record(row);
    }
    let mut table = table.build();
    table.with(Borders::blank());
    for column in amounts {
        table.modify(Columns::one(*column), Alignment::right());
    }
    table
}

/// A table without the blanks that its cells are padded with at the end of each line.
fn write_table(text: &mut Text<'_>, table: &tabled::Table) -> io::Result<()> {
    for line in table.to_string().lines() {
        writeln!(text.out, "{}", line.trim_end())?;
    }
    Ok(())
}
