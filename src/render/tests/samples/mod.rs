//! Plans, reports and descriptions to be rendered.

mod descriptions;
mod plans;
mod reasons;
mod reports;
mod validations;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use uuid::Uuid;

pub(super) use descriptions::{description, differing, overview};
pub(super) use plans::{blocked, changes, every_case, hostile, in_sync, many, unreadable};
pub(super) use reports::{created, report, stopped};
pub(super) use validations::{invalid, valid};

use crate::model::{
    ConfigKey, ConfigSource, ConfigText, Declared, Layer, ObservedConfig, Origin, PartitionCount, Place,
    ReplicationFactor, TopicId, TopicName,
};
use crate::plan::{Change, Note, Plan, PlannedChange, Reason, Refusal, Risk, TopicPlan};
use crate::render::Header;

pub(super) fn header() -> Header {
    Header {
        profile: Some("prod".into()),
        cluster_id: "5L6g3nShT-eMCtK--X86sw".into(),
        address: "localhost:9092".into(),
    }
}

pub(super) fn name(name: &str) -> TopicName {
    TopicName::new(name).unwrap()
}

fn key(key: &str) -> ConfigKey {
    ConfigKey::new(key).unwrap()
}

fn place(line: u32, column: u32) -> Place {
    Place {
        file: "topics.yaml".into(),
        line,
        column,
    }
}

fn declared<T>(value: T, line: u32, layer: Layer) -> Declared<T> {
    let origin = Origin {
        place: place(line, 17),
        layer,
    };
    Declared { value, origin }
}

fn written(raw: &str, written: &str) -> ConfigText {
    ConfigText {
        raw: raw.into(),
        written: written.into(),
    }
}

fn partitions(count: i64) -> PartitionCount {
    PartitionCount::new(count).unwrap()
}

fn replicas(count: i64) -> ReplicationFactor {
    ReplicationFactor::new(count).unwrap()
}

fn observed(value: &str, source: ConfigSource) -> ObservedConfig {
    ObservedConfig {
        value: Some(value.into()),
        source,
        sensitive: false,
    }
}

fn hidden(source: ConfigSource) -> ObservedConfig {
    ObservedConfig {
        value: None,
        source,
        sensitive: true,
    }
}

fn id(byte: u8) -> TopicId {
    TopicId(Uuid::from_bytes([byte; 16]))
}

fn prod() -> Arc<str> {
    "prod".into()
}

fn safe(change: Change) -> PlannedChange {
    risky(change, [])
}

fn risky(change: Change, reasons: impl IntoIterator<Item = Reason>) -> PlannedChange {
    PlannedChange {
        change,
        risk: Risk::because(reasons),
    }
}

fn topic(line: u32, changes: Vec<PlannedChange>) -> TopicPlan {
    TopicPlan {
        place: Some(place(line, 5)),
        changes,
        refusals: Vec::new(),
        notes: BTreeSet::new(),
        unreadable: None,
    }
}

fn refused(line: u32, refusals: Vec<Refusal>) -> TopicPlan {
    TopicPlan {
        refusals,
        ..topic(line, Vec::new())
    }
}

fn noted(topic: TopicPlan, notes: impl IntoIterator<Item = Note>) -> TopicPlan {
    TopicPlan {
        notes: notes.into_iter().collect(),
        ..topic
    }
}

fn plan(topics: impl IntoIterator<Item = (&'static str, TopicPlan)>) -> Plan {
    let topics: BTreeMap<_, _> = topics
        .into_iter()
        .map(|(topic, plan)| (name(topic), plan))
        .collect();
    Plan { topics }
}
