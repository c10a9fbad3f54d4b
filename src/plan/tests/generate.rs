//! Files and clusters at random, small enough to meet each other often.

use std::collections::BTreeMap;
use std::sync::Arc;

use proptest::prelude::*;
use proptest::sample::select;

use super::world::{HIDDEN, Held, World, brokers};
use super::{
    config_text, declared, desired_topic, id, key, name, partition_count, place, replication_factor,
};
use crate::model::{ConfigKey, ConfigSource, DesiredSettings, DesiredState, DesiredTopic, Pattern, Unlisted};

/// Keys with values that meet every rule somewhere.
pub(super) const POOL: &[(&str, &[&str])] = &[
    (
        "cleanup.policy",
        &["delete", "compact", "compact,delete", "delete,compact", ""],
    ),
    ("flush.ms", &["1", "2"]),
    ("leader.replication.throttled.replicas", &["*", "0:1"]),
    ("max.message.bytes", &["5", "9"]),
    ("min.cleanable.dirty.ratio", &["0.5", "0.50", "0.6"]),
    ("min.insync.replicas", &["1", "2", "3"]),
    ("remote.storage.enable", &["true", "false"]),
    ("retention.bytes", &["-1", "5", "9"]),
    ("retention.ms", &["-1", "0", "5", "604800000"]),
    ("unclean.leader.election.enable", &["true", "false", "TRUE"]),
    (HIDDEN, &["a", "b"]),
];

const NAMES: &[&str] = &["a", "b", "c", "d"];

pub(super) type Texts = BTreeMap<ConfigKey, Arc<str>>;

fn configs() -> impl Strategy<Value = Texts> {
    let values: Vec<_> = POOL
        .iter()
        .map(|(_, values)| proptest::option::weighted(0.3, select(*values)))
        .collect();
    values.prop_map(|chosen| {
        let pairs = POOL.iter().zip(chosen);
        pairs
            .filter_map(|((name, _), value)| Some((key(name), value?.into())))
            .collect()
    })
}

fn settings() -> impl Strategy<Value = DesiredSettings> {
    let counts = (proptest::option::of(1_i64..=5), proptest::option::of(1_i64..=4));
    let ignore = proptest::sample::subsequence(vec!["flush.*", "retention.?s", "*"], 0..=1);
    (configs(), counts, any::<bool>(), ignore).prop_map(
        |(configs, (partitions, replication), keep, ignore)| {
            let configs = configs.into_iter();
            DesiredSettings {
                partitions: partitions.map(partition_count).map(declared),
                replication: replication.map(replication_factor).map(declared),
                configs: configs
                    .map(|(key, raw)| (key, declared(config_text(&raw))))
                    .collect(),
                unlisted: if keep { Unlisted::Keep } else { Unlisted::Reset },
                ignore: ignore.into_iter().map(Pattern::new).collect(),
            }
        },
    )
}

fn held() -> impl Strategy<Value = Held> {
    let replicas = prop_oneof![
        4 => (1..=5_usize, 1..=3_usize).prop_map(|(count, factor)| vec![brokers(factor); count]),
        1 => proptest::collection::vec((1..=3_usize).prop_map(brokers), 1..=5),
    ];
    (configs(), replicas, 0..=3_usize).prop_map(|(own, replicas, in_sync)| Held {
        id: id(1),
        own,
        replicas,
        in_sync,
    })
}

/// A cluster that holds some of the topics, and one that no file knows.
pub(super) fn world() -> impl Strategy<Value = World> {
    let topics: Vec<_> = NAMES.iter().map(|_| proptest::option::of(held())).collect();
    let sources = select(vec![
        ConfigSource::Default,
        ConfigSource::Cluster,
        ConfigSource::BrokerFile,
    ]);
    let values: Vec<_> = POOL
        .iter()
        .map(|(_, values)| (sources.clone(), select(*values)))
        .collect();
    (topics, held(), values, any::<bool>()).prop_map(|(topics, foreign, values, tells)| {
        let topics = NAMES.iter().zip(topics);
        let known = topics.filter_map(|(topic, held)| Some((name(topic), held?)));
        let inherited = POOL.iter().zip(values);
        World {
            topics: known.chain([(name("foreign"), foreign)]).collect(),
            inherited: inherited
                .map(|((name, _), (source, value))| (key(name), (source, value.into())))
                .collect(),
            tells,
        }
    })
}

/// A file's topics, in no particular order.
pub(super) fn topics() -> impl Strategy<Value = Vec<DesiredTopic>> {
    let state = prop_oneof![
        4 => settings().prop_map(DesiredState::Present),
        1 => Just(DesiredState::Absent(place(5))),
    ];
    let states: Vec<_> = NAMES
        .iter()
        .map(|_| {
            (
                proptest::option::weighted(0.8, state.clone()),
                proptest::bool::weighted(0.2),
            )
        })
        .collect();
    states.prop_map(|states| {
        let topics = NAMES.iter().zip(states);
        let topic = |(topic, (state, protect)): (&&str, (Option<DesiredState>, bool))| {
            let aliases = vec![name("foreign"), name("a"), name("z")];
            Some(DesiredTopic {
                aliases,
                protected: protect.then(|| declared(()).origin),
                ..desired_topic(&name(topic), state?)
            })
        };
        topics.filter_map(topic).collect()
    })
}
