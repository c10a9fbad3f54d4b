//! Real Kafka for tests, started and stopped by `scripts/kafka`.
//!
//! Owns the life of test clusters and the questions put to Kafka's own tools about them.
//! What is expected of topicctl is left to the tests.
//!
//! [`Kafka::one`] and [`Kafka::three`] are shared by all tests of the binary: each test gives
//! its topics a prefix of its own and leaves the brokers alone. A test that stops brokers,
//! restricts what may be done, or needs other settings takes a [`Kafka::dedicated`].
//!
//! [`Secure::shared`] is one broker with every security protocol, and users for every mechanism.
//!
//! There is no way round a missing Kafka: the test fails and names the command that
//! provides one.

pub(crate) mod certificates;
mod kafka;
mod provider;
mod secure;
mod supervisor;
mod tools;

mod harness_tests;

pub(crate) use certificates::Authority;
pub(crate) use kafka::{Brokers, Kafka, version_under_test};
pub(crate) use provider::{CLIENT_ID, CLIENT_SECRET, Provider};
pub(crate) use secure::{FORBIDDEN, Listener, PASSWORD, Secure, USER, in_properties};
pub(crate) use tools::{READ_ONLY_PROPERTIES, TopicOnKafka};
