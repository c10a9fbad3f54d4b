//! Annotations, word for word; and what outside text can do to them.

use std::io::Write;

use super::{samples, text};
use crate::render::{OutputGuard, Style, github};

#[test]
fn a_plan_with_changes() {
    insta::assert_snapshot!(text(|out| github::plan(out, &samples::changes())));
}

#[test]
fn a_plan_with_every_case() {
    insta::assert_snapshot!(text(|out| github::plan(out, &samples::every_case())));
}

#[test]
fn every_line_is_an_annotation_and_passes_the_guard() {
    let written = text(|out| github::plan(out, &samples::every_case()));
    let levels = ["::error ", "::warning ", "::notice "];
    assert!(
        written
            .lines()
            .all(|line| levels.iter().any(|level| line.starts_with(level))),
        "{written}"
    );
    let passed = |annotates| {
        text(|out| {
            let mut guard = OutputGuard::new(out, Style::Plain).annotating(annotates);
            guard.write_all(written.as_bytes())?;
            guard.flush()
        })
    };
    assert_eq!(passed(true), written);
    assert!(!passed(false).lines().any(|line| line.starts_with("::")));
}

#[test]
fn no_other_command_passes_the_guard() {
    for command in [
        "::set-output name=a::b\n",
        "::stop-commands::x\n",
        "::add-mask::x\n",
        " ::error ::x\n",
    ] {
        let passed = text(|out| {
            let mut guard = OutputGuard::new(out, Style::Plain).annotating(true);
            guard.write_all(command.as_bytes())?;
            guard.flush()
        });
        assert!(!passed.trim_start().starts_with("::"), "{passed}");
    }
}
