//! One connection to one broker: versions (KIP-35), login (KIP-152) and its renewal (KIP-368), typed requests.

pub(crate) mod api_versions;
pub(crate) mod connection;
pub(crate) mod login;
pub(crate) mod login_permit;
pub(crate) mod renewal;
pub(crate) mod scram;
