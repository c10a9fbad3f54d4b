//! What a layer says of one thing.

use crate::model::{Declared, Layer, Origin, Place};

/// What one layer says, and where.
#[derive(Debug, Clone)]
pub(super) struct Statement<T> {
    pub(super) said: Setting<T>,
    pub(super) place: Place,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Setting<T> {
    Value(T),
    /// `inherit`: what lower layers say is undeclared.
    Inherit,
    /// There is a value and it is not known: it is wrong and was reported, or it waits for a variable that
    /// is not read. Nothing is concluded from it.
    Unknown,
}

impl<T> Statement<T> {
    /// The effective value where this is the highest statement.
    pub(super) fn declared(self, layer: &Layer) -> Option<Declared<T>> {
        match self.said {
            Setting::Value(value) => Some(Declared {
                value,
                origin: Origin {
                    place: self.place,
                    layer: layer.clone(),
                },
            }),
            Setting::Inherit | Setting::Unknown => None,
        }
    }
}
