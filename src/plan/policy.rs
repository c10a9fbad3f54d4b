//! The policy of the profile against each topic that should exist: what the file declares, and for what
//! it leaves to the cluster what the topic shows. A topic in sync that breaks it is refused as well:
//! a bound is for every topic and not only for those that change.

use super::TopicPlan;
use super::assess::{After, Transition};
use super::change::Change;
use super::note::Note;
use super::refusal::Refusal;
use crate::model::policy::{Fact, Facts, judge};
use crate::model::{ConfigSource, DesiredTopic, ObservedTopic, Policy, Replication, Settings, TopicName};

/// Adds what the policy says of a topic to its plan.
pub(super) fn hold(
    policy: &Policy,
    topic: &DesiredTopic,
    settings: &Settings,
    seen: Option<&ObservedTopic>,
    planned: &mut TopicPlan,
) {
    if policy.is_empty() {
        return;
    }
    let mut facts = Facts::declared(topic, settings);
    if let Some(seen) = seen {
        add_observed(&mut facts, &topic.name, settings, seen, planned);
    }
    let judgement = judge(policy, &facts);
    match &topic.exempt {
        Some(exemption) if !judgement.breaches.is_empty() => {
            let reason = exemption.reason.clone();
            planned.notes.insert(Note::ExemptFromPolicy { reason });
        }
        Some(_) => {}
        None => {
            let refusals = judgement.breaches.into_iter().map(Box::new);
            planned.refusals.extend(refusals.map(Refusal::BreaksPolicy));
            let open = judgement.open.into_iter().map(Note::PolicyNotJudged);
            planned.notes.extend(open);
        }
    }
}

/// What the topic will show where the file says nothing.
fn add_observed(
    facts: &mut Facts,
    name: &TopicName,
    settings: &Settings,
    seen: &ObservedTopic,
    planned: &TopicPlan,
) {
    let is_internal = name.is_internal(seen.metadata.internal);
    let shown = |count| Fact {
        value: count,
        stated: None,
    };
    if facts.partitions.is_none() {
        facts.partitions = seen.metadata.partition_count().map(shown);
    }
    if facts.replication.is_none() {
        facts.replication = seen.metadata.replication().map(|replication| Fact {
            value: match replication {
                Replication::Uniform(factor) | Replication::Mixed { lowest: factor, .. } => factor,
            },
            stated: None,
        });
    }
    let changes: Vec<Change> = planned
        .changes
        .iter()
        .map(|planned| planned.change.clone())
        .collect();
    let transition = Transition::new(&seen.configs, &changes);
    for (key, config) in seen.configs.iter() {
        if settings.configs.contains_key(key) {
            continue;
        }
        if let After::Value(value) = transition.value_after(key.as_str()) {
            let (value, stated) = (value.into(), None);
            facts.configs.insert(key.clone(), Fact { value, stated });
        }
        let stays = !settings.resets(key, is_internal) && !key.is_replication_throttle();
        if config.source == ConfigSource::Topic && stays {
            facts.own.insert(key.clone(), None);
        }
    }
}
