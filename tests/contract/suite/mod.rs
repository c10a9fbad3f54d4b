//! The contract of `Admin`: checks that know nothing of what they run on.
//!
//! Every expected code and text is what Apache Kafka 4.4 answers; what older releases answer otherwise
//! is in [`releases`]. A check that passes in memory and fails on Kafka is wrong, and so is the cluster
//! in memory.
//!
//! A new check is a function in one of these modules and a line in [`contract_on`]; it then runs
//! everywhere.

pub(crate) mod alter;
pub(crate) mod broker_configs;
pub(crate) mod brokers;
pub(crate) mod configs;
pub(crate) mod contents;
pub(crate) mod create;
pub(crate) mod delete;
pub(crate) mod grow;
pub(crate) mod metadata;
pub(crate) mod offsets;
pub(crate) mod reassign;
pub(crate) mod refusals;
pub(crate) mod releases;
pub(crate) mod requests;
pub(crate) mod rights;
mod steps;
pub(crate) mod synonyms;

use topicctl::admin::Admin;
use topicctl::admin::memory::Operation;
use topicctl::model::{BrokerId, TopicName};

pub(crate) use releases::Release;

/// A cluster that a check can have for itself, or share under a prefix of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// One broker with Kafka's defaults, perhaps shared.
    One,
    /// Three brokers, each in a rack of its own, perhaps shared.
    Three,
    /// Three brokers that may be stopped.
    ThreeAlone,
    /// One broker whose file has [`BROKER_FILE`] and that may be changed at run time.
    Configured,
    /// One broker that can be told what to refuse.
    Guarded,
}

/// The broker's properties of [`Kind::Configured`].
pub(crate) const BROKER_FILE: [(&str, &str); 3] = [
    ("num.partitions", "3"),
    ("log.segment.bytes", "536870912"),
    ("log.retention.hours", "100"),
];

/// A cluster in the hands of a check, with a client of it.
pub(crate) trait Cluster {
    /// The implementation under test.
    type Client: Admin;

    /// A cluster of this kind. `check` sets its topics apart from those of other checks.
    async fn of(kind: Kind, check: &str) -> Self;

    fn client(&self) -> &Self::Client;

    /// The release of Kafka that answers.
    fn release(&self) -> Release;

    /// What the names of all topics of this check begin with.
    fn prefix(&self) -> &str;

    /// Puts records into a partition, all of them this old.
    async fn append(&self, topic: &TopicName, partition: i32, records: u32, timestamp: i64);

    /// Puts records with keys into a partition.
    async fn append_keyed(&self, topic: &TopicName, partition: i32, records: u32, timestamp: i64);

    /// Has a group without members commit an offset.
    async fn commit(&self, group: &str, topic: &TopicName, partition: i32, offset: i64);

    /// Removes the records before an offset.
    async fn trim(&self, topic: &TopicName, partition: i32, before: i64);

    /// Stops a broker and waits until it is down ([`Kind::ThreeAlone`]).
    fn stop(&self, broker: BrokerId);

    /// Starts it again.
    fn start(&self, broker: BrokerId);

    /// Sets a broker config for the whole cluster at run time ([`Kind::Configured`]).
    fn set_for_all_brokers(&self, key: &str, value: &str);

    /// From now on refuses operations on the topics whose names, after the check's prefix, begin as
    /// given, and refuses to show brokers' own configs ([`Kind::Guarded`]).
    fn deny(&self, denials: &[(Operation, &str)]);
}

/// All checks, as tests on one implementation of [`Cluster`]. Needs `suite` in scope.
macro_rules! contract_on {
    ($cluster:ty) => {
        contract_on! { @ $cluster;
            metadata {
                One => missing_and_existing_topics_in_one_answer,
                Three => partitions_come_in_order_with_their_replicas,
                One => a_topic_created_anew_has_another_id,
                Three => every_broker_shows_the_same_topic,
                One => all_topics_are_listed_and_kafkas_own_are_marked,
                Three => the_cluster_tells_its_brokers_and_racks,
            }
            configs {
                One => a_fresh_topic_shows_every_default,
                One => overrides_are_shown_as_the_broker_reads_them,
                One => missing_topics_have_no_configs,
                Three => a_single_broker_shows_the_named_keys_or_all,
                Configured => what_brokers_set_shows_with_its_source,
            }
            synonyms {
                One => chains_lead_from_the_topic_to_kafkas_default,
                One => without_a_list_all_keys_have_their_chains,
                One => a_missing_topic_is_an_error,
                Three => a_single_broker_tells_the_chains_of_the_named_keys,
                Configured => a_chain_begins_under_the_brokers_finest_name,
            }
            broker_configs {
                One => what_nobody_set_is_kafkas_own,
                Configured => what_the_file_and_the_cluster_set_is_told_apart,
                Configured => a_broker_is_told_its_own_and_forgets_it,
            }
            create {
                Three => topics_are_created_as_asked,
                Configured => what_is_left_open_is_the_brokers,
                Configured => what_is_left_open_is_told_and_nothing_is_created,
                One => validation_creates_nothing,
                One => names_may_collide_within_a_request_but_not_with_what_exists,
            }
            refusals {
                One => values_are_refused_in_the_brokers_words,
                One => odd_values_that_kafka_takes_are_taken,
                One => existence_is_told_before_configs_and_configs_before_replication,
                Three => more_replicas_than_brokers_are_refused,
                One => too_many_partitions_at_once_are_refused,
            }
            grow {
                Three => partitions_are_added_and_the_others_stay,
                One => refusals_name_both_counts,
                One => validation_grows_nothing,
            }
            alter {
                One => keys_are_set_and_reset_one_by_one,
                One => resetting_what_is_not_set_is_no_error,
                One => one_bad_topic_does_not_hurt_the_others,
                One => the_changes_of_a_topic_are_made_together_or_not_at_all,
                One => a_value_must_fit_the_overrides_that_are_there,
                One => validation_alters_nothing,
            }
            delete {
                Three => a_deleted_topic_is_gone_everywhere,
                One => what_is_gone_is_told_topic_by_topic,
                One => whether_topics_are_deleted_is_told_and_nothing_is,
                One => an_old_id_leaves_the_new_topic_alone,
            }
            offsets {
                One => an_empty_partition_begins_and_ends_at_zero,
                Three => records_are_found_by_place_and_by_time,
                One => missing_topics_and_partitions_are_errors_of_their_own,
            }
            contents {
                One => sizes_are_those_of_batches_and_of_nothing_that_is_not_there,
                Three => every_broker_tells_the_size_of_its_own_replica,
                Three => brokers_tell_how_full_their_disks_are,
                One => samples_tell_keys_and_the_largest_batch,
                One => samples_of_what_is_not_there_are_errors,
                One => groups_are_found_by_what_they_committed,
                One => records_tell_when_they_were_written,
                One => records_that_are_not_there_tell_no_time,
            }
            reassign {
                Three => replicas_come_and_go_and_leaders_follow,
                Three => what_cannot_be_is_refused_and_the_rest_is_done,
                One => nothing_is_under_way_in_topics_that_are_not_there,
            }
            brokers {
                ThreeAlone => a_stopped_broker_is_missed_and_comes_back,
            }
            rights {
                Guarded => what_is_denied_is_refused_topic_by_topic,
            }
            requests {
                One => each_call_sends_its_own_kind_of_request_and_no_other,
                One => nothing_asked_is_nothing_sent,
            }
        }
    };
    (@ $cluster:ty; $($module:ident { $($kind:ident => $check:ident,)* })*) => {
        $(mod $module {
            use super::*;
            $(
                #[tokio::test]
                async fn $check() {
                    let cluster = <$cluster as suite::Cluster>::of(suite::Kind::$kind, stringify!($check)).await;
                    suite::$module::$check(&cluster).await;
                }
            )*
        })*
    };
}
