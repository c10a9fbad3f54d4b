//! Manifests from text, and what they came to in a form that is easy to compare.

use topicctl::manifest::{self, Manifest, ManifestFile, Problems, Selection};

use crate::schema;
use topicctl::model::{DesiredSettings, DesiredState, DesiredTopic};

pub(crate) fn files(files: &[(&str, &str)]) -> Vec<ManifestFile> {
    let file = |(name, text): &(&str, &str)| ManifestFile {
        name: (*name).into(),
        bytes: text.as_bytes().to_vec(),
    };
    files.iter().map(file).collect()
}

pub(crate) fn selection(profile: Option<&str>) -> Selection {
    profile.map_or(Selection::Unspecified, |name| Selection::Named(name.to_owned()))
}

/// Loads files with no variable set. What can be loaded is valid by the JSON Schema as well.
pub(crate) fn load(named: &[(&str, &str)], profile: Option<&str>) -> Result<Manifest, Problems> {
    let loaded = manifest::load_files(files(named), &selection(profile), &|_| None);
    if loaded.is_ok() {
        for (name, text) in named {
            schema::expect_valid(name, text);
        }
    }
    loaded
}

/// Loads one good file.
pub(crate) fn good(text: &str, profile: Option<&str>) -> Manifest {
    load(&[("topics.yaml", text)], profile).unwrap_or_else(|problems| panic!("{problems}"))
}

/// What `validate --output json` prints of files that are wrong.
pub(crate) fn printed(problems: &Problems) -> String {
    let mut out = Vec::new();
    topicctl::render::json::validation(&mut out, Err(problems)).unwrap();
    String::from_utf8(out).unwrap()
}

/// Everything that is said of one bad file.
pub(crate) fn said(text: &str, profile: Option<&str>) -> String {
    match load(&[("topics.yaml", text)], profile) {
        Err(problems) => problems.to_string(),
        Ok(_) => panic!("nothing is wrong with it"),
    }
}

pub(crate) fn settings(topic: &DesiredTopic) -> &DesiredSettings {
    match &topic.state {
        DesiredState::Present(settings) => settings,
        DesiredState::Absent(place) => panic!("{} is absent at {place}", topic.name),
    }
}

/// A topic's settings, each in a line: `retention.ms = 604800000 (7d) from topics.yaml:5 (defaults)`.
pub(crate) fn summary(topic: &DesiredTopic) -> Vec<String> {
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
        let value = &config.value;
        lines.push(format!(
            "{key} = {} ({}) from {}",
            value.reveal(),
            value.written().unwrap_or_default(),
            config.origin
        ));
    }
    lines
}

/// Compares messages with the snapshot of this name, word for word.
pub(crate) fn assert_said(name: &str, said: &str) {
    let settings = {
        let mut settings = insta::Settings::clone_current();
        settings.set_snapshot_path("said");
        settings.set_prepend_module_to_snapshot(false);
        settings.set_omit_expression(true);
        settings
    };
    settings.bind(|| insta::assert_snapshot!(name, said));
}
