//! Asking again: whether, when, and with which of the errors to give up in the end.

use tokio::time::Instant;

use crate::admin::AdminError;
use crate::admin::client::protocol::answer;
use crate::admin::client::transport::deadline::{Backoff, Deadline};

/// A broker that takes a request and closes, so many times in a row, does not do so by accident. A
/// restart closes once and then refuses connections for a while.
const CLOSED_IN_A_ROW: u32 = 4;

/// The attempts at one thing.
pub(crate) struct Attempts {
    backoff: Backoff,
    first: Instant,
    /// When the attempt that is under way began.
    began: Instant,
    telling: Option<AdminError>,
    closed_in_a_row: u32,
}

impl Attempts {
    pub(crate) fn new() -> Self {
        Self {
            backoff: Backoff::new(),
            first: Instant::now(),
            began: Instant::now(),
            telling: None,
            closed_in_a_row: 0,
        }
    }

    /// Waits, so that the caller can try again; or fails with the error that tells most, if another
    /// attempt would be no use or the deadline has come.
    pub(crate) async fn again(&mut self, error: AdminError, deadline: Deadline) -> Result<(), AdminError> {
        let is_hopeful = answer::is_worth_another_broker(&error) && !self.is_closed_on_purpose(&error);
        let telling = match self.telling.take() {
            Some(earlier) if self.was_cut_short(&error, deadline) => earlier,
            Some(_) | None => error,
        };
        if !is_hopeful || !self.pause(deadline).await {
            return Err(telling);
        }
        self.telling = Some(telling);
        Ok(())
    }

    fn is_closed_on_purpose(&mut self, error: &AdminError) -> bool {
        self.closed_in_a_row = match error {
            AdminError::Disconnected { .. } => self.closed_in_a_row + 1,
            _ => 0,
        };
        self.closed_in_a_row >= CLOSED_IN_A_ROW
    }

    /// Waits before another attempt; `false` if the deadline has come.
    pub(crate) async fn pause(&mut self, deadline: Deadline) -> bool {
        let waited = self.backoff.wait(deadline).await;
        self.began = Instant::now();
        waited
    }

    /// An attempt that had only the last moments before the deadline says nothing: what the earlier
    /// ones met is the reason. The deadline can pass before a request is sent, too.
    fn was_cut_short(&self, error: &AdminError, deadline: Deadline) -> bool {
        let is_late = match error {
            AdminError::Timeout { .. } | AdminError::Unreachable { .. } => true,
            AdminError::NotSent { .. } => deadline.is_over(),
            _ => false,
        };
        is_late && self.began.elapsed() * 4 < self.first.elapsed()
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::admin::Peer;

    fn broker() -> Peer {
        Peer {
            id: None,
            address: "b:9092".into(),
        }
    }

    fn refused() -> AdminError {
        AdminError::NotSent {
            request: "Metadata",
            broker: broker(),
            reason: "connection refused".into(),
        }
    }

    fn late() -> AdminError {
        AdminError::Timeout {
            request: "Metadata",
            broker: broker(),
            waited: Duration::ZERO,
        }
    }

    #[tokio::test(start_paused = true)]
    async fn the_last_moments_before_the_deadline_do_not_hide_the_reason() {
        let deadline = Deadline::after(Duration::from_secs(3));
        let mut attempts = Attempts::new();
        while attempts.again(refused(), deadline).await.is_ok() {
            if deadline.remaining() < Duration::from_millis(100) {
                tokio::time::sleep(deadline.remaining()).await;
                assert_eq!(attempts.again(late(), deadline).await, Err(refused()));
                return;
            }
        }
        panic!("the time is used to its end");
    }

    /// A connection that could not be made any more, because the time was over.
    #[tokio::test(start_paused = true)]
    async fn the_last_moments_say_nothing_of_a_request_that_was_not_sent_either() {
        let unanswered = || AdminError::NotSent {
            request: "Metadata",
            broker: broker(),
            reason: "no answer to the attempt to connect".into(),
        };
        let deadline = Deadline::after(Duration::from_secs(3));
        let mut attempts = Attempts::new();
        while attempts.again(refused(), deadline).await.is_ok() {
            if deadline.remaining() < Duration::from_millis(100) {
                tokio::time::sleep(deadline.remaining()).await;
                assert_eq!(attempts.again(unanswered(), deadline).await, Err(refused()));
                return;
            }
        }
        panic!("the time is used to its end");
    }

    #[tokio::test(start_paused = true)]
    async fn silence_for_most_of_the_time_is_the_reason() {
        let deadline = Deadline::after(Duration::from_secs(3));
        let mut attempts = Attempts::new();
        attempts.again(refused(), deadline).await.unwrap();
        tokio::time::sleep(deadline.remaining()).await;
        assert_eq!(attempts.again(late(), deadline).await, Err(late()));
    }
}
