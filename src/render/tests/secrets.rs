//! Values whose keys name secrets, in every output of a plan and of what became of it.

use std::collections::BTreeMap;

use super::samples::{self, header};
use super::text;
use crate::apply::{Applied, Ending, Outcome, Report};
use crate::model::{
    ConfigKey, ConfigSource, ConfigText, Declared, Layer, ObservedConfig, Origin, Place, TopicName,
    ValueByBroker,
};
use crate::plan::{
    BrokerVerdict, Change, ChangeKind, ConfigSet, Creation, Finding, Plan, PlannedChange, Risk,
};
use crate::render::json::record::RecordLines;
use crate::render::{Style, Text, json, markdown};

fn declared(key: &str) -> Declared<ConfigText> {
    Declared {
        value: ConfigText::new(key, "hunter2", "hunter2"),
        origin: Origin {
            place: Place {
                file: "topics.yaml".into(),
                line: 3,
                column: 5,
            },
            layer: Layer::Defaults,
        },
    }
}

fn key(key: &str) -> ConfigKey {
    ConfigKey::new(key).unwrap()
}

fn planned(change: Change) -> PlannedChange {
    PlannedChange {
        change,
        risk: Risk::none(),
    }
}

/// A creation and a change with secrets, refused in words that repeat them.
fn plan() -> Plan {
    let secrets = [
        "sasl.password",
        "sasl.jaas.config",
        "ssl.keystore.key",
        "my.api.key",
    ];
    let creation = Change::Create(Creation {
        partitions: None,
        replication: None,
        configs: secrets.iter().map(|name| (key(name), declared(name))).collect(),
    });
    let set = Change::SetConfig(ConfigSet {
        key: key("sasl.password"),
        from: Some(ObservedConfig {
            value: None,
            source: ConfigSource::Topic,
            sensitive: false,
        }),
        from_by_broker: ValueByBroker::default(),
        to: declared("sasl.password"),
    });
    let topic = |change| crate::plan::TopicPlan {
        changes: vec![planned(change)],
        ..samples::in_sync().topics.into_values().next().unwrap()
    };
    let topics = BTreeMap::from([
        (TopicName::new("new").unwrap(), topic(creation)),
        (TopicName::new("there").unwrap(), topic(set)),
    ]);
    let findings = [("new", ChangeKind::Create), ("there", ChangeKind::Configs)];
    let findings = findings.map(|(name, kind)| Finding {
        topic: TopicName::new(name).unwrap(),
        kind,
        verdict: BrokerVerdict::Rejected("Invalid value hunter2 for configuration sasl.password".into()),
    });
    Plan {
        topics,
        ..Plan::default()
    }
    .with_findings(findings)
}

#[test]
fn no_output_shows_them() {
    let plan = plan();
    let mut report = Report::default();
    for (name, topic) in &plan.topics {
        for change in &topic.changes {
            report.add(name, change.clone(), Outcome::Done);
        }
    }
    let (blocked, ending) = (Report::default(), Ending::Ran);
    let lines = RecordLines {
        run: "run".to_owned(),
    };
    let mut outputs = vec![
        text(|out| json::plan(out, &header(), &plan)),
        text(|out| markdown::plan(out, &header(), &plan, None)),
        text(|out| Text::new(out, Style::Plain).plan(&plan)),
        text(|out| Text::new(out, Style::Plain).report(&plan, &report)),
        format!("{plan:?} {report:?}"),
    ];
    for report in [&report, &blocked] {
        let plan = &plan;
        outputs.push(text(|out| {
            json::report(out, &header(), Applied { plan, report, ending })
        }));
    }
    for (name, topic) in &plan.topics {
        for change in &topic.changes {
            let line = lines.attempting("now", ChangeKind::Configs, &[(name, change)]);
            outputs.push(String::from_utf8(line).unwrap());
            let line = lines.ended("now", name, change, &Outcome::Done);
            outputs.push(String::from_utf8(line).unwrap());
        }
    }
    for output in outputs {
        assert!(!output.contains("hunter2"), "{output}");
        assert!(
            output.contains("sasl.password") || output.contains("done"),
            "{output}"
        );
    }
}
