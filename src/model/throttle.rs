//! How a throttle of this tool is told from anybody else's, from what the cluster shows alone.
//!
//! Kafka throttles the copying of replicas by two things together: a rate on brokers, and lists on topics
//! of the partitions and brokers that it holds for. Neither has room for a name. So both carry a checksum
//! of themselves:
//!
//! - A list ends with an entry for a broker that no cluster has, whose partition is a checksum of the
//!   entries before it. Brokers look for their own id in the list and pass over it.
//! - A rate is a multiple of 1,024 bytes per second and a few bytes more, which are a checksum; those of
//!   leaders and followers differ, which no other tool makes them do.
//!
//! What somebody changed afterwards no longer bears its checksum, and is theirs. What a process that was
//! killed left behind is still told for what it is, by any later run, on any machine.

use std::collections::BTreeSet;

use super::name::BrokerId;

/// Topic configs with the replicas that are throttled: as leaders, as followers.
pub const THROTTLED_REPLICAS: [&str; 2] = [
    "leader.replication.throttled.replicas",
    "follower.replication.throttled.replicas",
];

/// Broker configs with the rate in bytes per second: as leaders, as followers.
pub const THROTTLED_RATE: [&str; 2] = [
    "leader.replication.throttled.rate",
    "follower.replication.throttled.rate",
];

/// The lowest rate that bears a checksum.
pub const LOWEST_RATE: i64 = UNIT;

const UNIT: i64 = 1_024;

/// The largest id there can be. Kafka does not give it out, and people number from below.
const NOBODY: i32 = i32::MAX;

/// A list of replicas, each a partition and a broker, that bears its checksum.
pub fn throttled_replicas(replicas: &BTreeSet<(i32, BrokerId)>) -> String {
    let entries: Vec<String> = replicas
        .iter()
        .map(|(index, id)| format!("{index}:{id}"))
        .collect();
    let entries = entries.join(",");
    let mark = format!("{}:{NOBODY}", checksum(&entries) & 0x7fff_ffff);
    if entries.is_empty() {
        mark
    } else {
        format!("{entries},{mark}")
    }
}

/// The replicas of a list that this tool wrote and that nobody changed since; `None` for any other.
pub fn own_throttled_replicas(list: &str) -> Option<BTreeSet<(i32, BrokerId)>> {
    let entries = list.rsplit_once(',').map_or("", |(entries, _)| entries);
    let parsed: Option<BTreeSet<(i32, BrokerId)>> = entries
        .split(',')
        .filter(|entry| !entry.is_empty())
        .map(|entry| {
            let (index, broker) = entry.split_once(':')?;
            Some((index.parse().ok()?, BrokerId(broker.parse().ok()?)))
        })
        .collect();
    parsed.filter(|replicas| throttled_replicas(replicas) == list)
}

/// The rates for leaders and followers nearest to so many bytes per second that bear their checksums.
pub fn throttled_rates(bytes_per_second: i64) -> [i64; 2] {
    let units = (bytes_per_second / UNIT).max(1);
    let base = units.saturating_mul(UNIT);
    let [one, other] = ["leader", "follower"].map(|side| {
        let sum = checksum(&format!("{side} {units}")) % 511;
        i64::try_from(sum).unwrap_or(0)
    });
    // Odd and even, so that they differ; never zero, so that no round rate is taken for one.
    [
        base.saturating_add(2 * one + 1),
        base.saturating_add(2 * other + 2),
    ]
}

/// The bytes per second of rates that this tool set and that nobody changed since; `None` for any other.
pub fn own_throttled_rate(leader: &str, follower: &str) -> Option<i64> {
    let rates: [i64; 2] = [leader.trim().parse().ok()?, follower.trim().parse().ok()?];
    (rates[0] >= UNIT && throttled_rates(rates[0]) == rates).then_some(rates[0] / UNIT * UNIT)
}

/// FNV-1a: nobody has to be kept from forging it.
fn checksum(text: &str) -> u64 {
    let hash = text.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    });
    hash ^ (hash >> 32)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use proptest::test_runner::RngSeed;

    use super::*;

    fn bounded() -> ProptestConfig {
        ProptestConfig {
            cases: 512,
            rng_seed: RngSeed::Fixed(20_260_301),
            failure_persistence: None,
            ..ProptestConfig::default()
        }
    }

    #[test]
    fn a_list_is_one_that_kafka_takes_and_ends_with_nobody() {
        let list = throttled_replicas(&BTreeSet::from([(0, BrokerId(1)), (12, BrokerId(3))]));
        assert_eq!(list, "0:1,12:3,879700363:2147483647");
        assert_eq!(own_throttled_replicas("*"), None);
        assert_eq!(own_throttled_replicas(""), None);
        assert_eq!(own_throttled_replicas("0:1,12:3"), None);
    }

    #[test]
    fn rates_are_near_what_was_asked_for_and_not_alike() {
        assert_eq!(throttled_rates(52_428_800), [52_428_843, 52_429_070]);
        assert_eq!(own_throttled_rate("52428843", "52429070"), Some(52_428_800));
        for round in ["1000", "1048576", "50000000", "52428800"] {
            assert_eq!(own_throttled_rate(round, round), None, "{round}");
        }
    }

    proptest! {
        #![proptest_config(bounded())]

        #[test]
        fn what_was_written_is_known_again(
            replicas in prop::collection::btree_set((0..5_000_i32, 0..200_i32), 0..40)
        ) {
            let replicas: BTreeSet<_> =
                replicas.into_iter().map(|(index, id)| (index, BrokerId(id))).collect();
            let list = throttled_replicas(&replicas);
            prop_assert_eq!(own_throttled_replicas(&list), Some(replicas));
        }

        #[test]
        fn what_somebody_changed_is_theirs(
            replicas in prop::collection::btree_set((0..50_i32, 0..20_i32), 1..9),
            added in (50..60_i32, 0..20_i32)
        ) {
            let replicas: BTreeSet<_> =
                replicas.into_iter().map(|(index, id)| (index, BrokerId(id))).collect();
            let list = throttled_replicas(&replicas);
            let more = format!("{list},{}:{}", added.0, added.1);
            prop_assert_eq!(own_throttled_replicas(&more), None);
            let before = format!("{}:{},{list}", added.0, added.1);
            prop_assert_eq!(own_throttled_replicas(&before), None);
            let (_, without_the_first) = list.split_once(',').unwrap();
            prop_assert_eq!(own_throttled_replicas(without_the_first), None);
        }

        #[test]
        fn rates_are_known_again_and_changed_ones_are_not(rate in 1_024..1_i64 << 40, by in 1..900_i64) {
            let [leader, follower] = throttled_rates(rate);
            let known = own_throttled_rate(&leader.to_string(), &follower.to_string());
            prop_assert_eq!(known, Some(rate / 1_024 * 1_024));
            prop_assert!((leader - rate).abs() < 2_048 && (follower - rate).abs() < 2_048);
            prop_assert_eq!(own_throttled_rate(&(leader + by).to_string(), &follower.to_string()), None);
            prop_assert_eq!(own_throttled_rate(&leader.to_string(), &leader.to_string()), None);
        }
    }
}
