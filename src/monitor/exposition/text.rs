//! The OpenMetrics text format, as far as it is needed: <https://prometheus.io/docs/specs/om/open_metrics_spec/>.

use std::fmt::{Display, Write as _};

use super::families::{Family, Kind};

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
pub(super) struct Page {
    pub(super) text: String,
    pub(super) format: Format,
}

impl Page {
    /// A family, all lines of which stand together.
    pub(super) fn family(&mut self, family: &Family, write: impl FnOnce(&mut Lines<'_>)) {
        let Family { name, kind, help } = family;
        let (stem, kind) = match (kind, self.format) {
            (Kind::Gauge, _) => (*name, "gauge"),
            (Kind::Counter, Format::Plain) => (*name, "counter"),
            (Kind::Counter, Format::OpenMetrics) => (name.trim_end_matches("_total"), "counter"),
        };
        let begun = self.text.len();
        // Writing to a String does not fail.
        let _ = write!(self.text, "# HELP {stem} ");
        escape(&mut self.text, help);
        let _ = writeln!(self.text, "\n# TYPE {stem} {kind}");
        let headed = self.text.len();
        write(&mut Lines {
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
pub(super) struct Lines<'p> {
    name: &'static str,
    text: &'p mut String,
}

impl Lines<'_> {
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

/// Names of groups and error codes are whatever somebody chose.
fn escape(into: &mut String, text: &str) {
    for character in text.chars() {
        match character {
            '\\' => into.push_str("\\\\"),
            '"' => into.push_str("\\\""),
            '\n' => into.push_str("\\n"),
            other => into.push(other),
        }
    }
}
