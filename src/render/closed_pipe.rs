//! `topicctl diff | head` is no error: when the reader has left, the rest is dropped and the command
//! ends with its own exit code. Any other failure to write stays one.

use std::cell::Cell;
use std::io::{self, ErrorKind, Write};
use std::rc::Rc;

/// Passes everything on until the reader closes its end.
#[derive(Debug)]
pub struct ClosedPipe<W> {
    inner: W,
    closed: Rc<Cell<bool>>,
}

impl<W: Write> ClosedPipe<W> {
    /// Wraps a writer whose reader may leave.
    pub fn new(inner: W) -> Self {
        Self {
            inner,
            closed: Rc::default(),
        }
    }

    /// Turns true when the reader has left, for a command that would go on for ever.
    pub fn reader_left(&self) -> Rc<Cell<bool>> {
        Rc::clone(&self.closed)
    }

    fn pass<T>(&mut self, dropped: T, result: io::Result<T>) -> io::Result<T> {
        match result {
            Err(error) if error.kind() == ErrorKind::BrokenPipe => {
                self.closed.set(true);
                Ok(dropped)
            }
            other => other,
        }
    }
}

impl<W: Write> Write for ClosedPipe<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.closed.get() {
            return Ok(bytes.len());
        }
        let result = self.inner.write(bytes);
        self.pass(bytes.len(), result)
    }

    fn flush(&mut self) -> io::Result<()> {
        if self.closed.get() {
            return Ok(());
        }
        let result = self.inner.flush();
        self.pass((), result)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct BrokenWriter(ErrorKind);

    impl Write for BrokenWriter {
        fn write(&mut self, _: &[u8]) -> io::Result<usize> {
            Err(self.0.into())
        }

        fn flush(&mut self) -> io::Result<()> {
            Err(self.0.into())
        }
    }

    #[test]
    fn only_a_closed_pipe_is_forgiven() {
        let mut closed = ClosedPipe::new(BrokenWriter(ErrorKind::BrokenPipe));
        assert!(closed.write_all(b"plan").is_ok());
        assert!(closed.flush().is_ok());
        assert!(closed.reader_left().get());
        let mut full = ClosedPipe::new(BrokenWriter(ErrorKind::StorageFull));
        assert_eq!(
            full.write_all(b"plan").unwrap_err().kind(),
            ErrorKind::StorageFull
        );
    }
}
