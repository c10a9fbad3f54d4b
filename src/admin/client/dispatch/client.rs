//! The client: the connections of one cluster, and what has been learned of it.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::rc::Rc;
use std::time::Duration;

use tokio::sync::mpsc;
use tokio::time::Instant;

use super::attempts::Attempts;
use super::dialer::Dialer;
use super::pool::Brokers;
use super::routing::Routing;
use super::write_op::Quota;
use crate::admin::AdminError;
use crate::admin::client::protocol::counters::Counters;
use crate::admin::client::protocol::interner::Interner;
use crate::admin::client::protocol::wire_text;
use crate::admin::client::session::connection::Connection;
use crate::admin::client::transport::deadline::Deadline;
use crate::connection::{AllowedAddresses, Authentication, ConnectionConfig};
use crate::model::Address;
use crate::model::{BrokerId, ClusterHealth, ClusterView};

/// How to reach a cluster.
#[derive(Debug, Clone)]
pub struct ConnectOptions {
    /// Addresses of which any one will do; in order of preference.
    pub bootstrap: Vec<Address>,
    /// How long to try all of them together, again and again: a broker may still be starting.
    pub connect_timeout: Duration,
    /// How long a request may take, its retries included.
    pub request_timeout: Duration,
    /// How to be secure, who to be.
    pub connection: ConnectionConfig,
    /// Where to connect at all: neither address nor broker elsewhere is dialled.
    pub allowed: AllowedAddresses,
}

impl ConnectOptions {
    /// The addresses with the usual limits: 10 s to connect, 30 s a request.
    pub fn new(bootstrap: Vec<Address>) -> Self {
        Self {
            bootstrap,
            connect_timeout: Duration::from_secs(10),
            request_timeout: Duration::from_secs(30),
            connection: ConnectionConfig::default(),
            allowed: AllowedAddresses::default(),
        }
    }
}

/// The controller refuses more changes for a while, because a quota is used up (`controller_mutation_rate`, KIP-599).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct QuotaPause {
    /// How long it asks to be left alone.
    pub pause: Duration,
    /// Topics of the request that are sent again then.
    pub open: usize,
}

/// A cluster that is there.
///
/// Needs a tokio runtime with time and network, and lives on one thread. Calls may run side by side
/// (`tokio::join!`): they share connections, and requests on one connection are pipelined, so that
/// `cluster`, `topics` and `configs` of a few topics together take one round trip.
pub struct Client {
    pub(crate) routing: Routing,
    pub(crate) request_timeout: Duration,
    pub(crate) counters: Rc<Counters>,
    pub(crate) interner: RefCell<Interner>,
    pub(crate) quota: Cell<Quota>,
    quota_pauses: RefCell<Option<mpsc::UnboundedSender<QuotaPause>>>,
    pub(crate) health: RefCell<Option<(Instant, ClusterHealth)>>,
}

impl Client {
    /// Connects to the first of the addresses that answers as a Kafka broker. Connections to other
    /// brokers are opened when there is work for them.
    pub async fn connect(options: ConnectOptions) -> Result<Self, AdminError> {
        let counters = Rc::new(Counters::default());
        let dialer = Dialer {
            client_id: wire_text(&options.connection.client_id),
            security: options.connection.security,
            sasl: match options.connection.authentication {
                Authentication::None => None,
                Authentication::Sasl(sasl) => Some(Rc::new(sasl)),
            },
            counters: Rc::clone(&counters),
            allowed: options.allowed,
        };
        let brokers = Brokers::new(dialer, options.bootstrap, options.connect_timeout);
        let deadline = Deadline::after(options.connect_timeout);
        brokers.bootstrap(&BTreeMap::new(), deadline).await?;
        Ok(Self {
            routing: Routing::new(brokers),
            request_timeout: options.request_timeout,
            counters,
            interner: RefCell::new(Interner::default()),
            quota: Cell::new(Quota::NotKnown),
            quota_pauses: RefCell::new(None),
            health: RefCell::new(None),
        })
    }

    /// The cluster as one broker lists it, before anybody else is connected to.
    ///
    /// # Errors
    /// Where no broker answers.
    pub async fn listed_cluster(&self) -> Result<ClusterView, AdminError> {
        let view = self.routing.fresh_view(self.deadline()).await?;
        Ok(ClusterView::clone(&view))
    }

    /// The same less the brokers that are down, and whether there is a controller. Brokers that the controller has
    /// not heard of are connected to.
    pub async fn with_health(&self, view: ClusterView) -> ClusterView {
        Box::pin(self.checked_view(view, self.deadline())).await
    }

    /// The pauses that the controller asks for from now on. Whoever calls this later gets them instead.
    pub fn quota_pauses(&self) -> mpsc::UnboundedReceiver<QuotaPause> {
        let (sender, receiver) = mpsc::unbounded_channel();
        self.quota_pauses.replace(Some(sender));
        receiver
    }

    pub(crate) fn tell_quota_pause(&self, pause: Duration, open: usize) {
        if let Some(sender) = &*self.quota_pauses.borrow() {
            // Whoever wanted to know may have left.
            let _ = sender.send(QuotaPause { pause, open });
        }
    }

    pub(crate) fn deadline(&self) -> Deadline {
        Deadline::after(self.request_timeout)
    }

    /// Asks one broker something that changes nothing, again where the connection breaks.
    pub(crate) async fn ask_broker<T>(
        &self,
        broker: BrokerId,
        request: &'static str,
        deadline: Deadline,
        ask: impl AsyncFn(&Connection) -> Result<T, AdminError>,
    ) -> Result<(Rc<Connection>, T), AdminError> {
        let mut attempts = Attempts::new();
        loop {
            let asked = match self.routing.broker(broker, request, deadline).await {
                Ok(connection) => ask(&connection).await.map(|answer| (connection, answer)),
                Err(error) => Err(error),
            };
            match asked {
                Ok(answered) => return Ok(answered),
                Err(error) => attempts.again(error, deadline).await?,
            }
            self.routing.forget().await;
            self.routing.check_alive(broker, request, deadline).await?;
        }
    }
}
