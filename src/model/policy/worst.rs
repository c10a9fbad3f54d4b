//! Bounds that depend on what brokers inherit to a topic: which configs decide, and which of several judgements counts.

use std::sync::Arc;

use super::judge::{CLEANUP, MIN_INSYNC, RETENTION, deletes, endless};
use super::{Breach, BrokenBound, Policy, PolicyJudgement, Rule};

/// A config as it will be on the topic.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ConfigOnTopic {
    /// The topic's own, where it is known.
    Own(Option<Arc<str>>),
    /// Each broker has its own.
    Inherited,
}

impl Rule {
    /// The configs that decide whether a topic keeps the bound.
    pub fn configs(self) -> &'static [&'static str] {
        match self {
            Self::MinRetention | Self::MaxRetention => &[RETENTION, CLEANUP],
            Self::MinInsyncReplicas | Self::MinSpareReplicas => &[MIN_INSYNC],
            Self::MinReplication
            | Self::MaxPartitions
            | Self::Names
            | Self::RequiredConfig
            | Self::ForbiddenConfig => &[],
        }
    }
}

impl Policy {
    /// The inherited configs that a bound depends on. Of a topic that has its own values, none.
    pub fn depends_on(&self, held: impl Fn(&str) -> ConfigOnTopic) -> Vec<&'static str> {
        let mut keys = Vec::new();
        if self.min_retention.is_some() || self.max_retention.is_some() {
            keys.extend(self.of_retention(&held(RETENTION), &held(CLEANUP)));
        }
        let insync = self.min_insync_replicas.is_some() || self.min_spare_replicas.is_some();
        if insync && held(MIN_INSYNC) == ConfigOnTopic::Inherited {
            keys.push(MIN_INSYNC);
        }
        keys
    }

    fn of_retention(&self, retention: &ConfigOnTopic, cleanup: &ConfigOnTopic) -> Vec<&'static str> {
        let keeps = match retention {
            ConfigOnTopic::Own(value) => self.keeps_retention(value.as_deref()),
            ConfigOnTopic::Inherited => false,
        };
        let never_deletes = matches!(cleanup, ConfigOnTopic::Own(Some(value)) if !deletes(value));
        if keeps || never_deletes {
            return Vec::new();
        }
        let both = [(RETENTION, retention), (CLEANUP, cleanup)].into_iter();
        both.filter(|(_, held)| **held == ConfigOnTopic::Inherited)
            .map(|(key, _)| key)
            .collect()
    }

    /// Whether the value is within both bounds.
    fn keeps_retention(&self, value: Option<&str>) -> bool {
        let Some(is) = value.and_then(|value| value.trim().parse().ok()).map(endless) else {
            return false;
        };
        let is_short = |least: i64| is < endless(least);
        let is_long = |most: i64| is > endless(most);
        !self
            .min_retention
            .as_ref()
            .is_some_and(|bound| is_short(bound.value))
            && !self
                .max_retention
                .as_ref()
                .is_some_and(|bound| is_long(bound.value))
    }
}

impl PolicyJudgement {
    /// Of what is said of one topic as several brokers see it, the worst of each bound.
    #[must_use]
    pub fn worst(judgements: impl IntoIterator<Item = Self>) -> Self {
        let mut worst = Self::default();
        for judgement in judgements {
            for breach in judgement.breaches {
                worst.add(breach);
            }
            worst.open.extend(judgement.open);
        }
        worst.breaches.sort_by_key(|breach| breach.broken.rule());
        worst.open.sort();
        worst.open.dedup();
        // That it is broken on one broker says enough.
        let breaches = &worst.breaches;
        let is_broken = |rule: Rule| breaches.iter().any(|breach| breach.broken.rule() == rule);
        worst.open.retain(|open| !is_broken(open.rule));
        worst
    }

    fn add(&mut self, breach: Breach) {
        let Some(severity) = severity(&breach.broken) else {
            if !self.breaches.contains(&breach) {
                self.breaches.push(breach);
            }
            return;
        };
        let rule = breach.broken.rule();
        let mut kept = self.breaches.iter_mut();
        match kept.find(|kept| kept.broken.rule() == rule) {
            Some(kept) if severity > severity_or_least(&kept.broken) => *kept = breach,
            Some(_) => {}
            None => self.breaches.push(breach),
        }
    }
}

fn severity_or_least(broken: &BrokenBound) -> i64 {
    severity(broken).unwrap_or(i64::MIN)
}

/// How far from the bound, where that depends on a config that brokers can inherit to a topic: more is worse.
fn severity(broken: &BrokenBound) -> Option<i64> {
    match broken {
        BrokenBound::ShortRetention { is, .. } => Some(-endless(*is)),
        BrokenBound::LongRetention { is, .. } => Some(endless(*is)),
        BrokenBound::MinInsync { is, .. } => Some(is.saturating_neg()),
        BrokenBound::SpareReplicas { min_insync, .. } => Some(*min_insync),
        BrokenBound::Replication { .. }
        | BrokenBound::Partitions { .. }
        | BrokenBound::Name { .. }
        | BrokenBound::MissingConfig { .. }
        | BrokenBound::ForbiddenConfig { .. } => None,
    }
}
