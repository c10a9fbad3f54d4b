//! Which cluster to talk to: a flag beats everything, the profile's own address beats the
//! environment, so that an exported variable never sends one profile's file to another's cluster.

use std::sync::Arc;

use super::{Failure, Shell};
use crate::admin::client::{Address, Client, ConnectOptions};
use crate::admin::{Admin, AdminError};
use crate::cli::ConnectionArgs;
use crate::manifest::Manifest;
use crate::model::ClusterView;
use crate::render::Header;

/// The variable that fills in where neither a flag nor the profile says.
pub(super) const BOOTSTRAP_VARIABLE: &str = "KAFKA_BOOTSTRAP_SERVERS";

/// An address with where it comes from, for people.
pub(super) struct Bootstrap {
    pub(super) text: Arc<str>,
    source: String,
}

impl Bootstrap {
    /// `None`: nobody says which cluster.
    pub(super) fn find(flag: Option<&str>, manifest: Option<&Manifest>, shell: &Shell<'_>) -> Option<Self> {
        if let Some(text) = flag {
            return Some(Self {
                text: text.into(),
                source: "--bootstrap-server".to_owned(),
            });
        }
        if let Some(declared) = manifest.and_then(|manifest| manifest.bootstrap.as_ref()) {
            return Some(Self {
                text: declared.value.clone(),
                source: declared.origin.to_string(),
            });
        }
        let text = (shell.environment)(BOOTSTRAP_VARIABLE).filter(|text| !text.is_empty())?;
        Some(Self {
            text: text.into(),
            source: format!("the variable {BOOTSTRAP_VARIABLE}"),
        })
    }
}

/// A cluster that answered.
pub(super) struct Connected {
    pub(super) client: Client,
    pub(super) cluster: ClusterView,
    pub(super) header: Header,
}

/// Connects, and makes sure that it is the cluster that the profile means before anything else is
/// read.
pub(super) async fn connect(
    arguments: &ConnectionArgs,
    manifest: Option<&Manifest>,
    shell: &Shell<'_>,
) -> Result<Connected, Failure> {
    let bootstrap =
        Bootstrap::find(arguments.bootstrap_server.as_deref(), manifest, shell).ok_or_else(no_address)?;
    if let Some(manifest) = manifest {
        refuse_unsupported(manifest)?;
    }
    let addresses = Address::parse_list(&bootstrap.text)
        .map_err(|error| Failure::Usage(format!("{error} (the address comes from {})", bootstrap.source)))?;
    let options = ConnectOptions {
        connect_timeout: arguments.connect_timeout,
        request_timeout: arguments.request_timeout,
        ..ConnectOptions::new(addresses)
    };
    let client = Client::connect(options)
        .await
        .map_err(|error| advise(error, &bootstrap))?;
    let cluster = client.cluster().await?;
    if let Some(manifest) = manifest {
        check_cluster_id(manifest, &cluster, &bootstrap)?;
    }
    let header = Header {
        profile: manifest.and_then(|manifest| manifest.profile.clone()),
        cluster_id: cluster.id.clone(),
        address: bootstrap.text,
    };
    Ok(Connected {
        client,
        cluster,
        header,
    })
}

fn no_address() -> Failure {
    Failure::Usage(format!(
        "no broker address: give --bootstrap-server, set {BOOTSTRAP_VARIABLE}, or write `bootstrap:` into the profile"
    ))
}

fn advise(error: AdminError, bootstrap: &Bootstrap) -> Failure {
    let advice = format!(
        "\nThe address comes from {}. If it is right, see that the broker runs and can be reached from here; \
         for one that is still starting, try --connect-timeout 2m.",
        bootstrap.source
    );
    let advice = if matches!(error, AdminError::Unreachable { .. }) {
        advice
    } else {
        String::new()
    };
    Failure::Admin { error, advice }
}

/// Connecting in the clear where the file asks for encryption would be worse than not connecting.
fn refuse_unsupported(manifest: &Manifest) -> Result<(), Failure> {
    let plain =
        |name: &str, value: &str| name == "security.protocol" && value.eq_ignore_ascii_case("PLAINTEXT");
    let ours = ["client.id"];
    let unsupported: Vec<String> = manifest
        .client
        .iter()
        .filter(|(name, declared)| !plain(name, declared.value.reveal()) && !ours.contains(&name.as_ref()))
        .map(|(name, declared)| format!("  {name} ({})", declared.origin))
        .collect();
    if unsupported.is_empty() {
        return Ok(());
    }
    Err(Failure::Usage(format!(
        "this version of topicctl only connects in plain text; it does not support these client properties:\n{}",
        unsupported.join("\n")
    )))
}

fn check_cluster_id(
    manifest: &Manifest,
    cluster: &ClusterView,
    bootstrap: &Bootstrap,
) -> Result<(), Failure> {
    let Some(expected) = &manifest.cluster_id else {
        return Ok(());
    };
    if expected.value == cluster.id {
        return Ok(());
    }
    Err(Failure::Usage(format!(
        "{} is cluster {}, but the profile is for cluster {} ({}); nothing was read or changed\n\
         The address comes from {}.",
        bootstrap.text, cluster.id, expected.value, expected.origin, bootstrap.source
    )))
}
