//! Files with secrets that every user of this machine can read.

use std::collections::BTreeSet;
use std::fs;
use std::io;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use rustix::fs::{StatVfsMountFlags, statvfs};

use super::names::{self, Name};
use super::properties;
use crate::model::{Printable, shell_quoted};

/// Of the mode of a file or folder, for users that neither own it nor are of its group: read, and enter.
const OTHERS_READ: u32 = 0o004;
const OTHERS_ENTER: u32 = 0o001;

/// What to do about a file that every user of this machine can read, as a command; `None` where others cannot read it,
/// or where its mode cannot be changed here, because it lies on a read-only mount: so do the secrets of Kubernetes and
/// Docker, with a mode that the platform chose.
pub fn exposure_remedy(path: &Path) -> Option<String> {
    is_exposed(path)
        .unwrap_or(false)
        .then(|| format!("chmod o-r {}", shell_quoted(&Printable::path(path))))
}

fn is_exposed(path: &Path) -> io::Result<bool> {
    let real = fs::canonicalize(path)?;
    let found = fs::metadata(&real)?;
    let is_readable = found.is_file() && found.permissions().mode() & OTHERS_READ != 0;
    Ok(is_readable && others_reach(&real)? && !is_on_read_only_mount(&real)?)
}

/// Whether every user may enter all folders above.
fn others_reach(real: &Path) -> io::Result<bool> {
    for folder in real.ancestors().skip(1) {
        if fs::metadata(folder)?.permissions().mode() & OTHERS_ENTER == 0 {
            return Ok(false);
        }
    }
    Ok(true)
}

fn is_on_read_only_mount(path: &Path) -> io::Result<bool> {
    Ok(statvfs(path)?.f_flag.contains(StatVfsMountFlags::RDONLY))
}

/// Each file once, whichever properties name it.
#[derive(Default)]
pub(super) struct ExposedFiles(BTreeSet<PathBuf>);

impl ExposedFiles {
    /// As [`exposure_remedy`], the first time that a file is asked about.
    pub(super) fn remedy(&mut self, path: &Path) -> Option<String> {
        let is_new = self.0.insert(path.to_owned());
        is_new.then(|| exposure_remedy(path))?
    }
}

/// Whether a property of this name holds a secret that a login or a private key depends on. The password of a
/// truststore protects nothing secret.
pub(super) fn holds_secret(name: &str) -> bool {
    let is_password = name.ends_with("password") && name != "ssl.truststore.password";
    is_password
        || matches!(
            name,
            "sasl.jaas.config" | "sasl.oauthbearer.client.secret" | "ssl.keystore.key" | "ssl.key.pem"
        )
}

/// The first property whose secret stands in the text of a properties file, with its line. One that comes from a
/// variable or from a file of its own does not stand there.
pub(super) fn first_secret(text: &str) -> Option<(&'static str, u32)> {
    properties::parse(text)
        .into_iter()
        .flatten()
        .find_map(|line| match names::classify(&line.name) {
            Name::Used(name) if holds_secret(name) && is_literal(name, &line.value) => {
                Some((name, line.number))
            }
            _ => None,
        })
}

fn is_literal(name: &str, text: &str) -> bool {
    let text = text.trim();
    let is_reference =
        text.is_empty() || text.contains("${") || text.contains("file:") || text.contains("exec:");
    let has_secret = name != "sasl.jaas.config"
        || [
            "password",
            "clientSecret",
            "awsRoleSecretAccessKey",
            "oauth.client.secret",
            "oauth.access.token",
        ]
        .iter()
        .any(|option| text.contains(option));
    !is_reference && has_secret
}

#[cfg(test)]
mod tests {
    use super::*;

    fn set_mode(path: &Path, mode: u32) {
        fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
    }

    #[test]
    fn a_file_is_exposed_where_its_mode_and_all_folders_above_let_others_in() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("it's");
        fs::write(&path, "hunter2").unwrap();
        let remedy = |of_folder: u32, of_file: u32| {
            set_mode(folder.path(), of_folder);
            set_mode(&path, of_file);
            exposure_remedy(&path)
        };
        let expected = format!(r"chmod o-r '{}/it'\''s'", folder.path().display());
        assert_eq!(remedy(0o755, 0o644), Some(expected));
        assert!(remedy(0o711, 0o604).is_some());
        assert_eq!(remedy(0o755, 0o640), None);
        assert_eq!(remedy(0o700, 0o644), None);
        assert_eq!(exposure_remedy(folder.path()), None);
        assert_eq!(exposure_remedy(&folder.path().join("missing")), None);
    }

    /// Of mounts that lie over one another, the last one counts.
    #[cfg(target_os = "linux")]
    #[test]
    fn read_only_mounts_are_recognised() {
        let mounts = fs::read_to_string("/proc/self/mounts").unwrap();
        let mut options = std::collections::BTreeMap::new();
        for mount in mounts.lines() {
            let fields: Vec<&str> = mount.split(' ').collect();
            options.insert(fields[1], fields[3]);
        }
        for (at, options) in options {
            if let Ok(is_read_only) = is_on_read_only_mount(Path::new(at)) {
                let expected = options.split(',').any(|option| option == "ro");
                assert_eq!(is_read_only, expected, "{at} {options}");
            }
        }
    }

    #[test]
    fn a_secret_stands_in_a_properties_file_unless_it_comes_from_elsewhere() {
        for (text, expected) in [
            ("sasl.username=me\nsasl.password=x", Some(("sasl.password", 2))),
            ("sasl.password=${PASSWORD}\nssl.key.password=file:/run/key", None),
            ("ssl.truststore.password=changeit\nsasl.password=", None),
            (
                "sasl.jaas.config=x.PlainLoginModule required username=\"u\" password=\"p\";",
                Some(("sasl.jaas.config", 1)),
            ),
            ("sasl.jaas.config=x.OAuthBearerLoginModule required;", None),
            (
                "sasl.jaas.config=x.PlainLoginModule required password=\"${env:P}\";",
                None,
            ),
        ] {
            assert_eq!(first_secret(text), expected, "{text}");
        }
    }
}
