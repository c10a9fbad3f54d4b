//! What a change costs, in sentences: amounts, times, partitions, groups. The first line says what
//! matters; what follows says where, whose, and what could not be read.

use super::counts::{counted, grouped};
use super::sentence::{Sentence, foreign};
use super::unclean;
use crate::model::{Groups, Known, moment, quantity};
use crate::plan::{
    Amount, Compacted, Copied, Deleted, Forecast, GroupAtWork, Grown, Loss, Reason, Sampled, TotalLoss,
    Unread, Users,
};

/// So many groups are named in text; JSON has all.
const NAMED_GROUPS: usize = 5;

/// `up to 1,310,000 records`.
pub(super) fn records(amount: Amount) -> String {
    let count = |number: i64| grouped(usize::try_from(number).unwrap_or(0));
    let some = |number: i64| counted(usize::try_from(number).unwrap_or(0), "record");
    match (amount.at_least, amount.at_most, amount.about) {
        (0, None, _) => "an unknown number of records".to_owned(),
        (least, None, _) => format!("at least {}", some(least)),
        (least, Some(most), _) if least == most => some(most),
        (0, Some(most), Some(about)) => format!("about {} (up to {})", some(about), count(most)),
        (least, Some(most), Some(about)) => {
            format!("about {} ({} to {})", some(about), count(least), count(most))
        }
        (0, Some(most), None) => format!("up to {}", some(most)),
        (least, Some(most), None) => format!("{} to {}", count(least), some(most)),
    }
}

/// `about 4.1 GiB`; `None` where nothing is known of it.
pub(super) fn bytes(amount: Amount) -> Option<String> {
    let size = |number: i64| quantity::rounded_size(u64::try_from(number).unwrap_or(0));
    match (amount.at_least, amount.at_most, amount.about) {
        (least, Some(most), _) if least == most => Some(size(most)),
        (_, _, Some(about)) => Some(format!("about {}", size(about))),
        (0, Some(most), None) => Some(format!("up to {}", size(most))),
        (least, Some(most), None) => Some(format!("{} to {}", size(least), size(most))),
        (_, None, None) => None,
    }
}

/// `up to 1,310,000 records (about 4.1 GiB)`.
fn amounts(loss: &Loss) -> String {
    let records = records(loss.records());
    match bytes(loss.bytes()) {
        Some(bytes) if records.ends_with(')') => format!("{records}, {bytes}"),
        Some(bytes) => format!("{records} ({bytes})"),
        None => records,
    }
}

/// What follows a sentence about a loss: from when to when, and where most of it is.
fn when_and_where(loss: &Loss) -> String {
    let mut text = String::new();
    if let Some(span) = loss.span {
        let (from, to) = (moment::day(span.from), moment::day(span.to));
        text = if from == to {
            format!(", of {from}")
        } else {
            format!(", {from} to {to}")
        };
    }
    if let [(index, most), _, ..] = loss.by_size()[..] {
        text = format!("{text}; most in partition {index} ({})", records(most.records));
    }
    text
}

pub(super) fn shorter(loss: &Loss, to: i64) -> String {
    let age = quantity::human_duration(to);
    if loss.partitions.is_empty() {
        return format!("no record is older than {age}");
    }
    format!(
        "{} older than {age} will be deleted{}",
        amounts(loss),
        when_and_where(loss)
    )
}

pub(super) fn smaller(loss: &Loss, to: i64) -> String {
    let size = quantity::human_size(to);
    if loss.partitions.is_empty() {
        return format!("no partition is larger than {size}");
    }
    let beyond = match bytes(loss.bytes()) {
        Some(bytes) => format!("{bytes} beyond {size} a partition will be deleted"),
        None => format!("what is beyond {size} a partition will be deleted"),
    };
    format!("{beyond}: {}{}", records(loss.records()), when_and_where(loss))
}

pub(super) fn starts_deleting(loss: &Loss) -> String {
    if loss.partitions.is_empty() {
        return "no record is old enough, and no partition large enough, to be deleted yet".to_owned();
    }
    format!(
        "{} beyond the limits will be deleted{}",
        amounts(loss),
        when_and_where(loss)
    )
}

pub(super) fn sooner(loss: &Loss, to: i64) -> String {
    if loss.partitions.is_empty() {
        return "no record can be compacted away that could not be before".to_owned();
    }
    let age = quantity::human_duration(to);
    format!(
        "{} older than {age} can be compacted away where newer ones of the same key supersede them{}",
        records(loss.records()),
        when_and_where(loss)
    )
}

pub(super) fn remote(loss: &Loss) -> String {
    if loss.partitions.is_empty() {
        return "no record is in remote storage alone".to_owned();
    }
    format!(
        "{} in remote storage will be deleted with it{}",
        records(loss.records()),
        when_and_where(loss)
    )
}

pub(super) fn deleted(deleted: &Deleted) -> String {
    let loss = &deleted.loss;
    if !loss.partitions.is_empty() {
        let last = loss
            .span
            .map(|span| format!("; last write {}", moment::minute(span.to)));
        return format!(
            "everything in it will be deleted: {}{}{}",
            amounts(loss),
            when_and_where(loss),
            last.unwrap_or_default()
        );
    }
    if deleted.users.are_none() {
        "it is empty, and no group uses it".to_owned()
    } else if deleted.users.read.is_empty() {
        "it is empty, but whether groups use it is not known".to_owned()
    } else {
        "it is empty, but groups use it".to_owned()
    }
}

pub(super) fn grown(grown: &Grown) -> String {
    if grown.records.is_nothing() && grown.users.are_none() {
        return "the topic is empty, and no group uses it".to_owned();
    }
    if grown.records.is_nothing() {
        return "the topic is empty; consumers that start at `latest` can miss the first records of a new partition"
            .to_owned();
    }
    let moves = "from then on records with the same key go to other partitions";
    let latest = "consumers that start at `latest` can miss the first ones";
    match &grown.sample {
        Known::Unread(why) => {
            format!(
                "whether records have keys is not known ({}); if so, {moves}, and {latest}",
                foreign(why)
            )
        }
        Known::Read(sample) if sample.keyed == 0 => {
            format!("{}, but {latest} of a new partition", keys(*sample))
        }
        Known::Read(sample) => format!("{}: {moves}, and {latest}", keys(*sample)),
    }
}

pub(super) fn compacted(found: &Compacted) -> String {
    if found.records.is_nothing() {
        return "the topic is empty".to_owned();
    }
    let drops = "only the latest record of each key is kept, and records without a key are dropped";
    match &found.sample {
        Known::Unread(why) => format!("{drops}; whether there are any is not known ({})", foreign(why)),
        Known::Read(sample) if sample.complete || sample.unkeyed > 0 => format!("{drops}: {}", keys(*sample)),
        Known::Read(sample) => format!("{drops}: {}, the other records were not read", keys(*sample)),
    }
}

/// `all of the 200 latest records have a key`.
fn keys(sample: Sampled) -> String {
    let total = sample.keyed + sample.unkeyed;
    let count = |number: i64| grouped(usize::try_from(number).unwrap_or(0));
    let which = match (sample.complete, sample.reached_end, total) {
        (true, _, 1) => "record".to_owned(),
        (true, _, total) => format!("{} records", count(total)),
        (false, true, total) => format!("{} latest records", count(total)),
        (false, false, total) => format!("{} records that were looked at", count(total)),
    };
    match (sample.keyed, sample.unkeyed) {
        (0, _) => format!("none of the {which} has a key"),
        (_, 0) => format!("all of the {which} have a key"),
        (keyed, _) => format!("{} of the {which} have a key", count(keyed)),
    }
}

pub(super) fn messages(sample: &Known<Sampled>, to: i64) -> Option<String> {
    let size = |number: i64| quantity::rounded_size(u64::try_from(number).unwrap_or(0));
    match sample {
        Known::Read(sample) if sample.largest_batch == 0 && sample.complete => {
            Some("the topic is empty".to_owned())
        }
        Known::Read(sample) => {
            let largest = format!("{} has {}", largest_of(*sample), size(sample.largest_batch));
            let limit = quantity::human_size(to);
            Some(match (sample.largest_batch <= to, sample.complete) {
                (true, true) if sample.is_thinned => format!(
                    "{largest}, but compaction took records out of batches; producers that send more than {limit} will be refused"
                ),
                (true, true) if sample.largest_sent > to => format!(
                    "{largest}, but brokers may have recompressed what was sent with up to {}; who sends more than \
                     {limit} is refused",
                    size(sample.largest_sent)
                ),
                (true, true) => largest,
                (true, false) => {
                    format!(
                        "{largest}, and others were not looked at; producers that send more than {limit} will be refused"
                    )
                }
                (false, _) => format!("{largest}: producers that send more than {limit} start to fail"),
            })
        }
        Known::Unread(_) => None,
    }
}

fn largest_of(sample: Sampled) -> &'static str {
    match (sample.complete, sample.reached_end) {
        (true, _) => "the largest of all batches",
        (false, true) => "the largest of the latest batches",
        (false, false) => "the sample did not reach the end of the log; the largest batch that was looked at",
    }
}

/// Lines that follow the sentence of a reason.
pub(super) fn details(reason: &Reason) -> Vec<Sentence> {
    detail_lines(reason).into_iter().map(Sentence::from).collect()
}

fn detail_lines(reason: &Reason) -> Vec<String> {
    match reason {
        Reason::ShorterRetention { .. }
        | Reason::SmallerRetention { .. }
        | Reason::StartsDeleting { .. }
        | Reason::CompactsSooner { .. }
        | Reason::RemoteStorageDisabled { .. } => reason.loss().map(of_loss).unwrap_or_default(),
        Reason::DeletesTopic { deleted } => deleted.as_deref().map(of_deleted).unwrap_or_default(),
        Reason::MovesKeys { grown, .. } => grown.as_deref().map(of_grown).unwrap_or_default(),
        Reason::SmallerMessages { sample, .. } => match sample {
            Some(Known::Unread(why)) => {
                vec![format!("the latest batches could not be read: {}", foreign(why))]
            }
            Some(Known::Read(_)) | None => Vec::new(),
        },
        Reason::CopiesReplicas { copied } => copied.as_deref().map(of_copied).unwrap_or_default(),
        Reason::FewerReplicas { freed, .. } => freed.as_deref().map(of_freed).unwrap_or_default(),
        Reason::UnknownInherited { .. }
        | Reason::StartsCompacting { .. }
        | Reason::MinInsyncAboveIsr { .. }
        | Reason::NoBrokerToSpare { .. }
        | Reason::DropsCopies { .. }
        | Reason::ForgetsEligibleLeaders { .. }
        | Reason::ResetsUnlisted
        | Reason::RemapsInternalTopic { .. }
        | Reason::HasEffect { .. }
        | Reason::UnknownKey { .. }
        | Reason::CannotCompare { .. } => Vec::new(),
        Reason::UncleanElection { leaderless } => unclean::of_leaderless(leaderless),
    }
}

fn of_loss(loss: &Loss) -> Vec<String> {
    let mut lines: Vec<String> = loss
        .unread
        .iter()
        .map(|why| format!("could not be read: {}", foreign(why)))
        .collect();
    lines.extend(each_group(&loss.groups, behind));
    lines
}

/// `brokers copy about 1.2 GiB`.
pub(super) fn copied(copied: &Copied) -> String {
    match (copied.bytes(), copied.unread.is_empty()) {
        (0, true) => "the topic is empty, so that nothing has to be copied".to_owned(),
        (0, false) => "brokers copy what the topic holds; how much was not read".to_owned(),
        (bytes, true) => format!("brokers copy about {}", size(bytes)),
        (bytes, false) => format!("brokers copy {} or more", size(bytes)),
    }
}

fn size(bytes: i64) -> String {
    quantity::rounded_size(u64::try_from(bytes).unwrap_or(0))
}

/// `In total brokers copy about 4.10 GiB, which takes 7m at least at 10.0 MiB per second.`, and a sentence for
/// each broker whose disks are known.
pub(super) fn forecast(forecast: &Forecast) -> Vec<String> {
    let mut first = match forecast.copied.bytes() {
        0 => format!("brokers free {}", size(forecast.copied.freed())),
        _ => copied(&forecast.copied),
    };
    if let (Some(rate), Some(seconds)) = (forecast.throttle, forecast.seconds()) {
        let time = quantity::human_duration(seconds.saturating_mul(1_000));
        first = format!(
            "{first}, which takes {time} at least at {} per second",
            size(rate)
        );
    }
    let disks = forecast.disks.iter().filter_map(|(broker, disks)| {
        let (now, then) = forecast.used(*broker)?;
        Some(format!(
            "Broker {broker}: {} of {} on its disks are in use now, {} afterwards.",
            size(now),
            size(disks.total),
            size(then)
        ))
    });
    std::iter::once(format!("In total {first}."))
        .chain(disks)
        .collect()
}

fn of_copied(copied: &Copied) -> Vec<String> {
    let each = copied.to.iter().filter(|(_, bytes)| **bytes > 0);
    let mut lines: Vec<String> = each
        .map(|(broker, bytes)| format!("broker {broker} gets {}", size(*bytes)))
        .collect();
    lines.extend(
        copied
            .unread
            .iter()
            .map(|why| format!("could not be read: {}", foreign(why))),
    );
    lines
}

fn of_freed(copied: &Copied) -> Vec<String> {
    let each = copied.freed.iter().filter(|(_, bytes)| **bytes > 0);
    let freed = each.map(|(broker, bytes)| format!("broker {broker} frees {}", size(*bytes)));
    let kept = copied.kept.iter();
    let kept = kept.map(|broker| {
        format!("broker {broker} frees nothing for now: it is down, or its log folder has failed")
    });
    freed.chain(kept).collect()
}

fn of_deleted(deleted: &Deleted) -> Vec<String> {
    let mut lines = of_loss(&deleted.loss);
    // What is said of the groups' reading says already why they may be more.
    let without_reason = Users {
        read: deleted.users.read.clone(),
        unread: deleted
            .users
            .unread
            .difference(&deleted.loss.groups.unread)
            .cloned()
            .collect(),
    };
    lines.extend(each_group(&without_reason, at_work));
    lines
}

fn of_grown(grown: &Grown) -> Vec<String> {
    let mut lines = Vec::new();
    if grown.compacted && !grown.records.is_nothing() {
        lines.push("the topic is compacted: the last value of a key stays in its old partition".to_owned());
    }
    lines.extend(each_group(&grown.users, at_work));
    lines
}

fn each_group<T>(groups: &Groups<T>, say: impl Fn(&str, &T) -> String) -> Vec<String> {
    let named = groups.read.iter().take(NAMED_GROUPS);
    let mut lines: Vec<String> = named.map(|(name, group)| say(&foreign(name), group)).collect();
    if groups.read.len() > NAMED_GROUPS {
        lines.push(format!(
            "and {}",
            counted(groups.read.len() - NAMED_GROUPS, "more group")
        ));
    }
    lines.extend(
        groups
            .unread
            .iter()
            .map(|why| format!("groups could not all be read: {}", foreign(why))),
    );
    lines
}

fn behind(name: &str, unread: &Unread) -> String {
    let total = unread.partitions.values().copied().sum();
    let partitions: Vec<String> = unread
        .partitions
        .keys()
        .take(NAMED_GROUPS)
        .map(ToString::to_string)
        .collect();
    let more = if unread.partitions.len() > NAMED_GROUPS {
        ", …"
    } else {
        ""
    };
    let noun = if unread.partitions.len() == 1 {
        "partition"
    } else {
        "partitions"
    };
    let doubts = unread.doubts.iter().map(|why| format!("; {why}"));
    format!(
        "group {name}: {} of them unread ({noun} {}{more}){}",
        of_them(total),
        partitions.join(", "),
        doubts.collect::<String>()
    )
}

fn of_them(amount: Amount) -> String {
    let text = records(amount);
    text.replace(" records", "").replace(" record", "")
}

fn at_work(name: &str, group: &GroupAtWork) -> String {
    let committed = match group.committed {
        0 => "no committed offset".to_owned(),
        number => format!("committed offsets in {}", counted(number, "partition")),
    };
    match &group.members {
        Known::Read(0) => format!("group {name}: {committed}, no active member"),
        Known::Read(members) => format!(
            "group {name}: {committed}, {} active",
            counted(*members, "member")
        ),
        Known::Unread(why) => format!(
            "group {name}: {committed}, members could not be read: {}",
            foreign(why)
        ),
    }
}

/// `up to 1,204,331 records (about 4.1 GiB) would be deleted, from 3 topics`.
pub fn total(total: TotalLoss) -> String {
    let read = total.topics - total.not_read;
    let amounts = match bytes(total.bytes) {
        Some(bytes) => format!("{} ({bytes})", records(total.records)),
        None => records(total.records),
    };
    match (read, total.not_read) {
        (0, not_read) => format!("how much {} would lose was not read", counted(not_read, "topic")),
        (read, 0) => format!("{amounts} would be deleted, from {}", counted(read, "topic")),
        (read, not_read) => format!(
            "{amounts} would be deleted, from {}; how much {} would lose was not read",
            counted(read, "topic"),
            counted(not_read, "more topic")
        ),
    }
}
