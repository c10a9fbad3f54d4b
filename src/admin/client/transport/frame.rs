//! Frames: four bytes of length, then so many bytes. Also recognises by their first bytes the peers
//! that speak something else.

use std::io;
use std::sync::Arc;

use bytes::{Buf, Bytes, BytesMut};
use tokio::io::{AsyncRead, AsyncReadExt};

use crate::connection::tls_trouble;

/// The longest frame that is accepted. The metadata of a million partitions fits; what other
/// protocols begin with, read as a length, does not.
pub(crate) const LONGEST_FRAME: usize = 128 << 20;

/// How much is set aside ahead of the data. A length is a claim; memory follows what really arrives.
const STEP: usize = 256 << 10;

/// Why a connection is of no more use.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum TransportError {
    /// The other side ended it, or the network did.
    Disconnected(Arc<str>),
    /// What arrived is not what the protocol says.
    InvalidResponse(Arc<str>),
    /// Something else than a Kafka listener answers there; trying again changes nothing.
    NotKafka(Arc<str>),
    /// Both sides do not agree on how to be secure; trying again changes nothing.
    Security(Arc<str>),
}

impl TransportError {
    pub(crate) fn text(&self) -> &Arc<str> {
        match self {
            Self::Disconnected(text)
            | Self::InvalidResponse(text)
            | Self::NotKafka(text)
            | Self::Security(text) => text,
        }
    }
}

/// Reads frames from one side of a connection.
pub(crate) struct FrameReader<R> {
    source: R,
    buffer: BytesMut,
}

impl<R: AsyncRead + Unpin> FrameReader<R> {
    pub(crate) fn new(source: R) -> Self {
        Self {
            source,
            buffer: BytesMut::with_capacity(8 << 10),
        }
    }

    /// The next frame without its length. Not to be used again after an error.
    pub(crate) async fn next(&mut self) -> Result<Bytes, TransportError> {
        self.fill(4).await?;
        let length = frame_length(&self.buffer)?;
        self.buffer.advance(4);
        self.fill(length).await?;
        Ok(self.buffer.split_to(length).freeze())
    }

    async fn fill(&mut self, wanted: usize) -> Result<(), TransportError> {
        while self.buffer.len() < wanted {
            self.buffer.reserve((wanted - self.buffer.len()).min(STEP));
            match self.source.read_buf(&mut self.buffer).await {
                Ok(0) => return Err(self.ended()),
                Ok(_) => {}
                Err(error) => return Err(broken(&error)),
            }
        }
        Ok(())
    }

    /// Some servers say in a few bytes that they do not understand, and close.
    fn ended(&self) -> TransportError {
        if let Some(fault) = foreign(&self.buffer) {
            return fault;
        }
        TransportError::Disconnected(if self.buffer.is_empty() {
            "the connection was closed".into()
        } else {
            "the connection was closed in the middle of an answer".into()
        })
    }
}

/// What an input or output error means for people.
pub(crate) fn broken(error: &io::Error) -> TransportError {
    if let Some(trouble) = tls_trouble(error) {
        return TransportError::Security(trouble.into());
    }
    TransportError::Disconnected(match error.kind() {
        io::ErrorKind::ConnectionReset | io::ErrorKind::BrokenPipe | io::ErrorKind::ConnectionAborted => {
            "the connection was reset".into()
        }
        // TLS that ends without its farewell.
        io::ErrorKind::UnexpectedEof => "the connection was closed".into(),
        _ => format!("the connection broke: {error}").into(),
    })
}

fn frame_length(start: &[u8]) -> Result<usize, TransportError> {
    if let Some(fault) = foreign(start) {
        return Err(fault);
    }
    let claimed = start.first_chunk().map_or(0, |bytes| i32::from_be_bytes(*bytes));
    match usize::try_from(claimed) {
        Ok(length @ 4..=LONGEST_FRAME) => Ok(length),
        _ => Err(TransportError::InvalidResponse(
            format!("it announces {claimed} bytes; is this a Kafka broker?").into(),
        )),
    }
}

/// What is wrong when plain text meets TLS.
pub(crate) const TLS_PORT: &str = "this port speaks TLS, and the connection here is plain text; set `security.protocol` \
     to SSL or SASL_SSL";

/// A TLS record starts with its type (21 alert, 22 handshake) and the version 3.x.
fn foreign(start: &[u8]) -> Option<TransportError> {
    match start {
        [b'H', b'T', b'T', b'P', ..] => Some(TransportError::NotKafka(
            "this is an HTTP server, not a Kafka broker".into(),
        )),
        [21 | 22, 3, 0..=4, ..] => Some(TransportError::Security(TLS_PORT.into())),
        [b'S', b'S', b'H', b'-', ..] => Some(TransportError::NotKafka(
            "this is an SSH server, not a Kafka broker".into(),
        )),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn read(bytes: &[u8]) -> Result<Bytes, TransportError> {
        FrameReader::new(bytes).next().await
    }

    fn text(result: Result<Bytes, TransportError>) -> String {
        match result {
            Ok(frame) => format!("{} bytes", frame.len()),
            Err(fault) => format!("{fault:?}"),
        }
    }

    #[tokio::test]
    async fn frames_come_out_whole_and_one_by_one() {
        let bytes = [0, 0, 0, 5, 1, 2, 3, 4, 5, 0, 0, 0, 4, 6, 7, 8, 9];
        let mut reader = FrameReader::new(&bytes[..]);
        assert_eq!(reader.next().await.unwrap(), &[1, 2, 3, 4, 5][..]);
        assert_eq!(reader.next().await.unwrap(), &[6, 7, 8, 9][..]);
        assert_eq!(
            text(reader.next().await),
            r#"Disconnected("the connection was closed")"#
        );
    }

    #[tokio::test]
    async fn lengths_that_cannot_be_are_refused() {
        for start in [
            [0x7f, 0xff, 0xff, 0xff],
            [0xff, 0xff, 0xff, 0xff],
            [0x80, 0, 0, 0],
            [0, 0, 0, 0],
            [0, 0, 0, 3],
            [0x08, 0, 0, 1],
        ] {
            assert!(
                matches!(read(&start).await, Err(TransportError::InvalidResponse(_))),
                "{start:?}"
            );
        }
        assert_eq!(
            text(read(&[0x7f, 0xff, 0xff, 0xff]).await),
            r#"InvalidResponse("it announces 2147483647 bytes; is this a Kafka broker?")"#
        );
    }

    #[tokio::test]
    async fn memory_follows_the_data_and_not_the_claim() {
        let mut bytes = vec![0x07, 0xff, 0xff, 0xff];
        bytes.extend([0; 1000]);
        let mut reader = FrameReader::new(&bytes[..]);
        assert_eq!(
            text(reader.next().await),
            r#"Disconnected("the connection was closed in the middle of an answer")"#
        );
        assert!(
            reader.buffer.capacity() <= 2 * STEP,
            "{}",
            reader.buffer.capacity()
        );
    }

    #[tokio::test]
    async fn other_protocols_are_known_by_their_first_bytes() {
        let http = text(read(b"HTTP/1.1 400 Bad Request\r\n\r\n").await);
        assert_eq!(http, r#"NotKafka("this is an HTTP server, not a Kafka broker")"#);
        let tls = r#"Security("this port speaks TLS, and the connection here is plain text; set `security.protocol` to SSL or SASL_SSL")"#;
        assert_eq!(text(read(&[21, 3, 3, 0, 2, 2, 70]).await), tls);
        assert_eq!(text(read(&[21, 3, 1]).await), tls);
        let ssh = text(read(b"SSH-2.0-OpenSSH_9.6\r\n").await);
        assert_eq!(ssh, r#"NotKafka("this is an SSH server, not a Kafka broker")"#);
    }
}
