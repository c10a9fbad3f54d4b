//! What is read of topics beside metadata and configs: each costs requests of its own.

use std::collections::BTreeSet;

/// The details that are to be read.
pub type ReadSet = BTreeSet<Detail>;

/// A detail that is read where it is shown, or where a filter or an order needs it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Detail {
    /// The ends of partitions.
    Offsets,
    /// The bytes of replicas.
    Sizes,
    /// Groups, what they committed, who is at work.
    Groups,
    /// The chains behind configs, the latest times, and how far groups are behind in time.
    Depth,
}

impl Detail {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Offsets, Self::Sizes, Self::Groups, Self::Depth];
}
