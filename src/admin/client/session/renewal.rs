//! A login that a broker forgets after a while (KIP-368): it is renewed in time, on the same connection,
//! with nothing of others in flight, since the broker takes nothing else meanwhile.

use std::cell::Cell;
use std::rc::Rc;
use std::time::Duration;

use kafka_protocol::messages::SaslAuthenticateRequest;
use tokio::time::{Instant, sleep_until};
use tracing::debug;

use crate::admin::client::session::api_versions::Versions;
use crate::admin::client::session::connection::Wire;
use crate::admin::client::session::login::{Login, Refusal};
use crate::admin::client::transport::channel::Alone;
use crate::admin::client::transport::deadline::Deadline;
use crate::connection::Sasl;

/// The part of a session's lifetime, in percent, after which it is renewed. Java's client takes 85 to 95.
const RENEWED_AFTER: u32 = 85;

/// Who this is to one broker.
pub(crate) struct Session {
    sasl: Rc<Sasl>,
    /// When it is renewed, and when it ends; `None`: it does not end.
    ends: Cell<Option<End>>,
}

/// The end of a session.
#[derive(Clone, Copy)]
struct End {
    renew_at: Instant,
    over_at: Instant,
}

/// A broker does not let a session be renewed twice within a second. By this side's clock a bit more, since
/// requests take different times on their way.
const RENEWED_NOT_BEFORE: Duration = Duration::from_millis(1_100);

/// How long a session that could not be renewed, for want of a token, is used before that is tried again.
const RENEWED_AGAIN_AFTER: Duration = Duration::from_secs(1);

impl Session {
    /// The first login of a connection.
    pub(crate) async fn begin(
        sasl: Rc<Sasl>,
        wire: &Wire,
        versions: &Versions,
        deadline: Deadline,
    ) -> Result<Self, Refusal> {
        let session = Self {
            sasl,
            ends: Cell::new(None),
        };
        let alone = wire.alone::<SaslAuthenticateRequest>(deadline).await?;
        session.log_in(wire, versions, &alone, false, deadline).await?;
        Ok(session)
    }

    /// Makes sure that the broker still knows who this is when the next request arrives. A session that
    /// has ended can be renewed all the same: what the broker refuses then is everything else.
    pub(crate) async fn keep(
        &self,
        wire: &Wire,
        versions: &Versions,
        deadline: Deadline,
    ) -> Result<(), Refusal> {
        if !self.is_due() {
            return Ok(());
        }
        let alone = wire.alone::<SaslAuthenticateRequest>(deadline).await?;
        // Somebody else was first.
        if !self.is_due() {
            return Ok(());
        }
        self.wait_until_taken(deadline).await;
        debug!(broker = %wire.peer(), "logging in again");
        match self.log_in(wire, versions, &alone, true, deadline).await {
            Ok(()) => Ok(()),
            // Nothing was said to the broker, for which this is still the same session.
            Err(Refusal::NoToken(_)) if self.put_off() => Ok(()),
            Err(refusal) => {
                wire.retire();
                Err(refusal)
            }
        }
    }

    /// A session can be over before the broker lets it be renewed.
    fn is_due(&self) -> bool {
        let ends = self.ends.get();
        ends.is_some_and(|end| Instant::now() >= end.renew_at.min(end.over_at))
    }

    async fn wait_until_taken(&self, deadline: Deadline) {
        if let Some(end) = self.ends.get() {
            sleep_until(end.renew_at.min(deadline.at())).await;
        }
    }

    /// Tries again a little later, if the session lasts that long.
    fn put_off(&self) -> bool {
        let renew_at = Instant::now() + RENEWED_AGAIN_AFTER;
        let later = self.ends.get().filter(|end| renew_at < end.over_at);
        let later = later.map(|end| End { renew_at, ..end });
        if later.is_some() {
            self.ends.set(later);
        }
        later.is_some()
    }

    async fn log_in(
        &self,
        wire: &Wire,
        versions: &Versions,
        alone: &Alone,
        again: bool,
        deadline: Deadline,
    ) -> Result<(), Refusal> {
        // The broker's clock for it starts a little later.
        let began = Instant::now();
        let login = Login {
            wire,
            versions,
            alone,
            sasl: &self.sasl,
            again,
            deadline,
        };
        let lifetime = login.run().await?;
        let earliest = if again { began + RENEWED_NOT_BEFORE } else { began };
        self.ends.set(lifetime.map(|lifetime| End {
            renew_at: earliest.max(began + share(lifetime)),
            over_at: began + lifetime,
        }));
        Ok(())
    }
}

fn share(lifetime: Duration) -> Duration {
    lifetime * RENEWED_AFTER / 100
}
