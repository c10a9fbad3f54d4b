//! Where it was measured: ratios travel from machine to machine, times do not.

use std::path::Path;
use std::process::Command;

use anyhow::Result;
use serde::Serialize;
use sysinfo::System;
use topicctl_benches::bare;

use crate::arguments::Arguments;
use crate::setting::Setting;

/// The machine.
#[derive(Debug, Serialize)]
pub(crate) struct Machine {
    pub(crate) cores: usize,
    pub(crate) processor: String,
    pub(crate) memory_bytes: u64,
    pub(crate) system: String,
    /// Processes that wanted to run in the minute before; well above zero means that others took
    /// part of the cores.
    pub(crate) load_before: f64,
}

/// The cluster, and what was measured on it.
#[derive(Debug, Serialize)]
pub(crate) struct Kafka {
    pub(crate) version: Option<String>,
    /// The cluster's `metadata.version`.
    pub(crate) metadata_level: Option<i16>,
    pub(crate) brokers: usize,
    /// What git calls the state of the sources that the measured topicctl lies in.
    pub(crate) topicctl_commit: Option<String>,
}

/// This machine.
pub(crate) fn here() -> Result<Machine> {
    let system = System::new_all()?;
    let brand = system
        .cpus()
        .first()
        .map(|processor| processor.brand().trim().to_owned());
    Ok(Machine {
        cores: system.cpus().len(),
        processor: brand
            .filter(|brand| !brand.is_empty())
            .unwrap_or_else(|| "unknown".to_owned()),
        memory_bytes: system.total_memory(),
        system: System::long_os_version()?,
        load_before: System::load_average()?.one,
    })
}

/// The cluster.
pub(crate) fn kafka(setting: &Setting, arguments: &Arguments) -> Result<Kafka> {
    let facts = bare::facts(&setting.addresses)?;
    Ok(Kafka {
        version: arguments.kafka_version.clone(),
        metadata_level: facts.metadata_level,
        brokers: facts.brokers,
        topicctl_commit: commit(&setting.topicctl),
    })
}

fn commit(topicctl: &Path) -> Option<String> {
    let answer = Command::new("git")
        .arg("-C")
        .arg(topicctl.parent()?)
        .args(["describe", "--always", "--dirty", "--abbrev=12"])
        .output()
        .ok()?;
    let text = String::from_utf8(answer.stdout).ok()?.trim().to_owned();
    (answer.status.success() && !text.is_empty()).then_some(text)
}
