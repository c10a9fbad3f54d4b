//! Which release a broker is of, by the configs that it lists: there is no request for that.

use std::collections::BTreeSet;

use super::{KnownConfig, Release, all, table};

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
