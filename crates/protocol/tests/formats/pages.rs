//! The page about formats shows what is written.

use crate::files::{names, read};
use serde_json::Value;
use std::collections::BTreeSet;

/// What the page says of the formats that browsers write, too. The rest is the relay's, whose tests compare it.
fn page() -> String {
    let page = read("../../docs/formats.md");
    let (ours, rest) = page.split_once("\n## The relay's own formats\n").unwrap();
    let (_, schemas) = rest.split_once("\n## Schemas\n").unwrap();
    [ours, schemas].concat()
}

#[test]
fn examples_are_what_is_written() {
    let page = page();
    let expected: Vec<Value> = names("tests/golden")
        .iter()
        .map(|file| serde_json::from_str(&read(&format!("tests/golden/{file}"))).unwrap())
        .collect();
    let mut count = 0;
    for block in page.split("```json\n").skip(1) {
        let text = block.split("```").next().unwrap();
        let value: Value = serde_json::from_str(text).unwrap_or_else(|error| panic!("{error}: {text}"));
        assert!(expected.contains(&value), "no sample becomes this: {text}");
        count += 1;
    }
    assert!(count >= 5, "{count}");
}

#[test]
fn the_page_has_a_table_of_what_each_event_becomes() {
    use cuehook_protocol::format::{VIDEO_CREATED, has_body};
    use cuehook_protocol::{EventType, Format};
    let page = page();
    let mut told = BTreeSet::new();
    for line in page.lines().filter(|line| line.starts_with("| `")) {
        let cells: Vec<_> = line.trim_matches('|').split('|').map(str::trim).collect();
        let [kind, xapi, hippo, mindstamp] = cells[..] else { continue };
        let kind = kind.trim_matches('`');
        if EventType::named(kind).is_none() && kind != VIDEO_CREATED {
            continue;
        }
        let formats = [(Format::Xapi, xapi), (Format::Hippo, hippo), (Format::Mindstamp, mindstamp)];
        for (format, cell) in formats {
            assert_eq!(has_body(format, kind), cell != "–", "{kind} {format:?}");
        }
        told.insert(kind.to_owned());
    }
    let all = EventType::WORDS.into_iter().chain([VIDEO_CREATED]).map(str::to_owned).collect();
    assert_eq!(told, all);
}
