//! Properties on their way to being understood: one value per property, secrets read from the files
//! they are kept in, and every problem collected.

use std::cmp::Ordering;
use std::collections::BTreeMap;
use std::io;
use std::path::Path;

use zeroize::Zeroizing;

use super::command::{self, command_in};
use super::exposed::{self, ExposedFiles};
use super::names::{self, Name};
use super::problem::{PropertyOrigin, PropertyProblem};
use super::resolve::Properties;
use super::variables::Environment;
use crate::model::{Printable, Secret};

/// How files are read; a test gives its own.
pub type ReadFile<'a> = &'a dyn Fn(&Path) -> io::Result<Vec<u8>>;

/// The prefix of a value that names a file which holds the value.
const FILE_REFERENCE: &str = "file:";

/// A secret is a line or a document, not a disk image.
const SECRET_FILE_MAX: usize = 1 << 20;

/// A property that was given.
#[derive(Debug, Clone)]
pub(super) struct GivenProperty {
    /// Java's name of it, or librdkafka's where Java has none.
    pub(super) name: &'static str,
    pub(super) value: Secret,
    pub(super) origin: PropertyOrigin,
}

pub(super) struct PropertyReader<'a> {
    given: BTreeMap<&'static str, GivenProperty>,
    read: ReadFile<'a>,
    /// What AWS credentials are looked for in.
    pub(super) environment: Environment<'a>,
    exposed: ExposedFiles,
    /// The property of a truststore that holds a private key.
    pub(super) trusted_key: Option<&'static str>,
    /// Where a property that is not known is at least about security, by its name.
    pub(super) asks: Option<PropertyOrigin>,
    pub(super) problems: Vec<PropertyProblem>,
}

impl<'a> PropertyReader<'a> {
    pub(super) fn new(properties: &Properties, read: ReadFile<'a>, environment: Environment<'a>) -> Self {
        let mut reading = Self {
            given: BTreeMap::new(),
            read,
            environment,
            exposed: ExposedFiles::default(),
            trusted_key: None,
            asks: None,
            problems: Vec::new(),
        };
        for (name, property) in properties.iter() {
            match names::classify(name) {
                Name::Used(name) => reading.put(GivenProperty {
                    name,
                    value: property.value.clone(),
                    origin: property.origin.clone(),
                }),
                Name::OfOthers => {}
                Name::Unsupported(why) => reading.problems.push(
                    PropertyProblem::warning(&property.origin, format!("`{name}` has no effect"))
                        .suggest(why),
                ),
                Name::Unknown(meant) => reading.unknown(name, meant, &property.origin),
            }
        }
        reading
    }

    /// Java's and librdkafka's name of one property may both be given.
    fn put(&mut self, found: GivenProperty) {
        let Some(present) = self.given.get(found.name) else {
            self.given.insert(found.name, found);
            return;
        };
        if present.origin.precedence() == found.origin.precedence() && present.value != found.value {
            let message = format!(
                "`{}` is given twice with different values, once by Java's name and once by librdkafka's; \
                 the other is at {}",
                found.name, present.origin
            );
            self.error(&found.origin, message);
        } else if present.origin.precedence() < found.origin.precedence() {
            self.given.insert(found.name, found);
        }
    }

    fn unknown(&mut self, name: &str, meant: Option<&'static str>, origin: &PropertyOrigin) {
        let message = if names::is_speakable(name) {
            format!("`{name}` is no client property that topicctl knows")
        } else {
            "this is no client property that topicctl knows".to_owned()
        };
        // With a slip in this one, everything would go in plain text.
        let problem = if meant == Some("security.protocol") {
            PropertyProblem::error(origin, message)
        } else {
            PropertyProblem::warning(origin, message)
        };
        if name.starts_with("sasl.") || name.starts_with("ssl.") {
            self.asks = Some(origin.clone());
        }
        self.problems.push(match meant {
            Some(meant) => problem.suggest(format!("did you mean `{meant}`?")),
            None => problem,
        });
    }

    pub(super) fn error(&mut self, origin: &PropertyOrigin, message: impl Into<String>) {
        self.problems.push(PropertyProblem::error(origin, message));
    }

    pub(super) fn report(&mut self, problem: PropertyProblem) {
        self.problems.push(problem);
    }

    /// The property without a look at its value.
    pub(super) fn given(&self, name: &'static str) -> Option<GivenProperty> {
        self.given.get(name).cloned()
    }

    /// Whatever is given of these, that which takes precedence first.
    pub(super) fn highest(&self, names: &[&'static str]) -> Vec<GivenProperty> {
        let mut found: Vec<GivenProperty> = names.iter().filter_map(|name| self.given(name)).collect();
        found.sort_by(|one, other| other.origin.precedence().cmp(&one.origin.precedence()));
        found
    }

    /// Every property whose name begins so.
    pub(super) fn beginning<'s>(&'s self, beginnings: &'s [&str]) -> impl Iterator<Item = &'s GivenProperty> {
        self.given
            .values()
            .filter(|found| beginnings.iter().any(|start| found.name.starts_with(start)))
    }

    /// A word; one that is empty is as good as not given.
    pub(super) fn word(&self, name: &'static str) -> Option<(String, GivenProperty)> {
        let found = self.given(name)?;
        let word = found.value.reveal().trim().to_owned();
        (!word.is_empty()).then_some((word, found))
    }

    /// A secret, from the file that a `file:` reference names.
    pub(super) fn secret(&mut self, name: &'static str) -> Option<GivenProperty> {
        let found = self.given(name)?;
        self.dereferenced(found)
    }

    /// `None` if the reference leads nowhere, which is reported.
    pub(super) fn dereferenced(&mut self, found: GivenProperty) -> Option<GivenProperty> {
        if let Some(command) = command_in(found.value.reveal()) {
            return self.output_of(command, &found);
        }
        let Some(path) = referred(found.value.reveal()) else {
            return Some(found);
        };
        let bytes = self.file(&found, Path::new(path))?;
        let bytes = Zeroizing::new(bytes);
        if exposed::holds_secret(found.name) {
            self.warn_if_exposed(&found, Path::new(path));
        }
        self.text_of(&bytes, found, "the file does not hold text")
    }

    /// What a command of the operator gives. Nothing in a manifest is run.
    fn output_of(&mut self, command: &str, found: &GivenProperty) -> Option<GivenProperty> {
        if found.origin.is_manifests() {
            let message = format!(
                "`{}`: `exec:` is for the properties file, and a manifest runs no command",
                found.name
            );
            let instead =
                "state it in a properties file (--command-config), or write `file:PATH` or `${VARIABLE}`";
            self.missing(&found.origin, message, instead);
            return None;
        }
        match command::output_of(command) {
            Ok(bytes) => self.text_of(&bytes, found.clone(), "the command does not write text"),
            Err(why) => {
                self.error(
                    &found.origin,
                    format!("`{}`: the command gives nothing: {why}", found.name),
                );
                None
            }
        }
    }

    fn text_of(&mut self, bytes: &[u8], found: GivenProperty, otherwise: &str) -> Option<GivenProperty> {
        let text = std::str::from_utf8(bytes).ok();
        let Some(text) = text.filter(|text| text.len() <= SECRET_FILE_MAX) else {
            self.error(&found.origin, format!("`{}`: {otherwise}", found.name));
            return None;
        };
        Some(GivenProperty {
            value: Secret::new(without_last_newline(text)),
            ..found
        })
    }

    /// An option of a login module that means the same as a property: whichever takes precedence.
    pub(super) fn put_option(&mut self, option: &str, found: GivenProperty) {
        let Some(present) = self.given.get(found.name) else {
            self.given.insert(found.name, found);
            return;
        };
        match found.origin.precedence().cmp(&present.origin.precedence()) {
            Ordering::Greater => _ = self.given.insert(found.name, found),
            Ordering::Equal if present.value != found.value => {
                let message = format!(
                    "`{option}` of `sasl.jaas.config` and `{}` both state it; the other is at {}",
                    found.name, present.origin
                );
                self.missing(&found.origin, message, "leave one of them out");
            }
            Ordering::Equal | Ordering::Less => {}
        }
    }

    /// The bytes of a file, on behalf of a property.
    pub(super) fn file(&mut self, found: &GivenProperty, path: &Path) -> Option<Vec<u8>> {
        match (self.read)(path) {
            Ok(bytes) => Some(bytes),
            Err(error) => {
                let message = format!("`{}`: the file cannot be read ({error})", found.name);
                let problem = PropertyProblem::error(&found.origin, message);
                // Relative to where topicctl runs, which is often another folder than that of the properties.
                let tried = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
                self.report(problem.suggest(format!("the file is {}", Printable::path(&tried))));
                None
            }
        }
    }

    /// Warns of a file with a secret that every user of this machine can read.
    pub(super) fn warn_if_exposed(&mut self, found: &GivenProperty, path: &Path) {
        if let Some(remedy) = self.exposed.remedy(path) {
            let message = format!("`{}`: every user of this machine can read the file", found.name);
            self.report(PropertyProblem::warning(&found.origin, message).suggest(remedy));
        }
    }

    /// A property that is missing, which another one asks for.
    pub(super) fn missing(&mut self, origin: &PropertyOrigin, message: String, suggestion: &str) {
        self.report(PropertyProblem::error(origin, message).suggest(suggestion));
    }
}

/// `file:/path`, `file:///path` and `file:path`.
pub(super) fn referred(value: &str) -> Option<&str> {
    let path = value.trim().strip_prefix(FILE_REFERENCE)?;
    let path = path.strip_prefix("//").unwrap_or(path);
    (!path.is_empty()).then_some(path)
}

/// Editors and `echo` end a file with a newline that is no part of the secret.
fn without_last_newline(text: &str) -> &str {
    let text = text.strip_suffix('\n').unwrap_or(text);
    text.strip_suffix('\r').unwrap_or(text)
}
