//! Rates, lag, trends and skew out of samples that are written down here.

use std::rc::Rc;

use super::{name, orders, read_by, sample, topic};
use crate::model::Known;
use crate::monitor::{Part, PartitionSample, Sample, TopicFigures, Window};

/// What the last of these samples comes to for `orders`.
fn figures(samples: impl IntoIterator<Item = Sample>) -> TopicFigures {
    let mut window = Window::default();
    let pushed = samples.into_iter().map(|sample| window.push(&Rc::new(sample)));
    let mut last = pushed.last().unwrap();
    last.topics.remove(&name("orders")).unwrap()
}

#[test]
fn a_rate_takes_two_samples() {
    let once = figures([orders(0, topic(1, &[(0, 100)]))]);
    assert_eq!(
        once.rate_in.why_not().unwrap().as_ref(),
        "a rate takes two samples"
    );
    assert_eq!(
        once.rate_out.why_not().unwrap().as_ref(),
        "a rate takes two samples"
    );
    assert_eq!(once.records, Known::Read(100));

    let twice = figures([
        orders(0, topic(1, &[(0, 100), (0, 50)])),
        orders(5, topic(1, &[(10, 130), (0, 70)])),
    ]);
    assert_eq!(twice.rate_in, Known::Read(10.0));
    assert_eq!(twice.rate_out, Known::Read(0.0));
    assert_eq!(twice.records, Known::Read(190));
    assert_eq!(twice.skew, Some(120.0 * 2.0 / 190.0));
}

#[test]
fn a_topic_that_is_new_has_no_rate_yet() {
    let new = figures([sample(0), orders(5, topic(1, &[(0, 100)]))]);
    assert_eq!(
        new.rate_in.why_not().unwrap().as_ref(),
        "a rate takes two samples"
    );
}

#[test]
fn partitions_that_were_added_count_from_nothing() {
    let grown = figures([
        orders(0, topic(1, &[(0, 100)])),
        orders(10, topic(1, &[(0, 120), (0, 30)])),
    ]);
    assert_eq!(grown.rate_in, Known::Read(5.0));
}

/// Offsets begin again at nothing, which is neither a negative rate nor the old topic's.
#[test]
fn a_topic_that_was_created_anew_counts_from_nothing() {
    let anew = figures([
        orders(0, read_by(topic(1, &[(0, 1_000)]), "g", &[(0, 1_000)])),
        orders(10, read_by(topic(2, &[(0, 40)]), "g", &[(0, 10)])),
    ]);
    assert_eq!(anew.rate_in, Known::Read(4.0));
    assert_eq!(anew.rate_out, Known::Read(0.0));
    assert_eq!(anew.lag, Some(Known::Read(30)));
    assert_eq!(anew.trend, None, "the old topic's lag is no lag of this one");
}

#[test]
fn a_truncated_partition_was_not_written_backwards() {
    let truncated = figures([
        orders(0, topic(1, &[(0, 100), (0, 100)])),
        orders(10, topic(1, &[(0, 90), (0, 150)])),
    ]);
    assert_eq!(truncated.rate_in, Known::Read(5.0));
}

#[test]
fn an_end_that_is_not_known_makes_no_figure_up() {
    let mut lost = topic(1, &[(0, 100), (0, 60)]);
    let partition: &mut PartitionSample = lost.partitions.get_mut(&1).unwrap();
    partition.latest = Known::Unread("broker 2 does not answer".into());
    let read_before = read_by(topic(1, &[(0, 90), (0, 50)]), "g", &[(0, 80), (1, 40)]);
    let lost = read_by(lost, "g", &[(0, 85), (1, 45)]);

    let figures = figures([orders(0, read_before), orders(5, lost)]);

    let why = Some("broker 2 does not answer");
    assert_eq!(figures.rate_in.why_not().map(AsRef::as_ref), why);
    assert_eq!(figures.records.why_not().map(AsRef::as_ref), why);
    assert_eq!(figures.lag.unwrap().why_not().map(AsRef::as_ref), why);
    assert_eq!(figures.skew, None);
    // What a group committed is known all the same.
    assert_eq!(figures.rate_out, Known::Read(2.0));
}

#[test]
fn lag_is_that_of_the_group_that_lags_most() {
    let at = |second, latest, slow, fast| {
        let topic = topic(1, &[(0, latest), (0, latest)]);
        let topic = read_by(topic, "slow", &[(0, slow), (1, slow)]);
        orders(second, read_by(topic, "fast", &[(0, fast)]))
    };
    let figures = figures([at(0, 100, 50, 40), at(10, 200, 60, 180)]);
    assert_eq!(figures.lag, Some(Known::Read(280)));
    assert_eq!(figures.groups["fast"].lag, Some(Known::Read(20)));
    assert_eq!(figures.groups["slow"].rate, Known::Read(2.0));
    assert_eq!(figures.rate_out, Known::Read(16.0));
    let trend = figures.trend.unwrap();
    assert!((trend.per_second - 18.0).abs() < 1e-9, "{trend:?}");
}

#[test]
fn a_commit_beyond_the_end_is_no_lag_that_is_known() {
    let topic = read_by(topic(1, &[(0, 10), (0, 10)]), "stale", &[(0, 1_000), (1, 4)]);
    let figures = figures([orders(0, read_by(topic, "sound", &[(0, 4)]))]);
    let why = Some("committed 1000 lies beyond the end 10");
    let stale = figures.groups["stale"].lag.as_ref().unwrap();
    assert_eq!(stale.why_not().map(AsRef::as_ref), why);
    assert_eq!(figures.groups["sound"].lag, Some(Known::Read(6)));
    assert_eq!(figures.lag.unwrap().why_not().map(AsRef::as_ref), why);
}

#[test]
fn a_group_that_was_set_back_did_not_read_backwards() {
    let at = |second, offset| orders(second, read_by(topic(1, &[(0, 100)]), "g", &[(0, offset)]));
    let figures = figures([at(0, 90), at(5, 10)]);
    assert_eq!(figures.rate_out, Known::Read(0.0));
    assert_eq!(figures.lag, Some(Known::Read(90)));
}

#[test]
fn the_trend_looks_back_five_minutes() {
    let at = |second, latest| orders(second, read_by(topic(1, &[(0, latest)]), "g", &[(0, 0)]));
    // It grew long ago, and has shrunk since.
    let figures = figures([at(0, 1_000), at(1_000, 9_000), at(1_100, 8_000), at(1_300, 6_000)]);
    let trend = figures.trend.unwrap();
    assert!((trend.per_second + 10.0).abs() < 1e-9, "{trend:?}");
    assert_eq!(trend.over.as_secs(), 300);
}

#[test]
fn groups_that_could_not_be_read_are_not_taken_for_none() {
    let mut now = orders(5, topic(1, &[(0, 100)]));
    now.troubles.add(Part::Groups, &"not allowed".into(), String::new);
    let figures = figures([orders(0, topic(1, &[(0, 100)])), now]);
    assert_eq!(
        figures.lag.unwrap().why_not().map(AsRef::as_ref),
        Some("not allowed")
    );
    assert_eq!(figures.rate_out.why_not().map(AsRef::as_ref), Some("not allowed"));
    assert_eq!(figures.rate_in, Known::Read(0.0));
}

#[test]
fn a_commit_of_a_partition_that_went_is_no_lag() {
    let figures = figures([orders(0, read_by(topic(1, &[(0, 10)]), "g", &[(0, 4), (7, 0)]))]);
    assert_eq!(figures.lag, Some(Known::Read(6)));
}

/// It may have read nothing or all of it: a lag of nothing would say that all is well.
#[test]
fn a_group_that_committed_nothing_has_no_lag() {
    let idle = figures([orders(0, read_by(topic(1, &[(0, 10)]), "g", &[]))]);
    assert_eq!((idle.groups["g"].lag.as_ref(), idle.lag), (None, None));
    let of_old_partitions = figures([orders(0, read_by(topic(1, &[(0, 10)]), "g", &[(7, 0)]))]);
    assert_eq!(of_old_partitions.lag, None);
    let beside = read_by(topic(1, &[(0, 10)]), "g", &[]);
    let beside = figures([orders(0, read_by(beside, "h", &[(0, 4)]))]);
    assert_eq!(beside.lag, Some(Known::Read(6)));
}

#[test]
fn replicas_are_held_against_what_is_assigned_and_what_is_least() {
    let mut sick = topic(1, &[(0, 1), (0, 1), (0, 1)]);
    sick.partitions.get_mut(&1).unwrap().isr.pop();
    let lost = sick.partitions.get_mut(&2).unwrap();
    (lost.isr, lost.leader) = (Vec::new(), None);
    let mut now = orders(0, sick);
    let figures_without = figures([now.clone()]);
    assert_eq!(
        (figures_without.under_replicated, figures_without.leaderless),
        (2, 1)
    );
    assert!(figures_without.under_min_isr.why_not().is_some());

    let settings = crate::monitor::TopicSettings {
        min_insync: Known::Read(1),
        ..Default::default()
    };
    let topics = [(name("orders"), settings)].into();
    now.settings = std::sync::Arc::new(crate::monitor::SettingsSample {
        topics,
        ..Default::default()
    });
    assert_eq!(figures([now]).under_min_isr, Known::Read(1));
}

#[test]
fn min_insync_above_the_replicas_counts_as_the_replicas_where_brokers_count_so() {
    for (caps_min_insync, under) in [(true, 0), (false, 1)] {
        let mut now = orders(0, topic(1, &[(0, 1)]));
        let settings = crate::monitor::TopicSettings {
            min_insync: Known::Read(9),
            ..Default::default()
        };
        now.settings = std::sync::Arc::new(crate::monitor::SettingsSample {
            topics: [(name("orders"), settings)].into(),
            caps_min_insync,
            ..Default::default()
        });
        assert_eq!(figures([now]).under_min_isr, Known::Read(under));
    }
}

#[test]
fn records_are_not_known_where_the_first_offset_lies_beyond_the_end() {
    let figures = figures([orders(0, topic(1, &[(7, 4)]))]);
    assert_eq!(
        figures.records.why_not().map(|why| &**why),
        Some("the first offset lies beyond the end: the log was cut between the two reads")
    );
}
