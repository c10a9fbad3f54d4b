//! Text from outside in a Markdown page on GitHub: it is shown as it is, and is never markup, a
//! mention, a reference, a formula or HTML.

use crate::model::printable::printable_character;

/// Values longer than this many characters are cut; nobody reads them in a comment.
const LONGEST: usize = 500;

/// A value, a name or a place as a code span, in which nothing has a meaning.
pub(super) fn code(text: &str) -> String {
    let text = visible(text);
    let longest_run = text.split(|c| c != '`').map(str::len).max().unwrap_or(0);
    let fence = "`".repeat(longest_run + 1);
    // A span may not begin or end with its own fence, and loses one space at both ends.
    let pad = if text.starts_with(['`', ' ']) || text.ends_with(['`', ' ']) {
        " "
    } else {
        ""
    };
    format!("{fence}{pad}{text}{pad}{fence}")
}

/// A sentence, with whatever a broker put into it.
pub(super) fn sentence(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len() * 2);
    for character in visible(text).chars() {
        match character {
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '&' => escaped.push_str("&amp;"),
            '\\' | '`' | '*' | '_' | '[' | ']' | '|' | '~' => escaped.extend(['\\', character]),
            // No backslash keeps GitHub from a mention, a reference or a formula; a break in the text does.
            '@' | '#' | '$' => {
                escaped.push(character);
                escaped.push_str("<!-- -->");
            }
            _ => escaped.push(character),
        }
    }
    escaped
}

/// One line of bounded length, without what changes the direction of text or cannot be seen.
fn visible(text: &str) -> String {
    let mut characters = text.trim().chars();
    let mut line: String = characters
        .by_ref()
        .take(LONGEST)
        .map(printable_character)
        .collect();
    if characters.next().is_some() {
        line.push('…');
    }
    line
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_span_holds_any_text() {
        assert_eq!(code("7d"), "`7d`");
        assert_eq!(code("a`b"), "``a`b``");
        assert_eq!(code("`a``b"), "``` `a``b ```");
        assert_eq!(code("<b> | @x\n# y"), "`<b> | @x # y`");
        assert_eq!(code("a\u{202e}b\u{7}"), "`a\u{fffd}b\u{fffd}`");
    }

    #[test]
    fn a_sentence_is_never_markup() {
        assert_eq!(sentence("<b> & | `x`"), r"&lt;b&gt; &amp; \| \`x\`");
        assert_eq!(sentence("*a* _b_ [c] ~d~ \\"), r"\*a\* \_b\_ \[c\] \~d\~ \\");
        assert_eq!(sentence("@a #1 $x$"), "@<!-- -->a #<!-- -->1 $<!-- -->x$<!-- -->");
    }

    #[test]
    fn long_text_is_cut() {
        let long = "x".repeat(LONGEST + 1);
        assert_eq!(sentence(&long), format!("{}…", "x".repeat(LONGEST)));
        assert_eq!(sentence(&long[1..]), long[1..]);
    }
}
