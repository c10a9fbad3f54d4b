//! What cannot be done, what is worth knowing, and what could not be read.

use std::collections::BTreeSet;

use schemars::JsonSchema;
use serde::Serialize;

use super::policy::RuleName;
use super::value::{ConfigOnBrokers, DeclaredCount, DeclaredValue, OriginJson, PlaceJson, ReplicationJson};
use crate::model::{self, BrokerId, ConfigKey, ConfigText, Declared};
use crate::plan::{self, ChangeKind};
use crate::render::words;

const MIN_INSYNC: &str = "min.insync.replicas";

/// The part of a topic's plan that a broker is asked about.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(rename = "Part")]
pub(super) enum ChangePartJson {
    /// Its creation.
    Create,
    /// Its configs, set and reset together.
    Configs,
    /// Its growth in partitions.
    Partitions,
    /// Its reassignment.
    Reassignment,
    /// Its moves that are to be cancelled.
    CancelMoves,
    /// Its deletion.
    Delete,
}

impl From<ChangeKind> for ChangePartJson {
    fn from(kind: ChangeKind) -> Self {
        match kind {
            ChangeKind::Create => Self::Create,
            ChangeKind::Configs => Self::Configs,
            ChangeKind::Partitions => Self::Partitions,
            ChangeKind::Reassignments => Self::Reassignment,
            ChangeKind::CancelMoves => Self::CancelMoves,
            ChangeKind::Delete => Self::Delete,
        }
    }
}

/// Something that the file asks for and that cannot be done.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Refusal", deny_unknown_fields)]
pub(super) struct RefusalJson<'a> {
    /// Which refusal, with its numbers.
    #[serde(flatten)]
    case: RefusalCase<'a>,
    /// What cannot be done and why, as a sentence without its full stop.
    message: String,
    /// What to do instead, as a sentence without its full stop; null where that is not known.
    instead: Option<String>,
}

impl<'a> From<&'a plan::Refusal> for RefusalJson<'a> {
    fn from(refusal: &'a plan::Refusal) -> Self {
        Self {
            case: refusal.into(),
            message: words::refused(refusal).to_string(),
            instead: words::instead(refusal),
        }
    }
}

/// A refusal and its numbers.
#[derive(Serialize, JsonSchema)]
#[serde(tag = "code", rename_all = "snake_case")]
enum RefusalCase<'a> {
    /// Kafka has no way to take partitions away.
    FewerPartitions {
        /// How many there are.
        #[schemars(range(min = 1))]
        from: i32,
        /// How many are declared.
        to: DeclaredCount<'a>,
    },
    /// Somebody is moving partitions to another number of replicas.
    ReassignedElsewhere {
        /// How many are declared.
        to: DeclaredCount<'a>,
        /// Those partitions.
        partitions: Vec<Elsewhere>,
    },
    /// More replicas than brokers are alive and take new replicas.
    ReplicationAboveLiveBrokers {
        /// How many are declared.
        to: DeclaredCount<'a>,
        /// How many brokers are alive and take new replicas.
        alive: usize,
        /// The brokers that are alive and cordoned.
        cordoned: Vec<i32>,
    },
    /// Partitions that would be moved have no leader.
    MovesWithoutLeader {
        /// How many replicas are declared.
        to: DeclaredCount<'a>,
        /// Those partitions.
        partitions: Vec<LeaderlessPartitionJson>,
    },
    /// Partitions are being moved, and until that has ended new ones would get another number of replicas.
    GrowsWhileMoving {
        /// How many there are.
        #[schemars(range(min = 1))]
        from: i32,
        /// How many are declared.
        to: DeclaredCount<'a>,
        /// The partitions that are being moved.
        partitions: Vec<Elsewhere>,
        /// The broker's own words; null where it was not asked.
        words: Option<&'a str>,
    },
    /// Moves cannot be cancelled, since only replicas that they added have all records.
    CancelLosesRecords {
        /// Those partitions.
        partitions: Vec<Newcomers>,
    },
    /// More replicas than the cluster has brokers.
    ReplicationAboveBrokers {
        /// How many are declared.
        to: DeclaredCount<'a>,
        /// The brokers that are registered, dead ones included.
        registered: usize,
    },
    /// No producer with acks=all could ever write.
    MinInsyncAboveReplication {
        /// The value that `min.insync.replicas` would have.
        wanted: i64,
        /// Where it is declared; null where it would be inherited after a reset.
        declared: Option<DeclaredValue<'a>>,
        /// The replicas that the topic has or would get.
        replication: ReplicationJson,
    },
    /// The controller takes the value, and brokers cannot open a topic that has it.
    BrokersCannotOpen {
        /// The config.
        key: &'a str,
        /// The value.
        declared: DeclaredValue<'a>,
    },
    /// The file protects the topic from being deleted.
    Protected {
        /// Where it says `protect: true`.
        stated_at: OriginJson<'a>,
    },
    /// The name collides in metrics with that of a topic which the same plan deletes.
    CollidesWithDeleted {
        /// The other topic.
        other: &'a str,
    },
    /// More partitions than the run may give a topic.
    PartitionsAboveLimit {
        /// How many are declared.
        to: DeclaredCount<'a>,
        /// So many at most.
        at_most: i32,
    },
    /// More partitions than a topic can be created with at once.
    TooManyToCreate {
        /// How many are declared.
        to: DeclaredCount<'a>,
        /// So many at most.
        at_most: i32,
    },
    /// The cluster deletes no topics at all.
    DeletionDisabled {},
    /// The topic does not keep a bound of the policy.
    BreaksPolicy {
        /// The bound.
        rule: RuleName,
        /// The bound: a number in Kafka's own unit, or patterns with commas.
        wanted: String,
        /// What is there instead, in the same form; null where nothing is.
        found: Option<String>,
        /// Where the bound is stated.
        policy_at: PlaceJson<'a>,
        /// Where the offending value is declared; null where no layer does.
        declared_at: Option<OriginJson<'a>>,
        /// The configs that lead to it and that brokers inherit differently to the topic.
        by_broker: Vec<ConfigOnBrokers<'a>>,
    },
    /// Whether the topic keeps a bound of the policy is not known.
    PolicyNotJudged {
        /// The bound.
        rule: RuleName,
        /// What the file leaves to the cluster.
        unknown: &'static str,
    },
    /// The cluster has no request for it.
    NotOffered {
        /// Which part of the plan needs it.
        part: ChangePartJson,
        /// The request, by its Kafka name.
        request: &'static str,
        /// The first Kafka release that has it.
        since: &'static str,
    },
    /// The topic has an override of an older release, beside which the broker refuses every change of its configs.
    LeftoverConfig {
        /// The override.
        key: &'a str,
        /// The broker's own words.
        words: &'a str,
    },
    /// The broker was asked and says no.
    RejectedByBroker {
        /// Which part of the plan it was asked about.
        part: ChangePartJson,
        /// Its own words.
        words: &'a str,
    },
}

impl<'a> From<&'a plan::Refusal> for RefusalCase<'a> {
    fn from(refusal: &'a plan::Refusal) -> Self {
        match refusal {
            plan::Refusal::FewerPartitions { from, to } => Self::FewerPartitions {
                from: from.get(),
                to: to.into(),
            },
            plan::Refusal::ReassignedElsewhere { to, partitions } => Self::ReassignedElsewhere {
                to: to.into(),
                partitions: partitions.iter().map(Into::into).collect(),
            },
            plan::Refusal::ReplicationAboveLiveBrokers { to, alive, cordoned } => {
                Self::ReplicationAboveLiveBrokers {
                    to: to.into(),
                    alive: *alive,
                    cordoned: numbers(cordoned),
                }
            }
            plan::Refusal::MovesWithoutLeader { to, partitions } => Self::MovesWithoutLeader {
                to: to.into(),
                partitions: partitions.iter().map(Into::into).collect(),
            },
            plan::Refusal::GrowsWhileMoving {
                from,
                to,
                partitions,
                words,
            } => Self::GrowsWhileMoving {
                from: from.get(),
                to: to.into(),
                partitions: partitions.iter().map(Into::into).collect(),
                words: words.as_deref(),
            },
            plan::Refusal::CancelLosesRecords { partitions } => Self::CancelLosesRecords {
                partitions: partitions.iter().map(Into::into).collect(),
            },
            plan::Refusal::ReplicationAboveBrokers { to, registered } => Self::ReplicationAboveBrokers {
                to: to.into(),
                registered: *registered,
            },
            plan::Refusal::MinInsyncAboveReplication {
                wanted,
                declared,
                replication,
            } => Self::MinInsyncAboveReplication {
                wanted: *wanted,
                declared: declared.as_deref().and_then(min_insync),
                replication: (*replication).into(),
            },
            plan::Refusal::BrokersCannotOpen { key, to, why: _ } => Self::BrokersCannotOpen {
                key: key.as_str(),
                declared: DeclaredValue::new(key, to),
            },
            plan::Refusal::Protected { stated } => Self::Protected {
                stated_at: stated.into(),
            },
            plan::Refusal::CollidesWithDeleted { other } => Self::CollidesWithDeleted {
                other: other.as_str(),
            },
            plan::Refusal::PartitionsAboveLimit { to, at_most } => Self::PartitionsAboveLimit {
                to: to.into(),
                at_most: at_most.get(),
            },
            plan::Refusal::TooManyToCreate { to, at_most } => Self::TooManyToCreate {
                to: to.into(),
                at_most: at_most.get(),
            },
            plan::Refusal::DeletionDisabled => Self::DeletionDisabled {},
            plan::Refusal::BreaksPolicy(breach) => Self::BreaksPolicy {
                rule: breach.broken.rule().into(),
                wanted: breach.broken.wanted(),
                found: breach.broken.found(),
                policy_at: (&breach.policy).into(),
                declared_at: breach.stated.as_ref().map(Into::into),
                by_broker: breach.by_broker.iter().map(ConfigOnBrokers::new).collect(),
            },
            plan::Refusal::PolicyNotJudged(open) => Self::PolicyNotJudged {
                rule: open.rule.into(),
                unknown: open.unknown,
            },
            plan::Refusal::NotOffered { kind, missing } => Self::NotOffered {
                part: (*kind).into(),
                request: missing.request,
                since: missing.since,
            },
            plan::Refusal::LeftoverConfig { key, words } => Self::LeftoverConfig {
                key: key.as_str(),
                words,
            },
            plan::Refusal::RejectedByBroker { kind, words } => Self::RejectedByBroker {
                part: (*kind).into(),
                words,
            },
        }
    }
}

fn min_insync(declared: &Declared<ConfigText>) -> Option<DeclaredValue<'_>> {
    let key = ConfigKey::new(MIN_INSYNC).ok()?;
    Some(DeclaredValue::new(&key, declared))
}

fn numbers(brokers: &BTreeSet<BrokerId>) -> Vec<i32> {
    brokers.iter().map(|id| id.0).collect()
}

/// A partition without a leader.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Leaderless", deny_unknown_fields)]
struct LeaderlessPartitionJson {
    /// The partition's number.
    partition: i32,
    /// The brokers that were in sync last; those that hold replicas where that is not known.
    last_in_sync: Vec<i32>,
}

impl From<(&i32, &BTreeSet<BrokerId>)> for LeaderlessPartitionJson {
    fn from((partition, last): (&i32, &BTreeSet<BrokerId>)) -> Self {
        Self {
            partition: *partition,
            last_in_sync: numbers(last),
        }
    }
}

/// A partition whose only replicas in sync were added by a move.
#[derive(Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
struct Newcomers {
    /// The partition's number.
    partition: i32,
    /// The brokers that are in sync.
    in_sync: Vec<i32>,
}

impl From<(&i32, &BTreeSet<BrokerId>)> for Newcomers {
    fn from((partition, in_sync): (&i32, &BTreeSet<BrokerId>)) -> Self {
        Self {
            partition: *partition,
            in_sync: numbers(in_sync),
        }
    }
}

/// A partition that is being moved.
#[derive(Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
struct Elsewhere {
    /// The partition's number.
    partition: i32,
    /// The brokers that it is on its way to, preferred leader first.
    to: Vec<i32>,
}

impl From<(&i32, &Vec<BrokerId>)> for Elsewhere {
    fn from((partition, to): (&i32, &Vec<BrokerId>)) -> Self {
        Self {
            partition: *partition,
            to: to.iter().map(|id| id.0).collect(),
        }
    }
}

/// Something worth knowing that changes nothing.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Note", deny_unknown_fields)]
pub(super) struct NoteJson<'a> {
    /// Which note, with its facts.
    #[serde(flatten)]
    case: NoteCase<'a>,
    /// The note as a sentence, without its full stop.
    message: String,
}

impl<'a> From<&'a plan::Note> for NoteJson<'a> {
    fn from(note: &'a plan::Note) -> Self {
        Self {
            case: note.into(),
            message: words::note(note).to_string(),
        }
    }
}

/// A note and its facts.
#[derive(Serialize, JsonSchema)]
#[serde(tag = "code", rename_all = "snake_case")]
enum NoteCase<'a> {
    /// An older name of the topic exists on the cluster; it is left as it is.
    AliasExists {
        /// The older name.
        alias: &'a str,
    },
    /// The broker hides the value of a declared key, so it cannot be compared.
    HiddenValue {
        /// The key.
        key: &'a str,
    },
    /// The cluster does not list a config that the file states: it would not keep it, so that nothing is set.
    NotListed {
        /// The key.
        key: &'a str,
    },
    /// The service behind the cluster is known to take a config and not to keep it.
    DroppedByService {
        /// The key.
        key: &'a str,
        /// The service, such as `Redpanda`.
        service: String,
    },
    /// A stated value is in force. The cluster shows it as inherited, and does not tell whether it is the topic's own.
    InForce {
        /// The key.
        key: &'a str,
    },
    /// A stated value is in force as an inherited one, and the broker refuses to set it on the topic.
    NotPinned {
        /// The key.
        key: &'a str,
        /// The broker's words.
        words: &'a str,
    },
    /// The cluster took a value and shows another one.
    KeptOtherwise {
        /// The key.
        key: &'a str,
        /// The value that is shown; null where the config is not listed.
        shown: Option<&'a str>,
    },
    /// The cluster created the topic with other counts than the file states.
    CreatedOtherwise {
        /// What the file states, such as `replication 1`.
        stated: &'a str,
        /// What the cluster shows, in the same form.
        shown: &'a str,
    },
    /// The cluster has no request for configs, so that those in the file are not compared.
    ConfigsUnread {
        /// What the cluster lacks.
        why: &'a str,
    },
    /// What a key would be reset to is not known, so that the worst is assumed of it.
    ResetUnknown {
        /// The key.
        key: &'a str,
        /// Why the broker did not tell, in its own words where there are any.
        why: &'a str,
    },
    /// What the topic inherits on a broker that holds a replica is not known, so that the worst is assumed.
    ValuesUnread {
        /// The broker.
        broker: i32,
        /// Why it did not tell, in its own words where there are any.
        why: &'a str,
    },
    /// A throttle of an earlier apply is still on the topic.
    ThrottleLeft {},
    /// Whether replicas of the topic are being moved already is not known.
    ReassignmentsUnread {
        /// Why the cluster did not tell, in its own words where there are any.
        why: &'a str,
    },
    /// Partitions have different numbers of replicas, and Kafka gives new ones as many as one of them has.
    GrowsMixed {
        /// The fewest and the most replicas of any partition.
        replication: ReplicationJson,
    },
    /// Brokers are cordoned, and no replica is placed there.
    Cordoned {
        /// Those brokers.
        brokers: Vec<i32>,
    },
    /// A new topic gets replicas on brokers that are down: they are not in sync until those are back.
    CreatedBesideDown {
        /// Those brokers.
        brokers: Vec<i32>,
    },
    /// Whether a broker is cordoned is not known.
    CordonsUnread {
        /// Why a broker did not tell, in its own words where there are any.
        why: &'a str,
    },
    /// The new topic's producers with acks=all stop as soon as any one broker is down.
    NoBrokerToSpare {
        /// `min.insync.replicas` and replication alike.
        replicas: i64,
    },
    /// `min.insync.replicas` is above the number of replicas, and brokers take the smaller of both (Kafka 3.7).
    MinInsyncCapped {
        /// The value that the topic will have.
        value: i64,
        /// The replicas that it will have.
        replication: ReplicationJson,
    },
    /// `min.insync.replicas` is above the number of replicas, and the cluster is not known to be of Kafka 3.7 or later:
    /// before, brokers refuse every producer with acks=all.
    MinInsyncAboveReplicas {
        /// The value that the topic will have.
        value: i64,
        /// The replicas that it will have.
        replication: ReplicationJson,
    },
    /// The topic does not keep the policy, and is exempt from it.
    ExemptFromPolicy {
        /// Why, in the words of the file.
        reason: &'a str,
    },
    /// A bound of the policy could not be judged.
    PolicyNotJudged {
        /// The bound.
        rule: RuleName,
        /// What the file leaves to the cluster.
        unknown: &'static str,
    },
    /// The broker was not asked whether it would accept this part, or did not answer.
    NotValidated {
        /// Which part of the plan.
        part: ChangePartJson,
        /// Why not, such as the right that is missing.
        why: String,
    },
}

impl<'a> From<&'a plan::Note> for NoteCase<'a> {
    fn from(note: &'a plan::Note) -> Self {
        match note {
            plan::Note::AliasExists { alias } => Self::AliasExists {
                alias: alias.as_str(),
            },
            plan::Note::NotListed { key } => Self::NotListed { key: key.as_str() },
            plan::Note::DroppedByService { key, service } => Self::DroppedByService {
                key: key.as_str(),
                service: service.to_string(),
            },
            plan::Note::InForce { key } => Self::InForce { key: key.as_str() },
            plan::Note::NotPinned { key, words } => Self::NotPinned {
                key: key.as_str(),
                words,
            },
            plan::Note::KeptOtherwise { key, shown } => Self::KeptOtherwise {
                key: key.as_str(),
                shown: shown.as_deref(),
            },
            plan::Note::CreatedOtherwise { stated, shown } => Self::CreatedOtherwise { stated, shown },
            plan::Note::ConfigsUnread { why } => Self::ConfigsUnread { why: &why.words },
            plan::Note::HiddenValue { key } => Self::HiddenValue { key: key.as_str() },
            plan::Note::ResetUnknown { key, why } => Self::ResetUnknown {
                key: key.as_str(),
                why: &why.words,
            },
            plan::Note::ValuesUnread { broker, why } => Self::ValuesUnread {
                broker: broker.0,
                why: &why.words,
            },
            plan::Note::ThrottleLeft => Self::ThrottleLeft {},
            plan::Note::ReassignmentsUnread { why } => Self::ReassignmentsUnread { why: &why.words },
            plan::Note::GrowsMixed { replication } => Self::GrowsMixed {
                replication: (*replication).into(),
            },
            plan::Note::Cordoned { brokers } => Self::Cordoned {
                brokers: numbers(brokers),
            },
            plan::Note::CreatedBesideDown { brokers } => Self::CreatedBesideDown {
                brokers: numbers(brokers),
            },
            plan::Note::CordonsUnread { why } => Self::CordonsUnread { why: &why.words },
            plan::Note::NoBrokerToSpare { replicas } => Self::NoBrokerToSpare { replicas: *replicas },
            plan::Note::MinInsyncCapped { value, replication } => Self::MinInsyncCapped {
                value: *value,
                replication: (*replication).into(),
            },
            plan::Note::MinInsyncAboveReplicas { value, replication } => Self::MinInsyncAboveReplicas {
                value: *value,
                replication: (*replication).into(),
            },
            plan::Note::ExemptFromPolicy { reason } => Self::ExemptFromPolicy { reason },
            plan::Note::PolicyNotJudged(open) => Self::PolicyNotJudged {
                rule: open.rule.into(),
                unknown: open.unknown,
            },
            plan::Note::NotValidated { kind, why } => Self::NotValidated {
                part: (*kind).into(),
                why: why.to_string(),
            },
        }
    }
}

/// Why a topic could not be read.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Unreadable", deny_unknown_fields)]
pub(super) struct UnreadableJson<'a> {
    /// What was asked, such as "its configs".
    what: &'a str,
    /// The reason, in the broker's own words where there are any.
    reason: &'a str,
}

impl<'a> From<&'a model::Unreadable> for UnreadableJson<'a> {
    fn from(unreadable: &'a model::Unreadable) -> Self {
        Self {
            what: unreadable.what,
            reason: &unreadable.reason.words,
        }
    }
}
