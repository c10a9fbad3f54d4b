//! What is wrong with the cluster while the changes of a round are planned and made.

use std::collections::BTreeMap;

use super::case::BROKERS;
use super::data;
use crate::contract::{Release, release_under_test};
use crate::dice::Dice;
use crate::support::Kafka;

/// The first release that takes log folders out of use (KIP-1066).
const CORDONS_SINCE: Release = Release(4, 4);

/// Settings of single brokers.
pub(super) type Settings = BTreeMap<i32, BTreeMap<String, String>>;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Outage {
    None,
    /// The controller places nothing on this broker.
    Cordoned(i32),
    /// This broker is down.
    Down(i32, Fall),
}

/// How a broker goes down.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fall {
    /// In an orderly way: its leaders are elsewhere before it goes.
    Stopped,
    /// By SIGKILL: the controller finds out when its session ends.
    Killed,
}

impl Outage {
    /// Of four rounds, one has a broker down and one a broker cordoned.
    pub(super) fn new(round: usize, dice: &mut Dice) -> Self {
        let broker = BROKERS[usize::try_from(dice.below(3)).unwrap()];
        match round % 4 {
            1 if dice.one_in(2) => Self::Down(broker, Fall::Killed),
            1 => Self::Down(broker, Fall::Stopped),
            3 if release_under_test() >= CORDONS_SINCE => Self::Cordoned(broker),
            _ => Self::None,
        }
    }

    /// The broker that is down.
    pub(super) fn down(self) -> Option<i32> {
        match self {
            Self::Down(broker, _) => Some(broker),
            Self::None | Self::Cordoned(_) => None,
        }
    }

    /// A broker that gets no replica.
    pub(super) fn cordoned(self) -> Option<i32> {
        match self {
            Self::Cordoned(broker) => Some(broker),
            Self::None | Self::Down(..) => None,
        }
    }

    /// Breaks it. All replicas are in sync before a broker goes, so that nothing is lost by its going alone.
    pub(super) fn begin(self, kafka: &Kafka) {
        match self {
            Self::None => {}
            Self::Cordoned(broker) => configure(kafka, &cordon(broker), "--add-config"),
            Self::Down(broker, fall) => {
                data::wait_until_in_sync(kafka.bootstrap());
                let id = u8::try_from(broker).unwrap();
                match fall {
                    Fall::Stopped => kafka.stop_broker(id),
                    Fall::Killed => kafka.kill_broker(id),
                }
                data::wait_for_brokers(kafka.bootstrap(), BROKERS.len() - 1);
            }
        }
    }

    pub(super) fn end(self, kafka: &Kafka) {
        match self {
            Self::None => {}
            Self::Cordoned(broker) => configure(kafka, &cordon(broker), "--delete-config"),
            Self::Down(broker, _) => {
                kafka.start_broker(u8::try_from(broker).unwrap());
                data::wait_for_brokers(kafka.bootstrap(), BROKERS.len());
            }
        }
    }
}

fn cordon(broker: i32) -> Settings {
    let config = ("cordoned.log.dirs".to_owned(), "*".to_owned());
    BTreeMap::from([(broker, BTreeMap::from([config]))])
}

/// Sets and later unsets what brokers have for themselves, by Kafka's own tool.
pub(super) fn configure(kafka: &Kafka, settings: &Settings, verb: &str) {
    for (broker, configs) in settings {
        let text = |(key, value): (&String, &String)| {
            if verb == "--add-config" {
                format!("{key}=[{value}]")
            } else {
                key.clone()
            }
        };
        let list: Vec<String> = configs.iter().map(text).collect();
        let broker = broker.to_string();
        let entity = ["--alter", "--entity-type", "brokers", "--entity-name", &broker];
        kafka.tool_output("configs", &[&entity[..], &[verb, &list.join(",")]].concat());
    }
}
