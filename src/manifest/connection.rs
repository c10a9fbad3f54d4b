//! What a profile states of its cluster: where it is, what it is called, and how to log in.

use std::sync::Arc;

use super::address;
use super::document::Client;
use super::node::{Content, Entry, Node};
use super::problem::{Location, Problem};
use super::reader::{Field, INHERIT, Reader};
use super::secret;
use super::statement::{Said, Statement};
use crate::model::Secret;

impl<'t> Reader<'_, 't, '_, '_> {
    pub(super) fn bootstrap(&mut self, entry: &Entry<'t>) -> Statement<Arc<str>> {
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

    pub(super) fn prefix(&mut self, entry: &Entry<'t>) -> Statement<Arc<str>> {
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

    pub(super) fn cluster_id(&mut self, entry: &Entry<'t>) -> Statement<Arc<str>> {
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
    pub(super) fn client(&mut self, entry: &Entry<'t>) -> Client {
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

    fn warn_of_literal(&mut self, entry: &Entry<'t>) {
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

    fn client_value(&mut self, field: Field<'_>, entry: &Entry<'t>) -> Statement<Secret> {
        let place = self.place(entry.value.span);
        // Only as it is written: a password may well be "inherit".
        if matches!(&entry.value.content, Content::Scalar(text) if text == INHERIT) {
            return Statement {
                said: Said::Inherit,
                place,
            };
        }
        self.warn_of_literal(entry);
        let text = self.text(field, &entry.value);
        let said = text.map_or(Said::Unknown, |text| Said::Value(Secret::new(&*text)));
        Statement { said, place }
    }
}
