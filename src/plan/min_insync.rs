//! `min.insync.replicas` against replication and the ISR: a value that no producer with acks=all
//! could satisfy is impossible, one that leaves no broker to spare needs confirmation. From Kafka 3.7 on, brokers take a value
//! above the number of replicas for that number.

use super::TopicPlan;
use super::assess::{After, Transition};
use super::broker_view::BrokerView;
use super::change::{Change, PlannedChange, ReplicationChange};
use super::config;
use super::note::Note;
use super::refusal::Refusal;
use super::risk::{Reason, Risk, RiskClass};
use crate::model::facts;
use crate::model::{
    ClusterView, ConfigText, Declared, DesiredSettings, Moving, ObservedTopic, Partition, Replication,
    ReplicationFactor,
};

pub(super) const KEY: &str = "min.insync.replicas";

enum Judgement {
    Fine,
    Risky(Vec<Reason>),
    Refused(Refusal),
}

/// A topic that is created has no producers yet, so no room to spare is only worth a note. Where the
/// broker decides on the replication, it is not known here.
pub(super) fn of_creation(
    settings: &DesiredSettings,
    cluster: &ClusterView,
) -> (Option<Refusal>, Option<Note>) {
    let declared = settings.configs.get(KEY);
    let (Some(declared), Some(replication)) = (declared, &settings.replication) else {
        return (None, None);
    };
    let Some(wanted) = number(declared.value.reveal()) else {
        return (None, None);
    };
    let replication = replication.value;
    match wanted.cmp(&i64::from(replication.get())) {
        std::cmp::Ordering::Greater if cluster.caps_min_insync() => {
            let replication = Replication::Uniform(replication);
            (
                None,
                Some(Note::MinInsyncCapped {
                    value: wanted,
                    replication,
                }),
            )
        }
        std::cmp::Ordering::Greater => (
            Some(refusal(wanted, Some(declared), Replication::Uniform(replication))),
            None,
        ),
        std::cmp::Ordering::Equal if wanted > 1 => (None, Some(Note::NoBrokerToSpare { replicas: wanted })),
        std::cmp::Ordering::Equal | std::cmp::Ordering::Less => (None, None),
    }
}

/// Fewer replicas than a value that stays as it is. A value that changes is judged by [`of_views`].
pub(super) fn of_replication(
    settings: &DesiredSettings,
    seen: &ObservedTopic,
    changes: &[PlannedChange],
    cluster: &ClusterView,
) -> Option<Refusal> {
    if cluster.caps_min_insync() {
        return None;
    }
    let to = settings.replication.as_ref()?;
    let fewer = highest(seen.metadata.replication()?) > to.value;
    if !fewer || changes.iter().any(is_of_key) {
        return None;
    }
    let kept = seen.configs.get(KEY).and_then(|config| config.value.as_deref());
    let kept = kept.and_then(number)?;
    let replication = Replication::Uniform(to.value);
    (kept > i64::from(to.value.get())).then(|| refusal(kept, settings.configs.get(KEY), replication))
}

fn is_of_key(planned: &PlannedChange) -> bool {
    config::config_key(&planned.change).is_some_and(|key| key.as_str() == KEY)
}

/// What is worth knowing of a value above the replicas that the topic will have, where it is not refused. Brokers that
/// cap it do no harm by that, so that it is said only when it comes to be so.
pub(super) fn note(
    settings: &DesiredSettings,
    seen: &ObservedTopic,
    planned: &TopicPlan,
    cluster: &ClusterView,
) -> Option<Note> {
    // What the cluster does not have refuses nobody.
    let is_there = seen.configs.contains_key(KEY) || !seen.listing.is_partial;
    let value = value_after(settings, seen, &planned.changes).filter(|_| is_there)?;
    let now = seen.metadata.replication()?;
    let declared = settings
        .replication
        .as_ref()
        .map(|to| Replication::Uniform(to.value));
    let replication = declared.unwrap_or(now);
    let is_refusal = |refusal: &Refusal| matches!(refusal, Refusal::MinInsyncAboveReplication { .. });
    if value <= i64::from(lowest(replication).get()) || planned.refusals.iter().any(is_refusal) {
        return None;
    }
    if !cluster.caps_min_insync() {
        return Some(Note::MinInsyncAboveReplicas { value, replication });
    }
    let is_new = planned.changes.iter().any(is_of_key) || highest(now) > highest(replication);
    is_new.then_some(Note::MinInsyncCapped { value, replication })
}

/// The value that the topic will have, of its own or inherited, where it is known.
fn value_after(settings: &DesiredSettings, seen: &ObservedTopic, changes: &[PlannedChange]) -> Option<i64> {
    if let Some(declared) = settings.configs.get(KEY) {
        return number(declared.value.reveal());
    }
    let reset = changes.iter().find_map(|planned| match &planned.change {
        Change::ResetConfig(reset) if reset.key.as_str() == KEY => Some(reset),
        Change::ResetConfig(_)
        | Change::SetConfig(_)
        | Change::Create(_)
        | Change::Delete(_)
        | Change::GrowPartitions(_)
        | Change::Reassign(_)
        | Change::CancelMoves(_) => None,
    });
    let value = match reset {
        Some(reset) => reset.to.as_ref()?.value.as_deref(),
        None => seen.configs.get(KEY)?.value.as_deref(),
    };
    value.and_then(number)
}

/// Judges a change of the key on an existing topic, on each broker that decides.
pub(super) fn of_views(
    views: &[BrokerView],
    settings: &DesiredSettings,
    seen: &ObservedTopic,
    cluster: &ClusterView,
) -> Result<Risk, Refusal> {
    let mut reasons = Vec::new();
    for view in views {
        match of_change(&view.transition(), settings, seen, cluster) {
            Judgement::Fine => {}
            Judgement::Risky(more) => reasons.extend(more),
            Judgement::Refused(refusal) => return Err(refusal),
        }
    }
    Ok(Risk::because(reasons))
}

/// Against the replicas that the topic is to have.
fn of_change(
    transition: &Transition<'_>,
    settings: &DesiredSettings,
    seen: &ObservedTopic,
    cluster: &ClusterView,
) -> Judgement {
    let After::Value(after) = transition.value_after(KEY) else {
        let worst = RiskClass::Caution;
        return Judgement::Risky(vec![Reason::UnknownInherited { worst }]);
    };
    let declared = settings.replication.as_ref();
    let replication = declared.map(|to| Replication::Uniform(to.value));
    let replication = replication.or_else(|| seen.metadata.replication());
    let (Some(wanted), Some(replication)) = (number(after), replication) else {
        return Judgement::Fine;
    };
    let is_capped = cluster.caps_min_insync();
    if wanted > i64::from(lowest(replication).get()) && !is_capped {
        let declared = settings.configs.get(KEY);
        return Judgement::Refused(refusal(wanted, declared, replication));
    }
    let cap = |value: i64, replicas: ReplicationFactor| {
        facts::effective_min_insync(value, replicas.as_usize(), is_capped)
    };
    // What counts already changes nothing for producers.
    let before = transition.value_before(KEY).and_then(number);
    let counts = |value: i64| cap(value, highest(replication));
    if before.map(counts) == Some(counts(wanted)) {
        return Judgement::Fine;
    }
    reasons(wanted, cap(wanted, lowest(replication)), replication, seen)
}

/// Whether records are acknowledged on fewer brokers with a lower value: not where the topic has no more replicas
/// than that.
pub(super) fn is_felt(transition: &Transition<'_>, settings: &DesiredSettings, seen: &ObservedTopic) -> bool {
    let after = match transition.value_after(KEY) {
        After::Value(value) => number(value),
        After::Unknown => None,
    };
    let replication = settings
        .replication
        .as_ref()
        .map(|to| Replication::Uniform(to.value));
    let replication = replication.or_else(|| seen.metadata.replication());
    match (after, replication) {
        (Some(to), Some(replication)) => i64::from(highest(replication).get()) > to,
        _ => true,
    }
}

/// Whether a change is made only when the replicas are in sync that are added beside it: until then a higher
/// value would stop producers with acks=all.
pub fn waits_for_replicas(change: &Change, beside: &[PlannedChange]) -> bool {
    let replications = beside.iter().filter_map(|planned| planned.change.reassignment());
    let mut moves = replications.flat_map(ReplicationChange::moves);
    is_raised(change) && moves.any(|(_, moved)| !moved.added().is_empty())
}

fn is_raised(change: &Change) -> bool {
    let (key, from, to) = match change {
        Change::SetConfig(set) => (&set.key, set.from.as_ref(), Some(set.to.value.reveal())),
        Change::ResetConfig(reset) => {
            let to = reset.to.as_ref().and_then(|inherited| inherited.value.as_ref());
            (&reset.key, Some(&reset.from), to)
        }
        Change::Create(_)
        | Change::Delete(_)
        | Change::GrowPartitions(_)
        | Change::Reassign(_)
        | Change::CancelMoves(_) => {
            return false;
        }
    };
    let from = from.and_then(|config| config.value.as_deref()).and_then(number);
    key.as_str() == KEY && to.and_then(|to| number(to)) > from
}

/// `at_lowest` is what the value counts as where a partition has the fewest replicas.
fn reasons(wanted: i64, at_lowest: i64, replication: Replication, seen: &ObservedTopic) -> Judgement {
    let fewest = i64::from(lowest(replication).get());
    let is_capped = at_lowest < wanted;
    let needed = |partition: &Partition| match replication {
        Replication::Mixed { .. } if is_capped => {
            facts::effective_min_insync(wanted, partition.replicas.len(), is_capped)
        }
        Replication::Mixed { .. } | Replication::Uniform(_) => at_lowest,
    };
    let comes_after_replicas =
        fewest_replicas(seen).is_some_and(|here| here < lowest(replication).as_usize());
    let mut reasons = Vec::new();
    if !comes_after_replicas {
        reasons.extend(above_isr(seen, needed));
    }
    if at_lowest > 1 && at_lowest == fewest {
        reasons.push(Reason::NoBrokerToSpare { to: at_lowest });
    }
    if reasons.is_empty() {
        Judgement::Fine
    } else {
        Judgement::Risky(reasons)
    }
}

/// Of the partitions with fewer replicas in sync than they need, the one with the fewest.
fn above_isr(seen: &ObservedTopic, needed: impl Fn(&Partition) -> i64) -> Option<Reason> {
    let partitions = seen.metadata.partitions.iter();
    let short = partitions.filter_map(|partition| {
        let (isr, to) = (partition.isr.len(), needed(partition));
        facts::is_under_min_isr(isr, to).then_some((isr, to))
    });
    let (isr, to) = short.min()?;
    Some(Reason::MinInsyncAboveIsr { to, isr })
}

/// Of any partition, those not counted that are only being added.
fn fewest_replicas(seen: &ObservedTopic) -> Option<usize> {
    let adding = |index: i32| match &seen.moving {
        Moving::Read(moving) => moving.get(&index).map_or(0, |moving| moving.adding.len()),
        Moving::NotAsked | Moving::Absent | Moving::Failed(_) => 0,
    };
    let partitions = seen.metadata.partitions.iter();
    let each = partitions.map(|partition| partition.replicas.len().saturating_sub(adding(partition.index)));
    each.min()
}

fn refusal(wanted: i64, declared: Option<&Declared<ConfigText>>, replication: Replication) -> Refusal {
    Refusal::MinInsyncAboveReplication {
        wanted,
        declared: declared.cloned().map(Box::new),
        replication,
    }
}

fn lowest(replication: Replication) -> ReplicationFactor {
    match replication {
        Replication::Uniform(factor) | Replication::Mixed { lowest: factor, .. } => factor,
    }
}

fn highest(replication: Replication) -> ReplicationFactor {
    match replication {
        Replication::Uniform(factor) | Replication::Mixed { highest: factor, .. } => factor,
    }
}

fn number(value: &str) -> Option<i64> {
    value.trim().parse().ok()
}
