//! Topics for people.

use super::samples::{self, header};
use super::text;
use crate::render::{Description, Style, Text};

fn shown(description: &Description) -> String {
    text(|out| {
        let mut text = Text::new(out, Style::Plain);
        text.header(&header())?;
        text.description(description)
    })
}

#[test]
fn everything_of_a_topic() {
    insta::assert_snapshot!(shown(&samples::description()));
}

#[test]
fn what_is_not_known_is_not_said_as_known() {
    insta::assert_snapshot!(shown(&samples::hardly_known()));
}

#[test]
fn one_line_of_each_topic_with_what_was_asked_for() {
    insta::assert_snapshot!(shown(&samples::wide_overview()));
}
