//! What the `events` commands show.

use std::collections::BTreeSet;

use crate::events::{Delivered, DocumentProblem, OnexEnvelopeV1, PublishError};
use crate::model::RequiredAcl;

/// What `events publish` did.
#[derive(Debug)]
pub struct PublishedEvents {
    /// The events in the order in which they were given.
    pub events: Vec<PublishedEvent>,
}

impl PublishedEvents {
    /// The rights that this principal lacked.
    pub fn missing_acls(&self) -> BTreeSet<RequiredAcl> {
        let errors = self
            .events
            .iter()
            .filter_map(|event| event.outcome.as_ref().err());
        errors.filter_map(PublishError::missing).cloned().collect()
    }
}

/// What became of one event.
#[derive(Debug)]
pub struct PublishedEvent {
    /// The event.
    pub envelope: OnexEnvelopeV1,
    /// Where it was written, or why it was not.
    pub outcome: Result<Delivered, PublishError>,
}

/// A problem of one event in a file, for `events validate`.
#[derive(Debug)]
pub struct EventProblem {
    /// The file as the user named it, or `stdin`.
    pub file: String,
    /// What is wrong, and where.
    pub problem: DocumentProblem,
}
