//! Sentences of ours with words of others in them. Text and JSON show both alike; in Markdown the words of others
//! are code, so that no link, mention or reference comes of them.

use std::fmt;

use crate::model::printable;

/// What stands around the words of others. Unicode keeps both for such use, and [`printable`] lets neither pass.
const BEGIN: char = '\u{fdd0}';
const END: char = '\u{fdd1}';

/// Marks words of others: for texts that become a [`Sentence`], and nowhere else.
pub(super) fn foreign(words: &str) -> String {
    format!("{BEGIN}{}{END}", printable(words))
}

/// A sentence that knows which of its words are foreign.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Sentence(String);

/// A piece of a sentence.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum SentencePart<'s> {
    Own(&'s str),
    Foreign(&'s str),
}

impl Sentence {
    /// Its pieces in order; none is empty.
    pub(super) fn parts(&self) -> impl Iterator<Item = SentencePart<'_>> {
        let pieces = self.0.split(BEGIN).map(|piece| piece.split_once(END));
        let owns = self.0.split(BEGIN);
        let parts = pieces.zip(owns).flat_map(|(marked, whole)| match marked {
            Some((foreign, own)) => [SentencePart::Foreign(foreign), SentencePart::Own(own)],
            None => [SentencePart::Own(whole), SentencePart::Own("")],
        });
        parts.filter(|part| !part.text().is_empty())
    }
}

impl<'s> SentencePart<'s> {
    /// Its words.
    pub(super) fn text(self) -> &'s str {
        match self {
            Self::Own(text) | Self::Foreign(text) => text,
        }
    }
}

impl From<String> for Sentence {
    fn from(text: String) -> Self {
        Self(text)
    }
}

impl fmt::Display for Sentence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.parts().try_for_each(|part| f.write_str(part.text()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_words_of_others_are_told_apart_and_shown_alike() {
        let text = format!("refused: {}; by {}", foreign("no\n\u{fdd1}@x"), foreign("b"));
        let sentence = Sentence::from(text);
        let parts: Vec<SentencePart<'_>> = sentence.parts().collect();
        assert_eq!(
            parts,
            [
                SentencePart::Own("refused: "),
                SentencePart::Foreign("no \u{fffd}@x"),
                SentencePart::Own("; by "),
                SentencePart::Foreign("b"),
            ]
        );
        assert_eq!(sentence.to_string(), "refused: no \u{fffd}@x; by b");
        assert_eq!(Sentence::from("all ours".to_owned()).parts().count(), 1);
    }
}
