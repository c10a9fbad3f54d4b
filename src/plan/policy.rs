//! The policy of the profile against each topic that should exist: what the file declares, and for what
//! it leaves to the cluster what the topic shows. A topic in sync that breaks it is refused as well:
//! a bound is for every topic and not only for those that change.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::assess::After;
use super::broker_view::{BrokerView, live_views};
use super::change::Change;
use super::note::Note;
use super::refusal::Refusal;
use super::{ChangeKind, Plan, TopicPlan};
use crate::model::policy::{ConfigOnTopic, Fact, PolicyJudgement, TopicFacts, judge};
use crate::model::{
    ClusterView, ConfigKey, ConfigSource, Desired, DesiredSettings, DesiredState, DesiredTopic,
    InheritedByBroker, ObservedTopic, PartitionCount, Policy, Replication, ReplicationFactor, TopicName,
};

/// Adds what the policy says of a topic to its plan.
pub(super) fn judge_policy(
    desired: &Desired,
    topic: &DesiredTopic,
    settings: &DesiredSettings,
    seen: Option<(&ObservedTopic, &ClusterView)>,
    planned: &mut TopicPlan,
) {
    if desired.policy.is_empty() {
        return;
    }
    let facts = TopicFacts::declared(topic, settings);
    let judgement = match seen {
        Some((seen, cluster)) => {
            let facts = with_observed(facts, seen);
            on_brokers(&desired.policy, topic, settings, &facts, (seen, cluster), planned)
        }
        None => judge(&desired.policy, &facts),
    };
    // What a new topic gets from the cluster has yet to be asked for.
    let may_pass = desired.unjudged_policy_passes || seen.is_none();
    add_judgement(topic, judgement, may_pass, planned);
}

/// As each broker sees the topic that holds a replica, and is alive: the worst counts.
fn on_brokers(
    policy: &Policy,
    topic: &DesiredTopic,
    settings: &DesiredSettings,
    facts: &TopicFacts,
    (seen, cluster): (&ObservedTopic, &ClusterView),
    planned: &TopicPlan,
) -> PolicyJudgement {
    let changes: Vec<Change> = planned
        .changes
        .iter()
        .map(|planned| planned.change.clone())
        .collect();
    let views = live_views(seen, &changes, cluster);
    let each = views.iter().map(|view| {
        let mut facts = facts.clone();
        add_view(&mut facts, &topic.name, settings, seen, view);
        judge(policy, &facts)
    });
    let mut judgement = PolicyJudgement::worst(each);
    name_brokers(&mut judgement, settings, &seen.by_broker);
    judgement
}

/// Adds to each breach who has which value, where brokers differ.
fn name_brokers(judgement: &mut PolicyJudgement, settings: &DesiredSettings, told: &InheritedByBroker) {
    for breach in &mut judgement.breaches {
        let keys = breach.broken.rule().configs().iter();
        let open = keys.filter_map(|name| ConfigKey::new(name).ok());
        let open = open.filter(|key| !settings.configs.contains_key(key));
        let differing = open.map(|key| {
            let values = told.value_by_broker(&key).if_different(&key);
            (key, values)
        });
        breach.by_broker = differing.filter(|(_, values)| !values.is_empty()).collect();
    }
}

/// A new topic on every broker: any of them may lead it. The controller's answer has the controller's own values, so
/// that what a broker does not tell is not known.
fn on_every_broker(
    policy: &Policy,
    settings: &DesiredSettings,
    facts: &TopicFacts,
    values: &InheritedByBroker,
) -> PolicyJudgement {
    if values.brokers.is_empty() {
        return judge(policy, facts);
    }
    let each = values.brokers.values().map(|told| {
        let mut facts = facts.clone();
        for key in values
            .keys
            .iter()
            .filter(|key| !settings.configs.contains_key(*key))
        {
            let inherited = told.as_ref().ok().and_then(|told| told.get(key));
            match inherited.and_then(|inherited| inherited.value.as_ref()) {
                Some(value) => facts.configs.insert(key.clone(), shown(Arc::clone(value))),
                None => facts.configs.remove(key),
            };
        }
        judge(policy, &facts)
    });
    let mut judgement = PolicyJudgement::worst(each);
    name_brokers(&mut judgement, settings, values);
    judgement
}

/// The configs that the file leaves to the brokers, and that a bound of the policy depends on.
fn open_bounds(policy: &Policy, settings: &DesiredSettings) -> Vec<ConfigKey> {
    let held = |name: &str| match settings.configs.get(name) {
        Some(declared) => ConfigOnTopic::Own(Some(Arc::clone(declared.value.reveal()))),
        None => ConfigOnTopic::Inherited,
    };
    let keys = policy.depends_on(held).into_iter();
    keys.filter_map(|name| ConfigKey::new(name).ok()).collect()
}

impl TopicPlan {
    /// Whether bounds of the policy wait for what the cluster gives the new topic.
    pub fn waits_for_created_settings(&self) -> bool {
        let is_open = |note: &Note| matches!(note, Note::PolicyNotJudged(_));
        self.of_kind(ChangeKind::Create).next().is_some() && self.notes.iter().any(is_open)
    }
}

impl Plan {
    /// The configs of new topics that the file leaves to the brokers, and that a bound of the policy depends on.
    pub fn open_to_brokers(&self, desired: &Desired) -> BTreeSet<ConfigKey> {
        let waiting = self
            .topics
            .iter()
            .filter(|(_, topic)| topic.waits_for_created_settings());
        let settings = waiting.filter_map(|(name, _)| match &desired.topics.get(name)?.state {
            DesiredState::Present(settings) => Some(settings),
            DesiredState::Absent(_) => None,
        });
        settings
            .flat_map(|settings| open_bounds(&desired.policy, settings))
            .collect()
    }

    /// The plan with the policy held against what new topics get from the cluster. Of topics that it did not tell of,
    /// what is not known is refused, unless it may pass.
    #[must_use]
    pub fn with_created_settings(
        mut self,
        desired: &Desired,
        told: &BTreeMap<TopicName, Option<CreatedSettings>>,
        values: &InheritedByBroker,
    ) -> Self {
        for (name, created) in told {
            let (Some(topic), Some(planned)) = (desired.topics.get(name), self.topics.get_mut(name)) else {
                continue;
            };
            let DesiredState::Present(settings) = &topic.state else {
                continue;
            };
            let mut facts = TopicFacts::declared(topic, settings);
            if let Some(created) = created {
                add_created(&mut facts, created);
            }
            planned
                .notes
                .retain(|note| !matches!(note, Note::PolicyNotJudged(_)));
            planned
                .refusals
                .retain(|refusal| !matches!(refusal, Refusal::BreaksPolicy(_)));
            let judgement = on_every_broker(&desired.policy, settings, &facts, values);
            add_judgement(topic, judgement, desired.unjudged_policy_passes, planned);
        }
        self
    }
}

/// What a new topic gets, where the file leaves it to the cluster.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CreatedSettings {
    /// How many partitions.
    pub partitions: Option<PartitionCount>,
    /// How many replicas each.
    pub replication: Option<ReplicationFactor>,
    /// The values of configs.
    pub configs: BTreeMap<ConfigKey, Arc<str>>,
}

fn add_created(facts: &mut TopicFacts, created: &CreatedSettings) {
    facts.partitions = facts.partitions.take().or(created.partitions.map(shown));
    facts.replication = facts.replication.take().or(created.replication.map(shown));
    for (key, value) in &created.configs {
        let told = shown(Arc::clone(value));
        facts.configs.entry(key.clone()).or_insert(told);
    }
}

/// A value that is the cluster's word.
fn shown<T>(value: T) -> Fact<T> {
    Fact { value, stated: None }
}

fn add_judgement(
    topic: &DesiredTopic,
    judgement: PolicyJudgement,
    unjudged_passes: bool,
    planned: &mut TopicPlan,
) {
    match &topic.exempt {
        Some(exemption) if !judgement.breaches.is_empty() => {
            let reason = exemption.reason.clone();
            planned.notes.insert(Note::ExemptFromPolicy { reason });
        }
        Some(_) => {}
        None => {
            let refusals = judgement.breaches.into_iter().map(Box::new);
            planned.refusals.extend(refusals.map(Refusal::BreaksPolicy));
            if unjudged_passes {
                let open = judgement.open.into_iter().map(Note::PolicyNotJudged);
                planned.notes.extend(open);
            } else {
                let open = judgement.open.into_iter().map(Refusal::PolicyNotJudged);
                planned.refusals.extend(open);
            }
        }
    }
}

/// What the topic has where the file says nothing.
fn with_observed(mut facts: TopicFacts, seen: &ObservedTopic) -> TopicFacts {
    facts.partitions_there = seen.metadata.partition_count();
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
    facts
}

/// The configs that the topic will show on a broker where the file says nothing.
fn add_view(
    facts: &mut TopicFacts,
    name: &TopicName,
    settings: &DesiredSettings,
    seen: &ObservedTopic,
    view: &BrokerView,
) {
    let is_internal = name.is_internal(seen.metadata.internal);
    let transition = view.transition();
    for (key, config) in view.configs().iter() {
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
