//! Several files, folders, and files that cannot be read.

use std::fs;
use std::path::PathBuf;

use tempfile::TempDir;
use topicctl::manifest::{self, Manifest, Problems, Selection};

use crate::support::{assert_said, load, summary};

/// Files in a new folder.
fn folder(files: &[(&str, &[u8])]) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (name, bytes) in files {
        let path = folder.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
    }
    folder
}

fn read(folder: &TempDir, names: &[&str]) -> Result<Manifest, Problems> {
    let sources: Vec<PathBuf> = names.iter().map(|name| folder.path().join(name)).collect();
    manifest::load(&sources, &Selection::Unspecified, &|_| None)
}

/// Everything that is said, with the name of the folder taken out.
fn said(folder: &TempDir, names: &[&str]) -> String {
    let problems = read(folder, names).unwrap_err().to_string();
    problems.replace(folder.path().to_str().unwrap(), "FOLDER")
}

const ORDERS: &[u8] = b"version: 1\ntopics:\n  - name: orders\n";
const PAYMENTS: &[u8] = b"version: 1\ntopics:\n  - name: payments\n";

#[test]
fn a_folder_is_its_yaml_files_without_hidden_ones_and_subfolders() {
    let folder = folder(&[
        ("b.yml", ORDERS),
        ("a.yaml", PAYMENTS),
        (".#a.yaml", b"{"),
        ("notes.txt", b"{"),
        ("sub/c.yaml", b"{"),
        ("d.yaml/e.yaml", b"{"),
    ]);
    let manifest = read(&folder, &[""]).unwrap();
    let places: Vec<String> = manifest
        .desired
        .topics
        .values()
        .map(|topic| {
            format!("{} {}", topic.name, topic.place).replace(folder.path().to_str().unwrap(), "FOLDER")
        })
        .collect();
    assert_eq!(places, ["orders FOLDER/b.yml:3:5", "payments FOLDER/a.yaml:3:5"]);
}

#[test]
fn what_looks_like_a_manifest_in_a_subfolder_is_said_and_not_read() {
    let folder = folder(&[
        ("a.yaml", ORDERS),
        ("sub/deep/b.yml", PAYMENTS),
        ("sub/values.yaml", b"replicas: 3"),
        ("sub/broken.yaml", b"topics: {"),
        (".git/c.yaml", PAYMENTS),
        ("sub/.c.yaml", PAYMENTS),
        ("sub/notes.txt", PAYMENTS),
    ]);
    let said = |paths: &[&str]| {
        let manifest = read(&folder, paths).unwrap();
        let names = manifest.desired.other_names.unknown.len();
        let said = manifest.warnings.to_string();
        (names, said.replace(folder.path().to_str().unwrap(), "FOLDER"))
    };
    let (names, warnings) = said(&[""]);
    assert_eq!(names, 2);
    insta::assert_snapshot!(warnings, @"
    warning: FOLDER/sub/broken.yaml: this file is not read: subfolders of a folder are not searched
       = name it, or its folder, with another `--file`

    warning: FOLDER/sub/deep/b.yml: this file is not read: subfolders of a folder are not searched
       = name it, or its folder, with another `--file`
    ");
    assert_eq!(said(&["a.yaml"]), (0, String::new()));
}

#[test]
fn a_file_that_is_named_twice_is_read_once() {
    let folder = folder(&[("a.yaml", ORDERS), ("b.yaml", PAYMENTS)]);
    assert_eq!(
        read(&folder, &["", "a.yaml", "./b.yaml"])
            .unwrap()
            .desired
            .topics
            .len(),
        2
    );
}

#[test]
fn what_cannot_be_read_is_said_of_every_file() {
    let folder = folder(&[
        ("empty.yaml", b""),
        (
            "latin1.yaml",
            b"version: 1\ntopics:\n  - name: orders\n    description: \xfcber\n",
        ),
        ("utf16.yaml", b"\xff\xfev\0e\0r\0s\0"),
        ("nul.yaml", b"version: 1\n\0topics: []\n"),
        ("broken.yaml", b"version: 1\ntopics: [\n"),
        ("no yaml/readme.md", b""),
    ]);
    let names = [
        "missing.yaml",
        "no yaml",
        "empty.yaml",
        "latin1.yaml",
        "utf16.yaml",
        "nul.yaml",
        "broken.yaml",
    ];
    assert_said("several_files_that_cannot_be_read", &said(&folder, &names));
}

#[test]
fn files_merge_per_key() {
    let manifest = load(
        &[
            ("a.yaml", "version: 1\ndefaults:\n  partitions: 3\n  config: { segment.ms: 1d }\n  ignore: [a.*]\ntopics:\n  - name: orders\n"),
            ("b.yaml", "version: 1\ndefaults:\n  partitions: 3\n  retention: 7d\n  ignore: [b.*]\nprofiles:\n  dev: { replication: 1 }\ntopics:\n  - name: payments\n    profiles: { prod: { partitions: 6 } }\n"),
            ("c.yaml", "version: 1\nprofiles:\n  dev: { prefix: dev., client: { client.id: a } }\n  prod: {}\n"),
        ],
        None,
    )
    .unwrap();
    let topic = &manifest.desired.topics["dev.orders"];
    assert_eq!(
        summary(topic),
        [
            "partitions = 3 from a.yaml:3 (defaults)",
            "replication = 1 from b.yaml:7 (profile dev)",
            "retention.ms = 604800000 (7d) from b.yaml:4 (defaults)",
            "segment.ms = 86400000 (1d) from a.yaml:4 (defaults)",
        ]
    );
    assert_eq!(manifest.desired.topics.len(), 2);
    assert_eq!(manifest.client.len(), 1);
}

#[test]
fn files_that_differ_name_both_places() {
    let problems = load(
        &[
            (
                "a.yaml",
                "version: 1
defaults: { partitions: 3, retention: 7d, unlisted: keep, ignore: [a] }
profiles:
  dev:
    prefix: a.
    bootstrap: a:1
    cluster_id: a
    replication: 1
    client: { sasl.password: hunter2 }
  prod: { replication: 1 }
topics:
  - name: orders
",
            ),
            (
                "b.yaml",
                "version: 1
defaults: { partitions: 6, config: { retention.ms: 8d }, unlisted: reset, ignore: inherit }
profiles:
  dev:
    prefix: b.
    bootstrap: b:1
    cluster_id: b
    replication: 2
    client: { sasl.password: hunter3 }
  prod: { replication: 2 }
topics:
  - name: orders
",
            ),
        ],
        None,
    );
    let said = problems.unwrap_err().to_string();
    assert!(!said.contains("hunter"), "{said}");
    assert_said("several_files_that_differ", &said);
}

#[test]
fn nothing_is_said_to_be_missing_while_a_file_cannot_be_read() {
    let broken = [
        ("a.yaml", "version: 1\nprofiles: {\n"),
        (
            "b.yaml",
            "version: 1\ntopics:\n  - name: orders\n    profiles: { prod: {} }\n    partition: 3\n",
        ),
    ];
    let said = load(&broken, Some("prod")).unwrap_err().to_string();
    assert!(said.contains("unknown field `partition`"), "{said}");
    assert!(
        !said.contains("profile `prod`") && !said.contains("no profile"),
        "{said}"
    );
}

#[test]
fn every_file_says_its_version() {
    let said = load(
        &[
            ("a.yaml", "version: 1\n"),
            ("b.yaml", "topics:\n  - name: orders\n"),
        ],
        None,
    )
    .unwrap_err();
    assert_eq!(
        said.to_string(),
        "error: b.yaml:1:1: the file does not say its `version`\n   | topics:\n   = begin every file with `version: 1`"
    );
}
