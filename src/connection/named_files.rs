//! The files that properties name: secrets, tokens, certificates and keys.

use std::path::PathBuf;

use super::jaas;
use super::names::{self, Name};
use super::reading::referred;
use super::resolve::Properties;
use super::strimzi;

impl Properties {
    /// Every file that a property names, also where another property makes that it is not read.
    pub fn named_files(&self) -> Vec<PathBuf> {
        let used = self
            .iter()
            .filter_map(|(name, property)| match names::classify(name) {
                Name::Used(name) => Some(files_of(name, property.value.reveal().trim())),
                Name::OfOthers | Name::Unsupported(_) | Name::Unknown(_) => None,
            });
        used.flatten().collect()
    }
}

fn files_of(name: &str, text: &str) -> Vec<PathBuf> {
    if let Some(path) = referred(text) {
        return vec![path.into()];
    }
    match name {
        // librdkafka's word for the certificates of the system.
        "https.ca.location" if text == "probe" => Vec::new(),
        name if name.ends_with(".location") && !text.is_empty() => vec![text.into()],
        "sasl.jaas.config" => of_login_module(text),
        _ => Vec::new(),
    }
}

/// Options of a login module may refer to files.
fn of_login_module(text: &str) -> Vec<PathBuf> {
    let Ok(module) = jaas::parse(text) else {
        return Vec::new();
    };
    let values = module.options.values();
    values
        .filter_map(|value| referred(value.reveal()).map(PathBuf::from))
        .chain(strimzi_files(text))
        .collect()
}

/// Those that Strimzi's options name.
fn strimzi_files(text: &str) -> impl Iterator<Item = PathBuf> {
    let stated = strimzi::properties_in(text).into_iter();
    stated.flat_map(|(name, value)| files_of(name, value.reveal().trim()))
}
