//! What a port speaks that did not take what it was told: asked the other way, once, to say for certain
//! what is wrong. Nothing secret is sent, and nothing is done over such a connection.

use std::rc::Rc;
use std::time::Duration;

use kafka_protocol::protocol::StrBytes;
use tokio::time::timeout_at;

use crate::admin::Peer;
use crate::admin::client::protocol::counters::Counters;
use crate::admin::client::session::api_versions::negotiate;
use crate::admin::client::session::connection::Wire;
use crate::admin::client::transport::channel::Channel;
use crate::admin::client::transport::deadline::Deadline;
use crate::admin::client::transport::frame::TLS_PORT;
use crate::admin::client::transport::stream::{dial, open};
use crate::connection::{Security, Tls, is_tls_answer};
use crate::model::Address;

/// A port that answers does so at once.
const PATIENCE: Duration = Duration::from_secs(1);

const PLAIN_PORT: &str = "this port speaks plain text, and `security.protocol` asks for TLS; use the port of a TLS \
     listener, or set PLAINTEXT or SASL_PLAINTEXT where plain text is meant";

/// What is wrong, if the port speaks what `security` is not.
pub(crate) async fn other_way(
    address: &Address,
    security: &Security,
    deadline: Deadline,
) -> Option<&'static str> {
    let deadline = deadline.at_most(PATIENCE);
    match security {
        Security::Plaintext => speaks_tls(address, deadline).await.then_some(TLS_PORT),
        Security::Tls(_) => speaks_plain_text(address, deadline).await.then_some(PLAIN_PORT),
    }
}

async fn speaks_tls(address: &Address, deadline: Deadline) -> bool {
    let Ok((socket, _)) = open(address, deadline).await else {
        return false;
    };
    let Some(session) = Tls::for_probing().and_then(|tls| tls.session(address.host()).ok()) else {
        return false;
    };
    match timeout_at(deadline.at(), session.handshake(socket)).await {
        Ok(Ok(_)) => true,
        // An alert is TLS as well.
        Ok(Err(error)) => is_tls_answer(&error),
        Err(_) => false,
    }
}

async fn speaks_plain_text(address: &Address, deadline: Deadline) -> bool {
    let Ok(stream) = dial(address, &Security::Plaintext, deadline).await else {
        return false;
    };
    let peer = Peer {
        id: None,
        address: address.to_string().into(),
    };
    let counters = Rc::new(Counters::default());
    let wire = Wire::new(
        Channel::open(stream.bytes),
        peer,
        stream.remote,
        StrBytes::default(),
        counters,
    );
    negotiate(&wire, deadline).await.is_ok()
}
