//! How those who run an apply follow it and stop it.

use std::cell::Cell;
use std::rc::Rc;
use std::time::Duration;

use tokio::sync::Notify;

use super::journal::Journal;
use crate::plan::ChangeKind;

/// What an apply is doing right now, for a progress bar.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ApplyProgress {
    /// Writing one kind of change: so many of so many topics are answered for.
    Writing {
        /// What is written.
        kind: ChangeKind,
        /// Topics answered for.
        done: usize,
        /// Topics in all.
        total: usize,
    },
    /// Replicas are being copied.
    Copying(Copying),
    /// Everything is acknowledged; waiting until every live broker shows it.
    Waiting {
        /// Topics that the slowest broker shows, as far as samples tell.
        seen: usize,
        /// Topics in all.
        total: usize,
    },
}

/// How far brokers are with copying replicas.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Copying {
    /// Partitions whose replicas are where they should be.
    pub done: usize,
    /// Partitions in all.
    pub total: usize,
    /// Bytes that new replicas hold by now; `None` where brokers do not tell.
    pub bytes: Option<u64>,
    /// Bytes that they will hold, as their leaders have them now.
    pub bytes_total: Option<u64>,
    /// How long the rest takes at the pace so far.
    pub left: Option<Duration>,
}

/// Whether somebody asked to stop. Shared with whoever listens for signals; everything runs on one
/// thread.
#[derive(Debug, Clone, Default)]
pub struct Interrupt(Rc<Raised>);

#[derive(Debug, Default)]
struct Raised {
    is_raised: Cell<bool>,
    waiting: Notify,
}

impl Interrupt {
    /// What is in flight is finished, nothing new is begun.
    pub fn raise(&self) {
        self.0.is_raised.set(true);
        self.0.waiting.notify_waiters();
    }

    /// Whether it was raised.
    pub fn is_raised(&self) -> bool {
        self.0.is_raised.get()
    }

    /// Sleeps, unless it is raised.
    pub async fn or_sleep(&self, pause: Duration) {
        let raised = self.0.waiting.notified();
        if self.is_raised() {
            return;
        }
        tokio::select! {
            () = raised => {}
            () = tokio::time::sleep(pause) => {}
        }
    }
}

/// How an apply is run.
pub struct Control<'a> {
    /// Whether somebody asked to stop.
    pub interrupt: Interrupt,
    /// How long to wait without seeing any progress until every broker shows what was written.
    pub visible_within: Duration,
    /// Keeps a record, where somebody wants one.
    pub journal: &'a dyn Journal,
    /// What time it is, in milliseconds since 1970, UTC: records get older while somebody is asked.
    pub clock: fn() -> i64,
    /// Whether to wait until replicas are copied and every broker shows what was written, or only until
    /// all of it is accepted.
    pub waits: bool,
    /// So many bytes per second may be copied from and to each broker; `None` is no limit.
    pub throttle: Option<i64>,
    /// Told of every step.
    pub progress: &'a dyn Fn(ApplyProgress),
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_sleep_ends_when_somebody_wants_to_stop() {
        let interrupt = Interrupt::default();
        let started = tokio::time::Instant::now();
        let hour = Duration::from_hours(1);
        let raise = async {
            tokio::time::sleep(Duration::from_secs(1)).await;
            interrupt.raise();
        };
        tokio::join!(interrupt.or_sleep(hour), raise);
        interrupt.or_sleep(hour).await;
        assert_eq!(started.elapsed(), Duration::from_secs(1));
    }
}
