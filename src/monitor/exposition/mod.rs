//! What one look comes to as OpenMetrics text: the metrics that people know from kafka-exporter by their names
//! and labels, and those of topicctl.
//!
//! `families` says which metrics there are, `groups` writes those of consumer groups, `text` how they are written.

mod families;
mod groups;
mod text;

use std::collections::BTreeSet;

use families as family;
pub use families::{ALL, Family, MetricKind};
pub use groups::MOST_GROUPS;
use text::ExpositionPage;
pub use text::Format;

use super::outcome::Tally;
use super::sample::{Part, PartitionSample};
use super::view::View;
use crate::admin::RequestCounts;
use crate::model::{BrokerId, EventName, Known, TopicName};
use crate::plan::TopicStatus;

/// The media type of what is served.
pub const MEDIA_TYPE: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// The end of an exposition, without which a reader knows that it was cut off.
pub const END: &str = "# EOF\n";

/// Everything that one look tells of the cluster. What could not be read is left out: no number is better than
/// an old or an invented one.
pub fn cluster(view: &View) -> String {
    let mut page = ExpositionPage::default();
    page.one(&family::BROKERS, view.sample.brokers);
    partitions(&mut page, view);
    groups::write(&mut page, view);
    topics(&mut page, view);
    page.text
}

/// How the exporter itself is, at the moment of a scrape.
#[derive(Debug, Clone, Default)]
pub struct Exporter {
    /// How old the last look is that succeeded, in seconds.
    pub sample_age: Option<f64>,
    /// How long it took, in seconds.
    pub sample_duration: Option<f64>,
    /// How old the settings are, in seconds.
    pub settings_age: Option<f64>,
    /// When the file was read that topics are held against, in seconds since 1970; `None` without one.
    pub file_read: Option<f64>,
    /// How many things could not be read at the last attempt, by what they are about.
    pub errors: Vec<(Part, usize)>,
    /// Events since the exporter began; `None` where it reads none.
    pub events: Option<Tally>,
    /// Which events have a topic that is watched and there: of others there is nothing to count, and a counter that
    /// stays at nothing would say that nobody publishes them.
    pub carried: BTreeSet<EventName>,
    /// The requests that it sent to the cluster.
    pub requests: RequestCounts,
}

/// What the exporter says of itself, whether or not the cluster answers. All counters are here, and by them the two
/// formats differ.
pub fn exporter(of: &Exporter, format: Format) -> String {
    let mut page = ExpositionPage {
        format,
        ..ExpositionPage::default()
    };
    let times = [
        (&family::SAMPLE_AGE, of.sample_age),
        (&family::SAMPLE_DURATION, of.sample_duration),
        (&family::SETTINGS_AGE, of.settings_age),
        (&family::FILE_READ, of.file_read),
    ];
    for (family, seconds) in times {
        if let Some(seconds) = seconds {
            page.one(family, format!("{seconds:.3}"));
        }
    }
    page.family(&family::SAMPLE_ERRORS, |lines| {
        for (part, count) in &of.errors {
            lines.add(&[("part", part.as_str())], count);
        }
    });
    if let Some(events) = &of.events {
        self::events(&mut page, events, &of.carried);
    }
    page.family(&family::REQUESTS, |lines| {
        for (request, count) in &of.requests {
            lines.add(&[("request", request)], count);
        }
    });
    page.text
}

fn events(page: &mut ExpositionPage, events: &Tally, carried: &BTreeSet<EventName>) {
    for event in carried {
        match event {
            EventName::TestGenerationStarted => page.one(&family::EVENTS_STARTED, events.started),
            EventName::TestGenerationCompleted => page.one(&family::EVENTS_COMPLETED, events.completed),
            EventName::TestGenerationFailed => failures(page, events),
        }
    }
    if !carried.is_empty() {
        page.one(&family::EVENTS_MALFORMED, events.malformed);
    }
}

/// A code's line appears with its first failures, which no reader of it takes for growth. Alerts need a counter that
/// was there before.
fn failures(page: &mut ExpositionPage, events: &Tally) {
    page.one(&family::EVENTS_FAILED, events.failures());
    page.family(&family::EVENTS_FAILED_BY_CODE, |lines| {
        for (code, count) in &events.failed {
            lines.add(&[("error_code", code)], count);
        }
    });
}

fn partitions(page: &mut ExpositionPage, view: &View) {
    page.family(&family::TOPIC_PARTITIONS, |lines| {
        for (name, topic) in &view.sample.topics {
            lines.add(&[("topic", name.as_str())], topic.partitions.len());
        }
    });
    let mut each = |family: &Family, value: &dyn Fn(&PartitionSample) -> Option<i64>| {
        page.family(family, |lines| {
            for (name, index, partition) in all_partitions(view) {
                if let Some(value) = value(partition) {
                    let index = index.to_string();
                    lines.add(&[("partition", &index), ("topic", name.as_str())], value);
                }
            }
        });
    };
    each(&family::CURRENT_OFFSET, &|partition| {
        partition.latest.read().copied()
    });
    each(&family::OLDEST_OFFSET, &|partition| {
        partition.earliest.read().copied()
    });
    each(&family::IN_SYNC_REPLICA, &|partition| number(partition.isr.len()));
    each(&family::REPLICAS, &|partition| number(partition.replicas.len()));
    each(&family::LEADER, &|partition| {
        Some(i64::from(partition.leader.unwrap_or(NO_LEADER).0))
    });
    each(&family::LEADER_IS_PREFERRED, &|partition| {
        Some(i64::from(partition.is_led_as_preferred()))
    });
    each(&family::UNDER_REPLICATED, &|partition| {
        Some(i64::from(partition.is_under_replicated()))
    });
}

/// As Kafka has it on the wire.
const NO_LEADER: BrokerId = BrokerId(-1);

fn number(count: usize) -> Option<i64> {
    i64::try_from(count).ok()
}

fn all_partitions(view: &View) -> impl Iterator<Item = (&TopicName, i32, &PartitionSample)> {
    view.sample.topics.iter().flat_map(|(name, topic)| {
        let each = topic.partitions.iter();
        each.map(move |(index, partition)| (name, *index, partition))
    })
}

fn topics(page: &mut ExpositionPage, view: &View) {
    let settings = &view.sample.settings.topics;
    page.family(&family::IN_SYNC, |lines| {
        for (name, settings) in settings {
            let is_in_sync = match settings.status {
                None | Some(TopicStatus::Unreadable) => continue,
                Some(TopicStatus::InSync) => 1,
                Some(
                    TopicStatus::Create | TopicStatus::Change | TopicStatus::Delete | TopicStatus::Blocked,
                ) => 0,
            };
            lines.add(&[("topic", name.as_str())], is_in_sync);
        }
    });
    page.family(&family::BYTES, |lines| {
        for (name, settings) in settings
            .iter()
            .filter(|(name, _)| view.sample.topics.contains_key(*name))
        {
            if let Known::Read(bytes) = settings.bytes {
                lines.add(&[("topic", name.as_str())], bytes);
            }
        }
    });
    let figures = &view.figures.topics;
    page.family(&family::RECORDS, |lines| {
        for (name, figures) in figures {
            if let Known::Read(records) = figures.records {
                lines.add(&[("topic", name.as_str())], records);
            }
        }
    });
    page.family(&family::RECORDS_PER_SECOND, |lines| {
        for (name, figures) in figures {
            if let Known::Read(rate) = figures.rate_in {
                lines.add(&[("topic", name.as_str())], rate);
            }
        }
    });
    page.family(&family::SKEW, |lines| {
        for (name, figures) in figures {
            if let Some(skew) = figures.skew {
                lines.add(&[("topic", name.as_str())], skew);
            }
        }
    });
    page.family(&family::UNDER_MIN_ISR, |lines| {
        for (name, figures) in figures {
            if let Known::Read(partitions) = figures.under_min_isr {
                lines.add(&[("topic", name.as_str())], partitions);
            }
        }
    });
}
