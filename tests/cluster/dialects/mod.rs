//! Clusters that answer otherwise than Apache Kafka: a proxy in front of a real one speaks as they do.

mod growth;
mod leftover;
mod missing;
mod proxy;
mod rewrite;
mod rules;
mod services;
mod table;
mod values;

use std::time::{Duration, Instant};

use proxy::Proxy;
use rules::Dialect;

use crate::binary::{Project, Run};
use crate::support::Kafka;

/// A file, and a cluster that answers in a dialect.
pub(crate) struct Setting {
    project: Project,
}

impl Setting {
    pub(crate) fn new(kafka: &Kafka, dialect: Dialect, manifest: &str) -> Self {
        let proxy = Proxy::before(kafka, dialect);
        Self {
            project: Project::at(proxy.bootstrap(), manifest),
        }
    }

    /// Topics of a file: each line is an entry of `topics`.
    pub(crate) fn of_topics(kafka: &Kafka, dialect: Dialect, topics: &[&str]) -> Self {
        Self::new(kafka, dialect, &manifest(topics))
    }

    pub(crate) fn write(&self, topics: &[&str]) {
        self.project.write(&manifest(topics));
    }

    pub(crate) fn run(&self, arguments: &[&str]) -> Run {
        self.project.run(arguments)
    }

    /// A run that waits for nothing that will not come.
    pub(crate) fn run_at_once(&self, arguments: &[&str]) -> Run {
        const AT_ONCE: Duration = Duration::from_secs(20);
        let began = Instant::now();
        let run = self.run(arguments);
        let took = began.elapsed();
        assert!(took < AT_ONCE, "{arguments:?} took {took:?}\n{run}");
        run
    }
}

fn manifest(topics: &[&str]) -> String {
    let items: Vec<String> = topics.iter().map(|topic| format!("  - {{{topic}}}")).collect();
    format!("version: 1\ntopics:\n{}\n", items.join("\n"))
}
