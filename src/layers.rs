//! Holds the order of the rooms of `src/`, and of the layers of the admin client: a room names only rooms below it.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// The rooms, each with those that it may name.
const ROOMS: [(&str, &[&str]); 15] = [
    ("bounded_read", &[]),
    ("model", &[]),
    ("connection", &["bounded_read", "model"]),
    ("manifest", &["bounded_read", "model"]),
    ("plan", &["model"]),
    ("admin", &["connection", "model"]),
    ("saved", &["model", "plan"]),
    ("inspect", &["admin", "model", "plan"]),
    ("prepare", &["admin", "inspect", "model", "plan"]),
    ("apply", &["admin", "inspect", "model", "plan", "prepare"]),
    ("events", &["bounded_read", "connection", "model"]),
    ("monitor", &["admin", "events", "inspect", "model", "plan"]),
    (
        "render",
        &[
            "apply", "events", "inspect", "manifest", "model", "monitor", "plan", "saved",
        ],
    ),
    ("cli", &["connection", "events", "model", "plan"]),
    (
        "command",
        &[
            "admin",
            "apply",
            "bounded_read",
            "cli",
            "connection",
            "events",
            "inspect",
            "manifest",
            "model",
            "monitor",
            "plan",
            "prepare",
            "render",
            "saved",
        ],
    ),
];

/// The layers of `admin/client`, from the wire up. Each names only those before it.
const CLIENT_LAYERS: [&str; 5] = ["transport", "protocol", "session", "dispatch", "ops"];

fn source() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("src")
}

/// The Rust files of a room (a folder, a file or both) that are no tests.
fn files(room: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let file = room.with_extension("rs");
    if file.is_file() {
        found.push(file);
    }
    let Ok(entries) = fs::read_dir(room) else {
        return found;
    };
    for entry in entries {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        if name.contains("tests") {
            continue;
        }
        if path.is_dir() {
            found.extend(files(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
    found.sort();
    found.dedup();
    found
}

/// What follows `prefix` in the code of a file; comments and inline tests do not count.
fn named(file: &Path, prefix: &str) -> BTreeSet<String> {
    let text = fs::read_to_string(file).unwrap();
    let code = text.split("#[cfg(test)]\nmod tests {").next().unwrap();
    let lines = code.lines().filter(|line| !line.trim_start().starts_with("//"));
    lines
        .flat_map(|line| line.split(prefix).skip(1))
        .map(|rest| {
            let end = rest.find(|letter: char| !letter.is_ascii_lowercase() && letter != '_');
            rest[..end.unwrap_or(rest.len())].to_owned()
        })
        .filter(|name| !name.is_empty())
        .collect()
}

/// What a room names and may not.
fn forbidden(room: &Path, prefix: &str, others: &[&str], allowed: &[&str]) -> Vec<String> {
    let files = files(room);
    assert!(!files.is_empty(), "{} has no files", room.display());
    let mut found = Vec::new();
    for file in files {
        for name in named(&file, prefix) {
            if others.contains(&&*name) && !allowed.contains(&&*name) {
                let file = file.strip_prefix(source()).unwrap().display();
                found.push(format!("{file} names {name}"));
            }
        }
    }
    found
}

#[test]
fn a_room_names_only_the_rooms_below_it() {
    let rooms: Vec<&str> = ROOMS.iter().map(|(room, _)| *room).collect();
    let mut found = Vec::new();
    for (place, (room, allowed)) in ROOMS.iter().enumerate() {
        let below = &rooms[..place];
        assert!(allowed.iter().all(|other| below.contains(other)), "{room}");
        let itself = [allowed, &[*room][..]].concat();
        found.extend(forbidden(&source().join(room), "crate::", &rooms, &itself));
    }
    assert_eq!(found, Vec::<String>::new());
}

#[test]
fn every_room_is_in_the_list() {
    let library = fs::read_to_string(source().join("lib.rs")).unwrap();
    let public: BTreeSet<&str> = library
        .lines()
        .filter_map(|line| line.strip_prefix("pub mod ")?.strip_suffix(';'))
        .collect();
    assert_eq!(public, ROOMS.iter().map(|(room, _)| *room).collect());
}

#[test]
fn a_layer_of_the_client_names_only_the_layers_below_it() {
    let client = source().join("admin/client");
    let mut found = Vec::new();
    for (place, layer) in CLIENT_LAYERS.iter().enumerate() {
        let allowed = &CLIENT_LAYERS[..=place];
        found.extend(forbidden(
            &client.join(layer),
            "crate::admin::client::",
            &CLIENT_LAYERS,
            allowed,
        ));
    }
    assert_eq!(found, Vec::<String>::new());
}
