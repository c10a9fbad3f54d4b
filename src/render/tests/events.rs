//! Events as text and as JSON.

use super::samples;
use super::samples::header;
use super::text;
use crate::render::{Style, Text, json};

fn plain(write: impl FnOnce(&mut Text<'_>) -> std::io::Result<()>) -> String {
    text(|out| write(&mut Text::new(out, Style::Plain)))
}

#[test]
fn records_as_text_and_as_json_lines() {
    insta::assert_snapshot!(plain(|text| samples::records()
        .iter()
        .try_for_each(|record| text.record(record))));
    let lines = text(|out| {
        samples::records()
            .iter()
            .try_for_each(|record| json::event_record(out, record))
    });
    assert_eq!(lines.lines().count(), samples::records().len());
    insta::assert_snapshot!(lines);
}

#[test]
fn stories_in_each_state() {
    let stories = samples::stories();
    insta::assert_snapshot!(plain(|text| stories
        .iter()
        .try_for_each(|story| text.story(story))));
    insta::assert_snapshot!(text(|out| json::story(out, &header(), &stories[0])));
}

#[test]
fn every_way_in_which_publishing_ends() {
    insta::assert_snapshot!(plain(|text| text.published(&samples::published())));
    insta::assert_snapshot!(text(|out| json::published(out, &header(), &samples::published())));
}

#[test]
fn problems_of_a_file() {
    let (checked, problems) = samples::problems();
    insta::assert_snapshot!(plain(|text| text.events_checked(checked)));
    insta::assert_snapshot!(text(|out| json::events_checked(
        out,
        "events.jsonl",
        checked,
        &problems
    )));
}
