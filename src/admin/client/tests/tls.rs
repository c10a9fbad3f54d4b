//! Listeners that ask for a client certificate, of one that has none.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use rcgen::{CertificateParams, KeyPair};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::PrivateKeyDer;
use tokio_rustls::rustls::server::WebPkiClientVerifier;
use tokio_rustls::rustls::version::{TLS12, TLS13};
use tokio_rustls::rustls::{RootCertStore, ServerConfig, SupportedProtocolVersion};

use crate::admin::AdminError;
use crate::admin::client::ConnectOptions;
use crate::admin::client::dispatch::Client;
use crate::admin::client::tests::fake_broker::Fake;
use crate::connection::{ConnectionConfig, Properties, resolve};

fn config() -> ConnectionConfig {
    let text = b"security.protocol=SSL\nenable.ssl.certificate.verification=false\n";
    let properties = Properties::of_file("client.properties", text, &|_| None);
    resolve(&properties, &crate::connection::read_named_file)
        .unwrap()
        .0
}

/// A listener that asks for a certificate, and closes after the handshake, if there is one.
async fn listener(version: &'static SupportedProtocolVersion, insists: bool) -> (Fake, Arc<AtomicUsize>) {
    let key = KeyPair::generate().unwrap();
    let certificate = CertificateParams::new(vec!["localhost".to_owned()])
        .unwrap()
        .self_signed(&key)
        .unwrap();
    let mut roots = RootCertStore::empty();
    roots.add(certificate.der().clone()).unwrap();
    let provider = Arc::new(ring::default_provider());
    let verifier = WebPkiClientVerifier::builder_with_provider(roots.into(), Arc::clone(&provider));
    let verifier = if insists {
        verifier
    } else {
        verifier.allow_unauthenticated()
    };
    let server = ServerConfig::builder_with_provider(provider)
        .with_protocol_versions(&[version])
        .unwrap()
        .with_client_cert_verifier(verifier.build().unwrap())
        .with_single_cert(
            vec![certificate.der().clone()],
            PrivateKeyDer::Pkcs8(key.serialize_der().into()),
        )
        .unwrap();
    let acceptor = TlsAcceptor::from(Arc::new(server));
    let met = Arc::new(AtomicUsize::new(0));
    let seen = Arc::clone(&met);
    let fake = Fake::raw(move |stream| {
        let (acceptor, seen) = (acceptor.clone(), Arc::clone(&seen));
        async move {
            if let Ok(mut tls) = acceptor.accept(stream).await {
                seen.fetch_add(1, Ordering::Relaxed);
                let _ = tls.read(&mut [0; 512]).await;
            }
        }
    })
    .await;
    (fake, met)
}

async fn refused(fake: &Fake) -> (String, Duration) {
    let options = ConnectOptions {
        connect_timeout: Duration::from_secs(2),
        connection: config(),
        ..ConnectOptions::new(vec![fake.address()])
    };
    match Client::connect(options).await.err().unwrap() {
        AdminError::Unreachable { attempts, waited } => (attempts[0].reason.to_string(), waited),
        other => panic!("{other}"),
    }
}

#[tokio::test]
async fn a_certificate_that_is_missed_is_said_to_be_missing() {
    for version in [&TLS12, &TLS13] {
        let (fake, _) = listener(version, true).await;
        let (reason, waited) = refused(&fake).await;
        assert!(
            reason.starts_with("the broker requires a client certificate, and none is given"),
            "{version:?}: {reason}"
        );
        assert!(waited < Duration::from_secs(1), "{version:?}: {waited:?}");
    }
}

/// What a listener in Java does before TLS 1.3: it ends the handshake once the certificate is missed, with an
/// alert of another name or without a word.
async fn closing_without_a_word() -> (Fake, Fake) {
    let (server, _) = listener(&TLS12, true).await;
    let port = server.port;
    let before = Fake::raw(move |mut client| async move {
        let mut server = TcpStream::connect(("127.0.0.1", port)).await.unwrap();
        let mut bytes = [0; 16 << 10];
        let hello = client.read(&mut bytes).await.unwrap();
        server.write_all(&bytes[..hello]).await.unwrap();
        let pause = Duration::from_millis(100);
        while let Ok(Ok(length @ 1..)) = timeout(pause, server.read(&mut bytes)).await {
            client.write_all(&bytes[..length]).await.unwrap();
        }
        let _ = client.read(&mut bytes).await;
    })
    .await;
    (before, server)
}

#[tokio::test]
async fn a_handshake_that_ends_where_a_certificate_was_missed_says_so() {
    let (fake, _server) = closing_without_a_word().await;
    let (reason, waited) = refused(&fake).await;
    assert!(
        reason.starts_with("the broker requires a client certificate, and none is given"),
        "{reason}"
    );
    assert!(waited < Duration::from_secs(1), "{waited:?}");
}

/// One that only requests a certificate closes for another reason, and may be there again in a moment.
#[tokio::test]
async fn a_first_request_that_is_lost_is_sent_again_though_a_certificate_was_asked_for() {
    let (fake, met) = listener(&TLS13, false).await;
    let (reason, waited) = refused(&fake).await;
    assert!(
        reason.starts_with("the connection was closed at the first request; the broker asks for a client"),
        "{reason}"
    );
    assert!(waited > Duration::from_secs(1), "{waited:?}");
    assert!(met.load(Ordering::Relaxed) > 2);
}
