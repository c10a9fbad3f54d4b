//! One entry of `topics`.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::Arc;

use super::document::StatedProfile;
use super::fields::ManifestSection;
use super::node::{Content, Node, NodeEntry};
use super::problem::Problem;
use super::reader::{FieldRef, Reader, VariableScope};
use super::settings::LayerSettings;
use super::statement::Statement;
use crate::model::{EventName, Place, TopicName};

/// A topic as the file has it, before layers and prefix.
#[derive(Debug)]
pub(super) struct StatedTopic<'n> {
    pub(super) place: Place,
    /// `None` if it is missing, wrong, or waits for a variable that is not read.
    pub(super) name: Option<(String, &'n Node<'n>)>,
    /// The event that the topic carries.
    pub(super) event: Option<Statement<EventName>>,
    pub(super) own: TopicLayer,
    /// Its entry for the chosen profile.
    pub(super) in_profile: TopicLayer,
    /// Its entries for other profiles.
    pub(super) in_other_profiles: Vec<(Arc<str>, TopicLayer)>,
}

/// What a topic states, or a topic's profile.
#[derive(Debug, Default)]
pub(super) struct TopicLayer {
    pub(super) settings: LayerSettings,
    pub(super) description: Option<Statement<Arc<str>>>,
    pub(super) aliases: Option<Statement<Vec<Alias>>>,
    pub(super) state: Option<Statement<Existence>>,
    /// Why no policy holds for it.
    pub(super) exempt: Option<Statement<Arc<str>>>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Alias {
    pub(super) name: TopicName,
    pub(super) place: Place,
}

/// `state:`
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Existence {
    Present,
    Absent,
}

/// What a topic needs to know of the profiles.
#[derive(Debug, Clone, Copy)]
pub(super) struct KnownProfiles<'c> {
    pub(super) chosen: &'c Arc<str>,
    /// `None` if a file could not be read, so that some may be missing.
    pub(super) all: Option<&'c BTreeMap<Arc<str>, StatedProfile>>,
}

impl<'t> Reader<'_, 't, '_, '_> {
    /// Reads one item of `topics`; `None` if it is nothing like a topic.
    pub(super) fn topic<'n>(
        &mut self,
        node: &'n Node<'t>,
        profiles: KnownProfiles<'_>,
    ) -> Option<StatedTopic<'n>> {
        let Content::Mapping(entries) = &node.content else {
            self.no_topic(node);
            return None;
        };
        let mut topic = StatedTopic {
            place: self.place(node.span),
            name: None,
            event: None,
            own: TopicLayer::default(),
            in_profile: TopicLayer::default(),
            in_other_profiles: Vec::new(),
        };
        let mut named = false;
        for entry in entries.iter() {
            match &*entry.key.text {
                "name" => {
                    named = true;
                    let name = self.text(FieldRef::of_entry(entry), &entry.value);
                    topic.name = name.map(|name| (name.into_owned(), &entry.value));
                }
                "event" => topic.event = Some(self.event(entry)),
                "profiles" => self.topic_profiles(entry, profiles, &mut topic),
                _ => self.topic_field(ManifestSection::Topic, entry, &mut topic.own),
            }
        }
        if !named {
            let problem = Problem::error(self.at(node.span), "this topic has no `name`");
            self.report(problem.suggest("add `name: …`"));
        }
        Some(topic)
    }

    fn no_topic(&mut self, node: &Node<'t>) {
        let message = format!(
            "a topic must be a mapping with a `name`, not {}",
            node.content.noun()
        );
        let help = match &node.content {
            Content::Scalar(text) => self
                .file
                .shown(node.span, text)
                .map(|name| format!("write `- name: {name}`")),
            Content::Null | Content::Sequence(_) | Content::Mapping(_) => None,
        };
        let problem = Problem::error(self.at(node.span), message);
        self.report(problem.suggest(help.unwrap_or_else(|| "write `- name: …`".to_owned())));
    }

    fn topic_profiles(
        &mut self,
        entry: &NodeEntry<'t>,
        profiles: KnownProfiles<'_>,
        topic: &mut StatedTopic<'_>,
    ) {
        let Some(entries) = self.entries(FieldRef::of_entry(entry), &entry.value) else {
            return;
        };
        for entry in entries.iter() {
            if let Some(all) = profiles.all
                && !all.contains_key(&*entry.key.text)
            {
                self.no_such_profile(entry, all);
            }
            let is_chosen = *entry.key.text == **profiles.chosen;
            self.scope = if is_chosen {
                VariableScope::Effective
            } else {
                VariableScope::OtherProfile
            };
            let layer = self.topic_profile(entry);
            self.scope = VariableScope::Effective;
            if is_chosen {
                topic.in_profile = layer;
            } else {
                let name = self.context.share(&entry.key.text);
                topic.in_other_profiles.push((name, layer));
            }
        }
    }

    fn topic_profile(&mut self, entry: &NodeEntry<'t>) -> TopicLayer {
        let mut layer = TopicLayer::default();
        let Some(entries) = self.entries(FieldRef::of_entry(entry), &entry.value) else {
            return layer;
        };
        for entry in entries.iter() {
            self.topic_field(ManifestSection::TopicProfile, entry, &mut layer);
        }
        layer
    }

    fn topic_field(&mut self, section: ManifestSection, entry: &NodeEntry<'t>, layer: &mut TopicLayer) {
        match &*entry.key.text {
            "description" => {
                layer.description = Some(self.statement(entry, |_, text| Some(Arc::from(text))));
            }
            "aliases" => {
                let mut aliases = self.aliases(entry);
                self.know_other_aliases(entry, &mut aliases);
                layer.aliases = Some(aliases);
            }
            "state" => layer.state = Some(self.state(entry)),
            "policy" => layer.exempt = self.exemption(entry),
            _ => self.setting(section, entry, &mut layer.settings),
        }
    }

    fn event(&mut self, entry: &NodeEntry<'t>) -> Statement<EventName> {
        self.statement(entry, |reader, text| {
            let event = EventName::ALL.into_iter().find(|event| event.as_str() == text);
            if event.is_none() {
                reader.not_one_of(entry, text, &EventName::ALL.map(EventName::as_str));
            }
            event
        })
    }

    fn state(&mut self, entry: &NodeEntry<'t>) -> Statement<Existence> {
        self.statement(entry, |reader, text| match text {
            "present" => Some(Existence::Present),
            "absent" => Some(Existence::Absent),
            _ => {
                reader.not_one_of(entry, text, &["present", "absent"]);
                None
            }
        })
    }

    fn aliases(&mut self, entry: &NodeEntry<'t>) -> Statement<Vec<Alias>> {
        self.list_statement(entry, |reader, texts| {
            let alias = |(text, node): &(Cow<'_, str>, &Node<'t>)| reader.alias(text, node);
            texts.iter().filter_map(alias).collect()
        })
    }

    fn alias(&mut self, text: &str, node: &Node<'t>) -> Option<Alias> {
        match TopicName::new(text) {
            Ok(name) => Some(Alias {
                name,
                place: self.place(node.span),
            }),
            Err(invalid) => {
                let message = format!("{} is no topic name", self.value(node, text));
                let problem = Problem::error(self.at(node.span), message);
                let shown = self.file.shown(node.span, text);
                self.report(problem.suggest_if(shown.map(|_| invalid.to_string())));
                None
            }
        }
    }
}
