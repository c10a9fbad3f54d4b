//! Where secrets come from, and that nothing shows them.

use super::*;

#[test]
fn neither_debug_nor_problems_show_a_secret() {
    let (certificate, key) = certificate();
    let files = Files::from([("both.pem", format!("{key}{certificate}").into_bytes())]);
    let text = "security.protocol=SASL_SSL\nsasl.mechanism=PLAIN\nsasl.username=marker\nsasl.password=marker\n\
                ssl.truststore.location=both.pem\nssl.keystore.location=both.pem\nssl.key.password=marker\n\
                unknown.marker.thing=marker\n";
    let (config, problems) = resolved(text, &files).unwrap();
    let key_text: String = key.lines().nth(1).unwrap().chars().take(20).collect();
    let seen = format!("{config:?} {config:#?} {:?} {problems}", of_file(text));
    assert!(
        !seen.replace("unknown.marker.thing", "").contains("marker"),
        "{seen}"
    );
    assert!(!seen.contains(&key_text), "{seen}");
}

#[test]
fn secrets_are_read_from_the_files_that_they_name() {
    let files = Files::from([
        ("/run/secrets/password", b"with space \r\n".to_vec()),
        ("user", b"alice\n".to_vec()),
    ]);
    let text = "security.protocol=SASL_PLAINTEXT\nsasl.mechanism=PLAIN\nsasl.username=file:user\n\
                sasl.password=file:///run/secrets/password\n";
    let properties = shown(&config(text, &files));
    assert!(
        properties.contains(&pair("sasl.password", "with space ")),
        "{properties:?}"
    );
    assert!(
        properties.contains(&pair("sasl.username", "alice")),
        "{properties:?}"
    );
}

/// A variable holds a value and never a reference, in every property.
#[test]
fn secrets_come_from_the_variables_that_a_file_names() {
    let text = "security.protocol=SASL_PLAINTEXT\nsasl.mechanism=${MECHANISM:-PLAIN}\nsasl.username=pa$$y\n\
                sasl.password=${SECRET}\n";
    let properties = shown(&config(text, &Files::new()));
    for expected in [
        pair("sasl.password", "marker $x"),
        pair("sasl.username", "pa$$y"),
        pair("sasl.mechanisms", "PLAIN"),
    ] {
        assert!(properties.contains(&expected), "{properties:?}");
    }
    let jaas = "security.protocol=SASL_PLAINTEXT\nsasl.mechanism=PLAIN\n\
                sasl.jaas.config=x.PlainLoginModule required username=\"u\" password=\"${env:SECRET}\";\n";
    assert!(shown(&config(jaas, &Files::new())).contains(&pair("sasl.password", "marker $x")));
    let seen = format!("{:?} {:?}", of_file(text), config(text, &Files::new()));
    assert!(!seen.contains("marker"), "{seen}");
}

#[test]
fn a_reference_that_leads_nowhere_is_an_error_where_the_property_counts() {
    let text = "security.protocol=SASL_PLAINTEXT\nsasl.mechanism=PLAIN\nsasl.username=${file:/etc/kafka:user}\n\
                sasl.password=${UNSET}\nclient.id=${marker\nssl.key.password=${mar-ker}\nacks=${vault:x}\n";
    insta::assert_snapshot!(said(text));
}

/// A folder that everybody may enter, in which files have a mode.
fn in_open_folder(check: impl Fn(&str, &dyn Fn(&str, &str, u32))) {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    let set_mode = |path: &Path, mode| {
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).unwrap();
    };
    set_mode(folder.path(), 0o755);
    let put = |name: &str, text: &str, mode: u32| {
        let path = folder.path().join(name);
        std::fs::write(&path, text).unwrap();
        set_mode(&path, mode);
    };
    check(folder.path().to_str().unwrap(), &put);
}

/// Said once for each file, of secrets alone, and never of a certificate.
#[test]
fn secret_files_that_everybody_can_read_are_warned_of() {
    let (certificate, key) = certificate();
    in_open_folder(|folder, put| {
        put("password", "hunter2", 0o644);
        put("user", "me", 0o644);
        put("ca.pem", &certificate, 0o644);
        put("key.pem", &key, 0o604);
        put("both.pem", &format!("{key}{certificate}"), 0o640);
        let said = |text: &str| {
            let text = text.replace("DIR", folder);
            let (_, problems) = resolve(&of_file(&text), &read_named_file).unwrap();
            problems.to_string().replace(folder, "DIR")
        };
        let login = "security.protocol=SASL_SSL\nsasl.mechanism=PLAIN\nsasl.username=file:DIR/user\n\
                     sasl.password=file:DIR/password\nssl.ca.location=DIR/ca.pem\n\
                     ssl.certificate.location=DIR/ca.pem\nssl.key.location=DIR/key.pem\n";
        insta::assert_snapshot!(said(login), @"
        warning: client.properties:7: `ssl.key.location`: every user of this machine can read the file
           = chmod o-r DIR/key.pem

        warning: client.properties:4: `sasl.password`: every user of this machine can read the file
           = chmod o-r DIR/password
        ");
        let shut =
            "security.protocol=SSL\nssl.truststore.location=DIR/ca.pem\nssl.keystore.location=DIR/both.pem\n";
        assert_eq!(said(shut), "");
        let twice = "security.protocol=SASL_PLAINTEXT\nsasl.mechanism=PLAIN\n\
                     sasl.jaas.config=x.PlainLoginModule required username=\"file:DIR/password\" \
                     password=\"file:DIR/password\";\n";
        assert_eq!(said(twice).matches("chmod").count(), 1, "{}", said(twice));
        let token = "security.protocol=SASL_PLAINTEXT\nsasl.mechanism=OAUTHBEARER\n\
                     sasl.oauthbearer.token.endpoint.url=file://DIR/password\n";
        insta::assert_snapshot!(said(token), @"
        warning: client.properties:3: `sasl.oauthbearer.token.endpoint.url`: every user of this machine can read the file
           = chmod o-r DIR/password
        ");
    });
}

#[test]
fn a_properties_file_with_a_secret_that_everybody_can_read_is_warned_of() {
    in_open_folder(|folder, put| {
        let path = format!("{folder}/client.properties");
        let said = |text: &str, mode: u32| {
            put("client.properties", text, mode);
            let properties = read_properties(Path::new(&path), &|_| Some("hunter2".to_owned())).unwrap();
            let (_, problems) = resolve(&properties, &read_named_file).unwrap();
            problems.to_string().replace(folder, "DIR")
        };
        let login =
            "security.protocol=SASL_PLAINTEXT\nsasl.mechanism=PLAIN\nsasl.username=me\nsasl.password=";
        insta::assert_snapshot!(said(&format!("{login}hunter2\n"), 0o644), @"
        warning: DIR/client.properties:4: `sasl.password` stands in this file, and every user of this machine can read it
           = chmod o-r DIR/client.properties
        ");
        assert_eq!(said(&format!("{login}hunter2\n"), 0o600), "");
        assert_eq!(said(&format!("{login}${{PASSWORD}}\n"), 0o644), "");
    });
}

fn in_variables<'v>(variables: &'v [(&'v str, &'v str)]) -> impl Fn(&str) -> Option<String> + 'v {
    |name| {
        let set = variables.iter().find(|(known, _)| *known == name);
        set.map(|(_, value)| (*value).to_owned())
    }
}

fn with_variables(
    text: &str,
    variables: &[(&str, &str)],
) -> Result<(ConnectionConfig, PropertyProblems), PropertyProblems> {
    let properties = Properties::of_file("client.properties", text.as_bytes(), &in_variables(variables));
    resolve(&properties, &|_| Err(io::ErrorKind::NotFound.into()))
}

const PLAIN: &str = "security.protocol=SASL_PLAINTEXT\nsasl.mechanism=PLAIN\n";

/// What a variable holds is a value between the quotes of a login module, whatever is in it.
#[test]
fn a_variable_in_a_login_module_is_one_value() {
    for password in ["a\"b", "a\\b", "a'b", "a\nb", "x\"; y=\"z", "\\\"", "p w;"] {
        for value in ["\"${P}\"", "${P}", "'${P}'"] {
            let text = format!(
                "{PLAIN}sasl.jaas.config=x.PlainLoginModule required username=\"u\" password={value};\n"
            );
            let (config, _) = with_variables(&text, &[("P", password)]).unwrap();
            assert!(
                shown(&config).contains(&pair("sasl.password", password)),
                "{password:?} as {value}"
            );
        }
    }
    let whole = format!("{PLAIN}sasl.jaas.config=${{JAAS}}\n");
    let jaas = "x.PlainLoginModule required username=\"u\" password=\"a\\\"b\";";
    let (config, _) = with_variables(&whole, &[("JAAS", jaas)]).unwrap();
    assert!(shown(&config).contains(&pair("sasl.password", "a\"b")));
}

/// A line end that a secret brings along is no part of a user name. A password may have one, and the refusal of a login
/// says so.
#[test]
fn what_cannot_be_seen_is_named() {
    let text = format!("{PLAIN}sasl.username=${{U}}\nsasl.password=${{P}}\n");
    let problems = with_variables(&text, &[("U", "alice\n"), ("P", "marker")]).unwrap_err();
    insta::assert_snapshot!(problems, @"
    error: client.properties:4: the user name ends in a line end (U+000A), which cannot be seen and is part of no user name
       = take it out where the name is kept: `echo -n`, or `printf %s`, writes no line end
    ");
    let jaas =
        format!("{PLAIN}sasl.jaas.config=x.PlainLoginModule required username=\"${{U}}\" password=\"p\";\n");
    let problems = with_variables(&jaas, &[("U", "\u{feff}alice")]).unwrap_err();
    assert!(
        problems
            .to_string()
            .contains("begins with a byte order mark (U+FEFF)"),
        "{problems}"
    );
    for (password, hint) in [
        ("marker\n", "client.properties:4, and ends in a line end (U+000A)"),
        ("marker ", "client.properties:4, and ends in a blank (U+0020)"),
        (
            "\u{feff}marker",
            "client.properties:4, and begins with a byte order mark (U+FEFF)",
        ),
        ("mar ker", "client.properties:4"),
    ] {
        let (config, _) = with_variables(&text, &[("U", "alice"), ("P", password)]).unwrap();
        let Authentication::Sasl(sasl) = &config.authentication else {
            panic!("{config:?}");
        };
        assert_eq!(
            sasl.credential_origin(),
            format!("the password is stated at {hint}")
        );
        assert!(
            shown(&config).contains(&pair("sasl.password", password)),
            "it is sent as it is"
        );
    }
}

/// In the operator's file. One newline at the end is no part of the value, as with a file.
#[test]
fn a_command_gives_a_secret() {
    let text =
        format!("{PLAIN}sasl.username=exec:echo alice\nsasl.password=exec: printf '%s\\n' \"$((40+2)) x\"\n");
    let (config, problems) = resolved(&text, &Files::new()).unwrap();
    let properties = shown(&config);
    for expected in [pair("sasl.username", "alice"), pair("sasl.password", "42 x")] {
        assert!(properties.contains(&expected), "{properties:?}");
    }
    assert_eq!(problems.0, []);
    let jaas = format!(
        "{PLAIN}sasl.jaas.config=x.PlainLoginModule required username=\"u\" password=\"exec:echo sealed\";\n"
    );
    assert!(shown(&config_of(&jaas)).contains(&pair("sasl.password", "sealed")));
    let failing =
        format!("{PLAIN}sasl.username=u\nsasl.password=exec:echo marker; echo sealed >&2; exit 2\n");
    let problems = resolved(&failing, &Files::new()).unwrap_err();
    insta::assert_snapshot!(problems, @"error: client.properties:4: `sasl.password`: the command gives nothing: exit status: 2: sealed");
}

fn config_of(text: &str) -> ConnectionConfig {
    config(text, &Files::new())
}

/// A variable holds a value, whoever has set it, and never what is to be run.
#[test]
fn a_variable_runs_no_command() {
    let trace = tempfile::TempDir::new().unwrap();
    let command = format!("exec:touch {}/trace", trace.path().display());
    for value in [
        "sasl.username=u\nsasl.password=${P}",
        "sasl.jaas.config=x.PlainLoginModule required username=u password=${P};",
    ] {
        let problems = with_variables(&format!("{PLAIN}{value}\n"), &[("P", &command)]).unwrap_err();
        assert!(
            problems
                .to_string()
                .contains("the environment variable `P` holds a command"),
            "{problems}"
        );
    }
    assert!(!trace.path().join("trace").exists());
}

/// Whoever may change topics would run what they like.
#[test]
fn a_manifest_runs_no_command() {
    let folder = tempfile::TempDir::new().unwrap();
    let trace = folder.path().join("trace");
    let command = format!("exec:touch {}", trace.display());
    let stated = manifest(&[
        ("security.protocol", "SASL_PLAINTEXT", Layer::Defaults),
        ("sasl.mechanism", "PLAIN", Layer::Defaults),
        ("sasl.username", "u", Layer::Defaults),
        ("sasl.password", &command, Layer::Defaults),
    ]);
    let problems = resolve(&stated, &read_named_file).unwrap_err();
    insta::assert_snapshot!(problems, @"
    error: topics.yaml:4 (defaults): `sasl.password`: `exec:` is for the properties file, and a manifest runs no command
       = state it in a properties file (--command-config), or write `file:PATH` or `${VARIABLE}`
    ");
    assert!(!trace.exists());
}
