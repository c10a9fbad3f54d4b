//! `min.insync.replicas` against replication and the ISR.

use super::words::lines;
use super::{Scene, Seen, Wanted, only, plan_of, plan_seen};
use crate::model::{BrokerId, Moving, Reassignment, TopicObservation};

/// Three brokers, replication 3, in sync as said, and the value of the key in force.
fn three(isr: &[i32], in_force: &str) -> Seen {
    Seen::stock()
        .replicas_and_isr(&[(&[1, 2, 3], &[1, 2, 3]), (&[2, 3, 1], isr)])
        .with(in_force)
}

fn said(to: &str, seen: Seen) -> Vec<String> {
    lines(&plan_of(
        Wanted::configs(&format!("min.insync.replicas={to}")),
        seen,
    ))
}

#[test]
fn a_value_that_leaves_a_broker_to_spare_is_safe() {
    let from = "min.insync.replicas: 1 (Kafka default)";
    assert_eq!(
        said("2", three(&[2, 3, 1], "")),
        [format!("set {from} -> 2 [safe]")]
    );
    assert_eq!(said("2", three(&[2, 3], "")), [format!("set {from} -> 2 [safe]")]);
    assert_eq!(said("1", three(&[2], "")), [format!("set {from} -> 1 [safe]")]);
}

#[test]
fn above_the_smallest_isr_needs_care() {
    let set = "set min.insync.replicas: 1 (Kafka default) ->";
    assert_eq!(
        said("2", three(&[2], "")),
        [format!("{set} 2 [caution: 2 above ISR 1]")]
    );
    assert_eq!(
        said("1", three(&[], "")),
        [format!("{set} 1 [safe]")],
        "already in force"
    );
    assert_eq!(
        said("3", three(&[2, 3], "")),
        [format!(
            "{set} 3 [caution: 3 above ISR 2, no broker to spare at 3]"
        )]
    );
}

#[test]
fn equal_to_a_replication_above_one_needs_care() {
    let set = "set min.insync.replicas: 1 (Kafka default) ->";
    assert_eq!(
        said("3", three(&[2, 3, 1], "")),
        [format!("{set} 3 [caution: no broker to spare at 3]")]
    );
    let one = Seen::stock().with("own min.insync.replicas=2");
    assert_eq!(
        said("1", one),
        ["set min.insync.replicas: 2 (topic override) -> 1 [safe]"],
        "one replica has none to spare anyway"
    );
}

#[test]
fn above_replication_is_refused_with_both_numbers() {
    assert_eq!(
        said("4", three(&[2, 3, 1], "")),
        ["refused: min.insync.replicas 4 (declared 4) above replication 3"]
    );
    let mixed = Seen::stock().replicas(&[&[1, 2, 3], &[2, 3]]);
    assert_eq!(
        said("3", mixed),
        ["refused: min.insync.replicas 3 (declared 3) above replication 2 to 3, mixed"]
    );
}

#[test]
fn a_refused_value_leaves_the_other_changes_standing() {
    let wanted = Wanted::configs("min.insync.replicas=2; compression.type=lz4");
    assert_eq!(
        lines(&plan_of(wanted, Seen::stock())),
        [
            "set compression.type: producer (Kafka default) -> lz4 [safe]",
            "refused: min.insync.replicas 2 (declared 2) above replication 1",
        ]
    );
}

#[test]
fn pinning_what_is_in_force_is_safe_whatever_the_isr() {
    assert_eq!(
        said("3", three(&[2], "cluster min.insync.replicas=3")),
        ["set min.insync.replicas: 3 (cluster, dynamic) -> 3 [safe]"]
    );
}

#[test]
fn a_reset_is_judged_by_what_it_uncovers() {
    let reset = |seen| lines(&plan_of(Wanted::nothing(), seen));
    let from = "reset min.insync.replicas: 1 (topic override)";
    assert_eq!(
        reset(three(&[2], "own min.insync.replicas=1 over cluster 2")),
        [format!(
            "{from} -> 2 (cluster, dynamic) [caution: 2 above ISR 1, unlisted]"
        )]
    );
    assert_eq!(
        reset(three(&[2, 3, 1], "own min.insync.replicas=1 over cluster 2")),
        [format!("{from} -> 2 (cluster, dynamic) [caution: unlisted]")]
    );
    assert_eq!(
        reset(Seen::stock().with("own min.insync.replicas=1 over cluster 2")),
        ["refused: min.insync.replicas 2 (inherited) above replication 1"]
    );
}

#[test]
fn a_value_that_is_no_number_is_left_to_the_broker() {
    assert_eq!(
        said("all", Seen::stock()),
        ["set min.insync.replicas: 1 (Kafka default) -> all [safe]"]
    );
}

#[test]
fn a_new_topic_is_judged_by_what_is_declared() {
    let created = |value: &str, replication| {
        let wanted = Wanted::configs(&format!("min.insync.replicas={value}"));
        let wanted = match replication {
            Some(factor) => wanted.replication(factor),
            None => wanted,
        };
        let mut said = lines(&plan_seen(wanted, TopicObservation::Absent));
        assert!(said.remove(0).starts_with("create, "));
        said
    };
    assert_eq!(created("2", Some(3)), [""; 0]);
    assert_eq!(created("2", Some(2)), ["note: no broker to spare at 2"]);
    assert_eq!(created("1", Some(1)), [""; 0]);
    assert_eq!(
        created("3", Some(2)),
        ["refused: min.insync.replicas 3 (declared 3) above replication 2"]
    );
    assert_eq!(
        created("9", None),
        [""; 0],
        "the cluster decides on the replication"
    );
    assert_eq!(created("all", Some(1)), [""; 0]);
}

#[test]
fn replicas_that_are_added_beside_it_are_in_sync_before_a_higher_value_holds() {
    let one = Seen::stock().replicas_and_isr(&[(&[1], &[1])]);
    let plan = plan_of(Wanted::configs("min.insync.replicas=2").replication(3), one);
    let set = &lines(&plan)[0];
    assert_eq!(set, "set min.insync.replicas: 1 (Kafka default) -> 2 [safe]");
}

#[test]
fn of_mixed_factors_those_count_that_could_keep_an_unchanged_value() {
    let mixed = Seen::stock()
        .replicas_and_isr(&[(&[1, 2, 3], &[1, 2, 3]), (&[2], &[2])])
        .with("own min.insync.replicas=3");
    let plan = plan_of(Wanted::configs("min.insync.replicas=3").replication(2), mixed);
    let said = lines(&plan);
    assert!(
        said.iter().any(|line| line.contains("min.insync.replicas 3")),
        "{said:?}"
    );
}

#[test]
fn replicas_that_are_only_being_added_are_still_waited_for() {
    let ids = |ids: &[i32]| ids.iter().copied().map(BrokerId).collect::<Vec<_>>();
    let moved = Reassignment {
        replicas: ids(&[1, 2, 3]),
        adding: ids(&[2, 3]),
        removing: Vec::new(),
    };
    let seen = Seen::stock()
        .replicas_and_isr(&[(&[1, 2, 3], &[1])])
        .moving(Moving::Read([(0, moved)].into()));
    let plan = plan_of(Wanted::configs("min.insync.replicas=2").replication(3), seen);
    let set = &lines(&plan)[0];
    assert_eq!(set, "set min.insync.replicas: 1 (Kafka default) -> 2 [safe]");
}

/// On a cluster with this finalized level of `metadata.version`.
fn at_level(level: Option<i16>, wanted: Wanted, sighting: TopicObservation) -> Vec<String> {
    let mut scene = Scene::new().topic("orders", wanted, sighting);
    scene.observed.cluster.metadata_version = level;
    lines(&only(&scene.plan()))
}

fn since_3_7(wanted: Wanted, seen: Seen) -> Vec<String> {
    at_level(Some(15), wanted, seen.sighting())
}

#[test]
fn from_kafka_3_7_on_a_value_above_the_replication_counts_as_the_replication() {
    let wanted = || Wanted::configs("min.insync.replicas=2").replication(1);
    let created = |level| at_level(level, wanted(), TopicObservation::Absent);
    let note = "note: min.insync.replicas 2 capped at 1";
    assert_eq!(created(Some(15))[1..], [note]);
    let refused = "refused: min.insync.replicas 2 (declared 2) above replication 1";
    assert_eq!(
        created(Some(14))[1..],
        [refused],
        "brokers of Kafka 3.6 can be there"
    );
    assert_eq!(created(None)[1..], [refused]);
    assert_eq!(
        since_3_7(wanted(), Seen::stock()),
        ["set min.insync.replicas: 1 (Kafka default) -> 2 [safe]", note]
    );
    assert_eq!(
        since_3_7(
            Wanted::nothing(),
            Seen::stock().with("own min.insync.replicas=1 over cluster 2")
        ),
        [
            "reset min.insync.replicas: 1 (topic override) -> 2 (cluster, dynamic) [caution: unlisted]",
            note
        ]
    );
}

#[test]
fn what_a_value_counts_as_is_judged_like_a_value() {
    let to = |value: u8, seen| since_3_7(Wanted::configs(&format!("min.insync.replicas={value}")), seen);
    let set = "set min.insync.replicas: 1 (Kafka default) ->";
    assert_eq!(
        to(5, three(&[2], "")),
        [
            format!("{set} 5 [caution: 3 above ISR 1, no broker to spare at 3]"),
            "note: min.insync.replicas 5 capped at 3".to_owned()
        ]
    );
    assert_eq!(
        to(5, three(&[2], "own min.insync.replicas=4")),
        [
            "set min.insync.replicas: 4 (topic override) -> 5 [safe]",
            "note: min.insync.replicas 5 capped at 3"
        ],
        "it counts as 3 before and after"
    );
    let mixed = |isr: &[i32]| Seen::stock().replicas_and_isr(&[(&[1, 2, 3], isr), (&[2], &[2])]);
    let note = "note: min.insync.replicas 3 capped at 1 to 3, mixed".to_owned();
    assert_eq!(
        to(3, mixed(&[1, 2, 3])),
        [format!("{set} 3 [safe]"), note.clone()]
    );
    assert_eq!(
        to(3, mixed(&[1, 2])),
        [format!("{set} 3 [caution: 3 above ISR 2]"), note]
    );
}

#[test]
fn a_value_above_the_replication_that_is_in_force_is_said_where_it_stops_producers() {
    let of = |in_force: &str| Seen::stock().with(in_force);
    let above = "note: min.insync.replicas 2 above 1";
    for in_force in ["cluster min.insync.replicas=2", "broker min.insync.replicas=2"] {
        assert_eq!(
            at_level(None, Wanted::nothing(), of(in_force).sighting()),
            [above]
        );
        assert_eq!(since_3_7(Wanted::nothing(), of(in_force)), [""; 0]);
    }
    let declared = || Wanted::configs("min.insync.replicas=2").replication(1);
    let own = || of("own min.insync.replicas=2");
    assert_eq!(at_level(None, declared(), own().sighting()), [above]);
    assert_eq!(since_3_7(declared(), own()), [""; 0]);
}

#[test]
fn fewer_replicas_than_an_unchanged_value_are_refused_only_where_it_would_stop_producers() {
    let two = || {
        Seen::stock()
            .replicas(&[&[1, 2]])
            .with("cluster min.insync.replicas=2")
    };
    let fewer = || Wanted::nothing().replication(1);
    let before = at_level(Some(14), fewer(), two().sighting());
    assert!(
        before.contains(&"refused: min.insync.replicas 2 (inherited) above replication 1".to_owned()),
        "{before:?}"
    );
    let since = since_3_7(fewer(), two());
    assert!(
        since.contains(&"note: min.insync.replicas 2 capped at 1".to_owned()),
        "{since:?}"
    );
    assert!(!since.iter().any(|line| line.starts_with("refused")), "{since:?}");
}
