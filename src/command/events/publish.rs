//! `topicctl events publish NAME`: fields as flags, or JSON on stdin. Everything is checked before the
//! first event is sent.

use std::io;

use serde_json::{Deserializer, Map, Value};
use uuid::Uuid;

use super::target::EventTarget;
use super::{Exit, Failure, Shell};
use crate::bounded_read::read_stream_bounded;
use crate::cli::{EventsPublishArgs, FieldArgs, Output};
use crate::command::signals::Signals;
use crate::events::schema::Contract;
use crate::events::{self, Document, Event, Invalid, OnexEnvelopeV1, Publisher};
use crate::model::{EventName, TopicName, printable};
use crate::render::{self, PublishedEvent, PublishedEvents};

/// So many events are under way at once.
const TOGETHER: usize = 1000;

pub(super) async fn run(arguments: &EventsPublishArgs, shell: &mut Shell<'_>) -> Result<Exit, Failure> {
    let envelopes = envelopes(arguments, shell)?;
    let mut signals = Signals::listen()?;
    let target = EventTarget::reach(&arguments.connection, &arguments.file, shell);
    let target = signals.or_interrupted(Box::pin(target)).await?;
    let topic = match &arguments.topic {
        Some(topic) => topic.clone(),
        None => target.topic(arguments.event)?,
    };
    let publisher = Publisher::new(&target.connection, arguments.timeout)
        .map_err(|error| Failure::Usage(error.to_string()))?;
    let count = envelopes.len();
    let outcomes = publish(&publisher, &topic, envelopes, &mut signals).await;
    match arguments.output {
        Output::Text => {
            let mut text = shell.text();
            text.published(&outcomes)?;
            text.missing_acls(&target.header, &outcomes.missing_acls())?;
        }
        Output::Json => render::json::published(shell.out, &target.header, &outcomes)?,
    }
    let is_done = outcomes.events.iter().all(|event| event.outcome.is_ok());
    let left = count - outcomes.events.len();
    if left > 0 {
        shell.tell_error(&format!(
            "interrupted: {left} of {count} events were not published, or nothing is known of them; what became of \
             the others is above"
        ));
    }
    Ok(if is_done && left == 0 {
        Exit::Done
    } else {
        Exit::Failed
    })
}

/// After a signal nothing more is sent, and what is under way is waited for, which has a deadline. A second
/// signal does not wait for that.
async fn publish(
    publisher: &Publisher,
    topic: &TopicName,
    envelopes: Vec<OnexEnvelopeV1>,
    signals: &mut Signals,
) -> PublishedEvents {
    let mut events = Vec::with_capacity(envelopes.len());
    let mut waiting = envelopes.into_iter().peekable();
    let mut interrupted = false;
    while waiting.peek().is_some() && !interrupted {
        let sending = waiting.by_ref().take(TOGETHER).map(async |envelope| {
            let outcome = publisher.publish(topic, &envelope).await;
            PublishedEvent { envelope, outcome }
        });
        let mut sending = Box::pin(futures_util::future::join_all(sending));
        tokio::select! {
            sent = &mut sending => events.extend(sent),
            () = signals.next() => {
                interrupted = true;
                tokio::select! {
                    sent = &mut sending => events.extend(sent),
                    () = signals.next() => {}
                }
            }
        }
    }
    PublishedEvents { events }
}

fn envelopes(arguments: &EventsPublishArgs, shell: &Shell<'_>) -> Result<Vec<OnexEnvelopeV1>, Failure> {
    let fields = fields(&arguments.fields);
    if fields.is_empty() {
        return from_stdin(arguments, shell);
    }
    refuse_foreign(arguments.event, &fields)?;
    let payload = with_defaults(arguments.event, fields);
    let event = Event::from_value(arguments.event, Value::Object(payload));
    let event = event.map_err(|invalid| nothing_published(&said(&invalid)))?;
    Ok(vec![OnexEnvelopeV1::new(arguments.source_node_id.clone(), event)])
}

fn nothing_published(problems: &[String]) -> Failure {
    let lines: Vec<_> = problems.iter().map(|problem| printable(problem)).collect();
    Failure::Usage(format!("nothing was published:\n  {}", lines.join("\n  ")))
}

fn said(invalid: &Invalid) -> Vec<String> {
    invalid.violations.iter().map(ToString::to_string).collect()
}

fn from_stdin(arguments: &EventsPublishArgs, shell: &Shell<'_>) -> Result<Vec<OnexEnvelopeV1>, Failure> {
    if shell.can_ask {
        let message =
            "give the event's fields as flags (see --help), or payloads or envelopes as JSON on stdin";
        return Err(Failure::Usage(message.to_owned()));
    }
    let bytes = read_stream_bounded(io::stdin().lock(), 0, events::DOCUMENT_MAX)
        .map_err(|error| Failure::Usage(format!("stdin cannot be read: {error}")))?;
    let (mut envelopes, mut problems) = (Vec::new(), Vec::new());
    for (index, value) in Deserializer::from_slice(&bytes).into_iter::<Value>().enumerate() {
        let value = value.map_err(|error| nothing_published(&[format!("stdin is not JSON: {error}")]))?;
        match envelope(arguments, value) {
            Ok(envelope) => envelopes.push(envelope),
            Err(wrong) => problems.extend(wrong.iter().map(|wrong| format!("event {}: {wrong}", index + 1))),
        }
    }
    match (problems.is_empty(), envelopes.is_empty()) {
        (false, _) => Err(nothing_published(&problems)),
        (true, true) => Err(nothing_published(&["there is no event on stdin".to_owned()])),
        (true, false) => Ok(envelopes),
    }
}

fn envelope(arguments: &EventsPublishArgs, value: Value) -> Result<OnexEnvelopeV1, Vec<String>> {
    let wanted = arguments.event;
    let document = Document::from_value(value).map_err(|invalid| said(&invalid))?;
    if document.event() != wanted {
        return Err(vec![format!("it is {}, not {wanted}", document.event())]);
    }
    Ok(match document {
        Document::Envelope(envelope) => *envelope,
        Document::Payload(event) => OnexEnvelopeV1::new(arguments.source_node_id.clone(), *event),
    })
}

/// The flags that were given, as fields of a payload.
fn fields(flags: &FieldArgs) -> Map<String, Value> {
    let text = |value: &Option<String>| value.clone().map(Value::String);
    let texts = |values: &Vec<String>| (!values.is_empty()).then(|| values.clone().into());
    let metadata = (!flags.metadata.is_empty()).then(|| flags.metadata.iter().cloned().collect());
    let given = [
        ("correlation_id", text(&flags.correlation_id)),
        ("workflow_id", text(&flags.workflow_id)),
        ("timestamp", text(&flags.timestamp)),
        ("schema_version", text(&flags.schema_version)),
        ("test_contract_name", text(&flags.test_contract_name)),
        ("test_types", texts(&flags.test_types)),
        ("node_name", text(&flags.node_name)),
        ("output_directory", text(&flags.output_directory)),
        ("generated_files", texts(&flags.generated_files)),
        ("file_count", flags.file_count.clone()),
        ("duration_seconds", flags.duration_seconds.clone()),
        ("quality_score", flags.quality_score.clone()),
        ("test_coverage_estimate", flags.test_coverage_estimate.clone()),
        ("error_code", text(&flags.error_code)),
        ("error_message", text(&flags.error_message)),
        ("stack_trace", text(&flags.stack_trace)),
        ("failed_test_type", text(&flags.failed_test_type)),
        ("partial_files_generated", texts(&flags.partial_files_generated)),
        ("metadata", metadata.map(Value::Object)),
    ];
    let given = given
        .into_iter()
        .filter_map(|(name, value)| Some((name.to_owned(), value?)));
    given.collect()
}

/// A field of another event would be kept as one that is not known, and be missed where it was meant.
fn refuse_foreign(event: EventName, fields: &Map<String, Value>) -> Result<(), Failure> {
    let schema = Contract::Payload(event).schema();
    let foreign: Vec<&str> = fields
        .keys()
        .map(String::as_str)
        .filter(|field| schema["properties"].get(field).is_none())
        .collect();
    if foreign.is_empty() {
        return Ok(());
    }
    let problem = format!("{event} has no {}", foreign.join(", "));
    Err(nothing_published(&[problem]))
}

fn with_defaults(event: EventName, mut fields: Map<String, Value>) -> Map<String, Value> {
    let id = || Uuid::new_v4().to_string().into();
    fields.entry("correlation_id").or_insert_with(id);
    match event {
        EventName::TestGenerationStarted => {
            fields
                .entry("test_types")
                .or_insert_with(|| Value::Array(Vec::new()));
        }
        EventName::TestGenerationCompleted => {
            let files = fields
                .entry("generated_files")
                .or_insert_with(|| Value::Array(Vec::new()));
            let count = files.as_array().map_or(0, Vec::len);
            fields.entry("file_count").or_insert_with(|| count.into());
        }
        EventName::TestGenerationFailed => {}
    }
    fields
}
