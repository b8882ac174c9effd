//! The documentation says what the code does: its examples are run, and its tables are compared with the code.

#![cfg(not(target_arch = "wasm32"))]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod accessibility;
mod browsers;
mod events;
mod examples;
mod frameworks;
mod links;
mod markup;
mod project;
mod receivers;
mod requests;
mod security;
mod templates;
mod words;

use std::collections::BTreeSet;
use std::path::Path;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn text_of(file: &str) -> String {
    std::fs::read_to_string(root().join(file)).unwrap_or_else(|error| panic!("{file}: {error}"))
}

/// All pages, with their paths from the root of the repository.
fn pages() -> Vec<(String, String)> {
    let mut names: Vec<String> = root()
        .join("docs")
        .read_dir()
        .unwrap()
        .map(|entry| format!("docs/{}", entry.unwrap().file_name().to_string_lossy()))
        .filter(|name| name.ends_with(".md"))
        .collect();
    names.push("js/README.md".into());
    names.sort();
    assert!(names.len() > 5);
    names.into_iter().map(|name| (name.clone(), text_of(&name))).collect()
}

/// The fenced blocks of a page in one language, each with the number of its first line.
fn blocks(page: &str, language: &str) -> Vec<(usize, String)> {
    let mut found = Vec::new();
    let mut open: Option<(String, usize, String)> = None;
    for (number, line) in page.lines().enumerate() {
        match (&mut open, line.strip_prefix("```")) {
            (None, Some(name)) => open = Some((name.to_owned(), number + 2, String::new())),
            (Some(_), Some(_)) => {
                let (name, start, text) = open.take().unwrap();
                if name == language {
                    found.push((start, text));
                }
            }
            (Some((.., text)), None) => {
                text.push_str(line);
                text.push('\n');
            }
            (None, None) => {}
        }
    }
    assert!(open.is_none(), "a block is not closed");
    found
}

/// The tables below a heading, up to the next heading of any level: for each the cells of its rows, without its head.
fn tables(page: &str, heading: &str) -> Vec<Vec<Vec<String>>> {
    let start = page.lines().position(|line| line == heading).unwrap_or_else(|| panic!("no `{heading}`"));
    let section = page.lines().skip(start + 1).take_while(|line| !line.starts_with('#'));
    let section: Vec<&str> = section.collect();
    let tables = section.split(|line| !line.starts_with('|')).filter(|table| table.len() > 2);
    let cells = |row: &&str| {
        // An empty cell shares its blank with the next one.
        let row = row.trim_matches('|').replace(" | |", " |  |").replace(" | |", " |  |");
        row.split(" | ").map(|cell| cell.trim().to_owned()).collect()
    };
    tables.map(|table| table[2..].iter().map(cells).collect()).collect()
}

/// The rows of the first table below a heading.
fn rows(page: &str, heading: &str) -> Vec<Vec<String>> {
    tables(page, heading).remove(0)
}

/// Owned texts as a set, to compare.
fn set<T: ToString>(words: impl IntoIterator<Item = T>) -> BTreeSet<String> {
    words.into_iter().map(|word| word.to_string()).collect()
}

/// What stands in backquotes.
fn quoted(text: &str) -> Vec<&str> {
    text.split('`').skip(1).step_by(2).collect()
}

/// The words in double quotes in a piece of the type declarations.
fn declared(start: &str, end: &str) -> BTreeSet<String> {
    let types = text_of("js/cuehook.d.ts") + &text_of("js/document.d.ts");
    let after = types.split_once(start).unwrap_or_else(|| panic!("no `{start}`")).1;
    let code = after.split_once(end).unwrap().0.lines().filter(|line| !line.trim().starts_with("/**"));
    code.flat_map(|line| line.split('"').skip(1).step_by(2).map(str::to_owned).collect::<Vec<_>>()).collect()
}
