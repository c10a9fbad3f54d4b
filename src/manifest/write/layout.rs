//! The text of the file.

use std::collections::BTreeMap;

use super::super::reader::INHERIT;
use super::stated::{Field, Stated, Statements};
use super::{Gap, ToWrite, scalar};
use crate::model::{ConfigKey, TopicName, printable};

/// A line of a topic or of `defaults`: a value, or that there is none.
enum Entry<'a> {
    Value(&'a Stated),
    Inherit,
}

pub(super) fn lay_out(
    wanted: &ToWrite,
    topics: &BTreeMap<&TopicName, Statements>,
    shared: &BTreeMap<Field, Stated>,
    collisions: &[(TopicName, Gap)],
) -> String {
    let mut lines = heading(wanted, collisions);
    if !shared.is_empty() {
        lines.push("defaults:".to_owned());
        let all = shared.iter().map(|(field, stated)| (field, Entry::Value(stated)));
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

fn topic(lines: &mut Vec<String>, name: &TopicName, stated: &Statements, shared: &BTreeMap<Field, Stated>) {
    lines.push(format!("  - name: {}", scalar::text(name.as_str())));
    for gap in &stated.gaps {
        lines.push(format!("    # {gap}"));
    }
    let own = stated
        .fields
        .iter()
        .filter(|(field, stated)| shared.get(*field) != Some(*stated))
        .map(|(field, stated)| (field, Entry::Value(stated)));
    let without = shared
        .keys()
        .filter(|field| !stated.fields.contains_key(*field))
        .map(|field| (field, Entry::Inherit));
    let all: BTreeMap<&Field, Entry<'_>> = own.chain(without).collect();
    fields(lines, "    ", all.into_iter());
    ignored(lines, &stated.ignored);
}

/// The fields come in their order, so those under `config` come last and together.
fn fields<'a>(lines: &mut Vec<String>, indent: &str, all: impl Iterator<Item = (&'a Field, Entry<'a>)>) {
    let mut in_config = false;
    for (field, entry) in all {
        let key = match field {
            Field::Partitions => "partitions".to_owned(),
            Field::Replication => "replication".to_owned(),
            Field::Short(_, short) => (*short).to_owned(),
            Field::Config(key) => {
                if !in_config {
                    lines.push(format!("{indent}config:"));
                    in_config = true;
                }
                format!("  {}", scalar::text(key.as_str()))
            }
        };
        lines.push(match entry {
            Entry::Inherit => format!("{indent}{key}: {INHERIT}"),
            Entry::Value(Stated { yaml, raw: None }) => format!("{indent}{key}: {yaml}"),
            Entry::Value(Stated { yaml, raw: Some(raw) }) => format!("{indent}{key}: {yaml}  # {raw}"),
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
