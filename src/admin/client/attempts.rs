//! Asking again: whether, when, and with which of the errors to give up in the end.

use tokio::time::Instant;

use super::answer;
use super::retry::{Backoff, Deadline};
use crate::admin::AdminError;

/// The attempts at one thing.
pub(super) struct Attempts {
    backoff: Backoff,
    first: Instant,
    /// When the attempt that is under way began.
    began: Instant,
    telling: Option<AdminError>,
}

impl Attempts {
    pub(super) fn new() -> Self {
        Self {
            backoff: Backoff::new(),
            first: Instant::now(),
            began: Instant::now(),
            telling: None,
        }
    }

    /// Waits, so that the caller can try again; or fails with the error that tells most, if another
    /// attempt would be no use or the deadline has come.
    pub(super) async fn again(&mut self, error: AdminError, deadline: Deadline) -> Result<(), AdminError> {
        let is_hopeful = answer::is_worth_another_broker(&error);
        let telling = match self.telling.take() {
            Some(earlier) if self.was_cut_short(&error) => earlier,
            Some(_) | None => error,
        };
        if !is_hopeful || !self.pause(deadline).await {
            return Err(telling);
        }
        self.telling = Some(telling);
        Ok(())
    }

    /// Waits before another attempt; `false` if the deadline has come.
    pub(super) async fn pause(&mut self, deadline: Deadline) -> bool {
        let waited = self.backoff.wait(deadline).await;
        self.began = Instant::now();
        waited
    }

    /// An attempt that had only the last moments before the deadline says nothing: what the earlier
    /// ones met is the reason.
    fn was_cut_short(&self, error: &AdminError) -> bool {
        matches!(error, AdminError::Timeout { .. } | AdminError::Unreachable { .. })
            && self.began.elapsed() * 4 < self.first.elapsed()
    }
}
