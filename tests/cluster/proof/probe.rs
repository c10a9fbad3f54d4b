//! Small records that producers with acks=all write while a broker is down: who could write before a change can write
//! after it.

use std::collections::BTreeMap;

use super::case::{Batch, Case, Keys};
use super::data::Writer;
use super::verdict::Harm;

const PROBE: Batch = Batch {
    age: 0,
    records: 1,
    bytes: 10,
    keys: Keys::Probe,
};

/// Partitions that take a record.
pub(super) type Taken = Vec<(String, i32)>;

pub(super) fn taken(bootstrap: &str, cases: &[&Case]) -> Taken {
    let partitions = |case: &&Case| {
        let name = case.name.clone();
        let count = i32::try_from(case.placement.len()).unwrap();
        (0..count).map(move |index| (name.clone(), index))
    };
    let all: Taken = cases.iter().flat_map(partitions).collect();
    let results = write(bootstrap, &all);
    let taken = all.into_iter().zip(results);
    taken
        .filter_map(|(key, result)| result.is_ok().then_some(key))
        .collect()
}

/// By topic, what those partitions no longer take.
pub(super) fn refused_since(bootstrap: &str, taken: &Taken) -> BTreeMap<String, Vec<Harm>> {
    let mut refused: BTreeMap<String, Vec<Harm>> = BTreeMap::new();
    for ((name, index), result) in taken.iter().zip(write(bootstrap, taken)) {
        if let Err(error) = result {
            let harm = Harm::Producer(*index, format!("{error}, while a broker is down"));
            refused.entry(name.clone()).or_default().push(harm);
        }
    }
    refused
}

fn write(bootstrap: &str, partitions: &Taken) -> Vec<Result<(), rdkafka::error::KafkaError>> {
    if partitions.is_empty() {
        return Vec::new();
    }
    let batches: Vec<_> = partitions
        .iter()
        .map(|(name, index)| (name.as_str(), *index, PROBE))
        .collect();
    Writer::new(bootstrap).write_all(&batches)
}
