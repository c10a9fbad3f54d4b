//! The text of the file.

use std::collections::BTreeMap;

use super::super::reader::INHERIT;
use super::stated::{LayerField, StatedValue, Statements};
use super::{Gap, ToWrite, scalar};
use crate::model::{ConfigKey, TopicName, printable};

/// A line of a topic or of `defaults`: a value, or that there is none.
enum LayoutEntry<'a> {
    Value(&'a StatedValue),
    Inherit,
}

pub(super) fn lay_out(
    wanted: &ToWrite,
    topics: &BTreeMap<&TopicName, Statements>,
    shared: &BTreeMap<LayerField, StatedValue>,
    collisions: &[(TopicName, Gap)],
) -> String {
    let mut lines = heading(wanted, collisions);
    if !shared.is_empty() {
        lines.push("defaults:".to_owned());
        let all = shared
            .iter()
            .map(|(field, stated)| (field, LayoutEntry::Value(stated)));
        fields(&mut lines, "  ", all);
        lines.push(String::new());
    }
    profile(&mut lines, wanted);
    if topics.is_empty() {
        lines.push("topics: []".to_owned());
    } else {
        lines.push("topics:".to_owned());
    }
    for (name, stated) in topics {
        topic(&mut lines, name, stated, shared);
    }
    lines.push(String::new());
    lines.join("\n")
}

fn heading(wanted: &ToWrite, collisions: &[(TopicName, Gap)]) -> Vec<String> {
    let mut lines = vec![
        format!(
            "# The topics of cluster {}, written by `topicctl export`: what is their own, and not what they inherit.",
            printable(&wanted.cluster_id)
        ),
        "# Where a value is in human units, Kafka's own stands beside it.".to_owned(),
    ];
    for (name, why) in &wanted.unread {
        lines.push(format!("# Not read: {name}: {}", printable(&why.words)));
    }
    for (name, gap) in collisions {
        lines.push(format!("# {name}: {gap}"));
    }
    lines.extend(["version: 1".to_owned(), String::new()]);
    lines
}

fn profile(lines: &mut Vec<String>, wanted: &ToWrite) {
    lines.push("profiles:".to_owned());
    lines.push(format!("  {}:", scalar::text(&wanted.profile)));
    lines.push(format!("    bootstrap: {}", scalar::value(&wanted.bootstrap)));
    lines.push(format!("    cluster_id: {}", scalar::value(&wanted.cluster_id)));
    if wanted.has_client {
        lines.push(
            "    # Client properties are not written, since they may hold secrets: state them under `client`,"
                .to_owned(),
        );
        lines.push("    # or give --command-config.".to_owned());
    }
    lines.push(String::new());
}

fn topic(
    lines: &mut Vec<String>,
    name: &TopicName,
    stated: &Statements,
    shared: &BTreeMap<LayerField, StatedValue>,
) {
    lines.push(format!("  - name: {}", scalar::text(name.as_str())));
    for gap in &stated.gaps {
        lines.push(format!("    # {gap}"));
    }
    let own = stated
        .fields
        .iter()
        .filter(|(field, stated)| shared.get(*field) != Some(*stated))
        .map(|(field, stated)| (field, LayoutEntry::Value(stated)));
    let without = shared
        .keys()
        .filter(|field| !stated.fields.contains_key(*field))
        .map(|field| (field, LayoutEntry::Inherit));
    let all: BTreeMap<&LayerField, LayoutEntry<'_>> = own.chain(without).collect();
    fields(lines, "    ", all.into_iter());
    ignored(lines, &stated.ignored);
}

/// The fields come in their order, so those under `config` come last and together.
fn fields<'a>(
    lines: &mut Vec<String>,
    indent: &str,
    all: impl Iterator<Item = (&'a LayerField, LayoutEntry<'a>)>,
) {
    let mut in_config = false;
    for (field, entry) in all {
        let key = match field {
            LayerField::Partitions => "partitions".to_owned(),
            LayerField::Replication => "replication".to_owned(),
            LayerField::Short(_, short) => (*short).to_owned(),
            LayerField::Config(key) => {
                if !in_config {
                    lines.push(format!("{indent}config:"));
                    in_config = true;
                }
                format!("  {}", scalar::text(key.as_str()))
            }
        };
        lines.push(match entry {
            LayoutEntry::Inherit => format!("{indent}{key}: {INHERIT}"),
            LayoutEntry::Value(StatedValue { yaml, raw: None }) => format!("{indent}{key}: {yaml}"),
            LayoutEntry::Value(StatedValue { yaml, raw: Some(raw) }) => {
                format!("{indent}{key}: {yaml}  # {raw}")
            }
        });
    }
}

fn ignored(lines: &mut Vec<String>, keys: &[ConfigKey]) {
    if keys.is_empty() {
        return;
    }
    lines.push("    ignore:".to_owned());
    for key in keys {
        lines.push(format!("      - {}", scalar::value(key.as_str())));
    }
}
