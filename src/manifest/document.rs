//! The top of each file: the version, `defaults` and `profiles`, which hold for the topics of all files.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::fields::{self, ManifestSection};
use super::layers::{absorb, reconcile};
use super::node::{Content, Node, NodeEntry, TextSpan};
use super::policy;
use super::problem::Problem;
use super::reader::{FieldRef, Reader, VariableScope};
use super::settings::LayerSettings;
use super::statement::Statement;
use crate::model::{ClientProperty, Place, printable};

/// Client properties by their names.
pub(super) type StatedClient = BTreeMap<Arc<str>, Statement<ClientProperty>>;

/// What `defaults` states.
#[derive(Debug, Default)]
pub(super) struct Defaults {
    pub(super) settings: LayerSettings,
    pub(super) client: StatedClient,
}

/// What a profile states.
#[derive(Debug)]
pub(super) struct StatedProfile {
    /// Where it is first declared.
    pub(super) place: Place,
    pub(super) settings: LayerSettings,
    pub(super) bootstrap: Option<Statement<Arc<str>>>,
    pub(super) prefix: Option<Statement<Arc<str>>>,
    pub(super) cluster_id: Option<Statement<Arc<str>>>,
    pub(super) client: StatedClient,
    pub(super) policy: policy::StatedPolicy,
}

/// What the files together state for all topics.
#[derive(Debug, Default)]
pub(super) struct Common {
    pub(super) defaults: Defaults,
    /// The bounds of all profiles.
    pub(super) policy: policy::StatedPolicy,
    /// Every profile by its name.
    pub(super) profiles: BTreeMap<Arc<str>, StatedProfile>,
}

impl<'t> Reader<'_, 't, '_, '_> {
    /// Reads everything but the topics, and returns those. `chosen` is the name of the chosen profile.
    pub(super) fn document(
        &mut self,
        root: &Node<'t>,
        chosen: &str,
        common: &mut Common,
    ) -> Option<NodeEntry<'t>> {
        let Content::Mapping(entries) = &root.content else {
            let message = format!(
                "a manifest is a mapping with `version` and `topics`, not {}",
                root.content.noun()
            );
            let problem = Problem::error(self.at(root.span), message);
            self.report(problem.suggest("start it with `version: 1`, and put the topics under `topics:`"));
            return None;
        };
        let mut topics = None;
        let mut version = false;
        for entry in entries.iter() {
            match &*entry.key.text {
                "version" => {
                    version = true;
                    self.version(entry);
                }
                "defaults" => self.defaults(entry, &mut common.defaults),
                "profiles" => self.profiles(entry, chosen, common),
                "policy" => {
                    let stated = self.policy(entry);
                    policy::absorb("`policy`", &mut common.policy, stated, &mut self.context.report);
                }
                "topics" => topics = Some(entry.clone()),
                _ => self.unknown_field(ManifestSection::Root, FieldRef::of_entry(entry)),
            }
        }
        if !version {
            self.no_version(root.span);
        }
        topics
    }

    fn no_version(&mut self, root: TextSpan) {
        let problem = Problem::error(self.at(root), "the file does not say its `version`");
        self.report(problem.suggest("begin every file with `version: 1`"));
    }

    fn version(&mut self, entry: &NodeEntry<'t>) {
        let text = match &entry.value.content {
            Content::Scalar(text) => text,
            Content::Null | Content::Sequence(_) | Content::Mapping(_) => "",
        };
        if text == "1" {
            return;
        }
        let not = if text.is_empty() {
            String::new()
        } else {
            self.but_not(&entry.value, text)
        };
        let problem = Problem::error(self.at(entry.key.span), format!("`version` must be 1{not}"));
        self.report(problem.suggest("write `version: 1`; this topicctl knows no other format"));
    }

    fn defaults(&mut self, entry: &NodeEntry<'t>, defaults: &mut Defaults) {
        let Some(entries) = self.entries(FieldRef::of_entry(entry), &entry.value) else {
            return;
        };
        let mut stated = Defaults::default();
        for entry in entries.iter() {
            match &*entry.key.text {
                "client" => stated.client = self.client_unless_untrusted(entry),
                _ => self.setting(ManifestSection::Defaults, entry, &mut stated.settings),
            }
        }
        absorb(
            "`defaults`",
            &mut defaults.settings,
            stated.settings,
            &mut self.context.report,
        );
        self.absorb_client(&mut defaults.client, stated.client);
    }

    fn profiles(&mut self, entry: &NodeEntry<'t>, chosen: &str, common: &mut Common) {
        let Some(entries) = self.entries(FieldRef::of_entry(entry), &entry.value) else {
            return;
        };
        for entry in entries.iter() {
            if !self.key_is_plain(FieldRef::of_entry(entry)) {
                continue;
            }
            let is_chosen = entry.key.text == chosen;
            self.scope = if is_chosen {
                VariableScope::Effective
            } else {
                VariableScope::OtherProfile
            };
            let stated = self.profile(entry);
            self.scope = VariableScope::Effective;
            match common.profiles.get_mut(&*entry.key.text) {
                Some(profile) => self.absorb_profile(profile, stated),
                None => {
                    common.profiles.insert(Arc::from(&*entry.key.text), stated);
                }
            }
        }
    }

    fn profile(&mut self, entry: &NodeEntry<'t>) -> StatedProfile {
        let mut profile = StatedProfile {
            place: self.place(entry.key.span),
            settings: LayerSettings::default(),
            bootstrap: None,
            prefix: None,
            cluster_id: None,
            client: StatedClient::new(),
            policy: policy::StatedPolicy::default(),
        };
        let Some(entries) = self.entries(FieldRef::of_entry(entry), &entry.value) else {
            return profile;
        };
        for entry in entries.iter() {
            match &*entry.key.text {
                "bootstrap" => profile.bootstrap = self.bootstrap_unless_untrusted(entry),
                "prefix" => {
                    let mut prefix = self.prefix(entry);
                    self.know_other_prefix(entry, &mut prefix);
                    profile.prefix = Some(prefix);
                }
                "cluster_id" => profile.cluster_id = Some(self.cluster_id(entry)),
                "client" => profile.client = self.client_unless_untrusted(entry),
                "policy" => profile.policy = self.policy(entry),
                _ => self.setting(ManifestSection::Profile, entry, &mut profile.settings),
            }
        }
        profile
    }

    fn absorb_profile(&mut self, profile: &mut StatedProfile, stated: StatedProfile) {
        let report = &mut self.context.report;
        absorb("a profile", &mut profile.settings, stated.settings, report);
        reconcile(
            "`bootstrap` of a profile",
            &mut profile.bootstrap,
            stated.bootstrap,
            report,
        );
        reconcile(
            "`prefix` of a profile",
            &mut profile.prefix,
            stated.prefix,
            report,
        );
        reconcile(
            "`cluster_id` of a profile",
            &mut profile.cluster_id,
            stated.cluster_id,
            report,
        );
        policy::absorb(
            "`policy` of a profile",
            &mut profile.policy,
            stated.policy,
            report,
        );
        self.absorb_client(&mut profile.client, stated.client);
    }

    fn absorb_client(&mut self, client: &mut StatedClient, stated: StatedClient) {
        for (name, statement) in stated {
            let mut present = client.remove(&name);
            let label = "a property under `client`";
            reconcile(label, &mut present, Some(statement), &mut self.context.report);
            if let Some(present) = present {
                client.insert(name, present);
            }
        }
    }

    pub(super) fn no_such_profile(
        &mut self,
        entry: &NodeEntry<'t>,
        profiles: &BTreeMap<Arc<str>, StatedProfile>,
    ) {
        let field = FieldRef::of_entry(entry);
        let message = format!("{} is no profile of this manifest", self.name(field));
        let problem = Problem::error(self.at(field.span), message);
        self.report(problem.suggest(meant_profile(field.name, profiles)));
    }
}

/// What to do about a profile that does not exist.
pub(super) fn meant_profile(wrong: &str, profiles: &BTreeMap<Arc<str>, StatedProfile>) -> String {
    let there_are = those_there_are(profiles);
    match fields::nearest(wrong, profiles.keys().map(|name| &**name)) {
        Some(meant) => format!("did you mean `{}`? {there_are}", printable(meant)),
        None => there_are,
    }
}

fn those_there_are(profiles: &BTreeMap<Arc<str>, StatedProfile>) -> String {
    let name = |name: &Arc<str>| format!("`{}`", printable(name));
    let names: Vec<String> = profiles.keys().map(name).collect();
    match &*names {
        [] => "the manifest has no `profiles`".to_owned(),
        [one] => format!("the only profile is {one}"),
        [first @ .., last] => format!("the profiles are {} and {last}", first.join(", ")),
    }
}
