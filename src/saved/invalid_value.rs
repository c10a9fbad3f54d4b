//! What is wrong with a value of a saved plan.

/// Something in a saved topic that cannot be, in words.
#[derive(Debug)]
pub(super) struct InvalidValue(pub(super) String);
