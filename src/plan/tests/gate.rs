//! The gate: who may do what, in one table, and what an approved plan holds.

use super::words::{decision, joined};
use super::{Scene, Seen, Wanted, unreadable};
use crate::model::{Pattern, TopicObservation};
use crate::plan::gate::{Decision, Permissions, judge};
use crate::plan::{ChangeKind, Plan};

/// A plan with one topic for each letter of `kinds`, named by it and its position: `s`afe, `c`aution,
/// `l`ossy, both of them (`b`), `r`efused with a safe change, refused with a `d`eletion's risk,
/// refused without any change (`n`), `i`n sync, `u`nreadable.
fn plan(kinds: &str) -> Plan {
    let scene = (0..)
        .zip(kinds.chars())
        .fold(Scene::new(), |scene, (index, kind)| {
            let topic = format!("{kind}{index}");
            let wanted = match kind {
                's' => Wanted::configs("segment.ms=5"),
                'c' => Wanted::nothing().partitions(4),
                'l' => Wanted::configs("retention.ms=5"),
                'b' => Wanted::configs("retention.ms=5").partitions(4),
                'r' => Wanted::configs("segment.ms=5").partitions(2),
                'd' => Wanted::configs("retention.ms=5").replication(4).partitions(4),
                'n' => Wanted::nothing().partitions(2),
                'i' | 'u' => Wanted::nothing(),
                _ => panic!("{kind} is no kind of topic"),
            };
            let seen = match kind {
                'u' => unreadable("its configs", "no answer"),
                _ => Seen::stock().sighting(),
            };
            scene.topic(&topic, wanted, seen)
        });
    scene.plan()
}

/// Permissions as a user gives them: `--yes`, `--skip-blocked`, `--allow-data-loss=PATTERN`,
/// `--max-deletes=NUMBER`, and `tty`
/// where somebody can be asked.
fn permissions(words: &str) -> Permissions {
    let mut permissions = Permissions::default();
    for word in words.split_whitespace() {
        match word.split_once('=') {
            Some(("--allow-data-loss", pattern)) => permissions.may_lose_data.push(Pattern::new(pattern)),
            Some(("--max-deletes", number)) => permissions.max_deletes = number.parse().unwrap(),
            None if word == "--yes" => permissions.assume_yes = true,
            None if word == "--skip-blocked" => permissions.skip_blocked = true,
            None if word == "tty" => permissions.can_ask = true,
            _ => panic!("{word} is no permission"),
        }
    }
    permissions
}

fn check(rows: &[(&str, &str, &str)]) {
    for (kinds, given, expected) in rows {
        let said = decision(&judge(&plan(kinds), &permissions(given)));
        assert_eq!(said, *expected, "{kinds} with {given:?}");
    }
}

#[test]
fn nothing_to_do_is_neither_approved_nor_blocked() {
    check(&[
        ("", "", "nothing to do"),
        ("i", "", "nothing to do"),
        ("iu", "--yes", "nothing to do"),
        ("i", "tty", "nothing to do"),
    ]);
}

#[test]
fn safe_changes_go_ahead_on_a_terminal_and_in_a_script_alike() {
    check(&[
        ("s", "", "approved s0"),
        ("s", "tty", "approved s0"),
        ("siu", "", "approved s0"),
        (
            "us",
            "--yes --allow-data-loss=* --skip-blocked tty",
            "approved s1",
        ),
    ]);
}

#[test]
fn care_is_asked_for_or_needs_yes() {
    check(&[
        ("c", "", "blocked: yes c0"),
        ("c", "tty", "ask about c0"),
        ("c", "--yes", "approved c0"),
        ("c", "--yes tty", "approved c0"),
        ("sc", "", "blocked: yes c1"),
        ("sc", "tty", "ask about c1"),
        ("sc", "--yes", "approved c1 s0"),
        ("c", "--allow-data-loss=*", "blocked: yes c0"),
    ]);
}

#[test]
fn data_loss_needs_its_own_permission_by_full_name_and_is_never_asked_for() {
    check(&[
        ("l", "", "blocked: data loss l0"),
        ("l", "tty", "blocked: data loss l0"),
        ("l", "--yes", "blocked: data loss l0"),
        ("l", "--yes tty --skip-blocked", "blocked: data loss l0"),
        ("l", "--allow-data-loss=l0", "approved l0"),
        ("l", "--allow-data-loss=l?", "approved l0"),
        ("l", "--allow-data-loss=other --allow-data-loss=l*", "approved l0"),
        ("l", "--allow-data-loss=l", "blocked: data loss l0"),
        ("ll", "--allow-data-loss=l1", "blocked: data loss l0"),
        ("sl", "", "blocked: data loss l1"),
    ]);
}

#[test]
fn neither_permission_stands_in_for_the_other() {
    check(&[
        ("b", "", "blocked: data loss b0; yes b0"),
        ("b", "--yes", "blocked: data loss b0"),
        ("b", "--allow-data-loss=*", "blocked: yes b0"),
        ("b", "--allow-data-loss=* tty", "ask about b0"),
        ("b", "tty", "blocked: data loss b0"),
        ("b", "--allow-data-loss=* --yes", "approved b0"),
    ]);
}

#[test]
fn one_refusal_blocks_everything_unless_it_is_left_out() {
    check(&[
        ("r", "", "blocked: refused r0"),
        ("sr", "--yes --allow-data-loss=* tty", "blocked: refused r1"),
        ("n", "", "blocked: refused n0"),
        ("sr", "--skip-blocked", "approved s0"),
        ("r", "--skip-blocked", "nothing to do"),
        ("n", "--skip-blocked", "nothing to do"),
        ("nrs", "--skip-blocked", "approved s2"),
    ]);
}

#[test]
fn what_is_left_out_needs_no_permission() {
    check(&[
        ("ds", "--skip-blocked", "approved s1"),
        ("d", "", "blocked: refused d0"),
        ("dl", "--skip-blocked", "blocked: data loss l1"),
    ]);
}

#[test]
fn everything_in_the_way_is_said_at_once() {
    check(&[
        ("srlc", "", "blocked: refused r1; data loss l2; yes c3"),
        ("rlc", "tty", "blocked: refused r0; data loss l1"),
        ("rlc", "--skip-blocked", "blocked: data loss l1; yes c2"),
    ]);
}

#[test]
fn a_deletion_is_data_loss() {
    let plan = Scene::new().absent("old", Seen::stock().sighting()).plan();
    let said = |given| decision(&judge(&plan, &permissions(given)));
    assert_eq!(said("--yes"), "blocked: data loss old");
    assert_eq!(said("--allow-data-loss=old"), "approved old");
}

#[test]
fn more_deletions_than_were_counted_on_block_everything() {
    let old = |count| {
        let topics = (0..count).map(|index| format!("old{index}"));
        let scene = Scene::new().topic("new", Wanted::nothing(), TopicObservation::Absent);
        let absent = |scene: Scene, name: String| scene.absent(&name, Seen::stock().sighting());
        topics.fold(scene, absent).plan()
    };
    let said = |count, given| decision(&judge(&old(count), &permissions(given)));
    assert_eq!(
        said(5, "--allow-data-loss=old*"),
        "approved new old0 old1 old2 old3 old4"
    );
    assert_eq!(
        said(6, "--allow-data-loss=old* --yes tty"),
        "blocked: more than 5 deleted: old0 old1 old2 old3 old4 old5"
    );
    assert_eq!(
        said(2, "--max-deletes=1"),
        "blocked: data loss old0 old1; more than 1 deleted: old0 old1"
    );
    assert_eq!(
        said(6, "--allow-data-loss=old* --max-deletes=6"),
        "approved new old0 old1 old2 old3 old4 old5"
    );
    assert_eq!(said(0, "--max-deletes=0"), "approved new");
}

#[test]
fn a_creation_is_safe_and_one_that_is_refused_blocks() {
    let created = |factor| {
        let wanted = Wanted::nothing().replication(factor);
        Scene::new().topic("new", wanted, TopicObservation::Absent).plan()
    };
    assert_eq!(decision(&judge(&created(3), &permissions(""))), "approved new");
    assert_eq!(
        decision(&judge(&created(4), &permissions(""))),
        "blocked: refused new"
    );
    assert_eq!(
        decision(&judge(&created(4), &permissions("--skip-blocked"))),
        "nothing to do"
    );
}

#[test]
fn an_approved_plan_holds_every_change_of_its_topics_as_planned() {
    let plan = plan("bics");
    let given = permissions("--yes --allow-data-loss=b*");
    let Decision::Approved(approved) = judge(&plan, &given) else {
        panic!("not approved");
    };
    assert_eq!(joined(approved.topics().keys()), "b0 c2 s3");
    for (name, changes) in approved.topics() {
        assert_eq!(*changes, plan.topics[name].changes, "{name}");
    }
}

#[test]
fn a_confirmed_plan_holds_the_safe_changes_too() {
    let Decision::Ask(pending) = judge(&plan("sc"), &permissions("tty")) else {
        panic!("not asked");
    };
    let approved = pending.confirmed();
    assert_eq!(joined(approved.topics().keys()), "c1 s0");
    assert_eq!(approved.topics()["c1"][0].change.kind(), ChangeKind::Partitions);
}
