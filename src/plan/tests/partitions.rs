//! Partitions and replication.

use super::words::lines;
use super::{Scene, Seen, Wanted, only, plan_of, plan_seen};
use crate::model::{BrokerId, Moving, Reassignment, RegisteredBrokers, TopicObservation};

#[test]
fn partitions_grow_with_care_and_never_shrink() {
    let plan = |count| lines(&plan_of(Wanted::nothing().partitions(count), Seen::stock()));
    assert_eq!(plan(3), [""; 0]);
    assert_eq!(plan(4), ["partitions 3 -> 4 [caution: moves keys 3 -> 4]"]);
    assert_eq!(plan(12), ["partitions 3 -> 12 [caution: moves keys 3 -> 12]"]);
    assert_eq!(plan(2), ["refused: partitions 3 -> 2 (topics.yaml:7 (topic))"]);
}

#[test]
fn a_changed_replication_moves_what_has_to_and_nothing_else() {
    let one = || Seen::stock();
    let mixed = || Seen::stock().replicas(&[&[1], &[2, 3]]);
    let plan = |factor, seen| lines(&plan_of(Wanted::nothing().replication(factor), seen));
    assert_eq!(plan(1, one()), [""; 0]);
    assert_eq!(
        plan(2, one()),
        ["replication 1 -> 2, 0: 1->1+2, 1: 2->2+3, 2: 3->3+1 [caution: copies replicas]"]
    );
    assert_eq!(
        plan(1, mixed()),
        ["replication 1 to 2, mixed -> 1, 1: 2+3->2 [caution: fewer replicas 1 to 2, mixed -> 1]"]
    );
    assert_eq!(
        plan(2, mixed()),
        ["replication 1 to 2, mixed -> 2, 0: 1->1+2 [caution: copies replicas]"]
    );
}

#[test]
fn replicas_need_brokers_that_are_registered_and_alive() {
    let wanted = |factor| Wanted::nothing().replication(factor);
    let on = |factor, registered| {
        let scene = Scene::on(registered).topic("orders", wanted(factor), Seen::stock().sighting());
        lines(&only(&scene.plan()))
    };
    assert_eq!(
        on(4, RegisteredBrokers::Exactly(3)),
        ["refused: replication 4 on 3 brokers"]
    );
    assert_eq!(
        on(4, RegisteredBrokers::AtLeast(3)),
        ["refused: replication 4 with 3 brokers alive"]
    );
}

/// Partitions with all their replicas and those of them that are being added.
fn moving(rows: &[(i32, &[i32], &[i32])]) -> Moving {
    let ids = |ids: &[i32]| ids.iter().copied().map(BrokerId).collect();
    let each = rows.iter().map(|(index, replicas, adding)| {
        let moving = Reassignment {
            replicas: ids(replicas),
            adding: ids(adding),
            removing: Vec::new(),
        };
        (*index, moving)
    });
    Moving::Read(each.collect())
}

#[test]
fn what_is_on_its_way_is_not_sent_again() {
    let plan = |seen: Seen| lines(&plan_of(Wanted::nothing().replication(3), seen));
    let all = || Seen::stock().replicas_and_isr(&[(&[1, 2, 3], &[1]), (&[2, 1, 3], &[2])]);
    let both = moving(&[(0, &[1, 2, 3], &[2, 3]), (1, &[2, 1, 3], &[1, 3])]);
    assert_eq!(
        plan(all().moving(both)),
        ["replication 1 -> 3, 0: 1~>1+2+3, 1: 2~>2+1+3 [safe]"]
    );
    let first = moving(&[(0, &[1, 2, 3], &[2, 3])]);
    let half = Seen::stock().replicas_and_isr(&[(&[1, 2, 3], &[1]), (&[2], &[2])]);
    assert_eq!(
        plan(half.moving(first)),
        ["replication 1 -> 3, 0: 1~>1+2+3, 1: 2->2+1+3 [caution: copies replicas]"]
    );
}

#[test]
fn what_is_on_its_way_elsewhere_is_not_stopped() {
    let seen = Seen::stock().replicas_and_isr(&[(&[1, 2], &[1]), (&[2], &[2])]);
    let seen = seen.moving(moving(&[(0, &[1, 2], &[2])]));
    assert_eq!(
        lines(&plan_of(Wanted::nothing().replication(3), seen)),
        ["refused: replication 3: moved elsewhere {0: [BrokerId(1), BrokerId(2)]}"]
    );
}

#[test]
fn whoever_may_not_see_reassignments_is_told_what_is_not_known() {
    let seen = Seen::stock()
        .replicas(&[&[1]])
        .moving(Moving::Failed("no".into()));
    assert_eq!(
        lines(&plan_of(Wanted::nothing().replication(2), seen)),
        [
            "replication 1 -> 2, 0: 1->1+2 [caution: copies replicas]",
            "reassignments unread: no"
        ]
    );
}

#[test]
fn new_partitions_are_moved_with_the_others() {
    let wanted = Wanted::nothing().partitions(3).replication(2);
    let seen = Seen::stock().replicas(&[&[1], &[2]]);
    assert_eq!(
        lines(&plan_of(wanted, seen)),
        [
            "partitions 2 -> 3 on 3 [caution: moves keys 2 -> 3]",
            "replication 1 -> 2, 0: 1->1+2, 1: 2->2+3, 2: 3->3+1 [caution: copies replicas]"
        ]
    );
}

#[test]
fn fewer_replicas_than_have_to_be_in_sync_are_refused() {
    let seen = Seen::stock()
        .with("cluster min.insync.replicas=2")
        .replicas(&[&[1, 2, 3]]);
    assert_eq!(
        lines(&plan_of(Wanted::nothing().replication(1), seen)),
        [
            "replication 3 -> 1, 0: 1+2+3->1 [caution: fewer replicas 3 -> 1]",
            "refused: min.insync.replicas 2 (inherited) above replication 1",
        ]
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
    let wanted = Wanted::configs("min.insync.replicas=3; segment.ms=5")
        .partitions(2)
        .replication(2);
    let one_alive = Scene::on(RegisteredBrokers::AtLeast(1));
    let planned = only(
        &one_alive
            .topic(
                "orders",
                wanted,
                Seen::stock().replicas(&[&[1], &[1], &[1]]).sighting(),
            )
            .plan(),
    );
    assert_eq!(
        lines(&planned),
        [
            "set segment.ms: not listed -> 5 [safe]",
            "refused: min.insync.replicas 3 (declared 3) above replication 2",
            "refused: partitions 3 -> 2 (topics.yaml:7 (topic))",
            "refused: replication 2 with 1 brokers alive",
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
                .topic("orders", wanted, TopicObservation::Absent)
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
fn a_creation_beside_a_broker_that_is_down_names_it() {
    let plan = |factor| {
        let wanted = Wanted::nothing().replication(factor);
        let mut scene =
            Scene::on(RegisteredBrokers::Exactly(3)).topic("orders", wanted, TopicObservation::Absent);
        scene.observed.cluster.brokers.remove(&BrokerId(2));
        scene.observed.cluster.fenced = [BrokerId(2)].into();
        lines(&only(&scene.plan())).split_off(1)
    };
    assert_eq!(plan(3), ["note: created beside down {BrokerId(2)}"]);
    assert_eq!(plan(2), [""; 0]);
}

#[test]
fn a_creation_that_is_impossible_twice_says_both() {
    let wanted = Wanted::configs("min.insync.replicas=5").replication(4);
    assert_eq!(
        lines(&plan_seen(wanted, TopicObservation::Absent)),
        [
            "create, partitions default, replication 4, min.insync.replicas=5 [safe]",
            "refused: replication 4 on 3 brokers",
            "refused: min.insync.replicas 5 (declared 5) above replication 4",
        ]
    );
}
