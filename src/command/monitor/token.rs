//! The token that scrapers have to send.

use std::io;
use std::path::Path;

use crate::bounded_read::{Accept, read_bounded};
use crate::command::{Failure, Shell};
use crate::connection::exposure_remedy;
use crate::model::{Printable, Secret};

/// A token is some hundred bytes at most.
const LONGEST: usize = 4096;

/// Reads the token: the text of a file, without the blanks around it. A warning says if every user of this machine can
/// read it.
pub(super) fn read(path: &Path, shell: &mut Shell<'_>) -> Result<Secret, Failure> {
    let unusable = |why: &str| {
        let path = Printable::path(path);
        Failure::Usage(format!("--listen-token-file {path}: {why}"))
    };
    let text = text(path).map_err(|error| unusable(&format!("the file cannot be read ({error})")))?;
    let token = text.trim();
    if token.is_empty() {
        return Err(unusable("the file is empty"));
    }
    if !token.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Err(unusable(
            "a token has only letters, digits and signs of ASCII, and no blanks",
        ));
    }
    if let Some(remedy) = exposure_remedy(path) {
        let path = Printable::path(path);
        shell.message(&format!(
            "warning: --listen-token-file {path}: every user of this machine can read the file\n   = {remedy}"
        ));
    }
    Ok(Secret::new(token))
}

fn text(path: &Path) -> io::Result<String> {
    let bytes = read_bounded(path, Accept::RegularFile, LONGEST)?;
    String::from_utf8(bytes).map_err(|error| io::Error::new(io::ErrorKind::InvalidData, error.utf8_error()))
}
