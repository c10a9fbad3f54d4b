//! Carries out what the gate let through.
//!
//! [`write()`] writes in batches and reads again before each, [`wait()`] waits until every live broker shows the result. What becomes of each
//! change stands in the [`Report`]; nothing is dropped on the way. Whether to go on with topics that
//! moved meanwhile, and to ask somebody, is up to the command.

mod compare;
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
mod report;
mod request;
mod returned;
mod status;
mod throttle;
mod turn;
mod visible;
mod watch;
mod write;

pub use compare::{is_still_due, replaced};
pub use control::{Control, Copying, Interrupt, Progress};
pub use journal::{Journal, NoJournal};
pub use kept::note_created_otherwise;
pub use report::{ChangeOutcome, Outcome, Report};
pub use returned::find_returned;
pub use status::{Applied, ApplyStatus, Ending, TopicResult};
pub use throttle::{Limited, Throttles, clear as clear_throttles};
pub use visible::{Shown, wait, wait_for_own_writes};
pub use write::{Round, write};
