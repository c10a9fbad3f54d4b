//! What all files share while they are read.

use std::collections::HashSet;
use std::sync::Arc;

use super::expand::Variables;
use super::report::ProblemReport;
use crate::model::{ConfigKey, InvalidConfigKey, Place, UnknownNames};

/// The problems and variables so far, and texts that were seen before.
pub(super) struct ReadContext<'e> {
    pub(super) report: ProblemReport,
    pub(super) variables: Variables<'e>,
    /// Where files that are not trusted say how to connect.
    pub(super) unused_connection: Vec<Place>,
    /// Names in other profiles that wait for variables.
    pub(super) unknown_names: Vec<UnknownNames>,
    texts: HashSet<Arc<str>>,
    keys: HashSet<ConfigKey>,
}

impl<'e> ReadContext<'e> {
    pub(super) fn new(variables: Variables<'e>) -> Self {
        Self {
            report: ProblemReport::default(),
            variables,
            unused_connection: Vec::new(),
            unknown_names: Vec::new(),
            texts: HashSet::new(),
            keys: HashSet::new(),
        }
    }

    /// The same text once: ten thousand topics repeat a handful of keys and values.
    pub(super) fn share(&mut self, text: &str) -> Arc<str> {
        if let Some(shared) = self.texts.get(text) {
            return Arc::clone(shared);
        }
        let shared: Arc<str> = text.into();
        self.texts.insert(Arc::clone(&shared));
        shared
    }

    pub(super) fn config_key(&mut self, name: &str) -> Result<ConfigKey, InvalidConfigKey> {
        if let Some(shared) = self.keys.get(name) {
            return Ok(shared.clone());
        }
        let key = ConfigKey::new(name)?;
        self.keys.insert(key.clone());
        Ok(key)
    }
}
