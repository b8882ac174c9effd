//! Project documents in files: a new case is a new file below `tests/projects`, no Rust.
//!
//! Documents in `valid` are sound. Each document in `invalid` has its findings beside it in a `.txt`, as they are
//! printed. Documents in `warned` are sound, too; each has its warnings in a `.txt` beside it, and perhaps a sample answer in
//! a `.sample`. `CUEHOOK_WRITE_EXPECTED=1 cargo test --test documents` writes the `.txt` files anew.

#![cfg(not(target_arch = "wasm32"))]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod bounds;
mod walk;

use cuehook::diagnostic::{Diagnostic, DiagnosticKind, Position};
use cuehook::json;
use cuehook::project::{check, lint, read, schema};
use cuehook_outbox::subscription::{Page, Subscription};
use proptest::prelude::*;
use proptest::sample::Index;
use serde_json::Value;
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

/// What the outbox reads of a document.
fn subscription(text: &str) -> Subscription {
    let resolve = |url: &str| {
        let is_absolute =
            url.split('/').next().unwrap_or_default().ends_with(':') && !url.starts_with("data:");
        Some(if is_absolute { url.to_owned() } else { format!("https://page.example/{url}") })
    };
    let page =
        Page { address: "https://page.example/film", allow_origins: None, relay: None, resolve: &resolve };
    Subscription::read(text, "", &page)
}

/// Checking says what is wrong, in words; the outbox passes it over. So it must not pass over what is sound.
#[test]
fn the_outbox_reads_all_that_checking_finds_sound() {
    let mut count = 0;
    for (path, text) in documents("valid").into_iter().chain(documents("warned")) {
        let document: Value = serde_json::from_str(&text).unwrap();
        let is_sent = |webhook: &&Value| {
            let has_events = webhook["events"].as_array().is_some_and(|events| !events.is_empty());
            // The others have it from their defaults.
            has_events && webhook["enabled"] != false && webhook["url"].is_string()
        };
        let webhooks = document["webhooks"].as_array().into_iter().flatten().filter(is_sent);
        let expected: Vec<(&Value, usize)> =
            webhooks.map(|webhook| (&webhook["id"], webhook["events"].as_array().unwrap().len())).collect();
        let subscription = subscription(&text);
        let read: Vec<(Value, usize)> = subscription
            .endpoints
            .iter()
            .map(|endpoint| (endpoint.webhook.clone().into(), endpoint.events.len()))
            .collect();
        assert_eq!(
            read.iter().map(|(id, events)| (id, *events)).collect::<Vec<_>>(),
            expected,
            "{}",
            path.display()
        );
        let video: Value = serde_json::from_str(&[&subscription.video, "}"].concat()).unwrap();
        for (name, value) in document["video"].as_object().into_iter().flatten() {
            let is_url = name.ends_with("Url") || name == "thumbnail";
            assert!(video[name] == *value || is_url && video[name].is_string(), "{}: {name}", path.display());
        }
        count += expected.len();
    }
    assert!(count > 0, "some of them are sent events");
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

#[test]
fn problems_have_kinds_that_code_can_match() {
    let kinds =
        |text| -> Vec<_> { check(text).iter().map(|found| (found.kind, found.path.clone())).collect() };
    assert_eq!(kinds("{"), [(DiagnosticKind::Json, "".into())]);
    let text = r#"{ "cuehook": 2, "cuehook": 2, "surplus": 1, "variables": { "context": 1 },
        "webhooks": [{ "id": "w", "url": "x" }, { "id": "w", "url": "x", "rely": 1 }],
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
            (DiagnosticKind::UnknownField, "webhooks[1].rely".into()),
            (DiagnosticKind::Template, "elements[0].source".into()),
            (DiagnosticKind::UnknownReference, "elements[0].onClick[0].element".into()),
            (DiagnosticKind::MissingField, "elements[0].box.height".into()),
        ]
    );
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
