//! What an unclean election would lose, partition by partition.

use std::collections::BTreeMap;

use super::counts::counted;
use crate::plan::{Leaderless, Left};

/// So many partitions are spoken of one by one; JSON has all.
const NAMED_PARTITIONS: usize = 5;

pub(super) fn of_leaderless(leaderless: &BTreeMap<i32, Leaderless>) -> Vec<String> {
    let named = leaderless.iter().take(NAMED_PARTITIONS);
    let mut lines: Vec<String> = named
        .map(|(index, partition)| of_waiting(*index, partition))
        .collect();
    let more = leaderless.len() - lines.len();
    if more > 0 {
        let left = leaderless.values().skip(NAMED_PARTITIONS);
        let least: i64 = left
            .flat_map(|partition| &partition.left)
            .map(Left::at_least)
            .sum();
        let less = match least {
            0 => String::new(),
            least => format!(", losing at least {}", some_records(least)),
        };
        lines.push(format!("and {}{less}", counted(more, "more partition")));
    }
    lines
}

fn some_records(number: i64) -> String {
    counted(usize::try_from(number).unwrap_or(0), "record")
}

fn of_waiting(index: i32, partition: &Leaderless) -> String {
    let brokers: Vec<String> = partition.down.iter().map(ToString::to_string).collect();
    let (brokers, has, is, knows, may_have) = match brokers.as_slice() {
        [] => return format!("partition {index}: which replica has all records is not known"),
        [one] => (format!("broker {one}"), "has", "is", "knows", "may have"),
        several => (
            format!("brokers {}", several.join(", ")),
            "have",
            "are",
            "know",
            "may have",
        ),
    };
    match &partition.left {
        None => format!(
            "partition {index}: records that only {brokers} {has}, which {is} down, are lost; how many is not known"
        ),
        Some(Left { end, committed: None }) => format!(
            "partition {index}: records from offset {end} on, which only {brokers} {may_have}, which {is} down, are lost; how many is not known"
        ),
        Some(
            left @ Left {
                end,
                committed: Some((committed, group)),
            },
        ) => format!(
            "partition {index}: at least {} from offset {end} on are lost, less what retention has deleted already: group {group} has read up to {committed}; how many more only {brokers} {knows}, which {is} down",
            some_records(left.at_least())
        ),
    }
}
