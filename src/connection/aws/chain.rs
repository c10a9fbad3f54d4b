//! The chain of places in which AWS's own libraries look for credentials, in the order of those of `aws-msk-iam-auth` 2
//! (`MSKCredentialProvider.getDefaultProvider`): environment, web identity, profile, container, instance.

use std::path::Path;
use std::time::Duration;

use zeroize::Zeroizing;

use super::credentials::AwsCredentials;
use super::profile::{AwsProfile, AwsProfiles};
use super::services::{AwsRole, of_container, of_instance};
use super::settings::AwsSettings;
use crate::bounded_read::{Accept, read_bounded};
use crate::connection::command;
use crate::connection::tokens::NoToken;
use crate::model::{Secret, printable};

/// How many profiles may lead to one another.
const DEEPEST: usize = 5;

/// Tokens take kilobytes at most.
const TOKEN_MAX: usize = 1 << 20;

/// Credentials, with where they were found.
type FoundCredentials = Result<(AwsCredentials, String), NoToken>;

/// # Errors
/// Nowhere are there any, or where there are some they cannot be had.
pub(super) fn find(settings: &AwsSettings, within: Duration) -> FoundCredentials {
    let search = Search { settings, within };
    match settings.option("awsRoleArn") {
        Some(arn) => search.role_of_options(arn),
        None => search.anywhere(),
    }
}

struct Search<'a> {
    settings: &'a AwsSettings,
    within: Duration,
}

impl Search<'_> {
    fn anywhere(&self) -> FoundCredentials {
        // A profile that the login module names is meant.
        if let Some(name) = self.settings.option("awsProfileName") {
            return self.profile(name).unwrap_or_else(|| Err(no_profile(name)));
        }
        let steps: [fn(&Self) -> Option<FoundCredentials>; 5] = [
            |search| search.environment().map(Ok),
            Self::web_identity,
            |search| search.profile(search.settings.profile()),
            |search| {
                Some(placed(
                    of_container(search.settings, search.within)?,
                    "the container's agent",
                ))
            },
            |search| {
                Some(placed(
                    of_instance(search.settings, search.within)?,
                    "the instance's role",
                ))
            },
        ];
        let named = self.settings.named_profile();
        let found = steps.into_iter().find_map(|step| step(self));
        found.unwrap_or_else(|| Err(named.map_or_else(nowhere, no_profile)))
    }

    fn environment(&self) -> Option<(AwsCredentials, String)> {
        let credentials = AwsCredentials {
            access_key_id: self.settings.variable("AWS_ACCESS_KEY_ID")?.trim().to_owned(),
            secret_access_key: Secret::new(self.settings.variable("AWS_SECRET_ACCESS_KEY")?.trim()),
            session_token: self
                .settings
                .variable("AWS_SESSION_TOKEN")
                .map(|token| Secret::new(token.trim())),
            expires: None,
        };
        Some((credentials, "AWS_ACCESS_KEY_ID".to_owned()))
    }

    fn web_identity(&self) -> Option<FoundCredentials> {
        let path = self.settings.variable("AWS_WEB_IDENTITY_TOKEN_FILE")?;
        let arn = self.settings.variable("AWS_ROLE_ARN")?;
        let name = self.settings.variable("AWS_ROLE_SESSION_NAME");
        Some(self.by_web_identity(path, arn, name, region(self.settings, None).as_deref()))
    }

    fn by_web_identity(
        &self,
        path: &str,
        arn: &str,
        name: Option<&str>,
        region: Option<&str>,
    ) -> FoundCredentials {
        let role = AwsRole {
            arn,
            session_name: name.unwrap_or("topicctl"),
            external_id: None,
            region,
        };
        let token = token_in(path)?;
        let credentials = role.assumed_by_web_identity(token.trim(), self.settings, self.within)?;
        Ok((credentials, format!("the web identity of {path}")))
    }

    /// What the login module states of a role.
    fn role_of_options(&self, arn: &str) -> FoundCredentials {
        let option = |name| self.settings.option(name);
        let stated = option("awsRoleAccessKeyId").zip(option("awsRoleSecretAccessKey"));
        let source = match stated {
            None => self.anywhere()?.0,
            Some((id, secret)) => AwsCredentials {
                access_key_id: id.to_owned(),
                secret_access_key: Secret::new(secret),
                session_token: option("awsRoleSessionToken").map(Secret::new),
                expires: None,
            },
        };
        let region = option("awsStsRegion")
            .map(str::to_owned)
            .or_else(|| region(self.settings, None));
        let role = AwsRole {
            arn,
            session_name: option("awsRoleSessionName").unwrap_or("topicctl"),
            external_id: option("awsRoleExternalId"),
            region: region.as_deref(),
        };
        let credentials = role.assumed_with(&source, self.settings, self.within)?;
        Ok((credentials, format!("the role {}", printable(arn))))
    }

    /// `None`: there is no such profile, or there are no credentials in it.
    fn profile(&self, name: &str) -> Option<FoundCredentials> {
        let profiles = match AwsProfiles::read(self.settings) {
            Ok(profiles) => profiles,
            Err(why) => return Some(Err(NoToken::for_good(why))),
        };
        self.of_profile(&profiles, name, 0)
    }

    fn of_profile(&self, profiles: &AwsProfiles, name: &str, depth: usize) -> Option<FoundCredentials> {
        let profile = profiles.get(name)?;
        let place = format!("profile `{}`", printable(name));
        let key = |key: &str| profile.get(key).map(String::as_str);
        if let (Some(arn), true) = (key("role_arn"), depth < DEEPEST) {
            return Some(match key("web_identity_token_file") {
                Some(path) => self.by_web_identity(path, arn, key("role_session_name"), key("region")),
                None => self.role_of_profile(profiles, (name, profile), arn, depth),
            });
        }
        if let Some(credentials) = stated_in(profile) {
            return Some(Ok((credentials, place)));
        }
        if let Some(process) = key("credential_process") {
            return Some(of_process(process).map(|credentials| (credentials, place)));
        }
        let is_sso = profile.keys().any(|key| key.starts_with("sso_"));
        is_sso.then(|| Err(sso(name)))
    }

    fn role_of_profile(
        &self,
        profiles: &AwsProfiles,
        (name, profile): (&str, &AwsProfile),
        arn: &str,
        depth: usize,
    ) -> FoundCredentials {
        let key = |key: &str| profile.get(key).map(String::as_str);
        let source = match (key("source_profile"), key("credential_source")) {
            (Some(own), _) if own == name => {
                stated_in(profile).map(|credentials| Ok((credentials, String::new())))
            }
            (Some(other), _) => self.of_profile(profiles, other, depth + 1),
            (None, Some("Environment")) => self.environment().map(Ok),
            (None, Some("EcsContainer")) => {
                of_container(self.settings, self.within).map(|found| placed(found, ""))
            }
            (None, Some("Ec2InstanceMetadata")) => {
                of_instance(self.settings, self.within).map(|found| placed(found, ""))
            }
            (None, _) => None,
        };
        let (source, _) = source.unwrap_or_else(|| {
            let words = format!(
                "profile `{}` has a role, and nothing to assume it with",
                printable(name)
            );
            Err(NoToken::for_good(words))
        })?;
        let region = region(self.settings, Some(profile));
        let role = AwsRole {
            arn,
            session_name: key("role_session_name").unwrap_or("topicctl"),
            external_id: key("external_id"),
            region: region.as_deref(),
        };
        let credentials = role.assumed_with(&source, self.settings, self.within)?;
        Ok((credentials, format!("the role of profile `{}`", printable(name))))
    }
}

fn placed(found: Result<AwsCredentials, NoToken>, place: &str) -> FoundCredentials {
    found.map(|credentials| (credentials, place.to_owned()))
}

fn stated_in(profile: &AwsProfile) -> Option<AwsCredentials> {
    Some(AwsCredentials {
        access_key_id: profile.get("aws_access_key_id")?.clone(),
        secret_access_key: Secret::new(profile.get("aws_secret_access_key")?.as_str()),
        session_token: profile
            .get("aws_session_token")
            .map(|token| Secret::new(token.as_str())),
        expires: None,
    })
}

/// The command stands in the operator's own file.
fn of_process(process: &str) -> Result<AwsCredentials, NoToken> {
    let failed = |why: String| {
        NoToken::for_good(format!(
            "`credential_process` of the AWS profile gives nothing: {why}"
        ))
    };
    let output = command::output_of(process).map_err(failed)?;
    AwsCredentials::from_json(&output).map_err(|why| failed(why.to_owned()))
}

fn sso(name: &str) -> NoToken {
    let name = printable(name);
    NoToken::for_good(format!(
        "profile `{name}` logs in by IAM Identity Center, which topicctl does not; give it what `aws configure \
         export-credentials --profile {name}` prints, as `credential_process` of another profile"
    ))
}

fn no_profile(name: &str) -> NoToken {
    NoToken::for_good(format!(
        "there are no AWS credentials in profile `{}`",
        printable(name)
    ))
}

fn nowhere() -> NoToken {
    NoToken::for_good(
        "there are no AWS credentials: none in AWS_ACCESS_KEY_ID, AWS_WEB_IDENTITY_TOKEN_FILE, ~/.aws and \
         AWS_CONTAINER_CREDENTIALS_…, and no instance with a role answers",
    )
}

/// What the environment or the profile names.
pub(super) fn region(settings: &AwsSettings, profile: Option<&AwsProfile>) -> Option<String> {
    let stated = settings
        .variable("AWS_REGION")
        .or_else(|| settings.variable("AWS_DEFAULT_REGION"));
    if let Some(stated) = stated {
        return Some(stated.to_owned());
    }
    if let Some(profile) = profile {
        return profile.get("region").cloned();
    }
    AwsProfiles::read(settings)
        .ok()?
        .get(settings.profile())?
        .get("region")
        .cloned()
}

/// A token in a file.
pub(super) fn token_in(path: &str) -> Result<Zeroizing<String>, NoToken> {
    let failed = |why: &str| {
        NoToken::for_good(format!(
            "the token file {} cannot be read ({why})",
            printable(path)
        ))
    };
    let bytes = read_bounded(Path::new(path), Accept::RegularFile, TOKEN_MAX)
        .map_err(|error| failed(&error.to_string()))?;
    String::from_utf8(bytes)
        .map(Zeroizing::new)
        .map_err(|_| failed("it does not hold text"))
}
