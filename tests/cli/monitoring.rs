//! The alerts, as Prometheus's own tool reads and runs them.

use std::process::Command;

/// Runs promtool in the folder of the alerts; what it said.
fn promtool(arguments: &[&str]) -> String {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/monitoring");
    let output = Command::new("promtool")
        .args(arguments)
        .current_dir(folder)
        .output();
    let output = output.unwrap_or_else(|error| {
        panic!(
            "promtool cannot be run ({error}); it comes with Prometheus:\n  \
             Debian, Ubuntu   sudo apt-get install prometheus\n  \
             Fedora, RHEL     sudo dnf install golang-github-prometheus\n  \
             macOS            brew install prometheus"
        )
    });
    let said =
        String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "promtool {arguments:?}:\n{said}");
    said
}

#[test]
fn the_alerts_are_valid() {
    let said = promtool(&["check", "rules", "rules.yml"]);
    assert!(said.contains("SUCCESS: 11 rules found"), "{said}");
}

#[test]
fn each_alert_fires_when_it_should_and_only_then() {
    let said = promtool(&["test", "rules", "rules.test.yml"]);
    assert!(said.contains("SUCCESS"), "{said}");
}

/// The names of alerts in a file, by the line that they stand on.
fn alerts(file: &str, mark: &str) -> Vec<String> {
    let lines = file.lines().filter_map(|line| line.trim().strip_prefix(mark));
    lines.map(|name| name.trim().to_owned()).collect()
}

#[test]
fn each_alert_has_cases_of_both_kinds() {
    let rules = alerts(include_str!("../../monitoring/rules.yml"), "- alert:");
    let tests = include_str!("../../monitoring/rules.test.yml");
    for alert in &rules {
        let cases: Vec<&str> = tests
            .split("alertname: ")
            .skip(1)
            .filter(|case| case.starts_with(&format!("{alert}\n")))
            .collect();
        let silent = cases
            .iter()
            .filter(|case| case.contains("exp_alerts: []"))
            .count();
        assert!(silent > 0, "{alert} is never shown not to fire");
        assert!(silent < cases.len(), "{alert} is never shown to fire");
    }
    let page = include_str!("../../docs/monitoring.md");
    for alert in &rules {
        assert!(
            page.contains(&format!("\n| {alert} | ")),
            "{alert} is not in docs/monitoring.md"
        );
    }
}

#[test]
fn the_dashboard_can_be_imported() {
    let dashboard: serde_json::Value =
        serde_json::from_str(include_str!("../../monitoring/dashboard.json")).unwrap();
    let panels = dashboard["panels"].as_array().unwrap();
    let mut ids: Vec<i64> = panels.iter().map(|panel| panel["id"].as_i64().unwrap()).collect();
    ids.dedup();
    assert_eq!(ids.len(), panels.len());
    for panel in panels {
        let place = &panel["gridPos"];
        assert!(
            place["x"].as_i64().unwrap() + place["w"].as_i64().unwrap() <= 24,
            "{place}"
        );
        for target in panel["targets"].as_array().unwrap() {
            assert_eq!(target["datasource"]["uid"], "${datasource}");
            assert!(!target["expr"].as_str().unwrap().is_empty());
        }
    }
}

/// Every query of the dashboard is one that Prometheus can parse: as rules, which promtool checks.
#[test]
fn the_dashboards_queries_are_valid() {
    let dashboard: serde_json::Value =
        serde_json::from_str(include_str!("../../monitoring/dashboard.json")).unwrap();
    let panels = dashboard["panels"].as_array().unwrap().iter();
    let targets = panels.flat_map(|panel| panel["targets"].as_array().unwrap());
    let rule = |(number, target): (usize, &serde_json::Value)| {
        let query = target["expr"].as_str().unwrap().replace("$__rate_interval", "1m");
        format!("      - record: dashboard:query_{number}\n        expr: '{query}'\n")
    };
    let rules = targets.enumerate().map(rule).collect::<Vec<_>>().concat();
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("queries.yml");
    std::fs::write(
        &file,
        format!("groups:\n  - name: dashboard\n    rules:\n{rules}"),
    )
    .unwrap();
    promtool(&["check", "rules", file.to_str().unwrap()]);
}
