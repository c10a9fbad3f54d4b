//! One batch of a write until every item of it is settled: what the controller answered, what is
//! worth sending again, and what must not be, since nobody knows whether it was carried out.

use std::time::Duration;

use kafka_protocol::protocol::Request;

use crate::admin::client::dispatch::Client;
use crate::admin::client::dispatch::attempts::Attempts;
use crate::admin::client::dispatch::topic_reads::of_each;
use crate::admin::client::dispatch::write_op::{Answers, Quota, Write, failed};
use crate::admin::client::protocol::answer;
use crate::admin::client::protocol::api::Api;
use crate::admin::client::session::connection::Connection;
use crate::admin::client::transport::deadline::{Deadline, wait_within};
use crate::admin::{AdminError, BrokerError, ItemError, PerTopic, WriteMode};
use crate::model::TopicName;

/// Items that go in one request.
pub(crate) struct Batch<'a, W: Write> {
    /// What is not settled yet.
    pub(crate) open: Vec<&'a W::Item>,
    /// What the controller said last of each item.
    pub(crate) results: PerTopic<()>,
    mode: WriteMode,
    deadline: Deadline,
    limit: Duration,
    /// How long the controller wanted to be left alone after its last answer.
    asked_to_wait: Duration,
}

/// What became of a batch.
pub(crate) enum Outcome {
    /// Every item has its result.
    Settled,
    /// The controller takes the open items only in smaller requests.
    TooMuch,
    /// The open items were not sent, and it is no use to send others.
    Hopeless(AdminError),
}

/// What to do after an attempt.
enum Next {
    Finish(Outcome),
    /// The open items are worth another attempt, after this pause or the usual one.
    Again(Option<Duration>),
}

impl<'a, W: Write> Batch<'a, W> {
    pub(crate) fn new(open: Vec<&'a W::Item>, mode: WriteMode, deadline: Deadline) -> Self {
        Self {
            open,
            results: PerTopic::new(),
            mode,
            limit: deadline.remaining(),
            deadline,
            asked_to_wait: Duration::ZERO,
        }
    }

    /// Sends until all is settled, or the deadline has passed without progress.
    pub(crate) async fn settle(&mut self, client: &Client) -> Outcome {
        let mut attempts = Attempts::new();
        loop {
            let before = self.open.len();
            let next = match self.attempt(client).await {
                Ok(next) => next,
                Err(error) => {
                    client.routing.forget().await;
                    match self.after(error) {
                        Err(outcome) => return outcome,
                        Ok(error) => match attempts.again(error, self.deadline).await {
                            Ok(()) => continue,
                            Err(error) => return self.give_up(error),
                        },
                    }
                }
            };
            if self.open.len() < before {
                self.deadline = Deadline::after(self.limit);
            }
            let waited = match next {
                Next::Finish(outcome) => return outcome,
                Next::Again(Some(pause)) => {
                    if pause <= self.deadline.remaining() {
                        client.tell_quota_pause(pause, self.open.len());
                    }
                    wait_within(pause, self.deadline).await
                }
                Next::Again(None) => attempts.pause(self.deadline).await,
            };
            if !waited {
                return Outcome::Settled;
            }
        }
    }

    async fn attempt(&mut self, client: &Client) -> Result<Next, AdminError> {
        let request = W::Request::NAME;
        let connection = client.routing.controller(request, self.deadline).await?;
        self.set_aside_what_is_beyond(&connection)?;
        if self.open.is_empty() {
            return Ok(Next::Finish(Outcome::Settled));
        }
        let request = W::request(&self.open, self.mode, self.broker_timeout());
        let newest = self.newest_version(client.quota.get());
        let response = connection.call_at_most(newest, &request, self.deadline).await?;
        let next = self.digest(&connection, response);
        let quota = client.quota.get().after::<W>(self.mode, self.asked_to_wait);
        client.quota.set(quota);
        if self.results.values().any(went_to_the_wrong_broker) {
            client.routing.forget().await;
        }
        Ok(next)
    }

    fn newest_version(&self, quota: Quota) -> i16 {
        let is_free = self.mode == WriteMode::Write && quota == Quota::NotMet;
        W::WITHOUT_QUOTA.filter(|_| is_free).unwrap_or(i16::MAX)
    }

    /// A little less than is left here, so that its answer still arrives.
    fn broker_timeout(&self) -> i32 {
        let milliseconds = self.deadline.remaining().as_millis() * 9 / 10;
        i32::try_from(milliseconds).unwrap_or(i32::MAX).max(1)
    }

    fn set_aside_what_is_beyond(&mut self, connection: &Connection) -> Result<(), AdminError> {
        let version = connection.version::<W::Request>()?;
        let results = &mut self.results;
        self.open.retain(|item| match W::beyond(item, version) {
            None => true,
            Some(beyond) => {
                let error = AdminError::Unsupported {
                    request: beyond.what,
                    broker: connection.peer(),
                    since: beyond.since,
                };
                results.extend([failed::<W>(item, &error)]);
                false
            }
        });
        Ok(())
    }

    /// Sorts an answer into what is settled and what is not.
    fn digest(&mut self, connection: &Connection, response: <W::Request as Request>::Response) -> Next {
        let Answers { throttle, each } = W::answers(&self.open, response);
        self.asked_to_wait = throttle;
        self.record(connection, each);
        let too_much = self.open.len() > 1 && self.any_open(answer::is_too_much_at_once);
        let throttled = self.any_open(answer::is_throttled);
        let again = |error: &BrokerError| {
            (too_much && answer::is_too_much_at_once(error)) || self.is_worth_repeating(error)
        };
        let open = self.open.iter().copied();
        self.open = open
            .filter(|item| self.error_of(item).is_some_and(again))
            .collect();
        match (self.open.is_empty(), too_much) {
            (true, _) => Next::Finish(Outcome::Settled),
            (false, true) => Next::Finish(Outcome::TooMuch),
            (false, false) => Next::Again(throttled.then_some(throttle.max(Duration::from_millis(10)))),
        }
    }

    /// Notes what was answered of the open items, and which of them the answer leaves out.
    fn record(&mut self, connection: &Connection, each: Vec<(TopicName, Result<(), BrokerError>)>) {
        let open: Vec<TopicName> = self.open.iter().map(|item| W::topic(item).clone()).collect();
        let pause = self.asked_to_wait;
        let each = each.into_iter().map(|(topic, result)| {
            let right = || W::right(&topic);
            let of_broker = |error| answer::with_pause(error, pause).needing(right);
            let result = result.map_err(|error| ItemError::Broker(of_broker(error)));
            (topic, result)
        });
        self.results
            .extend(of_each(W::Request::NAME, connection, &open, each.collect()));
    }

    /// What the controller said last against an item.
    fn error_of(&self, item: &W::Item) -> Option<&BrokerError> {
        match self.results.get(W::topic(item)) {
            Some(Err(ItemError::Broker(error))) => Some(error),
            _ => None,
        }
    }

    fn any_open(&self, is_so: fn(&BrokerError) -> bool) -> bool {
        self.open.iter().filter_map(|item| self.error_of(item)).any(is_so)
    }

    fn is_worth_repeating(&self, error: &BrokerError) -> bool {
        answer::is_retriable(error) && (self.may_repeat() || !answer::is_timed_out(error))
    }

    fn may_repeat(&self) -> bool {
        W::REPEATABLE || self.mode == WriteMode::Validate
    }

    /// What to do when there is no answer: the error comes back if another attempt can do no harm.
    fn after(&mut self, error: AdminError) -> Result<AdminError, Outcome> {
        let lost = matches!(error, AdminError::Disconnected { .. });
        if answer::was_not_sent(&error) || (lost && self.may_repeat()) {
            return Ok(error);
        }
        if matches!(error, AdminError::Unsupported { .. }) {
            return Err(Outcome::Hopeless(error));
        }
        self.fail_open(&error);
        Err(match error {
            AdminError::Timeout { request, broker, .. } => Outcome::Hopeless(AdminError::NotSent {
                request,
                broker,
                reason: "the request before it got no answer".into(),
            }),
            _ => Outcome::Settled,
        })
    }

    /// The time is over without an answer.
    fn give_up(&mut self, error: AdminError) -> Outcome {
        if answer::was_not_sent(&error) {
            return Outcome::Hopeless(error);
        }
        self.fail_open(&error);
        Outcome::Settled
    }

    fn fail_open(&mut self, error: &AdminError) {
        let open = self.open.drain(..);
        self.results.extend(open.map(|item| failed::<W>(item, error)));
    }
}

fn went_to_the_wrong_broker(result: &Result<(), ItemError>) -> bool {
    matches!(result, Err(ItemError::Broker(error)) if answer::is_not_controller(error))
}
