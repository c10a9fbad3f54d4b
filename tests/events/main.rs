//! The contract of the events: every rule, the schemas, random events, and Python.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test that cannot go on fails"
)]

mod generate;
mod python;
mod random;
mod rules;
mod schemas;
