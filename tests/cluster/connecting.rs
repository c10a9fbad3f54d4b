//! Finding the cluster: no broker, something else in its place, one that is still starting, and the
//! wrong one.

use std::io::{BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::thread;
use std::time::{Duration, Instant};

use crate::binary::{Project, Run};
use crate::support::{Brokers, Kafka};

const FILE: &str = "\
version: 1
topics:
  - name: connecting
    partitions: 1
";

/// What a process may take beyond its deadline on a machine that has better things to do.
const SLACK: Duration = Duration::from_secs(5);

/// A server on a free port that treats every connection the same. It ends with the test process.
fn server(treat: impl Fn(TcpStream) + Send + 'static) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap().to_string();
    thread::spawn(move || listener.incoming().flatten().for_each(treat));
    address
}

/// A port where nothing listens, and which nobody else gets meanwhile: the near end of a connection.
struct Deserted {
    near: TcpStream,
    _far: TcpListener,
}

impl Deserted {
    fn new() -> Self {
        let far = TcpListener::bind("127.0.0.1:0").unwrap();
        let near = TcpStream::connect(far.local_addr().unwrap()).unwrap();
        Self { near, _far: far }
    }

    fn address(&self) -> String {
        self.near.local_addr().unwrap().to_string()
    }
}

/// The address of a server that takes everything and says nothing.
pub(crate) fn silent() -> String {
    server(|stream: TcpStream| _ = thread::spawn(move || BufReader::new(stream).bytes().count()))
}

/// An address where nothing listens until this process ends.
pub(crate) fn deserted() -> String {
    let deserted = Deserted::new();
    let address = deserted.address();
    std::mem::forget(deserted);
    address
}

/// What an apply that may try for so many seconds says, without the address and the time it tried.
fn failure(address: &str, seconds: u64) -> String {
    let project = Project::at(address, FILE);
    let started = Instant::now();
    let run = project.run(&["apply", "--connect-timeout", &format!("{seconds}s")]);
    let took = started.elapsed();
    assert!(
        took < Duration::from_secs(seconds) + SLACK,
        "took {took:?}:\n{run}"
    );
    without_time(&run.expect(1).text().replace(address, "ADDRESS"))
}

/// `within 2.1s:` without the number, which is another one on a busy machine.
fn without_time(text: &str) -> String {
    let time = |(before, after): (_, &str)| Some((before, after.split_once("s:\n")?.1.to_owned()));
    let Some((before, after)) = text.split_once(" within ").and_then(time) else {
        panic!("no time in {text}");
    };
    format!("{before} within TIME:\n{after}")
}

#[test]
fn without_a_broker_the_address_is_named_and_what_to_do() {
    insta::assert_snapshot!(failure(&Deserted::new().address(), 2), @"
    exit code 1
    --- stderr
    error: no Kafka broker could be reached within TIME:
      ADDRESS: connection refused; nothing listens there
    The address comes from --bootstrap-server. If it is right, see that the broker runs and can be reached from here; for one that is still starting, try --connect-timeout 2m.
    ");
}

#[test]
fn every_address_is_named_with_what_happened_there() {
    let deserted = Deserted::new();
    let (first, second) = (deserted.address(), server(closing));
    let failure = failure(&format!("{first},{second}"), 2);
    let failure = failure.replace(&first, "FIRST").replace(&second, "SECOND");
    insta::assert_snapshot!(failure, @"
    exit code 1
    --- stderr
    error: no Kafka broker could be reached within TIME:
      FIRST: connection refused; nothing listens there
      SECOND: the connection was closed at the first request; is this a TLS port, or no Kafka broker?
    The address comes from --bootstrap-server. If it is right, see that the broker runs and can be reached from here; for one that is still starting, try --connect-timeout 2m.
    ");
}

#[test]
fn a_server_that_says_nothing_is_given_up_in_time() {
    insta::assert_snapshot!(failure(&silent(), 2), @"
    exit code 1
    --- stderr
    error: no Kafka broker could be reached within TIME:
      ADDRESS: it accepted the connection but did not answer; is this a TLS port, or no Kafka broker?
    The address comes from --bootstrap-server. If it is right, see that the broker runs and can be reached from here; for one that is still starting, try --connect-timeout 2m.
    ");
}

/// Takes the request first: with a request unread, closing would be a reset.
fn closing(mut stream: TcpStream) {
    let _ = stream.read(&mut [0; 1024]);
}

#[test]
fn a_server_that_closes_is_no_broker() {
    insta::assert_snapshot!(failure(&server(closing), 2), @"
    exit code 1
    --- stderr
    error: no Kafka broker could be reached within TIME:
      ADDRESS: the connection was closed at the first request; is this a TLS port, or no Kafka broker?
    The address comes from --bootstrap-server. If it is right, see that the broker runs and can be reached from here; for one that is still starting, try --connect-timeout 2m.
    ");
}

#[test]
fn a_web_server_is_known_at_once() {
    let page = |mut stream: TcpStream| {
        let _ = stream.read(&mut [0; 1024]);
        let _ = stream.write_all(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n");
    };
    let started = Instant::now();
    insta::assert_snapshot!(failure(&server(page), 60), @"
    exit code 1
    --- stderr
    error: no Kafka broker could be reached within TIME:
      ADDRESS: this is an HTTP server, not a Kafka broker
    The address comes from --bootstrap-server. Give the host and port of a Kafka broker.
    ");
    assert!(started.elapsed() < Duration::from_secs(30), "it was tried again");
}

#[test]
fn a_broker_that_answers_makes_up_for_those_that_do_not() {
    let kafka = Kafka::one();
    let deserted = Deserted::new();
    let addresses = format!("{},{}", deserted.address(), kafka.bootstrap());
    let project = Project::at(&addresses, "version: 1\ntopics: [{name: connecting.second}]\n");
    project.run(&["apply"]).expect(0);
    project.run(&["diff"]).expect(0);
}

#[test]
fn a_broker_that_starts_late_is_waited_for() {
    let late = Duration::from_secs(20);
    let kafka = Kafka::dedicated(Brokers::One, &[]);
    kafka.stop_broker(1);
    let project = Project::new(&kafka, FILE);

    let started = Instant::now();
    let apply = thread::scope(|scope| {
        let apply = scope.spawn(|| project.run(&["apply", "--connect-timeout", "2m"]));
        // Not a wait for anything: the delay is the case under test.
        thread::sleep(late);
        kafka.start_broker(1);
        apply.join().unwrap()
    });

    let took = started.elapsed();
    let apply = apply.expect(0);
    assert!(took > late, "there was a broker after {took:?}:\n{apply}");
    assert!(
        apply.stdout.ends_with("✅ Topic connecting created\n1 done.\n"),
        "{apply}"
    );
    assert_eq!(kafka.tool_output("topics", &["--list"]), "connecting\n");
}

#[test]
fn another_cluster_behind_the_address_is_left_as_it_is() {
    let kafka = Kafka::one();
    let said = kafka.tool_output(
        "cluster",
        &["cluster-id", "--bootstrap-server", kafka.bootstrap()],
    );
    let (_, id) = said.trim().split_once(": ").unwrap();
    let file = |expected: &str| {
        format!("version: 1\nprofiles: {{dev: {{cluster_id: {expected}}}}}\ntopics: [{{name: identified}}]\n")
    };
    let project = Project::new(kafka, &file("Another-cluster"));
    let without_id = |run: &Run| {
        let text = run.text().replace(kafka.bootstrap(), "ADDRESS");
        text.replace(id, "CLUSTER")
    };

    let apply = project.run(&["apply", "-v"]).expect(1);

    let listed = kafka.tool_output("topics", &["--list"]);
    assert!(!listed.contains("identified"), "{listed}");
    let requests = apply.stderr.lines().filter(|line| line.contains(" sent "));
    assert_eq!(
        requests.count(),
        2,
        "more than the cluster's id was read:\n{apply}"
    );
    insta::assert_snapshot!(without_id(&project.run(&["apply"]).expect(1)), @"
    exit code 1
    --- stderr
    error: ADDRESS is cluster CLUSTER, but the profile is for cluster Another-cluster (topics.yaml:2 (profile dev)); nothing was read or changed
    The address comes from --bootstrap-server.
    ");

    project.write(&file(id));
    project.run(&["diff"]).expect(2);
}

/// On every release: each has another list of requests at its controllers.
#[test]
fn a_controllers_listener_is_named_and_the_next_address_is_tried() {
    let kafka = Kafka::one();
    let controller = format!("127.0.0.1:{}", kafka.controller_port());
    let project = Project::at(&controller, FILE);
    let began = Instant::now();
    let said = project.run(&["diff"]).expect(1).text();
    assert!(
        began.elapsed() < SLACK,
        "it is known at once: {:?}",
        began.elapsed()
    );
    let expected = format!("  {controller}: this is a KRaft controller's listener; give a broker's\n");
    assert!(said.contains(&expected), "{said}");
    let both = format!("{controller},{}", kafka.bootstrap());
    Project::at(&both, FILE).run(&["diff"]).expect(2);
    // The data plane is given the same list.
    Project::at(&both, FILE).run(&["monitor", "--once"]).expect(0);
}
