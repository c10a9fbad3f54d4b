//! Manifests as users write them: what they mean, and what is said of the ones that are wrong.

mod bad;
mod environment;
mod files;
mod good;
mod json;
mod layers;
mod limits;
mod properties;
mod secrets;
mod support;
