//! What the file says of topics in the profiles that were not chosen, as far as this run has to know it: their names,
//! since no topic that the file names is pruned, and which of them are protected from being deleted.
//!
//! Nothing of another profile is needed for a run. A name that waits for a variable that is not set is no error, and is
//! only noted.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::Arc;

use super::document::{Common, StatedProfile};
use super::expand::{self, Expanded};
use super::layers;
use super::node::{Content, Node, NodeEntry, TextSpan};
use super::position::place_of_variable;
use super::reader::{Reader, VariableScope};
use super::statement::{Setting, Statement};
use super::topic::{Alias, StatedTopic, TopicLayer};
use crate::model::{Layer, Origin, OtherNames, TopicName, UnknownNames};

impl<'t> Reader<'_, 't, '_, '_> {
    /// Puts the variables of another profile's prefix in, as far as the environment has them.
    pub(super) fn know_other_prefix(&mut self, entry: &NodeEntry<'t>, prefix: &mut Statement<Arc<str>>) {
        let Content::Scalar(text) = &entry.value.content else {
            return;
        };
        if self.waits_for_variables(&prefix.said, text)
            && let Some(known) = self.expand_elsewhere(entry.value.span, text)
        {
            prefix.said = Setting::Value(self.context.share(&known));
        }
    }

    /// The same for the aliases that a topic has in another profile; those that are known are kept.
    pub(super) fn know_other_aliases(&mut self, entry: &NodeEntry<'t>, aliases: &mut Statement<Vec<Alias>>) {
        if self.scope != VariableScope::OtherProfile || aliases.said != Setting::Unknown {
            return;
        }
        let items: Vec<&Node<'t>> = match &entry.value.content {
            Content::Sequence(items) => items.iter().collect(),
            Content::Scalar(_) => vec![&entry.value],
            Content::Null | Content::Mapping(_) => return,
        };
        let known = items.into_iter().filter_map(|item| self.other_alias(item));
        aliases.said = Setting::Value(known.collect());
    }

    fn other_alias(&mut self, item: &Node<'t>) -> Option<Alias> {
        let Content::Scalar(text) = &item.content else {
            return None;
        };
        let known = self.expand_elsewhere(item.span, text)?;
        Some(Alias {
            name: TopicName::new(&known).ok()?,
            place: self.place(item.span),
        })
    }

    fn waits_for_variables<T>(&self, said: &Setting<T>, text: &str) -> bool {
        let is_unknown = matches!(said, Setting::Unknown);
        self.scope == VariableScope::OtherProfile && is_unknown && expand::refers(text)
    }

    fn expand_elsewhere<'n>(&mut self, span: TextSpan, text: &'n str) -> Option<Cow<'n, str>> {
        match self.context.variables.peek(text) {
            Ok(Expanded::Text(text)) => Some(text),
            Ok(Expanded::Unset(variables)) => {
                self.note_unknown(span, text, &variables);
                None
            }
            Ok(Expanded::NoText(name, offset)) => {
                self.note_unknown(span, text, &[(name, offset)]);
                None
            }
            // What is malformed was reported.
            Ok(Expanded::Unknown) | Err(_) => None,
        }
    }
}

impl Reader<'_, '_, '_, '_> {
    fn note_unknown(&mut self, span: TextSpan, text: &str, variables: &[(&str, usize)]) {
        let file = self.file;
        let unset = variables
            .iter()
            .map(|(name, offset)| UnknownNames::UnsetVariable {
                variable: Arc::from(*name),
                place: place_of_variable(file, span, text, name, *offset),
            });
        self.context.unknown_names.extend(unset);
    }
}

/// What the profiles that were not chosen say, gathered topic by topic.
pub(super) struct OtherProfiles<'c> {
    common: &'c Common,
    profiles: Vec<(&'c Arc<str>, &'c StatedProfile)>,
    aliases: std::collections::BTreeSet<TopicName>,
    /// Where another profile protects the topic of this name.
    protected: BTreeMap<TopicName, Origin>,
}

impl<'c> OtherProfiles<'c> {
    pub(super) fn new(common: &'c Common, chosen: &str) -> Self {
        let others = common.profiles.iter().filter(|(name, _)| &***name != chosen);
        Self {
            common,
            profiles: others.collect(),
            aliases: std::collections::BTreeSet::new(),
            protected: BTreeMap::new(),
        }
    }

    /// Takes in what they say of a topic of this name.
    pub(super) fn add(&mut self, declared: &str, topic: &StatedTopic<'_>) {
        let nothing = TopicLayer::default();
        for (name, profile) in self.profiles.clone() {
            let stated = topic.in_other_profiles.iter().find(|(other, _)| other == name);
            let stated = stated.map_or(&nothing, |(_, layer)| layer);
            if let Some(Setting::Value(aliases)) = stated.aliases.as_ref().map(|statement| &statement.said) {
                self.aliases
                    .extend(aliases.iter().map(|alias| alias.name.clone()));
            }
            if let Some(origin) = self.protection(name, profile, topic, stated)
                && let Some(prefix) = prefix(profile)
                && let Ok(full) = TopicName::new(&format!("{prefix}{declared}"))
            {
                self.protected.insert(full, origin);
            }
        }
    }

    /// Where the profile protects the topic, if it does.
    fn protection(
        &self,
        name: &Arc<str>,
        profile: &StatedProfile,
        topic: &StatedTopic<'_>,
        stated: &TopicLayer,
    ) -> Option<Origin> {
        let of_profile = Layer::Profile(Arc::clone(name).into());
        let of_both = Layer::TopicProfile(Arc::clone(name).into());
        let layers = [
            (&self.common.defaults.settings, &Layer::Defaults),
            (&profile.settings, &of_profile),
            (&topic.own.settings, &Layer::Topic),
            (&stated.settings, &of_both),
        ];
        let protect = layers::highest(&layers, |settings| &settings.protect)?;
        protect.value.then_some(protect.origin)
    }

    /// Where another profile protects the topic of this full name.
    pub(super) fn protected(&self, name: &TopicName) -> Option<&Origin> {
        self.protected.get(name)
    }

    pub(super) fn names(self) -> OtherNames {
        let prefixes = self.profiles.iter().filter_map(|(_, profile)| prefix(profile));
        OtherNames {
            prefixes: prefixes.collect(),
            aliases: self.aliases,
            unknown: Vec::new(),
        }
    }
}

/// `None` if it is not known.
fn prefix(profile: &StatedProfile) -> Option<Arc<str>> {
    match profile.prefix.as_ref().map(|statement| &statement.said) {
        Some(Setting::Value(prefix)) => Some(Arc::clone(prefix)),
        Some(Setting::Inherit) | None => Some("".into()),
        Some(Setting::Unknown) => None,
    }
}
