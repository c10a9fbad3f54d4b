//! Numbers that are a slip of some zeros, and names that stand in each other's way.

use crate::binary::Project;
use crate::support::Kafka;

/// With racks topicctl places new partitions itself, one by one.
#[test]
fn absurd_numbers_of_partitions_are_refused_by_every_verb() {
    let kafka = Kafka::three();
    let project = Project::new(
        kafka,
        "version: 1\ntopics:\n  - { name: limits.there, partitions: 3 }\n",
    );
    project.run(&["apply"]).expect(0);
    let before = kafka.topics("limits.");
    project.write(
        "version: 1\ntopics:\n  - { name: limits.there, partitions: 2147483647 }\n  \
         - { name: limits.new, partitions: 30000000 }\n",
    );

    let diff = project.run(&["diff", "-v"]).expect(3);
    diff.expect_no_writes();
    project
        .run(&["apply", "--yes", "--allow-data-loss", "*"])
        .expect(3);
    project.run(&["describe"]).expect(0);
    project.run(&["describe", "limits.there"]).expect(0);
    project.run(&["monitor", "--once"]).expect(0);
    let meant = project.run(&["diff", "--max-partitions", "30000000"]).expect(3);
    assert_eq!(kafka.topics("limits."), before);

    insta::assert_snapshot!(diff.stdout.split_once("\n\n").unwrap().1, @"
    ✗ limits.new  blocked
        partitions   30000000         topics.yaml:4 (topic)
        replication  cluster default  not set in the file
        impossible: partitions 30000000: more than the 100000 that a topic may get  topics.yaml:4 (topic)
          instead: correct the number; if it is meant, add --max-partitions 30000000

    ✗ limits.there  blocked
        impossible: partitions 2147483647: more than the 100000 that a topic may get  topics.yaml:3 (topic)
          instead: correct the number; if it is meant, add --max-partitions 2147483647

    2 blocked.
    ");
    assert!(
        meant
            .stdout
            .contains("Kafka creates a topic with at most 9999 partitions"),
        "{meant}"
    );
}

#[test]
fn a_name_that_collides_with_a_deleted_one_takes_two_runs_as_the_plan_says() {
    let kafka = Kafka::one();
    let project = Project::new(kafka, "version: 1\ntopics:\n  - name: swap.a.b\n");
    project.run(&["apply"]).expect(0);
    project.write("version: 1\ntopics:\n  - { name: swap.a.b, state: absent }\n  - { name: swap.a_b }\n");

    let diff = project.run(&["diff"]).expect(3);
    project.run(&["apply", "--yes"]).expect(3);
    project.run(&["apply", "--yes", "--skip-blocked"]).expect(3);
    project.run(&["apply", "--yes"]).expect(0);

    assert!(
        diff.stdout.contains(
            "impossible: its name collides in metrics with swap.a.b, which this plan deletes: Kafka refuses it until \
             that is deleted\n      instead: run apply with --skip-blocked, which deletes swap.a.b, and then once more\n"
        ),
        "{diff}"
    );
    assert_eq!(
        kafka.topics("swap.").into_keys().collect::<Vec<_>>(),
        ["swap.a_b"]
    );
}
