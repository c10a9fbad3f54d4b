//! How many requests of each kind were sent, by all connections of a client together.

use std::cell::RefCell;

use crate::admin::RequestCounts;

/// Counts of requests.
#[derive(Debug, Default)]
pub(crate) struct Counters(RefCell<RequestCounts>);

impl Counters {
    pub(crate) fn add(&self, request: &'static str) {
        *self.0.borrow_mut().entry(request).or_default() += 1;
    }

    pub(crate) fn read(&self) -> RequestCounts {
        self.0.borrow().clone()
    }
}
