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
