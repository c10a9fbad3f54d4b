//! Batched writes through the controller: batches under its limit of records, one after another
//! (several in flight gain nothing: the controller works through them one by one). What is written
//! implements [`Write`]; what happens when a batch does not go through is in [`super::write_attempt`].

use std::collections::VecDeque;
use std::time::Duration;

use kafka_protocol::protocol::Request;

use crate::admin::client::dispatch::Client;
use crate::admin::client::dispatch::write_attempt::{Batch, Outcome};
use crate::admin::client::protocol::api::Api;
use crate::admin::{AdminError, BrokerError, ItemError, PerTopic, WriteItem, WriteMode, batches};
use crate::model::{AclOperation, RequiredAcl, TopicName};

/// A kind of write.
pub(crate) trait Write {
    type Request: Api;
    /// What is written for one topic.
    type Item: WriteItem;
    /// Sending it again after it may have been carried out changes nothing.
    const REPEATABLE: bool;
    /// What this principal has to be allowed to do, to the topic or to the cluster.
    const NEEDS: AclOperation;

    /// An older version that spares the controller work, for where no quota limits this client: that
    /// version is not refused what is beyond the quota (KIP-599), so that all of it would be done at
    /// once, and then the connection would be silent for as long as the quota takes.
    const WITHOUT_QUOTA: Option<i16> = None;

    fn topic(item: &Self::Item) -> &TopicName;

    /// The right that the broker asks for.
    fn right(topic: &TopicName) -> RequiredAcl {
        RequiredAcl::on_topic(Self::NEEDS, topic)
    }

    /// What in this item a broker with this version of the request cannot do.
    fn beyond(item: &Self::Item, version: i16) -> Option<Beyond> {
        let _ = (item, version);
        None
    }

    /// The request. The broker is to give up after `timeout_ms`.
    fn request(items: &[&Self::Item], mode: WriteMode, timeout_ms: i32) -> Self::Request;

    fn answers(items: &[&Self::Item], response: <Self::Request as Request>::Response) -> Answers;
}

/// What is known of a quota for changes of topics (KIP-599).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Quota {
    NotKnown,
    /// The controller validated new topics and asked for no pause.
    NotMet,
    /// The controller has asked for a pause.
    Met,
}

impl Quota {
    /// What is known after an answer to a write of this kind.
    pub(crate) fn after<W: Write>(self, mode: WriteMode, asked_to_wait: Duration) -> Self {
        let counts = mode == WriteMode::Validate && W::WITHOUT_QUOTA.is_some();
        match self {
            _ if !asked_to_wait.is_zero() => Self::Met,
            Self::NotKnown if counts => Self::NotMet,
            known => known,
        }
    }
}

/// Something that needs a newer broker.
pub(crate) struct Beyond {
    /// The request with what it cannot do.
    pub(crate) what: &'static str,
    /// The first Kafka release that can.
    pub(crate) since: &'static str,
}

/// The answer to one request.
pub(crate) struct Answers {
    /// How long the broker wants to be left alone (KIP-599).
    pub(crate) throttle: Duration,
    pub(crate) each: Vec<(TopicName, Result<(), BrokerError>)>,
}

impl Client {
    /// Carries out a write, or lets the broker validate it.
    pub(crate) async fn write<W: Write>(
        &self,
        items: &[W::Item],
        mode: WriteMode,
    ) -> Result<PerTopic<()>, AdminError> {
        let mut results = PerTopic::new();
        let mut queue: VecDeque<Vec<&W::Item>> = batches(items)
            .into_iter()
            .map(|batch| batch.iter().collect())
            .collect();
        while let Some(items) = queue.pop_front() {
            let mut batch = Batch::<W>::new(items, mode, self.deadline());
            let outcome = batch.settle(self).await;
            results.extend(batch.results);
            match outcome {
                Outcome::Settled => {}
                Outcome::TooMuch => halve(batch.open, &mut queue),
                Outcome::Hopeless(error) if results.is_empty() => return Err(error),
                Outcome::Hopeless(error) => {
                    let unsent = batch.open.into_iter().chain(queue.drain(..).flatten());
                    results.extend(unsent.map(|item| failed::<W>(item, &error)));
                }
            }
        }
        Ok(results)
    }
}

fn halve<I>(mut items: Vec<I>, queue: &mut VecDeque<Vec<I>>) {
    let second = items.split_off(items.len() / 2);
    queue.push_front(second);
    queue.push_front(items);
}

pub(crate) fn failed<W: Write>(item: &W::Item, error: &AdminError) -> (TopicName, Result<(), ItemError>) {
    (W::topic(item).clone(), Err(ItemError::Request(error.clone())))
}
