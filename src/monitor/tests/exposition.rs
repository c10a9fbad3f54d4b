//! Metrics: their names, labels and values, and that dashboard and alerts use no others.

use std::collections::BTreeSet;

use super::{orders, read_by, topic};
use crate::model::EventName;
use crate::monitor::exposition::{self, Exporter, Format, MetricKind};
use crate::monitor::{Events, Figures, Outcomes, Part, Tally, View, Window};
use crate::render::tests::samples::{busy, nothing};

fn everything() -> String {
    let exporter = Exporter {
        sample_age: Some(0.25),
        sample_duration: Some(0.012),
        settings_age: Some(7.0),
        file_read: Some(1_764_187_200.0),
        errors: vec![(Part::Metadata, 1), (Part::Events, 0)],
        events: Some(Tally {
            started: 50,
            completed: 40,
            failed: [("TEMPLATE_NOT_FOUND".into(), 3), ("a \"b\" \\ \n c".into(), 1)].into(),
            malformed: 2,
        }),
        carried: EventName::ALL.into(),
        requests: [("ListOffsets", 4), ("Metadata", 3)].into(),
    };
    exposition::cluster(&busy()) + &exposition::exporter(&exporter, Format::OpenMetrics) + exposition::END
}

#[test]
fn everything_that_is_known_is_there_and_nothing_else() {
    insta::assert_snapshot!(everything());
}

#[test]
fn every_family_is_written_once_with_what_it_is() {
    let text = everything();
    for family in exposition::ALL {
        let (stem, kind) = match family.kind {
            MetricKind::Gauge => (family.name, "gauge"),
            MetricKind::Counter => (family.name.strip_suffix("_total").unwrap(), "counter"),
        };
        let heads = text.matches(&format!("# TYPE {stem} {kind}\n")).count();
        assert_eq!(heads, 1, "{}", family.name);
        assert!(
            text.contains(&format!("# HELP {stem} {}\n", family.help)),
            "{}",
            family.name
        );
    }
    let known: BTreeSet<&str> = exposition::ALL.iter().map(|family| family.name).collect();
    assert_eq!(known.len(), exposition::ALL.len());
    let lines = text.lines().filter(|line| !line.starts_with('#'));
    let written: BTreeSet<&str> = lines.map(|line| line.split(['{', ' ']).next().unwrap()).collect();
    assert_eq!(written, known);
}

/// Text that somebody chose, such as a group's name, cannot end a label or a line.
#[test]
fn labels_are_escaped() {
    let group = "a\"} 1\nkafka_brokers 99\\";
    let mut window = Window::default();
    let sample = std::rc::Rc::new(orders(0, read_by(topic(1, &[(0, 9)]), group, &[(0, 4)])));
    let figures = std::rc::Rc::new(window.push(&sample));
    let text = exposition::cluster(&View {
        sample,
        figures,
        events: Events::default(),
    });
    let expected = r#"kafka_consumergroup_lag{consumergroup="a\"} 1\nkafka_brokers 99\\",partition="0",topic="orders"} 5"#;
    assert!(text.lines().any(|line| line == expected), "{text}");
    assert_eq!(
        text.lines()
            .filter(|line| line.starts_with("kafka_brokers "))
            .count(),
        1
    );
}

#[test]
fn a_topic_that_is_gone_is_gone() {
    let mut window = Window::default();
    window.push(&std::rc::Rc::new(orders(0, topic(1, &[(0, 9)]))));
    let sample = std::rc::Rc::new(super::sample(5));
    let figures: Figures = window.push(&sample);
    let text = exposition::cluster(&View {
        sample,
        figures: std::rc::Rc::new(figures),
        events: Events::default(),
    });
    assert!(!text.contains("orders"), "{text}");
    assert!(!exposition::cluster(&nothing()).contains("topic="));
}

/// The names of metrics in a text: words that begin as metrics do.
fn metrics_in(text: &str) -> BTreeSet<String> {
    let is_part = |letter: char| letter.is_ascii_alphanumeric() || letter == '_';
    let words = text.split(|letter| !is_part(letter));
    let metrics = words.filter(|word| word.starts_with("kafka_") || word.starts_with("topicctl_"));
    metrics.map(str::to_owned).collect()
}

#[test]
fn the_dashboard_and_the_alerts_use_metrics_that_there_are() {
    let known: BTreeSet<String> = exposition::ALL
        .iter()
        .map(|family| family.name.to_owned())
        .collect();
    let files = [
        include_str!("../../../monitoring/dashboard.json"),
        include_str!("../../../monitoring/rules.yml"),
        include_str!("../../../monitoring/rules.test.yml"),
    ];
    for file in files {
        let used = metrics_in(file);
        assert!(used.len() > 5, "{used:?}");
        let unknown: Vec<&String> = used.difference(&known).collect();
        assert!(unknown.is_empty(), "{unknown:?}");
    }
}

#[test]
fn the_page_for_users_names_every_metric() {
    let named = metrics_in(include_str!("../../../docs/monitoring.md"));
    for family in exposition::ALL {
        assert!(
            named.contains(family.name),
            "{} is not in docs/monitoring.md",
            family.name
        );
    }
}

#[test]
fn counters_of_events_have_as_many_labels_as_there_are_codes_at_most() {
    let mut outcomes = Outcomes::default();
    for number in 0..500 {
        let failed = crate::monitor::Occurrence::Failed(format!("E{number}").into());
        outcomes.count(&failed, 0, 0, true);
    }
    let exporter = Exporter {
        events: Some(outcomes.total().clone()),
        carried: EventName::ALL.into(),
        ..Exporter::default()
    };
    let text = exposition::exporter(&exporter, Format::OpenMetrics);
    assert_eq!(text.matches("topicctl_events_failed_by_code_total{").count(), 21);
    assert!(text.contains("\ntopicctl_events_failed_total 500\n"), "{text}");
}

/// Whoever reads with a new group each time must not fill Prometheus.
#[test]
fn of_very_many_groups_those_that_lag_most_are_shown() {
    let mut watched = topic(1, &[(0, 5_000)]);
    for number in 0..1_003 {
        watched = read_by(watched, &format!("g{number:04}"), &[(0, number)]);
    }
    let sample = std::rc::Rc::new(orders(0, watched));
    let figures = std::rc::Rc::new(Window::default().push(&sample));
    let text = exposition::cluster(&View {
        sample,
        figures,
        events: Events::default(),
    });
    for family in [
        "lag",
        "lag_sum",
        "current_offset",
        "current_offset_sum",
        "members",
    ] {
        let lines = text.matches(&format!("\nkafka_consumergroup_{family}{{")).count();
        assert_eq!(lines, exposition::MOST_GROUPS, "{family}");
    }
    assert!(
        text.contains("g0000") && !text.contains("g1000"),
        "the last ones lag least"
    );
    assert!(text.contains("\ntopicctl_groups_left_out 3\n"));
}

/// A counter that appears with its first events never grew, as a reader sees it.
#[test]
fn counters_of_events_begin_with_nothing() {
    let exporter = Exporter {
        events: Some(Tally::default()),
        carried: EventName::ALL.into(),
        ..Exporter::default()
    };
    let text = exposition::exporter(&exporter, Format::OpenMetrics);
    for event in ["started", "completed", "failed", "malformed"] {
        let line = format!("\ntopicctl_events_{event}_total 0\n");
        assert!(text.contains(&line), "{line}{text}");
    }
}

/// Else an alert would say that nobody starts anything where nobody looks.
#[test]
fn events_without_a_topic_that_is_watched_have_no_counter() {
    let mut exporter = Exporter {
        events: Some(Tally::default()),
        carried: [EventName::TestGenerationFailed].into(),
        ..Exporter::default()
    };
    let text = exposition::exporter(&exporter, Format::OpenMetrics);
    assert!(text.contains("topicctl_events_failed_total 0\n"), "{text}");
    assert!(!text.contains("started") && !text.contains("completed"), "{text}");
    exporter.carried.clear();
    let text = exposition::exporter(&exporter, Format::OpenMetrics);
    assert!(!text.contains("topicctl_events"), "{text}");
}

#[test]
fn the_older_format_calls_counters_what_their_lines_are() {
    let exporter = Exporter {
        requests: std::collections::BTreeMap::from([("Metadata", 3)]),
        ..Exporter::default()
    };
    let plain = exposition::exporter(&exporter, Format::Plain);
    assert!(
        plain.contains("# TYPE topicctl_requests_total counter\ntopicctl_requests_total{"),
        "{plain}"
    );
    let open = exposition::exporter(&exporter, Format::OpenMetrics);
    assert!(
        open.contains("# TYPE topicctl_requests counter\ntopicctl_requests_total{"),
        "{open}"
    );
}
