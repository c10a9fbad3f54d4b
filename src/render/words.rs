//! The sentences that text, Markdown and JSON share, so that a thing is called the same everywhere.

use std::collections::{BTreeMap, BTreeSet};

use super::cost;
pub(super) use super::counts::{counted, counts, grouped};
use super::sentence::{Sentence, foreign};
use crate::model::{
    BrokerId, ConfigKey, ConfigSource, Inherited, MappedTopic, ObservedConfig, Replication, ValueByBroker,
    known::{self, KnownConfig},
    printable, quantity, value,
};
use crate::plan::{
    Cancellation, Change, ChangeKind, ConfigReset, ConfigSet, Growth, Note, Plan, PlanTally, Reason, Refusal,
    ReplicationChange, RiskClass, TopicPlan, UnlistedResets, Unopenable,
};

/// A raw value with its human form where it has one: `7d (604800000)`.
pub(super) fn value(key: &ConfigKey, raw: &str) -> String {
    match value::human(key, raw) {
        Some(human) => format!("{human} ({})", printable(raw)),
        None if raw.is_empty() => "(empty)".to_owned(),
        None => printable(raw).into_owned(),
    }
}

/// A value that may be hidden.
pub(super) fn shown(key: &ConfigKey, raw: Option<&str>) -> String {
    raw.map_or_else(|| "(hidden)".to_owned(), |raw| value(key, raw))
}

/// The present value of a config: with its source, where it is not the topic's own.
pub(super) fn present(key: &ConfigKey, config: &ObservedConfig) -> String {
    let text = shown(key, config.value.as_deref());
    if config.source == ConfigSource::Topic {
        text
    } else {
        format!("{text} [{}]", config.source)
    }
}

/// What shows after a reset.
pub(super) fn inherited(key: &ConfigKey, inherited: Option<&Inherited>) -> String {
    match inherited {
        Some(inherited) => format!(
            "{} [{}]",
            shown(key, inherited.value.as_deref()),
            inherited.source
        ),
        None => "inherited".to_owned(),
    }
}

/// What shows on which brokers, where they differ: `7d (604800000) [Kafka default] on 1 and 3, not known on 2`.
pub(super) fn by_broker(key: &ConfigKey, values: &ValueByBroker) -> String {
    let group = |(told, brokers): (Option<&Inherited>, Vec<BrokerId>)| {
        let value = told.map_or_else(|| "not known".to_owned(), |told| inherited(key, Some(told)));
        format!("{value} on {}", listed(&brokers))
    };
    let groups: Vec<String> = values.groups(key).into_iter().map(group).collect();
    groups.join(", ")
}

/// `1`, `1 and 3`, `1, 2 and 3`.
pub(super) fn listed(brokers: &[BrokerId]) -> String {
    let ids: Vec<String> = brokers.iter().map(ToString::to_string).collect();
    match ids.split_last() {
        Some((last, [])) => last.clone(),
        Some((last, before)) => format!("{} and {last}", before.join(", ")),
        None => String::new(),
    }
}

/// `old → new` of a config that is set. What the broker hides is not told by way of the file either.
pub(super) fn set(set: &ConfigSet) -> String {
    let is_hidden = set.from.as_ref().is_some_and(|from| from.sensitive);
    let to = shown(&set.key, set.to.value.raw().filter(|_| !is_hidden));
    match &set.from {
        _ if !set.from_by_broker.is_empty() => {
            format!("{} → {to}", by_broker(&set.key, &set.from_by_broker))
        }
        Some(from) => format!("{} → {to}", present(&set.key, from)),
        None => format!("(not listed) → {to}"),
    }
}

/// `old → inherited` of a config that is reset.
pub(super) fn reset(reset: &ConfigReset) -> String {
    let from = shown(&reset.key, reset.from.value.as_deref());
    let to = if reset.to_by_broker.is_empty() {
        inherited(&reset.key, reset.to.as_ref())
    } else {
        by_broker(&reset.key, &reset.to_by_broker)
    };
    format!("{from} → {to}")
}

/// A change in a few words, for reports: `retention.ms 30d (2592000000) → 7d (604800000)`.
pub(super) fn change(change: &Change) -> String {
    match change {
        Change::Create(_) => "create".to_owned(),
        Change::Delete(deletion) => format!("delete, with {}", counted(deletion.partitions, "partition")),
        Change::GrowPartitions(change) => format!("partitions {}", growth(change)),
        Change::Reassign(change) => format!("replication {}", replication(change)),
        Change::CancelMoves(change) => format!("moves {}", cancelled(change)),
        Change::SetConfig(change) => format!("{} {}", change.key, set(change)),
        Change::ResetConfig(change) => format!("{} {}", change.key, reset(change)),
    }
}

/// `3 → 6`, with when it is done if that is not at once.
pub(super) fn growth(growth: &Growth) -> String {
    let later = if growth.after_replicas {
        ", after the replicas have moved"
    } else {
        ""
    };
    format!("{} → {}{later}", growth.from, growth.to.value)
}

/// `1 → 3, 6 partitions to move`; what is on its way already is said apart.
pub(super) fn replication(change: &ReplicationChange) -> String {
    let counted_moves = |number: usize, what: &str| format!(", {} {what}", counted(number, "partition"));
    let (sent, under_way) = (change.sent().count(), change.under_way.len());
    let mut text = format!("{} → {}", change.from, change.to.value);
    if sent > 0 {
        text.push_str(&counted_moves(sent, "to move"));
    }
    if under_way > 0 {
        text.push_str(&counted_moves(under_way, "under way already"));
    }
    text
}

/// `cancelled: partition 0 stays on 1, 2`.
pub(super) fn cancelled(change: &Cancellation) -> String {
    const NAMED: usize = 3;
    let named = change.moves.iter().take(NAMED).map(|(index, moving)| {
        let stays: Vec<String> = moving.without_added().iter().map(ToString::to_string).collect();
        format!("partition {index} stays on {}", stays.join(", "))
    });
    let more = if change.moves.len() > NAMED { "; …" } else { "" };
    format!("cancelled: {}{more}", named.collect::<Vec<_>>().join("; "))
}

/// The name of a risk class.
pub(super) fn class(class: RiskClass) -> &'static str {
    match class {
        RiskClass::Safe => "safe",
        RiskClass::Caution => "needs confirmation",
        RiskClass::Lossy => "lossy",
    }
}

/// The part of a plan that a broker is asked about.
pub(super) fn kind(kind: ChangeKind) -> &'static str {
    match kind {
        ChangeKind::Create => "creation",
        ChangeKind::Configs => "configs",
        ChangeKind::Partitions => "partitions",
        ChangeKind::Reassignments => "reassignment",
        ChangeKind::CancelMoves => "moves to cancel",
        ChangeKind::Delete => "deletion",
    }
}

/// Why a change may not be safe, or why it is, as a sentence without its full stop.
pub(super) fn reason(reason: &Reason) -> Sentence {
    reason_words(reason).into()
}

fn reason_words(reason: &Reason) -> String {
    match reason {
        Reason::ShorterRetention { to, loss: Some(loss), .. } => cost::shorter(loss, *to),
        Reason::ShorterRetention { to, loss: None, .. } => {
            format!("records older than {} can be deleted at once", quantity::human_duration(*to))
        }
        Reason::SmallerRetention { to, loss: Some(loss), .. } => cost::smaller(loss, *to),
        Reason::SmallerRetention { to, loss: None, .. } => format!(
            "the oldest records of each partition beyond {} can be deleted at once",
            quantity::human_size(*to)
        ),
        Reason::UnknownInherited { .. } => {
            "the inherited value could not be read, so it may be lower than the override".to_owned()
        }
        Reason::StartsDeleting { loss: Some(loss) } => cost::starts_deleting(loss),
        Reason::StartsDeleting { loss: None } => "records begin to be deleted by age or size".to_owned(),
        Reason::StartsCompacting { found: Some(found) } => cost::compacted(found),
        Reason::StartsCompacting { found: None } => {
            "only the latest record of each key is kept, and records without a key are refused".to_owned()
        }
        Reason::RemoteStorageDisabled { loss: Some(loss) } => cost::remote(loss),
        Reason::RemoteStorageDisabled { loss: None } => "records in remote storage will be deleted with it".to_owned(),
        Reason::DeletesTopic { deleted: Some(deleted) } => cost::deleted(deleted),
        Reason::DeletesTopic { deleted: None } => "everything in the topic will be deleted".to_owned(),
        Reason::MovesKeys { grown: Some(grown), .. } => cost::grown(grown),
        Reason::MovesKeys { grown: None, .. } => {
            "keyed records go to other partitions from then on, and consumers that start at `latest` can miss the first ones"
                .to_owned()
        }
        Reason::CopiesReplicas { copied: Some(copied) } => cost::copied(copied),
        Reason::CopiesReplicas { copied: None } => {
            "brokers copy what the topic holds, which takes network and disks".to_owned()
        }
        Reason::FewerReplicas { from, to, .. } => {
            format!("each record is on fewer brokers from then on ({from} → {to})")
        }
        Reason::MinInsyncAboveIsr { to, isr } => {
            format!("a partition has only {isr} in sync, so producers with acks=all stop until {to} are")
        }
        Reason::DropsCopies { brokers } if brokers.is_empty() => "no replica is moved any more".to_owned(),
        Reason::DropsCopies { brokers } => format!("what {} copied so far is deleted", named(brokers)),
        Reason::ForgetsEligibleLeaders { partitions, leaderless } => forgotten(partitions, leaderless),
        Reason::NoBrokerToSpare { to } => {
            format!("with {to} replicas, any one broker down stops producers with acks=all")
        }
        Reason::SmallerMessages { from, to, sample } => {
            let told = sample.as_ref().and_then(|sample| cost::messages(sample, *to));
            told.unwrap_or_else(|| {
                format!(
                    "producers that send batches of more than {} (up to {} is allowed now) start to fail",
                    quantity::human_size(*to),
                    quantity::human_size(*from)
                )
            })
        }
        Reason::CompactsSooner { to, loss: Some(loss), .. } => cost::sooner(loss, *to),
        Reason::CompactsSooner { from, to, loss: None } => format!(
            "records that newer ones of the same key supersede stay for {}, and no longer for {}",
            quantity::human_duration(*to),
            quantity::human_duration(*from)
        ),
        Reason::UncleanElection { leaderless } if leaderless.is_empty() => {
            "a replica that missed records may become leader, and what it missed is lost".to_owned()
        }
        Reason::UncleanElection { leaderless } => format!(
            "{} no leader: a replica that missed records becomes it, and what it missed is lost",
            match leaderless.len() {
                1 => "1 partition has".to_owned(),
                more => format!("{} have", counted(more, "partition")),
            }
        ),
        Reason::HasEffect { records: Some(records), .. } if records.is_nothing() => "the topic is empty".to_owned(),
        Reason::HasEffect { effect, .. } => effect.says.to_owned(),
        Reason::UnknownKey { key } => format!("topicctl does not know what {key} does"),
        Reason::CannotCompare { key } => format!("the present value of {key} is not known, so it cannot be compared"),
        Reason::ResetsUnlisted => "it was set on the cluster, and the file does not mention it".to_owned(),
        Reason::RemapsInternalTopic { topic } => remapped(*topic).to_owned(),
    }
}

fn remapped(topic: MappedTopic) -> &'static str {
    match topic {
        MappedTopic::ConsumerOffsets => {
            "brokers find a group's offsets by the number of partitions: as brokers restart, groups lose their offsets"
        }
        MappedTopic::TransactionState => {
            "brokers find transactions by the number of partitions: as leaders change or brokers restart, transactions \
             are not found and their producers stop"
        }
        MappedTopic::ShareGroupState => {
            "brokers find a share group's positions by the number of partitions: as brokers restart, share groups lose \
             their positions"
        }
        MappedTopic::RemoteLogMetadata => {
            "brokers whose remote.log.metadata.topic.num.partitions is another number start no tiered storage, and \
             records in remote storage cannot be read"
        }
    }
}

/// How many overrides are reset, how they are kept, and how the file gets them.
pub(super) fn unlisted_resets(resets: UnlistedResets) -> String {
    let (are, them) = if resets.overrides == 1 {
        ("is", "it")
    } else {
        ("are", "them")
    };
    format!(
        "{} on {} {are} not set in the file and will be reset. `unlisted: keep` keeps {them}; `topicctl export` \
         writes {them} into a file.",
        counted(resets.overrides, "override"),
        counted(resets.topics, "topic")
    )
}

/// What kind of a no it is.
pub(super) fn verdict(refusal: &Refusal) -> &'static str {
    match refusal {
        Refusal::Protected { .. } => "protected",
        Refusal::BreaksPolicy(_) => "violates the policy",
        Refusal::PolicyNotJudged(_) => "policy cannot be checked",
        Refusal::FewerPartitions { .. }
        | Refusal::DeletionDisabled
        | Refusal::CollidesWithDeleted { .. }
        | Refusal::PartitionsAboveLimit { .. }
        | Refusal::TooManyToCreate { .. }
        | Refusal::ReassignedElsewhere { .. }
        | Refusal::ReplicationAboveLiveBrokers { .. }
        | Refusal::MovesWithoutLeader { .. }
        | Refusal::GrowsWhileMoving { .. }
        | Refusal::CancelLosesRecords { .. }
        | Refusal::ReplicationAboveBrokers { .. }
        | Refusal::MinInsyncAboveReplication { .. }
        | Refusal::BrokersCannotOpen { .. }
        | Refusal::NotOffered { .. }
        | Refusal::LeftoverConfig { .. }
        | Refusal::RejectedByBroker { .. } => "impossible",
    }
}

/// What cannot be done.
pub(super) fn refused(refusal: &Refusal) -> Sentence {
    refused_words(refusal).into()
}

#[expect(clippy::too_many_lines, reason = "one arm for each kind of refusal")]
fn refused_words(refusal: &Refusal) -> String {
    match refusal {
        Refusal::FewerPartitions { from, to } => {
            format!("partitions {from} → {}: Kafka cannot remove partitions", to.value)
        }
        Refusal::ReassignedElsewhere { to, partitions } => format!(
            "replication {}: {} being moved to another number of replicas ({})",
            to.value,
            are_counted(partitions.len(), "partition"),
            elsewhere(partitions)
        ),
        Refusal::ReplicationAboveLiveBrokers { to, alive, cordoned } if cordoned.is_empty() => format!(
            "replication {}: only {} alive, and a copy cannot be made on one that is not",
            to.value,
            are_counted(*alive, "broker")
        ),
        Refusal::ReplicationAboveLiveBrokers { to, alive, cordoned } => format!(
            "replication {}: only {} alive and not cordoned, and {} cordoned",
            to.value,
            are_counted(*alive, "broker"),
            are_named(cordoned)
        ),
        Refusal::MovesWithoutLeader { to, partitions } => format!(
            "replication {}: no replica can be added or removed where there is no leader ({})",
            to.value,
            leaderless(partitions)
        ),
        Refusal::GrowsWhileMoving {
            from,
            to,
            partitions,
            words,
        } => {
            let told = words
                .as_ref()
                .map(|words| format!(": {}", foreign(words)))
                .unwrap_or_default();
            format!(
                "partitions {from} → {}: {} being moved ({}), and until that has ended new partitions would get \
                 another number of replicas{told}",
                to.value,
                are_counted(partitions.len(), "partition"),
                elsewhere(partitions)
            )
        }
        Refusal::CancelLosesRecords { partitions } => format!(
            "moves cannot be cancelled: only replicas that the move added have all records ({})",
            newcomers(partitions)
        ),
        Refusal::ReplicationAboveBrokers { to, registered } => format!(
            "replication {}: the cluster has only {} registered",
            to.value,
            counted(*registered, "broker")
        ),
        Refusal::MinInsyncAboveReplication {
            wanted, replication, ..
        } => format!(
            "min.insync.replicas {wanted} with replication {replication}: no producer with acks=all could ever write"
        ),
        Refusal::BrokersCannotOpen { key, to, why } => {
            let value = shown(key, to.value.raw());
            match why {
                Unopenable::IndexWithoutRoom => {
                    format!("{key} {value}: brokers cannot open an index of less than 12 bytes")
                }
                Unopenable::LocalAboveAll { all } => format!(
                    "{key} {value}: brokers of this release cannot open a topic that keeps more on their own disks than {all} says"
                ),
            }
        }
        Refusal::Protected { .. } => "state: absent: the topic is protected from being deleted".to_owned(),
        Refusal::CollidesWithDeleted { other } => format!(
            "its name collides in metrics with {other}, which this plan deletes: Kafka refuses it until that is deleted"
        ),
        Refusal::PartitionsAboveLimit { to, at_most } => {
            format!(
                "partitions {}: more than the {at_most} that a topic may get",
                to.value
            )
        }
        Refusal::TooManyToCreate { to, at_most } => format!(
            "partitions {}: Kafka creates a topic with at most {at_most} partitions",
            to.value
        ),
        Refusal::DeletionDisabled => {
            "the cluster deletes no topics: delete.topic.enable is false on its controllers".to_owned()
        }
        Refusal::BreaksPolicy(breach) => {
            let differing = breach.by_broker.iter();
            let differing = differing.map(|(key, values)| format!("; {key} is {}", by_broker(key, values)));
            let what = breach.broken.to_string();
            let differing: String = differing.collect();
            format!("{}{differing} ({})", printable(&what), breach.broken.rule())
        }
        Refusal::PolicyNotJudged(open) => format!(
            "{} cannot be checked: the file leaves {} to the cluster, which does not show it",
            open.rule, open.unknown
        ),
        Refusal::NotOffered { kind: part, missing } => format!("{}: {missing}", kind(*part)),
        Refusal::LeftoverConfig { key, words } => format!(
            "the topic has {key}, which the broker does not know any more, and so it refuses every change of the topic's \
             configs: {}",
            foreign(words)
        ),
        Refusal::RejectedByBroker { kind: part, words } => {
            format!("the broker refuses its {}: {}", kind(*part), foreign(words))
        }
    }
}

/// How moves are taken back.
const CANCEL: &str = "topicctl apply --cancel-moves TOPIC";

fn newcomers(partitions: &BTreeMap<i32, BTreeSet<BrokerId>>) -> String {
    let each = partitions.iter();
    let each = each.map(|(index, brokers)| format!("partition {index} on {}", named(brokers)));
    each.collect::<Vec<_>>().join("; ")
}

fn forgotten(partitions: &BTreeMap<i32, BTreeSet<BrokerId>>, leaderless: &BTreeSet<i32>) -> String {
    let each = partitions.iter();
    let each = each.map(|(index, brokers)| {
        let is_leaderless = leaderless.contains(index);
        let state = if is_leaderless {
            ", which has no leader,"
        } else {
            ""
        };
        format!("partition {index}{state} on {}", named(brokers))
    });
    let each = each.collect::<Vec<_>>().join("; ");
    let then = if leaderless.is_empty() {
        "without them, a partition that loses its leader may get another only by an unclean election"
    } else {
        "then only an unclean election gives the partition a leader, and records can be lost"
    };
    format!("Kafka forgets which replicas may lead without loss ({each}): {then}")
}

/// `1 broker is`, `2 brokers are`.
pub(super) fn are_counted(number: usize, what: &str) -> String {
    let is = if number == 1 { "is" } else { "are" };
    format!("{} {is}", counted(number, what))
}

/// `broker 3 is`, `brokers 2 and 3 are`.
fn are_named(brokers: &BTreeSet<BrokerId>) -> String {
    let is = if brokers.len() == 1 { "is" } else { "are" };
    format!("{} {is}", named(brokers))
}

/// `broker 3`, `brokers 1, 2 and 3`.
fn named(brokers: &BTreeSet<BrokerId>) -> String {
    let ids: Vec<String> = brokers.iter().map(ToString::to_string).collect();
    match ids.split_last() {
        None => "no broker".to_owned(),
        Some((only, [])) => format!("broker {only}"),
        Some((last, rest)) => format!("brokers {} and {last}", rest.join(", ")),
    }
}

/// The first of them: `0 was in sync on broker 2`.
fn leaderless(partitions: &BTreeMap<i32, BTreeSet<BrokerId>>) -> String {
    const NAMED: usize = 3;
    let each = partitions.iter().take(NAMED);
    let each = each.map(|(index, last)| format!("partition {index}, last in sync on {}", named(last)));
    let more = if partitions.len() > NAMED { "; …" } else { "" };
    format!("{}{more}", each.collect::<Vec<_>>().join("; "))
}

/// The first of them: `0 to 1, 2`.
fn elsewhere(partitions: &BTreeMap<i32, Vec<BrokerId>>) -> String {
    const NAMED: usize = 3;
    let named = partitions.iter().take(NAMED).map(|(index, target)| {
        let target: Vec<String> = target.iter().map(ToString::to_string).collect();
        format!("{index} to {}", target.join(", "))
    });
    let more = if partitions.len() > NAMED { "; …" } else { "" };
    format!("{}{more}", named.collect::<Vec<_>>().join("; "))
}

/// What to do instead, where that is known.
pub(super) fn instead(refusal: &Refusal) -> Option<String> {
    Some(match refusal {
        Refusal::FewerPartitions { from, to } => format!(
            "declare {from}, or make a new topic with {} and move producers and consumers to it",
            to.value
        ),
        Refusal::ReassignedElsewhere { .. } => {
            format!(
                "let that end, cancel it ({CANCEL}), or declare the number that it leads to, and run this again"
            )
        }
        Refusal::ReplicationAboveLiveBrokers { cordoned, .. } if cordoned.is_empty() => {
            "start the brokers that are down, or add some, and run this again".to_owned()
        }
        Refusal::ReplicationAboveLiveBrokers { cordoned, .. } => format!(
            "take {} out of cordoned.log.dirs, or add brokers, and run this again",
            named(cordoned)
        ),
        Refusal::MovesWithoutLeader { partitions, .. } => {
            let brokers = partitions.values().flatten().copied().collect();
            format!("bring {} back, and run this again", named(&brokers))
        }
        Refusal::GrowsWhileMoving { .. } => {
            format!("let that end or cancel it ({CANCEL}), and run this again")
        }
        Refusal::CancelLosesRecords { .. } => {
            "start the brokers that held the partition before, or those that it is moved to".to_owned()
        }
        Refusal::ReplicationAboveBrokers { registered, .. } => {
            format!("declare at most {registered}, or add brokers first")
        }
        Refusal::MinInsyncAboveReplication {
            declared: Some(_),
            replication,
            ..
        } => {
            format!("declare at most {replication}; one less leaves a broker to spare")
        }
        Refusal::MinInsyncAboveReplication { declared: None, .. } => {
            "declare min_insync_replicas for the topic, so that it does not inherit the cluster's".to_owned()
        }
        Refusal::BrokersCannotOpen {
            why: Unopenable::IndexWithoutRoom,
            ..
        } => "declare at least 12, or leave it to the cluster".to_owned(),
        Refusal::BrokersCannotOpen {
            why: Unopenable::LocalAboveAll { all },
            ..
        } => format!("declare local.{all} as -2, which follows {all}, or no more than {all}"),
        Refusal::Protected { .. } => {
            "keep the topic; to delete it, first remove its protection in a separate edit".to_owned()
        }
        Refusal::CollidesWithDeleted { other } => {
            format!("run apply with --skip-blocked, which deletes {other}, and then once more")
        }
        Refusal::PartitionsAboveLimit { to, .. } => {
            format!(
                "correct the number; if it is meant, add --max-partitions {}",
                to.value
            )
        }
        Refusal::TooManyToCreate { at_most, .. } => {
            format!(
                "declare {at_most} and apply, then the rest and apply again: more partitions are added in steps"
            )
        }
        Refusal::DeletionDisabled => {
            "keep the topic, or set delete.topic.enable=true in the controllers' properties and restart them"
                .to_owned()
        }
        Refusal::BreaksPolicy(breach) => printable(&breach.broken.instead()).into_owned(),
        Refusal::PolicyNotJudged(open) => {
            format!(
                "declare {}, or let it pass with --allow-unchecked-policy",
                open.unknown
            )
        }
        Refusal::NotOffered { kind, .. } => not_offered(*kind).to_owned(),
        Refusal::LeftoverConfig { key, .. } => format!(
            "take it off the topic with `unlisted: reset`, or with kafka-configs.sh --alter --entity-type topics \
             --delete-config {key}"
        ),
        Refusal::RejectedByBroker { words, .. } => return helps_against(words),
    })
}

/// What helps against a refusal, as far as the broker's words tell (`LogConfig.validateNames`,
/// `ReplicationControlManager` of Kafka 3.3 to 4.4). The file may well be right: then nothing is advised.
fn helps_against(words: &str) -> Option<String> {
    if let Some((_, named)) = words.split_once("Unknown topic config name: ") {
        let key = named.split([' ', ',']).next()?;
        let removed = known::lookup(key).and_then(KnownConfig::until);
        let since = removed.map_or_else(String::new, |last| {
            format!(" (Kafka {last} was the last release with it)")
        });
        return Some(format!("take {} out of the file{since}", printable(key)));
    }
    if words.starts_with("Invalid value ") {
        let (_, named) = words.split_once(" for configuration ")?;
        let key = named.split([' ', ':']).next()?;
        return Some(format!("state another value for {}", printable(key)));
    }
    let is_about_replication = words.contains("INVALID_REPLICATION_FACTOR");
    is_about_replication
        .then(|| "state a replication that the cluster takes, or leave it to the cluster".to_owned())
}

fn not_offered(kind: ChangeKind) -> &'static str {
    match kind {
        ChangeKind::Create => "state what is missing, or create the topic with the cluster's own tools",
        ChangeKind::Configs => {
            "change them with the cluster's own tools, or state the values that are in force"
        }
        ChangeKind::Partitions => "add partitions with the cluster's own tools, or state how many there are",
        ChangeKind::Reassignments => "state the replication that the topic has, or leave it out of the file",
        ChangeKind::CancelMoves => "let the moves end, or cancel them with the cluster's own tools",
        ChangeKind::Delete => "delete the topic with the cluster's own tools, and take it out of the file",
    }
}

/// Where the file asks for what is refused: `topics.yaml:7 (defaults)`.
pub(super) fn refused_at(refusal: &Refusal) -> Option<String> {
    let Refusal::BreaksPolicy(breach) = refusal else {
        return refusal.origin().map(ToString::to_string);
    };
    let policy = format!("{}:{} (policy)", breach.policy.file, breach.policy.line);
    Some(match &breach.stated {
        Some(stated) => format!("{stated}, {policy}"),
        None => policy,
    })
}

/// What is worth knowing.
pub(super) fn note(note: &Note) -> Sentence {
    note_words(note).into()
}

fn note_words(note: &Note) -> String {
    match note {
        Note::AliasExists { alias } => {
            format!("its older name {alias} exists on the cluster; that topic is left as it is")
        }
        Note::HiddenValue { key } => {
            format!("{key} is set, but the broker hides its value, so it is not compared")
        }
        Note::NotListed { key } => {
            format!("{key} is not among the configs that the cluster lists: it would not keep it, so it is not set")
        }
        Note::DroppedByService { key, service } => format!("{service} takes {key} and does not keep it"),
        Note::InForce { key } => format!(
            "{key} has the value of the file; the cluster shows it as inherited, whether it is set on the topic or not"
        ),
        Note::NotPinned { key, words } => format!(
            "{key} has the value of the file as the inherited one, and the broker refuses to set it on the topic: {}",
            foreign(words)
        ),
        Note::KeptOtherwise { key, shown: Some(shown) } => format!(
            "the cluster took {key} and shows {} instead: it keeps a value of its own, or somebody changed it meanwhile",
            value(key, shown)
        ),
        Note::KeptOtherwise { key, shown: None } => {
            format!("the cluster took {key} and did not keep it: it does not list it")
        }
        Note::CreatedOtherwise { stated, shown } => {
            format!("the file states {stated}, and the cluster created it with {shown}")
        }
        Note::ConfigsUnread { why } => {
            format!("its configs are not known, so they are not compared: {}", foreign(&why.words))
        }
        Note::ResetUnknown { key, why } => {
            format!("what {key} would be reset to is not known, so the worst is assumed: {}", foreign(&why.words))
        }
        Note::ValuesUnread { broker, why } => format!(
            "what it inherits on broker {broker} is not known, so the worst is assumed: {}",
            foreign(&why.words)
        ),
        Note::ThrottleLeft => {
            "a throttle of an earlier apply is on it; the next apply removes it once no replica is being moved"
                .to_owned()
        }
        Note::ReassignmentsUnread { why } => {
            format!("whether replicas of it are being moved already is not known: {}", foreign(&why.words))
        }
        Note::GrowsMixed { replication } => format!(
            "the replicas of its partitions are {replication}, and Kafka gives new ones as many as one of them has; state \
             `replication` to have the same number everywhere"
        ),
        Note::Cordoned { brokers } => format!("{} cordoned, so no replica is placed there", are_named(brokers)),
        Note::CreatedBesideDown { brokers } => format!(
            "{} down: a replica of the new topic there is not in sync before its broker is back",
            are_named(brokers)
        ),
        Note::CordonsUnread { why } => format!(
            "whether a broker is cordoned is not known, and Kafka refuses replicas on one that is: {}",
            foreign(&why.words)
        ),
        Note::NoBrokerToSpare { replicas } => format!(
            "min.insync.replicas equals replication ({replicas}): any one broker down stops producers with acks=all"
        ),
        Note::MinInsyncCapped { value, replication } => capped(*value, *replication),
        Note::MinInsyncAboveReplicas { value, replication } => format!(
            "min.insync.replicas {value} is above replication {replication}: before Kafka 3.7, producers with acks=all fail; \
             declare a lower min_insync_replicas or a higher replication"
        ),
        Note::ExemptFromPolicy { reason } => {
            format!(
                "exempt from the policy, with which it does not comply: {}",
                foreign(reason)
            )
        }
        Note::PolicyNotJudged(open) => format!(
            "{} of the policy cannot be checked: the file leaves {} to the cluster",
            open.rule, open.unknown
        ),
        Note::NotValidated { kind: part, why } => format!("{} not validated: {}", kind(*part), foreign(&why.to_string())),
    }
}

fn capped(value: i64, replication: Replication) -> String {
    match replication {
        Replication::Uniform(replicas) => format!(
            "min.insync.replicas {value} counts as {replicas}: the topic has {}",
            counted(replicas.as_usize(), "replica")
        ),
        Replication::Mixed { lowest, .. } => format!(
            "min.insync.replicas {value} counts as {lowest} where a partition has {}",
            counted(lowest.as_usize(), "replica")
        ),
    }
}

/// The counts of a plan in one line: `2 to create, 1 to change, 7 up to date; 1 can lose data (--allow-data-loss).`
pub(super) fn summary(plan: &Plan) -> String {
    let tally = PlanTally::of_plan(plan);
    let parts = [
        (tally.create, "to create"),
        (tally.change, "to change"),
        (tally.delete, "to delete"),
        (tally.blocked, "blocked"),
        (tally.unreadable, "not known"),
        (tally.in_sync, "up to date"),
    ];
    let doable = |topic: &&TopicPlan| topic.refusals.is_empty() && topic.unreadable.is_none();
    let of_class = |class| {
        plan.topics
            .values()
            .filter(doable)
            .filter(|topic| topic.class() == Some(class))
            .count()
    };
    let careful = of_class(RiskClass::Caution);
    let risks = [
        (
            careful,
            if careful == 1 {
                "needs confirmation (--yes)"
            } else {
                "need confirmation (--yes)"
            },
        ),
        (of_class(RiskClass::Lossy), "can lose data (--allow-data-loss)"),
    ];
    match (counts(&parts), counts(&risks)) {
        (parts, risks) if risks.is_empty() => format!("{parts}."),
        (parts, risks) => format!("{parts}; {risks}."),
    }
}
