//! The client against a server of the test that answers what it is told to.

mod cluster_health;
mod connecting;
mod contested;
mod fake_broker;
mod hostile;
mod login;
mod misleading;
mod msk_iam;
mod offsets;
mod reading;
mod tls;
mod writing;
