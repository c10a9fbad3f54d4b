//! `describe --watch`: the same again and again, until somebody has seen enough.
//!
//! On a terminal each look takes the place of the one before. Elsewhere they follow each other, JSON with one
//! document on each line. A cluster that does not answer for once is said and asked again: who watches a
//! cluster mostly does because something is wrong with it.

use std::time::Duration;

use super::{Looking, Seen, screenful};
use crate::cli::Output;
use crate::command::signals::Signals;
use crate::command::{Exit, Failure, OutputDevice, Shell};
use crate::render::TO_THE_TOP;

pub(super) async fn watch(
    looking: &Looking<'_>,
    interval: Duration,
    signals: &mut Signals,
    shell: &mut Shell<'_>,
) -> Result<Exit, Failure> {
    let mut looks = 0_u64;
    while !shell.reader_left.get() {
        let look = tokio::select! {
            look = Box::pin(looking.look()) => look,
            () = signals.next() => break,
        };
        if looks == 0 && look.as_ref().is_ok_and(Seen::is_nothing_but_unknown) {
            look?.tell_unknown(shell);
            return Ok(Exit::Failed);
        }
        show(looking, look, looks, shell)?;
        looks += 1;
        tokio::select! {
            () = tokio::time::sleep(interval) => {}
            () = signals.next() => break,
        }
    }
    Ok(Exit::Done)
}

fn show(
    looking: &Looking<'_>,
    look: Result<Seen, Failure>,
    looks: u64,
    shell: &mut Shell<'_>,
) -> Result<(), Failure> {
    let seen = match look {
        Ok(seen) => seen,
        Err(Failure::Admin { error, .. }) => {
            shell.tell_error(&error.to_string());
            return Ok(());
        }
        Err(other) => return Err(other),
    };
    match looking.arguments.output {
        Output::Text if shell.screen == OutputDevice::Terminal => draw(looking, &seen, shell)?,
        Output::Text if looks > 0 => {
            writeln!(shell.out)?;
            looking.show(&seen, shell)?;
        }
        Output::Text | Output::Json => looking.show(&seen, shell)?,
    }
    shell.out.flush()?;
    Ok(())
}

/// In the place of the look before; as much of it as there is room for.
fn draw(looking: &Looking<'_>, seen: &Seen, shell: &mut Shell<'_>) -> Result<(), Failure> {
    write!(shell.out, "{TO_THE_TOP}")?;
    let Some(size) = (shell.screen_size)() else {
        return looking.show(seen, shell);
    };
    let mut text = Vec::new();
    looking.write(seen, &mut text, shell.style, None)?;
    screenful::write(&String::from_utf8_lossy(&text), size, shell.out)?;
    // What is said comes on another stream, and would be wiped by what is not yet on the screen.
    shell.out.flush()?;
    seen.tell_unknown(shell);
    Ok(())
}
