//! The token that scrapers have to send.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use crate::command::Failure;
use crate::model::{Printable, Secret};

/// A token is some hundred bytes at most.
const LONGEST: u64 = 4096;

/// Reads the token: the text of a file, without the blanks around it.
pub(super) fn read(path: &Path) -> Result<Secret, Failure> {
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
    Ok(Secret::new(token))
}

fn text(path: &Path) -> io::Result<String> {
    let file = File::open(path)?;
    let about = file.metadata()?;
    if !about.is_file() || about.len() > LONGEST {
        let why = format!("it is no regular file of at most {LONGEST} bytes");
        return Err(io::Error::new(io::ErrorKind::InvalidInput, why));
    }
    let mut text = String::new();
    file.take(LONGEST).read_to_string(&mut text)?;
    Ok(text)
}
