//! The text of a login module (`sasl.jaas.config`) with what variables hold put in: as a value between its quotes,
//! whatever is in it. Both the manifest and the properties file have such texts.

/// A text that is put together from what is written and what variables hold.
#[derive(Debug, Default)]
pub struct LoginModuleText {
    text: String,
    /// The quote that is open.
    quote: Option<char>,
    is_escaped: bool,
}

impl LoginModuleText {
    /// What is written.
    pub fn push_written(&mut self, text: &str) {
        for letter in text.chars() {
            match (self.quote, letter) {
                _ if self.is_escaped => self.is_escaped = false,
                (Some(_), '\\') => self.is_escaped = true,
                (Some(open), close) if open == close => self.quote = None,
                (None, '"' | '\'') => self.quote = Some(letter),
                _ => {}
            }
        }
        self.text.push_str(text);
    }

    /// What a variable holds. After a `=` without a quote it is quoted; where neither is before it, it is a part of the
    /// text, or all of it.
    pub fn push_value(&mut self, value: &str) {
        match self.quote {
            Some(quote) => self.push_escaped(value, quote),
            None if self.text.trim_end().ends_with('=') => {
                self.text.push('"');
                self.push_escaped(value, '"');
                self.text.push('"');
            }
            None => self.push_written(value),
        }
    }

    fn push_escaped(&mut self, value: &str, quote: char) {
        for letter in value.chars() {
            match letter {
                '\n' => self.text.push_str("\\n"),
                '\r' => self.text.push_str("\\r"),
                special if special == quote || special == '\\' => self.text.extend(['\\', special]),
                other => self.text.push(other),
            }
        }
    }

    /// The whole text.
    pub fn into_text(self) -> String {
        self.text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn put(before: &str, value: &str, after: &str) -> String {
        let mut text = LoginModuleText::default();
        text.push_written(before);
        text.push_value(value);
        text.push_written(after);
        text.into_text()
    }

    #[test]
    fn a_value_stays_one_value_whatever_is_in_it() {
        let hostile = "a\"b\\c'd\r\n; e=\"f";
        assert_eq!(
            put("M required p=\"", hostile, "\";"),
            "M required p=\"a\\\"b\\\\c'd\\r\\n; e=\\\"f\";"
        );
        assert_eq!(put("M required p='", "it's", "';"), "M required p='it\\'s';");
        assert_eq!(put("M required p=", "a;b", ";"), "M required p=\"a;b\";");
        assert_eq!(
            put("M required u=\"\\\"", "\"", "\";"),
            "M required u=\"\\\"\\\"\";"
        );
    }

    #[test]
    fn a_whole_text_may_come_from_a_variable() {
        assert_eq!(
            put("", "M required p=\"a\\\"b\";", ""),
            "M required p=\"a\\\"b\";"
        );
        assert_eq!(put("M required ", "p=\"x\"", ";"), "M required p=\"x\";");
    }
}
