//! The report for people.

use std::collections::BTreeMap;
use std::io::{self, Write};

use crate::aims::{Aim, Unit, mebibytes};
use crate::applying::Applied;
use crate::results::{Creation, Read, Results};
use crate::sample::{Sample, Times};

/// Writes all of it.
pub(crate) fn write(out: &mut dyn Write, results: &Results) -> io::Result<()> {
    head(out, results)?;
    if !results.reads.is_empty() {
        reads(out, &results.reads)?;
        applies(out, &results.reads)?;
    }
    if let Some(creation) = &results.creation {
        self::creation(out, creation)?;
    }
    aims(out, results)
}

fn head(out: &mut dyn Write, results: &Results) -> io::Result<()> {
    let (machine, kafka) = (&results.machine, &results.kafka);
    let version = kafka.version.as_deref().unwrap_or("version not given");
    let level = kafka
        .metadata_level
        .map_or("unknown".to_owned(), |level| level.to_string());
    let commit = kafka.topicctl_commit.as_deref().unwrap_or("unknown");
    writeln!(out, "# topicctl, measured\n")?;
    writeln!(out, "- topicctl: commit {commit}")?;
    writeln!(
        out,
        "- Kafka: {version} (metadata.version level {level}), brokers: {}, replication {}",
        kafka.brokers, results.replication
    )?;
    writeln!(
        out,
        "- machine: {} cores ({}), {:.1} GiB of memory, {}; load before: {:.2}",
        machine.cores,
        machine.processor,
        mebibytes(machine.memory_bytes) / 1024.0,
        machine.system,
        machine.load_before
    )?;
    writeln!(
        out,
        "- whole cold processes in turns; times are medians (fastest) of {} rounds of reading and {} of creating",
        results.rounds, results.create_rounds
    )
}

fn reads(out: &mut dyn Write, reads: &[Read]) -> io::Result<()> {
    writeln!(out, "\n## Nothing to change: `topicctl diff`\n")?;
    writeln!(
        out,
        "| topics | topicctl | floor | rdkafka | × floor | × rdkafka | peak MiB: topicctl, floor, rdkafka |"
    )?;
    writeln!(out, "|---:|---:|---:|---:|---:|---:|---:|")?;
    for read in reads {
        let Read {
            topics,
            topicctl,
            floor,
            rdkafka,
            ..
        } = read;
        writeln!(
            out,
            "| {topics} | {} | {} | {} | {:.2} | {:.2} | {:.1}, {:.1}, {:.1} |",
            wall(topicctl),
            wall(floor),
            wall(rdkafka),
            topicctl.wall.median_ms / floor.wall.median_ms,
            topicctl.wall.median_ms / rdkafka.wall.median_ms,
            mebibytes(topicctl.peak_bytes),
            mebibytes(floor.peak_bytes),
            mebibytes(rdkafka.peak_bytes),
        )?;
    }
    writeln!(
        out,
        "\nProcessor time of the client alone, and the requests of one diff:\n"
    )?;
    writeln!(out, "| topics | topicctl | floor | rdkafka | requests |")?;
    writeln!(out, "|---:|---:|---:|---:|---|")?;
    for read in reads {
        let cpu = |sample: &Sample| span(&sample.cpu);
        let Read {
            topics,
            topicctl,
            floor,
            rdkafka,
            ..
        } = read;
        writeln!(
            out,
            "| {topics} | {} | {} | {} | {} |",
            cpu(topicctl),
            cpu(floor),
            cpu(rdkafka),
            requests(&read.requests)
        )?;
    }
    Ok(())
}

fn applies(out: &mut dyn Write, reads: &[Read]) -> io::Result<()> {
    writeln!(out, "\n## New topics in one apply\n")?;
    writeln!(
        out,
        "Once each, to set up the reads above; times from the start of the process.\n"
    )?;
    writeln!(
        out,
        "| topics | last acknowledgement | seen by an independent poll | done | peak MiB | requests |"
    )?;
    writeln!(out, "|---:|---:|---:|---:|---:|---|")?;
    for read in reads {
        let Applied {
            topics,
            acknowledged_ms,
            visible_ms,
            done_ms,
            peak_bytes,
            ..
        } = &read.apply;
        writeln!(
            out,
            "| {topics} | {acknowledged_ms:.0} ms | {visible_ms:.0} ms | {done_ms:.0} ms | {:.1} | {} |",
            mebibytes(*peak_bytes),
            requests(&read.apply.requests)
        )?;
    }
    Ok(())
}

fn creation(out: &mut dyn Write, creation: &Creation) -> io::Result<()> {
    let acknowledged = creation.acknowledged.median_ms;
    writeln!(out, "\n## Creating {} topics\n", creation.topics)?;
    writeln!(
        out,
        "| from the start of the process | time | topicctl's acknowledgement against it |"
    )?;
    writeln!(out, "|---|---:|---:|")?;
    for (what, sample) in [
        (
            "a bare batched create, to its end (the shortest answer, version 4)",
            &creation.floor,
        ),
        (
            "the same with all configs in the answer (the newest version)",
            &creation.floor_in_full,
        ),
    ] {
        let ratio = acknowledged / sample.wall.median_ms;
        writeln!(out, "| {what} | {} | × {ratio:.2} |", wall(sample))?;
    }
    for (what, times) in [
        (
            "topicctl apply, to the last acknowledgement",
            &creation.acknowledged,
        ),
        ("an independent poll sees all on every broker", &creation.visible),
        ("topicctl apply, to its end", &creation.done),
        ("from what the poll saw to the end", &creation.done_after_visible),
    ] {
        writeln!(out, "| {what} | {} | |", span(times))?;
    }
    Ok(())
}

fn aims(out: &mut dyn Write, results: &Results) -> io::Result<()> {
    writeln!(out, "\n## Aims\n")?;
    writeln!(out, "| topics | at most | limit | measured | |")?;
    writeln!(out, "|---:|---|---:|---:|---|")?;
    let reads = results.reads.iter().map(|read| (read.topics, &read.aims));
    let creation = results
        .creation
        .iter()
        .map(|creation| (creation.topics, &creation.aims));
    for (topics, aims) in reads.chain(creation) {
        for Aim {
            what,
            unit,
            limit,
            measured,
            met,
        } in aims
        {
            let unit = match unit {
                Unit::Milliseconds => "ms",
                Unit::Mebibytes => "MiB",
            };
            let verdict = if *met { "met" } else { "**missed**" };
            writeln!(
                out,
                "| {topics} | {what} | {limit:.1} {unit} | {measured:.1} {unit} | {verdict} |"
            )?;
        }
    }
    Ok(())
}

fn wall(sample: &Sample) -> String {
    span(&sample.wall)
}

fn span(times: &Times) -> String {
    format!("{:.1} ms ({:.1})", times.median_ms, times.min_ms)
}

fn requests(counts: &BTreeMap<String, u64>) -> String {
    let total: u64 = counts.values().sum();
    let each: Vec<String> = counts
        .iter()
        .map(|(name, count)| format!("{name} {count}"))
        .collect();
    format!("{total}: {}", each.join(", "))
}
