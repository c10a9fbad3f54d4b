//! What every request goes through: it is counted, what was scripted befalls it, some broker answers.

use std::rc::Rc;

use super::MemoryCluster;
use super::call::{Api, Call};
use super::fault::Interference;
use super::state::{State, Topics};
use super::topic::Topic;
use crate::admin::{AdminError, BrokerError, ItemError, PerTopic, WriteMode};
use crate::model::{AclOperation, BrokerId, TopicMetadata, TopicName};

/// A read that one broker is about to answer.
pub(super) struct Read {
    pub(super) broker: BrokerId,
    topics: Rc<Topics>,
    pub(super) interference: Interference,
}

impl Read {
    pub(super) fn answer<'a, T>(
        &'a self,
        state: &State,
        names: impl IntoIterator<Item = &'a TopicName>,
        needs: AclOperation,
        mut show: impl FnMut(&'a Topic, &'a TopicName) -> T,
    ) -> PerTopic<Option<T>> {
        let mut answer = |name: &'a TopicName| {
            if let Some(error) = self.interference.error(name) {
                return Err(error.clone());
            }
            state.may(needs, name).map_err(ItemError::Broker)?;
            Ok(self.topics.get(name).map(|topic| show(topic, name)))
        };
        names
            .into_iter()
            .map(|name| (name.clone(), answer(name)))
            .collect()
    }
}

impl MemoryCluster {
    pub(super) async fn read_topics(
        &self,
        broker: Option<BrokerId>,
        names: &[TopicName],
    ) -> Result<PerTopic<Option<TopicMetadata>>, AdminError> {
        let read = self.begin_read(Api::Metadata, broker, names).await?;
        let state = self.state.borrow();
        let metadata = |topic: &Topic, _: &TopicName| topic.metadata(&state.brokers);
        Ok(read.answer(&state, names, AclOperation::Describe, metadata))
    }

    /// A read of named topics, from one broker or any. Of nothing, nothing is asked.
    pub(super) async fn begin_read<'a>(
        &self,
        api: Api,
        broker: Option<BrokerId>,
        names: impl IntoIterator<Item = &'a TopicName>,
    ) -> Result<Read, AdminError> {
        let call = Call::from(api);
        let names: Vec<&TopicName> = names.into_iter().collect();
        if !names.is_empty() {
            self.begin(call, names.iter().copied()).await;
        }
        let any = self.state.borrow().any_broker()?;
        let broker = broker.unwrap_or(any);
        self.state.borrow().must_be_alive(broker, api.name())?;
        let lost = api.lost(self.state.borrow().peer(broker));
        let interference = self.script.borrow_mut().befalls(call, names, &lost)?;
        let topics = self.state.borrow_mut().topics_read_from(broker);
        Ok(Read {
            broker,
            topics,
            interference,
        })
    }

    /// A read that is about no topic in particular.
    pub(super) async fn begin_whole(&self, api: Api) -> Result<BrokerId, AdminError> {
        let call = Call::from(api);
        self.begin(call, []).await;
        let broker = self.state.borrow().any_broker()?;
        let peer = self.state.borrow().peer(broker);
        match self
            .script
            .borrow_mut()
            .befalls_whole(call, &api.lost(peer.clone()))
        {
            None => Ok(broker),
            Some(ItemError::Request(error)) => Err(error),
            Some(ItemError::Broker(error)) => Err(AdminError::Refused {
                request: api.name(),
                broker: peer,
                error,
            }),
        }
    }

    /// A write, topic by topic. Of nothing, nothing is asked.
    pub(super) async fn write<'a>(
        &self,
        api: Api,
        mode: WriteMode,
        names: impl Iterator<Item = &'a TopicName> + Clone,
        mut each: impl FnMut(&mut State, &TopicName) -> Result<(), BrokerError>,
    ) -> Result<PerTopic<()>, AdminError> {
        if names.clone().next().is_none() {
            return Ok(PerTopic::new());
        }
        let call = Call::in_mode(api, mode);
        self.begin(call, names.clone()).await;
        let controller = self.state.borrow().any_broker()?;
        let lost = api.lost(self.state.borrow().peer(controller));
        let interference = self.script.borrow_mut().befalls(call, names.clone(), &lost)?;
        let mut state = self.state.borrow_mut();
        if mode == WriteMode::Write {
            state.about_to_change();
        }
        let answers = names
            .filter(|name| interference.lets_through(name))
            .map(|name| (name.clone(), each(&mut state, name).map_err(ItemError::Broker)))
            .collect();
        Ok(interference.replace(answers))
    }

    /// Counts a request, lets happen what is to happen before it, and takes its time.
    pub(super) async fn begin<'a>(&self, call: Call, topics: impl IntoIterator<Item = &'a TopicName>) {
        self.note(call, topics);
        *self.requests.borrow_mut().entry(call.api.name()).or_default() += 1;
        let due = self.script.borrow_mut().due(call);
        for hook in due {
            hook(self);
        }
        let delay = self.script.borrow().delay(call);
        if !delay.is_zero() {
            tokio::time::sleep(delay).await;
        }
    }

    fn note<'a>(&self, call: Call, topics: impl IntoIterator<Item = &'a TopicName>) {
        let mut asked = self.asked.borrow_mut();
        asked
            .entry(call.api)
            .or_default()
            .extend(topics.into_iter().cloned());
    }
}
