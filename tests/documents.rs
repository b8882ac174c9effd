//! Project documents in files: a new case is a new file below `tests/projects`, no Rust.
//!
//! Documents in `valid` are sound. Each document in `invalid` has its findings beside it in a `.txt`, as they are
//! printed. Documents in `warned` are sound, too; each has its warnings in a `.txt` beside it, and perhaps a sample answer in
//! a `.sample`. `CUEHOOK_WRITE_EXPECTED=1 cargo test --test documents` writes the `.txt` files anew.

#![cfg(not(target_arch = "wasm32"))]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use cuehook::diagnostic::{Diagnostic, DiagnosticKind, Position};
use cuehook::json;
use cuehook::project::{ActionName, KindName, check, lint, read, schema};
use proptest::prelude::*;
use proptest::sample::Index;
use serde_json::Value;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

fn documents(directory: &str) -> Vec<(PathBuf, String)> {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/projects").join(directory);
    let paths = directory.read_dir().unwrap().map(|entry| entry.unwrap().path());
    let mut paths: Vec<PathBuf> =
        paths.filter(|path| path.extension().is_some_and(|ext| ext == "json")).collect();
    paths.sort();
    assert!(!paths.is_empty());
    paths.into_iter().map(|path| (path.clone(), std::fs::read_to_string(path).unwrap())).collect()
}

fn problems(text: &str) -> Vec<Diagnostic> {
    read(&json::parse(text.as_bytes(), 64).unwrap()).err().unwrap_or_default()
}

#[test]
fn valid_documents_are_sound_and_fit_the_schema() {
    let validator = jsonschema::draft202012::new(&schema()).unwrap();
    for (path, text) in documents("valid") {
        assert_eq!(check(&text), [], "{}", path.display());
        assert_eq!(problems(&text), [], "{}", path.display());
        let document: Value = serde_json::from_str(&text).unwrap();
        let errors: Vec<String> = validator
            .iter_errors(&document)
            .map(|error| format!("{}: {error}", error.instance_path()))
            .collect();
        assert!(errors.is_empty(), "{}: {errors:#?}", path.display());
    }
}

#[test]
fn invalid_documents_have_exactly_the_findings_beside_them() {
    have_beside_them("invalid", |_, text| check(text));
}

#[test]
fn warned_documents_have_exactly_the_warnings_beside_them() {
    have_beside_them("warned", |path, text| {
        assert_eq!(check(text), [], "{}", path.display());
        let sample = std::fs::read(path.with_extension("sample")).ok();
        let sample = sample.map(|sample| json::parse(&sample, 64).unwrap().as_object().unwrap().clone());
        lint(text, sample.as_ref())
    });
}

#[test]
fn documents_that_are_not_sound_have_no_warnings() {
    for (path, text) in documents("invalid") {
        assert_eq!(lint(&text, None), [], "{}", path.display());
    }
}

fn have_beside_them(directory: &str, look: impl Fn(&Path, &str) -> Vec<Diagnostic>) {
    let write = std::env::var_os("CUEHOOK_WRITE_EXPECTED").is_some();
    let mut failures = Vec::new();
    for (path, text) in documents(directory) {
        let found: String = look(&path, &text).iter().map(|finding| format!("{finding}\n")).collect();
        let beside = path.with_extension("txt");
        if write {
            std::fs::write(&beside, &found).unwrap();
        }
        let expected = std::fs::read_to_string(&beside).unwrap_or_default();
        if found != expected || found.is_empty() {
            failures.push(format!("{}\nexpected:\n{expected}found:\n{found}", path.display()));
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

#[test]
fn reading_finds_what_checking_finds_in_the_same_order() {
    for (path, text) in documents("invalid") {
        let Ok(document) = json::parse(text.as_bytes(), 64) else { continue };
        let problems = read(&document).err().unwrap_or_default().into_iter();
        let read: Vec<(String, String)> = problems.map(|problem| (problem.path, problem.message)).collect();
        let checked = check(&text).into_iter().filter(|found| found.kind != DiagnosticKind::DuplicateKey);
        let checked: Vec<(String, String)> = checked.map(|found| (found.path, found.message)).collect();
        assert_eq!(read, checked, "{}", path.display());
    }
}

fn maximal() -> Value {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/projects/valid/maximal.json");
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

#[test]
fn the_maximal_document_uses_every_property_of_the_schema() {
    let schema = schema();
    let mut known = BTreeSet::new();
    collect_properties(&schema, "#", &mut known);
    assert!(known.len() > 60, "{known:#?}");
    let mut used = BTreeSet::new();
    mark_used(&schema, &schema, "#", &maximal(), &mut used);
    let unused: Vec<&String> = known.difference(&used).collect();
    assert!(unused.is_empty(), "tests/projects/valid/maximal.json does not exercise {unused:#?}");
}

/// All properties that the schema names, by JSON pointer. Conditions (`if`) name none of their own.
fn collect_properties(schema: &Value, pointer: &str, known: &mut BTreeSet<String>) {
    match schema {
        Value::Object(entries) => {
            for (name, value) in entries.iter().filter(|(name, _)| *name != "if" && *name != "default") {
                let pointer = format!("{pointer}/{name}");
                if name == "properties" {
                    for (property, value) in value.as_object().unwrap() {
                        known.insert(format!("{pointer}/{property}"));
                        collect_properties(value, &format!("{pointer}/{property}"), known);
                    }
                } else {
                    collect_properties(value, &pointer, known);
                }
            }
        }
        Value::Array(items) => {
            for (number, item) in items.iter().enumerate() {
                collect_properties(item, &format!("{pointer}/{number}"), known);
            }
        }
        _ => {}
    }
}

/// Follows a valid document through the schema and marks the properties that it uses.
fn mark_used(root: &Value, schema: &Value, pointer: &str, document: &Value, used: &mut BTreeSet<String>) {
    if let Some(reference) = schema.get("$ref").and_then(Value::as_str) {
        let target = root.pointer(reference.trim_start_matches('#')).unwrap();
        mark_used(root, target, reference, document, used);
    }
    for branches in ["oneOf", "anyOf", "allOf"] {
        for (number, branch) in
            schema.get(branches).and_then(Value::as_array).into_iter().flatten().enumerate()
        {
            let tags = ["do", "kind"].iter();
            let mut tags = tags.filter_map(|tag| {
                Some((document.get(tag)?, branch.pointer(&format!("/properties/{tag}/const"))?))
            });
            if tags.all(|(found, expected)| found == expected) {
                mark_used(root, branch, &format!("{pointer}/{branches}/{number}"), document, used);
            }
        }
    }
    for (name, property) in schema.get("properties").and_then(Value::as_object).into_iter().flatten() {
        if let Some(value) = document.get(name) {
            let pointer = format!("{pointer}/properties/{name}");
            mark_used(root, property, &pointer, value, used);
            used.insert(pointer);
        }
    }
    if let (Some(items), Some(list)) = (schema.get("items"), document.as_array()) {
        for item in list {
            mark_used(root, items, &format!("{pointer}/items"), item, used);
        }
    }
}

/// Changes every value of the maximal document in many ways, and lets the schema and the reader judge each.
#[test]
fn schema_and_reader_agree_on_damaged_documents() {
    let validator = jsonschema::draft202012::new(&schema()).unwrap();
    let maximal = maximal();
    let mut pointers = Vec::new();
    collect_pointers(&maximal, String::new(), &mut pointers);
    let replacements = ["null", "true", "-1", "0.5", "7", "1e9", "\"\"", "\"word\"", "[]", "[7]", "{}"];
    let replacements: Vec<Value> =
        replacements.iter().map(|text| serde_json::from_str(text).unwrap()).collect();
    let mut judged = [0, 0];
    let mut judge = |document: &Value, what: &str| {
        let text = document.to_string();
        let problems = problems(&text);
        let fits = validator.is_valid(document);
        judged[usize::from(problems.is_empty())] += 1;
        if problems.is_empty() {
            assert!(fits, "{what}: read without problems, but the schema refuses it");
        }
        let formal = |problem: &&Diagnostic| {
            ["unknown field", "missing; ", "found "].iter().any(|start| problem.message.starts_with(start))
        };
        if let Some(problem) = problems.iter().find(formal) {
            assert!(!fits, "{what}: the schema accepts it, but: {problem}");
        }
    };
    for pointer in pointers {
        for replacement in &replacements {
            let mut document = maximal.clone();
            *document.pointer_mut(&pointer).unwrap() = replacement.clone();
            judge(&document, &format!("{replacement} at {pointer}"));
        }
        let mut document = maximal.clone();
        if let Value::Object(object) = document.pointer_mut(&pointer).unwrap() {
            object.insert("surplus".into(), Value::from(1));
            judge(&document, &format!("surplus in {pointer}"));
        }
        if let Some((parent, name)) = pointer.rsplit_once('/') {
            let mut document = maximal.clone();
            if let Value::Object(object) = document.pointer_mut(parent).unwrap() {
                object.remove(name).unwrap();
                judge(&document, &format!("without {pointer}"));
            }
        }
    }
    assert!(judged.iter().all(|count| *count > 50), "{judged:?}");
}

fn collect_pointers(value: &Value, pointer: String, pointers: &mut Vec<String>) {
    match value {
        Value::Object(entries) => {
            for (name, value) in entries {
                collect_pointers(value, format!("{pointer}/{name}"), pointers);
            }
        }
        Value::Array(items) => {
            for (number, item) in items.iter().enumerate() {
                collect_pointers(item, format!("{pointer}/{number}"), pointers);
            }
        }
        _ => {}
    }
    pointers.push(pointer);
}

/// The words of the reader are those of the schema, which is derived from the types.
#[test]
fn actions_and_kinds_have_the_words_of_the_schema() {
    fn constants(value: &Value, tag: &str, found: &mut BTreeSet<String>) {
        if let Some(word) = value.pointer(&format!("/properties/{tag}/const")).and_then(Value::as_str) {
            found.insert(word.to_owned());
        }
        match value {
            Value::Object(entries) => entries.values().for_each(|value| constants(value, tag, found)),
            Value::Array(items) => items.iter().for_each(|value| constants(value, tag, found)),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
        }
    }
    let words = |tag| {
        let mut found = BTreeSet::new();
        constants(&schema(), tag, &mut found);
        found
    };
    assert_eq!(words("do"), ActionName::ALL.map(|name| name.as_str().to_owned()).into());
    assert_eq!(words("kind"), KindName::ALL.map(|name| name.as_str().to_owned()).into());
}

#[test]
fn problems_have_kinds_that_code_can_match() {
    let kinds =
        |text| -> Vec<_> { check(text).iter().map(|found| (found.kind, found.path.clone())).collect() };
    assert_eq!(kinds("{"), [(DiagnosticKind::Json, "".into())]);
    let text = r#"{ "cuehook": 2, "cuehook": 2, "surplus": 1, "variables": { "context": 1 },
        "webhooks": [{ "id": "w", "url": "x" }, { "id": "w", "url": "x", "relay": 1 }],
        "elements": [{ "id": "h", "kind": "html", "source": "</b>",
          "onClick": [{ "do": "show", "element": "gone" }],
          "label": "x", "box": { "left": 0, "top": 0, "width": 1 } }] }"#;
    assert_eq!(
        kinds(text),
        [
            (DiagnosticKind::DuplicateKey, "cuehook".into()),
            (DiagnosticKind::Value, "cuehook".into()),
            (DiagnosticKind::UnknownField, "surplus".into()),
            (DiagnosticKind::Name, "variables.context".into()),
            (DiagnosticKind::DuplicateId, "webhooks[1].id".into()),
            (DiagnosticKind::UnknownField, "webhooks[1].relay".into()),
            (DiagnosticKind::Template, "elements[0].source".into()),
            (DiagnosticKind::UnknownReference, "elements[0].onClick[0].element".into()),
            (DiagnosticKind::MissingField, "elements[0].box.height".into()),
        ]
    );
}

#[test]
fn defaults_are_those_of_the_documentation() {
    let text = r#"{ "cuehook": 1, "webhooks": [{ "id": "w", "url": "w" }], "elements": [
        { "id": "h", "kind": "html", "source": "x", "box": { "left": 0, "top": 0, "width": 1, "height": 1 },
          "onAppear": [{ "do": "openUrl", "url": "x" }, { "do": "callback", "name": "x" }] }] }"#;
    let project = read(&json::parse(text.as_bytes(), 64).unwrap()).unwrap();
    let shown = format!("{:?}", project.webhooks[0]);
    for part in [
        "timeout_ms: 8000",
        "retries: 2",
        "while_running: Drop",
        "simple: false",
        "wait_for_response: false",
        "include_interactions: All",
        "headers: []",
    ] {
        assert!(shown.contains(part), "{part} in {shown}");
    }
    let element = &project.elements[0];
    assert_eq!((element.from, element.to, element.visible), (0.0, f64::INFINITY, true));
    let actions = format!("{:?}", element.on_appear);
    assert!(actions.contains("new_tab: true") && actions.contains("value: Fixed(Null)"), "{actions}");
    assert_eq!(project.words, cuehook::project::Words::default());
    assert_eq!(project.variables.len(), 0);
}

proptest! {
    /// Text that somebody is in the middle of typing: an editor checks it all the time.
    #[test]
    fn damaged_text_is_checked_with_places_inside_it(
        document in any::<Index>(), at in any::<Index>(), removed in 0usize..9, typed in "[a-z0-9\\[\\]{}:,\"ä😀\\\\\n ]{0,4}",
    ) {
        let documents: Vec<_> = documents("valid").into_iter().chain(documents("invalid")).collect();
        let (_, text) = &documents[document.index(documents.len())];
        let characters: Vec<char> = text.chars().collect();
        let at = at.index(characters.len());
        let after = &characters[(at + removed).min(characters.len())..];
        let text: String = characters[..at].iter().copied().chain(typed.chars()).chain(after.iter().copied()).collect();
        let lines: Vec<&str> = text.split('\n').collect();
        for finding in check(&text) {
            let Position { line, column } = finding.position.unwrap();
            let line = lines.get(line.wrapping_sub(1));
            let inside = line.is_some_and(|line| (1..=line.chars().count() + 1).contains(&column));
            prop_assert!(inside, "{finding}");
            prop_assert!(!finding.message.is_empty());
        }
    }
}
