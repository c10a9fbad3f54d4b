//! A provider of identities as small as can be: a token endpoint on loopback that knows one client.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::{SystemTime, UNIX_EPOCH};

use base64::Engine;
use base64::prelude::{BASE64_STANDARD, BASE64_URL_SAFE_NO_PAD};

/// The client that it knows.
pub(crate) const CLIENT_ID: &str = "provisioner";
pub(crate) const CLIENT_SECRET: &str = "client secret: ü/+";

/// A running provider; it ends with the test process.
pub(crate) struct Provider {
    /// Where its token endpoint is.
    pub(crate) url: String,
    granted: Arc<AtomicUsize>,
    in_trouble: Arc<AtomicUsize>,
}

impl Provider {
    /// One whose tokens last for so many seconds.
    pub(crate) fn start(seconds: i64) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}/token", listener.local_addr().unwrap());
        let granted = Arc::new(AtomicUsize::new(0));
        let in_trouble = Arc::new(AtomicUsize::new(0));
        let (count, trouble) = (Arc::clone(&granted), Arc::clone(&in_trouble));
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let less = |left: usize| left.checked_sub(1);
                if trouble
                    .fetch_update(Ordering::Relaxed, Ordering::Relaxed, less)
                    .is_ok()
                {
                    unavailable(stream);
                } else if answer(stream, seconds) {
                    count.fetch_add(1, Ordering::Relaxed);
                }
            }
        });
        Self {
            url,
            granted,
            in_trouble,
        }
    }

    /// Answers the next requests, so many of them, with an error of its own.
    pub(crate) fn stumble(&self, times: usize) {
        self.in_trouble.store(times, Ordering::Relaxed);
    }

    /// Whether it still has to.
    pub(crate) fn stumbles(&self) -> bool {
        self.in_trouble.load(Ordering::Relaxed) > 0
    }

    /// How many tokens it gave so far.
    pub(crate) fn granted(&self) -> usize {
        self.granted.load(Ordering::Relaxed)
    }
}

fn unavailable(mut stream: TcpStream) {
    read(&stream);
    let _ = stream
        .write_all(b"HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
}

/// Whether a token was granted.
fn answer(mut stream: TcpStream, seconds: i64) -> bool {
    let request = read(&stream);
    let credentials = BASE64_STANDARD.encode(format!("{CLIENT_ID}:{CLIENT_SECRET}"));
    let is_known = request.to_lowercase().contains("authorization: basic ") && request.contains(&credentials);
    let is_form = request.ends_with("grant_type=client_credentials&scope=kafka");
    let (status, body) = if is_known && is_form {
        let body = format!(
            r#"{{"access_token":"{}","expires_in":{seconds}}}"#,
            token(seconds)
        );
        ("200 OK", body)
    } else {
        let body = r#"{"error":"invalid_client","error_description":"Invalid client credentials"}"#;
        ("401 Unauthorized", body.to_owned())
    };
    let head = format!(
        "HTTP/1.1 {status}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
        body.len()
    );
    let _ = stream.write_all(format!("{head}{body}").as_bytes());
    is_known && is_form
}

fn read(stream: &TcpStream) -> String {
    let mut reader = BufReader::new(stream);
    let mut head = String::new();
    let mut length = 0;
    loop {
        let before = head.len();
        if reader.read_line(&mut head).unwrap_or(0) == 0 {
            return head;
        }
        let line = head[before..].to_ascii_lowercase();
        if let Some(value) = line.strip_prefix("content-length:") {
            length = value.trim().parse().unwrap_or(0);
        }
        if line == "\r\n" {
            break;
        }
    }
    let mut body = vec![0; length];
    let _ = reader.read_exact(&mut body);
    head + &String::from_utf8_lossy(&body)
}

/// A token without a signature, as Kafka takes them where nothing else is configured.
fn token(seconds: i64) -> String {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs();
    let now = i64::try_from(now).unwrap();
    let part = |text: &str| BASE64_URL_SAFE_NO_PAD.encode(text);
    let (issued, expires) = (now - 1, now + seconds);
    let claims = format!(r#"{{"sub":"alice","iat":{issued},"exp":{expires}}}"#);
    format!("{}.{}.", part(r#"{"alg":"none"}"#), part(&claims))
}
