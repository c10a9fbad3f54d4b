//! How many bytes topics have on brokers' disks: all of their replicas, or no number.

use std::sync::Arc;

use super::sample::{Part, SettingsSample, Troubles};
use crate::admin::{AdminError, ItemError, ReplicaSizes};
use crate::inspect::{Metadata, read_error};
use crate::model::{AclOperation, BrokerId, Known, Partition, RequiredAcl, TopicMetadata, TopicName};

/// Puts together what brokers told. A broker that tells nothing is one trouble, however many replicas it has.
pub(super) fn take_in(
    settings: &mut SettingsSample,
    metadata: &Metadata,
    sizes: Result<ReplicaSizes, AdminError>,
) {
    let SettingsSample { topics, troubles, .. } = settings;
    let sizes = match sizes {
        Ok(sizes) => sizes,
        Err(error) => {
            let why: Arc<str> = error.to_string().into();
            troubles.add(Part::Settings, &why, || "sizes".to_owned());
            for topic in topics.values_mut() {
                topic.bytes = Known::Unread(Arc::clone(&why));
            }
            return;
        }
    };
    for (broker, answer) in &sizes {
        if let Err(error) = answer {
            say(troubles, *broker, error);
        }
    }
    for (name, topic) in topics {
        if let Some(metadata) = metadata.get(name) {
            topic.bytes = of_topic(name, metadata, &sizes, troubles);
        }
    }
}

fn say(troubles: &mut Troubles, broker: BrokerId, error: &ItemError) {
    let why = read_error(error, || RequiredAcl::on_cluster(AclOperation::Describe));
    troubles.lack(why.missing.as_ref());
    troubles.add(Part::Settings, &why.words.into(), || {
        format!("sizes on broker {broker}")
    });
}

fn of_topic(
    name: &TopicName,
    topic: &TopicMetadata,
    sizes: &ReplicaSizes,
    troubles: &mut Troubles,
) -> Known<i64> {
    let mut sum = 0_i64;
    for partition in &topic.partitions {
        match of_partition(name, partition, sizes) {
            Ok(bytes) => sum = sum.saturating_add(bytes),
            Err(Unsaid { why, is_said }) => {
                if !is_said {
                    troubles.add(Part::Settings, &why, || format!("{name} (its size)"));
                }
                return Known::Unread(why);
            }
        }
    }
    Known::Read(sum)
}

/// A replica whose size nobody told.
struct Unsaid {
    why: Arc<str>,
    /// Whether its broker is a trouble of its own.
    is_said: bool,
}

fn of_partition(name: &TopicName, partition: &Partition, sizes: &ReplicaSizes) -> Result<i64, Unsaid> {
    let mut sum = 0_i64;
    for broker in &partition.replicas {
        let unsaid = |why: String, is_said| Unsaid {
            why: why.into(),
            is_said,
        };
        let replicas = match sizes.get(broker) {
            Some(Ok(replicas)) => replicas,
            Some(Err(error)) => return Err(unsaid(error.to_string(), true)),
            None => return Err(unsaid(format!("broker {broker} is not alive"), false)),
        };
        let bytes = replicas.get(&(name.clone(), partition.index));
        let bytes =
            bytes.ok_or_else(|| unsaid(format!("broker {broker} tells nothing of a replica"), false))?;
        sum = sum.saturating_add(*bytes);
    }
    Ok(sum)
}
