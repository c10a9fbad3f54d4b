//! What the environment and the login module say of AWS, read once.

use std::collections::BTreeMap;
use std::path::PathBuf;

use crate::connection::variables::Environment;
use crate::model::Secret;

/// The variables that AWS's own libraries read, as far as they count here.
const VARIABLES: [&str; 19] = [
    "AWS_ACCESS_KEY_ID",
    "AWS_CONFIG_FILE",
    "AWS_CONTAINER_AUTHORIZATION_TOKEN",
    "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE",
    "AWS_CONTAINER_CREDENTIALS_FULL_URI",
    "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
    "AWS_DEFAULT_REGION",
    "AWS_EC2_METADATA_DISABLED",
    "AWS_EC2_METADATA_SERVICE_ENDPOINT",
    "AWS_ENDPOINT_URL_STS",
    "AWS_PROFILE",
    "AWS_REGION",
    "AWS_ROLE_ARN",
    "AWS_ROLE_SESSION_NAME",
    "AWS_SECRET_ACCESS_KEY",
    "AWS_SESSION_TOKEN",
    "AWS_SHARED_CREDENTIALS_FILE",
    "AWS_WEB_IDENTITY_TOKEN_FILE",
    "HOME",
];

/// Values by the names of variables, and by those of the login module's options.
#[derive(Clone, Default)]
pub(super) struct AwsSettings {
    variables: BTreeMap<&'static str, Secret>,
    options: BTreeMap<String, Secret>,
}

impl AwsSettings {
    pub(super) fn new(environment: Environment<'_>, options: BTreeMap<String, Secret>) -> Self {
        let set = VARIABLES.iter().filter_map(|name| {
            let value = environment(name).filter(|value| !value.is_empty())?;
            Some((*name, Secret::new(value)))
        });
        Self {
            variables: set.collect(),
            options,
        }
    }

    pub(super) fn variable(&self, name: &str) -> Option<&str> {
        self.variables.get(name).map(Secret::reveal)
    }

    /// An option of `IAMLoginModule`, or of `OAuthBearerLoginModule` with AWS's handler.
    pub(super) fn option(&self, name: &str) -> Option<&str> {
        self.options
            .get(name)
            .map(Secret::reveal)
            .filter(|value| !value.is_empty())
    }

    /// The profile that is named, or the usual one.
    pub(super) fn profile(&self) -> &str {
        self.named_profile().unwrap_or("default")
    }

    pub(super) fn named_profile(&self) -> Option<&str> {
        self.option("awsProfileName")
            .or_else(|| self.variable("AWS_PROFILE"))
    }

    pub(super) fn config_file(&self) -> Option<PathBuf> {
        self.file("AWS_CONFIG_FILE", "config")
    }

    pub(super) fn credentials_file(&self) -> Option<PathBuf> {
        self.file("AWS_SHARED_CREDENTIALS_FILE", "credentials")
    }

    fn file(&self, variable: &str, name: &str) -> Option<PathBuf> {
        if let Some(stated) = self.variable(variable) {
            return Some(stated.into());
        }
        Some(PathBuf::from(self.variable("HOME")?).join(".aws").join(name))
    }
}
