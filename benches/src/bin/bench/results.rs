//! What is reported. The JSON file is this, field by field.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::aims::Aim;
use crate::applying::Applied;
use crate::arguments::Arguments;
use crate::machine::{Kafka, Machine};
use crate::sample::{Sample, Times};

/// Everything.
#[derive(Debug, Serialize)]
pub(crate) struct Results {
    pub(crate) machine: Machine,
    pub(crate) kafka: Kafka,
    pub(crate) rounds: u16,
    pub(crate) create_rounds: u16,
    pub(crate) replication: i16,
    pub(crate) reads: Vec<Read>,
    pub(crate) creation: Option<Creation>,
}

impl Results {
    pub(crate) fn new(machine: Machine, kafka: Kafka, arguments: &Arguments) -> Self {
        Self {
            machine,
            kafka,
            rounds: arguments.rounds,
            create_rounds: arguments.create_rounds,
            replication: arguments.replication,
            reads: Vec::new(),
            creation: None,
        }
    }
}

/// Reading so many topics with nothing to do.
#[derive(Debug, Serialize)]
pub(crate) struct Read {
    pub(crate) topics: usize,
    /// Config entries of all topics together.
    pub(crate) configs: usize,
    pub(crate) topicctl: Sample,
    pub(crate) floor: Sample,
    pub(crate) rdkafka: Sample,
    /// What one diff asks of the cluster.
    pub(crate) requests: BTreeMap<String, u64>,
    /// How the topics came to be.
    pub(crate) apply: Applied,
    pub(crate) aims: Vec<Aim>,
}

/// Creating so many topics, in turns.
#[derive(Debug, Serialize)]
pub(crate) struct Creation {
    pub(crate) topics: usize,
    pub(crate) acknowledged: Times,
    pub(crate) visible: Times,
    pub(crate) done: Times,
    pub(crate) done_after_visible: Times,
    /// A bare batched create with the shortest answer.
    pub(crate) floor: Sample,
    /// The same with the answer of the newest version, which shows all configs.
    pub(crate) floor_in_full: Sample,
    pub(crate) applied: Vec<Applied>,
    pub(crate) aims: Vec<Aim>,
}
