//! A YAML document as a tree that knows where each part stands. It has only what a manifest needs: keys
//! are text, no key occurs twice in a mapping, aliases are resolved, tags are gone. Whatever YAML can
//! do beyond that was reported by [`super::compose`].

use std::borrow::Cow;
use std::rc::Rc;

/// A stretch of text. Lines and columns count from 1, columns in characters; the end is exclusive.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct TextSpan {
    pub(super) line: u32,
    pub(super) column: u32,
    pub(super) end_line: u32,
    pub(super) end_column: u32,
}

/// A value. Cloning is cheap: collections are shared, which is how aliases cost nothing.
#[derive(Debug, Clone)]
pub(super) struct Node<'t> {
    pub(super) content: Content<'t>,
    pub(super) span: TextSpan,
}

#[derive(Debug, Clone)]
pub(super) enum Content<'t> {
    /// An unquoted nothing: an empty value, `~` or `null`.
    Null,
    /// Any other scalar. Whether it is a number is for its field to say.
    Scalar(Cow<'t, str>),
    Sequence(Rc<[Node<'t>]>),
    Mapping(Rc<[NodeEntry<'t>]>),
}

/// A key and its value in a mapping.
#[derive(Debug, Clone)]
pub(super) struct NodeEntry<'t> {
    pub(super) key: NodeKey<'t>,
    pub(super) value: Node<'t>,
}

#[derive(Debug, Clone)]
pub(super) struct NodeKey<'t> {
    pub(super) text: Cow<'t, str>,
    pub(super) span: TextSpan,
}

impl Content<'_> {
    /// What it is, for a sentence such as "must be a list, not …".
    pub(super) fn noun(&self) -> &'static str {
        match self {
            Self::Null => "nothing",
            Self::Scalar(_) => "a single value",
            Self::Sequence(_) => "a list",
            Self::Mapping(_) => "a mapping",
        }
    }
}
