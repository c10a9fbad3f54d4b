//! What looking into one answer may cost. Every batch in it may stay below its own limit and all of them
//! together still unpack to terabytes, on the one thread that also hears deadlines and signals.

use std::cell::Cell;

use crate::admin::client::transport::deadline::Deadline;

/// The most that the batches of one answer may unpack to. An answer has up to 8 MiB: compression by thirty.
const LARGEST: usize = 256 << 20;

pub(crate) struct Budget {
    left: Cell<usize>,
    deadline: Deadline,
}

impl Budget {
    pub(crate) fn new(deadline: Deadline) -> Self {
        Self {
            left: Cell::new(LARGEST),
            deadline,
        }
    }

    /// Before each batch: lets others have their turn. What it may unpack to; fails with a reason for people.
    pub(crate) async fn next(&self) -> Result<usize, String> {
        tokio::task::yield_now().await;
        if self.deadline.is_over() {
            return Err("there was no time to look at all of its records".to_owned());
        }
        match self.left.get() {
            0 => Err(Self::used_up()),
            left => Ok(left),
        }
    }

    /// A batch unpacked to so much.
    pub(crate) fn spend(&self, bytes: usize) {
        self.left.set(self.left.get().saturating_sub(bytes));
    }

    /// Batches are left that nobody looked at.
    pub(crate) fn used_up() -> String {
        format!(
            "the records of one answer unpack to more than {} MiB",
            LARGEST >> 20
        )
    }
}
