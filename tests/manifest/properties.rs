//! What holds for every input.

use std::fmt::Write;

use proptest::prelude::*;
use topicctl::manifest::{self, ManifestFile, Selection};

use crate::support::{files, load};

const GOOD: &str = include_str!("../../topics.yaml");

/// Reading must end, in a manifest or in problems; everything that is said can be printed.
fn read(bytes: &[u8]) {
    let file = || {
        vec![ManifestFile {
            name: "topics.yaml".into(),
            bytes: bytes.to_vec(),
        }]
    };
    for selection in [Selection::Unspecified, Selection::Named("prod".to_owned())] {
        match manifest::load_files(file(), &selection, &|name| {
            (name.len() < 4).then(|| "x: [".to_owned())
        }) {
            Ok(manifest) => drop(format!("{manifest:?}")),
            Err(problems) => {
                assert!(problems.has_errors());
                assert!(problems.to_string().chars().all(|c| c == '\n' || !c.is_control()));
            }
        }
        let _ = manifest::check_files_without_environment(file(), &selection);
    }
}

/// Pieces that manifests and YAML are made of.
fn piece() -> impl Strategy<Value = String> {
    let words = [
        "version: 1\n",
        "topics:\n",
        "  - name: ",
        "orders",
        "\n",
        " ",
        "    ",
        "partitions: ",
        "3",
        "profiles:\n",
        "  dev:\n",
        "prod",
        "client:",
        "config:",
        "retention.ms",
        "retention: ",
        "7d",
        "[",
        "]",
        "{",
        "}",
        ",",
        ": ",
        "- ",
        "? ",
        "&a ",
        "*a",
        "<<: ",
        "!!str ",
        "|",
        ">",
        "'",
        "\"",
        "\\",
        "#",
        "%",
        "@",
        "`",
        "${X}",
        "${X:-y}",
        "$",
        "inherit",
        "~",
        "---\n",
        "...\n",
        "\t",
        "\r\n",
        "\u{feff}",
        "ü",
        "\u{2028}",
        "\u{85}",
        "password",
        "defaults:\n",
    ];
    prop::sample::select(words.map(str::to_owned).to_vec())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn no_text_panics(text in "\\PC{0,200}") {
        read(text.as_bytes());
    }

    #[test]
    fn no_bytes_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        read(&bytes);
    }

    #[test]
    fn nothing_like_a_manifest_panics(pieces in prop::collection::vec(piece(), 0..60)) {
        read(pieces.concat().as_bytes());
        read(format!("version: 1\ntopics:\n  - name: a\n    {}", pieces.concat()).as_bytes());
    }

    #[test]
    fn no_damage_to_a_good_manifest_panics(
        damages in prop::collection::vec((any::<prop::sample::Index>(), 0_usize..20, piece()), 1..6)
    ) {
        let mut text: Vec<char> = GOOD.chars().collect();
        for (at, length, piece) in damages {
            let start = at.index(text.len());
            let end = (start + length).min(text.len());
            text.splice(start..end, piece.chars());
        }
        read(text.into_iter().collect::<String>().as_bytes());
    }

    #[test]
    fn the_order_of_topics_and_of_files_means_nothing(
        order in Just((0..8_usize).collect::<Vec<_>>()).prop_shuffle(),
        split in 0_usize..8,
    ) {
        let topic = |index: usize| {
            let mut text = String::new();
            writeln!(text, "  - name: t{index}\n    partitions: {}", index + 1).unwrap();
            writeln!(text, "    config: {{ segment.ms: {}d, flush.ms: 1m }}", index + 1).unwrap();
            text
        };
        let meaning = |order: &[usize], split: usize| {
            let file = |order: &[usize]| {
                let topics: String = order.iter().map(|index| topic(*index)).collect();
                format!("version: 1\ntopics:\n{topics}")
            };
            let (first, second) = order.split_at(split);
            let manifest = load(&[("a.yaml", &file(first)), ("b.yaml", &file(second))], None).unwrap();
            let topics = manifest.desired.topics.values();
            let values = topics.map(|topic| {
                let lines = crate::support::summary(topic);
                let values: Vec<_> = lines.iter().map(|line| line.split(" from ").next().unwrap().to_owned()).collect();
                (topic.name.to_string(), values)
            });
            values.collect::<Vec<_>>()
        };
        prop_assert_eq!(meaning(&order, split), meaning(&[0, 1, 2, 3, 4, 5, 6, 7], 8));
    }

    #[test]
    fn a_name_is_accepted_if_and_only_if_kafka_accepts_it(name in "[a-zA-Z0-9._-]{1,260}|\\PC{1,20}") {
        let quoted = serde_json::to_string(&name.replace('$', "$$")).unwrap();
        let text = format!("version: 1\ntopics:\n  - name: {quoted}\n");
        let valid = topicctl::model::TopicName::new(&name).is_ok();
        let read = manifest::load_files(files(&[("topics.yaml", &text)]), &Selection::Unspecified, &|_| None);
        prop_assert_eq!(read.is_ok(), valid || name == "inherit", "{}", text);
    }
}
