//! The documents, word for word, and what holds for all of them.

use super::samples::{self, header};
use super::{Closed, text};
use crate::render::json;
use serde_json::Value;

fn plan(plan: &crate::plan::Plan) -> String {
    text(|out| json::plan(out, &header(), plan))
}

fn status(plan: &crate::plan::Plan) -> Value {
    serde_json::from_str::<Value>(&self::plan(plan)).unwrap()["status"].take()
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
    insta::assert_snapshot!(text(|out| json::report(out, &header(), &plan, &report, None)));
}

#[test]
fn a_report_of_an_apply_that_was_blocked() {
    let (plan, blocked) = samples::stopped();
    let report = crate::apply::Report::default();
    insta::assert_snapshot!(text(|out| json::report(
        out,
        &header(),
        &plan,
        &report,
        Some(&blocked)
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
fn what_the_broker_hides_is_not_told_by_way_of_the_file() {
    let every = plan(&samples::every_case());
    let described = text(|out| json::description(out, &header(), &samples::description()));
    assert!(every.contains("vendor.token") && described.contains("vendor.token"));
    assert!(!every.contains("not-for-you"));
    assert!(!described.contains("not-for-you"));
}

#[test]
fn a_reader_that_left_is_an_error_of_its_kind() {
    let error = json::plan(&mut Closed, &header(), &samples::many(100)).unwrap_err();
    assert_eq!(error.kind(), std::io::ErrorKind::BrokenPipe);
}
