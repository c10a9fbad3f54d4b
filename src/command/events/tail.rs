//! `topicctl events tail`: the events that the topics hold, and with `--follow` those that come.

use std::ops::ControlFlow;

use super::target::EventTarget;
use super::{Exit, Failure, Shell};
use crate::cli::{EventsTailArgs, Output, ReadArgs, Since};
use crate::command::signals::Signals;
use crate::events::{Backlog, Consumer, Membership, Record, Start, Timestamp, belongs_to};
use crate::model::{EventName, TopicName};
use crate::render;

pub(super) async fn run(arguments: &EventsTailArgs, shell: &mut Shell<'_>) -> Result<Exit, Failure> {
    let start = start(
        &arguments.read,
        if arguments.follow {
            Start::Latest
        } else {
            Start::Earliest
        },
    )?;
    let mut signals = Signals::listen()?;
    let events = wanted(arguments);
    let reaching = Box::pin(find(&arguments.read, &events, shell));
    let (target, topics) = signals.or_interrupted(reaching).await?;
    let mut show = Show { arguments, shell };
    if !arguments.follow {
        return signals
            .or_interrupted(Box::pin(show.backlog(&target, &topics, &start)))
            .await;
    }
    tokio::select! {
        ended = show.follow(&target, &topics, &start) => ended,
        // There is no other end to it, so this is no failure.
        () = signals.next() => Ok(Exit::Done),
    }
}

/// The cluster, and the topics to read.
pub(super) async fn find(
    arguments: &ReadArgs,
    events: &[EventName],
    shell: &mut Shell<'_>,
) -> Result<(EventTarget, Vec<TopicName>), Failure> {
    let target = EventTarget::reach(&arguments.connection, &arguments.file, shell).await?;
    let topics = if arguments.topics.is_empty() {
        target.topics(events)?
    } else {
        arguments.topics.clone()
    };
    Ok((target, topics))
}

/// Where to begin, as typed.
pub(super) fn start(arguments: &ReadArgs, otherwise: Start) -> Result<Start, Failure> {
    let before = || Failure::Usage("--since lies before the year 1000".to_owned());
    Ok(match arguments.since {
        None => otherwise,
        Some(Since::Time(time)) => Start::Since(time),
        Some(Since::Ago(span)) => Start::Since(Timestamp::ago(span).ok_or_else(before)?),
    })
}

fn wanted(arguments: &EventsTailArgs) -> Vec<EventName> {
    match (arguments.failed, arguments.events.is_empty()) {
        (true, _) => vec![EventName::TestGenerationFailed],
        (false, true) => EventName::ALL.to_vec(),
        (false, false) => arguments.events.clone(),
    }
}

struct Show<'s, 'a> {
    arguments: &'s EventsTailArgs,
    shell: &'s mut Shell<'a>,
}

impl Show<'_, '_> {
    async fn backlog(
        &mut self,
        target: &EventTarget,
        topics: &[TopicName],
        start: &Start,
    ) -> Result<Exit, Failure> {
        let wait = self.arguments.read.connection.request_timeout;
        let failure = |error| target.failure(error);
        let backlog = Backlog::open(&target.connection, topics, start, wait).await;
        let mut backlog = backlog.map_err(failure)?;
        while let Some(record) = backlog.next().await.map_err(failure)? {
            if self.record(&record)?.is_break() {
                break;
            }
        }
        Ok(Exit::Done)
    }

    async fn follow(
        &mut self,
        target: &EventTarget,
        topics: &[TopicName],
        start: &Start,
    ) -> Result<Exit, Failure> {
        let wait = self.arguments.read.connection.request_timeout;
        let alone = Membership::Alone;
        let failure = |error| target.failure(error);
        let consumer = Consumer::open(&target.connection, topics, start, &alone, wait).await;
        let consumer = consumer.map_err(failure)?;
        self.shell.message(&format!("following {}", names(topics)));
        loop {
            let record = consumer.next().await.map_err(failure)?;
            let flow = self.record(&record)?;
            self.shell.out.flush()?;
            if flow.is_break() || self.shell.reader_left.get() {
                return Ok(Exit::Done);
            }
        }
    }

    /// Shows a record if it is wanted; stops where nobody reads any more.
    fn record(&mut self, record: &Record) -> Result<ControlFlow<()>, Failure> {
        if self.is_wanted(record) {
            match self.arguments.output {
                Output::Text => self.shell.text().record(record)?,
                Output::Json => render::json::event_record(self.shell.out, record)?,
            }
        }
        let left = self.shell.reader_left.get();
        Ok(if left {
            ControlFlow::Break(())
        } else {
            ControlFlow::Continue(())
        })
    }

    /// What is no event is shown as well, unless a workflow is asked for that it does not belong to.
    fn is_wanted(&self, record: &Record) -> bool {
        let is_of_kind = match &record.content {
            Ok(envelope) => wanted(self.arguments).contains(&envelope.event.name()),
            Err(_) => true,
        };
        is_of_kind
            && self
                .arguments
                .correlation_id
                .is_none_or(|id| belongs_to(record, id))
    }
}

fn names(topics: &[TopicName]) -> String {
    topics
        .iter()
        .map(TopicName::as_str)
        .collect::<Vec<_>>()
        .join(", ")
}
