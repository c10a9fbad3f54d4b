//! `topicctl events trace CORRELATION_ID`: the story of one workflow over its topics.

use super::target::EventTarget;
use super::{Exit, Failure, Shell, tail};
use crate::cli::{EventsTraceArgs, Output};
use crate::command::signals::Signals;
use crate::events::{Backlog, Start, WorkflowTrace, belongs_to};
use crate::model::{EventName, TopicName};
use crate::render;

pub(super) async fn run(arguments: &EventsTraceArgs, shell: &mut Shell<'_>) -> Result<Exit, Failure> {
    let mut signals = Signals::listen()?;
    let reading = Box::pin(async {
        let (target, topics) = tail::find(&arguments.read, &EventName::ALL, shell).await?;
        let story = read(arguments, &target, &topics).await?;
        Ok((target, story))
    });
    let (target, story) = signals.or_interrupted(reading).await?;
    let is_known = !story.records.is_empty();
    match arguments.output {
        Output::Text if is_known => {
            let mut text = shell.text();
            text.header(&target.header)?;
            text.story(&story)?;
        }
        Output::Text => shell.tell_error(&format!("there is no event of {}", arguments.correlation_id)),
        Output::Json => render::json::story(shell.out, &target.header, &story)?,
    }
    Ok(if is_known { Exit::Done } else { Exit::Failed })
}

async fn read(
    arguments: &EventsTraceArgs,
    target: &EventTarget,
    topics: &[TopicName],
) -> Result<WorkflowTrace, Failure> {
    let start = tail::start(&arguments.read, Start::Earliest)?;
    let wait = arguments.read.connection.request_timeout;
    let failure = |error| target.failure(error);
    let backlog = Backlog::open(&target.connection, topics, &start, wait).await;
    let mut backlog = backlog.map_err(failure)?;
    let mut records = Vec::new();
    while let Some(record) = backlog.next().await.map_err(failure)? {
        if belongs_to(&record, arguments.correlation_id) {
            records.push(record);
        }
    }
    Ok(WorkflowTrace::of_records(arguments.correlation_id, records))
}
