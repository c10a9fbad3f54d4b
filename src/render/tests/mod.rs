//! Tests of what is written as JSON and Markdown, on samples that hold every case there is.

mod describe;
mod events;
mod foreign;
mod github;
mod json;
mod markdown;
mod monitor;
pub(crate) mod samples;
mod schema;
mod secrets;

use std::io::{self, ErrorKind, Write};

/// What a renderer writes.
fn text(render: impl FnOnce(&mut Vec<u8>) -> io::Result<()>) -> String {
    let mut out = Vec::new();
    render(&mut out).unwrap();
    String::from_utf8(out).unwrap()
}

/// A reader that has left.
struct Closed;

impl Write for Closed {
    fn write(&mut self, _: &[u8]) -> io::Result<usize> {
        Err(ErrorKind::BrokenPipe.into())
    }

    fn flush(&mut self) -> io::Result<()> {
        Err(ErrorKind::BrokenPipe.into())
    }
}

/// Counts what is written, and how much of it at once.
#[derive(Default)]
struct Pieces {
    total: usize,
    longest: usize,
}

impl Write for Pieces {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.total += bytes.len();
        self.longest = self.longest.max(bytes.len());
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
