//! `policy`: bounds that every topic must keep, at the top of the file for all profiles and in a profile
//! for its own; and the exemption of a single topic.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::Arc;

use super::fields::ManifestSection;
use super::layers::reconcile;
use super::node::{Node, NodeEntry};
use super::problem::{Location, Problem};
use super::reader::{FieldRef, Reader};
use super::report::ProblemReport;
use super::statement::{Setting, Statement};
use crate::model::policy::{Bound, Breach, Policy, TopicFacts, judge};
use crate::model::secret::names_secret;
use crate::model::{
    ConfigKey, DesiredState, DesiredTopic, Origin, PartitionCount, Pattern, Place, ReplicationFactor,
    printable,
};

/// What one `policy` states.
#[derive(Debug, Default)]
pub(super) struct StatedPolicy {
    min_replication: Option<Statement<ReplicationFactor>>,
    max_partitions: Option<Statement<PartitionCount>>,
    min_retention: Option<Statement<i64>>,
    max_retention: Option<Statement<i64>>,
    min_insync_replicas: Option<Statement<ReplicationFactor>>,
    min_spare_replicas: Option<Statement<ReplicationFactor>>,
    names: Option<Statement<Vec<Pattern>>>,
    required_config: Option<Statement<Vec<Pattern>>>,
    forbidden_config: Option<Statement<Vec<Pattern>>>,
}

/// The policy of a profile: its own bound wins over that of the top, and `inherit` is none.
pub(super) fn effective(top: &StatedPolicy, profile: Option<&StatedPolicy>) -> Policy {
    let none = StatedPolicy::default();
    let own = profile.unwrap_or(&none);
    Policy {
        min_replication: bound(own.min_replication.as_ref(), top.min_replication.as_ref()),
        max_partitions: bound(own.max_partitions.as_ref(), top.max_partitions.as_ref()),
        min_retention: bound(own.min_retention.as_ref(), top.min_retention.as_ref()),
        max_retention: bound(own.max_retention.as_ref(), top.max_retention.as_ref()),
        min_insync_replicas: bound(own.min_insync_replicas.as_ref(), top.min_insync_replicas.as_ref()),
        min_spare_replicas: bound(own.min_spare_replicas.as_ref(), top.min_spare_replicas.as_ref()),
        names: bound(own.names.as_ref(), top.names.as_ref()),
        required_config: bound(own.required_config.as_ref(), top.required_config.as_ref()),
        forbidden_config: bound(own.forbidden_config.as_ref(), top.forbidden_config.as_ref()),
    }
}

fn bound<T: Clone>(own: Option<&Statement<T>>, top: Option<&Statement<T>>) -> Option<Bound<T>> {
    let statement = own.or(top)?;
    match &statement.said {
        Setting::Value(value) => Some(Bound {
            value: value.clone(),
            place: statement.place.clone(),
        }),
        Setting::Inherit | Setting::Unknown => None,
    }
}

/// Adds what another file says of the same policy.
pub(super) fn absorb(of: &str, first: &mut StatedPolicy, second: StatedPolicy, report: &mut ProblemReport) {
    let name = |field: &str| format!("`{field}` of {of}");
    macro_rules! each {
        ($($field:ident)*) => {
            $(reconcile(&name(stringify!($field)), &mut first.$field, second.$field, report);)*
        };
    }
    each! {
        min_replication max_partitions min_retention max_retention min_insync_replicas min_spare_replicas
        names required_config forbidden_config
    }
}

impl<'t> Reader<'_, 't, '_, '_> {
    /// Reads a `policy` with bounds.
    pub(super) fn policy(&mut self, entry: &NodeEntry<'t>) -> StatedPolicy {
        let mut stated = StatedPolicy::default();
        let Some(entries) = self.entries(FieldRef::of_entry(entry), &entry.value) else {
            return stated;
        };
        for entry in entries.iter() {
            self.bound(entry, &mut stated);
        }
        stated
    }

    fn bound(&mut self, entry: &NodeEntry<'t>, stated: &mut StatedPolicy) {
        match &*entry.key.text {
            "min_replication" => stated.min_replication = Some(self.replication(entry)),
            "max_partitions" => stated.max_partitions = Some(self.partitions(entry)),
            "min_retention" => stated.min_retention = Some(self.retention(entry)),
            "max_retention" => stated.max_retention = Some(self.retention(entry)),
            "min_insync_replicas" => stated.min_insync_replicas = Some(self.replication(entry)),
            "min_spare_replicas" => stated.min_spare_replicas = Some(self.replication(entry)),
            "names" => stated.names = Some(self.patterns(entry)),
            "required_config" => stated.required_config = Some(self.patterns(entry)),
            "forbidden_config" => stated.forbidden_config = Some(self.patterns(entry)),
            _ => self.unknown_field(ManifestSection::Policy, FieldRef::of_entry(entry)),
        }
    }

    fn retention(&mut self, entry: &NodeEntry<'t>) -> Statement<i64> {
        self.statement(entry, |reader, text| {
            let key = reader.context.config_key("retention.ms").ok()?;
            reader.raw(&key, entry, text)?.parse().ok()
        })
    }

    fn patterns(&mut self, entry: &NodeEntry<'t>) -> Statement<Vec<Pattern>> {
        self.list_statement(entry, |reader, texts: &[(Cow<'_, str>, &Node<'t>)]| {
            for (_, node) in texts.iter().filter(|(text, _)| text.is_empty()) {
                let problem = Problem::error(reader.at(node.span), "an empty pattern matches nothing");
                reader.report(problem.suggest("write a name, or a glob such as `orders.*`"));
            }
            texts.iter().map(|(text, _)| Pattern::new(text)).collect()
        })
    }

    /// Reads the `policy` of a topic, which can only exempt it.
    pub(super) fn exemption(&mut self, entry: &NodeEntry<'t>) -> Option<Statement<Arc<str>>> {
        let entries = self.entries(FieldRef::of_entry(entry), &entry.value)?;
        let mut exempt = None;
        for entry in entries.iter() {
            match &*entry.key.text {
                "exempt" => exempt = Some(self.reason(entry)),
                _ => self.unknown_field(ManifestSection::TopicPolicy, FieldRef::of_entry(entry)),
            }
        }
        exempt
    }

    fn reason(&mut self, entry: &NodeEntry<'t>) -> Statement<Arc<str>> {
        self.statement(entry, |reader, text| {
            if text.trim().is_empty() {
                let problem = Problem::error(
                    reader.at(entry.value.span),
                    "`exempt` says why the topic is exempt",
                );
                reader.report(problem.suggest("write the reason, for whoever reads the file next"));
                return None;
            }
            Some(Arc::from(text))
        })
    }
}

/// Says which bounds a topic does not keep, as far as the file alone tells. `place` is where its name
/// stands, for what no value is to blame for; `unknown` are configs that are stated with a value that is
/// not known.
pub(super) fn check(
    policy: &Policy,
    topic: &DesiredTopic,
    unknown: BTreeMap<ConfigKey, Origin>,
    place: &Place,
    report: &mut ProblemReport,
) {
    let DesiredState::Present(settings) = &topic.state else {
        return;
    };
    if policy.is_empty() || topic.exempt.is_some() {
        return;
    }
    let mut facts = TopicFacts::declared(topic, settings);
    let unknown = unknown.into_iter();
    facts.own.extend(unknown.map(|(key, stated)| (key, Some(stated))));
    for breach in judge(policy, &facts).breaches {
        report.add(problem(&breach, place));
    }
}

fn problem(breach: &Breach, topic: &Place) -> Problem {
    let place = breach.stated.as_ref().map_or(topic, |origin| &origin.place);
    let text = breach.broken.to_string();
    // Names and keys come from the file, and what looks like a secret is never repeated.
    let (message, help) = if names_secret(&text) {
        let rule = breach.broken.rule();
        (format!("this breaks `{rule}` of the policy"), None)
    } else {
        let help = printable(&breach.broken.instead()).into_owned();
        (printable(&text).into_owned(), Some(help))
    };
    Problem::error(Location::Place(place.clone()), message)
        .related("the policy is at", &breach.policy)
        .suggest_if(help)
}
