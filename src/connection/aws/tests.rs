use std::fs;
use std::path::Path;

use tempfile::TempDir;

use super::stand_in::{KEY, SECRET, StandInService, TOKEN, lets_in, lets_in_by_token};
use super::*;

const HOST: &str = "b-1.demo.abc123.c2.kafka.eu-west-1.amazonaws.com";

const WITHIN: Duration = Duration::from_secs(5);

/// Credentials in the environment.
const KEYS: [(&str, &str); 3] = [
    ("AWS_ACCESS_KEY_ID", KEY),
    ("AWS_SECRET_ACCESS_KEY", SECRET),
    ("AWS_SESSION_TOKEN", TOKEN),
];

fn iam(variables: &[(&str, &str)], options: &[(&str, &str)]) -> MskIam {
    let environment = |name: &str| {
        // No instance answers, unless a test has one.
        let none = [("AWS_EC2_METADATA_DISABLED", "true")];
        let mut set = variables.iter().chain(&none);
        set.find(|(known, _)| *known == name)
            .map(|(_, value)| (*value).to_owned())
    };
    let options = options
        .iter()
        .map(|(name, value)| ((*name).to_owned(), Secret::new(*value)));
    let origin = PropertyOrigin::File {
        file: "client.properties".into(),
        line: 2,
    };
    MskIam::new(&environment, options.collect(), origin)
}

fn document(expiration: &str) -> String {
    format!(
        r#"{{"Code":"Success","AccessKeyId":"{KEY}","SecretAccessKey":"{SECRET}","Token":"{TOKEN}","Expiration":"{expiration}"}}"#
    )
}

fn answer_of_sts(expiration: &str) -> String {
    format!(
        "<Response><Credentials><AccessKeyId>{KEY}</AccessKeyId><SecretAccessKey>{SECRET}</SecretAccessKey>\
         <SessionToken>{TOKEN}</SessionToken><Expiration>{expiration}</Expiration></Credentials></Response>"
    )
}

fn is_let_in(iam: &MskIam) {
    let payload = iam.payload(HOST, WITHIN).unwrap();
    lets_in(payload.reveal(), HOST, "eu-west-1").unwrap();
}

fn refusal(iam: &MskIam) -> String {
    iam.payload(HOST, WITHIN).err().unwrap().to_string()
}

#[test]
fn a_broker_is_shown_a_request_that_it_can_verify() {
    let iam = iam(&KEYS, &[]);
    let payload = iam.payload(HOST, WITHIN).unwrap();
    lets_in(payload.reveal(), HOST, "eu-west-1").unwrap();
    assert!(!payload.reveal().contains(SECRET));
    assert!(lets_in(payload.reveal(), "b-2.other", "eu-west-1").is_err());
    assert!(
        lets_in(
            &payload.reveal().replace("eu-west-1", "eu-west-2"),
            HOST,
            "eu-west-2"
        )
        .is_err()
    );
    assert_eq!(
        iam.credential_origin(),
        "the AWS credentials are those of AWS_ACCESS_KEY_ID"
    );
    assert!(!format!("{iam:?}").contains("marker"));
}

#[test]
fn a_token_lets_in_at_every_broker_of_the_region() {
    let now = SystemTime::now();
    let token = iam(&KEYS, &[]).token(HOST, now, WITHIN).unwrap();
    lets_in_by_token(token.reveal(), "eu-west-1").unwrap();
    assert_eq!(token.expires(), Some(now + LASTS));
    let elsewhere = [&KEYS[..], &[("AWS_REGION", "us-east-1")]].concat();
    let token = iam(&elsewhere, &[]).token("kafka.internal", now, WITHIN).unwrap();
    lets_in_by_token(token.reveal(), "us-east-1").unwrap();
    let missing = iam(&KEYS, &[])
        .token("kafka.internal", now, WITHIN)
        .err()
        .unwrap();
    assert_eq!(
        missing.to_string(),
        "`kafka.internal` names no AWS region; set AWS_REGION to that of the cluster"
    );
}

#[test]
fn hosts_of_msk_name_their_region() {
    for (host, region) in [
        (HOST, Some("eu-west-1")),
        (
            "boot-x.c1.kafka-serverless.us-east-1.amazonaws.com",
            Some("us-east-1"),
        ),
        (
            "b-1.demo.abc.c2.kafka.cn-north-1.amazonaws.com.cn",
            Some("cn-north-1"),
        ),
        ("broker.example.com", None),
        ("s3.us-east-1.amazonaws.com", None),
    ] {
        assert_eq!(region_of(host), region, "{host}");
    }
}

/// A home with AWS's shared files.
fn home(config: &str, credentials: &str) -> TempDir {
    let home = TempDir::new().unwrap();
    fs::create_dir(home.path().join(".aws")).unwrap();
    fs::write(home.path().join(".aws/config"), config).unwrap();
    fs::write(home.path().join(".aws/credentials"), credentials).unwrap();
    home
}

fn in_home<'v>(home: &'v TempDir, more: &[(&'v str, &'v str)]) -> Vec<(&'v str, &'v str)> {
    let home = [("HOME", home.path().to_str().unwrap())];
    [&home[..], more].concat()
}

fn keys_in(profile: &str) -> String {
    format!(
        "[{profile}]\naws_access_key_id={KEY}\naws_secret_access_key={SECRET}\naws_session_token={TOKEN}\n"
    )
}

#[test]
fn credentials_are_those_of_a_profile() {
    let home = home(
        "",
        &format!(
            "{}{}",
            keys_in("default"),
            keys_in("other").replace(KEY, "AKIDOTHER")
        ),
    );
    is_let_in(&iam(&in_home(&home, &[]), &[]));
    let other = iam(&in_home(&home, &[("AWS_PROFILE", "other")]), &[]);
    assert!(
        other
            .payload(HOST, WITHIN)
            .unwrap()
            .reveal()
            .contains("AKIDOTHER")
    );
    // The login module's profile is meant, whatever the environment holds.
    let named = iam(&in_home(&home, &KEYS), &[("awsProfileName", "other")]);
    assert!(
        named
            .payload(HOST, WITHIN)
            .unwrap()
            .reveal()
            .contains("AKIDOTHER")
    );
    let missing = iam(&in_home(&home, &[]), &[("awsProfileName", "none")]);
    assert_eq!(
        refusal(&missing),
        "there are no AWS credentials in profile `none`"
    );
}

#[test]
fn a_profile_may_have_a_command_and_not_a_sign_on() {
    let command = format!(
        "credential_process = printf '%s' '{}'",
        document("2099-01-01T00:00:00Z")
    );
    let home = home(
        &format!("[default]\n{command}\n[profile sso]\nsso_session = x\n"),
        "",
    );
    is_let_in(&iam(&in_home(&home, &[]), &[]));
    let sso = refusal(&iam(&in_home(&home, &[("AWS_PROFILE", "sso")]), &[]));
    assert!(
        sso.contains("aws configure export-credentials --profile sso"),
        "{sso}"
    );
}

/// The service that gives roles is asked with a signature of the profile's own credentials.
#[test]
fn a_role_is_assumed() {
    let service = StandInService::start(|_| (200, answer_of_sts("2099-01-01T00:00:00Z")));
    let home = home(
        "[profile role]\nrole_arn = arn:aws:iam::1:role/kafka\nsource_profile = base\nexternal_id = e\nregion = eu-west-1\n",
        "[base]\naws_access_key_id=AKIDBASE\naws_secret_access_key=marker\n",
    );
    let stated = [("AWS_PROFILE", "role"), ("AWS_ENDPOINT_URL_STS", &*service.url)];
    is_let_in(&iam(&in_home(&home, &stated), &[]));
    let asked = service.asked();
    for part in [
        "Action=AssumeRole&ExternalId=e&RoleArn=arn%3Aaws%3Aiam%3A%3A1%3Arole%2Fkafka&",
        "X-Amz-Credential=AKIDBASE%2F",
        "%2Feu-west-1%2Fsts%2Faws4_request",
    ] {
        assert!(asked[0].contains(part), "{part}: {asked:?}");
    }
    assert!(!asked[0].contains("marker"));
    let options = [
        ("awsRoleArn", "arn:aws:iam::1:role/other"),
        ("awsStsRegion", "us-east-1"),
    ];
    let variables = [&KEYS[..], &[("AWS_ENDPOINT_URL_STS", &*service.url)]].concat();
    is_let_in(&iam(&variables, &options));
    assert!(service.asked()[1].contains("role%2Fother"));
    let denying = StandInService::start(|_| {
        (
            403,
            "<E><Code>AccessDenied</Code><Message>no</Message></E>".to_owned(),
        )
    });
    let variables = [&KEYS[..], &[("AWS_ENDPOINT_URL_STS", &*denying.url)]].concat();
    assert_eq!(
        refusal(&iam(&variables, &options)),
        "the AWS security token service does not give the role arn:aws:iam::1:role/other: AccessDenied: no (HTTP 403)"
    );
}

#[test]
fn a_web_identity_is_exchanged() {
    let service = StandInService::start(|_| (200, answer_of_sts("2099-01-01T00:00:00Z")));
    let folder = TempDir::new().unwrap();
    let token = folder.path().join("token");
    fs::write(&token, "identity\n").unwrap();
    let variables = [
        ("AWS_WEB_IDENTITY_TOKEN_FILE", token.to_str().unwrap()),
        ("AWS_ROLE_ARN", "arn:aws:iam::1:role/kafka"),
        ("AWS_ENDPOINT_URL_STS", &*service.url),
    ];
    is_let_in(&iam(&variables, &[]));
    let asked = &service.asked()[0];
    assert!(
        asked.starts_with("POST / ") && asked.contains("WebIdentityToken=identity"),
        "{asked}"
    );
    let gone = [
        ("AWS_WEB_IDENTITY_TOKEN_FILE", "/no/such/token"),
        variables[1],
        variables[2],
    ];
    assert!(refusal(&iam(&gone, &[])).starts_with("the token file /no/such/token cannot be read"));
}

#[test]
fn containers_and_instances_give_credentials() {
    let agent = StandInService::start(|request| {
        if request.contains("uthorization: container-token") {
            (200, document("2099-01-01T00:00:00Z"))
        } else {
            (401, String::new())
        }
    });
    let url = format!("{}/credentials", agent.url);
    let variables = [
        ("AWS_CONTAINER_CREDENTIALS_FULL_URI", &*url),
        ("AWS_CONTAINER_AUTHORIZATION_TOKEN", "container-token"),
    ];
    is_let_in(&iam(&variables, &[]));
    let remote = [("AWS_CONTAINER_CREDENTIALS_FULL_URI", "http://evil.example/")];
    assert!(refusal(&iam(&remote, &[])).contains("in plain text on a network"));
    let instance = StandInService::start(|request| match request.split(' ').nth(1) {
        Some("/latest/api/token") if request.starts_with("PUT") => (200, "session".to_owned()),
        _ if !request
            .to_ascii_lowercase()
            .contains("x-aws-ec2-metadata-token: session") =>
        {
            (401, String::new())
        }
        Some("/latest/meta-data/iam/security-credentials/") => (200, "role".to_owned()),
        Some("/latest/meta-data/iam/security-credentials/role") => (200, document("2099-01-01T00:00:00Z")),
        _ => (404, String::new()),
    });
    let variables = [
        ("AWS_EC2_METADATA_SERVICE_ENDPOINT", &*instance.url),
        ("AWS_EC2_METADATA_DISABLED", "false"),
    ];
    is_let_in(&iam(&variables, &[]));
    let nowhere = refusal(&iam(&[], &[]));
    assert!(
        nowhere.starts_with("there are no AWS credentials: none in AWS_ACCESS_KEY_ID"),
        "{nowhere}"
    );
}

/// Temporary credentials are asked for again before they end; one that ends soon is kept where no other can be had.
#[test]
fn credentials_are_renewed_before_they_end() {
    let soon = |seconds: u64| {
        let end = SystemTime::now() + Duration::from_secs(seconds);
        jiff::Timestamp::try_from(end).unwrap().to_string()
    };
    let lasting = soon(3_600);
    let service = StandInService::start(move |_| (200, document(&lasting)));
    let stated = [("AWS_CONTAINER_CREDENTIALS_FULL_URI", &*service.url)];
    let iam_lasting = iam(&stated, &[]);
    is_let_in(&iam_lasting);
    is_let_in(&iam_lasting);
    assert_eq!(service.asked().len(), 1, "they are used again");
    let ending = soon(60);
    let first = Mutex::new(true);
    let service = StandInService::start(move |_| {
        if std::mem::take(&mut *first.lock().unwrap()) {
            (200, document(&ending))
        } else {
            (500, String::new())
        }
    });
    let stated = [("AWS_CONTAINER_CREDENTIALS_FULL_URI", &*service.url)];
    let iam_ending = iam(&stated, &[]);
    let now = SystemTime::now();
    let token = iam_ending.token(HOST, now, WITHIN).unwrap();
    assert!(
        token.expires().unwrap() <= now + Duration::from_mins(1),
        "a token ends with its credentials"
    );
    is_let_in(&iam_ending);
    assert_eq!(service.asked().len(), 2, "others were asked for");
}

#[test]
fn properties_are_those_of_awss_library() {
    let environment = |name: &str| {
        KEYS.iter()
            .find(|(known, _)| *known == name)
            .map(|(_, value)| (*value).to_owned())
    };
    let resolved = |text: &str| {
        let properties =
            crate::connection::Properties::of_file("client.properties", text.as_bytes(), &environment);
        let read = |_: &Path| Err(std::io::ErrorKind::NotFound.into());
        crate::connection::resolve_in(&properties, &read, &environment)
    };
    let iam = "security.protocol=SASL_PLAINTEXT\nsasl.mechanism=AWS_MSK_IAM\n\
               sasl.jaas.config=software.amazon.msk.auth.iam.IAMLoginModule required awsDebugCreds=\"true\";\n\
               sasl.client.callback.handler.class=software.amazon.msk.auth.iam.IAMClientCallbackHandler\n";
    let bearer = "security.protocol=SASL_PLAINTEXT\nsasl.mechanism=OAUTHBEARER\n\
                  sasl.jaas.config=org.apache.kafka.common.security.oauthbearer.OAuthBearerLoginModule required;\n\
                  sasl.login.callback.handler.class=software.amazon.msk.auth.iam.IAMOAuthBearerLoginCallbackHandler\n";
    for (text, mechanism) in [(iam, "AWS_MSK_IAM"), (bearer, "OAUTHBEARER")] {
        let (config, problems) = resolved(text).unwrap();
        assert_eq!(problems.0, []);
        let crate::connection::Authentication::Sasl(sasl) = &config.authentication else {
            panic!("{config:?}");
        };
        assert_eq!(sasl.mechanism(), mechanism);
        assert!(sasl.is_of_aws());
        // librdkafka is given tokens, whichever is stated.
        assert_eq!(config.librdkafka()["sasl.mechanisms"].reveal(), "OAUTHBEARER");
        let token = sasl.tokens().unwrap().for_broker(HOST).current(WITHIN).unwrap();
        lets_in_by_token(token.reveal(), "eu-west-1").unwrap();
    }
    let odd = iam
        .replace("awsDebugCreds", "awsUnknown")
        .replace("software.amazon.msk.auth.iam.IAMClient", "com.example.");
    let said = resolved(&odd).unwrap().1.to_string();
    assert!(said.contains("`awsUnknown` has no effect"), "{said}");
    assert!(
        said.contains("`sasl.client.callback.handler.class` has no effect"),
        "{said}"
    );
}
