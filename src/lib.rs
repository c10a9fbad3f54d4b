//! topicctl provisions Kafka topics from one YAML file.
//!
//! A tour, from the inside out:
//!
//! - [`model`]: the vocabulary. Names, counts, config keys and values, desired and observed state.
//! - [`bounded_read`]: files from disk, never more of them than a limit; depends on nothing.
//! - [`manifest`]: YAML text to desired state, with the origin of every value and every problem at once.
//! - [`connection`]: client properties, understood once for the admin client and the data plane.
//! - [`admin`]: the only part that speaks the admin protocol.
//! - [`plan`]: pure. Desired and observed state to changes, refusals and their risk; the gate.
//! - [`inspect`]: the one read side. Everything that is read of a cluster, by topic, and what follows from it.
//! - [`prepare`]: what diff and apply share: observe, plan, weigh, let the broker validate.
//! - [`apply`]: carries out what the gate let through, and reports.
//! - [`saved`]: plans as files, to be reviewed first and carried out later.
//! - [`events`]: the messages of the test-generation topics; the only part that knows rdkafka.
//! - [`monitor`]: looks at topics again and again: rates, lag, failures; a live view and metrics.
//! - [`render`]: plans, reports and descriptions as text, JSON and Markdown. It decides nothing.
//! - [`command`]: one verb, one file: load, observe, plan, show, act.

pub mod admin;
pub mod apply;
pub mod bounded_read;
pub mod cli;
pub mod command;
pub mod connection;
pub mod events;
pub mod inspect;
pub mod manifest;
pub mod model;
pub mod monitor;
pub mod plan;
pub mod prepare;
pub mod render;
pub mod saved;

#[cfg(test)]
#[path = "../tests/fuzz/mod.rs"]
mod fuzz;

#[cfg(test)]
mod layers;
