//! Rates and trends out of several samples. Pure: what the samples say goes in, figures come out, and the only
//! clock is the samples' own.

use std::collections::{BTreeMap, VecDeque};
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use super::sample::{GroupSample, Part, PartitionSample, Sample, TopicSample};
use crate::model::skew::real;
use crate::model::{GroupName, Known, TopicId, TopicName, skew};

/// How far back a trend of lag looks.
const TREND: Duration = Duration::from_mins(5);

/// The samples that figures are made of: the last one, and of those before as much as trends need.
#[derive(Debug, Default)]
pub struct Window {
    last: Option<Rc<Sample>>,
    lags: BTreeMap<TopicName, Lags>,
}

/// The largest lag of a topic over time.
#[derive(Debug)]
struct Lags {
    id: TopicId,
    seen: VecDeque<(Duration, i64)>,
}

/// What samples come to.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Figures {
    /// The time between the two samples that rates are of; `None` with one sample.
    pub span: Option<Duration>,
    /// Every topic that is there.
    pub topics: BTreeMap<TopicName, TopicFigures>,
}

/// What samples come to for one topic.
#[derive(Debug, Clone, PartialEq)]
pub struct TopicFigures {
    /// Records written per second.
    pub rate_in: Known<f64>,
    /// Records per second that groups committed as read, all groups together.
    pub rate_out: Known<f64>,
    /// The lag of the group that lags most, in records; `None` where no group committed anything.
    pub lag: Option<Known<i64>>,
    /// Where that lag is going.
    pub trend: Option<Trend>,
    /// How many records it holds at most.
    pub records: Known<i64>,
    /// How unevenly they are spread over the partitions: 1 is even.
    pub skew: Option<f64>,
    /// Partitions with fewer replicas in sync than assigned.
    pub under_replicated: usize,
    /// Partitions with fewer replicas in sync than `min.insync.replicas`: producers with acks=all are refused.
    pub under_min_isr: Known<usize>,
    /// Partitions that nobody leads.
    pub leaderless: usize,
    /// By group.
    pub groups: BTreeMap<GroupName, GroupFigures>,
}

/// What samples come to for one group in one topic.
#[derive(Debug, Clone, PartialEq)]
pub struct GroupFigures {
    /// Records that it has not committed yet, over the partitions where it committed anything; `None` where that is
    /// none of them: what it has read nobody knows.
    pub lag: Option<Known<i64>>,
    /// Records per second that it committed.
    pub rate: Known<f64>,
    /// Its members that read the topic now.
    pub members: Known<usize>,
}

/// Where a lag is going.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Trend {
    /// Records per second by which it grew; negative where it shrank.
    pub per_second: f64,
    /// The time that was looked at, five minutes at most.
    pub over: Duration,
}

impl Window {
    /// Takes the next sample in, and says what they all come to.
    pub fn push(&mut self, sample: &Rc<Sample>) -> Figures {
        let before = self.last.replace(Rc::clone(sample));
        let span = before
            .as_ref()
            .and_then(|before| sample.elapsed.checked_sub(before.elapsed))
            .filter(|span| !span.is_zero());
        let between = Between {
            before: before.as_deref(),
            now: sample,
            span,
        };
        self.lags.retain(|name, _| sample.topics.contains_key(name));
        let topics = sample.topics.iter().map(|(name, topic)| {
            let mut figures = between.topic(name, topic);
            figures.trend = self.trend(name, topic.id, sample.elapsed, figures.lag.as_ref());
            (name.clone(), figures)
        });
        let topics = topics.collect();
        Figures { span, topics }
    }

    fn trend(
        &mut self,
        name: &TopicName,
        id: TopicId,
        at: Duration,
        lag: Option<&Known<i64>>,
    ) -> Option<Trend> {
        let lag = *lag?.read()?;
        let fresh = || Lags {
            id,
            seen: VecDeque::new(),
        };
        let lags = self.lags.entry(name.clone()).or_insert_with(fresh);
        if lags.id != id {
            *lags = fresh();
        }
        while lags.seen.front().is_some_and(|(seen, _)| *seen + TREND < at) {
            lags.seen.pop_front();
        }
        let first = lags.seen.front().copied();
        lags.seen.push_back((at, lag));
        let (seen, first) = first?;
        let over = at.checked_sub(seen).filter(|over| !over.is_zero())?;
        Some(Trend {
            per_second: real(lag - first) / over.as_secs_f64(),
            over,
        })
    }
}

/// Two samples, or one that has nothing before it.
struct Between<'s> {
    before: Option<&'s Sample>,
    now: &'s Sample,
    span: Option<Duration>,
}

impl Between<'_> {
    fn topic(&self, name: &TopicName, topic: &TopicSample) -> TopicFigures {
        let before = self.before.and_then(|before| before.topics.get(name));
        // Another id is another topic: what its partitions hold was all written since.
        let same = before.filter(|before| before.id == topic.id);
        let groups: BTreeMap<GroupName, GroupFigures> = topic
            .groups
            .iter()
            .map(|(group, used)| {
                let before = same.and_then(|before| before.groups.get(group));
                (Arc::clone(group), self.group(topic, used, before))
            })
            .collect();
        let records: Option<Vec<i64>> = topic.partitions.values().map(PartitionSample::records).collect();
        TopicFigures {
            rate_in: self.rate(before.is_some(), || written(same, topic)),
            rate_out: self.rate_out(&groups),
            lag: self.lag(&groups),
            trend: None,
            records: match &records {
                Some(records) => Known::Read(records.iter().sum()),
                None => Known::Unread(why_unread(topic)),
            },
            skew: records.as_deref().and_then(skew),
            under_replicated: count(topic, PartitionSample::is_under_replicated),
            under_min_isr: self.under_min_isr(name, topic),
            leaderless: count(topic, |partition| partition.leader.is_none()),
            groups,
        }
    }

    /// Something that happened between the samples, as so much a second.
    fn rate(&self, was_there: bool, happened: impl FnOnce() -> Result<i64, Arc<str>>) -> Known<f64> {
        let Some(span) = self.span.filter(|_| was_there) else {
            return Known::Unread("a rate takes two samples".into());
        };
        match happened() {
            Ok(count) => Known::Read(real(count) / span.as_secs_f64()),
            Err(why) => Known::Unread(why),
        }
    }

    fn rate_out(&self, groups: &BTreeMap<GroupName, GroupFigures>) -> Known<f64> {
        if groups.is_empty()
            && let Some(why) = self.why_no_groups()
        {
            return Known::Unread(why);
        }
        let mut sum = 0.0;
        for group in groups.values() {
            match &group.rate {
                Known::Read(rate) => sum += rate,
                Known::Unread(why) => return Known::Unread(Arc::clone(why)),
            }
        }
        if self.span.is_none() {
            return Known::Unread("a rate takes two samples".into());
        }
        Known::Read(sum)
    }

    fn lag(&self, groups: &BTreeMap<GroupName, GroupFigures>) -> Option<Known<i64>> {
        let lags: Result<Vec<i64>, Arc<str>> = groups
            .values()
            .filter_map(|group| group.lag.as_ref())
            .map(|lag| match lag {
                Known::Read(lag) => Ok(*lag),
                Known::Unread(why) => Err(Arc::clone(why)),
            })
            .collect();
        match lags {
            Ok(lags) => match lags.into_iter().max() {
                Some(lag) => Some(Known::Read(lag)),
                None => self.why_no_groups().map(Known::Unread),
            },
            Err(why) => Some(Known::Unread(why)),
        }
    }

    /// Why there may be groups where none was seen.
    fn why_no_groups(&self) -> Option<Arc<str>> {
        let mut troubles = self.now.troubles.iter();
        // What has a place is about a group that was read.
        troubles
            .find(|trouble| trouble.part == Part::Groups && trouble.place.is_empty())
            .map(|trouble| trouble.why)
    }

    fn group(&self, topic: &TopicSample, used: &GroupSample, before: Option<&GroupSample>) -> GroupFigures {
        GroupFigures {
            lag: lag(topic, used),
            rate: self.rate(self.before.is_some(), || Ok(committed(before, used))),
            members: used.members.clone(),
        }
    }

    fn under_min_isr(&self, name: &TopicName, topic: &TopicSample) -> Known<usize> {
        let settings = self.now.settings.topics.get(name);
        match settings.map(|settings| &settings.min_insync) {
            Some(Known::Read(value)) => Known::Read(count(topic, |partition| {
                partition.is_under_min_isr(*value, self.now.settings.caps_min_insync)
            })),
            Some(Known::Unread(why)) => Known::Unread(Arc::clone(why)),
            None => Known::Unread("its configs were not read yet".into()),
        }
    }
}

fn count(topic: &TopicSample, is_so: impl Fn(&PartitionSample) -> bool) -> usize {
    topic
        .partitions
        .values()
        .filter(|partition| is_so(partition))
        .count()
}

/// The first reason why the records of a partition are not known.
fn why_unread(topic: &TopicSample) -> Arc<str> {
    let mut ends = topic
        .partitions
        .values()
        .flat_map(|partition| [&partition.latest, &partition.earliest]);
    ends.find_map(Known::why_not).map_or_else(
        || "the first offset lies beyond the end: the log was cut between the two reads".into(),
        Arc::clone,
    )
}

/// The records that were written since. What a partition lost by a truncation was not written backwards: it
/// counts as nothing.
fn written(before: Option<&TopicSample>, now: &TopicSample) -> Result<i64, Arc<str>> {
    let mut sum = 0;
    for (index, partition) in &now.partitions {
        let latest = known(&partition.latest)?;
        let from = match before.and_then(|before| before.partitions.get(index)) {
            Some(partition) => known(&partition.latest)?,
            // Added since, so all of it is new.
            None => 0,
        };
        sum += (latest - from).max(0);
    }
    Ok(sum)
}

fn known(offset: &Known<i64>) -> Result<i64, Arc<str>> {
    match offset {
        Known::Read(offset) => Ok(*offset),
        Known::Unread(why) => Err(Arc::clone(why)),
    }
}

/// The records that a group committed since, over the partitions where it had committed before. A group that was
/// set back did not read backwards.
fn committed(before: Option<&GroupSample>, now: &GroupSample) -> i64 {
    let Some(before) = before else { return 0 };
    let each = now.committed.iter().filter_map(|(index, offset)| {
        let from = before.committed.get(index)?;
        Some((offset.offset - from.offset).max(0))
    });
    each.sum()
}

/// What it has not committed of the partitions where it committed anything.
fn lag(topic: &TopicSample, used: &GroupSample) -> Option<Known<i64>> {
    let mut sum = None;
    for (index, committed) in &used.committed {
        // The partition went with its topic, and the commit is still there.
        let Some(partition) = topic.partitions.get(index) else {
            continue;
        };
        match partition.lag(*committed) {
            Known::Read(lag) => {
                let sum: &mut i64 = sum.get_or_insert(0);
                *sum = sum.saturating_add_unsigned(lag);
            }
            Known::Unread(why) => return Some(Known::Unread(why)),
        }
    }
    sum.map(Known::Read)
}
