//! The order of the topics in the live view, by the column that was chosen.

use std::cmp::Ordering;

use crate::model::Known;
use crate::monitor::cells::Column;
use crate::monitor::view::Row;

/// Sorts by a column, and by name where that says nothing. What is not known comes last either way.
pub(super) fn sort(rows: &mut [Row<'_>], by: Column, descending: bool) {
    rows.sort_by(|a, b| compare(a, b, by, descending).then_with(|| a.name.cmp(b.name)));
}

fn compare(a: &Row<'_>, b: &Row<'_>, by: Column, descending: bool) -> Ordering {
    let turned = |order: Ordering| if descending { order.reverse() } else { order };
    match by {
        Column::Topic => turned(a.name.cmp(b.name)),
        Column::State => turned(by.cell(a).text.cmp(&by.cell(b).text)),
        Column::In
        | Column::Out
        | Column::Lag
        | Column::Trend
        | Column::Failed
        | Column::Skew
        | Column::Replicas => match (number(a, by), number(b, by)) {
            (Some(a), Some(b)) => turned(a.total_cmp(&b)),
            (Some(_), None) => Ordering::Less,
            (None, Some(_)) => Ordering::Greater,
            (None, None) => Ordering::Equal,
        },
    }
}

fn number(row: &Row<'_>, column: Column) -> Option<f64> {
    let figures = row.figures;
    let rate = |known: &Known<f64>| known.read().copied();
    match column {
        Column::Topic | Column::State => None,
        Column::In => figures.and_then(|figures| rate(&figures.rate_in)),
        Column::Out => figures.and_then(|figures| rate(&figures.rate_out)),
        Column::Lag => {
            let lag = figures.and_then(|figures| figures.lag.as_ref()?.read());
            lag.map(|lag| crate::model::skew::real(*lag))
        }
        Column::Trend => figures.and_then(|figures| Some(figures.trend?.per_second)),
        Column::Failed => row.failed,
        Column::Skew => figures.and_then(|figures| figures.skew),
        Column::Replicas => figures.map(|figures| {
            let under_min = figures.under_min_isr.read().copied().unwrap_or(0);
            let weight =
                |count: usize, worth: i64| i64::try_from(count).unwrap_or(i64::MAX / 4).saturating_mul(worth);
            let weighed = weight(figures.leaderless, 1_000_000) + weight(under_min, 1_000);
            crate::model::skew::real(weighed + weight(figures.under_replicated, 1))
        }),
    }
}
