//! What every implementation of `Admin` does alike, checked here on the cluster in memory. The same
//! suite runs against real Kafka through the real client in the tests of `tests/cluster`, where its
//! expected answers come from.

#[macro_use]
mod suite;
mod on_memory;
