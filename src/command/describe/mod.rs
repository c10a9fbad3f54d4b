//! `topicctl describe`: what is there, and how it differs from the file. Works without a file when
//! an address is given.

mod filter;
mod screenful;
#[cfg(test)]
mod tests;
mod watch;

use std::collections::BTreeSet;
use std::io::{self, Write};

use super::connection::{self, Connected};
use super::signals::Signals;
use super::{Exit, Failure, Shell, file, selection};
use crate::admin::{Admin, AdminError};
use crate::cli::{DescribeArgs, Output};
use crate::inspect::{self, Detail, ReadSet};
use crate::manifest::Manifest;
use crate::model::{Desired, Pattern, Reading, TopicName, printable};
use crate::render::{self, Description, Header, Style, Text, View};

pub(super) async fn run(arguments: &DescribeArgs, shell: &mut Shell<'_>) -> Result<Exit, Failure> {
    let manifest = file::load_unless_addressed(&arguments.file, &arguments.connection, shell)?;
    if arguments.filters.drifted && manifest.is_none() {
        let message = "--drifted compares with a file, and there is none: give --file";
        return Err(Failure::Usage(message.to_owned()));
    }
    let mut signals = Signals::listen()?;
    let connecting = connection::connect(&arguments.connection, manifest.as_ref(), shell);
    let connected = signals.or_interrupted(Box::pin(connecting)).await?;
    let looking = Looking {
        arguments,
        manifest: manifest.as_ref(),
        connected: &connected,
    };
    let exit = match arguments.watch {
        None => {
            let seen = signals.or_interrupted(Box::pin(looking.look())).await?;
            looking.show(&seen, shell)?;
            exit(&seen)
        }
        Some(interval) => watch::watch(&looking, interval, &mut signals, shell).await?,
    };
    shell.tell_requests(&connected.client.requests());
    Ok(exit)
}

/// Everything that a look at the topics needs.
struct Looking<'a> {
    arguments: &'a DescribeArgs,
    manifest: Option<&'a Manifest>,
    connected: &'a Connected,
}

/// What was seen.
struct Seen {
    description: Description,
    header: Header,
    /// Arguments that name nothing.
    unknown: Vec<String>,
    /// There is a file that could have named it.
    has_file: bool,
}

impl Looking<'_> {
    async fn look(&self) -> Result<Seen, Failure> {
        let nothing = Desired::default();
        let desired = self.manifest.map_or(&nothing, |manifest| &manifest.desired);
        let client = &self.connected.client;
        let cluster = client.cluster().await?;
        let wanted = choose(client, self.arguments, self.manifest.is_some(), desired).await?;
        let mut topics = inspect::gather(client, &cluster, &wanted.declared, &wanted.others).await?;
        let (reads, view) = self.wanted();
        Box::pin(inspect::add_details(client, &cluster, &mut topics, &reads)).await;
        filter::retain(&mut topics, &self.arguments.filters);
        let mut header = Header {
            health: cluster.health.clone(),
            ..self.connected.header.clone()
        };
        let read = topics.values().filter_map(|topic| topic.metadata.read());
        header.health.note_absent(&cluster, read);
        Ok(Seen {
            header,
            description: Description {
                topics: filter::sorted(topics, self.arguments.sort),
                brokers: cluster.brokers,
                view,
            },
            unknown: wanted.unknown,
            has_file: self.manifest.is_some(),
        })
    }

    /// Everything at once where all of it is shown: a broker that does not answer is then waited for once.
    fn wanted(&self) -> (ReadSet, View) {
        if self.arguments.topics.is_empty() {
            let reads = filter::reads(&self.arguments.filters, self.arguments.sort);
            let columns = filter::columns(&reads);
            (reads, View::Overview(columns))
        } else {
            (Detail::ALL.into(), View::Detailed)
        }
    }

    fn show(&self, seen: &Seen, shell: &mut Shell<'_>) -> Result<(), Failure> {
        let (style, columns) = (shell.style, shell.columns());
        self.write(seen, shell.out, style, columns)?;
        seen.tell_unknown(shell);
        Ok(())
    }

    fn write(
        &self,
        seen: &Seen,
        out: &mut dyn Write,
        style: Style,
        columns: Option<usize>,
    ) -> io::Result<()> {
        let (header, description) = (&seen.header, &seen.description);
        match self.arguments.output {
            Output::Text => {
                let mut text = Text::new(out, style).within(columns);
                text.header(header)?;
                text.description(description)?;
                text.missing_acls(header, &description.missing_acls())
            }
            Output::Json => match self.arguments.watch {
                None => render::json::description(out, header, description),
                Some(_) => render::json::description_line(out, header, description),
            },
        }
    }
}

impl Seen {
    /// Nothing of what was asked for is there.
    fn is_nothing_but_unknown(&self) -> bool {
        !self.unknown.is_empty() && self.description.topics.is_empty()
    }

    /// What was asked for and is not there.
    fn tell_unknown(&self, shell: &mut Shell<'_>) {
        for unknown in &self.unknown {
            let nobody = if self.has_file {
                "neither the file nor the cluster has a"
            } else {
                "the cluster has no"
            };
            shell.tell_error(&format!("{nobody} topic named {}", printable(unknown)));
        }
    }
}

/// Which topics are shown.
struct Wanted {
    declared: Desired,
    others: Vec<TopicName>,
    unknown: Vec<String>,
}

async fn choose<A: Admin>(
    admin: &A,
    arguments: &DescribeArgs,
    has_file: bool,
    desired: &Desired,
) -> Result<Wanted, AdminError> {
    if !arguments.topics.is_empty() {
        return choose_named(admin, &arguments.topics, desired).await;
    }
    let others = if arguments.all || !has_file {
        every_other(admin, arguments.all, desired).await?
    } else {
        Vec::new()
    };
    Ok(Wanted {
        declared: desired.clone(),
        others,
        unknown: Vec::new(),
    })
}

async fn every_other<A: Admin>(
    admin: &A,
    internal: bool,
    desired: &Desired,
) -> Result<Vec<TopicName>, AdminError> {
    let all = admin.all_topics().await?;
    let shown = all
        .into_iter()
        .filter(|(name, topic)| !desired.topics.contains_key(name) && (internal || !topic.internal));
    Ok(shown.map(|(name, _)| name).collect())
}

/// The cluster is only asked for its topics where the file does not know an argument.
async fn choose_named<A: Admin>(
    admin: &A,
    named: &[String],
    desired: &Desired,
) -> Result<Wanted, AdminError> {
    let mut declared = BTreeSet::new();
    let mut open: Vec<&String> = Vec::new();
    for argument in named {
        let matching = selection::matching(desired, argument);
        if matching.is_empty() || Pattern::new(argument).is_glob() {
            open.push(argument);
        }
        declared.extend(matching.into_iter().cloned());
    }
    let all = if open.is_empty() {
        Vec::new()
    } else {
        admin.all_topics().await?.into_keys().collect()
    };
    let unlisted = unlisted(admin, &open, &all, desired).await?;
    let mut others = BTreeSet::new();
    let mut unknown = Vec::new();
    for argument in open {
        let pattern = Pattern::new(argument);
        let listed = all.iter().chain(&unlisted);
        let found: Vec<&TopicName> = listed.filter(|name| pattern.matches(name.as_str())).collect();
        if found.is_empty() && selection::matching(desired, argument).is_empty() {
            unknown.push(argument.clone());
        }
        let undeclared = found.into_iter().filter(|name| !declared.contains(*name));
        others.extend(undeclared.cloned());
    }
    let declared = desired.only(declared.iter());
    Ok(Wanted {
        declared,
        others: others.into_iter().collect(),
        unknown,
    })
}

/// A broker leaves out of its list what the principal may not describe; asked by name it says so.
async fn unlisted<A: Admin>(
    admin: &A,
    open: &[&String],
    all: &[TopicName],
    desired: &Desired,
) -> Result<Vec<TopicName>, AdminError> {
    let names = open.iter().filter(|name| !Pattern::new(name).is_glob());
    let names = names.filter_map(|name| TopicName::new(name).ok());
    let names: BTreeSet<TopicName> = names
        .filter(|name| !all.contains(name) && !desired.topics.contains_key(name))
        .collect();
    if names.is_empty() {
        return Ok(Vec::new());
    }
    let names: Vec<TopicName> = names.into_iter().collect();
    let answers = admin.topics(&names).await?.into_iter();
    let hidden = answers.filter(|(_, answer)| !matches!(answer, Ok(None)));
    Ok(hidden.map(|(name, _)| name).collect())
}

fn exit(seen: &Seen) -> Exit {
    let unreadable = seen.description.topics.iter().any(|(_, topic)| {
        matches!(topic.metadata, Reading::Failed(_)) || matches!(topic.configs, Reading::Failed(_))
    });
    let is_out_of_date = seen.header.health.no_controller().is_some();
    if unreadable || is_out_of_date || !seen.unknown.is_empty() {
        Exit::Failed
    } else {
        Exit::Done
    }
}
