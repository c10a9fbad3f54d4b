//! Whether a secret stands in a manifest as it is. A manifest lies in a repository, for everybody to read who
//! can read that.

use super::expand;

/// The options of a login module that hold a secret.
const OPTIONS: [&str; 6] = [
    "password",
    "clientSecret",
    "oauth.client.secret",
    "oauth.access.token",
    "awsRoleSecretAccessKey",
    "awsRoleSessionToken",
];

/// Whether the value of a client property gives a secret away.
pub(super) fn stands_in(property: &str, text: &str) -> bool {
    match property.to_ascii_lowercase().as_str() {
        // What is no login module may be anything, a password too.
        "sasl.jaas.config" if !text.contains("LoginModule") => is_literal(text),
        "sasl.jaas.config" => options(text).any(is_literal),
        name if is_secret(name) => is_literal(text),
        _ => false,
    }
}

/// The variables from which the value of a secret property comes. A login module also has options that are none.
pub(super) fn variables<'t>(property: &str, text: &'t str) -> Vec<&'t str> {
    let names = |text: &'t str| expand::references(text).into_iter().map(|(name, _)| name);
    if property.eq_ignore_ascii_case("sasl.jaas.config") && text.contains("LoginModule") {
        options(text).flat_map(names).collect()
    } else {
        names(text).collect()
    }
}

fn is_literal(text: &str) -> bool {
    let text = text.trim();
    !text.is_empty() && !text.starts_with("file:") && !expand::is_all_from_elsewhere(text)
}

/// Whether a client property holds a secret and nothing else, by its name.
fn is_secret(name: &str) -> bool {
    name.ends_with("password")
        || name.ends_with("secret")
        || matches!(name, "ssl.keystore.key" | "ssl.key.pem")
}

/// What a JAAS text states for the options that hold a secret. It is only looked through: whether it makes
/// sense as a whole is another's question.
fn options(text: &str) -> impl Iterator<Item = &str> {
    let stated = move |option: &'static str| {
        text.match_indices(option)
            .map(move |(at, option)| &text[at + option.len()..])
    };
    OPTIONS.into_iter().flat_map(stated).filter_map(|after| {
        let value = after.trim_start().strip_prefix('=')?.trim_start();
        let quote = value.chars().next().filter(|letter| matches!(letter, '"' | '\''));
        Some(match quote {
            Some(quote) => value[1..].split(quote).next().unwrap_or_default(),
            None => value
                .split(|c: char| c.is_whitespace() || c == ';')
                .next()
                .unwrap_or_default(),
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_stands_there_unless_it_is_all_variables() {
        for text in [
            "hunter2",
            "${X:-hunter2}",
            "${X}hunter2",
            "$${literal",
            "$$",
            "${X}$$",
            "${X",
            " hunter2",
        ] {
            assert!(stands_in("sasl.password", text), "{text}");
            assert!(stands_in("SSL.Key.Password", text), "{text}");
            assert!(stands_in("sasl.oauthbearer.client.secret", text), "{text}");
        }
        for text in [
            "",
            "${X}",
            "${X}${Y}",
            "${X:-}",
            "file:/run/secrets/password",
            "${X:-file:/run/p}",
        ] {
            assert!(!stands_in("sasl.password", text), "{text}");
        }
        assert!(!stands_in("sasl.username", "hunter2"));
    }

    #[test]
    fn a_login_module_is_looked_through() {
        let module = |options: &str| format!("x.PlainLoginModule required username=\"me\" {options};");
        for options in [
            "password=\"hunter2\"",
            "password = 'hunter2'",
            "password=hunter2",
            "password=\"${X:-hunter2}\"",
            "password=\"${X}\" clientSecret=\"hunter2\"",
            "password=\"it's ${X}\"",
        ] {
            assert!(stands_in("sasl.jaas.config", &module(options)), "{options}");
        }
        for options in [
            "",
            "password=\"${X}\"",
            "password='file:/run/p' clientSecret=${X}",
            "clientId=\"me\" clientSecret=\"${X:-}\"",
        ] {
            assert!(!stands_in("sasl.jaas.config", &module(options)), "{options}");
        }
        assert!(stands_in("sasl.jaas.config", "hunter2"));
        assert!(!stands_in("sasl.jaas.config", "${JAAS}"));
        assert!(!stands_in("sasl.jaas.config", "file:/run/jaas"));
    }
}
