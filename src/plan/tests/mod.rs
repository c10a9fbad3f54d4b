//! Tests of planning, as tables of what a file declares, what a cluster shows and what follows.
//!
//! [`sides`] builds both out of short texts. [`words`] puts plans and decisions into lines that
//! a table can hold; [`world`] is a small cluster that carries plans out, for the [`properties`].

mod by_broker;
mod cancel;
mod config;
mod deletion;
mod estimate;
mod finding;
mod gate;
mod generate;
mod growth;
mod limits;
mod min_insync;
mod partitions;
mod policy;
mod policy_by_broker;
mod properties;
mod retention;
mod risk;
mod sides;
mod topic;
mod unclean;
mod unlisted;
mod words;
mod world;

use std::collections::{BTreeMap, BTreeSet};

use uuid::Uuid;

use super::{Plan, TopicPlan, plan};
use crate::model::{
    Broker, BrokerId, ClusterHealth, ClusterView, ConfigKey, ConfigText, Declared, Desired, DesiredState,
    DesiredTopic, Layer, Observation, Origin, PartitionCount, Place, RegisteredBrokers, ReplicationFactor,
    StorageView, TopicId, TopicName, TopicObservation, Unreadable,
};
use sides::{Seen, Wanted};
use words::lines;

fn name(text: &str) -> TopicName {
    TopicName::new(text).unwrap()
}

fn key(text: &str) -> ConfigKey {
    ConfigKey::new(text).unwrap()
}

fn id(number: u128) -> TopicId {
    TopicId(Uuid::from_u128(number))
}

fn place(line: u32) -> Place {
    Place {
        file: "topics.yaml".into(),
        line,
        column: 1,
    }
}

fn declared<T>(value: T) -> Declared<T> {
    Declared {
        value,
        origin: Origin {
            place: place(7),
            layer: Layer::Topic,
        },
    }
}

fn config_text(raw: &str) -> ConfigText {
    ConfigText::new("", raw, raw)
}

fn partition_count(count: i64) -> PartitionCount {
    PartitionCount::new(count).unwrap()
}

fn replication_factor(factor: i64) -> ReplicationFactor {
    ReplicationFactor::new(factor).unwrap()
}

fn unreadable(what: &'static str, reason: &str) -> TopicObservation {
    TopicObservation::Unreadable(Unreadable {
        what,
        reason: reason.into(),
    })
}

fn cluster(registered: RegisteredBrokers) -> ClusterView {
    let (RegisteredBrokers::Exactly(number) | RegisteredBrokers::AtLeast(number)) = registered;
    let broker = |id: i32| Broker {
        host: format!("broker-{id}").into(),
        port: 9092,
        rack: None,
    };
    ClusterView {
        id: "cluster".into(),
        controller: None,
        brokers: (1..).take(number).map(|id| (BrokerId(id), broker(id))).collect(),
        registered,
        fenced: BTreeSet::new(),
        metadata_version: None,
        health: ClusterHealth::default(),
    }
}

fn desired_topic(topic: &TopicName, state: DesiredState) -> DesiredTopic {
    DesiredTopic {
        name: topic.clone(),
        declared_name: topic.as_str().into(),
        description: None,
        aliases: Vec::new(),
        event: None,
        place: place(3),
        protected: None,
        exempt: None,
        state,
    }
}

/// Topics of a file next to what a cluster shows of them.
struct Scene {
    desired: Desired,
    observed: Observation,
}

impl Scene {
    fn new() -> Self {
        Self::on(RegisteredBrokers::Exactly(3))
    }

    fn on(registered: RegisteredBrokers) -> Self {
        Self {
            desired: Desired::default(),
            observed: Observation {
                cluster: cluster(registered),
                topics: BTreeMap::new(),
                aliases_found: BTreeSet::new(),
                storage: StorageView::default(),
                eligible_leaders: BTreeMap::new(),
            },
        }
    }

    fn topic(self, topic: &str, wanted: Wanted, sighting: TopicObservation) -> Self {
        self.state(topic, DesiredState::Present(wanted.0), sighting)
    }

    fn absent(self, topic: &str, sighting: TopicObservation) -> Self {
        self.state(topic, DesiredState::Absent(place(5)), sighting)
    }

    fn state(mut self, topic: &str, state: DesiredState, sighting: TopicObservation) -> Self {
        let topic = name(topic);
        self.desired
            .topics
            .insert(topic.clone(), desired_topic(&topic, state));
        self.observed.topics.insert(topic, sighting);
        self
    }

    /// Names by which the topic went before, and which of all these exist.
    fn aliases(mut self, topic: &str, aliases: &[&str], found: &[&str]) -> Self {
        let topic = self.desired.topics.get_mut(topic).expect("a topic of the scene");
        topic.aliases = aliases.iter().copied().map(name).collect();
        self.observed
            .aliases_found
            .extend(found.iter().copied().map(name));
        self
    }

    /// Brokers that are alive and take no new replicas.
    fn cordoned(mut self, brokers: &[i32]) -> Self {
        self.observed.storage.cordoned = brokers.iter().copied().map(BrokerId).collect();
        self
    }

    /// Each broker in a rack of its own.
    fn with_racks(mut self) -> Self {
        for (id, broker) in &mut self.observed.cluster.brokers {
            broker.rack = Some(format!("rack-{id}").into());
        }
        self
    }

    fn plan(&self) -> Plan {
        plan(&self.desired, &self.observed)
    }
}

/// The plan of a topic that exists.
fn plan_of(wanted: Wanted, seen: Seen) -> TopicPlan {
    plan_seen(wanted, seen.sighting())
}

/// The plan of a topic on a cluster of three.
fn plan_seen(wanted: Wanted, sighting: TopicObservation) -> TopicPlan {
    only(&Scene::new().topic("orders", wanted, sighting).plan())
}

fn only(plan: &Plan) -> TopicPlan {
    assert_eq!(plan.topics.len(), 1);
    plan.topics.values().next().cloned().unwrap()
}

/// One row of a table: what is declared, what is shown beyond the stock configs, and what follows.
type Row<'a> = (&'a str, &'a str, &'a [&'a str]);

fn check(rows: &[Row<'_>]) {
    for (wanted, seen, expected) in rows {
        let planned = plan_of(Wanted::configs(wanted), Seen::stock().with(seen));
        assert_eq!(lines(&planned), *expected, "declared {wanted:?}, shown {seen:?}");
    }
}
