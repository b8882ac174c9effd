//! docs/security.md says where each of its statements is tested: these tests exist.

use crate::{quoted, root, text_of};
use std::collections::BTreeSet;
use std::path::Path;

/// The names of all functions in Rust files below a folder that stand after an attribute.
fn tests(folder: &Path, found: &mut BTreeSet<String>) {
    for entry in folder.read_dir().unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() && !path.ends_with("node_modules") {
            tests(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let text = std::fs::read_to_string(&path).unwrap();
            let mut is_test = false;
            for line in text.lines().map(str::trim) {
                let name = line.strip_prefix("async fn ").or(line.strip_prefix("fn "));
                match name.and_then(|name| name.split_once('(')) {
                    Some((name, _)) if is_test => drop(found.insert(name.to_owned())),
                    _ => {}
                }
                is_test = line.starts_with("#[test")
                    || line.starts_with("#[tokio::test")
                    || is_test && line.starts_with("#[");
            }
        }
    }
}

#[test]
fn what_is_said_to_be_tested_is_tested() {
    let mut known = BTreeSet::new();
    for folder in ["src", "relay", "tests"] {
        tests(&root().join(folder), &mut known);
    }
    let page = text_of("docs/security.md");
    let (mut cells, mut count) = (Vec::new(), 0);
    for line in page.lines() {
        if let Some(row) = line.strip_prefix('|').filter(|row| row.contains("| `") || row.ends_with("| |")) {
            cells.push(row.trim_end_matches('|').rsplit(" | ").next().unwrap());
        }
        cells.extend(line.strip_prefix("Where: "));
    }
    for name in cells.into_iter().flat_map(quoted).filter(|name| name.contains('_')) {
        count += 1;
        assert!(known.contains(name), "there is no test `{name}`");
    }
    assert!(count > 60, "{count}");
}
