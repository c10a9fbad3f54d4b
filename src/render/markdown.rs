//! A plan as Markdown, for a comment on a pull request at GitHub.
//!
//! What needs eyes comes first: what blocks, then what deletes. A comment has a limit, so single topics
//! may be left out at the end, which is said; the summary always counts all of them.

mod escape;
mod topic;
mod validation;

use std::cmp::Reverse;
use std::io::{self, Write};

use escape::code;
pub use validation::validation;

use super::{Header, cost, grants, words};
use crate::model::TopicName;
use crate::plan::TopicStatus;
use crate::plan::{Plan, RiskClass, TopicPlan};

/// GitHub refuses longer comments. It counts characters; bytes are never fewer.
const LIMIT: usize = 65_536;
/// Room for what is always there after the last topic that fits.
const RESERVE: usize = 512;
/// Longer lists are folded.
const UNFOLDED: usize = 20;
/// So many topics are named where data can be lost.
const NAMED: usize = 10;

/// In the order of the page.
const GROUPS: [TopicStatus; 6] = [
    TopicStatus::Unreadable,
    TopicStatus::Blocked,
    TopicStatus::Delete,
    TopicStatus::Change,
    TopicStatus::Create,
    TopicStatus::InSync,
];

type NamedTopic<'a> = (&'a TopicName, &'a TopicPlan);

/// Writes what `diff` found, in at most 65,536 bytes, with the command that makes the changes.
///
/// # Errors
/// Whatever `out` says, a closed pipe included.
pub fn plan(out: &mut dyn Write, header: &Header, plan: &Plan, apply: Option<&str>) -> io::Result<()> {
    let mut page = MarkdownPage::new(header, plan);
    let apply = apply.map(|command| format!("To apply: {}\n\n", code(command)));
    let rights = format!("{}{}", apply.unwrap_or_default(), missing_acls(header, plan));
    page.reserved += rights.len();
    for status in GROUPS {
        page.add_group(status, &spoken_of(plan, status));
    }
    out.write_all(page.finish(&rights).as_bytes())
}

/// What this principal may not do, and how it is allowed.
fn missing_acls(header: &Header, plan: &Plan) -> String {
    let lines = grants::lines(&plan.missing_acls(), header);
    if lines.is_empty() {
        return String::new();
    }
    format!(
        "#### {}\n\n```sh\n{}\n```\n\n",
        grants::heading(header),
        lines.join("\n")
    )
}

/// The topics of a group; what can cost most comes first. In sync, only those with notes.
fn spoken_of(plan: &Plan, status: TopicStatus) -> Vec<NamedTopic<'_>> {
    let is_spoken = |(_, topic): &NamedTopic<'_>| {
        TopicStatus::of_topic(topic) == status && !(topic.is_in_sync() && topic.notes.is_empty())
    };
    let mut topics: Vec<_> = plan.topics.iter().filter(is_spoken).collect();
    topics.sort_by_key(|(_, topic)| Reverse(topic.class()));
    topics
}

fn title(status: TopicStatus) -> &'static str {
    match status {
        TopicStatus::Unreadable => "Not known",
        TopicStatus::Blocked => "Blocked",
        TopicStatus::Delete => "Delete",
        TopicStatus::Change => "Change",
        TopicStatus::Create => "Create",
        TopicStatus::InSync => "Up to date, with notes",
    }
}

/// The text so far, and how many topics found no room in it.
struct MarkdownPage {
    text: String,
    left_out: usize,
    /// Room for what follows the topics, in bytes.
    reserved: usize,
}

impl MarkdownPage {
    fn new(header: &Header, plan: &Plan) -> Self {
        let line = header_line(header);
        let text = if plan.is_in_sync() {
            let topics = words::counted(plan.topics.len(), "topic");
            format!("✅ {line} · **Up to date: {topics}.**\n\n")
        } else {
            let sentences = plan.forecast().as_ref().map(cost::forecast).unwrap_or_default();
            let forecast: String = sentences.iter().flat_map(|line| [line, "\n\n"]).collect();
            let summary = words::summary(plan);
            let resets = plan.unlisted_resets().map(words::unlisted_resets);
            let resets = resets.map_or_else(String::new, |line| format!("{line}\n\n"));
            format!(
                "### {line}\n\n**{summary}**\n\n{resets}{forecast}{}",
                warning(plan)
            )
        };
        Self {
            text,
            left_out: 0,
            reserved: RESERVE,
        }
    }

    fn add_group(&mut self, status: TopicStatus, topics: &[NamedTopic<'_>]) {
        let heading = Heading::of_group(status, topics);
        let mut end = "";
        for (name, topic) in topics {
            let beginning = if end.is_empty() { &*heading.beginning } else { "" };
            if self.add(beginning, name, topic) {
                end = heading.end;
            }
        }
        self.text.push_str(end);
    }

    /// Whether there was room. After the first topic without room no smaller one slips in behind it.
    fn add(&mut self, beginning: &str, name: &TopicName, topic: &TopicPlan) -> bool {
        if self.left_out == 0 {
            let item = topic::item(name, topic);
            if self.text.len() + beginning.len() + item.len() + self.reserved <= LIMIT {
                self.text.push_str(beginning);
                self.text.push_str(&item);
                return true;
            }
        }
        self.left_out += 1;
        false
    }

    fn finish(mut self, rights: &str) -> String {
        self.text.push_str(rights);
        self.text.push_str(&left_out(self.left_out));
        format!("{}\n", self.text.trim_end())
    }
}

fn left_out(topics: usize) -> String {
    if topics == 0 {
        return String::new();
    }
    let more = words::counted(topics, "more topic");
    let verb = if topics == 1 { "is" } else { "are" };
    format!(
        "**{more} {verb} not shown**, since a comment has no room for more. \
         The counts above include all of them, and `topicctl diff` shows them."
    )
}

fn header_line(header: &Header) -> String {
    let profile = header
        .profile
        .as_deref()
        .map(|profile| format!("profile {} · ", code(profile)));
    format!(
        "topicctl diff · {}cluster {} · {}",
        profile.unwrap_or_default(),
        code(&header.cluster_id),
        code(&header.address)
    )
}

/// Data that can be lost stands out, also where the topics themselves are folded.
fn warning(plan: &Plan) -> String {
    let lossy: Vec<&TopicName> = plan
        .topics
        .iter()
        .filter(can_lose_data)
        .map(|(name, _)| name)
        .collect();
    if lossy.is_empty() {
        return String::new();
    }
    let mut named: Vec<String> = lossy.iter().take(NAMED).map(|name| code(name.as_str())).collect();
    if lossy.len() > NAMED {
        named.push(format!("and {} more", words::grouped(lossy.len() - NAMED)));
    }
    let total = plan
        .total_loss()
        .map(|total| format!("\n> In total {}.", cost::total(total)));
    format!(
        "> [!CAUTION]\n> **{} can lose data**, which apply does only with `--allow-data-loss`: {}{}\n\n",
        words::counted(lossy.len(), "topic"),
        named.join(", "),
        total.unwrap_or_default()
    )
}

/// How a group begins and ends.
struct Heading {
    beginning: String,
    end: &'static str,
}

impl Heading {
    fn of_group(status: TopicStatus, topics: &[NamedTopic<'_>]) -> Self {
        let count = words::grouped(topics.len());
        let title = title(status);
        if topics.len() <= UNFOLDED {
            return Self {
                beginning: format!("#### {title} ({count})\n\n"),
                end: "\n",
            };
        }
        let lossy = match topics.iter().filter(|topic| can_lose_data(topic)).count() {
            0 => String::new(),
            number => format!(", {} can lose data", words::grouped(number)),
        };
        Self {
            beginning: format!("<details>\n<summary><b>{title} ({count}{lossy})</b></summary>\n\n"),
            end: "\n</details>\n\n",
        }
    }
}

/// A blocked topic stays as it is.
fn can_lose_data((_, topic): &NamedTopic<'_>) -> bool {
    topic.refusals.is_empty() && topic.class() == Some(RiskClass::Lossy)
}
