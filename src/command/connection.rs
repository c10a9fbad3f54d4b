//! A connection to the cluster that is meant, with what the operator and the manifest say of it.

use std::path::PathBuf;

use super::address::{self, AddressSources, Bootstrap};
use super::{Failure, Shell};
use crate::admin::client::{Client, ConnectOptions};
use crate::admin::{AdminError, ConnectErrorKind};
use crate::cli::ConnectionArgs;
use crate::connection::{
    AllowedAddresses, Authentication, ConnectionConfig, Destination, Properties, Sasl, read_named_file,
    read_properties, resolve_in,
};
use crate::events;
use crate::manifest::Manifest;
use crate::model::{AddressList, ClusterView, Printable, printable};
use crate::render::Header;

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
    let sides = ConnectionSides::read(arguments, manifest, shell)?;
    connect_by(sides, None, arguments, manifest, shell).await
}

/// As [`connect`], by what was read before; to the address of a saved plan where nobody states another and there are
/// no credentials.
pub(super) async fn connect_by(
    sides: ConnectionSides,
    plan: Option<&str>,
    arguments: &ConnectionArgs,
    manifest: Option<&Manifest>,
    shell: &mut Shell<'_>,
) -> Result<Connected, Failure> {
    tell_unused(manifest, shell);
    let sources = AddressSources {
        flag: arguments.bootstrap_server.as_deref(),
        operators: &sides.operators,
        manifests: &sides.manifests,
        manifest,
        plan,
    };
    let choice = sources.choose(shell)?;
    let list = choice.bootstrap.parsed()?;
    let addresses = &list.addresses;
    let allowed = AllowedAddresses::new(arguments.allow_bootstrap.clone());
    address::check_allowed(addresses, &allowed, &choice.bootstrap)?;
    if let Some(note) = choice.judge(sides.have_credentials())? {
        shell.message(&note);
    }
    let connection = sides.resolve(address::destination(addresses), &allowed, shell)?;
    let bootstrap = choice.bootstrap;
    address::check_schemes(&list, connection.protocol(), &bootstrap)?;
    let options = ConnectOptions {
        connect_timeout: arguments.connect_timeout,
        request_timeout: arguments.request_timeout,
        connection: connection.clone(),
        allowed: allowed.clone(),
        ..ConnectOptions::new(addresses.clone())
    };
    let has_settings = plan.is_none() || manifest.is_some() || arguments.command_config.is_some();
    let proxy = proxy_variable(shell);
    let failed = |error| advise(error, &bootstrap, has_settings, proxy);
    let client = Client::connect(options).await.map_err(failed)?;
    let cluster = client.listed_cluster().await.map_err(failed)?;
    check_advertised(&cluster, &allowed)?;
    if let Some(manifest) = manifest {
        check_cluster_id(manifest, &cluster, &list, &bootstrap)?;
    }
    let cluster = client.with_health(cluster).await;
    let header = Header {
        profile: manifest
            .and_then(|manifest| manifest.profile.clone())
            .map(Into::into),
        cluster_id: cluster.id.clone().into(),
        address: list.to_string().into(),
        principal: principal(&connection),
        is_of_aws: match &connection.authentication {
            Authentication::Sasl(sasl) => sasl.is_of_aws(),
            Authentication::None => false,
        },
        health: cluster.health.clone(),
    };
    Ok(Connected {
        client,
        cluster,
        header,
        configuration: connection,
    })
}

impl Connected {
    /// The same connection for records. What librdkafka does without is shown.
    pub(super) fn data_plane(&self, shell: &mut Shell<'_>) -> Result<events::Connection, Failure> {
        let problems = self.configuration.without_effect_on_events();
        if problems.has_errors() {
            return Err(Failure::Connection(problems));
        }
        if !problems.0.is_empty() {
            shell.message(&problems.to_string());
        }
        Ok(events::Connection::secured(
            &self.header.address,
            &self.configuration,
        ))
    }

    /// Without a controller nothing can be changed, and what brokers show may be long out of date. With one,
    /// the brokers that are down are said where the header of the output does not say them.
    pub(super) fn require_controller(&self) -> Result<(), Failure> {
        let health = &self.cluster.health;
        let Some(why) = health.no_controller() else {
            return Ok(());
        };
        let lines = std::iter::once(why.to_string()).chain(health.down_in_words());
        let lines: Vec<String> = lines.map(|line| format!("\n  {line}")).collect();
        Err(Failure::NoController(lines.concat()))
    }

    /// For outputs without a header for people: the brokers that are down.
    pub(super) fn tell_down(&self, shell: &mut Shell<'_>) {
        for line in self.cluster.health.down_in_words() {
            shell.message(&line);
        }
    }
}

/// What a file that is not trusted says of the connection is passed over, and not in silence.
fn tell_unused(manifest: Option<&Manifest>, shell: &mut Shell<'_>) {
    let places = manifest.map_or(&[][..], |manifest| &manifest.unused_connection);
    if places.is_empty() {
        return;
    }
    let places: Vec<String> = places.iter().map(ToString::to_string).collect();
    shell.message(&format!(
        "note: the file is not trusted: what it says of the connection is not used ({})",
        places.join(", ")
    ));
}

/// What the manifest and the operator state, apart.
pub(super) struct ConnectionSides {
    manifests: Properties,
    operators: Properties,
}

impl ConnectionSides {
    /// Reads the properties file, which may be a pipe: once in a run.
    pub(super) fn read(
        arguments: &ConnectionArgs,
        manifest: Option<&Manifest>,
        shell: &Shell<'_>,
    ) -> Result<Self, Failure> {
        let manifests = manifest.map_or_else(Properties::default, |manifest| {
            Properties::of_manifest(&manifest.client)
        });
        let operators = match &arguments.command_config {
            None => Properties::default(),
            Some(path) => read_properties(path, shell.environment).map_err(|error| {
                let path = Printable::path(path);
                Failure::Usage(format!(
                    "--command-config {path}: the file cannot be read ({error})"
                ))
            })?,
        };
        Ok(Self { manifests, operators })
    }

    /// The files of secrets, certificates and keys.
    pub(super) fn named_files(&self) -> Vec<PathBuf> {
        [self.manifests.named_files(), self.operators.named_files()].concat()
    }

    /// Whether there are any that do not stand in the manifest.
    fn have_credentials(&self) -> bool {
        self.manifests.have_credentials_from_outside() || self.operators.have_credentials_from_outside()
    }

    /// How to connect. Warnings are shown here.
    fn resolve(
        self,
        destination: Destination,
        allowed: &AllowedAddresses,
        shell: &mut Shell<'_>,
    ) -> Result<ConnectionConfig, Failure> {
        let properties = self.manifests.with_operators(self.operators, destination);
        let (config, mut warnings) =
            resolve_in(&properties, &read_named_file, shell.environment).map_err(Failure::Connection)?;
        check_token_endpoint(&config, allowed)?;
        warnings.0.extend(config.in_plain_text(destination));
        if !warnings.0.is_empty() {
            shell.message(&warnings.to_string());
        }
        Ok(config)
    }
}

/// The operator's own word needs no pattern; a manifest's does.
fn check_token_endpoint(config: &ConnectionConfig, allowed: &AllowedAddresses) -> Result<(), Failure> {
    let Authentication::Sasl(Sasl::OAuthBearer(tokens)) = &config.authentication else {
        return Ok(());
    };
    match tokens.endpoint() {
        Some((host, port)) if tokens.origin().is_manifests() && !allowed.allows(&host, port) => {
            Err(Failure::Usage(format!(
                "no pattern of --allow-bootstrap matches the token endpoint, {}:{port}; nothing was connected to\n\
                 It is stated at {}.",
                printable(&host),
                tokens.origin()
            )))
        }
        Some(_) | None => Ok(()),
    }
}

/// The brokers that a cluster names are connected to as well, and logged in to.
fn check_advertised(cluster: &ClusterView, allowed: &AllowedAddresses) -> Result<(), Failure> {
    let mut brokers = cluster.brokers.iter();
    match brokers.find(|(_, broker)| !allowed.allows(&broker.host, broker.port)) {
        None => Ok(()),
        Some((id, broker)) => Err(Failure::Usage(format!(
            "no pattern of --allow-bootstrap matches {}:{}, where the cluster says that broker {id} is; nothing was \
             changed\nAllow it too, if it is the cluster's.",
            printable(&broker.host),
            broker.port
        ))),
    }
}

/// Who brokers take this client for, unless they map names to others.
fn principal(connection: &ConnectionConfig) -> Option<Printable> {
    match &connection.authentication {
        Authentication::Sasl(Sasl::Plain(credentials) | Sasl::Scram(_, credentials)) => {
            Some(credentials.username.reveal().into())
        }
        Authentication::Sasl(Sasl::OAuthBearer(_) | Sasl::AwsMskIam(_)) | Authentication::None => None,
    }
}

/// A proxy that people set for everything, and that no connection to a broker goes through.
fn proxy_variable(shell: &Shell<'_>) -> Option<&'static str> {
    let is_set = |name: &&str| (shell.environment)(name).is_some_and(|value| !value.is_empty());
    ["ALL_PROXY", "all_proxy"].into_iter().find(is_set)
}

fn advise(
    error: AdminError,
    bootstrap: &Bootstrap,
    has_settings: bool,
    proxy: Option<&'static str>,
) -> Failure {
    let kinds: Vec<ConnectErrorKind> = match &error {
        AdminError::Unreachable { attempts, .. } => attempts.iter().map(|attempt| attempt.kind).collect(),
        _ => Vec::new(),
    };
    let advice = if !has_settings && may_want_settings(&error, &kinds) {
        WITHOUT_SETTINGS.to_owned()
    } else {
        advice(&kinds).map_or_else(String::new, |advice| {
            let proxy = proxy.filter(|_| kinds.contains(&ConnectErrorKind::NoAnswer));
            let proxy =
                proxy.map(|name| format!(" Brokers are not connected to through the proxy of {name}."));
            let proxy = proxy.unwrap_or_default();
            format!("\nThe address comes from {}.{advice}{proxy}", bootstrap.source)
        })
    };
    Failure::Admin { error, advice }
}

const WITHOUT_SETTINGS: &str = "\nA saved plan holds no connection settings. Give them with --command-config, or with \
                                --file where the manifest has them.";

/// Whether the listener may be one for TLS, or one that wants a login: without settings, the connection is plain text
/// and nobody logs in. A listener for SASL answers the first request, and closes at the next one.
fn may_want_settings(error: &AdminError, kinds: &[ConnectErrorKind]) -> bool {
    kinds.contains(&ConnectErrorKind::Security) || matches!(error, AdminError::Disconnected { .. })
}

/// What would help against the worst of what was met. What is wrong with a login says so itself.
fn advice(kinds: &[ConnectErrorKind]) -> Option<&'static str> {
    let has = |wanted| kinds.contains(&wanted);
    if has(ConnectErrorKind::Login) || has(ConnectErrorKind::Security) || has(ConnectErrorKind::NoToken) {
        None
    } else if has(ConnectErrorKind::NoAnswer) {
        Some(
            " If it is right, see that the broker runs and can be reached from here; for one that is still \
             starting, try --connect-timeout 2m.",
        )
    } else if has(ConnectErrorKind::NotKafka) {
        Some(" Give the host and port of a Kafka broker.")
    } else {
        None
    }
}

fn check_cluster_id(
    manifest: &Manifest,
    cluster: &ClusterView,
    list: &AddressList,
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
        list,
        cluster.id,
        printable(&expected.value),
        expected.origin,
        bootstrap.source
    )))
}
