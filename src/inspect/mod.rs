//! The one read side: everything that is read of a cluster, by topic, and what follows from it.
//!
//! [`observe()`] reads what a plan has to know, [`collect_evidence`] what its risky changes would cost, [`gather`] and
//! [`add_details`] what `describe` shows, [`read_flow`] what `monitor` looks at again and again. All of them ask
//! through [`crate::admin`], and write nothing.

mod acl;
mod by_broker;
mod description;
mod details;
mod evidence;
mod flow;
mod inherited;
mod later_ends;
mod observe;
mod read_set;
mod reassignments;
mod record_times;
mod topics;
mod values;

pub use acl::{missing_acl, read_error};
pub use by_broker::{values_by_broker, values_for_new_topics};
pub use description::{
    Condition, DescribedConfig, DescribedGroup, DescribedOffsets, LastWrite, Position, Share,
    TopicDescription,
};
pub use details::add_details;
pub use evidence::collect_evidence;
pub use flow::{Flow, Metadata, end, indexes, leader_epoch, leaderless, read_flow};
pub use observe::observe;
pub use read_set::{Detail, ReadSet};
pub use reassignments::{moving, moving_of_doubtful};
pub use topics::{Topics, gather};
