//! One look after the other, each with what it comes to.

use std::collections::BTreeMap;
use std::rc::Rc;

use tokio::sync::watch;

use crate::admin::{Admin, AdminError};
use crate::command::clock;
use crate::model::{EventName, TopicName};
use crate::monitor::{
    Events, Followed, Layout, Progress, Sample, Sampler, View, Watched, Window, has_topics, layout,
};

pub(super) struct Poll<'a, A> {
    sampler: Sampler<'a, A>,
    window: Window,
    /// Which topic carries which event.
    carriers: BTreeMap<TopicName, EventName>,
    layout: &'a watch::Sender<Layout>,
    followed: &'a watch::Sender<Followed>,
}

impl<'a, A: Admin> Poll<'a, A> {
    pub(super) fn new(
        admin: &'a A,
        watched: Watched,
        carriers: BTreeMap<TopicName, EventName>,
        layout: &'a watch::Sender<Layout>,
        followed: &'a watch::Sender<Followed>,
    ) -> Self {
        Self {
            sampler: Sampler::new(admin, watched, clock::now),
            window: Window::default(),
            carriers,
            layout,
            followed,
        }
    }

    pub(super) async fn look(&mut self) -> Result<View, AdminError> {
        let sample = Rc::new(self.sampler.sample().await?);
        self.tell_layout(&sample);
        let figures = self.window.push(&sample);
        Ok(View {
            events: self.events(&sample),
            sample,
            figures: Rc::new(figures),
        })
    }

    /// Whoever reads the events has to know when their topics come, go or grow.
    fn tell_layout(&self, sample: &Sample) {
        let now = layout(self.carriers.keys(), sample);
        self.layout.send_if_modified(|layout| {
            let is_new = *layout != now;
            if is_new {
                *layout = now;
            }
            is_new
        });
        // Idle and about to begin look alike; what is shown must not take the one for the other.
        let begins = has_topics(&self.layout.borrow());
        self.followed.send_if_modified(|followed| {
            let is_idle = followed.progress == Progress::Idle;
            if begins && is_idle {
                followed.progress = Progress::CatchingUp;
            }
            begins && is_idle
        });
    }

    fn events(&self, sample: &Sample) -> Events {
        let followed = self.followed.borrow();
        let outcomes = &followed.outcomes;
        let is_there = |name: &TopicName| sample.topics.contains_key(name);
        let carriers = self.carriers.iter().filter(|(name, _)| is_there(name));
        let is_read = followed.progress == Progress::UpToDate && followed.trouble.is_none();
        Events {
            topics: carriers.map(|(name, event)| (name.clone(), *event)).collect(),
            lately: is_read.then(|| outcomes.lately(sample.taken_at)),
            total: (followed.progress == Progress::UpToDate).then(|| outcomes.total().clone()),
            trouble: followed.trouble.clone(),
        }
    }
}
