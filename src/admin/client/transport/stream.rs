//! The byte stream below a connection: names to addresses, addresses to sockets, and TLS between the
//! socket and everything above, which only knows [`Stream`].

use std::io;
use std::net::SocketAddr;

use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio::time::timeout_at;

use crate::admin::client::transport::deadline::Deadline;
use crate::admin::client::transport::frame::{TransportError, broken};
use crate::connection::{Security, TlsSession, client_certificate_required, is_ended_by_peer};
use crate::model::Address;

/// Bytes to and from a broker.
pub(crate) trait ByteStream: AsyncRead + AsyncWrite + Unpin + Send {}

impl<T: AsyncRead + AsyncWrite + Unpin + Send> ByteStream for T {}

/// An open stream.
pub(crate) struct Stream {
    pub(crate) bytes: Box<dyn ByteStream>,
    /// The other end, as the socket knows it.
    pub(crate) remote: SocketAddr,
    pub(crate) tls: Option<TlsSession>,
}

/// Why there is no stream.
pub(crate) enum NoStream {
    /// No socket.
    Socket(TransportError),
    /// No TLS over the socket that there is.
    Handshake(TransportError),
    /// The TLS handshake got no answer before the deadline.
    Late,
}

/// Opens a stream, protected as the configuration says. Never by less.
pub(crate) async fn dial(
    address: &Address,
    security: &Security,
    deadline: Deadline,
) -> Result<Stream, NoStream> {
    let (socket, remote) = open(address, deadline).await.map_err(NoStream::Socket)?;
    let Security::Tls(tls) = security else {
        return Ok(Stream {
            bytes: Box::new(socket),
            remote,
            tls: None,
        });
    };
    let session = tls
        .session(address.host())
        .map_err(|reason| NoStream::Handshake(TransportError::Security(reason.into())))?;
    match timeout_at(deadline.at(), session.handshake(socket)).await {
        Ok(Ok(stream)) => Ok(Stream {
            bytes: Box::new(stream),
            remote,
            tls: Some(session),
        }),
        // Before TLS 1.3 that is when a certificate is asked for and missed.
        Ok(Err(error)) if session.lacks_certificate() && is_ended_by_peer(&error) => Err(
            NoStream::Handshake(TransportError::Security(client_certificate_required().into())),
        ),
        Ok(Err(error)) => Err(NoStream::Handshake(broken(&error))),
        Err(_) => Err(NoStream::Late),
    }
}

/// Opens a socket to the first of the host's addresses that accepts one.
pub(crate) async fn open(
    address: &Address,
    deadline: Deadline,
) -> Result<(TcpStream, SocketAddr), TransportError> {
    let candidates = resolve(address, deadline).await?;
    let mut failure = TransportError::Disconnected("the name has no address".into());
    for (index, candidate) in candidates.iter().enumerate() {
        // `localhost` is often ::1 first: a candidate that swallows packets must leave time for the rest.
        let left = u32::try_from(candidates.len() - index).unwrap_or(u32::MAX);
        let share = deadline.at_most(deadline.remaining() / left);
        match connect(*candidate, share).await {
            Ok(socket) => return Ok((socket, *candidate)),
            Err(fault) => failure = fault,
        }
    }
    Err(failure)
}

async fn resolve(address: &Address, deadline: Deadline) -> Result<Vec<SocketAddr>, TransportError> {
    let lookup = tokio::net::lookup_host((address.host(), address.port()));
    match timeout_at(deadline.at(), lookup).await {
        Ok(Ok(found)) => Ok(found.collect()),
        Ok(Err(error)) => Err(TransportError::Disconnected(
            format!("the name cannot be resolved ({error})").into(),
        )),
        Err(_) => Err(TransportError::Disconnected(
            "the name server does not answer".into(),
        )),
    }
}

async fn connect(remote: SocketAddr, deadline: Deadline) -> Result<TcpStream, TransportError> {
    match timeout_at(deadline.at(), TcpStream::connect(remote)).await {
        Ok(Ok(socket)) => {
            // Requests are small and waited for: Nagle's algorithm would only delay them.
            socket.set_nodelay(true).map_err(|error| refused(&error))?;
            Ok(socket)
        }
        Ok(Err(error)) => Err(refused(&error)),
        Err(_) => Err(TransportError::Disconnected(
            "no answer to the attempt to connect".into(),
        )),
    }
}

fn refused(error: &io::Error) -> TransportError {
    TransportError::Disconnected(match error.kind() {
        io::ErrorKind::ConnectionRefused => "connection refused; nothing listens there".into(),
        io::ErrorKind::TimedOut => "no answer to the attempt to connect".into(),
        io::ErrorKind::HostUnreachable | io::ErrorKind::NetworkUnreachable => {
            "there is no route to it from here".into()
        }
        _ => format!("cannot connect ({error})").into(),
    })
}
