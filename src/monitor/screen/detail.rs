//! Draws one topic closely: a line for each partition, with a bar for its records, and for each group. Where there is
//! no room for all of them, those around the chosen one.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::style::{Modifier, Style};
use ratatui::text::{Line, Span};
use ratatui::widgets::Paragraph;

use super::draw::Painter;
use crate::model::{GroupName, Known, TopicName, printable};
use crate::monitor::cells::{Tone, rate};
use crate::monitor::sample::{PartitionSample, TopicSample};
use crate::monitor::view::View;
use crate::monitor::window::GroupFigures;

impl Painter {
    /// `chosen`: the line that is to be seen.
    pub(super) fn detail(
        &self,
        frame: &mut Frame<'_>,
        area: Rect,
        view: &View,
        name: &TopicName,
        chosen: usize,
    ) {
        let bold = Style::new().add_modifier(Modifier::BOLD);
        let Some(topic) = view.sample.topics.get(name) else {
            let gone = Line::styled("is not there", self.style(Tone::Danger));
            frame.render_widget(
                Paragraph::new(vec![Line::styled(name.to_string(), bold), gone]),
                area,
            );
            return;
        };
        let lines = self.lines(area.width, view, name, topic);
        let (room, all) = (usize::from(area.height.saturating_sub(1)).max(1), lines.len());
        let first = chosen.saturating_sub(room - 1);
        let heading = if all > room {
            let last = (first + room).min(all);
            format!("{name} · lines {} to {last} of {all}", first + 1)
        } else {
            name.to_string()
        };
        let marked = (all > room).then_some(chosen - first);
        let shown = lines.into_iter().skip(first).take(room).enumerate();
        let shown = shown.map(|(at, line)| match marked {
            Some(marked) if marked == at => line.style(Style::new().add_modifier(Modifier::REVERSED)),
            Some(_) | None => line,
        });
        let all = std::iter::once(Line::styled(heading, bold)).chain(shown);
        frame.render_widget(Paragraph::new(all.collect::<Vec<_>>()), area);
    }

    fn lines(&self, width: u16, view: &View, name: &TopicName, topic: &TopicSample) -> Vec<Line<'static>> {
        let partitions = topic.partitions.values();
        let most = partitions.filter_map(PartitionSample::records).max().unwrap_or(0);
        let bar = usize::from(width / 3).clamp(10, 40);
        let partitions = topic.partitions.iter();
        let partitions = partitions.map(|(index, partition)| self.partition(*index, partition, most, bar));
        let figures = view.figures.topics.get(name);
        let groups = figures.into_iter().flat_map(|figures| &figures.groups);
        partitions
            .chain(groups.map(|(name, figures)| group(name, figures)))
            .collect()
    }

    fn partition(&self, index: i32, partition: &PartitionSample, most: i64, bar: usize) -> Line<'static> {
        let leader = match partition.leader {
            Some(leader) => format!("leader {leader}"),
            None => "no leader".to_owned(),
        };
        let replicas = format!("ISR {}/{}", partition.isr.len(), partition.replicas.len());
        let tone = if partition.leader.is_none() {
            Tone::Danger
        } else if partition.is_under_replicated() {
            Tone::Care
        } else {
            Tone::Plain
        };
        let records = partition.records();
        let filled = records.map_or(0, |records| share(records, most, bar));
        let bar = format!("{}{}", "█".repeat(filled), "·".repeat(bar - filled));
        let count = records.map_or_else(|| "?".to_owned(), |records| records.to_string());
        Line::from(vec![
            Span::raw(format!("{index:>5}  {bar} {count:>10}  ")),
            Span::styled(format!("{leader}, {replicas}"), self.style(tone)),
        ])
    }
}

fn group(name: &GroupName, figures: &GroupFigures) -> Line<'static> {
    let known = |number: Option<String>| number.unwrap_or_else(|| "?".to_owned());
    let lag = figures.lag.as_ref();
    let lag = lag.map_or_else(
        || "-".to_owned(),
        |lag| match lag {
            Known::Read(lag) => lag.to_string(),
            Known::Unread(why) => format!("? ({})", printable(why)),
        },
    );
    let out = known(figures.rate.read().map(|per_second| rate(*per_second)));
    let members = known(figures.members.read().map(usize::to_string));
    let name = printable(name);
    Line::raw(format!("group {name}: lag {lag}, {out}/s, {members} members"))
}

/// How much of a bar stands for a part.
fn share(part: i64, most: i64, bar: usize) -> usize {
    let bar_length = i64::try_from(bar).unwrap_or(0);
    let filled = part.saturating_mul(bar_length) / most.max(1);
    usize::try_from(filled.clamp(0, bar_length)).unwrap_or(0)
}
