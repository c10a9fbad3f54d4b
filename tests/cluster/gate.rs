//! What apply does not do without permission, and that each permission covers its own risk only.

use crate::binary::{Project, Run};
use crate::contract::wire::Records;
use crate::records::{HOUR, append, fill, now};
use crate::support::Kafka;

/// What follows the plan: the refusal with its advice.
fn refusal(run: &Run) -> &str {
    let from = run.stdout.find("Nothing was changed.");
    &run.stdout[from.unwrap_or_else(|| panic!("nothing was refused:\n{run}"))..]
}

#[test]
fn data_loss_and_care_are_each_allowed_by_their_own_flag() {
    let kafka = Kafka::one();
    let file = "\
version: 1
topics:
  - name: gate.careful
    partitions: 1
  - name: gate.lossy
    retention: 7d
";
    let project = Project::new(kafka, file);
    project.run(&["apply"]).expect(0);
    fill(kafka, "gate.careful");
    append(kafka, "gate.lossy", 0, &Records::new(10, now() - 2 * HOUR));
    project.write(&file.replace("partitions: 1", "partitions: 2").replace("7d", "1h"));

    let neither = project.run(&["apply"]).expect(3);
    let yes = project.run(&["apply", "--yes"]).expect(3);
    let another = project.run(&["apply", "--yes", "--allow-data-loss", "gate.careful"]);
    let loss = project.run(&["apply", "--allow-data-loss", "gate.*"]).expect(3);
    let after_refusals = kafka.topics("gate.");
    let both = project
        .run(&["apply", "--yes", "--allow-data-loss", "gate.lossy"])
        .expect(0);

    insta::assert_snapshot!(neither, @"
    exit code 3
    --- stdout
    cluster CLUSTER · ADDRESS

    ~ gate.careful  to change · needs confirmation
        partitions  1 → 2  topics.yaml:4 (topic)
          needs confirmation: none of the 10 records has a key, but consumers that start at `latest` can miss the first ones of a new partition

    ~ gate.lossy  to change · lossy
        retention.ms  7d (604800000) → 1h (3600000)  topics.yaml:6 (topic)
          lossy: 10 records (191 B) older than 1h will be deleted, of 9999-99-99

    2 to change; 1 needs confirmation (--yes), 1 can lose data (--allow-data-loss).
    In total 10 records (191 B) would be deleted, from 1 topic.
    Nothing was changed.
      1 topic would lose data. If that is wanted, pass:
        --allow-data-loss gate.lossy
      1 topic needs confirmation. This is not a terminal: pass --yes.
    ");
    insta::assert_snapshot!(refusal(&yes), @"
    Nothing was changed.
      1 topic would lose data. If that is wanted, pass:
        --allow-data-loss gate.lossy
    ");
    assert_eq!(refusal(&another.expect(3)), refusal(&yes));
    insta::assert_snapshot!(refusal(&loss), @"
    Nothing was changed.
      1 topic needs confirmation. This is not a terminal: pass --yes.
    ");
    assert_eq!(after_refusals["gate.careful"].partitions, 1);
    assert_eq!(
        after_refusals["gate.lossy"].overrides["retention.ms"],
        "604800000"
    );
    insta::assert_snapshot!(both, @"
    exit code 0
    --- stdout
    cluster CLUSTER · ADDRESS

    ~ gate.careful  to change · needs confirmation
        partitions  1 → 2  topics.yaml:4 (topic)
          needs confirmation: none of the 10 records has a key, but consumers that start at `latest` can miss the first ones of a new partition

    ~ gate.lossy  to change · lossy
        retention.ms  7d (604800000) → 1h (3600000)  topics.yaml:6 (topic)
          lossy: 10 records (191 B) older than 1h will be deleted, of 9999-99-99

    2 to change; 1 needs confirmation (--yes), 1 can lose data (--allow-data-loss).
    In total 10 records (191 B) would be deleted, from 1 topic.
    ✅ Topic gate.careful changed: partitions 1 → 2
    ✅ Topic gate.lossy changed: retention.ms 7d (604800000) → 1h (3600000)
    2 done.
    ");
    let after = kafka.topics("gate.");
    assert_eq!(after["gate.careful"].partitions, 2);
    assert_eq!(after["gate.lossy"].overrides["retention.ms"], "3600000");
}

#[test]
fn a_topic_is_deleted_with_permission_only() {
    let kafka = Kafka::one();
    let file = "\
version: 1
topics:
  - name: absent.topic
";
    let project = Project::new(kafka, file);
    project.run(&["apply"]).expect(0);
    fill(kafka, "absent.topic");
    project.write(&format!("{file}    state: absent\n"));

    let diff = project.run(&["diff"]).expect(2);
    let yes = project.run(&["apply", "--yes"]).expect(3);
    let listed = || kafka.tool_output("topics", &["--list"]).contains("absent.topic");
    assert!(listed());
    let allowed = ["apply", "--allow-data-loss", "absent.topic"];
    let deleted = project.run(&allowed).expect(0);
    let again = project.run(&["apply", "-v"]).expect(0);

    insta::assert_snapshot!(diff, @"
    exit code 2
    --- stdout
    cluster CLUSTER · ADDRESS

    - absent.topic  to delete · lossy
        state  present, 1 partition → absent  topics.yaml:4 (state: absent)
          lossy: everything in it will be deleted: 10 records (191 B), of 9999-99-99; last write 9999-99-99 99:99 UTC

    1 to delete; 1 can lose data (--allow-data-loss).
    In total 10 records (191 B) would be deleted, from 1 topic.
    ");
    insta::assert_snapshot!(refusal(&yes), @"
    Nothing was changed.
      1 topic would lose data. If that is wanted, pass:
        --allow-data-loss absent.topic
    ");
    assert!(
        deleted
            .stdout
            .ends_with("✅ Topic absent.topic deleted\n1 done.\n"),
        "{deleted}"
    );
    again.expect_no_writes();
    assert!(!listed());
}
