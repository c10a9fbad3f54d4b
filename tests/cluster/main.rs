//! The binary and the library against real Kafka.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test that cannot go on fails"
)]

mod binary;
mod by_broker;
mod concurrency;
mod connecting;
mod description;
mod dialects;
mod dice;
mod drift;
mod effects;
mod events;
mod export;
mod features;
mod figures;
mod first_run;
mod frozen;
mod gate;
mod impact;
mod insync;
mod interleaving;
mod interruption;
mod leaving;
mod limits;
mod many;
mod members;
mod monitor;
mod permissions;
mod policy;
mod prediction;
mod process;
mod prompt;
mod proof;
mod pruning;
mod quorum;
mod quota;
mod read_only;
mod readers;
mod record;
mod records;
mod refusals;
mod replication;
mod risk;
mod samples;
mod saved;
mod secrecy;
mod secured;
mod secured_failures;
mod sessions;
mod support;
mod terminal;
mod tiered;
mod trust_stores;
mod unlisted;
mod watching;

#[path = "../contract/on_kafka.rs"]
mod contract;
