//! Consumer groups of a topic: what they do, and how far they are behind.

use std::collections::BTreeSet;
use std::io::{self, Write};

use super::super::{Text, TextRole, words};
use super::{amount, at_least, behind, dash, unknown, write_rows};
use crate::inspect::{DescribedGroup, Position, TopicDescription};
use crate::model::{GroupMember, GroupName, Known, printable};

pub(super) fn write(text: &mut Text<'_>, topic: &TopicDescription) -> io::Result<()> {
    let Some(groups) = &topic.groups else {
        return Ok(());
    };
    writeln!(text.out)?;
    if groups.read.is_empty() {
        if groups.unread.is_empty() {
            writeln!(text.out, " No group uses it.")?;
        }
    } else {
        write_summary(text, groups.read.iter())?;
        write_positions(text, topic, groups.read.iter())?;
        write_members(text, groups.read.iter())?;
        write_lost(text, groups.read.iter())?;
    }
    let of_groups = groups.read.values().filter_map(|group| group.members.why_not());
    let positions = groups.read.values().flat_map(|group| group.positions.values());
    let of_positions = positions.flat_map(|position| [position.lag.why_not(), position.behind_ms.why_not()]);
    let reasons: BTreeSet<&str> = groups
        .unread
        .iter()
        .chain(of_groups)
        .chain(of_positions.flatten())
        .map(|why| &**why)
        .collect();
    for why in reasons {
        let label = text.paint(TextRole::Care, "?");
        writeln!(text.out, "  {label} groups: {}", printable(why))?;
    }
    Ok(())
}

fn write_summary<'a>(
    text: &mut Text<'_>,
    groups: impl Iterator<Item = (&'a GroupName, &'a DescribedGroup)>,
) -> io::Result<()> {
    let head = ["group", "type", "state", "members", "lag", "behind"]
        .map(str::to_owned)
        .to_vec();
    let rows = groups.map(|(name, group)| {
        let (lag, is_complete) = group.lag();
        vec![
            printable(name).into_owned(),
            group.kind.to_string(),
            group
                .state
                .as_deref()
                .map_or_else(unknown, |state| printable(state).into_owned()),
            group
                .members
                .read()
                .map_or_else(unknown, |members| members.len().to_string()),
            at_least(lag, is_complete),
            behind(group.behind_ms()),
        ]
    });
    write_rows(text, [head].into_iter().chain(rows), &[3, 4, 5])
}

fn write_positions<'a>(
    text: &mut Text<'_>,
    topic: &TopicDescription,
    groups: impl Iterator<Item = (&'a GroupName, &'a DescribedGroup)>,
) -> io::Result<()> {
    let head = ["group", "partition", "committed", "latest", "lag", "behind"]
        .map(str::to_owned)
        .to_vec();
    let row = |name: &GroupName, index: i32, position: &Position| {
        let latest = topic
            .offsets
            .get(&index)
            .and_then(|offsets| offsets.latest.as_ref().ok()?.offset);
        let known = |amount: &Known<u64>| amount.read().copied();
        vec![
            printable(name).into_owned(),
            index.to_string(),
            position.committed.map_or_else(dash, |offset| offset.to_string()),
            latest.map_or_else(unknown, |latest| latest.to_string()),
            amount(known(&position.lag)),
            behind(known(&position.behind_ms)),
        ]
    };
    let rows = groups.flat_map(|(name, group)| {
        let each = group.positions.iter();
        each.map(move |(index, position)| row(name, *index, position))
            .collect::<Vec<_>>()
    });
    let rows: Vec<Vec<String>> = rows.collect();
    if rows.is_empty() {
        return Ok(());
    }
    writeln!(text.out)?;
    write_rows(text, [head].into_iter().chain(rows), &[1, 2, 3, 4, 5])
}

/// What was deleted before it was read.
fn write_lost<'a>(
    text: &mut Text<'_>,
    groups: impl Iterator<Item = (&'a GroupName, &'a DescribedGroup)>,
) -> io::Result<()> {
    for (name, group) in groups {
        for (index, position) in &group.positions {
            if let Some(lost) = position.lost.read().filter(|lost| **lost > 0) {
                let label = text.paint(TextRole::Care, "!");
                let (name, records) = (
                    printable(name),
                    words::counted(usize::try_from(*lost).unwrap_or(usize::MAX), "record"),
                );
                let lost = format!("{name} lost at most {records} of partition {index}");
                writeln!(text.out, "  {label} {lost}: deleted before it read them")?;
            }
        }
    }
    Ok(())
}

/// Who has which partitions: whom to look for where one lags.
fn write_members<'a>(
    text: &mut Text<'_>,
    groups: impl Iterator<Item = (&'a GroupName, &'a DescribedGroup)>,
) -> io::Result<()> {
    let row = |name: &GroupName, member: &GroupMember| {
        let partitions = member.partitions.iter().map(ToString::to_string);
        let partitions: Vec<String> = partitions.collect();
        vec![
            printable(name).into_owned(),
            member.client.to_string(),
            member.host.to_string(),
            if partitions.is_empty() {
                dash()
            } else {
                partitions.join(",")
            },
            member.id.to_string(),
        ]
    };
    let rows = groups.flat_map(|(name, group)| {
        let members = group.members.read().into_iter();
        let members = members.flat_map(|members| members.iter());
        members.map(move |member| row(name, member)).collect::<Vec<_>>()
    });
    let rows: Vec<Vec<String>> = rows.collect();
    if rows.is_empty() {
        return Ok(());
    }
    let head = ["group", "client", "host", "partitions", "member"]
        .map(str::to_owned)
        .to_vec();
    writeln!(text.out)?;
    write_rows(text, [head].into_iter().chain(rows), &[])
}
