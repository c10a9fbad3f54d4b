//! Which cluster to talk to: a flag beats everything, the profile's own address beats the
//! environment, so that an exported variable never sends one profile's file to another's cluster.

use std::sync::Arc;

use super::{Failure, Shell};
use crate::admin::client::{Address, Client, ConnectOptions};
use crate::admin::{Admin, AdminError, Hindrance};
use crate::cli::ConnectionArgs;
use crate::connection::{
    Authentication, ConnectionConfig, Properties, Sasl, read_named_file, read_properties, resolve,
};
use crate::manifest::Manifest;
use crate::model::{ClusterView, printable};
use crate::render::Header;

/// The variable that fills in where neither a flag nor the profile says.
pub(super) const BOOTSTRAP_VARIABLE: &str = "KAFKA_BOOTSTRAP_SERVERS";

/// An address with where it comes from, for people.
pub(super) struct Bootstrap {
    pub(super) text: Arc<str>,
    source: String,
}

impl Bootstrap {
    /// The address of a saved plan, where nobody says another.
    pub(super) fn saved(address: &str) -> Self {
        Self {
            text: address.into(),
            source: "the saved plan".to_owned(),
        }
    }

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
    /// How it was connected to, for the data plane.
    pub(super) configuration: ConnectionConfig,
}

/// Connects, and makes sure that it is the cluster that the profile means before anything else is
/// read.
pub(super) async fn connect(
    arguments: &ConnectionArgs,
    manifest: Option<&Manifest>,
    shell: &mut Shell<'_>,
) -> Result<Connected, Failure> {
    let bootstrap =
        Bootstrap::find(arguments.bootstrap_server.as_deref(), manifest, shell).ok_or_else(no_address)?;
    connect_to(bootstrap, arguments, manifest, shell).await
}

/// As [`connect`], to an address that is known already.
pub(super) async fn connect_to(
    bootstrap: Bootstrap,
    arguments: &ConnectionArgs,
    manifest: Option<&Manifest>,
    shell: &mut Shell<'_>,
) -> Result<Connected, Failure> {
    let connection = configuration(arguments, manifest, shell)?;
    let addresses = Address::parse_list(&bootstrap.text)
        .map_err(|error| Failure::Usage(format!("{error} (the address comes from {})", bootstrap.source)))?;
    let options = ConnectOptions {
        connect_timeout: arguments.connect_timeout,
        request_timeout: arguments.request_timeout,
        connection: connection.clone(),
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
        principal: principal(&connection),
    };
    Ok(Connected {
        client,
        cluster,
        header,
        configuration: connection,
    })
}

/// Who brokers take this client for, unless they map names to others.
fn principal(connection: &ConnectionConfig) -> Option<Arc<str>> {
    match &connection.authentication {
        Authentication::Sasl(Sasl::Plain(credentials) | Sasl::Scram(_, credentials)) => {
            Some(printable(credentials.username.reveal()).into())
        }
        Authentication::Sasl(Sasl::OAuthBearer(_)) | Authentication::None => None,
    }
}

fn no_address() -> Failure {
    Failure::Usage(format!(
        "no broker address: give --bootstrap-server, set {BOOTSTRAP_VARIABLE}, or write `bootstrap:` into the profile"
    ))
}

fn advise(error: AdminError, bootstrap: &Bootstrap) -> Failure {
    let hindrances: Vec<Hindrance> = match &error {
        AdminError::Unreachable { attempts, .. } => {
            attempts.iter().map(|attempt| attempt.hindrance).collect()
        }
        _ => Vec::new(),
    };
    let advice = advice(&hindrances).map_or_else(String::new, |advice| {
        format!("\nThe address comes from {}.{advice}", bootstrap.source)
    });
    Failure::Admin { error, advice }
}

/// What would help against the worst of what was met. What is wrong with a login says so itself.
fn advice(hindrances: &[Hindrance]) -> Option<&'static str> {
    let has = |wanted| hindrances.contains(&wanted);
    if has(Hindrance::Login) || has(Hindrance::Security) || has(Hindrance::NoToken) {
        None
    } else if has(Hindrance::NoAnswer) {
        Some(
            " If it is right, see that the broker runs and can be reached from here; for one that is still \
             starting, try --connect-timeout 2m.",
        )
    } else if has(Hindrance::NotKafka) {
        Some(" Give the host and port of a Kafka broker.")
    } else {
        None
    }
}

/// How to connect: what the profile states, and over it the file that was named for this run. Warnings are
/// shown here.
fn configuration(
    arguments: &ConnectionArgs,
    manifest: Option<&Manifest>,
    shell: &mut Shell<'_>,
) -> Result<ConnectionConfig, Failure> {
    let mut properties = manifest.map_or_else(Properties::default, |manifest| {
        Properties::of_manifest(&manifest.client)
    });
    if let Some(path) = &arguments.command_config {
        let unreadable = |error| {
            let path = path.display();
            Failure::Usage(format!(
                "--command-config {path}: the file cannot be read ({error})"
            ))
        };
        let named = read_properties(path, shell.environment).map_err(unreadable)?;
        properties = properties.overlaid_with(named);
    }
    let (config, warnings) = resolve(&properties, &read_named_file).map_err(Failure::Connection)?;
    if !warnings.0.is_empty() {
        shell.tell(&warnings.to_string());
    }
    Ok(config)
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
