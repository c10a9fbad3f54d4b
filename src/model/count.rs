//! Counts that are never zero or negative: partitions and replicas. Kafka's `-1` for "the broker
//! decides" has no place here; that is an `Option`.

use std::fmt;

use serde::Serialize;

macro_rules! count {
    ($(#[$doc:meta])* $name:ident, $wire:ty) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
        #[serde(transparent)]
        pub struct $name($wire);

        impl $name {
            /// The largest count the wire protocol can carry.
            pub const MAX: i64 = <$wire>::MAX as i64;

            /// One.
            pub const ONE: Self = Self(1);

            /// `None` unless the count lies between 1 and [`Self::MAX`].
            pub fn new(count: i64) -> Option<Self> {
                <$wire>::try_from(count).ok().filter(|count| *count > 0).map(Self)
            }

            /// The count as the wire protocol carries it; at least 1.
            pub fn get(self) -> $wire {
                self.0
            }

            /// The count as a length; at least 1.
            pub fn as_usize(self) -> usize {
                usize::try_from(self.0).unwrap_or(usize::MAX)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(&self.0, f)
            }
        }
    };
}

count!(
    /// How many partitions a topic has.
    PartitionCount,
    i32
);
count!(
    /// How many replicas each partition of a topic is assigned.
    ReplicationFactor,
    i16
);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_are_positive_and_fit_the_wire() {
        assert_eq!(PartitionCount::new(0), None);
        assert_eq!(PartitionCount::new(-1), None);
        assert_eq!(PartitionCount::new(1 << 31), None);
        assert_eq!(PartitionCount::new(3).map(PartitionCount::get), Some(3));
        assert_eq!(ReplicationFactor::new(40_000), None);
        assert_eq!(
            ReplicationFactor::new(32_767).map(ReplicationFactor::get),
            Some(32_767)
        );
    }
}
