//! `sasl.jaas.config`: one login module with its options, as the JAAS configuration of a Java client
//! states it.

use std::collections::BTreeMap;
use std::iter::Peekable;
use std::str::Chars;

use crate::model::Secret;

/// A login module. Its options may hold secrets, all of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct LoginModule {
    /// The last part of the class name: `PlainLoginModule`.
    pub(super) name: String,
    pub(super) options: BTreeMap<String, Secret>,
}

/// What is wrong with the text; it is not repeated, since it holds a password.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct MalformedJaas(pub(super) &'static str);

#[derive(Debug, Clone, PartialEq, Eq)]
enum JaasToken {
    Word(String),
    Equals,
    End,
}

pub(super) fn parse(text: &str) -> Result<LoginModule, MalformedJaas> {
    let mut tokens = tokens(text)?.into_iter();
    let Some(JaasToken::Word(class)) = tokens.next() else {
        return Err(MalformedJaas(
            "it does not begin with the class of a login module",
        ));
    };
    let name = class.rsplit('.').next().unwrap_or(&class).to_owned();
    match tokens.next() {
        Some(JaasToken::Word(flag)) if is_flag(&flag) => {}
        _ => return Err(MalformedJaas("the class is not followed by `required`")),
    }
    let mut options = BTreeMap::new();
    loop {
        match (tokens.next(), tokens.next(), tokens.next()) {
            (Some(JaasToken::End), None, None) => return Ok(LoginModule { name, options }),
            (Some(JaasToken::End), Some(_), _) => return Err(MalformedJaas("it goes on after the `;`")),
            (Some(JaasToken::Word(option)), Some(JaasToken::Equals), Some(JaasToken::Word(value))) => {
                options.insert(option, Secret::new(value));
            }
            (Some(JaasToken::Word(_)), Some(JaasToken::Word(_) | JaasToken::End), _) => {
                return Err(MalformedJaas(
                    "after `required` it has something else than `name=\"value\"`",
                ));
            }
            (None, ..) | (_, None, _) | (_, _, None) => {
                return Err(MalformedJaas("it does not end with `;`"));
            }
            _ => {
                return Err(MalformedJaas(
                    "after `required` it has something else than `name=\"value\"`",
                ));
            }
        }
    }
}

fn is_flag(word: &str) -> bool {
    ["required", "requisite", "sufficient", "optional"]
        .iter()
        .any(|flag| word.eq_ignore_ascii_case(flag))
}

fn tokens(text: &str) -> Result<Vec<JaasToken>, MalformedJaas> {
    let mut letters = text.chars().peekable();
    let mut tokens = Vec::new();
    while let Some(letter) = letters.next() {
        match letter {
            '=' => tokens.push(JaasToken::Equals),
            ';' => tokens.push(JaasToken::End),
            '"' | '\'' => tokens.push(JaasToken::Word(quoted(&mut letters, letter)?)),
            space if space.is_whitespace() => {}
            first => tokens.push(JaasToken::Word(plain(&mut letters, first))),
        }
    }
    Ok(tokens)
}

fn plain(letters: &mut Peekable<Chars<'_>>, first: char) -> String {
    let mut word = String::from(first);
    while let Some(letter) =
        letters.next_if(|letter| !letter.is_whitespace() && !matches!(letter, '=' | ';' | '"' | '\''))
    {
        word.push(letter);
    }
    word
}

/// As Java's tokenizer: a backslash escapes, with the letters and octal numbers of C.
fn quoted(letters: &mut Peekable<Chars<'_>>, quote: char) -> Result<String, MalformedJaas> {
    const OPEN: MalformedJaas = MalformedJaas("a quote is not closed");
    let mut word = String::new();
    loop {
        match letters.next() {
            None | Some('\n' | '\r') => return Err(OPEN),
            Some('\\') => word.push(escaped(letters).ok_or(OPEN)?),
            Some(end) if end == quote => return Ok(word),
            Some(letter) => word.push(letter),
        }
    }
}

fn escaped(letters: &mut Peekable<Chars<'_>>) -> Option<char> {
    Some(match letters.next()? {
        'n' => '\n',
        't' => '\t',
        'r' => '\r',
        'b' => '\u{8}',
        'f' => '\u{c}',
        'a' => '\u{7}',
        'v' => '\u{b}',
        first @ '0'..='7' => octal(letters, first),
        other => other,
    })
}

/// Up to three digits, and no more than `\377`.
fn octal(letters: &mut Peekable<Chars<'_>>, first: char) -> char {
    let mut code = first.to_digit(8).unwrap_or(0);
    let most = if code <= 3 { 2 } else { 1 };
    for _ in 0..most {
        match letters.next_if(|letter| letter.is_digit(8)) {
            Some(digit) => code = code * 8 + digit.to_digit(8).unwrap_or(0),
            None => break,
        }
    }
    char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn shown(text: &str) -> String {
        match parse(text) {
            Ok(module) => {
                let options: Vec<String> = module
                    .options
                    .iter()
                    .map(|(name, value)| format!("{name}={:?}", value.reveal()))
                    .collect();
                format!("{} {}", module.name, options.join(" "))
            }
            Err(MalformedJaas(why)) => why.to_owned(),
        }
    }

    #[test]
    fn a_login_module_is_read_as_java_reads_it() {
        let module = "org.apache.kafka.common.security.plain.PlainLoginModule required \
                      username=\"alice\" password='se\"cr=et;' ;";
        assert_eq!(
            shown(module),
            r#"PlainLoginModule password="se\"cr=et;" username="alice""#
        );
        assert_eq!(shown("M REQUIRED a=b;"), r#"M a="b""#);
        assert_eq!(shown(r#"M required a="\"\\\156\n";"#), r#"M a="\"\\n\n""#);
        assert_eq!(shown("M\n  required\n  a=\"b\"\n;\n"), r#"M a="b""#);
        assert_eq!(shown("M required;"), "M ");
    }

    #[test]
    fn what_is_wrong_is_said_without_the_text() {
        for (text, why) in [
            ("", "it does not begin with the class of a login module"),
            ("M a=b;", "the class is not followed by `required`"),
            ("M required a=\"b\"", "it does not end with `;`"),
            ("M required a=\"b;", "a quote is not closed"),
            (
                "M required a b;",
                "after `required` it has something else than `name=\"value\"`",
            ),
            (
                "M required a;",
                "after `required` it has something else than `name=\"value\"`",
            ),
            ("M required a=b; N required;", "it goes on after the `;`"),
        ] {
            assert_eq!(shown(text), why, "{text}");
        }
    }

    proptest! {
        #[test]
        fn no_text_panics(text in "[Mm\"'=; \\\\0-9]{0,30}") {
            let _ = parse(&text);
            let _ = parse(&format!("M required {text}"));
        }
    }
}
