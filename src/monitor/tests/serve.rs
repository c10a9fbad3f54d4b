//! Serving: scrapes that come together, that are slow, that are no scrapes; looks that fail or do not end.

use std::cell::Cell;
use std::net::{IpAddr, SocketAddr};
use std::rc::Rc;
use std::time::Duration;

use futures_util::future::join_all;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Notify;
use tokio::time::Instant;

use crate::model::EventName;
use crate::monitor::exposition::Exporter;
use crate::monitor::serve::{Access, Board, Page, Server};
use crate::monitor::{Part, Tally};

/// What an exporter does while a test scrapes it.
struct Exporting {
    board: Board,
    access: Access,
    /// How many looks were taken.
    looks: Cell<u64>,
    /// What the next looks come to.
    fails: Cell<bool>,
    hangs: Cell<bool>,
    stop: Notify,
}

fn page(number: u64) -> Page {
    Page {
        body: format!("kafka_brokers {number}\n"),
        read_at: Instant::now(),
        took: Duration::from_millis(5),
        settings_age: Some(Duration::from_secs(30)),
        errors: vec![(Part::Groups, 2)],
        carried: [EventName::TestGenerationStarted].into(),
    }
}

fn exporter() -> Exporter {
    Exporter {
        errors: vec![(Part::Events, 0)],
        events: Some(Tally::default()),
        requests: [("Metadata", 7)].into(),
        ..Exporter::default()
    }
}

impl Exporting {
    fn new(shared_for: Duration) -> Self {
        Self {
            board: Board::new(shared_for),
            access: Access::at(IpAddr::from([127, 0, 0, 1]), None),
            looks: Cell::new(0),
            fails: Cell::new(false),
            hangs: Cell::new(false),
            stop: Notify::new(),
        }
    }

    async fn looking(&self) {
        loop {
            self.board.wanted().await;
            self.board.begin();
            if self.hangs.get() {
                std::future::pending::<()>().await;
            }
            // Long enough for others to come meanwhile.
            for _ in 0..20 {
                tokio::task::yield_now().await;
            }
            self.looks.set(self.looks.get() + 1);
            self.board.end(if self.fails.get() {
                Err("no broker answers".into())
            } else {
                Ok(page(self.looks.get()))
            });
        }
    }

    /// Serves while the test is at work, and then stops in the orderly way.
    async fn during<T>(&self, work: impl AsyncFnOnce(SocketAddr) -> T) -> T {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let server = Server {
            board: &self.board,
            exporter: &exporter,
            access: self.access.clone(),
        };
        let working = async {
            let done = work(address).await;
            self.stop.notify_one();
            done
        };
        tokio::select! {
            (ended, done) = async { tokio::join!(server.run(listener, self.stop.notified()), working) } => {
                ended.unwrap();
                done
            }
            () = self.looking() => unreachable!("looking has no end"),
        }
    }
}

async fn ask(address: SocketAddr, head: &str) -> String {
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(head.as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    // Where the request was not read to its end, the connection may be cut off.
    let _ = stream.read_to_end(&mut answer).await;
    String::from_utf8(answer).unwrap()
}

async fn get(address: SocketAddr, path: &str) -> String {
    ask(
        address,
        &format!("GET {path} HTTP/1.1\r\nHost: localhost\r\nX-Prometheus-Scrape-Timeout-Seconds: 30\r\n\r\n"),
    )
    .await
}

#[tokio::test]
async fn a_scrape_is_answered_with_a_look_of_now() {
    let exporting = Exporting::new(Duration::ZERO);
    let (first, second) = exporting
        .during(async |address| (get(address, "/metrics").await, get(address, "/metrics?x=y").await))
        .await;
    let (head, body) = first.split_once("\r\n\r\n").unwrap();
    assert!(head.starts_with("HTTP/1.1 200 OK\r\n"), "{head}");
    assert!(
        head.contains(&format!("Content-Length: {}\r\n", body.len())),
        "{head}"
    );
    assert!(body.starts_with("kafka_brokers 1\n"), "{body}");
    assert!(
        body.contains("topicctl_sample_errors{part=\"groups\"} 2\n"),
        "{body}"
    );
    assert!(
        body.contains("topicctl_requests_total{request=\"Metadata\"} 7\n"),
        "{body}"
    );
    assert!(body.contains("\ntopicctl_settings_age_seconds 30."), "{body}");
    assert!(body.ends_with("# EOF\n"), "{body}");
    assert!(second.contains("kafka_brokers 2\n"), "{second}");
}

#[tokio::test]
async fn scrapes_that_come_together_share_one_look() {
    let exporting = Exporting::new(Duration::from_secs(5));
    let answers = exporting
        .during(async |address| {
            let together = join_all((0..40).map(|_| get(address, "/metrics"))).await;
            [together, vec![get(address, "/metrics").await]].concat()
        })
        .await;
    assert!(answers.iter().all(|answer| answer.contains("kafka_brokers 1\n")));
    assert_eq!(exporting.looks.get(), 1);
}

#[tokio::test]
async fn an_old_number_is_never_served_as_one_of_now() {
    let exporting = Exporting::new(Duration::ZERO);
    exporting
        .during(async |address| {
            get(address, "/metrics").await;
            exporting.fails.set(true);
            let failed = get(address, "/metrics").await;
            assert!(failed.starts_with("HTTP/1.1 200 OK\r\n"), "{failed}");
            assert!(!failed.contains("kafka_brokers"), "{failed}");
            assert!(failed.contains("\ntopicctl_sample_age_seconds 0."), "{failed}");
            assert!(
                failed.contains("topicctl_sample_errors{part=\"metadata\"} 1\n"),
                "{failed}"
            );
            assert!(failed.contains("topicctl_events_started_total 0\n"), "{failed}");
            exporting.fails.set(false);
            assert!(get(address, "/metrics").await.contains("kafka_brokers 3\n"));
        })
        .await;
}

#[tokio::test]
async fn health_says_how_the_last_look_went() {
    let exporting = Exporting::new(Duration::ZERO);
    exporting
        .during(async |address| {
            let before = get(address, "/healthz").await;
            assert!(before.starts_with("HTTP/1.1 503 "), "{before}");
            get(address, "/metrics").await;
            let well = get(address, "/healthz").await;
            assert!(
                well.ends_with("\r\n\r\nok\nthe cluster was last looked at 0 s ago\n"),
                "{well}"
            );
            exporting.fails.set(true);
            get(address, "/metrics").await;
            let ill = get(address, "/healthz").await;
            assert!(ill.starts_with("HTTP/1.1 503 Service Unavailable\r\n"), "{ill}");
            assert!(ill.contains("\r\n\r\nno broker answers\n"), "{ill}");
            // Nobody scrapes any more.
            exporting.fails.set(false);
            let well = async { while !get(address, "/healthz").await.starts_with("HTTP/1.1 200 OK\r\n") {} };
            tokio::time::timeout(Duration::from_secs(30), well)
                .await
                .expect("it is well");
            get(address, "/healthz").await;
            assert_eq!(exporting.board.standing().under_way, None, "all is well");
        })
        .await;
}

/// Whoever asks often costs the cluster no more than scrapes do.
#[tokio::test]
async fn health_asks_for_no_look_while_the_last_one_is_of_now() {
    let exporting = Exporting::new(Duration::from_mins(1));
    exporting
        .during(async |address| {
            exporting.fails.set(true);
            get(address, "/metrics").await;
            let ill = get(address, "/healthz").await;
            assert!(ill.starts_with("HTTP/1.1 503 "), "{ill}");
            assert_eq!(exporting.board.standing().under_way, None);
        })
        .await;
    assert_eq!(exporting.looks.get(), 1);
}

/// A cluster that keeps silent: a scrape is answered before its scraper gives up.
#[tokio::test]
async fn a_look_that_does_not_end_holds_up_no_scrape() {
    let exporting = Exporting::new(Duration::ZERO);
    exporting
        .during(async |address| {
            exporting.hangs.set(true);
            let head = "GET /metrics HTTP/1.1\r\nX-Prometheus-Scrape-Timeout-Seconds: 0.6\r\n\r\n";
            let answers = join_all((0..5).map(|_| ask(address, head))).await;
            for answer in answers {
                assert!(!answer.contains("kafka_brokers"), "{answer}");
                assert!(answer.ends_with("# EOF\n"), "{answer}");
            }
        })
        .await;
}

#[tokio::test]
async fn what_is_no_scrape_is_told_so() {
    let exporting = Exporting::new(Duration::from_secs(5));
    exporting
        .during(async |address| {
            let status = async |head: &str| ask(address, head).await.lines().next().unwrap_or("").to_owned();
            assert_eq!(
                status("GET /nothing HTTP/1.1\r\n\r\n").await,
                "HTTP/1.1 404 Not Found"
            );
            assert_eq!(
                status("POST /metrics HTTP/1.1\r\n\r\n").await,
                "HTTP/1.1 405 Method Not Allowed"
            );
            assert_eq!(status("\x16\x03\x01\r\n\r\n").await, "HTTP/1.1 400 Bad Request");
            let long = format!("GET /metrics HTTP/1.1\r\nx: {}\r\n\r\n", "y".repeat(9_000));
            let refused = status(&long).await;
            assert!(
                refused.is_empty() || refused.starts_with("HTTP/1.1 431 "),
                "{refused}"
            );
            let head = ask(address, "HEAD /metrics HTTP/1.1\r\n\r\n").await;
            assert!(head.ends_with("\r\n\r\n"), "{head}");
            assert!(!head.contains("Content-Length: 0"), "{head}");
        })
        .await;
    assert_eq!(exporting.looks.get(), 1);
}

#[tokio::test]
async fn scrapers_that_say_nothing_hold_nobody_up() {
    let exporting = Exporting::new(Duration::from_secs(5));
    exporting
        .during(async |address| {
            let silent = join_all((0..40).map(|_| TcpStream::connect(address))).await;
            let mut half = TcpStream::connect(address).await.unwrap();
            half.write_all(b"GET /met").await.unwrap();
            assert!(get(address, "/metrics").await.contains("kafka_brokers 1\n"));
            drop(silent);
        })
        .await;
}

/// As many as there are places, and more: the newcomer is answered at once, long before the silent ones would be let go.
#[tokio::test]
async fn connections_that_ask_nothing_give_way() {
    let exporting = Exporting::new(Duration::from_secs(5));
    let begun = Instant::now();
    exporting
        .during(async |address| {
            let mut silent = Vec::new();
            for index in 0..200 {
                let mut stream = TcpStream::connect(address).await.unwrap();
                // Some say half of something, and one letter more now and then.
                if index % 2 == 0 {
                    stream.write_all(b"GET /met").await.unwrap();
                }
                silent.push(stream);
            }
            for _ in 0..3 {
                assert!(get(address, "/metrics").await.contains("kafka_brokers 1\n"));
            }
            // The oldest was let go, the newest was not.
            let mut byte = [0];
            assert!(matches!(silent[1].read(&mut byte).await, Ok(0) | Err(_)));
            let last = silent.last_mut().unwrap();
            last.write_all(b"HEAD / HTTP/1.1\r\n\r\n").await.unwrap();
            assert_eq!(last.read(&mut byte).await.unwrap(), 1);
        })
        .await;
    assert!(
        begun.elapsed() < Duration::from_secs(5),
        "nobody waited for deadlines"
    );
}

/// Who asks and does not take the answer holds a place as well.
#[tokio::test]
async fn connections_that_do_not_take_their_answer_give_way() {
    let exporting = Exporting::new(Duration::from_mins(1));
    exporting
        .during(async |address| {
            exporting.board.begin();
            exporting.board.end(Ok(Page {
                body: "# a large page\n".repeat(1_000_000),
                ..page(1)
            }));
            let mut greedy = Vec::new();
            for _ in 0..70 {
                let mut stream = TcpStream::connect(address).await.unwrap();
                stream.write_all(b"GET /metrics HTTP/1.1\r\n\r\n").await.unwrap();
                greedy.push(stream);
            }
            assert!(get(address, "/").await.contains("/metrics, /healthz"));
        })
        .await;
}

/// A page in a browser that made its own name lead here is told nothing.
#[tokio::test]
async fn on_loopback_only_its_own_names_are_answered() {
    let mut exporting = Exporting::new(Duration::from_secs(5));
    let asked = |hosts: &str| format!("GET /metrics HTTP/1.1\r\n{hosts}\r\n");
    exporting
        .during(async |address| {
            for own in [
                "",
                "Host: localhost:9308\r\n",
                "Host: 127.0.0.1\r\n",
                "host: [::1]:1\r\n",
            ] {
                assert!(
                    ask(address, &asked(own)).await.starts_with("HTTP/1.1 200 OK\r\n"),
                    "{own}"
                );
            }
            for other in [
                "Host: evil.example\r\n",
                "Host: localhost\r\nHost: evil.example\r\n",
                "Host: 127.0.0.1.evil.example:9308\r\n",
            ] {
                let answer = ask(address, &asked(other)).await;
                assert!(answer.starts_with("HTTP/1.1 421 "), "{other}: {answer}");
                assert!(!answer.contains("kafka_") && !answer.contains("evil"), "{answer}");
            }
        })
        .await;
    // Elsewhere names of services and of machines are as good as addresses.
    exporting.access = Access::at(IpAddr::from([0, 0, 0, 0]), None);
    exporting
        .during(async |address| {
            let answer = ask(address, &asked("Host: topicctl.monitoring.svc:9308\r\n")).await;
            assert!(answer.starts_with("HTTP/1.1 200 OK\r\n"), "{answer}");
        })
        .await;
    assert!(exporting.access.warning().unwrap().contains("no authentication"));
}

#[tokio::test]
async fn with_a_token_nobody_else_is_answered() {
    let mut exporting = Exporting::new(Duration::from_secs(5));
    exporting.access = Access::at(IpAddr::from([127, 0, 0, 1]), Some("s3cret"));
    exporting
        .during(async |address| {
            for path in ["/metrics", "/healthz", "/", "/other"] {
                for wrong in [
                    "",
                    "Authorization: Bearer s3cre\r\n",
                    "Authorization: Basic s3cret\r\n",
                ] {
                    let answer = ask(address, &format!("GET {path} HTTP/1.1\r\n{wrong}\r\n")).await;
                    assert!(
                        answer.starts_with("HTTP/1.1 401 Unauthorized\r\n"),
                        "{path} {wrong}: {answer}"
                    );
                    assert!(answer.contains("\r\nWWW-Authenticate: Bearer\r\n"), "{answer}");
                }
            }
            let right = "GET /metrics HTTP/1.1\r\nauthorization: bearer s3cret\r\n\r\n";
            assert!(ask(address, right).await.contains("kafka_brokers 1\n"));
        })
        .await;
}

/// Nobody shares more than the bytes: a page of some megabytes is there once.
#[tokio::test]
async fn a_page_is_sent_from_one_place() {
    let board = Board::new(Duration::from_secs(5));
    board.begin();
    board.end(Ok(page(1)));
    let patience = Duration::from_secs(1);
    let (one, other) = (
        board.fresh(patience).await.unwrap(),
        board.fresh(patience).await.unwrap(),
    );
    assert!(Rc::ptr_eq(&one, &other));
}
