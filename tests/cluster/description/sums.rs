//! Sums and skews, counted from what Kafka's tools say of single partitions.

use std::collections::{BTreeMap, BTreeSet};

/// A number that is said of each partition, by topic: `kind topic-partition: number`.
fn numbers(facts: &BTreeSet<String>, kind: &str) -> BTreeMap<String, BTreeMap<String, i64>> {
    let mut numbers: BTreeMap<String, BTreeMap<String, i64>> = BTreeMap::new();
    for fact in facts.iter().filter_map(|fact| fact.strip_prefix(kind)) {
        let (of, number) = fact.trim_start().split_once(": ").unwrap();
        let (topic, rest) = of.rsplit_once('-').unwrap();
        let number = number.parse().unwrap();
        numbers
            .entry(topic.to_owned())
            .or_default()
            .insert(rest.to_owned(), number);
    }
    numbers
}

/// Leader and replicas of each partition.
fn states(facts: &BTreeSet<String>) -> BTreeMap<String, BTreeMap<String, (String, Vec<String>)>> {
    let mut states: BTreeMap<String, BTreeMap<String, (String, Vec<String>)>> = BTreeMap::new();
    for fact in facts.iter().filter_map(|fact| fact.strip_prefix("state ")) {
        let (of, state) = fact.split_once(": ").unwrap();
        let (topic, index) = of.rsplit_once('-').unwrap();
        let (leader, rest) = state.split_once(" of ").unwrap();
        let (replicas, _) = rest.split_once(", in sync").unwrap();
        let replicas = replicas.split(',').map(str::to_owned).collect();
        let state = (leader.to_owned(), replicas);
        states
            .entry(topic.to_owned())
            .or_default()
            .insert(index.to_owned(), state);
    }
    states
}

pub(super) fn of(facts: &BTreeSet<String>, brokers: usize) -> Vec<String> {
    let (earliest, latest, sizes) = (
        numbers(facts, "earliest"),
        numbers(facts, "latest"),
        numbers(facts, "size"),
    );
    let mut sums = Vec::new();
    for (topic, partitions) in states(facts) {
        let records: Vec<i64> = partitions
            .keys()
            .map(|index| latest[&topic][index] - earliest[&topic][index])
            .collect();
        let size =
            |index: &String, broker: &String| sizes[&topic].get(&format!("{index} on {broker}")).copied();
        let bytes: Vec<i64> = partitions
            .iter()
            .map(|(index, (leader, _))| size(index, leader).unwrap())
            .collect();
        sums.push(format!("sum {topic}: records {}", records.iter().sum::<i64>()));
        sums.push(format!("sum {topic}: bytes {}", bytes.iter().sum::<i64>()));
        let replicas = partitions
            .iter()
            .flat_map(|(index, (_, replicas))| replicas.iter().map(move |replica| size(index, replica)));
        if let Some(all) = replicas.sum::<Option<i64>>() {
            sums.push(format!("sum {topic}: bytes of replicas {all}"));
        }
        let share = |what: &str, amounts: &[i64]| {
            let (most, total) = (*amounts.iter().max().unwrap(), amounts.iter().sum::<i64>());
            let parts = i64::try_from(amounts.len()).unwrap();
            let is_there = parts > 1 && total > 0;
            is_there.then(|| format!("skew {topic}: {what} {:.2}", hundredths(most * parts, total)))
        };
        sums.extend(share("records", &records));
        sums.extend(share("bytes", &bytes));
        let mut leads: BTreeMap<&str, usize> = BTreeMap::new();
        for (leader, _) in partitions.values() {
            *leads.entry(leader).or_default() += 1;
        }
        let (most, even) = (*leads.values().max().unwrap(), partitions.len().div_ceil(brokers));
        let (most, even) = (i64::try_from(most).unwrap(), i64::try_from(even).unwrap());
        sums.push(format!("skew {topic}: leaders {:.2}", hundredths(most, even)));
    }
    sums
}

#[allow(clippy::cast_precision_loss, reason = "numbers of a few digits")]
fn hundredths(part: i64, whole: i64) -> f64 {
    (part as f64 * 100.0 / whole as f64).round() / 100.0
}
