//! Which text of a file may be repeated in messages. A manifest holds credentials under `client`, and by
//! accident elsewhere; the log of a CI job is no place for them.
//!
//! A line is withheld if it is part of a `client` block, if it names a secret, or if it continues a value
//! whose key names one. Whether a file that cannot be parsed holds such lines cannot be told, so
//! there a single mention withholds everything.

use std::cell::{OnceCell, RefCell};
use std::collections::{BTreeSet, HashMap, HashSet};
use std::rc::Rc;

use super::node::{Content, Node, NodeEntry, TextSpan};
use super::problem::{Excerpt, Withheld};
use super::text::{SourceText, printable};
use super::{expand, secret};
use crate::model::secret::names_secret;

/// The longest text that is repeated inside a sentence, in characters.
const QUOTE_MAX: usize = 60;

/// A file's text, its tree, and what of it may be shown.
#[derive(Debug)]
pub(super) struct Parsed<'t> {
    pub(super) text: &'t SourceText,
    /// `None` if the text could not be understood.
    pub(super) root: Option<Node<'t>>,
    /// What was left out of the tree.
    dropped: Vec<NodeEntry<'t>>,
    /// Found out when the first problem asks.
    hidden: OnceCell<Hidden>,
    /// Variables that hold secrets, by what reads them in any file.
    carriers: Rc<BTreeSet<String>>,
    /// What the words of a line told: many problems can be in one line.
    told: RefCell<HashMap<u32, Option<Withheld>>>,
}

#[derive(Debug)]
enum Hidden {
    Everything,
    /// By line, from 1; lines that name a secret are not marked, since that is seen from the line.
    Lines(Vec<Option<Withheld>>),
}

impl<'t> Parsed<'t> {
    pub(super) fn new(text: &'t SourceText, root: Option<Node<'t>>, dropped: Vec<NodeEntry<'t>>) -> Self {
        Self {
            text,
            root,
            dropped,
            hidden: OnceCell::new(),
            carriers: Rc::default(),
            told: RefCell::default(),
        }
    }

    /// Tells which variables hold secrets.
    pub(super) fn with_carriers(self, carriers: &Rc<BTreeSet<String>>) -> Self {
        Self {
            carriers: Rc::clone(carriers),
            ..self
        }
    }

    /// The first variable in the text that holds a secret, with the offset of its reference, and how that is known.
    pub(super) fn carrier<'a>(&self, text: &'a str) -> Option<(&'a str, usize, &'static str)> {
        let carries = |(name, offset): (&'a str, usize)| {
            if self.carriers.contains(name) {
                Some((name, offset, "by its use elsewhere in the manifest"))
            } else if names_secret(name) {
                Some((name, offset, "by its name"))
            } else {
                None
            }
        };
        expand::references(text).into_iter().find_map(carries)
    }

    /// Collects the variables from which secrets are read.
    pub(super) fn find_carriers(&self, carriers: &mut BTreeSet<String>) {
        if let Some(root) = self.root.as_ref().filter(|_| expand::refers(self.text.content())) {
            find_carriers(root, carriers);
        }
    }

    /// The line of a problem, or why it is not shown.
    pub(super) fn excerpt(&self, line: u32, column: u32) -> Excerpt {
        match self.withheld(line) {
            Some(why) => Excerpt::Withheld(why),
            None => self
                .text
                .excerpt(line, column)
                .map_or(Excerpt::None, Excerpt::Line),
        }
    }

    /// `text`, which stands at `span`, in backticks, or what to say in its stead.
    pub(super) fn quoted(&self, span: TextSpan, text: &str, otherwise: &str) -> String {
        match self.shown(span, text) {
            None => otherwise.to_owned(),
            Some(shown) if shown.is_empty() => "an empty text".to_owned(),
            Some(shown) => format!("`{shown}`"),
        }
    }

    /// `text`, which stands at `span`, unless it has to stay unseen.
    pub(super) fn shown(&self, span: TextSpan, text: &str) -> Option<String> {
        let hidden = (span.line..=span.end_line).any(|line| self.withheld(line).is_some());
        if hidden || names_secret(text) {
            return None;
        }
        let mut shown = printable(&text.chars().take(QUOTE_MAX).collect::<String>());
        if text.chars().nth(QUOTE_MAX).is_some() {
            shown.push('…');
        }
        Some(shown)
    }

    /// Whether `text` may be repeated, which stands on this line.
    pub(super) fn may_show(&self, line: u32, text: &str) -> bool {
        self.withheld(line).is_none() && !names_secret(text)
    }

    fn withheld(&self, line: u32) -> Option<Withheld> {
        match self.hidden.get_or_init(|| self.find_hidden()) {
            Hidden::Everything => Some(Withheld::Unparsed),
            Hidden::Lines(lines) => {
                let marked = lines.get(line as usize).copied().flatten();
                let told = || {
                    *self
                        .told
                        .borrow_mut()
                        .entry(line)
                        .or_insert_with(|| self.withheld_by_words(self.text.line(line)))
                };
                marked.or_else(told)
            }
        }
    }

    fn withheld_by_words(&self, line: &str) -> Option<Withheld> {
        let carries = expand::refers(line) && self.carriers.iter().any(|name| line.contains(name.as_str()));
        let by_variable = carries.then_some(Withheld::NamesSecret);
        by_variable.or_else(|| withheld_by_words(line))
    }

    fn find_hidden(&self) -> Hidden {
        match &self.root {
            Some(root) => Hidden::Lines(Marker::mark(root, &self.dropped)),
            None if mentions_client(self.text.content()) || names_secret(self.text.content()) => {
                Hidden::Everything
            }
            None => Hidden::Lines(Vec::new()),
        }
    }
}

/// What is read for a secret; of a login module, what its options read that hold one.
fn find_carriers(node: &Node<'_>, carriers: &mut BTreeSet<String>) {
    match &node.content {
        Content::Null | Content::Scalar(_) => {}
        Content::Sequence(nodes) => nodes.iter().for_each(|node| find_carriers(node, carriers)),
        Content::Mapping(entries) => {
            for entry in entries.iter() {
                match &entry.value.content {
                    Content::Scalar(text) if names_secret(&entry.key.text) => {
                        let names = secret::variables(&entry.key.text, text);
                        carriers.extend(names.into_iter().map(str::to_owned));
                    }
                    Content::Null | Content::Scalar(_) | Content::Sequence(_) | Content::Mapping(_) => {
                        find_carriers(&entry.value, carriers);
                    }
                }
            }
        }
    }
}

/// Marks the lines that the tree shows to be secret.
#[derive(Default)]
struct Marker {
    lines: Vec<Option<Withheld>>,
    /// Values that aliases repeat stand in one place and are marked once.
    done: HashSet<(u32, u32)>,
}

impl Marker {
    fn mark(root: &Node<'_>, dropped: &[NodeEntry<'_>]) -> Vec<Option<Withheld>> {
        let mut marker = Self::default();
        marker.search(root);
        for entry in dropped {
            marker.entry(entry);
        }
        marker.lines
    }

    /// The depth of the tree is bounded, so recursion is.
    fn search(&mut self, node: &Node<'_>) {
        match &node.content {
            Content::Null | Content::Scalar(_) => {}
            Content::Sequence(nodes) => nodes.iter().for_each(|node| self.search(node)),
            Content::Mapping(entries) => {
                entries.iter().for_each(|entry| self.entry(entry));
            }
        }
    }

    fn entry(&mut self, entry: &NodeEntry<'_>) {
        if entry.key.text == "client" {
            self.hide(&entry.value, Withheld::Client);
        } else if names_secret(&entry.key.text) {
            self.hide(&entry.value, Withheld::NamesSecret);
        } else {
            self.search(&entry.value);
        }
    }

    fn hide(&mut self, node: &Node<'_>, why: Withheld) {
        if !self.done.insert((node.span.line, node.span.column)) {
            return;
        }
        // The whole block, and what aliases in it bring from elsewhere.
        self.hide_lines(node.span, why);
        match &node.content {
            Content::Null | Content::Scalar(_) => {}
            Content::Sequence(nodes) => nodes.iter().for_each(|node| self.hide(node, why)),
            Content::Mapping(entries) => {
                for entry in entries.iter() {
                    self.hide_lines(entry.key.span, why);
                    self.hide(&entry.value, why);
                }
            }
        }
    }

    fn hide_lines(&mut self, span: TextSpan, why: Withheld) {
        let end = span.end_line.max(span.line) as usize;
        if self.lines.len() <= end {
            self.lines.resize(end + 1, None);
        }
        self.lines[span.line as usize..=end].fill(Some(why));
    }
}

/// What the words of a line alone tell. That it continues a block is seen from the tree.
fn withheld_by_words(line: &str) -> Option<Withheld> {
    if names_secret(line) {
        return Some(Withheld::NamesSecret);
    }
    let opens_block = |(start, _): (usize, &str)| {
        let after = line[start + "client".len()..].trim_start_matches(['"', '\'', ' ']);
        after
            .strip_prefix(':')
            .is_some_and(|inside| !inside.trim().is_empty())
    };
    line.match_indices("client")
        .any(opens_block)
        .then_some(Withheld::Client)
}

/// Whether `client` stands anywhere as a word of its own.
fn mentions_client(text: &str) -> bool {
    let in_name = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-');
    text.split(|c: char| !in_name(c)).any(|word| word == "client")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_word_client_is_a_client_block() {
        assert!(mentions_client("profiles:\n  dev: {\"client\": {}}"));
        assert!(!mentions_client(
            "name: client-events\nname: my.client\n# clients"
        ));
    }
}
