//! Files and folders to bytes. The only part of the manifest that touches the disk.
//!
//! A folder stands for its `*.yaml` and `*.yml` files in the order of their names, without its
//! subfolders and without hidden files (editors and file systems leave such behind).

use std::collections::{BTreeSet, HashSet};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::problem::{Location, Problem};
use crate::bounded_read::{Accept, read_bounded};
use crate::model::Printable;

/// The largest file that is parsed, in bytes: 16 MiB, some 80,000 topics. Larger ones are refused unread.
pub const FILE_MAX: usize = 16 << 20;

/// A file of the manifest, read and not yet understood.
#[derive(Debug, Clone)]
pub struct ManifestFile {
    /// As the user named it; for a file in a folder, the folder joined with its name.
    pub name: Printable,
    /// Its content. More than [`FILE_MAX`] bytes are refused, so nobody needs to read further.
    pub bytes: Vec<u8>,
}

/// Reads every file, folders opened, each file once. What cannot be read becomes a problem, and what looks like a
/// manifest in a subfolder a warning.
pub(super) fn read(sources: &[PathBuf]) -> (Vec<ManifestFile>, Vec<Problem>) {
    let mut files = Vec::new();
    let mut problems = Vec::new();
    let mut seen = HashSet::new();
    for source in sources {
        let paths = match list(source) {
            Ok(paths) => paths,
            Err(problem) => {
                problems.push(*problem);
                continue;
            }
        };
        for path in paths {
            // A folder and a file in it, or the same file twice: declared once, so read once.
            let identity = fs::canonicalize(&path).unwrap_or_else(|_| path.clone());
            if !seen.insert(identity) {
                continue;
            }
            match read_file(&path) {
                Ok(file) => files.push(file),
                Err(problem) => problems.push(*problem),
            }
        }
    }
    problems.extend(unread(sources, &seen).into_iter().map(|name| {
        let message = "this file is not read: subfolders of a folder are not searched";
        Problem::warning(Location::File(name), message)
            .suggest("name it, or its folder, with another `--file`")
    }));
    (files, problems)
}

/// The files that a path stands for, as far as that can be told.
pub(super) fn list_or_itself(source: &Path) -> Vec<PathBuf> {
    list(source).unwrap_or_else(|_| vec![source.to_owned()])
}

fn list(source: &Path) -> Result<Vec<PathBuf>, Box<Problem>> {
    if !source.is_dir() {
        return Ok(vec![source.to_owned()]);
    }
    let mut paths = Vec::new();
    for entry in fs::read_dir(source).map_err(|error| Box::new(unreadable(source, &error)))? {
        let path = entry
            .map_err(|error| Box::new(unreadable(source, &error)))?
            .path();
        if is_manifest(&path) {
            paths.push(path);
        }
    }
    if paths.is_empty() {
        let message = "the folder holds no `*.yaml` or `*.yml` file";
        let problem = Problem::error(whole(source), message)
            .suggest("name the file itself, or another folder; subfolders are not searched");
        return Err(Box::new(problem));
    }
    paths.sort();
    Ok(paths)
}

fn is_manifest(path: &Path) -> bool {
    let yaml = path
        .extension()
        .is_some_and(|extension| extension == "yaml" || extension == "yml");
    yaml && !is_hidden(path) && !path.is_dir()
}

/// Folders in folders are looked into so deep, and so many entries of them.
const UNREAD_DEPTH: usize = 8;
const UNREAD_ENTRIES: usize = 10_000;

/// Files in subfolders of the folders given that look like manifests and are not read, in the order of their names.
/// What cannot be looked into is passed over.
fn unread(sources: &[PathBuf], read: &HashSet<PathBuf>) -> Vec<Printable> {
    let mut unread = BTreeSet::new();
    let mut left = UNREAD_ENTRIES;
    for folder in sources.iter().filter(|source| source.is_dir()) {
        let mut open = vec![(folder.clone(), 0)];
        while let Some((folder, depth)) = open.pop() {
            for path in entries(&folder, &mut left) {
                if path.is_dir() && depth < UNREAD_DEPTH && !is_hidden(&path) {
                    open.push((path, depth + 1));
                } else if depth > 0 && is_unread_manifest(&path, read) {
                    unread.insert(name_of(&path));
                }
            }
        }
    }
    unread.into_iter().collect()
}

fn entries(folder: &Path, left: &mut usize) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let entries: Vec<PathBuf> = entries.take(*left).map(|entry| entry.path()).collect();
    *left -= entries.len();
    entries
}

/// Other YAML lies beside manifests as well: what does not speak of topics is none.
fn is_unread_manifest(path: &Path, read: &HashSet<PathBuf>) -> bool {
    const WORD: &[u8] = b"topics";
    if !is_manifest(path) || !path.is_file() {
        return false;
    }
    let is_read = fs::canonicalize(path).is_ok_and(|path| read.contains(&path));
    let speaks = |file: ManifestFile| file.bytes.windows(WORD.len()).any(|text| text == WORD);
    !is_read && read_file(path).is_ok_and(speaks)
}

fn is_hidden(path: &Path) -> bool {
    path.file_name()
        .is_none_or(|name| name.as_encoded_bytes().starts_with(b"."))
}

fn read_file(path: &Path) -> Result<ManifestFile, Box<Problem>> {
    match read_bounded(path, Accept::RegularFileOrStream, FILE_MAX) {
        Ok(bytes) => Ok(ManifestFile {
            name: name_of(path),
            bytes,
        }),
        Err(error) => Err(Box::new(unreadable(path, &error))),
    }
}

fn unreadable(path: &Path, error: &io::Error) -> Problem {
    if error.kind() == io::ErrorKind::NotFound {
        return Problem::error(whole(path), "there is no such file or folder")
            .suggest("name the manifest with `--file`; without it, `topics.yaml` is read");
    }
    if error.kind() == io::ErrorKind::FileTooLarge {
        return too_large(whole(path));
    }
    Problem::error(whole(path), format!("cannot be read: {error}"))
}

fn whole(path: &Path) -> Location {
    Location::File(name_of(path))
}

fn name_of(path: &Path) -> Printable {
    Printable::path(path)
}

pub(super) fn too_large(whole: Location) -> Problem {
    Problem::error(whole, "the file is larger than 16 MiB, the most that is read")
        .suggest("split it: `--file` can be given several times, or a folder")
}
