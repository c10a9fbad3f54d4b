//! Serves metrics over HTTP: `/metrics`, and `/healthz` for whoever runs the exporter.
//!
//! One look serves everybody who asks within some seconds. A scraper that is slow or dead holds a connection for
//! some seconds and nothing else, and gives way where all places are taken. One request a connection: scrapes are
//! rare.

mod access;
mod board;
mod connections;
mod request;

use std::io;
use std::rc::Rc;
use std::time::Duration;

use futures_util::StreamExt as _;
use futures_util::stream::FuturesUnordered;
use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::timeout;

pub use access::Access;
use access::Denied;
pub use board::{Board, Page, Standing};
use connections::{Connection, Connections, Stage};
use request::{Bad, Method, Request};

use super::exposition::{self, Exporter, Format, MEDIA_TYPE};

/// So many connections are served at once; for one more, one that asks for nothing gives way.
const MOST_CONNECTIONS: usize = 64;

/// How long a request may take to arrive.
const PATIENCE: Duration = Duration::from_secs(5);

/// How long its answer may take to be taken: with ten thousand partitions it has some megabytes.
const SENDING: Duration = Duration::from_secs(20);

/// The longest that a scrape waits for a look, whatever its scraper says.
const LONGEST_SCRAPE: Duration = Duration::from_mins(1);

/// How long a scrape waits for a look, where Prometheus does not say how long it waits itself.
const SCRAPE: Duration = Duration::from_secs(8);

/// So much earlier than its scraper gives up, a scrape is answered without a look.
const MARGIN: Duration = Duration::from_millis(500);

/// How long answers that are under way may take when the exporter is stopped.
const LEAVING: Duration = Duration::from_secs(2);

/// A look that is under way for so long has met something that does not end.
const STUCK: Duration = Duration::from_mins(2);

const TEXT: &str = "text/plain; charset=utf-8";
/// For readers that do not know OpenMetrics.
const OLD_TEXT: &str = "text/plain; version=0.0.4; charset=utf-8";

/// What scrapes are answered with.
pub struct Server<'s> {
    /// The looks.
    pub board: &'s Board,
    /// How the exporter is, apart from its looks.
    pub exporter: &'s dyn Fn() -> Exporter,
    /// Who is answered.
    pub access: Access,
}

impl Server<'_> {
    /// Serves until `stop` is done; answers that are under way then are finished.
    ///
    /// # Errors
    /// None that a client could cause.
    pub async fn run(&self, listener: TcpListener, stop: impl Future<Output = ()>) -> io::Result<()> {
        tokio::pin!(stop);
        let places = Connections::default();
        let mut serving = FuturesUnordered::new();
        loop {
            tokio::select! {
                () = &mut stop => break,
                Some(()) = serving.next(), if !serving.is_empty() => {}
                accepted = listener.accept(), if places.has_room(MOST_CONNECTIONS) => match accepted {
                    Ok((stream, _)) => serving.push(self.serve_at(stream, &places)),
                    // A client that left, or no file descriptors: neither ends the exporter.
                    Err(error) => {
                        tracing::debug!("a connection was not accepted: {error}");
                        tokio::time::sleep(Duration::from_millis(50)).await;
                    }
                },
            }
        }
        drop(listener);
        let _ = timeout(LEAVING, async { while serving.next().await.is_some() {} }).await;
        Ok(())
    }

    /// The place is taken at once, and not when the future is polled for the first time.
    fn serve_at<'p>(&'p self, stream: TcpStream, places: &'p Connections) -> impl Future<Output = ()> + 'p {
        let connection = places.admit(MOST_CONNECTIONS);
        async move {
            tokio::select! {
                () = connection.ousted() => {}
                () = self.serve(stream, &connection) => {}
            }
            places.remove(&connection);
        }
    }

    async fn serve(&self, mut stream: impl AsyncRead + AsyncWrite + Unpin, connection: &Connection) {
        let Ok(request) = timeout(PATIENCE, request::read(&mut stream)).await else {
            return;
        };
        connection.enter(Stage::Waiting);
        let answer = match request {
            Ok(request) => self.answer(&request).await,
            Err(Bad::Malformed) => Answer::said("400 Bad Request", "this is no HTTP request\n"),
            Err(Bad::TooLong) => {
                Answer::said("431 Request Header Fields Too Large", "the request is too long\n")
            }
            Err(Bad::Gone) => return,
        };
        connection.enter(Stage::Taking);
        let sent = async {
            stream.write_all(answer.head().as_bytes()).await?;
            if !answer.is_head {
                for piece in answer.pieces() {
                    stream.write_all(piece.as_bytes()).await?;
                }
            }
            stream.shutdown().await
        };
        // Somebody who does not take the answer does without.
        let _: Result<io::Result<()>, _> = timeout(SENDING, sent).await;
    }

    async fn answer(&self, request: &Request) -> Answer {
        if let Err(denied) = self.access.check(request) {
            return Answer::denied(denied);
        }
        let mut answer = match (request.method, request.path.as_str()) {
            (Method::Other, _) => Answer::said("405 Method Not Allowed", "only GET and HEAD are answered\n"),
            (Method::Get | Method::Head, "/metrics") => self.metrics(request).await,
            (Method::Get | Method::Head, "/healthz") => self.health(),
            (Method::Get | Method::Head, "/") => {
                Answer::said("200 OK", "topicctl monitor: /metrics, /healthz\n")
            }
            (Method::Get | Method::Head, _) => {
                Answer::said("404 Not Found", "there are /metrics and /healthz\n")
            }
        };
        answer.is_head = request.method == Method::Head;
        answer
    }

    async fn metrics(&self, request: &Request) -> Answer {
        let patience = request.waits.map_or(SCRAPE, |waits| waits.saturating_sub(MARGIN));
        let patience = patience.min(LONGEST_SCRAPE);
        let fresh = self.board.fresh(patience).await;
        let standing = self.board.standing();
        let mut exporter = (self.exporter)();
        if let Some(page) = &standing.page {
            let age = page.read_at.elapsed();
            exporter.sample_age = Some(age.as_secs_f64());
            exporter.sample_duration = Some(page.took.as_secs_f64());
            exporter.settings_age = page.settings_age.map(|at| (at + age).as_secs_f64());
            exporter.errors.extend(page.errors.iter().copied());
            exporter.carried.clone_from(&page.carried);
        }
        if standing.failure.is_some() {
            exporter.errors = vec![(super::Part::Metadata, 1)];
        }
        let (media_type, format) = if request.reads_openmetrics {
            (MEDIA_TYPE, Format::OpenMetrics)
        } else {
            (OLD_TEXT, Format::Plain)
        };
        // To the older format the end is a comment.
        let body = exposition::exporter(&exporter, format) + exposition::END;
        Answer {
            media_type,
            page: fresh,
            ..Answer::said("200 OK", &body)
        }
    }

    fn health(&self) -> Answer {
        self.board.look_again();
        let standing = self.board.standing();
        let age = standing.page.map(|page| page.read_at.elapsed().as_secs());
        let seen = match age {
            Some(age) => format!("the cluster was last looked at {age} s ago\n"),
            None => "the cluster was not looked at yet\n".to_owned(),
        };
        let stuck = standing.under_way.filter(|under_way| *under_way > STUCK);
        match (standing.failure, stuck, age) {
            (Some(why), ..) => Answer::said("503 Service Unavailable", &format!("{why}\n{seen}")),
            (None, Some(span), _) => {
                let span = span.as_secs();
                let stuck = format!("a look has been under way for {span} s\n{seen}");
                Answer::said("503 Service Unavailable", &stuck)
            }
            (None, None, None) => Answer::said("503 Service Unavailable", &seen),
            (None, None, Some(_)) => Answer::said("200 OK", &format!("ok\n{seen}")),
        }
    }
}

struct Answer {
    status: &'static str,
    media_type: &'static str,
    /// Everybody is sent the same one; nobody has a copy of it.
    page: Option<Rc<Page>>,
    text: String,
    is_head: bool,
    /// A line of the head, with its end; may be empty.
    header: &'static str,
}

impl Answer {
    fn denied(denied: Denied) -> Self {
        match denied {
            Denied::Host => Self::said(
                "421 Misdirected Request",
                "this address is for programs on this machine: ask for localhost or 127.0.0.1\n",
            ),
            Denied::Token => Self {
                header: "WWW-Authenticate: Bearer\r\n",
                ..Self::said(
                    "401 Unauthorized",
                    "the bearer token of --listen-token-file is needed\n",
                )
            },
        }
    }

    fn said(status: &'static str, words: &str) -> Self {
        Self {
            status,
            media_type: TEXT,
            page: None,
            text: words.to_owned(),
            is_head: false,
            header: "",
        }
    }

    fn pieces(&self) -> [&str; 2] {
        let page = self.page.as_ref().map_or("", |page| &page.body);
        [page, &self.text]
    }

    fn head(&self) -> String {
        let length: usize = self.pieces().iter().map(|piece| piece.len()).sum();
        format!(
            "HTTP/1.1 {}\r\nContent-Type: {}\r\nContent-Length: {length}\r\nCache-Control: no-store\r\nConnection: close\r\n{}\r\n",
            self.status, self.media_type, self.header
        )
    }
}
