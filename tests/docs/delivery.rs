//! What docs/delivery.md says of statuses is what the code does.

use cuehook::protocol::{Response, Standing, TransportFailure, standing};

const DOCUMENT: &str = include_str!("../../docs/delivery.md");

#[test]
fn each_status_is_answered_as_documented() {
    let table = DOCUMENT.split("## When there is none").nth(1).unwrap();
    let mut rows = 0;
    for row in table.lines().filter(|line| line.starts_with("| ")).skip(1) {
        let mut cells = row.trim_matches('|').split(" | ").map(str::trim);
        let (statuses, what) = (cells.next().unwrap(), cells.next().unwrap());
        for status in statuses.split(", ") {
            let outcome = match status {
                "no response" => Err(TransportFailure::Network),
                "3xx" => Ok(Response { status: 302, ..Response::default() }),
                code => Ok(Response { status: code.parse().unwrap(), ..Response::default() }),
            };
            let word = match standing(&outcome) {
                Standing::Delivered => "delivered",
                Standing::Unreachable | Standing::Busy => "tried again",
                Standing::InProgress => "in progress",
                Standing::Refused => "refused",
                Standing::Unauthorized => "paused",
                Standing::Gone => "gone",
                Standing::TooLarge => "too large",
            };
            assert!(what.starts_with(word), "{status}: {what}");
            rows += 1;
        }
    }
    assert!(rows > 15, "{rows}");
}
