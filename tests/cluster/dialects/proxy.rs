//! A proxy on loopback in front of real brokers that makes them answer in a dialect. Every broker of the cluster gets
//! a port of its own, and answers name those ports.

use std::collections::BTreeMap;
use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;

use bytes::{Buf, BufMut, Bytes, BytesMut};
use kafka_protocol::messages::ApiKey;

use super::rewrite::{self, Asked};
use super::rules::Dialect;
use crate::support::Kafka;

/// The cluster as it answers in the dialect. Its threads end with the process.
pub(crate) struct Proxy {
    bootstrap: String,
}

/// What is the same for all connections.
pub(super) struct Shared {
    pub(super) dialect: Dialect,
    /// The port of the proxy for each port of a broker.
    pub(super) ports: BTreeMap<u16, u16>,
}

impl Proxy {
    pub(crate) fn before(kafka: &Kafka, dialect: Dialect) -> Self {
        let brokers: Vec<u16> = kafka.bootstrap().split(',').map(port_of).collect();
        let listeners: Vec<TcpListener> = brokers
            .iter()
            .map(|_| TcpListener::bind("127.0.0.1:0").unwrap())
            .collect();
        let own = listeners
            .iter()
            .map(|listener| listener.local_addr().unwrap().port());
        let ports: BTreeMap<u16, u16> = brokers.iter().copied().zip(own).collect();
        let bootstrap: Vec<String> = brokers
            .iter()
            .map(|broker| format!("127.0.0.1:{}", ports[broker]))
            .collect();
        let shared = Arc::new(Shared { dialect, ports });
        for (broker, listener) in brokers.into_iter().zip(listeners) {
            let shared = Arc::clone(&shared);
            thread::spawn(move || {
                for client in listener.incoming().flatten() {
                    let shared = Arc::clone(&shared);
                    thread::spawn(move || converse(&client, broker, &shared));
                }
            });
        }
        Self {
            bootstrap: bootstrap.join(","),
        }
    }

    pub(crate) fn bootstrap(&self) -> &str {
        &self.bootstrap
    }
}

fn port_of(address: &str) -> u16 {
    let port = address.rsplit(':').next();
    port.and_then(|port| port.parse().ok())
        .unwrap_or_else(|| panic!("{address}"))
}

type Open = Arc<Mutex<BTreeMap<i32, Asked>>>;

fn converse(client: &TcpStream, broker: u16, shared: &Arc<Shared>) {
    let Ok(server) = TcpStream::connect(("127.0.0.1", broker)) else {
        let _ = client.shutdown(Shutdown::Both);
        return;
    };
    let (Ok(from), Ok(to)) = (server.try_clone(), client.try_clone()) else {
        return;
    };
    let open = Open::default();
    let (answered, dialect) = (Arc::clone(&open), Arc::clone(shared));
    let back = thread::spawn(move || {
        while let Some(answer) = read_frame(&from) {
            let Some(answer) = translate_answer(answer, &answered, &dialect) else {
                break;
            };
            if write_frame(&to, &answer).is_none() {
                break;
            }
        }
        let _ = to.shutdown(Shutdown::Both);
    });
    while let Some(request) = read_frame(client) {
        let key = i16::from_be_bytes([request[0], request[1]]);
        let version = i16::from_be_bytes([request[2], request[3]]);
        let correlation = i32::from_be_bytes([request[4], request[5], request[6], request[7]]);
        let (request, asked) = match ApiKey::try_from(key) {
            Ok(key) => rewrite::request(key, version, request, &shared.dialect),
            Err(()) => break,
        };
        open.lock().unwrap().insert(correlation, asked);
        if write_frame(&server, &request).is_none() {
            break;
        }
    }
    let _ = server.shutdown(Shutdown::Both);
    let _ = back.join();
}

fn translate_answer(answer: Bytes, open: &Open, shared: &Shared) -> Option<Bytes> {
    let correlation = answer.clone().get_i32();
    let asked = open.lock().unwrap().remove(&correlation)?;
    Some(rewrite::answer(&asked, answer, shared))
}

fn read_frame(mut stream: &TcpStream) -> Option<Bytes> {
    let mut length = [0; 4];
    stream.read_exact(&mut length).ok()?;
    let length = usize::try_from(i32::from_be_bytes(length)).ok()?;
    let mut frame = vec![0; length];
    stream.read_exact(&mut frame).ok()?;
    (length >= 4).then(|| frame.into())
}

fn write_frame(mut stream: &TcpStream, frame: &Bytes) -> Option<()> {
    let mut whole = BytesMut::new();
    whole.put_i32(i32::try_from(frame.len()).ok()?);
    whole.put_slice(frame);
    stream.write_all(&whole).ok()
}
