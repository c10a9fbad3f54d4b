//! Plans that are saved, reviewed and carried out later: exactly what was saved, or nothing.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use crate::binary::Project;
use crate::records::fill;
use crate::support::Kafka;

const FILE: &str = "\
version: 1
topics:
  - {name: saved.changed, partitions: 1, retention: 7d}
  - {name: saved.deleted}
";

fn alter(kafka: &Kafka, topic: &str, change: &[&str]) {
    let topic = ["--alter", "--entity-type", "topics", "--entity-name", topic];
    kafka.tool_output("configs", &[&topic[..], change].concat());
}

fn file(prefix: &str) -> String {
    FILE.replace("saved.", prefix)
}

/// The same topics, of which one changes, one goes and one is new.
fn edited(prefix: &str) -> String {
    file(prefix)
        .replace("partitions: 1, retention: 7d", "partitions: 2, retention: 30d")
        .replace("deleted}", "deleted, state: absent}")
        + &format!("  - {{name: {prefix}created}}\n")
}

#[test]
fn a_saved_plan_is_carried_out_without_the_file() {
    let kafka = Kafka::one();
    let project = Project::new(kafka, &file("saved."));
    project.run(&["apply"]).expect(0);
    fill(kafka, "saved.deleted");
    project.write(&edited("saved."));
    let diff = project.run(&["diff", "--out", "plan.json"]).expect(2);
    let path = project.path("plan.json");
    assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    assert!(diff.stderr.contains("apply --plan plan.json"), "{diff}");
    fs::remove_file(project.path("topics.yaml")).unwrap();

    let refused = project.run(&["apply", "--plan", "plan.json"]).expect(3);
    assert!(
        refused.stdout.contains("--allow-data-loss saved.deleted"),
        "{refused}"
    );
    let before = kafka.topics("saved.");
    assert_eq!(before.len(), 2);
    let allowed = [
        "apply",
        "--plan",
        "plan.json",
        "--yes",
        "--allow-data-loss",
        "saved.deleted",
    ];
    let applied = project.run(&allowed).expect(0);

    insta::assert_snapshot!(applied.stdout[applied.stdout.find('✅').unwrap_or(0)..], @"
    ✅ Topic saved.changed changed: retention.ms 7d (604800000) → 30d (2592000000), partitions 1 → 2
    ✅ Topic saved.created created
    ✅ Topic saved.deleted deleted
    3 done.
    ");
    let after = kafka.topics("saved.");
    assert_eq!(
        after.keys().collect::<Vec<_>>(),
        ["saved.changed", "saved.created"]
    );
    assert_eq!(after["saved.changed"].partitions, 2);
    assert_eq!(after["saved.changed"].overrides["retention.ms"], "2592000000");
    // Once it is carried out, there is nothing to do.
    let again = project.run(&allowed).expect(0);
    assert!(again.stdout.contains("Up to date"), "{again}");
    assert!(
        again.stderr.contains("The plan is carried out already."),
        "{again}"
    );
    assert_eq!(kafka.topics("saved."), after);
    // Unless somebody did something else since.
    alter(kafka, "saved.changed", &["--add-config", "segment.ms=86400000"]);
    let moved = project.run_until(3, &allowed);
    assert!(
        moved.stdout.contains("the cluster changed since the plan"),
        "{moved}"
    );
}

/// Ids of topics are other ones every time.
fn without_ids(said: &str) -> String {
    let id = |word: &str| {
        let bare = word.trim_end_matches(',');
        let is_id = bare.len() == 22 && !bare.contains('.');
        if is_id {
            word.replace(bare, "ID")
        } else {
            word.to_owned()
        }
    };
    let line = |line: &str| line.split(' ').map(id).collect::<Vec<_>>().join(" ");
    said.lines().skip(2).map(line).collect::<Vec<_>>().join("\n")
}

#[test]
fn a_cluster_that_moved_keeps_the_plan_from_being_carried_out() {
    let kafka = Kafka::one();
    let project = Project::new(kafka, &file("moved."));
    project.run(&["apply"]).expect(0);
    project.write(&edited("moved."));
    project.run(&["diff", "--out", "plan.json"]).expect(2);
    alter(
        kafka,
        "moved.changed",
        &["--add-config", "retention.ms=1209600000"],
    );
    kafka.tool_output("topics", &["--create", "--topic", "moved.created"]);
    kafka.tool_output("topics", &["--delete", "--topic", "moved.deleted"]);
    kafka.tool_output("topics", &["--create", "--topic", "moved.deleted"]);
    let before = kafka.topics("moved.");

    let everything = ["apply", "--plan", "plan.json", "--yes", "--allow-data-loss", "*"];
    // Brokers show with a delay what others did; until all of it shows, less is said.
    let deadline = std::time::Instant::now() + crate::binary::SHOWN_WITHIN;
    let refused = loop {
        let run = project.run(&everything).expect(3);
        if run
            .stdout
            .lines()
            .filter(|line| line.starts_with("  topic "))
            .count()
            == 3
            || std::time::Instant::now() > deadline
        {
            break run;
        }
    };
    let json = project
        .run(&[&everything[..], &["--output", "json"]].concat())
        .expect(3);

    assert_eq!(kafka.topics("moved."), before);
    insta::assert_snapshot!(without_ids(&refused.stdout), @"
    Nothing was changed: the cluster changed since the plan was made.
      topic moved.changed: retention.ms was 604800000 (the topic's own), is 1209600000 (the topic's own)
      topic moved.created: topic was absent, is present
      topic moved.deleted: topic id was ID, is ID
    Make a new plan with `topicctl diff --out FILE`.
    ");
    let json: serde_json::Value = serde_json::from_str(&json.stdout).unwrap();
    assert_eq!(json["status"], "blocked");
    assert_eq!(json["blocked"]["moved"].as_array().map(Vec::len), Some(3));
}

#[test]
fn a_plan_for_another_cluster_or_profile_and_a_blocked_one_are_refused() {
    let kafka = Kafka::one();
    let project = Project::new(
        kafka,
        "version: 1\ntopics:\n  - {name: refused-plan.new, replication: 3}\n",
    );
    let saved = project.run(&["diff", "--out", "blocked.json"]).expect(3);
    let blocked = project
        .run(&["apply", "--plan", "blocked.json", "--yes"])
        .expect(3);
    project.write("version: 1\ntopics:\n  - {name: refused-plan.new}\n");
    project.run(&["diff", "--out", "plan.json"]).expect(2);
    let profile = project
        .run(&["apply", "--plan", "plan.json", "--profile", "prod"])
        .expect(1);
    let plan = fs::read_to_string(project.path("plan.json")).unwrap();
    fs::write(project.path("cut.json"), &plan[..plan.len() / 2]).unwrap();
    let cut = project.run(&["apply", "--plan", "cut.json"]).expect(1);
    let missing = project.run(&["apply", "--plan", "none.json"]).expect(1);
    let elsewhere = project
        .run(&["diff", "--out", "no/such/folder/plan.json"])
        .expect(1);

    insta::assert_snapshot!(blocked, @"
    exit code 3
    --- stderr
    error: nothing was changed: when the plan was made, these topics were blocked or could not be read, so it is for reading only: refused-plan.new
    Make a new plan without them.
    ");
    assert_eq!(
        saved.stderr,
        "Saved to blocked.json, for reading only: not all of it can be done, and `topicctl apply --plan` carries out \
         a plan as a whole or not at all.\n"
    );
    insta::assert_snapshot!(profile, @"
    exit code 1
    --- stderr
    error: the plan was made without a profile, and this run is for profile prod; nothing was changed
    ");
    assert!(
        cut.stderr
            .starts_with("error: cut.json: the file is cut off: EOF"),
        "{cut}"
    );
    insta::assert_snapshot!(missing, @"
    exit code 1
    --- stderr
    error: the plan none.json cannot be read: No such file or directory (os error 2)
    ");
    assert!(
        elsewhere
            .stderr
            .contains("the plan cannot be written to no/such/folder/plan.json"),
        "{elsewhere}"
    );
    assert!(kafka.topics("refused-plan.").is_empty());

    let other = Kafka::three();
    let wrong = Project::new(other, "version: 1\ntopics: []\n");
    fs::write(wrong.path("plan.json"), &plan).unwrap();
    let wrong = wrong.run(&["apply", "--plan", "plan.json"]).expect(1);
    assert!(wrong.stderr.contains("; nothing was read or changed"), "{wrong}");
    assert!(other.topics("refused-plan.").is_empty());
}

/// A broker shows new partitions some time after the controller made them, and tells of their sizes later still.
#[test]
fn growth_with_replication_is_carried_out_whole_every_time() {
    let kafka = Kafka::three();
    let names: Vec<String> = (1..=10).map(|nth| format!("whole.{nth}")).collect();
    let topic = |name: &String, settings: &str| format!("  - {{name: {name}, {settings}}}\n");
    let small: String = names
        .iter()
        .map(|name| topic(name, "partitions: 3, replication: 1"))
        .collect();
    let project = Project::new(kafka, &format!("version: 1\ntopics:\n{small}"));
    project.run(&["apply"]).expect(0);

    for name in &names {
        let large = topic(name, "partitions: 12, replication: 2");
        project.write(&format!("version: 1\ntopics:\n{large}"));
        project.run(&["diff", "--out", "plan.json"]).expect(2);
        let applied = project.run(&["apply", "--plan", "plan.json"]).expect(0);
        assert!(
            applied
                .stdout
                .contains("changed: partitions 3 → 12, replication 1 → 2"),
            "{applied}"
        );
    }
}

/// Whoever can edit a plan can make its own digest anew; what was reviewed is named from outside.
#[test]
fn only_the_plan_that_is_named_by_its_digest_is_carried_out() {
    let kafka = Kafka::one();
    let project = Project::new(kafka, "version: 1\ntopics:\n  - {name: digest.topic}\n");
    let diff = project.run(&["diff", "--out", "plan.json"]).expect(2);
    let digest = diff.stderr.split_whitespace().last().unwrap().to_owned();
    let other = "0".repeat(64);
    let refused = [
        "apply",
        "--plan",
        "plan.json",
        "--plan-digest",
        &other,
        "--record",
        "record.jsonl",
    ];
    let refused = project.run(&refused).expect(1);
    insta::assert_snapshot!(refused.stderr.replace(&digest, "DIGEST"), @r"
    error: plan.json is not the plan that --plan-digest names; nothing was read or changed
    Its SHA-256 is DIGEST.
    ");
    assert!(kafka.topics("digest.").is_empty());
    // A manifest that only lies there is not read.
    project.write("version: {\n");
    project
        .run(&[
            "apply",
            "--plan",
            "plan.json",
            "--plan-digest",
            &digest.to_uppercase(),
        ])
        .expect(0);
    assert!(kafka.topics("digest.").contains_key("digest.topic"));
}

#[test]
fn a_plan_is_held_to_the_manifest_that_is_given() {
    let kafka = Kafka::one();
    let there =
        "version: 1\ntopics:\n  - {name: held.gone, partitions: 1}\n  - {name: held.pruned, partitions: 1}\n";
    let project = Project::new(kafka, there);
    project.run(&["apply"]).expect(0);
    project.write(
        "version: 1\ntopics:\n  - {name: held.new, partitions: 6}\n  - {name: held.gone, state: absent}\n",
    );
    project
        .run(&["diff", "held.new", "held.gone", "--out", "plan.json"])
        .expect(2);
    project
        .run(&["diff", "--prune", "held.pruned", "--out", "pruning.json"])
        .expect(2);
    let apply = |plan: &str, file: &str| {
        let flags = ["--yes", "--allow-data-loss", "*", "--file", file];
        project.run(&[&["apply", "--plan", plan][..], &flags].concat())
    };

    project.put(
        "policy.yaml",
        "version: 1\npolicy: {max_partitions: 3}\ntopics:\n  - {name: held.new, partitions: 3}\n",
    );
    let policy = apply("plan.json", "policy.yaml").expect(3);
    assert!(policy.stdout.contains("max_partitions"), "{policy}");
    project.put(
        "protect.yaml",
        "version: 1\ntopics:\n  - {name: held.gone, partitions: 1, protect: true}\n",
    );
    let protected = apply("plan.json", "protect.yaml").expect(3);
    assert!(
        protected
            .stdout
            .contains("the topic is protected from being deleted"),
        "{protected}"
    );
    project.put("names.yaml", there);
    let named = apply("pruning.json", "names.yaml").expect(1);
    assert_eq!(
        named.stderr,
        "error: the plan deletes topics as not in the file, and the file names them: held.pruned; nothing was \
         changed\n"
    );
    assert_eq!(
        kafka.topics("held.").keys().collect::<Vec<_>>(),
        ["held.gone", "held.pruned"]
    );
    project.put(
        "free.yaml",
        "version: 1\npolicy: {max_partitions: 9}\ntopics: []\n",
    );
    apply("plan.json", "free.yaml").expect(0);
}
