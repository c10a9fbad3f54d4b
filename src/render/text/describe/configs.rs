//! The configs of a topic, where they come from, and which line of the file declares them.

use std::io::{self, Write};

use super::super::{Text, TextRole, words};
use super::{dash, write_rows_and_below};
use crate::inspect::{DescribedConfig, TopicDescription};
use crate::model::{ConfigKey, Reading, Synonym};

pub(super) fn write(text: &mut Text<'_>, topic: &TopicDescription) -> io::Result<()> {
    let configs = match &topic.configs {
        Reading::Read(configs) => configs,
        Reading::Absent | Reading::NotAsked => return Ok(()),
        Reading::Failed(why) => return writeln!(text.out, "  Its configs could not be read: {why}"),
    };
    let head = ["config", "value", "source", "declared"]
        .map(str::to_owned)
        .to_vec();
    let rows = configs.iter().map(|(key, described)| {
        let declared = described.declared.as_ref();
        vec![
            key.to_string(),
            words::shown(key, described.config.value.as_deref()),
            described.config.source.to_string(),
            declared.map_or_else(dash, |declared| declared.origin.to_string()),
        ]
    });
    let below = configs.iter().map(|(key, described)| {
        let by_broker = differing(key, described).into_iter();
        by_broker.chain(overridden(key, described)).collect()
    });
    writeln!(text.out)?;
    write_rows_and_below(text, [head].into_iter().chain(rows), below)?;
    if let Some(why) = &topic.chains_unread {
        let label = text.paint(TextRole::Care, "?");
        writeln!(text.out, "  {label} what configs override: {why}")?;
    }
    for (broker, why) in &topic.values_unread {
        let label = text.paint(TextRole::Care, "?");
        writeln!(text.out, "  {label} values of broker {broker}: {why}")?;
    }
    Ok(())
}

/// Which broker has which value, where they inherit different ones to the topic.
fn differing(key: &ConfigKey, described: &DescribedConfig) -> Option<String> {
    let differs = !described.by_broker.is_empty();
    differs.then(|| format!("by broker: {}", words::by_broker(key, &described.by_broker)))
}

/// Everything that a value overrides, a line each. Not in the table, which the longest of them would make wider than
/// a terminal.
fn overridden(key: &ConfigKey, described: &DescribedConfig) -> Vec<String> {
    let source = described.config.source;
    let below = described.chain.iter().filter(|link| link.source != source);
    below.map(|link| over(key, link)).collect()
}

/// With the key of that place where it may mean something else, such as hours.
fn over(key: &ConfigKey, link: &Synonym) -> String {
    let value = words::shown(&link.key, link.value.as_deref());
    let below = link.key.as_str();
    let is_alike = below.strip_prefix("log.").unwrap_or(below) == key.as_str();
    if is_alike {
        format!("over {value} [{}]", link.source)
    } else {
        format!("over {below} = {value} [{}]", link.source)
    }
}
