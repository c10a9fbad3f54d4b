//! Problems as data: what `validate --output json` prints.

use serde_json::{Value, json};

use crate::support::{load, printed};

#[test]
fn every_problem_has_every_field() {
    let text = "version: 1
profiles:
  dev:
    replication: 1
    client: [hunter2]
topics:
  - name: orders
    partition: 3
    min_insync_replicas: 2
";
    let problems = load(&[("topics.yaml", text)], Some("prod")).unwrap_err();
    let document: Value = serde_json::from_str(&printed(&problems)).unwrap();
    assert_eq!(document["summary"]["omitted"], 0);
    assert_eq!(
        document["problems"],
        json!([
                {
                    "severity": "error",
                    "file": "topics.yaml",
                    "line": null,
                    "column": null,
                    "message": "there is no profile `prod`",
                    "text": null,
                    "withheld": null,
                    "related": [],
                    "suggestion": "the only profile is `dev`; choose with `--profile`",
                },
                {
                    "severity": "error",
                    "file": "topics.yaml",
                    "line": 5,
                    "column": 13,
                    "message": "`client` must be a mapping, not a list",
                    "text": null,
                    "withheld": "client",
                    "related": [],
                    "suggestion": null,
                },
                {
                    "severity": "error",
                    "file": "topics.yaml",
                    "line": 8,
                    "column": 5,
                    "message": "unknown field `partition` in a topic",
                    "text": "    partition: 3",
                    "withheld": null,
                    "related": [],
                    "suggestion": "did you mean `partitions`?",
                },
        ])
    );
    let problems = load(&[("topics.yaml", text)], Some("dev")).unwrap_err();
    let json = serde_json::from_str::<Value>(&printed(&problems)).unwrap();
    assert_eq!(
        json["problems"][2]["related"],
        json!([{ "label": "replication is stated at", "place": { "file": "topics.yaml", "line": 4, "column": 18 } }])
    );
}
