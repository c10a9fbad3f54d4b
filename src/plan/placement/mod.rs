//! Which brokers hold a partition. Pure: brokers, what is there and what is wanted go in, replicas come
//! out, the same for the same input.
//!
//! The rules, in their order:
//!
//! 1. A replica that can stay, stays. Where there are too many, those on brokers that are not alive go
//!    first, then those that are not in sync, then those that share a rack, then those on the busiest
//!    broker. Where there are too few, nothing that is there moves.
//!    A partition that is moved at all leaves brokers that are cordoned: the controller refuses an assignment that
//!    names one of them, even for a replica that is there.
//! 2. New replicas go to live brokers only that are not cordoned, and to a rack with fewer replicas of the partition before one
//!    with more. So a partition covers as many racks as it can beside what stays. Brokers without a rack
//!    count as one rack of their own, as Kafka's own placement counts them.
//! 3. Brokers hold as equally many replicas of the topic as rules 1 and 2 allow, and where that leaves a
//!    choice, as equally many of everything that was observed.
//! 4. The same for preferred leaders. To reorder replicas copies nothing.
//!
//! Rules 3 and 4 are met by moving along chains of brokers, each of which passes one on to the next, as
//! long as that makes the distribution more even. From scratch, and with racks that have as many brokers
//! as one another or no racks, that ends within one of the ideal.

mod board;
mod level;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::sync::Arc;

use board::PlacementState;

use crate::model::{BrokerId, Partition};

/// A live broker.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Site {
    /// `broker.rack`, where it is set.
    pub rack: Option<Arc<str>>,
    /// What it holds of other topics, as far as they were observed.
    pub load: Load,
    /// It takes no new replica (KIP-1066). What it holds may stay there, unless its partition is moved: the
    /// controller refuses an assignment that names it.
    pub is_cordoned: bool,
}

/// What a broker holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Load {
    /// Replicas.
    pub replicas: usize,
    /// Partitions whose preferred leader it is.
    pub leaders: usize,
}

/// The live brokers.
pub type Sites = BTreeMap<BrokerId, Site>;

/// Fewer brokers are alive and take new replicas than are wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TooFewAlive {
    /// How many are.
    pub alive: usize,
}

/// The replicas of every partition, preferred leader first, so that each has `factor` of them.
///
/// # Errors
/// Where a partition would need a broker that is not alive.
pub fn assign(
    sites: &Sites,
    partitions: &[Partition],
    factor: usize,
) -> Result<Vec<Vec<BrokerId>>, TooFewAlive> {
    let mut board = PlacementState::new(sites, partitions);
    board.leave_cordoned(factor);
    board.reduce(factor);
    board.fill(factor)?;
    board.level_replicas();
    board.level_leaders();
    Ok(board.result(0))
}

/// The replicas of new partitions, from the first new one on, so that there are `total` partitions. Those
/// that are there stay as they are.
///
/// # Errors
/// Where fewer than `factor` brokers are alive.
pub fn extend(
    sites: &Sites,
    partitions: &[Partition],
    total: usize,
    factor: usize,
) -> Result<Vec<Vec<BrokerId>>, TooFewAlive> {
    let mut board = PlacementState::new(sites, partitions);
    board.freeze();
    board.add_rows(total.saturating_sub(partitions.len()));
    board.fill(factor)?;
    board.level_replicas();
    board.level_leaders();
    Ok(board.result(partitions.len()))
}
