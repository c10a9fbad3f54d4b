//! Wrong manifests and everything that is said of them.
//!
//! Each file under `bad/` is a case: all its problems, exactly as they are printed, are in the snapshot of
//! its name. A first line `# profile: NAME` chooses a profile. The environment is that of [`environment`].

use std::path::{Path, PathBuf};

use topicctl::manifest::{self, Selection};

use crate::support::assert_said;

/// The folder is part of no message: paths in messages are the user's own.
fn said_of(file: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/manifest/bad")
        .join(file);
    let bytes = std::fs::read(&path).unwrap();
    let text = String::from_utf8_lossy(&bytes).into_owned();
    let profile = text
        .lines()
        .next()
        .and_then(|line| line.strip_prefix("# profile: "));
    let selection = profile.map_or(Selection::Unspecified, |name| Selection::Named(name.to_owned()));
    let files = vec![manifest::ManifestFile {
        name: "topics.yaml".into(),
        bytes,
    }];
    match manifest::load_files(files, &selection, &environment) {
        Err(problems) => problems.to_string(),
        Ok(_) => "nothing is wrong".to_owned(),
    }
}

fn environment(name: &str) -> Option<String> {
    match name {
        "ORDERS" => Some("orders".to_owned()),
        "WORD" => Some("many".to_owned()),
        "NUMBER" => Some("3".to_owned()),
        "SECRET" => Some("hunter2".to_owned()),
        _ => None,
    }
}

fn check(name: &str) {
    let said = said_of(&format!("{name}.yaml"));
    assert!(said.contains("error: "), "{name} has no error:\n{said}");
    assert!(!said.contains("hunter2"), "{name} shows a secret:\n{said}");
    assert_said(name, &said);
}

macro_rules! cases {
    ($($name:ident)*) => {
        $(#[test] fn $name() { check(stringify!($name)); })*

        #[test]
        fn every_file_is_a_case() {
            let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/manifest/bad");
            let mut files: Vec<PathBuf> = folder.read_dir().unwrap().map(|file| file.unwrap().path()).collect();
            files.sort();
            let names: Vec<_> = files.iter().map(|file| file.file_stem().unwrap().to_str().unwrap()).collect();
            let mut cases = [$(stringify!($name)),*];
            cases.sort_unstable();
            assert_eq!(names, cases);
        }
    };
}

cases! {
    alias_inside_itself
    anchor_bomb
    bad_aliases
    bad_bootstrap
    bad_cluster_id
    bad_duration
    bad_policy
    bad_prefix
    bad_size
    client_blocks_left_out
    colon_in_a_value
    config_key_that_is_none
    counts_that_are_no_numbers
    counts_too_large
    dedented_field
    duplicate_client_property
    duplicate_config
    duplicate_key
    duplicate_profile
    duplicate_topics_field
    empty
    empty_ignore_pattern
    field_in_the_wrong_section
    field_without_value
    fields_of_other_tools
    impossible_configs
    inherit_of_a_whole_mapping
    json_with_a_trailing_error
    kafka_name_as_field
    key_is_no_text
    long_line
    malformed_reference
    malformed_reference_in_another_profile
    merge_key
    missing_colon
    missing_space_after_colon
    name_beyond_ascii
    name_empty
    name_missing
    name_of_dots
    name_prefixed_already
    name_too_long
    name_too_long_with_prefix
    name_with_a_slash
    name_with_a_space
    nested_too_deeply
    no_default_profile
    no_topics
    only_comments
    plain_retention
    problems_of_every_kind_at_once
    profile_without_profiles
    quantity_out_of_range
    quantity_too_large
    root_is_a_list
    root_is_text
    secrets_outside_of_client
    short_and_long_name
    syntax_error_near_a_secret
    syntax_error_with_a_client_block
    tab_indentation
    tag
    terminal_escapes
    topic_in_an_unknown_profile
    topic_profile_without_profiles
    topic_twice
    topic_twice_with_prefix
    topics_as_a_mapping
    topics_as_text
    topics_that_collide_in_metrics
    two_documents
    unclosed_bracket
    unclosed_quote
    unknown_alias
    unknown_codec
    unknown_config_key
    unknown_escape
    unknown_event
    unknown_field
    unknown_field_at_the_top
    unknown_policy
    unknown_profile
    unknown_protect
    unknown_state
    unknown_unlisted
    unquoted_glob
    unquoted_special_character
    unset_variable
    variable_in_a_key
    variable_in_braces
    variable_with_a_wrong_value
    version_missing
    version_of_two_parts
    version_unknown
    version_without_value
    wrong_indentation
    wrong_through_an_alias
    wrong_types
    wrong_types_inside_lists
    wrong_under_client
    zero_and_negative_counts
}
