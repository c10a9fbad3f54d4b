//! `${NAME}` in the values of a properties file: what a variable holds is put in once the file is parsed, and
//! is a value, whatever it looks like.

use std::borrow::Cow;

use super::command::command_in;
use crate::model::LoginModuleText;

/// Reads a variable of the environment.
pub type Environment<'a> = &'a dyn Fn(&str) -> Option<String>;

/// Java's own provider of the environment: `${env:NAME}`.
const JAVAS_PREFIX: &str = "env:";

/// Why a reference leads nowhere. A name is repeated where it can be one; what else stands there may be part
/// of a secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Unresolved {
    Unset(String),
    NoText(String),
    /// What it holds would be run.
    Command(String),
    Unclosed,
    NoName,
    Provider,
}

impl Unresolved {
    pub(super) fn what(&self) -> String {
        match self {
            Self::Unset(name) => format!("the environment variable `{name}` is not set"),
            Self::NoText(name) => format!("the environment variable `{name}` does not hold UTF-8 text"),
            Self::Command(name) => format!("the environment variable `{name}` holds a command (`exec:`)"),
            Self::Unclosed => "`${` has no closing `}`".to_owned(),
            Self::NoName => "`${…}` holds no name of a variable".to_owned(),
            Self::Provider => "`${…:…}` asks for a config provider, and those are Java classes".to_owned(),
        }
    }

    pub(super) fn suggestion(&self) -> String {
        match self {
            Self::Unset(name) => format!("set it, or give it a default: `${{{name}:-…}}`"),
            Self::NoText(_) => "set it to text in UTF-8".to_owned(),
            Self::Command(_) => "a command is run only where the properties file itself states it".to_owned(),
            Self::Unclosed | Self::NoName => {
                "write `${NAME}` or `${NAME:-default}` for a variable, `$${` for a dollar and a brace".to_owned()
            }
            Self::Provider => {
                "write `${NAME}` or `${env:NAME}` for a variable, or `file:PATH` for a file that holds the value"
                    .to_owned()
            }
        }
    }
}

/// Puts the variables in. A `$` that no `{` follows is itself, and `$${` is a `${` that refers to nothing.
pub(super) fn expanded<'t>(text: &'t str, environment: Environment<'_>) -> Result<Cow<'t, str>, Unresolved> {
    if !text.contains("${") {
        return Ok(Cow::Borrowed(text));
    }
    let mut whole = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("${") {
        if let Some(before) = before.strip_suffix('$') {
            whole.push_str(before);
            whole.push_str("${");
            rest = after;
            continue;
        }
        let (reference, after) = after.split_once('}').ok_or(Unresolved::Unclosed)?;
        whole.push_str(before);
        whole.push_str(value(reference, environment)?.text());
        rest = after;
    }
    whole.push_str(rest);
    Ok(Cow::Owned(whole))
}

/// As [`expanded`], into the text of a login module, where a value stays one value.
pub(super) fn expanded_login_module(text: &str, environment: Environment<'_>) -> Result<String, Unresolved> {
    let mut module = LoginModuleText::default();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("${") {
        if let Some(before) = before.strip_suffix('$') {
            module.push_written(before);
            module.push_written("${");
            rest = after;
            continue;
        }
        let (reference, after) = after.split_once('}').ok_or(Unresolved::Unclosed)?;
        module.push_written(before);
        match value(reference, environment)? {
            Inserted::Variable(value) => module.push_value(&value),
            Inserted::Default(default) => module.push_written(default),
        }
        rest = after;
    }
    module.push_written(rest);
    Ok(module.into_text())
}

/// What is put in the place of a reference.
enum Inserted<'t> {
    Variable(String),
    Default(&'t str),
}

impl Inserted<'_> {
    fn text(&self) -> &str {
        match self {
            Self::Variable(value) => value,
            Self::Default(default) => default,
        }
    }
}

/// As in a shell and in the manifest, `:-` also fills in for a variable that is set to nothing.
fn value<'t>(reference: &'t str, environment: Environment<'_>) -> Result<Inserted<'t>, Unresolved> {
    let (name, default) = match reference.split_once(":-") {
        Some((name, default)) => (name, Some(default)),
        None => (reference.strip_prefix(JAVAS_PREFIX).unwrap_or(reference), None),
    };
    if !is_name(name) {
        return Err(if name.contains(':') {
            Unresolved::Provider
        } else {
            Unresolved::NoName
        });
    }
    let set = environment(name);
    if set.as_deref().is_some_and(is_no_text) {
        return Err(Unresolved::NoText(name.to_owned()));
    }
    if set.as_deref().is_some_and(|value| command_in(value).is_some()) {
        return Err(Unresolved::Command(name.to_owned()));
    }
    match (set, default) {
        (Some(value), None) => Ok(Inserted::Variable(value)),
        (Some(value), Some(_)) if !value.is_empty() => Ok(Inserted::Variable(value)),
        (_, Some(default)) => Ok(Inserted::Default(default)),
        (None, None) => Err(Unresolved::Unset(name.to_owned())),
    }
}

/// Whoever reads the environment puts this character in the place of what is not UTF-8.
fn is_no_text(value: &str) -> bool {
    value.contains(char::REPLACEMENT_CHARACTER)
}

fn is_name(name: &str) -> bool {
    !name.starts_with(|letter: char| letter.is_ascii_digit())
        && !name.is_empty()
        && name
            .chars()
            .all(|letter| letter.is_ascii_alphanumeric() || letter == '_')
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn shown(text: &str) -> String {
        let environment = |name: &str| match name {
            "SET" => Some("a value, ${SET}".to_owned()),
            "EMPTY" => Some(String::new()),
            _ => None,
        };
        match expanded(text, &environment) {
            Ok(text) => text.into_owned(),
            Err(unresolved) => unresolved.what(),
        }
    }

    #[test]
    fn variables_are_put_in_as_in_a_manifest() {
        for (text, expected) in [
            ("${SET}", "a value, ${SET}"),
            ("<${SET}${EMPTY}>", "<a value, ${SET}>"),
            ("${env:SET}", "a value, ${SET}"),
            ("${SET:-x}", "a value, ${SET}"),
            ("${EMPTY:-x}", "x"),
            ("${UNSET:-x:y}", "x:y"),
            ("${UNSET:-}", ""),
        ] {
            assert_eq!(shown(text), expected, "{text}");
        }
    }

    #[test]
    fn a_dollar_that_refers_to_nothing_is_a_dollar() {
        for (text, expected) in [
            ("pa$$word$1$", "pa$$word$1$"),
            ("$SET}{", "$SET}{"),
            ("$${SET}", "${SET}"),
            ("a$$${SET}", "a$${SET}"),
        ] {
            assert_eq!(shown(text), expected, "{text}");
        }
    }

    #[test]
    fn what_leads_nowhere_is_an_error() {
        for (text, expected) in [
            ("a${UNSET}", "the environment variable `UNSET` is not set"),
            ("${env:UNSET}", "the environment variable `UNSET` is not set"),
            ("a${SET", "`${` has no closing `}`"),
            ("${}", "`${…}` holds no name of a variable"),
            ("${hunter-2}", "`${…}` holds no name of a variable"),
            (
                "${file:/etc/secrets:password}",
                "`${…:…}` asks for a config provider, and those are Java classes",
            ),
        ] {
            assert_eq!(shown(text), expected, "{text}");
        }
    }

    proptest! {
        #[test]
        fn no_text_panics(text in "[ab$ü{}:-]{0,20}") {
            let _ = expanded(&text, &|_| None);
        }

        #[test]
        fn text_without_a_brace_comes_back(text in "[^{]*") {
            prop_assert_eq!(shown(&text), text);
        }
    }
}
