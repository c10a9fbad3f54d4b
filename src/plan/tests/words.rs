//! Plans and decisions as lines of text. Every number that a variant carries is in its line, and every
//! `match` is exhaustive, so that a new variant has to be spoken of here and then tested.

use std::collections::BTreeSet;

use super::super::gate::{Blocked, Decision};
use super::super::{
    Amount, Change, Creation, DeletionCause, Growth, Loss, Note, PlannedChange, Reason, Refusal,
    ReplicationChange, Risk, Sampled, TopicPlan, Users,
};
use crate::model::{BrokerId, ConfigKey, Inherited, Known, ObservedConfig, TopicName, ValueByBroker};

/// Changes, refusals, notes and what could not be read, in this order.
pub(super) fn lines(planned: &TopicPlan) -> Vec<String> {
    let changes = planned.changes.iter().map(line);
    let refusals = planned.refusals.iter().map(refusal);
    let notes = planned.notes.iter().map(note);
    let unreadable = planned
        .unreadable
        .iter()
        .map(|unreadable| format!("unreadable: {}: {}", unreadable.what, unreadable.reason));
    changes.chain(refusals).chain(notes).chain(unreadable).collect()
}

fn line(planned: &PlannedChange) -> String {
    format!("{} [{}]", change(&planned.change), risk(&planned.risk))
}

fn change(change: &Change) -> String {
    match change {
        Change::Create(creation) => create(creation),
        Change::Delete(deletion) => format!(
            "delete {} with {} partitions, {}",
            deletion.id,
            deletion.partitions,
            match &deletion.cause {
                DeletionCause::StatedAbsent(place) => format!("stated at {place}"),
                DeletionCause::Pruned(pattern) => format!("pruned by {pattern}"),
            }
        ),
        Change::GrowPartitions(growth) => grow(growth),
        Change::Reassign(change) => reassign(change),
        Change::CancelMoves(change) => {
            let each = change.moves.iter();
            let each = each.map(|(index, moving)| format!("{index}: {}", ids(&moving.without_added())));
            format!("cancel moves, {}", each.collect::<Vec<_>>().join(", "))
        }
        Change::SetConfig(set) => format!(
            "set {}: {} -> {}",
            set.key,
            by_broker(&set.key, &set.from_by_broker).unwrap_or_else(|| set
                .from
                .as_ref()
                .map_or_else(|| "not listed".to_owned(), observed)),
            set.to.value.reveal()
        ),
        Change::ResetConfig(reset) => {
            let to = reset.to.as_ref().map_or_else(
                || "not told".to_owned(),
                |to| format!("{} ({})", to.value.as_deref().unwrap_or("hidden"), to.source),
            );
            let to = by_broker(&reset.key, &reset.to_by_broker).unwrap_or(to);
            format!("reset {}: {} -> {to}", reset.key, observed(&reset.from))
        }
    }
}

fn grow(growth: &Growth) -> String {
    let mut text = format!("partitions {} -> {}", growth.from, growth.to.value);
    let rows: Vec<String> = growth.replicas.iter().map(|row| ids(row)).collect();
    if !rows.is_empty() {
        text = format!("{text} on {}", rows.join(", "));
    }
    if growth.after_replicas {
        text.push_str(" after replicas");
    }
    if !growth.beside_moves.is_empty() {
        text = format!("{text} beside moves of {:?}", growth.beside_moves.keys());
    }
    text
}

fn ids(ids: &[BrokerId]) -> String {
    let ids: Vec<String> = ids.iter().map(ToString::to_string).collect();
    ids.join("+")
}

fn by_broker(key: &ConfigKey, values: &ValueByBroker) -> Option<String> {
    let group = |(told, brokers): &(Option<&Inherited>, Vec<BrokerId>)| {
        let value = told.map_or_else(
            || "not known".to_owned(),
            |told| format!("{} ({})", told.value.as_deref().unwrap_or("hidden"), told.source),
        );
        let ids: Vec<String> = brokers.iter().map(ToString::to_string).collect();
        format!("{value} on {}", ids.join(" "))
    };
    let groups: Vec<String> = values.groups(key).iter().map(group).collect();
    (!groups.is_empty()).then(|| groups.join(", "))
}

fn reassign(change: &ReplicationChange) -> String {
    let mut text = format!("replication {} -> {}", change.from, change.to.value);
    for (index, moved) in change.moves() {
        let is_under_way = change.under_way.contains(&index);
        let sign = if is_under_way { "~>" } else { "->" };
        text = format!("{text}, {index}: {}{sign}{}", ids(moved.from), ids(moved.to));
    }
    text
}

fn create(creation: &Creation) -> String {
    let partitions = creation.partitions.as_ref().map(|count| count.value.to_string());
    let replication = creation
        .replication
        .as_ref()
        .map(|factor| factor.value.to_string());
    let or_default = |count: Option<String>| count.unwrap_or_else(|| "default".to_owned());
    let mut text = format!(
        "create, partitions {}, replication {}",
        or_default(partitions),
        or_default(replication)
    );
    for (key, to) in &creation.configs {
        text = format!("{text}, {key}={}", to.value.reveal());
    }
    text
}

fn observed(config: &ObservedConfig) -> String {
    let value = match (&config.value, config.sensitive) {
        (Some(value), _) => value,
        (None, true) => "hidden",
        (None, false) => "null",
    };
    format!("{value} ({})", config.source)
}

fn risk(risk: &Risk) -> String {
    let class = format!("{:?}", risk.class()).to_lowercase();
    let reasons: Vec<String> = risk.reasons().map(reason).collect();
    if reasons.is_empty() {
        return class;
    }
    format!("{class}: {}", reasons.join(", "))
}

fn limit(limit: Option<i64>) -> String {
    limit.map_or_else(|| "endless".to_owned(), |limit| limit.to_string())
}

fn reason(reason: &Reason) -> String {
    match reason {
        Reason::ShorterRetention { from, to, loss } => {
            format!("shorter {} -> {to}{}", limit(*from), lost(loss.as_deref()))
        }
        Reason::SmallerRetention { from, to, loss } => {
            format!("smaller {} -> {to}{}", limit(*from), lost(loss.as_deref()))
        }
        Reason::UnknownInherited { worst: _ } => "unknown inherited".to_owned(),
        Reason::StartsDeleting { loss } => format!("starts deleting{}", lost(loss.as_deref())),
        Reason::StartsCompacting { found } => format!(
            "starts compacting{}",
            found.as_deref().map_or_else(String::new, |found| {
                format!(" of {}, {}", amount(found.records), sampled(&found.sample))
            })
        ),
        Reason::RemoteStorageDisabled { loss } => {
            format!("remote storage disabled{}", lost(loss.as_deref()))
        }
        Reason::DeletesTopic { deleted } => format!(
            "deletes topic{}",
            deleted.as_deref().map_or_else(String::new, |deleted| {
                format!("{}, used by {}", lost(Some(&deleted.loss)), users(&deleted.users))
            })
        ),
        Reason::MovesKeys { from, to, grown } => format!(
            "moves keys {from} -> {to}{}",
            grown.as_deref().map_or_else(String::new, |grown| {
                let compacted = if grown.compacted { ", compacted" } else { "" };
                let (records, sample) = (amount(grown.records), sampled(&grown.sample));
                format!(
                    " of {records}, {sample}{compacted}, used by {}",
                    users(&grown.users)
                )
            })
        ),
        Reason::CopiesReplicas { copied } => format!(
            "copies replicas{}",
            copied.as_deref().map_or_else(String::new, |copied| format!(
                " {:?}",
                (&copied.to, &copied.freed, &copied.unread)
            ))
        ),
        Reason::FewerReplicas { from, to, .. } => format!("fewer replicas {from} -> {to}"),
        Reason::MinInsyncAboveIsr { to, isr } => format!("{to} above ISR {isr}"),
        Reason::DropsCopies { brokers } => format!("drops copies on {brokers:?}"),
        Reason::ForgetsEligibleLeaders {
            partitions,
            leaderless,
        } => format!("forgets eligible {partitions:?}, leaderless {leaderless:?}"),
        Reason::NoBrokerToSpare { to } => format!("no broker to spare at {to}"),
        Reason::SmallerMessages { from, to, sample } => {
            let sample = sample.as_ref().map(|sample| format!(", {}", sampled(sample)));
            format!("smaller messages {from} -> {to}{}", sample.unwrap_or_default())
        }
        Reason::CompactsSooner { from, to, loss } => {
            format!("compacts sooner {from} -> {to}{}", lost(loss.as_deref()))
        }
        Reason::UncleanElection { leaderless } if leaderless.is_empty() => "unclean election".to_owned(),
        Reason::UncleanElection { leaderless } => {
            let each = leaderless.iter().map(|(index, waiting)| {
                let left = waiting.left.as_ref();
                let left = left.map(|left| format!(" left {} {:?}", left.end, left.committed));
                format!("{index}: down {:?}{}", waiting.down, left.unwrap_or_default())
            });
            format!("unclean election of {}", each.collect::<Vec<_>>().join("; "))
        }
        Reason::HasEffect { effect, records } => {
            let records = records.map(|records| format!(" on {}", amount(records)));
            format!("{}{}", effect.kind.name(), records.unwrap_or_default())
        }
        Reason::UnknownKey { key } => format!("unknown key {key}"),
        Reason::CannotCompare { key } => format!("cannot compare {key}"),
        Reason::ResetsUnlisted => "unlisted".to_owned(),
        Reason::RemapsInternalTopic { topic } => format!("remaps {topic:?}"),
    }
}

/// `2..5~3`: at least, at most, about.
pub(super) fn amount(amount: Amount) -> String {
    let most = amount
        .at_most
        .map_or_else(|| "?".to_owned(), |most| most.to_string());
    match amount.about {
        Some(about) if amount.at_most != Some(amount.at_least) => {
            format!("{}..{most}~{about}", amount.at_least)
        }
        _ if amount.at_most == Some(amount.at_least) => most,
        _ => format!("{}..{most}", amount.at_least),
    }
}

fn lost(loss: Option<&Loss>) -> String {
    let Some(loss) = loss else {
        return String::new();
    };
    let each = loss.partitions.iter().map(|(index, loss)| {
        format!(
            "{index}: {} records {} bytes",
            amount(loss.records),
            amount(loss.bytes)
        )
    });
    let groups = loss.groups.read.iter().map(|(name, unread)| {
        let doubts: Vec<String> = unread.doubts.iter().map(|why| format!(" ({why})")).collect();
        let missed = amount(unread.partitions.values().copied().sum());
        format!("{name} misses {missed}{}", doubts.concat())
    });
    let span = loss
        .span
        .iter()
        .map(|span| format!("from {} to {}", span.from, span.to));
    let unread = loss
        .unread
        .iter()
        .chain(&loss.groups.unread)
        .map(|why| format!("unread: {why}"));
    format!(
        " losing [{}]",
        each.chain(span)
            .chain(groups)
            .chain(unread)
            .collect::<Vec<_>>()
            .join("; ")
    )
}

fn sampled(sample: &Known<Sampled>) -> String {
    match sample {
        Known::Read(sample) => format!(
            "{} keyed {} unkeyed {} bytes{}{}{}",
            sample.keyed,
            sample.unkeyed,
            sample.largest_batch,
            if sample.largest_sent > sample.largest_batch {
                format!(", sent with up to {}", sample.largest_sent)
            } else {
                String::new()
            },
            if sample.is_thinned { " thinned" } else { "" },
            match (sample.complete, sample.reached_end) {
                (true, _) => " complete",
                (false, true) => "",
                (false, false) => " short of the end",
            }
        ),
        Known::Unread(why) => format!("unread: {why}"),
    }
}

fn users(users: &Users) -> String {
    let each = users.read.iter().map(|(name, group)| {
        let members = group
            .members
            .read()
            .map_or_else(|| "?".to_owned(), ToString::to_string);
        format!("{name} {}/{members}", group.committed)
    });
    let unread = users.unread.iter().map(|why| format!("unread: {why}"));
    let all: Vec<String> = each.chain(unread).collect();
    if all.is_empty() {
        "nobody".to_owned()
    } else {
        all.join(", ")
    }
}

fn refusal(refusal: &Refusal) -> String {
    match refusal {
        Refusal::FewerPartitions { from, to } => {
            format!("refused: partitions {from} -> {} ({})", to.value, to.origin)
        }
        Refusal::ReassignedElsewhere { to, partitions } => {
            format!(
                "refused: replication {}: moved elsewhere {partitions:?}",
                to.value
            )
        }
        Refusal::ReplicationAboveLiveBrokers { to, alive, cordoned } => {
            let cordoned: Vec<BrokerId> = cordoned.iter().copied().collect();
            let and = if cordoned.is_empty() {
                String::new()
            } else {
                format!(", {} cordoned", ids(&cordoned))
            };
            format!(
                "refused: replication {} with {alive} brokers alive{and}",
                to.value
            )
        }
        Refusal::MovesWithoutLeader { to, partitions } => format!(
            "refused: replication {}: no leader, last in sync {partitions:?}",
            to.value
        ),
        Refusal::GrowsWhileMoving {
            from,
            to,
            partitions,
            words,
        } => format!(
            "refused: partitions {from} -> {} while moving {:?}{}",
            to.value,
            partitions.keys(),
            words
                .as_ref()
                .map(|words| format!(": {words}"))
                .unwrap_or_default()
        ),
        Refusal::ReplicationAboveBrokers { to, registered } => {
            format!("refused: replication {} on {registered} brokers", to.value)
        }
        Refusal::MinInsyncAboveReplication {
            wanted,
            declared,
            replication,
        } => {
            let place = declared.as_ref().map_or_else(
                || "inherited".to_owned(),
                |declared| format!("declared {}", declared.value.reveal()),
            );
            format!("refused: min.insync.replicas {wanted} ({place}) above replication {replication}")
        }
        Refusal::BrokersCannotOpen { key, to, why } => {
            format!("refused: {key} {} cannot be opened: {why:?}", to.value.reveal())
        }
        Refusal::Protected { stated } => format!("refused: protected ({stated})"),
        Refusal::CollidesWithDeleted { other } => format!("refused: collides with {other}"),
        Refusal::PartitionsAboveLimit { to, at_most } => {
            format!("refused: partitions {} > {at_most}", to.value)
        }
        Refusal::TooManyToCreate { to, at_most } => format!("refused: {} at once > {at_most}", to.value),
        Refusal::DeletionDisabled => "refused: deletion disabled".to_owned(),
        Refusal::BreaksPolicy(breach) => {
            let differing = breach.by_broker.iter();
            let differing = differing.filter_map(|(key, values)| Some((key, by_broker(key, values)?)));
            let differing: Vec<String> = differing
                .map(|(key, values)| format!("; {key} {values}"))
                .collect();
            let differing = differing.concat();
            format!("refused: {}: {}{differing}", breach.broken.rule(), breach.broken)
        }
        Refusal::CancelLosesRecords { partitions } => {
            format!("refused: cancel loses records of {partitions:?}")
        }
        Refusal::PolicyNotJudged(open) => {
            format!("refused: {} not judged without {}", open.rule, open.unknown)
        }
        Refusal::NotOffered { kind, missing } => format!("refused: {kind:?} without {}", missing.request),
        Refusal::LeftoverConfig { key, words } => format!("refused: {key} is left over: {words}"),
        Refusal::RejectedByBroker { kind, words } => format!("refused: {kind:?} by the broker: {words}"),
    }
}

fn note(note: &Note) -> String {
    match note {
        Note::AliasExists { alias } => format!("note: alias {alias} exists"),
        Note::HiddenValue { key } => format!("note: {key} is hidden"),
        Note::NotListed { key } => format!("note: {key} is not listed"),
        Note::DroppedByService { key, service } => format!("note: {service} drops {key}"),
        Note::InForce { key } => format!("note: {key} is in force"),
        Note::NotPinned { key, words } => format!("note: {key} is in force and refused: {words}"),
        Note::KeptOtherwise { key, shown } => format!("note: {key} is kept as {shown:?}"),
        Note::CreatedOtherwise { stated, shown } => format!("note: {stated} became {shown}"),
        Note::ConfigsUnread { why } => format!("note: configs not known: {why}"),
        Note::ResetUnknown { key, why } => format!("note: reset of {key} not known: {why}"),
        Note::ValuesUnread { broker, why } => format!("note: values of broker {broker} not known: {why}"),
        Note::ThrottleLeft => "throttle left".to_owned(),
        Note::ReassignmentsUnread { why } => format!("reassignments unread: {why}"),
        Note::GrowsMixed { replication } => format!("note: grows mixed {replication}"),
        Note::Cordoned { brokers } => format!("note: cordoned {brokers:?}"),
        Note::CreatedBesideDown { brokers } => format!("note: created beside down {brokers:?}"),
        Note::CordonsUnread { why } => format!("note: cordons unread: {why}"),
        Note::NoBrokerToSpare { replicas } => format!("note: no broker to spare at {replicas}"),
        Note::MinInsyncCapped { value, replication } => {
            format!("note: min.insync.replicas {value} capped at {replication}")
        }
        Note::MinInsyncAboveReplicas { value, replication } => {
            format!("note: min.insync.replicas {value} above {replication}")
        }
        Note::ExemptFromPolicy { reason } => format!("note: exempt: {reason}"),
        Note::PolicyNotJudged(open) => format!("note: {} not judged without {}", open.rule, open.unknown),
        Note::NotValidated { kind, why } => format!("note: {kind:?} not validated: {why}"),
    }
}

/// A decision with every topic that it names.
pub(super) fn decision(decision: &Decision) -> String {
    match decision {
        Decision::NothingToDo => "nothing to do".to_owned(),
        Decision::Approved(approved) => format!("approved {}", joined(approved.topics().keys())),
        Decision::Ask(pending) => format!("ask about {}", joined(&pending.careful)),
        Decision::Blocked(blocked) => blocked_by(blocked),
    }
}

fn blocked_by(blocked: &Blocked) -> String {
    let part = |what: &str, names: &BTreeSet<TopicName>| {
        (!names.is_empty()).then(|| format!("{what} {}", joined(names)))
    };
    let parts = [
        part("refused", &blocked.refused),
        part("data loss", &blocked.needs_data_loss),
        part("yes", &blocked.needs_yes),
        blocked.too_many_deletes.as_ref().map(|deletes| {
            format!(
                "more than {} deleted: {}",
                deletes.allowed,
                joined(&deletes.topics)
            )
        }),
    ];
    format!(
        "blocked: {}",
        parts.into_iter().flatten().collect::<Vec<_>>().join("; ")
    )
}

pub(super) fn joined<'a>(names: impl IntoIterator<Item = &'a TopicName>) -> String {
    let names: Vec<&str> = names.into_iter().map(TopicName::as_str).collect();
    names.join(" ")
}
