//! The text of a `.properties` file, as Java's own loader reads it: comments, continued lines, escapes,
//! and the three ways to part a name from its value.

use std::borrow::Cow;

use zeroize::Zeroizing;

/// One property as it stands in a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct PropertyLine {
    pub(super) name: String,
    pub(super) value: Zeroizing<String>,
    /// The line it begins on, from 1.
    pub(super) number: u32,
}

/// Something in the text that Java's loader would refuse as well. The text is not repeated: it may be
/// part of a secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct MalformedLine {
    pub(super) number: u32,
}

/// Java reads these files as ISO 8859-1. Whoever writes a password with an umlaut today writes UTF-8, so
/// that is tried first; what is both means the same in practice.
pub(super) fn decode(bytes: &[u8]) -> Cow<'_, str> {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    match std::str::from_utf8(bytes) {
        Ok(text) => Cow::Borrowed(text),
        Err(_) => Cow::Owned(bytes.iter().copied().map(char::from).collect()),
    }
}

/// Every property in the order of the text, and every place that makes no sense.
pub(super) fn parse(text: &str) -> Vec<Result<PropertyLine, MalformedLine>> {
    let mut lines = (1_u32..).zip(natural_lines(text));
    let mut found = Vec::new();
    while let Some((number, line)) = lines.next() {
        let line = trim_start(line);
        if line.is_empty() || line.starts_with(['#', '!']) {
            continue;
        }
        let mut logical = Zeroizing::new(line.to_owned());
        while is_continued(&logical) {
            logical.pop();
            match lines.next() {
                Some((_, more)) => logical.push_str(trim_start(more)),
                None => break,
            }
        }
        found.push(property(&logical, number).ok_or(MalformedLine { number }));
    }
    found
}

/// A line ends with `\n`, `\r` or `\r\n`.
fn natural_lines(text: &str) -> impl Iterator<Item = &str> {
    text.split('\n').flat_map(|line| {
        let line = line.strip_suffix('\r').unwrap_or(line);
        line.split('\r')
    })
}

fn trim_start(line: &str) -> &str {
    line.trim_start_matches([' ', '\t', '\u{c}'])
}

/// An odd number of backslashes at the end.
fn is_continued(line: &str) -> bool {
    line.bytes().rev().take_while(|byte| *byte == b'\\').count() % 2 == 1
}

fn property(line: &str, number: u32) -> Option<PropertyLine> {
    let mut escaped = false;
    let end = line
        .char_indices()
        .find(|(_, letter)| {
            let ends = !escaped && matches!(letter, '=' | ':' | ' ' | '\t' | '\u{c}');
            escaped = !escaped && *letter == '\\';
            ends
        })
        .map_or(line.len(), |(index, _)| index);
    let rest = trim_start(&line[end..]);
    let value = rest.strip_prefix(['=', ':']).map_or(rest, trim_start);
    Some(PropertyLine {
        name: unescaped(&line[..end])?,
        value: Zeroizing::new(unescaped(value)?),
        number,
    })
}

/// `None`: a `\u` without four digits.
fn unescaped(text: &str) -> Option<String> {
    let mut units: Zeroizing<Vec<u16>> = Zeroizing::new(Vec::with_capacity(text.len()));
    let mut letters = text.chars();
    while let Some(letter) = letters.next() {
        let letter = match letter {
            '\\' => match letters.next() {
                Some('u') => {
                    units.push(hexadecimal(&mut letters)?);
                    continue;
                }
                Some('t') => '\t',
                Some('n') => '\n',
                Some('r') => '\r',
                Some('f') => '\u{c}',
                Some(other) => other,
                None => continue,
            },
            other => other,
        };
        units.extend(letter.encode_utf16(&mut [0; 2]).iter());
    }
    // Java's text is UTF-16: two `\u` may make one character.
    String::from_utf16(&units).ok()
}

fn hexadecimal(letters: &mut std::str::Chars<'_>) -> Option<u16> {
    let digits: String = letters.by_ref().take(4).collect();
    let is_whole = digits.len() == 4 && digits.bytes().all(|digit| digit.is_ascii_hexdigit());
    is_whole.then(|| u16::from_str_radix(&digits, 16).ok())?
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn read(text: &str) -> Vec<String> {
        let shown = |line: Result<PropertyLine, MalformedLine>| match line {
            Ok(line) => format!("{}: {:?} = {:?}", line.number, line.name, *line.value),
            Err(malformed) => format!("{}: malformed", malformed.number),
        };
        parse(text).into_iter().map(shown).collect()
    }

    /// The examples are those of the documentation of `java.util.Properties.load`.
    #[test]
    fn names_and_values_are_parted_as_java_does() {
        let text = "Truth = Beauty\n Truth:Beauty\nTruth                    :Beauty\n\
                    cheeses\nfruits   apple, banana\nkey\\:with\\=all\\ of=v=1:2 \n";
        assert_eq!(
            read(text),
            [
                r#"1: "Truth" = "Beauty""#,
                r#"2: "Truth" = "Beauty""#,
                r#"3: "Truth" = "Beauty""#,
                r#"4: "cheeses" = """#,
                r#"5: "fruits" = "apple, banana""#,
                r#"6: "key:with=all of" = "v=1:2 ""#,
            ]
        );
    }

    #[test]
    fn lines_are_continued_and_comments_are_not() {
        let text = "# a comment \\\na=1, \\\r\n   2, \\\r\n\t3\n! another\n\n  \t\nb=ends\\\\\nc=last\\";
        assert_eq!(
            read(text),
            [
                r#"2: "a" = "1, 2, 3""#,
                r#"8: "b" = "ends\\""#,
                r#"9: "c" = "last""#
            ]
        );
    }

    #[test]
    fn escapes_mean_what_java_says() {
        assert_eq!(
            read("a=\\u00fc\\t\\n\\r\\f\\q\\\"\\\\\nb=\\ud83d\\ude00\nc=\\u12\nd=\\ud83d\ne=\\u+123"),
            [
                r#"1: "a" = "ü\t\n\r\u{c}q\"\\""#,
                r#"2: "b" = "😀""#,
                "3: malformed",
                "4: malformed",
                "5: malformed"
            ]
        );
    }

    #[test]
    fn text_is_utf_8_or_else_what_java_takes_it_for() {
        assert_eq!(decode("ü".as_bytes()), "ü");
        assert_eq!(decode(b"\xef\xbb\xbfa=1"), "a=1");
        assert_eq!(decode(b"a=\xfc"), "a=ü");
    }

    proptest! {
        #[test]
        fn no_text_panics(text in "[a=: \\\\u0\n\r#]{0,40}") {
            let _ = parse(&text);
        }

        #[test]
        fn what_is_escaped_comes_back(value in "\\PC{0,20}") {
            let escaped: Vec<String> = value.encode_utf16().map(|unit| format!("\\u{unit:04x}")).collect();
            let text = format!("name={}", escaped.concat());
            let expected = PropertyLine { name: "name".into(), value: value.into(), number: 1 };
            prop_assert_eq!(parse(&text), [Ok(expected)]);
        }
    }
}
