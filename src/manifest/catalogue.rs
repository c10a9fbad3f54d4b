//! All topics together: full names, and what may not occur twice.

use std::collections::btree_map::Entry as Slot;
use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;

use super::document::{Common, StatedProfile};
use super::layers;
use super::node::Node;
use super::other_profiles::OtherProfiles;
use super::policy;
use super::problem::{Location, Problem};
use super::reader::Reader;
use super::report::ProblemReport;
use super::settings::LayerSettings;
use super::statement::{Setting, Statement};
use super::topic::{Alias, Existence, StatedTopic, TopicLayer};
use crate::model::{
    Desired, DesiredState, DesiredTopic, Exemption, InvalidTopicName, Layer, Place, Policy, TopicName,
};

/// What a manifest is read for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ReadPurpose {
    /// To be held against a cluster: the plan says which topics break the policy, next to what else it
    /// says of them.
    Run,
    /// To be checked alone: a topic that breaks the policy is an error.
    Check,
}

/// The topics that were read so far.
pub(super) struct Catalogue<'c> {
    common: &'c Common,
    /// Of the four layers, lowest first.
    layers: [Layer; 4],
    /// The chosen profile; `None` if the manifest has none of that name.
    profile: Option<&'c StatedProfile>,
    topics: BTreeMap<TopicName, DesiredTopic>,
    /// Where the name of each topic stands.
    places: HashMap<TopicName, Place>,
    aliases: BTreeMap<TopicName, (TopicName, Place)>,
    purpose: ReadPurpose,
    /// The bounds of the chosen profile.
    policy: Policy,
    others: OtherProfiles<'c>,
    /// Topics of which the chosen profile says itself whether they are protected.
    judged_protection: HashSet<TopicName>,
}

impl<'c> Catalogue<'c> {
    pub(super) fn new(common: &'c Common, profile: &Arc<str>, purpose: ReadPurpose) -> Self {
        let layers = [
            Layer::Defaults,
            Layer::Profile(Arc::clone(profile).into()),
            Layer::Topic,
            Layer::TopicProfile(Arc::clone(profile).into()),
        ];
        let others = OtherProfiles::new(common, profile);
        let profile = common.profiles.get(profile);
        Self {
            others,
            judged_protection: HashSet::new(),
            common,
            layers,
            profile,
            topics: BTreeMap::new(),
            places: HashMap::new(),
            aliases: BTreeMap::new(),
            purpose,
            policy: policy::effective(&common.policy, profile.map(|profile| &profile.policy)),
        }
    }

    /// Adds a topic: layers combined, prefix applied.
    pub(super) fn add(&mut self, topic: &StatedTopic<'_>, reader: &mut Reader<'_, '_, '_, '_>) {
        let state = self.state(topic, &mut reader.context.report);
        let Some((declared, node)) = &topic.name else {
            return;
        };
        let Some(name) = self.full_name(declared, node, reader) else {
            return;
        };
        if let Some(first) = self.places.get(&name) {
            declared_twice(declared, &name, node, first, reader);
            return;
        }
        let place = reader.place(node.span);
        self.note_aliases(&name, topic, &place, reader);
        let [_, _, own, in_profile] = &self.layers;
        let stated = [(&topic.own, own), (&topic.in_profile, in_profile)];
        let protect = layers::highest(&self.stated(topic), |settings| &settings.protect);
        self.others.add(declared, topic);
        if protect
            .as_ref()
            .is_some_and(|protect| protect.origin.layer != Layer::Defaults)
        {
            self.judged_protection.insert(name.clone());
        }
        let exempt = layers::highest(&stated, |layer| &layer.exempt);
        let desired = DesiredTopic {
            name: name.clone(),
            declared_name: declared.as_str().into(),
            description: layers::highest(&stated, |layer| &layer.description).map(|declared| declared.value),
            aliases: effective_aliases(topic)
                .iter()
                .map(|alias| alias.name.clone())
                .collect(),
            event: topic.event.clone().and_then(|event| event.declared(own)),
            place: topic.place.clone(),
            protected: protect
                .filter(|declared| declared.value)
                .map(|declared| declared.origin),
            exempt: exempt.map(|declared| Exemption {
                reason: declared.value,
                place: declared.origin.place,
            }),
            state,
        };
        if self.purpose == ReadPurpose::Check {
            let stated = layers::unknown(&self.stated(topic));
            policy::check(&self.policy, &desired, stated, &place, &mut reader.context.report);
        }
        self.topics.insert(name.clone(), desired);
        self.places.insert(name, place);
    }

    /// The effective state. Settings of an absent topic are checked like others, and not used: one line
    /// more in its entry removes a topic.
    fn state(&self, topic: &StatedTopic<'_>, report: &mut ProblemReport) -> DesiredState {
        let [_, _, own, in_profile] = &self.layers;
        let stated = [(&topic.own, own), (&topic.in_profile, in_profile)];
        let existence = layers::highest::<TopicLayer, _>(&stated, |layer| &layer.state);
        if let Some(absent) = existence.filter(|declared| declared.value == Existence::Absent) {
            return DesiredState::Absent(absent.origin.place);
        }
        let settings = layers::effective(&self.stated(topic));
        layers::check(&settings, report);
        DesiredState::Present(settings)
    }

    /// What the layers of a topic state, the lowest first.
    fn stated<'s>(&'s self, topic: &'s StatedTopic<'_>) -> Vec<(&'s LayerSettings, &'s Layer)> {
        let [defaults, profile, own, in_profile] = &self.layers;
        let of_profile = self.profile.map(|stated| (&stated.settings, profile));
        [(&self.common.defaults.settings, defaults)]
            .into_iter()
            .chain(of_profile)
            .chain([
                (&topic.own.settings, own),
                (&topic.in_profile.settings, in_profile),
            ])
            .collect()
    }

    fn prefix(&self) -> &'c str {
        let stated = self.profile.and_then(|profile| profile.prefix.as_ref());
        match stated.map(|statement| &statement.said) {
            Some(Setting::Value(prefix)) => prefix,
            Some(Setting::Inherit | Setting::Unknown) | None => "",
        }
    }

    fn full_name(
        &self,
        declared: &str,
        node: &Node<'_>,
        reader: &mut Reader<'_, '_, '_, '_>,
    ) -> Option<TopicName> {
        let prefix = self.prefix();
        let invalid = match TopicName::new(declared) {
            Ok(name) if prefix.is_empty() => return Some(name),
            // With a prefix even `.` would do for Kafka. It is a slip all the same.
            Ok(_) => match TopicName::new(&format!("{prefix}{declared}")) {
                Ok(name) => {
                    warn_of_prefix_twice(prefix, declared, node, reader);
                    return Some(name);
                }
                Err(invalid) => invalid,
            },
            Err(invalid) => invalid,
        };
        invalid_name(declared, prefix, &invalid, node, reader);
        None
    }

    fn note_aliases(
        &mut self,
        name: &TopicName,
        topic: &StatedTopic<'_>,
        place: &Place,
        reader: &mut Reader<'_, '_, '_, '_>,
    ) {
        for alias in effective_aliases(topic) {
            if alias.name == *name {
                let problem = Problem::warning(
                    Location::Place(alias.place.clone()),
                    "a topic is no alias of itself",
                );
                reader.report(
                    problem
                        .related("its name is at", place)
                        .suggest("remove the alias"),
                );
                continue;
            }
            match self.aliases.entry(alias.name.clone()) {
                Slot::Vacant(slot) => {
                    slot.insert((name.clone(), alias.place.clone()));
                }
                Slot::Occupied(first) if first.get().0 != *name => {
                    let message = "two topics have this alias, so it names neither";
                    let problem = Problem::warning(Location::Place(alias.place.clone()), message);
                    reader.report(problem.related("the other is at", &first.get().1));
                }
                Slot::Occupied(_) => {}
            }
        }
    }

    /// Checks what only the whole shows.
    pub(super) fn finish(mut self, report: &mut ProblemReport) -> Desired {
        self.check_metric_names(report);
        self.check_aliases(report);
        self.protect_in_every_profile();
        Desired {
            topics: self.topics,
            policy: self.policy,
            other_names: self.others.names(),
            ..Desired::default()
        }
    }

    /// Profiles can share a cluster, and then the topic of one is that of the other. What the chosen profile says
    /// itself goes before; its silence does not.
    fn protect_in_every_profile(&mut self) {
        for (name, topic) in &mut self.topics {
            if topic.protected.is_none() && !self.judged_protection.contains(name) {
                topic.protected = self.others.protected(name).cloned();
            }
        }
    }

    /// An older name may well be declared, to be removed; as long as it is another topic, it is no alias.
    fn check_aliases(&self, report: &mut ProblemReport) {
        for (alias, (_, place)) in &self.aliases {
            let Some(other) = self.topics.get(alias) else {
                continue;
            };
            if matches!(other.state, DesiredState::Absent(_)) {
                continue;
            }
            let message = "this alias is the name of another topic of the manifest";
            report.add(
                Problem::warning(Location::Place(place.clone()), message)
                    .related("the other is at", &self.places[alias])
                    .suggest("remove the alias, or declare the other topic `state: absent`"),
            );
        }
    }

    /// Brokers refuse a topic that collides with another one in the names of metrics. One that is to go
    /// may collide with its successor.
    fn check_metric_names(&self, report: &mut ProblemReport) {
        let mut by_metric: HashMap<String, &TopicName> = HashMap::new();
        for (name, topic) in &self.topics {
            if matches!(topic.state, DesiredState::Absent(_)) {
                continue;
            }
            let Some(other) = by_metric.insert(name.metric_name(), name) else {
                continue;
            };
            let (first, second) = in_order(&self.places[other], &self.places[name]);
            let message = "two topics whose names differ only by `.` and `_`: Kafka refuses the second, since their metrics collide";
            report.add(
                Problem::error(Location::Place(second.clone()), message)
                    .related("the other is at", first)
                    .suggest("rename one of them"),
            );
        }
    }
}

fn declared_twice(
    declared: &str,
    full: &TopicName,
    node: &Node<'_>,
    first: &Place,
    reader: &mut Reader<'_, '_, '_, '_>,
) {
    let message = match reader
        .file
        .shown(node.span, full.as_str())
        .and_then(|_| reader.file.shown(node.span, declared))
    {
        Some(shown) if shown == full.as_str() => format!("the topic `{shown}` is declared twice"),
        Some(shown) => format!("the topic `{shown}`, in full `{full}`, is declared twice"),
        None => "this topic is declared twice".to_owned(),
    };
    let problem = Problem::error(reader.at(node.span), message).related("first declared at", first);
    reader.report(problem.suggest("keep one of the two entries"));
}

fn warn_of_prefix_twice(prefix: &str, declared: &str, node: &Node<'_>, reader: &mut Reader<'_, '_, '_, '_>) {
    let Some(rest) = declared.strip_prefix(prefix) else {
        return;
    };
    let full = format!("{prefix}{declared}");
    let Some(shown) = reader.file.shown(node.span, &full) else {
        return;
    };
    let message = format!("this name has the profile's prefix already: in full it would be `{shown}`");
    let problem = Problem::warning(reader.at(node.span), message);
    reader.report(problem.suggest(format!("write `{rest}`, and the prefix is added")));
}

fn in_order<'p>(one: &'p Place, other: &'p Place) -> (&'p Place, &'p Place) {
    if one <= other { (one, other) } else { (other, one) }
}

/// The highest layer's list replaces the others.
fn effective_aliases<'s>(topic: &'s StatedTopic<'_>) -> &'s [Alias] {
    let stated: Option<&Statement<Vec<Alias>>> =
        topic.in_profile.aliases.as_ref().or(topic.own.aliases.as_ref());
    match stated.map(|statement| &statement.said) {
        Some(Setting::Value(aliases)) => aliases,
        Some(Setting::Inherit | Setting::Unknown) | None => &[],
    }
}

fn invalid_name(
    declared: &str,
    prefix: &str,
    invalid: &InvalidTopicName,
    node: &Node<'_>,
    reader: &mut Reader<'_, '_, '_, '_>,
) {
    let shown = reader.file.shown(node.span, declared);
    let message = match (&shown, invalid) {
        (_, InvalidTopicName::TooLong(length)) if !prefix.is_empty() => {
            format!(
                "with the profile's prefix the name has {length} characters; a topic name has at most 249"
            )
        }
        (Some(_), _) => invalid.to_string(),
        (None, _) => "this is no valid topic name".to_owned(),
    };
    let meant = shown
        .and_then(|_| legal_name(declared))
        .map(|name| format!("did you mean `{name}`?"));
    let problem = Problem::error(reader.at(node.span), message);
    reader.report(problem.suggest_if(meant));
}

/// The name with `-` for every run of characters that Kafka refuses.
fn legal_name(declared: &str) -> Option<String> {
    let legal = |c: &char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-');
    let mut name = String::with_capacity(declared.len());
    for character in declared.trim().chars() {
        if legal(&character) {
            name.push(character);
        } else if !name.ends_with('-') {
            name.push('-');
        }
    }
    let meaningful = name.chars().any(|c| c.is_ascii_alphanumeric());
    (meaningful && name.len() <= 60 && name != declared).then_some(name)
}
