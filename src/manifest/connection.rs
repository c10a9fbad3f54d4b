//! What a profile states of its cluster: where it is, what it is called, and how to log in.

use std::sync::Arc;

use super::document::StatedClient;
use super::expand;
use super::node::{Content, Node, NodeEntry};
use super::problem::{Location, Problem};
use super::reader::{FieldRef, INHERIT, Reader, VariableScope};
use super::secret;
use super::statement::{Setting, Statement};
use crate::model::{AddressList, ClientProperty, Secret};

impl<'t> Reader<'_, 't, '_, '_> {
    pub(super) fn bootstrap(&mut self, entry: &NodeEntry<'t>) -> Statement<Arc<str>> {
        self.list_statement(entry, |reader, texts| {
            if texts.is_empty() {
                let problem = Problem::error(reader.at(entry.key.span), "`bootstrap` names no address");
                reader.report(problem.suggest("write `host:port`, or leave the field out"));
            }
            for (text, node) in texts {
                reader.addresses(node, text);
            }
            let entries = texts.iter().flat_map(|(text, _)| AddressList::entries(text));
            entries.collect::<Vec<_>>().join(",").into()
        })
    }

    /// A list of addresses; one that cannot be used is one problem, at the first entry that is wrong.
    fn addresses(&mut self, node: &Node<'t>, text: &str) {
        let Err(invalid) = AddressList::parse(text) else {
            return;
        };
        let place = Location::Place(self.place_in(node, text, invalid.offset));
        let problem = if self.may_show(node, text) {
            Problem::error(place, invalid.problems.join("; ")).suggest(invalid.suggestion())
        } else {
            let form = "write `host:port`, several separated by commas";
            Problem::error(place, "this value is no list of broker addresses").suggest(form)
        };
        self.report(problem);
    }

    /// Where the file is not trusted, the address is checked and not used.
    pub(super) fn bootstrap_unless_untrusted(
        &mut self,
        entry: &NodeEntry<'t>,
    ) -> Option<Statement<Arc<str>>> {
        if self.is_unused(entry) {
            self.checked_only(|reader| reader.bootstrap(entry));
            return None;
        }
        Some(self.bootstrap(entry))
    }

    /// As [`Self::bootstrap_unless_untrusted`].
    pub(super) fn client_unless_untrusted(&mut self, entry: &NodeEntry<'t>) -> StatedClient {
        if self.is_unused(entry) {
            self.checked_only(|reader| reader.client(entry));
            return StatedClient::new();
        }
        self.client(entry)
    }

    /// Whether a field says how to connect, in a file that may not; its place is kept, to be told.
    fn is_unused(&mut self, entry: &NodeEntry<'t>) -> bool {
        if !self.context.variables.are_of_untrusted() {
            return false;
        }
        if self.scope == VariableScope::Effective {
            let place = self.place(entry.key.span);
            self.context.unused_connection.push(place);
        }
        true
    }

    /// Reads as it does what is another profile's: no variable is read.
    fn checked_only<T>(&mut self, read: impl FnOnce(&mut Self) -> T) {
        let scope = std::mem::replace(&mut self.scope, VariableScope::OtherProfile);
        read(self);
        self.scope = scope;
    }

    pub(super) fn prefix(&mut self, entry: &NodeEntry<'t>) -> Statement<Arc<str>> {
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

    pub(super) fn cluster_id(&mut self, entry: &NodeEntry<'t>) -> Statement<Arc<str>> {
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
    pub(super) fn client(&mut self, entry: &NodeEntry<'t>) -> StatedClient {
        let mut client = StatedClient::new();
        let Some(entries) = self.entries(FieldRef::of_entry(entry), &entry.value) else {
            return client;
        };
        for entry in entries.iter() {
            let field = FieldRef::client_property(entry);
            if entry.key.text.is_empty() {
                let problem =
                    Problem::error(self.at(entry.key.span), "a property under `client` has no name");
                self.report(problem);
            }
            if !self.key_is_plain(field) {
                continue;
            }
            let statement = self.client_value(field, entry);
            self.check_addresses(entry, &statement);
            let name = self.context.share(&entry.key.text);
            client.insert(name, statement);
        }
        client
    }

    /// An address under `client` is one like that of `bootstrap`, and is not repeated either.
    fn check_addresses(&mut self, entry: &NodeEntry<'t>, statement: &Statement<ClientProperty>) {
        let is_address = matches!(&*entry.key.text, "bootstrap.servers" | "metadata.broker.list");
        let Setting::Value(stated) = &statement.said else {
            return;
        };
        if is_address && AddressList::parse(stated.value.reveal()).is_err() {
            let message = "a property under `client` is no list of broker addresses";
            let problem = Problem::error(self.at(entry.value.span), message);
            self.report(problem.suggest("write `host:port`, several separated by commas"));
        }
    }

    fn warn_of_literal(&mut self, entry: &NodeEntry<'t>) {
        let Content::Scalar(text) = &entry.value.content else {
            return;
        };
        if !secret::stands_in(&entry.key.text, text) {
            return;
        }
        let message = "a secret stands in the file as it is, where everybody can read it who reads the file";
        let problem = Problem::warning(self.at(entry.value.span), message);
        self.report(problem.suggest("write `${VARIABLE}`, or `file:PATH` for a file that holds it"));
    }

    fn client_value(&mut self, field: FieldRef<'_>, entry: &NodeEntry<'t>) -> Statement<ClientProperty> {
        let place = self.place(entry.value.span);
        // Only as it is written: a password may well be "inherit".
        if matches!(&entry.value.content, Content::Scalar(text) if text == INHERIT) {
            return Statement {
                said: Setting::Inherit,
                place,
            };
        }
        self.warn_of_literal(entry);
        let reads_environment = matches!(&entry.value.content, Content::Scalar(text) if expand::reads(text));
        let text = self.text(field, &entry.value);
        let said = text.map_or(Setting::Unknown, |text| {
            Setting::Value(ClientProperty {
                value: Secret::new(text.into_owned()),
                reads_environment,
            })
        });
        Statement { said, place }
    }
}
