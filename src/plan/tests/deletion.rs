//! Which topics go, and which never do.

use super::words::lines;
use super::{Scene, Seen, Wanted, declared, name, unreadable};
use crate::model::{Pattern, TopicObservation};
use crate::plan::Plan;

/// The id of a stock topic.
const ID: &str = "AAAAAAAAAAAAAAAAAAAAAQ";

/// The scene with topics that the file does not name, planned with these patterns of `--prune`.
fn pruned(scene: Scene, others: &[(&str, TopicObservation)], patterns: &[&str]) -> Plan {
    let mut scene = scene;
    for (topic, sighting) in others {
        scene.observed.topics.insert(name(topic), sighting.clone());
    }
    let patterns = patterns.iter().map(|pattern| Pattern::new(pattern)).collect();
    scene.desired = scene.desired.pruning(patterns);
    scene.plan()
}

/// Each topic of a plan with its lines.
fn said(plan: &Plan) -> Vec<String> {
    let topic = |(name, topic)| format!("{name}: {}", lines(topic).join("; "));
    plan.topics.iter().map(topic).collect()
}

fn there() -> TopicObservation {
    Seen::stock().sighting()
}

fn internal() -> TopicObservation {
    let TopicObservation::Present(mut seen) = there() else {
        panic!("a stock topic is there");
    };
    seen.metadata.internal = true;
    TopicObservation::Present(seen)
}

#[test]
fn a_topic_goes_if_a_pattern_matches_it_and_the_file_does_not_name_it() {
    let scene = Scene::new()
        .topic("dev.orders", Wanted::nothing(), there())
        .aliases("dev.orders", &["dev.orders-old"], &["dev.orders-old"])
        .absent("dev.gone", TopicObservation::Absent);
    let others = [
        ("dev.forgotten", there()),
        ("dev.orders-old", there()),
        ("prod.other", there()),
        ("dev.just-deleted", TopicObservation::Absent),
        ("dev.secret", unreadable("its metadata", "no right")),
    ];
    let plan = pruned(scene, &others, &["dev.*"]);
    assert_eq!(
        said(&plan),
        [
            format!("dev.forgotten: delete {ID} with 3 partitions, pruned by dev.* [lossy: deletes topic]"),
            "dev.gone: ".to_owned(),
            "dev.just-deleted: ".to_owned(),
            "dev.orders: note: alias dev.orders-old exists".to_owned(),
            "dev.secret: unreadable: its metadata: no right".to_owned(),
        ]
    );
    assert!(plan.topics["dev.forgotten"].place.is_none());
}

#[test]
fn nothing_goes_without_a_pattern() {
    let others = [("dev.forgotten", there())];
    assert!(said(&pruned(Scene::new(), &others, &[])).is_empty());
}

#[test]
fn internal_topics_go_by_their_exact_name_only() {
    let others = [
        ("_schemas", there()),
        ("__consumer_offsets", internal()),
        ("odd", internal()),
    ];
    assert!(said(&pruned(Scene::new(), &others, &["*", "_*", "__*"])).is_empty());
    let plan = pruned(Scene::new(), &others, &["*", "_schemas", "odd"]);
    let names: Vec<_> = plan.topics.keys().map(ToString::to_string).collect();
    assert_eq!(names, ["_schemas", "odd"]);
}

#[test]
fn a_topic_that_the_file_says_is_absent_goes_for_that_reason() {
    let scene = Scene::new().absent("dev.orders", there());
    let plan = pruned(scene, &[], &["dev.*"]);
    assert_eq!(
        said(&plan),
        [format!(
            "dev.orders: delete {ID} with 3 partitions, stated at topics.yaml:5:1 [lossy: deletes topic]"
        )]
    );
}

#[test]
fn a_protected_topic_is_refused_and_not_deleted() {
    let protected = |sighting| {
        let mut scene = Scene::new().absent("orders", sighting);
        let topic = scene.desired.topics.get_mut("orders").unwrap();
        topic.protected = Some(declared(()).origin);
        said(&scene.plan())
    };
    assert_eq!(
        protected(there()),
        ["orders: refused: protected (topics.yaml:7 (topic))"]
    );
    assert_eq!(protected(TopicObservation::Absent), ["orders: "]);
}
