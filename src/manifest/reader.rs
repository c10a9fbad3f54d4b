//! Values out of nodes: the right kind, the environment put in, and every wrong one reported.

use std::borrow::Cow;
use std::rc::Rc;

use super::context::ReadContext;
use super::expand::{self, Expanded, MalformedReference};
use super::fields::{self, ManifestSection};
use super::node::{Content, Node, NodeEntry, TextSpan};
use super::position::{place_inside, place_of_variable};
use super::problem::{Location, Problem};
use super::quote::Parsed;
use super::statement::{Setting, Statement};
use crate::model::Place;
use crate::model::secret::names_secret;

/// The value that undeclares what lower layers declare.
pub(super) const INHERIT: &str = "inherit";

/// Texts, each with the node it comes from.
pub(super) type Texts<'n, 't> = Vec<(Cow<'n, str>, &'n Node<'t>)>;

/// Whether variables count in what is being read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum VariableScope {
    /// Part of the run: variables are read.
    Effective,
    /// Another profile's: it is checked, but dev needs no secret of prod.
    OtherProfile,
}

/// A field whose value is being read.
#[derive(Debug, Clone, Copy)]
pub(super) struct FieldRef<'a> {
    pub(super) name: &'a str,
    pub(super) span: TextSpan,
    is_client_property: bool,
}

impl<'a> FieldRef<'a> {
    pub(super) fn of_entry(entry: &'a NodeEntry<'_>) -> Self {
        Self {
            name: &entry.key.text,
            span: entry.key.span,
            is_client_property: false,
        }
    }

    /// One whose name is never repeated either.
    pub(super) fn client_property(entry: &'a NodeEntry<'_>) -> Self {
        Self {
            is_client_property: true,
            ..Self::of_entry(entry)
        }
    }
}

/// Reads one file.
pub(super) struct Reader<'f, 't, 'c, 'e> {
    pub(super) file: &'f Parsed<'t>,
    pub(super) context: &'c mut ReadContext<'e>,
    pub(super) scope: VariableScope,
}

impl<'f, 't, 'c, 'e> Reader<'f, 't, 'c, 'e> {
    pub(super) fn new(file: &'f Parsed<'t>, context: &'c mut ReadContext<'e>) -> Self {
        Self {
            file,
            context,
            scope: VariableScope::Effective,
        }
    }

    pub(super) fn place(&self, span: TextSpan) -> Place {
        self.file.text.place(span.line, span.column)
    }

    pub(super) fn at(&self, span: TextSpan) -> Location {
        Location::Place(self.place(span))
    }

    pub(super) fn report(&mut self, problem: Problem) {
        self.context.report.add(problem);
    }

    /// The place of what stands `offset` characters into the text of a value.
    pub(super) fn place_in(&self, node: &Node<'_>, text: &str, offset: usize) -> Place {
        match &node.content {
            Content::Scalar(written) if written == text => place_inside(self.file, node.span, text, offset),
            _ => self.place(node.span),
        }
    }

    /// The field in a sentence. Names that topicctl and Kafka themselves give are no secrets, whatever else
    /// is on their line.
    pub(super) fn name(&self, field: FieldRef<'_>) -> String {
        if field.is_client_property {
            return "a property under `client`".to_owned();
        }
        if fields::is_given(field.name) {
            return format!("`{}`", field.name);
        }
        self.file.quoted(field.span, field.name, "this field")
    }

    /// A value in backticks, unless it may not be shown.
    pub(super) fn value(&self, node: &Node<'_>, text: &str) -> String {
        self.file.quoted(node.span, text, "this value")
    }

    /// Whether a value may be repeated in a message.
    pub(super) fn may_show(&self, node: &Node<'_>, text: &str) -> bool {
        self.file.shown(node.span, text).is_some()
    }

    /// `, not …` for the end of a sentence that says what a value must be.
    pub(super) fn but_not(&self, node: &Node<'_>, text: &str) -> String {
        match self.file.shown(node.span, text) {
            None => String::new(),
            Some(shown) if shown.is_empty() => ", not empty".to_owned(),
            Some(shown) => format!(", not `{shown}`"),
        }
    }

    /// The text of a single value, environment put in. `None` if it is not known, for a reason that was
    /// reported or is none of the user's doing.
    pub(super) fn text<'n>(&mut self, field: FieldRef<'_>, node: &'n Node<'_>) -> Option<Cow<'n, str>> {
        match &node.content {
            Content::Scalar(text) => self.read(field, node.span, text),
            Content::Null => {
                self.no_value(field);
                None
            }
            Content::Sequence(_) | Content::Mapping(_) => {
                self.wrong_kind(field, node, "a single value");
                None
            }
        }
    }

    /// Everything but client properties, and configs whose keys name secrets, is shown somewhere.
    fn read<'n>(&mut self, field: FieldRef<'_>, span: TextSpan, text: &'n str) -> Option<Cow<'n, str>> {
        let is_shown = !field.is_client_property && !names_secret(field.name);
        match self.file.carrier(text).filter(|_| is_shown) {
            Some((name, offset, how)) => {
                let place = place_of_variable(self.file, span, text, name, offset);
                let message =
                    format!("the variable `{name}` holds a secret {how}, and what stands here is shown");
                let problem = Problem::error(Location::Place(place), message);
                self.report(problem.suggest("read it from a variable that holds no secret"));
                None
            }
            None => self.expand(field, span, text),
        }
    }

    fn expand<'n>(&mut self, field: FieldRef<'_>, span: TextSpan, text: &'n str) -> Option<Cow<'n, str>> {
        if self.scope == VariableScope::OtherProfile {
            match expand::check(text) {
                Err(malformed) => self.malformed(span, text, malformed),
                Ok(()) if expand::refers(text) => {}
                Ok(()) => return Some(undoubled(text)),
            }
            return None;
        }
        let file = self.file;
        let place = |name: &str, offset| place_of_variable(file, span, text, name, offset);
        let is_login_module = field.is_client_property && field.name == "sasl.jaas.config";
        let expanded = if is_login_module {
            self.context.variables.expand_login_module(text, place)
        } else {
            self.context.variables.expand(text, place)
        };
        match expanded {
            Ok(Expanded::Text(expanded)) => {
                if self.context.variables.are_of_untrusted() && expand::reads(text) {
                    self.default_counts(span);
                }
                Some(expanded)
            }
            Ok(Expanded::Unknown) => None,
            Ok(Expanded::NoText(name, offset)) => {
                let message = format!("the environment variable `{name}` does not hold UTF-8 text");
                self.report(Problem::error(Location::Place(place(name, offset)), message));
                None
            }
            Ok(Expanded::Unset(variables)) => {
                for (name, offset) in variables {
                    self.unset(name, place(name, offset));
                }
                None
            }
            Err(malformed) => {
                self.malformed(span, text, malformed);
                None
            }
        }
    }

    fn default_counts(&mut self, span: TextSpan) {
        let message = "variables are not read, since the file is not trusted: the default counts";
        let problem = Problem::warning(self.at(span), message);
        self.report(problem.suggest("where the variable is set, the plan is another one"));
    }

    fn unset(&mut self, name: &str, place: Place) {
        if self.context.variables.are_of_untrusted() {
            let message =
                format!("the environment variable `{name}` is not read, since the file is not trusted");
            let suggestion = "write the value itself, or give the variable a default";
            self.report(Problem::error(Location::Place(place), message).suggest(suggestion));
            return;
        }
        let message = format!("the environment variable `{name}` is not set");
        let suggestion = format!("set it, or give it a default: `${{{name}:-…}}`");
        self.report(Problem::error(Location::Place(place), message).suggest(suggestion));
    }

    fn malformed(&mut self, span: TextSpan, text: &str, malformed: MalformedReference) {
        let place = place_inside(self.file, span, text, malformed.offset);
        self.report(Problem::error(Location::Place(place), malformed.why).suggest(malformed.suggestion));
    }

    fn no_value(&mut self, field: FieldRef<'_>) {
        let message = format!("{} has no value", self.name(field));
        let problem = Problem::error(self.at(field.span), message);
        self.report(problem.suggest("write a value, or leave the field out"));
    }

    pub(super) fn wrong_kind(&mut self, field: FieldRef<'_>, node: &Node<'_>, wanted: &str) {
        let message = format!(
            "{} must be {wanted}, not {}",
            self.name(field),
            node.content.noun()
        );
        let problem = Problem::error(self.at(node.span), message);
        self.report(problem);
    }

    /// What a layer says of a single value; `parse` reports what it refuses.
    pub(super) fn statement<T>(
        &mut self,
        entry: &NodeEntry<'_>,
        parse: impl FnOnce(&mut Self, &str) -> Option<T>,
    ) -> Statement<T> {
        let said = match self.text(FieldRef::of_entry(entry), &entry.value) {
            None => Setting::Unknown,
            Some(text) if text == INHERIT => Setting::Inherit,
            Some(text) => parse(self, &text).map_or(Setting::Unknown, Setting::Value),
        };
        Statement {
            said,
            place: self.place(entry.value.span),
        }
    }

    /// What a layer says of a list; `read` reports what it refuses.
    pub(super) fn list_statement<T>(
        &mut self,
        entry: &NodeEntry<'t>,
        read: impl FnOnce(&mut Self, &[(Cow<'_, str>, &Node<'t>)]) -> T,
    ) -> Statement<T> {
        let said = match self.texts(FieldRef::of_entry(entry), &entry.value).as_deref() {
            None => Setting::Unknown,
            Some([(text, _)]) if text == INHERIT => Setting::Inherit,
            Some(texts) => Setting::Value(read(self, texts)),
        };
        Statement {
            said,
            place: self.place(entry.value.span),
        }
    }

    /// The entries of a mapping. One without any may be left empty: in YAML that is what remains when they
    /// are commented out.
    pub(super) fn entries(&mut self, field: FieldRef<'_>, node: &Node<'t>) -> Option<Rc<[NodeEntry<'t>]>> {
        match &node.content {
            Content::Mapping(entries) => Some(Rc::clone(entries)),
            Content::Null => Some(Rc::default()),
            Content::Scalar(_) | Content::Sequence(_) => {
                self.wrong_kind(field, node, "a mapping");
                None
            }
        }
    }

    /// The texts of a list, which like a mapping may be left empty; a single value is a list of one. `None` if
    /// any of them is not known.
    pub(super) fn texts<'n>(&mut self, field: FieldRef<'_>, node: &'n Node<'t>) -> Option<Texts<'n, 't>> {
        let items = match &node.content {
            Content::Sequence(items) => items,
            Content::Scalar(text) => return Some(vec![(self.read(field, node.span, text)?, node)]),
            Content::Null => return Some(Vec::new()),
            Content::Mapping(_) => {
                self.wrong_kind(field, node, "a list");
                return None;
            }
        };
        let mut texts = Some(Vec::with_capacity(items.len()));
        for item in items.iter() {
            let text = self.item_text(field, item);
            texts = texts.zip(text).map(|(mut texts, text)| {
                texts.push((text, item));
                texts
            });
        }
        texts
    }

    fn item_text<'n>(&mut self, field: FieldRef<'_>, item: &'n Node<'_>) -> Option<Cow<'n, str>> {
        if let Content::Scalar(text) = &item.content {
            return self.read(field, item.span, text);
        }
        let message = format!(
            "an item of {} must be a single value, not {}",
            self.name(field),
            item.content.noun()
        );
        let problem = Problem::error(self.at(item.span), message);
        self.report(problem);
        None
    }

    pub(super) fn unknown_field(&mut self, section: ManifestSection, field: FieldRef<'_>) {
        let place = self.at(field.span);
        let problem = match self.file.shown(field.span, field.name) {
            Some(name) => Problem::error(place, format!("unknown field `{name}` in {}", section.phrase()))
                .suggest(fields::meant_field(section, field.name)),
            None => Problem::error(place, format!("unknown field in {}", section.phrase())),
        };
        self.report(problem);
    }

    /// Variables are read in values only; in a key they would be taken literally, which nobody means.
    pub(super) fn key_is_plain(&mut self, field: FieldRef<'_>) -> bool {
        if !expand::refers(field.name) {
            return true;
        }
        let problem = Problem::error(self.at(field.span), "variables are read in values, not in keys");
        self.report(problem.suggest("write the key itself"));
        false
    }
}

/// `$$` as the dollar it stands for, in a text without references.
fn undoubled(text: &str) -> Cow<'_, str> {
    if text.contains('$') {
        Cow::Owned(text.replace("$$", "$"))
    } else {
        Cow::Borrowed(text)
    }
}
