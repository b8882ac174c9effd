//! Documents in the pages are sound.

use crate::{blocks, pages, text_of};
use cuehook::json;
use cuehook::project::{check, read, schema};
use serde_json::Value;

#[test]
fn documented_projects_are_sound_and_fit_the_schema() {
    let validator = jsonschema::draft202012::new(&schema()).unwrap();
    let mut count = 0;
    for (name, page) in pages() {
        for (line, text) in blocks(&page, "json") {
            let document: Value =
                serde_json::from_str(&text).unwrap_or_else(|error| panic!("{name}:{line}: {error}"));
            if document.get("cuehook") != Some(&Value::from(1)) {
                continue;
            }
            count += 1;
            assert_eq!(check(&text), [], "{name}:{line}");
            assert!(read(&json::parse(text.as_bytes(), 64).unwrap()).is_ok(), "{name}:{line}");
            assert!(validator.is_valid(&document), "{name}:{line}");
        }
    }
    assert!(count >= 2, "{count}");
}

#[test]
fn the_complete_example_is_the_tested_file() {
    let example = blocks(&text_of("docs/project.md"), "json").remove(0).1;
    assert_eq!(example, text_of("tests/projects/valid/documented.json"));
}
