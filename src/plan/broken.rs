//! Values that controllers take and brokers fail over. What was measured: a topic with such a value can be neither
//! written nor read once a broker has to open it, which is at once for a new topic, and with the next segment or
//! start for another.

use super::change::Change;
use super::refusal::{Refusal, Unopenable};
use crate::model::known::{self, Release};
use crate::model::{ConfigKey, ConfigText, Declared, DesiredSettings, ObservedTopic, TopicConfigs};

const SEGMENT_INDEX: &str = "segment.index.bytes";

/// An entry of the index by time; `AbstractIndex` refuses to be smaller than one entry.
const INDEX_ENTRY_BYTES: i64 = 12;

/// 3.3.2 fails; 3.7.2 and later look at these only where the topic has remote storage, and then the controller
/// refuses them.
const LOCAL_LIMITS_HARMLESS_SINCE: Release = Release::new(3, 7);

/// A limit on brokers' own disks, and the one on everything, which it may not exceed.
const LOCAL_LIMITS: [(&str, &str); 2] = [
    ("local.retention.ms", "retention.ms"),
    ("local.retention.bytes", "retention.bytes"),
];

/// Of a new topic, of whose brokers nothing is known yet.
pub(super) fn of_creation(settings: &DesiredSettings) -> Vec<Refusal> {
    small_index(settings).into_iter().collect()
}

/// Of a topic that changes.
pub(super) fn of_changes(
    settings: &DesiredSettings,
    seen: &ObservedTopic,
    changes: &[Change],
) -> Vec<Refusal> {
    let is_set = |key: &str| {
        let set = |change: &Change| matches!(change, Change::SetConfig(set) if set.key.as_str() == key);
        changes.iter().any(set)
    };
    let index = is_set(SEGMENT_INDEX).then(|| small_index(settings)).flatten();
    let limits = LOCAL_LIMITS
        .into_iter()
        .filter(|(local, all)| fails_over_local_limits(&seen.configs) && (is_set(local) || is_set(all)))
        .filter_map(|limits| local_above_all(settings, seen, limits));
    index.into_iter().chain(limits).collect()
}

fn small_index(settings: &DesiredSettings) -> Option<Refusal> {
    let to = settings.configs.get(SEGMENT_INDEX)?;
    let is_small = number(to.value.reveal())? < INDEX_ENTRY_BYTES;
    is_small.then(|| refusal(SEGMENT_INDEX, to, Unopenable::IndexWithoutRoom))?
}

/// By the configs that a broker lists; where those fit no release, it is taken for a newer one.
fn fails_over_local_limits(configs: &TopicConfigs) -> bool {
    let release = known::release_with(configs.keys().map(ConfigKey::as_str));
    release.is_some_and(|its| its < LOCAL_LIMITS_HARMLESS_SINCE)
}

fn local_above_all(
    settings: &DesiredSettings,
    seen: &ObservedTopic,
    (local, all): (&str, &'static str),
) -> Option<Refusal> {
    let after = |key: &str| {
        let declared = settings.configs.get(key).map(|to| to.value.reveal().as_ref());
        let shown = || seen.configs.get(key)?.value.as_deref();
        declared.or_else(shown).and_then(number)
    };
    let (kept_locally, kept) = (after(local)?, after(all)?);
    let exceeds = kept >= 0 && kept_locally != -2 && (kept_locally < 0 || kept_locally > kept);
    let declared = [local, all]
        .into_iter()
        .find_map(|key| Some((key, settings.configs.get(key)?)));
    let (key, to) = declared.filter(|_| exceeds)?;
    refusal(key, to, Unopenable::LocalAboveAll { all })
}

fn refusal(key: &str, to: &Declared<ConfigText>, why: Unopenable) -> Option<Refusal> {
    Some(Refusal::BrokersCannotOpen {
        key: ConfigKey::new(key).ok()?,
        to: Box::new(to.clone()),
        why,
    })
}

fn number(value: &str) -> Option<i64> {
    value.trim().parse().ok()
}
