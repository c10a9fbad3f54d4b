//! The live view on screens of two sizes, and its keys.

use std::rc::Rc;
use std::time::Duration;

use ratatui::Terminal;
use ratatui::backend::TestBackend;
use ratatui::buffer::Buffer;
use ratatui::crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use ratatui::style::Color;

use super::{NextStep, State, draw};
use crate::monitor::tests::{orders, read_by, topic};
use crate::monitor::{Events, View, Window};
use crate::render::tests::samples::{busy, nothing};

fn state() -> State {
    let title = "topicctl monitor · profile prod · cluster 5L6g3nShT-eMCtK--X86sw · localhost:9092";
    let mut state = State::new(title.to_owned(), Duration::from_secs(5));
    state.show(busy());
    state
}

fn drawn(state: &State, width: u16, height: u16, colored: bool) -> Buffer {
    let mut terminal = Terminal::new(TestBackend::new(width, height)).unwrap();
    terminal.draw(|frame| draw(frame, state, colored)).unwrap();
    terminal.backend().buffer().clone()
}

/// Each page of the live view of a look, under this title.
pub(crate) fn screen_of(view: View, title: &str) -> String {
    let mut state = State::new(title.to_owned(), Duration::from_secs(5));
    state.show(view);
    let overview = screen(&state, 200, 60);
    press(&mut state, KeyCode::Enter);
    [overview, screen(&state, 200, 60)].join("\n")
}

/// The screen as lines, less the blanks at their ends.
fn screen(state: &State, width: u16, height: u16) -> String {
    let buffer = drawn(state, width, height, true);
    let lines = (0..height).map(|y| {
        let cells = (0..width).filter_map(|x| Some(buffer.cell((x, y))?.symbol().to_owned()));
        cells.collect::<String>().trim_end().to_owned()
    });
    lines.collect::<Vec<_>>().join("\n")
}

fn press(state: &mut State, code: KeyCode) -> NextStep {
    state.press(KeyEvent::new(code, KeyModifiers::NONE))
}

fn keys(state: &mut State, text: &str) {
    for letter in text.chars() {
        assert_eq!(press(state, KeyCode::Char(letter)), NextStep::GoOn);
    }
}

fn names(state: &State) -> Vec<String> {
    state.rows().iter().map(|row| row.name.to_string()).collect()
}

#[test]
fn a_small_screen_leaves_out_what_can_be_spared() {
    insta::assert_snapshot!(screen(&state(), 80, 24));
}

#[test]
fn a_large_screen_has_room_for_everything() {
    insta::assert_snapshot!(screen(&state(), 200, 60));
}

#[test]
fn a_tiny_screen_is_no_reason_to_fall_over() {
    for (width, height) in [(1, 1), (10, 3), (20, 5), (300, 2)] {
        for state in [state(), State::new(String::new(), Duration::from_secs(1))] {
            let mut state = state;
            drawn(&state, width, height, true);
            press(&mut state, KeyCode::Char('?'));
            drawn(&state, width, height, true);
            press(&mut state, KeyCode::Enter);
            drawn(&state, width, height, true);
        }
    }
}

#[test]
fn help_says_what_keys_and_columns_mean() {
    let mut state = state();
    keys(&mut state, "?");
    insta::assert_snapshot!(screen(&state, 80, 24));
    assert_eq!(press(&mut state, KeyCode::Esc), NextStep::GoOn);
    assert!(!screen(&state, 80, 24).contains("reverse the order"));
}

#[test]
fn one_topic_closely_shows_how_its_records_are_spread() {
    let mut state = state();
    keys(&mut state, "/payments");
    press(&mut state, KeyCode::Enter);
    press(&mut state, KeyCode::Enter);
    insta::assert_snapshot!(screen(&state, 80, 24));
    assert_eq!(press(&mut state, KeyCode::Esc), NextStep::GoOn);
    assert_eq!(names(&state), ["payments"], "the filter is still there");
}

/// A view of one topic with so many partitions and groups.
fn large(partitions: i64, groups: usize) -> View {
    let ends: Vec<(i64, i64)> = (0..partitions).map(|index| (0, 100 + index)).collect();
    let mut large = topic(1, &ends);
    for group in 0..groups {
        large = read_by(large, &format!("group-{group}"), &[(0, 90)]);
    }
    let sample = Rc::new(orders(5, large));
    View {
        figures: Rc::new(Window::default().push(&sample)),
        sample,
        events: Events::default(),
    }
}

#[test]
fn all_of_a_large_topic_can_be_reached() {
    let mut state = state();
    state.show(large(60, 3));
    press(&mut state, KeyCode::Enter);
    assert!(screen(&state, 80, 24).contains("orders · lines 1 to 19 of 63"));
    keys(&mut state, "G");
    insta::assert_snapshot!(screen(&state, 80, 24));
    keys(&mut state, "jk");
    assert!(screen(&state, 80, 24).contains("lines 44 to 62 of 63"));
    assert!(
        !screen(&state, 200, 80).contains("lines"),
        "there is room for all"
    );
    // The topic lost partitions meanwhile.
    state.show(large(20, 0));
    assert!(screen(&state, 80, 24).contains("lines 2 to 20 of 20"));
    keys(&mut state, "g");
    assert!(screen(&state, 80, 24).contains("lines 1 to 19 of 20"));
    press(&mut state, KeyCode::Enter);
    assert_eq!(state.chosen, 0, "the choice among the topics is as it was");
}

#[test]
fn an_old_look_is_not_shown_as_one_of_now() {
    let mut state = state();
    state.age = Duration::from_secs(40);
    state.failure = Some("Metadata to broker 1 (127.0.0.1:9092): no answer within 5s".into());
    let shown = screen(&state, 80, 24);
    assert!(shown.contains("as of 40 s ago"), "{shown}");
    assert!(shown.contains("no answer within 5s"), "{shown}");
    state.show(busy());
    assert!(!screen(&state, 80, 24).contains("as of"));
}

#[test]
fn nothing_to_show_is_said() {
    let mut state = State::new("t".to_owned(), Duration::from_secs(5));
    assert!(screen(&state, 80, 24).contains("looking …"));
    state.show(nothing());
    assert!(screen(&state, 80, 24).contains("no topics"));
    let mut state = self::state();
    keys(&mut state, "/nosuch");
    assert!(screen(&state, 80, 24).contains("no topic has nosuch in its name"));
}

#[test]
fn topics_are_sorted_by_the_column_that_is_chosen() {
    let mut state = state();
    let by_name = names(&state);
    assert!(by_name.is_sorted());
    keys(&mut state, "r");
    assert!(names(&state).iter().rev().is_sorted());
    // State, then records in, the most first; what is not known comes last.
    keys(&mut state, "ss");
    let by_rate = names(&state);
    assert_eq!(
        by_rate[..2],
        [
            "dev.omninode-bridge.test-generation.started.v1",
            "dev.omninode-bridge.test-generation.failed.v1"
        ]
    );
    assert_eq!(
        by_rate[by_rate.len() - 4..],
        ["invoices", "payments", "refunds", "retired"]
    );
    keys(&mut state, "r");
    assert_eq!(names(&state)[by_rate.len() - 4..], by_rate[by_rate.len() - 4..]);
    keys(&mut state, "SS");
    assert_eq!(names(&state), by_name);
}

#[test]
fn the_filter_is_typed_and_cleared() {
    let mut state = state();
    keys(&mut state, "/or");
    assert_eq!(names(&state), ["orders"]);
    keys(&mut state, "q");
    assert!(names(&state).is_empty(), "a letter of the filter is no key");
    press(&mut state, KeyCode::Backspace);
    press(&mut state, KeyCode::Enter);
    assert_eq!(names(&state), ["orders"]);
    assert_eq!(press(&mut state, KeyCode::Esc), NextStep::GoOn);
    assert_eq!(names(&state).len(), 10);
}

#[test]
fn the_choice_stays_inside() {
    let mut state = state();
    press(&mut state, KeyCode::End);
    press(&mut state, KeyCode::Down);
    assert_eq!(state.chosen, 9);
    keys(&mut state, "/orders");
    assert_eq!(state.chosen, 0);
    press(&mut state, KeyCode::PageUp);
    assert_eq!(state.chosen, 0);
}

#[test]
fn it_is_left_with_q_escape_and_control_c() {
    assert_eq!(press(&mut state(), KeyCode::Char('q')), NextStep::Quit);
    assert_eq!(press(&mut state(), KeyCode::Esc), NextStep::Quit);
    let control = |letter| KeyEvent::new(KeyCode::Char(letter), KeyModifiers::CONTROL);
    let mut typing = state();
    keys(&mut typing, "/a");
    assert_eq!(typing.press(control('c')), NextStep::Quit);
    assert_eq!(state().press(control('x')), NextStep::GoOn);
}

#[test]
fn without_colour_there_is_none() {
    let mut state = state();
    keys(&mut state, "j");
    let buffer = drawn(&state, 200, 60, false);
    let colours = buffer
        .content()
        .iter()
        .filter(|cell| cell.fg != Color::Reset || cell.bg != Color::Reset);
    assert_eq!(colours.count(), 0);
    let colored = drawn(&state, 200, 60, true);
    assert!(colored.content().iter().any(|cell| cell.fg == Color::Red));
}
