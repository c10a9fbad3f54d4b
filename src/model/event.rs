//! The events of the contract by name. A topic of a manifest is tied to one of them with `event:`; what
//! is in them is in [`crate::events`].

use std::fmt;
use std::str::FromStr;

use serde::Serialize;
use thiserror::Error;

/// One of the three events of test generation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub enum EventName {
    /// Test generation began.
    TestGenerationStarted,
    /// Test generation succeeded.
    TestGenerationCompleted,
    /// Test generation failed.
    TestGenerationFailed,
}

/// A text that names no event.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error(
    "{0:?} is no event; the events are TestGenerationStarted, TestGenerationCompleted and TestGenerationFailed, in short started, completed and failed"
)]
pub struct UnknownEvent(pub String);

impl EventName {
    /// All of them, in the order of a workflow.
    pub const ALL: [Self; 3] = [
        Self::TestGenerationStarted,
        Self::TestGenerationCompleted,
        Self::TestGenerationFailed,
    ];

    /// The name in full, as in the contract: `TestGenerationStarted`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::TestGenerationStarted => "TestGenerationStarted",
            Self::TestGenerationCompleted => "TestGenerationCompleted",
            Self::TestGenerationFailed => "TestGenerationFailed",
        }
    }

    /// The name in short, for command lines: `started`.
    pub const fn short(self) -> &'static str {
        match self {
            Self::TestGenerationStarted => "started",
            Self::TestGenerationCompleted => "completed",
            Self::TestGenerationFailed => "failed",
        }
    }

    /// The envelope's `event_type`: `TEST_GENERATION_STARTED`.
    pub const fn event_type(self) -> &'static str {
        match self {
            Self::TestGenerationStarted => "TEST_GENERATION_STARTED",
            Self::TestGenerationCompleted => "TEST_GENERATION_COMPLETED",
            Self::TestGenerationFailed => "TEST_GENERATION_FAILED",
        }
    }

    /// The event of an envelope's `event_type`, which is compared to the letter.
    pub fn of_event_type(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|name| name.event_type() == text)
    }
}

impl FromStr for EventName {
    type Err = UnknownEvent;

    /// Takes the full name, the short one and the event type.
    fn from_str(text: &str) -> Result<Self, UnknownEvent> {
        let named = |name: &Self| [name.as_str(), name.short(), name.event_type()].contains(&text);
        let found = Self::ALL.into_iter().find(named);
        found.ok_or_else(|| UnknownEvent(text.to_owned()))
    }
}

impl fmt::Display for EventName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_leads_back_to_its_event() {
        for event in EventName::ALL {
            for text in [event.as_str(), event.short(), event.event_type()] {
                assert_eq!(text.parse(), Ok(event));
            }
        }
        assert!("STARTED".parse::<EventName>().is_err());
    }
}
