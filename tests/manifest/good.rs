//! What valid manifests mean.

use topicctl::manifest::{self, Manifest, ManifestFile, Selection};
use topicctl::model::{DesiredState, DesiredTopic, Settings};

/// Files by name and text, one profile, no environment.
fn load(files: &[(&str, &str)], profile: Option<&str>) -> Manifest {
    let selection = profile.map_or(Selection::Unspecified, |name| Selection::Named(name.to_owned()));
    let files = files
        .iter()
        .map(|(name, text)| ManifestFile {
            name: (*name).into(),
            bytes: text.as_bytes().to_vec(),
        })
        .collect();
    manifest::load_files(files, &selection, &|_| None).unwrap_or_else(|problems| panic!("{problems}"))
}

fn settings(topic: &DesiredTopic) -> &Settings {
    match &topic.state {
        DesiredState::Present(settings) => settings,
        DesiredState::Absent(place) => panic!("{} is absent at {place}", topic.name),
    }
}

/// A topic in one line per setting: `retention.ms = 604800000 (7d) from topics.yaml:5 (defaults)`.
fn summary(topic: &DesiredTopic) -> Vec<String> {
    let settings = settings(topic);
    let mut lines = Vec::new();
    if let Some(partitions) = &settings.partitions {
        lines.push(format!(
            "partitions = {} from {}",
            partitions.value, partitions.origin
        ));
    }
    if let Some(replication) = &settings.replication {
        lines.push(format!(
            "replication = {} from {}",
            replication.value, replication.origin
        ));
    }
    for (key, config) in &settings.configs {
        lines.push(format!(
            "{key} = {} ({}) from {}",
            config.value.raw, config.value.written, config.origin
        ));
    }
    lines
}

#[test]
fn the_seed_topics_have_the_scripts_values_in_dev() {
    let text = include_str!("../../topics.yaml");
    let manifest = load(&[("topics.yaml", text)], None);
    assert_eq!(manifest.profile.as_deref(), Some("dev"));
    assert_eq!(manifest.bootstrap.unwrap().value.as_ref(), "localhost:9092");
    let values = |event: &str| {
        let name = format!("dev.omninode-bridge.test-generation.{event}.v1");
        summary(&manifest.desired.topics[name.as_str()])
    };
    let common = [
        "partitions = 3 from topics.yaml:6 (defaults)",
        "replication = 1 from topics.yaml:16 (profile dev)",
        "cleanup.policy = delete (delete) from topics.yaml:7 (defaults)",
        "compression.type = snappy (snappy) from topics.yaml:8 (defaults)",
    ];
    let week = "retention.ms = 604800000 (7d) from topics.yaml:9 (defaults)";
    let month = "retention.ms = 2592000000 (30d) from topics.yaml:50 (topic)";
    assert_eq!(values("started"), [&common[..], &[week]].concat());
    assert_eq!(values("completed"), [&common[..], &[week]].concat());
    assert_eq!(values("failed"), [&common[..], &[month]].concat());
    assert_eq!(manifest.desired.topics.len(), 3);
}
