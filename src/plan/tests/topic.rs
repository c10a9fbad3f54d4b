//! Whole topics: created, deleted, left alone, unreadable, and their older names.

use super::words::{joined, lines};
use super::{Scene, Seen, Wanted, name, only, place, plan_of, plan_seen, unreadable};
use crate::model::TopicObservation;
use crate::plan::{ChangeKind, Plan, RiskClass};

#[test]
fn a_missing_topic_is_created_with_what_is_declared_and_no_more() {
    let wanted = Wanted::configs("retention.ms=5; cleanup.policy=compact")
        .partitions(6)
        .replication(3);
    assert_eq!(
        lines(&plan_seen(wanted, TopicObservation::Absent)),
        ["create, partitions 6, replication 3, cleanup.policy=compact, retention.ms=5 [safe]"]
    );
    assert_eq!(
        lines(&plan_seen(Wanted::nothing(), TopicObservation::Absent)),
        ["create, partitions default, replication default [safe]"]
    );
}

#[test]
fn a_topic_stated_absent_is_deleted_by_its_id() {
    let planned = only(&Scene::new().absent("old", Seen::stock().sighting()).plan());
    assert_eq!(
        lines(&planned),
        ["delete AAAAAAAAAAAAAAAAAAAAAQ with 3 partitions, stated at topics.yaml:5:1 [lossy: deletes topic]"]
    );
    assert_eq!(planned.place, Some(place(3)));
}

#[test]
fn a_topic_stated_absent_that_is_gone_is_in_sync() {
    let planned = only(&Scene::new().absent("old", TopicObservation::Absent).plan());
    assert_eq!(lines(&planned), [""; 0]);
    assert!(planned.is_in_sync());
}

#[test]
fn what_could_not_be_read_is_neither_absent_nor_in_sync() {
    let said = ["unreadable: its configs: not authorised"];
    let seen = || unreadable("its configs", "not authorised");
    let wanted = Wanted::configs("retention.ms=5").partitions(9);
    let plan = Scene::new()
        .topic("wanted", wanted, seen())
        .absent("unwanted", seen())
        .plan();
    for planned in plan.topics.values() {
        assert_eq!(lines(planned), said);
        assert!(!planned.is_in_sync());
    }
    assert!(plan.has_unreadable() && !plan.has_changes() && !plan.has_refusals() && !plan.is_in_sync());
}

#[test]
fn older_names_that_exist_are_noted_in_every_state() {
    let scene = Scene::new()
        .topic("created", Wanted::nothing(), TopicObservation::Absent)
        .topic("in-sync", Wanted::nothing(), Seen::stock().sighting())
        .topic(
            "unread",
            Wanted::nothing(),
            unreadable("its metadata", "no answer"),
        )
        .absent("deleted", Seen::stock().sighting())
        .absent("gone", TopicObservation::Absent);
    let topics = ["created", "deleted", "gone", "in-sync", "unread"];
    let scene = topics.iter().fold(scene, |scene, topic| {
        scene.aliases(
            topic,
            &["b_old", "a_old", "never_was"],
            &["a_old", "b_old", "elsewhere"],
        )
    });
    let plan = scene.plan();
    for (topic, planned) in &plan.topics {
        let notes: Vec<String> = lines(planned)
            .into_iter()
            .filter(|line| line.starts_with("note"))
            .collect();
        assert_eq!(
            notes,
            ["note: alias a_old exists", "note: alias b_old exists"],
            "{topic}"
        );
    }
    assert!(plan.topics["in-sync"].is_in_sync(), "a note is no change");
    assert_eq!(
        lines(&plan.topics["created"])[0],
        "create, partitions default, replication default [safe]"
    );
}

#[test]
fn topics_that_were_not_observed_are_left_out() {
    let mut scene = Scene::new()
        .topic("a", Wanted::nothing(), TopicObservation::Absent)
        .topic("b", Wanted::nothing(), TopicObservation::Absent);
    scene.observed.topics.remove("a");
    assert_eq!(joined(scene.plan().topics.keys()), "b");
}

#[test]
fn topics_of_the_cluster_that_the_file_does_not_name_are_not_touched() {
    let mut scene = Scene::new().topic("a", Wanted::nothing(), TopicObservation::Absent);
    scene
        .observed
        .topics
        .insert(name("foreign"), Seen::stock().sighting());
    assert_eq!(joined(scene.plan().topics.keys()), "a");
}

#[test]
fn a_plan_counts_and_classes_what_is_in_it() {
    assert_eq!(Plan::default(), Scene::new().plan());
    assert!(Plan::default().is_in_sync());
    let plan = Scene::new()
        .topic("a", Wanted::nothing(), Seen::stock().sighting())
        .topic("b", Wanted::nothing().partitions(2), Seen::stock().sighting())
        .topic("c", Wanted::nothing().partitions(4), Seen::stock().sighting())
        .absent("d", TopicObservation::Absent)
        .plan();
    assert_eq!(plan.in_sync(), 2);
    assert!(plan.has_refusals() && plan.has_changes() && !plan.has_unreadable() && !plan.is_in_sync());
    assert_eq!(plan.topics["a"].class(), None);
    assert_eq!(plan.topics["b"].class(), None);
    assert_eq!(plan.topics["c"].class(), Some(RiskClass::Caution));
    let both = plan_of(Wanted::configs("retention.ms=5").partitions(4), Seen::stock());
    assert_eq!(both.class(), Some(RiskClass::Lossy));
}

#[test]
fn every_change_has_its_kind_and_kinds_have_their_order() {
    let kinds = |planned: super::TopicPlan| -> Vec<ChangeKind> {
        planned
            .changes
            .iter()
            .map(|planned| planned.change.kind())
            .collect()
    };
    assert_eq!(
        kinds(plan_seen(Wanted::nothing(), TopicObservation::Absent)),
        [ChangeKind::Create]
    );
    let wanted = Wanted::configs("segment.ms=5").partitions(4);
    let seen = Seen::stock().with("own flush.ms=1");
    assert_eq!(
        kinds(plan_of(wanted, seen)),
        [ChangeKind::Configs, ChangeKind::Configs, ChangeKind::Partitions]
    );
    let deleted = only(&Scene::new().absent("old", Seen::stock().sighting()).plan());
    assert_eq!(kinds(deleted), [ChangeKind::Delete]);
    assert_eq!(
        ChangeKind::IN_ORDER,
        [
            ChangeKind::Create,
            ChangeKind::Configs,
            ChangeKind::Partitions,
            ChangeKind::Reassignments,
            ChangeKind::CancelMoves,
            ChangeKind::Delete
        ]
    );
    assert!(ChangeKind::IN_ORDER.is_sorted());
}
