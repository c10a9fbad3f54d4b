//! A test cluster: shared or dedicated, with its brokers stopped and started by id.

use std::env;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, OnceLock, PoisonError};

use super::supervisor::{Supervisor, in_folder};

/// How many brokers a cluster has. The first three are broker and controller at once; with three or
/// four, each has a rack of its own: `rack-a`, `rack-b`, `rack-c`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Brokers {
    /// One broker, with id 1.
    One,
    /// Three brokers, with ids 1, 2 and 3; two of them are a quorum.
    Three,
    /// The same and a fourth, in `rack-d`, that is no controller.
    Four,
}

/// A real Kafka cluster that ends with its value, or with the test process.
#[derive(Debug)]
pub(crate) struct Kafka {
    bootstrap: String,
    folder: PathBuf,
    supervisor: Mutex<Supervisor>,
}

static ONE: OnceLock<Result<Kafka, String>> = OnceLock::new();
static THREE: OnceLock<Result<Kafka, String>> = OnceLock::new();

impl Kafka {
    /// The one-broker cluster that all tests of this binary share.
    pub(crate) fn one() -> &'static Self {
        Self::shared(&ONE, Brokers::One)
    }

    /// The three-broker cluster that all tests of this binary share.
    pub(crate) fn three() -> &'static Self {
        Self::shared(&THREE, Brokers::Three)
    }

    /// The first failure to start is every test's failure: trying again in each of them would
    /// only take longer to say the same.
    fn shared(cell: &'static OnceLock<Result<Self, String>>, brokers: Brokers) -> &'static Self {
        match cell.get_or_init(|| Self::start(brokers, &[], &[])) {
            Ok(kafka) => kafka,
            Err(reason) => panic!("{}", cannot_start(reason)),
        }
    }

    /// A cluster for one test alone, with broker settings of its own
    /// (`server.properties` names).
    pub(crate) fn dedicated(brokers: Brokers, properties: &[(&str, &str)]) -> Self {
        Self::with_listeners(brokers, &[], properties)
    }

    /// As [`Self::dedicated`], with more listeners: each a name with its security protocol.
    pub(crate) fn with_listeners(
        brokers: Brokers,
        listeners: &[(&str, &str)],
        properties: &[(&str, &str)],
    ) -> Self {
        Self::start(brokers, listeners, properties)
            .unwrap_or_else(|reason| panic!("{}", cannot_start(&reason)))
    }

    /// One broker with remote storage, of the release whose plugin for it can be had, whatever the release
    /// under test.
    pub(crate) fn with_remote_storage(properties: &[(&str, &str)]) -> Self {
        let mut options = vec!["--tiered-storage".to_owned()];
        options.extend(as_options(properties));
        Self::start_with(Brokers::One, options).unwrap_or_else(|reason| panic!("{}", cannot_start(&reason)))
    }

    fn start(
        brokers: Brokers,
        listeners: &[(&str, &str)],
        properties: &[(&str, &str)],
    ) -> Result<Self, String> {
        let mut options = Vec::new();
        if let Some(version) = version_under_test() {
            options.extend(["--version".to_owned(), version]);
        }
        for (name, protocol) in listeners {
            options.extend(["--listener".to_owned(), format!("{name}={protocol}")]);
        }
        options.extend(as_options(properties));
        Self::start_with(brokers, options)
    }

    fn start_with(brokers: Brokers, options: Vec<String>) -> Result<Self, String> {
        let folder = new_folder()?;
        let count = match brokers {
            Brokers::One => "1",
            Brokers::Three => "3",
            Brokers::Four => "4",
        };
        let mut arguments = ["--temporary", "--port", "free", "--brokers", count]
            .map(str::to_owned)
            .to_vec();
        arguments.extend(in_folder(&folder));
        arguments.extend(options);
        let (supervisor, bootstrap) = Supervisor::start(&arguments)?;
        Ok(Self {
            bootstrap,
            folder,
            supervisor: Mutex::new(supervisor),
        })
    }

    /// The addresses of all brokers, in the order of their ids: `127.0.0.1:24854,…`.
    pub(crate) fn bootstrap(&self) -> &str {
        &self.bootstrap
    }

    /// Where broker 1 has the listener with this index among those that were asked for.
    pub(crate) fn listener_port(&self, index: u16) -> u16 {
        let first = self
            .bootstrap
            .split(',')
            .next()
            .and_then(|address| address.rsplit(':').next());
        let port: u16 = first
            .and_then(|port| port.parse().ok())
            .unwrap_or_else(|| panic!("{}", self.bootstrap));
        // As `scripts/kafka help` says.
        port + 6 + 3 * index
    }

    /// Where the controller of broker 1 listens.
    pub(crate) fn controller_port(&self) -> u16 {
        // Three brokers' ports, then the controllers'.
        self.listener_port(0) - 3
    }

    /// The folder by which `scripts/kafka` finds this cluster.
    pub(super) fn folder(&self) -> &Path {
        &self.folder
    }

    /// Stops a broker the orderly way, and waits until its process has ended.
    pub(crate) fn stop_broker(&self, id: u8) {
        self.ask("stop-broker", id);
    }

    /// Kills a broker's process. The others notice when its session is over, after 5 s.
    pub(crate) fn kill_broker(&self, id: u8) {
        self.ask("kill-broker", id);
    }

    /// Starts a broker that was stopped or killed, under its old address and with its data, and
    /// waits until every running broker lists it as live.
    pub(crate) fn start_broker(&self, id: u8) {
        self.ask("start-broker", id);
    }

    fn ask(&self, verb: &str, id: u8) {
        // A test that panicked in here did not break the pipe.
        let mut supervisor = self.supervisor.lock().unwrap_or_else(PoisonError::into_inner);
        let outcome = supervisor.ask(verb, id);
        drop(supervisor);
        if let Err(said) = outcome {
            panic!("{verb} {id} failed:\n{said}");
        }
    }
}

fn as_options(properties: &[(&str, &str)]) -> impl Iterator<Item = String> {
    let option = |(key, value): &(&str, &str)| ["--property".to_owned(), format!("{key}={value}")];
    properties.iter().flat_map(option)
}

/// The release of Kafka that all clusters are of; `None` is the newest that `scripts/kafka` knows.
pub(crate) fn version_under_test() -> Option<String> {
    env::var("TOPICCTL_TEST_KAFKA_VERSION").ok()
}

/// An empty folder under `target`. The supervisor deletes it, since it outlives this process.
fn new_folder() -> Result<PathBuf, String> {
    tempfile::Builder::new()
        .prefix("kafka-")
        .tempdir_in(env!("CARGO_TARGET_TMPDIR"))
        .map(tempfile::TempDir::keep)
        .map_err(|error| format!("no folder for the cluster: {error}"))
}

fn cannot_start(reason: &str) -> String {
    format!(
        "this test needs a real Kafka, and none could be started:\n{reason}\n\
         `scripts/kafka prepare` fetches Kafka and says what this machine lacks"
    )
}
