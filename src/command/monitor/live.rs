//! The live view: looks, keys, and the terminal between them.

use std::time::Duration;

use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::mpsc;
use tokio::time::{Instant, MissedTickBehavior, interval};

use super::Monitor;
use crate::admin::AdminError;
use crate::command::signals::Signals;
use crate::command::{Exit, Failure};
use crate::monitor::View;
use crate::monitor::screen::{Input, NextStep, Screen, State, draw};
use crate::render::Style;

/// How often the age of the last look is drawn anew.
const BEAT: Duration = Duration::from_secs(1);

impl Monitor<'_, '_> {
    /// Looks are taken next to the keys: a broker that keeps silent does not keep anybody from quitting.
    pub(super) async fn live(&mut self, signals: &mut Signals) -> Result<Exit, Failure> {
        let colored = self.shell.style == Style::Colored;
        let title = title(self.header);
        let mut screen = Screen::open()?;
        let mut input = screen.input();
        let mut state = State::new(title, self.interval);
        let (send, mut looks) = mpsc::channel(1);
        let looker = &mut self.looker;
        let mut ticks = interval(self.interval);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let looking = async {
            loop {
                ticks.tick().await;
                let begun = Instant::now();
                if send.send((begun, Box::pin(looker.look()).await)).await.is_err() {
                    std::future::pending::<()>().await;
                }
            }
        };
        tokio::pin!(looking);
        // Only here: an exporter that was started with nohup has to outlive its terminal.
        let mut hang_up = signal(SignalKind::hangup())?;
        let (mut beat, mut seen) = (interval(BEAT), Instant::now());
        loop {
            state.age = seen.elapsed();
            screen.draw(|frame| draw(frame, &state, colored))?;
            tokio::select! {
                () = &mut looking => {}
                Some((begun, look)) = looks.recv() => {
                    if take_in(&mut state, look) {
                        seen = begun;
                    }
                }
                pressed = input.recv() => match pressed {
                    Some(Input::Key(key)) if state.press(key) == NextStep::Quit => break,
                    Some(Input::Key(_) | Input::Resized) => {}
                    // The terminal is gone, and whoever looked with it.
                    None => break,
                },
                () = signals.next() => break,
                _ = hang_up.recv() => break,
                _ = beat.tick() => {}
            }
        }
        Ok(Exit::Done)
    }
}

/// Whether there is something new to be seen.
fn take_in(state: &mut State, look: Result<View, AdminError>) -> bool {
    match look {
        Ok(view) => {
            state.show(view);
            true
        }
        Err(error) => {
            state.failure = Some(error.to_string().into());
            false
        }
    }
}

fn title(header: &crate::render::Header) -> String {
    let profile = header.profile.as_ref();
    let profile = profile.map_or_else(String::new, |profile| format!(" · profile {profile}"));
    format!(
        "topicctl monitor{profile} · cluster {} · {}",
        header.cluster_id, header.address
    )
}
