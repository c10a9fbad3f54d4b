//! AWS credentials, as their sources hand them out.

use std::time::SystemTime;

use jiff::Timestamp;
use serde::Deserialize;

use crate::model::Secret;

/// A key with its secret.
#[derive(Clone)]
pub(super) struct AwsCredentials {
    pub(super) access_key_id: String,
    pub(super) secret_access_key: Secret,
    /// Of temporary ones.
    pub(super) session_token: Option<Secret>,
    /// `None`: they do not end.
    pub(super) expires: Option<SystemTime>,
}

/// What containers, instances and `credential_process` say in JSON.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct CredentialsDocument {
    access_key_id: String,
    secret_access_key: String,
    #[serde(alias = "SessionToken")]
    token: Option<String>,
    expiration: Option<String>,
}

impl AwsCredentials {
    /// # Errors
    /// The text is no such document; it is not repeated.
    pub(super) fn from_json(text: &[u8]) -> Result<Self, &'static str> {
        let document: CredentialsDocument =
            serde_json::from_slice(text).map_err(|_| "its answer holds no credentials")?;
        Ok(Self {
            access_key_id: document.access_key_id,
            secret_access_key: Secret::new(document.secret_access_key),
            session_token: document.token.filter(|token| !token.is_empty()).map(Secret::new),
            expires: document.expiration.as_deref().and_then(moment),
        })
    }

    /// # Errors
    /// The security token service's answer holds none, or an error in its own words.
    pub(super) fn from_xml(text: &str) -> Result<Self, String> {
        let wanted = |name| element(text, name).ok_or_else(|| refusal(text));
        Ok(Self {
            access_key_id: wanted("AccessKeyId")?.to_owned(),
            secret_access_key: Secret::new(wanted("SecretAccessKey")?),
            session_token: Some(Secret::new(wanted("SessionToken")?)),
            expires: moment(wanted("Expiration")?),
        })
    }
}

fn refusal(text: &str) -> String {
    match (element(text, "Code"), element(text, "Message")) {
        (Some(code), Some(message)) => format!("{code}: {message}"),
        _ => "its answer holds no credentials".to_owned(),
    }
}

/// The text of the first element of this name; the service nests none of them.
fn element<'t>(text: &'t str, name: &str) -> Option<&'t str> {
    let (_, rest) = text.split_once(&format!("<{name}>"))?;
    let (inside, _) = rest.split_once(&format!("</{name}>"))?;
    Some(inside.trim())
}

/// `2026-12-01T12:00:00Z`
fn moment(text: &str) -> Option<SystemTime> {
    text.parse::<Timestamp>().ok().map(SystemTime::from)
}

#[cfg(test)]
#[allow(
    clippy::duration_suboptimal_units,
    reason = "published examples count in seconds since 1970"
)]
mod tests {
    use std::time::{Duration, UNIX_EPOCH};

    use super::*;

    #[test]
    fn documents_are_read() {
        let text = br#"{"Code":"Success","AccessKeyId":"id","SecretAccessKey":"marker","Token":"t","Expiration":"2013-05-24T00:00:00Z"}"#;
        let credentials = AwsCredentials::from_json(text).unwrap();
        assert_eq!(credentials.access_key_id, "id");
        assert_eq!(credentials.session_token.unwrap().reveal(), "t");
        assert_eq!(
            credentials.expires,
            Some(UNIX_EPOCH + Duration::from_secs(1_369_353_600))
        );
        let process = br#"{"Version":1,"AccessKeyId":"id","SecretAccessKey":"marker","SessionToken":"t"}"#;
        assert_eq!(
            AwsCredentials::from_json(process)
                .unwrap()
                .session_token
                .unwrap()
                .reveal(),
            "t"
        );
        assert!(AwsCredentials::from_json(b"{}").is_err());
    }

    #[test]
    fn the_services_answer_is_read() {
        let text = "<R><Credentials><AccessKeyId>id</AccessKeyId><SecretAccessKey>marker</SecretAccessKey>\n\
                    <SessionToken>t</SessionToken><Expiration>2013-05-24T00:00:00Z</Expiration></Credentials></R>";
        assert_eq!(
            AwsCredentials::from_xml(text)
                .unwrap()
                .session_token
                .unwrap()
                .reveal(),
            "t"
        );
        let denied = "<ErrorResponse><Error><Code>AccessDenied</Code><Message>not allowed</Message></Error></ErrorResponse>";
        assert_eq!(
            AwsCredentials::from_xml(denied).err().unwrap(),
            "AccessDenied: not allowed"
        );
    }
}
