//! Publishing: typed events through topicctl's publisher, against messages that were made beforehand
//! through rdkafka alone, both idempotent, with acks=all, every delivery awaited.

use std::time::Instant;

use anyhow::{Result, anyhow};
use futures_util::StreamExt;
use futures_util::stream::FuturesUnordered;
use rdkafka::ClientConfig;
use rdkafka::message::{Header, OwnedHeaders};
use rdkafka::producer::{FutureProducer, FutureRecord};
use topicctl::events::{Connection, OnexEnvelopeV1, Publisher, TestGenerationCompleted};
use topicctl::model::TopicName;
use uuid::Uuid;

use crate::{Arguments, DEADLINE, topic};

/// Under way at once, on both sides.
const TOGETHER: usize = 10_000;

pub(crate) async fn measure(arguments: &Arguments) -> Result<()> {
    let (topic, events) = (topic()?, events(arguments.publish)?);
    let began = Instant::now();
    let messages = events.iter().map(message).collect::<Result<Vec<_>>>()?;
    let making = began.elapsed().as_secs_f64();
    let bytes: usize = messages.iter().map(|message| message.value.len()).sum();
    let publisher = Publisher::new(&Connection::new(&arguments.bootstrap), DEADLINE)?;
    let bare = producer(&arguments.bootstrap)?;
    through_rdkafka(&bare, &topic, &messages).await?;
    let (mut ours, mut theirs) = (Vec::new(), Vec::new());
    for _ in 0..arguments.rounds {
        let began = Instant::now();
        through_topicctl(&publisher, &topic, &events).await?;
        ours.push(began.elapsed().as_secs_f64());
        let began = Instant::now();
        through_rdkafka(&bare, &topic, &messages).await?;
        theirs.push(began.elapsed().as_secs_f64());
    }
    say(events.len(), bytes / events.len().max(1), making, &mut ours, &mut theirs);
    Ok(())
}

#[expect(
    clippy::cast_precision_loss,
    clippy::print_stdout,
    reason = "a report for people"
)]
fn say(count: usize, size: usize, making: f64, ours: &mut [f64], theirs: &mut [f64]) {
    let rate = |times: &mut [f64]| {
        times.sort_by(f64::total_cmp);
        (count as f64 / times[times.len() / 2], count as f64 / times[0])
    };
    let ((ours, best), (theirs, their_best)) = (rate(ours), rate(theirs));
    println!("{count} events of {size} bytes on average; medians, the best round in brackets\n");
    println!("| publishing | events/s |\n|---|---|");
    println!("| topicctl, typed events | {ours:.0} ({best:.0}) |");
    println!("| rdkafka, messages made beforehand | {theirs:.0} ({their_best:.0}) |");
    println!("| the making of those messages alone, once | {:.0} |", count as f64 / making);
    println!("| ratio | {:.2} ({:.2}) |\n", ours / theirs, best / their_best);
}

/// Fills the topic up to what is to be read.
pub(crate) async fn fill(arguments: &Arguments) -> Result<()> {
    let written = arguments.publish * (2 * arguments.rounds + 1);
    let (topic, bare) = (topic()?, producer(&arguments.bootstrap)?);
    let mut missing = arguments.tail.saturating_sub(written);
    while missing > 0 {
        let part = missing.min(arguments.publish);
        let messages = events(part)?.iter().map(message).collect::<Result<Vec<_>>>()?;
        through_rdkafka(&bare, &topic, &messages).await?;
        missing -= part;
    }
    Ok(())
}

fn events(count: usize) -> Result<Vec<OnexEnvelopeV1>> {
    let event = || {
        let completed = TestGenerationCompleted::builder(Uuid::new_v4())
            .generated_files(["./tests/test_unit.py", "./tests/test_integration.py"])
            .file_count(2)
            .duration_seconds(45.2)
            .quality_score(0.92)
            .test_coverage_estimate(85.5)
            .metadata("total_assertions", 47);
        Ok(OnexEnvelopeV1::new("node-1", completed.build()?))
    };
    (0..count).map(|_| event()).collect()
}

struct Message {
    key: String,
    value: Vec<u8>,
    headers: OwnedHeaders,
}

fn message(event: &OnexEnvelopeV1) -> Result<Message> {
    let header = |key, value| Header {
        key,
        value: Some(value),
    };
    let id = event.event.correlation_id().to_string();
    Ok(Message {
        key: event.key(),
        value: serde_json::to_vec(event)?,
        headers: OwnedHeaders::new()
            .insert(header("content-type", "application/json"))
            .insert(header("event_type", event.event.name().event_type()))
            .insert(header("correlation_id", id.as_str()))
            .insert(header("schema_version", event.event.schema_version())),
    })
}

fn producer(bootstrap: &str) -> Result<FutureProducer> {
    let mut config = ClientConfig::new();
    config
        .set("bootstrap.servers", bootstrap)
        .set("enable.idempotence", "true")
        .set("acks", "all");
    config
        .set("partitioner", "murmur2_random")
        .set("compression.type", "lz4");
    Ok(config.create()?)
}

async fn through_topicctl(publisher: &Publisher, topic: &TopicName, events: &[OnexEnvelopeV1]) -> Result<()> {
    let mut under_way = FuturesUnordered::new();
    for event in events {
        if under_way.len() == TOGETHER
            && let Some(outcome) = under_way.next().await
        {
            outcome?;
        }
        under_way.push(publisher.publish(topic, event));
    }
    while let Some(outcome) = under_way.next().await {
        outcome?;
    }
    Ok(())
}

async fn through_rdkafka(producer: &FutureProducer, topic: &TopicName, messages: &[Message]) -> Result<()> {
    let mut under_way = FuturesUnordered::new();
    for Message { key, value, headers } in messages {
        if under_way.len() == TOGETHER
            && let Some(outcome) = under_way.next().await
        {
            let _: rdkafka::producer::future_producer::Delivery = outcome?;
        }
        under_way.push(async move {
            let record = FutureRecord::to(topic.as_str())
                .key(key)
                .payload(value)
                .headers(headers.clone());
            let sent = producer.send(record, DEADLINE).await;
            sent.map_err(|(error, _)| anyhow!(error))
        });
    }
    while let Some(outcome) = under_way.next().await {
        outcome?;
    }
    Ok(())
}
