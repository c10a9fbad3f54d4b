//! Draws the live view. Nothing but the state decides what is drawn.

use std::time::Duration;

use ratatui::Frame;
use ratatui::layout::{Alignment, Constraint, Layout, Rect};
use ratatui::style::{Color, Modifier, Style};
use ratatui::text::{Line, Span};
use ratatui::widgets::{Cell as TableCell, Clear, Paragraph, Row as TableRow, Table, TableState, Wrap};

use super::state::State;
use crate::model::{Known, moment, printable};
use crate::monitor::cells::{Cell, Column, Tone, percent, rate};
use crate::monitor::outcome::WINDOW;
use crate::monitor::sample::Trouble;
use crate::monitor::view::{Row, View};

const KEYS: &str = "q quit  ↑↓ choose  enter look closely  s S sort  r reverse  / filter  ? help";

const HELP: &str = "\
↑ ↓ j k          choose a topic, or a line of one that is looked at
PgUp PgDn g G    further
enter            its partitions and groups; again to go back
s  S             sort by the next column, by the one before
r                reverse the order
/                show only topics with this in their name; esc clears it
?                this help
q  esc  Ctrl-C   quit

in/s      records written per second
out/s     records that groups committed per second
lag       records not committed by the group that lags most
lag +/s   how that lag changed, over five minutes at most
failed    failed events as a share of started ones, over five minutes
skew      the fullest partition as a multiple of an even share: 1 is even
replicas  under: fewer in sync than assigned; < min: too few for acks=all
?         not known; the line at the bottom says why";

/// The least that a topic's name is given.
const NAME: u16 = 26;

/// Draws all of it. `colored`: whether colours may be used.
pub fn draw(frame: &mut Frame<'_>, state: &State, colored: bool) {
    let troubles = state.view.as_ref().map(View::troubles).unwrap_or_default();
    let said = u16::from(!troubles.is_empty() || state.failure.is_some());
    let [title, summary, events, body, trouble, keys] = Layout::vertical([
        Constraint::Length(1),
        Constraint::Length(1),
        Constraint::Length(1),
        Constraint::Min(1),
        Constraint::Length(said),
        Constraint::Length(1),
    ])
    .areas(frame.area());
    let painter = Painter { colored };
    painter.title(frame, title, state);
    if let Some(view) = &state.view {
        frame.render_widget(counted(view, state), summary);
    }
    painter.events(frame, events, state);
    match (&state.view, &state.detail) {
        (None, _) => frame.render_widget("looking …", body),
        (Some(view), Some(name)) => painter.detail(frame, body, view, name, state.line),
        (Some(_), None) => painter.table(frame, body, state),
    }
    painter.trouble(frame, trouble, state, &troubles);
    painter.keys(frame, keys, state);
    if state.shows_help {
        help(frame, body);
    }
}

pub(super) struct Painter {
    colored: bool,
}

impl Painter {
    pub(super) fn style(&self, tone: Tone) -> Style {
        let style = Style::new();
        let color = |color| if self.colored { style.fg(color) } else { style };
        match tone {
            Tone::Plain => style,
            Tone::Faint => style.add_modifier(Modifier::DIM),
            Tone::Good => color(Color::Green),
            Tone::Care => color(Color::Yellow),
            Tone::Danger => color(Color::Red).add_modifier(Modifier::BOLD),
        }
    }

    fn title(&self, frame: &mut Frame<'_>, area: Rect, state: &State) {
        let (when, tone) = match &state.view {
            None => (String::new(), Tone::Plain),
            Some(_) if state.is_stale() => (format!("as of {} s ago", state.age.as_secs()), Tone::Danger),
            Some(view) => (moment::second(view.sample.taken_at), Tone::Plain),
        };
        let when = Span::styled(when, self.style(tone));
        let width = u16::try_from(when.width()).unwrap_or(0);
        let [left, right] =
            Layout::horizontal([Constraint::Min(1), Constraint::Length(width + 1)]).areas(area);
        let bold = Style::new().add_modifier(Modifier::BOLD);
        frame.render_widget(Line::styled(printable(&state.title).into_owned(), bold), left);
        frame.render_widget(Line::from(when).alignment(Alignment::Right), right);
    }

    fn events(&self, frame: &mut Frame<'_>, area: Rect, state: &State) {
        let Some(events) = state.view.as_ref().map(|view| &view.events) else {
            return;
        };
        let Some(lately) = &events.lately else { return };
        let (minutes, failed) = (WINDOW.as_secs() / 60, lately.failures());
        let (started, completed) = (lately.started, lately.completed);
        let tone = if failed > 0 { Tone::Danger } else { Tone::Good };
        let share = events.failed_share();
        let share = share.map_or_else(String::new, |share| format!(" ({})", percent(share)));
        let spans = vec![
            Span::raw(format!(
                "events of {minutes} min: {started} started, {completed} completed, "
            )),
            Span::styled(format!("{failed} failed{share}"), self.style(tone)),
        ];
        frame.render_widget(Line::from(spans), area);
    }

    fn table(&self, frame: &mut Frame<'_>, area: Rect, state: &State) {
        let rows = state.rows();
        if rows.is_empty() {
            let empty = if state.filter.is_empty() {
                "no topics".to_owned()
            } else {
                format!("no topic has {} in its name", state.filter)
            };
            frame.render_widget(Line::styled(empty, self.style(Tone::Faint)), area);
            return;
        }
        let longest = rows.iter().map(|row| row.name.as_str().len()).max().unwrap_or(0);
        let columns = columns(area.width, longest);
        let taken: u16 = columns.iter().skip(1).map(|column| width(*column) + 1).sum();
        let name = usize::from(area.width.saturating_sub(taken)).min(longest.max(5));
        let widths = columns.iter().map(|column| match column {
            Column::Topic => Constraint::Length(u16::try_from(name).unwrap_or(u16::MAX)),
            other => Constraint::Length(width(*other)),
        });
        let visible = usize::from(area.height.saturating_sub(1)).max(1);
        let first = state.chosen.saturating_sub(visible - 1);
        let shown = rows.iter().skip(first).take(visible);
        let lines = shown.map(|row| self.line(row, &columns, name, state.is_stale()));
        let table = Table::new(lines, widths)
            .header(self.heading(&columns, state))
            .row_highlight_style(Style::new().add_modifier(Modifier::REVERSED))
            .column_spacing(1);
        let mut chosen = TableState::new().with_selected(Some(state.chosen - first));
        frame.render_stateful_widget(table, area, &mut chosen);
    }

    fn heading(&self, columns: &[Column], state: &State) -> TableRow<'static> {
        let bold = Style::new().add_modifier(Modifier::BOLD);
        let cells = columns.iter().map(|column| {
            let is_chosen = *column == state.by;
            let mark = match (is_chosen, state.descending) {
                (false, _) => "",
                (true, true) => "▼",
                (true, false) => "▲",
            };
            aligned(*column, format!("{}{mark}", column.heading()))
        });
        TableRow::new(cells).style(if self.colored { bold.fg(Color::Cyan) } else { bold })
    }

    fn line(&self, row: &Row<'_>, columns: &[Column], name: usize, is_stale: bool) -> TableRow<'static> {
        let cells = columns.iter().map(|column| {
            let Cell { text, tone } = column.cell(row);
            let text = match column {
                Column::Topic => shortened(&text, name),
                _ => text,
            };
            let tone = if is_stale { Tone::Faint } else { tone };
            aligned(*column, text).style(self.style(tone))
        });
        TableRow::new(cells)
    }

    fn trouble(&self, frame: &mut Frame<'_>, area: Rect, state: &State, troubles: &[Trouble]) {
        let said = match (&state.failure, troubles) {
            (Some(why), _) => printable(why).into_owned(),
            (None, [first, more @ ..]) => {
                let more = match more.len() {
                    0 => String::new(),
                    more => format!(" (and {more} more)"),
                };
                format!("not known{more}: {}", first.in_words())
            }
            (None, []) => return,
        };
        frame.render_widget(Line::styled(said, self.style(Tone::Care)), area);
    }

    fn keys(&self, frame: &mut Frame<'_>, area: Rect, state: &State) {
        let line = if state.is_typing {
            Line::raw(format!("/{}▏  enter keeps it, esc clears it", state.filter))
        } else if state.filter.is_empty() {
            Line::styled(KEYS, self.style(Tone::Faint))
        } else {
            Line::raw(format!("/{}  esc clears it  {KEYS}", state.filter))
        };
        frame.render_widget(line, area);
    }
}

fn counted(view: &View, state: &State) -> String {
    let sum = |of: &dyn Fn(&Row<'_>) -> Option<f64>| view.rows().iter().filter_map(of).sum::<f64>();
    let known = |known: &Known<f64>| known.read().copied();
    let flow_in = sum(&|row| known(&row.figures?.rate_in));
    let flow_out = sum(&|row| known(&row.figures?.rate_out));
    let topics = view.sample.topics.len();
    let (noun, brokers) = (if topics == 1 { "topic" } else { "topics" }, view.sample.brokers);
    let every = seconds(state.interval);
    let zero = |per_second: f64| {
        if per_second > 0.0 {
            rate(per_second)
        } else {
            "0".to_owned()
        }
    };
    let (flow_in, flow_out) = (zero(flow_in), zero(flow_out));
    let nodes = if brokers == 1 { "broker" } else { "brokers" };
    format!("{topics} {noun} · {brokers} {nodes} · in {flow_in}/s · out {flow_out}/s · every {every}")
}

fn seconds(span: Duration) -> String {
    let whole = i64::try_from(span.as_millis()).unwrap_or(i64::MAX);
    crate::model::quantity::human_duration(whole)
}

fn width(column: Column) -> u16 {
    match column {
        Column::Topic => NAME,
        Column::In | Column::Out | Column::Failed => 7,
        Column::Lag => 9,
        Column::Trend => 8,
        Column::Skew => 5,
        Column::State | Column::Replicas => 10,
    }
}

/// The columns that there is room for beside the names. What can be left out first goes first.
fn columns(available: u16, longest: usize) -> Vec<Column> {
    let name = u16::try_from(longest).unwrap_or(u16::MAX).min(NAME);
    let mut columns = Column::ALL.to_vec();
    for spare in [
        Column::Trend,
        Column::Out,
        Column::Replicas,
        Column::Skew,
        Column::State,
        Column::Failed,
        Column::Lag,
    ] {
        let taken: u16 = columns.iter().skip(1).map(|column| width(*column) + 1).sum();
        if taken + name <= available {
            break;
        }
        columns.retain(|column| *column != spare);
    }
    columns
}

fn aligned(column: Column, text: String) -> TableCell<'static> {
    let line = Line::raw(text);
    TableCell::from(if column.is_number() {
        line.alignment(Alignment::Right)
    } else {
        line
    })
}

/// The end of a long name: topics of a prefix differ there.
fn shortened(name: &str, room: usize) -> String {
    // Names of topics are ASCII.
    match name.len().checked_sub(room) {
        None | Some(0) => name.to_owned(),
        Some(over) => format!("…{}", &name[(over + 1).min(name.len())..]),
    }
}

fn help(frame: &mut Frame<'_>, area: Rect) {
    frame.render_widget(Clear, area);
    frame.render_widget(Paragraph::new(HELP).wrap(Wrap { trim: false }), area);
}
