//! The real terminal. It is taken over and given back as it was: at the end, after an error, after a panic, and
//! when a signal ends the program.

use std::io::{self, Stdout};
use std::panic;
use std::sync::Once;
use std::sync::atomic::{AtomicBool, Ordering};

use ratatui::backend::CrosstermBackend;
use ratatui::crossterm::cursor::{Hide, Show};
use ratatui::crossterm::event::{self, Event, KeyEvent, KeyEventKind};
use ratatui::crossterm::execute;
use ratatui::crossterm::terminal::{
    EnterAlternateScreen, LeaveAlternateScreen, disable_raw_mode, enable_raw_mode,
};
use ratatui::{Frame, Terminal};
use tokio::sync::mpsc;

/// Whether the terminal is taken over, by whomever in this process.
static IS_TAKEN: AtomicBool = AtomicBool::new(false);

/// The terminal while it is taken over.
pub struct Screen {
    terminal: Terminal<CrosstermBackend<Stdout>>,
}

/// What comes from the terminal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Input {
    /// A key.
    Key(KeyEvent),
    /// It has another size now.
    Resized,
}

impl Screen {
    /// Takes the terminal over: its own screen, no cursor, keys as they are pressed.
    ///
    /// # Errors
    /// Where standard output or input is no terminal. It is as it was then.
    pub fn open() -> io::Result<Self> {
        give_back_after_panics();
        IS_TAKEN.store(true, Ordering::SeqCst);
        let opened = take_over();
        if opened.is_err() {
            give_back();
        }
        opened.map(|terminal| Self { terminal })
    }

    /// Draws what is to be seen now.
    ///
    /// # Errors
    /// Where the terminal is gone.
    pub fn draw(&mut self, draw: impl FnOnce(&mut Frame<'_>)) -> io::Result<()> {
        self.terminal.draw(draw).map(|_| ())
    }

    /// What comes from the terminal, until it is gone. Reading blocks, so it is done on a thread of its own, which
    /// ends with the process or with the terminal.
    pub fn input(&self) -> mpsc::UnboundedReceiver<Input> {
        let (send, receive) = mpsc::unbounded_channel();
        std::thread::spawn(move || {
            while let Ok(event) = event::read() {
                let input = match event {
                    Event::Key(key) if key.kind != KeyEventKind::Release => Input::Key(key),
                    Event::Resize(..) => Input::Resized,
                    _ => continue,
                };
                if send.send(input).is_err() {
                    return;
                }
            }
        });
        receive
    }
}

impl Drop for Screen {
    fn drop(&mut self) {
        give_back();
    }
}

fn take_over() -> io::Result<Terminal<CrosstermBackend<Stdout>>> {
    enable_raw_mode()?;
    execute!(io::stdout(), EnterAlternateScreen, Hide)?;
    Terminal::new(CrosstermBackend::new(io::stdout()))
}

/// Does nothing if it was done already. A terminal that is gone needs nothing back.
fn give_back() {
    if IS_TAKEN.swap(false, Ordering::SeqCst) {
        let _ = execute!(io::stdout(), LeaveAlternateScreen, Show);
        let _ = disable_raw_mode();
    }
}

/// A panic's words are written before anything is dropped: on the other screen they would be lost.
fn give_back_after_panics() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let before = panic::take_hook();
        panic::set_hook(Box::new(move |panic| {
            give_back();
            before(panic);
        }));
    });
}
