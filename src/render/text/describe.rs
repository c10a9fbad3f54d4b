//! Topics as the cluster shows them: one line each, or in detail.

use std::io;

use tabled::builder::Builder;
use tabled::settings::object::Columns;
use tabled::settings::{Alignment, Style as Borders};

use super::{Role, Text, words};
use crate::model::{
    ConfigSource, DesiredState, Obstacle, Partition, Synonym, TopicMetadata, TopicName, quantity,
};
use crate::plan::TopicPlan;
use crate::render::{DescribedConfig, DescribedOffsets, Description, Readable, TopicDescription};

pub(super) fn write(text: &mut Text<'_>, description: &Description) -> io::Result<()> {
    if !description.detailed {
        return write_overview(text, description);
    }
    for (index, (name, topic)) in description.topics.iter().enumerate() {
        if index > 0 {
            writeln!(text.out)?;
        }
        write_topic(text, name, topic)?;
    }
    Ok(())
}

fn write_overview(text: &mut Text<'_>, description: &Description) -> io::Result<()> {
    let mut table = Builder::default();
    table.push_record([
        "topic",
        "state",
        "partitions",
        "replication",
        "under-replicated",
        "retention",
    ]);
    for (name, topic) in &description.topics {
        table.push_record(overview(name, topic));
    }
    let mut table = table.build();
    table.with(Borders::blank());
    table.modify(Columns::new(2..5), Alignment::right());
    write_table(text, &table)
}

fn overview(name: &TopicName, topic: &TopicDescription) -> [String; 6] {
    let (partitions, replication, under) = match &topic.metadata {
        Readable::Read(metadata) => (
            metadata.partitions.len().to_string(),
            metadata
                .replication()
                .map_or_else(unknown, |replication| replication.to_string()),
            metadata.under_replicated().to_string(),
        ),
        Readable::Absent => (dash(), dash(), dash()),
        Readable::Unknown(_) => (unknown(), unknown(), unknown()),
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

fn dash() -> String {
    "-".to_owned()
}

fn unknown() -> String {
    "?".to_owned()
}

fn retention(topic: &TopicDescription) -> String {
    match &topic.configs {
        Readable::Read(configs) => {
            let value = configs
                .get("retention.ms")
                .and_then(|described| described.config.value.as_deref());
            value
                .and_then(|raw| raw.parse().ok())
                .map_or_else(dash, quantity::human_duration)
        }
        Readable::Absent => dash(),
        Readable::Unknown(_) => unknown(),
    }
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
        (Some(DesiredState::Present(_)), Readable::Absent) => "missing".to_owned(),
        (Some(DesiredState::Absent(_)), Readable::Absent) => "absent, as declared".to_owned(),
        (Some(DesiredState::Absent(_)), _) if plan.refusals.is_empty() => "to be deleted".to_owned(),
        (Some(DesiredState::Absent(_) | DesiredState::Present(_)) | None, _) => difference(plan),
    }
}

fn difference(plan: &TopicPlan) -> String {
    match plan.changes.len() + plan.refusals.len() {
        0 => "in sync".to_owned(),
        differences => words::counted(differences, "difference"),
    }
}

fn write_topic(text: &mut Text<'_>, name: &TopicName, topic: &TopicDescription) -> io::Result<()> {
    let title = text.paint(Role::Strong, name);
    writeln!(text.out, "{title}  {}", state(topic))?;
    write_declaration(text, topic)?;
    match &topic.metadata {
        Readable::Read(metadata) => {
            writeln!(text.out, "  id           {}", metadata.id)?;
            if metadata.internal {
                writeln!(text.out, "  internal     yes")?;
            }
            write_partitions(text, metadata, topic)?;
        }
        Readable::Absent => writeln!(text.out, "  The cluster has no such topic.")?,
        Readable::Unknown(why) => writeln!(text.out, "  Its metadata could not be read: {why}")?,
    }
    write_configs(text, topic)?;
    write_differences(text, topic)
}

fn write_declaration(text: &mut Text<'_>, topic: &TopicDescription) -> io::Result<()> {
    let Some(declared) = &topic.declared else {
        return Ok(());
    };
    if let Some(description) = &declared.description {
        writeln!(text.out, "  description  {description}")?;
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

fn write_partitions(
    text: &mut Text<'_>,
    metadata: &TopicMetadata,
    topic: &TopicDescription,
) -> io::Result<()> {
    let mut table = Builder::default();
    table.push_record([
        "partition",
        "leader",
        "replicas",
        "in sync",
        "earliest",
        "latest",
        "records",
    ]);
    for partition in &metadata.partitions {
        table.push_record(partition_row(partition, topic.offsets.get(&partition.index)));
    }
    let mut table = table.build();
    table.with(Borders::blank());
    table.modify(Columns::new(4..7), Alignment::right());
    writeln!(text.out)?;
    write_table(text, &table)?;
    write_unknown_offsets(text, topic)
}

fn partition_row(partition: &Partition, offsets: Option<&DescribedOffsets>) -> [String; 7] {
    let ids =
        |ids: &[crate::model::BrokerId]| ids.iter().map(ToString::to_string).collect::<Vec<_>>().join(",");
    let end = |pick: fn(&DescribedOffsets) -> &Result<crate::model::Offset, Obstacle>| {
        let offset = offsets
            .and_then(|offsets| pick(offsets).as_ref().ok())
            .and_then(|offset| offset.offset);
        offset.map_or_else(unknown, |offset| offset.to_string())
    };
    let records = offsets.and_then(DescribedOffsets::records_at_most);
    [
        partition.index.to_string(),
        partition
            .leader
            .map_or_else(|| "none".to_owned(), |leader| leader.to_string()),
        ids(&partition.replicas),
        ids(&partition.isr),
        end(|offsets| &offsets.earliest),
        end(|offsets| &offsets.latest),
        records.map_or_else(unknown, |records| records.to_string()),
    ]
}

fn write_unknown_offsets(text: &mut Text<'_>, topic: &TopicDescription) -> io::Result<()> {
    let reasons: std::collections::BTreeSet<&Obstacle> = topic
        .offsets
        .values()
        .flat_map(|offsets| [offsets.earliest.as_ref().err(), offsets.latest.as_ref().err()])
        .flatten()
        .collect();
    for reason in reasons {
        let label = text.paint(Role::Care, "?");
        writeln!(text.out, "  {label} offsets could not be read: {reason}")?;
    }
    Ok(())
}

fn write_configs(text: &mut Text<'_>, topic: &TopicDescription) -> io::Result<()> {
    let configs = match &topic.configs {
        Readable::Read(configs) => configs,
        Readable::Absent => return Ok(()),
        Readable::Unknown(why) => return writeln!(text.out, "  Its configs could not be read: {why}"),
    };
    let mut table = Builder::default();
    table.push_record(["config", "value", "source", "declared"]);
    for (key, described) in configs {
        table.push_record([
            key.to_string(),
            words::shown(key, described.config.value.as_deref()),
            source(described),
            described
                .declared
                .as_ref()
                .map_or_else(dash, |declared| declared.origin.to_string()),
        ]);
    }
    let mut table = table.build();
    table.with(Borders::blank());
    writeln!(text.out)?;
    write_table(text, &table)
}

/// The source, and for an override what it hides.
fn source(described: &DescribedConfig) -> String {
    let source = described.config.source;
    let hidden = described.chain.iter().find(|link| link.source != source);
    match hidden {
        Some(Synonym {
            key,
            value,
            source: below,
        }) if source == ConfigSource::Topic => {
            let value = words::shown(key, value.as_deref());
            format!("{source}, over {value} [{below}]")
        }
        Some(_) | None => source.to_string(),
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

/// A table without the blanks that its cells are padded with at the end of each line.
fn write_table(text: &mut Text<'_>, table: &tabled::Table) -> io::Result<()> {
    for line in table.to_string().lines() {
        writeln!(text.out, "{}", line.trim_end())?;
    }
    Ok(())
}
