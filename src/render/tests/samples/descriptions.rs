//! Topics as `describe` finds them.

use std::collections::BTreeMap;

use super::plans::{changes, every_case, in_sync};
use super::{declared, hidden, id, key, name, observed, partitions, place, replicas, written};
use crate::model::{
    AclOperation, BrokerId, ConfigSource, DesiredState, DesiredTopic, EventName, Layer, Offset, Partition,
    Pattern, Settings, Synonym, TopicMetadata, TopicName, Unlisted,
};
use crate::plan::TopicPlan;
use crate::render::{DescribedConfig, DescribedOffsets, Description, Readable, TopicDescription};

/// In detail: one topic with everything, one that should not exist, one that cannot be read.
pub(in super::super) fn description() -> Description {
    let topics = BTreeMap::from([
        (name("prod.grown"), complete()),
        (name("prod.audit"), absent()),
        (name("__consumer_offsets"), unknown()),
    ]);
    Description {
        topics,
        detailed: true,
    }
}

/// Topics of the file that differ from it in every way there is.
pub(in super::super) fn differing() -> Description {
    let topic = |(name, plan): (TopicName, TopicPlan)| {
        let state = DesiredState::Present(Settings::default());
        let described = TopicDescription {
            declared: Some(desired("any", 1, state)),
            plan: Some(plan),
            ..unknown()
        };
        (name, described)
    };
    Description {
        topics: every_case().topics.into_iter().map(topic).collect(),
        detailed: false,
    }
}

/// One line per topic: without offsets.
pub(in super::super) fn overview() -> Description {
    let foreign = TopicDescription {
        metadata: Readable::Read(metadata()),
        ..unknown()
    };
    Description {
        topics: BTreeMap::from([(name("foreign"), foreign)]),
        detailed: false,
    }
}

fn complete() -> TopicDescription {
    let settings = Settings {
        partitions: Some(declared(partitions(12), 31, Layer::Topic)),
        replication: Some(declared(replicas(1), 8, Layer::Defaults)),
        configs: BTreeMap::from([(key("retention.ms"), retention())]),
        unlisted: Unlisted::Keep,
        ignore: vec![Pattern::new("vendor.*")],
    };
    TopicDescription {
        declared: Some(desired("grown", 30, DesiredState::Present(settings))),
        plan: planned("prod.grown", changes().topics),
        metadata: Readable::Read(metadata()),
        configs: Readable::Read(configs()),
        offsets: offsets(),
    }
}

fn absent() -> TopicDescription {
    TopicDescription {
        declared: Some(desired("audit", 3, DesiredState::Absent(place(4, 12)))),
        plan: planned("prod.audit", in_sync().topics),
        metadata: Readable::Absent,
        configs: Readable::Absent,
        offsets: BTreeMap::new(),
    }
}

fn unknown() -> TopicDescription {
    let why = |operation| super::denied(operation, "prod.secret");
    TopicDescription {
        declared: None,
        plan: None,
        metadata: Readable::Unknown(why(AclOperation::Describe)),
        configs: Readable::Unknown(why(AclOperation::DescribeConfigs)),
        offsets: BTreeMap::new(),
    }
}

fn planned(topic: &str, mut topics: BTreeMap<TopicName, TopicPlan>) -> Option<TopicPlan> {
    topics.remove(topic)
}

fn desired(short: &str, line: u32, state: DesiredState) -> DesiredTopic {
    DesiredTopic {
        name: name(&format!("prod.{short}")),
        declared_name: short.into(),
        description: Some("Orders that grew".into()),
        aliases: vec![name("orders_v1")],
        event: Some(declared(EventName::TestGenerationFailed, line + 1, Layer::Topic)),
        place: place(line, 5),
        protected: None,
        exempt: None,
        state,
    }
}

fn retention() -> crate::model::Declared<crate::model::ConfigText> {
    declared(written("604800000", "7d"), 32, Layer::Topic)
}

fn configs() -> BTreeMap<crate::model::ConfigKey, DescribedConfig> {
    let link = |link: &str, value: Option<&str>, source| Synonym {
        key: key(link),
        value: value.map(Into::into),
        source,
    };
    let retention_ms = DescribedConfig {
        config: observed("2592000000", ConfigSource::Topic),
        chain: vec![
            link("retention.ms", Some("2592000000"), ConfigSource::Topic),
            link("log.retention.ms", None, ConfigSource::BrokerFile),
            link("log.retention.hours", Some("168"), ConfigSource::Default),
        ],
        declared: Some(retention()),
    };
    let token = DescribedConfig {
        config: hidden(ConfigSource::Topic),
        chain: Vec::new(),
        declared: Some(declared(written("not-for-you", "not-for-you"), 33, Layer::Topic)),
    };
    BTreeMap::from([(key("retention.ms"), retention_ms), (key("vendor.token"), token)])
}

fn metadata() -> TopicMetadata {
    let ids = |ids: &[i32]| ids.iter().copied().map(BrokerId).collect::<Vec<_>>();
    let partition = |index, replicas: &[i32], isr: &[i32]| Partition {
        index,
        leader: isr.first().copied().map(BrokerId),
        replicas: ids(replicas),
        isr: ids(isr),
        offline: ids(&replicas[isr.len()..]),
    };
    TopicMetadata {
        id: id(9),
        internal: false,
        partitions: vec![
            partition(0, &[1, 2], &[1, 2]),
            partition(1, &[2], &[]),
            partition(2, &[1], &[1]),
        ],
    }
}

fn offsets() -> BTreeMap<i32, DescribedOffsets> {
    let at = |offset, timestamp| Ok(Offset { offset, timestamp });
    let known = DescribedOffsets {
        earliest: at(Some(10), None),
        latest: at(Some(250), Some(1_700_000_000_000)),
    };
    let failed = DescribedOffsets {
        earliest: at(None, None),
        latest: Err("no leader (LEADER_NOT_AVAILABLE)".into()),
    };
    BTreeMap::from([(0, known), (1, failed)])
}
