//! What `validate` finds.

use super::{place, raw};
use crate::manifest::{Checked, Excerpt, Location, Problem, Problems, Related, Severity, Variable, Withheld};

/// Valid, with a warning, and variables that are read.
pub(in super::super) fn valid() -> Checked {
    let variable = |name: &str, required| Variable {
        name: name.into(),
        required,
        places: vec![place(7, 16), place(9, 16)],
    };
    let warning = Problem {
        severity: Severity::Warning,
        ..problem(Excerpt::Line("    retention: 7".to_owned()))
    };
    Checked {
        profile: Some(raw("prod").into()),
        topics: 3,
        variables: vec![
            variable("KAFKA_PASSWORD", true),
            variable("KAFKA_BOOTSTRAP_SERVERS", false),
        ],
        warnings: Problems {
            problems: vec![warning],
            omitted: 0,
        },
    }
}

/// Every kind of excerpt.
pub(in super::super) fn invalid() -> Problems {
    let whole_file = Problem {
        location: Location::File(raw("topics").into()),
        suggestion: None,
        related: Vec::new(),
        ..problem(Excerpt::None)
    };
    let withheld = [Withheld::Client, Withheld::NamesSecret, Withheld::Unparsed];
    let withheld = withheld.map(|why| problem(Excerpt::Withheld(why)));
    Problems {
        problems: std::iter::once(whole_file).chain(withheld).collect(),
        omitted: 12,
    }
}

fn problem(excerpt: Excerpt) -> Problem {
    Problem {
        severity: Severity::Error,
        location: Location::Place(place(12, 5)),
        message: "`retention` is declared twice".to_owned(),
        excerpt,
        related: vec![Related {
            label: "first declared at",
            place: place(11, 5),
        }],
        suggestion: Some("leave one of them out".to_owned()),
    }
}
