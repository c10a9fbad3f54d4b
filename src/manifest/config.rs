//! Values of topic configs, from what people write to what the broker is sent.

use std::borrow::Cow;

use super::node::{Content, Node, NodeEntry};
use super::problem::Problem;
use super::reader::{FieldRef, INHERIT, Reader};
use super::statement::{Setting, Statement};
use crate::model::known::{self, Impossible, Kind, KnownConfig, Unit};
use crate::model::quantity::{self, InvalidQuantity};
use crate::model::{ConfigKey, ConfigText};

/// A plain retention below this many milliseconds was probably meant in days.
const ODD_RETENTION: i64 = 60_000;

impl<'t> Reader<'_, 't, '_, '_> {
    /// What the entry says of a topic config, by its short or its long name.
    pub(super) fn config(&mut self, key: &ConfigKey, entry: &NodeEntry<'t>) -> Statement<ConfigText> {
        let said = match self.written(key, entry) {
            None => Setting::Unknown,
            Some(text) if text == INHERIT => Setting::Inherit,
            Some(written) => match self.raw(key, entry, &written) {
                None => Setting::Unknown,
                Some(raw) => Setting::Value(ConfigText::new(
                    key.as_str(),
                    self.context.share(&raw),
                    self.context.share(&written),
                )),
            },
        };
        Statement {
            said,
            place: self.place(entry.value.span),
        }
    }

    /// The value as it is written; a list as Kafka writes lists.
    fn written<'n>(&mut self, key: &ConfigKey, entry: &'n NodeEntry<'t>) -> Option<Cow<'n, str>> {
        let takes_list = known::lookup(key.as_str()).is_none_or(|known| known.kind == Kind::List);
        let field = FieldRef::of_entry(entry);
        if !takes_list || !matches!(entry.value.content, Content::Sequence(_)) {
            return self.text(field, &entry.value);
        }
        let items = self.texts(field, &entry.value)?;
        let items: Vec<&str> = items.iter().map(|(text, _)| &**text).collect();
        Some(Cow::Owned(items.join(",")))
    }

    /// The value in Kafka's own words and units.
    pub(super) fn raw(&mut self, key: &ConfigKey, entry: &NodeEntry<'_>, written: &str) -> Option<String> {
        let Some(known) = known::lookup(key.as_str()) else {
            return Some(unknown_config(key, written));
        };
        let raw = match known.unit {
            Some(unit @ (Unit::Milliseconds | Unit::Bytes)) => {
                self.quantity(known, unit, FieldRef::of_entry(entry), &entry.value, written)?
            }
            Some(Unit::Ratio | Unit::Count) | None => plain(known.kind, written),
        };
        if let Err(impossible) = known.check(&raw) {
            self.impossible(FieldRef::of_entry(entry), &entry.value, written, &impossible);
            return None;
        }
        self.warn_of_removed(known, FieldRef::of_entry(entry), &entry.value);
        if known.name == "retention.ms" {
            self.warn_of_odd_retention(FieldRef::of_entry(entry), &entry.value, written);
        }
        Some(raw)
    }

    fn quantity(
        &mut self,
        known: &KnownConfig,
        unit: Unit,
        field: FieldRef<'_>,
        node: &Node<'_>,
        written: &str,
    ) -> Option<String> {
        let (parsed, endless) = match unit {
            Unit::Milliseconds => (quantity::parse_duration(written), "forever"),
            Unit::Bytes | Unit::Ratio | Unit::Count => (quantity::parse_size(written), "unlimited"),
        };
        match parsed {
            Ok(_) if written.trim() == endless => {
                if known.unlimited().is_none() {
                    self.no_such_thing_as_endless(field, node, endless);
                }
                known.unlimited().map(|number| number.to_string())
            }
            Ok(number) => Some(number.to_string()),
            Err(invalid) => {
                self.invalid_quantity(field, node, written, &invalid);
                None
            }
        }
    }

    fn invalid_quantity(
        &mut self,
        field: FieldRef<'_>,
        node: &Node<'_>,
        written: &str,
        invalid: &InvalidQuantity,
    ) {
        let name = self.name(field);
        let not = self.but_not(node, written);
        let (message, help) = match invalid {
            InvalidQuantity::Duration => (
                format!("{name} must be a duration{not}"),
                "write a whole number with ms, s, m, h, d or w, such as `7d`, or `forever`",
            ),
            InvalidQuantity::Size => (
                format!("{name} must be a size{not}"),
                "write a whole number with KiB, MiB, GiB, TiB, KB, MB, GB, TB or B, such as `10GiB`, or `unlimited`",
            ),
            InvalidQuantity::TooLarge => (
                format!("{name} is too large: Kafka counts up to {}", i64::MAX),
                "`forever` is a retention without limit, `unlimited` a size without one",
            ),
        };
        // A guess repeats the number.
        let meant = self
            .file
            .shown(node.span, written)
            .and_then(|_| meant_quantity(invalid, written));
        let help = meant.map_or_else(|| help.to_owned(), |meant| format!("did you mean `{meant}`?"));
        let problem = Problem::error(self.at(node.span), message);
        self.report(problem.suggest(help));
    }

    fn no_such_thing_as_endless(&mut self, field: FieldRef<'_>, node: &Node<'_>, word: &str) {
        let message = format!("{} cannot be `{word}`: it always has a limit", self.name(field));
        let problem = Problem::error(self.at(node.span), message);
        self.report(problem.suggest("write the largest value that makes sense to you"));
    }

    fn impossible(&mut self, field: FieldRef<'_>, node: &Node<'_>, written: &str, impossible: &Impossible) {
        let message = format!("{} {impossible}{}", self.name(field), self.but_not(node, written));
        let meant = impossible
            .suggestion()
            .map(|meant| format!("did you mean `{meant}`?"));
        let problem = Problem::error(self.at(node.span), message);
        self.report(problem.suggest_if(meant));
    }

    fn warn_of_removed(&mut self, known: &KnownConfig, field: FieldRef<'_>, node: &Node<'_>) {
        let Some(last) = known.until() else {
            return;
        };
        let message = format!(
            "{}: Kafka {last} is the last release that has it",
            self.name(field)
        );
        let problem = Problem::warning(self.at(node.span), message);
        self.report(
            problem.suggest("take it out of the file before brokers are upgraded: newer ones refuse it"),
        );
    }

    fn warn_of_odd_retention(&mut self, field: FieldRef<'_>, node: &Node<'_>, written: &str) {
        let Ok(number @ 0..ODD_RETENTION) = written.trim().parse::<i64>() else {
            return;
        };
        if self.file.shown(node.span, written).is_none() {
            return;
        }
        let name = self.name(field);
        let message = format!("{name} is {number} milliseconds: a plain number has Kafka's own unit");
        // Nobody keeps records for three years by the day; seconds are the next best guess.
        let unit = if number <= 1_000 { "d" } else { "s" };
        let problem = Problem::warning(self.at(node.span), message);
        self.report(problem.suggest(format!(
            "did you mean `{number}{unit}`? `{number}ms` says that milliseconds are meant"
        )));
    }
}

/// What is sent to a broker for a value that is written so; `None` if it would not be taken.
pub(super) fn reads_as(key: &ConfigKey, written: &str) -> Option<String> {
    if written == INHERIT {
        return None;
    }
    let Some(known) = known::lookup(key.as_str()) else {
        return Some(unknown_config(key, written));
    };
    let raw = match known.unit {
        Some(Unit::Milliseconds) if written.trim() == "forever" => known.unlimited()?.to_string(),
        Some(Unit::Bytes) if written.trim() == "unlimited" => known.unlimited()?.to_string(),
        Some(Unit::Milliseconds) => quantity::parse_duration(written).ok()?.to_string(),
        Some(Unit::Bytes) => quantity::parse_size(written).ok()?.to_string(),
        Some(Unit::Ratio | Unit::Count) | None => plain(known.kind, written),
    };
    known.check(&raw).ok().map(|()| raw)
}

/// Kafka trims numbers and words; what is sent is in one form, so that equal values look equal.
fn plain(kind: Kind, written: &str) -> String {
    let text = written.trim();
    match kind {
        Kind::Boolean if text.eq_ignore_ascii_case("true") => "true".to_owned(),
        Kind::Boolean if text.eq_ignore_ascii_case("false") => "false".to_owned(),
        Kind::List => text.split(',').map(str::trim).collect::<Vec<_>>().join(","),
        Kind::Int | Kind::Long | Kind::Double | Kind::Boolean | Kind::String => text.to_owned(),
    }
}

/// Vendors name their keys as Kafka does, so units are understood there too; the rest is the broker's.
fn unknown_config(key: &ConfigKey, written: &str) -> String {
    let number = match key.as_str().rsplit('.').next() {
        Some("ms") => quantity::parse_duration(written).ok(),
        Some("bytes") => quantity::parse_size(written).ok(),
        _ => None,
    };
    number.map_or_else(|| written.to_owned(), |number| number.to_string())
}

/// `7 days` is `7d`, `10Gib` is `10GiB`: one whole number and a unit in another spelling. A month is
/// nobody's unit, so none is guessed.
fn meant_quantity(invalid: &InvalidQuantity, written: &str) -> Option<String> {
    let text = written.trim();
    let end = text.find(|c: char| !c.is_ascii_digit())?;
    let (number, unit) = text.split_at(end);
    let unit = unit.trim().to_ascii_lowercase();
    let meant = match invalid {
        InvalidQuantity::Duration => duration_unit(&unit),
        InvalidQuantity::Size => size_unit(&unit),
        InvalidQuantity::TooLarge => None,
    };
    if number.is_empty() {
        let endless = [
            "forever",
            "unlimited",
            "infinite",
            "infinity",
            "inf",
            "none",
            "never",
        ]
        .contains(&&*unit);
        return match invalid {
            InvalidQuantity::Duration if endless => Some("forever".to_owned()),
            InvalidQuantity::Size if endless => Some("unlimited".to_owned()),
            _ => None,
        };
    }
    meant.map(|unit| format!("{number}{unit}"))
}

fn duration_unit(unit: &str) -> Option<&'static str> {
    Some(match unit {
        "w" | "wk" | "wks" | "week" | "weeks" => "w",
        "d" | "day" | "days" => "d",
        "h" | "hr" | "hrs" | "hour" | "hours" => "h",
        "min" | "mins" | "minute" | "minutes" => "m",
        "s" | "sec" | "secs" | "second" | "seconds" => "s",
        "ms" | "msec" | "millis" | "milliseconds" => "ms",
        _ => return None,
    })
}

fn size_unit(unit: &str) -> Option<&'static str> {
    Some(match unit {
        "b" | "byte" | "bytes" => "B",
        "k" | "kib" => "KiB",
        "m" | "mib" => "MiB",
        "g" | "gib" => "GiB",
        "t" | "tib" => "TiB",
        "kb" => "KB",
        "mb" => "MB",
        "gb" => "GB",
        "tb" => "TB",
        _ => return None,
    })
}
