//! Input made to exhaust memory or time is refused before it does.

use std::fmt::Write;
use std::fs;
use std::time::{Duration, Instant};

use topicctl::manifest::{self, FILE_MAX, ManifestFile, Selection};

use crate::support::{good, load, said};

/// Far above what any of these takes (well under a second), far below what the bombs would take.
const SOON: Duration = Duration::from_mins(1);

#[test]
fn a_20_mb_file_is_refused_unparsed() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("topics.yaml");
    let topic = "  - name: orders\n";
    fs::write(
        &path,
        format!("version: 1\ntopics:\n{}", topic.repeat(20_000_000 / topic.len())),
    )
    .unwrap();
    let problems = manifest::load(&[path], &Selection::Unspecified, &|_| None).unwrap_err();
    let said = problems
        .to_string()
        .replace(folder.path().to_str().unwrap(), "FOLDER");
    assert_eq!(
        said,
        "error: FOLDER/topics.yaml: the file is larger than 16 MiB, the most that is read\n   = split it: `--file` can be given several times, or a folder"
    );
}

#[test]
fn a_file_of_the_greatest_size_is_read() {
    let head = "version: 1\ntopics:\n  - name: orders\n# ";
    let text = format!("{head}{}", "x".repeat(FILE_MAX - head.len()));
    assert_eq!(good(&text, None).desired.topics.len(), 1);
    assert!(said(&format!("{text}x"), None).contains("larger than 16 MiB"));
}

#[test]
fn a_device_that_never_ends_is_refused() {
    let problems = manifest::load(&["/dev/zero".into()], &Selection::Unspecified, &|_| None).unwrap_err();
    assert!(problems.to_string().contains("larger than 16 MiB"), "{problems}");
}

/// Each would take hours, or all memory, if it were built or walked.
#[test]
fn bombs_are_refused_soon() {
    let mut wide = "version: 1\na0: &a0 [x]\n".to_owned();
    for level in 1..60 {
        let before = level - 1;
        writeln!(wide, "a{level}: &a{level} [*a{before}, *a{before}]").unwrap();
    }
    let mut deep = "version: 1\na0: &a0 [x]\n".to_owned();
    for level in 1..5_000 {
        writeln!(deep, "a{level}: &a{level} [*a{}]", level - 1).unwrap();
    }
    let long = format!(
        "version: 1\na: &a {}\nb: [{}]\n",
        "x".repeat(1 << 20),
        "*a, ".repeat(100_000)
    );
    let cases = [
        ("aliases of aliases", wide, "more than a manifest may hold"),
        ("a ladder of aliases", deep, "more than 64 levels"),
        ("a long text repeated", long, "more than a manifest may hold"),
        ("brackets", "[".repeat(1 << 19), "nests"),
        ("braces", "{a: ".repeat(1 << 18), "nests"),
        ("dashes", "- ".repeat(1 << 20), "more than 64 levels"),
        ("question marks", "? ".repeat(1 << 20), "more than 64 levels"),
        (
            "a flat list",
            format!("[{}]", "a,".repeat(1 << 21)),
            "inside brackets",
        ),
    ];
    for (name, text, expected) in cases {
        let start = Instant::now();
        let said = said(&text, None);
        assert!(said.contains(expected), "{name}: {said}");
        assert!(start.elapsed() < SOON, "{name} took {:?}", start.elapsed());
    }
}

#[test]
fn problems_beyond_ten_thousand_are_counted() {
    let mut text = "version: 1\ntopics:\n".to_owned();
    for index in 0..10_050 {
        writeln!(text, "  - {{ name: t{index}, partition: 3 }}").unwrap();
    }
    let problems = load(&[("topics.yaml", &text)], None).unwrap_err();
    assert_eq!((problems.problems.len(), problems.omitted), (10_000, 50));
    assert!(problems.to_string().ends_with("\n\n… and 50 more"));
}

#[test]
fn text_that_an_alias_repeats_is_wrong_once() {
    let again = "  - { name: b, config: *c }\n";
    let text = format!("version: 1\ntopics:\n  - {{ name: a, config: &c {{ segment.ms: x }} }}\n{again}");
    assert_eq!(said(&text, None).matches("error:").count(), 1);
}

#[test]
fn ten_thousand_topics_are_read() {
    let mut text =
        "version: 1\ndefaults: { partitions: 3 }\nprofiles: { dev: { prefix: dev. } }\ntopics:\n".to_owned();
    for index in 0..10_000 {
        writeln!(
            text,
            "  - name: t{index}\n    retention: {}d\n    config:\n      segment.bytes: 256MiB",
            index % 30 + 1
        )
        .unwrap();
    }
    let manifest = good(&text, None);
    assert_eq!(manifest.desired.topics.len(), 10_000);
    assert_eq!(manifest.warnings.to_string(), "");
}

#[test]
fn invalid_utf_8_has_a_place() {
    let file = |bytes: &[u8]| {
        vec![ManifestFile {
            name: "topics.yaml".into(),
            bytes: bytes.to_vec(),
        }]
    };
    let said = |bytes: &[u8]| {
        manifest::load_files(file(bytes), &Selection::Unspecified, &|_| None)
            .unwrap_err()
            .to_string()
    };
    let at = |place: &str| {
        format!("error: topics.yaml:{place}: byte 0xff is not UTF-8\n   = save the file as UTF-8")
    };
    assert_eq!(said(b"\xff"), at("1:1"));
    assert_eq!(
        said(
            "ü: 1\r\nü\u{feff}x"
                .as_bytes()
                .iter()
                .chain(b"\xff")
                .copied()
                .collect::<Vec<u8>>()
                .as_slice()
        ),
        at("2:3")
    );
}
