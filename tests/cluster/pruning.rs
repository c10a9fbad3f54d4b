//! Deleting topics: which go, what it takes, and that nothing changes without it.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::channel;
use std::thread::{self, JoinHandle};
use std::time::Duration;

use rdkafka::ClientConfig;
use rdkafka::producer::{BaseProducer, BaseRecord, Producer};

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
          lossy: everything in it will be deleted: 10 records (191 B), of 9999-99-99; last write 9999-99-99 99:99 UTC

    = pruned.kept  up to date
        note: its older name pruned.old exists on the cluster; that topic is left as it is

    1 to delete, 1 up to date; 1 can lose data (--allow-data-loss).
    In total 10 records (191 B) would be deleted, from 1 topic.
    ");
    insta::assert_snapshot!(refusal(&yes), @"
    Nothing was changed.
      1 topic would lose data. If that is wanted, pass:
        --allow-data-loss pruned.forgotten
    ");
    insta::assert_snapshot!(refusal(&none.expect(3)), @"
    Nothing was changed.
      1 topic would be deleted, and one run deletes at most 0. If that is wanted, pass: --max-deletes 1
    ");
    assert!(
        done.stdout
            .ends_with("✅ Topic pruned.forgotten deleted\n1 done, 1 up to date.\n"),
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
      6 topics would be deleted, and one run deletes at most 5. If that is wanted, pass: --max-deletes 6
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

    - protected.free  to delete · needs confirmation
        state  present, 1 partition → absent  topics.yaml:9 (state: absent)
          needs confirmation: it is empty, and no group uses it

    ✗ protected.topic  blocked
        protected: state: absent: the topic is protected from being deleted  topics.yaml:3 (defaults)
          instead: keep the topic; to delete it, first remove its protection in a separate edit

    1 to delete, 1 blocked; 1 needs confirmation (--yes).
    ");
    insta::assert_snapshot!(refusal(&blocked), @"
    Nothing was changed.
      1 topic is blocked (see above). Correct the file, or pass --skip-blocked to apply the rest.
    ");
    insta::assert_snapshot!(skipped, @"
    exit code 3
    --- stdout
    cluster CLUSTER · ADDRESS

    - protected.free  to delete · needs confirmation
        state  present, 1 partition → absent  topics.yaml:9 (state: absent)
          needs confirmation: it is empty, and no group uses it

    ✗ protected.topic  blocked
        protected: state: absent: the topic is protected from being deleted  topics.yaml:3 (defaults)
          instead: keep the topic; to delete it, first remove its protection in a separate edit

    1 to delete, 1 blocked; 1 needs confirmation (--yes).
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

/// Profiles that share a cluster: what one of them names, the other does not delete.
#[test]
fn what_any_profile_names_is_not_pruned_and_what_any_profile_protects_stays() {
    let kafka = Kafka::one();
    let text = "\
version: 1
profiles:
  dev: { prefix: every.dev. }
  prod: { prefix: 'every.${STAGE:-prod}.', protect: true }
topics:
  - name: orders
    profiles:
      prod: { aliases: [every.older] }
";
    let project = Project::new(kafka, text);
    for profile in ["dev", "prod"] {
        project.run(&["apply", "--profile", profile]).expect(0);
    }
    for topic in ["every.older", "every.dev.forgotten"] {
        kafka.tool_output("topics", &["--create", "--topic", topic]);
    }
    fill(kafka, "every.prod.orders");
    let before = ids(kafka, "every.");
    let prune = ["--prune", "every.*", "--yes", "--allow-data-loss", "*"];

    // A prefix that is not known could name anything.
    project.write(&text.replace("${STAGE:-prod}", "${STAGE}"));
    let unknown = project
        .run(&[&["apply", "--profile", "dev"], &prune[..]].concat())
        .expect(1);
    assert_eq!(
        unknown.stderr,
        "error: --prune deletes no topic that the file names in any profile, and not all names are known:\n  \
         topics.yaml:4:26: the variable STAGE of another profile is not set; set it, or give it a default\n"
    );
    project.run(&["diff", "--profile", "dev"]).expect(0);
    // The same topic under another name of the file.
    project.write(
        &format!("{text}  - {{ name: prod.orders, profiles: {{ dev: {{ state: absent }} }} }}\n")
            .replace("every.dev. ", "every. "),
    );
    let blocked = project
        .run(&[&["apply", "--profile", "dev"], &prune[2..]].concat())
        .expect(3);
    assert!(
        blocked
            .stdout
            .contains("the topic is protected from being deleted  topics.yaml:4 (profile prod)"),
        "{blocked}"
    );
    assert_eq!(ids(kafka, "every."), before);

    project.write(text);
    let pruned = project
        .run(&[&["apply", "--profile", "dev"], &prune[..]].concat())
        .expect(0);
    assert!(
        pruned.stdout.contains("✅ Topic every.dev.forgotten deleted\n"),
        "{pruned}"
    );
    let mut left = before;
    left.remove("every.dev.forgotten");
    assert_eq!(ids(kafka, "every."), left);
}

#[test]
fn a_folder_with_unread_manifests_in_its_subfolders_is_not_pruned_by() {
    let kafka = Kafka::one();
    let project = Project::new(kafka, &file(&["subfolder.read", "subfolder.unread"]));
    project.run(&["apply"]).expect(0);
    let before = ids(kafka, "subfolder.");
    std::fs::create_dir_all(project.path("all/team")).unwrap();
    project.put("all/read.yaml", file(&["subfolder.read"]));
    project.put("all/team/unread.yaml", file(&["subfolder.unread"]));
    let folder = [
        "--file",
        "all",
        "--prune",
        "subfolder.*",
        "--yes",
        "--allow-data-loss",
        "*",
    ];

    let diff = project.run(&["diff", "--file", "all"]).expect(0);
    let pruned = project.run(&[&["apply"], &folder[..]].concat()).expect(1);
    assert_eq!(ids(kafka, "subfolder."), before);
    let both = [&["apply"], &folder[..], &["--file", "all/team"]].concat();
    project.run(&both).expect(0);
    assert_eq!(ids(kafka, "subfolder."), before);

    assert!(
        diff.stderr
            .contains("all/team/unread.yaml: this file is not read: subfolders of a folder are not searched"),
        "{diff}"
    );
    assert!(
        pruned
            .stderr
            .contains("all/team/unread.yaml: it is in a subfolder and not read"),
        "{pruned}"
    );
}

/// The controllers decide, and say so before anything is written.
#[test]
fn a_cluster_that_deletes_no_topics_is_foreseen() {
    let kafka = Kafka::dedicated(Brokers::One, &[("delete.topic.enable", "false")]);
    let project = Project::new(&kafka, &file(&["kept", "unwanted"]));
    project.run(&["apply"]).expect(0);
    let before = ids(&kafka, "");
    project.write(
        "version: 1\ntopics:\n  - { name: kept, retention: 2d }\n  - { name: unwanted, state: absent }\n",
    );

    let diff = project.run(&["diff"]).expect(3);
    let all = ["apply", "--yes", "--allow-data-loss", "*"];
    project.run(&all).expect(3);
    let pruned = project
        .run(&["diff", "--file", "topics.yaml", "--prune", "*"])
        .expect(3);
    assert!(kafka.topics("")["kept"].overrides.is_empty());
    project.run(&[&all[..], &["--skip-blocked"]].concat()).expect(3);

    insta::assert_snapshot!(diff, @"
    exit code 3
    --- stdout
    cluster CLUSTER · ADDRESS

    ~ kept  to change
        retention.ms  7d (604800000) [Kafka default] → 2d (172800000)  topics.yaml:3 (topic)
          safe: no record is older than 2d

    ✗ unwanted  blocked · needs confirmation
        state  present, 1 partition → absent  topics.yaml:4 (state: absent)
          needs confirmation: it is empty, and no group uses it
        impossible: the cluster deletes no topics: delete.topic.enable is false on its controllers
          instead: keep the topic, or set delete.topic.enable=true in the controllers' properties and restart them

    1 to change, 1 blocked.
    ");
    assert!(
        pruned.stdout.contains("the cluster deletes no topics"),
        "{pruned}"
    );
    assert_eq!(kafka.topics("")["kept"].overrides["retention.ms"], "172800000");
    assert_eq!(ids(&kafka, ""), before);
}

/// A producer that is still at work, on a cluster that creates what producers ask for.
#[test]
fn a_deleted_topic_that_a_producer_brings_back_is_no_success() {
    let kafka = Kafka::dedicated(Brokers::One, &[("auto.create.topics.enable", "true")]);
    let project = Project::new(&kafka, &file(&["back.used", "back.idle"]));
    project.run(&["apply"]).expect(0);
    let traffic = Busy::on(&kafka, "back.used");
    project.write("version: 1\ntopics:\n  - { name: back.used, state: absent }\n  - { name: back.idle, state: absent }\n");

    let applied = project
        .run(&["apply", "--yes", "--allow-data-loss", "*"])
        .expect(1);
    let json = project
        .run(&["apply", "--yes", "--allow-data-loss", "*", "--output", "json"])
        .expect(1);
    drop(traffic);

    let said = "❌ Topic back.used: it was deleted, and a topic of that name is there again: a producer or consumer \
                that is still at work has most likely created it (auto.create.topics.enable); stop it, then run apply \
                again (delete, with 1 partition)\n";
    assert!(applied.stdout.contains(said), "{applied}");
    assert!(
        applied.stdout.contains("✅ Topic back.idle deleted\n"),
        "{applied}"
    );
    assert!(json.stdout.contains("\"status\": \"failed\""), "{json}");
    // With the producer stopped it stays deleted.
    project
        .run(&["apply", "--yes", "--allow-data-loss", "*"])
        .expect(0);
    assert!(ids(&kafka, "back.").is_empty());
}

/// A producer that goes on writing until it is dropped.
struct Busy {
    stop: Arc<AtomicBool>,
    writer: Option<JoinHandle<()>>,
}

impl Busy {
    /// Begins to write, and returns once the first record is there.
    fn on(kafka: &Kafka, topic: &str) -> Self {
        let stop = Arc::new(AtomicBool::new(false));
        let (begun, first) = channel();
        let (bootstrap, topic, until) = (kafka.bootstrap().to_owned(), topic.to_owned(), Arc::clone(&stop));
        let writer = thread::spawn(move || {
            let producer: BaseProducer = ClientConfig::new()
                .set("bootstrap.servers", &bootstrap)
                .set("allow.auto.create.topics", "true")
                .set("topic.metadata.refresh.interval.ms", "200")
                .create()
                .expect("a producer");
            while !until.load(Ordering::Relaxed) {
                let record = BaseRecord::<(), str>::to(&topic).payload("a record");
                _ = producer.send(record);
                producer.poll(Duration::from_millis(20));
                if producer.in_flight_count() == 0 {
                    _ = begun.send(());
                }
            }
        });
        first
            .recv_timeout(Duration::from_secs(30))
            .expect("a first record");
        Self {
            stop,
            writer: Some(writer),
        }
    }
}

impl Drop for Busy {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
        if let Some(writer) = self.writer.take() {
            _ = writer.join();
        }
    }
}
