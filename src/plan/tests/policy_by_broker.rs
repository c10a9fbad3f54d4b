//! A policy against what a topic inherits: which brokers are asked, and that the worst of their values counts.

use super::sides::{Seen, Wanted};
use super::words::lines;
use super::{Scene, name, only, place, replication_factor};
use crate::model::policy::{Bound, Exemption, Policy};
use crate::model::{
    BrokerId, ConfigSource, Inherited, InheritedByBroker, RegisteredBrokers, TopicObservation,
};
use crate::plan::{CreatedSettings, values_to_ask};

const DAY: i64 = 86_400_000;

#[expect(clippy::unnecessary_wraps, reason = "it is what a field of a policy takes")]
fn bound<T>(value: T) -> Option<Bound<T>> {
    let place = place(2);
    Some(Bound { value, place })
}

/// One bound.
fn policy(rule: &str) -> Policy {
    let mut policy = Policy::default();
    match rule {
        "min_retention" => policy.min_retention = bound(DAY),
        "max_retention" => policy.max_retention = bound(DAY),
        "min_insync" => policy.min_insync_replicas = bound(replication_factor(2)),
        "min_spare" => policy.min_spare_replicas = bound(replication_factor(1)),
        "max_partitions" => policy.max_partitions = bound(super::partition_count(9)),
        other => panic!("no rule {other}"),
    }
    policy
}

/// `KEY KEY on BROKER BROKER`; nothing where nothing is asked.
fn asked(scene: &Scene) -> String {
    let asked = values_to_ask(&scene.desired, &scene.observed);
    let Some(asked) = asked.get(&name("orders")) else {
        return String::new();
    };
    assert!(asked.others.is_empty(), "{asked:?}");
    let words = |words: Vec<String>| words.join(" ");
    let keys = words(asked.keys.iter().map(ToString::to_string).collect());
    let brokers = words(asked.brokers.iter().map(ToString::to_string).collect());
    format!("{keys} on {brokers}")
}

#[test]
fn only_what_a_bound_depends_on_is_asked() {
    let rows = [
        ("min_retention", "", "", "cleanup.policy retention.ms on 1 3"),
        ("max_retention", "", "", "cleanup.policy retention.ms on 1 3"),
        ("min_insync", "", "", "min.insync.replicas on 1 3"),
        ("min_spare", "", "", "min.insync.replicas on 1 3"),
        ("max_partitions", "", "", ""),
        // The topic has its own, which keeps the bound.
        ("min_retention", "", "own retention.ms=86400000", ""),
        ("max_retention", "", "own retention.ms=5", ""),
        ("min_retention", "retention.ms=-1", "own retention.ms=-1", ""),
        ("min_insync", "", "own min.insync.replicas=1", ""),
        (
            "min_spare",
            "min.insync.replicas=1",
            "own min.insync.replicas=1",
            "",
        ),
        // It deletes nothing by age.
        ("min_retention", "", "own cleanup.policy=compact", ""),
        (
            "min_retention",
            "",
            "own cleanup.policy=delete",
            "retention.ms on 1 3",
        ),
        // What breaks the bound does so only where records are deleted by age.
        ("min_retention", "", "own retention.ms=5", "cleanup.policy on 1 3"),
        (
            "max_retention",
            "retention.ms=-1; cleanup.policy=delete",
            "own retention.ms=-1; own cleanup.policy=delete",
            "",
        ),
    ];
    for (rule, wanted, seen, expected) in rows {
        let shown = Seen::stock().with(seen).replicas(&[&[1, 3], &[3, 1]]);
        let wanted_configs = Wanted::configs(wanted).keep_unlisted();
        let mut scene = Scene::new().topic("orders", wanted_configs, shown.sighting());
        scene.desired.policy = policy(rule);
        assert_eq!(asked(&scene), expected, "{rule}: {wanted:?}, {seen:?}");
    }
}

#[test]
fn brokers_that_are_down_are_not_asked_nor_is_anybody_about_an_exempt_topic() {
    let scene = |alive: usize, replicas: &[i32]| {
        let seen = Seen::stock().replicas(&[replicas]).sighting();
        let registered = RegisteredBrokers::AtLeast(alive);
        let mut scene = Scene::on(registered).topic("orders", Wanted::nothing(), seen);
        scene.desired.policy = policy("min_insync");
        scene
    };
    assert_eq!(asked(&scene(2, &[1, 2, 3])), "min.insync.replicas on 1 2");
    assert_eq!(asked(&scene(2, &[3])), "");
    assert_eq!(asked(&scene(1, &[1])), "");
    let mut exempt = scene(2, &[1, 2]);
    let topic = exempt.desired.topics.get_mut("orders").unwrap();
    topic.exempt = Some(Exemption {
        reason: "moves away".into(),
        place: place(4),
    });
    assert_eq!(asked(&exempt), "");
}

/// What follows from what each broker tells.
fn judged(rule: &str, wanted: Wanted, alive: usize, told: &[(i32, &str)]) -> String {
    let seen = Seen::stock().replicas(&[&[1, 2, 3]]).told(told).sighting();
    let registered = RegisteredBrokers::AtLeast(alive);
    let mut scene = Scene::on(registered).topic("orders", wanted, seen);
    scene.desired.policy = policy(rule);
    lines(&only(&scene.plan())).join("\n")
}

#[test]
fn a_bound_holds_on_every_broker_that_has_a_replica() {
    let week = "default retention.ms=604800000; default cleanup.policy=delete";
    let hour = "broker retention.ms=3600000; default cleanup.policy=delete";
    let minute = "broker retention.ms=60000; default cleanup.policy=delete";
    let compacted_hour = "broker retention.ms=3600000; broker cleanup.policy=compact";
    let judged = |rule, told: &[(i32, &str)]| judged(rule, Wanted::nothing(), 3, told);
    insta::assert_snapshot!(judged("min_retention", &[(1, week), (2, hour), (3, minute)]), @"refused: min_retention: retention 1m is below the policy's 1d; retention.ms 604800000 (Kafka default) on 1, 3600000 (broker, dynamic) on 2, 60000 (broker, dynamic) on 3");
    insta::assert_snapshot!(judged("max_retention", &[(1, hour), (2, week), (3, hour)]), @"refused: max_retention: retention 7d is above the policy's 1d; retention.ms 3600000 (broker, dynamic) on 1 3, 604800000 (Kafka default) on 2");
    assert_eq!(judged("min_retention", &[(1, week), (2, week), (3, week)]), "");
    // Where nothing is deleted by age, and where it is.
    assert_eq!(judged("min_retention", &[(1, week), (2, compacted_hour)]), "");
    insta::assert_snapshot!(judged("min_retention", &[(1, compacted_hour), (2, hour)]), @"refused: min_retention: retention 1h is below the policy's 1d; cleanup.policy compact (broker, dynamic) on 1, delete (Kafka default) on 2");
    let insync = |value: i32| format!("broker min.insync.replicas={value}");
    let (one, two, three) = (insync(1), insync(2), insync(3));
    insta::assert_snapshot!(judged("min_insync", &[(1, &two), (2, &one), (3, &three)]), @"refused: min_insync_replicas: min.insync.replicas 1 is below the policy's 2; min.insync.replicas 2 (broker, dynamic) on 1, 1 (broker, dynamic) on 2, 3 (broker, dynamic) on 3");
    insta::assert_snapshot!(judged("min_spare", &[(1, &two), (2, &one), (3, &three)]), @"refused: min_spare_replicas: min.insync.replicas 3 with replication 3 leaves 0 to spare, below the policy's 1; min.insync.replicas 2 (broker, dynamic) on 1, 1 (broker, dynamic) on 2, 3 (broker, dynamic) on 3");
}

#[test]
fn what_a_live_broker_does_not_tell_is_not_judged_and_a_dead_one_does_not_count() {
    let week = "default retention.ms=604800000; default cleanup.policy=delete";
    let judged = |alive, told: &[(i32, &str)]| judged("min_retention", Wanted::nothing(), alive, told);
    insta::assert_snapshot!(judged(3, &[(1, week), (2, "")]), @"
    refused: min_retention not judged without retention.ms
    note: values of broker 2 not known: broker 2 is not alive
    ");
    insta::assert_snapshot!(judged(2, &[(1, week), (2, week), (3, "")]), @"note: values of broker 3 not known: broker 3 is not alive");
    let hour = "broker retention.ms=3600000; default cleanup.policy=delete";
    insta::assert_snapshot!(judged(3, &[(1, ""), (2, hour)]), @"
    refused: min_retention: retention 1h is below the policy's 1d
    note: values of broker 1 not known: broker 1 is not alive
    ");
}

#[test]
fn a_value_that_the_file_sets_is_judged_by_itself() {
    let hour = "broker retention.ms=3600000; default cleanup.policy=delete";
    let week = "default retention.ms=604800000; default cleanup.policy=delete";
    let told = [(1, hour), (2, week)];
    let set = |value: &str| {
        let wanted = Wanted::configs(&format!("retention.ms={value}"));
        judged("min_retention", wanted, 3, &told)
    };
    insta::assert_snapshot!(set("86400000"), @"set retention.ms: 3600000 (broker, dynamic) on 1, 604800000 (Kafka default) on 2 -> 86400000 [lossy: shorter 604800000 -> 86400000]");
    insta::assert_snapshot!(set("5"), @"
    set retention.ms: 3600000 (broker, dynamic) on 1, 604800000 (Kafka default) on 2 -> 5 [lossy: shorter 604800000 -> 5]
    refused: min_retention: retention 5ms is below the policy's 1d
    ");
}

/// What each broker inherits to a new topic as `retention.ms`; `None`: it does not tell.
fn retention_on(brokers: &[Option<&str>]) -> InheritedByBroker {
    let key = super::key("retention.ms");
    let told = |value: &str| {
        let inherited = Inherited {
            value: Some(value.into()),
            source: ConfigSource::Broker,
        };
        [(key.clone(), inherited)].into()
    };
    let each = (1..).zip(brokers).map(|(id, value)| {
        let told = value.map(told).ok_or_else(|| "not authorised".to_owned().into());
        (BrokerId(id), told)
    });
    InheritedByBroker {
        keys: [key.clone()].into(),
        brokers: each.collect(),
        ..InheritedByBroker::default()
    }
}

/// A new topic that leaves its retention open; the controller says that it would be 7d.
fn new_topic(wanted: Wanted, brokers: &[Option<&str>]) -> Vec<String> {
    let mut scene = Scene::new().topic("orders", wanted, TopicObservation::Absent);
    scene.desired.policy = policy("min_retention");
    let created = CreatedSettings {
        partitions: None,
        replication: None,
        configs: [
            (super::key("retention.ms"), "604800000".into()),
            (super::key("cleanup.policy"), "delete".into()),
        ]
        .into(),
    };
    let told = [(name("orders"), Some(created))].into();
    let judged = scene
        .plan()
        .with_created_settings(&scene.desired, &told, &retention_on(brokers));
    lines(&only(&judged)).split_off(1)
}

#[test]
fn a_new_topic_is_held_against_the_policy_on_every_broker_that_may_lead_it() {
    let rows: [(&[Option<&str>], &[&str]); 5] = [
        (&[], &[]),
        (&[Some("604800000"), Some("86400000")], &[]),
        (
            &[Some("604800000"), Some("3600000"), Some("604800000")],
            &[
                "refused: min_retention: retention 1h is below the policy's 1d; retention.ms 604800000 (broker, dynamic) on 1 3, \
                 3600000 (broker, dynamic) on 2",
            ],
        ),
        // The controller's value is not that of a broker that does not tell.
        (
            &[None, Some("86400000")],
            &["refused: min_retention not judged without retention.ms"],
        ),
        (
            &[Some("3600000"), Some("3600000")],
            &["refused: min_retention: retention 1h is below the policy's 1d"],
        ),
    ];
    for (brokers, expected) in rows {
        assert_eq!(new_topic(Wanted::nothing(), brokers), expected, "{brokers:?}");
    }
}

#[test]
fn only_what_a_new_topic_leaves_open_is_asked_of_brokers() {
    let open = |rule: &str, configs: &str| {
        let wanted = if configs.is_empty() {
            Wanted::nothing()
        } else {
            Wanted::configs(configs)
        };
        let mut scene = Scene::new().topic("orders", wanted, TopicObservation::Absent);
        scene.desired.policy = policy(rule);
        let keys = scene.plan().open_to_brokers(&scene.desired);
        keys.iter().map(ToString::to_string).collect::<Vec<String>>()
    };
    assert_eq!(open("min_retention", ""), ["cleanup.policy", "retention.ms"]);
    assert_eq!(open("min_insync", ""), ["min.insync.replicas"]);
    assert!(open("min_retention", "retention.ms=-1").is_empty());
    assert!(open("max_partitions", "").is_empty());
}
