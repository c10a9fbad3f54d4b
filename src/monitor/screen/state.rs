//! What the live view shows, and how keys change it. Pure.

use std::sync::Arc;
use std::time::Duration;

use ratatui::crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

use super::order;
use crate::monitor::cells::Column;
use crate::monitor::view::{Row, View};

/// What the live view shows.
#[derive(Debug, Clone)]
pub struct State {
    /// Profile, cluster and address.
    pub title: String,
    /// The time between two looks.
    pub interval: Duration,
    /// The last look; `None` before the first one.
    pub view: Option<View>,
    /// How old that look is.
    pub age: Duration,
    /// Why the last attempt failed, if it did.
    pub failure: Option<Arc<str>>,
    pub(super) by: Column,
    pub(super) descending: bool,
    pub(super) filter: String,
    pub(super) is_typing: bool,
    pub(super) shows_help: bool,
    /// The topic that is looked at closely.
    pub(super) detail: Option<crate::model::TopicName>,
    /// The line that is chosen in it: a partition or a group.
    pub(super) line: usize,
    /// The line that is chosen, of those that the filter leaves.
    pub(super) chosen: usize,
}

/// What follows a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NextStep {
    /// The view goes on.
    GoOn,
    /// It ends.
    Quit,
}

/// How many lines a page key moves.
const PAGE: usize = 10;

impl State {
    /// Nothing was seen yet.
    pub fn new(title: String, interval: Duration) -> Self {
        Self {
            title,
            interval,
            view: None,
            age: Duration::ZERO,
            failure: None,
            by: Column::Topic,
            descending: false,
            filter: String::new(),
            is_typing: false,
            shows_help: false,
            detail: None,
            line: 0,
            chosen: 0,
        }
    }

    /// Takes a look in.
    pub fn show(&mut self, view: View) {
        self.view = Some(view);
        (self.age, self.failure) = (Duration::ZERO, None);
        self.stay_inside();
    }

    /// The look is too old to be taken for now.
    pub fn is_stale(&self) -> bool {
        self.failure.is_some() || self.age > self.interval * 2 + Duration::from_secs(5)
    }

    /// The topics that the filter leaves, in their order.
    pub fn rows(&self) -> Vec<Row<'_>> {
        let mut rows = self.view.as_ref().map(View::rows).unwrap_or_default();
        rows.retain(|row| row.name.as_str().contains(&self.filter));
        order::sort(&mut rows, self.by, self.descending);
        rows
    }

    /// Takes a key in.
    pub fn press(&mut self, key: KeyEvent) -> NextStep {
        if key.modifiers.contains(KeyModifiers::CONTROL) {
            return match key.code {
                KeyCode::Char('c' | 'd') => NextStep::Quit,
                _ => NextStep::GoOn,
            };
        }
        if self.is_typing {
            self.type_filter(key.code);
            return NextStep::GoOn;
        }
        match key.code {
            KeyCode::Char('q') => return NextStep::Quit,
            KeyCode::Esc => return self.back(),
            KeyCode::Char('?' | 'h') => self.shows_help = !self.shows_help,
            KeyCode::Char('/') => self.is_typing = true,
            KeyCode::Char('s') => self.sort_by(1),
            KeyCode::Char('S') => self.sort_by(Column::ALL.len() - 1),
            KeyCode::Char('r') => self.descending = !self.descending,
            KeyCode::Enter => self.look_closely(),
            other => self.choose(other),
        }
        NextStep::GoOn
    }

    /// Closes what is open, the last first; with nothing open, the view itself.
    fn back(&mut self) -> NextStep {
        if self.shows_help {
            self.shows_help = false;
        } else if self.detail.is_some() {
            self.detail = None;
        } else if self.filter.is_empty() {
            return NextStep::Quit;
        } else {
            self.filter.clear();
        }
        NextStep::GoOn
    }

    fn type_filter(&mut self, code: KeyCode) {
        match code {
            KeyCode::Enter => self.is_typing = false,
            KeyCode::Esc => {
                self.is_typing = false;
                self.filter.clear();
            }
            KeyCode::Backspace => _ = self.filter.pop(),
            // No topic's name has other characters.
            KeyCode::Char(letter) if letter.is_ascii_graphic() => self.filter.push(letter),
            _ => {}
        }
        self.stay_inside();
    }

    /// The next column; numbers are of interest from the top.
    fn sort_by(&mut self, steps: usize) {
        let all = Column::ALL;
        let at = all.iter().position(|column| *column == self.by).unwrap_or(0);
        self.by = all[(at + steps) % all.len()];
        self.descending = self.by.is_number() || self.by == Column::Replicas;
    }

    fn choose(&mut self, code: KeyCode) {
        let at = match self.detail {
            None => &mut self.chosen,
            Some(_) => &mut self.line,
        };
        *at = match code {
            KeyCode::Up | KeyCode::Char('k') => at.saturating_sub(1),
            KeyCode::Down | KeyCode::Char('j') => *at + 1,
            KeyCode::PageUp => at.saturating_sub(PAGE),
            KeyCode::PageDown | KeyCode::Char(' ') => *at + PAGE,
            KeyCode::Home | KeyCode::Char('g') => 0,
            KeyCode::End | KeyCode::Char('G') => usize::MAX,
            _ => *at,
        };
        self.stay_inside();
    }

    fn look_closely(&mut self) {
        self.line = 0;
        let chosen = self.rows().get(self.chosen).map(|row| row.name.clone());
        self.detail = match self.detail {
            None => chosen,
            Some(_) => None,
        };
    }

    fn stay_inside(&mut self) {
        self.chosen = self.chosen.min(self.rows().len().saturating_sub(1));
        self.line = self.line.min(self.lines().saturating_sub(1));
    }

    /// How many lines there are of the topic that is looked at closely.
    fn lines(&self) -> usize {
        let both = self.view.as_ref().zip(self.detail.as_ref());
        both.map_or(0, |(view, name)| {
            let partitions = view.sample.topics.get(name).map(|topic| topic.partitions.len());
            let groups = view.figures.topics.get(name).map(|figures| figures.groups.len());
            partitions.unwrap_or(0) + groups.unwrap_or(0)
        })
    }
}
