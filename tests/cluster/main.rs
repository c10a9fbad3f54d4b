//! The binary and the library against real Kafka.

mod support;

#[path = "../contract/on_kafka.rs"]
mod contract;
