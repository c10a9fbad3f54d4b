//! Files and folders to bytes. The only part of the manifest that touches the disk.
//!
//! A folder stands for its `*.yaml` and `*.yml` files in the order of their names, without its
//! subfolders and without hidden files (editors and file systems leave such behind).

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::problem::{Location, Problem};
use super::text::{FILE_MAX, too_large};
use crate::bounded_read::{Accept, read_bounded};
use crate::model::Printable;

/// A file of the manifest, read and not yet understood.
#[derive(Debug, Clone)]
pub struct ManifestFile {
    /// As the user named it; for a file in a folder, the folder joined with its name.
    pub name: Printable,
    /// Its content. More than [`FILE_MAX`] bytes are refused, so nobody needs to read further.
    pub bytes: Vec<u8>,
}

/// Reads every file, folders opened, each file once. What cannot be read becomes a problem.
pub(super) fn read(sources: &[PathBuf]) -> (Vec<ManifestFile>, Vec<Problem>) {
    let mut files = Vec::new();
    let mut problems = Vec::new();
    let mut seen = std::collections::HashSet::new();
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
    let hidden = path
        .file_name()
        .is_none_or(|name| name.as_encoded_bytes().starts_with(b"."));
    let yaml = path
        .extension()
        .is_some_and(|extension| extension == "yaml" || extension == "yml");
    yaml && !hidden && !path.is_dir()
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
