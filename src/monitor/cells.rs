//! What stands in the columns of the live view and of `--once`: the same words and numbers in both.

use super::sample::Unseen;
use super::view::Row;
use crate::model::Known;
use crate::plan::TopicStatus;

/// A column.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Column {
    /// The topic's name.
    Topic,
    /// How it stands against the file.
    State,
    /// Records written per second.
    In,
    /// Records committed per second.
    Out,
    /// The largest lag of a group.
    Lag,
    /// Where the lag is going.
    Trend,
    /// Failures as a share of what started.
    Failed,
    /// How unevenly records are spread.
    Skew,
    /// Partitions that are under-replicated or without a leader, of how many.
    Replicas,
}

/// How a cell is to be taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tone {
    /// As it is.
    Plain,
    /// Nothing to look at.
    Faint,
    /// All is well.
    Good,
    /// Worth a look.
    Care,
    /// Something is wrong.
    Danger,
}

/// What stands in a cell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cell {
    /// Its text.
    pub text: String,
    /// How it is to be taken.
    pub tone: Tone,
}

/// From this skew on, one partition has to do twice its share.
const SKEWED: f64 = 2.0;

/// Fewer records than this for each partition are spread by chance.
const TELLING: i64 = 100;

/// From this share of failures on, a look is worth it.
const FAILING: f64 = 0.05;

impl Column {
    /// All of them, in the order in which they stand.
    pub const ALL: [Self; 9] = [
        Self::Topic,
        Self::State,
        Self::In,
        Self::Out,
        Self::Lag,
        Self::Trend,
        Self::Failed,
        Self::Skew,
        Self::Replicas,
    ];

    /// Its heading.
    pub const fn heading(self) -> &'static str {
        match self {
            Self::Topic => "topic",
            Self::State => "state",
            Self::In => "in/s",
            Self::Out => "out/s",
            Self::Lag => "lag",
            Self::Trend => "lag +/s",
            Self::Failed => "failed",
            Self::Skew => "skew",
            Self::Replicas => "replicas",
        }
    }

    /// Whether it holds numbers, which stand on the right.
    pub const fn is_number(self) -> bool {
        match self {
            Self::Topic | Self::State | Self::Replicas => false,
            Self::In | Self::Out | Self::Lag | Self::Trend | Self::Failed | Self::Skew => true,
        }
    }

    /// What stands there for a topic.
    pub fn cell(self, row: &Row<'_>) -> Cell {
        match self {
            Self::Topic => Cell::new(row.name.to_string(), Tone::Plain),
            Self::State => state(row),
            Self::In => rate_cell(row.figures.map(|figures| &figures.rate_in)),
            Self::Out => rate_cell(row.figures.map(|figures| &figures.rate_out)),
            Self::Lag => lag(row),
            Self::Trend => trend(row),
            Self::Failed => failed(row),
            Self::Skew => skew(row),
            Self::Replicas => replicas(row),
        }
    }
}

impl Cell {
    fn new(text: impl Into<String>, tone: Tone) -> Self {
        Self {
            text: text.into(),
            tone,
        }
    }

    /// There is nothing to say.
    fn none() -> Self {
        Self::new("-", Tone::Faint)
    }

    /// It could not be read.
    fn unknown() -> Self {
        Self::new("?", Tone::Care)
    }
}

fn state(row: &Row<'_>) -> Cell {
    let status = row.settings.and_then(|settings| settings.status);
    match (row.unseen, status) {
        (Some(Unseen::Unread(_)), _) | (_, Some(TopicStatus::Unreadable)) => Cell::unknown(),
        (Some(Unseen::Absent), Some(TopicStatus::InSync)) => Cell::new("absent", Tone::Faint),
        (Some(Unseen::Absent), _) => Cell::new("missing", Tone::Danger),
        (None, None) => Cell::none(),
        (None, Some(TopicStatus::InSync)) => Cell::new("up to date", Tone::Good),
        // It was created since its settings were read.
        (None, Some(TopicStatus::Create)) => Cell::new("new", Tone::Plain),
        (None, Some(TopicStatus::Change | TopicStatus::Blocked)) => Cell::new("differs", Tone::Care),
        (None, Some(TopicStatus::Delete)) => Cell::new("to delete", Tone::Care),
    }
}

fn rate_cell(known: Option<&Known<f64>>) -> Cell {
    match known {
        Some(Known::Read(per_second)) if *per_second > 0.0 => Cell::new(rate(*per_second), Tone::Plain),
        Some(Known::Read(_)) => Cell::new("0", Tone::Faint),
        Some(Known::Unread(_)) => Cell::unknown(),
        None => Cell::none(),
    }
}

fn lag(row: &Row<'_>) -> Cell {
    match row.figures.and_then(|figures| figures.lag.as_ref()) {
        Some(Known::Read(0)) => Cell::new("0", Tone::Good),
        Some(Known::Read(lag)) => Cell::new(lag.to_string(), Tone::Plain),
        Some(Known::Unread(_)) => Cell::unknown(),
        None => Cell::none(),
    }
}

fn trend(row: &Row<'_>) -> Cell {
    let Some(trend) = row.figures.and_then(|figures| figures.trend) else {
        return Cell::none();
    };
    let (sign, tone) = if trend.per_second >= 0.05 {
        ("+", Tone::Care)
    } else if trend.per_second <= -0.05 {
        ("-", Tone::Good)
    } else {
        return Cell::new("0", Tone::Faint);
    };
    Cell::new(format!("{sign}{}", rate(trend.per_second.abs())), tone)
}

fn failed(row: &Row<'_>) -> Cell {
    match row.failed {
        None => Cell::none(),
        Some(share) if share >= FAILING => Cell::new(percent(share), Tone::Danger),
        Some(share) => Cell::new(percent(share), Tone::Plain),
    }
}

fn skew(row: &Row<'_>) -> Cell {
    let Some(figures) = row.figures else {
        return Cell::none();
    };
    let Some(skew) = figures.skew else {
        return match figures.records {
            Known::Read(_) => Cell::none(),
            Known::Unread(_) => Cell::unknown(),
        };
    };
    let records = figures.records.read().copied().unwrap_or(0);
    let partitions = row
        .partitions
        .and_then(|count| i64::try_from(count).ok())
        .unwrap_or(1);
    let tells = records >= TELLING * partitions;
    let tone = if !tells {
        Tone::Faint
    } else if skew >= SKEWED {
        Tone::Care
    } else {
        Tone::Plain
    };
    Cell::new(format!("{skew:.2}"), tone)
}

fn replicas(row: &Row<'_>) -> Cell {
    let Some(figures) = row.figures else {
        return Cell::none();
    };
    let under_min = figures.under_min_isr.read().copied().unwrap_or(0);
    if figures.leaderless > 0 {
        Cell::new(format!("{} offline", figures.leaderless), Tone::Danger)
    } else if under_min > 0 {
        Cell::new(format!("{under_min} < min"), Tone::Danger)
    } else if figures.under_replicated > 0 {
        Cell::new(format!("{} under", figures.under_replicated), Tone::Care)
    } else {
        Cell::new("all", Tone::Good)
    }
}

/// A rate as people read it: more digits where it is small.
pub fn rate(per_second: f64) -> String {
    if per_second >= 100_000.0 {
        format!("{:.0}k", per_second / 1_000.0)
    } else if per_second >= 100.0 {
        format!("{per_second:.0}")
    } else if per_second >= 0.05 {
        format!("{per_second:.1}")
    } else {
        "<0.1".to_owned()
    }
}

/// A share as people read it.
pub fn percent(share: f64) -> String {
    let percent = share * 100.0;
    if percent > 0.0 && percent < 1.0 {
        "<1 %".to_owned()
    } else {
        format!("{percent:.0} %")
    }
}
