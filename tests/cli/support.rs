//! Runs the binary in a folder of its own, with an environment that has nothing of the machine's.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::process::Command;

use tempfile::TempDir;

/// A folder with at most one file in it.
pub(crate) struct Sandbox {
    folder: TempDir,
}

impl Sandbox {
    pub(crate) fn empty() -> Self {
        // Files in it hold secrets, and nobody else gets to them.
        let private = fs::Permissions::from_mode(0o700);
        Self {
            folder: tempfile::Builder::new().permissions(private).tempdir().unwrap(),
        }
    }

    pub(crate) fn with(file: &str, text: &str) -> Self {
        let sandbox = Self::empty();
        fs::write(sandbox.folder.path().join(file), text).unwrap();
        sandbox
    }

    /// One more file in the folder.
    pub(crate) fn put(&self, file: &str, text: &str) {
        fs::write(self.folder.path().join(file), text).unwrap();
    }

    /// A pipe in the folder that nobody writes to.
    pub(crate) fn pipe(&self, name: &str) {
        let path = self.folder.path().join(name);
        rustix::fs::mkfifoat(rustix::fs::CWD, path, rustix::fs::Mode::RWXU).unwrap();
    }

    /// A file in the folder.
    pub(crate) fn path(&self, file: &str) -> PathBuf {
        self.folder.path().join(file)
    }

    /// The binary, about to run here.
    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(PathBuf::from(env!("CARGO_BIN_EXE_topicctl")));
        command
            .current_dir(self.folder.path())
            .args(arguments)
            .env_clear()
            .env("COLUMNS", "100");
        command
    }

    /// Everything that a run shows.
    pub(crate) fn run(&self, arguments: &[&str]) -> String {
        let output = self.command(arguments).output().unwrap();
        let folder = self.folder.path().canonicalize().unwrap();
        let text = |bytes: &[u8]| {
            let text = String::from_utf8(bytes.to_vec()).unwrap();
            text.replace(folder.to_str().unwrap(), "FOLDER")
        };
        format!(
            "exit code: {}\n----- stdout -----\n{}----- stderr -----\n{}",
            output.status.code().unwrap(),
            text(&output.stdout),
            text(&output.stderr)
        )
    }
}
