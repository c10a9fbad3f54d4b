//! Text of others through every output: nothing of it controls a terminal, begins a line, is a command to a runner
//! of CI, or is markup. Its lines are counted against those of ordinary text in the same places.

use std::io::{self, Write};

use proptest::prelude::*;
use proptest::test_runner::TestCaseError;

use super::samples::{self, header, with_foreign};
use crate::apply::{Applied, Ending};
use crate::fuzz::fuzz;
use crate::model::printable::is_unseen;
use crate::monitor::exposition;
use crate::monitor::screen::tests::screen_of;
use crate::render::{OutputGuard, Style, Text, json, markdown};

/// In every hostile text, so that it is found wherever it comes out.
const MARK: &str = "zq";

type Outputs = Vec<(&'static str, String)>;

/// Pieces that somebody has had success with somewhere, and anything at all.
fn hostile(longest: usize) -> impl Strategy<Value = String> {
    let known = prop::sample::select(vec![
        "\u{1b}[2J",
        "\u{1b}]0;title\u{7}",
        "\u{1b}[31m",
        "\u{9b}1m",
        "\r",
        "\n",
        "\n::error file=a::b",
        "\n  ::stop-commands::x",
        "::",
        "##[error]",
        "##vso[task.complete]",
        "##teamcity[x]",
        "#",
        "[",
        "\0",
        "\u{7f}",
        "\u{85}",
        "\u{2028}",
        "\u{202e}",
        "\u{2066}",
        "\u{200b}",
        "\u{feff}",
        "\u{e0041}",
        "\u{fdd0}",
        "\u{fdd1}",
        "\u{fffd}",
        "`",
        "```\n",
        "|",
        "<img src=x>",
        "</details>",
        "<!--",
        "@kafka/admins",
        "#12",
        "https://evil.example",
        "www.evil.example",
        "[a](http://b)",
        "$x$",
        "*a* _b_ ~c~",
        "\\",
        "\"",
        "'",
        "\t",
        "  ",
        "漢é",
    ]);
    let long = (1..longest).prop_map(|count| "x".repeat(count));
    let piece = prop_oneof![
        8 => known.prop_map(str::to_owned),
        2 => any::<char>().prop_map(String::from),
        1 => long,
    ];
    let pieces = prop::collection::vec(piece, 0..8);
    (pieces, 0_usize..8).prop_map(|(mut pieces, at)| {
        pieces.insert(at.min(pieces.len()), MARK.to_owned());
        pieces.concat()
    })
}

fn written(write: impl FnOnce(&mut Vec<u8>) -> io::Result<()>) -> String {
    super::text(write)
}

fn plain(write: impl FnOnce(&mut Text<'_>) -> io::Result<()>) -> String {
    written(|out| write(&mut Text::new(out, Style::Plain)))
}

/// Everything that people read, without the guard that stands behind it.
fn texts() -> Outputs {
    let (header, plan) = (header(), samples::every_case());
    let (reported, report) = samples::report();
    let (stopped, why) = samples::stopped();
    vec![
        ("header", plain(|text| text.header(&header))),
        ("diff", plain(|text| text.plan(&plan))),
        ("apply", plain(|text| text.report(&reported, &report))),
        (
            "apply, blocked",
            plain(|text| text.plan(&stopped).and_then(|()| text.blocked(&why))),
        ),
        ("apply, moved", plain(|text| text.moved(&[samples::movement()]))),
        (
            "rights",
            plain(|text| text.missing_acls(&header, &samples::denied_plan().missing_acls())),
        ),
        (
            "describe",
            plain(|text| text.description(&samples::description())),
        ),
        (
            "describe, unknown",
            plain(|text| text.description(&samples::hardly_known())),
        ),
        (
            "describe, wide",
            plain(|text| text.description(&samples::wide_overview())),
        ),
        (
            "describe, differing",
            plain(|text| text.description(&samples::differing())),
        ),
        ("validate", plain(|text| text.validated(&samples::valid(), true))),
        ("problems", samples::invalid().to_string()),
        (
            "tail",
            plain(|text| {
                samples::records()
                    .iter()
                    .try_for_each(|record| text.record(record))
            }),
        ),
        (
            "trace",
            plain(|text| samples::stories().iter().try_for_each(|story| text.story(story))),
        ),
        ("publish", plain(|text| text.published(&samples::published()))),
        ("monitor", plain(|text| text.view(&samples::busy()))),
    ]
}

fn documents() -> Outputs {
    let (header, plan) = (header(), samples::every_case());
    let (reported, report) = samples::report();
    let applied = Applied {
        plan: &reported,
        report: &report,
        ending: Ending::Moved(&[samples::movement()]),
    };
    let (checked, problems) = samples::problems();
    let file = problems.first().map_or("", |problem| &*problem.file);
    let tail = |out: &mut Vec<u8>| {
        let records = samples::records();
        records
            .iter()
            .try_for_each(|record| json::event_record(out, record))
    };
    vec![
        ("plan", written(|out| json::plan(out, &header, &plan))),
        ("report", written(|out| json::report(out, &header, applied))),
        (
            "description",
            written(|out| json::description(out, &header, &samples::description())),
        ),
        (
            "look",
            written(|out| json::description_line(out, &header, &samples::description())),
        ),
        (
            "validation",
            written(|out| json::validation(out, Ok(&samples::valid()))),
        ),
        (
            "problems",
            written(|out| json::validation(out, Err(&samples::invalid()))),
        ),
        (
            "events",
            written(|out| json::events_checked(out, file, checked, &problems)),
        ),
        (
            "published",
            written(|out| json::published(out, &header, &samples::published())),
        ),
        (
            "trace",
            written(|out| json::story(out, &header, &samples::stories()[0])),
        ),
        ("tail", written(tail)),
        (
            "monitor",
            written(|out| json::sample(out, &header, &samples::busy())),
        ),
        ("record", samples::record().concat()),
    ]
}

fn guarded(text: &str) -> String {
    written(|out| OutputGuard::new(out, Style::Plain).write_all(text.as_bytes()))
}

fn refute(holds: bool, name: &str, why: &str, text: &str) -> Result<(), TestCaseError> {
    if holds {
        return Ok(());
    }
    let lines: Vec<&str> = text.lines().filter(|line| line.contains(MARK)).take(8).collect();
    Err(TestCaseError::fail(format!("{name}: {why}\n{lines:#?}")))
}

/// What holds for everything that reaches a terminal or a log.
fn commands_nothing(name: &str, text: &str) -> Result<(), TestCaseError> {
    let controls = |c: char| c != '\n' && is_unseen(c);
    refute(!text.contains(controls), name, "a control character", text)?;
    refute(!text.contains("##["), name, "a command", text)?;
    refute(!text.contains("##vso["), name, "a command", text)?;
    let is_command = |line: &str| line.trim_start().starts_with("::");
    refute(!guarded(text).lines().any(is_command), name, "a command", text)
}

fn same_lines(name: &str, text: &str, ordinary: &[(&str, String)]) -> Result<(), TestCaseError> {
    let expected = ordinary.iter().find(|(other, _)| *other == name);
    let expected = expected.map(|(_, text)| text.lines().count());
    refute(
        expected == Some(text.lines().count()),
        name,
        "a line of its own",
        text,
    )
}

fn ordinary(outputs: impl FnOnce() -> Outputs) -> Outputs {
    with_foreign(MARK, outputs)
}

#[test]
fn text_commands_nothing() {
    let ordinary = ordinary(texts);
    fuzz("foreign text as text", 24, &hostile(600), |words| {
        for (name, text) in with_foreign(&words, texts) {
            commands_nothing(name, &text)?;
            same_lines(name, &text, &ordinary)?;
        }
        Ok(())
    });
}

#[test]
fn json_commands_nothing_and_loses_nothing() {
    let ordinary = ordinary(documents);
    fuzz("foreign text as JSON", 16, &hostile(600), |words| {
        for (name, text) in with_foreign(&words, documents) {
            commands_nothing(name, &text)?;
            same_lines(name, &text, &ordinary)?;
            refute(guarded(&text) == text, name, "the guard changed it", &text)?;
        }
        let tail = with_foreign(&words, || {
            documents().into_iter().find(|(name, _)| *name == "tail")
        });
        let (_, tail) = tail.unwrap_or_default();
        let first: serde_json::Value = serde_json::from_str(tail.lines().next().unwrap_or_default()).unwrap();
        let key = first["key"].as_str().unwrap_or_default();
        prop_assert!(key.starts_with(&words), "{:?} is not {:?}", key, words);
        Ok(())
    });
}

#[test]
fn metrics_command_nothing() {
    let metrics = || vec![("metrics", exposition::cluster(&samples::busy()))];
    let ordinary = ordinary(metrics);
    fuzz("foreign text as metrics", 48, &hostile(600), |words| {
        for (name, text) in with_foreign(&words, metrics) {
            // Prometheus gets a group's name as it is, and no runner of CI reads an answer to a scraper. Of any number of
            // these signs at most one is left.
            commands_nothing(name, &text.replace("##", ""))?;
            same_lines(name, &text, &ordinary)?;
        }
        Ok(())
    });
}

#[test]
fn the_live_view_commands_nothing() {
    fuzz("foreign text on the screen", 24, &hostile(600), |words| {
        let screen = with_foreign(&words, || screen_of(samples::busy(), &header().address));
        let controls = |c: char| c != '\n' && is_unseen(c);
        refute(
            !screen.contains(controls),
            "screen",
            "a control character",
            &screen,
        )
    });
}

#[test]
fn markdown_has_foreign_words_as_code_only() {
    let pages = || {
        let page = |plan| written(|out| markdown::plan(out, &header(), plan, None));
        let pages = [samples::every_case(), samples::denied_plan(), samples::in_sync()];
        let [all, denied, in_sync] = pages.each_ref().map(page);
        vec![("every case", all), ("denied", denied), ("in sync", in_sync)]
    };
    let ordinary = ordinary(pages);
    fuzz("foreign text as Markdown", 32, &hostile(40), |words| {
        for (name, page) in with_foreign(&words, pages) {
            commands_nothing(name, &page)?;
            same_lines(name, &page, &ordinary)?;
            let is_shell = |line: &&str| line.starts_with("```") || line.starts_with("kafka-acls ");
            for line in page.lines().filter(|line| !is_shell(line)) {
                is_no_markup(name, line)?;
            }
        }
        Ok(())
    });
}

/// What is left of a line without its code is ours, or is escaped: no tags but ours, no links, no mentions.
fn is_no_markup(name: &str, line: &str) -> Result<(), TestCaseError> {
    let own = without_code(line).replace("<!-- -->", "\u{1}");
    let own = without_escapes(&own);
    let tags = [
        "<details>",
        "</details>",
        "<summary>",
        "</summary>",
        "<b>",
        "</b>",
    ];
    let own = tags.iter().fold(own, |own, tag| own.replace(tag, ""));
    for markup in ["<", "](", "://", "www.", "`", "|", "$x", "@k", "#1"] {
        refute(!own.contains(markup), name, &format!("{markup} in {own:?}"), line)?;
    }
    Ok(())
}

fn without_escapes(text: &str) -> String {
    let mut characters = text.chars();
    let mut kept = String::new();
    while let Some(character) = characters.next() {
        match character {
            '\\' => _ = characters.next(),
            other => kept.push(other),
        }
    }
    kept
}

/// As `CommonMark` has it: a run of backticks ends with the next run of the same length.
fn without_code(line: &str) -> String {
    let mut kept = String::new();
    let mut rest = line;
    while let Some(start) = rest.find(['`', '\\']) {
        let (before, from) = rest.split_at(start);
        kept.push_str(before);
        if from.starts_with('\\') {
            let length: usize = from.chars().take(2).map(char::len_utf8).sum();
            kept.push_str(&from[..length]);
            rest = &from[length..];
            continue;
        }
        let inside = from.trim_start_matches('`');
        let fence = &from[..from.len() - inside.len()];
        if let Some(end) = end_of_code(inside, fence.len()) {
            rest = &inside[end..];
        } else {
            kept.push_str(fence);
            rest = inside;
        }
    }
    kept + rest
}

fn end_of_code(inside: &str, fence: usize) -> Option<usize> {
    let mut at = 0;
    while let Some(start) = inside[at..].find('`') {
        let run = inside[at + start..]
            .bytes()
            .take_while(|byte| *byte == b'`')
            .count();
        at += start + run;
        if run == fence {
            return Some(at);
        }
    }
    None
}
