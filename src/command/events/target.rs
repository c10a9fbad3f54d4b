//! Which cluster and which topics the events are in: the file ties topics to events, a flag beats it, and
//! without a file the contract's own topics are meant.

use crate::cli::{ConnectionArgs, FileArgs};
use crate::command::{Failure, Shell, connection, file};
use crate::events::{Connection, ConsumeError, default_topic};
use crate::manifest::Manifest;
use crate::model::{DesiredState, EventName, TopicName};
use crate::render::{self, Header};

/// A cluster that answered, with what is said of its topics.
pub(super) struct EventTarget {
    pub(super) connection: Connection,
    pub(super) header: Header,
    manifest: Option<Manifest>,
}

impl EventTarget {
    /// Makes sure that it is the cluster that the profile means.
    pub(super) async fn reach(
        arguments: &ConnectionArgs,
        files: &FileArgs,
        shell: &mut Shell<'_>,
    ) -> Result<Self, Failure> {
        // Without a file, the contract's topics and an address are enough.
        let manifest = if file::is_there(files) || files.named_profile().is_some() {
            Some(file::load(files, shell)?)
        } else {
            None
        };
        let connected = connection::connect(arguments, manifest.as_ref(), shell).await?;
        Ok(Self {
            connection: connected.data_plane(shell)?,
            header: connected.header,
            manifest,
        })
    }

    /// Why events could not be read, with what to do about it.
    pub(super) fn failure(&self, error: ConsumeError) -> Failure {
        let advice = error.missing().map_or_else(String::new, |missing| {
            format!("\n{}", render::granting(&self.header, missing).trim_end())
        });
        Failure::Events { error, advice }
    }

    /// The topics that carry some events, without any twice.
    pub(super) fn topics(&self, events: &[EventName]) -> Result<Vec<TopicName>, Failure> {
        let mut topics = Vec::new();
        for event in events {
            for topic in self.topics_of(*event)? {
                if !topics.contains(&topic) {
                    topics.push(topic);
                }
            }
        }
        Ok(topics)
    }

    /// The one topic that an event is published to.
    pub(super) fn topic(&self, event: EventName) -> Result<TopicName, Failure> {
        let mut topics = self.topics_of(event)?;
        match (topics.pop(), topics.is_empty()) {
            (Some(topic), true) => Ok(topic),
            (last, _) => {
                topics.extend(last);
                let names: Vec<String> = topics.iter().map(ToString::to_string).collect();
                Err(Failure::Usage(format!(
                    "more than one topic of the file carries {event}: {}; choose with --topic",
                    names.join(", ")
                )))
            }
        }
    }

    fn topics_of(&self, event: EventName) -> Result<Vec<TopicName>, Failure> {
        let Some(manifest) = &self.manifest else {
            let topic = TopicName::new(default_topic(event));
            return topic
                .map(|topic| vec![topic])
                .map_err(|error| Failure::Usage(error.to_string()));
        };
        let carriers = manifest.desired.topics.values().filter(|topic| {
            let carries = topic
                .event
                .as_ref()
                .is_some_and(|declared| declared.value == event);
            carries && matches!(topic.state, DesiredState::Present(_))
        });
        let topics: Vec<TopicName> = carriers.map(|topic| topic.name.clone()).collect();
        if topics.is_empty() {
            return Err(Failure::Usage(format!(
                "no topic of the file carries {event}: write `event: {event}` into its entry, or give --topic"
            )));
        }
        Ok(topics)
    }
}
