//! Files that were never meant to be read, or were damaged on their way: whatever they hold, reading them
//! ends soon, in a manifest or in problems, and every problem has its place inside the file.

use std::path::Path;
use std::time::{Duration, Instant};

use proptest::prelude::*;
use proptest::sample::Index;
use proptest::test_runner::TestCaseError;
use topicctl::manifest::{self, ManifestFile, Problems, Selection};

use crate::fuzz::fuzz;

/// Far above what some kilobytes take on a busy machine.
const A_WHILE: Duration = Duration::from_secs(10);

/// Reads a file as every command would, and looks at everything that is said of it.
fn survives(bytes: &[u8]) -> Result<(), TestCaseError> {
    let file = || {
        vec![ManifestFile {
            name: "topics.yaml".into(),
            bytes: bytes.to_vec(),
        }]
    };
    let environment = |name: &str| (name.len() < 4).then(|| "x: [".to_owned());
    let began = Instant::now();
    for selection in [Selection::Unspecified, Selection::Named("prod".to_owned())] {
        match manifest::load_files(file(), &selection, &environment) {
            Ok(manifest) => {
                drop(format!("{manifest:?}"));
                prop_assert!(!manifest.warnings.has_errors());
                lies_inside(bytes, &manifest.warnings)?;
            }
            Err(problems) => {
                prop_assert!(problems.has_errors());
                lies_inside(bytes, &problems)?;
            }
        }
        match manifest::check_files_without_environment(file(), &selection) {
            Ok(checked) => lies_inside(bytes, &checked.warnings)?,
            Err(problems) => lies_inside(bytes, &problems)?,
        }
    }
    prop_assert!(began.elapsed() < A_WHILE, "took {:?}", began.elapsed());
    Ok(())
}

/// What concerns no place in particular.
const OF_THE_WHOLE_FILE: [&str; 5] = [
    "the file is empty",
    "the file is UTF-16",
    "there is no profile",
    "the manifest declares no topics",
    "marks of YAML inside brackets",
];

fn lies_inside(bytes: &[u8], problems: &Problems) -> Result<(), TestCaseError> {
    let text = String::from_utf8_lossy(bytes);
    let text = text.replace("\r\n", "\n").replace('\r', "\n");
    let lines: Vec<&str> = text.split('\n').collect();
    for problem in &problems.problems {
        let said = problem.to_string();
        prop_assert!(said.chars().all(|c| c == '\n' || !c.is_control()), "{said:?}");
        prop_assert_eq!(&**problem.location.file(), "topics.yaml");
        let place = problem.location.place();
        let is_whole = OF_THE_WHOLE_FILE
            .iter()
            .any(|words| problem.message.contains(words));
        prop_assert!(place.is_some() || is_whole, "no place: {said}");
        let related = problem.related.iter().map(|related| &related.place);
        for place in place.into_iter().chain(related) {
            let line = lines.get(usize::try_from(place.line).unwrap().wrapping_sub(1));
            let columns = line.map(|line| 1..=line.chars().count() + 1);
            let column = usize::try_from(place.column).unwrap();
            let is_inside = columns.is_some_and(|columns| columns.contains(&column));
            prop_assert!(
                is_inside,
                "{}:{} is not in the file: {said}",
                place.line,
                place.column
            );
        }
    }
    Ok(())
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
        "replication: ",
        "min_insync_replicas: 2\n",
        "cleanup: ",
        "compact",
        "state: absent\n",
        "aliases: [a, b]\n",
        "ignore: ['*']\n",
        "unlisted: keep\n",
        "prefix: dev.\n",
        "bootstrap: ",
        "cluster_id: x\n",
        "-9223372036854775808",
        "99999999999999999999",
        "1e400",
        "0x1F",
        "\u{0}",
        "\u{7f}",
        "\u{1b}[2J",
    ];
    prop::sample::select(words.map(str::to_owned).to_vec())
}

/// Files to damage: the repository's own, and all the wrong ones of the tests, which reach every message.
fn corpus() -> Vec<Vec<u8>> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let folder = root.join("tests/manifest/bad");
    let mut paths: Vec<_> = folder
        .read_dir()
        .unwrap()
        .map(|file| file.unwrap().path())
        .collect();
    paths.push(root.join("topics.yaml"));
    paths.sort();
    let read = |path: std::path::PathBuf| std::fs::read(path).unwrap();
    paths.into_iter().map(read).collect()
}

/// What happens to a file.
#[derive(Debug, Clone)]
enum Damage {
    Replace(Index, usize, Vec<u8>),
    Cut(Index),
    Repeat(Index, usize, usize),
    Splice(Index, Index, usize, Index),
    Flip(Index, u8),
}

impl Damage {
    fn any() -> impl Strategy<Value = Self> {
        let at = any::<Index>;
        prop_oneof![
            4 => (at(), 0..20_usize, piece())
                .prop_map(|(at, length, piece)| Self::Replace(at, length, piece.into_bytes())),
            1 => at().prop_map(Self::Cut),
            1 => (at(), 1..80_usize, 1..4_usize)
                .prop_map(|(at, length, times)| Self::Repeat(at, length, times)),
            2 => (at(), at(), 1..200_usize, at())
                .prop_map(|(file, from, length, to)| Self::Splice(file, from, length, to)),
            1 => (at(), any::<u8>()).prop_map(|(at, byte)| Self::Flip(at, byte)),
        ]
    }

    fn befall(&self, bytes: &mut Vec<u8>, corpus: &[Vec<u8>]) {
        let part = |at: &Index, length: usize, of: &[u8]| {
            let start = at.index(of.len() + 1);
            start..(start + length).min(of.len())
        };
        match self {
            Self::Replace(at, length, piece) => {
                let range = part(at, *length, bytes);
                bytes.splice(range, piece.iter().copied());
            }
            Self::Cut(at) => bytes.truncate(at.index(bytes.len() + 1)),
            Self::Repeat(at, length, times) => {
                let range = part(at, *length, bytes);
                let repeated = bytes[range.clone()].repeat(*times);
                bytes.splice(range, repeated);
            }
            Self::Splice(file, from, length, to) => {
                let other = &corpus[file.index(corpus.len())];
                let taken = other[part(from, *length, other)].to_vec();
                let start = to.index(bytes.len() + 1);
                bytes.splice(start..start, taken);
            }
            Self::Flip(at, byte) => {
                if let Some(flipped) = part(at, 1, bytes).next() {
                    bytes[flipped] ^= byte;
                }
            }
        }
    }
}

#[test]
fn no_text_panics() {
    fuzz("manifest text", 512, &"\\PC{0,200}", |text| {
        survives(text.as_bytes())
    });
}

#[test]
fn no_bytes_panic() {
    let bytes = prop::collection::vec(any::<u8>(), 0..200);
    fuzz("manifest bytes", 512, &bytes, |bytes| survives(&bytes));
}

#[test]
fn nothing_like_a_manifest_panics() {
    let pieces = prop::collection::vec(piece(), 0..60);
    fuzz("manifest pieces", 512, &pieces, |pieces| {
        survives(pieces.concat().as_bytes())?;
        survives(format!("version: 1\ntopics:\n  - name: a\n    {}", pieces.concat()).as_bytes())
    });
}

#[test]
fn no_damage_to_a_manifest_panics() {
    let corpus = corpus();
    let damages = (any::<Index>(), prop::collection::vec(Damage::any(), 1..6));
    fuzz("damaged manifests", 768, &damages, |(file, damages)| {
        let mut bytes = corpus[file.index(corpus.len())].clone();
        for damage in &damages {
            damage.befall(&mut bytes, &corpus);
        }
        survives(&bytes)
    });
}
