//! The page, word for word; what outside text can do to it; and its limit.

use super::samples::{self, header};
use super::{Closed, text};
use crate::plan::Plan;
use crate::render::markdown;

fn page(plan: &Plan) -> String {
    text(|out| markdown::plan(out, &header(), plan, None))
}

#[test]
fn in_sync_is_one_line() {
    let line = page(&samples::in_sync());
    assert_eq!(line.lines().count(), 1);
    insta::assert_snapshot!(line, @"✅ topicctl diff · profile `prod` · cluster `5L6g3nShT-eMCtK--X86sw` · `localhost:9092` · **Up to date: 2 topics.**");
}

#[test]
fn a_plan_with_changes() {
    insta::assert_snapshot!(page(&samples::changes()));
}

#[test]
fn a_plan_with_every_case() {
    insta::assert_snapshot!(page(&samples::every_case()));
}

#[test]
fn missing_rights_are_said_with_what_grants_them() {
    insta::assert_snapshot!(page(&samples::denied_plan()));
}

#[test]
fn text_from_outside_is_no_markup() {
    insta::assert_snapshot!(page(&samples::hostile()));
}

#[test]
fn long_lists_are_folded() {
    let short = page(&samples::many(60));
    assert!(!short.contains("<details>"), "20 of each are shown");
    let long = page(&samples::many(61));
    assert_eq!(long.matches("<details>").count(), 1);
    assert_eq!(long.matches("</details>").count(), 1);
    assert!(long.contains("<summary><b>Create (21)</b></summary>\n\n- **`prod.topic-00000`**"));
}

#[test]
fn ten_thousand_topics_fit_a_comment_and_what_does_not_is_counted() {
    let all = page(&samples::many(10_000));
    assert!(all.len() <= 65_536, "{} bytes", all.len());
    assert!(all.len() > 60_000, "room is used: {} bytes", all.len());
    assert!(
        all.contains("3,334 to create, 3,333 to change, 3,333 to delete"),
        "{}",
        &all[..500]
    );
    let shown = all.matches("\n- **`").count();
    let more = crate::render::words::grouped(10_000 - shown);
    assert!(
        all.contains(&format!("**{more} more topics are not shown**")),
        "{shown} are shown"
    );
    assert_eq!(
        all.matches("<details>").count(),
        all.matches("</details>").count()
    );
}

#[test]
fn a_reader_that_left_is_an_error_of_its_kind() {
    let error = markdown::plan(&mut Closed, &header(), &samples::in_sync(), None).unwrap_err();
    assert_eq!(error.kind(), std::io::ErrorKind::BrokenPipe);
}
