//! Looks at topics as text.

use super::samples;
use super::text;
use crate::monitor::View;
use crate::render::{Style, Text};

fn shown(view: &View) -> String {
    text(|out| Text::new(out, Style::Plain).view(view))
}

#[test]
fn every_state_of_a_topic_has_its_words() {
    insta::assert_snapshot!(shown(&samples::busy()));
}

#[test]
fn no_topics_are_said() {
    assert_eq!(shown(&samples::nothing()), "No topics.\n");
}
