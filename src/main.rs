//! The `topicctl` command: parse, run, exit code. Everything else is in the library.

use std::io::{self, IsTerminal, Write};
use std::process::ExitCode;

use clap::Parser;
use topicctl::cli::{Cli, ColorChoice};
use topicctl::command::{self, Exit, Failure, Screen, ScreenSize, Shell};
use topicctl::render::{ClosedPipe, Style};

fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => return usage(&error),
    };
    trace(cli.global.verbose);
    let err_style = style(cli.global.color, &io::stderr());
    match run(cli, err_style) {
        Ok(exit) => ExitCode::from(exit.code()),
        Err(error) => {
            command::show_failure(&mut io::stderr(), err_style, &error);
            ExitCode::from(Exit::Failed.code())
        }
    }
}

/// Help and version are results; anything else is an error. Clap's own code for errors is 2, which
/// here means that changes are pending.
fn usage(error: &clap::Error) -> ExitCode {
    let shown = error.print().is_ok();
    ExitCode::from(u8::from(error.use_stderr() || !shown))
}

fn run(cli: Cli, err_style: Style) -> Result<Exit, Failure> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    let (stdout, mut stderr) = (io::stdout(), io::stderr());
    let (is_person, to_terminal) = (io::stdin().is_terminal(), stderr.is_terminal());
    let stdout_is_terminal = stdout.is_terminal();
    let style = style(cli.global.color, &stdout);
    let mut out = ClosedPipe::new(io::BufWriter::new(stdout.lock()));
    let reader_left = out.reader_left();
    let mut shell = Shell {
        out: &mut out,
        reader_left,
        // Not locked for the whole run: the log of -v is written from other threads too.
        err: &mut stderr,
        style,
        err_style,
        screen: if stdout.is_terminal() {
            Screen::Terminal
        } else {
            Screen::Elsewhere
        },
        screen_size: &screen_size,
        shows_progress: to_terminal && !cli.global.quiet,
        can_ask: is_person && to_terminal,
        has_screen: is_person && stdout_is_terminal,
        quiet: cli.global.quiet,
        verbose: cli.global.verbose,
        environment: &|name| std::env::var(name).ok(),
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

/// `-v` shows the requests, `-vv` everything; both go to stderr.
fn trace(verbose: u8) {
    let level = match verbose {
        0 => return,
        1 => tracing::Level::DEBUG,
        _ => tracing::Level::TRACE,
    };
    tracing_subscriber::fmt()
        .with_max_level(level)
        .with_writer(io::stderr)
        .with_ansi(false)
        .without_time()
        .init();
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
