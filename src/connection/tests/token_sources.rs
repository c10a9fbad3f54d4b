//! Where tokens to log in with come from.

use super::*;

#[test]
fn sources_of_tokens_are_understood_by_either_clients_names() {
    let java = "security.protocol=SASL_PLAINTEXT\nsasl.mechanism=OAUTHBEARER\n\
                sasl.oauthbearer.token.endpoint.url=https://login.example/token\n\
                sasl.login.callback.handler.class=org.apache.kafka.common.security.oauthbearer.OAuthBearerLoginCallbackHandler\n\
                sasl.jaas.config=x.OAuthBearerLoginModule required clientId=\"me\" clientSecret=\"marker\" \
                scope=\"kafka\" extension_logicalCluster=\"lkc-1\";\n";
    let librdkafka = "security.protocol=SASL_PLAINTEXT\nsasl.mechanisms=OAUTHBEARER\nsasl.oauthbearer.method=oidc\n\
                      sasl.oauthbearer.token.endpoint.url=https://login.example/token\n\
                      sasl.oauthbearer.client.id=me\nsasl.oauthbearer.client.secret=marker\n\
                      sasl.oauthbearer.scope=kafka\nsasl.oauthbearer.extensions=logicalCluster=lkc-1\n";
    for text in [java, librdkafka] {
        let config = config(text, &Files::new());
        let Authentication::Sasl(Sasl::OAuthBearer(tokens)) = &config.authentication else {
            panic!("{config:?}");
        };
        let extensions: Vec<_> = tokens
            .extensions()
            .iter()
            .map(|(name, value)| (&**name, value.reveal()))
            .collect();
        assert_eq!(extensions, [("logicalCluster", "lkc-1")], "{text}");
        assert!(!format!("{config:?}").contains("marker"));
        let warning = config.without_effect_on_events().to_string();
        assert!(warning.starts_with("warning: client.properties:"), "{warning}");
        assert!(warning.contains("without the extensions"), "{warning}");
        assert_eq!(
            shown(&config)[1..],
            [
                pair("sasl.mechanisms", "OAUTHBEARER"),
                pair("security.protocol", "sasl_plaintext")
            ]
        );
    }
}

/// What the certificate of a token endpoint is checked with.
fn trusted_with_https(text: &str, files: &Files) -> Vec<Vec<u8>> {
    let config = config(text, files);
    let Authentication::Sasl(Sasl::OAuthBearer(tokens)) = &config.authentication else {
        panic!("{config:?}");
    };
    let tokens::Source::Endpoint(endpoint) = &tokens.source else {
        panic!("{config:?}");
    };
    endpoint.trusted.iter().map(|der| der.to_vec()).collect()
}

#[test]
fn a_token_endpoint_may_have_certificates_of_its_own() {
    let (certificate, _) = certificate();
    let files = Files::from([("ca.pem", certificate.clone().into_bytes())]);
    let bearer = "security.protocol=SASL_PLAINTEXT\nsasl.mechanism=OAUTHBEARER\n\
                  sasl.oauthbearer.token.endpoint.url=https://login.example/token\n\
                  sasl.oauthbearer.client.id=me\nsasl.oauthbearer.client.secret=marker\n";
    let inline = format!(
        "{bearer}https.ca.pem={}\n",
        certificate.trim().replace('\n', "\\n")
    );
    for text in [&format!("{bearer}https.ca.location=ca.pem\n"), &inline] {
        assert_eq!(trusted_with_https(text, &files), [der(&certificate)], "{text}");
    }
    let system = trusted_with_https(bearer, &files);
    let probed = trusted_with_https(&format!("{bearer}https.ca.location=probe\n"), &files);
    assert_eq!(probed, system);
    let both = format!("{inline}https.ca.location=ca.pem\n");
    assert!(said_with(&both, &files).contains("both state which certificates are trusted with HTTPS"));
    let missing = said_with(&format!("{bearer}https.ca.location=none.pem\n"), &files);
    assert!(
        missing.contains("`https.ca.location`: the file cannot be read"),
        "{missing}"
    );
}

/// A name with a token's secret would be taken for a user with that password.
#[test]
fn a_delegation_token_is_no_login() {
    let text = "security.protocol=SASL_PLAINTEXT\nsasl.mechanism=SCRAM-SHA-256\nsasl.jaas.config=x.ScramLoginModule \
                required username=\"u\" password=\"marker\" tokenauth=\"true\";\n";
    let refused = said(text);
    assert!(
        refused.contains("delegation tokens are not supported") && !refused.contains("marker"),
        "{refused}"
    );
    assert!(said(&text.replace("\"true\"", "false")).starts_with("accepted"));
}

fn endpoint_of(properties: &Properties) -> Result<token_endpoint::Endpoint, PropertyProblems> {
    let read = |_: &Path| Err(io::Error::from(io::ErrorKind::NotFound));
    let (config, _) = resolve(properties, &read)?;
    let Authentication::Sasl(Sasl::OAuthBearer(tokens)) = &config.authentication else {
        panic!("{config:?}");
    };
    match &tokens.source {
        tokens::Source::Endpoint(endpoint) => Ok(endpoint.clone()),
        tokens::Source::File(path) => panic!("{path:?}"),
    }
}

#[test]
fn a_client_of_tokens_is_the_one_that_takes_precedence() {
    let profile = || Layer::Profile("prod".into());
    let below = manifest(&[
        ("security.protocol", "SASL_PLAINTEXT", profile()),
        ("sasl.mechanism", "OAUTHBEARER", profile()),
        (
            "sasl.oauthbearer.token.endpoint.url",
            "https://login.example/",
            profile(),
        ),
        ("sasl.oauthbearer.client.id", "below", profile()),
        ("sasl.oauthbearer.client.secret", "below", profile()),
        ("sasl.oauthbearer.scope", "below", profile()),
    ]);
    let above = of_file(
        "sasl.jaas.config=x.OAuthBearerLoginModule required clientId=above clientSecret=above;\n\
         sasl.oauthbearer.header.urlencode=true\n",
    );
    let endpoint = endpoint_of(&below.clone().overlaid_with(above)).unwrap();
    let said = [&endpoint.client_id, &endpoint.client_secret].map(|secret| secret.reveal().to_owned());
    assert_eq!(said, ["above", "above"]);
    assert_eq!(endpoint.scope.unwrap().reveal(), "below");
    assert!(endpoint.encodes_client);
    assert!(!endpoint_of(&below.clone()).unwrap().encodes_client);

    let jaas = manifest(&[(
        "sasl.jaas.config",
        "x.OAuthBearerLoginModule required clientId=below;",
        profile(),
    )]);
    let above = of_file("sasl.oauthbearer.client.id=above\n");
    let endpoint = endpoint_of(&below.clone().overlaid_with(jaas.clone()).overlaid_with(above)).unwrap();
    assert_eq!(endpoint.client_id.reveal(), "above");

    let refused = endpoint_of(&below.overlaid_with(jaas)).err().unwrap().to_string();
    assert!(
        refused
            .contains("`sasl.jaas.config` and `sasl.oauthbearer.client.id` both state who asks for a token"),
        "{refused}"
    );
}
