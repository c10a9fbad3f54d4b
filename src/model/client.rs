//! A client property as a manifest states it.

use super::secret::Secret;

/// The value of a client property of a manifest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClientProperty {
    /// With the variables put in.
    pub value: Secret,
    /// Whether it has a variable in it: then it holds what does not stand in the manifest.
    pub reads_environment: bool,
}
