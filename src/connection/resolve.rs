//! Properties from their sources, and the order in which they are understood.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use zeroize::Zeroizing;

use super::exposed::{exposure_remedy, first_secret};
use super::names::{self, Name};
use super::problem::{PropertyOrigin, PropertyProblem, PropertyProblems};
use super::properties;
use super::reading::PropertyReader;
pub use super::reading::ReadFile;
use super::variables::{Environment, expanded, expanded_login_module};
use super::{ConnectionConfig, security};
use crate::bounded_read::{Accept, read_bounded};
use crate::model::{ClientProperty, Declared, Printable, Secret};

/// Kafka's own tools take the addresses from a flag, its clients from this property.
const ADDRESSES: [&str; 2] = ["bootstrap.servers", "metadata.broker.list"];

/// A value with its place.
#[derive(Debug, Clone)]
pub(super) struct Property {
    pub(super) value: Secret,
    pub(super) origin: PropertyOrigin,
    /// Whether a manifest has a variable in it.
    pub(super) reads_environment: bool,
}

/// Client properties, each with the place where it is given.
#[derive(Debug, Clone, Default)]
pub struct Properties {
    by_name: BTreeMap<Arc<str>, Property>,
    problems: Vec<PropertyProblem>,
}

impl Properties {
    /// Those of a manifest's `client`.
    pub fn of_manifest(client: &BTreeMap<Arc<str>, Declared<ClientProperty>>) -> Self {
        let mut properties = Self::default();
        for (name, declared) in client {
            let origin = PropertyOrigin::Manifest(declared.origin.clone());
            let property = Property {
                value: declared.value.value.clone(),
                origin,
                reads_environment: declared.value.reads_environment,
            };
            properties.by_name.insert(Arc::clone(name), property);
        }
        properties
    }

    /// The addresses that are stated, by Java's name or by librdkafka's older one, with where.
    pub fn addresses(&self) -> Option<(Arc<str>, &PropertyOrigin)> {
        let mut names = ADDRESSES.iter();
        let property = names.find_map(|name| self.by_name.get(*name))?;
        let text = property.value.reveal().trim();
        (!text.is_empty()).then(|| (text.into(), &property.origin))
    }

    pub(super) fn add_problems(&mut self, problems: Vec<PropertyProblem>) {
        self.problems.extend(problems);
    }

    /// Those of a Java properties file with these bytes, with the variables that its values refer to; `file`
    /// is its name for messages. Of a property that occurs twice the last one counts, as with Java.
    pub fn of_file(file: &str, bytes: &[u8], environment: Environment<'_>) -> Self {
        let file = Printable::from(file);
        let mut read = Self::default();
        for line in properties::parse(&properties::decode(bytes)) {
            let at = |line| PropertyOrigin::File {
                file: file.clone(),
                line,
            };
            match line {
                Ok(line) => read.put(&line, at(line.number), environment),
                Err(malformed) => read.problems.push(
                    PropertyProblem::error(
                        &at(malformed.number),
                        "a `\\u` is not followed by the four digits of a character",
                    )
                    .suggest("write a backslash as `\\\\`"),
                ),
            }
        }
        read
    }

    fn put(&mut self, line: &properties::PropertyLine, origin: PropertyOrigin, environment: Environment<'_>) {
        let value = self.value(line, &origin, environment);
        let property = Property {
            value,
            origin,
            reads_environment: false,
        };
        if let Some(before) = self.by_name.insert(line.name.as_str().into(), property.clone()) {
            let message = "this property is given before in the same file, and this one counts";
            let problem = PropertyProblem::warning(&property.origin, message);
            self.problems
                .push(problem.suggest(format!("the other is at {}", before.origin)));
        }
    }

    /// What a property holds once its variables are put in. One that is for other clients may refer to whatever
    /// they know.
    fn value(
        &mut self,
        line: &properties::PropertyLine,
        origin: &PropertyOrigin,
        environment: Environment<'_>,
    ) -> Secret {
        // Java's clients trim what they read as well.
        let text = line.value.trim();
        let put_in = if line.name == "sasl.jaas.config" {
            expanded_login_module(text, environment)
        } else {
            expanded(text, environment).map(Cow::into_owned)
        };
        match put_in {
            Ok(text) => Secret::new(text),
            Err(unresolved) => {
                if let Name::Used(name) = names::classify(&line.name) {
                    let message = format!("`{name}`: {}", unresolved.what());
                    let problem = PropertyProblem::error(origin, message);
                    self.problems.push(problem.suggest(unresolved.suggestion()));
                }
                Secret::new(text)
            }
        }
    }

    /// These with others above them, which count where both state a property.
    #[must_use]
    pub fn overlaid_with(mut self, above: Self) -> Self {
        self.by_name.extend(above.by_name);
        self.problems.extend(above.problems);
        self
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = (&str, &Property)> {
        self.by_name.iter().map(|(name, property)| (&**name, property))
    }
}

/// Understands properties, and loads the files that they name.
///
/// Returns what does not stop the run along with the result.
///
/// # Errors
/// Every problem at once, warnings included, if at least one is an error.
pub fn resolve(
    properties: &Properties,
    read: ReadFile<'_>,
) -> Result<(ConnectionConfig, PropertyProblems), PropertyProblems> {
    resolve_in(properties, read, &|_| None)
}

/// As [`resolve`], with an environment, in which AWS credentials may be.
///
/// # Errors
/// As [`resolve`].
pub fn resolve_in(
    properties: &Properties,
    read: ReadFile<'_>,
    environment: Environment<'_>,
) -> Result<(ConnectionConfig, PropertyProblems), PropertyProblems> {
    let mut reading = PropertyReader::new(properties, read, environment);
    reading.problems.splice(0..0, properties.problems.iter().cloned());
    let understood = security::parse_security(&mut reading);
    let client_id = reading.word("client.id").map(|(word, _)| Arc::from(word));
    let problems = PropertyProblems(reading.problems);
    match understood {
        Some((security, authentication)) if !problems.has_errors() => {
            let config = ConnectionConfig {
                security,
                authentication,
                client_id: client_id.unwrap_or_else(|| ConnectionConfig::default().client_id),
            };
            Ok((config, problems))
        }
        _ => Err(problems),
    }
}

/// A properties file is some lines, with a chain of certificates at most.
const PROPERTIES_FILE_MAX: usize = 1 << 20;

/// A key store, or the certificates of all the CAs of a system.
const NAMED_FILE_MAX: usize = 4 << 20;

/// Reads a file that a property names: a regular file, of a limited size.
///
/// # Errors
/// The system's words, or which of the two it is not.
pub fn read_named_file(path: &Path) -> std::io::Result<Vec<u8>> {
    read_bounded(path, Accept::RegularFile, NAMED_FILE_MAX)
}

/// Reads a properties file from disk, or from a pipe.
///
/// # Errors
/// The system's words, when it cannot be read, or that it is too large.
pub fn read_properties(path: &Path, environment: Environment<'_>) -> std::io::Result<Properties> {
    let bytes = Zeroizing::new(read_bounded(
        path,
        Accept::RegularFileOrStream,
        PROPERTIES_FILE_MAX,
    )?);
    let mut read = Properties::of_file(&Printable::path(path), &bytes, environment);
    read.problems.extend(exposed_properties(path, &bytes));
    Ok(read)
}

/// A warning where a secret stands in a file that every user of this machine can read.
fn exposed_properties(path: &Path, bytes: &[u8]) -> Option<PropertyProblem> {
    let (name, line) = first_secret(&properties::decode(bytes))?;
    let remedy = exposure_remedy(path)?;
    let file = Printable::path(path);
    let message = format!("`{name}` stands in this file, and every user of this machine can read it");
    Some(PropertyProblem::warning(&PropertyOrigin::File { file, line }, message).suggest(remedy))
}
