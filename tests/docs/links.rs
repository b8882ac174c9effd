//! Links between pages lead somewhere.

use crate::{pages, root, text_of};
use std::path::PathBuf;

/// As GitHub makes the anchor of a heading.
fn anchor(heading: &str) -> String {
    let text = heading.trim_start_matches('#').trim().to_lowercase();
    text.chars()
        .filter(|character| character.is_alphanumeric() || matches!(character, ' ' | '-' | '_'))
        .map(|character| if character == ' ' { '-' } else { character })
        .collect()
}

#[test]
fn links_lead_somewhere() {
    let mut count = 0;
    let others = ["README.md", "CHANGELOG.md", "ARCHITECTURE.md", "CONTRIBUTING.md"];
    for (name, page) in pages().into_iter().chain(others.map(|name| (name.to_owned(), text_of(name)))) {
        let directory = root().join(&name).parent().unwrap().to_owned();
        for part in page.split("](").skip(1) {
            let target = part.split(')').next().unwrap();
            // What is no text has no headings.
            if target.contains("://") || target.ends_with(".jpg") {
                continue;
            }
            count += 1;
            let (file, fragment) = target.split_once('#').unwrap_or((target, ""));
            let path: PathBuf = if file.is_empty() { root().join(&name) } else { directory.join(file) };
            let text = std::fs::read_to_string(&path);
            let text = text.unwrap_or_else(|_| panic!("{name}: `{target}` leads nowhere"));
            let known = text.lines().any(|line| line.starts_with('#') && anchor(line) == fragment);
            assert!(fragment.is_empty() || known, "{name}: there is no heading for `{target}`");
        }
    }
    assert!(count > 20, "{count}");
}
