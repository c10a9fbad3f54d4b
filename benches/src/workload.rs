//! The topics that are created and read, the same for every program.

/// Partitions of each topic.
pub const PARTITIONS: i32 = 3;

/// What each topic sets, in Kafka's own names and values. [`manifest`] says the same in topicctl's.
pub const CONFIGS: [(&str, &str); 3] = [
    ("cleanup.policy", "delete"),
    ("compression.type", "snappy"),
    ("retention.ms", "604800000"),
];

/// The metadata records that the controller writes for one of these topics: itself, its partitions,
/// its configs.
pub const RECORDS: usize = 1 + 3 + CONFIGS.len();

/// The names of so many topics, in order.
pub fn names(prefix: &str, count: usize) -> Vec<String> {
    (0..count).map(|index| format!("{prefix}{index:05}")).collect()
}

/// The topics as topicctl's file declares them.
pub fn manifest(names: &[String], replication: i16) -> String {
    let mut text = format!(
        "version: 1\ndefaults:\n  partitions: {PARTITIONS}\n  replication: {replication}\n  \
         cleanup: delete\n  compression: snappy\n  retention: 7d\ntopics:\n"
    );
    for name in names {
        text.push_str("  - name: ");
        text.push_str(name);
        text.push('\n');
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_sort_in_the_order_in_which_they_are_made() {
        let names = names("bench-", 10_001);
        assert!(names.is_sorted_by(|one, next| one < next || one.len() < next.len()));
        assert_eq!(names.first().map(String::as_str), Some("bench-00000"));
    }

    #[test]
    fn the_manifest_declares_every_topic() {
        let text = manifest(&names("bench-", 2), 1);
        assert!(
            text.ends_with("topics:\n  - name: bench-00000\n  - name: bench-00001\n"),
            "{text}"
        );
    }
}
