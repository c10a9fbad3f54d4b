//! What goes into `defaults`: for each field the most frequent value, if it is frequent enough.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use super::stated::{LayerField, StatedValue, Statements};

/// The values that are worth a default: stated there once, they save more lines than the topics without the
/// field cost, each of which has to say `inherit`. Under `config` a field may bring that line with it.
pub(super) fn most_frequent<'a>(
    topics: impl Iterator<Item = &'a Statements>,
) -> BTreeMap<LayerField, StatedValue> {
    let mut counts: BTreeMap<&LayerField, BTreeMap<&StatedValue, usize>> = BTreeMap::new();
    let mut total = 0;
    for topic in topics {
        total += 1;
        for (field, stated) in &topic.fields {
            *counts.entry(field).or_default().entry(stated).or_default() += 1;
        }
    }
    let worth = |(field, values): (&LayerField, BTreeMap<&StatedValue, usize>)| {
        let without = total - values.values().sum::<usize>();
        let (stated, times) = values
            .into_iter()
            .max_by_key(|(stated, times)| (*times, Reverse(*stated)))?;
        let lines = match field {
            LayerField::Partitions | LayerField::Replication | LayerField::Short(..) => 1,
            LayerField::Config(_) => 2,
        };
        (times > lines * (without + 1)).then(|| (field.clone(), stated.clone()))
    };
    counts.into_iter().filter_map(worth).collect()
}
