//! The live view in a terminal.
//!
//! `state` is what is shown and how keys change it, `draw` shows it, and `detail` one topic of it; all are pure. `terminal` owns the real
//! terminal: it gives it back as it was, however the program ends.

mod detail;
mod draw;
mod order;
mod state;
mod terminal;
#[cfg(test)]
pub(crate) mod tests;

pub use draw::draw;
pub use state::{NextStep, State};
pub use terminal::{Input, Screen};
