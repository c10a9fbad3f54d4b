//! Topics, looked at again and again: how much flows in and out, what lags, what fails, how it is spread.
//!
//! From the inside out: `sample` is what one look finds, and `read` looks; `flow` asks for what flows, `settings` for what changes rarely, with
//! the `sizes`; `window` is pure and makes rates and
//! trends of several samples; `outcome` counts failed against started events, `follow` reads them, and `places` is
//! how far; `view` is all of it together, `cells` its words; `exposition` writes metrics and `serve` hands them out.
//!
//! Nothing here is written to a cluster, and no group is joined.

mod cells;
pub mod exposition;
mod follow;
mod outcome;
mod places;
mod read;
mod sample;
pub mod screen;
pub mod serve;
mod settings;
mod sizes;
#[cfg(test)]
pub(crate) mod tests;
mod view;
mod window;

pub use cells::{Cell, Column, Tone, percent, rate};
pub use follow::{Followed, Follower, Progress};
pub use outcome::{MOST_CODES, OTHER, Occurrence, Outcomes, Tally, WINDOW};
pub use places::{Layout, Seen, has_topics, layout};
pub use read::{Others, Sampler, Watched};
pub use sample::{
    GroupSample, Part, PartitionSample, Sample, SettingsSample, TopicSample, TopicSettings, Trouble,
    Troubles, Unseen,
};
pub use view::{Events, Row, Unfollowed, View};
pub use window::{Figures, GroupFigures, TopicFigures, Trend, Window};
