//! The head of an HTTP request, and no more of it: whoever asks for metrics sends no body.

use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt};

/// So long may a head be, in bytes. Prometheus sends some hundred.
const LONGEST: usize = 8 * 1024;

/// So many headers may it have.
const MOST_HEADERS: usize = 64;

/// How long Prometheus waits for this scrape.
const SCRAPE_TIMEOUT: &str = "x-prometheus-scrape-timeout-seconds";

/// What is asked for.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Request {
    pub(super) method: Method,
    /// Without its query.
    pub(super) path: String,
    /// How long whoever asks waits, where it says so.
    pub(super) waits: Option<Duration>,
    /// Whether it reads OpenMetrics.
    pub(super) reads_openmetrics: bool,
    /// The names under which this exporter was asked: one, unless somebody is up to something.
    pub(super) hosts: Vec<String>,
    /// The token that came along.
    pub(super) bearer: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Method {
    Get,
    Head,
    Other,
}

/// Why a request is not understood.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Bad {
    /// It is no HTTP.
    Malformed,
    /// Its head is too long.
    TooLong,
    /// It ended, or the connection did.
    Gone,
}

/// Reads a head.
pub(super) async fn read(stream: &mut (impl AsyncRead + Unpin)) -> Result<Request, Bad> {
    let mut head = Vec::with_capacity(1024);
    loop {
        let mut piece = [0; 1024];
        let read = stream.read(&mut piece).await.map_err(|_| Bad::Gone)?;
        if read == 0 {
            return Err(Bad::Gone);
        }
        head.extend_from_slice(&piece[..read]);
        if head.len() > LONGEST {
            return Err(Bad::TooLong);
        }
        if let Some(request) = parse(&head)? {
            return Ok(request);
        }
    }
}

/// `None`: there is more to come.
fn parse(head: &[u8]) -> Result<Option<Request>, Bad> {
    let mut headers = [httparse::EMPTY_HEADER; MOST_HEADERS];
    let mut request = httparse::Request::new(&mut headers);
    match request.parse(head) {
        Ok(httparse::Status::Partial) => return Ok(None),
        Ok(httparse::Status::Complete(_)) => {}
        Err(httparse::Error::TooManyHeaders) => return Err(Bad::TooLong),
        Err(_) => return Err(Bad::Malformed),
    }
    let path = request.path.unwrap_or("/");
    let path = path.split_once('?').map_or(path, |(path, _)| path);
    let method = match request.method {
        Some("GET") => Method::Get,
        Some("HEAD") => Method::Head,
        _ => Method::Other,
    };
    let header = |wanted: &str| {
        let found = request
            .headers
            .iter()
            .find(|header| header.name.eq_ignore_ascii_case(wanted));
        found.and_then(|header| std::str::from_utf8(header.value).ok())
    };
    let seconds = header(SCRAPE_TIMEOUT).and_then(|text| text.trim().parse::<f64>().ok());
    Ok(Some(Request {
        method,
        path: path.to_owned(),
        waits: seconds.and_then(|seconds| Duration::try_from_secs_f64(seconds).ok()),
        reads_openmetrics: header("accept")
            .is_some_and(|accept| accept.contains("application/openmetrics-text")),
        hosts: hosts(request.headers),
        bearer: header("authorization").and_then(bearer),
    }))
}

fn hosts(headers: &[httparse::Header<'_>]) -> Vec<String> {
    let hosts = headers
        .iter()
        .filter(|header| header.name.eq_ignore_ascii_case("host"));
    let text = |header: &httparse::Header<'_>| String::from_utf8_lossy(header.value).trim().to_owned();
    hosts.map(text).collect()
}

fn bearer(authorization: &str) -> Option<String> {
    let (scheme, token) = authorization.trim().split_once(' ')?;
    scheme
        .eq_ignore_ascii_case("bearer")
        .then(|| token.trim().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_prometheus_sends_is_understood() {
        let head = b"GET /metrics?x=1 HTTP/1.1\r\nHost: localhost:9308\r\nAccept: application/openmetrics-text;version=1.0.0,*/*;q=0.1\r\nX-Prometheus-Scrape-Timeout-Seconds: 10\r\n\r\n";
        let request = parse(head).unwrap().unwrap();
        assert_eq!(request.method, Method::Get);
        assert_eq!(request.path, "/metrics");
        assert_eq!(request.waits, Some(Duration::from_secs(10)));
        assert!(request.reads_openmetrics);
    }

    #[test]
    fn nonsense_is_refused_and_half_a_head_is_waited_for() {
        assert_eq!(parse(b"GET /metrics HTTP/1.1\r\nHost: l"), Ok(None));
        assert_eq!(parse(b"\x16\x03\x01\x02\x00"), Err(Bad::Malformed));
        let seconds = |text: &str| {
            let head = format!("GET / HTTP/1.1\r\n{SCRAPE_TIMEOUT}: {text}\r\n\r\n");
            parse(head.as_bytes()).unwrap().unwrap().waits
        };
        for text in ["-1", "NaN", "1e400", "soon"] {
            assert_eq!(seconds(text), None, "{text}");
        }
    }

    #[tokio::test]
    async fn a_head_without_end_is_cut_off() {
        let endless = vec![b'a'; 100_000];
        let mut endless = endless.as_slice();
        assert_eq!(read(&mut endless).await, Err(Bad::TooLong));
        let mut headers = "GET / HTTP/1.1\r\n".to_owned();
        headers.extend((0..100).map(|number| format!("x-{number}: y\r\n")));
        assert_eq!(read(&mut headers.as_bytes()).await, Err(Bad::TooLong));
        assert_eq!(read(&mut &b"GET / HT"[..]).await, Err(Bad::Gone));
    }
}
