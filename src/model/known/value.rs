//! Values as Kafka's `ConfigDef.parseType` reads them, and whether a release allows them.

use std::collections::BTreeSet;
use std::num::IntErrorKind;

use super::{Domain, Impossible, Kind, KnownConfig, allowed, suggest};

impl KnownConfig {
    /// Refuses what every examined release refuses. Everything else is for the broker to decide.
    ///
    /// # Errors
    /// [`Impossible`], which says what is allowed instead.
    pub fn check(&self, raw: &str) -> Result<(), Impossible> {
        let value =
            Value::read(self.kind, raw).map_err(|unreadable| self.impossible(raw, Some(unreadable)))?;
        if self.history.iter().any(|facts| value.is_in(facts.domain)) {
            return Ok(());
        }
        Err(self.impossible(raw, None))
    }

    /// Whether Kafka reads both as the same value: `0.50` and `0.5`, ` 7` and `7`, `delete,compact` and
    /// `compact,delete`. What it cannot read is the same only if it is spelled the same.
    pub fn same_value(&self, one: &str, other: &str) -> bool {
        match (Value::read(self.kind, one), Value::read(self.kind, other)) {
            (Ok(one), Ok(other)) => one.same(&other),
            _ => one == other,
        }
    }

    fn impossible(&self, raw: &str, unreadable: Option<UnreadableValue>) -> Impossible {
        let ceiling = match unreadable {
            Some(UnreadableValue::TooLarge) => Some(bounds(self.kind).1),
            Some(UnreadableValue::NotOfItsKind) | None => None,
        };
        Impossible {
            allowed: allowed::allowed_values(self, ceiling),
            suggestion: self.meant(raw),
        }
    }

    fn meant(&self, raw: &str) -> Option<&'static str> {
        let words = match self.history.last()?.domain {
            Domain::OneOf(words) | Domain::ListOf { words, .. } => words,
            Domain::Any | Domain::Integer { .. } | Domain::Decimal { .. } => return None,
        };
        suggest::word(items(raw).into_iter().find(|item| !words.contains(item))?, words)
    }
}

/// Why Kafka cannot read a value at all.
#[derive(Debug, Clone, Copy)]
enum UnreadableValue {
    /// A whole number beyond 32 or 64 bits.
    TooLarge,
    /// Anything else.
    NotOfItsKind,
}

/// A value as Kafka reads it.
#[derive(Debug)]
enum Value<'a> {
    Integer(i64),
    Decimal(f64),
    Boolean(bool),
    Text(&'a str),
    Items(BTreeSet<&'a str>),
    /// Java reads more spellings of numbers than are worth telling apart here (fullwidth digits,
    /// hexadecimal fractions): the broker decides.
    LeftToTheBroker(&'a str),
}

impl<'a> Value<'a> {
    fn read(kind: Kind, raw: &'a str) -> Result<Self, UnreadableValue> {
        let text = trim(raw);
        match kind {
            Kind::Int | Kind::Long => integer(text, bounds(kind)),
            Kind::Double => decimal(text),
            Kind::Boolean if text.eq_ignore_ascii_case("true") => Ok(Self::Boolean(true)),
            Kind::Boolean if text.eq_ignore_ascii_case("false") => Ok(Self::Boolean(false)),
            Kind::Boolean => Err(UnreadableValue::NotOfItsKind),
            Kind::String => Ok(Self::Text(text)),
            Kind::List => Ok(Self::Items(items(raw))),
        }
    }

    fn is_in(&self, domain: Domain) -> bool {
        match (self, domain) {
            (Self::Integer(number), Domain::Integer { min, max, also }) => {
                let within = min.is_none_or(|min| *number >= min) && max.is_none_or(|max| *number <= max);
                within || also.contains(number)
            }
            // In this form because Kafka lets NaN pass: it is neither below nor above anything.
            (Self::Decimal(number), Domain::Decimal { min, max }) => {
                !(min.is_some_and(|min| *number < min) || max.is_some_and(|max| *number > max))
            }
            (Self::Text(text), Domain::OneOf(words)) => words.contains(text),
            (Self::Items(items), Domain::ListOf { words, empty }) => {
                (empty || !items.is_empty()) && items.iter().all(|item| words.contains(item))
            }
            // `Any`, and what is left to the broker.
            _ => true,
        }
    }

    fn same(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Integer(one), Self::Integer(other)) => one == other,
            (Self::Decimal(one), Self::Decimal(other)) => one.total_cmp(other).is_eq(),
            (Self::Boolean(one), Self::Boolean(other)) => one == other,
            (Self::Items(one), Self::Items(other)) => one == other,
            (Self::Text(one), Self::Text(other))
            | (Self::LeftToTheBroker(one), Self::LeftToTheBroker(other)) => one == other,
            _ => false,
        }
    }
}

/// Java's `trim`: all control characters, but no space beyond ASCII.
fn trim(raw: &str) -> &str {
    raw.trim_matches(|c| c <= ' ')
}

/// Split as Kafka does; `a,` has an empty second item, an empty text has no item.
fn items(raw: &str) -> BTreeSet<&str> {
    let text = trim(raw);
    if text.is_empty() {
        return BTreeSet::new();
    }
    text.split(',')
        .map(|item| item.trim_matches([' ', '\t', '\n', '\x0B', '\x0C', '\r']))
        .collect()
}

fn bounds(kind: Kind) -> (i64, i64) {
    match kind {
        Kind::Int => (i32::MIN.into(), i32::MAX.into()),
        Kind::Long | Kind::Double | Kind::Boolean | Kind::String | Kind::List => (i64::MIN, i64::MAX),
    }
}

fn integer(text: &str, (min, max): (i64, i64)) -> Result<Value<'_>, UnreadableValue> {
    match text.parse::<i64>() {
        Ok(number) if number > max => Err(UnreadableValue::TooLarge),
        Ok(number) if number < min => Err(UnreadableValue::NotOfItsKind),
        Ok(number) => Ok(Value::Integer(number)),
        Err(reason) if *reason.kind() == IntErrorKind::PosOverflow => Err(UnreadableValue::TooLarge),
        Err(_) if text.chars().any(|c| !c.is_ascii() && c.is_numeric()) => Ok(Value::LeftToTheBroker(text)),
        Err(_) => Err(UnreadableValue::NotOfItsKind),
    }
}

fn decimal(text: &str) -> Result<Value<'_>, UnreadableValue> {
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
    if unsigned.starts_with("0x") || unsigned.starts_with("0X") {
        return Ok(Value::LeftToTheBroker(text));
    }
    if unsigned == "NaN" {
        return Ok(Value::Decimal(f64::NAN));
    }
    let digits = text.strip_suffix(['d', 'D', 'f', 'F']).unwrap_or(text);
    let is_plain = digits
        .chars()
        .all(|c| c.is_ascii_digit() || matches!(c, '.' | 'e' | 'E' | '+' | '-'));
    if !is_plain && unsigned != "Infinity" {
        return Err(UnreadableValue::NotOfItsKind);
    }
    digits
        .parse()
        .map(Value::Decimal)
        .map_err(|_| UnreadableValue::NotOfItsKind)
}
