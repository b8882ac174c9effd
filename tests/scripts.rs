//! The shell's scripts share one scope in the glue: two of them may not give a name to something at their top.

#![cfg(not(target_arch = "wasm32"))]
#![allow(clippy::unwrap_used, clippy::panic)]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

fn scripts(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in folder.read_dir().unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            scripts(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "js") {
            found.push(path);
        }
    }
}

/// The names at the top of a script.
fn names(script: &str) -> Vec<&str> {
    let words = ["const ", "let ", "class ", "function ", "async function "];
    let lines = script.lines().map(|line| line.strip_prefix("export ").unwrap_or(line));
    let rest = lines.filter_map(|line| words.iter().find_map(|word| line.strip_prefix(word)));
    rest.flat_map(|rest| {
        // Of `const { a, b } = …` all of them.
        let names = rest.split(['=', '(']).next().unwrap_or_default();
        let most = if names.starts_with(['{', '[']) { usize::MAX } else { 1 };
        let is_part = |sign: char| sign.is_alphanumeric() || sign == '_' || sign == '$';
        names.split(move |sign| !is_part(sign)).filter(|name| !name.is_empty()).take(most)
    })
    .collect()
}

#[test]
fn no_two_scripts_use_a_name_at_their_top() {
    let mut found = Vec::new();
    scripts(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src/browser"), &mut found);
    let mut known: BTreeMap<String, PathBuf> = BTreeMap::new();
    for path in found {
        for name in names(&std::fs::read_to_string(&path).unwrap()) {
            if let Some(other) = known.insert(name.to_owned(), path.clone()) {
                panic!("`{name}` stands in {} and in {}", other.display(), path.display());
            }
        }
    }
    assert!(known.len() > 20, "{}", known.len());
}
