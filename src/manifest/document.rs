//! The top of each file: the version, `defaults` and `profiles`, which hold for the topics of all files.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::address;
use super::fields::{self, Section};
use super::layers::{absorb, reconcile};
use super::node::{Content, Entry, Node, Span};
use super::problem::{Location, Problem};
use super::reader::{Field, INHERIT, Reader, Scope};
use super::settings::Settings;
use super::statement::{Said, Statement};
use crate::model::{Place, Secret};

/// Client properties by their names.
pub(super) type Client = BTreeMap<Arc<str>, Statement<Secret>>;

/// What `defaults` states.
#[derive(Debug, Default)]
pub(super) struct Defaults {
    pub(super) settings: Settings,
    pub(super) client: Client,
}

/// What a profile states.
#[derive(Debug, Default)]
pub(super) struct Profile {
    pub(super) settings: Settings,
    pub(super) bootstrap: Option<Statement<Arc<str>>>,
    pub(super) prefix: Option<Statement<Arc<str>>>,
    pub(super) cluster_id: Option<Statement<Arc<str>>>,
    pub(super) client: Client,
}

/// What the files together state for all topics.
#[derive(Debug, Default)]
pub(super) struct Common {
    pub(super) defaults: Defaults,
    /// The profile that was chosen, if there is one of its name.
    pub(super) chosen: Profile,
    /// Every profile, and where it is first declared.
    pub(super) profiles: BTreeMap<Arc<str>, Place>,
}

impl<'t> Reader<'_, 't, '_, '_> {
    /// Reads everything but the topics, and returns those. `chosen` is the name of the chosen profile.
    pub(super) fn document(
        &mut self,
        root: &Node<'t>,
        chosen: &str,
        common: &mut Common,
    ) -> Option<Entry<'t>> {
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
                "topics" => topics = Some(entry.clone()),
                _ => self.unknown_field(Section::Root, Field::of(entry)),
            }
        }
        if !version {
            self.no_version(root.span);
        }
        topics
    }

    fn no_version(&mut self, root: Span) {
        let problem = Problem::error(self.at(root), "the file does not say its `version`");
        self.report(problem.suggest("begin every file with `version: 1`"));
    }

    fn version(&mut self, entry: &Entry<'t>) {
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

    fn defaults(&mut self, entry: &Entry<'t>, defaults: &mut Defaults) {
        let Some(entries) = self.entries(Field::of(entry), &entry.value) else {
            return;
        };
        let mut stated = Defaults::default();
        for entry in entries.iter() {
            match &*entry.key.text {
                "client" => stated.client = self.client(entry),
                _ => self.setting(Section::Defaults, entry, &mut stated.settings),
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

    fn profiles(&mut self, entry: &Entry<'t>, chosen: &str, common: &mut Common) {
        let Some(entries) = self.entries(Field::of(entry), &entry.value) else {
            return;
        };
        for entry in entries.iter() {
            if !self.key_is_plain(Field::of(entry)) {
                continue;
            }
            let name = self.context.share(&entry.key.text);
            let place = self.place(entry.key.span);
            common.profiles.entry(name).or_insert(place);
            let is_chosen = entry.key.text == chosen;
            self.scope = if is_chosen {
                Scope::Effective
            } else {
                Scope::OtherProfile
            };
            let stated = self.profile(entry);
            self.scope = Scope::Effective;
            if is_chosen {
                self.absorb_profile(&mut common.chosen, stated);
            }
        }
    }

    fn profile(&mut self, entry: &Entry<'t>) -> Profile {
        let mut profile = Profile::default();
        let Some(entries) = self.entries(Field::of(entry), &entry.value) else {
            return profile;
        };
        for entry in entries.iter() {
            match &*entry.key.text {
                "bootstrap" => profile.bootstrap = Some(self.bootstrap(entry)),
                "prefix" => profile.prefix = Some(self.prefix(entry)),
                "cluster_id" => profile.cluster_id = Some(self.cluster_id(entry)),
                "client" => profile.client = self.client(entry),
                _ => self.setting(Section::Profile, entry, &mut profile.settings),
            }
        }
        profile
    }

    fn absorb_profile(&mut self, profile: &mut Profile, stated: Profile) {
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
        self.absorb_client(&mut profile.client, stated.client);
    }

    fn absorb_client(&mut self, client: &mut Client, stated: Client) {
        for (name, statement) in stated {
            let mut present = client.remove(&name);
            let label = "a property under `client`";
            reconcile(label, &mut present, Some(statement), &mut self.context.report);
            if let Some(present) = present {
                client.insert(name, present);
            }
        }
    }

    fn bootstrap(&mut self, entry: &Entry<'t>) -> Statement<Arc<str>> {
        self.list_statement(entry, |reader, texts| {
            let mut addresses = Vec::new();
            for (text, node) in texts {
                let mut offset = 0;
                for address in text.split(',') {
                    reader.address(address, node, text, offset);
                    addresses.push(address.trim().to_owned());
                    offset += address.chars().count() + 1;
                }
            }
            if addresses.is_empty() {
                let problem = Problem::error(reader.at(entry.key.span), "`bootstrap` names no address");
                reader.report(problem.suggest("write `host:port`, or leave the field out"));
            }
            addresses.join(",").into()
        })
    }

    /// An address that stands `offset` characters into a text, with white space around it.
    fn address(&mut self, address: &str, node: &Node<'t>, text: &str, offset: usize) {
        let Err(wrong) = address::check(address.trim()) else {
            return;
        };
        let space = address.chars().take_while(|c| c.is_whitespace()).count();
        let shown = match address.trim() {
            "" => "an address".to_owned(),
            address => self.value(node, address),
        };
        let place = Location::Place(self.place_in(node, text, offset + space));
        let problem = Problem::error(place, format!("{shown} {}", wrong.what()));
        self.report(problem.suggest(wrong.suggestion()));
    }

    fn prefix(&mut self, entry: &Entry<'t>) -> Statement<Arc<str>> {
        self.statement(entry, |reader, text| {
            let legal = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-');
            if let Some(odd) = text.chars().find(|c| !legal(*c)) {
                let shown = reader.value(&entry.value, &odd.to_string());
                let message = format!(
                    "a prefix has only letters, digits, `.`, `_` and `-`, as topic names do, not {shown}"
                );
                let problem = Problem::error(reader.at(entry.value.span), message);
                reader.report(problem);
                return None;
            }
            Some(reader.context.share(text))
        })
    }

    fn cluster_id(&mut self, entry: &Entry<'t>) -> Statement<Arc<str>> {
        self.statement(entry, |reader, text| {
            if text.is_empty() || text.contains(char::is_whitespace) {
                let shown = reader.value(&entry.value, text);
                let problem =
                    Problem::error(reader.at(entry.value.span), format!("{shown} is no cluster id"));
                reader.report(problem.suggest("`kafka-cluster.sh cluster-id` prints it"));
                return None;
            }
            Some(reader.context.share(text))
        })
    }

    /// Nothing under `client` is ever repeated in a message.
    fn client(&mut self, entry: &Entry<'t>) -> Client {
        let mut client = Client::new();
        let Some(entries) = self.entries(Field::of(entry), &entry.value) else {
            return client;
        };
        for entry in entries.iter() {
            let field = Field::client_property(entry);
            if entry.key.text.is_empty() {
                let problem =
                    Problem::error(self.at(entry.key.span), "a property under `client` has no name");
                self.report(problem);
            }
            if !self.key_is_plain(field) {
                continue;
            }
            let statement = self.client_value(field, entry);
            let name = self.context.share(&entry.key.text);
            client.insert(name, statement);
        }
        client
    }

    fn client_value(&mut self, field: Field<'_>, entry: &Entry<'t>) -> Statement<Secret> {
        let place = self.place(entry.value.span);
        // Only as it is written: a password may well be "inherit".
        if matches!(&entry.value.content, Content::Scalar(text) if text == INHERIT) {
            return Statement {
                said: Said::Inherit,
                place,
            };
        }
        let text = self.text(field, &entry.value);
        let said = text.map_or(Said::Unknown, |text| Said::Value(Secret::new(&*text)));
        Statement { said, place }
    }

    pub(super) fn no_such_profile(&mut self, entry: &Entry<'t>, profiles: &BTreeMap<Arc<str>, Place>) {
        let field = Field::of(entry);
        let message = format!("{} is no profile of this manifest", self.name(field));
        let problem = Problem::error(self.at(field.span), message);
        self.report(problem.suggest(meant_profile(field.name, profiles)));
    }
}

/// What to do about a profile that does not exist.
pub(super) fn meant_profile(wrong: &str, profiles: &BTreeMap<Arc<str>, Place>) -> String {
    let there_are = those_there_are(profiles);
    match fields::nearest(wrong, profiles.keys().map(|name| &**name)) {
        Some(meant) => format!("did you mean `{meant}`? {there_are}"),
        None => there_are,
    }
}

fn those_there_are(profiles: &BTreeMap<Arc<str>, Place>) -> String {
    let names: Vec<String> = profiles.keys().map(|name| format!("`{name}`")).collect();
    match &*names {
        [] => "the manifest has no `profiles`".to_owned(),
        [one] => format!("the only profile is {one}"),
        [first @ .., last] => format!("the profiles are {} and {last}", first.join(", ")),
    }
}
