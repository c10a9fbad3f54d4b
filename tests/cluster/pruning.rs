//! Deleting topics: which go, what it takes, and that nothing changes without it.

use std::collections::BTreeMap;

use crate::binary::{Project, Run};
use crate::records::fill;
use crate::support::{Brokers, Kafka};

/// What follows the plan: the refusal with its advice.
fn refusal(run: &Run) -> &str {
    let from = run.stdout.find("Nothing was changed.");
    &run.stdout[from.unwrap_or_else(|| panic!("nothing was refused:\n{run}"))..]
}

/// The ids of all topics of a prefix: the same before and after where nothing was deleted or made anew.
fn ids(kafka: &Kafka, prefix: &str) -> BTreeMap<String, String> {
    let topics = kafka.topics(prefix).into_iter();
    topics.map(|(name, topic)| (name, topic.id)).collect()
}

fn file(names: &[&str]) -> String {
    let topics: Vec<String> = names.iter().map(|name| format!("  - name: {name}\n")).collect();
    format!("version: 1\ntopics:\n{}", topics.concat())
}

#[test]
fn what_the_file_does_not_name_goes_with_a_pattern_and_permission_only() {
    let kafka = Kafka::one();
    let project = Project::new(
        kafka,
        &file(&["pruned.kept", "pruned.forgotten", "pruned.old", "pruned-not.me"]),
    );
    project.run(&["apply"]).expect(0);
    fill(kafka, "pruned.forgotten");
    project.write("version: 1\ntopics:\n  - name: pruned.kept\n    aliases: [pruned.old]\n");
    let before = ids(kafka, "pruned");

    project.run(&["diff"]).expect(0);
    let diff = project.run(&["diff", "--prune", "pruned.*"]).expect(2);
    let yes = project.run(&["apply", "--prune", "pruned.*", "--yes"]).expect(3);
    let none = project.run(&[
        "apply",
        "--prune",
        "pruned.*",
        "--allow-data-loss",
        "*",
        "--max-deletes",
        "0",
    ]);
    assert_eq!(ids(kafka, "pruned"), before);
    let pruned = ["apply", "--prune", "pruned.*", "--allow-data-loss", "pruned.*"];
    let done = project.run(&pruned).expect(0);
    project
        .run(&["apply", "--prune", "pruned.*", "-v"])
        .expect(0)
        .expect_no_writes();

    insta::assert_snapshot!(diff, @"
    exit code 2
    --- stdout
    cluster CLUSTER · ADDRESS

    - pruned.forgotten  to delete · lossy
        state  present, 1 partition → absent  not in the file (--prune pruned.*)
          lossy: everything in it goes: 10 records (191 B), of 9999-99-99; last write 9999-99-99 99:99 UTC

    = pruned.kept  in sync
        note: its older name pruned.old exists on the cluster; that topic is left as it is

    1 to delete, 1 in sync; 1 can lose data.
    In total 10 records (191 B) would go, from 1 topic.
    ");
    insta::assert_snapshot!(refusal(&yes), @"
    Nothing was changed.
      1 topic would lose data. If that is wanted, add:
        --allow-data-loss pruned.forgotten
    ");
    insta::assert_snapshot!(refusal(&none.expect(3)), @"
    Nothing was changed.
      1 topic would be deleted, and at most 0 may be in one run. If that is wanted, add: --max-deletes 1
    ");
    assert!(
        done.stdout
            .ends_with("✅ Topic pruned.forgotten deleted\n1 done, 1 in sync.\n"),
        "{done}"
    );
    let mut left = before;
    left.remove("pruned.forgotten");
    assert_eq!(ids(kafka, "pruned"), left);
}

#[test]
fn more_deletions_than_the_budget_block_the_whole_run() {
    let kafka = Kafka::one();
    let names: Vec<String> = (0..6).map(|index| format!("budget.{index}")).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let project = Project::new(kafka, &file(&names));
    project.run(&["apply"]).expect(0);
    let before = ids(kafka, "budget.");
    // Three are stated absent, three are forgotten, and one more is new: all count, and none is made.
    let absent: Vec<String> = names[..3]
        .iter()
        .map(|name| format!("  - {{name: {name}, state: absent}}\n"))
        .collect();
    project.write(&format!(
        "version: 1\ntopics:\n{}  - name: budget.new\n",
        absent.concat()
    ));

    let all = ["apply", "--prune", "budget.*", "--yes", "--allow-data-loss", "*"];
    let blocked = project.run(&all).expect(3);
    assert_eq!(ids(kafka, "budget."), before);
    let json = project.run(&[&all[..], &["--output", "json"]].concat()).expect(3);
    let allowed = project.run(&[&all[..], &["--max-deletes", "6"]].concat());
    allowed.expect(0);

    insta::assert_snapshot!(refusal(&blocked), @"
    Nothing was changed.
      6 topics would be deleted, and at most 5 may be in one run. If that is wanted, add: --max-deletes 6
    ");
    assert!(json.stdout.contains("\"allowed\": 5"), "{json}");
    let left = ids(kafka, "budget.");
    assert_eq!(left.keys().collect::<Vec<_>>(), ["budget.new"]);
}

#[test]
fn a_protected_topic_stays_whatever_is_allowed() {
    let kafka = Kafka::one();
    let file = "\
version: 1
defaults:
  protect: true
topics:
  - name: protected.topic
  - name: protected.free
    protect: false
";
    let project = Project::new(kafka, file);
    project.run(&["apply"]).expect(0);
    let before = ids(kafka, "protected.");
    let absent = file.replace("topic\n", "topic\n    state: absent\n");
    project.write(&absent.replace("protect: false", "protect: inherit\n    state: absent"));

    let everything = ["apply", "--yes", "--allow-data-loss", "*", "--max-deletes", "9"];
    let diff = project.run(&["diff"]).expect(3);
    let blocked = project.run(&everything).expect(3);
    assert_eq!(ids(kafka, "protected."), before);
    let rest = [&everything[..], &["--skip-blocked"]].concat();
    let skipped = project.run(&rest).expect(3);
    // Taking the protection away is an edit of its own.
    project.write(&absent.replace("protect: true", "protect: false"));
    let after = project.run(&everything).expect(0);

    insta::assert_snapshot!(diff, @"
    exit code 3
    --- stdout
    cluster CLUSTER · ADDRESS

    - protected.free  to delete · caution
        state  present, 1 partition → absent  topics.yaml:9 (state: absent)
          caution: it is empty, and no group uses it

    ✗ protected.topic  blocked
        protected: state: absent: the topic is protected from being deleted  topics.yaml:3 (defaults)
          instead: keep the topic; if it has to go, take its protection away in an edit of its own first

    1 to delete, 1 blocked; 1 needs care.
    ");
    insta::assert_snapshot!(refusal(&blocked), @"
    Nothing was changed.
      1 topic cannot be as the file says (see above). Correct the file, or leave them out with --skip-blocked.
    ");
    insta::assert_snapshot!(skipped, @"
    exit code 3
    --- stdout
    cluster CLUSTER · ADDRESS

    - protected.free  to delete · caution
        state  present, 1 partition → absent  topics.yaml:9 (state: absent)
          caution: it is empty, and no group uses it

    ✗ protected.topic  blocked
        protected: state: absent: the topic is protected from being deleted  topics.yaml:3 (defaults)
          instead: keep the topic; if it has to go, take its protection away in an edit of its own first

    1 to delete, 1 blocked; 1 needs care.
    ✅ Topic protected.free deleted
    ⛔ Topic protected.topic: left out: state: absent: the topic is protected from being deleted
    1 done, 1 left out.
    ");
    assert!(
        after.stdout.contains("✅ Topic protected.topic deleted"),
        "{after}"
    );
    assert!(!ids(kafka, "protected.").contains_key("protected.topic"));
}

#[test]
fn topics_of_kafka_itself_go_by_their_exact_name_only() {
    let kafka = Kafka::dedicated(Brokers::One, &[]);
    let project = Project::new(&kafka, &file(&["kept"]));
    project.run(&["apply"]).expect(0);
    for topic in ["_schemas", "__consumer_offsets"] {
        kafka.tool_output("topics", &["--create", "--topic", topic]);
    }
    fill(&kafka, "_schemas");
    let before = ids(&kafka, "");

    let all = ["--allow-data-loss", "*", "--prune", "*"];
    let globs = [
        &["apply"],
        &all[..],
        &["--prune", "_*", "--prune", "__consumer_offset?"],
    ]
    .concat();
    project.run(&globs).expect(0);
    assert_eq!(ids(&kafka, ""), before);
    let exact = ["--prune", "_schemas"];
    project.run(&[&["apply"], &all[..], &exact].concat()).expect(3);
    assert_eq!(ids(&kafka, ""), before);
    let named = [&["apply"], &all[..], &exact, &["--allow-data-loss", "_schemas"]].concat();
    let named = project.run(&named).expect(0);

    assert!(named.stdout.contains("✅ Topic _schemas deleted\n"), "{named}");
    let left = ids(&kafka, "");
    assert_eq!(left.keys().collect::<Vec<_>>(), ["__consumer_offsets", "kept"]);
}

#[test]
fn a_topic_that_comes_back_is_two_edits_and_loses_its_records() {
    let kafka = Kafka::one();
    let present = file(&["twice-edited.topic"]);
    let project = Project::new(kafka, &present);
    project.run(&["apply"]).expect(0);
    let first = ids(kafka, "twice-edited.");
    fill(kafka, "twice-edited.topic");
    // No edit of an existing topic makes it anew: what cannot be done in place is refused.
    project.write(&format!(
        "{present}    partitions: 3\n    config: {{cleanup.policy: compact}}\n"
    ));
    project
        .run(&["apply", "--yes", "--allow-data-loss", "*"])
        .expect(0);
    project.write(&format!("{present}    partitions: 1\n"));
    project
        .run(&["apply", "--yes", "--allow-data-loss", "*"])
        .expect(3);
    assert_eq!(ids(kafka, "twice-edited."), first);

    project.write(&format!("{present}    state: absent\n"));
    project.run(&["apply", "--allow-data-loss", "*"]).expect(0);
    assert!(ids(kafka, "twice-edited.").is_empty());
    project.write(&present);
    project.run(&["apply"]).expect(0);
    assert_ne!(ids(kafka, "twice-edited."), first);
}
