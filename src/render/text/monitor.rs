//! One look at topics, for people and for scripts that read columns.

use std::io::{self, Write};

use tabled::builder::Builder;
use tabled::settings::object::Columns;
use tabled::settings::{Alignment, Style as Borders};

use super::{Text, TextRole};
use crate::model::printable;
use crate::monitor::{Column, Tally, View, WINDOW, percent};

pub(super) fn write(text: &mut Text<'_>, view: &View) -> io::Result<()> {
    let rows = view.rows();
    if rows.is_empty() {
        writeln!(text.out, "No topics.")?;
    } else {
        write_table(text, view)?;
    }
    if let Some(lately) = &view.events.lately {
        write_events(text, lately, view.events.failed_share())?;
    }
    for trouble in view.troubles() {
        let line = text.paint(TextRole::Care, format!("not known: {}", trouble.in_words()));
        writeln!(text.out, "{line}")?;
    }
    Ok(())
}

fn write_table(text: &mut Text<'_>, view: &View) -> io::Result<()> {
    let mut table = Builder::default();
    table.push_record(Column::ALL.map(Column::heading));
    for row in view.rows() {
        table.push_record(Column::ALL.map(|column| column.cell(&row).text));
    }
    let mut table = table.build();
    table.with(Borders::blank());
    for (index, column) in Column::ALL.into_iter().enumerate() {
        if column.is_number() {
            table.modify(Columns::one(index), Alignment::right());
        }
    }
    for line in table.to_string().lines() {
        writeln!(text.out, "{}", line.trim_end())?;
    }
    Ok(())
}

fn write_events(text: &mut Text<'_>, lately: &Tally, share: Option<f64>) -> io::Result<()> {
    let share = share.map_or_else(String::new, |share| format!(" ({})", percent(share)));
    let codes: Vec<String> = lately
        .failed
        .iter()
        .map(|(code, count)| format!("{} {count}", printable(code)))
        .collect();
    let codes = if codes.is_empty() {
        String::new()
    } else {
        format!(": {}", codes.join(", "))
    };
    writeln!(
        text.out,
        "\nevents of the last {} minutes: {} started, {} completed, {} failed{share}{codes}",
        WINDOW.as_secs() / 60,
        lately.started,
        lately.completed,
        lately.failures(),
    )?;
    if lately.malformed > 0 {
        writeln!(text.out, "{} messages there are no events", lately.malformed)?;
    }
    Ok(())
}
