//! Files from disk, with a limit: the one way in which topicctl reads a file whole. A file that somebody else names
//! must not cost memory without end (`/dev/zero`), wait for ever (a pipe that nobody writes to), or show what the
//! kernel tells about this process (`/proc/self/environ`).
//!
//! It depends on nothing else here, and everything that reads files may use it.

use std::fs::{self, File, Metadata, OpenOptions};
use std::io::{self, Read};
use std::os::unix::fs::{FileTypeExt, OpenOptionsExt};
use std::path::Path;

/// What a path may lead to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Accept {
    /// A regular file that lies on a disk, after links are followed: nothing under `/proc`, `/sys` and `/dev`, also
    /// where those are mounted elsewhere.
    RegularFile,
    /// That, or a stream: `-f <(…)`, `/dev/stdin`, a named pipe. Reading waits until the other end is closed.
    RegularFileOrStream,
}

/// The bytes of a file, and never more than `limit` of them.
///
/// # Errors
/// The system's words; or, of kind [`io::ErrorKind::InvalidInput`], that it is no file that is accepted; or, of kind
/// [`io::ErrorKind::FileTooLarge`], that it has more bytes. A regular file that is too large is not read at all.
pub fn read_bounded(path: &Path, accept: Accept, limit: usize) -> io::Result<Vec<u8>> {
    let file = match accept {
        Accept::RegularFile => open_regular(path)?,
        Accept::RegularFileOrStream => File::open(path)?,
    };
    let metadata = file.metadata()?;
    if metadata.is_dir() {
        return Err(refused("it is a folder"));
    }
    let expected = usize::try_from(metadata.len()).unwrap_or(usize::MAX);
    if metadata.is_file() && expected > limit {
        return Err(too_large(limit));
    }
    read_stream_bounded(file, expected.min(limit), limit)
}

/// As [`read_bounded`], for what is open already. `expected`: so many bytes are probably there.
///
/// # Errors
/// As [`read_bounded`].
pub fn read_stream_bounded(stream: impl Read, expected: usize, limit: usize) -> io::Result<Vec<u8>> {
    // Room for all of it at once: a buffer that grows leaves copies of a secret behind. One byte past the limit is
    // enough to know that there is more.
    let mut bytes = Vec::with_capacity(expected.min(limit).saturating_add(1));
    stream.take(limit as u64 + 1).read_to_end(&mut bytes)?;
    if bytes.len() > limit {
        return Err(too_large(limit));
    }
    Ok(bytes)
}

/// Looks before it opens: to open a device can have an effect, and to open a pipe can wait for ever.
fn open_regular(path: &Path) -> io::Result<File> {
    let real = fs::canonicalize(path)?;
    check_regular(&fs::metadata(&real)?)?;
    if ["/proc", "/sys", "/dev"]
        .iter()
        .any(|kernels| real.starts_with(kernels))
    {
        return Err(refused("files under /proc, /sys and /dev are not read"));
    }
    // Not followed and not waited for: what lies there may have been replaced meanwhile.
    let flags = rustix::fs::OFlags::NOFOLLOW | rustix::fs::OFlags::NONBLOCK;
    let file = OpenOptions::new()
        .read(true)
        .custom_flags(i32::try_from(flags.bits()).unwrap_or_default())
        .open(&real)?;
    check_regular(&file.metadata()?)?;
    if is_kernels(&file)? {
        return Err(refused(
            "it is made by the kernel, as files under /proc and /sys are",
        ));
    }
    Ok(file)
}

fn check_regular(metadata: &Metadata) -> io::Result<()> {
    let kind = metadata.file_type();
    let what = if kind.is_file() {
        return Ok(());
    } else if kind.is_dir() {
        "it is a folder"
    } else if kind.is_fifo() {
        "it is a pipe, not a regular file"
    } else if kind.is_socket() {
        "it is a socket, not a regular file"
    } else {
        "it is a device, not a regular file"
    };
    Err(refused(what))
}

/// Containers have `/proc` and `/sys` of their host under other names.
#[cfg(target_os = "linux")]
fn is_kernels(file: &File) -> io::Result<bool> {
    /// From linux/magic.h: sysfs, debugfs, tracefs, securityfs, cgroup, cgroup2, and that of processes.
    const SYSTEMS: [u64; 6] = [
        0x6265_6572,
        0x6462_6720,
        0x7472_6163,
        0x7363_6673,
        0x0027_e0eb,
        0x6367_7270,
    ];
    let kind = rustix::fs::fstatfs(file)?.f_type;
    let of_processes = kind == rustix::fs::PROC_SUPER_MAGIC;
    Ok(of_processes || u64::try_from(kind).is_ok_and(|kind| SYSTEMS.contains(&kind)))
}

#[cfg(not(target_os = "linux"))]
fn is_kernels(_file: &File) -> io::Result<bool> {
    Ok(false)
}

fn refused(why: &'static str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidInput, why)
}

fn too_large(limit: usize) -> io::Error {
    let limit = match limit {
        mebibytes if mebibytes >= 1 << 20 => format!("{} MiB", mebibytes >> 20),
        bytes => format!("{bytes} bytes"),
    };
    io::Error::new(
        io::ErrorKind::FileTooLarge,
        format!("it is larger than {limit}, which is the limit"),
    )
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::symlink;
    use std::os::unix::net::UnixListener;

    use super::*;

    fn said(path: impl AsRef<Path>, accept: Accept) -> String {
        match read_bounded(path.as_ref(), accept, 10) {
            Ok(bytes) => format!("{} bytes", bytes.len()),
            Err(error) => error.to_string(),
        }
    }

    #[test]
    fn a_file_is_read_up_to_its_limit() {
        let folder = tempfile::tempdir().unwrap();
        let (path, link) = (folder.path().join("file"), folder.path().join("link"));
        symlink("file", &link).unwrap();
        for (size, expected) in [
            (0, "0 bytes"),
            (10, "10 bytes"),
            (11, "it is larger than 10 bytes, which is the limit"),
        ] {
            fs::write(&path, vec![b'x'; size]).unwrap();
            for accept in [Accept::RegularFile, Accept::RegularFileOrStream] {
                assert_eq!(said(&path, accept), expected);
                assert_eq!(said(&link, accept), expected);
            }
        }
        fs::write(&path, vec![b'x'; 3 << 20]).unwrap();
        let error = read_bounded(&path, Accept::RegularFile, 2 << 20).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::FileTooLarge);
        assert_eq!(error.to_string(), "it is larger than 2 MiB, which is the limit");
    }

    /// The pipe has no writer: to open it would wait for ever.
    #[test]
    fn what_is_no_regular_file_is_not_opened() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        rustix::fs::mkfifoat(rustix::fs::CWD, at("pipe"), rustix::fs::Mode::RWXU).unwrap();
        symlink("pipe", at("to-pipe")).unwrap();
        symlink("/dev/zero", at("to-zero")).unwrap();
        symlink("/proc/self/environ", at("to-environ")).unwrap();
        let _socket = UnixListener::bind(at("socket")).unwrap();
        for (path, expected) in [
            (at("pipe"), "it is a pipe, not a regular file"),
            (at("to-pipe"), "it is a pipe, not a regular file"),
            (at("socket"), "it is a socket, not a regular file"),
            (at("to-zero"), "it is a device, not a regular file"),
            ("/dev/zero".into(), "it is a device, not a regular file"),
            (folder.path().into(), "it is a folder"),
            (at("to-environ"), "files under /proc, /sys and /dev are not read"),
            (
                "/proc/self/environ".into(),
                "files under /proc, /sys and /dev are not read",
            ),
            (
                "/proc/self/cwd/../../../../../proc/version".into(),
                "files under /proc, /sys and /dev are not read",
            ),
        ] {
            assert_eq!(said(&path, Accept::RegularFile), expected, "{}", path.display());
        }
        assert!(
            read_bounded(&at("none"), Accept::RegularFile, 10)
                .is_err_and(|e| e.kind() == io::ErrorKind::NotFound)
        );
    }

    /// Whatever name it has been given, as in a container that sees its host's.
    #[cfg(target_os = "linux")]
    #[test]
    fn what_the_kernel_makes_is_recognised_by_its_file_system() {
        for (path, expected) in [
            ("/proc/version", true),
            ("/sys/kernel", true),
            ("/", false),
            (".", false),
        ] {
            if let Ok(file) = File::open(path) {
                assert_eq!(is_kernels(&file).unwrap(), expected, "{path}");
            }
        }
    }

    #[test]
    fn a_stream_is_read_up_to_its_limit() {
        assert_eq!(
            said("/dev/zero", Accept::RegularFileOrStream),
            "it is larger than 10 bytes, which is the limit"
        );
        assert_eq!(said("/dev/null", Accept::RegularFileOrStream), "0 bytes");
        assert_eq!(said("/", Accept::RegularFileOrStream), "it is a folder");
    }
}
