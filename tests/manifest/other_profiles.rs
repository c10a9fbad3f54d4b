//! What the file says in the profiles that were not chosen: names that are not pruned, and protection.

use topicctl::manifest::{Manifest, load_files};
use topicctl::model::UnknownNames;

use crate::support::{files, good, selection};

const FILE: &str = "\
version: 1
profiles:
  dev: { prefix: dev. }
  prod: { prefix: '${PREFIX:-prod.}' }
  live: { prefix: '${LIVE}' }
  bare: {}
topics:
  - name: orders
    aliases: [old]
    profiles:
      prod: { aliases: [older, '${OLD}'] }
      live: { aliases: oldest }
";

fn loaded(environment: &dyn Fn(&str) -> Option<String>) -> Manifest {
    load_files(
        files(&[("topics.yaml", FILE)]),
        &selection(Some("dev")),
        environment,
    )
    .unwrap_or_else(|problems| panic!("{problems}"))
}

#[test]
fn names_in_other_profiles_are_known_as_far_as_their_variables_are_set() {
    let names = |manifest: &Manifest| {
        let names = &manifest.desired.other_names;
        let prefixes: Vec<&str> = names.prefixes.iter().map(|prefix| &**prefix).collect();
        let aliases: Vec<&str> = names
            .aliases
            .iter()
            .map(topicctl::model::TopicName::as_str)
            .collect();
        let unknown = names.unknown.iter().map(|unknown| match unknown {
            UnknownNames::UnsetVariable { variable, place } => format!("{variable} at {place}"),
            UnknownNames::UnreadFile(file) => file.to_string(),
        });
        (
            prefixes.join(" "),
            aliases.join(" "),
            unknown.collect::<Vec<_>>().join(", "),
        )
    };
    // Nothing of another profile has to be set for a run, and its unset variables are no error.
    assert_eq!(
        names(&loaded(&|_| None)),
        (
            " prod.".to_owned(),
            "older oldest".to_owned(),
            "LIVE at topics.yaml:5:20, OLD at topics.yaml:11:33".to_owned()
        )
    );
    assert_eq!(
        names(&loaded(&|name| Some(format!("{name}-").to_lowercase()))),
        (
            " live- prefix-".to_owned(),
            "old- older oldest".to_owned(),
            String::new()
        )
    );
}

#[test]
fn protection_holds_in_every_profile_that_does_not_say_otherwise_itself() {
    let protected = |prefix: &str, topic: &str, dev: &str, prod: &str| {
        let text = format!(
            "version: 1\nprofiles:\n  dev: {{ {dev} }}\n  prod: {{ {prefix} {prod} }}\ntopics:\n  - name: orders\n    state: absent\n{topic}"
        );
        let manifest = good(&text, Some("dev"));
        let stated = manifest.desired.topics["orders"].protected.clone();
        stated.map_or_else(String::new, |origin| origin.to_string())
    };
    let by_profile = "topics.yaml:4 (profile prod)";
    assert_eq!(protected("", "", "", "protect: true"), by_profile);
    assert_eq!(protected("", "", "protect: inherit", "protect: true"), by_profile);
    let of_prod = "    profiles: { prod: { protect: true } }\n";
    assert_eq!(
        protected("", of_prod, "", ""),
        "topics.yaml:8 (topic, profile prod)"
    );
    // Another name is another topic, and a word of the chosen profile goes before.
    assert_eq!(protected("prefix: prod.,", "", "", "protect: true"), "");
    assert_eq!(protected("", "", "protect: false", "protect: true"), "");
    assert_eq!(protected("", "    protect: false\n", "", "protect: true"), "");
}
