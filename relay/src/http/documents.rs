//! The documentation of the endpoints says what the code says.

use super::bounds::{
    BEACON_BYTES, BODY_DEPTH, HEADER_BYTES, HEADER_FIELDS, MANAGE_BYTES, MANAGED_DOCUMENTS, MANAGED_WEBHOOKS,
    PAGE_EVENTS, PAGE_MANAGED, PAGE_MANAGED_USUAL, PARSED_BYTES, PARSED_FIELDS, Patience, REPLAY_PAGE,
    REPLAYED, ROOM_KIB, SETTINGS_WEBHOOKS, TARGET_BYTES, TEST_BYTES,
};
use super::fault::ManageCode;
use crate::serve::METRICS;
use cuehook_protocol::RelayOutcome;
use std::collections::BTreeSet;

const GUIDE: &str = include_str!("../../../docs/relay-endpoints.md");

const API: &str = include_str!("../../../docs/relay-api.md");

/// The part of the documentation under a heading.
fn section(heading: &str) -> &'static str {
    section_of(GUIDE, heading)
}

fn section_of(guide: &'static str, heading: &str) -> &'static str {
    let section = guide.split(&format!("\n## {heading}\n")).nth(1);
    section.unwrap_or_else(|| panic!("no heading {heading}")).split("\n## ").next().unwrap()
}

/// The cells of the rows of the tables in a part.
fn rows(section: &str) -> Vec<Vec<&str>> {
    let rows = section.lines().filter(|line| line.starts_with("| "));
    let rows = rows.map(|row| row.trim_matches('|').split(" | ").map(str::trim).collect::<Vec<_>>());
    // Without the heads.
    rows.filter(|row| !matches!(row[0], "status" | "what" | "request" | "metric")).collect()
}

/// What stands between code marks.
fn marked(cell: &str) -> Vec<&str> {
    cell.split('`').skip(1).step_by(2).collect()
}

#[test]
fn every_code_is_in_the_table_with_its_status() {
    let mut documented = BTreeSet::new();
    for row in rows(section("Responses")) {
        let statuses: Vec<u16> = row[0].split(", ").map(|status| status.parse().unwrap()).collect();
        for code in marked(row[1]) {
            let outcome = RelayOutcome::ALL.into_iter().find(|outcome| outcome.as_str() == code);
            let outcome = outcome.unwrap_or_else(|| panic!("there is no code {code}"));
            assert!(statuses.contains(&outcome.status()), "{code}: {statuses:?}");
            assert!(documented.insert(code), "{code} is there twice");
        }
    }
    let known = RelayOutcome::WORDS.into_iter().filter(|word| !matches!(*word, "answer" | "accepted"));
    assert_eq!(documented, known.collect());
}

#[test]
fn every_metric_is_in_the_table() {
    let rows = rows(section("Metrics"));
    let names: Vec<&str> = rows.iter().map(|row| marked(row[0])[0]).collect();
    let known: Vec<&str> = METRICS.iter().map(|metric| metric.name).collect();
    assert_eq!(names, known);
    for (row, metric) in rows.iter().zip(METRICS) {
        assert_eq!(marked(row[1]), metric.labels, "{}", metric.name);
    }
}

#[test]
fn bounds_are_as_they_are_documented() {
    let patience = Patience::default();
    let (head, body, pause) = (patience.head.as_secs(), patience.body.as_secs(), patience.pause.as_secs());
    let (bounds, kib) = (section("Bounds"), 1_024);
    for row in [
        format!("`limits.eventsBytes`; {} KiB for beacons |", BEACON_BYTES / kib),
        format!("| nesting | {BODY_DEPTH} levels |"),
        format!("| header fields | {HEADER_FIELDS}, and {} KiB together |", HEADER_BYTES / kib),
        format!("| address | {} KiB |", TARGET_BYTES / kib),
        format!("| all bodies at the same time | {} MiB;", ROOM_KIB / kib),
        format!("| head of a request, next request of a connection | {head} s |"),
        format!("| body | {body} s, and {pause} s between its pieces |"),
    ] {
        assert!(bounds.contains(&row), "{row}");
    }
    for part in [
        format!("`limit` (1 to {PAGE_EVENTS})"),
        format!("at most {SETTINGS_WEBHOOKS} webhooks"),
        format!("a head over {} KiB or with more than {PARSED_FIELDS} header fields", PARSED_BYTES / kib),
    ] {
        assert!(GUIDE.contains(&part), "{part}");
    }
}

#[test]
fn every_code_of_the_management_api_is_in_its_table_with_its_status() {
    let rows = rows(section_of(API, "Errors"));
    let documented: Vec<(u16, &str)> =
        rows.iter().map(|row| (row[0].parse().unwrap(), marked(row[1])[0])).collect();
    let known = ManageCode::ALL.map(|code| (code.status().as_u16(), code.as_str()));
    assert_eq!(documented, known);
    for code in known {
        assert!(!RelayOutcome::WORDS.contains(&code.1), "{} means something to players", code.1);
    }
}

#[test]
fn bounds_of_the_management_api_are_as_they_are_documented() {
    let thousands = |number: usize| format!("{},{:03}", number / 1000, number % 1000);
    for part in [
        format!("| body | {} KiB |", MANAGE_BYTES / 1_024),
        format!("| webhooks that are registered | {},", thousands(MANAGED_WEBHOOKS)),
        format!("| projects; editions | {} each |", thousands(MANAGED_DOCUMENTS)),
        format!("| entries of a page | {PAGE_MANAGED} |"),
        format!("| deliveries of one replay | {}, in transactions of {REPLAY_PAGE} |", thousands(REPLAYED)),
        format!("`limit` is 1 to {PAGE_MANAGED}, and {PAGE_MANAGED_USUAL} if nothing is said"),
        format!("its first {} KiB", TEST_BYTES / 1_024),
    ] {
        assert!(API.contains(&part), "{part}");
    }
}
