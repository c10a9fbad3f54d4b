//! Topics as `describe` finds them.

use std::collections::BTreeMap;

use super::plans::{changes, every_case, in_sync};
use super::{declared, hidden, id, key, name, observed, partitions, place, raw, replicas, said, written};
use crate::inspect::{DescribedConfig, DescribedGroup, DescribedOffsets, Position, TopicDescription};
use crate::model::{
    AclOperation, Broker, BrokerId, ConfigSource, DesiredSettings, DesiredState, DesiredTopic, EventName,
    GroupKind, GroupMember, Groups, Inherited, InheritedByBroker, Known, Layer, Offset, Partition, Pattern,
    ReadError, Reading, Reassignment, Synonym, TopicMetadata, TopicName, Unlisted, ValueByBroker,
};
use crate::plan::TopicPlan;
use crate::render::{Columns, Description, View};

/// In detail: one topic with everything, one that should not exist, one that cannot be read.
pub(in super::super) fn description() -> Description {
    let topics = vec![
        (name("__consumer_offsets"), unknown()),
        (name("prod.audit"), absent()),
        (name("prod.grown"), complete()),
    ];
    Description {
        topics,
        brokers: brokers(),
        view: View::Detailed,
    }
}

/// Topics of the file that differ from it in every way there is.
pub(in super::super) fn differing() -> Description {
    let topic = |(name, plan): (TopicName, TopicPlan)| {
        let unlisted = if name.as_str().ends_with("grown") {
            Unlisted::ResetAll
        } else {
            Unlisted::Reset
        };
        let state = DesiredState::Present(DesiredSettings {
            unlisted,
            ..DesiredSettings::default()
        });
        let described = TopicDescription {
            declared: Some(desired("any", 1, state)),
            plan: Some(plan),
            ..unknown()
        };
        (name, described)
    };
    Description {
        topics: every_case().topics.into_iter().map(topic).collect(),
        ..Description::default()
    }
}

/// In detail, and nothing but the metadata could be read.
pub(in super::super) fn hardly_known() -> Description {
    let refused = || Err(super::denied(AclOperation::Describe, "foreign"));
    let topic = TopicDescription {
        metadata: Reading::Read(metadata()),
        last_writes: [(0, refused()), (1, refused()), (2, refused())].into(),
        ..unknown()
    };
    Description {
        topics: vec![(name("foreign"), topic)],
        view: View::Detailed,
        ..Description::default()
    }
}

/// One line per topic: without offsets.
pub(in super::super) fn overview() -> Description {
    let foreign = TopicDescription {
        metadata: Reading::Read(metadata()),
        ..unknown()
    };
    Description {
        topics: vec![(name("foreign"), foreign)],
        ..Description::default()
    }
}

/// One line per topic, with everything that can be asked for.
pub(in super::super) fn wide_overview() -> Description {
    let columns = Columns {
        records: true,
        bytes: true,
        lag: true,
    };
    Description {
        view: View::Overview(columns),
        ..description()
    }
}

fn moved() -> Reassignment {
    let ids = |ids: &[i32]| ids.iter().copied().map(BrokerId).collect();
    Reassignment {
        replicas: ids(&[3, 1, 2]),
        adding: ids(&[3]),
        removing: ids(&[1]),
    }
}

/// Two live brokers; a third one that has a replica is not among them.
fn brokers() -> BTreeMap<BrokerId, Broker> {
    let broker = |id: i32, rack: Option<&str>| {
        let port = u16::try_from(9_091 + id).unwrap();
        let rack = rack.map(|rack| said(rack).into());
        (
            BrokerId(id),
            Broker {
                host: said("10.0.0.1").into(),
                port,
                rack,
            },
        )
    };
    BTreeMap::from([broker(1, Some("rack-a")), broker(3, None)])
}

fn last_writes() -> BTreeMap<i32, Result<Offset, ReadError>> {
    let at = |offset, timestamp| {
        Ok(Offset {
            offset,
            timestamp,
            leader_epoch: None,
        })
    };
    let refused = Err(raw("no leader (LEADER_NOT_AVAILABLE)").into());
    BTreeMap::from([
        (0, at(Some(249), Some(1_700_000_000_000))),
        (1, refused),
        (2, at(None, None)),
    ])
}

fn sizes() -> BTreeMap<i32, BTreeMap<BrokerId, Result<u64, ReadError>>> {
    let down = || Err(raw("broker 2 is not alive").into());
    BTreeMap::from([
        (
            0,
            BTreeMap::from([(BrokerId(1), Ok(4_096)), (BrokerId(2), down())]),
        ),
        (1, BTreeMap::from([(BrokerId(2), down())])),
        (2, BTreeMap::from([(BrokerId(1), Ok(0))])),
    ])
}

fn member(client: &str, partitions: &[i32]) -> GroupMember {
    GroupMember {
        id: said(&format!("{client}-6f1c")).into(),
        client: said(client).into(),
        host: said("10.0.0.7").into(),
        partitions: partitions.iter().copied().collect(),
    }
}

fn groups() -> Groups<DescribedGroup> {
    let position = |committed, lag, behind_ms| Position {
        committed: Some(committed),
        lag,
        lost: Known::Read(0),
        behind_ms,
    };
    let unread = |why: &str| Known::Unread(said(why).into());
    let billing = DescribedGroup {
        kind: GroupKind::Consumer,
        state: Some(said("Stable").into()),
        members: Known::Read([member("billing-1", &[0, 2]), member("billing-2", &[])].into()),
        positions: BTreeMap::from([
            (0, position(200, Known::Read(50), Known::Read(93_784_000))),
            (
                2,
                Position::uncommitted("no offset is committed there".into(), None),
            ),
        ]),
    };
    let audit = DescribedGroup {
        kind: GroupKind::Classic,
        state: None,
        members: Known::Unread(said("GROUP_AUTHORIZATION_FAILED").into()),
        positions: BTreeMap::from([
            (
                0,
                position(240, Known::Read(10), unread("TOPIC_AUTHORIZATION_FAILED")),
            ),
            (
                1,
                Position {
                    lost: Known::Read(1_200),
                    ..position(7, unread("no leader"), unread("no leader"))
                },
            ),
        ]),
    };
    let at_rest = |kind| DescribedGroup {
        kind,
        state: Some(said("Empty").into()),
        members: Known::Read([].into()),
        positions: BTreeMap::from([(0, position(250, Known::Read(0), Known::Read(0)))]),
    };
    Groups {
        read: BTreeMap::from([
            (raw("audit").into(), audit),
            (raw("billing").into(), billing),
            (raw("connect").into(), at_rest(GroupKind::Other)),
            (raw("shared").into(), at_rest(GroupKind::Share)),
            (raw("streaming").into(), at_rest(GroupKind::Streams)),
        ]),
        unread: std::collections::BTreeSet::from([said("broker 2 did not list its groups").into()]),
    }
}

fn complete() -> TopicDescription {
    let settings = DesiredSettings {
        partitions: Some(declared(partitions(12), 31, Layer::Topic)),
        replication: Some(declared(replicas(1), 8, Layer::Defaults)),
        configs: BTreeMap::from([(key("retention.ms"), retention())]),
        unlisted: Unlisted::Keep,
        ignore: vec![Pattern::new("vendor.*")],
    };
    TopicDescription {
        caps_min_insync: true,
        declared: Some(desired("grown", 30, DesiredState::Present(settings))),
        plan: planned("prod.grown", changes().topics),
        metadata: Reading::Read(metadata()),
        configs: Reading::Read(configs()),
        chains_unread: Some(raw("broker 2 did not answer").into()),
        values_unread: BTreeMap::from([(BrokerId(2), raw("broker 2 did not answer").into())]),
        offsets: offsets(),
        last_writes: last_writes(),
        sizes: sizes(),
        groups: Some(groups()),
        reassignments: Reading::Read(BTreeMap::from([(0, moved())])),
        eligible_leaders: Reading::Read(BTreeMap::from([(1, [BrokerId(3)].into())])),
    }
}

fn absent() -> TopicDescription {
    TopicDescription {
        declared: Some(desired("audit", 3, DesiredState::Absent(place(4, 12)))),
        plan: planned("prod.audit", in_sync().topics),
        ..TopicDescription::new(Reading::Absent, Reading::Absent)
    }
}

fn unknown() -> TopicDescription {
    let why = |operation| super::denied(operation, "prod.secret");
    TopicDescription::new(
        Reading::Failed(why(AclOperation::Describe)),
        Reading::Failed(why(AclOperation::DescribeConfigs)),
    )
}

fn planned(topic: &str, mut topics: BTreeMap<TopicName, TopicPlan>) -> Option<TopicPlan> {
    topics.remove(topic)
}

fn desired(short: &str, line: u32, state: DesiredState) -> DesiredTopic {
    DesiredTopic {
        name: name(&format!("prod.{short}")),
        declared_name: short.into(),
        description: Some(raw("Orders that grew").into()),
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

/// Broker 2 has another value, and broker 3 does not tell.
fn inherited_differently() -> ValueByBroker {
    let key = key("min.insync.replicas");
    let told = |value: &str, source| {
        let inherited = Inherited {
            value: Some(raw(value).into()),
            source,
        };
        Ok(BTreeMap::from([(key.clone(), inherited)]))
    };
    let brokers = [
        (BrokerId(1), told("2", ConfigSource::Cluster)),
        (BrokerId(2), told("3", ConfigSource::Broker)),
        (BrokerId(3), Err(raw("broker 3 is not alive").into())),
    ];
    let asked = InheritedByBroker {
        keys: [key.clone()].into(),
        brokers: brokers.into(),
        others: BTreeMap::new(),
    };
    asked.value_by_broker(&key).if_different(&key)
}

fn configs() -> BTreeMap<crate::model::ConfigKey, DescribedConfig> {
    let link = |link: &str, value: Option<&str>, source| Synonym {
        key: key(link),
        value: value.map(|value| raw(value).into()),
        source,
    };
    let retention_ms = DescribedConfig {
        config: observed("2592000000", ConfigSource::Topic),
        chain: vec![
            link("retention.ms", Some("2592000000"), ConfigSource::Topic),
            link("log.retention.ms", None, ConfigSource::BrokerFile),
            link("log.retention.hours", Some("168"), ConfigSource::Default),
        ],
        by_broker: ValueByBroker::default(),
        declared: Some(retention()),
    };
    let token = DescribedConfig {
        config: hidden(ConfigSource::Topic),
        chain: Vec::new(),
        by_broker: ValueByBroker::default(),
        declared: Some(declared(written("not-for-you", "not-for-you"), 33, Layer::Topic)),
    };
    let min_insync = DescribedConfig {
        config: observed("2", ConfigSource::Cluster),
        chain: vec![
            link("min.insync.replicas", Some("2"), ConfigSource::Cluster),
            link("min.insync.replicas", Some("1"), ConfigSource::Default),
        ],
        by_broker: inherited_differently(),
        declared: None,
    };
    BTreeMap::from([
        (key("min.insync.replicas"), min_insync),
        (key("retention.ms"), retention_ms),
        (key("vendor.token"), token),
    ])
}

fn metadata() -> TopicMetadata {
    let ids = |ids: &[i32]| ids.iter().copied().map(BrokerId).collect::<Vec<_>>();
    let partition = |index, replicas: &[i32], isr: &[i32]| Partition {
        index,
        leader: isr.first().copied().map(BrokerId),
        replicas: ids(replicas),
        isr: ids(isr),
        offline: ids(if isr.is_empty() { replicas } else { &[] }),
    };
    TopicMetadata {
        id: id(9),
        internal: false,
        partitions: vec![
            partition(0, &[3, 1, 2], &[2, 1]),
            partition(1, &[2], &[]),
            partition(2, &[1], &[1]),
        ],
    }
}

fn offsets() -> BTreeMap<i32, DescribedOffsets> {
    let at = |offset, timestamp| {
        Ok(Offset {
            offset,
            timestamp,
            leader_epoch: None,
        })
    };
    let known = DescribedOffsets {
        earliest: at(Some(10), None),
        latest: at(Some(250), Some(1_700_000_000_000)),
    };
    let failed = DescribedOffsets {
        earliest: at(None, None),
        latest: Err(raw("no leader (LEADER_NOT_AVAILABLE)").into()),
    };
    BTreeMap::from([(0, known), (1, failed)])
}
