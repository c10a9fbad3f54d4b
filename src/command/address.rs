//! Which address counts, of those that the operator and the files give: docs/trust.md has the table.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::{Failure, Shell};
use crate::connection::{AllowedAddresses, Destination, Properties, is_loopback};
use crate::manifest::Manifest;
use crate::model::{Address, AddressList, printable};

/// The variable that fills in where nothing else says.
pub(super) const BOOTSTRAP_VARIABLE: &str = "KAFKA_BOOTSTRAP_SERVERS";

/// Addresses with where they come from, for people.
#[derive(Debug, Clone)]
pub(super) struct Bootstrap {
    /// As they are written.
    text: Arc<str>,
    pub(super) source: String,
}

/// Everything that says where the cluster is.
pub(super) struct AddressSources<'a> {
    pub(super) flag: Option<&'a str>,
    pub(super) operators: &'a Properties,
    pub(super) manifests: &'a Properties,
    pub(super) manifest: Option<&'a Manifest>,
    /// The address that a saved plan was made at.
    pub(super) plan: Option<&'a str>,
}

/// The address that counts, and what is to be said about the others.
#[derive(Debug)]
pub(super) struct Choice {
    pub(super) bootstrap: Bootstrap,
    /// Others that are stated and do not count.
    passed_over: Vec<Bootstrap>,
    doubt: Doubt,
}

/// What speaks against sending credentials there that do not stand in the manifest.
#[derive(Debug)]
enum Doubt {
    Nothing,
    /// The environment states another address, and the manifest's counts.
    Environment(Bootstrap),
    /// Nobody but a saved plan states an address.
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
        let entries = AddressList::entries(&self.text);
        entries.map(str::to_ascii_lowercase).collect()
    }

    fn differs_from(&self, other: &Self) -> bool {
        self.set() != other.set()
    }

    pub(super) fn parsed(&self) -> Result<AddressList, Failure> {
        AddressList::parse(&self.text).map_err(|invalid| {
            let suggestion = invalid.suggestion();
            Failure::Usage(format!(
                "the list of broker addresses cannot be used: {}\nInstead, {}.\nThe address comes from {}.",
                printable(&invalid.problems.join("; ")),
                printable(&suggestion),
                self.source
            ))
        })
    }

    /// The list and its source, for a sentence. What is no list may hold a password.
    fn spoken(&self) -> String {
        match AddressList::parse(&self.text) {
            Ok(list) => format!("{list} ({})", self.source),
            Err(_) => format!("what {} says", self.source),
        }
    }
}

impl AddressSources<'_> {
    /// The first that is stated counts: flag, properties file, `bootstrap`, `client`, environment, saved plan.
    ///
    /// # Errors
    /// Nobody says which cluster.
    pub(super) fn choose(&self, shell: &Shell<'_>) -> Result<Choice, Failure> {
        let flag = self.flag.map(|text| Bootstrap::new(text, "--bootstrap-server"));
        let properties = stated_by(self.operators);
        let manifests: Vec<Bootstrap> = self
            .bootstrap()
            .into_iter()
            .chain(stated_by(self.manifests))
            .collect();
        let is_operators = flag.is_some() || properties.is_some();
        // A flag beats the variable as with every other tool, and nothing is said of it.
        let environment = environment(shell).filter(|_| flag.is_none());
        let is_only_environment = !is_operators && manifests.is_empty();
        let mut stated: Vec<Bootstrap> = flag.into_iter().chain(properties).chain(manifests).collect();
        if is_operators || is_only_environment {
            stated.extend(environment.clone());
        }
        let mut stated = stated.into_iter();
        let Some(bootstrap) = stated.next() else {
            return self.planned();
        };
        let passed_over = stated.filter(|other| other.differs_from(&bootstrap)).collect();
        let contrary =
            environment.filter(|environment| !is_operators && environment.differs_from(&bootstrap));
        Ok(Choice {
            bootstrap,
            passed_over,
            doubt: contrary.map_or(Doubt::Nothing, Doubt::Environment),
        })
    }

    fn planned(&self) -> Result<Choice, Failure> {
        let plan = self.plan.ok_or_else(no_address)?;
        Ok(Choice {
            bootstrap: Bootstrap::new(plan, "the saved plan"),
            passed_over: Vec::new(),
            doubt: Doubt::OnlyPlan,
        })
    }

    fn bootstrap(&self) -> Option<Bootstrap> {
        let declared = self.manifest?.bootstrap.as_ref()?;
        Some(Bootstrap::new(&declared.value, declared.origin.to_string()))
    }
}

fn stated_by(properties: &Properties) -> Option<Bootstrap> {
    let (text, origin) = properties.addresses()?;
    Some(Bootstrap::new(&text, format!("`bootstrap.servers` of {origin}")))
}

fn environment(shell: &Shell<'_>) -> Option<Bootstrap> {
    let text = (shell.environment)(BOOTSTRAP_VARIABLE).filter(|text| !text.trim().is_empty())?;
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
        "no broker address: give --bootstrap-server, set {BOOTSTRAP_VARIABLE}, write `bootstrap:` into the profile, \
         or `bootstrap.servers` into the properties file"
    ))
}

impl Choice {
    /// What is said of the other addresses.
    ///
    /// # Errors
    /// Credentials would go where only a file says, against the operator.
    pub(super) fn judge(&self, has_credentials: bool) -> Result<Option<String>, Failure> {
        let used = self.bootstrap.spoken();
        let mut others: Vec<String> = self.passed_over.iter().map(Bootstrap::spoken).collect();
        match &self.doubt {
            Doubt::Nothing => {}
            Doubt::OnlyPlan if !has_credentials => {}
            Doubt::OnlyPlan => {
                return Err(Failure::Usage(format!(
                    "credentials are given, and only the saved plan says where the cluster is ({}); a plan does not \
                     decide where credentials go\nGive the address with --bootstrap-server.",
                    printable(&self.bootstrap.text)
                )));
            }
            Doubt::Environment(other) if has_credentials => {
                return Err(Failure::Usage(format!(
                    "{used} and {} do not agree on where the cluster is; credentials that do not stand in the \
                     manifest are sent to neither\nGive the address that is meant with --bootstrap-server.",
                    other.spoken()
                )));
            }
            Doubt::Environment(other) => others.push(other.spoken()),
        }
        let note = format!("note: connecting to {used}, not to {}", others.join(" or "));
        Ok((!others.is_empty()).then_some(note))
    }
}

/// # Errors
/// A scheme in the list says another protocol than the properties.
pub(super) fn check_schemes(
    list: &AddressList,
    protocol: &str,
    bootstrap: &Bootstrap,
) -> Result<(), Failure> {
    match list.schemes.iter().find(|scheme| !scheme.agrees_with(protocol)) {
        None => Ok(()),
        Some(scheme) => Err(Failure::Usage(format!(
            "the addresses say {}, and the connection here is {protocol} (`security.protocol`); nothing was \
             connected to\nSet `security.protocol` to what the listener speaks, or write `{list}`.\nThe address \
             comes from {}.",
            scheme.protocol(),
            bootstrap.source
        ))),
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
