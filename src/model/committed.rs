//! How far a group is behind in a partition: the one rule for plans, `describe` and `monitor`.

use super::evidence::Known;

/// An offset that a group committed of a partition: the next record that it will read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct Committed {
    /// The offset.
    pub offset: i64,
    /// The leader epoch of the last record that the group read; `None` where its consumer or the broker does not
    /// tell.
    pub leader_epoch: Option<i32>,
}

/// The end of a partition.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct PartitionEnd {
    /// The offset that the next record gets.
    pub offset: i64,
    /// The epoch of the leader, where it tells.
    pub leader_epoch: Option<i32>,
}

impl Committed {
    /// How many offsets lie between the committed offset and the end.
    ///
    /// Not known where the two do not belong together. A committed offset beyond the end is left over from a log
    /// that was truncated, or from a deleted topic of the same name. Leader epochs of a topic only grow, so an
    /// epoch above the leader's is from another topic. Consumers that go on from there are reset, or skip
    /// records: nobody may take such a group for one that has read everything.
    pub fn lag(self, end: PartitionEnd) -> Known<u64> {
        let offset = self.offset;
        if let (Some(committed), Some(leader)) = (self.leader_epoch, end.leader_epoch)
            && committed > leader
        {
            let why = format!(
                "committed {offset} is of another topic of this name: its leader epoch {committed} is above {leader}"
            );
            return Known::Unread(why.into());
        }
        match u64::try_from(end.offset.saturating_sub(offset)) {
            Ok(lag) => Known::Read(lag),
            Err(_) => Known::Unread(format!("committed {offset} lies beyond the end {}", end.offset).into()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lag(offset: i64, epoch: Option<i32>, end: i64, leader: Option<i32>) -> String {
        let committed = Committed {
            offset,
            leader_epoch: epoch,
        };
        let end = PartitionEnd {
            offset: end,
            leader_epoch: leader,
        };
        match committed.lag(end) {
            Known::Read(lag) => lag.to_string(),
            Known::Unread(why) => why.to_string(),
        }
    }

    #[test]
    fn lag_is_known_only_where_commit_and_end_belong_together() {
        assert_eq!(lag(4, None, 10, None), "6");
        assert_eq!(lag(10, None, 10, None), "0");
        assert_eq!(
            lag(1_000, None, 10, None),
            "committed 1000 lies beyond the end 10"
        );
        assert_eq!(lag(4, Some(3), 10, Some(3)), "6");
        assert_eq!(lag(4, Some(3), 10, None), "6");
        assert_eq!(lag(4, None, 10, Some(0)), "6");
        assert_eq!(
            lag(4, Some(7), 10, Some(0)),
            "committed 4 is of another topic of this name: its leader epoch 7 is above 0"
        );
        assert_eq!(
            lag(i64::MAX, None, i64::MIN, None),
            format!("committed {} lies beyond the end {}", i64::MAX, i64::MIN)
        );
    }
}
