use proptest::prelude::*;

use super::*;

fn shown(text: &str) -> String {
    match AddressList::parse(text) {
        Ok(list) => list.to_string(),
        Err(invalid) => invalid.to_string(),
    }
}

#[test]
fn addresses_are_read_in_order_and_once() {
    let list = AddressList::parse("kafka-1:9092, 10.0.0.1:19092,[::1]:9093,kafka-1:9092").unwrap();
    assert_eq!(list.to_string(), "kafka-1:9092,10.0.0.1:19092,[::1]:9093");
    assert_eq!(
        (list.addresses[2].host(), list.addresses[2].port()),
        ("::1", 9093)
    );
    assert!(list.schemes.is_empty());
}

/// Java's clients of Kafka 3 take empty entries as well; those of 4.4 refuse them, and blanks between addresses.
#[test]
fn what_is_unambiguous_is_taken() {
    for text in [
        "a:1,b:1",
        "a:1,b:1,",
        ",a:1,b:1",
        "a:1,,b:1",
        " a:1 , b:1 ",
        "a:1 b:1",
        "a:1\nb:1\n",
        "a:1,\r\n  b:1\r\n",
        "a:1\u{a0}b:1",
        "SASL_SSL://a:1,SASL_SSL://b:1",
        "kafka+ssl://a:1,b:1",
    ] {
        assert_eq!(shown(text), "a:1,b:1", "{text:?}");
    }
}

#[test]
fn a_scheme_says_which_protocol_is_meant() {
    let schemes = |text| AddressList::parse(text).unwrap().schemes;
    assert_eq!(schemes("SASL_SSL://a:1,sasl_ssl://b:1"), [Scheme::SaslSsl]);
    assert_eq!(
        schemes("ssl://a:1,plaintext://b:1"),
        [Scheme::Ssl, Scheme::Plaintext]
    );
    for (scheme, agrees) in [
        (Scheme::AnyTls, ["SSL", "SASL_SSL"]),
        (Scheme::Unspecific, ["PLAINTEXT", "SASL_SSL"]),
        (Scheme::SaslPlaintext, ["SASL_PLAINTEXT", "SASL_PLAINTEXT"]),
    ] {
        assert!(
            agrees.iter().all(|protocol| scheme.agrees_with(protocol)),
            "{scheme:?}"
        );
    }
    assert!(!Scheme::Ssl.agrees_with("SASL_SSL") && !Scheme::AnyTls.agrees_with("SASL_PLAINTEXT"));
}

#[test]
fn every_slip_is_named_with_the_whole_list_as_it_should_be() {
    let cases = [
        "",
        " ,\n",
        "kafka",
        "kafka,other:9092",
        ":9092",
        "kafka:",
        "kafka:0",
        "kafka:65536",
        "kafka:+9092",
        "kafka:http,b:1",
        "http://kafka:8080/",
        "http://a:1,tcp://b:1",
        "socks5h://proxy:1080",
        "::1:9092",
        "[::1]",
        "[kafka]:9092",
        "[a:1]",
        "[a:1,b:1]",
        "a b:9092",
        "kafka:9092/topic",
        "http://user:hunter2@kafka:9092",
        "me:hunter2 is my password@kafka:9092",
        "a:1;b:1",
        "a:1；b:1",
        "a:1，b:1",
        "a：1,b:1",
        "ａ:１",
        "\"a:1,b:1\"",
        "'a:1','b:1'",
        "\u{feff}a:1,b:1",
        "a:1\u{200b},b:1",
        "a\u{1b}[2J:1",
        "a:1\\nb:1",
        "bootstrap.servers=a:1",
    ];
    let shown: Vec<String> = cases
        .iter()
        .map(|case| format!("{case:?}: {}", shown(case)))
        .collect();
    insta::assert_snapshot!(shown.join("\n"));
}

#[test]
fn the_first_wrong_entry_has_a_place() {
    let offset = |text| AddressList::parse(text).unwrap_err().offset;
    assert_eq!(offset("ä:1, b:port,c"), 5);
    assert_eq!(offset(" kafka"), 1);
}

proptest! {
    #[test]
    fn nothing_that_is_said_or_taken_controls_a_terminal(text in "[ab:1,;\\[\\]\" \u{1b}\n\u{feff}：@/]{0,16}") {
        let is_plain = |text: &str| text.chars().all(|letter| !is_invisible(letter));
        match AddressList::parse(&text) {
            Ok(list) => prop_assert!(list.addresses.iter().all(|address| is_plain(address.host()))),
            Err(invalid) => prop_assert!(is_plain(&invalid.to_string())),
        }
    }

    #[test]
    fn a_corrected_list_is_a_list(text in "[ab:1,;\\[\\]\" /，：]{0,16}") {
        if let Err(InvalidAddresses { corrected: Some(list), .. }) = AddressList::parse(&text) {
            prop_assert_eq!(shown(&list), list);
        }
    }
}
