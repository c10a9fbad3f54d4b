//! Parser events to a tree of [`Node`]s, inside bounds: a few lines of aliases can stand for more values
//! than fit into memory, so what they stand for is counted and not built.

use std::borrow::Cow;
use std::collections::HashMap;

use saphyr_parser::{Event, Marker, Parser, ScalarStyle, ScanError};

use super::borrow::YamlSource;
use super::node::{Content, Node, NodeEntry, NodeKey, TextSpan};
use super::report::PROBLEMS_MAX;

/// The most that one file may weigh, what aliases repeat counted each time. A value weighs one, and one
/// more for every [`BYTES_PER_WEIGHT`] bytes of its text.
pub(super) const WEIGHT_MAX: usize = 2_000_000;

/// A description of 8 MiB that a hundred thousand aliases repeat is a bomb as well.
const BYTES_PER_WEIGHT: usize = 32;

/// The deepest nesting. A manifest has seven levels.
pub(super) const DEPTH_MAX: usize = 64;

/// What a file's text turned out to be.
#[derive(Debug)]
pub(super) struct Composed<'t> {
    /// The document; `None` if there is none, or if it could not be understood.
    pub(super) root: Option<Node<'t>>,
    /// What is wrong with it and leaves the rest readable.
    pub(super) flaws: Vec<YamlFlaw>,
    /// Entries that are not in the tree, since something is wrong with their keys. They may hold secrets.
    pub(super) dropped: Vec<NodeEntry<'t>>,
    /// What ended the reading.
    pub(super) fatal: Option<Fatal>,
}

/// YAML that a manifest has no use for.
#[derive(Debug)]
pub(super) struct YamlFlaw {
    pub(super) span: TextSpan,
    pub(super) kind: FlawKind,
}

#[derive(Debug)]
pub(super) enum FlawKind {
    DuplicateKey { key: String, first: TextSpan },
    KeyIsNoText(&'static str),
    MergeKey,
    Tag,
    SecondDocument,
}

#[derive(Debug)]
pub(super) enum Fatal {
    Syntax(ScanError),
    TooDeep(TextSpan),
    TooHeavy(TextSpan),
    AliasInsideItself(TextSpan),
}

/// Reads the first document of `text`.
pub(super) fn compose(text: &str) -> Composed<'_> {
    let mut composer = Composer {
        source: YamlSource::new(text),
        ..Composer::default()
    };
    let fatal = composer.run(Parser::new_from_str(text)).err();
    Composed {
        root: composer.root.filter(|_| fatal.is_none()),
        flaws: composer.flaws,
        dropped: composer.dropped,
        fatal,
    }
}

#[derive(Default)]
struct Composer<'t> {
    source: YamlSource<'t>,
    open: Vec<OpenCollection<'t>>,
    anchors: HashMap<usize, Built<'t>>,
    flaws: Vec<YamlFlaw>,
    dropped: Vec<NodeEntry<'t>>,
    weight: usize,
    root: Option<Node<'t>>,
}

/// A value that is complete, and what it weighs.
#[derive(Clone)]
struct Built<'t> {
    node: Node<'t>,
    /// Everything in it, itself included, aliases counted as what they stand for.
    weight: usize,
    /// Levels in it, itself included.
    height: usize,
}

/// A collection whose end has not come yet.
struct OpenCollection<'t> {
    items: Items<'t>,
    span: TextSpan,
    anchor: usize,
    weight: usize,
    height: usize,
}

enum Items<'t> {
    Sequence(Vec<Node<'t>>),
    Mapping {
        entries: Vec<NodeEntry<'t>>,
        key: Option<PendingKey<'t>>,
    },
}

/// A key that waits for its value.
enum PendingKey<'t> {
    Usable(NodeKey<'t>),
    /// It was reported; its value goes with it.
    Unusable(TextSpan),
}

impl<'t> Composer<'t> {
    fn run(&mut self, mut parser: Parser<'t, saphyr_parser::StrInput<'t>>) -> Result<(), Fatal> {
        while let Some(event) = parser.next_event() {
            let (mut event, span) = event.map_err(Fatal::Syntax)?;
            if let Event::Scalar(text, ..) = &mut event {
                self.source.borrow(text, span.start.index());
            }
            let span = located(span.start, span.end);
            if matches!(event, Event::DocumentStart(_)) && self.root.is_some() {
                self.flaw(span, FlawKind::SecondDocument);
                return Ok(());
            }
            self.add_event(event, span)?;
        }
        Ok(())
    }

    fn add_event(&mut self, event: Event<'t>, span: TextSpan) -> Result<(), Fatal> {
        match event {
            Event::Scalar(text, style, anchor, tag) => {
                self.tag(tag.is_some(), span);
                self.scalar(text, style, anchor, span)
            }
            Event::SequenceStart(anchor, tag) => {
                self.tag(tag.is_some(), span);
                self.start(Items::Sequence(Vec::new()), anchor, span)
            }
            Event::MappingStart(anchor, tag) => {
                self.tag(tag.is_some(), span);
                self.start(
                    Items::Mapping {
                        entries: Vec::new(),
                        key: None,
                    },
                    anchor,
                    span,
                )
            }
            Event::SequenceEnd | Event::MappingEnd => {
                self.end(span);
                Ok(())
            }
            Event::Alias(anchor) => self.alias(anchor, span),
            Event::Nothing
            | Event::StreamStart
            | Event::StreamEnd
            | Event::DocumentStart(_)
            | Event::DocumentEnd => Ok(()),
        }
    }

    fn scalar(
        &mut self,
        text: Cow<'t, str>,
        style: ScalarStyle,
        anchor: usize,
        span: TextSpan,
    ) -> Result<(), Fatal> {
        let weight = 1 + text.len() / BYTES_PER_WEIGHT;
        let is_null = style == ScalarStyle::Plain && matches!(&*text, "" | "~" | "null" | "Null" | "NULL");
        let content = if is_null {
            Content::Null
        } else {
            Content::Scalar(text)
        };
        self.count(weight, span)?;
        self.complete(
            Built {
                node: Node { content, span },
                weight,
                height: 1,
            },
            anchor,
        );
        Ok(())
    }

    fn start(&mut self, items: Items<'t>, anchor: usize, span: TextSpan) -> Result<(), Fatal> {
        if self.open.len() >= DEPTH_MAX {
            return Err(Fatal::TooDeep(span));
        }
        self.count(1, span)?;
        self.open.push(OpenCollection {
            items,
            span,
            anchor,
            weight: 1,
            height: 1,
        });
        Ok(())
    }

    fn end(&mut self, end: TextSpan) {
        let Some(open) = self.open.pop() else {
            return;
        };
        // A block ends where the next thing begins; what is in brackets ends with its bracket.
        let is_block = (end.line, end.column) == (end.end_line, end.end_column);
        let end_line = end
            .end_line
            .saturating_sub(u32::from(is_block))
            .max(open.span.line);
        let span = TextSpan {
            end_line,
            end_column: end.end_column,
            ..open.span
        };
        let content = match open.items {
            Items::Sequence(nodes) => Content::Sequence(nodes.into()),
            Items::Mapping { entries, .. } => Content::Mapping(self.unique(entries).into()),
        };
        let built = Built {
            node: Node { content, span },
            weight: open.weight,
            height: open.height,
        };
        self.complete(built, open.anchor);
    }

    fn alias(&mut self, anchor: usize, span: TextSpan) -> Result<(), Fatal> {
        // The parser has refused unknown anchors: one that is not built yet is being built right now.
        let Some(built) = self.anchors.get(&anchor).cloned() else {
            return Err(Fatal::AliasInsideItself(span));
        };
        if self.open.len() + built.height > DEPTH_MAX {
            return Err(Fatal::TooDeep(span));
        }
        self.count(built.weight, span)?;
        self.complete(built, 0);
        Ok(())
    }

    fn count(&mut self, weight: usize, span: TextSpan) -> Result<(), Fatal> {
        self.weight = self.weight.saturating_add(weight);
        if self.weight > WEIGHT_MAX {
            Err(Fatal::TooHeavy(span))
        } else {
            Ok(())
        }
    }

    /// Hands a complete value to the collection around it.
    fn complete(&mut self, built: Built<'t>, anchor: usize) {
        if anchor > 0 {
            self.anchors.insert(anchor, built.clone());
        }
        let Some(around) = self.open.last_mut() else {
            self.root = Some(built.node);
            return;
        };
        around.weight = around.weight.saturating_add(built.weight);
        around.height = around.height.max(built.height + 1);
        match &mut around.items {
            Items::Sequence(nodes) => nodes.push(built.node),
            Items::Mapping { entries, key } => match key.take() {
                Some(PendingKey::Usable(key)) => entries.push(NodeEntry {
                    key,
                    value: built.node,
                }),
                Some(PendingKey::Unusable(span)) => {
                    let key = NodeKey {
                        text: Cow::Borrowed(""),
                        span,
                    };
                    self.dropped.push(NodeEntry {
                        key,
                        value: built.node,
                    });
                }
                None => *key = Some(pending(built.node, &mut self.flaws)),
            },
        }
    }

    /// Of keys that occur twice the first stays.
    fn unique(&mut self, entries: Vec<NodeEntry<'t>>) -> Vec<NodeEntry<'t>> {
        let repeated = repeated(&entries);
        if repeated.is_empty() {
            return entries;
        }
        let mut repeated = repeated.into_iter().peekable();
        let mut kept = Vec::with_capacity(entries.len());
        for (index, entry) in entries.into_iter().enumerate() {
            match repeated.next_if(|(again, _)| *again == index) {
                None => kept.push(entry),
                Some((_, first)) => {
                    let key = entry.key.text.to_string();
                    self.flaw(entry.key.span, FlawKind::DuplicateKey { key, first });
                    self.dropped.push(entry);
                }
            }
        }
        kept
    }

    fn tag(&mut self, tagged: bool, span: TextSpan) {
        if tagged {
            self.flaw(span, FlawKind::Tag);
        }
    }

    fn flaw(&mut self, span: TextSpan, kind: FlawKind) {
        if self.flaws.len() < PROBLEMS_MAX {
            self.flaws.push(YamlFlaw { span, kind });
        }
    }
}

/// The indexes of entries whose key an earlier one has, in order, and where that one stands.
fn repeated(entries: &[NodeEntry<'_>]) -> Vec<(usize, TextSpan)> {
    let key = |index: usize| &entries[index].key;
    let mut order: Vec<usize> = (0..entries.len()).collect();
    order.sort_by(|one, other| key(*one).text.cmp(&key(*other).text).then(one.cmp(other)));
    let mut repeated = Vec::new();
    for same in order.chunk_by(|one, other| key(*one).text == key(*other).text) {
        if let [first, again @ ..] = same {
            repeated.extend(again.iter().map(|again| (*again, key(*first).span)));
        }
    }
    repeated.sort_unstable_by_key(|(index, _)| *index);
    repeated
}

fn pending<'t>(node: Node<'t>, flaws: &mut Vec<YamlFlaw>) -> PendingKey<'t> {
    let kind = match node.content {
        Content::Scalar(text) if text != "<<" => {
            return PendingKey::Usable(NodeKey {
                text,
                span: node.span,
            });
        }
        Content::Scalar(_) => FlawKind::MergeKey,
        other @ (Content::Null | Content::Sequence(_) | Content::Mapping(_)) => {
            FlawKind::KeyIsNoText(other.noun())
        }
    };
    if flaws.len() < PROBLEMS_MAX {
        flaws.push(YamlFlaw {
            span: node.span,
            kind,
        });
    }
    PendingKey::Unusable(node.span)
}

/// The parser counts columns from 0.
pub(super) fn located(start: Marker, end: Marker) -> TextSpan {
    let narrow = |number: usize| u32::try_from(number).unwrap_or(u32::MAX);
    TextSpan {
        line: narrow(start.line()),
        column: narrow(start.col()).saturating_add(1),
        end_line: narrow(end.line()),
        end_column: narrow(end.col()).saturating_add(1),
    }
}
