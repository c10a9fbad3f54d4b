//! What holds for every input.

use std::fmt::Write;

use proptest::prelude::*;
use topicctl::manifest::{self, Selection};

use crate::support::{files, load};

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn the_order_of_topics_and_of_files_means_nothing(
        order in Just((0..8_usize).collect::<Vec<_>>()).prop_shuffle(),
        split in 0_usize..8,
    ) {
        let topic = |index: usize| {
            let mut text = String::new();
            writeln!(text, "  - name: t{index}\n    partitions: {}", index + 1).unwrap();
            writeln!(text, "    config: {{ segment.ms: {}d, flush.ms: 1m }}", index + 1).unwrap();
            text
        };
        let meaning = |order: &[usize], split: usize| {
            let file = |order: &[usize]| {
                let topics: String = order.iter().map(|index| topic(*index)).collect();
                format!("version: 1\ntopics:\n{topics}")
            };
            let (first, second) = order.split_at(split);
            let manifest = load(&[("a.yaml", &file(first)), ("b.yaml", &file(second))], None).unwrap();
            let topics = manifest.desired.topics.values();
            let values = topics.map(|topic| {
                let lines = crate::support::summary(topic);
                let values: Vec<_> = lines.iter().map(|line| line.split(" from ").next().unwrap().to_owned()).collect();
                (topic.name.to_string(), values)
            });
            values.collect::<Vec<_>>()
        };
        prop_assert_eq!(meaning(&order, split), meaning(&[0, 1, 2, 3, 4, 5, 6, 7], 8));
    }

    #[test]
    fn a_name_is_accepted_if_and_only_if_kafka_accepts_it(name in "[a-zA-Z0-9._-]{1,260}|\\PC{1,20}") {
        let quoted = serde_json::to_string(&name.replace('$', "$$")).unwrap();
        let text = format!("version: 1\ntopics:\n  - name: {quoted}\n");
        let valid = topicctl::model::TopicName::new(&name).is_ok();
        let read = manifest::load_files(files(&[("topics.yaml", &text)]), &Selection::Unspecified, &|_| None);
        prop_assert_eq!(read.is_ok(), valid || name == "inherit", "{}", text);
    }
}
