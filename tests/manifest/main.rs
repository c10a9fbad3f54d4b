//! Manifests as users write them: what they mean, and what is said of the ones that are wrong.

// The exceptions that clippy.toml makes for tests do not reach their helpers.
#![allow(clippy::unwrap_used)]

mod bad;
mod environment;
mod files;
#[path = "../fuzz/mod.rs"]
mod fuzz;
mod good;
mod hostile;
mod json;
mod layers;
mod limits;
mod other_profiles;
mod policy;
mod properties;
mod schema;
mod secrets;
mod support;
mod written;
