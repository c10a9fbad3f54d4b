//! Which broker a request goes to, what happens when it fails, and how much is asked at once.

pub(crate) mod attempts;
pub(crate) mod client;
pub(crate) mod connect_failure;
pub(crate) mod describe_cluster;
pub(crate) mod dialer;
pub(crate) mod fan_out;
pub(crate) mod pool;
pub(crate) mod probe;
pub(crate) mod routing;
pub(crate) mod topic_reads;
pub(crate) mod write_attempt;
pub(crate) mod write_op;

pub(crate) use client::Client;
