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
    let tokens::TokenSource::Endpoint(endpoint) = &tokens.source else {
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
        tokens::TokenSource::Endpoint(endpoint) => Ok(endpoint.clone()),
        tokens::TokenSource::File(path) => panic!("{path:?}"),
        tokens::TokenSource::Stated(_) | tokens::TokenSource::Msk(_) => panic!("no endpoint"),
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

const STRIMZI: &str = "security.protocol=SASL_PLAINTEXT\nsasl.mechanism=OAUTHBEARER\n\
                       sasl.login.callback.handler.class=io.strimzi.kafka.oauth.client.JaasClientOauthLoginCallbackHandler\n";

fn strimzi(options: &str) -> String {
    format!("{STRIMZI}sasl.jaas.config=x.OAuthBearerLoginModule required {options};\n")
}

/// The options of a login module as Strimzi's client has them.
#[test]
fn strimzis_options_mean_the_properties_of_other_names() {
    let (certificate, _) = certificate();
    let files = Files::from([
        ("ca.pem", certificate.clone().into_bytes()),
        ("ca.p12", trust_store(&certificate, "storepass")),
    ]);
    let who = "oauth.client.id=\"me\" oauth.client.secret=\"marker\" \
               oauth.token.endpoint.uri=\"https://login.example/token\" oauth.connect.timeout.seconds=\"5\"";
    let text = strimzi(&format!("{who} oauth.scope=\"kafka\" oauth.audience=\"brokers\""));
    let endpoint = endpoint_of(&of_file(&text)).unwrap();
    let said = [&endpoint.client_id, &endpoint.client_secret].map(|secret| secret.reveal().to_owned());
    assert_eq!(said, ["me", "marker"]);
    assert_eq!(endpoint.url, "https://login.example/token");
    assert_eq!(endpoint.scope.unwrap().reveal(), "kafka");
    assert_eq!(endpoint.audience.unwrap().reveal(), "brokers");
    for store in [
        "oauth.ssl.truststore.location=\"ca.pem\" oauth.ssl.truststore.type=\"PEM\"",
        "oauth.ssl.truststore.location=\"ca.p12\" oauth.ssl.truststore.password=\"storepass\"",
    ] {
        let text = strimzi(&format!("{who} {store}"));
        assert_eq!(trusted_with_https(&text, &files), [der(&certificate)], "{store}");
    }
    assert!(
        of_file(&strimzi(
            "oauth.ssl.truststore.location=\"/run/ca.p12\" oauth.access.token.location=/run/token"
        ))
        .named_files()
        .contains(&"/run/ca.p12".into())
    );
}

#[test]
fn strimzis_tokens_are_stated_or_lie_in_a_file() {
    let source = |options: &str| match config(&strimzi(options), &Files::new()).authentication {
        Authentication::Sasl(Sasl::OAuthBearer(tokens)) => tokens.source,
        other => panic!("{other:?}"),
    };
    let tokens::TokenSource::Stated(token) = source("oauth.access.token=\"marker\"") else {
        panic!("the token is stated");
    };
    assert_eq!(token.reveal(), "marker");
    let tokens::TokenSource::File(path) = source("oauth.access.token.location=\"/run/token\"") else {
        panic!("the token lies in a file");
    };
    assert_eq!(path, Path::new("/run/token"));
}

/// None of them is dropped in silence.
#[test]
fn strimzis_other_options_are_named() {
    let problems = said(&strimzi(
        "oauth.refresh.token=\"marker\" oauth.ssl.endpoint.identification.algorithm=\"\" oauth.password.grant.username=\"u\"",
    ));
    assert!(!problems.contains("marker"), "{problems}");
    insta::assert_snapshot!(problems, @"
    error: client.properties:4: `oauth.password.grant.username` of `sasl.jaas.config` is not supported
       = tokens come from `oauth.client.id` and `oauth.client.secret`, from `oauth.access.token`, or from a file (`oauth.access.token.location`)

    error: client.properties:4: `oauth.refresh.token` of `sasl.jaas.config` is not supported
       = tokens come from `oauth.client.id` and `oauth.client.secret`, from `oauth.access.token`, or from a file (`oauth.access.token.location`)

    error: client.properties:4: `oauth.ssl.endpoint.identification.algorithm` of `sasl.jaas.config` is not supported
       = the token endpoint's certificate is always verified, with its name
    ");
    let both = format!(
        "{}sasl.oauthbearer.scope=other\n",
        strimzi("oauth.scope=\"one\" oauth.access.token=\"t\"")
    );
    assert!(
        said(&both)
            .contains("`oauth.scope` of `sasl.jaas.config` and `sasl.oauthbearer.scope` both state it")
    );
}

/// A manifest's login module states where tokens come from as well as a property does.
#[test]
fn a_manifests_login_module_does_not_lead_the_operators_secret_away() {
    let stated = manifest(&[(
        "sasl.jaas.config",
        "x.OAuthBearerLoginModule required oauth.token.endpoint.uri=\"https://evil.example/\";",
        Layer::Defaults,
    )]);
    let operators = of_file(
        "security.protocol=SASL_SSL\nsasl.mechanism=OAUTHBEARER\nsasl.oauthbearer.client.id=me\n\
         sasl.oauthbearer.client.secret=marker\nsasl.oauthbearer.token.endpoint.url=https://login.example/\n",
    );
    let combined = stated.with_operators(operators, Destination::Network);
    let refused = endpoint_of(&combined).err().unwrap().to_string();
    assert!(
        refused.contains("would change where tokens come from"),
        "{refused}"
    );
}
