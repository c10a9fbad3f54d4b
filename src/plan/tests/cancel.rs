//! Moves that are taken back, and eligible leaders that are forgotten.

use super::words::{decision, lines};
use super::{Scene, Seen, Wanted, name, only};
use crate::model::{BrokerId, Moving, RunPurpose};
use crate::plan::gate::{Permissions, judge};

fn cancelling(wanted: Wanted, seen: Seen) -> Scene {
    let mut scene = Scene::new().topic("orders", wanted, seen.sighting());
    scene.desired.purpose = RunPurpose::CancelMoves;
    scene
}

#[test]
fn nothing_else_is_done_than_to_take_moves_back() {
    let wanted = Wanted::configs("flush.ms=5").partitions(9).replication(3);
    let seen = Seen::stock()
        .replicas_and_isr(&[(&[1], &[1]), (&[3, 2], &[2]), (&[3], &[3])])
        .moved(&[(1, &[3, 2], &[3], &[2])]);
    let scene = cancelling(wanted, seen);
    let plan = scene.plan();
    assert_eq!(
        lines(&only(&plan)),
        ["cancel moves, 1: 2 [caution: drops copies on {BrokerId(3)}]"]
    );
    assert_eq!(
        decision(&judge(&plan, &Permissions::default())),
        "blocked: yes orders"
    );
}

#[test]
fn where_nothing_is_moved_nothing_is_done() {
    let seen = Seen::stock().moved(&[]);
    assert!(
        cancelling(Wanted::nothing().partitions(9), seen)
            .plan()
            .is_in_sync()
    );
}

#[test]
fn a_move_is_not_taken_back_from_the_only_replicas_in_sync() {
    let seen = Seen::stock()
        .replicas_and_isr(&[(&[3, 1], &[3])])
        .moved(&[(0, &[3, 1], &[3], &[1])]);
    let said = lines(&only(&cancelling(Wanted::nothing(), seen).plan()));
    assert_eq!(said[1], "refused: cancel loses records of {0: {BrokerId(3)}}");
}

#[test]
fn whoever_may_not_see_moves_cannot_take_them_back() {
    let seen = Seen::stock().moving(Moving::Failed("no".into()));
    let said = lines(&only(&cancelling(Wanted::nothing(), seen).plan()));
    assert_eq!(said, ["unreadable: what is being moved: no"]);
}

#[test]
fn eligible_leaders_that_are_needed_are_not_forgotten_unasked() {
    let plan = |leaderless: bool, wanted: Wanted| {
        let seen = Seen::stock()
            .with("own min.insync.replicas=2 over default 1")
            .replicas_and_isr(&[(&[1, 2], &[1, 2]), (&[1, 2], &[1])]);
        let seen = if leaderless { seen.without_leader(1) } else { seen };
        let mut scene = Scene::new().topic("orders", wanted, seen.sighting());
        let eligible = [(0, [].into()), (1, [BrokerId(2)].into())].into();
        scene.observed.eligible_leaders.insert(name("orders"), eligible);
        lines(&only(&scene.plan())).remove(0)
    };
    let lower = || Wanted::configs("min.insync.replicas=1");
    let said = plan(true, lower());
    assert!(said.contains("[lossy: "), "{said}");
    assert!(
        said.contains("forgets eligible {1: {BrokerId(2)}}, leaderless {1}"),
        "{said}"
    );
    let said = plan(false, Wanted::nothing());
    assert!(said.contains("[caution: "), "{said}");
    assert!(said.contains("leaderless {}"), "{said}");
    let other = Wanted::configs("min.insync.replicas=2; flush.ms=5");
    assert!(!plan(true, other).contains("forgets"));
}
