//! Text from outside in a Markdown page on GitHub: it is shown as it is, and is never markup, a link, a
//! mention, a reference, a formula or HTML.

use crate::model::printable;
use crate::render::sentence::{Sentence, SentencePart};

/// Values longer than this many characters are cut; nobody reads them in a comment.
const LONGEST: usize = 500;

/// Keeps GitHub from taking what stands around it for one word; a backslash does not.
const BREAK: &str = "<!-- -->";

/// A value, a name, a place or words of others as a code span, in which nothing has a meaning.
pub(super) fn code(text: &str) -> String {
    let text = cut(printable(text).trim());
    let longest_run = text.split(|c| c != '`').map(str::len).max().unwrap_or(0);
    let fence = "`".repeat(longest_run + 1);
    // A span may not begin or end with its own fence, and loses one space at both ends. Without a space an
    // empty one is a fence.
    let is_edged = text.is_empty() || text.starts_with('`') || text.ends_with('`');
    let pad = if is_edged { " " } else { "" };
    format!("{fence}{pad}{text}{pad}{fence}")
}

/// A sentence; whatever others put into it is code.
pub(super) fn sentence(sentence: &Sentence) -> String {
    let part = |part: SentencePart<'_>| match part {
        SentencePart::Own(text) => words(text),
        SentencePart::Foreign(text) => code(text),
    };
    sentence.parts().map(part).collect()
}

/// Words of ours. Values and names of the file can be among them, so they are no markup either.
fn words(text: &str) -> String {
    let text = cut(&printable(text));
    let mut escaped = String::with_capacity(text.len() * 2);
    for character in text.chars() {
        match character {
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '&' => escaped.push_str("&amp;"),
            '\\' | '`' | '*' | '_' | '[' | ']' | '|' | '~' => escaped.extend(['\\', character]),
            // A mention, a reference or a formula.
            '@' | '#' | '$' => {
                escaped.push(character);
                escaped.push_str(BREAK);
            }
            _ => escaped.push(character),
        }
    }
    // Addresses become links of themselves.
    escaped
        .replace("://", &format!(":{BREAK}//"))
        .replace("www.", &format!("www{BREAK}."))
}

/// Text of bounded length.
fn cut(text: &str) -> String {
    let mut characters = text.chars();
    let mut line: String = characters.by_ref().take(LONGEST).collect();
    if characters.next().is_some() {
        line.push('…');
    }
    line
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::render::sentence::foreign;

    fn own(text: &str) -> String {
        sentence(&text.to_owned().into())
    }

    #[test]
    fn a_code_span_holds_any_text() {
        assert_eq!(code("7d"), "`7d`");
        assert_eq!(code("a`b"), "``a`b``");
        assert_eq!(code("`a``b"), "``` `a``b ```");
        assert_eq!(code("<b> | @x\n# y"), "`<b> | @x # y`");
        assert_eq!(code("a\u{202e}b\u{7}"), "`a\u{fffd}b\u{fffd}`");
        assert_eq!(code("\n"), "`  `");
    }

    #[test]
    fn a_sentence_is_never_markup() {
        assert_eq!(own("<b> & | `x`"), r"&lt;b&gt; &amp; \| \`x\`");
        assert_eq!(own("*a* _b_ [c] ~d~ \\"), r"\*a\* \_b\_ \[c\] \~d\~ \\");
        assert_eq!(own("@a #1 $x$"), "@<!-- -->a #<!-- -->1 $<!-- -->x$<!-- -->");
        assert_eq!(own("https://x www.y"), "https:<!-- -->//x www<!-- -->.y");
    }

    #[test]
    fn words_of_others_are_code() {
        let refused = format!("refused ({}): none", foreign(" see https://x/#1 or `@y` "));
        assert_eq!(own(&refused), "refused (`` see https://x/#1 or `@y` ``): none");
    }

    #[test]
    fn long_text_is_cut() {
        let long = "x".repeat(LONGEST + 1);
        assert_eq!(own(&long), format!("{}…", "x".repeat(LONGEST)));
        assert_eq!(own(&long[1..]), long[1..]);
    }
}
