//! Whom to ask: any broker, a certain one, the controller. Keeps the last view of the cluster for
//! that, and forgets it when it proves wrong.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Mutex;
use tokio::time::Instant;

use crate::admin::client::dispatch::attempts::Attempts;
use crate::admin::client::dispatch::describe_cluster::describe_cluster;
use crate::admin::client::dispatch::pool::{Brokers, advertised};
use crate::admin::client::session::connection::Connection;
use crate::admin::client::transport::deadline::Deadline;
use crate::admin::{AdminError, ConnectErrorKind, Peer};
use crate::model::{Broker, BrokerId, ClusterView};

/// Routes requests to brokers.
pub(crate) struct Routing {
    brokers: Brokers,
    /// Locked while the cluster is being asked, so that those who want to know share one answer.
    view: Mutex<Option<Rc<ClusterView>>>,
    /// Where brokers were when the cluster was last seen. Outlives the view: when that proved wrong, these
    /// are the addresses to try beside those that were given.
    known: RefCell<BTreeMap<BrokerId, Broker>>,
    /// Brokers that are listed as alive and proved to be down, and when that was seen.
    down: RefCell<(BTreeSet<BrokerId>, Instant)>,
}

/// After so long the controller has noticed for itself who is gone, and a broker may be back.
const DOWN: Duration = Duration::from_secs(10);

impl Routing {
    pub(crate) fn new(brokers: Brokers) -> Self {
        Self {
            brokers,
            view: Mutex::new(None),
            known: RefCell::default(),
            down: RefCell::new((BTreeSet::new(), Instant::now())),
        }
    }

    pub(crate) fn brokers(&self) -> &Brokers {
        &self.brokers
    }

    /// The cluster as it was last seen; asked now if it was not.
    pub(crate) async fn view(&self, deadline: Deadline) -> Result<Rc<ClusterView>, AdminError> {
        let mut view = self.view.lock().await;
        if let Some(view) = view.as_ref() {
            return Ok(Rc::clone(view));
        }
        let fresh = self.ask(deadline).await?;
        *view = Some(Rc::clone(&fresh));
        Ok(fresh)
    }

    async fn ask(&self, deadline: Deadline) -> Result<Rc<ClusterView>, AdminError> {
        // Rare and large: on the heap it burdens no read that only needs a broker.
        let mut fresh = Box::pin(self.ask_any(deadline)).await?;
        self.known.borrow_mut().clone_from(&fresh.brokers);
        let down = self.down();
        fresh.brokers.retain(|id, _| !down.contains(id));
        Ok(Rc::new(fresh))
    }

    /// Asks whichever broker answers first.
    async fn ask_any(&self, deadline: Deadline) -> Result<ClusterView, AdminError> {
        let mut attempts = Attempts::new();
        loop {
            let asked = match self.any(deadline).await {
                Ok(connection) => describe_cluster(&connection, deadline).await,
                Err(error) => Err(error),
            };
            match asked {
                Ok(view) => {
                    self.brokers.recognise(&view.brokers);
                    return Ok(view);
                }
                Err(error) => attempts.again(error, deadline).await?,
            }
        }
    }

    /// The brokers that were listed as alive when the cluster was last asked, those that are down included.
    pub(crate) fn listed(&self) -> BTreeMap<BrokerId, Broker> {
        self.known.borrow().clone()
    }

    /// The brokers that are listed as alive and are down.
    pub(crate) fn down(&self) -> BTreeSet<BrokerId> {
        let (down, seen) = &*self.down.borrow();
        if seen.elapsed() > DOWN {
            return BTreeSet::new();
        }
        down.clone()
    }

    /// From now on these are not asked.
    pub(crate) async fn set_down(&self, down: BTreeSet<BrokerId>) {
        self.down.replace((down, Instant::now()));
        let mut view = self.view.lock().await;
        if let Some(seen) = view.take() {
            let down = self.down();
            let mut seen = ClusterView::clone(&seen);
            seen.brokers = self.listed();
            seen.brokers.retain(|id, _| !down.contains(id));
            *view = Some(Rc::new(seen));
        }
    }

    /// The cluster as it is now.
    pub(crate) async fn fresh_view(&self, deadline: Deadline) -> Result<Rc<ClusterView>, AdminError> {
        let mut view = self.view.lock().await;
        let fresh = self.ask(deadline).await?;
        *view = Some(Rc::clone(&fresh));
        Ok(fresh)
    }

    /// The view proved wrong: a broker is gone, or no longer the controller.
    pub(crate) async fn forget(&self) {
        self.view.lock().await.take();
    }

    /// A connection to whichever broker is at hand. A connection that broke is replaced.
    pub(crate) async fn any(&self, deadline: Deadline) -> Result<Rc<Connection>, AdminError> {
        if let Some(open) = self.brokers.usable() {
            return Ok(open);
        }
        let known = self.known.borrow().clone();
        self.brokers.bootstrap(&known, deadline).await
    }

    /// Fails if the cluster does not count the broker among the living: to wait for it is no use.
    pub(crate) async fn check_alive(
        &self,
        id: BrokerId,
        request: &'static str,
        deadline: Deadline,
    ) -> Result<(), AdminError> {
        self.address(id, request, deadline).await.map(|_| ())
    }

    async fn address(
        &self,
        id: BrokerId,
        request: &'static str,
        deadline: Deadline,
    ) -> Result<Broker, AdminError> {
        let mut view = self.view(deadline).await?;
        if !view.brokers.contains_key(&id) {
            view = self.fresh_view(deadline).await?;
        }
        let broker = view.brokers.get(&id).cloned();
        broker.ok_or_else(|| not_alive(id, request))
    }

    /// A connection to one broker.
    pub(crate) async fn broker(
        &self,
        id: BrokerId,
        request: &'static str,
        deadline: Deadline,
    ) -> Result<Rc<Connection>, AdminError> {
        let broker = self.address(id, request, deadline).await?;
        let connection = self.brokers.connection(id, &broker, deadline).await;
        connection.map_err(|failure| {
            let (reason, may_pass) = (failure.reason, failure.kind.is_transient());
            let broker = Peer {
                id: Some(id),
                address: advertised(&broker).to_string().into(),
            };
            if may_pass || failure.kind == ConnectErrorKind::NotKafka {
                AdminError::NotSent {
                    request,
                    broker,
                    reason,
                }
            } else {
                AdminError::AuthenticationFailed {
                    request,
                    broker,
                    reason,
                }
            }
        })
    }

    /// A connection to the broker that takes writes. Brokers in `KRaft` name any of themselves and
    /// forward; older ones name the one that must be asked.
    pub(crate) async fn controller(
        &self,
        request: &'static str,
        deadline: Deadline,
    ) -> Result<Rc<Connection>, AdminError> {
        let view = self.view(deadline).await?;
        match view.controller {
            Some(id) if view.brokers.contains_key(&id) => self.broker(id, request, deadline).await,
            Some(_) | None => self.any(deadline).await,
        }
    }
}

fn not_alive(id: BrokerId, request: &'static str) -> AdminError {
    AdminError::NotSent {
        request,
        broker: Peer {
            id: Some(id),
            address: Arc::from("no address"),
        },
        reason: "it is not among the brokers that are alive".into(),
    }
}
