//! Who is connected. There are so many places and no more; whoever keeps one without a use for it gives way to
//! somebody new, so that connections that say nothing silence nobody.

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::rc::Rc;

use tokio::sync::Notify;

/// What a connection is at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stage {
    /// Its request has not arrived yet.
    Asking,
    /// It waits for a look, which has an end.
    Waiting,
    /// Its answer is being sent.
    Taking,
}

/// One connection.
#[derive(Debug)]
pub(super) struct Connection {
    stage: Cell<Stage>,
    ousted: Notify,
}

impl Connection {
    /// Says what it is at now.
    pub(super) fn enter(&self, stage: Stage) {
        self.stage.set(stage);
    }

    /// Waits until its place is wanted for somebody else.
    pub(super) async fn ousted(&self) {
        self.ousted.notified().await;
    }
}

/// The connections, the oldest first.
#[derive(Debug, Default)]
pub(super) struct Connections(RefCell<VecDeque<Rc<Connection>>>);

impl Connections {
    /// A place for a new connection. Where all are taken, the oldest gives way that has not asked yet, or else the
    /// oldest that does not take its answer.
    pub(super) fn admit(&self, most: usize) -> Rc<Connection> {
        if self.0.borrow().len() >= most {
            self.oust();
        }
        let connection = Rc::new(Connection {
            stage: Cell::new(Stage::Asking),
            ousted: Notify::new(),
        });
        self.0.borrow_mut().push_back(Rc::clone(&connection));
        connection
    }

    /// Whether there is a place, or somebody who gives way.
    pub(super) fn has_room(&self, most: usize) -> bool {
        self.0.borrow().len() < most || self.least_useful().is_some()
    }

    /// The connection has ended.
    pub(super) fn remove(&self, connection: &Rc<Connection>) {
        self.0.borrow_mut().retain(|other| !Rc::ptr_eq(other, connection));
    }

    fn oust(&self) {
        let ousted = self
            .least_useful()
            .and_then(|index| self.0.borrow_mut().remove(index));
        if let Some(connection) = ousted {
            connection.ousted.notify_one();
        }
    }

    fn least_useful(&self) -> Option<usize> {
        let connections = self.0.borrow();
        let at = |stage| connections.iter().position(|other| other.stage.get() == stage);
        at(Stage::Asking).or_else(|| at(Stage::Taking))
    }
}
