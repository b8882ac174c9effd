//! What pages see: events, codes, reasons, and what the viewer reads.

use crate::{declared, quoted, rows, text_of};
use cuehook::engine::{EventName, ResumeReason};
use cuehook::project::{Word, Words};
use cuehook::protocol::ErrorCode;
use std::collections::BTreeSet;

/// What the viewer reads when a request fails.
#[test]
fn failures_show_the_documented_words() {
    let words = Words::default();
    let mut shown = 0;
    for row in rows(&text_of("docs/errors.md"), "# Errors") {
        let code = ErrorCode::ALL.into_iter().find(|code| quoted(&row[0]) == [code.as_str()]).unwrap();
        let Some(text) = row[2].split('"').nth(1) else { continue };
        let expected = if code == ErrorCode::PlayBlocked { words.get(Word::Blocked) } else { words.of(code) };
        assert_eq!(text, expected, "{code}");
        shown += 1;
    }
    assert!(shown >= 7, "{shown}");
}

#[test]
fn codes_events_and_reasons_are_those_of_the_types() {
    let first = |file: &str, heading: &str| -> BTreeSet<String> {
        let rows = rows(&text_of(file), heading);
        rows.iter().flat_map(|row| quoted(&row[0])).map(str::to_owned).collect()
    };
    assert_eq!(first("docs/errors.md", "# Errors"), declared("type ErrorCode =", ";\n"));
    assert_eq!(
        first("docs/embedding.md", "### Reasons of `cuehook:resume`"),
        declared("type ResumeReason =", ";\n")
    );
    let events = declared("interface CuehookEventMap {", "\n}");
    assert_eq!(first("docs/embedding.md", "## Events"), events);
    assert_eq!(first("js/README.md", "## Events"), events);
    let words =
        |words: &[&str]| -> BTreeSet<String> { words.iter().map(|word| (*word).to_owned()).collect() };
    let mut names = words(&EventName::ALL.map(EventName::as_str));
    // The outbox is no part of the engine.
    names.insert("cuehook:delivery".to_owned());
    assert_eq!(events, names);
    assert_eq!(declared("type ErrorCode =", ";\n"), words(&ErrorCode::ALL.map(ErrorCode::as_str)));
    assert_eq!(declared("type ResumeReason =", ";\n"), words(&ResumeReason::ALL.map(ResumeReason::as_str)));

    // The last column says what `preventDefault()` prevents.
    for file in ["docs/embedding.md", "js/README.md"] {
        for row in rows(&text_of(file), "## Events") {
            for name in EventName::ALL.into_iter().filter(|name| quoted(&row[0]).contains(&name.as_str())) {
                assert_eq!(
                    row.get(2).is_some_and(|cell| !cell.is_empty()),
                    name.is_cancelable(),
                    "{file}: {row:?}"
                );
            }
        }
    }
    let types = text_of("js/cuehook.d.ts");
    let map = types.split_once("interface CuehookEventMap {").unwrap().1;
    for name in EventName::ALL {
        let before = map.split_once(&format!("\"{}\"", name.as_str())).unwrap().0;
        let comment = before.lines().rev().nth(1).unwrap_or_default().contains("Cancelable");
        assert_eq!(comment, name.is_cancelable(), "js/cuehook.d.ts: {}", name.as_str());
    }
}
