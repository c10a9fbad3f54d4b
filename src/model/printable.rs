//! Text that somebody else wrote, made fit for a terminal and for a log: a broker's words are data, and must
//! not move the cursor, set the window's title, turn the direction of what follows, or begin a line of their own.

use std::borrow::Cow;
use std::fmt;
use std::ops::Deref;
use std::path::Path;
use std::sync::Arc;

use serde::{Serialize, Serializer};

/// What some runners of CI take for a command wherever it stands in a line: `##[group]`, `##vso[…]`,
/// `##teamcity[…]`.
const COMMAND: &str = "##";

/// Text of others that was made [`printable`] when it came in, such as the name of a file, of a profile, or a
/// broker's words. There is no other way to make one, so that nothing that is shown from it commands anything.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Printable(Arc<str>);

impl Printable {
    /// The name of a file or folder.
    pub fn path(path: &Path) -> Self {
        Self::from(&*path.to_string_lossy())
    }

    /// The text, to be shared.
    pub fn shared(&self) -> Arc<str> {
        Arc::clone(&self.0)
    }
}

impl From<&str> for Printable {
    fn from(text: &str) -> Self {
        Self(printable(text).into())
    }
}

impl From<String> for Printable {
    fn from(text: String) -> Self {
        Self::from(&*text)
    }
}

impl From<Arc<str>> for Printable {
    fn from(text: Arc<str>) -> Self {
        if is_printable(&text) {
            Self(text)
        } else {
            Self::from(&*text)
        }
    }
}

impl From<Printable> for Arc<str> {
    fn from(text: Printable) -> Self {
        text.0
    }
}

impl Deref for Printable {
    type Target = str;

    fn deref(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Printable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

impl fmt::Debug for Printable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&*self.0, f)
    }
}

impl Serialize for Printable {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

/// The text in one line, with a mark in the place of what cannot be seen.
pub fn printable(text: &str) -> Cow<'_, str> {
    if is_printable(text) {
        return Cow::Borrowed(text);
    }
    let marked: String = text.chars().map(printable_character).collect();
    Cow::Owned(match without_commands(&marked) {
        Cow::Borrowed(_) => marked,
        Cow::Owned(broken) => broken,
    })
}

fn is_printable(text: &str) -> bool {
    let is_plain = |byte: u8| matches!(byte, b' '..=b'~');
    let is_shown = |text: &str| text.chars().all(|c| printable_character(c) == c);
    (text.bytes().all(is_plain) || is_shown(text)) && matches!(without_commands(text), Cow::Borrowed(_))
}

/// A character as it can be shown: breaks and tabs are blanks, what controls a terminal or the direction
/// of text, or cannot be seen, is U+FFFD.
pub fn printable_character(character: char) -> char {
    match character {
        '\n' | '\r' | '\t' | '\u{85}' | '\u{2028}' | '\u{2029}' => ' ',
        unseen if is_unseen(unseen) => char::REPLACEMENT_CHARACTER,
        other => other,
    }
}

/// Whether a character controls a terminal or the direction of text, or leaves no trace of itself.
/// U+FE0F is not among them: it makes signs such as ⚠️ colored, and is seen by that.
pub fn is_unseen(character: char) -> bool {
    character.is_control()
        || matches!(
            character,
            '\u{ad}'
                | '\u{61c}'
                | '\u{115f}'..='\u{1160}'
                | '\u{17b4}'..='\u{17b5}'
                | '\u{180b}'..='\u{180f}'
                | '\u{200b}'..='\u{200f}'
                | '\u{2028}'..='\u{202e}'
                | '\u{2060}'..='\u{206f}'
                | '\u{3164}'
                | '\u{fdd0}'..='\u{fdef}'
                | '\u{feff}'
                | '\u{ffa0}'
                | '\u{fff0}'..='\u{fffb}'
                | '\u{1bca0}'..='\u{1bca3}'
                | '\u{1d173}'..='\u{1d17a}'
                | '\u{e0000}'..='\u{e0fff}'
        )
}

/// The text with a blank inside whatever a runner of CI could take for a command.
pub fn without_commands(text: &str) -> Cow<'_, str> {
    let mut whole = Cow::Borrowed(text);
    let mut from = 0;
    while let Some(at) = whole[from..].find(COMMAND) {
        from += at + 1;
        if begins_command(&whole[from + 1..]) {
            whole.to_mut().insert(from + 1, ' ');
        }
    }
    whole
}

/// Whether a command follows its `##`: letters, perhaps none, and a bracket.
pub fn begins_command(rest: &str) -> bool {
    rest.trim_start_matches(|c: char| c.is_ascii_alphabetic())
        .starts_with('[')
}

/// Text as one word of a shell's command line. A group may be called anything; a shell must not take its name for a
/// command.
pub fn shell_quoted(text: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "._-:,[]/".contains(c);
    if !text.is_empty() && text.chars().all(plain) {
        return text.to_owned();
    }
    format!("'{}'", printable(text).replace('\'', r"'\''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_controls_a_terminal_is_marked_and_breaks_are_blanks() {
        assert_eq!(
            printable("a\u{1b}[2Jb\nc\r\nd\u{7}\u{9b}\u{202e}e\u{2028}ü"),
            "a\u{fffd}[2Jb c  d\u{fffd}\u{fffd}\u{fffd}e ü"
        );
        assert!(matches!(printable("plain: \"text\""), Cow::Borrowed(_)));
    }

    #[test]
    fn what_is_not_seen_is_marked() {
        for unseen in [
            '\u{ad}',
            '\u{61c}',
            '\u{2066}',
            '\u{3164}',
            '\u{e0041}',
            '\u{fff9}',
            '\u{0}',
            '\u{7f}',
        ] {
            assert_eq!(
                printable(&format!("a{unseen}b")),
                "a\u{fffd}b",
                "U+{:04X}",
                u32::from(unseen)
            );
        }
        assert_eq!(printable("⚠\u{fe0f} é 漢"), "⚠\u{fe0f} é 漢");
    }

    #[test]
    fn a_command_of_a_runner_is_broken_wherever_it_stands() {
        assert_eq!(printable("no ##[error]x"), "no ## [error]x");
        assert_eq!(
            printable("##vso[task.x]###teamcity[y]"),
            "## vso[task.x]### teamcity[y]"
        );
        assert_eq!(printable("#\u{7}#[x]"), "#\u{fffd}#[x]");
        assert_eq!(printable("## heading, c##, [x]"), "## heading, c##, [x]");
    }
}
