//! What is said on a connection: each request with the versions that this tool speaks, the check of an answer's
//! structure before it is decoded, error codes, record batches.

pub(crate) mod answer;
pub(crate) mod api;
mod api_impact;
mod api_replicas;
pub(crate) mod counters;
pub(crate) mod interner;
pub(crate) mod log_dirs_message;
pub(crate) mod read_budget;
pub(crate) mod record_batches;
pub(crate) mod shape;
mod unpack;

use kafka_protocol::protocol::StrBytes;

/// A text as the protocol crate wants it.
pub(crate) fn wire_text(text: &str) -> StrBytes {
    StrBytes::from_string(text.to_owned())
}
