//! Partitions and replication.

use super::words::lines;
use super::{Scene, Seen, Wanted, only, plan_of, plan_seen};
use crate::model::{RegisteredBrokers, Sighting};

#[test]
fn partitions_grow_with_care_and_never_shrink() {
    let plan = |count| lines(&plan_of(Wanted::nothing().partitions(count), Seen::stock()));
    assert_eq!(plan(3), [""; 0]);
    assert_eq!(plan(4), ["partitions 3 -> 4 [caution: moves keys 3 -> 4]"]);
    assert_eq!(plan(12), ["partitions 3 -> 12 [caution: moves keys 3 -> 12]"]);
    assert_eq!(plan(2), ["refused: partitions 3 -> 2 (topics.yaml:7 (topic))"]);
}

#[test]
fn a_changed_replication_is_refused_with_both_numbers() {
    let one = || Seen::stock();
    let mixed = || Seen::stock().replicas(&[&[1], &[2, 3]]);
    let plan = |factor, seen| lines(&plan_of(Wanted::nothing().replication(factor), seen));
    assert_eq!(plan(1, one()), [""; 0]);
    assert_eq!(
        plan(2, one()),
        ["refused: replication 1 -> 2 (topics.yaml:7 (topic))"]
    );
    let at_most_two = "refused: replication 1 to 2, mixed -> ";
    assert_eq!(
        plan(1, mixed()),
        [format!("{at_most_two}1 (topics.yaml:7 (topic))")]
    );
    assert_eq!(
        plan(2, mixed()),
        [format!("{at_most_two}2 (topics.yaml:7 (topic))")]
    );
}

#[test]
fn replication_is_counted_by_assigned_replicas_and_not_by_the_isr() {
    let one_down = Seen::stock().replicas_and_isr(&[(&[1, 2, 3], &[1, 2]), (&[2, 3, 1], &[2])]);
    assert_eq!(
        lines(&plan_of(Wanted::nothing().replication(3), one_down)),
        [""; 0]
    );
}

#[test]
fn what_the_file_does_not_state_is_not_compared() {
    let seen = Seen::stock().replicas(&[&[1], &[2, 3], &[1], &[2], &[3]]);
    assert!(plan_of(Wanted::nothing(), seen).is_in_sync());
}

#[test]
fn all_that_is_impossible_is_said_next_to_what_is_not() {
    let wanted = Wanted::configs("min.insync.replicas=2; flush.ms=5")
        .partitions(2)
        .replication(2);
    let planned = plan_of(wanted, Seen::stock());
    assert_eq!(
        lines(&planned),
        [
            "set flush.ms: not listed -> 5 [safe]",
            "refused: min.insync.replicas 2 (declared 2) above replication 1",
            "refused: partitions 3 -> 2 (topics.yaml:7 (topic))",
            "refused: replication 1 -> 2 (topics.yaml:7 (topic))",
        ]
    );
    assert!(!planned.is_in_sync());
}

#[test]
fn a_cluster_that_shows_no_partitions_or_replicas_is_not_guessed_at() {
    let wanted = || Wanted::nothing().partitions(3).replication(1);
    assert_eq!(lines(&plan_of(wanted(), Seen::stock().replicas(&[]))), [""; 0]);
    let no_replicas = Seen::stock().replicas(&[&[1], &[], &[2]]);
    assert_eq!(lines(&plan_of(wanted(), no_replicas)), [""; 0]);
}

#[test]
fn a_creation_needs_as_many_registered_brokers_as_replicas() {
    let plan = |factor, registered| {
        let wanted = Wanted::nothing().replication(factor);
        let planned = only(
            &Scene::on(registered)
                .topic("orders", wanted, Sighting::Absent)
                .plan(),
        );
        lines(&planned).split_off(1)
    };
    assert_eq!(plan(3, RegisteredBrokers::Exactly(3)), [""; 0]);
    assert_eq!(
        plan(4, RegisteredBrokers::Exactly(3)),
        ["refused: replication 4 on 3 brokers"]
    );
    assert_eq!(
        plan(4, RegisteredBrokers::AtLeast(3)),
        [""; 0],
        "brokers that are down may be registered too: the broker decides"
    );
}

#[test]
fn a_creation_that_is_impossible_twice_says_both() {
    let wanted = Wanted::configs("min.insync.replicas=5").replication(4);
    assert_eq!(
        lines(&plan_seen(wanted, Sighting::Absent)),
        [
            "create, partitions default, replication 4, min.insync.replicas=5 [safe]",
            "refused: replication 4 on 3 brokers",
            "refused: min.insync.replicas 5 (declared 5) above replication 4",
        ]
    );
}
