//! Which topics of a cluster go because the file does not name them.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::name::TopicName;
use super::pattern::Pattern;

/// Patterns of topics that are deleted unless the file names them. Without patterns nothing is.
#[derive(Debug, Clone, Default)]
pub struct Prune {
    patterns: Vec<Pattern>,
    /// Everything that the whole file names, also where a run is about a part of it. An alias is the older
    /// name of a topic that somebody still cares for.
    named: Arc<BTreeSet<TopicName>>,
    scope: PruneScope,
}

#[derive(Debug, Clone, Default)]
enum PruneScope {
    #[default]
    Cluster,
    Only(BTreeSet<TopicName>),
}

/// Where the topics are that may be pruned.
#[derive(Debug, Clone, Copy)]
pub enum PruneReach<'a> {
    /// Nothing is pruned.
    Nowhere,
    /// Among all topics of the cluster.
    Cluster,
    /// Among these, which were found earlier.
    Only(&'a BTreeSet<TopicName>),
}

impl Prune {
    /// Prunes what matches any of the patterns and is not `named` by the file.
    pub fn new(patterns: Vec<Pattern>, named: BTreeSet<TopicName>) -> Self {
        Self {
            patterns,
            named: Arc::new(named),
            scope: PruneScope::Cluster,
        }
    }

    /// The patterns.
    pub fn patterns(&self) -> &[Pattern] {
        &self.patterns
    }

    /// Where to look for topics.
    pub fn reach(&self) -> PruneReach<'_> {
        match &self.scope {
            _ if self.patterns.is_empty() => PruneReach::Nowhere,
            PruneScope::Cluster => PruneReach::Cluster,
            PruneScope::Only(names) if names.is_empty() => PruneReach::Nowhere,
            PruneScope::Only(names) => PruneReach::Only(names),
        }
    }

    /// The same, for these topics alone.
    #[must_use]
    pub fn only(&self, names: BTreeSet<TopicName>) -> Self {
        Self {
            scope: PruneScope::Only(names),
            ..self.clone()
        }
    }

    /// The pattern by which this topic goes; `None` if it stays. What is internal, or begins with `_` as
    /// the topics of Kafka and of its tools do, goes only by its own name: a pattern is too easily wider
    /// than it was meant to be.
    pub fn pattern_for(&self, name: &TopicName, internal: bool) -> Option<&Pattern> {
        let in_scope = match &self.scope {
            PruneScope::Cluster => true,
            PruneScope::Only(names) => names.contains(name),
        };
        if !in_scope || self.named.contains(name) {
            return None;
        }
        self.patterns
            .iter()
            .find(|pattern| pattern.covers(name, internal))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(name: &str) -> TopicName {
        TopicName::new(name).unwrap()
    }

    fn prune(patterns: &[&str], named: &[&str]) -> Prune {
        let patterns = patterns.iter().map(|pattern| Pattern::new(pattern)).collect();
        Prune::new(patterns, named.iter().copied().map(name).collect())
    }

    fn goes(prune: &Prune, topic: &str, internal: bool) -> Option<String> {
        let pattern = prune.pattern_for(&name(topic), internal);
        pattern.map(ToString::to_string)
    }

    #[test]
    fn what_matches_and_is_not_named_goes_by_the_first_pattern() {
        let prune = prune(&["dev.*", "dev.old"], &["dev.orders"]);
        assert_eq!(goes(&prune, "dev.old", false).as_deref(), Some("dev.*"));
        assert_eq!(goes(&prune, "dev.orders", false), None);
        assert_eq!(goes(&prune, "prod.old", false), None);
    }

    #[test]
    fn topics_of_kafka_itself_go_by_their_exact_name_only() {
        let wide = prune(&["*", "_*", "__consumer_offset?"], &[]);
        assert_eq!(goes(&wide, "__consumer_offsets", true), None);
        assert_eq!(goes(&wide, "_schemas", false), None);
        assert_eq!(goes(&wide, "internal-by-flag", true), None);
        let exact = prune(&["*", "_schemas"], &[]);
        assert_eq!(goes(&exact, "_schemas", false).as_deref(), Some("_schemas"));
    }

    #[test]
    fn a_part_reaches_only_that_part() {
        let all = prune(&["dev.*"], &[]);
        assert!(matches!(all.reach(), PruneReach::Cluster));
        let part = all.only([name("dev.a")].into());
        assert!(matches!(part.reach(), PruneReach::Only(names) if names.len() == 1));
        assert_eq!(goes(&part, "dev.a", false).as_deref(), Some("dev.*"));
        assert_eq!(goes(&part, "dev.b", false), None);
        assert!(matches!(all.only([].into()).reach(), PruneReach::Nowhere));
        assert!(matches!(Prune::default().reach(), PruneReach::Nowhere));
    }
}
