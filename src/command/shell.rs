//! What surrounds a run: where results and messages go, what may be asked, the environment. Decided
//! once in `main`, so that a run can be driven from a test as well.

use std::cell::Cell;
use std::io::{self, Write};
use std::rc::Rc;

use thiserror::Error;

use crate::admin::{AdminError, RequestCounts};
use crate::connection::PropertyProblems;
use crate::events::ConsumeError;
use crate::manifest::Problems;
use crate::render::{Style, Text};

/// How a run ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exit {
    /// Done, or in sync.
    Done,
    /// Something failed that was reported where it happened.
    Failed,
    /// `diff`: changes are pending.
    Pending,
    /// Something is impossible, not allowed, or was declined.
    Blocked,
}

impl Exit {
    /// The process's exit code.
    pub fn code(self) -> u8 {
        match self {
            Self::Done => 0,
            Self::Failed => 1,
            Self::Pending => 2,
            Self::Blocked => 3,
        }
    }
}

/// Why a run could not come to a result. Always exit code 1.
#[derive(Debug, Error)]
pub enum Failure {
    /// The file has problems.
    #[error("{0}")]
    Manifest(Problems),
    /// The client properties have problems.
    #[error("{0}")]
    Connection(PropertyProblems),
    /// The cluster could not be asked.
    #[error("{error}{advice}")]
    Admin {
        /// What happened.
        error: AdminError,
        /// What to do next, on lines of its own; may be empty.
        advice: String,
    },
    /// Events could not be read.
    #[error("{error}{advice}")]
    Events {
        /// What happened.
        error: ConsumeError,
        /// How a right that is missing is granted, on lines of its own; may be empty.
        advice: String,
    },
    /// Nobody decides for the cluster, so that what brokers show may be out of date.
    #[error(
        "the cluster has no controller, and what its brokers show may be out of date; nothing was read or \
         changed{0}\nMost of the controllers have to run before this can go on."
    )]
    NoController(String),
    /// What was typed does not fit.
    #[error("{0}")]
    Usage(String),
    /// The broker did not say whether it accepts the plan.
    #[error(
        "nothing was changed, since the broker did not say whether it accepts the plan: {0}\nRun it again."
    )]
    NotValidated(String),
    /// A signal came before the first write.
    #[error("interrupted, nothing changed")]
    Interrupted,
    /// A second signal came in the middle of writing.
    #[error("quit in the middle of writing; run `topicctl diff` to see what was done")]
    Quit,
    /// Results could not be written.
    #[error("the output cannot be written: {0}")]
    Output(#[from] io::Error),
}

impl From<AdminError> for Failure {
    fn from(error: AdminError) -> Self {
        Self::Admin {
            error,
            advice: String::new(),
        }
    }
}

/// Where results go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OutputDevice {
    /// To a terminal, where what was written can be drawn over.
    Terminal,
    /// To a file or another program.
    Elsewhere,
}

/// How much a terminal shows at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ScreenSize {
    /// Its lines.
    pub rows: usize,
    /// The characters of each.
    pub columns: usize,
}

/// The surroundings of a run.
#[allow(
    clippy::struct_excessive_bools,
    reason = "each is a fact of its own about the surroundings"
)]
pub struct Shell<'a> {
    /// Results. Data only.
    pub out: &'a mut dyn Write,
    /// Whether the reader of results has left, so that nobody wants more of them.
    pub reader_left: Rc<Cell<bool>>,
    /// Messages for people.
    pub err: &'a mut dyn Write,
    /// The style of results.
    pub style: Style,
    /// The style of messages.
    pub err_style: Style,
    /// Where results go.
    pub screen: OutputDevice,
    /// How large the terminal is right now that results go to; `None` where it does not say.
    pub screen_size: &'a dyn Fn() -> Option<ScreenSize>,
    /// Whether progress may be drawn on the terminal that messages go to.
    pub shows_progress: bool,
    /// Whether there is a person at stdin and stderr who can be asked.
    pub can_ask: bool,
    /// Whether results go to a terminal, and keys come from one.
    pub has_screen: bool,
    /// Only results and errors.
    pub quiet: bool,
    /// How often `-v` was given.
    pub verbose: u8,
    /// Reads a variable of the environment.
    pub environment: &'a dyn Fn(&str) -> Option<String>,
}

/// Writes for people why a run failed. A message that cannot be shown changes nothing any more.
pub fn show_failure(err: &mut dyn Write, style: Style, failure: &Failure) {
    let _ = match failure {
        // Each problem says itself whether it is an error.
        Failure::Manifest(problems) => writeln!(err, "{problems}"),
        Failure::Connection(problems) => writeln!(err, "{problems}"),
        Failure::Admin { .. }
        | Failure::Events { .. }
        | Failure::Usage(_)
        | Failure::NoController(_)
        | Failure::NotValidated(_)
        | Failure::Interrupted
        | Failure::Quit
        | Failure::Output(_) => {
            writeln!(err, "{} {failure}", style.error_label())
        }
    };
}

impl Shell<'_> {
    /// Writes results as text, within the terminal's width where they go to one.
    pub(super) fn text(&mut self) -> Text<'_> {
        let columns = self.columns();
        Text::new(self.out, self.style).within(columns)
    }

    /// The width of the terminal that results go to.
    pub(super) fn columns(&self) -> Option<usize> {
        let size = match self.screen {
            OutputDevice::Terminal => (self.screen_size)(),
            OutputDevice::Elsewhere => None,
        };
        size.map(|size| size.columns)
    }

    /// An error that does not end the run. Shown even where only errors are wanted.
    pub(super) fn tell_error(&mut self, message: &str) {
        let _ = writeln!(self.err, "{} {message}", self.err_style.error_label());
    }

    /// Everything that is wrong with the file. Each problem says itself whether it is an error.
    pub(super) fn tell_problems(&mut self, problems: &Problems) {
        let _ = writeln!(self.err, "{problems}");
    }

    /// With `-v`: what the run cost the cluster.
    pub(super) fn tell_requests(&mut self, requests: &RequestCounts) {
        if self.verbose > 0 {
            let counts: Vec<String> = requests
                .iter()
                .map(|(name, count)| format!("{name} {count}"))
                .collect();
            let total: u64 = requests.values().sum();
            self.message(&format!("requests: {total} ({})", counts.join(", ")));
        }
    }

    /// Tells people something, unless they want quiet. A message that cannot be shown is no reason
    /// to stop.
    pub fn message(&mut self, message: &str) {
        if !self.quiet {
            let _ = writeln!(self.err, "{message}");
        }
    }
}
