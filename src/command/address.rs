//! Which address counts, of those that the operator and the files give: docs/trust.md has the table.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::{Failure, Shell};
use crate::admin::client::Address;
use crate::connection::{AllowedAddresses, Destination, Properties, is_loopback};
use crate::manifest::Manifest;
use crate::model::printable;

/// The variable that fills in where nothing else says.
pub(super) const BOOTSTRAP_VARIABLE: &str = "KAFKA_BOOTSTRAP_SERVERS";

/// An address with where it comes from, for people.
#[derive(Debug, Clone)]
pub(super) struct Bootstrap {
    pub(super) text: Arc<str>,
    pub(super) source: String,
}

/// Everything that says where the cluster is.
pub(super) struct AddressSources<'a> {
    pub(super) flag: Option<&'a str>,
    pub(super) properties: &'a Properties,
    pub(super) manifest: Option<&'a Manifest>,
    /// The address that a saved plan was made at.
    pub(super) plan: Option<&'a str>,
}

/// The address that counts, and what is to be said about the others.
#[derive(Debug)]
pub(super) struct Choice {
    pub(super) bootstrap: Bootstrap,
    pub(super) contrary: Contrary,
}

/// Another address that somebody states.
#[derive(Debug)]
pub(super) enum Contrary {
    Nobody,
    /// The manifest does, and the operator's counts.
    PassedOver(Bootstrap),
    /// The environment does, and the manifest's counts: never with credentials from outside the manifest.
    Environment(Bootstrap),
    /// Nobody does, but the address is a saved plan's: never with credentials.
    OnlyPlan,
}

impl Bootstrap {
    fn new(text: &str, source: impl Into<String>) -> Self {
        Self {
            text: text.into(),
            source: source.into(),
        }
    }

    /// The addresses one by one, in whatever order they are given.
    fn set(&self) -> BTreeSet<String> {
        let parts = self.text.split(',');
        parts.map(|part| part.trim().to_ascii_lowercase()).collect()
    }

    fn differing_from(self, other: &Self) -> Option<Self> {
        (self.set() != other.set()).then_some(self)
    }

    pub(super) fn parsed(&self) -> Result<Vec<Address>, Failure> {
        Address::parse_list(&self.text).map_err(|error| {
            let error = error.to_string();
            let why = printable(&error);
            Failure::Usage(format!("{why} (the address comes from {})", self.source))
        })
    }
}

impl AddressSources<'_> {
    /// # Errors
    /// Nobody says which cluster.
    pub(super) fn choose(&self, shell: &Shell<'_>) -> Result<Choice, Failure> {
        let manifest = self.manifests();
        let environment = environment(shell);
        let (bootstrap, contrary) = match (self.operators(), manifest, environment) {
            (Some(stated), manifest, _) => {
                let other = manifest.and_then(|manifest| manifest.differing_from(&stated));
                (stated, other.map_or(Contrary::Nobody, Contrary::PassedOver))
            }
            (None, Some(manifest), environment) => {
                let other = environment.and_then(|environment| environment.differing_from(&manifest));
                (manifest, other.map_or(Contrary::Nobody, Contrary::Environment))
            }
            (None, None, Some(environment)) => (environment, Contrary::Nobody),
            (None, None, None) => {
                let plan = self.plan.ok_or_else(no_address)?;
                (Bootstrap::new(plan, "the saved plan"), Contrary::OnlyPlan)
            }
        };
        Ok(Choice { bootstrap, contrary })
    }

    fn operators(&self) -> Option<Bootstrap> {
        if let Some(text) = self.flag {
            return Some(Bootstrap::new(text, "--bootstrap-server"));
        }
        let (text, origin) = self.properties.addresses()?;
        Some(Bootstrap::new(&text, format!("`bootstrap.servers` of {origin}")))
    }

    fn manifests(&self) -> Option<Bootstrap> {
        let declared = self.manifest?.bootstrap.as_ref()?;
        Some(Bootstrap::new(&declared.value, declared.origin.to_string()))
    }
}

fn environment(shell: &Shell<'_>) -> Option<Bootstrap> {
    let text = (shell.environment)(BOOTSTRAP_VARIABLE).filter(|text| !text.is_empty())?;
    Some(Bootstrap::new(
        &text,
        format!("the variable {BOOTSTRAP_VARIABLE}"),
    ))
}

/// Whether an address is given without any file of topics.
pub(super) fn is_given(flag: Option<&str>, shell: &Shell<'_>) -> bool {
    flag.is_some() || environment(shell).is_some()
}

fn no_address() -> Failure {
    Failure::Usage(format!(
        "no broker address: give --bootstrap-server, set {BOOTSTRAP_VARIABLE}, or write `bootstrap:` into the profile"
    ))
}

impl Choice {
    /// What is said of the other address.
    ///
    /// # Errors
    /// Credentials would go where only a file says, against the operator.
    pub(super) fn judge(&self, has_credentials: bool) -> Result<Option<String>, Failure> {
        let (used, source) = (printable(&self.bootstrap.text), &self.bootstrap.source);
        match &self.contrary {
            Contrary::Nobody => Ok(None),
            Contrary::OnlyPlan if !has_credentials => Ok(None),
            Contrary::OnlyPlan => Err(Failure::Usage(format!(
                "credentials are given, and only the saved plan says where the cluster is ({used}); a plan does not \
                 decide where credentials go\nGive the address with --bootstrap-server."
            ))),
            Contrary::PassedOver(other) => Ok(Some(format!(
                "note: connecting to {used} ({source}), not to {} ({})",
                printable(&other.text),
                other.source
            ))),
            Contrary::Environment(other) if !has_credentials => Ok(Some(format!(
                "note: connecting to {used} ({source}), not to {} ({})",
                printable(&other.text),
                other.source
            ))),
            Contrary::Environment(other) => Err(Failure::Usage(format!(
                "{source} says that the cluster is at {used}, and {} says {}; credentials that do not stand in the \
                 manifest are sent to neither\nGive the address that is meant with --bootstrap-server.",
                other.source,
                printable(&other.text)
            ))),
        }
    }
}

/// Whether what is sent to these addresses stays on this machine.
pub(super) fn destination(addresses: &[Address]) -> Destination {
    if addresses.iter().all(|address| is_loopback(address.host())) {
        Destination::Loopback
    } else {
        Destination::Network
    }
}

/// # Errors
/// One of the addresses is not allowed: none is connected to.
pub(super) fn check_allowed(
    addresses: &[Address],
    allowed: &AllowedAddresses,
    bootstrap: &Bootstrap,
) -> Result<(), Failure> {
    let is_refused = |address: &&Address| !allowed.allows(address.host(), address.port());
    match addresses.iter().find(is_refused) {
        None => Ok(()),
        Some(address) => Err(Failure::Usage(format!(
            "no pattern of --allow-bootstrap matches {address}; nothing was connected to\nThe address comes from {}.",
            bootstrap.source
        ))),
    }
}
