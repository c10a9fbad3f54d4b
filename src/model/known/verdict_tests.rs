//! Holds this module against how real releases judged each value of `broker_verdicts.tsv`.

use std::collections::{BTreeMap, BTreeSet};

use super::{Domain, Kind, KnownConfig, lookup};

/// How one release or several judged one value.
struct Verdict {
    config: &'static KnownConfig,
    value: String,
    /// As the releases that accept it read it; `None` where all refuse it.
    read_as: Option<String>,
}

fn verdicts() -> Vec<Verdict> {
    let lines = include_str!("broker_verdicts.tsv")
        .split_terminator('\n')
        .filter(|line| !line.starts_with('#'));
    lines.map(verdict).collect()
}

fn verdict(line: &str) -> Verdict {
    let fields: Vec<&str> = line.split('\t').collect();
    let read_as = match fields[2..] {
        ["none"] => None,
        [_, read_as] => Some(unescaped(read_as)),
        _ => panic!("not a verdict: {line}"),
    };
    Verdict {
        config: lookup(fields[0]).expect("a known config"),
        value: unescaped(fields[1]),
        read_as,
    }
}

fn unescaped(text: &str) -> String {
    text.replace("\\t", "\t")
        .replace("\\n", "\n")
        .replace("\\0", "\0")
}

#[test]
fn no_value_that_a_broker_accepts_is_called_impossible() {
    let accepted: Vec<Verdict> = verdicts()
        .into_iter()
        .filter(|verdict| verdict.read_as.is_some())
        .collect();
    assert!(accepted.len() > 400, "only {} accepted values", accepted.len());
    for Verdict { config, value, .. } in accepted {
        assert_eq!(config.check(&value), Ok(()), "{} = {value:?}", config.name);
    }
}

#[test]
fn every_value_that_all_brokers_refuse_is_impossible() {
    let refused: Vec<Verdict> = verdicts()
        .into_iter()
        .filter(|verdict| verdict.read_as.is_none() && !java_only(&verdict.value))
        .collect();
    assert!(refused.len() > 400, "only {} refused values", refused.len());
    for Verdict { config, value, .. } in refused {
        // Rules that only the broker can apply: the form of replica lists and of version names.
        let only_the_broker_knows = matches!(config.kind, Kind::String | Kind::List)
            && config.history.iter().any(|facts| facts.domain == Domain::Any);
        assert_eq!(
            config.check(&value).is_ok(),
            only_the_broker_knows,
            "{} = {value:?}",
            config.name
        );
    }
}

#[test]
fn values_are_the_same_exactly_where_the_brokers_read_them_as_the_same() {
    let mut readings: BTreeMap<(&str, String), BTreeSet<String>> = BTreeMap::new();
    for Verdict {
        config,
        value,
        read_as,
    } in verdicts()
    {
        if let Some(read_as) = read_as {
            readings
                .entry((config.name, value))
                .or_default()
                .insert(in_no_order(config, &read_as));
        }
    }
    let mut same = 0;
    for ((config, one), one_read) in &readings {
        for ((_, other), other_read) in readings.iter().filter(|((name, _), _)| name == config) {
            let expected = one_read == other_read && !java_only(one) && !java_only(other) || one == other;
            assert_eq!(
                lookup(config).expect("a known config").same_value(one, other),
                expected,
                "{config}: {one:?} and {other:?}"
            );
            same += usize::from(expected && one != other);
        }
    }
    assert!(same > 400, "only {same} pairs were the same");
}

/// Numbers in spellings that this module leaves to the broker unread.
fn java_only(value: &str) -> bool {
    !value.is_ascii() || value.contains(['x', 'X'])
}

fn in_no_order(config: &KnownConfig, read_as: &str) -> String {
    if config.kind != Kind::List {
        return read_as.to_owned();
    }
    // A text without items is no list of one empty item.
    let items: BTreeSet<&str> = if read_as.is_empty() {
        BTreeSet::new()
    } else {
        read_as.split(',').collect()
    };
    format!("{items:?}")
}
