//! `docs/delivery.md` says what the code does.

use super::{batch, end, leave, lock, loss, receiver, record, scan, send, start, views};
use cuehook_protocol::{MAX_EVENT, RESPONSE_LIMIT, Response, Standing, Verdict, standing, verdict};

fn text() -> String {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/delivery.md");
    std::fs::read_to_string(path).unwrap()
}

/// The rows of the table whose head begins with `head`.
fn rows(text: &str, head: &str) -> Vec<Vec<String>> {
    let start = text.lines().position(|line| line.starts_with(&format!("| {head} |"))).unwrap();
    let rows = text.lines().skip(start + 2).take_while(|line| line.starts_with('|'));
    rows.map(|row| row.trim_matches('|').split(" | ").map(|cell| cell.trim().to_owned()).collect()).collect()
}

/// Milliseconds, bytes or a number, as the document writes them.
fn value(text: &str) -> f64 {
    let (number, unit) = text.split_once(' ').unwrap_or((text, ""));
    let factor = match unit {
        "" | "ms" => 1.0,
        "s" => 1_000.0,
        "min" => 60_000.0,
        "h" => 3_600_000.0,
        "d" => 86_400_000.0,
        "KiB" => 1_024.0,
        "MiB" => 1_048_576.0,
        other => panic!("unknown unit {other}"),
    };
    number.parse::<f64>().unwrap() * factor
}

#[test]
fn figures_are_those_of_the_code() {
    let figures = [
        ("events that are not leads or answers wait for company", record::LINGER_MS),
        ("events in a batch", receiver::MAX_EVENTS as f64),
        ("bytes of events in a batch", batch::MAX_BATCH as f64),
        ("`data` of an event", MAX_EVENT as f64),
        ("bytes of a response that are read", RESPONSE_LIMIT as f64),
        ("timeout of an attempt, the response's body included", send::TIMEOUT_MS),
        ("deliveries under way to one webhook", receiver::FEW as f64),
        ("deliveries under way to all", send::AT_A_TIME as f64),
        ("failures until one probe goes at a time", f64::from(receiver::PROBE_AFTER)),
        ("longest wait while the page can be seen", end::CAP_MS),
        ("longest wait while the page is hidden", end::HIDDEN_CAP_MS),
        ("longest hint that counts", end::HINT_CAP_MS),
        ("attempts for an event that is refused", end::REFUSED_MS.len() as f64 + 1.0),
        ("a paused or blocked webhook is asked each", end::PROBE_MS),
        ("a paused webhook is asked for", end::PROBED_MS),
        ("attempts until an event is dead", end::MAX_ATTEMPTS),
        ("age at which an event is given up", scan::MAX_AGE_MS),
        ("events that are stored", record::MAX_ROWS),
        ("bytes that are stored", record::MAX_BYTES),
        ("of these for leads and answers alone", record::RESERVED_BYTES),
        ("dead events that are kept", loss::MAX_DEAD as f64),
        ("requests that go on when the page is left", send::KEEPALIVE_REQUESTS as f64),
        ("bytes of these", send::KEEPALIVE_BYTES as f64),
        ("bytes that `fetchLater` is given", leave::LATER_BYTES as f64),
        ("a page sends before it lets another one", lock::FLUSH_MS),
        ("a lock whose holder is silent is taken after", lock::STEAL_MS),
        ("a view of another session is taken for left after", views::LEFT_MS),
        ("a request that survives is asked for again within", start::REQUEST_MS),
    ];
    let rows = rows(&text(), "figure");
    assert_eq!(rows.len(), figures.len());
    for (row, (name, expected)) in rows.iter().zip(figures) {
        assert_eq!(row[0], name);
        assert_eq!(value(&row[1]), expected, "{name}");
    }
}

/// The statuses that a cell names, and for ranges their ends.
fn statuses(cell: &str) -> Vec<u16> {
    cell.split('`').skip(1).step_by(2).map(|status| status.parse().unwrap()).collect()
}

#[test]
fn answers_mean_what_is_written() {
    let mut named = Vec::new();
    for row in rows(&text(), "answer") {
        let expected = match row[1].as_str() {
            "acknowledged" => Standing::Delivered,
            "busy" => Standing::Busy,
            "an attempt with this id is being worked on" => Standing::InProgress,
            "you refuse us" => Standing::Unauthorized,
            "the webhook is gone" => Standing::Gone,
            "too much" => Standing::TooLarge,
            "refused" => Standing::Refused,
            "not reached" => Standing::Unreachable,
            other => panic!("unknown meaning {other}"),
        };
        let of = |status| standing(&Ok(Response { status, ..Response::default() }));
        let statuses = statuses(&row[0]);
        if row[0].starts_with("all other") {
            for status in (statuses[0]..=statuses[1]).filter(|status| !named.contains(status)) {
                assert_eq!(of(status), expected, "{status}");
            }
            continue;
        }
        for status in &statuses {
            assert_eq!(of(*status), expected, "{status}");
        }
        named.extend(statuses);
    }
    for row in rows(&text(), "verdict") {
        let word = row[0].trim_matches('`');
        let body = format!("{{\"results\":{{\"e\":\"{word}\"}}}}").into_bytes();
        let expected = match word {
            "ok" | "dup" => Verdict::Taken,
            "retry" => Verdict::Again,
            "drop" => Verdict::Dropped,
            other => panic!("unknown verdict {other}"),
        };
        assert_eq!(verdict(&Response { status: 200, body, ..Response::default() }, "e"), expected, "{word}");
    }
}
