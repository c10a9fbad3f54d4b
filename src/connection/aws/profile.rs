//! The shared files of AWS, `~/.aws/config` and `~/.aws/credentials`:
//! <https://docs.aws.amazon.com/sdkref/latest/guide/file-format.html>

use std::collections::BTreeMap;
use std::path::Path;

use super::settings::AwsSettings;
use crate::bounded_read::{Accept, read_bounded};

/// Some lines for each profile.
const FILE_MAX: usize = 1 << 20;

/// The keys of a profile.
pub(super) type AwsProfile = BTreeMap<String, String>;

/// Every profile of both files.
pub(super) struct AwsProfiles(BTreeMap<String, AwsProfile>);

impl AwsProfiles {
    /// Those of the files that are there; a key of `credentials` beats that of `config`.
    ///
    /// # Errors
    /// One is there and cannot be read.
    pub(super) fn read(settings: &AwsSettings) -> Result<Self, String> {
        let mut profiles = Self(BTreeMap::new());
        for (path, is_config) in [
            (settings.config_file(), true),
            (settings.credentials_file(), false),
        ] {
            if let Some(text) = path.map(|path| read_if_there(&path)).transpose()?.flatten() {
                profiles.add(&text, is_config);
            }
        }
        Ok(profiles)
    }

    fn add(&mut self, text: &str, is_config: bool) {
        let mut current = None;
        for line in text.lines() {
            // Values of nested settings, such as those of S3, are indented.
            if line.starts_with([' ', '\t', '#', ';']) {
                continue;
            }
            if let Some(section) = line.trim_end().strip_prefix('[') {
                let name = section.split(']').next().unwrap_or_default().trim();
                current = profile_of(name, is_config).map(str::to_owned);
            } else if let (Some(name), Some((key, value))) = (&current, line.split_once('=')) {
                let profile = self.0.entry(name.clone()).or_default();
                profile.insert(key.trim().to_ascii_lowercase(), value.trim().to_owned());
            }
        }
    }

    pub(super) fn get(&self, name: &str) -> Option<&AwsProfile> {
        self.0.get(name)
    }
}

/// In `config` the sections of profiles say so, but for `default`.
fn profile_of(section: &str, is_config: bool) -> Option<&str> {
    let named = section
        .strip_prefix("profile")
        .filter(|name| name.starts_with([' ', '\t']));
    match (is_config, named) {
        (true, Some(name)) => Some(name.trim()),
        (true, None) => (section == "default").then_some(section),
        (false, _) => Some(section),
    }
}

fn read_if_there(path: &Path) -> Result<Option<String>, String> {
    match read_bounded(path, Accept::RegularFile, FILE_MAX) {
        Ok(bytes) => Ok(Some(String::from_utf8_lossy(&bytes).into_owned())),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(format!("{} cannot be read ({error})", path.display())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn profiles_of_both_files_are_one() {
        let mut profiles = AwsProfiles(BTreeMap::new());
        profiles.add(
            "# a comment\n[default]\nregion = eu-west-1\ns3 =\n  region = nested\n[profile other]\nrole_arn=arn\n[sso-session x]\nregion=no\n",
            true,
        );
        profiles.add(
            "[default]\naws_access_key_id = id\n[plain]\nRegion=us-east-1\n",
            false,
        );
        let key = |profile: &str, key: &str| profiles.get(profile).and_then(|keys| keys.get(key)).cloned();
        assert_eq!(key("default", "region").as_deref(), Some("eu-west-1"));
        assert_eq!(key("default", "aws_access_key_id").as_deref(), Some("id"));
        assert_eq!(key("other", "role_arn").as_deref(), Some("arn"));
        assert_eq!(key("plain", "region").as_deref(), Some("us-east-1"));
        assert!(profiles.get("sso-session x").is_none());
    }
}
