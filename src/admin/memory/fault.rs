//! Bad days, written down in advance.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use super::MemoryCluster;
use super::call::{Api, Call};
use crate::admin::{AdminError, BrokerError, ItemError, PerTopic};
use crate::model::TopicName;

/// Something that goes wrong once, or a few times, with requests of one kind.
#[derive(Debug, Clone)]
pub struct Fault {
    call: Call,
    topic: Option<TopicName>,
    with: With,
    carried_out: bool,
    times: u32,
}

#[derive(Debug, Clone)]
enum With {
    Answer(BrokerError),
    Failure(AdminError),
    Silence,
}

impl Fault {
    /// The broker answers with this error and does nothing.
    pub fn answer(call: impl Into<Call>, error: BrokerError) -> Self {
        Self::new(call.into(), With::Answer(error), false)
    }

    /// The request fails with this error, and nothing is done. Said for each of its topics, as the real
    /// client says it; [`AdminError::Unreachable`] fails the call as a whole.
    pub fn failure(call: impl Into<Call>, error: AdminError) -> Self {
        Self::new(call.into(), With::Failure(error), false)
    }

    /// The request takes effect, but the connection ends before the answer ([`AdminError::Disconnected`]).
    pub fn lost_answer(call: impl Into<Call>) -> Self {
        Self::new(call.into(), With::Silence, true)
    }

    /// The connection ends before the request has any effect ([`AdminError::Disconnected`]): to the caller it
    /// looks exactly as a lost answer does.
    pub fn lost_request(call: impl Into<Call>) -> Self {
        Self::new(call.into(), With::Silence, false)
    }

    fn new(call: Call, with: With, carried_out: bool) -> Self {
        Self {
            call,
            topic: None,
            with,
            carried_out,
            times: 1,
        }
    }

    /// Only this topic meets it; the others of the request are served. Requests without it do not count.
    ///
    /// # Panics
    /// If Kafka would not take the name.
    #[must_use]
    #[allow(
        clippy::expect_used,
        reason = "a name in a test that is no name is a bug of the test"
    )]
    pub fn for_topic(self, topic: &str) -> Self {
        let topic = Some(TopicName::new(topic).expect("a topic name"));
        Self { topic, ..self }
    }

    /// How many requests meet it; one, unless said otherwise.
    #[must_use]
    pub fn times(self, times: u32) -> Self {
        Self { times, ..self }
    }

    /// What was asked for is done all the same; only the answer is this one.
    #[must_use]
    pub fn although_done(self) -> Self {
        Self {
            carried_out: true,
            ..self
        }
    }
}

type Hook = Box<dyn FnOnce(&MemoryCluster)>;

/// Everything that is to happen.
#[derive(Default)]
pub(super) struct Script {
    faults: Vec<Fault>,
    hooks: Vec<(Call, u32, Hook)>,
    delays: Vec<(Call, Duration)>,
}

impl MemoryCluster {
    /// Lets something go wrong. Of several faults that fit a topic, the one injected first comes first.
    pub fn inject(&self, fault: Fault) {
        self.script.borrow_mut().faults.push(fault);
    }

    /// Just before the `nth` request of this kind from now on (1 is the next one), something happens.
    /// It runs before the request is looked at, so what it changes is what the request finds.
    pub fn before(&self, call: impl Into<Call>, nth: u32, happens: impl FnOnce(&Self) + 'static) {
        let hook = (call.into(), nth.max(1), Box::new(happens) as Hook);
        self.script.borrow_mut().hooks.push(hook);
    }

    /// Requests of this kind take that long from now on.
    pub fn slow(&self, call: impl Into<Call>, takes: Duration) {
        self.script.borrow_mut().delays.push((call.into(), takes));
    }

    /// Whether everything that was injected has been met, and everything that was to happen has.
    pub fn script_is_over(&self) -> bool {
        let script = self.script.borrow();
        script.hooks.is_empty() && script.faults.iter().all(|fault| fault.times == 0)
    }
}

impl Script {
    /// The hooks whose turn it is.
    pub(super) fn due(&mut self, call: Call) -> Vec<Hook> {
        for (wanted, left, _) in &mut self.hooks {
            *left -= u32::from(wanted.covers(call));
        }
        let hooks = std::mem::take(&mut self.hooks);
        let (due, later): (Vec<_>, Vec<_>) = hooks.into_iter().partition(|(_, left, _)| *left == 0);
        self.hooks = later;
        due.into_iter().map(|(_, _, hook)| hook).collect()
    }

    pub(super) fn delay(&self, call: Call) -> Duration {
        let matching = self.delays.iter().filter(|(wanted, _)| wanted.covers(call));
        matching.map(|(_, takes)| *takes).sum()
    }

    /// What befalls a request about these topics. `lost` says how a lost connection looks.
    pub(super) fn befalls<'a>(
        &mut self,
        call: Call,
        topics: impl IntoIterator<Item = &'a TopicName>,
        lost: &AdminError,
    ) -> Result<Interference, AdminError> {
        let mut interference = Interference::default();
        let mut met = BTreeSet::new();
        if self.faults.is_empty() {
            return Ok(interference);
        }
        for topic in topics {
            let fits =
                |fault: &Fault| fault.fits(call) && fault.topic.as_ref().is_none_or(|only| only == topic);
            let Some(index) = self.faults.iter().position(fits) else {
                continue;
            };
            met.insert(index);
            let fault = &self.faults[index];
            let error = fault.error(lost);
            if let ItemError::Request(error @ AdminError::Unreachable { .. }) = error {
                self.count(&met);
                return Err(error);
            }
            interference
                .topics
                .insert(topic.clone(), (error, fault.carried_out));
        }
        self.count(&met);
        Ok(interference)
    }

    /// What befalls a request that is about no topic in particular.
    pub(super) fn befalls_whole(&mut self, call: Call, lost: &AdminError) -> Option<ItemError> {
        let fault = self
            .faults
            .iter_mut()
            .find(|fault| fault.fits(call) && fault.topic.is_none())?;
        fault.times -= 1;
        Some(fault.error(lost))
    }

    fn count(&mut self, met: &BTreeSet<usize>) {
        for index in met {
            self.faults[*index].times -= 1;
        }
    }
}

impl Fault {
    fn fits(&self, call: Call) -> bool {
        self.times > 0 && self.call.covers(call)
    }

    fn error(&self, lost: &AdminError) -> ItemError {
        match &self.with {
            With::Answer(error) => ItemError::Broker(error.clone()),
            With::Failure(error) => ItemError::Request(error.clone()),
            With::Silence => ItemError::Request(lost.clone()),
        }
    }
}

/// What befalls one request.
#[derive(Debug, Default)]
pub(super) struct Interference {
    topics: BTreeMap<TopicName, (ItemError, bool)>,
}

impl Interference {
    /// Whether this part of the request is carried out.
    pub(super) fn lets_through(&self, topic: &TopicName) -> bool {
        self.topics.get(topic).is_none_or(|(_, carried_out)| *carried_out)
    }

    /// The answer for one topic, or what came instead.
    pub(super) fn error(&self, topic: &TopicName) -> Option<&ItemError> {
        self.topics.get(topic).map(|(error, _)| error)
    }

    /// The answers as the caller gets them.
    pub(super) fn replace<T>(self, mut answers: PerTopic<T>) -> PerTopic<T> {
        for (topic, (error, _)) in self.topics {
            answers.insert(topic, Err(error));
        }
        answers
    }
}

impl Api {
    /// How it looks when the connection ends in the middle of it.
    pub(super) fn lost(self, broker: crate::admin::Peer) -> AdminError {
        AdminError::Disconnected {
            request: self.name(),
            broker,
            reason: "the connection was closed before the answer".into(),
        }
    }
}
