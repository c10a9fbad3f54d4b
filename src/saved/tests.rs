//! To the text and back, and what is said of texts that are no plan.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use uuid::Uuid;

use super::*;
use crate::manifest::{self, ManifestFile, Selection};
use crate::model::{
    Broker, BrokerId, ClusterView, ConfigKey, ConfigSource, Desired, Inherited, InheritedByBroker,
    Observation, ObservedConfig, ObservedTopic, Partition, Pattern, RegisteredBrokers, StorageView, TopicId,
    TopicMetadata, TopicName, TopicObservation, sha256,
};
use crate::plan::{Plan, plan};

const FILE: &str = "\
version: 1
defaults: {partitions: 3}
profiles:
  prod: {replication: 1}
topics:
  - name: created
    retention: 7d
    profiles: {prod: {config: {segment.ms: 1d}}}
  - name: grown
    partitions: 5
    retention: 1d
    ignore: [\"vendor.*\"]
  - name: gone
    state: absent
  - name: moved
    profiles: {prod: {replication: 2}}
  - name: same
";

fn name(name: &str) -> TopicName {
    TopicName::new(name).unwrap()
}

fn key(key: &str) -> ConfigKey {
    ConfigKey::new(key).unwrap()
}

fn desired(text: &str, prune: &[&str]) -> Desired {
    let file = ManifestFile {
        name: "topics.yaml".into(),
        bytes: text.as_bytes().to_vec(),
    };
    let selection = Selection::Named("prod".to_owned());
    let manifest = manifest::load_files(vec![file], &selection, &|_| None).unwrap();
    let prune = prune.iter().map(|pattern| Pattern::new(pattern)).collect();
    manifest.desired.pruning(prune)
}

fn config(value: &str, source: ConfigSource) -> ObservedConfig {
    ObservedConfig {
        value: Some(value.into()),
        source,
        sensitive: false,
    }
}

fn seen(id: u128, own: &[(&str, &str)]) -> ObservedTopic {
    let partition = |index| Partition {
        index,
        leader: Some(BrokerId(1)),
        replicas: vec![BrokerId(1)],
        isr: vec![BrokerId(1)],
        offline: Vec::new(),
    };
    let mut configs = BTreeMap::from([
        (key("retention.ms"), config("604800000", ConfigSource::Default)),
        (key("segment.ms"), config("5", ConfigSource::Default)),
    ]);
    let own = own
        .iter()
        .map(|(name, value)| (key(name), config(value, ConfigSource::Topic)));
    configs.extend(own);
    let inherited = Inherited {
        value: Some("5".into()),
        source: ConfigSource::Default,
    };
    ObservedTopic {
        metadata: TopicMetadata {
            id: TopicId(Uuid::from_u128(id)),
            internal: false,
            partitions: (0..3).map(partition).collect(),
        },
        configs: Arc::new(configs),
        inherited: [(key("segment.ms"), inherited.clone())].into(),
        inherited_unread: None,
        listing: crate::model::ConfigListing::default(),
        by_broker: InheritedByBroker {
            keys: [key("segment.ms")].into(),
            brokers: [(BrokerId(1), Ok([(key("segment.ms"), inherited)].into()))].into(),
            ..InheritedByBroker::default()
        },
        moving: crate::model::Moving::NotAsked,
    }
}

fn broker() -> Broker {
    Broker {
        host: "localhost".into(),
        port: 9092,
        rack: None,
    }
}

fn observed() -> Observation {
    let own = [
        ("retention.ms", "2592000000"),
        ("segment.ms", "9"),
        ("vendor.x", "1"),
    ];
    let present = |topic| TopicObservation::Present(Box::new(topic));
    Observation {
        cluster: ClusterView {
            id: "cluster".into(),
            controller: None,
            brokers: [1, 2].map(|id| (BrokerId(id), broker())).into(),
            registered: RegisteredBrokers::Exactly(2),
            fenced: BTreeSet::new(),
            metadata_version: None,
            health: crate::model::ClusterHealth::default(),
        },
        topics: [
            (name("created"), TopicObservation::Absent),
            (name("grown"), present(seen(1, &own))),
            (name("gone"), present(seen(2, &[]))),
            (name("moved"), present(seen(5, &[]))),
            (name("same"), present(seen(3, &[]))),
            (name("forgotten"), present(seen(4, &[]))),
        ]
        .into(),
        aliases_found: BTreeSet::new(),
        storage: StorageView::default(),
        eligible_leaders: BTreeMap::new(),
    }
}

fn made() -> Made {
    Made {
        topicctl: "0.1.0".to_owned(),
        profile: Some("prod".to_owned()),
        cluster_id: "cluster".to_owned(),
        address: "localhost:9092".to_owned(),
        files: vec![SourceFile {
            path: "topics.yaml".to_owned(),
            sha256: sha256(FILE.as_bytes()),
        }],
        arguments: Vec::new(),
        prune: vec!["f*".to_owned()],
    }
}

fn planned() -> (Desired, Plan) {
    let desired = desired(FILE, &["f*"]);
    let plan = plan(&desired, &observed());
    (desired, plan)
}

/// A saved plan with every case there is.
pub(crate) fn text() -> String {
    let (desired, plan) = planned();
    save(made(), &desired, &observed(), &plan).unwrap()
}

#[test]
fn a_saved_plan_says_what_it_rests_on() {
    insta::assert_snapshot!(text());
}

#[test]
fn what_is_read_plans_the_same_changes_and_nothing_has_moved() {
    let (_, first) = planned();
    let saved = read(&text()).unwrap();
    let again = plan(&saved.desired, &observed());
    let changing = |plan: &Plan| -> Vec<_> {
        let topics = plan.topics.clone().into_iter();
        topics
            .filter(|(_, topic)| !topic.changes.is_empty())
            .map(|(name, topic)| (name, topic.changes))
            .collect()
    };
    assert_eq!(changing(&again), changing(&first));
    assert_eq!(changing(&again).len(), 5);
    assert_eq!(saved.moved(&observed(), &again), []);
}

/// What is said to have moved after a change of the cluster.
fn after(change: impl FnOnce(&mut BTreeMap<TopicName, TopicObservation>)) -> Vec<String> {
    let saved = read(&text()).unwrap();
    let mut now = observed();
    change(&mut now.topics);
    let plan = plan(&saved.desired, &now);
    let moved = saved.moved(&now, &plan);
    let line = |movement: &crate::plan::Drift| {
        format!(
            "{}: {} was {}, is {}",
            movement.topic, movement.what, movement.planned, movement.found
        )
    };
    moved.iter().map(line).collect()
}

fn grown(topics: &mut BTreeMap<TopicName, TopicObservation>, change: impl FnOnce(&mut ObservedTopic)) {
    match topics.get_mut("grown") {
        Some(TopicObservation::Present(seen)) => change(seen),
        other => panic!("{other:?}"),
    }
}

fn set(seen: &mut ObservedTopic, name: &str, value: &str) {
    Arc::make_mut(&mut seen.configs).insert(key(name), config(value, ConfigSource::Topic));
}

#[test]
fn whatever_the_plan_rests_on_is_said_when_it_moved() {
    let present = |id| TopicObservation::Present(Box::new(seen(id, &[])));
    let said = [
        after(|topics| _ = topics.insert(name("created"), present(9))),
        after(|topics| _ = topics.insert(name("gone"), TopicObservation::Absent)),
        after(|topics| _ = topics.insert(name("gone"), present(8))),
        after(|topics| _ = topics.insert(name("forgotten"), present(7))),
        after(|topics| grown(topics, |seen| set(seen, "retention.ms", "1000"))),
        after(|topics| grown(topics, |seen| set(seen, "flush.ms", "1"))),
        after(|topics| {
            grown(topics, |seen| {
                let first = seen.metadata.partitions[0].clone();
                seen.metadata.partitions.push(Partition { index: 3, ..first });
            });
        }),
        after(|topics| {
            grown(topics, |seen| {
                seen.metadata.partitions[0].replicas.push(BrokerId(2));
            });
        }),
        after(|topics| {
            grown(topics, |seen| {
                seen.inherited.clear();
            });
        }),
    ];
    insta::assert_snapshot!(said.concat().join("\n"), @"
    created: topic was absent, is present
    gone: topic was present, is absent
    gone: topic id was AAAAAAAAAAAAAAAAAAAAAg, is AAAAAAAAAAAAAAAAAAAACA
    forgotten: topic id was AAAAAAAAAAAAAAAAAAAABA, is AAAAAAAAAAAAAAAAAAAABw
    grown: retention.ms was 2592000000 (the topic's own), is 1000 (the topic's own)
    grown: flush.ms was not set, is 1 (the topic's own)
    grown: partitions was 3, is 4
    grown: replication was 1, is 1 to 2
    grown: segment.ms was 9 (the topic's own, over 5), is 9 (the topic's own)
    ");
}

#[test]
fn what_the_plan_does_not_rest_on_may_move() {
    let present = |id, own: &[_]| TopicObservation::Present(Box::new(seen(id, own)));
    assert!(after(|topics| _ = topics.insert(name("same"), present(3, &[("retention.ms", "1")]))).is_empty());
    assert!(after(|topics| _ = topics.insert(name("fresh"), present(5, &[]))).is_empty());
    let vendor = after(|topics| grown(topics, |seen| set(seen, "vendor.x", "2")));
    assert!(vendor.is_empty(), "{vendor:?}");
    let isr = after(|topics| grown(topics, |seen| seen.metadata.partitions[0].isr.clear()));
    assert!(isr.is_empty(), "{isr:?}");
}

#[test]
fn a_text_that_is_no_plan_is_refused_with_the_reason() {
    let good = text();
    let refused = |text: &str| read(text).unwrap_err().to_string();
    let said = [
        refused(""),
        refused(&good[..good.len() / 2]),
        refused("version: 1"),
        refused("{}"),
        refused("{\"format\": \"topicctl/plan\", \"version\": 1}"),
        refused(&good.replacen("\"version\": 1", "\"version\": 2", 1)),
        refused(&good.replacen("\"value\": 5", "\"value\": 50", 1)),
        refused(&good.replacen("\"in_sync\"", "\"in_synk\"", 1)),
    ];
    insta::assert_snapshot!(said.join("\n"), @"
    the file is cut off: EOF while parsing a value at line 1 column 0
    the file is cut off: EOF while parsing a string at line 155 column 28
    this is no saved plan: expected value at line 1 column 1
    this is no saved plan: it does not say its `format`
    this is a topicctl/plan document, not a saved plan; `topicctl diff --out FILE` writes one
    this is version 2 of the format, and this topicctl reads version 1; make the plan with the same topicctl that applies it
    the file was changed after it was made: its digest does not match; make a new plan
    this is no saved plan: unknown field `in_synk`, expected one of `topicctl`, `profile`, `cluster_id`, `address`, `files`, `arguments`, `prune`, `blocked`, `in_sync`, `topics` at line 21 column 13
    ");
}

#[test]
fn a_plan_that_somebody_signed_anew_must_still_make_sense() {
    let resigned = |from: &str, to: &str| {
        let edited = text().replacen(from, to, 1);
        let mut document: SavedDocument = serde_json::from_str(&edited).unwrap();
        document.digest = document.plan.digest();
        read(&serde_json::to_string(&document).unwrap())
            .unwrap_err()
            .to_string()
    };
    assert_eq!(
        resigned("\"name\": \"created\"", "\"name\": \"not a name\""),
        "the plan for topic not a name makes no sense: a topic name has only letters, digits, `.`, `_` and `-`; ' ' is none of these"
    );
    assert_eq!(
        resigned("\"value\": 5", "\"value\": -5"),
        "the plan for topic grown makes no sense: -5 is no such count"
    );
}

#[test]
fn values_that_may_be_secret_are_not_saved() {
    let file = "\
version: 1
profiles: {prod: {}}
topics:
  - {name: created, config: {vendor.password: hunter2}}
  - {name: grown, partitions: 9, config: {vendor.hidden: hunter2}}
";
    let desired = desired(file, &[]);
    let mut observed = observed();
    grown(&mut observed.topics, |seen| {
        let hidden = ObservedConfig {
            value: None,
            source: ConfigSource::Topic,
            sensitive: true,
        };
        Arc::make_mut(&mut seen.configs).insert(key("vendor.hidden"), hidden);
    });
    let plan = plan(&desired, &observed);
    let unsavable = save(made(), &desired, &observed, &plan).unwrap_err().to_string();
    assert!(!unsavable.contains("hunter2"));
    insta::assert_snapshot!(unsavable, @"
    the plan cannot be saved, since it would hold values that may be secret:
      vendor.password of topic created
      vendor.hidden of topic grown
    Apply it without a saved plan, or leave these topics out by naming others.
    ");
}

#[test]
fn the_document_keeps_to_its_schema() {
    let schema = crate::render::json::schema::schema(crate::render::json::schema::DocumentKind::SavedPlan);
    let validator = jsonschema::draft202012::new(&schema).unwrap();
    let document: serde_json::Value = serde_json::from_str(&text()).unwrap();
    let errors: Vec<String> = validator
        .iter_errors(&document)
        .map(|error| error.to_string())
        .collect();
    assert!(errors.is_empty(), "{errors:#?}");
}
