//! Plans, reports and descriptions to be rendered.

mod descriptions;
mod events;
mod foreign;
mod plans;
mod reasons;
mod records;
mod reports;
mod validations;
mod views;

use std::collections::{BTreeMap, BTreeSet};

use uuid::Uuid;

pub(super) use descriptions::{description, differing, hardly_known, overview, wide_overview};
pub(super) use events::{denied_published, problems, published, records, stories};
pub(super) use foreign::with_foreign;
use foreign::{raw, said};
pub(super) use plans::{blocked, changes, every_case, hostile, in_sync, many, unreadable};
pub(super) use records::record;
pub(super) use reports::{created, movement, report, stopped};
pub(super) use validations::{invalid, valid};
pub(crate) use views::{busy, nothing};

use crate::inspect::TopicDescription;
use crate::model::{
    AclOperation, AclResource, ConfigKey, ConfigSource, ConfigText, Declared, Layer, ObservedConfig, Origin,
    PartitionCount, Place, Printable, ReadError, Reading, ReplicationFactor, RequiredAcl, TopicId, TopicName,
    Unreadable,
};
use crate::plan::{Change, Note, Plan, PlannedChange, Reason, Refusal, Risk, TopicPlan};
use crate::render::{Description, Header};

pub(super) fn header() -> Header {
    Header {
        profile: Some(raw("prod").into()),
        cluster_id: raw("5L6g3nShT-eMCtK--X86sw").into(),
        address: raw("localhost:9092").into(),
        principal: None,
        is_of_aws: false,
        health: crate::model::ClusterHealth::default(),
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
        file: raw("topics.yaml").into(),
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
    ConfigText::new("", foreign::raw(raw), foreign::raw(written))
}

fn partitions(count: i64) -> PartitionCount {
    PartitionCount::new(count).unwrap()
}

fn replicas(count: i64) -> ReplicationFactor {
    ReplicationFactor::new(count).unwrap()
}

fn observed(value: &str, source: ConfigSource) -> ObservedConfig {
    ObservedConfig {
        value: Some(raw(value).into()),
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

fn prod() -> Printable {
    raw("prod").into()
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
        internal: false,
        leftovers: BTreeSet::new(),
        place: Some(place(line, 5)),
        id: None,
        changes,
        refusals: Vec::new(),
        notes: BTreeSet::new(),
        unreadable: None,
        unread_rights: BTreeSet::new(),
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
    Plan {
        topics,
        ..Plan::default()
    }
}

/// What a broker says of a topic that this principal may not read.
fn denied(operation: AclOperation, topic: &str) -> ReadError {
    lacking(RequiredAcl::on_topic(operation, &name(topic)))
}

fn lacking(right: RequiredAcl) -> ReadError {
    ReadError {
        words: raw(&format!("TOPIC_AUTHORIZATION_FAILED: needs {right}")).into(),
        missing: Some(right),
    }
}

/// A topic for each right that may be missing.
fn without_rights() -> BTreeMap<TopicName, ReadError> {
    let operations = [
        AclOperation::Describe,
        AclOperation::DescribeConfigs,
        AclOperation::Create,
        AclOperation::Alter,
        AclOperation::AlterConfigs,
        AclOperation::Delete,
        AclOperation::Read,
        AclOperation::Write,
    ];
    let group = RequiredAcl {
        operation: AclOperation::Describe,
        resource: AclResource::Group(said("billing").into()),
    };
    let topics = operations.map(|operation| RequiredAcl::on_topic(operation, &name("prod.secret")));
    let rights = topics
        .into_iter()
        .chain([group, RequiredAcl::on_cluster(AclOperation::DescribeConfigs)]);
    let numbered = rights.zip(1..);
    numbered
        .map(|(right, number)| (name(&format!("prod.denied.{number}")), lacking(right)))
        .collect()
}

/// A plan in which every right is missing.
pub(super) fn denied_plan() -> Plan {
    let topics = without_rights().into_iter().map(|(name, reason)| {
        let unreadable = Some(Unreadable {
            what: "its configs",
            reason,
        });
        (
            name,
            TopicPlan {
                unreadable,
                ..topic(71, vec![])
            },
        )
    });
    Plan {
        topics: topics.collect(),
        ..Plan::default()
    }
}

/// A description in which every right is missing.
pub(super) fn denied_description() -> Description {
    let topics = without_rights().into_iter().map(|(name, reason)| {
        let topic = TopicDescription::new(Reading::Failed(reason), Reading::Absent);
        (name, topic)
    });
    Description {
        topics: topics.collect(),
        ..Description::default()
    }
}
