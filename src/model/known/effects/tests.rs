//! The table is complete, and in order.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use super::{Effect, EffectKind, Only, When, Worst, all, effects};
use crate::model::known::{self, Domain, Kind, KnownConfig, Release};

/// A release that brings a config ends here until somebody has looked at what the config does.
#[test]
fn every_config_of_every_release_has_its_effects_and_no_other_has() {
    let with_effects: BTreeSet<&str> = all().iter().map(|effect| effect.key).collect();
    let known: BTreeSet<&str> = known::all().iter().map(|config| config.name).collect();
    let missing: Vec<_> = known.difference(&with_effects).collect();
    let unknown: Vec<_> = with_effects.difference(&known).collect();
    assert!(missing.is_empty(), "in table.rs and without effects: {missing:?}");
    assert!(
        unknown.is_empty(),
        "with effects and not in table.rs: {unknown:?}"
    );
}

#[test]
fn the_rows_are_in_order_and_each_is_of_its_key() {
    assert!(all().is_sorted_by_key(|effect| effect.key));
    for config in known::all() {
        let rows = effects(config.name);
        assert!(!rows.is_empty() && rows.iter().all(|effect| effect.key == config.name));
    }
    assert_eq!(effects("vendor.key"), []);
    assert_eq!(effects("zzz"), []);
    let distinct: BTreeSet<&Effect> = all().iter().collect();
    assert_eq!(distinct.len(), all().len());
}

/// Whatever a value becomes, a row without a condition says what that does.
#[test]
fn every_direction_is_spoken_of() {
    for config in known::all() {
        let always: BTreeSet<When> = effects(config.name)
            .iter()
            .filter(|effect| effect.only == Only::Always)
            .map(|effect| effect.when)
            .collect();
        let spoken = always.contains(&When::Changed) || directions(config).is_subset(&always);
        assert!(spoken, "{}: {always:?}", config.name);
    }
}

fn directions(config: &KnownConfig) -> BTreeSet<When> {
    match config.kind {
        Kind::Int | Kind::Long | Kind::Double => BTreeSet::from([When::Lowered, When::Raised]),
        Kind::Boolean => BTreeSet::from([When::TurnedOn, When::TurnedOff]),
        Kind::String => words(config).into_iter().map(When::Becomes).collect(),
        Kind::List => BTreeSet::from([When::Changed]),
    }
}

fn words(config: &KnownConfig) -> Vec<&'static str> {
    let words = config.history.iter().flat_map(|facts| match facts.domain {
        Domain::OneOf(words) | Domain::ListOf { words, .. } => words,
        Domain::Any | Domain::Integer { .. } | Domain::Decimal { .. } => &[],
    });
    words.copied().collect()
}

/// A row for another kind of value, or for a word that is none, would never apply.
#[test]
fn every_row_can_happen() {
    for effect in all() {
        let config = known::lookup(effect.key).unwrap();
        let is_number = matches!(config.kind, Kind::Int | Kind::Long | Kind::Double);
        let fits = match effect.when {
            When::Lowered | When::Raised | When::Below(_) => is_number,
            When::TurnedOn | When::TurnedOff => config.kind == Kind::Boolean,
            When::Gains(word) => config.kind == Kind::List && words(config).contains(&word),
            When::Becomes(word) => config.kind == Kind::String && words(config).contains(&word),
            When::Changed => true,
        };
        assert!(fits, "{effect:?}");
    }
}

#[test]
fn what_is_harmless_is_not_warned_of_and_what_loses_is_read() {
    for effect in all() {
        let harmless = matches!(effect.kind, EffectKind::Harmless);
        assert!(!harmless || effect.worst == Worst::Nothing, "{effect:?}");
        assert!(
            effect.worst != Worst::Loss || !effect.read.is_empty(),
            "{effect:?}"
        );
        assert!(
            !effect.says.is_empty() && !effect.says.ends_with('.'),
            "{effect:?}"
        );
        assert!(!effect.source.is_empty(), "{effect:?}");
    }
}

/// Set this to write the table of the documentation anew.
const UPDATE: &str = "UPDATE_DOCS";
const BEGIN: &str = "<!-- effects: written from the table by a test, see src/model/known/effects -->\n";
const END: &str = "<!-- effects: end -->\n";

#[test]
fn the_documentation_has_every_effect() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/impact.md");
    let page = std::fs::read_to_string(path).unwrap();
    let (before, rest) = page.split_once(BEGIN).unwrap();
    let (shown, after) = rest.split_once(END).unwrap();
    let table = documented();
    if std::env::var_os(UPDATE).is_some() {
        std::fs::write(path, format!("{before}{BEGIN}{table}{END}{after}")).unwrap();
        return;
    }
    assert!(
        shown == table,
        "docs/impact.md is not current: run this test with {UPDATE}=1"
    );
}

fn documented() -> String {
    let mut table = "| config | change | what it can do | before anything is read | what is read | Kafka |\n\
                     |---|---|---|---|---|---|\n"
        .to_owned();
    for effect in all() {
        let class = match effect.worst {
            Worst::Nothing => "safe",
            Worst::Care => "caution",
            Worst::Loss => "lossy",
        };
        let _ = writeln!(
            table,
            "| `{}` | {}{} | {} | {class} | {} | {} |",
            effect.key,
            change(effect.when),
            condition(effect.only),
            effect.says,
            effect.read,
            effect.source,
        );
    }
    table
}

fn change(when: When) -> String {
    match when {
        When::Lowered => "lower".to_owned(),
        When::Raised => "higher".to_owned(),
        When::Below(limit) => format!("below {limit}"),
        When::TurnedOn => "on".to_owned(),
        When::TurnedOff => "off".to_owned(),
        When::Gains(item) => format!("`{item}` added"),
        When::Becomes(word) => format!("`{word}`"),
        When::Changed => "any other".to_owned(),
    }
}

fn condition(only: Only) -> String {
    match only {
        Only::Always => String::new(),
        Only::Compacted => ", compacted".to_owned(),
        Only::CreateTime => ", `CreateTime`".to_owned(),
        Only::Tiered => ", with remote storage".to_owned(),
        Only::Before(release) => format!(", before Kafka {release}"),
    }
}

#[test]
fn a_broker_is_of_the_release_that_lists_its_configs() {
    let listed = |release: Release| {
        known::all().iter().filter(move |config| {
            let mut history = config.history.iter();
            history.any(|facts| (facts.since..=facts.until).contains(&release))
        })
    };
    let of = |release| known::release_with(listed(release).map(|config| config.name));
    assert!(of(Release::new(3, 3)) < Some(Release::new(3, 7)));
    assert!(of(Release::new(3, 9)) < Some(Release::new(4, 0)));
    assert_eq!(of(Release::new(4, 4)), Some(Release::new(4, 4)));
    assert_eq!(known::release_with(["retention.ms"]), None);
    let with_vendor = listed(Release::new(4, 4))
        .map(|config| config.name)
        .chain(["vendor.key"]);
    assert_eq!(known::release_with(with_vendor), of(Release::new(4, 4)));
}
