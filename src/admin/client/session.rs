//! A login that a broker forgets after a while (KIP-368): it is renewed in time, on the same connection,
//! with nothing of others in flight, since the broker takes nothing else meanwhile.

use std::cell::Cell;
use std::rc::Rc;
use std::time::Duration;

use kafka_protocol::messages::SaslAuthenticateRequest;
use tokio::time::Instant;
use tracing::debug;

use super::authentication::{Login, Refusal};
use super::channel::Alone;
use super::connection::Wire;
use super::negotiation::Versions;
use super::retry::Deadline;
use crate::connection::Sasl;

/// The part of a session's lifetime, in percent, after which it is renewed. Java's client takes 85 to 95.
const RENEWED_AFTER: u32 = 85;

/// Who this is to one broker.
pub(super) struct Session {
    sasl: Rc<Sasl>,
    /// `None`: it does not end.
    renew_at: Cell<Option<Instant>>,
}

impl Session {
    /// The first login of a connection.
    pub(super) async fn begin(
        sasl: Rc<Sasl>,
        wire: &Wire,
        versions: &Versions,
        deadline: Deadline,
    ) -> Result<Self, Refusal> {
        let session = Self {
            sasl,
            renew_at: Cell::new(None),
        };
        let alone = wire.alone::<SaslAuthenticateRequest>(deadline).await?;
        session.log_in(wire, versions, &alone, deadline).await?;
        Ok(session)
    }

    /// Makes sure that the broker still knows who this is when the next request arrives. A session that
    /// has ended can be renewed all the same: what the broker refuses then is everything else.
    pub(super) async fn keep(
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
        debug!(broker = %wire.peer(), "logging in again");
        let renewed = self.log_in(wire, versions, &alone, deadline).await;
        if renewed.is_err() {
            wire.retire();
        }
        renewed
    }

    fn is_due(&self) -> bool {
        self.renew_at.get().is_some_and(|moment| Instant::now() >= moment)
    }

    async fn log_in(
        &self,
        wire: &Wire,
        versions: &Versions,
        alone: &Alone,
        deadline: Deadline,
    ) -> Result<(), Refusal> {
        // The broker's clock for it starts a little later.
        let began = Instant::now();
        let login = Login {
            wire,
            versions,
            alone,
            sasl: &self.sasl,
            deadline,
        };
        let lifetime = login.run().await?;
        self.renew_at
            .set(lifetime.map(|lifetime| began + share(lifetime)));
        Ok(())
    }
}

fn share(lifetime: Duration) -> Duration {
    lifetime * RENEWED_AFTER / 100
}
