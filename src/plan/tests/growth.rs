//! New partitions of topics that are mixed or being moved, and cordoned brokers.

use super::words::lines;
use super::{Scene, Seen, Wanted, only};
use crate::model::RegisteredBrokers;
use crate::plan::{BrokerVerdict, ChangeKind, Finding};

fn on_racks(wanted: Wanted, seen: Seen) -> Vec<String> {
    lines(&only(&scene(wanted, seen).with_racks().plan()))
}

fn without_racks(wanted: Wanted, seen: Seen) -> Vec<String> {
    lines(&only(&scene(wanted, seen).plan()))
}

fn scene(wanted: Wanted, seen: Seen) -> Scene {
    Scene::new().topic("orders", wanted, seen.sighting())
}

const GROWS: &str = "[caution: moves keys 3 -> 4]";

/// The last of three partitions is moved from broker 3 to broker 1.
fn last_is_moved() -> Seen {
    Seen::stock()
        .replicas_and_isr(&[(&[1], &[1]), (&[2], &[2]), (&[1, 3], &[3])])
        .moved(&[(2, &[1, 3], &[1], &[3])])
}

#[test]
fn a_topic_with_one_number_of_replicas_is_placed_by_rack_or_by_the_broker() {
    let wanted = || Wanted::nothing().partitions(4);
    assert_eq!(
        on_racks(wanted(), Seen::stock()),
        [format!("partitions 3 -> 4 on 1 {GROWS}")]
    );
    assert_eq!(
        without_racks(wanted(), Seen::stock()),
        [format!("partitions 3 -> 4 {GROWS}")]
    );
}

#[test]
fn a_mixed_topic_grows_as_the_broker_sees_fit_and_is_said_to_be_mixed() {
    let mixed = || Seen::stock().replicas(&[&[1], &[2, 3], &[3]]);
    let expected = [
        format!("partitions 3 -> 4 {GROWS}"),
        "note: grows mixed 1 to 2, mixed".to_owned(),
    ];
    let wanted = || Wanted::nothing().partitions(4);
    assert_eq!(on_racks(wanted(), mixed()), expected);
    assert_eq!(without_racks(wanted(), mixed()), expected);
}

#[test]
fn a_mixed_topic_gets_one_number_of_replicas_first() {
    let mixed = || Seen::stock().replicas(&[&[1], &[2, 3], &[3]]);
    let wanted = || Wanted::nothing().partitions(4).replication(1);
    let expected = [
        format!("partitions 3 -> 4 after replicas {GROWS}"),
        "replication 1 to 2, mixed -> 1, 1: 2+3->2 [caution: fewer replicas 1 to 2, mixed -> 1]".to_owned(),
    ];
    assert_eq!(on_racks(wanted(), mixed()), expected);
    assert_eq!(without_racks(wanted(), mixed()), expected);
}

#[test]
fn beside_moves_the_number_that_all_will_have_is_asked_for() {
    let wanted = || Wanted::nothing().partitions(4);
    let expected = [format!("partitions 3 -> 4 on 2 beside moves of [2] {GROWS}")];
    assert_eq!(without_racks(wanted(), last_is_moved()), expected);
    assert_eq!(on_racks(wanted(), last_is_moved()), expected);
}

#[test]
fn what_is_moved_to_the_declared_number_is_waited_for() {
    let wanted = Wanted::nothing().partitions(4).replication(1);
    assert_eq!(
        without_racks(wanted, last_is_moved()),
        [
            format!("partitions 3 -> 4 after replicas {GROWS}"),
            "replication 1 -> 1, 2: 3~>1 [safe]".to_owned(),
        ]
    );
}

#[test]
fn a_refusal_beside_moves_names_them() {
    let scene = scene(Wanted::nothing().partitions(4), last_is_moved());
    let plan = scene.plan().with_findings([Finding {
        topic: super::name("orders"),
        kind: ChangeKind::Partitions,
        verdict: BrokerVerdict::Rejected("not consistent".into()),
    }]);
    let said = lines(&only(&plan));
    assert_eq!(
        said[1],
        "refused: partitions 3 -> 4 while moving [2]: not consistent"
    );
}

#[test]
fn while_partitions_are_moved_to_different_numbers_nothing_grows() {
    let seen = Seen::stock()
        .replicas_and_isr(&[(&[1, 2], &[1]), (&[2], &[2]), (&[3], &[3])])
        .moved(&[(0, &[1, 2], &[2], &[])]);
    let said = on_racks(Wanted::nothing().partitions(4), seen);
    assert_eq!(said[1], "refused: partitions 3 -> 4 while moving [0]");
}

#[test]
fn a_placement_that_the_broker_refuses_is_left_to_it() {
    let grown = |wanted: Wanted| {
        let mut plan = scene(wanted.partitions(4), Seen::stock()).with_racks().plan();
        plan.leave_placement(&[super::name("orders")].into());
        lines(&only(&plan))
    };
    assert_eq!(grown(Wanted::nothing()), [format!("partitions 3 -> 4 {GROWS}")]);
    assert_eq!(
        grown(Wanted::nothing().replication(2)),
        [
            format!("partitions 3 -> 4 after replicas {GROWS}"),
            "replication 1 -> 2, 0: 1->1+2, 1: 2->2+3, 2: 3->3+1 [caution: copies replicas]".to_owned(),
        ]
    );
}

#[test]
fn no_replica_is_placed_on_a_cordoned_broker() {
    let on = |wanted: Wanted, seen: Seen| {
        let scene = scene(wanted, seen).with_racks().cordoned(&[3]);
        lines(&only(&scene.plan()))
    };
    let cordoned = "note: cordoned {BrokerId(3)}";
    assert_eq!(
        on(
            Wanted::nothing().replication(2),
            Seen::stock().replicas(&[&[1], &[2]])
        ),
        [
            "replication 1 -> 2, 0: 1->1+2, 1: 2->2+1 [caution: copies replicas]",
            cordoned
        ]
    );
    assert_eq!(
        on(Wanted::nothing().partitions(4), Seen::stock()),
        [format!("partitions 3 -> 4 on 1 {GROWS}"), cordoned.to_owned()]
    );
    assert_eq!(
        on(
            Wanted::nothing().replication(3),
            Seen::stock().replicas(&[&[1, 2]])
        ),
        ["refused: replication 3 with 2 brokers alive, 3 cordoned"]
    );
}

/// The controller of Kafka 4.4 refuses an assignment that names a cordoned broker, even one that holds a replica.
#[test]
fn a_partition_that_is_moved_leaves_a_cordoned_broker_and_others_stay() {
    let seen = Seen::stock().replicas(&[&[3], &[1, 3], &[3, 1, 2]]);
    let scene = scene(Wanted::nothing().replication(2), seen).cordoned(&[3]);
    assert_eq!(
        lines(&only(&scene.plan())),
        [
            "replication 1 to 3, mixed -> 2, 0: 3->1+2, 2: 3+1+2->2+1 \
             [caution: copies replicas, fewer replicas 1 to 3, mixed -> 2]",
            "note: cordoned {BrokerId(3)}"
        ]
    );
}

#[test]
fn what_has_no_leader_is_not_moved() {
    let seen = || Seen::stock().replicas_and_isr(&[(&[1, 2], &[1, 2]), (&[1, 9], &[9])]);
    let plan = |factor| {
        let scene = Scene::on(RegisteredBrokers::Exactly(10)).topic(
            "orders",
            Wanted::nothing().replication(factor),
            seen().without_leader(1).sighting(),
        );
        let refusal = lines(&only(&scene.plan())).into_iter().nth(1);
        refusal.unwrap_or_default()
    };
    assert_eq!(
        plan(1),
        "refused: replication 1: no leader, last in sync {1: {BrokerId(9)}}"
    );
    assert_eq!(
        plan(3),
        "refused: replication 3: no leader, last in sync {1: {BrokerId(9)}}"
    );
}

/// Metadata may still show a leader that is gone.
#[test]
fn a_leader_that_is_not_alive_is_none() {
    let seen = Seen::stock().replicas_and_isr(&[(&[9, 1], &[9])]);
    let said = without_racks(Wanted::nothing().replication(1), seen);
    assert_eq!(
        said[1],
        "refused: replication 1: no leader, last in sync {0: {BrokerId(9)}}"
    );
}
