//! What the programs of the benchmark share.
//!
//! The programs: `bench` drives and reports; `bare` is the floor, a client that speaks the protocol
//! and does nothing else; `through-rdkafka` reads the same with rdkafka; `measured` runs any of them
//! as a cold process and says what it cost.

pub mod bare;
pub mod loopback;
pub mod usage;
pub mod workload;
