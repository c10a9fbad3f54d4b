//! What has to happen so that the cluster is as the file says, and what that could cost.
//!
//! Planning is pure: desired and observed state go in, a [`Plan`] comes out, the same for the same
//! input. It reads nothing, asks nobody and knows no clock. Refusals are part of the plan and not
//! errors, since people want to see all of them, next to what could be done.
//!
//! What the plan may do is decided by the [`gate`]; carrying it out is `apply`'s.

mod assess;
mod broken;
mod broker_view;
mod cancel;
mod change;
mod config;
mod deciding;
mod drift;
mod effects;
mod eligible;
mod estimate;
mod evidence_request;
mod extent;
mod finding;
mod forecast;
pub mod gate;
mod growth;
mod impact;
mod limits;
mod min_insync;
mod note;
pub mod placement;
mod policy;
mod refusal;
mod replication;
mod risk;
mod status;
#[cfg(test)]
mod tests;
mod total;
mod unclean;
mod unlisted;

use std::collections::{BTreeMap, BTreeSet};

pub use change::{
    Cancellation, Change, ChangeKind, ConfigReset, ConfigSet, Creation, Deletion, DeletionCause, Growth,
    PlannedChange, ReplicaMove, ReplicationChange,
};
pub use deciding::values_to_ask;
pub use drift::Drift;
pub use evidence_request::evidence_request;
pub use finding::{BrokerVerdict, Finding};
pub use forecast::{Copied, Forecast};
pub use impact::{
    Amount, Compacted, Deleted, GroupAtWork, Grown, Loss, PartitionLoss, Sampled, TimeSpan, Unread, Users,
};
pub use min_insync::waits_for_replicas;
pub use note::{Note, Unvalidated};
pub use policy::CreatedSettings;
pub use refusal::{Refusal, Unopenable};
pub use risk::{Reason, Risk, RiskClass};
pub use status::{ByRisk, PlanStatus, PlanTally, TopicStatus};
pub use total::TotalLoss;
pub use unclean::{Leaderless, Left};
pub use unlisted::UnlistedResets;

use crate::model::throttle::{THROTTLED_REPLICAS, own_throttled_replicas};
use crate::model::{
    BrokerId, ClusterView, ConfigKey, ConfigSource, Declared, Desired, DesiredSettings, DesiredState,
    DesiredTopic, Disks, MappedTopic, Observation, ObservedTopic, PartitionCount, Place, Prune,
    RegisteredBrokers, RequiredAcl, RunPurpose, Service, TopicId, TopicName, TopicObservation, Unreadable,
};

/// The difference between a file and a cluster.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Plan {
    /// Every topic of the file, those in sync included, and those that go because the file does not name them.
    pub topics: BTreeMap<TopicName, TopicPlan>,
    /// The disks of brokers, where replicas are copied and brokers tell of them.
    pub disks: BTreeMap<BrokerId, Disks>,
    /// How many bytes per second apply may copy from and to each broker, as far as that was said.
    pub throttle: Option<i64>,
}

/// What the plan says of one topic. In sync means: no changes, no refusals, and readable.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TopicPlan {
    /// Where the file declares the topic; `None` for one that goes because the file does not.
    pub place: Option<Place>,
    /// The id of the topic that was observed; `None` where there was none, or it could not be read.
    pub id: Option<TopicId>,
    /// What apply would do, in the order of the kinds and then of the keys.
    pub changes: Vec<PlannedChange>,
    /// What cannot be done.
    pub refusals: Vec<Refusal>,
    /// What is worth knowing.
    pub notes: BTreeSet<Note>,
    /// Overrides that stay although no release of Kafka, or only older ones, have such a config.
    pub leftovers: BTreeSet<ConfigKey>,
    /// Brokers call the topic internal.
    pub internal: bool,
    /// Why nothing is known of the topic, if that is so.
    pub unreadable: Option<Unreadable>,
    /// The rights without which the cost of the changes is not known as well as it could be.
    pub unread_rights: BTreeSet<RequiredAcl>,
}

impl TopicPlan {
    fn empty(place: &Place) -> Self {
        Self {
            place: Some(place.clone()),
            ..Self::undeclared()
        }
    }

    fn undeclared() -> Self {
        Self {
            place: None,
            id: None,
            changes: Vec::new(),
            refusals: Vec::new(),
            notes: BTreeSet::new(),
            leftovers: BTreeSet::new(),
            internal: false,
            unreadable: None,
            unread_rights: BTreeSet::new(),
        }
    }

    /// Nothing to do, nothing refused, and it could be read.
    pub fn is_in_sync(&self) -> bool {
        self.changes.is_empty() && self.refusals.is_empty() && self.unreadable.is_none()
    }

    /// The worst class of any change; `None` without changes.
    pub fn class(&self) -> Option<RiskClass> {
        self.changes.iter().map(|planned| planned.risk.class()).max()
    }

    fn missing_acls(&self) -> impl Iterator<Item = RequiredAcl> {
        let unread = self
            .unreadable
            .iter()
            .filter_map(|unreadable| unreadable.reason.missing.clone());
        let notes = self.notes.iter().filter_map(Note::missing_right);
        unread.chain(notes.chain(&self.unread_rights).cloned())
    }

    /// The changes of one kind.
    pub fn of_kind(&self, kind: ChangeKind) -> impl Iterator<Item = &PlannedChange> {
        self.changes
            .iter()
            .filter(move |planned| planned.change.kind() == kind)
    }
}

impl Plan {
    /// Every topic is in sync.
    pub fn is_in_sync(&self) -> bool {
        self.topics.values().all(TopicPlan::is_in_sync)
    }

    /// Whether any topic has something that cannot be done.
    pub fn has_refusals(&self) -> bool {
        self.topics.values().any(|topic| !topic.refusals.is_empty())
    }

    /// Whether any topic could not be read.
    pub fn has_unreadable(&self) -> bool {
        self.topics.values().any(|topic| topic.unreadable.is_some())
    }

    /// Why the broker did not answer when it was asked to validate, if that is so for any part.
    pub fn validation_unanswered(&self) -> Option<&str> {
        let notes = self.topics.values().flat_map(|topic| &topic.notes);
        notes.into_iter().find_map(|note| match note {
            Note::NotValidated {
                why: Unvalidated::NoAnswer(why),
                ..
            } => Some(why.as_ref()),
            Note::NotValidated {
                why: Unvalidated::NeedsRight(_) | Unvalidated::NotAsked,
                ..
            }
            | Note::AliasExists { .. }
            | Note::HiddenValue { .. }
            | Note::NotListed { .. }
            | Note::InForce { .. }
            | Note::DroppedByService { .. }
            | Note::NotPinned { .. }
            | Note::KeptOtherwise { .. }
            | Note::CreatedOtherwise { .. }
            | Note::ConfigsUnread { .. }
            | Note::NoBrokerToSpare { .. }
            | Note::MinInsyncCapped { .. }
            | Note::MinInsyncAboveReplicas { .. }
            | Note::ResetUnknown { .. }
            | Note::ValuesUnread { .. }
            | Note::ThrottleLeft
            | Note::ReassignmentsUnread { .. }
            | Note::GrowsMixed { .. }
            | Note::Cordoned { .. }
            | Note::CreatedBesideDown { .. }
            | Note::CordonsUnread { .. }
            | Note::ExemptFromPolicy { .. }
            | Note::PolicyNotJudged(_) => None,
        })
    }

    /// The rights that this principal lacked while the plan was made and validated.
    pub fn missing_acls(&self) -> BTreeSet<RequiredAcl> {
        self.topics.values().flat_map(TopicPlan::missing_acls).collect()
    }

    /// The topics on which a throttle of this tool is left.
    pub fn throttled(&self) -> BTreeSet<TopicName> {
        let left = |topic: &TopicPlan| topic.notes.contains(&Note::ThrottleLeft);
        let topics = self.topics.iter().filter(|(_, topic)| left(topic));
        topics.map(|(name, _)| name.clone()).collect()
    }

    /// Whether there is any change to make.
    pub fn has_changes(&self) -> bool {
        self.topics.values().any(|topic| !topic.changes.is_empty())
    }

    /// Adds to other replicas what they can lose where they go.
    fn judge_moves(&mut self, observed: &Observation) {
        for (name, topic) in &mut self.topics {
            let Some(TopicObservation::Present(seen)) = observed.topics.get(name) else {
                continue;
            };
            let changes: Vec<Change> = topic
                .changes
                .iter()
                .map(|planned| planned.change.clone())
                .collect();
            for planned in &mut topic.changes {
                if let Some(change) = planned.change.reassignment() {
                    let reasons = broker_view::moved_reasons(seen, &changes, change);
                    planned.risk = reasons
                        .into_iter()
                        .fold(std::mem::take(&mut planned.risk), Risk::and);
                }
            }
        }
    }

    /// The number of topics in sync.
    pub fn in_sync(&self) -> usize {
        self.topics.values().filter(|topic| topic.is_in_sync()).count()
    }
}

/// Compares what is desired with what was observed. A desired topic that the observation does not
/// mention is left out, so that a part of the file can be planned again.
pub fn plan(desired: &Desired, observed: &Observation) -> Plan {
    let mut plan = match desired.purpose {
        RunPurpose::Converge => plan_to_converge(desired, observed),
        RunPurpose::CancelMoves => plan_to_cancel(desired, observed),
    };
    for (name, topic) in &mut plan.topics {
        topic.id = observed.topics.get(name).and_then(TopicObservation::id);
        topic.internal = is_flagged_internal(observed.topics.get(name));
    }
    plan
}

fn plan_to_cancel(desired: &Desired, observed: &Observation) -> Plan {
    let topics = desired.topics.iter().filter_map(|(name, topic)| {
        let sighting = observed.topics.get(name)?;
        Some((name.clone(), cancel::plan(topic, sighting)))
    });
    Plan {
        topics: topics.collect(),
        ..Plan::default()
    }
}

fn plan_to_converge(desired: &Desired, observed: &Observation) -> Plan {
    let declared = desired.topics.iter().filter_map(|(name, topic)| {
        let sighting = observed.topics.get(name)?;
        Some((name.clone(), plan_topic(topic, desired, sighting, observed)))
    });
    let mut plan = Plan {
        topics: declared.chain(pruned(desired, observed)).collect(),
        ..Plan::default()
    };
    limits::refuse_collisions(&mut plan);
    replication::place(&mut plan, desired, observed);
    eligible::judge(&mut plan, observed);
    plan.judge_moves(observed);
    plan
}

fn is_flagged_internal(sighting: Option<&TopicObservation>) -> bool {
    matches!(sighting, Some(TopicObservation::Present(seen)) if seen.metadata.internal)
}

/// Topics that were seen and that the file does not name.
fn pruned(desired: &Desired, observed: &Observation) -> impl Iterator<Item = (TopicName, TopicPlan)> {
    let others = observed
        .topics
        .iter()
        .filter(|(name, _)| !desired.topics.contains_key(*name));
    others.filter_map(|(name, sighting)| Some((name.clone(), plan_pruned(&desired.prune, name, sighting)?)))
}

fn plan_pruned(prune: &Prune, name: &TopicName, sighting: &TopicObservation) -> Option<TopicPlan> {
    let pattern = prune.pattern_for(name, is_flagged_internal(Some(sighting)))?;
    let planned = TopicPlan::undeclared();
    Some(match sighting {
        TopicObservation::Unreadable(unreadable) => TopicPlan {
            unreadable: Some(unreadable.clone()),
            ..planned
        },
        TopicObservation::Absent => planned,
        TopicObservation::Present(seen) => TopicPlan {
            changes: vec![deletion(DeletionCause::Pruned(pattern.clone()), seen)],
            ..planned
        },
    })
}

fn plan_topic(
    topic: &DesiredTopic,
    desired: &Desired,
    sighting: &TopicObservation,
    observed: &Observation,
) -> TopicPlan {
    let mut planned = match (&topic.state, sighting) {
        (_, TopicObservation::Unreadable(unreadable)) => TopicPlan {
            unreadable: Some(unreadable.clone()),
            ..TopicPlan::empty(&topic.place)
        },
        (DesiredState::Present(settings), TopicObservation::Absent) => {
            let mut planned = plan_creation(topic, settings, observed);
            planned.refusals.extend(limits::of_creation(desired, settings));
            policy::judge_policy(desired, topic, settings, None, &mut planned);
            planned
        }
        (DesiredState::Present(settings), TopicObservation::Present(seen)) => {
            let mut planned = plan_changes(topic, desired, settings, seen, &observed.cluster);
            let seen = (&**seen, &observed.cluster);
            policy::judge_policy(desired, topic, settings, Some(seen), &mut planned);
            planned
        }
        (DesiredState::Absent(_), TopicObservation::Absent) => TopicPlan::empty(&topic.place),
        (DesiredState::Absent(stated_at), TopicObservation::Present(seen)) => {
            plan_deletion(topic, stated_at, seen)
        }
    };
    let found = |alias: &&TopicName| observed.aliases_found.contains(*alias);
    let aliases = topic.aliases.iter().filter(found);
    planned
        .notes
        .extend(aliases.map(|alias| Note::AliasExists { alias: alias.clone() }));
    planned
}

fn plan_creation(topic: &DesiredTopic, settings: &DesiredSettings, observed: &Observation) -> TopicPlan {
    let change = Change::Create(Creation {
        partitions: settings.partitions.clone(),
        replication: settings.replication.clone(),
        configs: settings.configs.clone(),
    });
    let (refusal, note) = min_insync::of_creation(settings, &observed.cluster);
    TopicPlan {
        changes: vec![PlannedChange {
            change,
            risk: Risk::none(),
        }],
        refusals: replication_above_brokers(settings, observed)
            .into_iter()
            .chain(refusal)
            .chain(broken::of_creation(settings))
            .collect(),
        notes: note
            .into_iter()
            .chain(beside_down(settings, &observed.cluster))
            .chain(dropped(settings, &observed.cluster))
            .collect(),
        ..TopicPlan::empty(&topic.place)
    }
}

/// What the service is known not to keep.
fn dropped(settings: &DesiredSettings, cluster: &ClusterView) -> impl Iterator<Item = Note> {
    let service = Service::recognise(cluster);
    let keys = settings.configs.keys();
    keys.filter_map(move |key| {
        let service = service.filter(|service| service.drops(key))?;
        let key = key.clone();
        Some(Note::DroppedByService { key, service })
    })
}

/// More replicas than brokers are alive: Kafka places the rest on those that are down.
fn beside_down(settings: &DesiredSettings, cluster: &ClusterView) -> Option<Note> {
    let wanted = settings.replication.as_ref()?.value.as_usize();
    let is_beside = wanted > cluster.brokers.len() && !cluster.fenced.is_empty();
    is_beside.then(|| Note::CreatedBesideDown {
        brokers: cluster.fenced.clone(),
    })
}

/// Only an exact count refuses; where dead brokers cannot be seen, the broker decides on creation.
fn replication_above_brokers(settings: &DesiredSettings, observed: &Observation) -> Option<Refusal> {
    let RegisteredBrokers::Exactly(registered) = observed.cluster.registered else {
        return None;
    };
    let to = settings.replication.as_ref()?;
    (to.value.as_usize() > registered).then(|| Refusal::ReplicationAboveBrokers {
        to: to.clone(),
        registered,
    })
}

fn plan_deletion(topic: &DesiredTopic, stated_at: &Place, seen: &ObservedTopic) -> TopicPlan {
    let planned = TopicPlan::empty(&topic.place);
    if let Some(stated) = topic.protected.clone() {
        return TopicPlan {
            refusals: vec![Refusal::Protected { stated }],
            ..planned
        };
    }
    TopicPlan {
        changes: vec![deletion(DeletionCause::StatedAbsent(stated_at.clone()), seen)],
        ..planned
    }
}

fn deletion(cause: DeletionCause, seen: &ObservedTopic) -> PlannedChange {
    let change = Change::Delete(Deletion {
        id: seen.metadata.id,
        partitions: seen.metadata.partitions.len(),
        cause,
    });
    PlannedChange {
        change,
        risk: Risk::because([Reason::DeletesTopic { deleted: None }]),
    }
}

fn plan_changes(
    topic: &DesiredTopic,
    desired: &Desired,
    settings: &DesiredSettings,
    seen: &ObservedTopic,
    cluster: &ClusterView,
) -> TopicPlan {
    let mut planned = TopicPlan::empty(&topic.place);
    config::plan(&topic.name, settings, seen, cluster, &mut planned);
    let grows = |to: &Declared<PartitionCount>| Some(to.value) > seen.metadata.partition_count();
    let above = settings.partitions.as_ref().filter(|to| grows(to));
    let above = above.and_then(|to| limits::above_limit(desired, to));
    if let Some(above) = above {
        planned.refusals.push(above);
    } else if let Some(to) = &settings.partitions {
        plan_partitions(&topic.name, to, seen, &mut planned);
    }
    if is_throttled(seen) {
        planned.notes.insert(Note::ThrottleLeft);
    }
    planned.refusals.extend(min_insync::of_replication(
        settings,
        seen,
        &planned.changes,
        cluster,
    ));
    let note = min_insync::note(settings, seen, &planned, cluster);
    planned.notes.extend(note);
    planned
}

/// By this tool: what others throttle is theirs.
fn is_throttled(seen: &ObservedTopic) -> bool {
    let own = |key: &&str| {
        seen.configs
            .get(*key)
            .filter(|config| config.source == ConfigSource::Topic)
    };
    let lists = THROTTLED_REPLICAS.iter().filter_map(own);
    let mut lists = lists.filter_map(|config| config.value.as_deref());
    lists.any(|list| own_throttled_replicas(list).is_some())
}

fn plan_partitions(
    name: &TopicName,
    to: &Declared<PartitionCount>,
    seen: &ObservedTopic,
    planned: &mut TopicPlan,
) {
    let Some(from) = seen.metadata.partition_count() else {
        return;
    };
    let to = to.clone();
    match to.value.cmp(&from) {
        std::cmp::Ordering::Equal => {}
        std::cmp::Ordering::Less => planned.refusals.push(Refusal::FewerPartitions { from, to }),
        std::cmp::Ordering::Greater => {
            let moves_keys = Reason::MovesKeys {
                from,
                to: to.value,
                grown: None,
            };
            let remaps = MappedTopic::with_name(name).map(|topic| Reason::RemapsInternalTopic { topic });
            let risk = Risk::because(std::iter::once(moves_keys).chain(remaps));
            let change = Change::GrowPartitions(Growth {
                from,
                to,
                replicas: Vec::new(),
                after_replicas: false,
                beside_moves: BTreeMap::new(),
            });
            planned.changes.push(PlannedChange { change, risk });
        }
    }
}
