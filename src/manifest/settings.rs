//! What one layer states of a topic's settings.

use super::fields::{self, ManifestSection};
use super::node::NodeEntry;
use super::problem::Problem;
use super::reader::{FieldRef, Reader};
use super::statement::Statement;
use crate::model::{
    ConfigKey, ConfigText, PartitionCount, Pattern, Place, ReplicationFactor, Unlisted, known,
};

/// The settings of one layer. In a list, since a layer states a handful and there are many layers.
#[derive(Debug, Default)]
pub(super) struct LayerSettings {
    pub(super) partitions: Option<Statement<PartitionCount>>,
    pub(super) replication: Option<Statement<ReplicationFactor>>,
    pub(super) configs: Vec<(ConfigKey, Statement<ConfigText>)>,
    pub(super) unlisted: Option<Statement<Unlisted>>,
    pub(super) ignore: Option<Statement<Vec<Pattern>>>,
    pub(super) protect: Option<Statement<bool>>,
}

impl<'t> Reader<'_, 't, '_, '_> {
    /// Takes a field that every layer may have; reports any other as unknown in this section.
    pub(super) fn setting(
        &mut self,
        section: ManifestSection,
        entry: &NodeEntry<'t>,
        settings: &mut LayerSettings,
    ) {
        match &*entry.key.text {
            "partitions" => settings.partitions = Some(self.partitions(entry)),
            "replication" => settings.replication = Some(self.replication(entry)),
            "config" => self.configs(entry, settings),
            "unlisted" => settings.unlisted = Some(self.unlisted(entry)),
            "ignore" => settings.ignore = Some(self.ignore(entry)),
            "protect" => settings.protect = Some(self.protect(entry)),
            field => match fields::long_name(field) {
                Some(long) => self.add_config(long, entry, settings),
                None => self.unknown_field(section, FieldRef::of_entry(entry)),
            },
        }
    }

    pub(super) fn partitions(&mut self, entry: &NodeEntry<'t>) -> Statement<PartitionCount> {
        self.statement(entry, |reader, text| {
            reader.count(entry, text, PartitionCount::MAX, PartitionCount::new)
        })
    }

    pub(super) fn replication(&mut self, entry: &NodeEntry<'t>) -> Statement<ReplicationFactor> {
        self.statement(entry, |reader, text| {
            reader.count(entry, text, ReplicationFactor::MAX, ReplicationFactor::new)
        })
    }

    fn count<T>(
        &mut self,
        entry: &NodeEntry<'t>,
        text: &str,
        max: i64,
        new: fn(i64) -> Option<T>,
    ) -> Option<T> {
        let number = text.trim().parse::<i64>();
        if let Some(count) = number.as_ref().ok().copied().and_then(new) {
            return Some(count);
        }
        let field = self.name(FieldRef::of_entry(entry));
        let not = self.but_not(&entry.value, text);
        let message = format!("{field} must be a whole number from 1 to {max}{not}");
        let leave_out = number.is_ok_and(|number| number <= 0);
        let help = leave_out.then_some("leave the field out, or write `inherit`, for the cluster's default");
        let problem = Problem::error(self.at(entry.value.span), message);
        self.report(problem.suggest_if(help));
        None
    }

    fn unlisted(&mut self, entry: &NodeEntry<'t>) -> Statement<Unlisted> {
        self.statement(entry, |reader, text| match text {
            "keep" => Some(Unlisted::Keep),
            "reset" => Some(Unlisted::Reset),
            _ => {
                reader.not_one_of(entry, text, &["keep", "reset"]);
                None
            }
        })
    }

    fn protect(&mut self, entry: &NodeEntry<'t>) -> Statement<bool> {
        self.statement(entry, |reader, text| match text {
            "true" => Some(true),
            "false" => Some(false),
            _ => {
                reader.not_one_of(entry, text, &["true", "false"]);
                None
            }
        })
    }

    /// Reports a word that is none of those a field takes.
    pub(super) fn not_one_of(&mut self, entry: &NodeEntry<'t>, text: &str, words: &[&str]) {
        let allowed = words
            .iter()
            .map(|word| format!("`{word}`"))
            .collect::<Vec<_>>()
            .join(" or ");
        let field = self.name(FieldRef::of_entry(entry));
        let not = self.but_not(&entry.value, text);
        let meant = fields::nearest(text, words.iter().copied());
        let problem = Problem::error(
            self.at(entry.value.span),
            format!("{field} must be {allowed}{not}"),
        );
        self.report(problem.suggest_if(meant.map(|meant| format!("did you mean `{meant}`?"))));
    }

    fn ignore(&mut self, entry: &NodeEntry<'t>) -> Statement<Vec<Pattern>> {
        self.list_statement(entry, |reader, texts| {
            for (_, node) in texts.iter().filter(|(text, _)| text.is_empty()) {
                let problem = Problem::error(reader.at(node.span), "an empty pattern matches no config");
                reader.report(problem.suggest("write a config key, or a glob such as `confluent.*`"));
            }
            texts.iter().map(|(text, _)| Pattern::new(text)).collect()
        })
    }

    fn configs(&mut self, entry: &NodeEntry<'t>, settings: &mut LayerSettings) {
        let Some(entries) = self.entries(FieldRef::of_entry(entry), &entry.value) else {
            return;
        };
        for entry in entries.iter() {
            self.add_config(&entry.key.text, entry, settings);
        }
    }

    fn add_config(&mut self, name: &str, entry: &NodeEntry<'t>, settings: &mut LayerSettings) {
        let field = FieldRef::of_entry(entry);
        if !self.key_is_plain(field) {
            return;
        }
        let key = match self.context.config_key(name) {
            Ok(key) => key,
            Err(invalid) => {
                let problem = Problem::error(self.at(field.span), invalid.to_string());
                self.report(problem.suggest("write the key as Kafka does, such as `segment.bytes`"));
                return;
            }
        };
        if known::lookup(name).is_none() {
            let place = self.place(field.span);
            self.context.report.add_unknown_key(&key, place);
        }
        let statement = self.config(&key, entry);
        // Keys are unique in a mapping, so only a config that has two names can be here twice.
        let first = fields::has_short_name(key.as_str())
            .then(|| settings.configs.iter().find(|(other, _)| *other == key))
            .flatten();
        match first {
            None => settings.configs.push((key, statement)),
            Some((_, first)) => self.short_and_long(&key, field, &first.place),
        }
    }

    fn short_and_long(&mut self, key: &ConfigKey, field: FieldRef<'_>, first: &Place) {
        let message = format!("`{key}` is stated twice here, by its short and by its long name");
        let problem = Problem::error(self.at(field.span), message).related("the other is at", first);
        self.report(problem.suggest("keep one of them"));
    }
}
