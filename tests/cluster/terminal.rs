//! A real terminal for a program: a pseudo-terminal of a known size, and what the program left of it.

use std::fs::File;
use std::io::{Read, Write};
use std::num::NonZero;
use std::os::fd::OwnedFd;
use std::process::{Child, Command, ExitStatus, Stdio};

use rustix::fs::{Mode, OFlags};
use rustix::pty::OpenptFlags;
use rustix::termios::{LocalModes, Winsize, tcgetattr, tcsetwinsize};

/// What a program writes to have a screen of its own, and to give it back.
const OWN_SCREEN: &str = "\u{1b}[?1049h";
const GIVEN_BACK: &str = "\u{1b}[?1049l";
const CURSOR: &str = "\u{1b}[?25h";

/// What the live view ends each of its pictures with: it hides the cursor.
const DRAWN: &[u8] = b"\x1b[?25l";

/// A program in a terminal. It ends with this value at the latest.
pub(crate) struct InTerminal {
    pub(crate) child: Child,
    person: File,
    program: OwnedFd,
    /// Everything that it has written so far.
    pub(crate) shown: String,
    /// What a terminal makes of that.
    emulated: vt100::Parser,
    before: LocalModes,
}

impl InTerminal {
    /// Starts a program with its standard input, output and error in a terminal of this size.
    pub(crate) fn start(mut command: Command, columns: u16, rows: u16) -> Self {
        let person = rustix::pty::openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).unwrap();
        rustix::pty::grantpt(&person).unwrap();
        rustix::pty::unlockpt(&person).unwrap();
        let path = rustix::pty::ptsname(&person, Vec::new()).unwrap();
        // A broker that another test starts meanwhile would hold it open, and reading would never end.
        let flags = OFlags::RDWR | OFlags::NOCTTY | OFlags::CLOEXEC;
        let program = rustix::fs::open(path, flags, Mode::empty()).unwrap();
        let before = tcgetattr(&program).unwrap().local_modes;
        let end = || Stdio::from(program.try_clone().unwrap());
        let started = command
            .env("TERM", "xterm")
            .stdin(end())
            .stdout(end())
            .stderr(end());
        resize(&program, columns, rows);
        Self {
            child: started.spawn().unwrap(),
            person: File::from(person),
            program,
            shown: String::new(),
            emulated: emulated(columns, rows),
            before,
        }
    }

    /// Gives the terminal another size. The kernel tells only who has it as its controlling one: the signal is
    /// the test's to send.
    pub(crate) fn resize(&mut self, columns: u16, rows: u16) {
        self.emulated = emulated(columns, rows);
        resize(&self.program, columns, rows);
    }

    /// Reads until a text was shown since the last time.
    pub(crate) fn see(&mut self, text: &str) {
        let mut since = String::new();
        while !since.contains(text) {
            since.push_str(&String::from_utf8_lossy(&self.read()));
            let ended = self.child.try_wait().unwrap();
            assert!(ended.is_none(), "it ended without {text:?}: {since}");
        }
        self.shown.push_str(&since);
    }

    /// Reads until a whole picture is as wanted; the lines of it.
    pub(crate) fn picture(&mut self, is_wanted: impl Fn(&[String]) -> bool) -> Vec<String> {
        loop {
            let piece = self.read();
            self.shown.push_str(&String::from_utf8_lossy(&piece));
            let text = self.emulated.screen().contents();
            let lines: Vec<String> = text.lines().map(|line| line.trim_end().to_owned()).collect();
            if piece.ends_with(DRAWN) && is_wanted(&lines) {
                return lines;
            }
            let ended = self.child.try_wait().unwrap();
            assert!(ended.is_none(), "it ended with this on the screen:\n{text}");
        }
    }

    fn read(&mut self) -> Vec<u8> {
        let mut piece = [0; 4096];
        let read = self.person.read(&mut piece).unwrap();
        self.emulated.process(&piece[..read]);
        piece[..read].to_vec()
    }

    pub(crate) fn press(&mut self, keys: &str) {
        self.person.write_all(keys.as_bytes()).unwrap();
    }

    /// Waits for the end, and sees that the terminal is as it was: its own screen is given back, the cursor is
    /// there, and keys are echoed and come by the line. Gives everything that was shown after that.
    pub(crate) fn end(mut self) -> (ExitStatus, String) {
        let Self {
            child,
            person,
            program,
            ..
        } = &mut self;
        let after = {
            // What nobody reads would keep the program from ending.
            let mut reader = person.try_clone().unwrap();
            let reading = std::thread::spawn(move || {
                let mut rest = Vec::new();
                // Once nobody has the other end any more, this is an error.
                let _ = reader.read_to_end(&mut rest);
                String::from_utf8_lossy(&rest).into_owned()
            });
            let status = child.wait().unwrap();
            let modes = tcgetattr(&*program).unwrap().local_modes;
            let null = rustix::fs::open("/dev/null", OFlags::RDWR, Mode::empty()).unwrap();
            drop(std::mem::replace(program, null));
            (status, modes, reading.join().unwrap())
        };
        let (status, modes, rest) = after;
        assert_eq!(modes, self.before, "the terminal is not as it was");
        self.shown.push_str(&rest);
        let shown = std::mem::take(&mut self.shown);
        let (taken, given) = (shown.rfind(OWN_SCREEN), shown.rfind(GIVEN_BACK));
        assert!(
            taken.is_some() && taken < given,
            "no screen was given back: {shown:?}"
        );
        let left = shown[given.unwrap()..].to_owned();
        assert!(left.contains(CURSOR), "the cursor is hidden: {left:?}");
        (
            status,
            left.replace(GIVEN_BACK, "")
                .replace(CURSOR, "")
                .replace("\r\n", "\n"),
        )
    }
}

impl Drop for InTerminal {
    fn drop(&mut self) {
        // Both fail only if it has ended, which is what they are for.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn emulated(columns: u16, rows: u16) -> vt100::Parser {
    let [columns, rows] = [columns, rows].map(|length| NonZero::new(length).unwrap());
    vt100::Parser::new(rows, columns, 0)
}

fn resize(program: &OwnedFd, columns: u16, rows: u16) {
    let size = Winsize {
        ws_row: rows,
        ws_col: columns,
        ws_xpixel: 0,
        ws_ypixel: 0,
    };
    tcsetwinsize(program, size).unwrap();
}
