//! A progress bar on the terminal, once an apply takes longer than a moment.

use std::cell::RefCell;
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressStyle};

use crate::apply::{ApplyProgress, Copying};
use crate::model::quantity;
use crate::plan::ChangeKind;

/// What is done by then needs no bar.
const MOMENT: Duration = Duration::from_millis(500);

/// Draws nothing before a moment has passed, and nothing at all where there is no terminal.
pub(super) struct Bar {
    started: Instant,
    shown: bool,
    drawn: RefCell<Option<ProgressBar>>,
}

impl Bar {
    pub(super) fn new(shown: bool) -> Self {
        Self {
            started: Instant::now(),
            shown,
            drawn: RefCell::new(None),
        }
    }

    pub(super) fn show(&self, step: ApplyProgress) {
        if !self.shown || self.started.elapsed() < MOMENT {
            return;
        }
        let (what, unit, done, total) = match step {
            ApplyProgress::Writing { kind, done, total } => (writing(kind).to_owned(), "topics", done, total),
            ApplyProgress::Copying(copying) => (moved(copying), "partitions", copying.done, copying.total),
            ApplyProgress::Waiting { seen, total } => {
                let what = "waiting until every broker shows them";
                (what.to_owned(), "topics", seen, total)
            }
        };
        let mut bar = self.drawn.borrow_mut();
        let bar = bar.get_or_insert_with(new_bar);
        bar.set_message(what);
        bar.set_prefix(unit);
        bar.set_length(total.try_into().unwrap_or(u64::MAX));
        bar.set_position(done.try_into().unwrap_or(u64::MAX));
    }
}

impl Drop for Bar {
    fn drop(&mut self) {
        if let Some(bar) = self.drawn.get_mut() {
            bar.finish_and_clear();
        }
    }
}

fn new_bar() -> ProgressBar {
    let bar = ProgressBar::new(0);
    if let Ok(style) =
        ProgressStyle::with_template("{bar:30} {human_pos}/{human_len} {prefix}, {msg} ({elapsed})")
    {
        bar.set_style(style);
    }
    bar
}

/// `moving replicas: 1.2 GiB of 4.0 GiB, about 90s left`.
fn moved(copying: Copying) -> String {
    let mut text = "moving replicas".to_owned();
    if let (Some(bytes), Some(all)) = (copying.bytes, copying.bytes_total) {
        let size = quantity::rounded_size;
        text = format!("{text}: {} of {}", size(bytes), size(all));
    }
    if let Some(left) = copying.left {
        text = format!("{text}, about {}s left", left.as_secs());
    }
    text
}

fn writing(kind: ChangeKind) -> &'static str {
    match kind {
        ChangeKind::Create => "creating",
        ChangeKind::Configs => "changing configs",
        ChangeKind::Partitions => "adding partitions",
        ChangeKind::Reassignments => "moving replicas",
        ChangeKind::CancelMoves => "cancelling moves",
        ChangeKind::Delete => "deleting",
    }
}
