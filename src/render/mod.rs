//! Plans, reports and descriptions as text, JSON and Markdown.
//!
//! Renderers say what they are given and decide nothing: no risk, no exit code, no order that the
//! model does not have. They take a writer and a [`Style`], and match every case by name, so that a
//! new kind of change does not compile until it is spoken of.

mod closed_pipe;
mod cost;
mod counts;
mod description;
mod event_words;
mod events;
pub mod github;
mod grants;
mod header;
mod iam_actions;
pub mod json;
pub mod markdown;
mod output_guard;
mod rows;
mod sentence;
mod style;
#[cfg(test)]
pub(crate) mod tests;
mod text;
mod unclean;
mod words;
mod wrap;

pub use closed_pipe::ClosedPipe;
pub use cost::total as total_loss;
pub use description::{Columns, Description, View};
pub use events::{EventProblem, PublishedEvent, PublishedEvents};
pub use grants::granting;
pub use header::Header;
pub use output_guard::{OutputGuard, TO_THE_TOP};
pub use style::Style;
pub use text::Text;
pub use wrap::Wrapped;
