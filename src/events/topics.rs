//! Which topic carries which event.

use super::default_topic;
use crate::model::{EventName, InvalidTopicName, TopicName};

/// The topics of the three events.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EventTopics {
    /// Carries `TestGenerationStarted`.
    pub started: TopicName,
    /// Carries `TestGenerationCompleted`.
    pub completed: TopicName,
    /// Carries `TestGenerationFailed`.
    pub failed: TopicName,
}

impl EventTopics {
    /// The contract's topics in the environment "development".
    ///
    /// # Errors
    /// None: the contract's names are valid.
    pub fn development() -> Result<Self, InvalidTopicName> {
        let topic = |event| TopicName::new(default_topic(event));
        Ok(Self {
            started: topic(EventName::TestGenerationStarted)?,
            completed: topic(EventName::TestGenerationCompleted)?,
            failed: topic(EventName::TestGenerationFailed)?,
        })
    }

    /// The topic of an event.
    pub fn topic_of(&self, event: EventName) -> &TopicName {
        match event {
            EventName::TestGenerationStarted => &self.started,
            EventName::TestGenerationCompleted => &self.completed,
            EventName::TestGenerationFailed => &self.failed,
        }
    }
}
