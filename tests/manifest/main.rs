//! Manifests as users write them: what they mean, and what is said of the ones that are wrong.

mod bad;
mod good;
