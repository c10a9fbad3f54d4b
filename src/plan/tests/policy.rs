//! The policy of a profile against what the file declares and what a cluster shows.

use super::words::lines;
use super::{Scene, Seen, Wanted, only, partition_count, place, replication_factor};
use crate::model::policy::{Bound, Exemption, Policy};
use crate::model::{InheritedByBroker, Pattern, TopicObservation};
use crate::plan::{CreatedSettings, PlanStatus, Refusal};

#[expect(clippy::unnecessary_wraps, reason = "it is what a field of a policy takes")]
fn bound<T>(value: T) -> Option<Bound<T>> {
    let place = place(2);
    Some(Bound { value, place })
}

fn policy() -> Policy {
    Policy {
        min_replication: bound(replication_factor(2)),
        max_partitions: bound(partition_count(4)),
        max_retention: bound(1_000_000),
        forbidden_config: bound(vec![Pattern::new("flush.*")]),
        ..Policy::default()
    }
}

fn said(scene: Scene) -> Vec<String> {
    let mut scene = scene;
    scene.desired.policy = policy();
    lines(&only(&scene.plan()))
}

#[test]
fn what_the_file_leaves_to_the_cluster_is_judged_by_what_the_topic_shows() {
    let seen = Seen::stock().with("own flush.ms=5 over default 4; own retention.ms=5000000 over default 7");
    let kept = Wanted::nothing().keep_unlisted();
    insta::assert_snapshot!(said(Scene::new().topic("orders", kept, seen.sighting())).join("\n"), @"
    refused: min_replication: replication 1 is below the policy's 2
    refused: max_retention: retention 5000s is above the policy's 1000s
    refused: forbidden_config: the policy forbids flush.ms, by flush.*
    ");
}

#[test]
fn an_override_that_is_reset_is_judged_by_what_it_becomes() {
    let seen = Seen::stock()
        .with("own flush.ms=5 over default 4; own retention.ms=5 over cluster 5000000")
        .replicas(&[&[1, 2]]);
    insta::assert_snapshot!(
        said(Scene::new().topic("orders", Wanted::nothing(), seen.sighting())).join("\n"), @"
    reset flush.ms: 5 (topic override) -> 4 (Kafka default) [caution: unlisted]
    reset retention.ms: 5 (topic override) -> 5000000 (cluster, dynamic) [caution: unlisted]
    refused: max_retention: retention 5000s is above the policy's 1000s
    ");
}

#[test]
fn a_topic_in_sync_that_breaks_the_policy_is_refused_all_the_same() {
    let wanted = Wanted::nothing().replication(1).partitions(3);
    let seen = Seen::stock().with("default retention.ms=1000").sighting();
    let mut scene = Scene::new().topic("orders", wanted, seen);
    assert_eq!(PlanStatus::of_plan(&scene.plan()), PlanStatus::InSync);
    scene.desired.policy = policy();
    let plan = scene.plan();
    assert_eq!(PlanStatus::of_plan(&plan), PlanStatus::Blocked);
    assert_eq!(
        lines(&only(&plan)),
        ["refused: min_replication: replication 1 is below the policy's 2"]
    );
}

#[test]
fn what_nobody_knows_of_a_new_topic_is_said() {
    let scene = Scene::new().topic(
        "orders",
        Wanted::configs("flush.messages=1"),
        TopicObservation::Absent,
    );
    insta::assert_snapshot!(said(scene).join("\n"), @"
    create, partitions default, replication default, flush.messages=1 [safe]
    refused: forbidden_config: the policy forbids flush.messages, by flush.*
    note: min_replication not judged without replication
    note: max_partitions not judged without partitions
    note: max_retention not judged without retention.ms
    ");
}

#[test]
fn a_topic_that_is_to_go_keeps_no_policy() {
    let scene = Scene::new().absent("orders", Seen::stock().sighting());
    let said = said(scene);
    assert!(said.len() == 1 && said[0].starts_with("delete"), "{said:?}");
}

#[test]
fn an_exempt_topic_is_noted_where_it_makes_a_difference() {
    let exempt = |replication| {
        let wanted = Wanted::configs("retention.ms=604800000").replication(replication);
        let seen = Seen::stock().with("own retention.ms=604800000").replicas(&[&[1]]);
        let mut scene = Scene::new().topic("orders", wanted, seen.sighting());
        let topic = scene.desired.topics.get_mut("orders").unwrap();
        topic.exempt = Some(Exemption {
            reason: "moves away".into(),
            place: place(4),
        });
        scene
    };
    assert_eq!(said(exempt(1)), ["note: exempt: moves away"]);
    let mut fine = exempt(1);
    fine.desired.policy = Policy {
        max_partitions: bound(partition_count(4)),
        ..Policy::default()
    };
    assert!(lines(&only(&fine.plan())).is_empty());
}

/// A new topic whose file leaves everything to the cluster, after the cluster told, or did not.
fn judged(created: Option<CreatedSettings>, unjudged_passes: bool) -> Vec<String> {
    let mut scene = Scene::new().topic("orders", Wanted::nothing(), TopicObservation::Absent);
    scene.desired.policy = policy();
    scene.desired.unjudged_policy_passes = unjudged_passes;
    let plan = scene.plan();
    assert!(plan.topics["orders"].waits_for_created_settings());
    let told = [(super::name("orders"), created)].into();
    lines(&only(&plan.with_created_settings(
        &scene.desired,
        &told,
        &InheritedByBroker::default(),
    )))
}

#[test]
fn a_new_topic_is_held_against_the_policy_by_what_the_cluster_gives_it() {
    let created = |replication, partitions, retention: &str| {
        let settings = CreatedSettings {
            partitions: Some(partition_count(partitions)),
            replication: Some(replication_factor(replication)),
            configs: [(super::key("retention.ms"), retention.into())].into(),
        };
        judged(Some(settings), false)
    };
    let create = "create, partitions default, replication default [safe]";
    assert_eq!(created(3, 4, "1000"), [create]);
    assert_eq!(
        created(1, 5, "604800000"),
        [
            create,
            "refused: min_replication: replication 1 is below the policy's 2",
            "refused: max_partitions: 5 partitions are above the policy's 4",
            "refused: max_retention: retention 7d is above the policy's 1000s",
        ]
    );
}

#[test]
fn what_the_cluster_does_not_tell_of_a_new_topic_is_refused_unless_it_may_pass() {
    let create = "create, partitions default, replication default [safe]";
    let open = |what: &str| {
        [
            create.to_owned(),
            format!("{what}: min_replication not judged without replication"),
            format!("{what}: max_partitions not judged without partitions"),
            format!("{what}: max_retention not judged without retention.ms"),
        ]
    };
    assert_eq!(judged(None, false), open("refused"));
    assert_eq!(judged(None, true), open("note"));
}

#[test]
fn what_an_existing_topic_does_not_show_is_refused_unless_it_may_pass() {
    let judged = |unjudged_passes| {
        let seen = Seen::stock().with("no retention.ms").replicas(&[&[1, 2]]);
        let mut scene = Scene::new().topic("orders", Wanted::nothing(), seen.sighting());
        scene.desired.policy = policy();
        scene.desired.unjudged_policy_passes = unjudged_passes;
        lines(&only(&scene.plan()))
    };
    assert_eq!(
        judged(false),
        ["refused: max_retention not judged without retention.ms"]
    );
    assert_eq!(
        judged(true),
        ["note: max_retention not judged without retention.ms"]
    );
}

#[test]
fn advice_on_the_policy_can_be_followed() {
    let advice = |wanted: Wanted, seen: Seen| {
        let mut scene = Scene::new().topic("orders", wanted, seen.sighting());
        scene.desired.policy = policy();
        let plan = scene.plan();
        let refusals = plan.topics["orders"].refusals.iter();
        let each = refusals.filter_map(|refusal| match refusal {
            Refusal::BreaksPolicy(breach) => Some(breach.broken.instead()),
            _ => None,
        });
        each.collect::<Vec<_>>()
    };
    let many: &[&[i32]] = &[&[1, 2][..]; 9];
    let few: &[&[i32]] = &[&[1, 2][..]; 2];
    let seen = |replicas| Seen::stock().with("default retention.ms=1000").replicas(replicas);
    let kept = "Kafka cannot remove partitions: raise the bound, or exempt the topic with `policy: { exempt: REASON }`";
    assert_eq!(advice(Wanted::nothing(), seen(many)), [kept]);
    assert_eq!(advice(Wanted::nothing().partitions(9), seen(many)), [kept]);
    assert_eq!(
        advice(Wanted::nothing().partitions(9), seen(few)),
        ["declare at most 4 partitions"]
    );
    let own = seen(few).with("own flush.ms=5 over default 9");
    let reset =
        "let it be reset: `unlisted: reset` in the topic's own entry, and no `ignore` that matches it";
    assert_eq!(advice(Wanted::nothing().keep_unlisted(), own.clone()), [reset]);
    assert_eq!(advice(Wanted::nothing().ignoring(&["flush.*"]), own), [reset]);
    assert_eq!(advice(Wanted::configs("flush.ms=5"), seen(few)), ["leave it out"]);
}
