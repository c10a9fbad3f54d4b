//! Whose turn it is to log in while several addresses are tried at once. A password that is wrong is wrong
//! everywhere, and so many of them can lock an account: it goes to one broker, and to another one only once
//! it is known how that ended.

use std::cell::Cell;

use tokio::sync::{Semaphore, SemaphorePermit};
use tokio::time::timeout_at;

use crate::admin::client::transport::deadline::Deadline;

/// How many logins may end without a word from the broker: it may have been restarting, once.
const UNHEARD_MOST: u32 = 2;

pub(crate) struct LoginTurn {
    one: Semaphore,
    unheard: Cell<u32>,
    /// Until when all addresses are tried.
    deadline: Deadline,
}

/// Held through a login.
pub(crate) struct Held<'a> {
    _permit: SemaphorePermit<'a>,
    /// Whether another login had to be waited for.
    pub(crate) has_waited: bool,
}

impl LoginTurn {
    pub(crate) fn new(deadline: Deadline) -> Self {
        Self {
            one: Semaphore::new(1),
            unheard: Cell::new(0),
            deadline,
        }
    }

    /// Waits until no other login is under way; `None` where that takes too long.
    pub(crate) async fn take(&self) -> Option<Held<'_>> {
        let has_waited = self.one.available_permits() == 0;
        let permit = timeout_at(self.deadline.at(), self.one.acquire()).await;
        Some(Held {
            _permit: permit.ok()?.ok()?,
            has_waited,
        })
    }

    /// The deadline of all addresses.
    pub(crate) fn deadline(&self) -> Deadline {
        self.deadline
    }

    /// A login ended without a word. Whether there may be another one.
    pub(crate) fn may_repeat(&self) -> bool {
        self.unheard.set(self.unheard.get() + 1);
        self.unheard.get() < UNHEARD_MOST
    }
}
