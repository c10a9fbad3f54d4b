//! Carries out what the gate let through.
//!
//! [`write()`] writes in batches and reads again before each, [`wait()`] waits until every live broker shows the result. What becomes of each
//! change stands in the [`Report`]; nothing is dropped on the way. Whether to go on with topics that
//! moved meanwhile, and to ask somebody, is up to the command.

mod control;
mod copy_snapshot;
mod copying;
mod elect;
mod expected;
mod journal;
mod kept;
mod meter;
mod open;
mod own;
mod phase;
mod report;
mod request;
mod returned;
mod revalidate;
mod status;
mod throttle;
mod visible;
mod watch;
mod write;

pub use control::{ApplyProgress, Control, Copying, Interrupt};
pub use journal::{Journal, NoJournal};
pub use kept::note_created_otherwise;
pub use report::{ChangeOutcome, Outcome, Report};
pub use returned::find_returned;
pub use revalidate::{is_still_due, replaced};
pub use status::{Applied, ApplyStatus, Ending, TopicResult};
pub use throttle::{AppliedThrottles, ThrottleReport, clear as clear_throttles};
pub use visible::{Propagation, wait, wait_for_own_writes};
pub use write::{PassResult, write};
