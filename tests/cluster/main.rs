//! The binary and the library against real Kafka.

mod support;
