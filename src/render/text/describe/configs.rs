//! The configs of a topic, where they come from, and which line of the file declares them.

use std::io;

use super::super::{Text, words};
use super::{dash, write_rows};
use crate::model::{ConfigSource, Synonym};
use crate::render::{DescribedConfig, Readable, TopicDescription};

pub(super) fn write(text: &mut Text<'_>, topic: &TopicDescription) -> io::Result<()> {
    let configs = match &topic.configs {
        Readable::Read(configs) => configs,
        Readable::Absent => return Ok(()),
        Readable::Unknown(why) => return writeln!(text.out, "  Its configs could not be read: {why}"),
    };
    let head = ["config", "value", "source", "declared"]
        .map(str::to_owned)
        .to_vec();
    let rows = configs.iter().map(|(key, described)| {
        let declared = described.declared.as_ref();
        vec![
            key.to_string(),
            words::shown(key, described.config.value.as_deref()),
            source(described),
            declared.map_or_else(dash, |declared| declared.origin.to_string()),
        ]
    });
    writeln!(text.out)?;
    write_rows(text, [head].into_iter().chain(rows), &[])
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
