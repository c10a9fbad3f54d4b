//! Files that a run writes: never one that it reads from, and never through a link to somewhere else.

use std::fs::{self, File, Metadata, OpenOptions};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use rustix::fs::OFlags;

use super::connection::ConnectionSides;
use super::file;
use crate::cli::{ConnectionArgs, FileArgs};
use crate::manifest;
use crate::model::Printable;

/// The files that a run reads.
pub(super) struct Inputs(Vec<PathBuf>);

impl Inputs {
    /// The manifest's files, whether they are read or only lie there, those that flags name, and those of secrets,
    /// certificates and keys.
    pub(super) fn new(
        files: &FileArgs,
        connection: &ConnectionArgs,
        plan: Option<&Path>,
        sides: &ConnectionSides,
    ) -> Self {
        let mut paths = manifest::paths(&file::paths(files));
        paths.extend(sides.named_files());
        paths.extend(connection.command_config.clone());
        paths.extend(plan.map(Path::to_owned));
        Self(paths)
    }

    /// # Errors
    /// What was found is one of them, under whatever name.
    fn check(&self, found: &Metadata) -> io::Result<()> {
        let is_found = |path: &&PathBuf| {
            let input = fs::metadata(path);
            input.is_ok_and(|input| (input.dev(), input.ino()) == (found.dev(), found.ino()))
        };
        match self.0.iter().find(is_found) {
            Some(path) => Err(refused(format!(
                "it is {}, from which this run reads",
                Printable::path(path)
            ))),
            None => Ok(()),
        }
    }
}

/// Whether a plan can be written to this path: there is nothing, or a regular file that the run does not read.
///
/// # Errors
/// Why not.
pub(super) fn check_replaceable(path: &Path, inputs: &Inputs) -> io::Result<()> {
    let found = match fs::symlink_metadata(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        found => found?,
    };
    let kind = found.file_type();
    if kind.is_symlink() {
        return Err(refused(A_LINK));
    }
    if kind.is_dir() {
        return Err(refused("it is a folder"));
    }
    if !kind.is_file() {
        return Err(refused("it is no regular file"));
    }
    inputs.check(&found)
}

const A_LINK: &str = "it is a link; name the file itself";

/// A reader sees the old file or the new one and never half of either. Nobody else may read it: a plan
/// tells what a cluster holds.
pub(super) fn replace(path: &Path, text: &str, inputs: &Inputs) -> io::Result<()> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    let mut file = tempfile::NamedTempFile::new_in(folder.unwrap_or(Path::new(".")))?;
    file.write_all(text.as_bytes())?;
    file.as_file().sync_all()?;
    check_replaceable(path, inputs)?;
    file.persist(path)?;
    Ok(())
}

/// A file to append to.
pub(super) struct Appended {
    pub(super) file: File,
    is_regular: bool,
}

impl Appended {
    /// Opens it, whatever others append meanwhile. A pipe, a terminal and what `>(…)` gives take lines as well. A
    /// line that a killed run left half is ended first, so that it spoils no other.
    ///
    /// # Errors
    /// Why it cannot be appended to.
    pub(super) fn open(path: &Path, inputs: &Inputs) -> io::Result<Self> {
        let is_stream = fs::metadata(path).is_ok_and(|found| !found.is_file() && !found.is_dir());
        let mut file = if is_stream {
            OpenOptions::new().append(true).open(path)?
        } else {
            open_regular(path)?
        };
        let found = file.metadata()?;
        inputs.check(&found)?;
        if found.is_file() {
            end_line(&mut file, found.len())?;
        }
        Ok(Self {
            file,
            is_regular: found.is_file(),
        })
    }

    /// Lines outlive the machine's power from here on, where there is something that could keep them.
    pub(super) fn sync(&self) -> io::Result<()> {
        if self.is_regular {
            self.file.sync_data()
        } else {
            Ok(())
        }
    }
}

/// A link is not followed: who placed it would decide which file grows. `/dev/stdout` is one of the system's.
fn open_regular(path: &Path) -> io::Result<File> {
    let is_system_link = path.starts_with("/dev") || path.starts_with("/proc");
    let is_link = fs::symlink_metadata(path).is_ok_and(|found| found.is_symlink());
    if is_link && !is_system_link {
        return Err(refused(A_LINK));
    }
    let flags = if is_system_link {
        OFlags::empty()
    } else {
        OFlags::NOFOLLOW
    };
    let mut options = OpenOptions::new();
    options.read(true).append(true).create(true).mode(0o600);
    options.custom_flags(i32::try_from(flags.bits()).unwrap_or_default());
    match options.open(path) {
        // Opened for writing only by whoever redirected it.
        Err(error) if is_system_link && error.kind() == io::ErrorKind::PermissionDenied => {
            OpenOptions::new().append(true).open(path)
        }
        opened => opened,
    }
}

fn end_line(file: &mut File, length: u64) -> io::Result<()> {
    if length == 0 {
        return Ok(());
    }
    file.seek(SeekFrom::Start(length - 1))?;
    let mut last = [0];
    file.read_exact(&mut last)?;
    if last == *b"\n" {
        Ok(())
    } else {
        file.write_all(b"\n")
    }
}

fn refused(why: impl Into<String>) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidInput, why.into())
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::{PermissionsExt, symlink};

    use super::*;

    fn said<T>(result: io::Result<T>) -> String {
        result.err().map_or_else(String::new, |error| error.to_string())
    }

    #[test]
    fn a_plan_replaces_regular_files_that_are_not_read() {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        for name in ["topics.yaml", "old.json"] {
            fs::write(path(name), "x").unwrap();
        }
        fs::hard_link(path("topics.yaml"), path("same.json")).unwrap();
        symlink(path("old.json"), path("link.json")).unwrap();
        symlink(path("nowhere"), path("dangling.json")).unwrap();
        rustix::fs::mknodat(
            rustix::fs::CWD,
            path("pipe"),
            rustix::fs::FileType::Fifo,
            rustix::fs::Mode::RWXU,
            0,
        )
        .unwrap();
        let inputs = Inputs(vec![path("topics.yaml")]);
        let check = |name: &str| said(check_replaceable(&path(name), &inputs));
        assert_eq!(check("new.json"), "");
        assert_eq!(check("old.json"), "");
        assert_eq!(check("link.json"), A_LINK);
        assert_eq!(check("dangling.json"), A_LINK);
        assert_eq!(check("pipe"), "it is no regular file");
        assert_eq!(check("."), "it is a folder");
        for same in ["topics.yaml", "same.json"] {
            assert!(
                check(same).ends_with("topics.yaml, from which this run reads"),
                "{}",
                check(same)
            );
        }
        assert_eq!(
            said(check_replaceable(Path::new("/dev/null"), &inputs)),
            "it is no regular file"
        );
        assert_eq!(said(check_replaceable(Path::new("/dev/stdout"), &inputs)), A_LINK);
        replace(&path("old.json"), "y", &inputs).unwrap();
        assert_eq!(fs::read_to_string(path("old.json")).unwrap(), "y");
        assert!(replace(&path("topics.yaml"), "y", &inputs).is_err());
        assert_eq!(fs::read_to_string(path("topics.yaml")).unwrap(), "x");
    }

    #[test]
    fn a_record_grows_only_where_it_was_meant_to() {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        fs::write(path("topics.yaml"), "x").unwrap();
        fs::write(path("half"), "half").unwrap();
        symlink(path("half"), path("link")).unwrap();
        let inputs = Inputs(vec![path("topics.yaml")]);
        let open = |name: &str| Appended::open(&path(name), &inputs);
        assert!(said(open("topics.yaml")).ends_with("from which this run reads"));
        assert_eq!(fs::read_to_string(path("topics.yaml")).unwrap(), "x");
        assert_eq!(said(open("link")), A_LINK);
        open("half").unwrap().file.write_all(b"whole\n").unwrap();
        assert_eq!(fs::read_to_string(path("half")).unwrap(), "half\nwhole\n");
        open("new").unwrap().sync().unwrap();
        assert_eq!(
            fs::metadata(path("new")).unwrap().permissions().mode() & 0o777,
            0o600
        );
        Appended::open(Path::new("/dev/null"), &inputs)
            .unwrap()
            .sync()
            .unwrap();
    }
}
