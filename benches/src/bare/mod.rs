//! The floor: the least that a client of Kafka's admin protocol can do. It connects, asks which
//! versions the broker has, sends, receives, decodes. No retries, no timeouts, no routing, no model:
//! an error ends the process.

mod cluster;
mod connection;
mod create;
mod delete;
mod read;
mod visible;

pub use cluster::{Facts, facts};
pub use create::{Answer, create};
pub use delete::delete;
pub use read::{Answers, read};
pub use visible::{Wanted, wait};
