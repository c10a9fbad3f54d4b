//! `min.insync.replicas` against replication and the ISR: a value that no producer with acks=all
//! could satisfy is impossible, one that leaves no broker to spare needs care.

use super::assess::{After, Transition};
use super::broker_view::BrokerView;
use super::change::{Change, PlannedChange, ReplicationChange};
use super::note::Note;
use super::refusal::Refusal;
use super::risk::{Reason, Risk, RiskClass};
use crate::model::{ConfigText, Declared, Moving, ObservedTopic, Replication, ReplicationFactor, Settings};

pub(super) const KEY: &str = "min.insync.replicas";

enum Judgement {
    Fine,
    Risky(Vec<Reason>),
    Refused(Refusal),
}

/// A topic that is created has no producers yet, so no room to spare is only worth a note. Where the
/// broker decides on the replication, it is not known here.
pub(super) fn of_creation(settings: &Settings) -> (Option<Refusal>, Option<Note>) {
    let declared = settings.configs.get(KEY);
    let (Some(declared), Some(replication)) = (declared, &settings.replication) else {
        return (None, None);
    };
    let Some(wanted) = number(declared.value.reveal()) else {
        return (None, None);
    };
    let replication = replication.value;
    match wanted.cmp(&i64::from(replication.get())) {
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
    settings: &Settings,
    seen: &ObservedTopic,
    changes: &[PlannedChange],
) -> Option<Refusal> {
    let to = settings.replication.as_ref()?;
    let is_it = |planned: &&PlannedChange| match &planned.change {
        Change::SetConfig(set) => set.key.as_str() == KEY,
        Change::ResetConfig(reset) => reset.key.as_str() == KEY,
        Change::Create(_)
        | Change::Delete(_)
        | Change::GrowPartitions(_)
        | Change::Reassign(_)
        | Change::CancelMoves(_) => false,
    };
    let fewer = highest(seen.metadata.replication()?) > to.value;
    if !fewer || changes.iter().any(|planned| is_it(&planned)) {
        return None;
    }
    let kept = seen.configs.get(KEY).and_then(|config| config.value.as_deref());
    let kept = kept.and_then(number)?;
    let replication = Replication::Uniform(to.value);
    (kept > i64::from(to.value.get())).then(|| refusal(kept, settings.configs.get(KEY), replication))
}

/// Judges a change of the key on an existing topic, on each broker that decides.
pub(super) fn of_views(
    views: &[BrokerView],
    settings: &Settings,
    seen: &ObservedTopic,
) -> Result<Risk, Refusal> {
    let mut reasons = Vec::new();
    for view in views {
        match of_change(&view.transition(), settings, seen) {
            Judgement::Fine => {}
            Judgement::Risky(more) => reasons.extend(more),
            Judgement::Refused(refusal) => return Err(refusal),
        }
    }
    Ok(Risk::because(reasons))
}

/// Against the replicas that the topic is to have.
fn of_change(transition: &Transition<'_>, settings: &Settings, seen: &ObservedTopic) -> Judgement {
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
    if wanted > i64::from(lowest(replication).get()) {
        let declared = settings.configs.get(KEY);
        return Judgement::Refused(refusal(wanted, declared, replication));
    }
    // Pinning the value that is already in force changes nothing for producers.
    if transition.value_before(KEY).and_then(number) == Some(wanted) {
        return Judgement::Fine;
    }
    reasons(wanted, replication, seen)
}

/// Whether records are acknowledged on fewer brokers with a lower value: not where the topic has no more replicas
/// than that.
pub(super) fn is_felt(transition: &Transition<'_>, settings: &Settings, seen: &ObservedTopic) -> bool {
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

fn reasons(wanted: i64, replication: Replication, seen: &ObservedTopic) -> Judgement {
    let isr = seen.metadata.smallest_isr().unwrap_or(0);
    let comes_after_replicas =
        fewest_replicas(seen).is_some_and(|here| here < lowest(replication).as_usize());
    let mut reasons = Vec::new();
    if !comes_after_replicas && usize::try_from(wanted).is_ok_and(|wanted| wanted > isr) {
        reasons.push(Reason::MinInsyncAboveIsr { to: wanted, isr });
    }
    if wanted > 1 && wanted == i64::from(lowest(replication).get()) {
        reasons.push(Reason::NoBrokerToSpare { to: wanted });
    }
    if reasons.is_empty() {
        Judgement::Fine
    } else {
        Judgement::Risky(reasons)
    }
}

/// Of any partition, those not counted that are only being added.
fn fewest_replicas(seen: &ObservedTopic) -> Option<usize> {
    let adding = |index: i32| match &seen.moving {
        Moving::Read(moving) => moving.get(&index).map_or(0, |moving| moving.adding.len()),
        Moving::NotAsked | Moving::Unread(_) => 0,
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
