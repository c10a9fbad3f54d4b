//! The OpenMetrics text format, as far as it is needed: <https://prometheus.io/docs/specs/om/open_metrics_spec/>.

use std::fmt::{Display, Write as _};

use super::families::{Family, MetricKind};
use crate::model::printable::is_unseen;

/// Which of the two formats that look alike.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Format {
    /// The suffix of a counter belongs to its line, and not to the family.
    #[default]
    OpenMetrics,
    /// Prometheus' older format, in which families are called what their lines are.
    Plain,
}

/// Text that grows family by family.
#[derive(Debug, Default)]
pub(super) struct ExpositionPage {
    pub(super) text: String,
    pub(super) format: Format,
}

impl ExpositionPage {
    /// A family, all lines of which stand together.
    pub(super) fn family(&mut self, family: &Family, write: impl FnOnce(&mut FamilyLines<'_>)) {
        let Family { name, kind, help } = family;
        let (stem, kind) = match (kind, self.format) {
            (MetricKind::Gauge, _) => (*name, "gauge"),
            (MetricKind::Counter, Format::Plain) => (*name, "counter"),
            (MetricKind::Counter, Format::OpenMetrics) => (name.trim_end_matches("_total"), "counter"),
        };
        let begun = self.text.len();
        // Writing to a String does not fail.
        let _ = write!(self.text, "# HELP {stem} ");
        escape(&mut self.text, help);
        let _ = writeln!(self.text, "\n# TYPE {stem} {kind}");
        let headed = self.text.len();
        write(&mut FamilyLines {
            name,
            text: &mut self.text,
        });
        if self.text.len() == headed {
            self.text.truncate(begun);
        }
    }

    /// A family of one line without labels.
    pub(super) fn one(&mut self, family: &Family, value: impl Display) {
        self.family(family, |lines| lines.add(&[], value));
    }
}

/// The lines of one family.
pub(super) struct FamilyLines<'p> {
    name: &'static str,
    text: &'p mut String,
}

impl FamilyLines<'_> {
    /// One line. The labels come in the order of their names.
    pub(super) fn add(&mut self, labels: &[(&str, &str)], value: impl Display) {
        self.text.push_str(self.name);
        for (index, (label, text)) in labels.iter().enumerate() {
            self.text.push(if index == 0 { '{' } else { ',' });
            self.text.push_str(label);
            self.text.push_str("=\"");
            escape(self.text, text);
            self.text.push('"');
        }
        if !labels.is_empty() {
            self.text.push('}');
        }
        let _ = writeln!(self.text, " {value}");
    }
}

/// Names of groups and error codes are whatever somebody chose. What cannot be shown is written as its number
/// between U+FFFD and a full stop, and so is U+FFFD itself: no two names become one, which would make Prometheus
/// refuse the whole page.
fn escape(into: &mut String, text: &str) {
    for character in text.chars() {
        match character {
            '\\' => into.push_str("\\\\"),
            '"' => into.push_str("\\\""),
            '\n' => into.push_str("\\n"),
            char::REPLACEMENT_CHARACTER => into.push_str("\u{fffd}fffd."),
            unseen if is_unseen(unseen) => {
                let _ = write!(into, "\u{fffd}{:x}.", u32::from(unseen));
            }
            other => into.push(other),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_hold_any_text_and_stay_apart() {
        let escaped = |text: &str| {
            let mut into = String::new();
            escape(&mut into, text);
            into
        };
        assert_eq!(escaped("a\"b\\c\nd"), "a\\\"b\\\\c\\nd");
        assert_eq!(escaped("\u{1b}[2J\r"), "\u{fffd}1b.[2J\u{fffd}d.");
        let names = ["\u{1}", "\u{fffd}1.", "\u{fffd}", "\u{202e}", "1."];
        let distinct: std::collections::BTreeSet<String> = names.into_iter().map(escaped).collect();
        assert_eq!(distinct.len(), names.len());
    }
}
