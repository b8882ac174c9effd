//! What is not tested in an engine is told as it is.

use crate::{rows, text_of};
use serde_json::Value;

#[test]
fn what_engines_lack_is_what_the_tests_leave_out() {
    let list: Value = serde_json::from_str(&text_of("tests/e2e/engines.json")).unwrap();
    let title = |engine: &str| match engine {
        "firefox" => "Firefox",
        "webkit" => "WebKitGTK",
        other => panic!("{other} lacks nothing: it does all tests"),
    };
    let lacking = list["lacking"].as_array().unwrap().iter().map(|lack| {
        let tests: Vec<String> = lack["tests"]
            .as_array()
            .unwrap()
            .iter()
            .map(|test| format!("`{}`", test.as_str().unwrap()))
            .collect();
        let engine = title(lack["engine"].as_str().unwrap()).to_owned();
        vec![engine, lack["reason"].as_str().unwrap().to_owned(), tests.join(", ")]
    });
    let told = rows(&text_of("docs/browsers.md"), "## What is not tested where");
    assert_eq!(told, lacking.collect::<Vec<_>>());
    assert!(!told.is_empty());
}

#[test]
fn the_few_tests_of_the_default_run_are_told() {
    let list: Value = serde_json::from_str(&text_of("tests/e2e/engines.json")).unwrap();
    let page = text_of("docs/browsers.md");
    for test in list["subset"].as_array().unwrap() {
        let (file, _) = test.as_str().unwrap().split_once("::").unwrap();
        assert!(page.contains(&format!("`{file}`")), "docs/browsers.md does not name `{file}`");
    }
}
