//! How a cluster can answer otherwise than Apache Kafka does: one field for each habit. Services are these, put
//! together in `services.rs`.

use kafka_protocol::messages::ApiKey;

/// The habits of a cluster. By default it has none, and answers as the Kafka behind it does.
#[derive(Debug, Clone, Default)]
#[expect(clippy::struct_excessive_bools, reason = "each is a habit of its own")]
pub(crate) struct Dialect {
    /// Its id, where that tells what it is.
    pub(crate) cluster_id: Option<&'static str>,
    /// Requests that it does not offer.
    pub(crate) lacks: Vec<ApiKey>,
    /// The newest versions that it offers.
    pub(crate) at_most: Vec<(ApiKey, i16)>,
    /// It has no finalized features, so that nothing says that a quorum of Kafka's is behind it.
    pub(crate) has_no_features: bool,
    /// Configs that it takes, drops and does not list.
    pub(crate) drops: Vec<&'static str>,
    /// Configs that it does not list as long as they are not set.
    pub(crate) lists_only_overrides: bool,
    /// What it lists beside Kafka's configs: key and value.
    pub(crate) lists: Vec<(&'static str, &'static str)>,
    /// A value of these configs that equals what is inherited is shown as inherited; with the link of the topic in the
    /// chain of synonyms, or without.
    pub(crate) hides_equal: Option<Chains>,
    /// Configs that it takes and leaves as they are.
    pub(crate) ignores: Vec<&'static str>,
    /// Values that it takes and keeps as others: key, given, kept.
    pub(crate) keeps_otherwise: Vec<(&'static str, &'static str, &'static str)>,
    /// Configs that it refuses to alter, in its words.
    pub(crate) refuses_to_alter: Vec<(&'static str, &'static str)>,
    /// An override of an older release that topics have, beside which every change of configs is refused.
    pub(crate) leftover: Option<(&'static str, &'static str)>,
    /// It refuses only what is written, and says that all is well when it is asked to validate.
    pub(crate) validates_nothing: bool,
    /// It refuses replicas given for new partitions, in its words.
    pub(crate) places_growth: Option<&'static str>,
    /// It creates every topic with so many replicas, whatever is asked for.
    pub(crate) replication: Option<i16>,
    /// It creates topics although it is asked to validate only.
    pub(crate) creates_on_validation: bool,
}

/// Whether the chain of synonyms shows what the value does not.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Chains {
    /// It has the topic's own link.
    Tell,
    /// It has not.
    HideToo,
}

impl Dialect {
    pub(crate) fn lacking(requests: &[ApiKey]) -> Self {
        Self {
            lacks: requests.to_vec(),
            ..Self::default()
        }
    }
}
