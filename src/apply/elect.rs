//! Has preferred leaders lead, where they are in sync.

use crate::admin::{Admin, LeadersToElect};
use crate::model::{TopicMetadata, TopicName};

/// Of these topics, all partitions. Gives what is to be said where it did not work: whoever leads, the records are
/// safe, and Kafka itself elects preferred leaders after some minutes unless it is told not to.
pub(super) async fn in_topics<A: Admin>(admin: &A, names: &[TopicName]) -> Vec<String> {
    match admin.topics(names).await {
        Ok(topics) => {
            let seen = topics
                .iter()
                .filter_map(|(name, seen)| Some((name, seen.as_ref().ok()?.as_ref()?)));
            let elections: Vec<LeadersToElect> = seen.filter_map(|(name, seen)| due(name, seen)).collect();
            elect_leaders(admin, &elections).await
        }
        Err(error) => vec![not_elected(names.iter(), &error)],
    }
}

pub(super) async fn elect_leaders<A: Admin>(admin: &A, elections: &[LeadersToElect]) -> Vec<String> {
    if elections.is_empty() {
        return Vec::new();
    }
    match admin.elect_leaders(elections).await {
        Ok(answers) => {
            let failed = answers
                .iter()
                .filter_map(|(name, answer)| Some((name, answer.as_ref().err()?)));
            failed
                .map(|(name, error)| not_elected([name].into_iter(), error))
                .collect()
        }
        Err(error) => vec![not_elected(
            elections.iter().map(|election| &election.name),
            &error,
        )],
    }
}

fn not_elected<'n>(names: impl Iterator<Item = &'n TopicName>, error: &impl ToString) -> String {
    let names: Vec<&str> = names.map(TopicName::as_str).collect();
    let topics = match names.as_slice() {
        [only] => format!("topic {only}"),
        [first, rest @ ..] => format!("topic {first} and {} more", rest.len()),
        [] => "no topic".to_owned(),
    };
    format!(
        "the preferred leaders of {topics} were not elected, and others lead for now: {}",
        error.to_string()
    )
}

/// The partitions that somebody else leads than should, where the one who should is in sync. All of the topic:
/// some may have arrived while nobody followed them.
pub(super) fn due(name: &TopicName, seen: &TopicMetadata) -> Option<LeadersToElect> {
    let should = seen.partitions.iter().filter(|partition| {
        let preferred = partition.replicas.first();
        partition.leader.as_ref() != preferred && preferred.is_some_and(|id| partition.isr.contains(id))
    });
    let partitions: Vec<i32> = should.map(|partition| partition.index).collect();
    (!partitions.is_empty()).then(|| LeadersToElect {
        name: name.clone(),
        partitions,
    })
}
