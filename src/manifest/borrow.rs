//! Scalars as slices of the text they stand in.

use std::borrow::Cow;

/// The text that is parsed. The parser copies every scalar; those that stand in the text as they are need no
/// copy, and a manifest of ten thousand topics has a hundred thousand of them.
#[derive(Default)]
pub(super) struct YamlSource<'t> {
    text: &'t str,
    is_ascii: bool,
    /// The parser counts characters. So far it came to this many, which are this many bytes.
    characters: usize,
    bytes: usize,
}

impl<'t> YamlSource<'t> {
    pub(super) fn new(text: &'t str) -> Self {
        Self {
            text,
            is_ascii: text.is_ascii(),
            characters: 0,
            bytes: 0,
        }
    }

    /// Replaces a scalar's text, which begins at this character, by the same text in the source.
    pub(super) fn borrow(&mut self, scalar: &mut Cow<'t, str>, character: usize) {
        let start = self.byte(character);
        // Quoted text begins after its quote.
        for start in [start, start.saturating_add(1)] {
            let source = self.text.get(start..start.saturating_add(scalar.len()));
            if let Some(source) = source.filter(|source| source == scalar) {
                *scalar = Cow::Borrowed(source);
                return;
            }
        }
    }

    fn byte(&mut self, character: usize) -> usize {
        if self.is_ascii {
            return character;
        }
        let ahead = character.saturating_sub(self.characters);
        let rest = self.text.get(self.bytes..).unwrap_or_default();
        self.bytes += rest.chars().take(ahead).map(char::len_utf8).sum::<usize>();
        self.characters += ahead;
        self.bytes
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn borrowed(text: &str, scalar: &str, character: usize) -> bool {
        let mut source = YamlSource::new(text);
        let mut found = Cow::Owned(scalar.to_owned());
        source.borrow(&mut found, character);
        assert_eq!(found, scalar);
        matches!(found, Cow::Borrowed(_))
    }

    #[test]
    fn text_that_stands_in_the_source_is_borrowed() {
        assert!(borrowed("name: orders", "orders", 6));
        assert!(borrowed("name: 'orders'", "orders", 6));
        assert!(borrowed("größe: 'ü'", "ü", 7));
        assert!(!borrowed("name: \"a\\tb\"", "a\tb", 6));
        assert!(!borrowed("name: orders", "orders", 100));
    }

    #[test]
    fn characters_and_bytes_are_told_apart_from_one_scalar_to_the_next() {
        let text = "ä: ö\nü: ß\n";
        let mut source = YamlSource::new(text);
        for (scalar, character) in [("ä", 0), ("ö", 3), ("ü", 5), ("ß", 8)] {
            let mut found = Cow::Owned(scalar.to_owned());
            source.borrow(&mut found, character);
            assert!(matches!(found, Cow::Borrowed(_)), "{scalar}");
        }
    }
}
