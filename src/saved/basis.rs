//! What a plan rests on: what the cluster showed of each topic that would change. It is held against
//! what the cluster shows when the plan is carried out.
//!
//! Leaders and in-sync replicas are not part of it: they come and go with every restart of a broker, and
//! what they mean for the risk is judged anew.

use std::collections::{BTreeMap, BTreeSet};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::model::{
    BrokerId, ConfigKey, ConfigSource, DesiredState, DesiredTopic, Inherited, Observation, ObservedTopic,
    TopicName, TopicObservation,
};
use crate::plan::Drift;

/// Configs that risk depends on, whether they are declared or not.
const RISK_KEYS: [&str; 3] = ["cleanup.policy", "retention.bytes", "retention.ms"];

/// What a topic showed, as far as a plan rests on it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "state", rename_all = "snake_case", deny_unknown_fields)]
pub(super) enum SavedTopicState {
    /// There was no such topic.
    Absent {},
    /// It existed.
    Present {
        /// Its id, as Kafka's tools print it: another topic of the same name has another one.
        topic_id: String,
        /// How many partitions it had.
        partitions: usize,
        /// The fewest replicas of any partition; null where the cluster showed none.
        replication_lowest: Option<i16>,
        /// The most replicas of any partition; null where the cluster showed none.
        replication_highest: Option<i16>,
        /// Its overrides, and other configs that the plan depends on, by key.
        configs: Vec<SavedValue>,
    },
}

/// What a config showed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct SavedValue {
    /// Which config.
    key: String,
    /// The value; null where the broker showed none.
    value: Option<String>,
    /// Whether it was the topic's own.
    own: bool,
    /// What the topic would inherit without its override; null where that does not matter, or is not known.
    inherited: Option<String>,
    /// What each broker inherits to the topic, where brokers differ. The other values are then those of the broker
    /// with the lowest id.
    by_broker: Vec<SavedOnBroker>,
}

/// What a broker inherits to a topic.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct SavedOnBroker {
    /// The broker, by its id.
    broker: i32,
    /// The value; null where the broker did not tell.
    value: Option<String>,
}

impl SavedValue {
    /// What the broker inherits to the topic, as far as that is known.
    fn on(&self, broker: i32) -> Option<&str> {
        let alike = if self.own { &self.inherited } else { &self.value };
        if self.by_broker.is_empty() {
            return alike.as_deref();
        }
        let mut each = self.by_broker.iter();
        each.find(|told| told.broker == broker)?.value.as_deref()
    }

    /// Brokers come and go, so that only those count that told both times.
    fn inherits_as(&self, other: &Self) -> bool {
        let mut named = self.by_broker.iter().chain(&other.by_broker).peekable();
        if named.peek().is_none() {
            return self.on(0) == other.on(0);
        }
        named.all(|told| match (self.on(told.broker), other.on(told.broker)) {
            (Some(one), Some(other)) => one == other,
            (None, _) | (_, None) => true,
        })
    }

    fn is_as(&self, other: &Self) -> bool {
        self.own == other.own && (!self.own || self.value == other.value) && self.inherits_as(other)
    }
}

/// What a saved plan rests on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Basis {
    pub(super) topics: BTreeMap<TopicName, SavedTopicState>,
}

impl Basis {
    /// Everything that is not as it was, in the order of the topics.
    pub fn moved(&self, wanted: &BTreeMap<TopicName, DesiredTopic>, now: &Observation) -> Vec<Drift> {
        let mut moved = Vec::new();
        for (name, planned) in &self.topics {
            let compared = Comparison {
                topic: name,
                moved: &mut moved,
            };
            match now.topics.get(name) {
                Some(TopicObservation::Unreadable(unreadable)) => {
                    let found = format!("{} could not be read: {}", unreadable.what, unreadable.reason);
                    compared.whole(planned, &found);
                }
                Some(TopicObservation::Present(seen)) => {
                    let alive = now.cluster.brokers.len();
                    compared.compare(planned, &SavedTopicState::present(wanted.get(name), seen, alive));
                }
                Some(TopicObservation::Absent) | None => {
                    compared.compare(planned, &SavedTopicState::Absent {});
                }
            }
        }
        moved
    }
}

struct Comparison<'a> {
    topic: &'a TopicName,
    moved: &'a mut Vec<Drift>,
}

impl Comparison<'_> {
    fn say(&mut self, what: &str, planned: &str, found: &str) {
        if planned != found {
            self.moved.push(Drift {
                topic: self.topic.clone(),
                what: what.to_owned(),
                planned: planned.to_owned(),
                found: found.to_owned(),
            });
        }
    }

    fn whole(mut self, planned: &SavedTopicState, found: &str) {
        self.say("topic", planned.word(), found);
    }

    fn compare(mut self, planned: &SavedTopicState, found: &SavedTopicState) {
        let (
            SavedTopicState::Present {
                topic_id,
                partitions,
                replication_lowest: lowest,
                replication_highest: highest,
                configs,
            },
            SavedTopicState::Present {
                topic_id: topic_id_now,
                partitions: partitions_now,
                replication_lowest: lowest_now,
                replication_highest: highest_now,
                configs: configs_now,
            },
        ) = (planned, found)
        else {
            return self.say("topic", planned.word(), found.word());
        };
        self.say("topic id", topic_id, topic_id_now);
        self.say("partitions", &partitions.to_string(), &partitions_now.to_string());
        self.say(
            "replication",
            &replicas(*lowest, *highest),
            &replicas(*lowest_now, *highest_now),
        );
        self.configs(configs, configs_now);
    }

    fn configs(&mut self, planned: &[SavedValue], found: &[SavedValue]) {
        let keys: BTreeSet<&String> = planned.iter().chain(found).map(|value| &value.key).collect();
        for key in keys {
            let of = |values: &'_ [SavedValue]| values.iter().find(|value| value.key == *key).cloned();
            let (planned, found) = (of(planned), of(found));
            // Whether a value that is inherited matters can depend on the policy, which is no part of a saved plan.
            let is_same = match (&planned, &found) {
                (Some(planned), Some(found)) => planned.is_as(found),
                (Some(only), None) | (None, Some(only)) => !only.own,
                (None, None) => true,
            };
            if !is_same {
                self.say(key, &shown(planned.as_ref()), &shown(found.as_ref()));
            }
        }
    }
}

fn replicas(lowest: Option<i16>, highest: Option<i16>) -> String {
    match (lowest, highest) {
        (Some(lowest), Some(highest)) if lowest == highest => lowest.to_string(),
        (Some(lowest), Some(highest)) => format!("{lowest} to {highest}"),
        (None, _) | (_, None) => "not shown".to_owned(),
    }
}

fn shown(value: Option<&SavedValue>) -> String {
    let Some(SavedValue {
        value,
        own,
        inherited,
        by_broker,
        ..
    }) = value
    else {
        return "not set".to_owned();
    };
    let text = value.as_deref().unwrap_or("(hidden)");
    let source = if *own { "the topic's own" } else { "inherited" };
    let told = |on: &SavedOnBroker| {
        let value = on.value.as_deref().unwrap_or("not known");
        format!(", {value} on {}", on.broker)
    };
    let by_broker: String = by_broker.iter().map(told).collect();
    match inherited {
        Some(inherited) => format!("{text} ({source}, over {inherited}{by_broker})"),
        None => format!("{text} ({source}{by_broker})"),
    }
}

impl SavedTopicState {
    fn word(&self) -> &'static str {
        match self {
            Self::Absent {} => "absent",
            Self::Present { .. } => "present",
        }
    }

    /// `alive` is the number of live brokers.
    pub(super) fn of_sighting(
        topic: Option<&DesiredTopic>,
        sighting: &TopicObservation,
        alive: usize,
    ) -> Option<Self> {
        match sighting {
            TopicObservation::Absent => Some(Self::Absent {}),
            TopicObservation::Present(seen) => Some(Self::present(topic, seen, alive)),
            TopicObservation::Unreadable(_) => None,
        }
    }

    fn present(topic: Option<&DesiredTopic>, seen: &ObservedTopic, alive: usize) -> Self {
        let replicas = seen.metadata.partitions.iter().map(|partition| {
            // More replicas than 32,767 are not possible.
            i16::try_from(partition.replicas.len()).unwrap_or(i16::MAX)
        });
        Self::Present {
            topic_id: seen.metadata.id.to_string(),
            partitions: seen.metadata.partitions.len(),
            replication_lowest: replicas.clone().min(),
            replication_highest: replicas.max(),
            configs: configs(topic, seen, alive),
        }
    }
}

/// The configs of a topic that is to stay; those of one that goes do not matter. Nothing depends on what is inherited and
/// was not asked of the brokers that hold the topic: that is the value of whichever broker was asked first.
fn configs(topic: Option<&DesiredTopic>, seen: &ObservedTopic, alive: usize) -> Vec<SavedValue> {
    let Some((name, DesiredState::Present(settings))) = topic.map(|topic| (&topic.name, &topic.state)) else {
        return Vec::new();
    };
    let is_internal = name.is_internal(seen.metadata.internal);
    let matters = |key: &ConfigKey, source: ConfigSource| {
        settings.configs.contains_key(key)
            || RISK_KEYS.contains(&key.as_str())
            || (source == ConfigSource::Topic && settings.resets(key, is_internal))
    };
    let is_settled = |key: &ConfigKey| alive == 1 || seen.by_broker.keys.contains(key);
    let relevant = seen.configs.iter().filter(|(key, config)| {
        matters(key, config.source) && (config.source == ConfigSource::Topic || is_settled(key))
    });
    let value = |(key, config): (&ConfigKey, &crate::model::ObservedConfig)| {
        let inherited = seen.inherited.get(key).filter(|_| is_settled(key));
        let inherited = inherited.and_then(|inherited| inherited.value.as_deref());
        let by_broker = seen.by_broker.value_by_broker(key).unless_alike(key);
        let on_broker = |(told, brokers): (Option<&Inherited>, Vec<BrokerId>)| {
            let value = told.and_then(|told| told.value.as_deref()).map(str::to_owned);
            brokers.into_iter().map(move |broker| SavedOnBroker {
                broker: broker.0,
                value: value.clone(),
            })
        };
        SavedValue {
            key: key.to_string(),
            value: config.value.as_deref().map(str::to_owned),
            own: config.source == ConfigSource::Topic,
            inherited: inherited.map(str::to_owned),
            by_broker: by_broker.groups(key).into_iter().flat_map(on_broker).collect(),
        }
    };
    relevant.map(value).collect()
}
