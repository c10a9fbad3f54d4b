//! What a config change can do by the table of effects: whether the value goes in a direction that has one,
//! and whether the other configs of the topic let it.

use super::assess::{After, Transition, lists};
use super::risk::{Reason, RiskClass};
use crate::model::known::effects::{Effect, EffectKind, Only, When, Worst, effects};
use crate::model::known::{self, Kind, Meaning};
use crate::model::{ConfigKey, value};

const TIMESTAMP_TYPE: &str = "message.timestamp.type";
const REMOTE_STORAGE: &str = "remote.storage.enable";

impl Transition<'_> {
    /// What nobody else judges: each effect that the change has, or that the key is not known.
    pub(super) fn affected(&self, key: &ConfigKey) -> Vec<Reason> {
        let known = effects(key.as_str());
        let before = self.value_before(key.as_str());
        match self.value_after(key.as_str()) {
            After::Value(after) if before.is_some_and(|before| value::same_value(key, before, after)) => {
                Vec::new()
            }
            After::Value(_) if known.is_empty() => vec![Reason::UnknownKey { key: key.clone() }],
            After::Value(after) => {
                let happens = |effect: &&Effect| happens(effect, before, after);
                let warned = self.warned_of(known).filter(happens);
                let reason = |effect| Reason::HasEffect {
                    effect,
                    records: None,
                };
                warned.map(reason).collect()
            }
            After::Unknown => self.unknown_after(key, before, known),
        }
    }

    fn warned_of(&self, known: &'static [Effect]) -> impl Iterator<Item = &'static Effect> {
        let warned = known.iter().filter(|effect| effect.worst > Worst::Nothing);
        warned.filter(|effect| self.lets(effect.only))
    }

    /// A reset to what was not told: the worst that the key can do from where it is.
    fn unknown_after(&self, key: &ConfigKey, before: Option<&str>, known: &'static [Effect]) -> Vec<Reason> {
        if known.is_empty() {
            return vec![Reason::UnknownKey { key: key.clone() }];
        }
        let reachable = self
            .warned_of(known)
            .filter(|effect| can_happen(effect.when, before));
        let worst = reachable.map(|effect| class(effect.worst)).max();
        worst
            .map(|worst| Reason::UnknownInherited { worst })
            .into_iter()
            .collect()
    }

    /// Whether the other configs of the topic let this happen. What is not shown may be what lets it.
    fn lets(&self, only: Only) -> bool {
        match only {
            Only::Always => true,
            Only::Compacted => self.policy_after("compact"),
            Only::CreateTime => match self.value_after(TIMESTAMP_TYPE) {
                After::Value(value) => value.trim() == "CreateTime",
                After::Unknown => true,
            },
            // Brokers without remote storage need not list the key.
            Only::Tiered => match self.value_after(REMOTE_STORAGE) {
                After::Value(value) => is(value, "true"),
                After::Unknown => false,
            },
            Only::Before(release) => {
                let listed = self.before().keys().map(ConfigKey::as_str);
                known::release_with(listed).is_none_or(|its| its < release)
            }
        }
    }
}

pub(super) fn class(worst: Worst) -> RiskClass {
    match worst {
        Worst::Nothing => RiskClass::Safe,
        Worst::Care => RiskClass::Caution,
        Worst::Loss => RiskClass::Lossy,
    }
}

/// Where the value before is not shown, it may have been any.
fn happens(effect: &Effect, before: Option<&str>, after: &str) -> bool {
    let moves = |is_expected: fn(Size, Size) -> bool| match size(effect.key, after) {
        // No number: the broker refuses it.
        None => false,
        Some(after) => before
            .and_then(|before| size(effect.key, before))
            .is_none_or(|before| is_expected(before, after)),
    };
    match effect.when {
        When::Lowered => moves(|before, after| after < before),
        When::Raised => moves(|before, after| after > before),
        When::Below(limit) => {
            let is_below = |value: &str| size(effect.key, value).map(|size| size < Size::Whole(limit.into()));
            is_below(after) == Some(true) && before.and_then(is_below) != Some(true)
        }
        When::TurnedOn => is(after, "true"),
        When::TurnedOff => is(after, "false"),
        When::Gains(item) => lists(after, item) && before.is_none_or(|before| !lists(before, item)),
        When::Becomes(word) => after.trim() == word,
        When::Changed => true,
    }
}

fn can_happen(when: When, before: Option<&str>) -> bool {
    let was = |word: &str| before.is_some_and(|before| is(before, word));
    match when {
        When::Lowered | When::Raised | When::Below(_) | When::Changed => true,
        When::TurnedOn => !was("true"),
        When::TurnedOff => !was("false"),
        When::Gains(item) => before.is_none_or(|before| !lists(before, item)),
        When::Becomes(word) => !was(word),
    }
}

fn is(value: &str, expected: &str) -> bool {
    value.trim().eq_ignore_ascii_case(expected)
}

/// A number as Kafka orders it: no limit is larger than any number.
#[derive(Clone, Copy, PartialEq, PartialOrd)]
enum Size {
    Whole(i128),
    Ratio(f64),
}

fn size(key: &str, value: &str) -> Option<Size> {
    let config = known::lookup(key)?;
    if config.kind == Kind::Double {
        return value.trim().parse().ok().map(Size::Ratio);
    }
    let number: i64 = value.trim().parse().ok()?;
    match config.meaning(number) {
        Some(Meaning::Unlimited) => Some(Size::Whole(i128::MAX)),
        Some(Meaning::ValueOf(_) | Meaning::CodecDefault) => None,
        None => Some(Size::Whole(number.into())),
    }
}

/// An effect that only records can feel is none on a topic that has none.
pub(super) fn effect_class(effect: &Effect, is_empty: bool) -> RiskClass {
    if is_empty && effect.kind.needs_records() {
        RiskClass::Safe
    } else {
        class(effect.worst)
    }
}

/// Whether this effect is on the durability of what is acknowledged: the ISR is judged elsewhere.
pub(super) fn is_durability(reason: &Reason) -> bool {
    matches!(reason, Reason::HasEffect { effect, .. } if effect.kind == EffectKind::LessDurable)
}
