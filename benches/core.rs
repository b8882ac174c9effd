//! Native measures of what a session does most: recording an interaction, building a body, and looking into an answer.
//!
//! The peer is `serde_json`, on the same structs and texts. `--quick` measures so shortly that the figures mean nothing.

use cuehook::json::{Json, Object, check, parse};
use cuehook::protocol::{Cause, IdSource, Interaction, RequestBody, rfc3339};
use cuehook::session::{Include, InteractionLog};
use serde::Serialize;
use std::hint::black_box;
use std::time::{Duration, Instant};

const WALL_MS: f64 = 1_795_205_220_123.0;

/// An interaction as the peer keeps it.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Entry {
    seq: u64,
    id: String,
    r#type: &'static str,
    element: &'static str,
    label: &'static str,
    media_time: f64,
    at: String,
}

/// The body as the peer writes it.
#[derive(Serialize)]
struct Body<'a> {
    r#type: &'static str,
    id: &'a str,
    timestamp: &'a str,
    webhook: [&'a str; 2],
    video: [&'a str; 2],
    session: &'a str,
    page: &'a str,
    interactions: &'a [Entry],
    truncated: bool,
}

/// A log and the peer's list of the same interactions.
fn logs(count: u32) -> (InteractionLog, Vec<Entry>) {
    let mut ids = IdSource::new([1, 2, 3, 4]);
    let mut log = InteractionLog::default();
    let mut entries = Vec::new();
    for number in 0..count {
        let wall_ms = WALL_MS + f64::from(number) * 37.0;
        let entry = Entry {
            seq: u64::from(number) + 1,
            id: ids.uuid(wall_ms),
            r#type: "click",
            element: "spot",
            label: "A spot to click on",
            media_time: f64::from(number) * 0.037,
            at: rfc3339(wall_ms),
        };
        record(&mut log, &entry);
        entries.push(entry);
    }
    (log, entries)
}

fn record(log: &mut InteractionLog, entry: &Entry) {
    log.record(&Interaction {
        id: &entry.id,
        kind: entry.r#type,
        element: Some(entry.element),
        label: entry.label,
        media_time: entry.media_time,
        at: &entry.at,
        ..Interaction::default()
    });
}

/// The median and the 90th percentile of what one call of `step` takes.
fn measure<T>(quick: bool, mut step: impl FnMut() -> T) -> (Duration, Duration) {
    let (samples, warm_up) = if quick { (3, 1) } else { (101, 20) };
    // Enough calls between two looks at the clock for it to be exact.
    let begun = Instant::now();
    black_box(step());
    let calls = if quick { 1 } else { 200_000 / begun.elapsed().as_nanos().clamp(50, 200_000) };
    let calls = u32::try_from(calls).unwrap_or(1).max(1);
    let mut taken: Vec<Duration> = (0..samples + warm_up)
        .map(|_| {
            let begun = Instant::now();
            for _ in 0..calls {
                black_box(step());
            }
            begun.elapsed() / calls
        })
        .skip(warm_up)
        .collect();
    taken.sort();
    let at = |part: usize| taken.get(taken.len() * part / 100).copied().unwrap_or_default();
    (at(50), at(90))
}

fn line(name: &str, (median, p90): (Duration, Duration)) {
    println!("{name:<58} {:>10} (p90 {:?})", format!("{median:?}"), p90);
}

fn recording(quick: bool) {
    let mut ids = IdSource::new([5, 6, 7, 8]);
    let mut log = InteractionLog::default();
    let mut number = 0.0;
    let whole = measure(quick, || {
        number += 1.0;
        let wall_ms = WALL_MS + number * 37.0;
        log.record(&Interaction {
            id: &ids.uuid(wall_ms),
            kind: "click",
            element: Some("spot"),
            label: "A spot to click on",
            media_time: number * 0.037,
            at: &rfc3339(wall_ms),
            ..Interaction::default()
        });
    });
    line("record one, with its id and its time", whole);
}

fn bodies(quick: bool) {
    let params = Object::new();
    let (id, timestamp) = ("01934c0b-291b-7000-8000-000000000000", rfc3339(WALL_MS));
    let fields = RequestBody {
        id,
        timestamp: &timestamp,
        webhook: "discount",
        webhook_name: Some("Discount code"),
        video: "bench",
        video_title: Some("Bench"),
        current_time: 7.42,
        duration: Some(31.0),
        session: id,
        started_at: &timestamp,
        page: Some("https://shop.example/"),
        element: None,
        cause: Cause::Execute,
        params: &params,
        context: &[],
        interactions: "",
        truncated: false,
    };
    for count in [10, 1_000, 10_000] {
        let (log, entries) = logs(count);
        let ours =
            measure(quick, || RequestBody { interactions: &log.text(&Include::All), ..fields }.to_text());
        let peer = measure(quick, || {
            serde_json::to_vec(&Body {
                r#type: "webhook.executed",
                id,
                timestamp: &timestamp,
                webhook: ["discount", "Discount code"],
                video: ["bench", "Bench"],
                session: id,
                page: "https://shop.example/",
                interactions: &entries,
                truncated: false,
            })
        });
        line(&format!("body with {count} interactions"), ours);
        line(&format!("  serde_json::to_vec with {count} interactions"), peer);
        println!("  ratio {:.1}×", peer.0.as_secs_f64() / ours.0.as_secs_f64());
    }
}

/// An answer of some 40 KB, of which a template uses three fields.
fn answer() -> String {
    let mut text = String::from("{\"discountCode\":\"SPRING-26\",\"products\":[");
    for number in 0..200 {
        let comma = if number == 0 { "" } else { "," };
        text.push_str(&format!(
            "{comma}{{\"id\":{number},\"name\":\"Gadget number {number}\",\"price\":{}.99,\"tags\":[\"new\",\"sale\",\"r\u{e9}d\"],\
             \"text\":\"Made of the best that there is.\\nLasts \\\"for ever\\\", or so they say, and looks good.\",\
             \"stock\":{{\"left\":{},\"soon\":true}}}}",
            number * 3,
            number % 17
        ));
    }
    text.push_str("],\"user\":{\"name\":\"Jo\",\"score\":17}}");
    text
}

fn answers(quick: bool) {
    let text = answer();
    let bytes = text.as_bytes();
    let three = |answer: Json| {
        let name = answer.get("user")?.get("name").cloned();
        Some((
            answer.get("discountCode").cloned(),
            name,
            answer.get("products")?.item(2)?.get("name").cloned(),
        ))
    };
    let ours = measure(quick, || check(bytes, 64).ok().and_then(three));
    let tree = measure(quick, || parse(bytes, 64).ok().and_then(three));
    let peer = measure(quick, || {
        let answer: serde_json::Value = serde_json::from_slice(bytes).ok()?;
        let field = |path| answer.pointer(path).cloned();
        Some((field("/discountCode"), field("/user/name"), field("/products/2/name")))
    });
    line(&format!("three fields of an answer of {} KB", bytes.len() / 1024), ours);
    line("  the same from the whole tree (`parse`)", tree);
    line("  serde_json::from_slice to Value", peer);
    println!("  ratio {:.1}×", peer.0.as_secs_f64() / ours.0.as_secs_f64());
}

fn main() {
    // Without `--bench` it is run as a test.
    let arguments: Vec<String> = std::env::args().collect();
    let is = |name: &str| arguments.iter().any(|argument| argument == name);
    let quick = is("--quick") || !is("--bench");
    println!("NATIVE{}", if quick { "; QUICK: the figures mean nothing" } else { "" });
    recording(quick);
    answers(quick);
    bodies(quick);
}
