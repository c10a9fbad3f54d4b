//! Where scrapes meet looks: everybody who asks at the same time is answered with the same look, and nobody who
//! asks slowly holds anybody up.

use std::collections::BTreeSet;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{Notify, watch};
use tokio::time::{Instant, timeout};

use crate::model::EventName;
use crate::monitor::Part;

/// The last look, and how things stand.
pub struct Board {
    state: watch::Sender<State>,
    wanted: Notify,
    /// A look that is no older serves the next scrape as well.
    shared_for: Duration,
}

#[derive(Debug, Clone, Default)]
struct State {
    page: Option<Rc<Page>>,
    /// When the look began that is under way.
    under_way: Option<Instant>,
    /// How many looks ended, well or not.
    ended: u64,
    /// Why the last one failed, and when.
    failure: Option<(Arc<str>, Instant)>,
}

/// A look as it is served.
#[derive(Debug)]
pub struct Page {
    /// What it tells of the cluster.
    pub body: String,
    /// When the cluster was asked.
    pub read_at: Instant,
    /// How long the look took.
    pub took: Duration,
    /// How old the settings were then.
    pub settings_age: Option<Duration>,
    /// How many things could not be read, by what they are about.
    pub errors: Vec<(Part, usize)>,
    /// The events whose topics were there.
    pub carried: BTreeSet<EventName>,
}

/// How the looks are going.
#[derive(Debug, Clone)]
pub struct Standing {
    /// The last one that succeeded.
    pub page: Option<Rc<Page>>,
    /// Why the last one failed, if it did.
    pub failure: Option<Arc<str>>,
    /// How long one has been under way.
    pub under_way: Option<Duration>,
}

impl Board {
    /// `shared_for`: how old a look may be that a scrape is answered with.
    pub fn new(shared_for: Duration) -> Self {
        Self {
            state: watch::Sender::default(),
            wanted: Notify::new(),
            shared_for,
        }
    }

    /// Waits until somebody wants a look. To be followed by [`Board::begin`].
    pub async fn wanted(&self) {
        self.wanted.notified().await;
    }

    /// A look begins: who asks from now on waits for it.
    pub fn begin(&self) {
        self.state
            .send_modify(|state| state.under_way = Some(Instant::now()));
    }

    /// A look has ended.
    pub fn end(&self, look: Result<Page, Arc<str>>) {
        self.state.send_modify(|state| {
            state.under_way = None;
            state.ended += 1;
            match look {
                Ok(page) => (state.page, state.failure) = (Some(Rc::new(page)), None),
                Err(why) => state.failure = Some((why, Instant::now())),
            }
        });
    }

    /// A look that is young enough to be taken for now; waits for one if need be. `None` if there is none in
    /// time, or it failed: an old one is not served in its place.
    pub async fn fresh(&self, patience: Duration) -> Option<Rc<Page>> {
        let mut changes = self.state.subscribe();
        let before = {
            let state = self.state.borrow();
            if let Some(page) = &state.page
                && state.failure.is_none()
                && page.read_at.elapsed() <= self.shared_for
            {
                return Some(Rc::clone(page));
            }
            state.ended
        };
        self.wish(|_| true);
        let ended = timeout(patience, changes.wait_for(|state| state.ended > before)).await;
        let state = ended.ok()?.ok()?;
        let is_well = state.failure.is_none();
        state.page.clone().filter(|_| is_well)
    }

    /// Wishes for a look where the last one failed and is not of now, and waits for nothing: who only asks how things
    /// stand would be told for ever how they stood, if nobody scrapes.
    pub fn look_again(&self) {
        self.wish(|state| {
            let failure = state.failure.as_ref();
            failure.is_some_and(|(_, at)| at.elapsed() > self.shared_for)
        });
    }

    /// Whoever comes between the wish and its beginning joins in, and wishes for nothing more.
    fn wish(&self, is_due: impl FnOnce(&State) -> bool) {
        let is_first = self.state.send_if_modified(|state| {
            let is_first = state.under_way.is_none() && is_due(state);
            if is_first {
                state.under_way = Some(Instant::now());
            }
            is_first
        });
        if is_first {
            self.wanted.notify_one();
        }
    }

    /// How the looks are going.
    pub fn standing(&self) -> Standing {
        let state = self.state.borrow();
        Standing {
            page: state.page.clone(),
            failure: state.failure.as_ref().map(|(why, _)| Arc::clone(why)),
            under_way: state.under_way.map(|begun| begun.elapsed()),
        }
    }
}
