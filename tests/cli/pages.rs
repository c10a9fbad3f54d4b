//! The pages of the project and its examples: links lead somewhere, and every example is valid in each of its profiles.

use std::fs;
use std::path::{Path, PathBuf};

use crate::support::Sandbox;

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// The files of a folder with this extension, by name.
fn files(folder: &Path, extension: &str) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let mut found: Vec<PathBuf> = entries
        .filter(|path| path.extension().is_some_and(|found| found == extension))
        .collect();
    found.sort();
    assert!(!found.is_empty(), "{} has none", folder.display());
    found
}

/// What stands in `](…)`.
fn links(text: &str) -> impl Iterator<Item = &str> {
    text.split("](").skip(1).filter_map(|rest| rest.split(')').next())
}

#[test]
fn links_between_pages_lead_to_files_and_headings() {
    let folders = ["", "docs", "docs/adr", "examples", "benches"];
    let mut broken = Vec::new();
    let pages = folders
        .iter()
        .flat_map(|folder| files(&root().join(folder), "md"));
    for page in pages {
        let text = fs::read_to_string(&page).unwrap();
        for link in links(&text).filter(|link| !link.contains("://")) {
            let (file, heading) = link.split_once('#').unwrap_or((link, ""));
            let target = if file.is_empty() {
                page.clone()
            } else {
                page.parent().unwrap().join(file)
            };
            if !target.exists() || !has_heading(&target, heading) {
                broken.push(format!("{}: {link}", page.display()));
            }
        }
    }
    assert_eq!(broken, Vec::<String>::new());
}

fn has_heading(page: &Path, heading: &str) -> bool {
    if heading.is_empty() {
        return true;
    }
    let text = fs::read_to_string(page).unwrap();
    text.lines()
        .filter(|line| line.starts_with('#'))
        .any(|line| anchor(line.trim_start_matches('#').trim()) == heading)
}

/// A heading as GitHub names it in a link.
fn anchor(heading: &str) -> String {
    let kept = heading.to_lowercase();
    let kept = kept
        .chars()
        .filter(|letter| letter.is_alphanumeric() || " -_".contains(*letter));
    kept.collect::<String>().replace(' ', "-")
}

#[test]
fn every_example_is_valid_in_each_of_its_profiles() {
    let sandbox = Sandbox::empty();
    let mut said = String::new();
    for example in files(&root().join("examples"), "yaml") {
        let text = fs::read_to_string(&example).unwrap();
        let named = ["dev", "prod"]
            .into_iter()
            .filter(|name| text.contains(&format!("\n  {name}:")));
        let mut profiles: Vec<Vec<&str>> = named.map(|name| vec!["--profile", name]).collect();
        if profiles.is_empty() {
            profiles.push(Vec::new());
        }
        for profile in profiles {
            let file = example.to_str().unwrap();
            let arguments = [&["validate", "--no-env", "--file", file][..], &profile].concat();
            let output = sandbox.command(&arguments).output().unwrap();
            let name = example.file_stem().unwrap().to_str().unwrap();
            said += &[name, " ", &profile.join(" "), ": "].concat();
            said += String::from_utf8(output.stdout)
                .unwrap()
                .lines()
                .next()
                .unwrap_or("");
            said += &String::from_utf8(output.stderr).unwrap();
            said += "\n";
        }
    }
    insta::assert_snapshot!(said);
}
