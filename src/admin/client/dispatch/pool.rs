//! The connections that are open: the one that bootstrap made, and one per broker, opened when there
//! is work for it and shared from then on. Whom to ask is decided in [`crate::admin::client::dispatch::routing`].

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::net::IpAddr;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use kafka_protocol::messages::DescribeClusterRequest;
use tokio::sync::Mutex;
use tokio::time::timeout;

use crate::admin::client::dispatch::connect_failure::Failure;
use crate::admin::client::dispatch::dialer::Dialer;
use crate::admin::client::session::connection::Connection;
use crate::admin::client::transport::deadline::Deadline;
use crate::admin::{AdminError, ConnectErrorKind};
use crate::model::Address;
use crate::model::{Broker, BrokerId};

/// Open connections.
pub(crate) struct Brokers {
    dialer: Dialer,
    bootstrap: Vec<Address>,
    connect_timeout: Duration,
    /// The connection that bootstrap made last.
    first: RefCell<Option<Rc<Connection>>>,
    by_id: RefCell<BTreeMap<BrokerId, Rc<Slot>>>,
}

/// Locked while a connection is being made, so that those who want the same broker share it.
type Slot = Mutex<Option<Rc<Connection>>>;

impl Brokers {
    pub(crate) fn new(dialer: Dialer, bootstrap: Vec<Address>, connect_timeout: Duration) -> Self {
        Self {
            dialer,
            bootstrap,
            connect_timeout,
            first: RefCell::new(None),
            by_id: RefCell::new(BTreeMap::new()),
        }
    }

    /// Connects to any of the bootstrap addresses, or of the brokers known by now.
    pub(crate) async fn bootstrap(
        &self,
        known: &BTreeMap<BrokerId, Broker>,
        deadline: Deadline,
    ) -> Result<Rc<Connection>, AdminError> {
        let mut addresses = self.bootstrap.clone();
        for broker in known.values().map(advertised) {
            if !addresses.contains(&broker) {
                addresses.push(broker);
            }
        }
        let deadline = deadline.at_most(self.connect_timeout);
        let connection = Rc::new(self.dialer.connect_any(&addresses, deadline).await?);
        *self.first.borrow_mut() = Some(Rc::clone(&connection));
        self.recognise(known);
        Ok(connection)
    }

    /// A connection that is open and in order.
    pub(crate) fn usable(&self) -> Option<Rc<Connection>> {
        let first = self.first.borrow().clone().filter(|open| open.is_usable());
        first.or_else(|| {
            let by_id = self.by_id.borrow();
            by_id.values().find_map(|slot| open_in(slot))
        })
    }

    /// Whether a connection to this broker is open.
    pub(crate) fn is_open(&self, id: BrokerId) -> bool {
        let by_id = self.by_id.borrow();
        by_id.get(&id).is_some_and(|slot| open_in(slot).is_some())
    }

    /// The connection to one broker; opened now if it is not.
    pub(crate) async fn connection(
        &self,
        id: BrokerId,
        broker: &Broker,
        deadline: Deadline,
    ) -> Result<Rc<Connection>, Failure> {
        let slot = Rc::clone(self.by_id.borrow_mut().entry(id).or_default());
        let mut slot = slot.lock().await;
        // A broker may come back under another address.
        let fits = |open: &&Rc<Connection>| open.is_usable() && is_at(broker, open);
        if let Some(open) = slot.as_ref().filter(fits) {
            return Ok(Rc::clone(open));
        }
        let address = advertised(broker);
        let attempt = deadline.at_most(self.connect_timeout);
        let opened = self.dialer.connect(&address, Some(id), attempt).await;
        let opened = Rc::new(opened.map_err(not_as_advertised)?);
        *slot = Some(Rc::clone(&opened));
        Ok(opened)
    }

    /// Whether a broker answers now: over its connection, or over a new one.
    pub(crate) async fn sign_of_life(
        &self,
        id: BrokerId,
        broker: &Broker,
        deadline: Deadline,
    ) -> Result<(), Failure> {
        let slot = Rc::clone(self.by_id.borrow_mut().entry(id).or_default());
        let Ok(mut slot) = timeout(deadline.remaining(), slot.lock()).await else {
            return Err(Failure::silent());
        };
        if let Some(open) = slot
            .as_ref()
            .filter(|open| open.is_usable() && is_at(broker, open))
        {
            let answer = open.call(&DescribeClusterRequest::default(), deadline).await;
            return answer.map(|_| ()).or_else(|error| match error {
                AdminError::Timeout { .. } | AdminError::Disconnected { .. } => {
                    open.retire();
                    Err(Failure::silent())
                }
                _ => Ok(()),
            });
        }
        let opened = self
            .dialer
            .connect(&advertised(broker), Some(id), deadline)
            .await?;
        *slot = Some(Rc::new(opened));
        Ok(())
    }

    /// Where bootstrap reached a broker under the very address that it advertises, one connection
    /// serves for both.
    pub(crate) fn recognise(&self, brokers: &BTreeMap<BrokerId, Broker>) {
        let Some(first) = self.first.borrow().clone().filter(|open| open.is_usable()) else {
            return;
        };
        let Some((id, _)) = brokers.iter().find(|(_, broker)| is_at(broker, &first)) else {
            return;
        };
        first.identify(*id);
        let slot = Rc::clone(self.by_id.borrow_mut().entry(*id).or_default());
        if let Ok(mut slot) = slot.try_lock()
            && !slot.as_ref().is_some_and(|open| open.is_usable())
        {
            *slot = Some(first);
        }
    }
}

fn open_in(slot: &Slot) -> Option<Rc<Connection>> {
    let connection = slot.try_lock().ok()?.clone();
    connection.filter(|open| open.is_usable())
}

/// The address that a broker tells clients to use.
pub(crate) fn advertised(broker: &Broker) -> Address {
    Address::advertised(Arc::clone(&broker.host), broker.port)
}

fn is_at(broker: &Broker, connection: &Connection) -> bool {
    let remote = connection.remote();
    let same_number = broker
        .host
        .parse::<IpAddr>()
        .is_ok_and(|host| host == remote.ip());
    (same_number && broker.port == remote.port())
        || advertised(broker).to_string() == *connection.peer().address
}

fn not_as_advertised(mut failure: Failure) -> Failure {
    let reason = match failure.kind {
        ConnectErrorKind::NoAnswer | ConnectErrorKind::NotKafka => format!(
            "the broker advertises this address, but it cannot be reached from here: {}. \
             Check the broker's advertised.listeners",
            failure.reason
        ),
        ConnectErrorKind::Security => {
            format!("the broker advertises this address, and there {}", failure.reason)
        }
        ConnectErrorKind::Login | ConnectErrorKind::NoToken => return failure,
    };
    failure.reason = reason.into();
    failure
}
