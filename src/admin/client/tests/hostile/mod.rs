//! Brokers that lie, on purpose or by a fault: whatever bytes an answer to any request is made of, this
//! tool neither panics nor hangs, takes memory in proportion to what arrived, and says nothing that a
//! terminal would obey.
//!
//! Answers are made from the shapes in [`crate::admin::client::protocol::api`], so every kind of request is tried without a line
//! for it here; one that nothing here ever sends fails the last test.

mod client;
mod decoder;
mod recipe;
mod records;
mod swelling;

use std::time::Duration;

/// What decoding may take beyond the sizes of what it makes: an error with its backtrace.
const SLACK: u64 = 64 << 10;

/// Far above what decoding some kilobytes takes on a busy machine.
const A_WHILE: Duration = Duration::from_secs(5);

/// Does the same with every kind of request, under the name given.
macro_rules! for_each_request {
    (|$request:ident| $body:block) => {{
        struct Each;
        impl Visitor for Each {
            fn visit<$request: Api>(&mut self) $body
        }
        api::each(&mut Each);
    }};
}

use for_each_request;
