//! Saved plans: what `diff --out` writes and `apply --plan` carries out.
//!
//! A saved plan holds what the file wanted and what the cluster showed, for each topic that would change,
//! together with the changes that follow. Reading it gives the wanted part back, from which planning
//! makes the plan anew: it goes through validation, the gate and apply like any other, and a file on a
//! disk never becomes an approved plan by itself. What the cluster shows then is held against what it
//! showed ([`Basis::moved`]), and the changes against those that were saved.
//!
//! There is nothing secret in it: a plan with a value that the broker hides cannot be saved.

mod basis;
mod change;
mod document;
mod invalid_value;
mod read;
#[cfg(test)]
pub(crate) mod tests;
mod wanted;
mod write;

pub use basis::Basis;
pub use document::SavedDocument;
pub use read::{SavedPlan, Unusable, read};
pub use write::{Made, SourceFile, Unsavable, save};
