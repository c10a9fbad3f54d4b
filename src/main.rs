//! The `topicctl` command: parse, run, exit code. Everything else is in the library.

use std::backtrace::{Backtrace, BacktraceStatus};
use std::io::{self, IsTerminal, Write};
use std::os::fd::AsFd;
use std::process::ExitCode;

use clap::Parser;
use rustix::process::{Resource, Rlimit, setrlimit};
use topicctl::cli::{Cli, ColorChoice};
use topicctl::command::{self, Exit, Failure, OutputDevice, ScreenSize, Shell};
use topicctl::model::printable;
use topicctl::render::{ClosedPipe, OutputGuard, Style, Wrapped};

fn main() -> ExitCode {
    dump_no_core();
    show_panics_printable();
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => return usage(error),
    };
    trace(cli.global.verbose);
    let err_style = style(cli.global.color, &io::stderr());
    match run(cli, err_style) {
        Ok(exit) => ExitCode::from(exit.code()),
        Err(error) => {
            command::show_failure(&mut messages(err_style), err_style, &error);
            ExitCode::from(Exit::Failed.code())
        }
    }
}

/// Passwords, tokens and keys are in memory, and a core would keep them on disk or send them to a collector. Best
/// effort: where it fails, what is asked for is done all the same.
fn dump_no_core() {
    let none = Rlimit {
        current: Some(0),
        maximum: Some(0),
    };
    let _ = setrlimit(Resource::Core, none);
    // A program that takes cores through a pipe is not bound by the limit.
    #[cfg(target_os = "linux")]
    let _ = rustix::process::set_dumpable_behavior(rustix::process::DumpableBehavior::NotDumpable);
}

/// Help and version are results; anything else is an error. Clap's own code for errors is 2, which
/// here means that changes are pending.
fn usage(error: clap::Error) -> ExitCode {
    let error = quoting_printable(error);
    let shown = if error.use_stderr() {
        show_usage(&error, io::stderr())
    } else {
        show_usage(&error, io::stdout())
    };
    ExitCode::from(u8::from(error.use_stderr() || shown.is_err()))
}

/// The error once more, of arguments in which nothing controls a terminal: it quotes them.
fn quoting_printable(error: clap::Error) -> clap::Error {
    let arguments = std::env::args_os().map(|argument| printable(&argument.to_string_lossy()).into_owned());
    Cli::try_parse_from(arguments).err().unwrap_or(error)
}

fn show_usage(error: &clap::Error, stream: impl Write + IsTerminal) -> io::Result<()> {
    let style = style(ColorChoice::Auto, &stream);
    let mut out = OutputGuard::new(stream, style);
    match style {
        Style::Plain => write!(out, "{}", error.render())?,
        Style::Colored => write!(out, "{}", error.render().ansi())?,
    }
    out.flush()
}

/// A panic can quote what others wrote, as everything can.
fn show_panics_printable() {
    std::panic::set_hook(Box::new(|panic| {
        let words = panic.payload_as_str().unwrap_or("something went wrong");
        let place = panic.location().map(ToString::to_string).unwrap_or_default();
        let trace = Backtrace::capture();
        let mut err = OutputGuard::new(io::stderr(), Style::Plain);
        let _ = writeln!(err, "topicctl panicked at {place}: {}", printable(words));
        if trace.status() == BacktraceStatus::Captured {
            let _ = writeln!(err, "{trace}");
        }
    }));
}

fn run(cli: Cli, err_style: Style) -> Result<Exit, Failure> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    let stdout = io::stdout();
    let (is_person, to_terminal) = (io::stdin().is_terminal(), io::stderr().is_terminal());
    let stdout_is_terminal = stdout.is_terminal();
    let style = style(cli.global.color, &stdout);
    let guarded = OutputGuard::new(io::BufWriter::new(stdout.lock()), style)
        .on_screen(stdout_is_terminal)
        .annotating(cli.annotates());
    let mut out = ClosedPipe::new(guarded);
    let reader_left = out.reader_left();
    // Not locked for the whole run: the log of -v is written from other threads too.
    let mut err = messages(err_style);
    let mut shell = Shell {
        out: &mut out,
        reader_left,
        err: &mut err,
        style,
        err_style,
        screen: if stdout_is_terminal {
            OutputDevice::Terminal
        } else {
            OutputDevice::Elsewhere
        },
        screen_size: &screen_size,
        shows_progress: to_terminal && !cli.global.quiet,
        can_ask: is_person && to_terminal,
        has_screen: is_person && stdout_is_terminal,
        quiet: cli.global.quiet,
        verbose: cli.global.verbose,
        environment: &|name| Some(std::env::var_os(name)?.to_string_lossy().into_owned()),
    };
    let exit = runtime.block_on(command::run(cli, &mut shell));
    // A question that nobody answered still waits for a line on its own thread.
    runtime.shutdown_background();
    out.flush()?;
    exit
}

fn style(choice: ColorChoice, stream: &impl IsTerminal) -> Style {
    let wanted = match choice {
        ColorChoice::Always => true,
        ColorChoice::Never => false,
        ColorChoice::Auto => {
            stream.is_terminal() && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty())
        }
    };
    if wanted { Style::Colored } else { Style::Plain }
}

/// Where messages for people go, within the width of their terminal.
fn messages(style: Style) -> Wrapped<OutputGuard<io::Stderr>> {
    let columns = columns(io::stderr());
    Wrapped::new(OutputGuard::new(io::stderr(), style), columns)
}

/// Those of a terminal that knows how many it has.
fn columns(stream: impl AsFd) -> Option<usize> {
    let size = rustix::termios::tcgetwinsize(stream).ok()?;
    (size.ws_col > 0).then_some(size.ws_col.into())
}

/// `-v` shows the requests, `-vv` everything; both go to stderr.
fn trace(verbose: u8) {
    let level = match verbose {
        0 => return,
        1 => tracing::Level::DEBUG,
        _ => tracing::Level::TRACE,
    };
    tracing_subscriber::fmt()
        .with_max_level(level)
        .with_writer(|| LogLine)
        .with_ansi(false)
        .without_time()
        .init();
}

/// Writes what is logged, each event on one line: brokers' words and librdkafka's are in it.
struct LogLine;

impl Write for LogLine {
    /// The log writes an event at once, with the end of its line.
    fn write(&mut self, event: &[u8]) -> io::Result<usize> {
        let text = String::from_utf8_lossy(event);
        let mut out = OutputGuard::new(io::stderr().lock(), Style::Plain);
        writeln!(out, "{}", printable(text.trim_end()))?;
        Ok(event.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        io::stderr().flush()
    }
}

/// Windows change their size, so this is asked whenever it matters.
fn screen_size() -> Option<ScreenSize> {
    let size = rustix::termios::tcgetwinsize(io::stdout()).ok()?;
    // Some terminals do not know.
    let is_known = size.ws_row > 0 && size.ws_col > 0;
    is_known.then(|| ScreenSize {
        rows: size.ws_row.into(),
        columns: size.ws_col.into(),
    })
}
