//! Which release a broker is of, by the configs that it lists: there is no request for that.

use std::collections::{BTreeMap, BTreeSet};

use super::{KnownConfig, Release, all, table};
use crate::model::ConfigSource;

/// The examined release that has most of the listed configs, of those all of whose configs are listed; `None` where
/// there is none. More may be listed: a vendor's, those of a patch, and those that a release keeps internal. Of
/// neighbours with the same configs it is the newest.
pub fn release_with<'a>(listed: impl IntoIterator<Item = &'a str>) -> Option<Release> {
    let listed: BTreeSet<&str> = listed.into_iter().collect();
    let configs = |release: Release| all().iter().filter(move |config| has(release, config));
    let is_listed = |release: &Release| configs(*release).all(|config| listed.contains(config.name));
    let fitting = table::EXAMINED.iter().copied().filter(is_listed);
    fitting.max_by_key(|release| (configs(*release).count(), *release))
}

fn has(release: Release, config: &KnownConfig) -> bool {
    let mut history = config.history.iter();
    history.any(|facts| (facts.since..=facts.until).contains(&release))
}

/// Whether a broker that lists these configs of a topic, with where their values come from, leaves out one that every
/// release of Apache Kafka with the others lists. Apache Kafka lists all that it knows, set or not
/// (`ConfigHelper.describeConfigs`). Where only overrides are listed, nothing follows from what is not.
pub fn is_partial<'a>(listed: impl IntoIterator<Item = (&'a str, ConfigSource)>) -> bool {
    let listed: BTreeMap<&str, ConfigSource> = listed.into_iter().collect();
    let is_inherited = |name: &str| {
        listed
            .get(name)
            .is_some_and(|source| *source != ConfigSource::Topic)
    };
    if !listed.keys().any(|name| is_inherited(name)) {
        return false;
    }
    // Releases keep new configs internal at first, and list those only where they are set.
    let newest = all()
        .iter()
        .filter(|config| is_inherited(config.name))
        .filter_map(KnownConfig::since)
        .max();
    let is_expected = |config: &KnownConfig| config.until().is_none() && config.since() <= newest;
    let mut missing = all().iter().filter(|config| !listed.contains_key(config.name));
    missing.any(is_expected)
}
