//! Deadlines, and the pauses between attempts. Which errors are worth another attempt is said in
//! `protocol::answer`; what may be sent twice is decided where it is sent.

use std::hash::{BuildHasher, RandomState};
use std::time::Duration;

use tokio::time::Instant;

/// The first pause; each further one is twice as long, up to [`LONGEST_PAUSE`].
const FIRST_PAUSE: Duration = Duration::from_millis(50);
const LONGEST_PAUSE: Duration = Duration::from_secs(1);
/// Less than this is no pause.
const SHORTEST_PAUSE: Duration = Duration::from_millis(10);

/// The moment by which something has to be settled, all attempts together.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Deadline {
    started: Instant,
    limit: Duration,
}

impl Deadline {
    /// `limit` from now.
    pub(crate) fn after(limit: Duration) -> Self {
        Self {
            started: Instant::now(),
            limit,
        }
    }

    /// A deadline for one attempt: `limit` from now, but never past this one.
    pub(crate) fn at_most(self, limit: Duration) -> Self {
        Self::after(limit.min(self.remaining()))
    }

    /// The moment itself. A limit beyond what the clock can count is as good as a year.
    pub(crate) fn at(self) -> Instant {
        const YEAR: Duration = Duration::from_hours(365 * 24);
        self.started
            .checked_add(self.limit)
            .unwrap_or_else(|| self.started + YEAR)
    }

    pub(crate) fn remaining(self) -> Duration {
        self.at().saturating_duration_since(Instant::now())
    }

    /// Whether it has passed.
    pub(crate) fn is_over(self) -> bool {
        self.remaining().is_zero()
    }

    /// How long it has been going on.
    pub(crate) fn waited(self) -> Duration {
        self.started.elapsed()
    }
}

/// Growing pauses between attempts, jittered so that many clients that lost the same broker do not
/// come back at the same moment.
#[derive(Debug)]
pub(crate) struct Backoff {
    next: Duration,
}

impl Backoff {
    pub(crate) fn new() -> Self {
        Self { next: FIRST_PAUSE }
    }

    /// Waits; `false`, at once, if the deadline is as good as over. Towards the deadline pauses shrink,
    /// so that the time is used to its end.
    pub(crate) async fn wait(&mut self, deadline: Deadline) -> bool {
        let remaining = deadline.remaining();
        if remaining < SHORTEST_PAUSE * 2 {
            return false;
        }
        let pause = jittered(self.next).min(remaining / 2);
        self.next = (self.next * 2).min(LONGEST_PAUSE);
        tokio::time::sleep(pause).await;
        true
    }
}

/// Waits for a pause that somebody else named, such as a throttle time; `false`, at once, if the
/// deadline would pass meanwhile.
pub(crate) async fn wait_within(pause: Duration, deadline: Deadline) -> bool {
    if pause >= deadline.remaining() {
        return false;
    }
    tokio::time::sleep(pause).await;
    true
}

/// Between half and all of the pause. The randomness is that of the standard library's hash keys:
/// good enough to spread clients, and no dependency.
fn jittered(pause: Duration) -> Duration {
    let random = RandomState::new().hash_one(0_u8) % 512;
    let share = 512 + u32::try_from(random).unwrap_or(0);
    pause * share / 1024
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn pauses_grow_are_jittered_and_end_with_the_deadline() {
        let deadline = Deadline::after(Duration::from_secs(10));
        let mut backoff = Backoff::new();
        let mut ceiling = FIRST_PAUSE;
        for _ in 0..8 {
            let before = Instant::now();
            assert!(backoff.wait(deadline).await);
            let pause = before.elapsed();
            assert!(
                pause >= ceiling / 2 && pause <= ceiling + Duration::from_millis(2),
                "{pause:?} {ceiling:?}"
            );
            ceiling = (ceiling * 2).min(LONGEST_PAUSE);
        }
        while backoff.wait(deadline).await {}
        assert!(!deadline.is_over(), "the last wait must not outlast the deadline");
        assert!(
            deadline.remaining() < SHORTEST_PAUSE * 2,
            "the time is used to its end"
        );
    }

    #[tokio::test(start_paused = true)]
    async fn an_attempt_never_outlasts_the_whole() {
        let whole = Deadline::after(Duration::from_secs(3));
        tokio::time::sleep(Duration::from_secs(2)).await;
        let attempt = whole.at_most(Duration::from_secs(10));
        assert_eq!(attempt.remaining(), Duration::from_secs(1));
        assert_eq!(whole.waited(), Duration::from_secs(2));
    }

    #[test]
    fn a_deadline_without_end_does_not_overflow() {
        assert!(Deadline::after(Duration::MAX).remaining() > Duration::from_hours(1));
    }
}
