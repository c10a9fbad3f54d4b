//! The documents, word for word, and what holds for all of them.

use super::samples::{self, header};
use super::{Closed, Pieces, text};
use crate::apply::{Applied, Ending, Report};
use crate::render::json;
use serde_json::Value;

fn plan(plan: &crate::plan::Plan) -> String {
    text(|out| json::plan(out, &header(), plan))
}

fn status_of(document: &str) -> Value {
    serde_json::from_str::<Value>(document).unwrap()["status"].take()
}

fn status(plan: &crate::plan::Plan) -> Value {
    status_of(&self::plan(plan))
}

fn ended(plan: &crate::plan::Plan, report: &Report, ending: Ending<'_>) -> Value {
    status_of(&text(|out| {
        json::report(out, &header(), Applied { plan, report, ending })
    }))
}

#[test]
fn a_plan_with_changes() {
    insta::assert_snapshot!(plan(&samples::changes()));
}

#[test]
fn a_plan_with_every_case() {
    insta::assert_snapshot!(plan(&samples::every_case()));
}

#[test]
fn a_report_with_every_outcome() {
    let (plan, report) = samples::report();
    insta::assert_snapshot!(text(|out| json::report(
        out,
        &header(),
        Applied {
            plan: &plan,
            report: &report,
            ending: Ending::Ran
        }
    )));
}

#[test]
fn a_report_of_an_apply_that_was_blocked() {
    let (plan, blocked) = samples::stopped();
    let report = Report::default();
    insta::assert_snapshot!(text(|out| json::report(
        out,
        &header(),
        Applied {
            plan: &plan,
            report: &report,
            ending: Ending::Blocked(&blocked)
        }
    )));
}

#[test]
fn a_description_in_detail() {
    insta::assert_snapshot!(text(|out| json::description(
        out,
        &header(),
        &samples::description()
    )));
}

#[test]
fn a_description_of_a_topic_that_the_file_does_not_mention() {
    let header = crate::render::Header {
        profile: None,
        ..header()
    };
    insta::assert_snapshot!(text(|out| json::description(out, &header, &samples::overview())));
}

#[test]
fn a_valid_file() {
    insta::assert_snapshot!(text(|out| json::validation(out, Ok(&samples::valid()))));
}

#[test]
fn an_invalid_file() {
    insta::assert_snapshot!(text(|out| json::validation(out, Err(&samples::invalid()))));
}

#[test]
fn the_status_of_a_plan_stands_for_the_exit_code() {
    assert_eq!(status(&samples::in_sync()), "in_sync");
    assert_eq!(status(&samples::changes()), "changes");
    assert_eq!(status(&samples::blocked()), "blocked");
    assert_eq!(status(&samples::unreadable()), "unreadable");
    assert_eq!(
        status(&samples::every_case()),
        "unreadable",
        "what was not read outweighs the rest"
    );
}

#[test]
fn the_status_of_a_report_stands_for_the_exit_code() {
    let nothing = Report::default();
    let (some, outcomes) = samples::report();
    let (held_back, why) = samples::stopped();
    let created = samples::created();
    assert_eq!(ended(&samples::in_sync(), &nothing, Ending::Ran), "in_sync");
    assert_eq!(ended(&samples::in_sync(), &created, Ending::Ran), "done");
    assert_eq!(ended(&samples::blocked(), &created, Ending::Ran), "skipped");
    assert_eq!(ended(&some, &outcomes, Ending::Ran), "failed");
    assert_eq!(ended(&samples::unreadable(), &created, Ending::Ran), "failed");
    assert_eq!(ended(&held_back, &nothing, Ending::Blocked(&why)), "blocked");
    assert_eq!(ended(&samples::changes(), &nothing, Ending::Ran), "blocked");
    assert_eq!(
        ended(&samples::in_sync(), &created, Ending::CutShort),
        "interrupted"
    );
    assert_eq!(
        ended(&samples::in_sync(), &created, Ending::NotWaited),
        "accepted"
    );
    assert_eq!(ended(&some, &outcomes, Ending::CutShort), "failed");
}

#[test]
fn what_the_broker_hides_is_not_told_by_way_of_the_file() {
    let every = plan(&samples::every_case());
    let described = text(|out| json::description(out, &header(), &samples::description()));
    assert!(every.contains("vendor.token") && described.contains("vendor.token"));
    assert!(!every.contains("not-for-you"));
    assert!(!described.contains("not-for-you"));
}

#[test]
fn the_order_of_topics_is_that_of_their_names() {
    let sample = samples::every_case();
    let backwards = crate::plan::Plan {
        topics: sample.topics.clone().into_iter().rev().collect(),
        ..sample.clone()
    };
    assert_eq!(plan(&sample), plan(&backwards));
    let document: Value = serde_json::from_str(&plan(&sample)).unwrap();
    let topics = document["topics"].as_array().unwrap().iter();
    let names: Vec<&str> = topics.map(|topic| topic["name"].as_str().unwrap()).collect();
    assert!(names.is_sorted(), "{names:?}");
}

#[test]
fn ten_thousand_topics_are_written_piece_by_piece() {
    let mut pieces = Pieces::default();
    json::plan(&mut pieces, &header(), &samples::many(10_000)).unwrap();
    assert!(pieces.total > 5_000_000, "{} bytes", pieces.total);
    assert!(pieces.longest <= 64 * 1024, "{} bytes at once", pieces.longest);
}

#[test]
fn a_reader_that_left_is_an_error_of_its_kind() {
    let error = json::plan(&mut Closed, &header(), &samples::many(100)).unwrap_err();
    assert_eq!(error.kind(), std::io::ErrorKind::BrokenPipe);
}
