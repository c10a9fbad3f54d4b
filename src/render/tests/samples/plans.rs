//! Plans: with every change, refusal and note, and with each overall status.

use std::collections::{BTreeMap, BTreeSet};

use super::reasons::every_reason;
use super::{
    declared, hidden, id, key, name, noted, observed, partitions, place, plan, prod, raw, refused, replicas,
    risky, safe, topic, written,
};
use crate::model::policy::{Breach, BrokenBound, Rule, UnjudgedBound};
use crate::model::{
    AclOperation, BrokerId, ConfigSource, Disks, Inherited, InheritedByBroker, Layer, NotOffered, Origin,
    Pattern, Reassignment, Replication, RequiredAcl, Service, Unreadable, ValueByBroker,
};
use crate::plan::{
    Cancellation, Change, ChangeKind, ConfigReset, ConfigSet, Copied, Creation, Deletion, DeletionCause,
    Growth, Note, Plan, PlannedChange, Reason, Refusal, ReplicationChange, TopicPlan, Unopenable,
    Unvalidated,
};

pub(in super::super) fn in_sync() -> Plan {
    plan([
        ("prod.audit", topic(3, vec![])),
        ("prod.orders", topic(4, vec![])),
    ])
}

/// Something to create, to change and to delete, all of it possible.
pub(in super::super) fn changes() -> Plan {
    let disks = Disks {
        total: 107_374_182_400,
        usable: 75_161_927_680,
    };
    let plan = plan([
        ("prod.audit", topic(3, vec![])),
        ("prod.created", topic(10, vec![creation()])),
        ("prod.created-by-default", topic(11, vec![bare_creation()])),
        ("prod.deleted", topic(20, vec![deletion()])),
        ("prod.forgotten", pruned()),
        (
            "prod.grown",
            topic(30, vec![growth(), set_retention(), reset_known()]),
        ),
        ("prod.moved", topic(36, vec![reassignment()])),
    ]);
    Plan {
        disks: BTreeMap::from([(BrokerId(2), disks)]),
        throttle: Some(10_485_760),
        ..plan
    }
}

pub(in super::super) fn blocked() -> Plan {
    plan([
        ("prod.audit", topic(3, vec![])),
        ("prod.orders", refused(40, vec![fewer_partitions()])),
    ])
}

/// Every change, every reason, every refusal, every note, and topics that could not be read.
pub(in super::super) fn every_case() -> Plan {
    let mut all = changes();
    all.topics.extend(odd_configs().topics);
    all.topics.extend(refusals().topics);
    all.topics.extend(notes().topics);
    all.topics.extend(unreadable().topics);
    all.topics
        .extend(plan([("prod.cancelled", topic(71, vec![cancelled()]))]).topics);
    all
}

pub(in super::super) fn unreadable() -> Plan {
    let secret = TopicPlan {
        unreadable: Some(Unreadable {
            what: "its configs",
            reason: super::denied(AclOperation::DescribeConfigs, "prod.secret"),
        }),
        ..topic(70, vec![])
    };
    plan([("prod.secret", secret)])
}

/// Values from outside that would be markup, mentions or formulas.
pub(in super::super) fn hostile() -> Plan {
    let words = "<img src=x> | `rm` | @kafka/admins #12 *a* _b_ [c](http://d) $x$ ~e~ &amp; \u{202e}f\r\n# g";
    let rejected = Refusal::RejectedByBroker {
        kind: ChangeKind::Configs,
        words: words.into(),
    };
    let mut odd = refused(1, vec![rejected]);
    odd.changes.push(safe(Change::SetConfig(ConfigSet {
        key: key("vendor.``key"),
        from: Some(observed("`a``b` | <b>", ConfigSource::Topic)),
        from_by_broker: ValueByBroker::default(),
        to: declared(
            written("\n@admins | </details>", "x"),
            2,
            Layer::Profile("a`b|<i>".into()),
        ),
    })));
    plan([("prod.__odd__", odd)])
}

/// So many topics to create, to change or to delete, one of each in turn.
pub(in super::super) fn many(topics: u32) -> Plan {
    let one = |index: u32| {
        let changes = match index % 3 {
            0 => vec![creation()],
            1 => vec![growth(), set_retention(), reset_known()],
            _ => vec![deletion()],
        };
        (name(&format!("prod.topic-{index:05}")), topic(index + 1, changes))
    };
    Plan {
        topics: (0..topics).map(one).collect(),
        ..Plan::default()
    }
}

pub(super) fn creation() -> PlannedChange {
    let configs = BTreeMap::from([
        (
            key("cleanup.policy"),
            declared(written("delete", "delete"), 5, Layer::Defaults),
        ),
        (
            key("retention.ms"),
            declared(written("604800000", "7d"), 12, Layer::Topic),
        ),
    ]);
    safe(Change::Create(Creation {
        partitions: Some(declared(partitions(12), 15, Layer::TopicProfile(prod()))),
        replication: Some(declared(replicas(3), 8, Layer::Profile(prod()))),
        configs,
    }))
}

fn bare_creation() -> PlannedChange {
    safe(Change::Create(Creation {
        partitions: None,
        replication: None,
        configs: BTreeMap::new(),
    }))
}

pub(super) fn deletion() -> PlannedChange {
    let deletion = Deletion {
        id: id(7),
        partitions: 3,
        cause: DeletionCause::StatedAbsent(place(21, 12)),
    };
    risky(Change::Delete(deletion), [Reason::DeletesTopic { deleted: None }])
}

/// A topic that the file does not name.
fn pruned() -> TopicPlan {
    let deletion = Deletion {
        id: id(8),
        partitions: 1,
        cause: DeletionCause::Pruned(Pattern::new(&raw("prod.*"))),
    };
    let delete = risky(Change::Delete(deletion), [Reason::DeletesTopic { deleted: None }]);
    TopicPlan {
        place: None,
        ..topic(0, vec![delete])
    }
}

pub(super) fn growth() -> PlannedChange {
    let (from, to) = (partitions(3), partitions(12));
    let growth = Growth {
        from,
        to: declared(to, 31, Layer::Topic),
        replicas: Vec::new(),
        after_replicas: false,
        beside_moves: BTreeMap::new(),
    };
    risky(
        Change::GrowPartitions(growth),
        [Reason::MovesKeys {
            from,
            to,
            grown: None,
        }],
    )
}

/// Partitions that get, lose and only reorder replicas, and one that is on its way.
pub(super) fn reassignment() -> PlannedChange {
    let rows = |rows: [&[i32]; 4]| {
        rows.map(|ids| ids.iter().copied().map(BrokerId).collect())
            .to_vec()
    };
    let from = Replication::Mixed {
        lowest: replicas(1),
        highest: replicas(3),
    };
    let change = ReplicationChange {
        from,
        to: declared(replicas(2), 36, Layer::Profile(prod())),
        before: rows([&[1], &[1, 2, 3], &[1, 3], &[2]]),
        after: rows([&[1, 2], &[2, 3], &[3, 1], &[2, 3]]),
        under_way: [3].into(),
    };
    let copied = Copied {
        to: BTreeMap::from([(BrokerId(2), 1_288_490_189)]),
        from: BTreeMap::from([(BrokerId(1), 1_288_490_189)]),
        freed: BTreeMap::from([(BrokerId(1), 1_048_576)]),
        kept: [BrokerId(3)].into(),
        unread: BTreeSet::new(),
    };
    let fewer = Reason::FewerReplicas {
        from,
        to: replicas(2),
        freed: Some(Box::new(copied.clone())),
    };
    let moved = Reason::CopiesReplicas {
        copied: Some(Box::new(copied)),
    };
    risky(Change::Reassign(change), [moved, fewer])
}

fn cancelled() -> PlannedChange {
    let moving = |all: &[i32], adding: &[i32], removing: &[i32]| {
        let ids = |ids: &[i32]| ids.iter().copied().map(BrokerId).collect();
        Reassignment {
            replicas: ids(all),
            adding: ids(adding),
            removing: ids(removing),
        }
    };
    let moves = BTreeMap::from([
        (0, moving(&[3, 1], &[3], &[1])),
        (4, moving(&[2, 1, 3], &[3], &[])),
    ]);
    let dropped = Reason::DropsCopies {
        brokers: [BrokerId(3)].into(),
    };
    risky(Change::CancelMoves(Cancellation { moves }), [dropped])
}

pub(super) fn set_retention() -> PlannedChange {
    let set = ConfigSet {
        key: key("retention.ms"),
        from: Some(observed("2592000000", ConfigSource::Topic)),
        from_by_broker: ValueByBroker::default(),
        to: declared(written("604800000", "7d"), 32, Layer::Topic),
    };
    let shorter = Reason::ShorterRetention {
        from: Some(2_592_000_000),
        to: 604_800_000,
        loss: None,
    };
    risky(Change::SetConfig(set), [shorter])
}

fn reset_known() -> PlannedChange {
    let reset = Change::ResetConfig(ConfigReset {
        key: key("segment.bytes"),
        from: observed("268435456", ConfigSource::Topic),
        to: Some(Inherited {
            value: Some("1073741824".into()),
            source: ConfigSource::Default,
        }),
        to_by_broker: ValueByBroker::default(),
    });
    risky(reset, [Reason::ResetsUnlisted])
}

/// Values that are hidden, missing or from odd places, and every reason there is.
fn odd_configs() -> Plan {
    let set = |from| {
        Change::SetConfig(ConfigSet {
            key: key("vendor.token"),
            from,
            from_by_broker: ValueByBroker::default(),
            to: declared(written("not-for-you", "not-for-you"), 33, Layer::Topic),
        })
    };
    let reset_unknown = Change::ResetConfig(ConfigReset {
        key: key("max.message.bytes"),
        from: observed("2097152", ConfigSource::Topic),
        to: None,
        to_by_broker: ValueByBroker::default(),
    });
    let sources = [
        ConfigSource::Broker,
        ConfigSource::Cluster,
        ConfigSource::BrokerFile,
        ConfigSource::Other(9),
    ];
    let from_everywhere = sources.map(|source| {
        safe(Change::SetConfig(ConfigSet {
            key: key("retention.ms"),
            from: Some(observed("-1", source)),
            from_by_broker: ValueByBroker::default(),
            to: declared(written("-1", "forever"), 34, Layer::Topic),
        }))
    });
    plan([
        (
            "prod.odd.hidden",
            topic(50, vec![safe(set(Some(hidden(ConfigSource::Default))))]),
        ),
        (
            "prod.odd.reasons",
            topic(51, vec![risky(reset_unknown, every_reason())]),
        ),
        ("prod.odd.by-broker", topic(54, by_broker())),
        ("prod.odd.sources", topic(52, from_everywhere.to_vec())),
        (
            "prod.odd.unlisted",
            topic(
                53,
                vec![safe(Change::SetConfig(ConfigSet {
                    key: key("vendor.level"),
                    from: None,
                    from_by_broker: ValueByBroker::default(),
                    to: declared(written("", ""), 35, Layer::Topic),
                }))],
            ),
        ),
    ])
}

/// Brokers that differ in what they inherit to a topic, and one that does not tell.
fn by_broker() -> Vec<PlannedChange> {
    let key = key("retention.ms");
    let set = ConfigSet {
        key: key.clone(),
        from: Some(observed("2592000000", ConfigSource::Default)),
        from_by_broker: retention_by_broker(),
        to: declared(written("3600000", "1h"), 36, Layer::Topic),
    };
    let reset = ConfigReset {
        key: key.clone(),
        from: observed("-1", ConfigSource::Topic),
        to: Some(inherited("2592000000", ConfigSource::Default)),
        to_by_broker: retention_by_broker(),
    };
    vec![safe(Change::SetConfig(set)), safe(Change::ResetConfig(reset))]
}

fn inherited(value: &str, source: ConfigSource) -> Inherited {
    Inherited {
        value: Some(value.into()),
        source,
    }
}

fn retention_by_broker() -> ValueByBroker {
    let key = key("retention.ms");
    let mut asked = InheritedByBroker {
        keys: [key.clone()].into(),
        ..InheritedByBroker::default()
    };
    let told = [
        (1, Some(inherited("2592000000", ConfigSource::Default))),
        (2, Some(inherited("3600000", ConfigSource::Broker))),
        (3, Some(inherited("2592000000", ConfigSource::BrokerFile))),
        (4, None),
    ];
    for (id, inherited) in told {
        let inherited = inherited.map(|inherited| (key.clone(), inherited));
        asked
            .brokers
            .insert(BrokerId(id), Ok(inherited.into_iter().collect()));
    }
    asked.value_by_broker(&key)
}

fn fewer_partitions() -> Refusal {
    Refusal::FewerPartitions {
        from: partitions(12),
        to: declared(partitions(3), 41, Layer::Topic),
    }
}

#[expect(clippy::too_many_lines, reason = "one of each kind")]
fn refusals() -> Plan {
    let elsewhere = Refusal::ReassignedElsewhere {
        to: declared(replicas(3), 42, Layer::Defaults),
        partitions: BTreeMap::from([(0, vec![BrokerId(1)]), (4, vec![BrokerId(2), BrokerId(1)])]),
    };
    let above_live = Refusal::ReplicationAboveLiveBrokers {
        to: declared(replicas(3), 43, Layer::Defaults),
        alive: 2,
        cordoned: BTreeSet::new(),
    };
    let cordoned = Refusal::ReplicationAboveLiveBrokers {
        to: declared(replicas(3), 43, Layer::Defaults),
        alive: 1,
        cordoned: [BrokerId(2), BrokerId(3)].into(),
    };
    let leaderless = Refusal::MovesWithoutLeader {
        to: declared(replicas(3), 43, Layer::Defaults),
        partitions: BTreeMap::from([(0, [BrokerId(2)].into()), (5, [BrokerId(1), BrokerId(2)].into())]),
    };
    let moving = Refusal::GrowsWhileMoving {
        from: partitions(3),
        to: declared(partitions(6), 43, Layer::Topic),
        partitions: BTreeMap::from([(2, vec![BrokerId(3)])]),
        words: Some("not consistent with previous partitions (INVALID_REPLICA_ASSIGNMENT)".into()),
    };
    let newcomer = Refusal::CancelLosesRecords {
        partitions: BTreeMap::from([(2, [BrokerId(3)].into())]),
    };
    let above_brokers = Refusal::ReplicationAboveBrokers {
        to: declared(replicas(3), 43, Layer::Defaults),
        registered: 1,
    };
    let min_insync = |declared| Refusal::MinInsyncAboveReplication {
        wanted: 4,
        declared,
        replication: Replication::Uniform(replicas(3)),
    };
    let declared_min = declared(written("4", "4"), 44, Layer::TopicProfile(prod()));
    let unopenable = |name: &str, value: &str, why| Refusal::BrokersCannotOpen {
        key: key(name),
        to: Box::new(declared(written(value, value), 45, Layer::Defaults)),
        why,
    };
    let rejected = |kind, words: &str| Refusal::RejectedByBroker {
        kind,
        words: raw(words).into(),
    };
    let partly = TopicPlan {
        refusals: vec![fewer_partitions()],
        ..topic(60, vec![set_retention()])
    };
    let protected = Refusal::Protected {
        stated: Origin {
            place: place(46, 14),
            layer: Layer::Profile(prod()),
        },
    };
    plan([
        ("prod.refused.elsewhere", refused(67, refused_elsewhere())),
        ("prod.refused.policy", refused(64, breaches())),
        (
            "prod.refused.unopenable",
            refused(
                66,
                vec![
                    unopenable("segment.index.bytes", "4", Unopenable::IndexWithoutRoom),
                    unopenable(
                        "local.retention.ms",
                        "-1",
                        Unopenable::LocalAboveAll { all: "retention.ms" },
                    ),
                ],
            ),
        ),
        ("prod.refused.partly", partly),
        ("prod.refused.protected", refused(64, vec![protected])),
        (
            "prod.refused.disabled",
            refused(64, vec![Refusal::DeletionDisabled]),
        ),
        ("prod.refused.limits", refused(65, limits())),
        (
            "prod.refused.replication",
            refused(
                61,
                vec![
                    elsewhere,
                    above_live,
                    cordoned,
                    leaderless,
                    moving,
                    newcomer,
                    above_brokers,
                ],
            ),
        ),
        (
            "prod.refused.insync",
            refused(
                62,
                vec![min_insync(Some(Box::new(declared_min))), min_insync(None)],
            ),
        ),
        (
            "prod.refused.broker",
            refused(
                63,
                vec![
                    rejected(ChangeKind::Create, "Topic name is reserved (POLICY_VIOLATION)"),
                    rejected(
                        ChangeKind::Configs,
                        "Unknown topic config name: vendor.level (INVALID_CONFIG)",
                    ),
                    rejected(ChangeKind::Partitions, "too many (POLICY_VIOLATION)"),
                    rejected(ChangeKind::Reassignments, "not now (POLICY_VIOLATION)"),
                    rejected(ChangeKind::Delete, "not here (POLICY_VIOLATION)"),
                ],
            ),
        ),
    ])
}

fn limits() -> Vec<Refusal> {
    let to = declared(partitions(150_000), 66, Layer::Topic);
    vec![
        Refusal::CollidesWithDeleted {
            other: name("prod.refused_limits"),
        },
        Refusal::PartitionsAboveLimit {
            to: to.clone(),
            at_most: partitions(100_000),
        },
        Refusal::TooManyToCreate {
            to,
            at_most: partitions(9_999),
        },
        Refusal::PolicyNotJudged(UnjudgedBound {
            rule: Rule::MinReplication,
            unknown: "replication",
        }),
    ]
}

/// Every bound there is, broken.
fn breaches() -> Vec<Refusal> {
    let all = [
        BrokenBound::Replication {
            at_least: replicas(3),
            is: replicas(1),
        },
        BrokenBound::Partitions {
            at_most: partitions(12),
            is: partitions(48),
            are_there: false,
        },
        BrokenBound::Partitions {
            at_most: partitions(12),
            is: partitions(48),
            are_there: true,
        },
        BrokenBound::ShortRetention {
            at_least: 86_400_000,
            is: 3_600_000,
        },
        BrokenBound::LongRetention {
            at_most: 2_592_000_000,
            is: -1,
        },
        BrokenBound::MinInsync {
            at_least: replicas(2),
            is: 1,
        },
        BrokenBound::SpareReplicas {
            at_least: replicas(1),
            min_insync: 3,
            replication: replicas(3),
        },
        BrokenBound::Name {
            name: raw("Orders").into(),
            allowed: vec![Pattern::new(&raw("orders.*")), Pattern::new("*.v?")],
        },
        BrokenBound::MissingConfig {
            required: Pattern::new(&raw("retention.ms")),
        },
        BrokenBound::ForbiddenConfig {
            forbidden: Pattern::new(&raw("unclean.*")),
            key: key("unclean.leader.election.enable"),
            is_kept: false,
        },
        BrokenBound::ForbiddenConfig {
            forbidden: Pattern::new("unclean.*"),
            key: key("unclean.leader.election.enable"),
            is_kept: true,
        },
    ];
    let breach = |(line, broken): (u32, BrokenBound)| {
        let declared = !matches!(
            broken,
            BrokenBound::Name { .. } | BrokenBound::MissingConfig { .. }
        );
        let stated = declared.then(|| Origin {
            place: place(46, 14),
            layer: Layer::Topic,
        });
        let policy = place(line, 20);
        let is_inherited = matches!(broken, BrokenBound::ShortRetention { .. });
        let by_broker = is_inherited.then(|| (key("retention.ms"), retention_by_broker()));
        let by_broker = by_broker.into_iter().collect();
        Refusal::BreaksPolicy(Box::new(Breach {
            broken,
            policy,
            stated,
            by_broker,
        }))
    };
    (3..).zip(all).map(breach).collect()
}

#[expect(clippy::too_many_lines, reason = "one line for each note")]
fn notes() -> Plan {
    let not_validated = |kind| Note::NotValidated {
        kind,
        why: Unvalidated::NeedsRight(RequiredAcl::on_topic(
            AclOperation::Alter,
            &name("prod.noted.changed"),
        )),
    };
    let all = [
        Note::AliasExists {
            alias: name("orders_v1"),
        },
        Note::HiddenValue {
            key: key("vendor.token"),
        },
        Note::NotListed {
            key: key("min.insync.replicas"),
        },
        Note::DroppedByService {
            key: key("min.insync.replicas"),
            service: Service::Redpanda,
        },
        Note::InForce {
            key: key("cleanup.policy"),
        },
        Note::NotPinned {
            key: key("cleanup.policy"),
            words: raw("Altering cleanup.policy is not allowed (POLICY_VIOLATION)").into(),
        },
        Note::KeptOtherwise {
            key: key("retention.ms"),
            shown: Some(raw("3600000").into()),
        },
        Note::KeptOtherwise {
            key: key("flush.ms"),
            shown: None,
        },
        Note::CreatedOtherwise {
            stated: "replication 1".to_owned(),
            shown: "3".to_owned(),
        },
        Note::ConfigsUnread {
            why: "the cluster does not offer DescribeConfigs (Kafka 1.1)".into(),
        },
        Note::ResetUnknown {
            key: key("retention.ms"),
            why: super::lacking(RequiredAcl::on_cluster(AclOperation::DescribeConfigs)),
        },
        Note::ValuesUnread {
            broker: BrokerId(2),
            why: "broker 2 is not alive".into(),
        },
        Note::ThrottleLeft,
        Note::ReassignmentsUnread {
            why: super::lacking(RequiredAcl::on_cluster(AclOperation::Describe)),
        },
        Note::GrowsMixed {
            replication: Replication::Mixed {
                lowest: replicas(1),
                highest: replicas(3),
            },
        },
        Note::Cordoned {
            brokers: [BrokerId(3)].into(),
        },
        Note::CreatedBesideDown {
            brokers: [BrokerId(3)].into(),
        },
        Note::CordonsUnread {
            why: super::lacking(RequiredAcl::on_cluster(AclOperation::Describe)),
        },
        Note::NoBrokerToSpare { replicas: 3 },
        Note::MinInsyncCapped {
            value: 2,
            replication: Replication::Uniform(replicas(1)),
        },
        Note::MinInsyncCapped {
            value: 3,
            replication: Replication::Mixed {
                lowest: replicas(2),
                highest: replicas(3),
            },
        },
        Note::MinInsyncAboveReplicas {
            value: 2,
            replication: Replication::Uniform(replicas(1)),
        },
        Note::ExemptFromPolicy {
            reason: raw("moves away in spring").into(),
        },
        Note::PolicyNotJudged(UnjudgedBound {
            rule: Rule::MinReplication,
            unknown: "replication",
        }),
        not_validated(ChangeKind::Configs),
    ];
    plan([
        ("prod.noted.changed", noted(topic(65, vec![creation()]), all)),
        (
            "prod.noted.in-sync",
            noted(
                topic(66, vec![]),
                [Note::AliasExists {
                    alias: name("payments_v1"),
                }],
            ),
        ),
    ])
}

/// What only clusters other than Apache Kafka, or brokers of another release, refuse.
fn refused_elsewhere() -> Vec<Refusal> {
    let not_offered = |kind, request| Refusal::NotOffered {
        kind,
        missing: NotOffered {
            request,
            since: "2.4",
        },
    };
    let rejected = |kind, words: &str| Refusal::RejectedByBroker {
        kind,
        words: raw(words).into(),
    };
    vec![
        not_offered(ChangeKind::Create, "CreateTopics"),
        not_offered(ChangeKind::Configs, "IncrementalAlterConfigs"),
        not_offered(ChangeKind::Partitions, "CreatePartitions"),
        not_offered(ChangeKind::Reassignments, "AlterPartitionReassignments"),
        not_offered(ChangeKind::CancelMoves, "AlterPartitionReassignments"),
        not_offered(ChangeKind::Delete, "DeleteTopics"),
        Refusal::LeftoverConfig {
            key: key("message.format.version"),
            words: raw("Unknown topic config name: message.format.version (INVALID_CONFIG)").into(),
        },
        rejected(
            ChangeKind::Configs,
            "Unknown topic config name: message.format.version (INVALID_CONFIG)",
        ),
        rejected(
            ChangeKind::Create,
            "Unknown topic config name: retention.mss (INVALID_CONFIG)",
        ),
        rejected(
            ChangeKind::Create,
            "replication factor must be 3 (INVALID_REPLICATION_FACTOR)",
        ),
    ]
}
