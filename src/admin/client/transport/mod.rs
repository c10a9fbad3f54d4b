//! Bytes to and from one address: sockets and TLS, frames, requests in flight, deadlines.

pub(crate) mod channel;
pub(crate) mod deadline;
pub(crate) mod frame;
pub(crate) mod stream;
